//! Sessions: a one-time link logs in, a cookie keeps it. Only hashes are stored.

use crate::{Console, Shared, views};
use axum::extract::{Query, State};
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use domain::ids::{AccountId, PersonId};
use domain::incoming::Channel;
use domain::person::{Lang, Person, Standing};
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
        // Whoever is in already may follow the old link as a bookmark.
        Ok(None) if self::person(&console, &headers).await.is_some() => return Redirect::to("/").into_response(),
        Ok(None) => return views::closed(guess(&headers), "page-login-wrong"),
        Err(_) => return views::closed(guess(&headers), "page-busy"),
    };
    speak(&console, &person, wanted(&headers)).await;
    match begin(&console, &person).await {
        Some(cookie) => ([(SET_COOKIE, cookie)], views::opening(guess(&headers))).into_response(),
        None => views::closed(guess(&headers), "page-busy"),
    }
}

/// Whoever has not chosen a language is spoken to in their browser's.
async fn speak(console: &Console, person: &PersonId, wanted: Option<Lang>) {
    let known = console.store.person(person).await.ok().flatten().filter(|person| !person.prefs.lang_chosen);
    if let (Some(known), Some(lang)) = (known, wanted)
        && known.lang != lang
    {
        // Failing to is no reason to keep anybody out.
        let _ = console.store.save_person(&Person { lang, ..known }).await;
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

/// Whose session a request belongs to; nobody's when they are blocked meanwhile.
pub(crate) async fn person(console: &Console, headers: &HeaderMap) -> Option<Person> {
    let secret = cookie(headers)?;
    let id = console.store.session(&hash_of(&secret), (console.clock)()).await.ok()??;
    console.store.person(&id).await.ok()?.filter(|person| person.standing > Standing::Blocked)
}

/// The language for somebody who is not known.
pub(crate) fn guess(headers: &HeaderMap) -> Lang {
    wanted(headers).unwrap_or_default()
}

/// The first language of the browser that we speak.
fn wanted(headers: &HeaderMap) -> Option<Lang> {
    let tags = headers.get("accept-language")?.to_str().ok()?;
    tags.split(',').find_map(|tag| Lang::find(tag.split(';').next()?.trim()))
}
