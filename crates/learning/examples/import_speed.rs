//! How fast chat records are read and checked, and with how much memory, beside a bare JSON parse of the same
//! lines; then the same texts as a Telegram export, which is one list:
//! `cargo run --release -p apprentice-learning --example import_speed [MB]`.

#![allow(missing_docs, clippy::print_stdout)]

extern crate apprentice_learning as learning;

use learning::shape::{Event, Options, Shape, read};
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::time::{Duration, Instant};

/// Rounds of which the quickest counts.
const ROUNDS: usize = 3;

fn main() -> io::Result<()> {
    let mb: u64 = std::env::args().nth(1).and_then(|mb| mb.parse().ok()).unwrap_or(200);
    let path = std::env::temp_dir().join(format!("apprentice_import_speed_{}.jsonl", std::process::id()));
    generate(&path, mb * 1_000_000)?;
    let done = measure(&path).and_then(|()| {
        generate_export(&path, mb * 1_000_000)?;
        measure_export(&path)
    });
    std::fs::remove_file(&path)?;
    done
}

fn measure_export(path: &Path) -> io::Result<()> {
    let bytes = std::fs::metadata(path)?.len();
    let begun = Instant::now();
    let items = validated(Shape::TelegramExport, path)?;
    let speed = bytes as f64 / 1e6 / begun.elapsed().as_secs_f64();
    println!("Telegram export      {speed:8.1} MB/s of {:.1} MB, {items} pairs", bytes as f64 / 1e6);
    println!("peak memory          {:8.1} MiB for both", mib(peak_kib()?));
    Ok(())
}

fn measure(path: &Path) -> io::Result<()> {
    let bytes = std::fs::metadata(path)?.len();
    let before = peak_kib()?;
    let (mut whole, mut items) = (Duration::MAX, 0);
    let mut bare = Duration::MAX;
    let mut peak = 0;
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        items = validated(Shape::Chat, path)?;
        whole = whole.min(begun.elapsed());
        // Before the bare parse has run: what the reading alone took.
        peak = if peak == 0 { peak_kib()? } else { peak };
        let begun = Instant::now();
        parsed(path)?;
        bare = bare.min(begun.elapsed());
    }
    let speed = |time: Duration| bytes as f64 / 1e6 / time.as_secs_f64();
    println!("file                 {:8.1} MB, {items} conversations in English and Russian", bytes as f64 / 1e6);
    println!("read and checked     {:8.1} MB/s", speed(whole));
    println!("bare serde_json      {:8.1} MB/s", speed(bare));
    println!("ratio                {:8.2}", speed(whole) / speed(bare));
    println!("peak memory          {:8.1} MiB, of which {:.1} before", mib(peak), mib(before));
    println!("known keys alone     {:8.1} MiB", items as f64 * 16.0 / f64::from(1 << 20));
    Ok(())
}

fn mib(kib: u64) -> f64 {
    kib as f64 / 1024.0
}

fn validated(shape: Shape, path: &Path) -> io::Result<u64> {
    let input = BufReader::with_capacity(1 << 18, File::open(path)?);
    let mut on = |event: Event| {
        std::hint::black_box(event);
        ControlFlow::Continue(())
    };
    let options = Options { own: vec!["user2".to_owned()], ..Options::default() };
    let report = read(shape, input, &options, &mut on)?;
    assert!(report.faulty == 0 && report.duplicates == 0, "{report:?}");
    Ok(report.read)
}

fn parsed(path: &Path) -> io::Result<()> {
    let mut input = BufReader::with_capacity(1 << 18, File::open(path)?);
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line)? > 0 {
        std::hint::black_box(serde_json::from_slice::<serde_json::Value>(&line)?);
        line.clear();
    }
    Ok(())
}

/// Conversations of two languages, as long as people's usually are.
fn generate(path: &Path, bytes: u64) -> io::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    let (mut written, mut number) = (0, 0_u64);
    while written < bytes {
        let (system, question, answer) = match number % 2 {
            0 => (
                "You answer people who call the office.",
                "When is the \\\"blue\\\" desk open, and who has its key?",
                "It is open from 10 to 16 on weekdays.\\nThe porter has the key; ask for it at the entrance.",
            ),
            _ => (
                "Ты отвечаешь тем, кто звонит в контору.",
                "Когда работает «синий» стол и у кого от него ключ?",
                "Он работает по будням с 10 до 16.\\nКлюч у вахтёра, спросите его у входа.",
            ),
        };
        let repeated = [answer; 4].join(" ");
        let line = format!(
            "{{\"messages\": [{{\"role\": \"system\", \"content\": \"{system}\"}}, {{\"role\": \"user\", \"content\": \
             \"{question} {number}\"}}, {{\"role\": \"assistant\", \"content\": \"{repeated}\"}}]}}\n"
        );
        out.write_all(line.as_bytes())?;
        written += line.len() as u64;
        number += 1;
    }
    out.flush()
}

/// A chat in which every second message is a reply.
fn generate_export(path: &Path, bytes: u64) -> io::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    write!(out, "{{\n \"name\": \"Office\",\n \"type\": \"private_group\",\n \"messages\": [")?;
    let (mut written, mut id) = (0, 0_u64);
    while written < bytes {
        id += 1;
        let (who, reply, text) = match id % 2 {
            1 => (1, String::new(), "Когда работает «синий» стол и у кого от него ключ?"),
            _ => (2, format!("\"reply_to_message_id\": {},\n   ", id - 1), "Он работает по будням с 10 до 16."),
        };
        let message = format!(
            "{}\n  {{\n   \"id\": {id},\n   \"type\": \"message\",\n   \"from\": \"Person {who}\",\n   \
             \"from_id\": \"user{who}\",\n   {reply}\"text\": \"{text} {id}\",\n   \"text_entities\": [\n    {{\n     \
             \"type\": \"plain\",\n     \"text\": \"{text} {id}\"\n    }}\n   ]\n  }}",
            if id > 1 { "," } else { "" }
        );
        out.write_all(message.as_bytes())?;
        written += message.len() as u64;
    }
    out.write_all(b"\n ]\n}\n")?;
    out.flush()
}

/// The most memory that this process has had resident, in KiB.
fn peak_kib() -> io::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = peak.and_then(|peak| peak.split_whitespace().next()).and_then(|kib| kib.parse().ok());
    kib.ok_or_else(|| io::Error::other("no VmHWM in /proc/self/status"))
}
