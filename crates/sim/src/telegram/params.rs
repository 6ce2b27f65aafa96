//! The parameters of a request, in each of the four forms that the Bot API takes: query, JSON,
//! urlencoded and multipart.

use super::spec::spec;
use axum::body::to_bytes;
use axum::extract::multipart::MultipartError;
use axum::extract::{FromRequest as _, Multipart, Request};
use axum::http::StatusCode;
use bytes::Bytes;
use serde_json::{Map, Value};

/// Bytes of a request beside its file.
pub(super) const FIELDS: usize = 256 * 1024;

/// A file of a form.
pub(super) struct Upload {
    pub(super) part: String,
    pub(super) name: String,
    /// The content type that the client gave.
    pub(super) media: Option<String>,
    pub(super) bytes: Bytes,
}

/// Why a request cannot be read.
pub(super) enum Unreadable {
    /// It is too large.
    TooLarge,
    /// It breaks a rule, in words.
    Broken(String),
}

impl From<String> for Unreadable {
    fn from(told: String) -> Self {
        Self::Broken(told)
    }
}

impl From<MultipartError> for Unreadable {
    fn from(error: MultipartError) -> Self {
        match error.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge,
            _ => Self::Broken(error.body_text()),
        }
    }
}

/// What a request carries.
#[derive(Default)]
pub(super) struct Params {
    pub(super) fields: Map<String, Value>,
    pub(super) files: Vec<Upload>,
}

impl Params {
    /// Reads a request, or says why it cannot be read.
    pub(super) async fn read(method: &str, request: Request, largest: usize) -> Result<Self, Unreadable> {
        let mut params = Self::default();
        if let Some(query) = request.uri().query() {
            params.read_pairs(method, query);
        }
        let media =
            request.headers().get("content-type").and_then(|media| media.to_str().ok()).unwrap_or("").to_owned();
        if media.starts_with("multipart/form-data") {
            params.read_parts(method, request, largest).await?;
            return Ok(params);
        }
        let body = to_bytes(request.into_body(), largest + FIELDS).await.map_err(|broken| broken.to_string())?;
        if media.starts_with("application/x-www-form-urlencoded") {
            params.read_pairs(method, &String::from_utf8_lossy(&body));
        } else if !body.is_empty() {
            params.read_json(&media, &body)?;
        }
        Ok(params)
    }

    fn read_json(&mut self, media: &str, body: &[u8]) -> Result<(), String> {
        if !media.starts_with("application/json") {
            return Err(format!("content type `{media}` is none that the Bot API reads"));
        }
        match serde_json::from_slice(body) {
            Ok(Value::Object(fields)) if self.fields.is_empty() => self.fields = fields,
            Ok(Value::Object(fields)) => self.fields.extend(fields),
            Ok(_) => return Err("the body is JSON, but no object".to_owned()),
            Err(broken) => return Err(format!("the body is no JSON: {broken}")),
        }
        Ok(())
    }

    fn read_pairs(&mut self, method: &str, text: &str) {
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decode(name), decode(value));
            let value = spec().read(method, &name, &value);
            self.fields.insert(name, value);
        }
    }

    async fn read_parts(&mut self, method: &str, request: Request, largest: usize) -> Result<(), Unreadable> {
        let mut form = Multipart::from_request(request, &()).await.map_err(|broken| broken.to_string())?;
        while let Some(part) = form.next_field().await? {
            let part_name = part.name().unwrap_or_default().to_owned();
            let file_name = part.file_name().map(str::to_owned);
            let media = part.content_type().map(str::to_owned);
            let bytes = part.bytes().await?;
            match file_name {
                Some(_) if bytes.len() > largest => return Err(Unreadable::TooLarge),
                Some(name) => self.files.push(Upload { part: part_name, name, media, bytes }),
                None => {
                    let value = spec().read(method, &part_name, &String::from_utf8_lossy(&bytes));
                    self.fields.insert(part_name, value);
                }
            }
        }
        Ok(())
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.fields.get(name).filter(|value| !value.is_null())
    }
    pub(super) fn int(&self, name: &str) -> Option<i64> {
        self.get(name)?.as_i64()
    }
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }
    pub(super) fn flag(&self, name: &str) -> bool {
        self.get(name).and_then(Value::as_bool).unwrap_or(false)
    }
    pub(super) fn list(&self, name: &str) -> Option<&[Value]> {
        self.get(name)?.as_array().map(Vec::as_slice)
    }

    /// The upload that a field names: its own part, or one by `attach://`.
    pub(super) fn upload(&self, field: &str) -> Option<&Upload> {
        match self.text(field) {
            Some(text) => self.attached(text),
            None => self.files.iter().find(|file| file.part == field),
        }
    }
    /// The upload that `attach://` names.
    pub(super) fn attached(&self, text: &str) -> Option<&Upload> {
        let part = text.strip_prefix("attach://")?;
        self.files.iter().find(|file| file.part == part)
    }
    pub(super) fn has_file(&self, part: &str) -> bool {
        self.files.iter().any(|file| file.part == part)
    }
}

/// Undoes percent-encoding and `+`.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let hex = bytes.get(at + 1..at + 3).and_then(|hex| std::str::from_utf8(hex).ok());
        match (byte, hex.and_then(|hex| u8::from_str_radix(hex, 16).ok())) {
            (b'%', Some(decoded)) => {
                out.push(decoded);
                at += 3;
                continue;
            }
            (b'+', _) => out.push(b' '),
            (other, _) => out.push(*other),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_encoding_is_undone() {
        assert_eq!(decode("a+b%20%D1%8B%2"), "a b ы%2");
    }
}
