//! Duplicates and contradictions.
//!
//! Two entries ask the same when their questions have the same key (see [`crate::same`]) and follow the same context.

use super::Dropped;
use super::entry::Entry;
use crate::near::normal;
use crate::same;
use domain::example::Datum;
use domain::ids::{ExampleId, PersonId};
use std::collections::{BTreeMap, BTreeSet};

/// Leaves an entry out, unless it is left out already.
pub(super) fn drop_at(fates: &mut [Option<Dropped>], at: usize, why: Dropped) {
    if let Some(fate) = fates.get_mut(at) {
        fate.get_or_insert(why);
    }
}

/// Of entries that are the same to the letter the newest stays. Entries come oldest first.
pub(super) fn exact(entries: &[Entry], fates: &mut [Option<Dropped>]) {
    let mut seen = BTreeSet::new();
    for (at, entry) in entries.iter().enumerate().rev() {
        let json = serde_json::to_vec(&entry.datum).unwrap_or_default();
        if !seen.insert(*blake3::hash(&json).as_bytes()) {
            drop_at(fates, at, Dropped::Exact);
        }
    }
}

/// Of entries that ask the same the newest stays, if their answers agree; else those of several authors go.
/// Returns the groups that contradict themselves.
pub(super) fn near(entries: &[Entry], clusters: &[u32], fates: &mut [Option<Dropped>]) -> Vec<Vec<ExampleId>> {
    let mut groups: BTreeMap<(u32, String, [u8; 32]), Vec<usize>> = BTreeMap::new();
    for (at, (entry, cluster)) in entries.iter().zip(clusters).enumerate() {
        if fates.get(at).is_some_and(Option::is_none) {
            let key = (*cluster, same::key(&entry.datum.question), context(&entry.datum));
            groups.entry(key).or_default().push(at);
        }
    }
    groups.values().filter(|places| places.len() > 1).filter_map(|places| settle(entries, places, fates)).collect()
}

/// Settles one group, oldest first; its ids when it contradicts itself.
fn settle(entries: &[Entry], places: &[usize], fates: &mut [Option<Dropped>]) -> Option<Vec<ExampleId>> {
    let mut authors: BTreeMap<&PersonId, Said> = BTreeMap::new();
    let mut stay: Vec<(usize, &Entry)> = Vec::new();
    for (at, entry) in places.iter().rev().filter_map(|at| Some((*at, entries.get(*at)?))) {
        let later = authors.entry(&entry.example.author).or_default();
        if later.contradicts(&entry.datum) {
            drop_at(fates, at, Dropped::Superseded);
        } else {
            later.add(&entry.datum);
            stay.push((at, entry));
        }
    }
    let mut all = Said::default();
    authors.into_values().for_each(|said| all.join(said));
    if all.contradicts_itself() {
        stay.iter().for_each(|(at, _)| drop_at(fates, *at, Dropped::Conflict));
        return Some(stay.iter().rev().map(|(_, entry)| entry.example.id.clone()).collect());
    }
    let mut said = BTreeSet::new();
    for (at, entry) in stay {
        if !said.insert(answer(&entry.datum)) {
            drop_at(fates, at, Dropped::Near);
        }
    }
    None
}

/// What an entry says: the right answer, or where it has none the wrong one.
fn answer(datum: &Datum) -> (bool, String) {
    match (&datum.chosen, &datum.rejected) {
        (Some(chosen), _) => (true, normal(chosen)),
        (None, rejected) => (false, normal(rejected.as_deref().unwrap_or_default())),
    }
}

/// Answers that somebody called right and wrong.
#[derive(Default)]
struct Said {
    right: BTreeSet<String>,
    wrong: BTreeSet<String>,
}

impl Said {
    /// Whether a datum cannot be right beside it: another answer, or the right one called wrong, or the reverse.
    fn contradicts(&self, datum: &Datum) -> bool {
        let right = datum.chosen.as_deref().map(normal);
        let wrong = datum.rejected.as_deref().map(normal);
        right.is_some_and(|right| self.wrong.contains(&right) || !self.right.is_empty() && !self.right.contains(&right))
            || wrong.is_some_and(|wrong| self.right.contains(&wrong))
    }
    fn add(&mut self, datum: &Datum) {
        self.right.extend(datum.chosen.as_deref().map(normal));
        self.wrong.extend(datum.rejected.as_deref().map(normal));
    }
    fn join(&mut self, other: Self) {
        self.right.extend(other.right);
        self.wrong.extend(other.wrong);
    }
    fn contradicts_itself(&self) -> bool {
        self.right.len() > 1 || !self.right.is_disjoint(&self.wrong)
    }
}

/// What stands before the question.
fn context(datum: &Datum) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    for text in std::iter::once(&datum.system).chain(datum.before.iter().map(|turn| &turn.content)) {
        hasher.update(normal(text).as_bytes()).update(b"\n");
    }
    *hasher.finalize().as_bytes()
}
