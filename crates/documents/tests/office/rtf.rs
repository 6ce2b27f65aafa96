//! Rich Text Format in its own words.

use crate::{at, chapter, read, shown};
use apprentice_documents::{Document, Note, Place};

fn rtf(body: &str) -> Document {
    let text = format!("{{\\rtf1\\ansi\\ansicpg1251\\deff0 {body}}}");
    read("note.rtf", text.as_bytes()).unwrap_or_else(|problem| panic!("{body}: {problem}"))
}

fn text(body: &str) -> String {
    let document = rtf(body);
    document.sections.into_iter().map(|section| section.text).collect::<Vec<_>>().join("\n")
}

#[test]
fn bytes_are_read_by_the_code_page_of_the_document_or_of_their_font() {
    assert_eq!(text(r"\'cf\'f0\'e8\'e2\'e5\'f2"), "Привет");
    let fonts = r"{\fonttbl{\f0\fcharset204 Arial;}{\f1\fcharset238 Arial;}{\f2\fcharset128 Mincho;}}";
    assert_eq!(text(&format!(r"{fonts}\f0\'e6 {{\f1\'b3\'f3d\'9f}} \f2\'93\'fa\'96\'7b")), "ж łódź 日本");
}

#[test]
fn what_stands_in_for_unicode_is_passed_over() {
    assert_eq!(text(r"\u1071?\u-10179?\u-8704? \uc2\u8364\'80\'80x\uc0\u8364 y"), "Я😀 €x€y");
    assert_eq!(text(r"{\uc0 \u1071}\u1071?z"), "ЯЯz");
}

#[test]
fn what_is_no_text_is_passed_over() {
    let body = r"{\info{\title My title}{\author Nobody}}{\colortbl;\red1;}{\header top}{\*\unknown {deep} data}{\pict 00ff}{\stylesheet{\s1 heading 1;}}\bin4 }}{{kept";
    let document = rtf(body);
    assert_eq!(document.title.as_deref(), Some("My title"));
    assert_eq!(at(&document, &Place::Whole), "kept");
}

#[test]
fn headings_lists_and_notes_are_marked() {
    let body = r"{\stylesheet{\s3 heading 2;}}\pard\s3 Topic\par\pard {\listtext 1.\tab}first\par {\listtext \bullet\tab}point\par\pard plain{\footnote Below\par}\par {\*\annotation Really?}";
    let document = rtf(body);
    let text = at(&document, &chapter(1, "Topic"));
    assert!(text.starts_with("## Topic\n\n1. first\n- point\n\nplain[^1]\n\n"), "{}", shown(&document));
    assert!(text.contains("[^1]: Below") && text.contains("[^comment-1]: Really?"), "{text}");
}

#[test]
fn a_field_is_what_it_shows_and_removed_text_is_left_out() {
    let body = r#"{\field{\*\fldinst HYPERLINK "http://x"}{\fldrslt link}} a\~b\-c{\deleted gone}{\v hidden} {\upr{old}{\*\ud{new}}}"#;
    assert_eq!(text(body), "link a\u{a0}bc new");
}

#[test]
fn a_table_ends_where_a_paragraph_stands_outside_of_it() {
    let body = r"\trowd\pard\intbl a\cell b\cell\row\trowd\pard\intbl c\par d\cell\cell\row\pard after\par";
    assert_eq!(text(body), "| a | b |\n| --- | --- |\n| c <br> d |  |\n\nafter");
}

#[test]
fn a_document_that_is_cut_off_is_read_as_far_as_it_goes_and_said_to_be_damaged() {
    let document = read("cut.rtf", br"{\rtf1\ansi {\b some text").unwrap();
    assert_eq!(at(&document, &Place::Whole), "some text");
    assert_eq!(document.notes, [Note::Damaged]);
}
