//! Files that are locked, broken, or made to do harm: each is its own problem, within the bounds, and none is a crash.

use crate::files::{docx, made, zipped};
use crate::{read, shown};
use apprentice_documents::problem::Bound;
use apprentice_documents::{Limits, Note, Problem};
use std::fmt::Write as _;

#[test]
fn a_file_under_a_password_is_encrypted() {
    for name in ["locked-rich.docx", "locked-book.xlsx", "locked-deck.pptx", "locked.odt"] {
        assert_eq!(read(name, &made(name)), Err(Problem::Encrypted), "{name}");
    }
}

#[test]
fn a_document_without_text_is_empty() {
    assert_eq!(read("a.docx", &docx("<w:p/>")), Err(Problem::Empty));
    assert_eq!(read("a.rtf", br"{\rtf1 }"), Err(Problem::Empty));
    assert_eq!(read("a.csv", b",,\n,,\n"), Err(Problem::Empty));
}

#[test]
fn a_file_that_is_cut_off_anywhere_is_damaged() {
    for name in ["rich.docx", "deck.pptx", "book.xlsx", "book.xls", "small.odt", "office/book.ods", "slides.odp"] {
        let whole = made(name);
        for length in (1024..whole.len()).step_by(1024) {
            match read(name, &whole[..length]) {
                Ok(document) => assert!(name.ends_with("xls"), "{name} of {length} bytes: {}", shown(&document)),
                Err(Problem::Corrupt { .. } | Problem::Empty | Problem::Unsupported { .. }) => {}
                Err(other) => panic!("{name} of {length} bytes: {other}"),
            }
        }
    }
}

#[test]
fn bytes_that_are_changed_anywhere_are_no_crash() {
    for name in ["office/rich.rtf", "pandoc.rtf"] {
        let whole = made(name);
        for at in (0..whole.len()).step_by(whole.len() / 200) {
            let mut changed = whole.clone();
            changed[at] ^= 0x5A;
            let read = read(name, &changed);
            assert!(!matches!(read, Err(Problem::Died { .. })), "{name} changed at {at}: {read:?}");
        }
    }
}

#[test]
fn entities_that_grow_are_hostile() {
    let mut declared = String::from("<!DOCTYPE x [<!ENTITY a0 \"lol\">");
    for level in 1..10 {
        let _ = write!(declared, "<!ENTITY a{level} \"{}\">", format!("&a{};", level - 1).repeat(10));
    }
    let document =
        format!("{declared}]><w:document><w:body><w:p><w:r><w:t>&a9;</w:t></w:r></w:p></w:body></w:document>");
    let rels =
        br#"<Relationships><Relationship Id="a" Type="x/officeDocument" Target="word/document.xml"/></Relationships>"#;
    let types = b"<Types>wordprocessingml.document.main</Types>".as_slice();
    let bytes =
        zipped(&[("[Content_Types].xml", types), ("_rels/.rels", rels), ("word/document.xml", document.as_bytes())]);
    assert!(matches!(read("a.docx", &bytes), Err(Problem::Hostile { .. })), "{:?}", read("a.docx", &bytes));
}

#[test]
fn a_part_that_unpacks_without_end_is_refused() {
    let bytes = docx(&format!("<w:p><w:r><w:t>{}</w:t></w:r></w:p>", " ".repeat(64 << 20)));
    assert!(bytes.len() < 1 << 20);
    assert!(matches!(read("bomb.docx", &bytes), Err(Problem::Hostile { .. } | Problem::TooLarge { .. })));
}

#[test]
fn nesting_without_end_is_refused() {
    let deep = format!("{}{}", "<w:tbl><w:tr><w:tc>".repeat(20_000), "</w:tc></w:tr></w:tbl>".repeat(20_000));
    let problem = read("deep.docx", &docx(&deep)).unwrap_err();
    assert!(matches!(problem, Problem::TooLarge { what: Bound::Depth, .. }), "{problem}");
    let problem = read("deep.rtf", format!("{{\\rtf1 {}", "{".repeat(1 << 20)).as_bytes()).unwrap_err();
    assert!(matches!(problem, Problem::Hostile { .. }), "{problem}");
}

#[test]
fn references_in_a_circle_end() {
    let rels = br#"<Relationships><Relationship Id="a" Type="x/officeDocument" Target="ppt/a.xml"/></Relationships>"#;
    let slides = br#"<p:presentation xmlns:r="r"><p:sldIdLst><p:sldId id="1" r:id="a"/><p:sldId id="2" r:id="b"/></p:sldIdLst></p:presentation>"#;
    let inner = br#"<Relationships><Relationship Id="a" Type="x/slide" Target="b.xml"/><Relationship Id="b" Type="x/slide" Target="a.xml"/></Relationships>"#;
    let slide = br#"<p:sld><p:sp><a:p><a:r><a:t>round</a:t></a:r></a:p></p:sp></p:sld>"#;
    let back = br#"<Relationships><Relationship Id="n" Type="x/notesSlide" Target="b.xml"/><Relationship Id="d" Type="x/diagramData" Target="b.xml"/></Relationships>"#;
    let bytes = zipped(&[
        ("[Content_Types].xml", b"<Types>presentationml.presentation.main</Types>"),
        ("_rels/.rels", rels),
        ("ppt/a.xml", slides),
        ("ppt/_rels/a.xml.rels", inner),
        ("ppt/b.xml", slide),
        ("ppt/_rels/b.xml.rels", back),
    ]);
    let document = read("circle.pptx", &bytes).unwrap();
    assert_eq!(document.sections.len(), 1, "{}", shown(&document));
}

#[test]
fn styles_in_a_circle_end() {
    let style =
        |id, on| format!(r#"<w:style w:styleId="{id}"><w:name w:val="{id}"/><w:basedOn w:val="{on}"/></w:style>"#);
    let styles = format!("<w:styles>{}{}</w:styles>", style("a", "b"), style("b", "a"));
    let rels =
        br#"<Relationships><Relationship Id="a" Type="x/officeDocument" Target="word/document.xml"/></Relationships>"#;
    let inner = br#"<Relationships><Relationship Id="a" Type="x/styles" Target="styles.xml"/></Relationships>"#;
    let document = br#"<w:document><w:body><w:p><w:pPr><w:pStyle w:val="a"/></w:pPr><w:r><w:t>round</w:t></w:r></w:p></w:body></w:document>"#;
    let bytes = zipped(&[
        ("[Content_Types].xml", b"<Types>wordprocessingml.document.main</Types>"),
        ("_rels/.rels", rels),
        ("word/document.xml", document),
        ("word/_rels/document.xml.rels", inner),
        ("word/styles.xml", styles.as_bytes()),
    ]);
    assert_eq!(read("circle.docx", &bytes).unwrap().sections[0].text, "round");
}

/// A workbook of one sheet.
fn xlsx(sheet: &str, strings: &str) -> Vec<u8> {
    let relation = |id, kind, target| {
        format!(
            r#"<Relationship Id="{id}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" Target="{target}"/>"#
        )
    };
    let main = format!("<Relationships>{}</Relationships>", relation("r1", "officeDocument", "xl/workbook.xml"));
    let inner = format!("<Relationships>{}</Relationships>", relation("r1", "worksheet", "worksheets/sheet1.xml"));
    zipped(&[
        ("[Content_Types].xml", b"<Types>spreadsheetml.sheet.main</Types>"),
        ("_rels/.rels", main.as_bytes()),
        ("xl/workbook.xml", br#"<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>"#),
        ("xl/_rels/workbook.xml.rels", inner.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
        ("xl/sharedStrings.xml", strings.as_bytes()),
    ])
}

#[test]
fn a_sheet_that_claims_to_be_huge_costs_nothing() {
    let sheet = r#"<worksheet><dimension ref="A1:XFD1048576"/><sheetData><row r="1"><c r="A1"><v>5</v></c></row></sheetData></worksheet>"#;
    let document = read("claims.xlsx", &xlsx(sheet, "<sst/>")).unwrap();
    assert_eq!(document.sections[0].text, "| 5 |\n| --- |");
}

#[test]
fn a_count_of_strings_that_no_file_holds_is_hostile() {
    let strings = r#"<sst uniqueCount="4611686018427387904"><si><t>x</t></si></sst>"#;
    let problem = read("claims.xlsx", &xlsx("<worksheet><sheetData/></worksheet>", strings)).unwrap_err();
    assert!(matches!(problem, Problem::Hostile { .. }), "{problem}");
}

#[test]
fn repeated_cells_and_rows_end_at_the_bound_of_text() {
    let cell = r#"<table:table-cell table:number-columns-repeated="16384"><text:p>fill</text:p></table:table-cell>"#;
    let content = format!(
        r#"<office:document-content><office:body><office:spreadsheet><table:table table:name="T"><table:table-row table:number-rows-repeated="1048576">{cell}</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"#
    );
    let bytes = zipped(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", b"<manifest/>"),
        ("content.xml", content.as_bytes()),
    ]);
    let limits = Limits { text: 1 << 20, ..Limits::default() };
    let document = apprentice_documents::read(&bytes, "fill.ods", "", &limits).unwrap();
    assert_eq!(document.notes, [Note::Cut { what: Bound::Text, limit: 1 << 20 }]);
    assert!(document.sections.iter().map(|section| section.text.len()).sum::<usize>() <= 1 << 20);
}

#[test]
fn what_is_beyond_the_bounds_is_left_out_with_a_note() {
    let limits = Limits { pages: 2, ..Limits::default() };
    let document = apprentice_documents::read(&made("deck.pptx"), "deck.pptx", "", &limits).unwrap();
    assert_eq!(document.sections.len(), 2);
    assert_eq!(document.notes, [Note::Cut { what: Bound::Pages, limit: 2 }]);
    let limits = Limits { text: 40, ..Limits::default() };
    for name in ["rich.docx", "book.xlsx", "office/rich.odt", "office/rich.rtf", "small.csv", "deck.pptx"] {
        let document = apprentice_documents::read(&made(name), name, "", &limits)
            .unwrap_or_else(|problem| panic!("{name}: {problem}"));
        let length: usize = document.sections.iter().map(|section| section.text.len()).sum();
        assert!(length <= 40, "{name}: {length}");
        assert!(document.notes.contains(&Note::Cut { what: Bound::Text, limit: 40 }), "{name}: {:?}", document.notes);
    }
}
