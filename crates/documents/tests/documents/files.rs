//! Files for tests: by the programs that people make them with, and by hand where no program would.

use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Runs a program in a folder. One that is missing or fails is a failed test.
pub fn run(folder: &Path, program: &str, args: &[&str]) {
    let output = Command::new(program).args(args).current_dir(folder).output();
    let output =
        output.unwrap_or_else(|error| panic!("{program} is needed for this test (scripts/install test): {error}"));
    assert!(output.status.success(), "{program} {args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Makes a file with Python: the script has the packages of the tests, and its folder as its own.
pub fn python(script: &str, file: &str) -> Vec<u8> {
    let folder = TempDir::new().unwrap();
    let known = std::env::var_os("APPRENTICE_TEST_PYTHON").map(PathBuf::from);
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let python = known.unwrap_or_else(|| workspace.join("target/python/bin/python"));
    run(folder.path(), python.to_str().unwrap(), &["-c", script]);
    std::fs::read(folder.path().join(file)).unwrap()
}

/// Makes a file from Markdown with pandoc, and with LibreOffice where that is what makes it.
pub fn pandoc(markdown: &str, file: &str) -> Vec<u8> {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("in.md"), markdown).unwrap();
    match file.strip_suffix(".pdf") {
        Some(stem) => {
            let odt = format!("{stem}.odt");
            run(folder.path(), "pandoc", &["in.md", "-o", &odt]);
            // A profile of its own: two of them at a time would wait for each other.
            let profile = format!("-env:UserInstallation=file://{}/profile", folder.path().display());
            run(folder.path(), "soffice", &[&profile, "--headless", "--convert-to", "pdf", &odt]);
        }
        None => run(folder.path(), "pandoc", &["in.md", "-s", "-o", file]),
    }
    std::fs::read(folder.path().join(file)).unwrap()
}

/// An archive.
pub fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, bytes) in files {
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A PDF of these objects, numbered from 1; the first is the catalog.
pub fn pdf(objects: &[&str]) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut places = Vec::new();
    for (object, number) in objects.iter().zip(1..) {
        places.push(file.len());
        write!(file, "{number} 0 obj\n{object}\nendobj\n").unwrap();
    }
    let start = file.len();
    write!(file, "xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).unwrap();
    places.iter().for_each(|place| writeln!(file, "{place:010} 00000 n ").unwrap());
    write!(file, "trailer\n<</Size {}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n", objects.len() + 1).unwrap();
    file
}

/// A PDF with a page for each content stream, in Helvetica as `/F1`.
pub fn pages(contents: &[&str]) -> Vec<u8> {
    let kids: Vec<String> = (0..contents.len()).map(|at| format!("{} 0 R", 4 + at * 2)).collect();
    let mut objects = vec![
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        format!("<</Type/Pages/Count {}/Kids[{}]>>", contents.len(), kids.join(" ")),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>".to_owned(),
    ];
    for (at, content) in contents.iter().enumerate() {
        let page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Resources<</Font<</F1 3 0 R>>>>";
        objects.push(format!("{page}/Contents {} 0 R>>", 5 + at * 2));
        objects.push(stream("", content));
    }
    pdf(&objects.iter().map(String::as_str).collect::<Vec<_>>())
}

/// A stream object.
pub fn stream(entries: &str, content: &str) -> String {
    format!("<<{entries}/Length {}>>\nstream\n{content}\nendstream", content.len())
}
