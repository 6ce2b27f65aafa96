//! What the bot sends, before a platform's form is given to it.

use crate::ids::{ConversationId, ExchangeId, MessageId};
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
    /// Plain words of somebody (what was heard in a recording), shown above the text as a quotation that folds up.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub quote: String,
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
    /// A file to send along.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<File>,
    /// A picture (PNG or JPEG) that the text is written under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<File>,
    /// Pictures after the first one, each in a message of its own before the last part.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub further: Vec<File>,
    /// A voice message; the text is its caption.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voice: Option<Voice>,
    /// The name of what this shows again and again (`run:01J…`): in a conversation, a later message of the
    /// same name takes the place of the earlier one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<String>,
}

impl Outgoing {
    /// Under which id it is noted which messages of a conversation show this: the exchange's, else that of
    /// the card there, else the empty one of notices.
    pub fn noted_as(&self, conversation: &ConversationId) -> ExchangeId {
        match (&self.exchange, &self.card) {
            (Some(exchange), _) => exchange.clone(),
            (None, Some(card)) => ExchangeId(format!("{card}@{conversation}")),
            (None, None) => ExchangeId::default(),
        }
    }
}

/// A file or a picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// File name with extension.
    pub name: String,
    /// Media type (`image/png`), none where the name says enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mime: Option<String>,
    /// What is in it.
    #[serde(flatten)]
    pub contents: Contents,
}

/// A voice message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voice {
    /// OGG/Opus, mono.
    pub file: File,
    /// How long it is, milliseconds.
    pub ms: u64,
}

/// What is in a file. Only short texts travel through the database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Contents {
    /// A text, UTF-8.
    Text(String),
    /// Bytes that lie elsewhere and are read when they are delivered.
    Stored {
        /// Where, below the data directory: names separated by `/`.
        path: String,
    },
    /// Bytes in the blob store, read when they are delivered.
    Blob {
        /// Their BLAKE3 hash, 64 hexadecimal digits.
        id: String,
    },
}

impl File {
    /// A text file.
    pub fn text(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: name.into(), mime: None, contents: Contents::Text(text.into()) }
    }
    /// A file whose bytes are in the blob store.
    pub fn blob(name: impl Into<String>, mime: impl Into<String>, id: impl Into<String>) -> Self {
        Self { name: name.into(), mime: Some(mime.into()), contents: Contents::Blob { id: id.into() } }
    }
    /// A file whose bytes lie at `path`, below the data directory.
    pub fn stored(name: impl Into<String>, mime: impl Into<String>, path: impl Into<String>) -> Self {
        Self { name: name.into(), mime: Some(mime.into()), contents: Contents::Stored { path: path.into() } }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_delivery_stored_by_an_earlier_version_is_still_read() {
        let stored = r#"{"markdown":"here","file":{"name":"a.txt","text":"abc"}}"#;
        let outgoing: Outgoing = serde_json::from_str(stored).unwrap();
        assert_eq!(outgoing.file, Some(File::text("a.txt", "abc")));
        assert_eq!((outgoing.picture, outgoing.card), (None, None));
        let bare: Outgoing = serde_json::from_str(r#"{"markdown":"here","file":null}"#).unwrap();
        assert_eq!(bare.file, None);
    }

    #[test]
    fn a_text_file_is_stored_so_that_an_earlier_version_reads_it() {
        let stored = serde_json::to_value(File::text("a.txt", "abc")).unwrap();
        assert_eq!(stored, serde_json::json!({"name": "a.txt", "text": "abc"}));
    }

    #[test]
    fn files_and_pictures_come_back_as_they_were_stored() {
        let outgoing = Outgoing {
            file: Some(File::stored("a.tar", "application/x-tar", "runs/1/a.tar")),
            picture: Some(File::stored("curve.png", "image/png", "runs/1/curve.png")),
            further: vec![File::blob("b.png", "image/png", "00ff")],
            voice: Some(Voice { file: File::blob("v.ogg", "audio/ogg", "ff00"), ms: 1500 }),
            card: Some("run:1".to_owned()),
            ..Outgoing::default()
        };
        let stored = serde_json::to_string(&outgoing).unwrap();
        assert_eq!(serde_json::from_str::<Outgoing>(&stored).unwrap(), outgoing);
    }

    #[test]
    fn a_card_is_noted_for_each_conversation_by_itself() {
        let card = Outgoing { card: Some("run:1".to_owned()), ..Outgoing::default() };
        assert_ne!(card.noted_as(&"telegram:1".into()), card.noted_as(&"telegram:2".into()));
        assert_eq!(Outgoing::default().noted_as(&"telegram:1".into()), ExchangeId::default());
    }
}
