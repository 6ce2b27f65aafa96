//! The chat's page, its older lines, and what is said on it.

use crate::icons::{Icon, icon};
use crate::session::{guess, person};
use crate::{Console, Shared, limits, parts, refuse, uploads};
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::ids::{AccountId, ConversationId, MessageId, Millis};
use domain::incoming::{Act, Attachment, Author, Channel, ChatKind, Incoming, Message, Place, ReplyTo};
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
const WORDS: [&str; 23] = [
    "page-cancel",
    "page-copied",
    "page-copy",
    "page-correct-ask",
    "page-correct-send",
    "page-empty-file",
    "page-lost-files",
    "page-mic-none",
    "page-mic-refused",
    "page-misheard",
    "page-not-sent",
    "page-pasted",
    "page-pause",
    "page-pasted-picture",
    "page-play",
    "page-recorded",
    "page-remove",
    "page-sending",
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
                link rel="stylesheet" href="/media.css";
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

fn reader<'a>(console: &'a Console, person: &'a Person, conversation: &'a ConversationId) -> parts::Reader<'a> {
    let draws = (console.draws)();
    parts::Reader { store: &console.store, person: &person.id, lang: person.lang, conversation, draws }
}

/// The chat.
pub(crate) async fn chat(State(console): Shared, headers: HeaderMap) -> Response {
    let Some(person) = person(&console, &headers).await else { return closed(guess(&headers), "page-closed") };
    let lang = person.lang;
    let conversation = place(&person).conversation();
    let Ok(log) = console.store.history(&conversation, None, PAGE).await else { return closed(lang, "page-busy") };
    let reader = reader(&console, &person, &conversation);
    let commands: Vec<_> = (console.commands)(lang, person.standing)
        .into_iter()
        .map(|c| json!({"name": c.name, "args": c.args, "help": c.help}))
        .collect();
    let largest = usize::try_from((console.largest)()).unwrap_or(usize::MAX);
    let words = words(&console, lang, &WORDS, largest);
    let busy = is_busy(&console, &conversation).await;
    // What was said before belongs to older lines.
    let since = log.first().filter(|_| log.len() >= PAGE as usize).map_or(Millis(0), |first| first.at);
    let mut notices = console.live.kept(&conversation);
    notices.retain(|notice| notice.at >= since);
    let lines = parts::lines_among(reader, &log, &notices, since).await;
    let more = log.first().map_or(0, |entry| entry.seq);
    let body = html! {
        div #app data-commands=(json!(commands)) data-words=(json!(words)) data-more=(more) data-busy=(busy) data-reader=(nickname(&person))
            data-file=(largest) data-message=(limits::message(&console)) {
            (header(&person))
            div #offline role="status" hidden { (text(lang, "page-offline")) }
            main #scroll {
                div #log role="log" aria-live="polite" aria-label=(text(lang, "page-conversation")) {
                    (lines)
                }
                (welcome(lang, lines.0.is_empty()))
            }
            (composer(lang))
            (forms(lang))
            script src="/media.js" defer {}
            script src="/app.js" defer {}
        }
    };
    frame(lang, "Apprentice", &body).into_response()
}

/// Texts for a script, by their keys; no file may have more bytes than `largest`.
pub(crate) fn words(
    console: &Console,
    lang: Lang,
    keys: &[&str],
    largest: usize,
) -> serde_json::Map<String, serde_json::Value> {
    let limit = |key: &str| if key == "page-too-much" { limits::message(console) } else { largest };
    let word = |key: &str| text_with(lang, key, &[("limit", limits::words(lang, limit(key)))]);
    keys.iter().map(|key| ((*key).to_owned(), json!(word(key)))).collect()
}

/// A name for what the script keeps in the browser, so that two people who share one do not mix.
fn nickname(person: &Person) -> String {
    crate::hash_of(person.id.as_str()).chars().take(12).collect()
}

fn header(person: &Person) -> Markup {
    let lang = person.lang;
    let (new, work, language) = (text(lang, "page-new"), text(lang, "page-work"), text(lang, "page-language"));
    let (learn, documents) = (text(lang, "page-learn"), text(lang, "page-documents"));
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
                a href="/learn/documents" aria-label=(documents) title=(documents) { (icon(Icon::Paper)) span.wide { (documents) } }
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
    let named = |id: &str, key: &str, shape: Icon| html! { button id=(id) type="button" aria-label=(t(key)) title=(t(key)) { (icon(shape)) } };
    html! {
        footer {
            p #note role="status" aria-live="polite" hidden {}
            div #palette role="listbox" aria-label=(t("page-commands")) hidden {}
            form #box {
                p #replying hidden { span {} button type="button" aria-label=(t("page-cancel")) title=(t("page-cancel")) { (icon(Icon::Close)) } }
                ul #files hidden {}
                div.row #typing {
                    input #file type="file" multiple hidden;
                    (named("attach", "page-upload", Icon::Attach))
                    textarea #words rows="1" dir="auto" placeholder=(t("page-placeholder")) aria-label=(t("page-placeholder"))
                        role="combobox" aria-expanded="false" aria-controls="palette" aria-autocomplete="list" autofocus {}
                    button #record type="button" hidden aria-label=(t("page-record")) title=(t("page-record")) { (icon(Icon::Mic)) }
                    button #stop type="button" hidden aria-label=(t("page-stop")) title=(t("page-stop")) { (icon(Icon::Stop)) }
                    button #send type="submit" aria-label=(t("page-send")) title=(t("page-send")) { (icon(Icon::Send)) }
                }
                div.row #recording role="group" aria-label=(t("page-recording")) hidden {
                    (named("give-up", "page-record-cancel", Icon::Close))
                    span.live aria-hidden="true" {}
                    time #clock role="timer" { "0:00" }
                    div #level aria-hidden="true" {}
                    (named("send-recording", "page-record-send", Icon::Send))
                }
            }
            p.hint { (t("page-hint")) }
        }
        div #drop aria-hidden="true" { div { (icon(Icon::Attach)) strong { (t("page-drop-here")) } span { (t("page-drop-here-more")) } } }
    }
}

/// Forms for what the script shows by itself.
fn forms(lang: Lang) -> Markup {
    html! {
        template #form-player { (uploads::player(lang, None, 0)) }
        template #form-file { (icon(Icon::Paper)) }
        template #form-thinking { (parts::doing(lang, crate::Doing::Thinking)) }
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
    /// Texts that come along.
    #[serde(default)]
    files: Vec<File>,
    /// Files that were brought before, by their names.
    #[serde(default)]
    uploads: Vec<String>,
    /// The message whose recording these words were said in, when it was heard otherwise.
    #[serde(default)]
    heard: Option<String>,
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
    let Some(person) = person(&console, &headers).await else {
        return refuse(StatusCode::FORBIDDEN, text(guess(&headers), "page-closed"));
    };
    let id = MessageId(said.id.chars().take(64).collect());
    let uploads: Vec<String> = said.uploads.into_iter().take(FILES).collect();
    let brought = match uploads::named(&console, &person, &id, &uploads).await {
        Ok(Some(brought)) => brought,
        Ok(None) => return refuse(StatusCode::GONE, text(person.lang, "page-lost-files")),
        Err(_) => return refuse(StatusCode::SERVICE_UNAVAILABLE, text(person.lang, "page-busy")),
    };
    let texts = said.files.into_iter().take(FILES).map(|file| Attachment::Text { name: file.name, text: file.text });
    let message = Message {
        text: said.text,
        reply_to: said.heard.map(|heard| reply_to_heard(&heard)),
        mentions_bot: true,
        attachments: texts.chain(brought).collect(),
        id: id.clone(),
        ..Message::default()
    };
    take(&console, &person, id.as_str(), Act::Said(message)).await
}

/// On the page no message of the bot has an id: what was heard is named by its card.
fn reply_to_heard(message: &str) -> ReplyTo {
    ReplyTo { message: MessageId(format!("heard:{message}")), ours: true, ..ReplyTo::default() }
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
    match person(&console, &headers).await {
        Some(person) => take(&console, &person, &id, act).await,
        None => refuse(StatusCode::FORBIDDEN, text(guess(&headers), "page-closed")),
    }
}

async fn take(console: &Console, person: &Person, id: &str, act: Act) -> Response {
    let author = Author {
        account: AccountId(person.id.0.clone()),
        name: person.name.clone(),
        username: None,
        // What is recorded on the page is spoken in its language, as far as anybody knows.
        language: Some(person.lang.tag().to_owned()),
        is_bot: false,
    };
    let dedupe = format!("web:{}:{id}", person.id);
    let incoming = Incoming { place: place(person), author, at: (console.clock)(), dedupe, act };
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
    let lines = parts::lines(reader(&console, &person, &conversation), &log).await;
    ([("x-more", more), ("x-busy", busy)], lines).into_response()
}
