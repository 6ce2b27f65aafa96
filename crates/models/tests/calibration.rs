//! The coefficients are those that the fit yields, and on the questions that had no part in it they keep what the
//! documents promise.
#![allow(missing_docs, dead_code, unreachable_pub)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../examples/calibrate/data.rs"]
mod data;
#[path = "../examples/calibrate/fit.rs"]
mod fit;
#[path = "../examples/calibrate/measure.rs"]
mod measure;

use apprentice_models::embedded::Reply;
use apprentice_models::embedded::calibration::Coefficients;
use data::{Data, EVERYONE, Part, Right};
use domain::person::Lang;
use measure::{Scorer, Tally, tally, truth};
use std::collections::BTreeSet;

/// What is promised: the least share answered right, the most answered wrong.
const FLOORS: [(&str, f64, f64); 3] = [("lesson", 0.82, 0.01), ("text", 0.80, 0.03), ("guide", 0.65, 0.06)];

/// The held-out questions of a group, put to the model as a person puts them.
fn replayed(group: &str) -> Tally {
    let data = Data::read(Part::HeldOut);
    let model = data.taught();
    let mut tally = Tally::default();
    for case in data.cases.iter().filter(|case| case.group == group || group.is_empty()) {
        let source = match model.answer(&case.question, EVERYONE, Lang::En, None) {
            Reply::Answer { sources, .. } => sources.into_iter().next(),
            Reply::Unknown { .. } | Reply::Smalltalk { .. } => None,
        };
        match (&case.right, source) {
            (Right::Nothing, said) => {
                tally.unanswerable += 1;
                tally.left_alone += usize::from(said.is_none());
            }
            (right, said) => {
                tally.answerable += 1;
                tally.right += usize::from(said.as_ref().is_some_and(|source| right.is(source)));
                tally.wrong += usize::from(said.is_some_and(|source| !right.is(&source)));
            }
        }
    }
    tally
}

#[test]
fn the_committed_coefficients_are_what_the_fit_yields() {
    let (_, _, fitted) = fit::fitted();
    let committed = Coefficients::fitted();
    for (kind, (fitted, committed)) in fitted.weights.iter().zip(&committed.weights).enumerate() {
        for (at, (fitted, committed)) in fitted.iter().zip(committed).enumerate() {
            assert!((fitted - committed).abs() < 0.005, "kind {kind}, feature {at}: {fitted} is not {committed}");
        }
    }
    for (fitted, committed) in fitted.minimum.iter().zip(committed.minimum) {
        assert!((fitted - committed).abs() < 0.011, "minimum: {fitted} is not {committed}");
    }
}

#[test]
fn the_committed_precision_is_what_the_fit_tells() {
    let (_, pairs, _) = fit::fitted();
    let read = |text: &str| serde_json::from_str::<Vec<Vec<Vec<f64>>>>(text).unwrap().concat().concat();
    let (told, committed) =
        (read(&fit::precision(&pairs, Coefficients::fitted())), read(include_str!("../src/embedded/precision.json")));
    assert_eq!(told.len(), committed.len());
    for (told, committed) in told.iter().zip(&committed) {
        assert!((told - committed).abs() <= 0.01 * committed.abs().max(1.0), "{told} is not {committed}");
    }
}

#[test]
fn what_nothing_answers_is_left_alone() {
    let all = replayed("");
    assert!(all.unanswerable > 300 && all.abstention() >= 0.98, "{all:?}");
}

#[test]
fn lessons_texts_and_the_guide_are_found_in_other_words() {
    for (group, least, most_wrong) in FLOORS {
        let tally = replayed(group);
        assert!(tally.coverage() >= least, "{group}: {} of {tally:?}", tally.coverage());
        assert!(tally.wrong() <= most_wrong, "{group}: wrong {} of {tally:?}", tally.wrong());
    }
}

#[test]
fn the_probabilities_are_true_and_better_than_without_the_fit() {
    let (fit_on, pairs, coefficients) = fit::fitted();
    let validation = measure::asked(&Data::read(Part::Validation));
    let held_out = measure::asked(&Data::read(Part::HeldOut));
    let minimum = coefficients.minimum;
    let (fitted, bm25) = (Scorer::Weights(Box::new(coefficients)), Scorer::bm25(&pairs));
    let (brier, error) = truth(&held_out, &fitted);
    assert!(brier < 0.08 && error < 0.05, "Brier {brier}, calibration error {error}");
    let strict = measure::strictest(&[&fit_on, &validation], &bm25);
    let (ours, theirs) = (tally(held_out.iter(), &fitted, minimum), tally(held_out.iter(), &bm25, strict));
    assert!(ours.coverage() > theirs.coverage() + 0.2, "{ours:?} against BM25 {theirs:?}");
}

#[test]
fn no_topic_is_in_two_parts_and_no_question_is_asked_twice() {
    let mut seen = BTreeSet::new();
    let (mut answerable, mut unanswerable, mut lessons) = (0, 0, 0);
    for part in [Part::Fit, Part::Validation, Part::HeldOut] {
        let data = Data::read(part);
        lessons += data.lessons.len();
        for case in data.cases {
            // A text's near misses may be asked of several texts of one topic.
            let place = (case.group, case.lang, case.lesson, case.question.clone(), format!("{:?}", case.right));
            assert!(case.group == "text" || seen.insert((format!("{part:?}"), place)), "twice: {}", case.question);
            match case.right {
                Right::Nothing => unanswerable += 1,
                _ => answerable += 1,
            }
        }
    }
    assert!(lessons >= 150 && answerable >= 900 && unanswerable >= 1200, "{lessons} {answerable} {unanswerable}");
}
