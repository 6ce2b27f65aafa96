//! A JSON value that borrows its texts from the record, with what is wrong where it is not what it must be.

use super::{Expected, What};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// A JSON value. Of keys that are there twice the last one counts, as in most parsers.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node<'a> {
    Null,
    Flag(bool),
    Number(f64),
    /// A whole number, which identifies something.
    Whole(i64),
    Text(Cow<'a, str>),
    List(Vec<Node<'a>>),
    Object(Vec<(Cow<'a, str>, Node<'a>)>),
}

/// Why a record is no JSON, and where.
#[derive(Debug)]
pub(super) struct Broken {
    /// The line of the record, from 0.
    pub(super) line: u64,
    /// The character of that line, from 1.
    pub(super) column: Option<u64>,
    pub(super) what: What,
    /// Whether the record ends too early.
    pub(super) is_cut: bool,
}

impl<'a> Node<'a> {
    /// Reads one value and nothing after it.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, Broken> {
        let text = std::str::from_utf8(bytes).map_err(|error| not_utf8(bytes, error.valid_up_to()))?;
        serde_json::from_str(text).map_err(|error| broken(text, &error))
    }

    /// The value of a key, unless it is null.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        let Self::Object(fields) = self else { return None };
        let (_, value) = fields.iter().rev().find(|(name, _)| name == key)?;
        (*value != Self::Null).then_some(value)
    }

    /// The text of a key that may be absent.
    pub(super) fn text(&self, key: &str) -> Result<Option<&str>, What> {
        match self.get(key) {
            None => Ok(None),
            Some(Self::Text(text)) => Ok(Some(text)),
            Some(_) => Err(What::wrong(key, Expected::Text)),
        }
    }

    /// The text of a key that must be there.
    pub(super) fn must_text(&self, key: &str) -> Result<&str, What> {
        self.text(key)?.ok_or_else(|| What::missing(key))
    }

    /// The value of a key that must be there.
    pub(super) fn must(&self, key: &str) -> Result<&Self, What> {
        self.get(key).ok_or_else(|| What::missing(key))
    }

    /// The values of a list.
    pub(super) fn list(&self, field: &str) -> Result<&[Self], What> {
        match self {
            Self::List(values) => Ok(values),
            _ => Err(What::wrong(field, Expected::List)),
        }
    }
}

fn not_utf8(bytes: &[u8], valid: usize) -> Broken {
    let before = String::from_utf8_lossy(bytes.get(..valid).unwrap_or_default());
    let line = before.matches('\n').count() as u64;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() as u64 + 1;
    Broken { line, column: Some(column), what: What::NotUtf8, is_cut: false }
}

fn broken(text: &str, error: &serde_json::Error) -> Broken {
    // A line feed in a string is at column 0 of the line it begins; people see it at the end of the line before.
    let is_line_feed = error.column() == 0;
    let line = error.line().saturating_sub(1 + usize::from(is_line_feed));
    let of_line = text.split('\n').nth(line).unwrap_or_default();
    let bytes = if is_line_feed { of_line.len() } else { error.column().saturating_sub(1) };
    // The parser counts bytes, people count characters.
    let before = of_line.bytes().take(bytes).filter(|byte| byte & 0xc0 != 0x80).count();
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or_default().to_owned();
    Broken {
        line: line as u64,
        column: Some(before as u64 + 1),
        what: What::NotJson { message },
        is_cut: error.is_eof(),
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Node<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Node<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E>(self) -> Result<Node<'de>, E> {
        Ok(Node::Null)
    }
    fn visit_bool<E>(self, flag: bool) -> Result<Node<'de>, E> {
        Ok(Node::Flag(flag))
    }
    fn visit_i64<E>(self, number: i64) -> Result<Node<'de>, E> {
        Ok(Node::Whole(number))
    }
    fn visit_u64<E>(self, number: u64) -> Result<Node<'de>, E> {
        Ok(i64::try_from(number).map_or(Node::Number(number as f64), Node::Whole))
    }
    fn visit_f64<E>(self, number: f64) -> Result<Node<'de>, E> {
        Ok(Node::Number(number))
    }
    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Node<'de>, E> {
        Ok(Node::Text(Cow::Borrowed(text)))
    }
    fn visit_str<E>(self, text: &str) -> Result<Node<'de>, E> {
        Ok(Node::Text(Cow::Owned(text.to_owned())))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Node<'de>, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element()? {
            values.push(value);
        }
        Ok(Node::List(values))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node<'de>, A::Error> {
        let mut fields = Vec::new();
        while let Some((Key(key), value)) = map.next_entry()? {
            fields.push((key, value));
        }
        Ok(Node::Object(fields))
    }
}

/// The name of a field, borrowed where it has no escapes.
struct Key<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Key<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Node::deserialize(deserializer)? {
            Node::Text(text) => Ok(Self(text)),
            _ => Err(serde::de::Error::custom("a key must be a string")),
        }
    }
}
