//! What is wrong with the settings, said so that a person can mend it. No value is ever repeated:
//! what stands in the wrong place may be a secret.

use super::keys::Kind;
use super::lines::Why;
use domain::person::Lang;
use domain::text::{say, say_with};
use std::fmt;
use std::path::PathBuf;

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Built into the program.
    Default,
    /// A settings file, with the line where it is known.
    File(PathBuf, Option<usize>),
    /// A variable of the environment.
    Env(String),
    /// A file whose contents are the value.
    SecretFile(PathBuf),
    /// An argument of the command line.
    CommandLine(String),
}

impl Origin {
    /// Names the place for a person.
    pub fn say(&self, lang: Lang) -> String {
        let name = |key, name: String| say_with(lang, key, &[("name", name)]);
        match self {
            Self::Default => say(lang, "settings-origin-default"),
            Self::File(path, Some(line)) => format!("{}:{line}", path.display()),
            Self::File(path, None) => path.display().to_string(),
            Self::Env(variable) => name("settings-origin-env", variable.clone()),
            Self::SecretFile(path) => name("settings-origin-secret-file", path.display().to_string()),
            Self::CommandLine(flag) => name("settings-origin-command-line", flag.clone()),
        }
    }
}

/// What can be wrong.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Wrong {
    /// The file cannot be read; the reason in the system's words.
    Unreadable(String),
    /// The file is larger than settings ever are.
    TooLarge,
    /// The file does not follow its format.
    Syntax(Why),
    /// Nobody knows that key; the nearest that is known.
    Unknown(String, Option<String>),
    /// The chosen name cannot be part of a key.
    Name(String),
    /// The value does not fit.
    Value(String, Kind),
    /// `model.chain` names a provider that is not there, or has no key.
    NoProvider(String),
    /// A provider without an address.
    NoAddress(String),
    /// `persona` names none.
    NoPersona(String),
    /// A webhook without the public address.
    NoBaseUrl,
    /// A local Bot API server without the directory of its files.
    NoLocalDir,
    /// A limit of one call is longer than that of the whole call.
    TimeoutOrder(String),
    /// A role's chain names somebody whom nothing else of the settings knows: the role, the name.
    Nobody(&'static str, String),
    /// The prompt would have no room beside the answer.
    NoRoom,
    /// A price that cannot be used.
    Price(String),
    /// The parts are well and the whole is not: a fault of the program.
    Whole(String),
}

/// One thing that is wrong, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    pub(super) origin: Origin,
    pub(super) wrong: Wrong,
}

impl Fault {
    /// Where it is.
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }
    /// Says it in one line.
    pub fn say(&self, lang: Lang) -> String {
        let said = format!("{}: {}", self.origin.say(lang), self.wrong.say(lang));
        // A key may hold anything, and a terminal obeys control characters.
        let visible = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
        said.chars().map(visible).collect()
    }
}

impl Wrong {
    pub(super) fn at(self, origin: &Origin) -> Fault {
        Fault { origin: origin.clone(), wrong: self }
    }

    fn say(&self, lang: Lang) -> String {
        let with = |key: &str, args: &[(&str, &str)]| {
            say_with(lang, key, &args.iter().map(|(name, value)| (*name, (*value).to_owned())).collect::<Vec<_>>())
        };
        match self {
            Self::Unreadable(why) => with("settings-unreadable", &[("why", why)]),
            Self::TooLarge => say(lang, "settings-too-large"),
            Self::Syntax(Why::Parser(why)) => with("settings-syntax", &[("why", why)]),
            Self::Syntax(Why::Key(key)) => with("settings-syntax", &[("why", &say(lang, key))]),
            Self::Unknown(key, Some(nearest)) => with("settings-unknown-near", &[("key", key), ("nearest", nearest)]),
            Self::Unknown(key, None) => with("settings-unknown", &[("key", key)]),
            Self::Name(name) => with("settings-name", &[("name", name)]),
            Self::Value(key, kind) => with("settings-value", &[("key", key), ("expected", &expected(*kind, lang))]),
            Self::NoProvider(name) => with("settings-no-provider", &[("name", name)]),
            Self::NoAddress(name) => with("settings-no-address", &[("name", name)]),
            Self::NoPersona(name) => with("settings-no-persona", &[("name", name)]),
            Self::NoBaseUrl => say(lang, "settings-no-base-url"),
            Self::NoLocalDir => say(lang, "settings-no-local-dir"),
            Self::TimeoutOrder(name) => with("settings-timeout-order", &[("name", name)]),
            Self::Nobody(role, name) => with("settings-nobody", &[("role", role), ("name", name)]),
            Self::NoRoom => say(lang, "settings-no-room"),
            Self::Price(model) => with("settings-price", &[("model", model)]),
            Self::Whole(why) => with("settings-whole", &[("why", why)]),
        }
    }
}

/// What a key of that kind may hold, for a person.
fn expected(kind: Kind, lang: Lang) -> String {
    let range = |key, from: String, to: String| say_with(lang, key, &[("from", from), ("to", to)]);
    match kind {
        Kind::Text | Kind::Secret => say(lang, "settings-expected-text"),
        Kind::Filled => say(lang, "settings-expected-filled"),
        Kind::Url => say(lang, "settings-expected-url"),
        Kind::SecretUrl => say(lang, "settings-expected-database"),
        Kind::WebhookSecret => say(lang, "settings-expected-webhook-secret"),
        Kind::Address => say(lang, "settings-expected-address"),
        Kind::Prefix => say(lang, "settings-expected-prefix"),
        Kind::Flag => say(lang, "settings-expected-flag"),
        Kind::Whole(from, to) => range("settings-expected-whole", from.to_string(), to.to_string()),
        Kind::Real(from, to) => range("settings-expected-real", from.to_string(), to.to_string()),
        Kind::OptionalReal(from, to) => range("settings-expected-optional-real", from.to_string(), to.to_string()),
        Kind::Choice(words) => say_with(lang, "settings-expected-choice", &[("words", words.join(", "))]),
        Kind::Texts => say(lang, "settings-expected-texts"),
        Kind::Owners => say(lang, "settings-expected-owners"),
        Kind::Models => say(lang, "settings-expected-models"),
        Kind::Chain(Some(here)) => say_with(lang, "settings-expected-chain-here", &[("here", here.to_owned())]),
        Kind::Chain(None) => say(lang, "settings-expected-chain"),
        Kind::Language => say(lang, "settings-expected-language"),
    }
}

/// Everything that is wrong with the settings, found in one go.
#[derive(Clone, PartialEq)]
pub struct Problem {
    /// What is wrong, in the order of the layers; never empty.
    pub faults: Vec<Fault>,
}

impl Problem {
    /// Says all of it, one fault a line.
    pub fn say(&self, lang: Lang) -> String {
        self.faults.iter().map(|fault| fault.say(lang)).collect::<Vec<_>>().join("\n")
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.say(Lang::En))
    }
}

impl fmt::Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Problem {}
