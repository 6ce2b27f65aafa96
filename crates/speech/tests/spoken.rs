//! What is written is said as a person reads it: tables of both languages.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use apprentice_speech::{Lang, Piece, speakable};
use proptest::prelude::*;

fn shown(pieces: &[Piece], lang: Lang) -> String {
    let shown: Vec<String> = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text { text, lang: of } if *of == lang => text.clone(),
            Piece::Text { text, lang: Lang::En } => format!("{{en: {text}}}"),
            Piece::Text { text, lang: Lang::Ru } => format!("{{ru: {text}}}"),
            Piece::Code { language, lines } => format!("{{code {} {lines}}}", language.as_deref().unwrap_or("-")),
            Piece::Table { rows, columns } => format!("{{table {rows} {columns}}}"),
            Piece::Formula => "{formula}".to_owned(),
        })
        .collect();
    shown.join(" ")
}

fn check(cases: &str, lang: Lang, least: usize) {
    let mut wrong = Vec::new();
    let mut count = 0;
    for case in cases.lines().filter(|line| !line.is_empty() && !line.starts_with("# What") && !line.starts_with("## "))
    {
        let (written, expected) = case.split_once(" =>").unwrap_or_else(|| panic!("no case: {case}"));
        let said = shown(&speakable(&written.replace("\\n", "\n"), lang), lang);
        count += 1;
        if said != expected.trim() {
            wrong.push(format!("{written}\n  expected: {}\n  said:     {said}", expected.trim()));
        }
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count >= least, "only {count} cases were read");
}

#[test]
fn russian_is_said_as_it_is_read() {
    check(include_str!("data/russian.txt"), Lang::Ru, 130);
}

#[test]
fn english_is_said_as_it_is_read() {
    check(include_str!("data/english.txt"), Lang::En, 100);
}

/// What figures, signs and Markdown are made of.
fn written() -> impl Strategy<Value = String> {
    let parts = [
        "1",
        "2",
        "05",
        "12",
        "21",
        "1990",
        "2026",
        "000",
        "999999999999999999999",
        ".",
        ",",
        ":",
        "-",
        "–",
        "/",
        " ",
        "\u{a0}",
        "\n",
        "%",
        "$",
        "₽",
        "°C",
        "km",
        "км",
        "м",
        "/ч",
        "т",
        "г.",
        "в",
        "до",
        "к",
        "с",
        "марта",
        "год",
        "гг.",
        "XIX",
        "век",
        "й",
        "летний",
        "млн",
        "million",
        "am",
        "s",
        "T",
        "Z",
        "+",
        "~",
        "^",
        "²",
        "½",
        "|",
        "|-|",
        "`",
        "*",
        "[",
        "](http://a.b)",
        "слово",
        "word",
        "😀",
        "#",
        "(",
        ")",
        "\\frac{1}{2}",
        "e.g.",
        "т. д.",
    ];
    let part = prop_oneof![9 => prop::sample::select(parts.to_vec()).prop_map(str::to_owned), 1 => any::<String>()];
    prop::collection::vec(part, 0..40).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn whatever_is_written_each_piece_has_words(text in written(), russian in any::<bool>()) {
        for piece in speakable(&text, if russian { Lang::Ru } else { Lang::En }) {
            if let Piece::Text { text, .. } = piece {
                prop_assert!(text.chars().any(char::is_alphanumeric) && !text.contains('\n'), "{:?}", text);
            }
        }
    }

    #[test]
    fn plain_words_are_said_as_they_are(words in prop::collection::vec("[а-я]{4,9}", 1..12)) {
        let written = words.join(" ") + ".";
        let said = speakable(&written, Lang::Ru);
        prop_assert_eq!(said, vec![Piece::Text { text: written, lang: Lang::Ru }]);
    }
}
