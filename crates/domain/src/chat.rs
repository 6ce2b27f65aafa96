//! A request to a language model and what streams back, in the field's common terms.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// Who speaks in a prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Instructions.
    System,
    /// The person (or, in a group, one of them).
    User,
    /// The model.
    Assistant,
}

/// One message of a prompt.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Turn {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub content: String,
    /// Pictures shown with it, in the order in which they are meant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pictures: Vec<PictureRef>,
}

impl Turn {
    /// A message of words alone.
    pub fn new(role: Role, content: impl Into<String>) -> Self {
        Self { role, content: content.into(), pictures: Vec::new() }
    }
    /// The same with these pictures shown with it.
    #[must_use]
    pub fn showing(mut self, pictures: Vec<PictureRef>) -> Self {
        self.pictures = pictures;
        self
    }
    /// Whether it says and shows nothing.
    pub fn is_empty(&self) -> bool {
        self.content.trim().is_empty() && self.pictures.is_empty()
    }
}

/// A picture as a model is shown it. Clones share its bytes.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PictureRef {
    /// Media type, such as `image/png`.
    pub mime: String,
    /// The file, base64 with the standard alphabet and padding.
    #[serde(serialize_with = "shared_text::write", deserialize_with = "shared_text::read")]
    pub base64: Arc<str>,
}

impl PictureRef {
    /// A picture of that media type, from its file as base64 (standard alphabet, padded).
    pub fn new(mime: impl Into<String>, base64: impl Into<Arc<str>>) -> Self {
        Self { mime: mime.into(), base64: base64.into() }
    }
    /// The address that holds the whole picture: `data:image/png;base64,…`.
    pub fn data_url(&self) -> String {
        format!("data:{};base64,{}", self.mime, self.base64)
    }
    /// Size of the file, bytes.
    pub fn size(&self) -> usize {
        let padding = self.base64.bytes().rev().take_while(|byte| *byte == b'=').count();
        (self.base64.len() / 4 * 3).saturating_sub(padding)
    }
}

/// A log tells what picture it is, not its bytes.
impl fmt::Debug for PictureRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PictureRef({}, {} bytes)", self.mime, self.size())
    }
}

/// A text that is shared between clones, stored as a plain one.
mod shared_text {
    use serde::{Deserialize as _, Deserializer, Serializer};
    use std::sync::Arc;

    pub(super) fn write<S: Serializer>(text: &Arc<str>, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(text)
    }

    pub(super) fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Arc<str>, D::Error> {
        String::deserialize(from).map(Into::into)
    }
}

/// What a model is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChatRequest {
    /// The prompt in order: system text, summary, history, the person's message last.
    pub turns: Vec<Turn>,
    /// Most tokens the answer may have; none leaves it to the model.
    pub max_tokens: Option<u32>,
    /// Sampling temperature, 0 to 2; none leaves it to the model.
    pub temperature: Option<f32>,
}

impl ChatRequest {
    /// Whether a picture is shown in it.
    pub fn shows(&self) -> bool {
        self.turns.iter().any(|turn| !turn.pictures.is_empty())
    }
}

/// Tokens that a call used, as the provider counted them (or as counted here, when it did not say).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    /// Tokens of the prompt.
    pub prompt: u64,
    /// Tokens of the answer.
    pub completion: u64,
    /// Whether these were counted here and not by the provider.
    pub estimated: bool,
}

/// Why an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finish {
    /// The model was done.
    Complete,
    /// It reached its length limit.
    Length,
    /// The provider's filter cut it.
    Filtered,
    /// The person stopped it.
    Stopped,
    /// The connection broke or a time limit passed after something had been said.
    CutOff,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_turn_without_pictures_is_stored_as_it_always_was() {
        let stored = r#"{"role":"user","content":"hi"}"#;
        let turn: Turn = serde_json::from_str(stored).unwrap();
        assert_eq!((&turn, serde_json::to_string(&turn).unwrap().as_str()), (&Turn::new(Role::User, "hi"), stored));
    }

    #[test]
    fn a_picture_is_stored_with_its_turn_and_a_log_tells_only_its_size() {
        let turn = Turn::new(Role::User, "").showing(vec![PictureRef::new("image/png", "AAECAw==")]);
        let back: Turn = serde_json::from_str(&serde_json::to_string(&turn).unwrap()).unwrap();
        assert_eq!((&back, back.is_empty()), (&turn, false));
        assert_eq!(format!("{:?}", back.pictures), "[PictureRef(image/png, 4 bytes)]");
    }
}
