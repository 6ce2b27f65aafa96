//! Every file that fuzzing found worth keeping is read in every shape, and what must hold is checked.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

// By the name that it has everywhere else, so that the fuzz targets share the checks.
extern crate apprentice_learning as learning;

mod check;
#[path = "../../../../fuzz/replay.rs"]
mod replay;

#[test]
fn every_file_of_the_corpus_is_read_in_every_shape() {
    replay::replay("shapes", check::shapes);
}

#[test]
fn every_golden_file_is_read_in_every_shape() {
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden");
    let files: Vec<_> = std::fs::read_dir(golden).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(!files.is_empty());
    for file in files {
        eprintln!("{}", file.display());
        check::shapes(&std::fs::read(&file).unwrap());
    }
}
