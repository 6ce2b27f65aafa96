//! The questions of `evals/`, and which part each belongs to. A part is chosen by a hash of the topic, so all
//! wordings of a lesson, its near misses and its translation are on one side.

use apprentice_models::embedded::{Embedded, Source};
use domain::exchange::{Document, Lesson, Scope};
use domain::ids::{Millis, PersonId};
use serde_json::Value;
use std::path::Path;

/// Who may see everything of the data.
pub const EVERYONE: &[Scope] = &[Scope::Everyone];

/// What a topic is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The weights.
    Fit,
    /// The minimum.
    Validation,
    /// The figures.
    HeldOut,
}

impl Part {
    /// The part of a topic: five, two and three tenths.
    pub fn of(topic: &str) -> Self {
        match blake3::hash(topic.as_bytes()).as_bytes().first().map_or(0, |byte| byte % 10) {
            0..=4 => Self::Fit,
            5..=6 => Self::Validation,
            _ => Self::HeldOut,
        }
    }
}

/// What answers a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Right {
    /// Nothing does.
    Nothing,
    /// This lesson.
    Lesson(String),
    /// This place of this text.
    Text(String, String),
    /// This place of the guide.
    Guide(String),
}

impl Right {
    /// Whether this is the source.
    pub fn is(&self, source: &Source) -> bool {
        match (self, source) {
            (Self::Lesson(right), Source::Lesson(id)) => id.as_str() == right,
            (Self::Text(right, there), Source::Document { id, place, .. }) => id.as_str() == right && place == there,
            (Self::Guide(right), Source::Guide { place, .. }) => place == right,
            _ => false,
        }
    }
}

/// A question and what answers it.
#[derive(Clone, Debug)]
pub struct Case {
    /// `en` or `ru`.
    pub lang: &'static str,
    /// `lesson`, `text`, `guide`, `nothing`.
    pub group: &'static str,
    /// How it differs from what was taught.
    pub kind: String,
    /// The question.
    pub question: String,
    /// What answers it.
    pub right: Right,
    /// The lesson it was written for.
    pub lesson: Option<usize>,
}

/// A part of the data.
pub struct Data {
    /// What is taught.
    pub lessons: Vec<Lesson>,
    /// What is read.
    pub documents: Vec<Document>,
    /// What is asked.
    pub cases: Vec<Case>,
}

impl Data {
    /// A part of `evals/`.
    pub fn read(part: Part) -> Self {
        let mut data = Self { lessons: Vec::new(), documents: Vec::new(), cases: Vec::new() };
        for lang in ["en", "ru"] {
            let of_part = |row: &Value| Part::of(text(row, "cluster")) == part;
            rows("lessons", lang).iter().filter(|row| of_part(row)).for_each(|row| data.add_lesson(lang, row));
            rows("texts", lang).iter().filter(|row| of_part(row)).for_each(|row| data.add_text(lang, row));
            rows("guide", lang).iter().filter(|row| of_part(row)).for_each(|row| data.add_guide(lang, row));
            for row in rows("nothing", lang).iter().filter(|row| Part::of(text(row, "question")) == part) {
                data.add(lang, "nothing", text(row, "kind"), text(row, "question"), Right::Nothing);
            }
        }
        data
    }

    fn add_lesson(&mut self, lang: &'static str, row: &Value) {
        let at = self.lessons.len();
        let id = format!("lesson-{lang}-{at:04}");
        let question = text(row, "question");
        let from = self.cases.len();
        self.add(lang, "lesson", "same", question, Right::Lesson(id.clone()));
        for (kind, asked) in pairs(row, "asked") {
            self.add(lang, "lesson", kind, asked, Right::Lesson(id.clone()));
        }
        for (kind, asked) in pairs(row, "near") {
            self.add(lang, "lesson", kind, asked, Right::Nothing);
        }
        self.cases.iter_mut().skip(from).for_each(|case| case.lesson = Some(at));
        self.lessons.push(Lesson {
            id: id.as_str().into(),
            scope: Scope::Everyone,
            question: question.to_owned(),
            answer: text(row, "answer").to_owned(),
            teacher: PersonId::from("t"),
            exchange: None,
            at: Millis(0),
        });
    }

    fn add_text(&mut self, lang: &'static str, row: &Value) {
        let id = format!("text-{lang}-{:04}", self.documents.len());
        for (place, asked) in pairs(row, "asked") {
            self.add(lang, "text", "asked", asked, Right::Text(id.clone(), place.to_owned()));
        }
        for asked in list(row, "near").iter().filter_map(Value::as_str) {
            self.add(lang, "text", "near", asked, Right::Nothing);
        }
        self.documents.push(Document {
            id: id.as_str().into(),
            scope: Scope::Everyone,
            title: text(row, "title").to_owned(),
            text: text(row, "text").to_owned(),
            teacher: PersonId::from("t"),
            at: Millis(0),
            passages: Vec::new(),
            given_in: None,
            source: String::new(),
        });
    }

    fn add_guide(&mut self, lang: &'static str, row: &Value) {
        let right = Right::Guide(text(row, "place").to_owned());
        for asked in list(row, "asked").iter().filter_map(Value::as_str) {
            self.add(lang, "guide", "asked", asked, right.clone());
        }
    }

    fn add(&mut self, lang: &'static str, group: &'static str, kind: &str, question: &str, right: Right) {
        let (kind, question) = (kind.to_owned(), question.to_owned());
        self.cases.push(Case { lang, group, kind, question, right, lesson: None });
    }

    /// A model that was taught all of it.
    pub fn taught(&self) -> Embedded {
        let mut model = Embedded::new();
        self.lessons.iter().for_each(|lesson| model.learn(lesson));
        for document in &self.documents {
            model.read(document);
        }
        model
    }
}

fn rows(name: &str, lang: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../evals/{name}.{lang}.jsonl"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{name}: {error}: {line}")))
        .collect()
}

fn text<'a>(row: &'a Value, key: &str) -> &'a str {
    row.get(key).and_then(Value::as_str).unwrap_or_else(|| panic!("no {key} in {row}"))
}

fn list<'a>(row: &'a Value, key: &str) -> &'a [Value] {
    row.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn pairs<'a>(row: &'a Value, key: &str) -> Vec<(&'a str, &'a str)> {
    list(row, key).iter().filter_map(|pair| Some((pair.get(0)?.as_str()?, pair.get(1)?.as_str()?))).collect()
}
