//! Takes personal data and secrets out of texts and puts numbered placeholders in their place: `<EMAIL_1>`.
//!
//! Hides which patterns and checksums find what. Always holds: a value has one placeholder within one
//! [`Redactor`]; a value found once in a text or datum is replaced wherever else it stands there, also without
//! the words that gave it away; redacting what is redacted changes nothing; the time is linear in the text.
//! The redactor keeps digests of the values, never the values.

mod address;
mod check;
mod number;
mod rules;
mod scan;
mod secret;
#[cfg(test)]
mod tests;

use aho_corasick::{AhoCorasick, MatchKind};
use domain::example::Datum;
use scan::Span;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

/// Passes after which a text is taken as it is. A pass finds what an earlier replacement brought to light; two
/// are the rule.
const PASSES: usize = 8;

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A key or token of a service, or a private key.
    Key,
    /// A password, PIN or card verification code.
    Password,
    /// Name and password inside a URL.
    Login,
    /// An e-mail address.
    Email,
    /// An international bank account number.
    Iban,
    /// The number of a payment card.
    Card,
    /// Series and number of a passport.
    Passport,
    /// A Russian taxpayer number.
    Inn,
    /// A Russian pension insurance number.
    Snils,
    /// A US social security number.
    Ssn,
    /// A telephone number.
    Phone,
    /// A postal address down to the house.
    Address,
    /// An IP address.
    Ip,
    /// Somebody's name.
    Person,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 14] = [
        Self::Key,
        Self::Password,
        Self::Login,
        Self::Email,
        Self::Iban,
        Self::Card,
        Self::Passport,
        Self::Inn,
        Self::Snils,
        Self::Ssn,
        Self::Phone,
        Self::Address,
        Self::Ip,
        Self::Person,
    ];
    /// The name inside placeholders.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Key => "KEY",
            Self::Password => "PASSWORD",
            Self::Login => "LOGIN",
            Self::Email => "EMAIL",
            Self::Iban => "IBAN",
            Self::Card => "CARD",
            Self::Passport => "PASSPORT",
            Self::Inn => "INN",
            Self::Snils => "SNILS",
            Self::Ssn => "SSN",
            Self::Phone => "PHONE",
            Self::Address => "ADDRESS",
            Self::Ip => "IP",
            Self::Person => "PERSON",
        }
    }
    /// Whether whoever knows the value can act or pay in somebody's name, or prove to be them.
    pub const fn is_secret(self) -> bool {
        match self {
            Self::Key | Self::Password | Self::Login | Self::Card | Self::Iban => true,
            Self::Passport | Self::Inn | Self::Snils | Self::Ssn => true,
            Self::Email | Self::Phone | Self::Address | Self::Ip | Self::Person => false,
        }
    }
}

/// Where a text holds what: kind and range of bytes, in the order of the text.
pub fn find(text: &str) -> Vec<(Kind, Range<usize>)> {
    scan::spans(text).into_iter().filter_map(|span| Some((span.kind?, span.range))).collect()
}

/// Replaces values and remembers which got which number.
#[derive(Clone, Debug, Default)]
pub struct Redactor {
    numbers: HashMap<(Kind, [u8; 32]), u64>,
    last: BTreeMap<Kind, u64>,
    /// How many values were replaced, each place counted.
    pub report: BTreeMap<Kind, u64>,
}

impl Redactor {
    /// One that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// A text without personal data; borrowed where there was none.
    pub fn text<'t>(&mut self, text: &'t str) -> Cow<'t, str> {
        let mut texts = vec![Cow::Borrowed(text)];
        self.all(&mut texts);
        texts.pop().unwrap_or(Cow::Borrowed(text))
    }

    /// A datum without personal data. A name given in the question is replaced in the answer too.
    #[must_use]
    pub fn datum(&mut self, datum: &Datum) -> Datum {
        let mut texts: Vec<_> = datum.texts().map(Cow::Borrowed).collect();
        self.all(&mut texts);
        let mut texts = texts.into_iter();
        datum.map(|_| texts.next().unwrap_or_default().into_owned())
    }

    fn all(&mut self, texts: &mut [Cow<'_, str>]) {
        for _ in 0..PASSES {
            if !self.pass(texts) {
                return;
            }
        }
    }

    /// Replaces what is found now; whether there was anything.
    fn pass(&mut self, texts: &mut [Cow<'_, str>]) -> bool {
        let mut spans: Vec<Vec<Span>> = texts.iter().map(|text| scan::spans(text)).collect();
        for (text, spans) in texts.iter().zip(&spans) {
            self.skip_numbers_in_use(text, spans);
        }
        let values = self.values(texts, &spans);
        if values.is_empty() {
            return false;
        }
        repeated(texts, &mut spans, &values);
        for (text, spans) in texts.iter_mut().zip(&spans) {
            if spans.iter().any(|span| span.kind.is_some()) {
                *text = Cow::Owned(self.replaced(text, spans, &values));
            }
        }
        true
    }

    /// Numbers of placeholders that a text brought along are not given out again.
    fn skip_numbers_in_use(&mut self, text: &str, spans: &[Span]) {
        for placeholder in spans.iter().filter(|span| span.kind.is_none()).filter_map(|s| text.get(s.range.clone())) {
            let Some((name, number)) = placeholder.trim_matches(['<', '>']).rsplit_once('_') else { continue };
            let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name);
            if let (Some(kind), Ok(number)) = (kind, number.parse::<u32>()) {
                let last = self.last.entry(kind).or_default();
                *last = (*last).max(u64::from(number));
            }
        }
    }

    /// Every value that was found, with its placeholder.
    fn values(&mut self, texts: &[Cow<'_, str>], spans: &[Vec<Span>]) -> BTreeMap<String, (Kind, String)> {
        let mut values = BTreeMap::new();
        for (text, spans) in texts.iter().zip(spans) {
            for span in spans {
                let (Some(kind), Some(value)) = (span.kind, text.get(span.range.clone())) else { continue };
                let placeholder = self.placeholder(kind, value);
                if let Some(short) = short_form(kind, value) {
                    values.entry(short.to_owned()).or_insert((kind, placeholder.clone()));
                }
                values.insert(value.to_owned(), (kind, placeholder));
            }
        }
        values
    }

    fn placeholder(&mut self, kind: Kind, value: &str) -> String {
        let digest = *blake3::hash(check::canonical(kind, value).as_bytes()).as_bytes();
        let last = self.last.entry(kind).or_default();
        let number = *self.numbers.entry((kind, digest)).or_insert_with(|| {
            *last += 1;
            *last
        });
        format!("<{}_{number}>", kind.name())
    }

    fn replaced(&mut self, text: &str, spans: &[Span], values: &BTreeMap<String, (Kind, String)>) -> String {
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        for span in spans.iter().filter(|span| span.kind.is_some()) {
            let value = text.get(span.range.clone()).unwrap_or_default();
            let Some((kind, placeholder)) = values.get(value) else { continue };
            out.push_str(text.get(at..span.range.start).unwrap_or_default());
            out.push_str(placeholder);
            *self.report.entry(*kind).or_default() += 1;
            at = span.range.end;
        }
        out.push_str(text.get(at..).unwrap_or_default());
        out
    }
}

/// Adds the places where values that were found somewhere stand once more as words of their own.
fn repeated(texts: &[Cow<'_, str>], spans: &mut [Vec<Span>], values: &BTreeMap<String, (Kind, String)>) {
    let known: Vec<_> = values.iter().filter(|(value, (kind, _))| is_telling(*kind, value)).collect();
    let words = known.iter().map(|(value, _)| value.as_str());
    let Ok(finder) = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(words) else { return };
    for (text, spans) in texts.iter().zip(spans) {
        let found = finder.find_iter(text.as_ref()).filter(|found| scan::is_word(text, found.start()..found.end()));
        let more: Vec<_> = found
            .filter_map(|found| {
                let (_, (kind, _)) = known.get(found.pattern().as_usize())?;
                Some(Span { kind: Some(*kind), range: found.range() })
            })
            .collect();
        *spans = scan::with_room(std::mem::take(spans), more);
    }
}

/// What a value is also called: the first name; a password without the mark that may belong to the sentence.
fn short_form(kind: Kind, value: &str) -> Option<&str> {
    match kind {
        Kind::Person => value.split_whitespace().next(),
        Kind::Password => Some(value.trim_end_matches(['!', '.', ',', '?'])),
        _ => None,
    }
}

/// Whether a value says something without the words around it: "no" as a password must not rewrite a text.
fn is_telling(kind: Kind, value: &str) -> bool {
    value.chars().count() >= if kind == Kind::Person { 3 } else { 5 }
}
