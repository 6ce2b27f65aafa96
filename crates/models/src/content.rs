//! The messages of a request as servers take them: plain text, or text and pictures in parts.
//!
//! Servers take pictures from the person alone, so what another role shows goes with the person's next message.
//! A server that cannot see says so in words of its own; [`cannot_see`] knows them. No picture is ever left out.

use domain::chat::{PictureRef, Role, Turn};
use serde::Serialize;
use serde_json::{Value, json};
use std::borrow::Cow;

/// One message of a request.
#[derive(Serialize)]
pub(crate) struct Message<'a> {
    pub(crate) role: &'static str,
    pub(crate) content: Content<'a>,
}

/// What a message says and shows.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Content<'a> {
    Text(Cow<'a, str>),
    Parts(Vec<Value>),
}

impl Content<'_> {
    /// Puts instructions before what is there.
    pub(crate) fn precede(&mut self, instructions: &str) {
        match self {
            Self::Text(text) => *text = format!("{instructions}\n\n{text}").into(),
            Self::Parts(parts) => parts.insert(0, text_part(instructions)),
        }
    }
    /// Its words, where they are all there is.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Parts(_) => None,
        }
    }
}

impl<'a> From<&'a str> for Content<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text.into())
    }
}

/// The messages of a prompt.
pub(crate) fn messages(turns: &[Turn]) -> Vec<Message<'_>> {
    let mut messages = Vec::with_capacity(turns.len());
    let mut waiting: Vec<&PictureRef> = Vec::new();
    for turn in turns {
        waiting.extend(&turn.pictures);
        let shown = if turn.role == Role::User { std::mem::take(&mut waiting) } else { Vec::new() };
        messages.push(Message { role: name(turn.role), content: content(&turn.content, &shown) });
    }
    if !waiting.is_empty() {
        messages.push(Message { role: name(Role::User), content: content("", &waiting) });
    }
    messages
}

const fn name(role: Role) -> &'static str {
    match role {
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
    }
}

fn content<'a>(text: &'a str, shown: &[&PictureRef]) -> Content<'a> {
    if shown.is_empty() {
        return text.into();
    }
    let words = (!text.trim().is_empty()).then(|| text_part(text));
    let picture =
        |shown: &&PictureRef| json!({"type": "image_url", "image_url": {"url": shown.data_url(), "detail": "auto"}});
    Content::Parts(words.into_iter().chain(shown.iter().map(picture)).collect())
}

fn text_part(text: &str) -> Value {
    json!({"type": "text", "text": text})
}

/// What servers say when a model cannot see, lower case. What they say of one broken picture ("unsupported image
/// format") is not among it.
const BLIND: [&str; 19] = [
    "image_url is only supported by certain models",
    "unknown variant `image_url`",
    "unknown variant 'image_url'",
    "not support image",
    "not support vision",
    "not support multimodal",
    "not support the image",
    "image input is not supported",
    "image inputs are not supported",
    "images are not supported",
    "vision is not supported",
    "that support image input",
    "not a multimodal model",
    "not a vision model",
    "missing data required for image input",
    "at most 0 image",
    "unsupported content[].type",
    "content must be a string",
    "content part type image_url",
];

/// Whether a refusal of a request with pictures says that the model sees none.
pub(crate) fn cannot_see(words: &str) -> bool {
    let words = words.to_lowercase();
    BLIND.iter().any(|phrase| words.contains(phrase))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_the_assistant_showed_goes_with_the_persons_next_message() {
        let picture = |data: &str| vec![PictureRef::new("image/png", data)];
        let turns = [
            Turn::new(Role::Assistant, "Here it is.").showing(picture("AAAA")),
            Turn::new(Role::User, "And this?").showing(picture("BBBB")),
            Turn::new(Role::Assistant, "").showing(picture("CCCC")),
        ];
        let part = |data: &str| json!({"type": "image_url", "image_url": {"url": format!("data:image/png;base64,{data}"), "detail": "auto"}});
        assert_eq!(
            serde_json::to_value(messages(&turns)).unwrap(),
            json!([
                {"role": "assistant", "content": "Here it is."},
                {"role": "user", "content": [{"type": "text", "text": "And this?"}, part("AAAA"), part("BBBB")]},
                {"role": "assistant", "content": ""},
                {"role": "user", "content": [part("CCCC")]},
            ])
        );
    }

    #[test]
    fn a_model_that_cannot_see_is_told_from_a_picture_that_cannot_be_read() {
        for words in [
            "Invalid content type. image_url is only supported by certain models.",
            "Failed to deserialize the JSON body: messages[0]: unknown variant `image_url`, expected `text`",
            "image input is not supported - hint: if this is unexpected, you may need to provide the mmproj",
            "llama3 is not a multimodal model",
            "At most 0 image(s) may be provided in one request.",
            "No endpoints found that support image input",
            "This model does not support image input",
        ] {
            assert!(cannot_see(words), "{words}");
        }
        for words in ["You uploaded an unsupported image. Please use png, jpeg, gif or webp.", "image too large", ""] {
            assert!(!cannot_see(words), "{words}");
        }
    }
}
