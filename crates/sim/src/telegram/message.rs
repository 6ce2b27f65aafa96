//! Messages as the server keeps them and as tests see them, and their JSON on the wire.

use super::world::{Room, User};
use bytes::Bytes;
use serde_json::{Map, Value};
use std::fmt::Write as _;
use std::sync::Arc;

/// A piece of formatting.
#[derive(Clone, Debug, PartialEq)]
pub struct Entity {
    /// `bold`, `pre`, `text_link` …
    pub kind: String,
    /// Where it begins, in UTF-16 units.
    pub offset: usize,
    /// How long it is, in UTF-16 units.
    pub length: usize,
    /// What else it carries: `url`, `language`, `user` …
    pub more: Map<String, Value>,
}

impl Entity {
    /// An entity that carries nothing else.
    pub fn plain(kind: &str, offset: usize, length: usize) -> Self {
        Self { kind: kind.to_owned(), offset, length, more: Map::new() }
    }
    /// Adds something it carries (`language` of `pre`, `url` of `text_link`).
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.more.insert(name.to_owned(), value.into());
        self
    }
    pub(super) fn read(value: &Value) -> Option<Self> {
        let mut more = value.as_object()?.clone();
        let number = |value: Option<Value>| usize::try_from(value?.as_u64()?).ok();
        let kind = more.remove("type")?.as_str()?.to_owned();
        Some(Self { offset: number(more.remove("offset"))?, length: number(more.remove("length"))?, kind, more })
    }
    pub(super) fn end(&self) -> usize {
        self.offset.saturating_add(self.length)
    }
    fn write(&self, out: &mut String) {
        let _ = write!(out, r#"{{"type":"{}","offset":{},"length":{}"#, self.kind, self.offset, self.length);
        for (name, value) in &self.more {
            let _ = write!(out, r#","{name}":{value}"#);
        }
        out.push('}');
    }
}

/// A button under a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Button {
    /// What is read on it.
    pub label: String,
    /// What comes back when it is pressed; empty for a link.
    pub data: String,
}

/// What a message holds beside text: a file, a sticker, a service notice.
#[derive(Clone, Debug, PartialEq)]
pub struct Content {
    /// The field of the Bot API: `document`, `voice`, `new_chat_members` …
    pub kind: String,
    /// File name, empty where there is none.
    pub name: String,
    /// The bytes of a file or a picture.
    pub bytes: Bytes,
    /// Media type, empty where there is none.
    pub mime: String,
    /// Length of a recording, seconds.
    pub seconds: u32,
    pub(super) json: String,
    /// A second field that says the same (an animation is a document, too).
    pub(super) also: Option<(&'static str, String)>,
}

impl Content {
    /// A content without bytes, as the Bot API writes it.
    pub(super) fn bare(kind: &str, json: String) -> Self {
        Self {
            kind: kind.to_owned(),
            name: String::new(),
            bytes: Bytes::new(),
            mime: String::new(),
            seconds: 0,
            json,
            also: None,
        }
    }
}

/// A message in a chat.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Its id in the chat.
    pub id: i64,
    /// Who wrote it: a person's name, or `bot`.
    pub from: Arc<str>,
    /// Whether the bot wrote it.
    pub by_bot: bool,
    /// Its text, or the caption of a file.
    pub text: String,
    /// Formatting of the text.
    pub entities: Vec<Entity>,
    /// The message it replies to.
    pub reply_to: Option<i64>,
    /// The topic it stands in.
    pub thread: Option<i64>,
    /// How often it was edited.
    pub edits: u32,
    /// What it holds beside text.
    pub content: Option<Content>,
    /// Reactions: who (a name, or `bot`) and which emoji.
    pub reactions: Vec<(Arc<str>, String)>,
    /// The album that it is a part of.
    pub album: Option<String>,
    /// Whose words are passed on.
    pub forwarded: Option<String>,
    /// The chosen part of the message it replies to.
    pub quote: Option<String>,
    /// More fields of the Bot API, by name, as JSON.
    pub(super) more: Vec<(&'static str, String)>,
    pub(super) author: i64,
    pub(super) date: i64,
    pub(super) edit_date: i64,
    pub(super) markup: Option<Value>,
}

impl Message {
    /// The buttons under it, row by row.
    pub fn buttons(&self) -> Vec<Vec<Button>> {
        let rows = self.markup.as_ref().and_then(|markup| markup.get("inline_keyboard")).and_then(Value::as_array);
        let text = |button: &Value, name: &str| button.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let button = |button: &Value| Button { label: text(button, "text"), data: text(button, "callback_data") };
        let row = |row: &Value| row.as_array().map(|row| row.iter().map(button).collect()).unwrap_or_default();
        rows.map(|rows| rows.iter().map(row).collect()).unwrap_or_default()
    }

    /// The text with its formatting written as tags: `<bold>so</bold>`, `<pre rust>…</pre>`.
    pub fn marked(&self) -> String {
        let units: Vec<u16> = self.text.encode_utf16().collect();
        let piece = |from: usize, to: usize| String::from_utf16_lossy(units.get(from..to).unwrap_or_default());
        let mut edges: Vec<(usize, bool, usize, String)> = Vec::new();
        for (order, entity) in self.entities.iter().enumerate() {
            let more: String = entity.more.values().filter_map(Value::as_str).map(|v| format!(" {v}")).collect();
            // Inner tags close first: later entities begin later or are shorter.
            edges.push((entity.offset, true, order, format!("<{}{more}>", entity.kind)));
            edges.push((entity.end(), false, usize::MAX - order, format!("</{}>", entity.kind)));
        }
        edges.sort();
        let mut out = String::new();
        let mut at = 0;
        for (offset, _, _, tag) in edges {
            out += &piece(at, offset);
            out += &tag;
            at = offset;
        }
        out + &piece(at, units.len())
    }

    /// The file that it holds.
    pub fn document(&self) -> Option<&Content> {
        self.held("document")
    }
    /// The picture that it holds.
    pub fn photo(&self) -> Option<&Content> {
        self.held("photo")
    }
    /// The voice message that it holds.
    pub fn voice(&self) -> Option<&Content> {
        self.held("voice")
    }
    /// The recording or piece of music that it holds.
    pub fn audio(&self) -> Option<&Content> {
        self.held("audio")
    }
    /// What it holds as that field of the Bot API (`video`, `sticker` …).
    pub fn held(&self, kind: &str) -> Option<&Content> {
        self.content.as_ref().filter(|content| content.kind == kind)
    }

    pub(super) fn is_service(&self) -> bool {
        self.content.as_ref().is_some_and(|content| content.name == "service")
    }
}

/// What a message is written with.
pub(super) struct Scene<'a> {
    pub(super) room: &'a Room,
    pub(super) author: &'a User,
    /// JSON of the message it replies to.
    pub(super) reply: Option<String>,
}

/// A message as the Bot API writes it.
pub(super) fn json(message: &Message, scene: &Scene<'_>) -> String {
    let mut out = String::with_capacity(512 + message.text.len());
    let _ = write!(
        out,
        r#"{{"message_id":{},"from":{},"chat":{},"date":{}"#,
        message.id, scene.author.json, scene.room.json, message.date
    );
    if message.edit_date > 0 {
        let _ = write!(out, r#","edit_date":{}"#, message.edit_date);
    }
    if let Some(thread) = message.thread {
        let _ = write!(out, r#","message_thread_id":{thread}"#);
        if scene.room.forum {
            out.push_str(r#","is_topic_message":true"#);
        }
    }
    if let Some(reply) = &scene.reply {
        let _ = write!(out, r#","reply_to_message":{reply}"#);
    }
    if let Some(album) = &message.album {
        let _ = write!(out, r#","media_group_id":{}"#, quote(album));
    }
    for (name, json) in &message.more {
        let _ = write!(out, r#","{name}":{json}"#);
    }
    write_body(message, &mut out);
    if let Some(markup) = &message.markup {
        let _ = write!(out, r#","reply_markup":{markup}"#);
    }
    out.push('}');
    out
}

fn write_body(message: &Message, out: &mut String) {
    let (text, entities) = match &message.content {
        Some(content) => {
            let _ = write!(out, r#","{}":{}"#, content.kind, content.json);
            if let Some((also, json)) = &content.also {
                let _ = write!(out, r#","{also}":{json}"#);
            }
            ("caption", "caption_entities")
        }
        None => ("text", "entities"),
    };
    if message.content.is_some() && message.text.is_empty() {
        return;
    }
    let _ = write!(out, r#","{text}":{}"#, quote(&message.text));
    if !message.entities.is_empty() {
        let _ = write!(out, r#","{entities}":"#);
        write_entities(&message.entities, out);
    }
}

fn write_entities(entities: &[Entity], out: &mut String) {
    out.push('[');
    for (at, entity) in entities.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        entity.write(out);
    }
    out.push(']');
}

/// A text as JSON.
pub(super) fn quote(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_else(|_| "\"\"".to_owned())
}

/// What a person in a private chat sees growing while an answer is written.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// Its id; the same id again replaces the text.
    pub id: i64,
    /// The text so far; empty shows "Thinking…". A rich draft shows its Markdown or HTML.
    pub text: String,
    /// Formatting of the text.
    pub entities: Vec<Entity>,
    /// The topic it stands in.
    pub thread: Option<i64>,
    /// Whether a stop button is shown.
    pub can_stop: bool,
    pub(super) keep_on_stop: bool,
}
