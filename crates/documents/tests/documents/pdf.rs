//! PDF: what is read of it, and where.

use crate::files::{pages, pandoc, pdf, python, run, stream};
use crate::{read, text};
use documents::{Kind, Limits, Note, Place, Problem};

const STORY: &str = "---\ntitle: Годовой отчёт\n---\n\n# Введение\n\nОфис работает эффективно: affluent office, \
    *efficient* workflow.\n\n| Город | Людей |\n|---|---|\n| Москва | 13 |\n| Тверь | 4 |\n\n1. первое\n2. второе\n";

/// Words of poppler's pdftotext that we have, too, as a share of all.
fn recall(file: &[u8]) -> f64 {
    let folder = tempfile::TempDir::new().unwrap();
    std::fs::write(folder.path().join("in.pdf"), file).unwrap();
    run(folder.path(), "pdftotext", &["-enc", "UTF-8", "in.pdf", "out.txt"]);
    let theirs = std::fs::read_to_string(folder.path().join("out.txt")).unwrap();
    let ours = text(&read(file, "in.pdf").unwrap());
    let mut ours: Vec<&str> = words(&ours);
    let theirs = words(&theirs);
    assert!(!theirs.is_empty(), "pdftotext finds nothing");
    let found =
        theirs.iter().filter(|word| ours.iter().position(|our| our == *word).map(|at| ours.swap_remove(at)).is_some());
    found.count() as f64 / theirs.len() as f64
}

fn words(text: &str) -> Vec<&str> {
    text.split(|char: char| !char.is_alphanumeric()).filter(|word| !word.is_empty()).collect()
}

#[test]
fn what_an_office_prints_is_read_with_its_title_and_its_tables() {
    let file = pandoc(STORY, "story.pdf");
    let document = read(&file, "story.pdf").unwrap();
    assert_eq!((document.kind, document.title.as_deref()), (Kind::Pdf, Some("Годовой отчёт")));
    assert_eq!(document.notes, []);
    assert_eq!(document.sections[0].place, Place::Page(1));
    let text = text(&document);
    for expected in ["Введение", "affluent office, efficient workflow.", "Москва\t13", "1. первое"]
    {
        assert!(text.contains(expected), "{expected:?} is not in {text}");
    }
    assert!(recall(&file) >= 0.98, "{}", recall(&file));
    crate::hostile::survives_damage("story.pdf", &file);
}

#[test]
fn a_password_is_only_asked_for_where_reading_needs_it() {
    let plain = pages(&["BT /F1 12 Tf 10 700 Td (for everybody) Tj ET"]);
    let script = |user: &str, algorithm: &str| {
        format!(
            "import io\nfrom pypdf import PdfReader, PdfWriter\n\
             w = PdfWriter(clone_from=PdfReader(io.BytesIO(bytes.fromhex('{}'))))\n\
             w.encrypt(user_password={user:?}, owner_password='owner', algorithm={algorithm:?})\nw.write('out.pdf')",
            plain.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
        )
    };
    let open = python(&script("", "RC4-128"), "out.pdf");
    assert_eq!(text(&read(&open, "a.pdf").unwrap()), "for everybody");
    let locked = python(&script("secret", "RC4-128"), "out.pdf");
    assert_eq!(read(&locked, "a.pdf"), Err(Problem::Encrypted));
}

#[test]
fn pages_that_are_pictures_are_named_and_a_scan_is_no_text() {
    let picture = stream("/Type/XObject/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceGray", "A");
    let text_page = stream("", "BT /F1 9 Tf 9 9 Td (words) Tj ET");
    let file = |kids: &str| {
        pdf(&[
            "<</Type/Catalog/Pages 2 0 R>>",
            &format!("<</Type/Pages/Count 2/Kids[{kids}]/Resources<</Font<</F1 7 0 R>>/XObject<</I 3 0 R>>>>>>"),
            &picture,
            &stream("", "/I Do"),
            "<</Type/Page/Parent 2 0 R/Contents 4 0 R>>",
            "<</Type/Page/Parent 2 0 R/Contents 8 0 R>>",
            "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
            &text_page,
        ])
    };
    let document = read(&file("6 0 R 5 0 R"), "a.pdf").unwrap();
    assert_eq!((document.sections.len(), document.notes), (1, vec![Note::Scanned { pages: vec![2] }]));
    assert_eq!(read(&file("5 0 R"), "a.pdf"), Err(Problem::Scanned { pages: 1 }));
    assert_eq!(read(&pages(&[""]), "a.pdf"), Err(Problem::Empty));
}

#[test]
fn what_pillow_saves_is_a_scan() {
    let scan = python("from PIL import Image\nImage.new('L', (80, 40), 255).save('out.pdf')", "out.pdf");
    assert_eq!(read(&scan, "scan.pdf"), Err(Problem::Scanned { pages: 1 }));
}

#[test]
fn pages_come_in_the_order_of_their_tree_and_not_of_the_file() {
    let file = pdf(&[
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Count 3/Kids[7 0 R 3 0 R]/Resources<</Font<</F1 8 0 R>>>>>>",
        "<</Type/Page/Parent 2 0 R/Contents 4 0 R>>",
        &stream("", "BT /F1 9 Tf (third) Tj ET"),
        "<</Type/Page/Parent 7 0 R/Contents[10 0 R 11 0 R]>>",
        "<</Type/Page/Parent 7 0 R/Rotate 90/Contents 9 0 R>>",
        "<</Type/Pages/Count 2/Parent 2 0 R/Kids[6 0 R 5 0 R]>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        &stream("", "BT /F1 9 Tf 0 1 -1 0 50 50 Tm (first) Tj ET"),
        &stream("", "BT /F1 9 Tf (sec) Tj"),
        &stream("", "(ond) Tj ET"),
    ]);
    let document = read(&file, "a.pdf").unwrap();
    let said: Vec<(Place, &str)> = document.sections.iter().map(|of| (of.place.clone(), of.text.as_str())).collect();
    assert_eq!(said, [(Place::Page(1), "first"), (Place::Page(2), "second"), (Place::Page(3), "third")]);
}

#[test]
fn words_lines_paragraphs_and_cells_are_told_by_where_glyphs_stand() {
    let content = "BT /F1 10 Tf 50 700 Td [(kern)-50(ed and)-400(apart)] TJ 0 -12 Td (next line) Tj 150 0 Td (cell) Tj \
        -150 -40 Td (a paragraph) Tj 55 4 Td /F1 6 Tf (2) Tj ET BT /F1 10 Tf 50 500 Td (bold) Tj ET \
        BT /F1 10 Tf 50.2 500 Td (bold) Tj ET";
    let document = read(&pages(&[content]), "a.pdf").unwrap();
    assert_eq!(text(&document), "kerned and apart\nnext line\tcell\n\na paragraph2\n\nbold");
}

#[test]
fn words_divided_at_the_end_of_a_line_are_whole_and_real_hyphens_stay() {
    let content = "BT /F1 10 Tf 12 TL 50 700 Td (an inter-) Tj T* (national well-known COVID-) Tj T* (19 and well-) Tj \
        T* (known matter - ) Tj T* (of fact) Tj ET";
    let document = read(&pages(&[content]), "a.pdf").unwrap();
    assert_eq!(text(&document), "an international well-known COVID-19 and well-known matter -\nof fact");
}

#[test]
fn letters_are_told_by_their_names_where_a_font_says_nothing_else() {
    let file = pdf(&[
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Count 1/Kids[3 0 R]>>",
        "<</Type/Page/Parent 2 0 R/Resources<</Font<</F1 4 0 R/F2 6 0 R>>>>/Contents 5 0 R>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Nobody/Encoding<</Differences[65/afii10033/afii10074/afii10082/fi/uni0416]>>\
         /FirstChar 65/Widths[600 600 600 600 600]>>",
        &stream("", "BT /F1 10 Tf (ABCDE) Tj /F2 10 Tf 100 0 Td <005400480049> Tj ET"),
        "<</Type/Font/Subtype/Type0/BaseFont/Kana/Encoding/UniJIS-UCS2-H/DescendantFonts[<</Type/Font\
         /Subtype/CIDFontType0/BaseFont/Kana/CIDSystemInfo<</Registry(Adobe)/Ordering(Japan1)/Supplement 2>>>>]>>",
    ]);
    assert_eq!(text(&read(&file, "a.pdf").unwrap()), "ПирfiЖ\tTHI");
}

#[test]
fn what_stands_in_forms_fields_and_instead_of_glyphs_is_read() {
    let file = pdf(&[
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Count 1/Kids[3 0 R]/Resources<</Font<</F1 4 0 R>>/XObject<</X 6 0 R>>>>>>",
        "<</Type/Page/Parent 2 0 R/Contents 5 0 R/Annots[<</Subtype/Widget/AP<</N 7 0 R>>>>]>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        &stream("", "/X Do BT /F1 10 Tf 0 -50 Td /Span<</ActualText(whole)>> BDC (w) Tj (h-) Tj EMC ET"),
        &stream("/Type/XObject/Subtype/Form", "BT /F1 10 Tf (in a form) Tj ET"),
        &stream("/Type/XObject/Subtype/Form", "BT /F1 10 Tf (filled in) Tj ET"),
    ]);
    assert_eq!(text(&read(&file, "a.pdf").unwrap()), "in a form\n\nwhole\n\nfilled in");
}

#[test]
fn a_long_document_is_cut_and_says_so() {
    let file = pages(&["BT /F1 9 Tf (one) Tj ET", "BT /F1 9 Tf (two) Tj ET"]);
    let limits = Limits { pages: 1, ..Limits::default() };
    let document = documents::read(&file, "a.pdf", "", &limits).unwrap();
    let cut = Note::Cut { what: documents::problem::Bound::Pages, limit: 1 };
    assert_eq!((text(&document).as_str(), document.notes), ("one", vec![cut]));
}
