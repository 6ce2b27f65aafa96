//! Texts: Word, OpenDocument, and RTF as LibreOffice writes it.

use crate::{at, chapter, made, shown};
use apprentice_documents::Place;

/// The document that `make.py` calls rich, however it was saved.
fn is_rich(name: &str) {
    let document = made(name);
    assert_eq!(document.title.as_deref(), Some("Harbour report"), "{name}");
    let first = at(&document, &chapter(1, "First chapter"));
    let expected =
        "# First chapter\n\nAlpha bravo charlie Привет, мир: ёлка и щука.\n\n- apples\n- pears\n1. wash\n2. peel";
    assert_eq!(first, expected, "{name}");
    let second = at(&document, &chapter(2, "Second chapter"));
    let table = "| City | Count | Note |\n| --- | --- | --- |\n| Riga | 12 | a\\|b |\n\
                 | Oslo <br> nested; inside | 7 | two <br> lines |";
    assert!(second.contains(table), "{name}: {second}");
    assert!(second.ends_with("Last words.\n\n[^comment-1]: Remarkable comment"), "{name}: {second}");
    assert!(!shown(&document).contains("Letterhead"), "{name}: headers are left out");
}

#[test]
fn a_word_document_comes_out_as_it_was_written() {
    is_rich("rich.docx");
}

#[test]
fn a_word_document_that_became_an_open_document_says_the_same() {
    is_rich("office/rich.odt");
}

#[test]
fn a_word_document_that_became_rich_text_says_the_same() {
    is_rich("office/rich.rtf");
}

#[test]
fn changes_are_read_as_accepted_and_hidden_text_is_left_out() {
    let document = made("marked.docx");
    let first = at(&document, &Place::Page(1));
    assert!(first.starts_with("Kept insertedhyphen\t✓\n"), "{first}");
    assert!(!shown(&document).contains("removed"), "{}", shown(&document));
    assert!(!shown(&document).contains("invisible"), "{}", shown(&document));
}

#[test]
fn the_words_of_a_text_box_come_once_after_its_paragraph() {
    let document = made("marked.docx");
    assert!(
        at(&document, &Place::Page(1)).contains("Beside a box\n\nboxed words\n\nStill one"),
        "{}",
        shown(&document)
    );
    assert_eq!(shown(&document).matches("boxed words").count(), 1);
}

#[test]
fn pages_end_where_word_last_saw_them_end() {
    let document = made("marked.docx");
    assert!(at(&document, &Place::Page(1)).ends_with("Still one"));
    assert_eq!(at(&document, &Place::Page(2)), "and already two");
    assert_eq!(at(&document, &Place::Page(3)), "On three");
}

#[test]
fn a_page_that_ends_in_a_table_takes_the_row_with_it() {
    let row = |text: &str| {
        format!("<w:tr><w:tc><w:p><w:r>{text}</w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>x</w:t></w:r></w:p></w:tc></w:tr>")
    };
    let rows: String =
        ["<w:t>head</w:t>", "<w:t>one</w:t>", "<w:lastRenderedPageBreak/><w:t>two</w:t>", "<w:t>three</w:t>"]
            .map(row)
            .concat();
    let document = crate::read("a.docx", &crate::files::docx(&format!("<w:tbl>{rows}</w:tbl>"))).unwrap();
    assert!(at(&document, &Place::Page(1)).contains("| two | x |"), "{}", shown(&document));
    assert_eq!(at(&document, &Place::Page(2)), "| head | x |\n| --- | --- |\n| three | x |");
}

#[test]
fn every_format_that_pandoc_writes_says_what_the_markdown_said() {
    for name in ["pandoc.docx", "pandoc.odt", "office/pandoc.docx", "pandoc.rtf"] {
        let document = made(name);
        let text = at(&document, &chapter(2, "Opening words"));
        assert!(text.contains("A paragraph with stress[^1] and a link."), "{name}: {text}");
        assert!(
            text.contains("| Fruit | Colour |\n| --- | --- |\n| Plum | violet |\n| Lime | green |"),
            "{name}: {text}"
        );
        assert!(
            text.contains("first step") && text.contains("second step") && text.contains("deeper"),
            "{name}: {text}"
        );
        assert!(text.ends_with("[^1]: Footnote from below."), "{name}: {text}");
        assert!(at(&document, &chapter(3, "Further words")).ends_with("Конец — «цитата»."), "{name}");
    }
}

#[test]
fn spaces_and_notes_of_an_open_document_stand_where_they_stood() {
    let document = made("small.odt");
    let text = at(&document, &chapter(1, "Open heading"));
    assert_eq!(text, "# Open heading\n\nBefore   after[^1]\n\n[^1]: Small print");
}

#[test]
fn numbers_of_lists_are_counted_as_their_formats_say() {
    let level = |level, format, text| {
        format!(
            r#"<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{format}"/><w:lvlText w:val="{text}"/></w:lvl>"#
        )
    };
    let numbering = format!(
        r#"<w:numbering><w:abstractNum w:abstractNumId="7">{}{}</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num></w:numbering>"#,
        level(0, "decimal", "%1."),
        level(1, "lowerLetter", "%1.%2)")
    );
    let item = |level, text| {
        format!(
            r#"<w:p><w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"#
        )
    };
    let body: String = [item(0, "a"), item(1, "b"), item(1, "c"), item(0, "d"), item(1, "e")].concat();
    let document = format!("<w:document><w:body>{body}</w:body></w:document>");
    let rels =
        r#"<Relationships><Relationship Id="a" Type="x/officeDocument" Target="/word/document.xml"/></Relationships>"#;
    let inner =
        r#"<Relationships><Relationship Id="a" Type="x/numbering" Target="../word/./numbering.xml"/></Relationships>"#;
    let bytes = crate::files::zipped(&[
        ("[Content_Types].xml", b"<Types>wordprocessingml.document.main</Types>"),
        ("_rels/.rels", rels.as_bytes()),
        ("word/document.xml", document.as_bytes()),
        ("word/_rels/document.xml.rels", inner.as_bytes()),
        ("word/numbering.xml", numbering.as_bytes()),
    ]);
    let document = crate::read("list.docx", &bytes).unwrap();
    assert_eq!(at(&document, &Place::Whole), "1. a\n    1.a) b\n    1.b) c\n2. d\n    2.a) e");
}
