//! What becomes of something taught: it counts at once, waits for somebody, or is refused, each with the reason.
//!
//! Hides the order in which reasons are weighed. Always holds: what nobody may teach is refused before anything
//! is asked of a person; nothing that speaks to the model instead of teaching it, and no secret, ever counts for
//! others; the same question to [`admit`] has the same answer.

mod injection;
mod language;
#[cfg(test)]
mod tests;

pub use injection::{Attack, attack};

use crate::redact::{self, Kind};
use domain::example::Datum;
use domain::exchange::Scope;
use domain::ids::{ExampleId, PersonId};
use domain::incoming::Channel;
use domain::person::Standing;
use serde::{Deserialize, Serialize};

/// An existing lesson near the new one.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// Its id.
    pub id: ExampleId,
    /// What it answers.
    pub question: String,
    /// Its answer.
    pub answer: String,
    /// Who taught it.
    pub author: PersonId,
    /// How alike the questions are, 0 to 1.
    pub similarity: f32,
}

/// Something taught, with what must be known to judge it.
#[derive(Clone, Copy, Debug)]
pub struct Taught<'t> {
    /// Who taught it.
    pub author: &'t PersonId,
    /// What they may do.
    pub role: Standing,
    /// On which platform.
    pub platform: Channel,
    /// What it teaches.
    pub datum: &'t Datum,
    /// Whom it shall count for.
    pub scope: &'t Scope,
    /// How many things this author taught in the hour before, this one not counted.
    pub recent: u32,
    /// The nearest existing lessons of the same scope.
    pub known: &'t [Known],
    /// Whether it was taught in the group that it shall count for.
    pub group: bool,
    /// How many other members of the group have confirmed it.
    pub votes: u32,
    /// How many members of the group the bot knows.
    pub members: u32,
}

/// What may be taught how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rules {
    /// Most characters of a question, and of an answer.
    pub longest: (usize, usize),
    /// How many other members must confirm what a user teaches a group.
    pub quorum: u32,
    /// Things one author may teach in an hour before the rest waits.
    pub burst: u32,
    /// Similarity from which two questions are the same, 0 to 1.
    pub same: f32,
    /// Platforms on which nothing may be taught.
    pub closed: Vec<Channel>,
}

impl Default for Rules {
    fn default() -> Self {
        Self { longest: (4_000, 16_000), quorum: 2, burst: 30, same: 0.9, closed: Vec::new() }
    }
}

/// Why something waits or is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Reason {
    /// This person, or anybody on this platform, may not teach this scope.
    NotAllowed,
    /// A question or an answer is too long.
    TooLong {
        /// Most characters.
        limit: usize,
        /// Characters that it has.
        length: usize,
    },
    /// There is no question or no answer.
    Empty,
    /// The answer only repeats the question.
    SameAsQuestion,
    /// Question or answer has neither letters nor digits.
    NotText,
    /// It speaks to the model instead of teaching an answer.
    Injection {
        /// How.
        what: Attack,
    },
    /// It holds a secret and would count for others.
    Secret {
        /// Of which kind.
        kind: Kind,
    },
    /// An existing lesson has another answer.
    Conflict {
        /// Which.
        with: ExampleId,
    },
    /// The author teaches too much at once.
    Burst {
        /// Things in an hour.
        limit: u32,
    },
    /// Others of the group have to confirm it.
    PublicGroup {
        /// How many confirmations are missing.
        needed: u32,
    },
    /// A user asks for more than themselves and the group in which they speak.
    WiderScope,
}

impl Reason {
    /// The code in the database and the key of its text.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotAllowed => "not_allowed",
            Self::TooLong { .. } => "too_long",
            Self::Empty => "empty",
            Self::SameAsQuestion => "same_as_question",
            Self::NotText => "not_text",
            Self::Injection { .. } => "injection",
            Self::Secret { .. } => "secret",
            Self::Conflict { .. } => "conflict",
            Self::Burst { .. } => "burst",
            Self::PublicGroup { .. } => "public_group",
            Self::WiderScope => "wider_scope",
        }
    }
}

/// What whoever taught should know about a lesson that counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "note", rename_all = "snake_case")]
pub enum Note {
    /// The answer is in another script than the question.
    LanguageMismatch,
    /// It holds personal data: in one's own scope any, for others what is no secret.
    Personal {
        /// Of which kind.
        kind: Kind,
    },
    /// It replaces an earlier lesson of the same author, or of somebody who has less of a say.
    Replaces {
        /// Which.
        id: ExampleId,
    },
    /// It says what a lesson already says.
    Repeats {
        /// Which.
        id: ExampleId,
    },
}

impl Note {
    /// The key of its text.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::LanguageMismatch => "language_mismatch",
            Self::Personal { .. } => "personal",
            Self::Replaces { .. } => "replaces",
            Self::Repeats { .. } => "repeats",
        }
    }
}

/// What becomes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// It counts from now on.
    Admitted {
        /// What to know about it.
        notes: Vec<Note>,
    },
    /// It waits.
    NeedsReview {
        /// For what.
        reason: Reason,
    },
    /// It does not count.
    Refused {
        /// Why.
        reason: Reason,
    },
}

/// Judges something taught.
pub fn admit(taught: &Taught<'_>, rules: &Rules) -> Verdict {
    if let Some(reason) = refusal(taught, rules) {
        return Verdict::Refused { reason };
    }
    match review(taught, rules) {
        Some(reason) => Verdict::NeedsReview { reason },
        None => Verdict::Admitted { notes: notes(taught, rules) },
    }
}

fn refusal(taught: &Taught<'_>, rules: &Rules) -> Option<Reason> {
    if taught.role < Standing::User || rules.closed.contains(&taught.platform) || !is_reachable(taught) {
        return Some(Reason::NotAllowed);
    }
    shape(taught.datum, rules).or_else(|| {
        let attack = || if taught.role < Standing::Trainer { injected(taught.datum) } else { None };
        if is_own(taught) { None } else { secret(taught.datum).or_else(attack) }
    })
}

/// Nobody teaches another person's private conversations.
fn is_reachable(taught: &Taught<'_>) -> bool {
    match taught.scope {
        Scope::Person(person) => person == taught.author,
        Scope::Everyone | Scope::Conversation(_) => true,
    }
}

fn is_own(taught: &Taught<'_>) -> bool {
    matches!(taught.scope, Scope::Person(person) if person == taught.author)
}

/// What is wrong with a datum whoever taught it.
fn shape(datum: &Datum, rules: &Rules) -> Option<Reason> {
    let answers: Vec<&str> = datum.chosen.iter().chain(&datum.rejected).map(String::as_str).collect();
    if datum.question.trim().is_empty() || answers.is_empty() || answers.iter().any(|answer| answer.trim().is_empty()) {
        return Some(Reason::Empty);
    }
    let asked = too_long(&datum.question, rules.longest.0);
    if let Some(reason) = asked.or_else(|| answers.iter().find_map(|answer| too_long(answer, rules.longest.1))) {
        return Some(reason);
    }
    let says_nothing = |text: &str| !text.chars().any(char::is_alphanumeric);
    if says_nothing(&datum.question) || answers.iter().any(|answer| says_nothing(answer)) {
        return Some(Reason::NotText);
    }
    let repeats = |answer: &String| crate::near::normal(answer) == crate::near::normal(&datum.question);
    datum.chosen.as_ref().is_some_and(repeats).then_some(Reason::SameAsQuestion)
}

fn too_long(text: &str, limit: usize) -> Option<Reason> {
    let length = text.chars().count();
    (length > limit).then_some(Reason::TooLong { limit, length })
}

fn secret(datum: &Datum) -> Option<Reason> {
    let kind = datum.texts().flat_map(redact::find).map(|(kind, _)| kind).find(|kind| kind.is_secret())?;
    Some(Reason::Secret { kind })
}

fn injected(datum: &Datum) -> Option<Reason> {
    datum.texts().find_map(attack).map(|what| Reason::Injection { what })
}

fn review(taught: &Taught<'_>, rules: &Rules) -> Option<Reason> {
    // For oneself, or from whom the owner trusts, it may be meant so; somebody looks at it before it counts.
    if let Some(reason) = injected(taught.datum) {
        return Some(reason);
    }
    if taught.role >= Standing::Trainer {
        return conflict(taught, rules);
    }
    if taught.recent >= rules.burst {
        return Some(Reason::Burst { limit: rules.burst });
    }
    match taught.scope {
        Scope::Everyone => Some(Reason::WiderScope),
        Scope::Person(_) => None,
        Scope::Conversation(_) if !taught.group => Some(Reason::WiderScope),
        Scope::Conversation(_) => conflict(taught, rules).or_else(|| quorum(taught, rules)),
    }
}

/// Missing confirmations. In a group too small for a quorum all the others have to agree.
fn quorum(taught: &Taught<'_>, rules: &Rules) -> Option<Reason> {
    let others = taught.members.saturating_sub(1).max(1);
    let needed = rules.quorum.min(others).saturating_sub(taught.votes);
    (needed > 0).then_some(Reason::PublicGroup { needed })
}

/// The lessons that answer the same question, with whether their answer is the same.
fn rivals<'t>(taught: &Taught<'t>, rules: &Rules) -> Vec<(&'t Known, bool)> {
    let Some(answer) = taught.datum.chosen.as_deref().map(crate::near::normal) else { return Vec::new() };
    let same = taught.known.iter().filter(|known| known.similarity >= rules.same);
    same.map(|known| (known, crate::near::normal(&known.answer) == answer)).collect()
}

/// Another answer of somebody else. The owner decides and is not asked.
fn conflict(taught: &Taught<'_>, rules: &Rules) -> Option<Reason> {
    if taught.role == Standing::Owner {
        return None;
    }
    let rivals = rivals(taught, rules);
    let (rival, _) = rivals.iter().find(|(known, same)| !same && known.author != *taught.author)?;
    Some(Reason::Conflict { with: rival.id.clone() })
}

fn notes(taught: &Taught<'_>, rules: &Rules) -> Vec<Note> {
    let mut notes: Vec<Note> = rivals(taught, rules)
        .into_iter()
        .map(|(known, same)| {
            let id = known.id.clone();
            if same { Note::Repeats { id } } else { Note::Replaces { id } }
        })
        .collect();
    let mut kinds: Vec<Kind> = taught.datum.texts().flat_map(redact::find).map(|(kind, _)| kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    notes.extend(kinds.into_iter().map(|kind| Note::Personal { kind }));
    let answer = taught.datum.chosen.as_deref().unwrap_or_default();
    if language::differs(&taught.datum.question, answer) {
        notes.push(Note::LanguageMismatch);
    }
    notes
}
