//! HTML and EPUB.

use crate::files::{pandoc, python, zip};
use crate::{read, text};
use documents::{Kind, Place, Problem};

fn html(body: &str) -> String {
    text(&read(format!("<!DOCTYPE html><title>T</title><body>{body}").as_bytes(), "a.html").unwrap())
}

#[test]
fn a_page_becomes_markdown() {
    let body = "<h1>One</h1><p>Some <b>bold</b>\n text&nbsp;&amp; more<br>next<ul><li>a<li><p>b</p><ol><li>c</ol></ul>\
        <pre>x\n  y</pre><table><tr><th>k<th>v<tr><td>a|b<td><p>1</p></table>";
    let expected =
        "# One\n\nSome bold text & more\nnext\n- a\n- b\n  1. c\n\nx\n  y\n\n| k | v |\n| --- | --- |\n| a\\|b | 1 |";
    assert_eq!(html(body).replace('\u{a0}', " "), expected);
}

#[test]
fn what_a_browser_does_not_show_is_not_read() {
    let body = "<script>var a = '<p>no</p>'</script><style>p{}</style><p>seen</p><div hidden>no<div>no</div></div>\
        <p style='color:red; display : none'>no</p><template><p>no</p></template><!-- no --><p>end</p>";
    assert_eq!(html(body), "seen\n\nend");
}

#[test]
fn parts_of_a_page_are_cited_by_their_headings() {
    let source = "<html><title> A  page </title><h1>First</h1>a<h3>below</h3>b<h2>Second</h2>c";
    let document = read(source.as_bytes(), "").unwrap();
    assert_eq!((document.kind, document.title.as_deref()), (Kind::Html, Some("A page")));
    let chapter = |number, title: &str| Place::Chapter { number, title: title.to_owned() };
    let places: Vec<Place> = document.sections.iter().map(|section| section.place.clone()).collect();
    assert_eq!(places, [chapter(1, "First"), chapter(2, "Second")]);
    let whole = read(b"<html><p>only text", "").unwrap();
    assert_eq!(whole.sections[0].place, Place::Whole);
}

#[test]
fn a_page_is_decoded_as_it_declares() {
    let script = "open('out', 'wb').write('<html><meta charset=\"windows-1251\"><p>Да'.encode('cp1251'))";
    assert_eq!(text(&read(&python(script, "out"), "a.html").unwrap()), "Да");
}

#[test]
fn tables_in_tables_stay_text_of_their_cell() {
    let body = "<table><tr><td>a<td><table><tr><td>in<td>ner</table><tr><td>b<td>c</table>";
    assert_eq!(html(body), "| a | in ner |\n| --- | --- |\n| b | c |");
}

#[test]
fn a_book_of_pandoc_is_read_by_its_chapters() {
    let book = pandoc("---\ntitle: Книга\n---\n\n# Начало\n\nПервая глава.\n\n# Конец\n\nВторая глава.\n", "book.epub");
    let document = read(&book, "book.epub").unwrap();
    assert_eq!((document.kind, document.title.as_deref()), (Kind::Epub, Some("Книга")));
    let titles: Vec<&Place> = document.sections.iter().map(|section| &section.place).collect();
    let chapter = |number, title: &str| Place::Chapter { number, title: title.to_owned() };
    assert_eq!(titles[titles.len() - 2..], [&chapter(2, "Начало"), &chapter(3, "Конец")]);
    assert!(text(&document).ends_with("# Конец\n\nВторая глава."));
}

fn book(spine: &str, extra: &[(&str, &[u8])]) -> Vec<u8> {
    let package = format!(
        "<package><metadata><dc:title>B &amp; C</dc:title></metadata><manifest><item id='a' href='../text/a%20b.xhtml#x'/>\
         <item id='b' href='b.xhtml'/></manifest><spine>{spine}</spine></package>"
    );
    let container = b"<container><rootfiles><rootfile full-path='OPS/x.opf'/></rootfiles></container>";
    let mut files: Vec<(&str, &[u8])> = vec![
        ("mimetype", b"application/epub+zip"),
        ("META-INF/container.xml", container),
        ("OPS/x.opf", package.as_bytes()),
        ("text/a b.xhtml", b"<html><body><h1>A</h1></body></html>"),
        ("OPS/b.xhtml", b"<html><body><p>b</p></body></html>"),
    ];
    files.extend(extra);
    zip(&files)
}

#[test]
fn the_spine_orders_a_book_and_one_with_locked_chapters_is_encrypted() {
    let document = read(&book("<itemref idref='b'/><itemref idref='a'/>", &[]), "").unwrap();
    assert_eq!((document.title.as_deref(), text(&document).as_str()), (Some("B & C"), "b\n\n# A"));
    let locked = b"<encryption><EncryptedData><CipherReference URI='OPS/b.xhtml'/></EncryptedData></encryption>";
    let book = book("<itemref idref='b'/>", &[("META-INF/encryption.xml", locked)]);
    assert_eq!(read(&book, ""), Err(Problem::Encrypted));
}
