//! Times an archive against `tar cf - | zstd -T2 -3` on the same tree, in pairs within one run, in alternating order.
//!
//! `cargo run --release -p apprentice-vault --example archive_speed -- [files] [megabytes] [pairs]`; the default is
//! 20000 small files and one of 300 MB, 5 pairs. Ours also makes the file durable and reads all of it back.

#![allow(missing_docs, clippy::print_stdout, clippy::unwrap_used, clippy::indexing_slicing)]

use apprentice_vault::Vault;
use apprentice_vault::archive::{Archiver, Options, Phase};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

const WORDS: [&str; 48] = [
    "the", "of", "and", "a", "to", "in", "is", "that", "it", "answer", "question", "for", "was", "on", "are", "with",
    "they", "be", "at", "one", "have", "this", "from", "by", "model", "word", "but", "what", "some", "we", "can",
    "out", "other", "were", "all", "there", "when", "up", "use", "your", "how", "said", "example", "each", "she",
    "which", "do", "their",
];

/// Text whose words are drawn unevenly, with numbers between them.
struct Text(u64);

impl Text {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
    fn write(&mut self, path: &Path, len: usize) {
        let mut file = BufWriter::with_capacity(1 << 20, File::create(path).unwrap());
        let mut written = 0;
        while written < len {
            let draw = self.next();
            let index = (draw % 48).min((draw >> 8) % 48);
            let word = WORDS[usize::try_from(index).unwrap()];
            let text = if draw >> 60 == 0 { format!("{} ", draw >> 44) } else { format!("{word} ") };
            let end = if (draw >> 20).is_multiple_of(17) { "\n" } else { "" };
            written += text.len() + end.len();
            file.write_all(text.as_bytes()).unwrap();
            file.write_all(end.as_bytes()).unwrap();
        }
        file.flush().unwrap();
    }
}

fn plant(dir: &Path, files: usize, megabytes: usize) {
    let mut text = Text(0x2545_F491_4F6C_DD1D);
    for index in 0..files {
        let folder = dir.join(format!("{:03}", index / 1000));
        std::fs::create_dir_all(&folder).unwrap();
        let len = 500 + usize::try_from(text.next() % 7000).unwrap();
        text.write(&folder.join(format!("{index:06}.txt")), len);
    }
    text.write(&dir.join("large.jsonl"), megabytes << 20);
}

/// Seconds until all is written, and until all is read back.
fn ours(vault: &Vault) -> (f64, f64) {
    let start = Instant::now();
    let options = Options { threads: 2, ..Options::default() };
    let mut archiver = Archiver::new(vault, "tree", "ours.tar.zst", options).unwrap();
    let mut written = None;
    loop {
        let progress = archiver.step(16 << 20).unwrap();
        if progress.phase != Phase::Writing {
            written.get_or_insert_with(|| start.elapsed().as_secs_f64());
        }
        if progress.finished.is_some() {
            return (written.unwrap_or_default(), start.elapsed().as_secs_f64());
        }
    }
}

fn theirs(root: &Path) -> f64 {
    let start = Instant::now();
    let line = "set -e; tar cf - tree | zstd -q -T2 -3 -f -o theirs.tar.zst";
    assert!(Command::new("sh").args(["-c", line]).current_dir(root).status().unwrap().success());
    start.elapsed().as_secs_f64()
}

/// Seconds of processor time: of this process, and of the children it has waited for.
fn cpu() -> (f64, f64) {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    // After the name, which ends with the last parenthesis: user, system, children's user, children's system, in ticks.
    let ticks: Vec<f64> = stat
        .rsplit(')')
        .next()
        .unwrap()
        .split_whitespace()
        .skip(11)
        .take(4)
        .map(|tick| tick.parse().unwrap())
        .collect();
    ((ticks[0] + ticks[1]) / 100.0, (ticks[2] + ticks[3]) / 100.0)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() {
    let mut args = std::env::args().skip(1).map(|arg| arg.parse::<usize>().unwrap());
    let (files, megabytes, pairs) =
        (args.next().unwrap_or(20_000), args.next().unwrap_or(300), args.next().unwrap_or(5));
    let home = tempfile::tempdir().unwrap();
    let vault = Vault::open(home.path()).unwrap();
    plant(&home.path().join("tree"), files, megabytes);
    let (mut writing, mut whole, mut other) = (Vec::new(), Vec::new(), Vec::new());
    let (mut ratios, mut processor) = (Vec::new(), Vec::new());
    for pair in 0..=pairs {
        let before = cpu();
        let first = if pair % 2 == 0 { Some(theirs(home.path())) } else { None };
        let (wrote, all) = ours(&vault);
        let them = first.unwrap_or_else(|| theirs(home.path()));
        let after = cpu();
        let size = |name: &str| std::fs::metadata(home.path().join(name)).unwrap().len();
        println!(
            "pair {pair}: ours {all:.2} s (written {wrote:.2} s, processor {:.2} s, {} bytes), \
             tar | zstd {them:.2} s (processor {:.2} s, {} bytes)",
            after.0 - before.0,
            size("ours.tar.zst"),
            after.1 - before.1,
            size("theirs.tar.zst")
        );
        std::fs::remove_file(home.path().join("ours.tar.zst")).unwrap();
        // The first pair warms the cache.
        if pair > 0 {
            processor.push((after.0 - before.0) / (after.1 - before.1));
            writing.push(wrote);
            whole.push(all);
            other.push(them);
            ratios.push(all / them);
        }
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("VmHWM: not known");
    println!(
        "medians: ours {:.2} s, of which writing {:.2} s; tar | zstd {:.2} s; ratio of pairs {:.2}, \
         of processor time {:.2}; {peak}",
        median(whole),
        median(writing),
        median(other),
        median(ratios),
        median(processor)
    );
}
