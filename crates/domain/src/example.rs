//! What there is to learn from: a question with the answer it should have, the one it should not have, or both.
//!
//! A correction, a demonstration, a rating, a choice between two answers and a line of an imported file all
//! become an [`Example`]. It is proposed, then approved or rejected; an approved one counts as a lesson in
//! the next answer and may enter the next version of the dataset.

use crate::chat::Turn;
use crate::exchange::Scope;
use crate::ids::{ConversationId, DocumentId, ExampleId, ExchangeId, Millis, PersonId, ReleaseId};
use crate::incoming::Channel;
use crate::person::Standing;
use serde::{Deserialize, Serialize};

/// What an example teaches, whatever file or chat it came from. At least one of `chosen` and `rejected` is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Datum {
    /// The instruction before everything else; empty for none.
    pub system: String,
    /// What was said before the question, oldest first.
    pub before: Vec<Turn>,
    /// What is asked: the last message of the person.
    pub question: String,
    /// The answer it should have.
    pub chosen: Option<String>,
    /// An answer it should not have.
    pub rejected: Option<String>,
}

impl Datum {
    /// A question and the answer it should have.
    pub fn of(question: impl Into<String>, chosen: impl Into<String>) -> Self {
        Self { question: question.into(), chosen: Some(chosen.into()), ..Self::default() }
    }
    /// Every text in it, in order.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let before = self.before.iter().map(|turn| turn.content.as_str());
        let answers = self.chosen.iter().chain(&self.rejected).map(String::as_str);
        std::iter::once(self.system.as_str())
            .chain(before)
            .chain(std::iter::once(self.question.as_str()))
            .chain(answers)
    }
    /// The same with every text changed by `change`, in the order of [`Self::texts`].
    #[must_use]
    pub fn map(&self, mut change: impl FnMut(&str) -> String) -> Self {
        Self {
            system: change(&self.system),
            before: self.before.iter().map(|turn| Turn { content: change(&turn.content), ..turn.clone() }).collect(),
            question: change(&self.question),
            chosen: self.chosen.as_deref().map(&mut change),
            rejected: self.rejected.as_deref().map(&mut change),
        }
    }
}

/// Where an example stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExampleState {
    /// Waits for somebody who may approve it.
    #[default]
    Proposed,
    /// Counts.
    Approved,
    /// Was refused.
    Rejected,
    /// Contradicts another one and waits for a decision.
    Conflicted,
    /// Was unlearnt.
    Retired,
}

impl ExampleState {
    /// Every state, in the order in which an example passes through them.
    pub const ALL: [Self; 5] = [Self::Proposed, Self::Approved, Self::Rejected, Self::Conflicted, Self::Retired];
    /// The name in the database and in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Conflicted => "conflicted",
            Self::Retired => "retired",
        }
    }
}

/// How an example came about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "from", rename_all = "snake_case")]
pub enum Origin {
    /// Somebody corrected an answer.
    #[default]
    Correction,
    /// Somebody taught a question and its answer.
    Demonstration,
    /// Somebody rated an answer.
    Rating,
    /// Somebody chose between two answers.
    Choice,
    /// A line of a file.
    Import {
        /// Its name.
        file: String,
        /// Which line, from 1; 0 where the file has none.
        line: u64,
    },
    /// A model proposed it from a document.
    Proposal {
        /// The document.
        document: DocumentId,
    },
}

impl Origin {
    /// The name in reports.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Correction => "correction",
            Self::Demonstration => "demonstration",
            Self::Rating => "rating",
            Self::Choice => "choice",
            Self::Import { .. } => "import",
            Self::Proposal { .. } => "proposal",
        }
    }
}

/// Something to learn from, with where it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Example {
    /// Its id; the lesson that it becomes has the same.
    pub id: ExampleId,
    /// What it teaches.
    pub datum: Datum,
    /// Where it stands.
    pub state: ExampleState,
    /// Whom it counts for.
    pub scope: Scope,
    /// Who taught it.
    pub author: PersonId,
    /// Who had asked, where that is somebody.
    pub asker: Option<PersonId>,
    /// On which platform.
    pub platform: Channel,
    /// In which conversation; examples of one conversation are never split apart.
    pub conversation: ConversationId,
    /// The exchange it is about.
    pub exchange: Option<ExchangeId>,
    /// What had answered.
    pub release: Option<ReleaseId>,
    /// How it came about.
    pub origin: Origin,
    /// Why it waits or was refused, as the code of a reason; empty for none.
    pub reason: String,
    /// When.
    pub at: Millis,
}

impl Example {
    /// Whether it says what the answer is; ratings and choices only say how answers should be, and make no lessons.
    pub const fn is_lesson(&self) -> bool {
        !matches!(self.origin, Origin::Rating | Origin::Choice)
    }
    /// Whether it waits for a decision.
    pub const fn is_open(&self) -> bool {
        matches!(self.state, ExampleState::Proposed | ExampleState::Conflicted)
    }
    /// Whether somebody of that standing may see it and decide about it: trainers about what counts for everybody and for
    /// groups, only owners about what is somebody's own.
    pub fn is_decided_by(&self, standing: Standing) -> bool {
        match &self.scope {
            Scope::Person(_) => standing >= Standing::Owner,
            Scope::Everyone | Scope::Conversation(_) => standing >= Standing::Trainer,
        }
    }
}
