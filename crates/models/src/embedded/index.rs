//! The inverted index: which entries hold which stems, and BM25 to find the likely ones.

use super::words::{self, Words};
use super::{Recalled, Source};
use domain::exchange::Scope;
use std::collections::{HashMap, HashSet};

/// BM25: how fast repetition stops counting, and how much long texts are discounted.
const K1: f32 = 1.2;
const B: f32 = 0.75;

/// One thing that can be recalled.
pub(super) struct Entry {
    id: String,
    scope: Scope,
    pub(super) source: Source,
    heading: String,
    text: String,
    /// What it answers: the question of a lesson, the words of a passage.
    pub(super) asks: Words,
    pub(super) set: HashSet<String>,
    pub(super) heading_set: HashSet<String>,
}

impl Entry {
    pub(super) fn new(id: &str, scope: Scope, source: Source, asks: &str, heading: &str, text: &str) -> Self {
        let asks = words::read(asks);
        let set = asks.stems.iter().cloned().collect();
        let heading_set = words::read(heading).stems.into_iter().collect();
        Self {
            id: id.to_owned(),
            scope,
            source,
            heading: heading.to_owned(),
            text: text.to_owned(),
            asks,
            set,
            heading_set,
        }
    }

    pub(super) fn recalled(&self, score: f32) -> Recalled {
        Recalled { source: self.source.clone(), question: self.heading.clone(), text: self.text.clone(), score }
    }
}

/// All entries.
#[derive(Default)]
pub(super) struct Index {
    entries: Vec<Option<Entry>>,
    holders: HashMap<String, Vec<u32>>,
    ids: HashMap<String, Vec<u32>>,
    alive: usize,
    stems: usize,
}

impl Index {
    pub(super) fn add(&mut self, entry: Entry) {
        let number = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        for stem in &entry.set {
            self.holders.entry(stem.clone()).or_default().push(number);
        }
        self.ids.entry(entry.id.clone()).or_default().push(number);
        self.alive += 1;
        self.stems += entry.asks.stems.len();
        self.entries.push(Some(entry));
    }

    pub(super) fn remove(&mut self, id: &str) {
        for number in self.ids.remove(id).unwrap_or_default() {
            let Some(entry) = self.entries.get_mut(number as usize).and_then(Option::take) else { continue };
            for stem in &entry.set {
                if let Some(holders) = self.holders.get_mut(stem) {
                    holders.retain(|holder| *holder != number);
                }
            }
            self.alive -= 1;
            self.stems -= entry.asks.stems.len();
        }
    }

    /// How much a stem tells, at least 0.
    pub(super) fn weight(&self, stem: &str) -> f32 {
        let holders = self.holders.get(stem).map_or(0, Vec::len) as f32;
        ((self.alive as f32 - holders + 0.5) / (holders + 0.5) + 1.0).ln()
    }

    /// The likeliest entries of these scopes.
    pub(super) fn candidates(&self, question: &Words, scopes: &[Scope], limit: usize) -> Vec<&Entry> {
        let mean = self.stems as f32 / self.alive.max(1) as f32;
        let mut scores: HashMap<u32, f32> = HashMap::new();
        let asked: HashSet<&String> = question.stems.iter().collect();
        for stem in asked {
            let weight = self.weight(stem);
            for number in self.holders.get(stem).into_iter().flatten() {
                let Some(Some(entry)) = self.entries.get(*number as usize) else { continue };
                if !scopes.contains(&entry.scope) {
                    continue;
                }
                let times = entry.asks.stems.iter().filter(|own| *own == stem).count() as f32;
                let long = entry.asks.stems.len() as f32 / mean.max(1.0);
                *scores.entry(*number).or_default() +=
                    weight * times * (K1 + 1.0) / (times + K1 * (1.0 - B + B * long));
            }
        }
        let mut best: Vec<(u32, f32)> = scores.into_iter().collect();
        best.sort_by(|a, b| b.1.total_cmp(&a.1).then(b.0.cmp(&a.0)));
        best.into_iter().take(limit).filter_map(|(number, _)| self.entries.get(number as usize)?.as_ref()).collect()
    }
}
