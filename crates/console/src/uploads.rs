//! Files that a person brings on the page: kept as they arrive, named by the message that they are sent with, and
//! handed out again to whoever brought them and to nobody else.

use crate::files::{Handed, hand_out};
use crate::icons::{Icon, icon};
use crate::session::{guess, person};
use crate::{Console, Shared, limits, refuse, views};
use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::ids::{ConversationId, MessageId, Millis, PersonId};
use domain::incoming::{Attached, Attachment, Media};
use domain::object::Object;
use domain::outgoing::Contents;
use domain::person::{Lang, Person};
use domain::text::say_with as text_with;
use futures::StreamExt as _;
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use maud::{Markup, html};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use store::{Error, Store};

/// Files of one conversation that are looked through for those of its latest messages.
const LOOKED_AT: u32 = 400;
/// Longest file name that is kept, characters.
const NAME: usize = 200;
/// How long a file may wait for the message that it belongs to, milliseconds: one day.
const WAITS_MS: i64 = 86_400_000;
/// Files of one person that may wait, and how many bytes they may have together: two full messages.
const WAITING: (usize, u64) = (20, 1 << 30);
/// Waiting files that are looked at, at once.
const PAGE: u32 = 500;

/// What arrives, piece by piece.
pub type Arriving = BoxStream<'static, io::Result<Bytes>>;
/// Keeps what arrives, at most so many bytes.
pub type Keep = Arc<dyn Fn(Arriving, u64) -> BoxFuture<'static, Result<Kept, Unkept>> + Send + Sync>;
/// Largest file that may be brought in a conversation, bytes.
pub type Largest = Arc<dyn Fn() -> u64 + Send + Sync>;

/// What was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its blob: BLAKE3 hash, 64 hexadecimal digits.
    pub blob: String,
    /// Its size.
    pub bytes: u64,
}

/// Why something was not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unkept {
    /// It has too many bytes.
    TooLarge,
    /// It did not arrive to its end.
    Broken,
    /// There is no room, or the store does not answer.
    Busy,
}

/// A file that somebody brought.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Upload {
    id: String,
    person: PersonId,
    conversation: ConversationId,
    /// The message that it was sent with; none as long as it waits.
    message: Option<MessageId>,
    /// Its blob: BLAKE3 hash, 64 hexadecimal digits.
    pub blob: String,
    name: String,
    mime: String,
    bytes: u64,
    media: Media,
    /// Length of a recording that was made on the page, milliseconds.
    ms: u64,
    pub(crate) at: Millis,
}

impl Object for Upload {
    const KIND: &'static str = "upload";
    fn id(&self) -> String {
        self.id.clone()
    }
    fn state(&self) -> &'static str {
        if self.is_sent() { "sent" } else { "waits" }
    }
    fn person(&self) -> &str {
        self.person.as_str()
    }
    /// What was sent is found by its conversation.
    fn key(&self) -> String {
        self.message.as_ref().map(|_| self.conversation.0.clone()).unwrap_or_default()
    }
    fn at(&self) -> Millis {
        self.at
    }
}

/// What is said of a file that arrives.
#[derive(Deserialize)]
pub(crate) struct About {
    #[serde(default)]
    name: String,
    /// Whether it was recorded on the page.
    #[serde(default)]
    recorded: bool,
    /// How long such a recording is, milliseconds.
    #[serde(default)]
    ms: u64,
}

/// Takes a file in; answers the name under which a message may bring it.
pub(crate) async fn bring(
    State(console): Shared,
    headers: HeaderMap,
    Query(about): Query<About>,
    body: Body,
) -> Response {
    let Some(person) = person(&console, &headers).await else {
        return refuse(StatusCode::FORBIDDEN, domain::text::say(guess(&headers), "page-closed"));
    };
    let limit = (console.largest)();
    if header(&headers, CONTENT_LENGTH.as_str()).parse::<u64>().is_ok_and(|bytes| bytes > limit) {
        return unkept(person.lang, Unkept::TooLarge, limit);
    }
    match is_room(&console, &person, limit).await {
        Ok(true) => {}
        Ok(false) => return refuse(StatusCode::TOO_MANY_REQUESTS, domain::text::say(person.lang, "page-waiting")),
        Err(_) => return unkept(person.lang, Unkept::Busy, limit),
    }
    let arriving = body.into_data_stream().map(|piece| piece.map_err(io::Error::other)).boxed();
    let kept = match (console.keep)(arriving, limit).await {
        Ok(kept) => kept,
        Err(why) => return unkept(person.lang, why, limit),
    };
    let Some(upload) = noted(&console, &person, &about, header(&headers, CONTENT_TYPE.as_str()), kept) else {
        return unkept(person.lang, Unkept::Busy, limit);
    };
    match console.store.put(&upload).await {
        Ok(()) => (StatusCode::CREATED, upload.id).into_response(),
        Err(_) => unkept(person.lang, Unkept::Busy, limit),
    }
}

/// Whether somebody may bring another file: one of the largest size may come to what waits of theirs.
async fn is_room(console: &Console, person: &Person, largest: u64) -> Result<bool, Error> {
    let now = (console.clock)();
    let (mut files, mut bytes, mut after) = (0, 0_u64, String::new());
    loop {
        let page: Vec<Upload> = console.store.after("waits", &after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.id);
        let theirs = page.iter().filter(|upload| upload.person == person.id && now.since(upload.at) < WAITS_MS);
        for upload in theirs {
            files += 1;
            bytes = bytes.saturating_add(upload.bytes);
        }
    }
    Ok(files < WAITING.0 && bytes < WAITING.1.max(largest))
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn noted(console: &Console, person: &Person, about: &About, mime: &str, kept: Kept) -> Option<Upload> {
    let mime: String = mime.split(';').next().unwrap_or_default().trim().to_lowercase().chars().take(100).collect();
    let picture = mime.starts_with("image/") && !mime.starts_with("image/svg");
    let media = match (about.recorded, picture) {
        (true, _) => Media::Voice,
        (false, true) => Media::Photo,
        (false, false) => Media::Document,
    };
    let plain = |c: char| if c.is_control() || c == '/' || c == '\\' { '_' } else { c };
    Some(Upload {
        id: crate::live::random()?,
        person: person.id.clone(),
        conversation: views::place(person).conversation(),
        message: None,
        blob: kept.blob,
        name: about.name.trim().chars().map(plain).take(NAME).collect(),
        mime,
        bytes: kept.bytes,
        media,
        ms: if about.recorded { about.ms } else { 0 },
        at: (console.clock)(),
    })
}

fn unkept(lang: Lang, why: Unkept, limit: u64) -> Response {
    let limit = limits::words(lang, usize::try_from(limit).unwrap_or(usize::MAX));
    let (status, key) = match why {
        Unkept::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "page-too-large"),
        Unkept::Broken => (StatusCode::BAD_REQUEST, "page-not-sent"),
        Unkept::Busy => (StatusCode::SERVICE_UNAVAILABLE, "page-busy"),
    };
    refuse(status, text_with(lang, key, &[("limit", limit)]))
}

/// The files that a message names, as attachments; none when one of them is not its sender's, was sent with another
/// message, or has waited too long.
pub(crate) async fn named(
    console: &Console,
    person: &Person,
    message: &MessageId,
    ids: &[String],
) -> Result<Option<Vec<Attachment>>, Error> {
    let now = (console.clock)();
    let mut uploads = Vec::new();
    for id in ids {
        let Some(upload) = console.store.object::<Upload>(id).await? else { return Ok(None) };
        let free = match &upload.message {
            // The same message may come twice.
            Some(sent) => sent == message,
            None => now.since(upload.at) < WAITS_MS,
        };
        if upload.person != person.id || !free {
            return Ok(None);
        }
        uploads.push(Upload { message: Some(message.clone()), ..upload });
    }
    if !uploads.is_empty() {
        console.store.put_all(&uploads).await?;
    }
    Ok(Some(uploads.iter().map(Upload::attachment).collect()))
}

impl Upload {
    /// Whether a message brought it.
    pub fn is_sent(&self) -> bool {
        self.message.is_some()
    }

    fn attachment(&self) -> Attachment {
        Attachment::File(Attached {
            handle: self.blob.clone(),
            name: self.name.clone(),
            mime: self.mime.clone(),
            size: self.bytes,
            media: self.media,
            seconds: u32::try_from(self.ms / 1000).unwrap_or(u32::MAX),
            ..Attached::default()
        })
    }

    fn address(&self) -> String {
        format!("/upload?id={}", self.id)
    }
}

/// What was brought in a conversation, by the message that brought it.
pub(crate) type Brought = HashMap<MessageId, Vec<Upload>>;

/// What was lately brought in somebody's conversation.
pub(crate) async fn brought(store: &Store, reader: &PersonId, conversation: &ConversationId) -> Brought {
    let mut brought = Brought::new();
    let found: Vec<Upload> = store.about(&conversation.0, LOOKED_AT).await.unwrap_or_default();
    for upload in found.into_iter().filter(|upload| upload.person == *reader) {
        if let Some(message) = upload.message.clone() {
            brought.entry(message).or_default().push(upload);
        }
    }
    brought
}

#[derive(Deserialize)]
pub(crate) struct Wanted {
    id: String,
}

/// Hands a file back to whoever brought it. That it is somebody else's is told no other way than that there is none.
pub(crate) async fn fetch(State(console): Shared, headers: HeaderMap, Query(wanted): Query<Wanted>) -> Response {
    let Some(person) = person(&console, &headers).await else { return StatusCode::FORBIDDEN.into_response() };
    let found = console.store.object::<Upload>(&wanted.id).await.ok().flatten();
    let Some(upload) = found.filter(|upload| upload.person == person.id) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    match (console.files)(Contents::Blob { id: upload.blob.clone() }).await {
        Ok(opened) => hand_out(&headers, Handed { name: &upload.name, mime: &upload.mime }, opened).await,
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

/// What a browser shows of itself.
const PICTURES: [&str; 4] = ["image/png", "image/jpeg", "image/gif", "image/webp"];

/// What somebody brought, to be looked at, listened to or fetched.
pub(crate) fn shown(lang: Lang, uploads: &[Upload]) -> Markup {
    html! {
        @if !uploads.is_empty() {
            div.brought {
                @for upload in uploads {
                    @if PICTURES.contains(&upload.mime.as_str()) {
                        a.thumb href=(upload.address()) download=(upload.name) { img src=(upload.address()) alt=(upload.name) loading="lazy"; }
                    } @else if upload.media == Media::Voice || upload.mime.starts_with("audio/") {
                        (player(lang, Some(&upload.address()), upload.ms))
                    } @else {
                        a.file href=(upload.address()) download=(upload.name) { (icon(Icon::Paper)) span { (upload.name) } }
                    }
                }
            }
        }
    }
}

/// Something to be listened to; without an address it is a form for the script.
pub(crate) fn player(lang: Lang, address: Option<&str>, ms: u64) -> Markup {
    let name = domain::text::say(lang, "page-play");
    let length = format!("{}:{:02}", ms / 60_000, ms / 1000 % 60);
    html! {
        div.player data-ms=(ms) {
            audio preload="none" src=[address] {}
            button type="button" data-play="" aria-pressed="false" aria-label=(name) title=(name) { (icon(Icon::Play)) (icon(Icon::Pause)) }
            input type="range" min="0" max=(ms.max(1)) value="0" step="any" aria-label=(domain::text::say(lang, "page-position"));
            time { (length) }
        }
    }
}
