//! What may enter a version at all: approved, agreed to, of an allowed platform, redacted, without canaries.

use super::{Consent, Dropped, FreezeRules, Report};
use crate::near;
use crate::redact::{Kind, Redactor};
use domain::example::{Datum, Example, ExampleState};
use std::collections::{BTreeMap, BTreeSet};

/// An example that entered, with its datum redacted.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// The example; its own datum is taken out.
    pub(super) example: Example,
    pub(super) datum: Datum,
    /// Values that were replaced in it.
    pub(super) redacted: BTreeMap<Kind, u64>,
    /// On what its use rests.
    pub(super) consent: Consent,
}

/// What must not be in a dataset, written so that spaces and cases hide nothing.
struct Barred {
    anywhere: Vec<String>,
    /// Without the punctuation around them, too: a question is the same question without its mark.
    asked: BTreeSet<String>,
}

impl Barred {
    fn of(rules: &FreezeRules<'_>) -> Self {
        let some = |text: String| Some(text).filter(|text| !text.is_empty());
        Self {
            anywhere: rules.canaries.iter().filter_map(|text| some(plain(text))).collect(),
            asked: rules.exams.iter().filter_map(|text| some(near::normal(text))).collect(),
        }
    }
    fn holds(&self, datum: &Datum) -> bool {
        let has = |text: String| self.anywhere.iter().any(|canary| text.contains(canary));
        self.asked.contains(&near::normal(&datum.question)) || datum.texts().map(plain).any(has)
    }
}

/// A text in small letters, each gap in it one space.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Those that enter, oldest first; an id counts once, with what was last said under it.
pub(super) fn entries(examples: Vec<Example>, rules: &FreezeRules<'_>, report: &mut Report) -> Vec<Entry> {
    let mut by_id: BTreeMap<_, Example> = BTreeMap::new();
    for example in examples {
        if let Some(other) = by_id.get(&example.id) {
            *report.dropped.entry(Dropped::Exact).or_default() += 1;
            if age(other) >= age(&example) {
                continue;
            }
        }
        by_id.insert(example.id.clone(), example);
    }
    let mut entries = Vec::with_capacity(by_id.len());
    let barred = Barred::of(rules);
    for example in by_id.into_values() {
        match enter(example, rules, &barred) {
            Ok(entry) => entries.push(entry),
            Err(why) => *report.dropped.entry(why).or_default() += 1,
        }
    }
    entries.sort_by(|one, other| (one.example.at, &one.example.id).cmp(&(other.example.at, &other.example.id)));
    entries
}

/// Orders two examples of one id: by time, then by their content, so that the order of the input says nothing.
fn age(example: &Example) -> (i64, String) {
    (example.at.0, serde_json::to_string(example).unwrap_or_default())
}

fn enter(mut example: Example, rules: &FreezeRules<'_>, barred: &Barred) -> Result<Entry, Dropped> {
    if example.state != ExampleState::Approved {
        return Err(Dropped::NotApproved);
    }
    let consent = (rules.consents)(&example).ok_or(Dropped::Consent)?;
    if !(rules.platform_allowed)(example.platform) {
        return Err(Dropped::Platform);
    }
    // Each example by itself: its placeholders do not depend on what else is in the version.
    let mut redactor = Redactor::new();
    let datum = redactor.datum(&example.datum);
    if barred.holds(&example.datum) || barred.holds(&datum) {
        return Err(Dropped::Canary);
    }
    example.datum = Datum::default();
    Ok(Entry { example, datum, redacted: redactor.report, consent })
}
