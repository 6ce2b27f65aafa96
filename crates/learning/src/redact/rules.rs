//! Which pattern finds what, and what a finding must be like to count.
//!
//! Patterns hold no word boundaries: those make the automaton slow on Cyrillic. Whether a finding begins and ends
//! between words is asked of [`Seen`]. The value is the group `v`, or else the whole match. Earlier rules win.

use super::Kind;
use super::{address, number, secret};
use std::ops::Range;

/// A pattern and the judgement on what it matched.
pub(super) struct Rule {
    pub(super) kind: Kind,
    pub(super) pattern: &'static str,
    /// How many bytes of the value count, or none.
    pub(super) accept: fn(&Seen<'_>) -> Option<usize>,
}

/// A value where it stands.
pub(super) struct Seen<'t> {
    pub(super) text: &'t str,
    pub(super) range: Range<usize>,
}

impl<'t> Seen<'t> {
    pub(super) fn value(&self) -> &'t str {
        self.text.get(self.range.clone()).unwrap_or_default()
    }
    pub(super) fn before(&self) -> &'t str {
        self.text.get(..self.range.start).unwrap_or_default()
    }
    pub(super) fn after(&self) -> &'t str {
        self.text.get(self.range.end..).unwrap_or_default()
    }
    /// Whether it does not begin inside a word.
    pub(super) fn begins(&self) -> bool {
        !self.value().starts_with(char::is_alphanumeric) || !self.before().ends_with(char::is_alphanumeric)
    }
    /// Whether it does not end inside a word.
    pub(super) fn ends(&self) -> bool {
        !self.value().ends_with(char::is_alphanumeric) || !self.after().starts_with(char::is_alphanumeric)
    }
    /// The first `length` bytes of it.
    pub(super) fn first(&self, length: usize) -> Self {
        Self { text: self.text, range: self.range.start..self.range.start + length }
    }
    /// The words before it, the nearest first, lower case; at most `most`, from at most 80 characters.
    pub(super) fn words_before(&self, most: usize) -> Vec<String> {
        let near: Vec<char> = self.before().chars().rev().take(80).collect();
        let near: String = near.into_iter().rev().collect();
        let words = near.rsplit(|c: char| !c.is_alphanumeric() && c != '№' && c != '#');
        words.filter(|word| !word.is_empty()).take(most).map(str::to_lowercase).collect()
    }
}

const fn rule(kind: Kind, pattern: &'static str, accept: fn(&Seen<'_>) -> Option<usize>) -> Rule {
    Rule { kind, pattern, accept }
}

/// Every rule; what is found by an earlier one keeps its kind.
pub(super) const RULES: &[Rule] = &[
    rule(Kind::Key, secret::PEM, secret::any),
    rule(Kind::Key, secret::TOKEN, secret::mixed),
    rule(Kind::Login, secret::URL_LOGIN, secret::login),
    rule(Kind::Key, secret::URL_KEY, secret::mixed),
    rule(Kind::Key, secret::ASSIGNED, secret::assigned),
    rule(Kind::Password, secret::PASSWORD, secret::password),
    rule(Kind::Password, secret::PASSWORD_IS, secret::told),
    rule(Kind::Password, secret::PASSWORD_RU, secret::told),
    rule(Kind::Password, secret::PIN, secret::whole),
    rule(Kind::Email, secret::EMAIL, secret::email),
    rule(Kind::Iban, number::IBAN, number::iban),
    rule(Kind::Card, number::CARD, number::card),
    rule(Kind::Snils, number::SNILS_SAID, secret::whole),
    rule(Kind::Snils, number::SNILS, number::snils),
    rule(Kind::Inn, number::INN, secret::whole),
    rule(Kind::Passport, number::PASSPORT_RU, secret::whole),
    rule(Kind::Passport, number::SERIES_RU, secret::whole),
    rule(Kind::Passport, number::PASSPORT, number::passport),
    rule(Kind::Ssn, number::SSN_SAID, secret::whole),
    rule(Kind::Ssn, number::SSN, number::ssn),
    rule(Kind::Phone, number::PHONE_WORLD, number::phone_world),
    rule(Kind::Phone, number::PHONE_RU, number::phone_ru),
    rule(Kind::Phone, number::PHONE_US, number::phone_us),
    rule(Kind::Phone, number::PHONE_SAID, number::phone_said),
    rule(Kind::Ip, number::IP4, number::ip4),
    rule(Kind::Ip, number::IP6, number::ip6),
    rule(Kind::Address, address::EN, address::en),
    rule(Kind::Address, address::EN_SAID, secret::whole),
    rule(Kind::Address, address::RU, address::ru),
    rule(Kind::Address, address::RU_BACK, address::ru),
    rule(Kind::Address, address::RU_FLAT, secret::whole),
    rule(Kind::Person, address::PERSON, address::person),
];
