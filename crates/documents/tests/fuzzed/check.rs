//! What holds for whatever is read as a document. The fuzz targets and the replay of their corpus share it; each
//! target is a parser of ours.

use documents::{Document, Kind, Limits, Place, Problem, chunks, read};
use std::collections::HashSet;

/// Small, so that the bounds are met.
const LIMITS: Limits = Limits { bytes: 1 << 20, unpacked: 1 << 20, pages: 20, text: 4000, members: 20, depth: 12 };

/// What the parser of mail asserts of itself in builds with debug assertions alone; others leave the part out.
const ASSERTED: &str = "Invalid part ID, could not find multipart";

/// Reads any bytes without a name.
pub fn kinds(bytes: &[u8]) {
    let kind = Kind::of(bytes, "", "");
    if let Some(document) = document(bytes, "") {
        assert_eq!(document.kind, kind);
    }
}

/// Reads any bytes as text and as Markdown.
pub fn texts(bytes: &[u8]) {
    ["a.txt", "a.md", "a.rs", "a.json"].iter().for_each(|name| drop(document(bytes, name)));
}

/// Reads any bytes as HTML.
pub fn pages(bytes: &[u8]) {
    document(&[b"<!DOCTYPE html>", bytes].concat(), "a.html");
}

/// Reads any bytes as an e-mail.
pub fn mail(bytes: &[u8]) {
    document(&[b"From: a@b.c\n", bytes].concat(), "a.eml");
}

/// Reads any bytes as subtitles.
pub fn subtitles(bytes: &[u8]) {
    document(&[b"WEBVTT\n\n", bytes].concat(), "a.vtt");
}

/// Reads any bytes as an archive.
pub fn archives(bytes: &[u8]) {
    document(&[b"PK\x03\x04", bytes.strip_prefix(b"PK\x03\x04").unwrap_or(bytes)].concat(), "a.zip");
}

/// Reads any bytes as the XML that describes a book.
pub fn xml(bytes: &[u8]) {
    let container = b"<container><rootfile full-path='a.opf'/></container>";
    let files: [(&str, &[u8]); 4] = [
        ("mimetype", b"application/epub+zip"),
        ("META-INF/container.xml", container),
        ("a.opf", bytes),
        ("a.html", b"<html><p>a"),
    ];
    document(&stored(&files), "a.epub");
}

/// Reads any bytes as what a page of a PDF shows.
pub fn pdf(bytes: &[u8]) {
    let head =
        b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[3 0 R]>>\nendobj\n\
        3 0 obj\n<</Type/Page/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>/XObject<</X 4 0 R>>>>>>\nendobj\n\
        5 0 obj\n<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>\nendobj\n";
    let stream = format!("4 0 obj\n<</Subtype/Form/Length {}>>\nstream\n", bytes.len());
    let tail = b"\nendstream\nendobj\ntrailer\n<</Root 1 0 R>>\n%%EOF\n";
    document(&[head, stream.as_bytes(), bytes, tail].concat(), "a.pdf");
}

fn document(bytes: &[u8], name: &str) -> Option<Document> {
    match read(bytes, name, "", &LIMITS) {
        Ok(document) => {
            holds(&document);
            Some(document)
        }
        Err(Problem::Died { detail }) => {
            assert!(detail.contains(ASSERTED), "{detail}");
            None
        }
        Err(_) => None,
    }
}

fn holds(document: &Document) {
    assert!(!document.sections.is_empty(), "a document without text is a problem");
    let length: usize = document.sections.iter().map(|section| section.text.len()).sum();
    assert!(length as u64 <= LIMITS.text, "{length} bytes of text");
    for section in &document.sections {
        assert!(!section.text.trim().is_empty(), "a blank section");
        is_a_place(&section.place, 0);
    }
    for (words, overlap) in [(1, 0), (20, 5), (200, 500)] {
        nothing_is_lost(document, words, overlap);
    }
}

fn is_a_place(place: &Place, depth: u32) {
    assert!(depth <= LIMITS.depth, "too deep");
    match place {
        Place::Lines { from, to } => assert!(*from >= 1 && from <= to, "{place:?}"),
        Place::Time { from_ms, to_ms } => assert!(from_ms <= to_ms, "{place:?}"),
        Place::Page(number) | Place::Slide(number) => assert!(*number >= 1, "{place:?}"),
        Place::Member { place, .. } => is_a_place(place, depth + 1),
        Place::Whole | Place::Sheet { .. } | Place::Chapter { .. } => {}
    }
}

fn nothing_is_lost(document: &Document, words: usize, overlap: usize) {
    let pieces = chunks(document, words, overlap);
    assert!(pieces.iter().all(|piece| !piece.text.trim().is_empty()), "a blank piece");
    pieces.iter().for_each(|piece| is_a_place(&piece.place, 0));
    let known: HashSet<&str> = pieces.iter().flat_map(|piece| piece.text.split_whitespace()).collect();
    for word in document.sections.iter().flat_map(|section| section.text.split_whitespace()) {
        assert!(known.contains(word) || known.iter().any(|part| word.contains(part)), "{word:?} is in no piece");
    }
}

/// An archive of files as they are, without a checksum's help: XML is what is tried here.
fn stored(files: &[(&str, &[u8])]) -> Vec<u8> {
    use std::io::{Cursor, Write};
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, bytes) in files {
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}
