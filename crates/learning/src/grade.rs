//! Graders: whether an answer is right, and how right, from 0 to 1.

use regex::{Regex, RegexBuilder};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;

/// How near two texts must be to count as the same, unless the case says otherwise.
const NEAR: f64 = 0.6;
/// Largest compiled pattern, bytes: a hostile one must not eat the memory.
const LARGEST_PATTERN: usize = 1 << 20;

/// How an answer is judged, with what it is held against.
#[derive(Clone, Debug)]
pub enum Grader {
    /// The same text, but for case, spaces and marks at its end.
    Exact(String),
    /// The text stands in the answer, but for case and spaces.
    Contains(String),
    /// The pattern is found in the answer.
    Pattern(Regex),
    /// The first JSON value of the answer keeps to a JSON Schema.
    Schema {
        /// The schema as it was written.
        written: String,
        /// The schema, ready to check with.
        validator: Arc<jsonschema::Validator>,
    },
    /// A model says whether the answer means what is expected; see [`Grader::is_judged`].
    Judged(String),
    /// The first number of the answer, within a tolerance.
    Number {
        /// The right number.
        expected: f64,
        /// How far it may be off.
        tolerance: f64,
    },
    /// The words of both texts agree to a share (F1).
    Similar {
        /// The right text.
        expected: String,
        /// Least share, 0 to 1.
        minimum: f64,
    },
}

impl PartialEq for Grader {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name() && self.expected() == other.expected()
    }
}

/// What a grader says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grade {
    /// 0 to 1.
    pub score: f64,
    /// Whether that is enough.
    pub right: bool,
}

impl Grader {
    /// A grader by its name: `exact`, `contains`, `regex`, `json_schema`, `numeric`, `similarity`, `judge`.
    ///
    /// # Errors
    ///
    /// A sentence that says what is wrong with it.
    pub fn new(name: &str, expected: &str, tolerance: Option<f64>, minimum: Option<f64>) -> Result<Self, String> {
        Ok(match name {
            "exact" => Self::Exact(expected.to_owned()),
            "contains" => Self::Contains(expected.to_owned()),
            "regex" => {
                let pattern = RegexBuilder::new(expected).size_limit(LARGEST_PATTERN).build();
                Self::Pattern(pattern.map_err(|error| format!("`expected` is no pattern: {error}"))?)
            }
            "json_schema" => {
                let schema =
                    serde_json::from_str(expected).map_err(|error| format!("`expected` is no JSON: {error}"))?;
                let validator = jsonschema::validator_for(&schema)
                    .map_err(|error| format!("`expected` is no JSON Schema: {error}"))?;
                Self::Schema { written: expected.to_owned(), validator: Arc::new(validator) }
            }
            "judge" => Self::Judged(expected.to_owned()),
            "numeric" => {
                let number = number(expected).ok_or_else(|| "`expected` is no number".to_owned())?;
                Self::Number { expected: number, tolerance: tolerance.unwrap_or(0.0).abs() }
            }
            "similarity" => {
                let minimum = minimum.unwrap_or(NEAR);
                if !(0.0..=1.0).contains(&minimum) {
                    return Err("`minimum` must be from 0 to 1".to_owned());
                }
                Self::Similar { expected: expected.to_owned(), minimum }
            }
            other => {
                return Err(format!(
                    "no grader `{other}`: exact, contains, regex, json_schema, numeric, similarity, judge"
                ));
            }
        })
    }

    /// Its name.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Exact(_) => "exact",
            Self::Contains(_) => "contains",
            Self::Pattern(_) => "regex",
            Self::Schema { .. } => "json_schema",
            Self::Judged(_) => "judge",
            Self::Number { .. } => "numeric",
            Self::Similar { .. } => "similarity",
        }
    }

    /// What the answer is held against.
    pub fn expected(&self) -> String {
        match self {
            Self::Exact(text)
            | Self::Contains(text)
            | Self::Judged(text)
            | Self::Schema { written: text, .. }
            | Self::Similar { expected: text, .. } => text.clone(),
            Self::Pattern(pattern) => pattern.to_string(),
            Self::Number { expected, .. } => expected.to_string(),
        }
    }

    /// Whether a model has to say if an answer is right; [`Grader::grade`] then only compares the words.
    pub const fn is_judged(&self) -> bool {
        matches!(self, Self::Judged(_))
    }

    /// Judges an answer.
    pub fn grade(&self, answer: &str) -> Grade {
        let yes = |right: bool| Grade { score: f64::from(u8::from(right)), right };
        match self {
            Self::Exact(text) => yes(plain(answer) == plain(text)),
            Self::Contains(text) => yes(plain(answer).contains(&plain(text))),
            Self::Pattern(pattern) => yes(pattern.is_match(answer)),
            Self::Number { expected, tolerance } => {
                yes(number(answer).is_some_and(|number| (number - expected).abs() <= tolerance + f64::EPSILON))
            }
            Self::Schema { validator, .. } => yes(first_json(answer).is_some_and(|value| validator.is_valid(&value))),
            Self::Judged(expected) => {
                let score = agreement(&plain(answer), &plain(expected));
                Grade { score, right: score >= NEAR }
            }
            Self::Similar { expected, minimum } => {
                let score = agreement(&plain(answer), &plain(expected));
                Grade { score, right: score >= *minimum }
            }
        }
    }
}

/// Lower case, single spaces, no marks of Markdown, no mark at the end.
fn plain(text: &str) -> String {
    let letters: String = text.chars().filter(|c| !matches!(c, '*' | '_' | '`')).collect();
    let words: Vec<&str> = letters.split_whitespace().collect();
    words.join(" ").to_lowercase().trim_end_matches(['.', '!', '?', '…', '。']).to_owned()
}

/// The first JSON value of a text: models like to wrap it in words and fences.
fn first_json(text: &str) -> Option<Value> {
    let starts = text.char_indices().filter(|(_, c)| matches!(c, '{' | '['));
    let bare = serde_json::from_str(text.trim()).ok();
    bare.or_else(|| {
        starts.take(8).find_map(|(at, _)| {
            let mut values = serde_json::Deserializer::from_str(text.get(at..)?).into_iter::<Value>();
            values.next()?.ok()
        })
    })
}

/// The first number of a text; a comma before the last digits is a decimal one.
fn number(text: &str) -> Option<f64> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let sign = text.get(..start).and_then(|head| head.chars().next_back());
    let digits: String = text
        .get(start..)?
        .chars()
        .take_while(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | ' ' | '\u{a0}'))
        .collect();
    let digits = digits.trim_end_matches(['.', ',', ' ', '\u{a0}']).replace([' ', '\u{a0}'], "");
    let digits = match (digits.rfind(','), digits.rfind('.')) {
        // Both stand there: the later one is the decimal one.
        (Some(comma), Some(dot)) if comma > dot => digits.replace('.', "").replace(',', "."),
        (Some(_), Some(_)) => digits.replace(',', ""),
        // Groups of three are thousands.
        (Some(comma), None) if digits.len() - comma == 4 => digits.replace(',', ""),
        (Some(_), None) => digits.replace(',', "."),
        _ => digits,
    };
    let number: f64 = digits.parse().ok()?;
    Some(if matches!(sign, Some('-' | '−')) { -number } else { number })
}

/// How far the words of two texts agree, 0 to 1: the harmonic mean of both shares (F1).
pub fn agreement(one: &str, other: &str) -> f64 {
    let words = |text: &str| -> HashMap<String, usize> {
        let mut counts = HashMap::new();
        for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
            *counts.entry(word.to_owned()).or_default() += 1;
        }
        counts
    };
    let (one, other) = (words(one), words(other));
    let total = |counts: &HashMap<String, usize>| counts.values().sum::<usize>() as f64;
    let common: usize = one.iter().map(|(word, n)| n.min(other.get(word).unwrap_or(&0))).sum();
    let all = total(&one) + total(&other);
    if all == 0.0 { 1.0 } else { 2.0 * common as f64 / all }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn right(name: &str, expected: &str, answer: &str) -> bool {
        Grader::new(name, expected, Some(0.01), None).unwrap().grade(answer).right
    }

    #[test]
    fn each_grader_judges_as_its_name_says() {
        assert!(right("exact", "Paris", " **paris**. ") && !right("exact", "Paris", "It is Paris"));
        assert!(right("contains", "at ten", "We open At  Ten, daily") && !right("contains", "at ten", "at nine"));
        assert!(right("regex", r"^\d{4}-\d\d$", "2026-11") && !right("regex", r"^\d{4}$", "in 2026"));
        let schema = r#"{"type": "object", "required": ["city"], "properties": {"city": {"type": "string"}}}"#;
        assert!(right("json_schema", schema, "Here you are:\n```json\n{\"city\": \"Paris\"}\n```"));
        assert!(!right("json_schema", schema, "{\"city\": 7}") && !right("json_schema", schema, "Paris"));
        assert!(Grader::new("judge", "x", None, None).unwrap().is_judged());
        assert!(right("numeric", "3.14", "about 3,141 or so") || right("numeric", "3141", "about 3,141 or so"));
        assert!(right("numeric", "1234.5", "1 234,5 ₽") && right("numeric", "-7", "it is −7 °C"));
        assert!(!right("numeric", "5", "five"));
        assert!(right("similarity", "At ten, and it closes at four.", "It opens at ten and closes at four"));
        assert!(!right("similarity", "At ten, and it closes at four.", "I do not know"));
        assert!(right("similarity", "В десять часов", "в десять часов утра"));
    }

    #[test]
    fn what_cannot_be_a_grader_says_why() {
        for (name, expected, part) in [
            ("regex", "(", "pattern"),
            ("numeric", "x", "number"),
            ("magic", "x", "magic"),
            ("json_schema", "{", "JSON"),
            ("json_schema", r#"{"type": "no such type"}"#, "Schema"),
        ] {
            let why = Grader::new(name, expected, None, None).unwrap_err();
            assert!(why.contains(part), "{why}");
        }
        assert!(Grader::new("similarity", "x", None, Some(2.0)).is_err());
    }

    proptest! {
        #[test]
        fn every_text_is_like_itself_and_scores_stay_between_0_and_1(text in ".{0,80}", other in ".{0,80}") {
            for name in ["exact", "contains", "similarity"] {
                let grader = Grader::new(name, &text, None, None).unwrap();
                prop_assert!(grader.grade(&text).right, "{name}");
                let grade = grader.grade(&other);
                prop_assert!((0.0..=1.0).contains(&grade.score));
            }
            let _ = number(&text);
        }
    }
}
