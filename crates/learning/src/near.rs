//! Which texts say nearly the same: clusters of texts that share four fifths of their pieces of five characters.
//!
//! Hides how candidates are found among millions. Each text's pieces (shingles) get `BANDS` keys, each from
//! `ROWS` minimal hashes; texts that share a key are compared by their whole sets. With similarity s two texts
//! share a key with probability 1 − (1 − s⁵)¹⁶: 0.998 at 0.8, 0.90 at 0.67, 0.40 at 0.5, 0.005 at 0.2. Always
//! holds: two texts that are the same when folded are in one cluster; a cluster is connected by pairs of
//! similarity at least [`SIMILAR`]; the clusters depend on the texts alone, not on their order.
//!
//! Memory is 4 bytes per shingle and 64 per different text; time grows with the number of texts, as a text is
//! compared with at most `WINDOW` others of one key.

mod shingles;
#[cfg(test)]
mod tests;
mod union;

pub use shingles::normal;
pub use union::Union;

use shingles::Sets;
use std::collections::HashMap;

/// Least share of common shingles: those of both, divided by those of either.
pub const SIMILAR: f64 = 0.8;
/// Keys of a text.
const BANDS: usize = 16;
/// Minimal hashes that make a key.
const ROWS: usize = 5;
/// Others of the same key that a text is compared with, the next by their digests. Only keys of more texts than
/// this, that is of templates filled in many times, are not compared in full.
const WINDOW: usize = 32;

/// The number of its cluster for every text; numbers count from 0 in the order of first appearance.
pub fn clusters(texts: impl Iterator<Item = impl AsRef<str>>) -> Vec<u32> {
    let mut builder = Builder::default();
    texts.for_each(|text| builder.add(text.as_ref()));
    builder.finish()
}

/// Is fed with texts and then tells their clusters. Texts themselves are not kept.
#[derive(Default)]
pub struct Builder {
    /// Which different text each one is.
    which: Vec<u32>,
    seen: HashMap<u128, u32>,
    /// Digests of the different texts.
    digests: Vec<u128>,
    sets: Sets,
    keys: Vec<[u32; BANDS]>,
}

impl Builder {
    /// Adds the next text.
    pub fn add(&mut self, text: &str) {
        let folded = shingles::folded(text);
        let digest = digest(&folded);
        let next = u32::try_from(self.digests.len()).unwrap_or(u32::MAX);
        let at = *self.seen.entry(digest).or_insert(next);
        if at == next {
            let set = shingles::set(&folded);
            self.keys.push(keys(&set));
            self.sets.push(&set);
            self.digests.push(digest);
        }
        self.which.push(at);
    }

    /// The number of its cluster for every text.
    pub fn finish(self) -> Vec<u32> {
        let mut union = Union::new(self.digests.len());
        drop(self.seen);
        let mut order: Vec<(u32, u128, u32)> = Vec::with_capacity(self.keys.len());
        for band in 0..BANDS {
            order.clear();
            let keyed = self.keys.iter().zip(&self.digests).zip(0..);
            order.extend(keyed.map(|((keys, digest), at)| (keys.get(band).copied().unwrap_or_default(), *digest, at)));
            order.sort_unstable();
            order.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() > 1).for_each(|same| {
                join(same, &self.sets, &mut union);
            });
        }
        numbered(&self.which, &mut union)
    }
}

/// Joins the texts of one key that are similar.
fn join(same: &[(u32, u128, u32)], sets: &Sets, union: &mut Union) {
    for (place, (_, _, one)) in same.iter().enumerate() {
        for (_, _, other) in same.iter().skip(place + 1).take(WINDOW) {
            if union.find(*one) != union.find(*other) && sets.similarity(*one, *other) >= SIMILAR {
                union.join(*one, *other);
            }
        }
    }
}

/// Clusters numbered by first appearance.
fn numbered(which: &[u32], union: &mut Union) -> Vec<u32> {
    let mut numbers = HashMap::new();
    let number = |at: &u32| {
        let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
        *numbers.entry(union.find(*at)).or_insert(next)
    };
    which.iter().map(number).collect()
}

fn digest(text: &str) -> u128 {
    let bytes = blake3::hash(text.as_bytes());
    bytes.as_bytes().first_chunk().map_or(0, |first| u128::from_le_bytes(*first))
}

/// The keys of a set: sixteen times the five smallest values of five hash functions, mixed.
fn keys(set: &[u32]) -> [u32; BANDS] {
    let mut least = [u32::MAX; BANDS * ROWS];
    for shingle in set {
        for ((factor, term), least) in HASHES.iter().zip(&mut least) {
            *least = (*least).min(shingle.wrapping_mul(*factor).wrapping_add(*term));
        }
    }
    let mut keys = [0; BANDS];
    for (key, rows) in keys.iter_mut().zip(least.chunks(ROWS)) {
        *key = rows.iter().fold(0x9e37_79b9, |key, row| shingles::mixed(key ^ *row));
    }
    keys
}

/// Factor (odd) and term of every hash function, the same in every run.
const HASHES: [(u32, u32); BANDS * ROWS] = hashes();

#[expect(clippy::indexing_slicing, reason = "a constant: an index out of bounds would not compile")]
const fn hashes() -> [(u32, u32); BANDS * ROWS] {
    let mut out = [(0, 0); BANDS * ROWS];
    let mut state: u32 = 0x243f_6a88;
    let mut at = 0;
    while at < BANDS * ROWS {
        let factor = shingles::mixed(state);
        let term = shingles::mixed(state ^ 0x85eb_ca6b);
        out[at] = (factor | 1, term);
        state = state.wrapping_add(0x9e37_79b9);
        at += 1;
    }
    out
}
