//! What people do, in one vocabulary for every platform. Platform types end where these begin.
//!
//! An `Incoming` is what a work item holds: it is stored as JSON, so fields are only ever added,
//! each with a default.

use crate::ids::{AccountId, ConversationId, Lane, MessageId, Millis};
use serde::{Deserialize, Serialize};

/// Where people talk to the bot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// Telegram, by the Bot API.
    Telegram,
    /// Discord.
    Discord,
    /// The web page of the bot itself.
    Web,
}

impl Channel {
    /// The channel's name in ids, settings and the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Telegram => "telegram",
            Self::Discord => "discord",
            Self::Web => "web",
        }
    }
    /// Finds the channel of that name.
    pub fn find(name: &str) -> Option<Self> {
        [Self::Telegram, Self::Discord, Self::Web].into_iter().find(|c| c.name() == name)
    }
}

/// How many people a chat holds, and what kind of place it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChatKind {
    /// One person and the bot.
    Private,
    /// Several people.
    Group,
    /// One-to-many; the bot does not answer there.
    Broadcast,
}

/// A place to talk: a chat, or one topic (thread) of a chat.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The platform.
    pub channel: Channel,
    /// The chat as the platform numbers it.
    pub chat: String,
    /// The topic or thread inside the chat, where there is one.
    #[serde(default)]
    pub thread: Option<String>,
    /// Private, group or broadcast.
    pub kind: ChatKind,
}

impl Place {
    /// The conversation that this place is: `channel:chat` or `channel:chat:thread`.
    pub fn conversation(&self) -> ConversationId {
        let chat = format!("{}:{}", self.channel.name(), self.chat);
        ConversationId(match &self.thread {
            Some(thread) => format!("{chat}:{thread}"),
            None => chat,
        })
    }
    /// The lane in which this place's messages are handled in order.
    pub fn lane(&self) -> Lane {
        Lane(self.conversation().0)
    }
    /// The lane for what must not wait behind a running answer (stop).
    pub fn control_lane(&self) -> Lane {
        Lane(format!("{}!", self.conversation().0))
    }
}

/// Who did it, as the platform shows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// The platform's id of the account.
    pub account: AccountId,
    /// Display name, as the person wrote it (any script; may be empty).
    #[serde(default)]
    pub name: String,
    /// `@username` without the sign, where there is one.
    #[serde(default)]
    pub username: Option<String>,
    /// IETF language tag the platform reports (`ru`, `en-GB`), a first guess only.
    #[serde(default)]
    pub language: Option<String>,
    /// Whether the account is itself a bot (never answered).
    #[serde(default)]
    pub is_bot: bool,
}

/// The message that a message replies to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyTo {
    /// Its id.
    pub message: MessageId,
    /// Whether this bot wrote it.
    pub ours: bool,
    /// Its text, as far as the platform sent it along (a quoted part if the person chose one).
    #[serde(default)]
    pub text: String,
    /// Display name of its author.
    #[serde(default)]
    pub author: String,
    /// What hangs on it.
    #[serde(default)]
    pub attachments: Vec<Attachment>,
}

/// Something attached to a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Attachment {
    /// A text file whose contents are already here (the page's upload), at most 1 MiB.
    Text {
        /// File name as given.
        name: String,
        /// Contents, UTF-8.
        text: String,
    },
    /// A file that has not been fetched.
    File(Attached),
    /// Something this bot does not take in (poll, contact, dice …), by its platform word.
    Unreadable {
        /// The platform's word for it: `poll`, `contact`, `dice` …
        what: String,
    },
}

/// A file that came with a message: the platform holds it, or the blob store does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attached {
    /// The platform's handle for fetching it; on the page, the blob's id.
    pub handle: String,
    /// File name as given, or empty.
    pub name: String,
    /// Media type as claimed, or empty.
    pub mime: String,
    /// Size in bytes as claimed, 0 when unknown.
    pub size: u64,
    /// As what it was sent.
    #[serde(default)]
    pub media: Media,
    /// Length of a recording in seconds as claimed, 0 when unknown.
    #[serde(default)]
    pub seconds: u32,
    /// What stands for it where it cannot be shown: a sticker's emoji; empty for nothing.
    #[serde(default)]
    pub emoji: String,
    /// Handle of a small still picture of it (a video's, an animated sticker's), where the platform made one.
    #[serde(default)]
    pub still: Option<String>,
}

/// What is to be done with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sense {
    /// Its sound is listened to.
    Hear,
    /// It is looked at.
    See,
    /// It is read.
    Read,
}

impl Attached {
    /// What is to be done with it: as what it was sent decides, then its media type, then its name.
    pub fn sense(&self) -> Sense {
        if self.media.is_heard() {
            return Sense::Hear;
        }
        if self.media.is_seen() {
            return Sense::See;
        }
        let ending = self.name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
        match self.mime.split('/').next() {
            Some("audio" | "video") => Sense::Hear,
            // A drawing in vectors is text, and none of what looks at pictures reads it.
            Some("image") if !self.mime.starts_with("image/svg") => Sense::See,
            _ if SOUNDS.contains(&ending.as_str()) => Sense::Hear,
            _ if PICTURES.contains(&ending.as_str()) => Sense::See,
            _ => Sense::Read,
        }
    }
}

/// Endings of names that promise sound.
const SOUNDS: [&str; 15] =
    ["ogg", "oga", "opus", "mp3", "m4a", "aac", "wav", "flac", "webm", "mka", "mkv", "mp4", "mov", "weba", "m4v"];
/// Endings of names that promise a picture.
const PICTURES: [&str; 12] =
    ["png", "jpg", "jpeg", "gif", "webp", "heic", "heif", "avif", "bmp", "tif", "tiff", "jfif"];

/// As what a file was sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Media {
    /// As a file; what it holds is told by its bytes.
    #[default]
    Document,
    /// A voice message.
    Voice,
    /// A recording or a piece of music.
    Audio,
    /// A film.
    Video,
    /// A round video message.
    VideoNote,
    /// A picture.
    Photo,
    /// A sticker.
    Sticker,
    /// A film without sound.
    Animation,
}

impl Media {
    /// Whether there is something to be heard.
    pub const fn is_heard(self) -> bool {
        matches!(self, Self::Voice | Self::Audio | Self::Video | Self::VideoNote)
    }
    /// Whether there is something to be seen at a glance.
    pub const fn is_seen(self) -> bool {
        matches!(self, Self::Photo | Self::Sticker | Self::Animation)
    }
}

/// Whose words a forwarded message carries.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forwarded {
    /// Display name of who wrote it: a person, a chat, or a name that hides its account.
    pub from: String,
}

/// A message that a person wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Its id in the chat.
    pub id: MessageId,
    /// Plain text; formatting is dropped, code fences are put back as Markdown.
    pub text: String,
    /// What it replies to.
    #[serde(default)]
    pub reply_to: Option<ReplyTo>,
    /// Whether it names the bot (`@bot`, or a command addressed to it).
    #[serde(default)]
    pub mentions_bot: bool,
    /// What hangs on it.
    #[serde(default)]
    pub attachments: Vec<Attachment>,
    /// The platform's name of the album that it is a part of: its messages are one.
    #[serde(default)]
    pub album: Option<String>,
    /// Whose words these are, when the person only passes them on.
    #[serde(default)]
    pub forwarded: Option<Forwarded>,
    /// What was heard in its recordings, which are then no longer attached; the text says it too.
    #[serde(default)]
    pub heard: Vec<Heard>,
}

/// What was heard in a recording.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    /// The words.
    pub text: String,
    /// The language in which they were taken down, as the recogniser names it; empty when it does not say.
    #[serde(default)]
    pub language: String,
    /// The recording's blob, where it is kept: BLAKE3 hash, 64 hexadecimal digits.
    #[serde(default)]
    pub blob: Option<String>,
    /// How long it is, milliseconds.
    pub ms: u64,
    /// Who took it down, as the settings name it.
    pub by: String,
}

/// What a person did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Act {
    /// Wrote a message.
    Said(Message),
    /// Changed a message they had written.
    Edited(Message),
    /// Pressed a button under one of our messages.
    Pressed {
        /// The platform's id of the press, to be acknowledged.
        press: String,
        /// The message that carries the button.
        message: MessageId,
        /// What the button carries: a [`crate::outgoing::Button`] in its short form, ≤ 64 bytes.
        data: String,
    },
    /// Changed the reactions on a message: all emoji that are now there from this person.
    Reacted {
        /// The message.
        message: MessageId,
        /// The emoji now there, in order.
        emoji: Vec<String>,
    },
    /// Asked in passing, in some other chat, while typing the bot's name there.
    Inline {
        /// The platform's id of the query, to be answered within seconds.
        query: String,
        /// What was typed, possibly nothing yet.
        text: String,
    },
    /// Pressed the platform's own stop button while an answer was streaming.
    Stopped,
    /// Let the bot in, or out (blocked it, removed it from the group).
    Membership {
        /// Whether the bot may now write here.
        present: bool,
    },
    /// The chat got a new id; history follows.
    Migrated {
        /// The new chat id.
        to: String,
    },
}

/// One thing that happened, ready to be stored and handled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incoming {
    /// Where.
    pub place: Place,
    /// By whom.
    pub author: Author,
    /// When the platform says it happened.
    pub at: Millis,
    /// Makes a repeated update one: channel, bot and update id.
    pub dedupe: String,
    /// What.
    pub act: Act,
}

impl Incoming {
    /// The lane this belongs to: the chat's, its control lane for what ends a running answer, or the
    /// new chat's for a move, so that the history is there before what is said there is handled.
    pub fn lane(&self) -> Lane {
        match &self.act {
            Act::Migrated { to } => Place { chat: to.clone(), thread: None, ..self.place.clone() }.lane(),
            _ if self.is_stop() => self.place.control_lane(),
            _ => self.place.lane(),
        }
    }
    /// The message that this is about, where it is about one.
    pub fn message_id(&self) -> Option<&MessageId> {
        match &self.act {
            Act::Said(message) | Act::Edited(message) => Some(&message.id),
            Act::Pressed { message, .. } | Act::Reacted { message, .. } => Some(message),
            Act::Inline { .. } | Act::Stopped | Act::Membership { .. } | Act::Migrated { .. } => None,
        }
    }
    /// Whether this asks to end the running answer.
    pub fn is_stop(&self) -> bool {
        match &self.act {
            Act::Stopped => true,
            Act::Pressed { data, .. } => data == "stop",
            Act::Said(message) => crate::command::is_stop(&message.text),
            _ => false,
        }
    }
}
