//! Whatever the data is, reading what was written gives the same data.

use super::common::read_all;
use domain::chat::{Role, Turn};
use domain::example::Datum;
use learning::shape::{Shape, exact_key, write};
use proptest::prelude::*;
use std::collections::HashSet;

/// Texts with what gets in the way: quotes, separators, line ends, NUL, marks, labels, other scripts.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "\\PC{0,12}",
        "[a-zа-я ]{0,12}",
        prop::sample::select(vec![
            "\"",
            "\\",
            ",",
            ";",
            "\t",
            "\n",
            "\r",
            "\r\n",
            "\0",
            "\u{feff}",
            "\u{2028}",
            "Q:",
            "\nA: ",
            "О: ",
            "=>",
            "[",
            "}",
            "\u{1f469}\u{200d}\u{1f52c}",
            "مرحبا",
            "你好",
            " ",
            "{\"messages\":[",
            "sep=;",
            "\u{85}",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat())
}

fn turn() -> impl Strategy<Value = Turn> {
    let role = prop::sample::select(vec![Role::System, Role::User, Role::Assistant]);
    (role, text()).prop_map(|(role, content)| Turn::new(role, content))
}

fn datum() -> impl Strategy<Value = Datum> {
    let system = prop_oneof![Just(String::new()), text()];
    let before = prop_oneof![Just(Vec::new()), prop::collection::vec(turn(), 0..4)];
    let answers = (prop::option::of(text()), prop::option::of(text()));
    (system, before, text(), answers).prop_map(|(system, before, question, (chosen, rejected))| Datum {
        system,
        before,
        question,
        chosen,
        rejected,
    })
}

/// What a shape keeps of a datum that it holds.
fn kept(shape: Shape, datum: &Datum) -> Vec<Datum> {
    let says = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let whole = Datum { chosen: says(&datum.chosen), rejected: says(&datum.rejected), ..datum.clone() };
    let without = Datum { rejected: None, ..whole.clone() };
    match shape {
        Shape::Preference | Shape::TrlPreference | Shape::Csv => vec![whole],
        Shape::TrlUnpaired => {
            let rejected = Datum { chosen: None, ..whole };
            [without, rejected].into_iter().filter(|one| one.chosen.is_some() || one.rejected.is_some()).collect()
        }
        _ => vec![without],
    }
}

proptest! {
    #[test]
    fn what_was_written_is_read_as_it_was(data in prop::collection::vec(datum(), 0..6)) {
        for shape in Shape::ALL {
            let mut file = Vec::new();
            let written = write(shape, &data, &mut file).unwrap();
            prop_assert_eq!(written.written + written.left_out, data.len() as u64);
            let held: Vec<&Datum> = data
                .iter()
                .filter(|datum| write(shape, [*datum], Vec::new()).unwrap().written == 1)
                .collect();
            prop_assert_eq!(written.written, held.len() as u64);
            let mut seen = HashSet::new();
            let expected: Vec<Datum> = held
                .into_iter()
                .flat_map(|datum| kept(shape, datum))
                .filter(|datum| seen.insert(exact_key(datum)))
                .collect();
            if shape != Shape::TelegramExport {
                prop_assert_eq!(read_all(shape, &file).sound(), expected, "{:?}: {}", shape, String::from_utf8_lossy(&file));
            }
        }
    }
}

#[test]
fn what_a_shape_cannot_hold_is_counted() {
    let both = Datum { rejected: Some("c".to_owned()), ..Datum::of("a", "b") };
    let wrong = Datum { chosen: None, ..both.clone() };
    let later = Datum { before: vec![Turn::new(Role::User, "x")], ..Datum::of("a", "b") };
    let data = [both, wrong, later];
    for (shape, counts) in [
        (Shape::Chat, (2, 1, 1)),
        (Shape::Preference, (1, 0, 2)),
        (Shape::TrlPreference, (1, 0, 2)),
        (Shape::TrlUnpaired, (3, 0, 0)),
        (Shape::ShareGpt, (2, 1, 1)),
        (Shape::Alpaca, (1, 1, 2)),
        (Shape::Csv, (2, 0, 1)),
        (Shape::PlainPairs, (1, 1, 2)),
        (Shape::TelegramExport, (0, 0, 3)),
    ] {
        let written = write(shape, &data, Vec::new()).unwrap();
        assert_eq!((written.written, written.without_rejected, written.left_out), counts, "{shape:?}");
    }
}

#[test]
fn a_pair_that_labels_or_line_ends_would_change_is_left_out() {
    for answer in ["a\r\nb", "a\nQ: b", "a\n  о: b", "A: b", " a", "a\n"] {
        let datum = Datum::of("question", answer);
        assert_eq!(write(Shape::PlainPairs, [&datum], Vec::new()).unwrap().left_out, 1, "{answer:?}");
        assert_eq!(write(Shape::Chat, [&datum], Vec::new()).unwrap().left_out, 0, "{answer:?}");
    }
}
