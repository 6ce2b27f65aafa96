//! Documents that are made to do harm, or broken on the way. Each ends in a document or a problem, soon and within
//! little memory; none in a panic.

use crate::files::{pages, pandoc, pdf, python, stream, zip};
use crate::{read, text};
use documents::problem::Bound;
use documents::{Limits, Problem};
use std::io::Write;

/// What packs best: `megabytes` of zeroes.
fn zeroes(megabytes: usize) -> Vec<u8> {
    vec![b' '; megabytes << 20]
}

fn is_refused(problem: &Problem) -> bool {
    matches!(problem, Problem::Hostile { .. } | Problem::TooLarge { .. })
}

#[test]
fn a_file_that_unpacks_to_a_thousand_times_its_size_is_refused() {
    let bomb = zip(&[("a.txt", &zeroes(40))]);
    assert!(bomb.len() < 100_000);
    assert!(matches!(read(&bomb, "a.zip"), Err(Problem::Hostile { .. })));
    for name in ["word/document.xml", "xl/workbook.xml"] {
        let office = zip(&[("[Content_Types].xml", b"<Types/>"), (name, &zeroes(40))]);
        assert!(read(&office, "").is_err());
    }
}

#[test]
fn archives_in_archives_share_what_may_be_unpacked() {
    let mut bomb = zip(&[("a.txt", &zeroes(1))]);
    for _ in 0..4 {
        let files: Vec<String> = (0..9).map(|number| format!("{number}.zip")).collect();
        bomb = zip(&files.iter().map(|name| (name.as_str(), bomb.as_slice())).collect::<Vec<_>>());
    }
    let limits = Limits { unpacked: 16 << 20, ..Limits::default() };
    let problem = documents::read(&bomb, "bomb.zip", "", &limits).unwrap_err();
    assert!(is_refused(&problem), "{problem}");
}

#[test]
fn archives_are_not_opened_without_end() {
    let mut nested = zip(&[("a.txt", b"deep inside")]);
    for _ in 0..12 {
        nested = zip(&[("in.zip", &nested)]);
    }
    assert_eq!(text(&read(&nested, "").unwrap()), "deep inside");
    let limits = Limits { depth: 10, ..Limits::default() };
    let problem = documents::read(&nested, "", "", &limits).unwrap_err();
    assert_eq!(problem, Problem::TooLarge { what: Bound::Depth, limit: 10 });
}

#[test]
fn entries_that_share_their_bytes_are_refused() {
    let script = "import zipfile\nz = zipfile.ZipFile('out.zip', 'w', zipfile.ZIP_DEFLATED)\nz.writestr('aa', 'x' * 9999)\n\
        i = z.filelist[0]\nimport copy\nj = copy.copy(i)\nj.filename = j.orig_filename = 'bb'\nz.filelist.append(j)\n\
        z.NameToInfo['bb'] = j\nz._didModify = True\nz.close()";
    assert!(matches!(read(&python(script, "out.zip"), ""), Err(Problem::Hostile { .. })));
}

#[test]
fn names_that_lead_out_of_an_archive_are_only_names() {
    let document = read(&zip(&[("../../etc/passwd", b"mine"), ("/abs.txt", b"too")]), "").unwrap();
    assert_eq!(text(&document), "mine\n\ntoo");
}

fn book(package: &str) -> Vec<u8> {
    let container = b"<container><rootfile full-path='x.opf'/></container>";
    let files: [(&str, &[u8]); 3] =
        [("mimetype", b"application/epub+zip"), ("META-INF/container.xml", container), ("x.opf", package.as_bytes())];
    zip(&files)
}

#[test]
fn entities_are_neither_expanded_nor_fetched() {
    let laughs: String =
        (1..10).map(|n| format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10))).collect();
    let bomb = format!("<!DOCTYPE p [<!ENTITY l0 \"ha\">{laughs}]><package><title>&l9;</title></package>");
    assert!(matches!(read(&book(&bomb), ""), Err(Problem::Hostile { .. })));
    let outside = "<!DOCTYPE p [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><package><title>&x;</title></package>";
    assert!(matches!(read(&book(outside), ""), Err(Problem::Hostile { .. })));
}

#[test]
fn tags_in_tags_do_not_use_up_the_stack() {
    let deep = "<a>".repeat(200_000);
    let problem = read(&book(&format!("<package>{deep}")), "").unwrap_err();
    assert_eq!(problem, Problem::TooLarge { what: Bound::Depth, limit: 100 });
    let page = format!("<html>{}end", "<div><table><ul><li>".repeat(50_000));
    assert!(text(&read(page.as_bytes(), "a.html").unwrap()).ends_with("end"));
}

#[test]
fn a_page_tree_that_is_a_ring_ends() {
    let ring = pdf(&[
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R 2 0 R 4 0 R]/Parent 3 0 R/Resources<</Font<</F1 6 0 R>>>>>>",
        "<</Type/Pages/Kids[2 0 R 3 0 R]/Parent 2 0 R>>",
        "<</Type/Page/Parent 2 0 R/Contents 5 0 R>>",
        &stream("", "BT /F1 9 Tf (once) Tj ET"),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]);
    assert_eq!(text(&read(&ring, "").unwrap()), "once");
}

#[test]
fn forms_that_show_themselves_end() {
    let calls = "/X Do ".repeat(50);
    let ring = pdf(&[
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Count 1/Kids[3 0 R]/Resources<</XObject<</X 4 0 R>>/Font<</F1 6 0 R>>>>>>",
        "<</Type/Page/Parent 2 0 R/Contents 5 0 R>>",
        &stream("/Type/XObject/Subtype/Form", &calls),
        &stream("", &format!("BT /F1 9 Tf (seen) Tj ET {calls}")),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]);
    let limits = Limits { unpacked: 1 << 20, ..Limits::default() };
    assert_eq!(text(&documents::read(&ring, "", "", &limits).unwrap()), "seen");
}

#[test]
fn objects_in_objects_do_not_use_up_the_stack() {
    for deep in ["[".repeat(100_000), "<</A".repeat(100_000)] {
        let file = pdf(&["<</Type/Catalog/Pages 2 0 R>>", &format!("<</Type/Pages/Kids[3 0 R]/X {deep}>>"), &deep]);
        assert!(read(&file, "").is_err());
        let content = format!("BT /F1 9 Tf {deep} TJ (after) Tj ET");
        let died = matches!(read(&pages(&[&content]), ""), Err(Problem::Died { .. }));
        assert!(!died);
    }
}

#[test]
fn a_chain_of_references_ends() {
    let mut objects = vec!["<</Type/Catalog/Pages 2 0 R>>".to_owned()];
    objects.extend((3..3000).map(|next| format!("{next} 0 R")));
    objects.push("2 0 R".to_owned());
    let file = pdf(&objects.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(read(&file, "").is_err());
}

#[test]
fn a_stream_that_unpacks_to_gigabytes_is_refused_before_it_is_unpacked() {
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(&zeroes(24)).unwrap();
    let packed = packed.finish().unwrap();
    let mut file = pages(&["BT (x) Tj ET"]);
    write!(file, "9 0 obj\n<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length {}>>\nstream\n", packed.len()).unwrap();
    file.extend_from_slice(&packed);
    file.extend_from_slice(b"\nendstream\nendobj\n");
    let limits = Limits { unpacked: 16 << 20, ..Limits::default() };
    let problem = documents::read(&file, "", "", &limits).unwrap_err();
    assert_eq!(problem, Problem::TooLarge { what: Bound::Unpacked, limit: 16 << 20 });
}

/// Reads a file cut off at every kilobyte, and with a byte changed here and there.
pub fn survives_damage(name: &str, file: &[u8]) {
    let is_answered = |bytes: &[u8], how: &str| {
        let read = read(bytes, name);
        assert!(!matches!(read, Err(Problem::Died { .. })), "{name} {how}: {read:?}");
    };
    for end in (0..file.len()).step_by(1024) {
        is_answered(&file[..end], &format!("cut at {end}"));
    }
    for at in (0..file.len()).step_by(file.len() / 40 + 1) {
        let mut broken = file.to_vec();
        broken[at] ^= 0xff;
        is_answered(&broken, &format!("broken at {at}"));
    }
}

#[test]
fn a_file_cut_off_anywhere_is_a_document_or_a_problem() {
    let story = "# Title\n\nSome text, *and* more.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n".repeat(10);
    survives_damage("a.epub", &pandoc(&story, "a.epub"));
    survives_damage("a.html", &pandoc(&story, "a.html"));
    survives_damage("a.zip", &zip(&[("a.md", story.as_bytes()), ("b.html", b"<html><p>x")]));
    survives_damage("a.pdf", &pages(&["BT /F1 9 Tf (a) Tj ET", "BT /F1 9 Tf [(b) -1 (c)] TJ ET"]));
}

#[test]
fn bytes_without_sense_are_no_document_under_any_name() {
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed as u8
    })
    .take(20_000)
    .collect();
    let starts: [&[u8]; 7] =
        [b"", b"PK\x03\x04", b"%PDF-1.4\n", b"{\\rtf", b"<html>", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x00"];
    for start in starts {
        for name in ["", "a.pdf", "a.txt", "a.zip", "a.eml", "a.srt", "a.html", "a.epub"] {
            let read = read(&[start, &noise].concat(), name);
            assert!(!matches!(read, Err(Problem::Died { .. })), "{name}: {read:?}");
        }
    }
    assert_eq!(read(&[], "a.pdf"), Err(Problem::Empty));
    let limits = Limits { bytes: 3, ..Limits::default() };
    assert_eq!(documents::read(b"four", "", "", &limits), Err(Problem::TooLarge { what: Bound::Bytes, limit: 3 }));
}
