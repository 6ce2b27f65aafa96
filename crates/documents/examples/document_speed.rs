//! How fast documents are read, beside the libraries and programs that people read them with, on the same files in
//! the same run; and how much memory a process takes for a long one.
//!
//! `cargo run --release -p apprentice-documents --example document_speed`, with reportlab, pypdf, python-docx and
//! openpyxl in the Python that the tests use, and with pdftotext.

#![allow(clippy::print_stdout, reason = "it prints what it measured")]

use apprentice_documents::{Limits, read};
use std::collections::HashSet;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// Best of so many readings.
const RUNS: usize = 3;

type Fallible<T> = Result<T, Box<dyn Error>>;

fn main() -> Fallible<()> {
    if let Some(file) = std::env::args_os().nth(1) {
        // A process of its own, for its memory.
        text_of(Path::new(&file))?;
        println!("{}", peak()?);
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    run(python().arg("make").arg(folder.path()))?;
    println!("| file | reader | seconds | with start | times ours | words found |");
    println!("| --- | --- | ---: | ---: | ---: | ---: |");
    for name in ["pages.pdf", "report.docx", "rows.xlsx"] {
        compare(&folder.path().join(name))?;
    }
    let own = std::env::current_exe()?;
    let peak = run(Command::new(own).arg(folder.path().join("pages.pdf")))?;
    println!("\nA process that reads pages.pdf (500 pages) takes at most {} MiB.", peak.trim().parse::<u64>()? / 1024);
    Ok(())
}

fn compare(file: &Path) -> Fallible<()> {
    let words = words(&std::fs::read_to_string(beside(file, "words"))?);
    let mut ours = f64::INFINITY;
    let mut text = String::new();
    for _ in 0..RUNS {
        let began = Instant::now();
        text = text_of(file)?;
        ours = ours.min(began.elapsed().as_secs_f64());
    }
    line(file, "ours", ours, None, ours, recall(&words, &text));
    let times = run(python().arg("read").arg(file))?;
    let mut times = times.split_whitespace().map(str::parse::<f64>);
    let (import, reading) = (times.next().ok_or("no time")??, times.next().ok_or("no time")??);
    let found = recall(&words, &std::fs::read_to_string(beside(file, "out"))?);
    line(file, "Python", reading, Some(import + reading), ours, found);
    if file.extension().is_some_and(|extension| extension == "pdf") {
        let mut best = f64::INFINITY;
        let mut text = String::new();
        for _ in 0..RUNS {
            let began = Instant::now();
            text = run(Command::new("pdftotext").arg(file).arg("-"))?;
            best = best.min(began.elapsed().as_secs_f64());
        }
        line(file, "pdftotext", best, Some(best), ours, recall(&words, &text));
    }
    Ok(())
}

fn text_of(file: &Path) -> Fallible<String> {
    let bytes = std::fs::read(file)?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let document = read(&bytes, &name, "", &Limits::default())?;
    Ok(document.sections.into_iter().map(|section| section.text + "\n").collect())
}

fn line(file: &Path, reader: &str, seconds: f64, whole: Option<f64>, ours: f64, recall: f64) {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let whole = whole.map_or_else(String::new, |whole| format!("{whole:.3}"));
    println!("| {name} | {reader} | {seconds:.3} | {whole} | {:.1} | {recall:.4} |", seconds / ours);
}

fn words(text: &str) -> HashSet<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// The share of the words put in that came out.
fn recall(words: &HashSet<String>, text: &str) -> f64 {
    let found: HashSet<&str> = text.split_whitespace().collect();
    words.iter().filter(|word| found.contains(word.as_str())).count() as f64 / words.len() as f64
}

/// The most memory that this process has taken so far, KiB.
fn peak() -> Fallible<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

fn beside(file: &Path, ending: &str) -> PathBuf {
    PathBuf::from(format!("{}.{ending}", file.display()))
}

fn python() -> Command {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let known = root.join("../../target/python/bin/python");
    let python = std::env::var_os("APPRENTICE_TEST_PYTHON").map_or(known, PathBuf::from);
    let mut command = Command::new(python);
    command.arg(root.join("examples/speed/peers.py"));
    command
}

fn run(command: &mut Command) -> Fallible<String> {
    let output = command.output()?;
    if !output.status.success() {
        return Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
