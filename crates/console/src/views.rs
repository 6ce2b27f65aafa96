//! What the page shows and takes.

use crate::html::to_html;
use crate::session::{guess, person};
use crate::{Console, LiveEvent, Shared, refuse};
use axum::Json;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use domain::chat::{Finish, Role};
use domain::exchange::LogEntry;
use domain::ids::{AccountId, ConversationId, ExchangeId, MessageId};
use domain::incoming::{Act, Attachment, Author, Channel, ChatKind, Incoming, Message, Place};
use domain::outgoing::{Outgoing, Press};
use domain::person::{Lang, Person, Standing};
use domain::text::{say as text, say_with as text_with};
use futures::Stream;
use maud::{DOCTYPE, Markup, html};
use serde::Deserialize;
use serde_json::json;
use std::convert::Infallible;
use std::time::Duration;
use store::WorkState;
use tokio::sync::broadcast::error::RecvError;

/// Entries of the log that are shown at once.
const PAGE: u32 = 40;
/// Shortest time between two looks at an answer that is being written.
const COALESCE: Duration = Duration::from_millis(60);

fn place(person: &Person) -> Place {
    Place { channel: Channel::Web, chat: person.id.0.clone(), thread: None, kind: ChatKind::Private }
}

fn frame(lang: Lang, title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(lang.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover";
                meta name="color-scheme" content="light dark";
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
        main.closed { div.card { img src="/icon.svg" alt="" width="56"; h1 { "Apprentice" } p { (text(lang, key)) } } }
    };
    (StatusCode::FORBIDDEN, frame(lang, "Apprentice", &body)).into_response()
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
    let words: serde_json::Map<_, _> = [
        "page-offline",
        "page-copied",
        "page-copy",
        "page-not-text",
        "page-too-large",
        "page-not-sent",
        "page-correct-ask",
        "page-send",
        "page-cancel",
        "page-you",
    ]
    .iter()
    .map(|key| ((*key).to_owned(), json!(text(lang, key))))
    .collect();
    let t = |key: &str| text(lang, key);
    let empty = log.is_empty();
    let body = html! {
        div #app data-commands=(json!(commands)) data-words=(json!(words)) data-more=(log.first().map_or(0, |entry| entry.seq)) {
            header {
                img src="/icon.svg" alt="" width="30" height="30";
                div.name { strong { "Apprentice" } span #state { (t("page-ready")) } }
                nav {
                    button data-say="/new" title=(t("page-new")) { "+" span.wide { (t("page-new")) } }
                    @if person.standing >= Standing::Owner { a href="/work" title=(t("page-work")) { "☰" span.wide { (t("page-work")) } } }
                    button data-say=(if lang == Lang::En { "/lang ru" } else { "/lang en" }) title=(t("page-language")) { (if lang == Lang::En { "RU" } else { "EN" }) }
                }
            }
            div #offline hidden { (t("page-offline")) }
            main #scroll {
                div #log aria-live="polite" {
                    @for entry in &log { (line(lang, entry)) }
                    @if empty { (welcome(lang)) }
                }
            }
            footer {
                div #palette hidden {}
                form #box {
                    label.icon title=(t("page-upload")) { "📎" input #file type="file" multiple hidden accept=".txt,.md,.csv,.tsv,.json,.jsonl,.log,.rst,.srt,text/*"; }
                    textarea #words rows="1" dir="auto" placeholder=(t("page-placeholder")) aria-label=(t("page-placeholder")) autofocus {}
                    button #stop type="button" hidden title=(t("button-stop")) { "■" }
                    button #send type="submit" title=(t("page-send")) { "↑" }
                }
                p.hint { (t("page-hint")) }
            }
            script src="/app.js" defer {}
        }
    };
    frame(lang, "Apprentice", &body).into_response()
}

fn welcome(lang: Lang) -> Markup {
    html! {
        section.welcome {
            img src="/icon.svg" alt="" width="64";
            h1 { (text(lang, "page-welcome")) }
            p { (text(lang, "page-welcome-more")) }
            div.chips {
                @for key in ["page-ask-teach", "page-ask-telegram", "page-ask-model"] {
                    button data-say=(text(lang, key)) { (text(lang, key)) }
                }
            }
        }
    }
}

/// One line of the log.
fn line(lang: Lang, entry: &LogEntry) -> Markup {
    if entry.text.is_empty() {
        return html! {};
    }
    match entry.role {
        Role::Assistant => answer(lang, entry.exchange.as_ref(), &entry.text, None),
        Role::User | Role::System => html! {
            article.mine data-seq=(entry.seq) { div.bubble dir="auto" { (entry.text) } }
        },
    }
}

fn answer(lang: Lang, exchange: Option<&ExchangeId>, markdown: &str, note: Option<String>) -> Markup {
    html! {
        article.theirs data-exchange=(exchange.map_or("", |id| id.as_str())) {
            div.bubble dir="auto" {
                (to_html(markdown))
                @if let Some(note) = note { p.note { (note) } }
            }
            @if let Some(id) = exchange { (acts(lang, id)) }
        }
    }
}

fn acts(lang: Lang, id: &ExchangeId) -> Markup {
    let t = |key: &str| text(lang, key);
    html! {
        div.acts {
            button data-press=(Press::Up(id.clone()).encode()) title=(t("page-up")) { "👍" }
            button data-press=(Press::Down(id.clone()).encode()) title=(t("page-down")) { "👎" }
            button data-correct=(id.as_str()) title=(t("page-correct")) { "✏️" }
            button data-press=(Press::Again(id.clone()).encode()) title=(t("page-again")) { "🔄" }
            button data-copy="" title=(t("page-copy")) { "📋" }
        }
    }
}

fn notice(outgoing: &Outgoing) -> Markup {
    html! {
        article.theirs.notice {
            div.bubble dir="auto" {
                (to_html(&outgoing.markdown))
                @if let Some(file) = &outgoing.file {
                    p { a.file download=(file.name) href=(format!("data:text/plain;charset=utf-8,{}", percent(&file.text))) { "⬇ " (file.name) } }
                }
                @if !outgoing.buttons.is_empty() {
                    div.chips { @for button in outgoing.buttons.iter().flatten() { button data-press=(button.data) { (button.label) } } }
                }
            }
        }
    }
}

fn percent(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
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
pub(crate) async fn say(State(console): Shared, headers: HeaderMap, Json(said): Json<Said>) -> Response {
    let attachments =
        said.files.into_iter().take(10).map(|file| Attachment::Text { name: file.name, text: file.text }).collect();
    let message = Message {
        id: MessageId(said.id.chars().take(64).collect()),
        text: said.text,
        reply_to: None,
        mentions_bot: true,
        attachments,
    };
    let id = message.id.0.clone();
    take(&console, &headers, &id, Act::Said(message)).await
}

#[derive(Deserialize)]
pub(crate) struct Pressed {
    id: String,
    data: String,
}

/// Takes the press of a button.
pub(crate) async fn press(State(console): Shared, headers: HeaderMap, Json(pressed): Json<Pressed>) -> Response {
    let act = Act::Pressed { press: String::new(), message: MessageId(pressed.id.clone()), data: pressed.data };
    take(&console, &headers, &pressed.id, act).await
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
    before: i64,
}

/// Older lines of the log.
pub(crate) async fn history(State(console): Shared, headers: HeaderMap, Query(before): Query<Before>) -> Response {
    let Some(person) = person(&console, &headers).await else { return StatusCode::FORBIDDEN.into_response() };
    let conversation = place(&person).conversation();
    match console.store.history(&conversation, Some(before.before), PAGE).await {
        Ok(log) => {
            let more = log.first().map_or(0, |entry| entry.seq).to_string();
            let lines = html! { @for entry in &log { (line(person.lang, entry)) } };
            ([("x-more", more)], lines).into_response()
        }
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// What happens right now.
pub(crate) async fn events(State(console): Shared, headers: HeaderMap) -> Response {
    let Some(person) = person(&console, &headers).await else { return StatusCode::FORBIDDEN.into_response() };
    let conversation = place(&person).conversation();
    Sse::new(stream(console, conversation, person.lang)).keep_alive(KeepAlive::default()).into_response()
}

fn stream(console: Console, conversation: ConversationId, lang: Lang) -> impl Stream<Item = Result<Event, Infallible>> {
    let receiver = console.live.subscribe(&conversation);
    let begin = (receiver, console, None::<LiveEvent>);
    futures::stream::unfold(begin, move |(mut receiver, console, mut kept)| async move {
        loop {
            let event = match kept.take() {
                Some(event) => event,
                None => match receiver.recv().await {
                    Ok(event) => event,
                    Err(RecvError::Lagged(_)) => {
                        return Some((Ok(Event::default().event("again").data("")), (receiver, console, None)));
                    }
                    Err(RecvError::Closed) => return None,
                },
            };
            // Of several looks at one answer the newest is enough.
            let mut newest = event;
            if matches!(newest, LiveEvent::Text { .. }) {
                tokio::time::sleep(COALESCE).await;
                while let Ok(next) = receiver.try_recv() {
                    let text = matches!(next, LiveEvent::Text { .. });
                    if !text {
                        kept = Some(next);
                        break;
                    }
                    newest = next;
                }
            }
            if let Some(event) = shown(&console, lang, newest).await {
                return Some((Ok(event), (receiver, console, kept)));
            }
        }
    })
}

async fn shown(console: &Console, lang: Lang, event: LiveEvent) -> Option<Event> {
    let told = |kind: &str, exchange: &str, html: Markup| {
        Event::default().event(kind).data(json!({"exchange": exchange, "html": html.into_string()}).to_string())
    };
    Some(match event {
        LiveEvent::Thinking => told("thinking", "", html! {}),
        LiveEvent::Quiet => told("quiet", "", html! {}),
        LiveEvent::Text { exchange, markdown } => told("text", exchange.as_str(), answer(lang, None, &markdown, None)),
        LiveEvent::Notice { outgoing } => told("notice", "", notice(&outgoing)),
        LiveEvent::Done { exchange } => {
            let found = console.store.exchange(&exchange).await.ok()??;
            let note = ending(found.finish).map(|key| text(lang, key));
            told("done", exchange.as_str(), answer(lang, Some(&exchange), &found.answer, note))
        }
    })
}

const fn ending(finish: Finish) -> Option<&'static str> {
    match finish {
        Finish::Complete => None,
        Finish::Length => Some("ended-length"),
        Finish::Filtered => Some("ended-filtered"),
        Finish::Stopped => Some("ended-stopped"),
        Finish::CutOff => Some("ended-cut-off"),
    }
}

/// The work that waits or is parked, for owners.
pub(crate) async fn work(State(console): Shared, headers: HeaderMap) -> Response {
    let Some(person) = owner(&console, &headers).await else { return closed(guess(&headers), "page-closed") };
    let lang = person.lang;
    let mut rows = console.store.work_list(WorkState::Parked, 100).await.unwrap_or_default();
    rows.extend(console.store.work_list(WorkState::Open, 100).await.unwrap_or_default());
    let body = html! {
        div #app {
            header { a href="/" title=(text(lang, "page-back")) { "←" } div.name { strong { (text(lang, "page-work")) } } }
            main #scroll {
                @if rows.is_empty() { p.empty { (text(lang, "work-none")) } }
                @for row in &rows {
                    section.work {
                        p { strong { "№ " (row.id) } " · " (row.state.name()) " · " code { (row.lane) } }
                        p.note { (text_with(lang, "page-attempts", &[("count", row.attempts.to_string())])) " " (row.reason) }
                        div.chips {
                            button data-mend=(format!("retry:{}", row.id)) { (text(lang, "page-retry")) }
                            button data-mend=(format!("drop:{}", row.id)) { (text(lang, "page-drop")) }
                        }
                    }
                }
            }
            script src="/app.js" defer {}
        }
    };
    frame(lang, "Apprentice", &body).into_response()
}

async fn owner(console: &Console, headers: &HeaderMap) -> Option<Person> {
    person(console, headers).await.filter(|person| person.standing == Standing::Owner)
}

#[derive(Deserialize)]
pub(crate) struct Mend {
    what: String,
}

/// Tries parked work again, or gives it up.
pub(crate) async fn mend(State(console): Shared, headers: HeaderMap, Json(mend): Json<Mend>) -> Response {
    let Some(person) = owner(&console, &headers).await else { return StatusCode::FORBIDDEN.into_response() };
    let Some((verb, id)) = mend.what.split_once(':').and_then(|(verb, id)| Some((verb, id.parse().ok()?))) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let now = (console.clock)();
    let done = match verb {
        "retry" => console.store.work_retry(id, &person.id, now).await,
        "drop" => console.store.work_drop(id, &person.id, now).await,
        _ => Ok(false),
    };
    match done {
        Ok(true) => StatusCode::NO_CONTENT.into_response(),
        Ok(false) => StatusCode::NOT_FOUND.into_response(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
