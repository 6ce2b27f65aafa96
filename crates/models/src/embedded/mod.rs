//! The model that is always there: it answers from what it was taught, or says that it does not know.
//!
//! It is a retrieval model and says so. Lessons, texts and the user guide stand in one index in memory;
//! a question is matched by the stems of its words (English and Russian) with BM25 to find candidates,
//! and each candidate is scored by what it shares with the question and where it differs. The score stands for
//! the probability of being right: it is fitted on questions that an entry answers and on questions that only
//! look alike (`evals/`). Below the minimum nothing is said.

mod entry;
mod guide;
mod index;
mod lists;
mod score;
mod stems;
mod words;

/// What the fit of the coefficients needs to see.
pub mod calibration {
    pub use super::rank;
    pub use super::score::{Coefficients, FEATURES, Features, KINDS, NAMES, kind};
}

use domain::exchange::{Document, Lesson, Scope};
use domain::ids::{DocumentId, LessonId};
use domain::person::Lang;
use domain::text::{say, say_with};
use entry::Entry;
use index::Index;
use score::{Coefficients, Standing};

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

/// Candidates that are scored closely.
const CANDIDATES: usize = 40;

/// The embedded model.
pub struct Embedded {
    index: Index,
    coefficients: Coefficients,
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
        let mut index = Index::default();
        for (lang, text) in guide::PAGES {
            for passage in guide::passages(text) {
                let source = Source::Guide { lang: *lang, place: passage.place.clone() };
                index.add(Entry::new("guide", Scope::Everyone, source, &passage.asks, &passage.place, &passage.text));
            }
        }
        Self { index, coefficients }
    }

    /// Takes a lesson in; a later one for the same question outweighs an earlier one.
    pub fn learn(&mut self, lesson: &Lesson) {
        self.index.remove(lesson.id.as_str());
        let source = Source::Lesson(lesson.id.clone());
        self.index.add(Entry::new(
            lesson.id.as_str(),
            lesson.scope.clone(),
            source,
            &lesson.question,
            &lesson.question,
            &lesson.answer,
        ));
    }

    /// Takes a text in; the number of its passages.
    pub fn read(&mut self, document: &Document) -> usize {
        self.index.remove(document.id.as_str());
        let passages = guide::passages(&document.text);
        for passage in &passages {
            let source = Source::Document {
                id: document.id.clone(),
                title: document.title.clone(),
                place: passage.place.clone(),
            };
            self.index.add(Entry::new(
                document.id.as_str(),
                document.scope.clone(),
                source,
                &passage.asks,
                &passage.place,
                &passage.text,
            ));
        }
        passages.len()
    }

    /// Forgets a lesson or a text.
    pub fn unlearn(&mut self, id: &str) {
        self.index.remove(id);
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
        let asked = self.index.look_up(words);
        let mut candidates = self.index.candidates(&asked, scopes, limit);
        candidates.retain(|(entry, _)| !is_in_another_language(&entry.source, lang));
        let Some((first, best)) = candidates.first().copied() else { return Vec::new() };
        // A question that was taught twice stands beside itself, and no less surely.
        let second = candidates.iter().find(|(entry, _)| entry.stems != first.stems).map_or(0.0, |(_, bm25)| *bm25);
        candidates
            .into_iter()
            .map(|(entry, bm25)| {
                let ahead = if entry.stems == first.stems { 1.0 - second / best } else { 0.0 };
                let standing = Standing { close: bm25 / best, ahead };
                let features = score::features(&asked, entry, &self.index, standing);
                let probability = self.coefficients.probability(score::kind(&entry.source), &features);
                (entry, Compared { source: entry.source.clone(), features, bm25, probability })
            })
            .collect()
    }

    /// What fits a question in these scopes with at least this probability, best first; without one, with the
    /// probabilities that were calibrated.
    pub fn recall(&self, question: &str, scopes: &[Scope], limit: usize, minimum: Option<f32>) -> Vec<Recalled> {
        let mut found: Vec<Recalled> = self
            .closest(question, scopes, CANDIDATES)
            .into_iter()
            .filter(|(_, compared)| {
                compared.probability >= minimum.unwrap_or(self.coefficients.minimum_for(&compared.source))
            })
            .map(|(entry, compared)| entry.recalled(compared.probability))
            .collect();
        let rank = |recalled: &Recalled| rank(&recalled.source, recalled.score);
        found.sort_by(|a, b| rank(b).total_cmp(&rank(a)).then_with(|| newest(b).cmp(newest(a))));
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

/// Whether a source is a page of the guide in another language than this.
fn is_in_another_language(source: &Source, lang: Option<Lang>) -> bool {
    matches!(source, Source::Guide { lang: own, .. } if lang.is_some_and(|lang| lang != *own))
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

/// What training leaves.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Snapshot {}

impl Embedded {
    /// Sees what is known as training left it.
    pub fn apply(&mut self, _: &Snapshot) {}
}

#[cfg(test)]
mod tests;
