//! A body as it came, read once: JSON, or the fields and the file of a form.

use crate::openai::trouble;
use axum::body::Body;
use axum::extract::{FromRequest as _, Multipart, Request};
use axum::http::request::Parts;
use bytes::Bytes;
use serde_json::{Map, Value, json};

/// What a request carries.
pub(super) struct Form {
    /// JSON, or the fields of a form with the name of its file in place of the file; why it cannot be read.
    pub(super) value: Result<Value, String>,
    /// The file of a form; the last one where there are several.
    pub(super) file: Bytes,
    /// Every file of a form, with the name of its field.
    pub(super) files: Vec<(String, Bytes)>,
    /// Whether the fields came as text.
    pub(super) is_form: bool,
}

impl Form {
    /// Reads a body whose headers are `parts`.
    pub(super) async fn read(parts: &Parts, body: Bytes) -> Self {
        let media = parts.headers.get("content-type").and_then(|media| media.to_str().ok()).unwrap_or_default();
        if media.starts_with("multipart/form-data") {
            return Self::parts(parts.clone(), body).await;
        }
        let value = match body.is_empty() {
            true => Ok(Value::Null),
            false => serde_json::from_slice(&body).map_err(|broken| broken.to_string()),
        };
        Self { value, file: Bytes::new(), files: Vec::new(), is_form: false }
    }

    async fn parts(parts: Parts, body: Bytes) -> Self {
        let mut files = Vec::new();
        let value = fields(Request::from_parts(parts, Body::from(body)), &mut files).await;
        let file = files.last().map(|(_, bytes): &(String, Bytes)| bytes.clone()).unwrap_or_default();
        Self { value, file, files, is_form: true }
    }
}

async fn fields(mut request: Request, files: &mut Vec<(String, Bytes)>) -> Result<Value, String> {
    axum::extract::DefaultBodyLimit::disable().apply(&mut request);
    let mut form = Multipart::from_request(request, &()).await.map_err(|broken| broken.to_string())?;
    let mut object = Map::new();
    while let Some(field) = form.next_field().await.map_err(|broken| broken.to_string())? {
        let name = field.name().unwrap_or_default().to_owned();
        let kept = field.file_name().map(str::to_owned);
        let bytes = field.bytes().await.map_err(|broken| broken.to_string())?;
        let text = match kept {
            Some(kept) => {
                files.push((name.trim_end_matches("[]").to_owned(), bytes));
                kept
            }
            None => String::from_utf8_lossy(&bytes).into_owned(),
        };
        put(&mut object, &name, text);
    }
    Ok(object.into())
}

/// Puts a field into its place: `expires_after[seconds]` is a part of `expires_after`, each `image[]` one of a list.
fn put(object: &mut Map<String, Value>, name: &str, text: String) {
    if let Some(list) = name.strip_suffix("[]") {
        if let Some(list) = object.entry(list).or_insert_with(|| json!([])).as_array_mut() {
            list.push(text.into());
        }
        return;
    }
    let Some((outer, inner)) = name.strip_suffix(']').and_then(|name| name.split_once('[')) else {
        return drop(object.insert(name.to_owned(), text.into()));
    };
    let value = text.parse::<i64>().map_or(text.into(), Value::from);
    if let Some(parts) = object.entry(outer).or_insert_with(|| json!({})).as_object_mut() {
        parts.insert(inner.to_owned(), value);
    }
}

/// The body, or the refusal of one that is longer than this.
pub(super) async fn bytes(body: Body, most: u64) -> Result<Bytes, crate::fault::Kind> {
    let limit = usize::try_from(most).unwrap_or(usize::MAX);
    axum::body::to_bytes(body, limit).await.map_err(|_| trouble::too_large(most))
}
