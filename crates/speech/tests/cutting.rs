//! A growing text is cut where it may be, whatever parts it comes in; notes take whole sentences.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use apprentice_speech::cutter::Cutter;
use apprentice_speech::notes::{Bounds, Notes};
use proptest::prelude::*;

fn pieces(cutter: Cutter, parts: &[&str]) -> Vec<String> {
    let mut cutter = cutter;
    let mut pieces: Vec<String> = parts.iter().flat_map(|part| cutter.push(part)).collect();
    pieces.extend(cutter.finish());
    pieces
}

fn letters(text: &str) -> Vec<&str> {
    text.split_inclusive(|_| true).collect()
}

#[test]
fn a_text_is_cut_between_sentences_and_blocks() {
    let mut wrong = Vec::new();
    for case in include_str!("data/cuts.txt").lines().skip(1) {
        let expected: Vec<String> = case.split('|').map(|piece| piece.replace('␤', "\n").replace('¦', "|")).collect();
        let text = expected.concat();
        let cut = pieces(Cutter::new(), &[&text]);
        if cut != expected {
            wrong.push(format!("expected {expected:?}\n     got {cut:?}"));
        }
        assert_eq!(pieces(Cutter::new(), &letters(&text)), cut, "letter by letter");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_sentence_is_given_as_soon_as_the_next_begins() {
    let mut cutter = Cutter::new();
    assert!(cutter.push("It is so.").is_empty());
    assert!(cutter.push(" ").is_empty());
    assert_eq!(cutter.push("T"), ["It is so. "]);
    assert!(cutter.push("hen").is_empty());
    assert_eq!(cutter.finish(), ["Then"]);
}

#[test]
fn a_live_voice_begins_with_a_clause() {
    let text = "No, when all of this is done, we go home, and sleep, all of us, until ten. Then we eat, and go.";
    let cut = pieces(Cutter::with_first_clause(25), &[text]);
    assert_eq!(
        cut,
        ["No, when all of this is done, ", "we go home, and sleep, all of us, until ten. ", "Then we eat, and go."]
    );
}

#[test]
fn a_text_without_sentences_is_cut_between_words() {
    let text = "слово ".repeat(1000);
    let cut = pieces(Cutter::new(), &[&text]);
    assert_eq!(cut.concat(), text.trim_end().to_owned() + " ");
    assert!(cut.iter().all(|piece| piece.chars().count() <= 1010 && piece.ends_with(' ')), "{:?}", cut.len());
}

#[test]
fn blank_text_is_no_piece() {
    assert!(pieces(Cutter::new(), &[" \n\n", "\n"]).is_empty());
    assert!(pieces(Cutter::new(), &[]).is_empty());
}

/// What Markdown and sentences are made of, and anything else.
fn written() -> impl Strategy<Value = String> {
    let parts = [
        "a",
        "Б",
        "слово",
        " ",
        " ",
        "\n",
        "\n\n",
        ".",
        "!",
        "?",
        "…",
        ",",
        "—",
        "`",
        "``",
        "```",
        "```\n",
        "~~~",
        "[",
        "]",
        "(",
        ")",
        "|",
        "\n|",
        "---",
        "- ",
        "1. ",
        "# ",
        "> ",
        "$$",
        "\\",
        "**",
        "т. д.",
        "e.g.",
        "Dr.",
        "😀",
        "\r\n",
        "\t",
    ];
    prop::collection::vec(
        prop_oneof![9 => prop::sample::select(parts.to_vec()).prop_map(str::to_owned), 1 => any::<String>()],
        0..60,
    )
    .prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn parts_of_a_text_give_the_pieces_of_the_whole(text in written(), lengths in prop::collection::vec(1_usize..7, 1..40), live in any::<bool>()) {
        let cutter = || if live { Cutter::with_first_clause(25) } else { Cutter::new() };
        let whole = pieces(cutter(), &[&text]);
        let mut parts = Vec::new();
        let mut rest = text.as_str();
        for length in lengths.iter().cycle() {
            let end = rest.char_indices().nth(*length).map_or(rest.len(), |(at, _)| at);
            parts.push(&rest[..end]);
            rest = &rest[end..];
            if rest.is_empty() { break; }
        }
        prop_assert_eq!(&pieces(cutter(), &parts), &whole);
        let together = whole.concat();
        prop_assert_eq!(together.trim_end(), text.trim_end());
        prop_assert!(whole.iter().all(|piece| !piece.trim().is_empty()));
    }

    #[test]
    fn notes_lose_and_reorder_nothing(lengths in prop::collection::vec(0_usize..400, 0..60)) {
        let bounds = Bounds::default();
        let mut notes = Notes::new(bounds);
        let mut given: Vec<Vec<usize>> = lengths.iter().enumerate().filter_map(|(index, length)| notes.push(index, *length)).collect();
        given.extend(notes.finish());
        prop_assert_eq!(given.concat(), (0..lengths.len()).collect::<Vec<_>>());
        let chars: Vec<usize> = given.iter().map(|note| note.iter().map(|index| lengths[*index]).sum()).collect();
        for (index, chars) in chars.iter().enumerate() {
            let bound = if index == 0 { bounds.first } else { bounds.later };
            let is_last = index + 1 == given.len();
            // A note ends with the sentence that fills it; the last takes a short rest too.
            prop_assert!(*chars < bound + 400 + if is_last { bounds.rest } else { 0 }, "{:?}", chars);
            prop_assert!(is_last || *chars >= bound.min(*chars).max(1));
            prop_assert!(!is_last || index == 0 || *chars >= bounds.rest, "a short rest is a note: {:?}", chars);
        }
    }
}

#[test]
fn a_short_answer_is_one_note_and_a_long_one_begins_early() {
    let mut short = Notes::new(Bounds::default());
    assert_eq!(short.push("a", 210), None);
    assert_eq!(short.push("b", 40), None);
    assert_eq!(short.finish(), Some(vec!["a", "b"]));

    let mut long = Notes::new(Bounds::default());
    assert_eq!(long.push("a", 120), None);
    assert_eq!(long.push("b", 120), None);
    assert_eq!(long.push("c", 300), Some(vec!["a", "b"]));
    assert_eq!(long.push("d", 600), None);
    assert_eq!(long.push("e", 90), Some(vec!["c", "d"]));
    assert_eq!(long.finish(), Some(vec!["e"]));
    assert_eq!(Notes::<&str>::new(Bounds::default()).finish(), None);
}
