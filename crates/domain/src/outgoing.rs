//! What the bot sends, before a platform's form is given to it.

use crate::ids::{ExchangeId, MessageId};
use serde::{Deserialize, Serialize};

/// A button under a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// What a person reads on it, in their language.
    pub label: String,
    /// What comes back when it is pressed, at most 64 bytes: see [`Press`].
    pub data: String,
}

/// What a pressed button asks for. Its short form travels in [`Button::data`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Press {
    /// End the running answer.
    Stop,
    /// Answer once more.
    Again(ExchangeId),
    /// 👍
    Up(ExchangeId),
    /// 👎
    Down(ExchangeId),
    /// ✏️: explain how to correct this answer.
    Correct(ExchangeId),
    /// Choose: a command with its argument, as if typed (`/lang ru`).
    Say(String),
}

impl Press {
    /// The short form, at most 64 bytes for ids that we mint.
    pub fn encode(&self) -> String {
        match self {
            Self::Stop => "stop".to_owned(),
            Self::Again(id) => format!("again:{id}"),
            Self::Up(id) => format!("up:{id}"),
            Self::Down(id) => format!("down:{id}"),
            Self::Correct(id) => format!("fix:{id}"),
            Self::Say(command) => format!("say:{command}"),
        }
    }
    /// Reads the short form; none for anything else (old or foreign buttons).
    pub fn decode(data: &str) -> Option<Self> {
        if data == "stop" {
            return Some(Self::Stop);
        }
        let (verb, rest) = data.split_once(':')?;
        Some(match verb {
            "again" => Self::Again(rest.into()),
            "up" => Self::Up(rest.into()),
            "down" => Self::Down(rest.into()),
            "fix" => Self::Correct(rest.into()),
            "say" => Self::Say(rest.to_owned()),
            _ => return None,
        })
    }
}

/// One thing to deliver to a chat: an answer, a notice, a settings reply.
///
/// `markdown` is what the model or we wrote; a channel renders and splits it for its platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Outgoing {
    /// Text in Markdown, as long as it likes.
    pub markdown: String,
    /// The message this answers; shown as a reply in groups.
    #[serde(default)]
    pub reply_to: Option<MessageId>,
    /// Rows of buttons under the last part.
    #[serde(default)]
    pub buttons: Vec<Vec<Button>>,
    /// The exchange whose answer this is, none for notices.
    #[serde(default)]
    pub exchange: Option<ExchangeId>,
    /// Messages of ours that already show an earlier form of this (a streamed or edited answer),
    /// in order: they are edited, surplus ones deleted, further ones sent.
    #[serde(default)]
    pub shown: Vec<MessageId>,
    /// A file to attach instead of text that is too long: name and contents.
    #[serde(default)]
    pub file: Option<TextFile>,
}

/// A text file to send along.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextFile {
    /// File name with extension.
    pub name: String,
    /// Contents, UTF-8.
    pub text: String,
}
