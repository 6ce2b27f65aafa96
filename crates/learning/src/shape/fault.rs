//! What is wrong with a record, as facts that whoever shows them puts into words.

use std::fmt;

/// A record that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}{}: {what}", column.map(|column| format!(", column {column}")).unwrap_or_default())]
pub struct Fault {
    /// Its line, from 1: where it begins, or where its syntax breaks.
    pub line: u64,
    /// The character of the line, from 1, where that is known.
    pub column: Option<u64>,
    /// What is wrong.
    pub what: What,
}

/// What is wrong with a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// It is no JSON.
    NotJson {
        /// What the parser says, in English.
        message: String,
    },
    /// Its bytes are no text.
    NotUtf8,
    /// The file ends within it.
    Truncated,
    /// It is longer than allowed.
    TooLong {
        /// How long, in bytes, as far as it was followed.
        bytes: u64,
    },
    /// Something is not there.
    MissingField {
        /// What: its name, with a path where it is inside something, as in `messages[2].content`.
        name: String,
    },
    /// Something is there and is not what it must be.
    WrongType {
        /// What; empty for the whole record.
        field: String,
        /// What it must be.
        expected: Expected,
    },
    /// A message is by nobody known.
    UnknownRole {
        /// By whom, as it is written.
        role: String,
    },
    /// No answer, or an empty one.
    NoAnswer,
    /// No question before the answer, or an empty one.
    NoQuestion,
    /// The two answers are the same.
    SameAnswers,
    /// A row of a table with too few or too many cells.
    Columns {
        /// How many there must be.
        expected: u64,
        /// How many there are.
        found: u64,
    },
    /// A line that belongs to no question and no answer.
    NotAPair,
}

/// What something must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// A text.
    Text,
    /// A list.
    List,
    /// A list of messages.
    Messages,
    /// An object.
    Object,
    /// `true` or `false`.
    Flag,
    /// 0 or 1.
    Weight,
    /// Exactly one message with a text.
    OneMessage,
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "a text",
            Self::List => "a list",
            Self::Messages => "a list of messages",
            Self::Object => "an object",
            Self::Flag => "true or false",
            Self::Weight => "0 or 1",
            Self::OneMessage => "one message with a text",
        })
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson { message } => write!(f, "no JSON: {message}"),
            Self::NotUtf8 => f.write_str("no text in UTF-8"),
            Self::Truncated => f.write_str("the file ends within the record"),
            Self::TooLong { bytes } => write!(f, "too long: {bytes} bytes"),
            Self::MissingField { name } => write!(f, "`{name}` is missing"),
            Self::WrongType { field, expected } if field.is_empty() => write!(f, "must be {expected}"),
            Self::WrongType { field, expected } => write!(f, "`{field}` must be {expected}"),
            Self::UnknownRole { role } => write!(f, "unknown role `{role}`"),
            Self::NoAnswer => f.write_str("no answer"),
            Self::NoQuestion => f.write_str("no question before the answer"),
            Self::SameAnswers => f.write_str("the chosen and the rejected answer are the same"),
            Self::Columns { expected, found } => write!(f, "{found} columns, not {expected}"),
            Self::NotAPair => f.write_str("belongs to no question and no answer"),
        }
    }
}

impl What {
    /// `name` is not there.
    pub(super) fn missing(name: impl Into<String>) -> Self {
        Self::MissingField { name: name.into() }
    }
    /// `field` must be `expected`.
    pub(super) fn wrong(field: impl Into<String>, expected: Expected) -> Self {
        Self::WrongType { field: field.into(), expected }
    }
}
