//! One thing that can be recalled, with what is compared of it read beforehand.
//!
//! A [`Draft`] is read from the words alone, so it can be made beside the index; the [`Entry`] that it becomes keeps
//! numbers of stems, because there may be a million of them.

use super::vocabulary::{Stem, Vocabulary};
use super::words::{self, Words};
use super::{Recalled, Source};
use domain::exchange::Scope;
use domain::person::Lang;
use std::collections::BTreeSet;
use std::sync::Arc;
use unicode_segmentation::UnicodeSegmentation as _;

/// Where an entry stands; the place of a passage is the entry's heading.
#[derive(Clone)]
pub(super) enum Origin {
    Lesson(Arc<str>),
    Document { id: Arc<str>, title: Arc<str> },
    Guide(Lang),
}

impl Origin {
    pub(super) fn is_lesson(&self) -> bool {
        matches!(self, Self::Lesson(_))
    }

    /// Which weights it has.
    pub(super) fn kind(&self) -> usize {
        match self {
            Self::Lesson(_) => 0,
            Self::Document { .. } => 1,
            Self::Guide(_) => 2,
        }
    }
}

/// A sentence of a passage.
pub(super) struct Sentence<Stems = Box<[Stem]>> {
    pub(super) stems: Stems,
    /// Whether it names a number, a time, an amount.
    pub(super) counts: bool,
}

/// What a passage has beside a lesson.
pub(super) struct Passage<Stems = Box<[Stem]>> {
    /// What must be asked for: the stems of its heading.
    pub(super) own: Stems,
    /// The words by which it is meant to be found: its heading, and what its author wrote to find it by.
    pub(super) central: Stems,
    pub(super) sentences: Box<[Sentence<Stems>]>,
}

/// Stems as they are spelt, in a fixed order.
type Spelt = Vec<String>;

/// An entry that no index holds yet.
pub(super) struct Draft {
    pub(super) owner: Arc<str>,
    pub(super) scope: Scope,
    pub(super) origin: Origin,
    heading: Box<str>,
    text: Box<str>,
    asks: Words,
    passage: Option<Passage<Spelt>>,
    answer: Spelt,
}

impl Draft {
    /// A lesson that is found by these words, its question as a rule.
    pub(super) fn lesson(owner: &str, id: &str, scope: Scope, [asks, question, answer]: [&str; 3]) -> Self {
        let owner: Arc<str> = Arc::from(owner);
        let id = if *owner == *id { owner.clone() } else { Arc::from(id) };
        Self {
            owner,
            scope,
            origin: Origin::Lesson(id),
            heading: question.into(),
            text: answer.into(),
            asks: words::read(asks),
            passage: None,
            answer: words::read(answer).distinct(),
        }
    }

    /// A passage; `asks` are the words by which it is meant to be found, `place` is what a citation calls it.
    pub(super) fn passage(
        owner: Arc<str>,
        scope: Scope,
        origin: Origin,
        [asks, heading, text, place]: [&str; 4],
    ) -> Self {
        let passage = Passage {
            own: words::read(heading).distinct(),
            central: words::read(asks).distinct(),
            sentences: sentences(heading, text),
        };
        Self {
            owner,
            scope,
            origin,
            heading: place.into(),
            text: text.into(),
            asks: words::read(&format!("{asks} {text}")),
            passage: Some(passage),
            answer: Vec::new(),
        }
    }
}

/// The sentences, each with the words of the heading: what a passage is about is not said again in each.
fn sentences(heading: &str, text: &str) -> Box<[Sentence<Spelt>]> {
    let about = words::read(heading).stems;
    text.split_sentence_bounds()
        .map(|sentence| {
            let read = words::read(sentence);
            let counts = words::names_a_number(sentence, &read);
            let stems: BTreeSet<String> = read.stems.into_iter().chain(about.iter().cloned()).collect();
            Sentence { stems: stems.into_iter().collect(), counts }
        })
        .collect()
}

/// One thing that can be recalled.
pub(super) struct Entry {
    pub(super) origin: Origin,
    /// The part of the index that it stands in.
    pub(super) shard: u32,
    heading: Box<str>,
    text: Box<str>,
    /// What it answers, the question of a lesson or the words of a passage: its stems in the order of the alphabet,
    /// each once.
    pub(super) stems: Box<[Stem]>,
    /// How often it says each of them; empty where it says each once.
    times: Box<[u16]>,
    /// How many there are with repetitions.
    pub(super) length: u16,
    pub(super) kinds: u16,
    pub(super) negated: bool,
    /// Words that exclude others.
    pub(super) marks: Box<[Stem]>,
    /// Stems after a word that says whether one comes from there (true) or goes there.
    pub(super) ways: Box<[(bool, Stem)]>,
    /// The stems of a lesson's answer.
    pub(super) answer: Box<[Stem]>,
    pub(super) passage: Option<Box<Passage>>,
}

impl Entry {
    pub(super) fn new(draft: Draft, shard: u32, vocabulary: &mut Vocabulary) -> Self {
        let asks = &draft.asks;
        let distinct = asks.distinct();
        let often = |stem: &String| asks.stems.iter().filter(|own| *own == stem).count();
        let once = asks.stems.len() == distinct.len();
        let times = if once { Box::default() } else { distinct.iter().map(|stem| short(often(stem))).collect() };
        Self {
            shard,
            times,
            length: short(asks.stems.len()),
            kinds: asks.kinds,
            negated: asks.negated,
            stems: numbers(&distinct, vocabulary),
            marks: numbers(&asks.marks, vocabulary),
            ways: asks.ways.iter().map(|(from, place)| (*from, vocabulary.number(place))).collect(),
            answer: numbers(&draft.answer, vocabulary),
            passage: draft.passage.map(|passage| Box::new(numbered(&passage, vocabulary))),
            origin: draft.origin,
            heading: draft.heading,
            text: draft.text,
        }
    }

    pub(super) fn holds(&self, stem: Stem) -> bool {
        self.stems.contains(&stem)
    }

    /// How often it says a stem.
    pub(super) fn times(&self, stem: Stem) -> u16 {
        match self.stems.iter().position(|own| *own == stem) {
            None => 0,
            Some(at) => self.times.get(at).copied().unwrap_or(1),
        }
    }

    /// What must be asked for: the whole question of a lesson, the heading of a passage.
    pub(super) fn own(&self) -> &[Stem] {
        self.passage.as_ref().map_or(&self.stems, |passage| &passage.own)
    }

    /// Whether both are wordings of one lesson.
    pub(super) fn is_of(&self, other: &Self) -> bool {
        matches!((&self.origin, &other.origin), (Origin::Lesson(own), Origin::Lesson(other)) if own == other)
    }

    /// The question of a lesson, the heading of a passage.
    pub(super) fn heading(&self) -> &str {
        &self.heading
    }

    /// The answer of a lesson, the text of a passage.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn source(&self) -> Source {
        match &self.origin {
            Origin::Lesson(id) => Source::Lesson((&**id).into()),
            Origin::Document { id, title } => {
                Source::Document { id: (&**id).into(), title: (**title).to_owned(), place: (*self.heading).to_owned() }
            }
            Origin::Guide(lang) => Source::Guide { lang: *lang, place: (*self.heading).to_owned() },
        }
    }

    pub(super) fn recalled(&self, score: f32) -> Recalled {
        let (question, text) = ((*self.heading).to_owned(), (*self.text).to_owned());
        Recalled { source: self.source(), question, text, score }
    }
}

fn numbers(stems: &[String], vocabulary: &mut Vocabulary) -> Box<[Stem]> {
    stems.iter().map(|stem| vocabulary.number(stem)).collect()
}

fn numbered(passage: &Passage<Spelt>, vocabulary: &mut Vocabulary) -> Passage {
    let sentences = passage.sentences.iter();
    Passage {
        own: numbers(&passage.own, vocabulary),
        central: numbers(&passage.central, vocabulary),
        sentences: sentences
            .map(|sentence| Sentence { stems: numbers(&sentence.stems, vocabulary), counts: sentence.counts })
            .collect(),
    }
}

fn short(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}
