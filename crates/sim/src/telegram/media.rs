//! Files, pictures and recordings of the bot: sent, put in the place of what a message held, and checked as
//! Telegram checks them.

use super::Told;
use super::attach::folder;
use super::edit::{change, inline_keyboard};
use super::message::Content;
use super::params::{Params, Upload};
use super::refusal::Refusal;
use super::send::{body, chat, deliver, prepare};
use super::world::{RoomKind, World};
use bytes::Bytes;
use serde_json::{Map, Value, json};

/// Most bytes of a picture.
const LARGEST_PHOTO: usize = 10 * 1024 * 1024;
/// Most pixels of a picture's width and height together.
const MOST_PIXELS: usize = 10_000;
/// Most times that a picture's longer side is as long as its shorter one.
const MOST_RATIO: usize = 20;

/// `sendDocument`, `sendPhoto`, `sendVoice` …, uploaded or by an id that is known.
pub(super) fn send(world: &mut World, method: &str, params: &Params, kind: &str) -> Told {
    let chat = chat(world, params)?;
    if matches!(kind, "voice" | "video_note")
        && world.room(chat)?.kind == RoomKind::Private
        && world.deaf.contains(&chat)
    {
        return Err(Refusal::bad("VOICE_MESSAGES_FORBIDDEN"));
    }
    let mut content = match params.upload(kind) {
        Some(upload) => uploaded(world, method, kind, upload)?,
        None => known(world, method, kind, params.text(kind).unwrap_or_default())?,
    };
    timed(&mut content, kind, params);
    let (text, entities) = body(world, method, params, "caption", "caption_entities")?;
    let mut message = prepare(world, chat, params)?;
    (message.text, message.entities, message.content) = (text, entities, Some(content));
    deliver(world, chat, message)
}

/// `sendMediaGroup`: photos and films together, files among themselves, recordings among themselves.
pub(super) fn album(world: &mut World, params: &Params) -> Told {
    const METHOD: &str = "sendMediaGroup";
    let chat = chat(world, params)?;
    let items: Vec<Value> = params.list("media").unwrap_or_default().to_vec();
    let kinds: Vec<&str> = items.iter().filter_map(|item| item.get("type")?.as_str()).collect();
    let group = |kind: &&str| if matches!(*kind, "photo" | "video" | "live_photo") { "seen" } else { *kind }.to_owned();
    if kinds.first().map(group) != kinds.last().map(group) || !kinds.is_sorted_by_key(group) {
        return Err(Refusal::bad("can't use this type of media together in an album"));
    }
    let name = format!("{}", 14_000_000_000_i64 + world.serial());
    let mut sent = Vec::new();
    for item in items {
        let inner = Params { fields: item.as_object().cloned().unwrap_or_default(), files: Vec::new() };
        let kind = inner.text("type").unwrap_or_default().to_owned();
        let named = inner.text("media").unwrap_or_default();
        let mut content = match params.attached(named) {
            Some(upload) => uploaded(world, METHOD, &kind, upload)?,
            None => known(world, METHOD, &kind, named)?,
        };
        timed(&mut content, &kind, &inner);
        let (text, entities) = body(world, METHOD, &inner, "caption", "caption_entities")?;
        let mut message = prepare(world, chat, params)?;
        message.album = Some(name.clone());
        (message.text, message.entities, message.content) = (text, entities, Some(content));
        sent.push(message);
    }
    let sent: Vec<String> = sent.into_iter().map(|message| deliver(world, chat, message)).collect::<Result<_, _>>()?;
    Ok(format!("[{}]", sent.join(",")))
}

/// A recording lasts as long as the bot says.
fn timed(content: &mut Content, kind: &str, params: &Params) {
    let seconds = params.int("duration").and_then(|seconds| u32::try_from(seconds).ok()).unwrap_or(0);
    if !matches!(kind, "voice" | "audio" | "video" | "video_note" | "animation") {
        return;
    }
    content.seconds = seconds;
    content.json = content.json.replace(r#""duration":0"#, &format!(r#""duration":{seconds}"#));
}

/// `editMessageMedia`: of messages with text or with media. A keyboard that is not given again goes.
pub(super) fn edit(world: &mut World, params: &Params) -> Told {
    const METHOD: &str = "editMessageMedia";
    let media = params.get("media").and_then(Value::as_object).cloned().unwrap_or_default();
    let inner = Params { fields: media, files: Vec::new() };
    let kind = inner.text("type").unwrap_or_default().to_owned();
    if !matches!(kind.as_str(), "photo" | "document" | "audio" | "video" | "animation") {
        return Err(Refusal::bad(format!("simulator: {METHOD}: media of the type {kind} are not known here")));
    }
    let named = inner.text("media").unwrap_or_default();
    let mut content = match params.attached(named) {
        Some(upload) => uploaded(world, METHOD, &kind, upload)?,
        None => known(world, METHOD, &kind, named)?,
    };
    timed(&mut content, &kind, &inner);
    let (text, entities) = body(world, METHOD, &inner, "caption", "caption_entities")?;
    let markup = inline_keyboard(world, params)?;
    change(world, params, |message| {
        if message.is_service() {
            return Err(Refusal::bad("message can't be edited"));
        }
        let held = message.content.as_ref().map_or("", |held| held.kind.as_str());
        if matches!(held, "voice" | "video_note" | "sticker") {
            return Err(Refusal::bad("there is no media in the message to edit"));
        }
        // An uploaded file is a new one, whatever it holds.
        let same_file = message.content.as_ref().is_some_and(|held| held.json == content.json);
        let same_words = message.text == text && message.entities == entities && message.markup == markup;
        (message.text, message.entities, message.markup) = (text, entities, markup);
        message.content = Some(content);
        Ok(!(same_file && same_words))
    })
}

fn uploaded(world: &mut World, method: &str, kind: &str, upload: &Upload) -> Result<Content, Refusal> {
    if upload.bytes.is_empty() {
        return Err(Refusal::bad("file must be non-empty"));
    }
    let size = upload.bytes.len() as u64;
    if kind == "photo" {
        let (width, height) = measured(&upload.bytes)?;
        let id = world.keep_file("photos", &upload.name, upload.bytes.clone(), size);
        return Ok(photo_content(&id, &upload.name, (width, height), upload.bytes.clone()));
    }
    if kind == "voice" && !playable(&upload.bytes) {
        world.violation(format!("{method}: voice: neither OGG/Opus nor MP3 nor M4A"));
        return Err(Refusal::bad("simulator: what is no voice message would be shown as a file"));
    }
    let id = world.keep_file(folder(kind), &upload.name, upload.bytes.clone(), size);
    let media = upload.media.as_deref().unwrap_or("text/plain");
    Ok(file_content(kind, &id, &upload.name, media, upload.bytes.clone(), Some(size), &shape(kind)))
}

/// Whether it can be played as a voice message.
fn playable(bytes: &[u8]) -> bool {
    let opus = || bytes.get(..128).unwrap_or(bytes).windows(8).any(|window| window == b"OpusHead");
    let mp3 = bytes.starts_with(b"ID3") || matches!(bytes, [0xFF, second, ..] if second & 0xE0 == 0xE0);
    let m4a = bytes.get(4..8) == Some(b"ftyp");
    (bytes.starts_with(b"OggS") && opus()) || mp3 || m4a
}

/// The fields that Telegram finds out about a file by itself.
fn shape(kind: &str) -> Map<String, Value> {
    let shape = match kind {
        "voice" | "audio" => json!({"duration": 0}),
        "video" | "animation" => json!({"duration": 0, "width": 640, "height": 360}),
        "video_note" => json!({"duration": 0, "length": 240}),
        "sticker" => json!({"type": "regular", "width": 512, "height": 512, "is_animated": false, "is_video": false}),
        _ => Value::Null,
    };
    shape.as_object().cloned().unwrap_or_default()
}

/// Width and height of a picture that Telegram takes.
fn measured(bytes: &[u8]) -> Result<(usize, usize), Refusal> {
    if bytes.len() > LARGEST_PHOTO {
        return Err(Refusal::bad(format!("too big for a photo: {} bytes, at most {LARGEST_PHOTO}", bytes.len())));
    }
    let Ok(size) = imagesize::blob_size(bytes) else { return Err(Refusal::bad("IMAGE_PROCESS_FAILED")) };
    let (long, short) = (size.width.max(size.height), size.width.min(size.height));
    if short == 0 || long + short > MOST_PIXELS || long > short * MOST_RATIO {
        return Err(Refusal::bad("PHOTO_INVALID_DIMENSIONS"));
    }
    Ok((size.width, size.height))
}

/// A file that the server has, by its id.
fn known(world: &mut World, method: &str, kind: &str, id: &str) -> Result<Content, Refusal> {
    if id.starts_with("attach://") {
        world.violation(format!("{method}: {id}: no part of the form has this name"));
    }
    let file = world
        .files
        .get(id)
        .ok_or_else(|| Refusal::bad("wrong remote file identifier specified: can't unserialize it"))?;
    if kind == "photo" {
        return Ok(photo_content(id, &file.path, measured(&file.bytes)?, file.bytes.clone()));
    }
    let bytes = file.bytes.clone();
    Ok(file_content(kind, id, &file.path, "text/plain", bytes, Some(file.claimed), &shape(kind)))
}

/// A file as the Bot API writes it, with the fields of its kind.
pub(super) fn file_content(
    kind: &str,
    id: &str,
    name: &str,
    mime: &str,
    bytes: Bytes,
    size: Option<u64>,
    more: &Map<String, Value>,
) -> Content {
    let mut fields = more.clone();
    fields.insert("file_id".to_owned(), id.into());
    fields.insert("file_unique_id".to_owned(), format!("U{id}").into());
    let named = matches!(kind, "document" | "audio" | "video" | "animation");
    if named && !name.is_empty() {
        fields.insert("file_name".to_owned(), name.into());
    }
    if !matches!(kind, "video_note" | "sticker") && !mime.is_empty() {
        fields.insert("mime_type".to_owned(), mime.into());
    }
    if let Some(size) = size {
        fields.insert("file_size".to_owned(), size.into());
    }
    let seconds = fields.get("duration").and_then(Value::as_u64).and_then(|s| u32::try_from(s).ok()).unwrap_or(0);
    let mut also = fields.clone();
    also.retain(|name, _| !matches!(name.as_str(), "duration" | "width" | "height"));
    let also = (kind == "animation").then(|| ("document", Value::Object(also).to_string()));
    let (json, name) = (Value::Object(fields).to_string(), if named { name.to_owned() } else { String::new() });
    Content { name, bytes, mime: mime.to_owned(), seconds, also, ..Content::bare(kind, json) }
}

fn photo_content(id: &str, name: &str, (width, height): (usize, usize), bytes: Bytes) -> Content {
    let size = bytes.len();
    let json = format!(
        r#"[{{"file_id":"{id}","file_unique_id":"U{id}","width":{width},"height":{height},"file_size":{size}}}]"#
    );
    Content { name: name.to_owned(), bytes, ..Content::bare("photo", json) }
}
