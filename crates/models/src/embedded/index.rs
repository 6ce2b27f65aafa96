//! The inverted index: which entries hold which stems, and how much a stem tells to whom.
//!
//! A [`View`] is the index as it may be seen in some scopes: what a stem tells, which words are known and which entries
//! are likely depends on what stands there and on nothing else. A word of the question that nobody taught there is
//! looked up once among the known ones: as another form of one, or as one with an error of typing. From there on,
//! everything is a comparison of whole stems. Sums run in a fixed order, so the same index gives the same figures to
//! the last bit.

use super::entry::{Draft, Entry};
use super::lists::LISTS;
use super::postings::{NUMBERS, Shard};
use super::stems;
use super::vocabulary::{Stem, Vocabulary};
use super::words::Words;
use domain::exchange::Scope;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// Least weight of a stem that nearly every entry holds, and what is left of that of a word which means little.
const LEAST: f32 = 0.3;
const LIGHT: f32 = 0.35;
/// Most other stems that a word of the question may stand for.
const VARIANTS: usize = 4;

/// A word of the question.
pub(super) struct Term {
    /// Its stem.
    text: String,
    /// The stem's number where any entry ever had it.
    pub(super) key: Option<Stem>,
    /// Known stems that it likely is another form or a misspelling of.
    pub(super) variants: Vec<Stem>,
    /// How much it tells.
    pub(super) weight: f32,
    /// Whether it means little beside others.
    pub(super) light: bool,
}

impl Term {
    /// Whether one of the stems is it (1), or likely a form of it (0.8); 0 for neither.
    pub(super) fn share(&self, has: impl Fn(Stem) -> bool) -> f32 {
        if self.key.is_some_and(&has) {
            1.0
        } else if self.variants.iter().any(|variant| has(*variant)) {
            0.8
        } else {
            0.0
        }
    }
}

/// A word of the question that excludes others.
pub(super) struct Mark {
    pub(super) stem: Option<Stem>,
    pub(super) sets: &'static [u16],
    pub(super) opposites: Vec<Stem>,
}

/// A question, looked up in the index.
pub(super) struct Asked {
    pub(super) words: Words,
    pub(super) terms: Vec<Term>,
    pub(super) numbers: Vec<Option<Stem>>,
    /// Names, each with what it may stand for besides.
    pub(super) names: Vec<(Option<Stem>, Vec<Stem>)>,
    pub(super) marks: Vec<Mark>,
    pub(super) ways: Vec<(bool, Option<Stem>)>,
}

impl Asked {
    /// Whether the question has this stem, or a word that is likely a form of it.
    pub(super) fn says(&self, stem: Stem) -> bool {
        self.terms.iter().any(|term| term.key == Some(stem) || term.variants.contains(&stem))
    }
}

/// All entries.
#[derive(Default)]
pub(super) struct Index {
    entries: Vec<Option<Box<Entry>>>,
    /// How many words each entry has.
    lengths: Vec<u16>,
    vocabulary: Vocabulary,
    /// The lessons and the passages of each scope.
    shards: Vec<Shard>,
    places: HashMap<Scope, [u32; 2]>,
    /// The scope of each pair of shards.
    scopes: Vec<Scope>,
    /// What belongs to an id; added one after another.
    owners: HashMap<Arc<str>, Range<u32>>,
}

impl Index {
    /// Adds what one id stands for, in place of what it stood for before.
    pub(super) fn put(&mut self, owner: &Arc<str>, drafts: impl IntoIterator<Item = Draft>) -> usize {
        self.remove(owner);
        let first = self.next();
        drafts.into_iter().for_each(|draft| self.add(draft));
        let added = first..self.next();
        let count = added.len();
        if count > 0 {
            self.owners.insert(owner.clone(), added);
        }
        count
    }

    fn next(&self) -> u32 {
        u32::try_from(self.entries.len()).unwrap_or(u32::MAX)
    }

    fn add(&mut self, draft: Draft) {
        let number = self.next();
        if number >= NUMBERS {
            tracing::error!("the index is full");
            return;
        }
        let place = self.place(&draft);
        let entry = Entry::new(draft, place, &mut self.vocabulary);
        if let Some(shard) = self.shards.get_mut(place as usize) {
            shard.add(number, entry.length, entry.stems.iter().map(|stem| (*stem, entry.times(*stem))));
        }
        self.lengths.push(entry.length);
        self.entries.push(Some(Box::new(entry)));
    }

    fn place(&mut self, draft: &Draft) -> u32 {
        let [lessons, passages] = match self.places.get(&draft.scope) {
            Some(places) => *places,
            None => {
                let new = u32::try_from(self.shards.len()).unwrap_or(u32::MAX - 1);
                self.shards.extend([Shard::default(), Shard::default()]);
                self.places.insert(draft.scope.clone(), [new, new + 1]);
                self.scopes.push(draft.scope.clone());
                [new, new + 1]
            }
        };
        if draft.origin.is_lesson() { lessons } else { passages }
    }

    pub(super) fn remove(&mut self, owner: &str) {
        for number in self.owners.remove(owner).into_iter().flatten() {
            let Some(entry) = self.entries.get_mut(number as usize).and_then(Option::take) else { continue };
            if let Some(shard) = self.shards.get_mut(entry.shard as usize) {
                shard.remove(number, entry.length, &entry.stems);
            }
        }
    }

    /// Whether anything belongs to an id.
    pub(super) fn has(&self, owner: &str) -> bool {
        self.owners.contains_key(owner)
    }

    /// The first of what belongs to an id, with whom it counts for.
    pub(super) fn first_of(&self, owner: &str) -> Option<(&Entry, &Scope)> {
        let entry = self.entry(self.owners.get(owner)?.start)?;
        Some((entry, self.scopes.get(entry.shard as usize / 2)?))
    }

    pub(super) fn entry(&self, number: u32) -> Option<&Entry> {
        self.entries.get(number as usize)?.as_deref()
    }

    pub(super) fn length(&self, number: u32) -> u16 {
        self.lengths.get(number as usize).copied().unwrap_or(0)
    }

    /// The index as these scopes may see it.
    pub(super) fn seen_by(&self, scopes: &[Scope]) -> View<'_> {
        let mut places: Vec<u32> =
            scopes.iter().filter_map(|scope| self.places.get(scope)).flatten().copied().collect();
        places.sort_unstable();
        places.dedup();
        let shards: Vec<&Shard> = places.iter().filter_map(|place| self.shards.get(*place as usize)).collect();
        let alive = shards.iter().map(|shard| shard.alive).sum::<usize>();
        let stems = shards.iter().map(|shard| shard.stems).sum::<usize>();
        View { index: self, alive: alive as f32, mean: (stems as f32 / alive.max(1) as f32).max(1.0), shards }
    }
}

/// The index as it may be seen.
pub(super) struct View<'a> {
    pub(super) index: &'a Index,
    pub(super) shards: Vec<&'a Shard>,
    alive: f32,
    /// How many words an entry has on average.
    pub(super) mean: f32,
}

impl View<'_> {
    pub(super) fn vocabulary(&self) -> &Vocabulary {
        &self.index.vocabulary
    }

    fn knows(&self, stem: Stem) -> bool {
        self.shards.iter().any(|shard| shard.holders(stem).is_some())
    }

    /// How much a stem tells.
    pub(super) fn weight(&self, stem: Stem) -> f32 {
        let holders = self.shards.iter().map(|shard| shard.count(stem)).sum::<usize>() as f32;
        self.told(holders, self.vocabulary().is_light(stem))
    }

    fn told(&self, holders: f32, light: bool) -> f32 {
        let rare = ((self.alive - holders + 0.5) / (holders + 0.5) + 1.0).ln().max(LEAST);
        if light { rare * LIGHT } else { rare }
    }

    /// Looks the words of a question up.
    pub(super) fn look_up(&self, words: Words) -> Asked {
        let find = |text: &String| self.vocabulary().find(text);
        let terms: Vec<Term> = words.distinct_spelt().into_iter().map(|(key, spelt)| self.term(key, &spelt)).collect();
        let variants = |name: &String| terms.iter().find(|term| term.text == *name).map(|term| term.variants.clone());
        let mark = |text: &String| Mark {
            stem: find(text),
            sets: LISTS.sets_of(text),
            opposites: LISTS.opposites_of(text).iter().filter_map(find).collect(),
        };
        Asked {
            numbers: words.numbers.iter().map(find).collect(),
            names: words.names.iter().map(|name| (find(name), variants(name).unwrap_or_default())).collect(),
            marks: words.marks.iter().map(mark).collect(),
            ways: words.ways.iter().map(|(from, place)| (*from, find(place))).collect(),
            terms,
            words,
        }
    }

    fn term(&self, text: String, spelt: &str) -> Term {
        let key = self.vocabulary().find(&text);
        let known = key.filter(|stem| self.knows(*stem));
        let mut variants = self.kin(&text, spelt);
        if known.is_none() && variants.is_empty() && stems::errors_allowed(spelt.chars().count()) > 0 {
            for first in stems::beginnings(spelt) {
                variants.extend(self.misspelt(&text, spelt, first));
            }
        }
        let (weight, light) = match known.or(variants.first().copied()) {
            Some(stem) => (self.weight(stem), self.vocabulary().is_light(stem)),
            None => (self.told(0.0, LISTS.is_light(&text)), LISTS.is_light(&text)),
        };
        Term { text, key, variants, weight, light }
    }

    /// Known stems that are another form of a word.
    fn kin(&self, text: &str, spelt: &str) -> Vec<Stem> {
        let start: String = spelt.chars().take(stems::shared_by_kin(spelt.chars().count())).collect();
        let known = self.vocabulary().beginning(&start).filter(|(stem, _)| stems::are_kin(spelt, stem));
        self.like(text, known, &start, |stem| stems::are_kin(spelt, stem))
    }

    /// Known stems that begin with a letter and are a word with an error of typing.
    fn misspelt(&self, text: &str, spelt: &str, first: char) -> Vec<Stem> {
        let known = self.vocabulary().misspelt(spelt, first).into_iter();
        self.like(text, known, &first.to_string(), |stem| stems::is_misspelt(spelt, stem))
    }

    /// Those of some stems that can be seen, and those that stand for words which begin so and are like a word.
    fn like<'v>(
        &self,
        text: &str,
        known: impl Iterator<Item = (&'v str, Stem)>,
        start: &str,
        is_like: impl Fn(&str) -> bool,
    ) -> Vec<Stem> {
        let named = LISTS.read_as(start).filter(|(word, name)| *name != text && is_like(word));
        let named = named.filter_map(|(_, name)| self.vocabulary().find(name));
        let known = known.filter(|(stem, _)| *stem != text).map(|(_, stem)| stem);
        let mut found: Vec<Stem> = known.chain(named).filter(|stem| self.knows(*stem)).take(VARIANTS).collect();
        found.dedup();
        found
    }
}
