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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// A file that the platform holds and that has not been fetched.
    File {
        /// The platform's handle for fetching it.
        handle: String,
        /// File name as given, or empty.
        name: String,
        /// Media type as claimed, or empty.
        mime: String,
        /// Size in bytes as claimed, 0 when unknown.
        size: u64,
    },
    /// Something this bot does not read (sticker, voice, photo, poll …), by its platform word.
    Unreadable {
        /// The platform's word for it: `voice`, `sticker`, `poll` …
        what: String,
    },
}

/// A message that a person wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
            Act::Stopped | Act::Membership { .. } | Act::Migrated { .. } => None,
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
