//! Learning keeps what the documents promise, on a part of the questions that `make eval` measures.
#![allow(missing_docs, dead_code, unreachable_pub)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../examples/learning_curve/curve.rs"]
mod curve;
#[path = "../examples/learning_curve/data.rs"]
mod data;

#[test]
fn what_was_corrected_is_right_at_once_and_nothing_beside_it_changes() {
    let (items, nothing) = (data::items(), data::nothing());
    assert!(items.len() >= 1000, "{}", items.len());
    let points = curve::curve(&items[..150], &nothing, &[0, 10, 150]);
    assert_eq!(points[0].same, 0.0, "answered before it was taught");
    for point in &points[1..] {
        assert!(point.same >= 0.98 && point.spilled <= 0.02 && point.left_alone >= 0.98, "{point:?}");
        assert!(point.other_words >= OTHER_WORDS && point.wrong <= 0.01, "{point:?}");
    }
}

#[test]
fn a_fit_finds_more_in_other_words_and_keeps_the_rest() {
    let (items, nothing) = (data::items(), data::nothing());
    let items = &items[..150];
    let [without, fitted] = curve::around_a_fit(items, &nothing);
    assert!(fitted.same >= 0.98 && fitted.spilled <= 0.02 && fitted.left_alone >= 0.98, "{fitted:?}");
    assert!(fitted.other_words >= without.other_words && fitted.wrong <= 0.01, "{fitted:?} after {without:?}");
}

/// Least share of other wordings that are answered right.
const OTHER_WORDS: f64 = 0.30;
