//! From approved examples to an immutable version of the dataset.
//!
//! Hides the order of the steps: consent and platform, redaction, canaries, duplicates and contradictions, the
//! share of one author, the split. Always holds: the same examples in any order give the same rows; each example
//! is a row or counted as left out exactly once; what is connected is on one side of the split, and new
//! examples do not move it, unless they connect two groups: then the younger follows the older.

mod entry;
mod manifest;
mod same;
mod split;
#[cfg(test)]
mod tests;

pub use manifest::{About, Broken, Diff, Manifest, RulesTold, bytes, diff, lines, verify};

use crate::redact::Kind;
use domain::example::{Datum, Example};
use domain::ids::{ExampleId, PersonId};
use domain::incoming::Channel;
use entry::Entry;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Examples below which nobody's share is capped.
pub const CAP_FROM: usize = 50;
/// Authors below which nobody's share is capped.
pub const CAP_AUTHORS: usize = 3;

/// What goes into a version and how it is split.
#[derive(Clone, Copy)]
pub struct FreezeRules<'r> {
    /// Decides sides and choices; the same seed decides the same.
    pub seed: u64,
    /// Share of connected groups that is held out, 0 to 1.
    pub held_out: f32,
    /// Largest share of one author among what is left after duplicates, 0 to 1; an even share is always
    /// allowed. Counts from [`CAP_FROM`] examples of [`CAP_AUTHORS`] authors on.
    pub cap_per_author: f32,
    /// Whether everything of one conversation is on one side. Lines of files and proposals from documents are
    /// not of a conversation. Where one person teaches everything in one chat, this leaves one side empty.
    pub whole_conversations: bool,
    /// On what the use of an example rests; none where somebody concerned does not agree.
    pub consents: &'r dyn Fn(&Example) -> Option<Consent>,
    /// Whether data of a platform may be trained on.
    pub platform_allowed: &'r dyn Fn(Channel) -> bool,
    /// Texts that must not stand anywhere in a dataset, however they are written.
    pub canaries: &'r [String],
    /// Questions of exams: no example may be one of them.
    pub exams: &'r [String],
}

impl<'r> FreezeRules<'r> {
    /// A fifth held out, at most a fifth of one author, whole conversations, no canaries.
    pub const fn new(
        seed: u64,
        consents: &'r dyn Fn(&Example) -> Option<Consent>,
        platform_allowed: &'r dyn Fn(Channel) -> bool,
    ) -> Self {
        let (held_out, cap_per_author, whole_conversations) = (0.2, 0.2, true);
        let (canaries, exams): (&[String], &[String]) = (&[], &[]);
        Self { seed, held_out, cap_per_author, whole_conversations, consents, platform_allowed, canaries, exams }
    }
}

/// On what the use of an example rests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Consent {
    /// Everybody concerned has agreed to it.
    Agreed,
    /// Whoever brought the file it is from answers for it.
    Brought,
}

/// What a row is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// To learn from.
    Train,
    /// To see what was learnt.
    HeldOut,
}

/// One example of a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The example.
    pub id: ExampleId,
    /// What it teaches, without personal data.
    pub datum: Datum,
    /// Which side it is on.
    pub split: Split,
    /// Which connected group it belongs to: near-duplicates and conversations, joined. Numbers hold for one
    /// version.
    pub cluster: u32,
    /// The platform that it was said on; none in rows that were written before this was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<Channel>,
    /// How it came about, by the name of its [`domain::example::Origin`]; empty in such rows.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub origin: String,
    /// On what its use rests; none in such rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<Consent>,
}

/// Why an example is no row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dropped {
    /// It is not approved.
    NotApproved,
    /// Somebody does not agree.
    Consent,
    /// Data of its platform may not be used.
    Platform,
    /// It holds a canary, or is a question of an exam.
    Canary,
    /// A newer one is the same.
    Exact,
    /// A newer one asks nearly the same and has the same answer.
    Near,
    /// Its author has since given another answer.
    Superseded,
    /// Another author has another answer.
    Conflict,
    /// Its author has too large a share.
    Cap,
}

/// What became of the examples.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Report {
    /// Examples that came in.
    pub input: u64,
    /// Those that were left out, each counted once, by why.
    pub dropped: BTreeMap<Dropped, u64>,
    /// Rows.
    pub rows: u64,
    /// Rows to learn from.
    pub train: u64,
    /// Rows to see what was learnt.
    pub held_out: u64,
    /// Connected groups among the rows.
    pub clusters: u64,
    /// Values that were replaced in the rows, by kind.
    pub redacted: BTreeMap<Kind, u64>,
    /// Examples that contradict each other, group by group.
    pub conflicts: Vec<Vec<ExampleId>>,
    /// Rows by platform.
    pub platforms: BTreeMap<Channel, u64>,
    /// Rows by how they came about.
    pub origins: BTreeMap<String, u64>,
    /// Rows by what their use rests on.
    pub consents: BTreeMap<Consent, u64>,
    /// How many people taught the rows.
    pub authors: u64,
}

/// A version of the dataset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frozen {
    /// Its rows, by id.
    pub rows: Vec<Row>,
    /// What became of the examples.
    pub report: Report,
    /// Who taught or asked what is in it.
    pub subjects: BTreeSet<PersonId>,
}

/// Makes a version.
pub fn freeze(examples: Vec<Example>, rules: &FreezeRules<'_>) -> Frozen {
    let mut report = Report { input: examples.len() as u64, ..Report::default() };
    let entries = entry::entries(examples, rules, &mut report);
    let clusters = crate::near::clusters(entries.iter().map(|entry| &entry.datum.question));
    let sides = split::sides(&entries, &clusters, rules);
    let mut fates: Vec<Option<Dropped>> = vec![None; entries.len()];
    same::exact(&entries, &mut fates);
    report.conflicts = same::near(&entries, &clusters, &mut fates);
    cap(&entries, &mut fates, rules);
    for fate in fates.iter().flatten() {
        *report.dropped.entry(*fate).or_default() += 1;
    }
    let kept = entries.into_iter().zip(sides).zip(fates).filter(|(_, fate)| fate.is_none()).map(|(kept, _)| kept);
    told(kept.collect(), report)
}

/// Leaves out what one author has too much of; which of it, the hash of seed and id decides.
fn cap(entries: &[Entry], fates: &mut [Option<Dropped>], rules: &FreezeRules<'_>) {
    let mut authors: BTreeMap<&PersonId, Vec<usize>> = BTreeMap::new();
    let left = entries.iter().zip(fates.iter()).enumerate().filter(|(_, (_, fate))| fate.is_none());
    left.for_each(|(at, (entry, _))| authors.entry(&entry.example.author).or_default().push(at));
    let total: usize = authors.values().map(Vec::len).sum();
    if total < CAP_FROM || authors.len() < CAP_AUTHORS {
        return;
    }
    let most = largest_share(total, authors.len(), rules.cap_per_author);
    for places in authors.into_values() {
        let mut chosen: Vec<_> = places
            .into_iter()
            .filter_map(|at| Some((split::hash(rules.seed, &entries.get(at)?.example.id), at)))
            .collect();
        chosen.sort_unstable();
        for (_, at) in chosen.into_iter().skip(most) {
            same::drop_at(fates, at, Dropped::Cap);
        }
    }
}

/// The most examples that one of `authors` may have of `total`, rounded up.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "numbers of examples, far below 2^52"
)]
pub(crate) fn largest_share(total: usize, authors: usize, cap: f32) -> usize {
    // The share as it was written: 0.2 as f32 is a little more than a fifth.
    let cap = (f64::from(cap) * 1e6).round() / 1e6;
    let share = (total as f64 * cap.clamp(0.0, 1.0)).ceil() as usize;
    share.max(total.div_ceil(authors.max(1)))
}

/// Rows by id, counted.
fn told(mut kept: Vec<(Entry, split::Side)>, mut report: Report) -> Frozen {
    kept.sort_by(|(one, _), (other, _)| one.example.id.cmp(&other.example.id));
    let mut subjects = BTreeSet::new();
    let mut authors = BTreeSet::new();
    let mut rows = Vec::with_capacity(kept.len());
    let mut numbers: BTreeMap<u32, u32> = BTreeMap::new();
    for (entry, side) in kept {
        let example = entry.example;
        let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
        let cluster = *numbers.entry(side.component).or_insert(next);
        *report.platforms.entry(example.platform).or_default() += 1;
        *report.origins.entry(example.origin.name().to_owned()).or_default() += 1;
        for (kind, count) in entry.redacted {
            *report.redacted.entry(kind).or_default() += count;
        }
        match side.split {
            Split::Train => report.train += 1,
            Split::HeldOut => report.held_out += 1,
        }
        authors.insert(example.author.clone());
        subjects.extend([Some(example.author), example.asker].into_iter().flatten());
        *report.consents.entry(entry.consent).or_default() += 1;
        rows.push(Row {
            id: example.id,
            datum: entry.datum,
            split: side.split,
            cluster,
            platform: Some(example.platform),
            origin: example.origin.name().to_owned(),
            consent: Some(entry.consent),
        });
    }
    report.rows = rows.len() as u64;
    report.clusters = numbers.len() as u64;
    report.authors = authors.len() as u64;
    Frozen { rows, report, subjects }
}
