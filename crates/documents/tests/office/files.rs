//! The files that `make.py` makes: once for all tests, anew when it changes.

use std::fs::{File, create_dir_all, remove_dir_all};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use zip::write::SimpleFileOptions;

/// The bytes of a file.
pub fn made(name: &str) -> Vec<u8> {
    let path = folder().join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Tests run in processes of their own, so that a lock on a file says which of them makes the files.
fn folder() -> PathBuf {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/office/make.py");
    let mut hash = DefaultHasher::new();
    std::fs::read(&script).unwrap().hash(&mut hash);
    let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let folder = tmp.join(format!("office-{:x}", hash.finish()));
    let lock = File::create(tmp.join("office.lock")).unwrap();
    lock.lock().unwrap();
    if !folder.join("made").exists() {
        drop(remove_dir_all(&folder));
        create_dir_all(&folder).unwrap();
        let python = python();
        let status = Command::new(&python).arg(&script).arg(&folder).status();
        let status = status.unwrap_or_else(|error| panic!("{}: {error}: run scripts/install test", python.display()));
        assert!(status.success(), "make.py did not make the documents: run scripts/install test");
        File::create(folder.join("made")).unwrap();
    }
    folder
}

fn python() -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    std::env::var_os("APPRENTICE_TEST_PYTHON").map_or_else(|| workspace.join("target/python/bin/python"), PathBuf::from)
}

/// An archive of files.
pub fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in files {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A Word document whose body is this.
pub fn docx(body: &str) -> Vec<u8> {
    let document = format!(r#"<w:document xmlns:w="w"><w:body>{body}</w:body></w:document>"#);
    let rels =
        r#"<Relationships><Relationship Id="a" Type="x/officeDocument" Target="word/document.xml"/></Relationships>"#;
    let types = r#"<Types><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"#;
    zipped(&[
        ("[Content_Types].xml", types.as_bytes()),
        ("_rels/.rels", rels.as_bytes()),
        ("word/document.xml", document.as_bytes()),
    ])
}
