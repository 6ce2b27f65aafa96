//! Test cases as people write them: one JSON object, an array, `{"cases": […]}`, or one object a line.
//! A fault names its line, its column and what is wrong.

use crate::grade::Grader;
use serde::Deserialize;
use serde_json::Value;

/// Most cases of one suite.
pub const MOST: usize = 10_000;

/// A question with what its answer must be.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Its name; its number where it has none, from 1.
    pub id: String,
    /// What is asked.
    pub question: String,
    /// How the answer is judged.
    pub grader: Grader,
}

/// Why a suite cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It is no JSON.
    #[error("line {line}, column {column}: {what}")]
    Syntax {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong.
        what: String,
    },
    /// A case lacks something, or has it wrong.
    #[error("case {number}: {what}")]
    Case {
        /// Which, from 1.
        number: usize,
        /// What is wrong.
        what: String,
    },
    /// There is none.
    #[error("no case")]
    Empty,
    /// There are too many.
    #[error("{count} cases, at most {MOST}")]
    TooMany {
        /// How many.
        count: usize,
    },
}

/// A case as it is written. Other names of the fields are those of common datasets.
#[derive(Deserialize)]
struct Written {
    #[serde(default)]
    id: Option<Value>,
    #[serde(default, alias = "input", alias = "prompt", alias = "instruction")]
    question: Option<Value>,
    #[serde(default, alias = "output", alias = "completion", alias = "answer", alias = "expected_output")]
    expected: Option<Value>,
    #[serde(default)]
    grader: Option<String>,
    #[serde(default)]
    tolerance: Option<f64>,
    #[serde(default)]
    minimum: Option<f64>,
    #[serde(default)]
    messages: Vec<Said>,
}

#[derive(Deserialize)]
struct Said {
    role: String,
    #[serde(default)]
    content: String,
}

/// Reads a suite.
pub fn read(text: &str) -> Result<Vec<Case>, Fault> {
    let text = text.trim_start_matches('\u{feff}');
    let values = values(text)?;
    if values.is_empty() {
        return Err(Fault::Empty);
    }
    if values.len() > MOST {
        return Err(Fault::TooMany { count: values.len() });
    }
    values.into_iter().enumerate().map(|(at, value)| case(at + 1, value)).collect()
}

fn values(text: &str) -> Result<Vec<Value>, Fault> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Array(cases)) => Ok(cases),
        Ok(Value::Object(mut fields)) => match fields.remove("cases") {
            Some(Value::Array(cases)) => Ok(cases),
            Some(_) => Err(Fault::Case { number: 1, what: "`cases` must be a list".to_owned() }),
            None => Ok(vec![Value::Object(fields)]),
        },
        Ok(_) => Err(Fault::Case { number: 1, what: "must be an object with `question` and `expected`".to_owned() }),
        Err(error) => lines(text).ok_or_else(|| syntax(&error, 0)).flatten(),
    }
}

/// One object a line; none when the first line is no object by itself.
fn lines(text: &str) -> Option<Result<Vec<Value>, Fault>> {
    let mut numbered = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).peekable();
    let (_, first) = numbered.peek()?;
    if !matches!(serde_json::from_str(first), Ok(Value::Object(_))) {
        return None;
    }
    let value = |(at, line): (usize, &str)| serde_json::from_str(line).map_err(|error| syntax(&error, at));
    Some(numbered.map(value).collect())
}

fn syntax(error: &serde_json::Error, lines_before: usize) -> Fault {
    let said = error.to_string();
    let what = said.split(" at line ").next().unwrap_or(&said).to_owned();
    Fault::Syntax { line: error.line() + lines_before, column: error.column(), what }
}

fn case(number: usize, value: Value) -> Result<Case, Fault> {
    let fault = |what: String| Fault::Case { number, what };
    let written: Written = serde_json::from_value(value).map_err(|error| fault(error.to_string()))?;
    let (question, expected) = sides(&written);
    // A schema is most simply written as what it is.
    let schema = written.expected.as_ref().filter(|_| written.grader.as_deref() == Some("json_schema"));
    let expected = schema.filter(|schema| schema.is_object()).map(Value::to_string).or(expected);
    let question = question.ok_or_else(|| fault("`question` is missing".to_owned()))?;
    let expected = expected.ok_or_else(|| fault("`expected` is missing".to_owned()))?;
    let named = written.grader.as_deref().unwrap_or("similarity");
    let grader = Grader::new(named, &expected, written.tolerance, written.minimum).map_err(fault)?;
    let id = written.id.as_ref().and_then(text_of).unwrap_or_else(|| number.to_string());
    Ok(Case { id, question, grader })
}

/// Question and expected answer: their own fields, else the last things said by user and assistant.
fn sides(written: &Written) -> (Option<String>, Option<String>) {
    let last =
        |role: &str| written.messages.iter().rev().find(|said| said.role == role).map(|said| said.content.clone());
    let field = |value: &Option<Value>| value.as_ref().and_then(text_of).filter(|text| !text.trim().is_empty());
    (field(&written.question).or_else(|| last("user")), field(&written.expected).or_else(|| last("assistant")))
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_case_many_cases_and_lines_are_read() {
        let one = r#"{"question": "Capital of France?", "expected": "Paris", "grader": "contains"}"#;
        let read_one = read(one).unwrap();
        assert_eq!((read_one.len(), read_one[0].id.as_str()), (1, "1"));
        let many =
            format!(r#"{{"cases": [{one}, {{"id": "sum", "prompt": "2+2?", "completion": 4, "grader": "numeric"}}]}}"#);
        assert_eq!(read(&many).unwrap()[1].id, "sum");
        let lines = format!(
            "\u{feff}{one}\n\n{}\n",
            r#"{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]}"#
        );
        assert_eq!(read(&lines).unwrap()[1].question, "Hi");
    }

    #[test]
    fn a_fault_names_its_place() {
        let broken = "[\n  {\"question\": \"a\", \"expected\": }\n]";
        assert!(matches!(read(broken), Err(Fault::Syntax { line: 2, column: 33, .. })), "{:?}", read(broken));
        let third = "{\"question\":\"a\",\"expected\":\"b\"}\n{\"question\":\"a\",\"expected\":\"b\"}\n{\"question\":";
        assert!(matches!(read(third), Err(Fault::Syntax { line: 3, .. })), "{:?}", read(third));
        let lacking = r#"[{"question": "a", "expected": "b"}, {"question": "a"}]"#;
        assert_eq!(read(lacking), Err(Fault::Case { number: 2, what: "`expected` is missing".to_owned() }));
        assert_eq!(read("  \n"), Err(Fault::Empty));
        let unknown = r#"{"question": "a", "expected": "b", "grader": "magic"}"#;
        assert!(matches!(read(unknown), Err(Fault::Case { number: 1, what }) if what.contains("magic")));
    }

    proptest! {
        #[test]
        fn anything_is_read_or_refused(text in ".{0,200}") {
            let _ = read(&text);
        }
    }
}
