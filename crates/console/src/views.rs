//! The chat's page, its older lines, and what is said on it.

use crate::icons::{Icon, icon};
use crate::session::{guess, person};
use crate::{Console, Shared, limits, parts, refuse};
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::ids::{AccountId, ConversationId, MessageId};
use domain::incoming::{Act, Attachment, Author, Channel, ChatKind, Incoming, Message, Place};
use domain::person::{Lang, Person, Standing};
use domain::text::{say as text, say_with as text_with};
use maud::{DOCTYPE, Markup, html};
use serde::Deserialize;
use serde_json::json;
use store::WorkState;

/// Entries of the log that are shown at once.
const PAGE: u32 = 40;
/// Files that one message may bring.
const FILES: usize = 10;
/// Open items among which one of this conversation is looked for.
const LOOKED_AT: u32 = 100;

/// What the file picker offers: what can be read.
pub(crate) const ACCEPTED: &str = ".txt,.md,.markdown,.csv,.tsv,.json,.jsonl,.log,.rst,.srt,text/*,application/json";

/// Texts that the script shows.
const WORDS: [&str; 15] = [
    "page-cancel",
    "page-copied",
    "page-copy",
    "page-correct-ask",
    "page-correct-send",
    "page-empty-file",
    "page-not-sent",
    "page-not-text",
    "page-pasted",
    "page-remove",
    "page-thinking",
    "page-too-large",
    "page-too-many",
    "page-too-much",
    "thanks-for-rating",
];

/// What may be asked first: what is asked, and what one learns from it.
const FIRST: [(&str, &str); 3] = [
    ("page-ask-teach", "page-ask-teach-more"),
    ("page-ask-model", "page-ask-model-more"),
    ("page-ask-telegram", "page-ask-telegram-more"),
];

/// Where a person talks on the page.
pub(crate) fn place(person: &Person) -> Place {
    Place { channel: Channel::Web, chat: person.id.0.clone(), thread: None, kind: ChatKind::Private }
}

/// A whole page.
pub(crate) fn frame(lang: Lang, title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(lang.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content";
                meta name="color-scheme" content="light dark";
                meta name="theme-color" media="(prefers-color-scheme: light)" content="#fbfbfd";
                meta name="theme-color" media="(prefers-color-scheme: dark)" content="#13141b";
                title { (title) }
                link rel="icon" href="/icon.svg";
                link rel="stylesheet" href="/app.css";
            }
            body { (body) }
        }
    }
}

/// The page for whoever has no session.
pub(crate) fn closed(lang: Lang, key: &str) -> Response {
    let body = html! {
        main.closed { div.card { img src="/icon.svg" alt="" width="56" height="56"; h1 { "Apprentice" } p { (text(lang, key)) } } }
    };
    (StatusCode::FORBIDDEN, frame(lang, "Apprentice", &body)).into_response()
}

/// The page that leads on to the chat after a login. A redirect would belong to the page on which the link
/// was found, and browsers keep strict cookies from what another site began.
pub(crate) fn opening(lang: Lang) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(lang.tag()) {
            head { meta charset="utf-8"; meta http-equiv="refresh" content="0; url=/"; title { "Apprentice" } link rel="icon" href="/icon.svg"; link rel="stylesheet" href="/app.css"; }
            body { main.closed { a href="/" { (text(lang, "page-back")) } } }
        }
    }
}

/// The chat.
pub(crate) async fn chat(State(console): Shared, headers: HeaderMap) -> Response {
    let Some(person) = person(&console, &headers).await else { return closed(guess(&headers), "page-closed") };
    let lang = person.lang;
    let conversation = place(&person).conversation();
    let Ok(log) = console.store.history(&conversation, None, PAGE).await else { return closed(lang, "page-busy") };
    let commands: Vec<_> = (console.commands)(lang, person.standing)
        .into_iter()
        .map(|c| json!({"name": c.name, "args": c.args, "help": c.help}))
        .collect();
    let words = words(&console, lang, &WORDS);
    let busy = is_busy(&console, &conversation).await;
    let mut notices = console.live.kept(&conversation);
    if let Some(first) = log.first().filter(|_| log.len() >= PAGE as usize) {
        // What was said before belongs to older lines.
        notices.retain(|notice| notice.at >= first.at);
    }
    let more = log.first().map_or(0, |entry| entry.seq);
    let body = html! {
        div #app data-commands=(json!(commands)) data-words=(json!(words)) data-more=(more) data-busy=(busy) data-reader=(reader(&person))
            data-file=(limits::file(&console)) data-message=(limits::message(&console)) data-request=(limits::request(&console)) {
            (header(&person))
            div #offline role="status" hidden { (text(lang, "page-offline")) }
            main #scroll {
                div #log role="log" aria-live="polite" aria-label=(text(lang, "page-conversation")) {
                    (parts::lines_among(&console.store, &person.id, lang, &log, &notices).await)
                }
                (welcome(lang, log.is_empty() && notices.is_empty()))
            }
            (composer(lang))
            script src="/app.js" defer {}
        }
    };
    frame(lang, "Apprentice", &body).into_response()
}

/// Texts for a script, by their keys.
pub(crate) fn words(console: &Console, lang: Lang, keys: &[&str]) -> serde_json::Map<String, serde_json::Value> {
    let limit = |key: &str| match key {
        "page-too-much" => limits::message(console),
        _ => limits::file(console),
    };
    let word = |key: &str| text_with(lang, key, &[("limit", limits::words(lang, limit(key)))]);
    keys.iter().map(|key| ((*key).to_owned(), json!(word(key)))).collect()
}

/// A name for what the script keeps in the browser, so that two people who share one do not mix.
fn reader(person: &Person) -> String {
    crate::hash_of(person.id.as_str()).chars().take(12).collect()
}

fn header(person: &Person) -> Markup {
    let lang = person.lang;
    let (new, work, language) = (text(lang, "page-new"), text(lang, "page-work"), text(lang, "page-language"));
    let learn = text(lang, "page-learn");
    let (other, command) = match lang {
        Lang::En => (Lang::Ru, "/lang ru"),
        Lang::Ru => (Lang::En, "/lang en"),
    };
    html! {
        header {
            img src="/icon.svg" alt="" width="32" height="32";
            div.name { h1 { "Apprentice" } span #state { (text(lang, "page-ready")) } }
            nav {
                button type="button" data-say="/new" aria-label=(new) title=(new) { (icon(Icon::New)) span.wide { (new) } }
                @if person.standing >= Standing::Trainer { a href="/learn" aria-label=(learn) title=(learn) { (icon(Icon::Learn)) span.wide { (learn) } } }
                @if person.standing >= Standing::Owner { a href="/work" aria-label=(work) title=(work) { (icon(Icon::Work)) span.wide { (work) } } }
                button type="button" data-say=(command) lang=(other.tag()) aria-label=(language) title=(language) { (other.tag().to_uppercase()) }
            }
        }
    }
}

fn welcome(lang: Lang, shown: bool) -> Markup {
    html! {
        section.welcome hidden[!shown] {
            img src="/icon.svg" alt="" width="64" height="64";
            h2 { (text(lang, "page-welcome")) }
            p { (text(lang, "page-welcome-more")) }
            div.first {
                @for (ask, more) in FIRST {
                    button type="button" data-say=(text(lang, ask)) { strong { (text(lang, ask)) } span { (text(lang, more)) } }
                }
            }
        }
    }
}

fn composer(lang: Lang) -> Markup {
    let t = |key: &str| text(lang, key);
    html! {
        footer {
            p #note role="status" aria-live="polite" hidden {}
            div #palette role="listbox" aria-label=(t("page-commands")) hidden {}
            form #box {
                ul #files hidden {}
                div.row {
                    input #file type="file" multiple hidden accept=(ACCEPTED);
                    button #attach type="button" aria-label=(t("page-upload")) title=(t("page-upload")) { (icon(Icon::Attach)) }
                    textarea #words rows="1" dir="auto" placeholder=(t("page-placeholder")) aria-label=(t("page-placeholder"))
                        role="combobox" aria-expanded="false" aria-controls="palette" aria-autocomplete="list" autofocus {}
                    button #stop type="button" hidden aria-label=(t("page-stop")) title=(t("page-stop")) { (icon(Icon::Stop)) }
                    button #send type="submit" aria-label=(t("page-send")) title=(t("page-send")) { (icon(Icon::Send)) }
                }
            }
            p.hint { (t("page-hint")) }
        }
    }
}

/// Whether something of this conversation is being worked on.
async fn is_busy(console: &Console, conversation: &ConversationId) -> bool {
    let open = console.store.work_list(WorkState::Open, LOOKED_AT).await.unwrap_or_default();
    open.iter().any(|row| row.lane.as_str() == conversation.as_str())
}

#[derive(Deserialize)]
pub(crate) struct Said {
    id: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    files: Vec<File>,
}

#[derive(Deserialize)]
struct File {
    name: String,
    text: String,
}

/// Takes a message; the same id again is the same message.
pub(crate) async fn say(
    State(console): Shared,
    headers: HeaderMap,
    said: Result<Json<Said>, JsonRejection>,
) -> Response {
    let Json(said) = match said {
        Ok(said) => said,
        Err(refused) => return not_taken(&console, &refused, &headers),
    };
    if let Some(file) = said.files.iter().find(|file| file.text.len() > limits::file(&console)) {
        let lang = guess(&headers);
        let limit = [("limit", limits::words(lang, limits::file(&console)))];
        return refuse(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("{}: {}", file.name, text_with(lang, "page-too-large", &limit)),
        );
    }
    let attachments =
        said.files.into_iter().take(FILES).map(|file| Attachment::Text { name: file.name, text: file.text }).collect();
    let message = Message {
        id: MessageId(said.id.chars().take(64).collect()),
        text: said.text,
        reply_to: None,
        mentions_bot: true,
        attachments,
        ..Message::default()
    };
    let id = message.id.0.clone();
    take(&console, &headers, &id, Act::Said(message)).await
}

/// A refusal in the reader's words; what does not fit is told apart from what is not understood.
fn not_taken(console: &Console, refused: &JsonRejection, headers: &HeaderMap) -> Response {
    let status = refused.status();
    let key = if status == StatusCode::PAYLOAD_TOO_LARGE { "page-too-much" } else { "page-not-sent" };
    let lang = guess(headers);
    let limit = limits::words(lang, limits::message(console));
    refuse(status, text_with(lang, key, &[("limit", limit)]))
}

#[derive(Deserialize)]
pub(crate) struct Pressed {
    id: String,
    data: String,
}

/// Takes the press of a button.
pub(crate) async fn press(State(console): Shared, headers: HeaderMap, Json(pressed): Json<Pressed>) -> Response {
    let id: String = pressed.id.chars().take(64).collect();
    let act = Act::Pressed { press: String::new(), message: MessageId(id.clone()), data: pressed.data };
    take(&console, &headers, &id, act).await
}

async fn take(console: &Console, headers: &HeaderMap, id: &str, act: Act) -> Response {
    let Some(person) = person(console, headers).await else {
        return refuse(StatusCode::FORBIDDEN, text(guess(headers), "page-closed"));
    };
    let author = Author {
        account: AccountId(person.id.0.clone()),
        name: person.name.clone(),
        username: None,
        language: None,
        is_bot: false,
    };
    let dedupe = format!("web:{}:{id}", person.id);
    let incoming = Incoming { place: place(&person), author, at: (console.clock)(), dedupe, act };
    match (console.accept)(incoming).await {
        Ok(_) => StatusCode::ACCEPTED.into_response(),
        Err(()) => refuse(StatusCode::SERVICE_UNAVAILABLE, text(person.lang, "page-busy")),
    }
}

#[derive(Deserialize)]
pub(crate) struct Before {
    before: Option<i64>,
}

/// Lines of the log: older ones, or the latest.
pub(crate) async fn history(State(console): Shared, headers: HeaderMap, Query(before): Query<Before>) -> Response {
    let Some(person) = person(&console, &headers).await else { return StatusCode::FORBIDDEN.into_response() };
    let conversation = place(&person).conversation();
    let Ok(log) = console.store.history(&conversation, before.before, PAGE).await else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let more = log.first().map_or(0, |entry| entry.seq).to_string();
    let busy = is_busy(&console, &conversation).await.to_string();
    let lines = parts::lines(&console.store, &person.id, person.lang, &log).await;
    ([("x-more", more), ("x-busy", busy)], lines).into_response()
}
