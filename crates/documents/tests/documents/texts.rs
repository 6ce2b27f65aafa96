//! Text in any encoding, and subtitles.

use crate::files::python;
use crate::{read, text};
use documents::{Kind, Limits, Note, Place, Problem};

const RUSSIAN: &str = "Привет, мир! Это довольно длинный русский текст для проверки кодировки. Ещё одна строка.";

#[test]
fn text_is_read_in_whatever_it_is_encoded_in() {
    let encodings = "cp1251 koi8-r cp866 utf-16-le utf-16-be utf-16 utf-8-sig utf-8";
    for encoding in encodings.split(' ') {
        let script = format!("open('out', 'wb').write({RUSSIAN:?}.encode('{encoding}'))");
        let document = read(&python(&script, "out"), "a.txt").unwrap();
        assert_eq!((document.kind, text(&document).as_str()), (Kind::Text, RUSSIAN), "{encoding}");
    }
    let japanese = "これは日本語のテキストです。文字コードの検出を確認します。";
    for encoding in ["shift_jis", "euc-jp", "iso-2022-jp"] {
        let script = format!("open('out', 'wb').write({japanese:?}.encode('{encoding}'))");
        assert_eq!(text(&read(&python(&script, "out"), "a.txt").unwrap()), japanese, "{encoding}");
    }
}

#[test]
fn lines_are_cited_by_the_numbers_that_an_editor_shows() {
    let paragraph = "word ".repeat(250);
    let source = format!("\n\nfirst\n{paragraph}\n{paragraph}\n\nlast\n");
    let document = read(source.as_bytes(), "a.txt").unwrap();
    let places: Vec<&Place> = document.sections.iter().map(|section| &section.place).collect();
    assert_eq!(places, [&Place::Lines { from: 3, to: 5 }, &Place::Lines { from: 7, to: 7 }]);
    assert_eq!(document.sections[1].text, "last");
}

#[test]
fn markdown_is_divided_at_its_headings_but_not_in_code() {
    let source = "# Title\n\nintro\n\n## Part\n\n```\n# no heading\n```\n";
    let document = read(source.as_bytes(), "a.md").unwrap();
    assert_eq!((document.kind, document.title.as_deref()), (Kind::Markdown, Some("Title")));
    let places: Vec<&Place> = document.sections.iter().map(|section| &section.place).collect();
    assert_eq!(places, [&Place::Lines { from: 1, to: 4 }, &Place::Lines { from: 5, to: 9 }]);
}

#[test]
fn what_is_too_long_is_cut_at_a_letter_and_says_so() {
    let limits = Limits { text: 5, ..Limits::default() };
    let document = documents::read("привет".as_bytes(), "a.txt", "", &limits).unwrap();
    let cut = Note::Cut { what: documents::problem::Bound::Text, limit: 5 };
    assert_eq!((text(&document).as_str(), document.notes), ("пр", vec![cut]));
    assert_eq!(read(b" \n\t ", "a.txt"), Err(Problem::Empty));
}

#[test]
fn subtitles_are_stretches_of_a_minute_with_their_times() {
    let source = "1\n00:00:01,000 --> 00:00:04,000\n<i>Hello</i> there.\n\n2\n00:00:05,000 --> 00:00:08,500\n\
        {\\an8}Hello &amp; goodbye\n\n3\n01:00:00,000 --> 01:00:02,000\n1984\n";
    let document = read(source.as_bytes(), "a.txt").unwrap();
    assert_eq!(document.kind, Kind::Subtitles);
    let said: Vec<_> = document.sections.iter().map(|of| (of.place.clone(), of.text.as_str())).collect();
    let first = Place::Time { from_ms: 1000, to_ms: 8500 };
    let second = Place::Time { from_ms: 3_600_000, to_ms: 3_602_000 };
    assert_eq!(said, [(first, "Hello there. Hello & goodbye"), (second, "1984")]);
}

#[test]
fn captions_that_roll_are_said_once() {
    let source = "WEBVTT\n\nNOTE by hand\n\n00:01.000 --> 00:02.000 align:start\n<v Ann>one\n\n\
        00:02.000 --> 00:03.000\none\ntwo\n\n00:03.000 --> 00:04.000\ntwo\nthree\n";
    let document = read(source.as_bytes(), "a.vtt").unwrap();
    assert_eq!(text(&document), "one two three");
    assert_eq!(document.sections[0].place, Place::Time { from_ms: 1000, to_ms: 4000 });
}
