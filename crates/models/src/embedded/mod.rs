//! The model that is always there: it answers from what it was taught, or says that it does not know.
//!
//! It is a retrieval model and says so. Lessons, texts and the user guide stand in one index in memory;
//! a question is matched by the stems of its words (English and Russian) with BM25 to find candidates,
//! and each candidate is scored by how much of the question's meaning it covers. The score stands for
//! the probability of being right, and is held against pairs that match and pairs that only look
//! alike; below the minimum nothing is said.

mod guide;
mod index;
mod score;
mod words;

use domain::exchange::{Document, Lesson, Scope};
use domain::ids::{DocumentId, LessonId};
use domain::person::Lang;
use domain::text::{say, say_with};
use index::{Entry, Index};

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

/// Candidates that are scored closely.
const CANDIDATES: usize = 40;

/// The embedded model.
pub struct Embedded {
    index: Index,
    minimum: f32,
}

impl Default for Embedded {
    fn default() -> Self {
        Self::new()
    }
}

impl Embedded {
    /// A model that knows its own user guide.
    pub fn new() -> Self {
        let mut index = Index::default();
        for (lang, text) in guide::PAGES {
            for passage in guide::passages(text) {
                let source = Source::Guide { lang: *lang, place: passage.place.clone() };
                index.add(Entry::new("guide", Scope::Everyone, source, &passage.asks, &passage.place, &passage.text));
            }
        }
        Self { index, minimum: score::MINIMUM }
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
            // A passage is found by its own words.
            let asks = format!("{} {}", passage.place, passage.text);
            self.index.add(Entry::new(
                document.id.as_str(),
                document.scope.clone(),
                source,
                &asks,
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

    /// What fits a question in these scopes, best first, above the minimum.
    pub fn recall(&self, question: &str, scopes: &[Scope], limit: usize) -> Vec<Recalled> {
        let question = words::read(question);
        if question.stems.is_empty() {
            return Vec::new();
        }
        let mut found: Vec<Recalled> = self
            .index
            .candidates(&question, scopes, CANDIDATES)
            .into_iter()
            .map(|entry| entry.recalled(score::probability(&question, entry, &self.index)))
            .filter(|recalled| recalled.score >= self.minimum)
            .collect();
        // Lessons before texts before the guide, when they are about as sure; the newest lesson first.
        found.sort_by(|a, b| rank(b).total_cmp(&rank(a)).then_with(|| newest(b).cmp(newest(a))));
        found.truncate(limit);
        found
    }

    /// The model's own answer.
    pub fn answer(&self, question: &str, scopes: &[Scope], lang: Lang) -> Reply {
        let lang = words::language(question).unwrap_or(lang);
        if words::is_smalltalk(question) {
            return Reply::Smalltalk { markdown: say(lang, "embedded-hello") };
        }
        let found = self.recall(question, scopes, 4);
        let best = found
            .iter()
            .find(|r| !matches!(&r.source, Source::Guide { lang: of, .. } if *of != lang))
            .or(found.first());
        match best {
            Some(best) => cited(best, question, lang),
            None => Reply::Unknown { markdown: say(lang, "embedded-unknown") },
        }
    }
}

fn rank(recalled: &Recalled) -> f32 {
    let worth = match recalled.source {
        Source::Lesson(_) => 0.3,
        Source::Document { .. } => 0.1,
        Source::Guide { .. } => 0.0,
    };
    recalled.score + worth
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
