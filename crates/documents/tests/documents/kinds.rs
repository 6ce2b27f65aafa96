//! What a file is, whatever it is called.

use crate::files::{pages, pandoc, zip};
use crate::read;
use documents::{Kind, Note};

#[test]
fn bytes_say_what_a_file_is_and_not_its_name() {
    let office = |folder: &str| zip(&[("[Content_Types].xml", b"<Types/>"), (&format!("{folder}/x.xml"), b"<x/>")]);
    let open = |kind: &str| zip(&[("mimetype", format!("application/{kind}").as_bytes())]);
    let cases: Vec<(Vec<u8>, Kind)> = vec![
        (pages(&[""]), Kind::Pdf),
        (office("word"), Kind::Docx),
        (office("ppt"), Kind::Pptx),
        (office("xl"), Kind::Xlsx),
        (open("vnd.oasis.opendocument.text"), Kind::Odt),
        (open("vnd.oasis.opendocument.spreadsheet"), Kind::Ods),
        (open("epub+zip"), Kind::Epub),
        (zip(&[("a.txt", b"a")]), Kind::Zip),
        (b"{\\rtf1 x}".to_vec(), Kind::Rtf),
        (b"<?xml version='1.0'?>\n<html xmlns='x'>".to_vec(), Kind::Html),
        (b"WEBVTT\n".to_vec(), Kind::Subtitles),
        (b"Received: x\nFrom: a@b\nTo: c@d\nSubject: e\n\nf".to_vec(), Kind::Eml),
        (vec![0x89, b'P', b'N', b'G', 0, 0, 0, 1], Kind::Unknown),
    ];
    for (bytes, kind) in &cases {
        for name in ["", "a.png", "b.txt", "c.docx", "d"] {
            assert_eq!(Kind::of(bytes, name, "application/pdf"), *kind, "{name}");
        }
    }
}

#[test]
fn kinds_of_text_are_told_by_name_or_media_type() {
    let text = b"name,city\nAnn,Perm\n";
    for (name, mime, kind) in [
        ("a.csv", "", Kind::Csv),
        ("", "text/csv; charset=utf-8", Kind::Csv),
        ("README.MD", "", Kind::Markdown),
        ("main.rs", "text/plain", Kind::Code),
        ("a.json", "", Kind::Json),
        ("notes", "", Kind::Text),
        ("a.docx", "", Kind::Text),
    ] {
        assert_eq!(Kind::of(text, name, mime), kind, "{name} {mime}");
    }
    assert_eq!(Kind::of(b"{\"a\": 1}", "", ""), Kind::Json);
    assert_eq!(Kind::of(b"From: here to there\nit is far", "", ""), Kind::Text);
}

#[test]
fn the_files_of_pandoc_are_told_apart() {
    for (file, kind) in [("a.docx", Kind::Docx), ("a.odt", Kind::Odt), ("a.pptx", Kind::Pptx), ("a.rtf", Kind::Rtf)] {
        assert_eq!(Kind::of(&pandoc("# A\n\nb\n", file), "", ""), kind, "{file}");
    }
}

#[test]
fn a_wrong_name_is_noted_and_a_near_one_is_not() {
    let claimed = |name: &str, mime: &str| {
        let document = documents::read(b"just text", name, mime, &documents::Limits::default()).unwrap();
        document.notes.into_iter().find_map(|note| match note {
            Note::Mislabelled { claimed } => Some(claimed),
            _ => None,
        })
    };
    assert_eq!(claimed("photo.PNG", ""), Some("png".to_owned()));
    assert_eq!(claimed("a.pdf", "text/plain"), Some("pdf".to_owned()));
    assert_eq!(claimed("a", "application/pdf"), Some("application/pdf".to_owned()));
    for name in ["a.txt", "a.md", "a.rs", "a", "v1.2", ""] {
        assert_eq!(claimed(name, "text/plain"), None, "{name}");
    }
    let page = read(&pages(&["BT /F1 9 Tf (x) Tj ET"]), "scan.jpg").unwrap();
    assert_eq!(page.notes, [Note::Mislabelled { claimed: "jpg".to_owned() }]);
}
