//! Writes the golden files anew in each shape, with the data that must be found in them, for `scripts/read_back.py`:
//! `cargo run -p apprentice-learning --example write_shapes -- DIRECTORY`.

#![allow(missing_docs)]

extern crate apprentice_learning as learning;

use domain::example::Datum;
use learning::shape::{Event, Options, Shape, detect, read, write};
use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

fn main() -> io::Result<()> {
    let to = std::env::args_os().nth(1).map(PathBuf::from).ok_or_else(|| io::Error::other("which directory?"))?;
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    fs::create_dir_all(&to)?;
    let mut all = Vec::new();
    for entry in fs::read_dir(golden)? {
        let path = entry?.path();
        let data = data(&path)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        json(&to.join(format!("golden.{name}.data.json")), &data)?;
        all.extend(data);
    }
    for shape in Shape::ALL.into_iter().filter(|shape| *shape != Shape::TelegramExport) {
        let mut held = Vec::new();
        for datum in &all {
            if write(shape, [datum], io::sink())?.written > 0 {
                held.push(datum.clone());
            }
        }
        write(shape, &held, BufWriter::new(File::create(to.join(shape.name()))?))?;
        json(&to.join(format!("{}.data.json", shape.name())), &held)?;
    }
    Ok(())
}

fn json(path: &Path, data: &[Datum]) -> io::Result<()> {
    Ok(serde_json::to_writer(BufWriter::new(File::create(path)?), data)?)
}

fn data(path: &Path) -> io::Result<Vec<Datum>> {
    let bytes = fs::read(path)?;
    let shape = detect("", &bytes).ok_or_else(|| io::Error::other(format!("{}: no shape", path.display())))?;
    let options = Options { own: vec!["user100".to_owned()], ..Options::default() };
    let mut data = Vec::new();
    let mut on = |event| {
        if let Event::Item(item) = event {
            data.push(item.datum);
        }
        ControlFlow::Continue(())
    };
    let report = read(shape, bytes.as_slice(), &options, &mut on)?;
    match report.faults.first() {
        Some(fault) => Err(io::Error::other(format!("{}: {fault}", path.display()))),
        None => Ok(data),
    }
}
