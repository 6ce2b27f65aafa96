//! Identifiers. Each is its own type, so that ids of different things cannot be mixed up.
//!
//! Ids that we mint are ULIDs (26 characters, sortable by time of creation); ids that a platform
//! mints are kept as the platform's text.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// Borrows the id as text.
            pub fn as_str(&self) -> &str { &self.0 }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }
        impl From<&str> for $name {
            fn from(text: &str) -> Self { Self(text.to_owned()) }
        }
        impl From<String> for $name {
            fn from(text: String) -> Self { Self(text) }
        }
    )*};
}

id! {
    /// A person, one across platforms (ULID).
    PersonId;
    /// A conversation: one chat, or one topic of a chat, on one platform (`telegram:-100123:7`).
    ConversationId;
    /// One answered request: what was asked, what was sent to the model, what came back (ULID).
    ExchangeId;
    /// A thing taught: question and the answer it should have (ULID).
    LessonId;
    /// A text given to learn from (ULID).
    DocumentId;
    /// Something to learn from: a question with the answer it should or should not have (ULID).
    ExampleId;
    /// An instruction that counts in every answer of its scope (ULID).
    RuleId;
    /// A training run, a test, an import, an archive (ULID).
    RunId;
    /// What answers: model, prompts and retrieval settings together (content hash).
    ReleaseId;
    /// A message as the platform numbers it, unique within its chat.
    MessageId;
    /// An account as the platform numbers it, unique within its channel.
    AccountId;
    /// A work item's lane: items of one lane are handled in order, one at a time.
    Lane;
}

/// A moment, in milliseconds since 1970-01-01 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Default)]
#[serde(transparent)]
pub struct Millis(pub i64);

impl Millis {
    /// The moment `ms` milliseconds later (earlier when negative), saturating.
    #[must_use]
    pub const fn plus(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }
    /// Milliseconds from `earlier` to this moment.
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}
