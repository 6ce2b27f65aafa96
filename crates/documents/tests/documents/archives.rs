//! Archives of documents.

use crate::files::{python, zip};
use crate::{read, text};
use documents::problem::Bound;
use documents::{Kind, Limits, Note, Problem};

#[test]
fn files_of_an_archive_are_read_and_what_cannot_be_read_is_named() {
    let binary: Vec<u8> = (0..=255).cycle().take(4000).collect();
    let archive = zip(&[("a/", b""), ("a/one.txt", b"one"), ("__MACOSX/a/._one.txt", b"x"), ("x.bin", &binary)]);
    let document = read(&archive, "a.zip").unwrap();
    assert_eq!((document.kind, text(&document).as_str()), (Kind::Zip, "one"));
    assert_eq!(document.notes, [Note::Skipped { names: vec!["x.bin".to_owned()] }]);
    assert_eq!(read(&zip(&[("x.bin", &binary)]), ""), Err(Problem::Unsupported { kind: Kind::Zip }));
    assert_eq!(read(&zip(&[]), ""), Err(Problem::Empty));
}

#[test]
fn names_of_old_archivers_are_read_in_their_code_page() {
    let script = "import zipfile\nz = zipfile.ZipFile('out.zip', 'w')\nz.writestr('AAAAA.txt', 'да')\nz.close()\n\
        b = open('out.zip', 'rb').read().replace(b'AAAAA', 'отчёт'.encode('cp866'))\nopen('out.zip', 'wb').write(b)";
    let document = read(&python(script, "out.zip"), "").unwrap();
    assert!(format!("{:?}", document.sections[0].place).contains("отчёт.txt"));
}

#[test]
fn an_archive_behind_a_password_is_encrypted() {
    // The flag of both headers says so; what is packed does not matter.
    let mut archive = zip(&[("a.txt", b"secret")]);
    archive[6] |= 1;
    let entry = archive.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    archive[entry + 8] |= 1;
    assert_eq!(read(&archive, "a.zip"), Err(Problem::Encrypted));
}

#[test]
fn only_so_many_files_are_read() {
    let archive = zip(&[("1.txt", b"one"), ("2.txt", b"two"), ("3.txt", b"three")]);
    let limits = Limits { members: 2, ..Limits::default() };
    let document = documents::read(&archive, "", "", &limits).unwrap();
    assert_eq!(text(&document), "one\n\ntwo");
    assert_eq!(document.notes, [Note::Cut { what: Bound::Members, limit: 2 }]);
}
