//! One value of a key, checked: what a file, a variable or an argument says becomes a `Leaf` here or
//! nowhere. Files must give the right type; elsewhere everything is text and is read as the kind asks.

use super::keys::Kind;
use super::media::ESPEAK;
use super::sections::{EMBEDDED, provider_of};
use config::{Value, ValueKind};
use domain::incoming::Channel;
use secrecy::{ExposeSecret, SecretString};

/// A checked value.
#[derive(Clone, Debug)]
pub(super) enum Leaf {
    /// A text that may be shown.
    Text(String),
    /// A text that may not.
    Secret(SecretString),
    /// Yes or no.
    Flag(bool),
    /// A whole number.
    Whole(i64),
    /// A number.
    Real(f64),
    /// A list.
    List(Vec<String>),
}

impl Leaf {
    /// Reads what a settings file holds; none when it does not fit.
    pub(super) fn from_value(kind: Kind, value: ValueKind) -> Option<Self> {
        match (kind, value) {
            (Kind::Flag, ValueKind::Boolean(flag)) => Some(Self::Flag(flag)),
            (Kind::Whole(from, to), value) => whole(value).filter(|n| (from..=to).contains(n)).map(Self::Whole),
            (
                Kind::Real(from, to) | Kind::OptionalReal(from, to),
                value @ (ValueKind::Float(_) | ValueKind::I64(_)),
            ) => real(value).filter(|n| (from..=to).contains(n)).map(Self::Real),
            (Kind::Texts | Kind::Owners | Kind::Models | Kind::Chain(_), ValueKind::Array(items)) => list(kind, items),
            (Kind::OptionalReal(..), ValueKind::String(text)) => text.is_empty().then_some(Self::Text(text)),
            (Kind::Flag | Kind::Real(..), _) => None,
            (_, ValueKind::String(text)) => Self::from_text(kind, &text),
            _ => None,
        }
    }

    /// Reads what the environment, a file of its own or the command line holds; none when it does not fit.
    pub(super) fn from_text(kind: Kind, text: &str) -> Option<Self> {
        let text = text.trim();
        match kind {
            Kind::Flag => flag(text).map(Self::Flag),
            Kind::Whole(..) => Self::from_value(kind, ValueKind::I64(text.parse().ok()?)),
            Kind::OptionalReal(..) if text.is_empty() => Some(Self::Text(String::new())),
            Kind::Real(..) | Kind::OptionalReal(..) => Self::from_value(kind, ValueKind::Float(text.parse().ok()?)),
            // As in the files, or with commas alone.
            Kind::Texts | Kind::Owners | Kind::Models | Kind::Chain(_) if text.starts_with('[') => {
                texts(kind, json5::from_str(text).ok()?)
            }
            Kind::Texts | Kind::Owners | Kind::Models | Kind::Chain(_) => {
                let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
                texts(kind, items.map(str::to_owned).collect())
            }
            kind if kind.is_secret() => fits(kind, text).then(|| Self::Secret(text.to_owned().into())),
            kind => fits(kind, text).then(|| Self::Text(text.to_owned())),
        }
    }

    /// The value as the settings library takes it, secrets in the open.
    pub(super) fn expose(&self) -> Value {
        let kind = match self {
            Self::Text(text) => ValueKind::from(text.as_str()),
            Self::Secret(secret) => ValueKind::from(secret.expose_secret()),
            Self::Flag(flag) => ValueKind::from(*flag),
            Self::Whole(number) => ValueKind::from(*number),
            Self::Real(number) => ValueKind::from(*number),
            Self::List(items) => ValueKind::from(items.clone()),
        };
        Value::new(None, kind)
    }

    /// Whether both hold the same.
    pub(super) fn same(&self, other: &Self) -> bool {
        self.expose().kind == other.expose().kind
    }

    /// Whether it says: not set.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            Self::Secret(secret) => secret.expose_secret().is_empty(),
            Self::List(items) => items.is_empty(),
            Self::Flag(_) | Self::Whole(_) | Self::Real(_) => false,
        }
    }
}

fn whole(value: ValueKind) -> Option<i64> {
    match value {
        ValueKind::I64(number) => Some(number),
        // JSON has one kind of number: 20.0 is whole.
        ValueKind::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => Some(number as i64),
        _ => None,
    }
}

fn real(value: ValueKind) -> Option<f64> {
    match value {
        ValueKind::I64(number) => Some(number as f64),
        ValueKind::Float(number) => Some(number),
        _ => None,
    }
}

fn flag(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Some(true),
        "false" | "no" | "off" | "0" => Some(false),
        _ => None,
    }
}

fn list(kind: Kind, items: Vec<Value>) -> Option<Leaf> {
    let text = |item: Value| match item.kind {
        ValueKind::String(text) => Some(text),
        _ => None,
    };
    texts(kind, items.into_iter().map(text).collect::<Option<_>>()?)
}

fn texts(kind: Kind, items: Vec<String>) -> Option<Leaf> {
    let good = |item: &String| match kind {
        Kind::Owners => is_account(item),
        Kind::Models => item == EMBEDDED || provider_of(item).is_some(),
        Kind::Chain(here) => is_chained(item, here),
        _ => !item.trim().is_empty(),
    };
    items.iter().all(good).then_some(Leaf::List(items))
}

/// What can stand in the chain of a role whose word for this machine is `here`.
fn is_chained(item: &str, here: Option<&str>) -> bool {
    // The word of another role means nobody here.
    let elsewhere = [EMBEDDED, ESPEAK].contains(&item) && here != Some(item);
    let parts = item.split('/').all(|part| !part.is_empty());
    parts && !elsewhere && !item.contains(|c: char| c.is_whitespace() || c.is_control())
}

/// A language tag: letters, then parts of letters and digits.
fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    let first = parts.next().unwrap_or_default();
    (2..=3).contains(&first.len())
        && first.bytes().all(|b| b.is_ascii_alphabetic())
        && parts.all(|part| (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// `channel:id`, as `telegram:123456`.
fn is_account(text: &str) -> bool {
    text.split_once(':').is_some_and(|(channel, id)| {
        Channel::find(channel).is_some() && !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    })
}

fn fits(kind: Kind, text: &str) -> bool {
    match kind {
        Kind::Filled => !text.is_empty(),
        Kind::Url => text.is_empty() || is_address(text, &["http://", "https://"]),
        Kind::SecretUrl => text.is_empty() || is_address(text, &["postgres://", "postgresql://", "sqlite:"]),
        Kind::WebhookSecret => {
            text.len() <= 256 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
        }
        Kind::Address => text.parse::<std::net::SocketAddr>().is_ok(),
        Kind::Prefix => is_prefix(text),
        Kind::Choice(words) => words.contains(&text),
        Kind::OptionalReal(..) => text.is_empty(),
        Kind::Language => text.is_empty() || is_language(text),
        _ => !text.contains('\0'),
    }
}

fn is_address(text: &str, schemes: &[&str]) -> bool {
    let rest = schemes.iter().find_map(|scheme| text.strip_prefix(scheme));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(char::is_whitespace))
}

fn is_prefix(text: &str) -> bool {
    // A slash would take the platforms' own commands away.
    (1..=5).contains(&text.chars().count())
        && !text.starts_with('/')
        && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(kind: Kind, text: &str) -> bool {
        Leaf::from_text(kind, text).is_some()
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert!(text(Kind::Url, "https://a.example/v1") && text(Kind::Url, "") && !text(Kind::Url, "a.example"));
        assert!(text(Kind::Address, "[::1]:80") && !text(Kind::Address, "localhost"));
        assert!(text(Kind::Prefix, "!") && !text(Kind::Prefix, "/usr") && !text(Kind::Prefix, ""));
        assert!(text(Kind::Owners, "telegram:1, web:me") && !text(Kind::Owners, "icq:1") && !text(Kind::Owners, "12"));
        assert!(text(Kind::Models, "a/b, a/*, embedded") && !text(Kind::Models, "gpt"));
        let hear = Kind::Chain(Some("embedded"));
        assert!(text(hear, "openai/whisper-1, whisper-1, embedded, hub/org/model") && text(hear, "[]"));
        assert!(!text(hear, "espeak") && !text(hear, "openai/") && !text(hear, "[' ']") && !text(hear, "a b"));
        assert!(text(Kind::Chain(Some("espeak")), "espeak") && !text(Kind::Chain(None), "embedded"));
        let language = |tag: &str| text(Kind::Language, tag);
        assert!(language("ru") && language("ru-RU") && language("zh-Hant-TW") && language(""));
        assert!(!language("russian") && !language("ru_RU") && !language("р"));
        assert!(text(Kind::Whole(1, 5), "5") && !text(Kind::Whole(1, 5), "6") && !text(Kind::Whole(1, 5), "x"));
        assert!(!text(Kind::Real(0.0, 1.0), "NaN") && text(Kind::Real(0.0, 1.0), "0.5"));
        assert!(text(Kind::OptionalReal(0.0, 2.0), "") && !text(Kind::OptionalReal(0.0, 2.0), "warm"));
    }

    #[test]
    fn a_file_must_give_the_right_type() {
        let file = |kind, value: ValueKind| Leaf::from_value(kind, value).is_some();
        assert!(!file(Kind::Whole(1, 5), "5".into()) && file(Kind::Whole(1, 5), 5_i64.into()));
        assert!(!file(Kind::Flag, "true".into()) && !file(Kind::Text, 5_i64.into()));
        assert!(!file(Kind::Real(0.0, 1.0), "0.5".into()) && file(Kind::Real(0.0, 1.0), 1_i64.into()));
        assert!(file(Kind::OptionalReal(0.0, 1.0), "".into()) && !file(Kind::OptionalReal(0.0, 1.0), "1".into()));
        assert!(file(Kind::Owners, "telegram:5".into()) && file(Kind::Owners, vec!["telegram:5"].into()));
    }

    #[test]
    fn a_list_in_one_text_is_written_as_in_the_files_or_with_commas() {
        let read = |text: &str| match Leaf::from_text(Kind::Texts, text) {
            Some(Leaf::List(items)) => Some(items),
            _ => None,
        };
        let both = Some(vec!["бот".to_owned(), "helper".to_owned()]);
        assert_eq!(read(r#"["бот", 'helper']"#), both);
        assert_eq!(read(" бот, helper,"), both);
        assert_eq!((read("[]"), read("")), (Some(vec![]), Some(vec![])));
        assert_eq!(read("[broken"), None);
    }
}
