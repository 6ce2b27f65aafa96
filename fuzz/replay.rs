//! Replays what fuzzing has found in ordinary tests: every file of a target's corpus, by the check that
//! the target itself runs. A corpus that is not there is a failure, never a pass.

use std::path::{Path, PathBuf};

/// Runs a check over every file of a target's corpus.
pub fn replay(target: &str, check: impl Fn(&[u8])) {
    let files = files(target);
    assert!(!files.is_empty(), "fuzz/corpus/{target} is empty");
    for file in files {
        // Shown when the check fails: which file it was.
        eprintln!("{}", file.display());
        check(&std::fs::read(&file).unwrap());
    }
}

fn files(target: &str) -> Vec<PathBuf> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let entries = std::fs::read_dir(&corpus).unwrap_or_else(|error| panic!("{}: {error}", corpus.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}
