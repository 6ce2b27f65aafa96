//! Pieces that are found and cited by themselves.

use documents::{Chunk, Document, Kind, Place, Section, chunks};

fn document(sections: &[(Place, &str)]) -> Document {
    let sections = sections.iter().map(|(place, text)| Section { place: place.clone(), text: (*text).to_owned() });
    Document { kind: Kind::Text, title: None, sections: sections.collect(), notes: Vec::new() }
}

fn texts(chunks: &[Chunk]) -> Vec<&str> {
    chunks.iter().map(|chunk| chunk.text.as_str()).collect()
}

#[test]
fn a_piece_never_crosses_a_page() {
    let pieces = chunks(&document(&[(Place::Page(1), "One."), (Place::Page(2), "Two.")]), 100, 10);
    let places: Vec<&Place> = pieces.iter().map(|piece| &piece.place).collect();
    assert_eq!((places, texts(&pieces)), (vec![&Place::Page(1), &Place::Page(2)], vec!["One.", "Two."]));
}

#[test]
fn sentences_stay_whole_and_the_last_ones_are_repeated() {
    let text = "The first one here. Second has four words. Third is by Mr. Smith. And a fourth one.";
    let whole = document(&[(Place::Whole, text)]);
    let apart = chunks(&whole, 8, 0);
    assert_eq!(
        texts(&apart),
        ["The first one here. Second has four words.", "Third is by Mr. Smith.", "And a fourth one."].map(|part| part)
    );
    let over = chunks(&whole, 9, 4);
    assert_eq!(
        texts(&over)[..2],
        ["The first one here. Second has four words.", "Second has four words. Third is by Mr. Smith."]
    );
}

#[test]
fn each_piece_of_a_table_has_its_header() {
    let rows: String = (1..=6).map(|row| format!("| r{row} | {row} |\n")).collect();
    let text = format!("Before.\n\n| name | n |\n| --- | --- |\n{rows}\nAfter.");
    let pieces = chunks(&document(&[(Place::Whole, &text)]), 7, 3);
    assert!(pieces.len() > 2, "{pieces:#?}");
    for piece in pieces.iter().filter(|piece| piece.text.contains("| r")) {
        assert_eq!(piece.text.matches("| name | n |\n| --- | --- |\n| r").count(), 1, "{}", piece.text);
    }
    for row in 1..=6 {
        assert_eq!(pieces.iter().filter(|piece| piece.text.contains(&format!("| r{row} |"))).count(), 1);
    }
}

#[test]
fn a_piece_knows_the_heading_above_it() {
    let sections = [(Place::Page(1), "# Big\nAbout it."), (Place::Page(2), "More on that.\n\n## Small\n\nDetails.")];
    let pieces = chunks(&document(&sections), 4, 0);
    let headings: Vec<(&str, &str)> =
        pieces.iter().map(|piece| (piece.heading.as_str(), piece.text.as_str())).collect();
    assert_eq!(headings, [("Big", "# Big\n\nAbout it."), ("Big", "More on that."), ("Small", "## Small\n\nDetails.")]);
}

#[test]
fn pieces_of_a_text_have_lines_of_their_own() {
    let text = "One is here.\nstill one.\n\nTwo is here.";
    let pieces = chunks(&document(&[(Place::Lines { from: 10, to: 13 }, text)]), 5, 0);
    let places: Vec<&Place> = pieces.iter().map(|piece| &piece.place).collect();
    assert_eq!(places, [&Place::Lines { from: 10, to: 11 }, &Place::Lines { from: 13, to: 13 }]);
}

#[test]
fn what_has_no_sentences_is_cut_between_words() {
    let text = "word ".repeat(1000);
    let pieces = chunks(&document(&[(Place::Whole, &text)]), 100, 20);
    assert!(pieces.iter().all(|piece| piece.text.split_whitespace().count() <= 100));
    assert_eq!(chunks(&document(&[(Place::Whole, "x")]), 0, 5).len(), 1);
}
