//! How long near-duplicates of N questions take and how much memory, beside a plain pass of exact hashes.
//!
//! `cargo run --release -p apprentice-learning --example near_speed -- 1000000`
#![allow(clippy::print_stdout)]

use std::collections::HashSet;
use std::time::Instant;

const WORDS: &[&str] = &[
    "how",
    "what",
    "where",
    "when",
    "printer",
    "office",
    "password",
    "open",
    "close",
    "monday",
    "invoice",
    "order",
    "change",
    "reset",
    "the",
    "of",
    "for",
    "second",
    "floor",
    "delivery",
    "address",
    "account",
    "number",
    "refund",
    "support",
    "manager",
    "holiday",
    "request",
    "server",
    "restart",
    "screen",
    "colour",
    "update",
    "version",
    "phone",
    "настройка",
    "заказ",
    "доставка",
    "кабинет",
    "отпуск",
    "пароль",
    "сервер",
    "экран",
    "номер",
    "договор",
    "счёт",
];

/// Numbers that look random, the same in every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % below.max(1)
    }
}

/// Questions of 6 to 20 words; every fifth repeats an earlier one with a small change.
fn question(numbers: &mut Numbers, recent: &mut Vec<String>) -> String {
    if numbers.next(5) == 0
        && let Some(earlier) = recent.get(numbers.next(recent.len()))
    {
        return format!("{earlier}, please?");
    }
    let length = 6 + numbers.next(15);
    let words: Vec<String> = (0..length)
        .map(|_| {
            let word = WORDS.get(numbers.next(WORDS.len())).copied().unwrap_or_default();
            if numbers.next(4) == 0 { format!("{word}{}", numbers.next(1_000)) } else { word.to_owned() }
        })
        .collect();
    let text = words.join(" ");
    if recent.len() < 10_000 {
        recent.push(text.clone());
    }
    text
}

/// Memory of this process in MiB: the most so far, where the system tells it, or what it is now; else 0.
fn mebibytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = |name| status.lines().find_map(|line| line.strip_prefix(name));
    let line = line("VmHWM:").or_else(|| line("VmRSS:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|number| number.parse::<u64>().ok()).unwrap_or(0) / 1024
}

fn main() {
    let count = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(100_000);
    let (mut numbers, mut recent) = (Numbers(1), Vec::new());
    let texts: Vec<String> = (0..count).map(|_| question(&mut numbers, &mut recent)).collect();
    drop(recent);
    let characters: usize = texts.iter().map(|text| text.chars().count()).sum();
    let start = Instant::now();
    let exact: HashSet<[u8; 32]> = texts.iter().map(|text| *blake3::hash(text.as_bytes()).as_bytes()).collect();
    let plain = start.elapsed().as_secs_f64();
    let different = exact.len();
    drop(exact);
    let before = mebibytes();
    let start = Instant::now();
    let mut builder = apprentice_learning::near::Builder::default();
    texts.iter().for_each(|text| builder.add(text));
    let fed = mebibytes();
    let clusters = builder.finish();
    let near = start.elapsed().as_secs_f64();
    let number = clusters.iter().max().map_or(0, |last| last + 1);
    println!("texts {count}, {} characters on average", characters / std::cmp::max(count, 1));
    println!("exact: {plain:.2} s, {different} different");
    println!("near: {near:.2} s, {number} clusters, {:.0} times as long", near / plain.max(1e-9));
    println!("memory: {before} MiB with the texts, {fed} MiB when fed, {} MiB at the end", mebibytes());
}
