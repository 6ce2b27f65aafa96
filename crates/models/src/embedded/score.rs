//! How likely an entry answers a question: a logistic model over what the two share and where they differ.
//!
//! The coefficients stand in `coefficients.json`, one set for lessons, one for texts, one for the user guide, with
//! the least probability at which an answer is given. They are fitted by `cargo run -p apprentice-models --example
//! calibrate` on the questions in `evals/`; a test holds the file against the fit.

use super::Source;
use super::entry::{Entry, Origin, Sentence};
use super::index::{Asked, View};
use super::lists::{Kinds, LISTS, WHAT, WHETHER};
use super::vocabulary::Stem;
use super::words;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::LazyLock;

/// Number of features, the constant included.
pub const FEATURES: usize = 30;

/// What is looked at, in order; the names by which the coefficients are stored.
pub const NAMES: [&str; FEATURES] = [
    "constant",
    // Share of the question that the entry says, and of the entry's own question or heading that is asked.
    "covered",
    "back",
    // Share of the question that is said in another form or misspelt.
    "near",
    // Names and numbers of the question that the entry lacks; another kind of question; one says "not".
    "names",
    "numbers",
    "other_kind",
    "negation",
    "same_kind",
    "one_kind",
    "asks_more",
    "asks_less",
    // Words that only the question, only the entry has; both; the share of the most telling ones.
    "left",
    "lacking",
    "swapped",
    "heaviest_left",
    "heaviest_lacking",
    // Words that exclude each other: another day, another colour; opposites; from and to exchanged; one such word that
    // the entry lacks.
    "excluded",
    "opposite",
    "turned",
    "added",
    // The best sentence of a passage: the share of the question that it says; no number in it where one is asked for.
    "sentence",
    "unproved",
    // The share of the question among the words by which a passage is meant to be found.
    "central",
    // Both say the same; few words to go by; what is left of the question stands in the lesson's answer.
    "exact",
    "brief",
    "answered",
    // How near the entry comes to the likeliest one, and how far it is before all others; the guide alone: the
    // question speaks to the bot.
    "close",
    "ahead",
    "addressed",
];

/// The features of one question and one entry.
pub type Features = [f32; FEATURES];

/// What the fit yields.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Coefficients {
    /// For lessons, texts and the guide, in this order.
    pub weights: [Features; 3],
    /// Below these probabilities nothing is said.
    pub minimum: [f32; 3],
}

/// The sets of weights by name.
pub const KINDS: [&str; 3] = ["lesson", "text", "guide"];

static FITTED: LazyLock<Coefficients> =
    LazyLock::new(|| Coefficients::parse(include_str!("coefficients.json")).unwrap_or_else(Coefficients::silent));

impl Coefficients {
    /// The ones that are compiled in.
    pub fn fitted() -> &'static Self {
        &FITTED
    }

    /// Never answers.
    fn silent() -> Self {
        Self { weights: [[0.0; FEATURES]; 3], minimum: [1.0; 3] }
    }

    /// The least probability at which a source is used.
    pub fn minimum_for(&self, source: &Source) -> f32 {
        self.minimum.get(kind(source)).copied().unwrap_or(1.0)
    }

    /// Reads the file; none if anything is missing.
    pub fn parse(text: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(text).ok()?;
        let mut read = Self::silent();
        for ((weights, minimum), kind) in read.weights.iter_mut().zip(&mut read.minimum).zip(KINDS) {
            *minimum = value.get("minimum")?.get(kind)?.as_f64()? as f32;
            for (weight, name) in weights.iter_mut().zip(NAMES) {
                *weight = value.get(kind)?.get(name)?.as_f64()? as f32;
            }
        }
        Some(read)
    }

    /// The probability, 0 to 1, that a source of this kind with these features answers.
    pub fn probability(&self, kind: usize, features: &Features) -> f32 {
        let sum: f32 = self.weights.get(kind).map_or(0.0, |weights| dot(weights, features));
        1.0 / (1.0 + (-sum).exp())
    }
}

fn dot(weights: &Features, features: &Features) -> f32 {
    weights.iter().zip(features).map(|(weight, feature)| weight * feature).sum()
}

/// Which weights a source has.
pub fn kind(source: &Source) -> usize {
    match source {
        Source::Lesson(_) => 0,
        Source::Document { .. } => 1,
        Source::Guide { .. } => 2,
    }
}

/// What one side has and the other lacks.
struct Difference {
    /// Weighted share that is there, and how much of it only nearly.
    covered: f32,
    near: f32,
    /// How many are not there, and the share of the most telling of them.
    missing: f32,
    heaviest: f32,
    /// Weight of what is not there.
    lost: f32,
}

/// How an entry stands among the candidates, by BM25.
#[derive(Clone, Copy)]
pub(super) struct Standing {
    /// Its share of the best one's.
    pub(super) close: f32,
    /// How far it is before all others, as a share of its own; 0 where one is before it.
    pub(super) ahead: f32,
}

/// What is looked at.
pub(super) fn features(asked: &Asked, entry: &Entry, view: &View<'_>, standing: Standing) -> Features {
    let question = question_in(asked, |stem| entry.holds(stem));
    let own = own_in(entry, asked, view);
    let (excluded, opposite, added) = exclusions(asked, entry, view);
    let (same_kind, other_kind, one_kind, more, less) = kinds(asked.words.kinds, entry.kinds);
    let passage = entry.passage.as_deref();
    let only_lesson = |feature: f32| if passage.is_none() { feature } else { 0.0 };
    let negation = only_lesson(flag(asked.words.negated != entry.negated));
    let (sentence, unproved) = passage.map_or((0.0, 0.0), |passage| best_sentence(asked, &passage.sentences));
    let lacks = |number: &&Option<Stem>| !number.is_some_and(|number| entry.holds(number));
    let numbers = asked.numbers.iter().filter(lacks).count().min(2) as f32;
    let turned = only_lesson(turned(asked, entry));
    let clean = turned + other_kind + more + less + negation + numbers + excluded + opposite + added == 0.0;
    [
        1.0,
        question.covered,
        own.covered,
        question.near,
        missing_names(asked, entry),
        numbers,
        only_lesson(other_kind),
        negation,
        only_lesson(same_kind),
        only_lesson(one_kind),
        only_lesson(more),
        only_lesson(less),
        question.missing,
        own.missing,
        only_lesson(flag(question.missing > 0.0 && own.missing > 0.0)),
        question.heaviest,
        own.heaviest,
        excluded,
        opposite,
        turned,
        added,
        sentence,
        unproved,
        passage.map_or(0.0, |passage| question_in(asked, |stem| passage.central.contains(&stem)).covered),
        flag(question.missing == 0.0 && own.missing == 0.0 && clean),
        brevity(asked),
        answered(asked, entry, question.lost),
        standing.close,
        standing.ahead,
        flag(asked.words.addressed && matches!(entry.origin, Origin::Guide(_))),
    ]
}

/// Whether both ask for the same, for something else, only one asks, only the question asks for more than "what", or
/// only the entry does.
fn kinds(asked: Kinds, theirs: Kinds) -> (f32, f32, f32, f32, f32) {
    let vague = |kinds: Kinds| kinds & (*WHAT | *WHETHER) != 0;
    let differ = asked != 0 && theirs != 0 && asked & theirs == 0;
    (
        flag(asked & theirs != 0),
        flag(differ && vague(asked) == vague(theirs)),
        flag((asked == 0) != (theirs == 0)),
        flag(differ && !vague(asked) && vague(theirs)),
        flag(differ && vague(asked) && !vague(theirs)),
    )
}

fn flag(holds: bool) -> f32 {
    if holds { 1.0 } else { 0.0 }
}

/// How much of the question is there.
fn question_in(asked: &Asked, has: impl Fn(Stem) -> bool) -> Difference {
    difference(asked.terms.iter().map(|term| (term.weight, term.share(&has), term.light)))
}

/// How much of the entry's own question, or of its heading, is asked.
fn own_in(entry: &Entry, asked: &Asked, view: &View<'_>) -> Difference {
    let own = entry.own().iter();
    difference(own.map(|stem| (view.weight(*stem), flag(asked.says(*stem)), view.vocabulary().is_light(*stem))))
}

fn difference(terms: impl Iterator<Item = (f32, f32, bool)>) -> Difference {
    let (mut all, mut there, mut near, mut missing, mut heaviest) = (0.0, 0.0, 0.0, 0.0, 0.0_f32);
    for (weight, share, light) in terms {
        all += weight;
        there += weight * share;
        if share == 0.0 {
            missing += flag(!light);
            heaviest = heaviest.max(weight);
        } else if share < 1.0 {
            near += weight;
        }
    }
    let all: f32 = if all == 0.0 { 1.0 } else { all };
    Difference {
        covered: there / all,
        near: near / all,
        missing: f32::min(missing, 3.0),
        heaviest: heaviest / all,
        lost: all - there,
    }
}

fn missing_names(asked: &Asked, entry: &Entry) -> f32 {
    let holds = |stem: &Stem| entry.holds(*stem);
    let lacks = |(name, variants): &&(Option<Stem>, Vec<Stem>)| !name.iter().chain(variants).any(holds);
    asked.names.iter().filter(lacks).count().min(2) as f32
}

/// Whether the question has a word which excludes one of the entry's, the opposite of one, or such a word more.
fn exclusions(asked: &Asked, entry: &Entry, view: &View<'_>) -> (f32, f32, f32) {
    let theirs = &entry.marks;
    let said = |other: &Stem| asked.marks.iter().any(|mark| mark.stem == Some(*other));
    let there = |stem: Stem| theirs.contains(&stem) || entry.holds(stem);
    let sets_of = |stem: &Stem| LISTS.sets_of(view.vocabulary().text(*stem));
    let (mut excluded, mut opposite, mut added) = (false, false, false);
    for mark in asked.marks.iter().filter(|mark| !mark.stem.is_some_and(there)) {
        let excludes = |other: &Stem| sets_of(other).iter().any(|set| mark.sets.contains(set)) && !said(other);
        excluded |= !mark.sets.is_empty() && theirs.iter().any(excludes);
        opposite |= mark.opposites.iter().any(|other| theirs.contains(other) && !said(other));
        added |= !mark.sets.is_empty();
    }
    (flag(excluded), flag(opposite), flag(added && !excluded))
}

/// Whether one comes from where the other goes to.
fn turned(asked: &Asked, entry: &Entry) -> f32 {
    let theirs = &entry.ways;
    let other_way = |(from, place): &(bool, Option<Stem>)| {
        place.is_some_and(|place| theirs.contains(&(!from, place)) && !theirs.contains(&(*from, place)))
    };
    flag(asked.ways.iter().any(other_way))
}

/// How much of the question the best sentence says, and whether it has no number where one is asked for.
fn best_sentence(asked: &Asked, sentences: &[Sentence]) -> (f32, f32) {
    let wanted = words::wants_a_number(asked.words.kinds);
    let (mut best, mut proved) = (0.0, true);
    for sentence in sentences {
        let covered = question_in(asked, |stem| sentence.stems.contains(&stem)).covered;
        if covered > best {
            (best, proved) = (covered, sentence.counts);
        }
    }
    (best, flag(wanted && !proved))
}

/// How few words there are to go by: 1 for one, 0 from three on.
fn brevity(asked: &Asked) -> f32 {
    match asked.terms.iter().filter(|term| !term.light).count() {
        0 | 1 => 1.0,
        2 => 0.5,
        _ => 0.0,
    }
}

/// The share of what the entry's question lacks that its answer says.
fn answered(asked: &Asked, entry: &Entry, lost: f32) -> f32 {
    let there = |key: Stem| !entry.holds(key) && entry.answer.contains(&key);
    let found: f32 = asked.terms.iter().filter(|term| term.key.is_some_and(there)).map(|term| term.weight).sum();
    if lost <= 0.0 { 0.0 } else { (found / lost).min(1.0) }
}
