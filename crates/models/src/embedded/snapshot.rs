//! What a fit on a person's own questions yields, and how the embedded model takes it up.
//!
//! A snapshot is applied to a running model in place: the lessons stay, and another snapshot, or none, may follow at any
//! time. Its aliases are further wordings of a lesson and live and die with it. Its bans say that an answer is wrong for
//! what is asked so; they speak up only where a question is as near to the ban as to the lesson.

use super::entry::Draft;
use super::score::Coefficients;
use super::{Compared, Embedded, Source};
use domain::exchange::Scope;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// A question and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taught {
    /// The id of the lesson or example.
    pub id: String,
    /// What it answers.
    pub question: String,
    /// The answer.
    pub answer: String,
    /// Whom it counts for.
    pub scope: Scope,
}

/// Another wording of a lesson's question.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Alias {
    /// The wording.
    pub question: String,
    /// The lesson's id.
    pub id: String,
}

/// An answer that is wrong for a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ban {
    /// The question.
    pub question: String,
    /// For whom it was marked.
    pub scope: Scope,
    /// The lesson that gave the answer, where one did.
    pub id: Option<String>,
    /// The fingerprint of the answer, see [`fingerprint`].
    pub answer: String,
}

/// What a fit yields.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The weights, and below which probabilities nothing is said.
    pub coefficients: Coefficients,
    /// Further wordings of what is taught.
    pub aliases: Vec<Alias>,
    /// Pairs that are known to be wrong.
    pub bans: Vec<Ban>,
    /// What was taught when it was fitted; counts as lessons as long as no lesson has its id.
    pub examples: Vec<Taught>,
}

impl Default for Snapshot {
    /// The compiled-in coefficients and nothing else.
    fn default() -> Self {
        let (aliases, bans, examples) = Default::default();
        Self { coefficients: Coefficients::fitted().clone(), aliases, bans, examples }
    }
}

impl Snapshot {
    /// As JSON.
    pub fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }

    /// Reads JSON; fails as well where the weights are those of another version of the model.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(bytes)
    }
}

/// What tells an answer from others, white space and case aside: a BLAKE3 hash, 64 hexadecimal digits.
pub fn fingerprint(answer: &str) -> String {
    let words: Vec<String> = answer.split_whitespace().map(str::to_lowercase).collect();
    blake3::hash(words.join(" ").as_bytes()).to_hex().to_string()
}

/// What of a snapshot is in force.
#[derive(Default)]
pub(super) struct Applied {
    /// Further wordings by the lesson's id.
    aliases: HashMap<String, Vec<String>>,
    examples: Vec<String>,
    bans: Option<Box<Bans>>,
}

/// The wordings of bans, found as lessons are.
struct Bans {
    wordings: Embedded,
    /// What is banned under each wording; its place is the id in `wordings`.
    banned: Vec<Vec<Ban>>,
}

/// How near a question comes: whether it has the very same words, then whether it asks for the same. Not the
/// probability: a question of three bare words is near to a whole one, and nearer to its own three words.
type Nearness = (bool, bool);

pub(super) fn nearness(compared: &Compared) -> Nearness {
    (compared.shows("exact"), compared.shows("same_kind"))
}

impl Bans {
    fn new(bans: &[Ban]) -> Option<Box<Self>> {
        let mut grouped: BTreeMap<(&str, String), Vec<Ban>> = BTreeMap::new();
        for ban in bans {
            grouped.entry((&ban.question, ban.scope.key())).or_default().push(ban.clone());
        }
        let mut wordings = Embedded::empty();
        let banned: Vec<Vec<Ban>> = grouped.into_values().collect();
        for (at, group) in banned.iter().enumerate() {
            let Some(ban) = group.first() else { continue };
            let id = at.to_string();
            let words = [ban.question.as_str(), ban.question.as_str(), ""];
            wordings.index.put(&Arc::from(id.as_str()), [Draft::lesson(&id, &id, ban.scope.clone(), words)]);
        }
        (!banned.is_empty()).then(|| Box::new(Self { wordings, banned }))
    }

    /// What is banned for a question, with how near it is to the ban.
    fn near(&self, question: &str, scopes: &[Scope]) -> Vec<(&Ban, Nearness)> {
        let near = self.wordings.compare(question, scopes, 8).into_iter();
        near.filter(|compared| compared.probability >= self.wordings.coefficients.minimum_for(&compared.source))
            .filter_map(|compared| {
                let Source::Lesson(at) = &compared.source else { return None };
                let banned = self.banned.get(at.as_str().parse::<usize>().ok()?)?;
                Some(banned.iter().map(move |ban| (ban, nearness(&compared))))
            })
            .flatten()
            .collect()
    }
}

/// What must not be said to a question.
pub(super) struct Forbidden<'a>(Vec<(&'a Ban, Nearness)>);

impl Forbidden<'_> {
    /// Whether a lesson's answer is known to be wrong for a question that is so near to the lesson.
    pub(super) fn bars(&self, source: &Source, answer: &str, near: Nearness) -> bool {
        let Source::Lesson(id) = source else { return false };
        self.0.iter().any(|(ban, banned)| {
            *banned >= near && (ban.id.as_deref() == Some(id.as_str()) || ban.answer == fingerprint(answer))
        })
    }
}

fn alias_owner(id: &str) -> Arc<str> {
    Arc::from(format!("alias {id}"))
}

fn example_owner(id: &str) -> Arc<str> {
    Arc::from(format!("example {id}"))
}

impl Embedded {
    /// A model that knows its own user guide, with a snapshot.
    pub fn with_snapshot(snapshot: &Snapshot) -> Self {
        let mut model = Self::new();
        model.apply(snapshot);
        model
    }

    /// Takes up a snapshot in place of the one before; lessons and texts stay.
    pub fn apply(&mut self, snapshot: &Snapshot) {
        self.clear();
        self.coefficients = snapshot.coefficients.clone();
        self.applied.bans = Bans::new(&snapshot.bans);
        for alias in &snapshot.aliases {
            self.applied.aliases.entry(alias.id.clone()).or_default().push(alias.question.clone());
        }
        for example in &snapshot.examples {
            self.applied.examples.push(example.id.clone());
            if !self.index.has(&example.id) {
                let (owner, words) =
                    (example_owner(&example.id), [&*example.question, &*example.question, &*example.answer]);
                self.index.put(&owner, [Draft::lesson(&owner, &example.id, example.scope.clone(), words)]);
            }
        }
        let ids: Vec<String> = self.applied.aliases.keys().cloned().collect();
        ids.iter().for_each(|id| self.name(id));
    }

    /// Goes back to the compiled-in coefficients, without aliases, bans and examples.
    pub fn clear(&mut self) {
        let applied = std::mem::take(&mut self.applied);
        applied.aliases.keys().for_each(|id| self.index.remove(&alias_owner(id)));
        applied.examples.iter().for_each(|id| self.index.remove(&example_owner(id)));
        self.coefficients = Coefficients::fitted().clone();
    }

    /// After a lesson was taken in: it replaces its example and is found by its aliases.
    pub(super) fn taken(&mut self, id: &str) {
        if !self.applied.examples.is_empty() {
            self.index.remove(&example_owner(id));
        }
        self.name(id);
    }

    /// After a lesson was forgotten.
    pub(super) fn forgotten(&mut self, id: &str) {
        if !self.applied.examples.is_empty() {
            self.index.remove(&example_owner(id));
        }
        if self.applied.aliases.contains_key(id) {
            self.index.remove(&alias_owner(id));
        }
    }

    /// Puts a lesson's further wordings beside it.
    fn name(&mut self, id: &str) {
        let Some(wordings) = self.applied.aliases.get(id) else { return };
        let entry = self.index.first_of(id).or_else(|| self.index.first_of(&example_owner(id)));
        let Some((entry, scope)) = entry.filter(|(entry, _)| entry.origin.is_lesson()) else { return };
        let owner = alias_owner(id);
        let draft = |wording: &String| {
            Draft::lesson(&owner, id, scope.clone(), [wording.as_str(), entry.heading(), entry.text()])
        };
        let drafts: Vec<Draft> = wordings.iter().map(draft).collect();
        self.index.put(&owner, drafts);
    }

    pub(super) fn forbidden(&self, question: &str, scopes: &[Scope]) -> Forbidden<'_> {
        Forbidden(self.applied.bans.as_ref().map_or_else(Vec::new, |bans| bans.near(question, scopes)))
    }
}
