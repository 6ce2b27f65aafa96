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
