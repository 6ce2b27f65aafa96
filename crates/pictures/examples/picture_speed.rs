//! How long a photograph of 12 megapixels takes, beside ImageMagick at the same work, in the same run:
//! `cargo run --release -p apprentice-pictures --example picture_speed [PICTURE...]`.
//!
//! ImageMagick is timed with its start and its files, which are in memory; ours with reading alone.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::indexing_slicing)]

use apprentice_pictures::{Limits, prepare};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

const ROUNDS: usize = 5;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let mut pictures: Vec<PathBuf> = std::env::args().skip(1).map(PathBuf::from).collect();
    if pictures.is_empty() {
        for name in ["photo.jpg", "screen.png", "photo.webp", "photo.heic"] {
            pictures.push(made(folder.path(), name));
        }
    }
    for picture in pictures {
        compare(&picture, &folder.path().join("theirs.jpg"));
    }
}

/// A picture of 4000 by 3000 pixels.
fn made(folder: &Path, name: &str) -> PathBuf {
    let (path, source) = (folder.join(name), folder.join("source.jpg"));
    if name == "screen.png" {
        let drawn = ["-size", "4000x3000", "plasma:white-skyblue", "-depth", "8", "-posterize", "12"];
        run(Command::new("convert").args(drawn).arg(&path));
        return path;
    }
    if !source.exists() {
        let photo = ["-size", "4000x3000", "plasma:tomato-steelblue", "-attenuate", "0.3", "+noise", "Gaussian"];
        run(Command::new("convert").args(photo).args(["-depth", "8", "-quality", "92"]).arg(&source));
    }
    if name.ends_with("heic") {
        run(Command::new("heif-enc").args(["-q", "80"]).arg(&source).arg("-o").arg(&path));
    } else {
        run(Command::new("convert").arg(&source).args(["-quality", "92"]).arg(&path));
    }
    path
}

fn compare(picture: &Path, theirs: &Path) {
    let mut bytes = Vec::new();
    let mut file = Vec::new();
    let ours = best(|| {
        bytes = std::fs::read(picture).unwrap();
        file = prepare(&bytes, &Limits::default()).unwrap().bytes;
    });
    let magick = best(|| {
        let work = ["-auto-orient", "-strip", "-resize", "2048x2048>", "-quality", "85"];
        run(Command::new("convert").arg(picture).args(work).arg(theirs));
    });
    println!(
        "{}: {} KiB in; ours {ours:.0?}, {} KiB; ImageMagick {magick:.0?}, {} KiB",
        picture.file_name().unwrap().display(),
        bytes.len() / 1024,
        file.len() / 1024,
        std::fs::metadata(theirs).unwrap().len() / 1024,
    );
}

/// The shortest of some runs: the one that nothing else disturbed.
fn best(mut work: impl FnMut()) -> Duration {
    let timed = |_| {
        let start = Instant::now();
        work();
        start.elapsed()
    };
    (0..ROUNDS).map(timed).min().unwrap()
}

fn run(command: &mut Command) {
    assert!(command.status().expect("ImageMagick and libheif-examples are needed").success(), "{command:?}");
}
