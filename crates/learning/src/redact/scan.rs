//! Runs the rules over one text and settles which of overlapping findings counts.
//!
//! Always holds: spans are in order and apart; placeholders that the text already has are spans without a kind,
//! and nothing is found inside them.

use super::Kind;
use super::rules::{RULES, Rule, Seen};
use regex::{Regex, RegexSet};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

/// Longest match, in bytes, inside which another beginning is tried after the match was refused.
const RETRIED: usize = 64;

/// A finding; one without a kind is a placeholder that was there before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) kind: Option<Kind>,
    pub(super) range: Range<usize>,
}

struct Compiled {
    any: RegexSet,
    each: Vec<(&'static Rule, Regex)>,
    placeholder: Option<Regex>,
}

/// Patterns are constant; a test holds that every one of them compiles.
static COMPILED: LazyLock<Compiled> = LazyLock::new(|| {
    let each: Vec<_> =
        RULES.iter().filter_map(|rule| Regex::new(rule.pattern).ok().map(|pattern| (rule, pattern))).collect();
    let any = RegexSet::new(each.iter().map(|(rule, _)| rule.pattern)).unwrap_or_else(|_| RegexSet::empty());
    let names: Vec<_> = Kind::ALL.iter().map(|kind| kind.name()).collect();
    Compiled { any, each, placeholder: Regex::new(&format!("<(?:{})_[0-9]{{1,9}}>", names.join("|"))).ok() }
});

/// How many rules compiled; all of them, or the set is of no use.
#[cfg(test)]
pub(super) fn compiled() -> (usize, usize) {
    (COMPILED.each.len(), COMPILED.any.len())
}

/// Every finding in a text.
pub(super) fn spans(text: &str) -> Vec<Span> {
    let mut claims = Claims::default();
    if text.contains('<') {
        let placeholders = COMPILED.placeholder.iter().flat_map(|pattern| pattern.find_iter(text));
        placeholders.for_each(|found| claims.reserve(found.range()));
    }
    for at in COMPILED.any.matches(text) {
        if let Some((rule, pattern)) = COMPILED.each.get(at) {
            search(text, rule, pattern, &mut claims);
        }
    }
    claims.spans()
}

/// The spans with those of `more` that touch none of them.
pub(super) fn with_room(spans: Vec<Span>, more: Vec<Span>) -> Vec<Span> {
    let mut claims = Claims::default();
    spans.into_iter().chain(more).for_each(|span| claims.add_if_free(span));
    claims.spans()
}

/// Whether a range neither begins nor ends inside a word.
pub(super) fn is_word(text: &str, range: Range<usize>) -> bool {
    let seen = Seen { text, range };
    seen.begins() && seen.ends()
}

/// Tries a rule at every place. After a refusal the search goes on one character later, so that a number which
/// only begins like another one hides nothing.
fn search(text: &str, rule: &Rule, pattern: &Regex, claims: &mut Claims) {
    let mut at = 0;
    while at <= text.len() {
        let Some(found) = pattern.captures_at(text, at) else { return };
        let (Some(whole), Some(value)) = (found.get(0), found.name("v").or_else(|| found.get(0))) else { return };
        let begins = Seen { text, range: whole.range() }.begins();
        let seen = Seen { text, range: value.range() };
        let kept = if begins { (rule.accept)(&seen).filter(|length| *length > 0) } else { None };
        at = if let Some(length) = kept {
            claims.add(Span { kind: Some(rule.kind), range: value.start()..value.start() + length });
            value.start() + length
        } else if whole.len() <= RETRIED {
            whole.start() + text.get(whole.start()..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8)
        } else {
            whole.end()
        };
    }
}

/// Spans by their beginning.
#[derive(Default)]
struct Claims(BTreeMap<usize, Span>);

impl Claims {
    fn reserve(&mut self, range: Range<usize>) {
        self.0.insert(range.start, Span { kind: None, range });
    }

    fn touching(&self, range: &Range<usize>) -> Vec<Span> {
        let before = self.0.range(..range.start).next_back().map(|(_, span)| span);
        let inside = self.0.range(range.start..range.end).map(|(_, span)| span);
        before.into_iter().filter(|span| span.range.end > range.start).chain(inside).cloned().collect()
    }

    fn add_if_free(&mut self, span: Span) {
        if self.touching(&span.range).is_empty() {
            self.0.insert(span.range.start, span);
        }
    }

    /// Findings that overlap become one, of the kind that was found first: cut to fit, the rest would stay.
    fn add(&mut self, span: Span) {
        let touching = self.touching(&span.range);
        if touching.iter().any(|other| other.kind.is_none()) {
            return;
        }
        let mut whole = Span { kind: touching.first().map_or(span.kind, |first| first.kind), range: span.range };
        for other in touching {
            self.0.remove(&other.range.start);
            whole.range = whole.range.start.min(other.range.start)..whole.range.end.max(other.range.end);
        }
        self.0.insert(whole.range.start, whole);
    }

    fn spans(self) -> Vec<Span> {
        self.0.into_values().collect()
    }
}
