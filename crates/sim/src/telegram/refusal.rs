//! Refusals in Telegram's own words: what a bot must be able to tell apart.

use serde_json::{Value, json};

/// An answer that is not ok.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) code: u16,
    pub(super) description: String,
    pub(super) parameters: Option<Value>,
}

impl Refusal {
    pub(super) fn new(code: u16, description: impl Into<String>) -> Self {
        Self { code, description: description.into(), parameters: None }
    }
    pub(super) fn bad(description: impl AsRef<str>) -> Self {
        Self::new(400, format!("Bad Request: {}", description.as_ref()))
    }
    pub(super) fn chat_not_found() -> Self {
        Self::bad("chat not found")
    }
    pub(super) fn too_many(retry_after: u64) -> Self {
        let description = format!("Too Many Requests: retry after {retry_after}");
        Self { code: 429, description, parameters: Some(json!({"retry_after": retry_after})) }
    }
    pub(super) fn too_large() -> Self {
        Self::new(413, "Request Entity Too Large")
    }
    pub(super) fn migrated(to: i64) -> Self {
        let refusal = Self::bad("group chat was upgraded to a supergroup chat");
        Self { parameters: Some(json!({"migrate_to_chat_id": to})), ..refusal }
    }
    pub(super) fn body(&self) -> String {
        let mut body = json!({"ok": false, "error_code": self.code, "description": self.description});
        if let (Some(parameters), Some(body)) = (&self.parameters, body.as_object_mut()) {
            body.insert("parameters".to_owned(), parameters.clone());
        }
        body.to_string()
    }
}
