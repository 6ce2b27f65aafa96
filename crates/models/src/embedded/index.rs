//! The inverted index: which entries hold which stems, and BM25 to find the likely ones.
//!
//! A word of the question that nobody taught is looked up once among the known ones: as another form of
//! one, or as one with an error of typing. From there on, everything is a comparison of whole stems.
//! Sums run in a fixed order, so the same index gives the same figures to the last bit.

use super::entry::Entry;
use super::lists::LISTS;
use super::stems;
use super::words::Words;
use domain::exchange::Scope;
use std::collections::{BTreeMap, HashMap};

/// BM25: how fast repetition stops counting, and how much long texts are discounted.
const K1: f32 = 1.2;
const B: f32 = 0.75;
/// Least weight of a stem that nearly every entry holds, and what is left of that of a word which means little.
const LEAST: f32 = 0.3;
const LIGHT: f32 = 0.35;
/// Most other stems that a word of the question may stand for.
const VARIANTS: usize = 4;

/// A word of the question.
pub(super) struct Term {
    /// Its stem.
    pub(super) key: String,
    /// Known stems that it likely is another form or a misspelling of.
    pub(super) variants: Vec<String>,
    /// How much it tells.
    pub(super) weight: f32,
    /// Whether it means little beside others.
    pub(super) light: bool,
}

/// A question, looked up in the index.
pub(super) struct Asked {
    pub(super) words: Words,
    pub(super) terms: Vec<Term>,
}

impl Asked {
    /// Whether the question has this stem, or a word that is likely a form of it.
    pub(super) fn says(&self, stem: &str) -> bool {
        self.terms.iter().any(|term| term.key == stem || term.variants.iter().any(|own| own == stem))
    }
}

/// An entry that holds a stem, and how often.
struct Posting {
    entry: u32,
    times: f32,
}

/// All entries.
#[derive(Default)]
pub(super) struct Index {
    entries: Vec<Option<Entry>>,
    holders: BTreeMap<String, Vec<Posting>>,
    ids: HashMap<String, Vec<u32>>,
    alive: usize,
    stems: usize,
}

impl Index {
    pub(super) fn add(&mut self, entry: Entry) {
        let number = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        for stem in &entry.stems {
            let times = entry.asks.stems.iter().filter(|own| *own == stem).count() as f32;
            self.holders.entry(stem.clone()).or_default().push(Posting { entry: number, times });
        }
        self.ids.entry(entry.id.clone()).or_default().push(number);
        self.alive += 1;
        self.stems += entry.asks.stems.len();
        self.entries.push(Some(entry));
    }

    pub(super) fn remove(&mut self, id: &str) {
        for number in self.ids.remove(id).unwrap_or_default() {
            let Some(entry) = self.entries.get_mut(number as usize).and_then(Option::take) else { continue };
            for stem in &entry.stems {
                let Some(holders) = self.holders.get_mut(stem) else { continue };
                holders.retain(|holder| holder.entry != number);
                if holders.is_empty() {
                    self.holders.remove(stem);
                }
            }
            self.alive -= 1;
            self.stems -= entry.asks.stems.len();
        }
    }

    /// How much a stem tells.
    pub(super) fn weight(&self, stem: &str) -> f32 {
        let holders = self.holders.get(stem).map_or(0, Vec::len) as f32;
        let rare = ((self.alive as f32 - holders + 0.5) / (holders + 0.5) + 1.0).ln().max(LEAST);
        if LISTS.is_light(stem) { rare * LIGHT } else { rare }
    }

    /// Looks the words of a question up.
    pub(super) fn look_up(&self, words: Words) -> Asked {
        let terms = words.distinct_spelt().into_iter().map(|(key, spelt)| self.term(key, &spelt)).collect();
        Asked { words, terms }
    }

    fn term(&self, key: String, spelt: &str) -> Term {
        let known = self.holders.contains_key(&key);
        let start: String = spelt.chars().take(4).collect();
        let mut variants = self.like(&key, &start, |stem| stems::are_kin(spelt, stem));
        if !known && variants.is_empty() && stems::errors_allowed(spelt.chars().count()) > 0 {
            for first in stems::beginnings(spelt) {
                variants.extend(self.like(&key, &first.to_string(), |stem| stems::is_misspelt(spelt, stem)));
            }
        }
        let told = if known { Some(&key) } else { variants.first() };
        let weight = self.weight(told.unwrap_or(&key));
        Term { light: LISTS.is_light(told.unwrap_or(&key)), variants, weight, key }
    }

    /// Known stems that begin so and are like a word, by their own spelling or by that of a word with their meaning.
    fn like(&self, key: &str, start: &str, is_like: impl Fn(&str) -> bool) -> Vec<String> {
        let known = self.beginning(start).map(|stem| (stem, stem));
        let named = LISTS.read_as(start).filter(|(_, name)| self.holders.contains_key(*name));
        let mut found: Vec<String> = known
            .chain(named)
            .filter(|(stem, name)| *name != key && is_like(stem))
            .map(|(_, name)| name.to_owned())
            .take(VARIANTS)
            .collect();
        found.dedup();
        found
    }

    fn beginning<'a>(&'a self, start: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        let start = start.to_owned();
        self.holders
            .range(start.clone()..)
            .map(|(stem, _)| stem.as_str())
            .take_while(move |stem| stem.starts_with(&start))
    }

    /// The likeliest entries of these scopes with their BM25, best first.
    pub(super) fn candidates(&self, asked: &Asked, scopes: &[Scope], limit: usize) -> Vec<(&Entry, f32)> {
        let mean = (self.stems as f32 / self.alive.max(1) as f32).max(1.0);
        let mut scores: HashMap<u32, f32> = HashMap::new();
        for term in &asked.terms {
            for (stem, share) in
                std::iter::once((&term.key, 1.0)).chain(term.variants.iter().map(|variant| (variant, 0.8)))
            {
                for posting in self.holders.get(stem).into_iter().flatten() {
                    let Some(entry) = self.entry(posting.entry) else { continue };
                    let long = K1 * (1.0 - B + B * entry.asks.stems.len() as f32 / mean);
                    let worth = term.weight * share * posting.times * (K1 + 1.0) / (posting.times + long);
                    *scores.entry(posting.entry).or_default() += worth;
                }
            }
        }
        let mut best: Vec<(u32, f32)> = scores.into_iter().collect();
        best.sort_by(|a, b| b.1.total_cmp(&a.1).then(b.0.cmp(&a.0)));
        let reachable = best.into_iter().filter_map(|(number, score)| Some((self.entry(number)?, score)));
        reachable.filter(|(entry, _)| scopes.contains(&entry.scope)).take(limit).collect()
    }

    fn entry(&self, number: u32) -> Option<&Entry> {
        self.entries.get(number as usize)?.as_ref()
    }
}
