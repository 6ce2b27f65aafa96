//! What is wrong with a path or with a line of a file, in words for the person. The crates below tell facts; only
//! here do they become sentences.

use domain::markdown::escape;
use domain::person::Lang;
use domain::text;
use learning::shape::{Expected, Fault, What};
use vault::Denied;

/// Most characters of a typed path that are repeated.
const SHOWN: usize = 100;

/// Why a path is refused.
pub fn of_path(lang: Lang, denied: &Denied, typed: &str) -> String {
    let short: String = typed.chars().take(SHOWN).collect();
    let path = escape(&short);
    let say = |key: &str| text::say_with(lang, key, &[("path", path.clone())]);
    match denied {
        Denied::Empty => say("path-empty"),
        Denied::Outside(_) | Denied::Backslash => say("path-outside"),
        Denied::Hidden { .. } | Denied::Symlink { .. } | Denied::Device { .. } => say("path-special"),
        Denied::NotFound { nearest: Some(nearest), .. } => {
            text::say_with(lang, "path-nearest", &[("path", path.clone()), ("nearest", escape(nearest))])
        }
        Denied::NotFound { nearest: None, .. } => say("path-unknown"),
        Denied::NotAFile { .. } => say("path-no-file"),
        Denied::NotADirectory { .. } => say("path-no-directory"),
        Denied::TooLarge { size, limit } => {
            let (size, limit) = (super::source::size(*size), super::source::size(*limit));
            text::say_with(lang, "path-too-large", &[("path", path.clone()), ("size", size), ("limit", limit)])
        }
        other => {
            text::say_with(lang, "path-unreadable", &[("path", path.clone()), ("why", escape(&other.to_string()))])
        }
    }
}

/// What is wrong with a line of a file.
pub fn of_line(lang: Lang, path: &str, fault: &Fault) -> String {
    let args = [
        ("path", escape(path)),
        ("line", fault.line.to_string()),
        ("column", fault.column.unwrap_or(0).to_string()),
        ("what", what(lang, &fault.what)),
    ];
    text::say_with(lang, "fault-at", &args)
}

fn what(lang: Lang, what: &What) -> String {
    let (key, args) = match what {
        What::NotJson { message } => ("fault-not-json", vec![("message", escape(message))]),
        What::NotUtf8 => ("fault-not-utf8", Vec::new()),
        What::Truncated => ("fault-truncated", Vec::new()),
        What::TooLong { bytes } => ("fault-too-long", vec![("bytes", bytes.to_string())]),
        What::MissingField { name } => ("fault-missing", vec![("name", escape(name))]),
        What::WrongType { field, expected } if field.is_empty() => {
            ("fault-type-whole", vec![("expected", text::say(lang, must_be(*expected)))])
        }
        What::WrongType { field, expected } => {
            ("fault-type", vec![("field", escape(field)), ("expected", text::say(lang, must_be(*expected)))])
        }
        What::UnknownRole { role } => ("fault-role", vec![("role", escape(role))]),
        What::NoAnswer => ("fault-no-answer", Vec::new()),
        What::NoQuestion => ("fault-no-question", Vec::new()),
        What::SameAnswers => ("fault-same-answers", Vec::new()),
        What::Columns { expected, found } => {
            ("fault-columns", vec![("expected", expected.to_string()), ("found", found.to_string())])
        }
        What::NotAPair => ("fault-not-a-pair", Vec::new()),
    };
    text::say_with(lang, key, &args)
}

const fn must_be(expected: Expected) -> &'static str {
    match expected {
        Expected::Text => "expected-text",
        Expected::List => "expected-list",
        Expected::Messages => "expected-messages",
        Expected::Object => "expected-object",
        Expected::Flag => "expected-flag",
        Expected::Weight => "expected-weight",
        Expected::OneMessage => "expected-one-message",
    }
}
