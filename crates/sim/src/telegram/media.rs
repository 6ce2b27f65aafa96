//! Files and pictures of the bot: sent, put in the place of what a message held, and checked as Telegram
//! checks them.

use super::Told;
use super::edit::{change, inline_keyboard};
use super::message::{Content, quote};
use super::params::{Params, Upload};
use super::refusal::Refusal;
use super::send::{body, chat, deliver, prepare};
use super::world::World;
use bytes::Bytes;
use serde_json::Value;

/// Most bytes of a picture.
const LARGEST_PHOTO: usize = 10 * 1024 * 1024;
/// Most pixels of a picture's width and height together.
const MOST_PIXELS: usize = 10_000;
/// Most times that a picture's longer side is as long as its shorter one.
const MOST_RATIO: usize = 20;

/// `sendDocument` and `sendPhoto`, uploaded or by an id that is known.
pub(super) fn send(world: &mut World, method: &str, params: &Params, kind: &str) -> Told {
    let chat = chat(world, params)?;
    let content = match params.upload(kind) {
        Some(upload) => uploaded(world, kind, upload)?,
        None => known(world, method, kind, params.text(kind).unwrap_or_default())?,
    };
    let (text, entities) = body(world, method, params, "caption", "caption_entities")?;
    let mut message = prepare(world, chat, params)?;
    (message.text, message.entities, message.content) = (text, entities, Some(content));
    deliver(world, chat, message)
}

/// `editMessageMedia`: of messages with text or with media. A keyboard that is not given again goes.
pub(super) fn edit(world: &mut World, params: &Params) -> Told {
    const METHOD: &str = "editMessageMedia";
    let media = params.get("media").and_then(Value::as_object).cloned().unwrap_or_default();
    let inner = Params { fields: media, files: Vec::new() };
    let kind = inner.text("type").unwrap_or_default().to_owned();
    if !matches!(kind.as_str(), "photo" | "document") {
        return Err(Refusal::bad(format!("simulator: {METHOD}: media of the type {kind} are not known here")));
    }
    let named = inner.text("media").unwrap_or_default();
    let content = match params.attached(named) {
        Some(upload) => uploaded(world, &kind, upload)?,
        None => known(world, METHOD, &kind, named)?,
    };
    let (text, entities) = body(world, METHOD, &inner, "caption", "caption_entities")?;
    let markup = inline_keyboard(world, params)?;
    change(world, params, |message| {
        if message.is_service() {
            return Err(Refusal::bad("message can't be edited"));
        }
        // An uploaded file is a new one, whatever it holds.
        let same_file = message.content.as_ref().is_some_and(|held| held.json == content.json);
        let same_words = message.text == text && message.entities == entities && message.markup == markup;
        (message.text, message.entities, message.markup) = (text, entities, markup);
        message.content = Some(content);
        Ok(!(same_file && same_words))
    })
}

fn uploaded(world: &mut World, kind: &str, upload: &Upload) -> Result<Content, Refusal> {
    if upload.bytes.is_empty() {
        return Err(Refusal::bad("file must be non-empty"));
    }
    let size = upload.bytes.len() as u64;
    if kind == "photo" {
        let (width, height) = measured(&upload.bytes)?;
        let id = world.keep_file("photos", &upload.name, upload.bytes.clone(), size);
        return Ok(photo_content(&id, &upload.name, (width, height), upload.bytes.clone()));
    }
    let id = world.keep_file("documents", &upload.name, upload.bytes.clone(), size);
    let media = upload.media.as_deref().unwrap_or("text/plain");
    Ok(document_content(&id, &upload.name, media, upload.bytes.clone(), size))
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
    Ok(document_content(id, &file.path, "text/plain", file.bytes.clone(), file.claimed))
}

pub(super) fn document_content(id: &str, name: &str, media: &str, bytes: Bytes, size: u64) -> Content {
    let json = format!(
        r#"{{"file_id":"{id}","file_unique_id":"U{id}","file_name":{},"mime_type":{},"file_size":{size}}}"#,
        quote(name),
        quote(media)
    );
    Content { kind: "document".to_owned(), name: name.to_owned(), bytes, json }
}

fn photo_content(id: &str, name: &str, (width, height): (usize, usize), bytes: Bytes) -> Content {
    let size = bytes.len();
    let json = format!(
        r#"[{{"file_id":"{id}","file_unique_id":"U{id}","width":{width},"height":{height},"file_size":{size}}}]"#
    );
    Content { kind: "photo".to_owned(), name: name.to_owned(), bytes, json }
}
