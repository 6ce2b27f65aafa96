//! Which entries hold a stem: one list of numbers for each stem, ascending, apart for each scope.
//!
//! What one chat was taught stands in lists of its own, so a search costs what may be seen and nothing of what others
//! were taught.

use super::vocabulary::Stem;
use std::collections::HashMap;

/// Bits of a posting for how often the entry says the stem.
const TIMES_BITS: u32 = 4;
/// As often or more often.
pub(super) const OFTEN: u32 = (1 << TIMES_BITS) - 1;
/// Numbers of entries are below this.
pub(super) const NUMBERS: u32 = 1 << (32 - TIMES_BITS);

/// An entry that holds a stem and how often, in one number: the order is that of the entries.
#[derive(Clone, Copy)]
pub(super) struct Posting(u32);

impl Posting {
    pub(super) fn new(number: u32, times: u16) -> Self {
        Self(number << TIMES_BITS | u32::from(times).min(OFTEN))
    }

    pub(super) fn number(self) -> u32 {
        self.0 >> TIMES_BITS
    }

    /// How often, [`OFTEN`] for as often or more often.
    pub(super) fn times(self) -> u32 {
        self.0 & OFTEN
    }
}

/// The entries that hold a stem, ascending.
#[derive(Default)]
pub(super) struct Holders {
    postings: Vec<Posting>,
    /// Most times that one of them ever said it, and the fewest words that one of them ever had.
    most: u8,
    shortest: u16,
}

impl Holders {
    pub(super) fn postings(&self) -> &[Posting] {
        &self.postings
    }

    /// Most times that one of them says it.
    pub(super) fn most(&self) -> u32 {
        u32::from(self.most)
    }

    /// Fewest words that one of them has.
    pub(super) fn shortest(&self) -> u16 {
        self.shortest
    }

    fn push(&mut self, posting: Posting, length: u16) {
        self.shortest = if self.postings.is_empty() { length } else { self.shortest.min(length) };
        self.most = self.most.max(u8::try_from(posting.times()).unwrap_or(u8::MAX));
        self.postings.push(posting);
    }

    /// Takes one out. The list is sorted: it is found at once, and what follows is moved up in one piece.
    fn take(&mut self, number: u32) {
        if let Ok(at) = self.postings.binary_search_by_key(&number, |posting| posting.number()) {
            self.postings.remove(at);
        }
    }
}

/// The lessons, or the passages, of one scope.
#[derive(Default)]
pub(super) struct Shard {
    holders: HashMap<Stem, Holders>,
    /// How many entries there are, and how many stems they have with repetitions.
    pub(super) alive: usize,
    pub(super) stems: usize,
}

impl Shard {
    pub(super) fn holders(&self, stem: Stem) -> Option<&Holders> {
        self.holders.get(&stem)
    }

    /// How many entries hold a stem.
    pub(super) fn count(&self, stem: Stem) -> usize {
        self.holders.get(&stem).map_or(0, |holders| holders.postings.len())
    }

    /// Takes in the newest entry.
    pub(super) fn add(&mut self, number: u32, length: u16, stems: impl Iterator<Item = (Stem, u16)>) {
        for (stem, times) in stems {
            self.holders.entry(stem).or_default().push(Posting::new(number, times), length);
        }
        self.alive += 1;
        self.stems += usize::from(length);
    }

    pub(super) fn remove(&mut self, number: u32, length: u16, stems: &[Stem]) {
        for stem in stems {
            let Some(holders) = self.holders.get_mut(stem) else { continue };
            holders.take(number);
            if holders.postings.is_empty() {
                self.holders.remove(stem);
            }
        }
        self.alive -= 1;
        self.stems -= usize::from(length);
    }
}
