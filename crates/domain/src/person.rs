//! People, their roles and what they have set.

use crate::ids::{DocumentId, MessageId, PersonId};
use serde::{Deserialize, Serialize};

/// What a person may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Refused, without a word.
    Blocked,
    /// Not known yet: told once that the bot is private.
    Stranger,
    /// May talk and teach for themselves.
    User,
    /// What they teach counts for everyone.
    Trainer,
    /// May do everything.
    Owner,
}

impl Standing {
    /// The name in settings, commands and the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::Stranger => "stranger",
            Self::User => "user",
            Self::Trainer => "trainer",
            Self::Owner => "owner",
        }
    }
    /// Finds the standing of that name.
    pub fn find(name: &str) -> Option<Self> {
        [Self::Blocked, Self::Stranger, Self::User, Self::Trainer, Self::Owner].into_iter().find(|s| s.name() == name)
    }
}

/// Languages the bot itself speaks (a model may speak more).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Russian.
    Ru,
}

impl Lang {
    /// IETF language tag: `en`, `ru`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ru => "ru",
        }
    }
    /// Reads an IETF tag by its primary language (`ru-RU` is Russian); none for other languages.
    pub fn find(tag: &str) -> Option<Self> {
        match tag.split(['-', '_']).next()?.to_ascii_lowercase().as_str() {
            "en" => Some(Self::En),
            "ru" => Some(Self::Ru),
            _ => None,
        }
    }
    /// The first guess for somebody whose platform reports `tag`: English where we do not speak theirs.
    pub fn guess(tag: Option<&str>) -> Self {
        tag.and_then(Self::find).unwrap_or_default()
    }
}

/// A person as the store knows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Who.
    pub id: PersonId,
    /// What they may do.
    pub standing: Standing,
    /// Display name, last seen.
    pub name: String,
    /// Their language, chosen or guessed.
    pub lang: Lang,
    /// What they have set.
    #[serde(default)]
    pub prefs: Prefs,
}

/// What a person has set for themselves, on every platform. Fields are only ever added.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Prefs {
    /// Whether they chose their language (else the platform's guess may change it).
    pub lang_chosen: bool,
    /// Whether what they teach and ask may be used to train models; none before they said.
    pub training: Option<bool>,
    /// Whether they were asked about that.
    pub asked_training: bool,
    /// When their answers are spoken too.
    pub voice: VoiceMode,
    /// The language they speak in recordings (`ru-RU`), `auto` to have it detected; none is the language of the bot's words.
    pub spoken: Option<String>,
    /// Whether they were told how to correct what was heard.
    pub told_hearing: bool,
    /// When they were told that the bot is private (milliseconds), so that it is said only once a day.
    pub told_private: Option<i64>,
}

/// When answers are spoken as well as written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VoiceMode {
    /// Never.
    Off,
    /// When the person spoke.
    #[default]
    Mirror,
    /// Always.
    Always,
}

impl VoiceMode {
    /// The name in commands.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Mirror => "mirror",
            Self::Always => "always",
        }
    }
    /// Finds the mode of that name.
    pub fn find(name: &str) -> Option<Self> {
        [Self::Off, Self::Mirror, Self::Always].into_iter().find(|mode| mode.name() == name)
    }
}

/// What is set for a conversation. Fields are only ever added.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChatPrefs {
    /// Model by its name in the settings; none is the default.
    pub model: Option<String>,
    /// Persona by its name in the settings.
    pub persona: Option<String>,
    /// System text in this conversation, in addition to the persona.
    pub system: Option<String>,
    /// Whether some questions get two answers to choose from.
    pub twin: bool,
    /// In groups: whether what is said here may be used to train models.
    pub training: bool,
    /// In groups: words that count as addressing the bot.
    pub keywords: Vec<String>,
    /// Pictures that were lately shown here, newest last, so that a later question may be about them.
    pub seen: Vec<Seen>,
    /// Documents that were lately given here, newest last: short ones are put whole before the model.
    pub read: Vec<DocumentId>,
    /// Why the bot last spoke or stayed silent, for `/why_silent`.
    pub last_decision: Option<String>,
}

/// A picture that was shown in a conversation, prepared for a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// The message that showed it.
    pub message: MessageId,
    /// Its blob: BLAKE3 hash, 64 hexadecimal digits.
    pub blob: String,
    /// Media type.
    pub mime: String,
}
