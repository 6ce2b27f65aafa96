//! The model that is always there: it answers from what it was taught, or says that it does not know.
//!
//! It is a retrieval model and says so. Lessons, texts and the user guide stand in one index in memory;
//! a question is matched by the stems of its words (English and Russian) with BM25 to find candidates,
//! and each candidate is scored by what it shares with the question and where it differs. The score stands for
//! the probability of being right: it is fitted on questions that an entry answers and on questions that only
//! look alike (`evals/`). Below the minimum nothing is said.

mod entry;
pub mod fit;
mod guide;
mod index;
mod lists;
mod postings;
mod regression;
mod score;
mod search;
pub mod snapshot;
mod stems;
mod vocabulary;
mod words;

/// What the fit of the coefficients needs to see.
pub mod calibration {
    pub use super::rank;
    pub use super::regression::{Prior, Row, logistic};
    pub use super::score::{Coefficients, FEATURES, Features, KINDS, NAMES, kind};
}

use domain::exchange::{Document, Lesson, Scope};
use domain::ids::{DocumentId, LessonId};
use domain::person::Lang;
use domain::text::{say, say_with};
use entry::{Draft, Entry, Origin};
use index::Index;
use score::{Coefficients, Standing};
use snapshot::{Applied, nearness};
use std::collections::HashSet;
use std::sync::Arc;

/// Where an answer stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A lesson.
    Lesson(LessonId),
    /// A passage of a document.
    Document {
        /// The document.
        id: DocumentId,
        /// Its title.
        title: String,
        /// Heading, or line.
        place: String,
    },
    /// A passage of the user guide.
    Guide {
        /// Its language.
        lang: Lang,
        /// Its heading.
        place: String,
    },
}

/// Something that fits a question.
#[derive(Clone, Debug, PartialEq)]
pub struct Recalled {
    /// Where it stands.
    pub source: Source,
    /// The question of a lesson, the heading of a passage.
    pub question: String,
    /// The answer of a lesson, the text of a passage.
    pub text: String,
    /// Probability that it answers the question, 0 to 1.
    pub score: f32,
}

/// What the embedded model says.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// An answer with its citation.
    Answer {
        /// Markdown.
        markdown: String,
        /// Where it stands.
        sources: Vec<Source>,
        /// Probability of being right, 0 to 1.
        score: f32,
    },
    /// It does not know, and says how to teach it.
    Unknown {
        /// Markdown.
        markdown: String,
    },
    /// A greeting, a thanks.
    Smalltalk {
        /// Markdown.
        markdown: String,
    },
}

/// An entry held against a question.
#[derive(Clone, Debug)]
pub struct Compared {
    /// What was compared.
    pub source: Source,
    /// What the two share and where they differ.
    pub features: score::Features,
    /// How BM25 rates it.
    pub bm25: f32,
    /// Probability that it answers the question, 0 to 1.
    pub probability: f32,
}

impl Compared {
    /// Whether a feature of this name is above zero.
    fn shows(&self, name: &str) -> bool {
        let at = score::NAMES.iter().position(|own| *own == name);
        at.and_then(|at| self.features.get(at)).is_some_and(|feature| *feature > 0.0)
    }
}

/// Candidates that are scored closely.
const CANDIDATES: usize = 40;
/// Lessons that are read before they are taken in.
const BATCH: usize = 4096;

/// A lesson that was read: taking it in costs little, so a lock need not be held while it is read.
pub struct Prepared(Draft);

impl Prepared {
    /// Reads a lesson.
    pub fn lesson(lesson: &Lesson) -> Self {
        let id = lesson.id.as_str();
        Self(Draft::lesson(id, id, lesson.scope.clone(), [&lesson.question, &lesson.question, &lesson.answer]))
    }
}

/// The embedded model.
pub struct Embedded {
    index: Index,
    coefficients: Coefficients,
    applied: Applied,
}

impl Default for Embedded {
    fn default() -> Self {
        Self::new()
    }
}

impl Embedded {
    /// A model that knows its own user guide.
    pub fn new() -> Self {
        Self::with(Coefficients::fitted().clone())
    }

    /// The same with other coefficients than the fitted ones.
    pub fn with(coefficients: Coefficients) -> Self {
        let mut model = Self { coefficients, ..Self::empty() };
        let owner: Arc<str> = Arc::from("guide");
        let pages = guide::PAGES.iter().flat_map(|(lang, text)| {
            let passages = guide::passages(text).into_iter();
            let owner = &owner;
            passages.map(move |passage| {
                let words =
                    [passage.asks.as_str(), passage.place.as_str(), passage.text.as_str(), passage.place.as_str()];
                Draft::passage(owner.clone(), Scope::Everyone, Origin::Guide(*lang), words)
            })
        });
        model.index.put(&owner, pages);
        model
    }

    /// A model that knows nothing at all.
    fn empty() -> Self {
        Self { index: Index::default(), coefficients: Coefficients::fitted().clone(), applied: Applied::default() }
    }

    /// Takes a lesson in; a later one for the same question outweighs an earlier one.
    pub fn learn(&mut self, lesson: &Lesson) {
        self.take(Prepared::lesson(lesson));
    }

    /// Takes a lesson in that was read before.
    pub fn take(&mut self, prepared: Prepared) {
        let owner = prepared.0.owner.clone();
        self.index.put(&owner, [prepared.0]);
        self.taken(&owner);
    }

    /// Takes many lessons in; they are read on several processors.
    pub fn learn_all(&mut self, lessons: &[Lesson]) {
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        for batch in lessons.chunks(BATCH) {
            let share = batch.len().div_ceil(workers).max(1);
            let prepare = |part: &[Lesson]| part.iter().map(Prepared::lesson).collect::<Vec<_>>();
            std::thread::scope(|scope| {
                let parts: Vec<_> =
                    batch.chunks(share).map(|part| (part, scope.spawn(move || prepare(part)))).collect();
                for (part, reading) in parts {
                    let prepared = reading.join().unwrap_or_else(|_| prepare(part));
                    prepared.into_iter().for_each(|prepared| self.take(prepared));
                }
            });
        }
    }

    /// Takes a text in; the number of its passages.
    pub fn read(&mut self, document: &Document) -> usize {
        let owner: Arc<str> = Arc::from(document.id.as_str());
        let origin = Origin::Document { id: owner.clone(), title: Arc::from(document.title.as_str()) };
        let draft = |words| Draft::passage(owner.clone(), document.scope.clone(), origin.clone(), words);
        if document.passages.is_empty() {
            let passages = guide::passages(&document.text);
            return self.index.put(&owner, passages.iter().map(|p| draft([&p.asks, &p.place, &p.text, &p.place])));
        }
        let passages = document.passages.iter();
        self.index.put(&owner, passages.map(|p| draft([&p.heading, &p.heading, &p.text, &p.place])))
    }

    /// The passages of these documents that fit a question best, however little: what is asked about a document that
    /// lies before everybody is looked for in it, and a language model judges whether it is an answer.
    pub fn look_in(&self, question: &str, scopes: &[Scope], documents: &[DocumentId], limit: usize) -> Vec<Recalled> {
        let of = |entry: &Entry| match &entry.origin {
            Origin::Document { id, .. } => documents.iter().any(|document| document.as_str() == &**id),
            Origin::Lesson(_) | Origin::Guide(_) => false,
        };
        let found = self.closest(question, scopes, CANDIDATES * 4).into_iter().filter(|(entry, _)| of(entry));
        found.take(limit).map(|(entry, compared)| entry.recalled(compared.probability)).collect()
    }

    /// Forgets a lesson or a text.
    pub fn unlearn(&mut self, id: &str) {
        self.index.remove(id);
        self.forgotten(id);
    }

    /// The likeliest entries of these scopes with what speaks for and against them, by BM25.
    pub fn compare(&self, question: &str, scopes: &[Scope], limit: usize) -> Vec<Compared> {
        let found = self.closest(question, scopes, limit).into_iter();
        found.map(|(_, compared)| compared).collect()
    }

    fn closest(&self, question: &str, scopes: &[Scope], limit: usize) -> Vec<(&Entry, Compared)> {
        let words = words::read(question);
        if words.stems.is_empty() {
            return Vec::new();
        }
        let lang = words::language(question);
        let view = self.index.seen_by(scopes);
        let asked = view.look_up(words);
        let mut candidates = search::best(&view, &asked, limit);
        candidates.retain(|(entry, _)| !is_in_another_language(entry, lang));
        let Some((first, best)) = candidates.first().copied() else { return Vec::new() };
        // A question that was taught twice stands beside itself, and no less surely; so do two wordings of a lesson.
        let rival = |entry: &Entry| entry.stems != first.stems && !entry.is_of(first);
        let second = candidates.iter().find(|(entry, _)| rival(entry)).map_or(0.0, |(_, bm25)| *bm25);
        candidates
            .into_iter()
            .map(|(entry, bm25)| {
                let ahead = if entry.stems == first.stems { 1.0 - second / best } else { 0.0 };
                let standing = Standing { close: bm25 / best, ahead };
                let features = score::features(&asked, entry, &view, standing);
                let probability = self.coefficients.probability(entry.origin.kind(), &features);
                (entry, Compared { source: entry.source(), features, bm25, probability })
            })
            .collect()
    }

    /// What fits a question in these scopes with at least this probability, best first; without one, with the
    /// probabilities that were calibrated.
    pub fn recall(&self, question: &str, scopes: &[Scope], limit: usize, minimum: Option<f32>) -> Vec<Recalled> {
        let forbidden = self.forbidden(question, scopes);
        let sure = |compared: &Compared| {
            compared.probability >= minimum.unwrap_or(self.coefficients.minimum_for(&compared.source))
        };
        let mut found: Vec<Recalled> = self
            .closest(question, scopes, CANDIDATES)
            .into_iter()
            .filter(|(entry, compared)| {
                sure(compared) && !forbidden.bars(&compared.source, entry.text(), nearness(compared))
            })
            .map(|(entry, compared)| entry.recalled(compared.probability))
            .collect();
        let rank = |recalled: &Recalled| rank(&recalled.source, recalled.score);
        found.sort_by(|a, b| rank(b).total_cmp(&rank(a)).then_with(|| newest(b).cmp(newest(a))));
        // A lesson may be found by several of its wordings.
        let mut seen = HashSet::new();
        found.retain(|recalled| !matches!(&recalled.source, Source::Lesson(id) if !seen.insert(id.clone())));
        found.truncate(limit);
        found
    }

    /// The model's own answer, given with at least this probability of being right; without one, with the
    /// calibrated.
    pub fn answer(&self, question: &str, scopes: &[Scope], lang: Lang, minimum: Option<f32>) -> Reply {
        let lang = words::language(question).unwrap_or(lang);
        if words::is_smalltalk(question) {
            return Reply::Smalltalk { markdown: say(lang, "embedded-hello") };
        }
        match self.recall(question, scopes, 1, minimum).first() {
            Some(best) => cited(best, question, lang),
            None => Reply::Unknown { markdown: say(lang, "embedded-unknown") },
        }
    }
}

/// The order of what is sure enough: lessons before texts before the guide, when they are about as sure.
pub fn rank(source: &Source, probability: f32) -> f32 {
    let worth = match source {
        Source::Lesson(_) => 0.3,
        Source::Document { .. } => 0.1,
        Source::Guide { .. } => 0.0,
    };
    probability + worth
}

/// Whether an entry is a page of the guide in another language than this.
fn is_in_another_language(entry: &Entry, lang: Option<Lang>) -> bool {
    matches!(entry.origin, Origin::Guide(own) if lang.is_some_and(|lang| lang != own))
}

fn newest(recalled: &Recalled) -> &str {
    match &recalled.source {
        Source::Lesson(id) => id.as_str(),
        _ => "",
    }
}

fn cited(best: &Recalled, question: &str, lang: Lang) -> Reply {
    let (text, from) = match &best.source {
        Source::Lesson(_) => (best.text.clone(), say(lang, "embedded-from-lesson")),
        Source::Document { title, place, .. } => {
            let text = words::best_sentences(question, &best.text);
            (text, say_with(lang, "embedded-from-text", &[("title", title.clone()), ("place", place.clone())]))
        }
        Source::Guide { place, .. } => {
            (best.text.clone(), say_with(lang, "embedded-from-guide", &[("place", place.clone())]))
        }
    };
    Reply::Answer { markdown: format!("{text}\n\n_{from}_"), sources: vec![best.source.clone()], score: best.score }
}

#[cfg(test)]
mod tests;
