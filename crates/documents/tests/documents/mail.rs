//! E-mail as a mail program writes it.

use crate::files::{python, zip};
use crate::{read, text};
use documents::{Kind, Note, Place};

const MAIL: &str = r#"
from email.message import EmailMessage
m = EmailMessage()
m['From'] = 'Анна <anna@example.org>'
m['To'] = 'bob@example.org, Eve <eve@example.org>'
m['Date'] = 'Fri, 02 Jan 2026 03:04:05 +0300'
m['Subject'] = 'Отчёт за квартал'
m.set_content('Посмотрите вложение.\n', charset='koi8-r')
m.add_alternative('<p>Посмотрите <b>вложение</b>.</p>', subtype='html')
m.add_attachment('a,b\n'.encode('utf-16'), maintype='application', subtype='octet-stream', filename='счёт.txt')
m.add_attachment(b'\x89PNG', maintype='image', subtype='png', filename='logo.png')
inner = EmailMessage()
inner['From'] = 'carol@example.org'
inner['Subject'] = 'Before'
inner['Date'] = 'Thu, 01 Jan 2026 00:00:00 +0000'
inner.set_content('what was said before')
m.add_attachment(inner)
open('out.eml', 'wb').write(bytes(m))
"#;

#[test]
fn a_message_is_its_head_its_text_and_what_hangs_on_it() {
    let document = read(&python(MAIL, "out.eml"), "letter").unwrap();
    assert_eq!((document.kind, document.title.as_deref()), (Kind::Eml, Some("Отчёт за квартал")));
    let head = "From: Анна <anna@example.org>\nTo: bob@example.org, Eve <eve@example.org>\n\
        Date: Fri, 2 Jan 2026 03:04:05 +0300\nSubject: Отчёт за квартал\n\nПосмотрите вложение.";
    assert_eq!((&document.sections[0].place, document.sections[0].text.as_str()), (&Place::Whole, head));
    let member = |name: &str, place| Place::Member { name: name.to_owned(), place: Box::new(place) };
    assert_eq!(document.sections[1].place, member("счёт.txt", Place::Lines { from: 1, to: 1 }));
    assert_eq!(document.sections[1].text, "a,b");
    assert!(document.sections[2].text.ends_with("what was said before"), "{:?}", document.sections[2]);
    assert_eq!(document.notes, [Note::Skipped { names: vec!["logo.png".to_owned()] }]);
}

#[test]
fn a_message_of_html_alone_is_read_as_a_page() {
    let source = "From: a@example.org\r\nTo: b@example.org\r\nSubject: =?koi8-r?B?8NLJ18XU?=\r\n\
        Content-Type: text/html; charset=windows-1251\r\n\r\n<p>\u{0}</p><ul><li>x</ul>";
    let source: Vec<u8> = source.bytes().map(|byte| if byte == 0 { 0xc4 } else { byte }).collect();
    let document = read(&source, "a.eml").unwrap();
    assert!(text(&document).ends_with("Subject: Привет\n\nД\n\n- x"), "{}", text(&document));
}

#[test]
fn an_archive_of_mail_is_cited_down_to_the_place_in_an_attachment() {
    let mail = python(MAIL, "out.eml");
    let document = read(&zip(&[("inbox/1.eml", &mail)]), "a.zip").unwrap();
    let inner = Place::Member { name: "счёт.txt".to_owned(), place: Box::new(Place::Lines { from: 1, to: 1 }) };
    assert_eq!(document.sections[1].place, Place::Member { name: "inbox/1.eml".to_owned(), place: Box::new(inner) });
    assert_eq!(document.notes, [Note::Skipped { names: vec!["inbox/1.eml/logo.png".to_owned()] }]);
}
