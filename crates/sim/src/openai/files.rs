//! Files and uploads in parts: `/v1/files`, `/v1/uploads`.
//!
//! A file for training is read when it comes; one with a wrong line is kept with the status `error`.

use super::route::{Asked, Given};
use super::{Memory, Shared, lines, trouble};
use crate::fault::Kind;
use bytes::Bytes;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::{SystemTime, UNIX_EPOCH};

/// Most files in one answer.
const PAGE: usize = 10_000;
/// Seconds after which an unfinished upload ends.
const UPLOAD_LASTS: u64 = 3600;
/// The largest part of an upload, bytes.
const LARGEST_PART: usize = 64 * 1024 * 1024;

/// A stored file.
#[derive(Clone, Debug)]
pub(super) struct File {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) purpose: String,
    pub(super) content: Bytes,
    pub(super) created: u64,
    /// What is wrong with it.
    wrong: Option<String>,
}

impl File {
    pub(super) fn json(&self) -> Value {
        let status = if self.wrong.is_some() { "error" } else { "processed" };
        let mut json = json!({
            "id": self.id, "object": "file", "bytes": self.content.len(), "created_at": self.created,
            "filename": self.name, "purpose": self.purpose, "status": status,
        });
        if let (Some(wrong), Some(object)) = (&self.wrong, json.as_object_mut()) {
            object.insert("status_details".to_owned(), wrong.clone().into());
        }
        json
    }
}

/// An upload that is being put together.
#[derive(Debug)]
struct Upload {
    id: String,
    name: String,
    purpose: String,
    bytes: u64,
    created: u64,
    status: &'static str,
    parts: Vec<(String, Bytes)>,
}

/// Everything stored, in the order in which it came.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    files: Vec<File>,
    uploads: Vec<Upload>,
    /// Files by `Idempotency-Key`, where those count.
    keys: HashMap<String, String>,
}

impl Shelf {
    pub(super) fn files(&self) -> impl Iterator<Item = &File> {
        self.files.iter()
    }
    pub(super) fn file(&self, id: &str) -> Option<&File> {
        self.files.iter().find(|file| file.id == id)
    }
    pub(super) fn put(&mut self, id: String, name: &str, purpose: &str, content: Bytes) -> File {
        let wrong = (purpose == "fine-tune").then(|| lines::read(&content, None).err()).flatten();
        let file = File { id, name: name.to_owned(), purpose: purpose.to_owned(), content, created: now(), wrong };
        self.files.push(file.clone());
        file
    }
}

/// Seconds since 1970.
pub(super) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// Performs what concerns files; none for other operations.
pub(super) fn perform(shared: &Shared, operation: &str, asked: &Asked<'_>) -> Option<Result<Given, Kind>> {
    let serial = shared.serial();
    let idempotent = shared.config().tuning.as_ref().is_some_and(|tuning| tuning.idempotent);
    let mut memory = shared.state();
    let (shelf, id) = (&mut memory.shelf, asked.id());
    let known = || trouble::missing("File object", id);
    let told = match operation {
        "post /files" => create(shelf, serial, asked, idempotent),
        "get /files" => Ok(list(shelf, asked)),
        "get /files/{file_id}" => shelf.file(id).map(File::json).ok_or_else(known),
        "get /files/{file_id}/content" => {
            let content = shelf.file(id).map(|file| file.content.clone()).ok_or_else(known);
            return Some(content.map(Given::Bytes));
        }
        "delete /files/{file_id}" => delete(&mut memory, id),
        "post /uploads" => Ok(begin(shelf, serial, asked)),
        "post /uploads/{upload_id}/parts" => add(shelf, serial, asked),
        "post /uploads/{upload_id}/complete" => complete(shelf, serial, asked),
        "post /uploads/{upload_id}/cancel" => cancel(shelf, asked),
        _ => return None,
    };
    Some(told.map(Given::Json))
}

fn create(shelf: &mut Shelf, serial: u64, asked: &Asked<'_>, idempotent: bool) -> Result<Value, Kind> {
    let key = asked.key.clone().filter(|_| idempotent);
    let known = key.as_ref().and_then(|key| shelf.keys.get(key)).and_then(|id| shelf.file(id));
    if let Some(known) = known {
        return Ok(known.json());
    }
    if asked.file.is_empty() {
        return Err(trouble::invalid("file", "empty_file", "The uploaded file is empty."));
    }
    let file = shelf.put(format!("file-sim{serial}"), asked.text("file"), asked.text("purpose"), asked.file.clone());
    if let Some(key) = key {
        shelf.keys.insert(key, file.id.clone());
    }
    Ok(file.json())
}

fn list(shelf: &Shelf, asked: &Asked<'_>) -> Value {
    let wanted = |file: &&File| asked.query("purpose").is_none_or(|purpose| file.purpose == purpose);
    let mut files: Vec<&File> = shelf.files.iter().filter(wanted).collect();
    if asked.query("order") != Some("asc") {
        files.reverse();
    }
    let files: Vec<Value> = files.into_iter().map(File::json).collect();
    ends(page(files, asked, PAGE), &"".into())
}

/// Adds the first and the last id to a page; what stands for them in an empty one is `none`.
pub(super) fn ends(mut page: Value, none: &Value) -> Value {
    let data = page.get("data").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let id = |item: Option<&Value>| item.and_then(|item| item.get("id")).unwrap_or(none).clone();
    let (first, last) = (id(data.first()), id(data.last()));
    if let Some(object) = page.as_object_mut() {
        object.extend([("first_id".to_owned(), first), ("last_id".to_owned(), last)]);
    }
    page
}

/// The part of a list that `after` and `limit` ask for.
pub(super) fn page(all: Vec<Value>, asked: &Asked<'_>, usual: usize) -> Value {
    let limit = asked.query("limit").and_then(|limit| limit.parse().ok()).unwrap_or(usual);
    let is_last = |item: &Value| item.get("id").and_then(Value::as_str) == asked.query("after");
    let skipped = match asked.query("after") {
        Some(_) => all.iter().position(is_last).map_or(all.len(), |at| at + 1),
        None => 0,
    };
    let more = all.len() > skipped.saturating_add(limit);
    let data: Vec<Value> = all.into_iter().skip(skipped).take(limit).collect();
    json!({"object": "list", "data": data, "has_more": more})
}

fn delete(memory: &mut Memory, id: &str) -> Result<Value, Kind> {
    let at = memory.shelf.files.iter().position(|file| file.id == id);
    memory.shelf.files.remove(at.ok_or_else(|| trouble::missing("File object", id))?);
    Ok(json!({"id": id, "object": "file", "deleted": true}))
}

fn begin(shelf: &mut Shelf, serial: u64, asked: &Asked<'_>) -> Value {
    let upload = Upload {
        id: format!("upload_sim{serial}"),
        name: asked.text("filename").to_owned(),
        purpose: asked.text("purpose").to_owned(),
        bytes: asked.body.get("bytes").and_then(Value::as_u64).unwrap_or_default(),
        created: now(),
        status: "pending",
        parts: Vec::new(),
    };
    let json = upload.json(None);
    shelf.uploads.push(upload);
    json
}

fn add(shelf: &mut Shelf, serial: u64, asked: &Asked<'_>) -> Result<Value, Kind> {
    if asked.file.len() > LARGEST_PART {
        return Err(trouble::too_large(LARGEST_PART as u64));
    }
    let upload = shelf.pending(asked.id())?;
    let id = format!("part_sim{serial}");
    upload.parts.push((id.clone(), asked.file.clone()));
    Ok(json!({"id": id, "object": "upload.part", "created_at": now(), "upload_id": upload.id}))
}

fn complete(shelf: &mut Shelf, serial: u64, asked: &Asked<'_>) -> Result<Value, Kind> {
    let wanted = asked.body.get("part_ids").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let upload = shelf.pending(asked.id())?;
    let part = |id: &Value| {
        let known = upload.parts.iter().find(|(known, _)| Some(known.as_str()) == id.as_str());
        known.map(|(_, bytes)| bytes.clone()).ok_or_else(|| trouble::missing("UploadPart", &id.to_string()))
    };
    let content = wanted.iter().map(part).collect::<Result<Vec<_>, _>>()?.concat();
    if content.len() as u64 != upload.bytes {
        let message = format!("Expected {} bytes but received {}.", upload.bytes, content.len());
        return Err(trouble::invalid("bytes", "invalid_value", &message));
    }
    let id = format!("file-sim{serial}");
    upload.status = "completed";
    upload.parts.clear();
    let (name, purpose) = (upload.name.clone(), upload.purpose.clone());
    let file = shelf.put(id, &name, &purpose, content.into());
    shelf.shown(asked.id(), Some(&file))
}

fn cancel(shelf: &mut Shelf, asked: &Asked<'_>) -> Result<Value, Kind> {
    shelf.pending(asked.id())?.status = "cancelled";
    shelf.shown(asked.id(), None)
}

impl Shelf {
    fn pending(&mut self, id: &str) -> Result<&mut Upload, Kind> {
        let upload = self.uploads.iter_mut().find(|upload| upload.id == id);
        let upload = upload.ok_or_else(|| trouble::missing("Upload", id))?;
        match upload.status {
            "pending" => Ok(upload),
            status => Err(trouble::invalid("upload_id", "invalid_status", &format!("The upload is {status}."))),
        }
    }
    fn shown(&self, id: &str, file: Option<&File>) -> Result<Value, Kind> {
        let upload = self.uploads.iter().find(|upload| upload.id == id);
        Ok(upload.ok_or_else(|| trouble::missing("Upload", id))?.json(file))
    }
}

impl Upload {
    fn json(&self, file: Option<&File>) -> Value {
        json!({
            "id": self.id, "object": "upload", "bytes": self.bytes, "created_at": self.created,
            "filename": self.name, "purpose": self.purpose, "status": self.status,
            "expires_at": self.created + UPLOAD_LASTS, "file": file.map(File::json),
        })
    }
}
