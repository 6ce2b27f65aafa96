//! Sessions: a one-time link logs in, a cookie keeps it. Only hashes are stored.

use crate::{Console, Shared, views};
use axum::extract::{Query, State};
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use domain::ids::{AccountId, PersonId};
use domain::incoming::Channel;
use domain::person::{Lang, Person};
use serde::Deserialize;

/// Kind of the one-time code that logs in; its data is the person.
pub const LOGIN: &str = "login";
/// How long a session lasts, milliseconds: ninety days.
const LASTS_MS: i64 = 90 * 86_400_000;
const NAME: &str = "apprentice";

/// The hash under which a code or a session is stored.
pub fn hash_of(secret: &str) -> String {
    blake3::hash(secret.as_bytes()).to_hex().to_string()
}

#[derive(Deserialize)]
pub(crate) struct Given {
    #[serde(default)]
    code: String,
}

/// Takes a one-time code and begins a session.
pub(crate) async fn login(State(console): Shared, headers: HeaderMap, Query(given): Query<Given>) -> Response {
    let now = (console.clock)();
    let person = match console.store.take_code(LOGIN, &hash_of(&given.code), now).await {
        Ok(Some(person)) => PersonId(person),
        Ok(None) => return views::closed(guess(&headers), "page-login-wrong"),
        Err(_) => return views::closed(guess(&headers), "page-busy"),
    };
    match begin(&console, &person).await {
        Some(cookie) => ([(SET_COOKIE, cookie)], Redirect::to("/")).into_response(),
        None => views::closed(guess(&headers), "page-busy"),
    }
}

async fn begin(console: &Console, person: &PersonId) -> Option<String> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).ok()?;
    let secret: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let expires = (console.clock)().plus(LASTS_MS);
    // On the page a person's account is their id.
    console.store.link(Channel::Web, &AccountId(person.0.clone()), person).await.ok()?;
    console.store.put_session(&hash_of(&secret), person, expires).await.ok()?;
    let secure = if console.secure { "; Secure" } else { "" };
    Some(format!("{NAME}={secret}; HttpOnly; SameSite=Strict; Path=/; Max-Age={}{secure}", LASTS_MS / 1000))
}

/// Ends the session.
pub(crate) async fn logout(State(console): Shared, headers: HeaderMap) -> Response {
    if let Some(secret) = cookie(&headers) {
        let _ = console.store.drop_session(&hash_of(&secret)).await;
    }
    let gone = format!("{NAME}=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0");
    ([(SET_COOKIE, gone)], StatusCode::NO_CONTENT).into_response()
}

fn cookie(headers: &HeaderMap) -> Option<String> {
    let all = headers.get(COOKIE)?.to_str().ok()?;
    all.split(';').find_map(|pair| pair.trim().strip_prefix(NAME)?.strip_prefix('=').map(str::to_owned))
}

/// Whose session a request belongs to.
pub(crate) async fn person(console: &Console, headers: &HeaderMap) -> Option<Person> {
    let secret = cookie(headers)?;
    let id = console.store.session(&hash_of(&secret), (console.clock)()).await.ok()??;
    console.store.person(&id).await.ok()?
}

/// The first language of the browser that we speak.
pub(crate) fn guess(headers: &HeaderMap) -> Lang {
    let wanted = headers.get("accept-language").and_then(|value| value.to_str().ok()).unwrap_or_default();
    wanted.split(',').find_map(|tag| Lang::find(tag.split(';').next()?.trim())).unwrap_or_default()
}
