//! How likely an entry answers a question: a logistic model over a few features.
//!
//! The coefficients are set by hand. The tests hold them against pairs that mean the same in other words
//! and pairs that only look alike, in English and Russian; a fit on a larger set is still to come.

use super::Source;
use super::index::{Entry, Index};
use super::words::Words;
use std::collections::HashSet;

/// Below this probability nothing is said.
pub(super) const MINIMUM: f32 = 0.5;

/// Number of features, the constant included.
pub(super) const FEATURES: usize = 8;

/// For lessons: both sides are questions.
const LESSON: [f32; FEATURES] = [-6.6, 5.6, 4.6, 1.2, -3.0, -3.5, -1.9, -0.4];
/// For passages: a question against a text that may hold much else.
const PASSAGE: [f32; FEATURES] = [-5.6, 8.2, 2.0, 1.0, -2.0, -1.5, 0.0, 0.0];

/// The probability, 0 to 1.
pub(super) fn probability(question: &Words, entry: &Entry, index: &Index) -> f32 {
    let weights = match entry.source {
        Source::Lesson(_) => &LESSON,
        Source::Document { .. } | Source::Guide { .. } => &PASSAGE,
    };
    let sum: f32 = features(question, entry, index).iter().zip(weights).map(|(feature, weight)| feature * weight).sum();
    1.0 / (1.0 + (-sum).exp())
}

/// What is looked at: 1; how much of the question the entry covers; how much of the entry's own question, or of its heading, the
/// question covers; likeness of spelling of what is not covered; names that differ; numbers that differ; other
/// question words; one says "not".
pub(super) fn features(question: &Words, entry: &Entry, index: &Index) -> [f32; FEATURES] {
    let asked: HashSet<&String> = question.stems.iter().collect();
    let (covered, near) = coverage(&asked, &entry.set, index);
    // A lesson is all question; a passage is asked for by its heading.
    let own: HashSet<&String> = match entry.source {
        Source::Lesson(_) => entry.set.iter().collect(),
        Source::Document { .. } | Source::Guide { .. } => entry.heading_set.iter().collect(),
    };
    let wanted: HashSet<String> = question.stems.iter().cloned().collect();
    let (back, _) = coverage(&own, &wanted, index);
    let lacks = |name: &&String| !entry.set.contains(*name) && !close_to_any(name, &entry.set);
    let names = question.names.iter().filter(lacks).count().min(2) as f32;
    let numbers = question.numbers.iter().filter(|n| !entry.set.contains(*n)).count().min(2) as f32;
    let other = question.asking.iter().filter(|a| !entry.asks.asking.contains(a)).count().min(1) as f32;
    let asks = if question.asking.is_empty() || entry.asks.asking.is_empty() { 0.0 } else { other };
    let not = f32::from(u8::from(question.negated != entry.asks.negated));
    [1.0, covered, back, near, names, numbers, asks, not]
}

/// The weighted share of stems that are there, typing errors included; and how much of it was by likeness.
fn coverage(asked: &HashSet<&String>, there: &HashSet<String>, index: &Index) -> (f32, f32) {
    let (mut all, mut covered, mut near) = (0.0, 0.0, 0.0);
    for stem in asked {
        let weight = index.weight(stem).max(0.3);
        all += weight;
        if there.contains(*stem) {
            covered += weight;
        } else if close_to_any(stem, there) {
            covered += weight * 0.8;
            near += weight;
        }
    }
    if all == 0.0 { (0.0, 0.0) } else { (covered / all, near / all) }
}

/// Whether some stem differs only by a typing error.
fn close_to_any(stem: &str, there: &HashSet<String>) -> bool {
    let length = stem.chars().count();
    if length < 4 || stem.chars().any(|c| c.is_ascii_digit()) || there.len() > 400 {
        return false;
    }
    let allowed = if length < 8 { 1 } else { 2 };
    there.iter().any(|other| {
        let differ = other.chars().count().abs_diff(length);
        differ <= allowed
            && other.chars().next() == stem.chars().next()
            && strsim::damerau_levenshtein(stem, other) <= allowed
    })
}
