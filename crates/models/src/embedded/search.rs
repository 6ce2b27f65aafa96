//! The likeliest entries of a view by BM25, without looking at all of them.
//!
//! The lists of a question's words are read from the newest entry to the oldest, a window at a time. As soon as enough
//! good entries are found, words that could not lift an entry among them are left out (MaxScore): frequent words tell
//! little and have long lists. An entry that may be good enough without them is scored by itself. Within the first
//! window nothing is left out; beyond it, entries may change places that differ by rounding alone.

use super::entry::Entry;
use super::index::{Asked, Term, View};
use super::postings::{Holders, OFTEN, Posting, Shard};
use super::vocabulary::Stem;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// BM25: how fast repetition stops counting, and how much long texts are discounted.
const K1: f32 = 1.2;
const B: f32 = 0.75;
/// Entries that are looked at together.
const WINDOW: u32 = 1 << 14;
/// Words of a question that are searched for, the most telling ones.
const TERMS: usize = 48;
/// What a word in another form or misspelt is worth.
const NEARLY: f32 = 0.8;
/// Share of what an entry must come up to that left-out words may be worth: with more, too many entries would have to
/// be scored by themselves.
const SPARED: f32 = 0.2;
/// Lengths that are told apart when it is estimated what left-out words could be worth.
const LENGTHS: u16 = 64;
/// Entries of a window that are sorted; the numbers of more are tried one after another.
const FEW: usize = 512;
/// Entries of a window that may be scored by themselves before left-out words are read after all.
const MANY: usize = 200;
/// What sums in another order may differ by, as a share.
const ROUNDING: f32 = 1e-6;

/// The likeliest entries with their BM25, best first, of equal ones the newest.
pub(super) fn best<'a>(view: &View<'a>, asked: &Asked, limit: usize) -> Vec<(&'a Entry, f32)> {
    let mut search = Search {
        view,
        terms: telling(asked),
        found: Found { best: BinaryHeap::new(), limit },
        sums: vec![0.0; WINDOW as usize],
        touched: Vec::new(),
    };
    for shard in &view.shards {
        search.read(shard);
    }
    let mut found = search.found.best.into_vec();
    found.sort_unstable();
    let entry = |Reverse((bits, number))| Some((view.index.entry(number)?, f32::from_bits(bits)));
    found.into_iter().filter_map(entry).collect()
}

/// The words that are searched for, in their order.
fn telling(asked: &Asked) -> Vec<&Term> {
    let mut weights: Vec<f32> = asked.terms.iter().map(|term| term.weight).collect();
    weights.sort_unstable_by(|a, b| b.total_cmp(a));
    let least = weights.get(TERMS - 1).copied().unwrap_or(0.0);
    asked.terms.iter().filter(|term| term.weight >= least).take(TERMS).collect()
}

/// The stems that a word may stand for, with what they are worth.
fn stems(term: &Term) -> impl Iterator<Item = (Stem, f32)> {
    term.key.into_iter().map(|key| (key, 1.0)).chain(term.variants.iter().map(|variant| (*variant, NEARLY)))
}

/// What a stem is worth to a text that says it so often and is so long.
fn worth(worth: f32, times: f32, length: u16, mean: f32) -> f32 {
    let long = K1 * (1.0 - B + B * f32::from(length) / mean);
    worth * times * (K1 + 1.0) / (times + long)
}

/// A list that is being read, from its end.
struct Leg<'a> {
    left: &'a [Posting],
    stem: Stem,
    worth: f32,
    /// Most times that an entry says the stem.
    most: f32,
    /// The most that an entry can owe to it.
    bound: f32,
    /// Whether it is left out.
    spared: bool,
}

impl<'a> Leg<'a> {
    fn new(stem: Stem, holders: &'a Holders, share: f32, mean: f32) -> Self {
        let most = if holders.most() == OFTEN { f32::from(u16::MAX) } else { holders.most() as f32 };
        let bound = worth(share, most, holders.shortest(), mean);
        Self { left: holders.postings(), stem, worth: share, most, bound, spared: false }
    }

    fn newest(&self) -> Option<u32> {
        self.left.last().map(|posting| posting.number())
    }

    /// Is read again, below a number.
    fn rejoin(&mut self, number: u32) {
        self.from(number);
        self.spared = false;
    }

    /// The postings from a number on, which are done with.
    fn from(&mut self, number: u32) -> &'a [Posting] {
        let at = self.left.partition_point(|posting| posting.number() < number);
        let (left, done) = self.left.split_at_checked(at).unwrap_or((&[], &[]));
        self.left = left;
        done
    }
}

/// The best entries so far.
struct Found {
    /// Scores are above zero: their bits have the same order.
    best: BinaryHeap<Reverse<(u32, u32)>>,
    limit: usize,
}

impl Found {
    /// What an entry must come up to.
    fn least(&self) -> f32 {
        match self.best.peek() {
            Some(Reverse((bits, _))) if self.best.len() >= self.limit => f32::from_bits(*bits),
            _ => 0.0,
        }
    }

    fn offer(&mut self, score: f32, number: u32) {
        self.best.push(Reverse((score.to_bits(), number)));
        if self.best.len() > self.limit {
            self.best.pop();
        }
    }
}

struct Search<'v, 'a> {
    view: &'v View<'a>,
    terms: Vec<&'v Term>,
    found: Found,
    /// Of each entry in the window.
    sums: Vec<f32>,
    /// The entries whose sum is not zero.
    touched: Vec<u32>,
}

impl<'a> Search<'_, 'a> {
    fn read(&mut self, shard: &'a Shard) {
        let mut legs: Vec<Leg<'a>> = Vec::new();
        for term in &self.terms {
            for (stem, share) in stems(term) {
                let holders = shard.holders(stem);
                legs.extend(holders.map(|holders| Leg::new(stem, holders, term.weight * share, self.view.mean)));
            }
        }
        let (mut spare, mut sparing) = (Vec::new(), true);
        loop {
            if sparing && spare_weak(&mut legs, self.found.least()) {
                spare = self.spare(&legs);
            }
            let needed = || legs.iter().filter(|leg| !leg.spared);
            let Some(newest) = needed().filter_map(Leg::newest).max() else { return };
            let base = (newest + 1).saturating_sub(WINDOW);
            legs.iter_mut().filter(|leg| !leg.spared).for_each(|leg| self.sum(leg, base));
            self.order(base, newest);
            if self.judge(base, &spare) > MANY {
                sparing = false;
                spare.clear();
                legs.iter_mut().filter(|leg| leg.spared).for_each(|leg| leg.rejoin(base));
            }
        }
    }

    /// What the legs that are left out could be worth together, by the length of an entry; nothing if none is.
    fn spare(&self, legs: &[Leg<'_>]) -> Vec<f32> {
        let most = |length: u16| {
            let spared = legs.iter().filter(|leg| leg.spared);
            spared.map(|leg| worth(leg.worth, leg.most, length, self.view.mean)).sum()
        };
        (0..=LENGTHS).map(most).collect()
    }

    fn sum(&mut self, leg: &mut Leg<'a>, base: u32) {
        for posting in leg.from(base) {
            let number = posting.number();
            let owed = worth(leg.worth, self.times(posting, leg.stem), self.view.index.length(number), self.view.mean);
            let Some(sum) = self.sums.get_mut((number - base) as usize) else { continue };
            if *sum == 0.0 {
                self.touched.push(number);
            }
            *sum += owed;
        }
    }

    fn times(&self, posting: &Posting, stem: Stem) -> f32 {
        match posting.times() {
            OFTEN => self.view.index.entry(posting.number()).map_or(0.0, |entry| f32::from(entry.times(stem))),
            times => times as f32,
        }
    }

    /// Puts the touched entries in order, the newest first.
    fn order(&mut self, base: u32, newest: u32) {
        if self.touched.len() <= FEW {
            self.touched.sort_unstable_by(|a, b| b.cmp(a));
        } else {
            self.touched.clear();
            self.touched.extend((base..=newest).rev());
        }
    }

    /// Takes what is good enough among the best; how many had to be scored by themselves. Of equal ones the newer
    /// stays, so a later one must be better.
    fn judge(&mut self, base: u32, spare: &[f32]) -> usize {
        let mut alone = 0;
        for number in std::mem::take(&mut self.touched) {
            let Some(sum) = self.sums.get_mut((number - base) as usize).map(std::mem::take) else { continue };
            if sum == 0.0 {
                continue;
            }
            let length = self.view.index.length(number).min(LENGTHS);
            let more = spare.get(usize::from(length)).copied();
            let least = self.found.least();
            let hopeless = match more {
                Some(more) => sum + more <= least * (1.0 + ROUNDING),
                None => sum <= least,
            };
            if hopeless {
                continue;
            }
            alone += usize::from(more.is_some());
            let score = if more.is_some() { self.exactly(number) } else { sum };
            self.found.offer(score, number);
        }
        alone
    }

    /// BM25, summed in the order of the question's words.
    fn exactly(&self, number: u32) -> f32 {
        let Some(entry) = self.view.index.entry(number) else { return 0.0 };
        let mut score = 0.0;
        for term in &self.terms {
            for (stem, share) in stems(term) {
                let times = f32::from(entry.times(stem));
                if times > 0.0 {
                    score += worth(term.weight * share, times, entry.length, self.view.mean);
                }
            }
        }
        score
    }
}

/// Leaves out the weakest legs, which together are worth little beside what the best have; whether any was added.
fn spare_weak(legs: &mut [Leg<'_>], least: f32) -> bool {
    let mut weakest: Vec<&mut Leg<'_>> = legs.iter_mut().collect();
    weakest.sort_by(|a, b| a.bound.total_cmp(&b.bound));
    let (mut worth, mut changed) = (0.0, false);
    for leg in weakest {
        worth += leg.bound;
        if worth >= least * SPARED {
            break;
        }
        changed |= !leg.spared;
        leg.spared = true;
    }
    changed
}
