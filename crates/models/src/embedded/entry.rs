//! One thing that can be recalled, with what is compared of it read beforehand.

use super::words::{self, Words};
use super::{Recalled, Source};
use domain::exchange::Scope;
use std::collections::HashSet;
use unicode_segmentation::UnicodeSegmentation as _;

/// A sentence of a passage.
pub(super) struct Sentence {
    pub(super) stems: HashSet<String>,
    /// Whether it names a number, a time, an amount.
    pub(super) counts: bool,
}

/// One thing that can be recalled.
pub(super) struct Entry {
    pub(super) id: String,
    pub(super) scope: Scope,
    pub(super) source: Source,
    heading: String,
    text: String,
    /// What it answers: the question of a lesson, the words of a passage.
    pub(super) asks: Words,
    /// Its stems in a fixed order, each once.
    pub(super) stems: Vec<String>,
    pub(super) set: HashSet<String>,
    /// What must be asked for: the whole question of a lesson, the heading of a passage.
    pub(super) own: Vec<String>,
    /// The words by which a passage is meant to be found: its heading, and what its author wrote to find it by.
    pub(super) central: HashSet<String>,
    /// The sentences of a passage.
    pub(super) sentences: Vec<Sentence>,
    /// The stems of a lesson's answer.
    pub(super) answer: HashSet<String>,
}

impl Entry {
    pub(super) fn new(id: &str, scope: Scope, source: Source, asks: &str, heading: &str, text: &str) -> Self {
        let is_lesson = matches!(source, Source::Lesson(_));
        let central = words::read(asks).stems.into_iter().collect();
        let asks = if is_lesson { words::read(asks) } else { words::read(&format!("{asks} {text}")) };
        let stems = asks.distinct();
        let own = if is_lesson { stems.clone() } else { words::read(heading).distinct() };
        Self {
            id: id.to_owned(),
            scope,
            source,
            heading: heading.to_owned(),
            text: text.to_owned(),
            set: stems.iter().cloned().collect(),
            sentences: if is_lesson { Vec::new() } else { sentences(heading, text) },
            answer: if is_lesson { words::read(text).stems.into_iter().collect() } else { HashSet::new() },
            central,
            asks,
            stems,
            own,
        }
    }

    pub(super) fn recalled(&self, score: f32) -> Recalled {
        Recalled { source: self.source.clone(), question: self.heading.clone(), text: self.text.clone(), score }
    }
}

/// The sentences, each with the words of the heading: what a passage is about is not said again in each.
fn sentences(heading: &str, text: &str) -> Vec<Sentence> {
    let about: HashSet<String> = words::read(heading).stems.into_iter().collect();
    text.split_sentence_bounds()
        .map(|sentence| {
            let read = words::read(sentence);
            let counts = words::names_a_number(sentence, &read);
            let stems = read.stems.into_iter().chain(about.iter().cloned()).collect();
            Sentence { stems, counts }
        })
        .collect()
}
