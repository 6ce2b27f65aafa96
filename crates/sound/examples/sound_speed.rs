//! Measures decoding and encoding beside ffmpeg and opusenc, in pairs of the same run, and prints a table.
//!
//! Sounds of a voice are made by espeak-ng. Times are the least of some runs: a busy machine only adds.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

use apprentice_sound::{Coding, OggOpus, Parts, decode, read_header};
use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const LIMIT: Duration = Duration::from_secs(2 * 3600);

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let files = Files::make(folder.path());
    println!("{:<34} {:>12} {:>12} {:>7}   goal", "", "here", "other", "ratio");
    // First of all: memory that was used once is not given back.
    memory(&files);
    decoding(&files);
    encoding(&files);
    first_bytes(&files);
}

/// What is measured, in a folder.
struct Files {
    folder: PathBuf,
}

impl Files {
    fn make(folder: &Path) -> Self {
        let this = Self { folder: folder.to_owned() };
        let text = "The assistant reads your note, answers in a sentence or two, and asks when something is missing. ";
        this.program("espeak-ng", &format!("-w|speech.wav|{}", text.repeat(3)));
        this.ffmpeg("-stream_loop -1 -t 10 -i speech.wav -ar 48000 note.wav");
        this.ffmpeg("-stream_loop -1 -t 10 -i speech.wav -ar 24000 note24.wav");
        this.ffmpeg("-i note.wav -c:a libopus -application voip -b:a 32k note.ogg");
        this.ffmpeg("-stream_loop 359 -i note.wav -c:a libopus -compression_level 0 -b:a 32k hour.ogg");
        this.ffmpeg("-stream_loop 59 -i note.wav minutes.wav");
        for options in ["-ar 44100 minutes.mp3", "-ar 44100 minutes.m4a", "minutes.flac", "-c:a libvorbis vorbis.ogg"] {
            this.ffmpeg(&format!("-i minutes.wav {options}"));
        }
        this.ffmpeg("-i minutes.wav -c:a libopus minutes.webm");
        this
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn ffmpeg(&self, line: &str) {
        self.program("ffmpeg", &format!("-nostdin -v error -y -threads 1 {line}").replace(' ', "|"));
    }

    /// Runs a program whose arguments are set apart by bars.
    fn program(&self, program: &str, line: &str) {
        let status = Command::new(program)
            .args(line.split('|'))
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap_or_else(|error| panic!("{program}: {error}"));
        assert!(status.success(), "{program} {line}");
    }

    fn to_16_khz(&self, name: &str) {
        self.ffmpeg(&format!("-i {name} -ac 1 -ar 16000 -f s16le /dev/null"));
    }

    fn samples(&self, name: &str) -> (u32, Vec<i16>) {
        let mut file = BufReader::new(File::open(self.path(name)).unwrap());
        let header = read_header(&mut file).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        (header.rate, bytes.as_chunks().0.iter().map(|&pair| i16::from_le_bytes(pair)).collect())
    }

    fn hear(&self, name: &str) -> u64 {
        let mut decoder = decode(File::open(self.path(name)).unwrap(), LIMIT).unwrap();
        while decoder.next_block().unwrap().is_some() {}
        decoder.facts().samples
    }
}

fn speak(rate: u32, samples: &[i16]) -> usize {
    let mut writer = OggOpus::new(Vec::new(), rate).unwrap();
    samples.chunks(rate as usize / 10).for_each(|piece| writer.push(piece).unwrap());
    writer.finish().unwrap().0.len()
}

/// Runs both in turn; the least of each.
fn pair(times: u32, mut here: impl FnMut(), mut other: impl FnMut()) -> (f64, f64) {
    let mut least = (f64::MAX, f64::MAX);
    for _ in 0..times {
        least.0 = least.0.min(milliseconds(&mut here));
        least.1 = least.1.min(milliseconds(&mut other));
    }
    least
}

fn milliseconds(work: &mut impl FnMut()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64() * 1000.0
}

/// Nanoseconds that this thread has been running for.
fn cpu() -> u64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    stat.split(' ').next().unwrap().parse().unwrap()
}

fn cpu_milliseconds(work: impl Fn()) -> f64 {
    let times = 20;
    let start = cpu();
    (0..times).for_each(|_| work());
    (cpu() - start) as f64 / 1e6 / f64::from(times)
}

/// A line of `/proc/self/status`, in MiB.
fn status(name: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}

fn row(what: &str, (here, other): (f64, f64), goal: &str) {
    println!("{what:<34} {here:>9.1} ms {other:>9.1} ms {:>6.2}x   {goal}", here / other);
}

fn memory(files: &Files) {
    let idle = status("VmRSS");
    assert_eq!(files.hear("hour.ogg"), 3600 * 16_000);
    let hour = status("VmHWM") - idle;
    println!("{:<34} {hour:>8.1} MiB {:>31}", "memory, an hour decoded", "<= 30 MiB");
    let decoder = decode(File::open(files.path("hour.ogg")).unwrap(), LIMIT).unwrap();
    let parts = Parts::new(decoder, Duration::from_secs(600), Coding::OggOpus);
    let lengths: Duration = parts.map(|part| part.unwrap().length).sum();
    assert_eq!(lengths, Duration::from_secs(3600));
    let parts = status("VmHWM") - idle;
    println!("{:<34} {parts:>8.1} MiB {:>31}", "memory, an hour in parts", "<= 30 MiB");
}

fn decoding(files: &Files) {
    let note = cpu_milliseconds(|| {
        files.hear("note.ogg");
    });
    println!("{:<34} {note:>9.1} ms {:>31}", "decode 10 s note, CPU", "<= 60 ms");
    let against = |name: &str, times: u32| {
        pair(
            times,
            || {
                files.hear(name);
            },
            || files.to_16_khz(name),
        )
    };
    row("decode 10 s note / ffmpeg", against("note.ogg", 15), "<= 1.0");
    row("decode 1 h OGG/Opus / ffmpeg", against("hour.ogg", 3), "<= 1.0");
    for name in ["minutes.mp3", "minutes.m4a", "minutes.flac", "vorbis.ogg", "minutes.webm", "minutes.wav"] {
        row(&format!("decode 10 min {name} / ffmpeg"), against(name, 3), "<= 1.0");
    }
}

fn encoding(files: &Files) {
    for name in ["note.wav", "note24.wav"] {
        let (rate, samples) = files.samples(name);
        let note = cpu_milliseconds(|| {
            speak(rate, &samples);
        });
        println!("{:<34} {note:>9.1} ms {:>31}", format!("encode 10 s of {rate}, CPU"), "<= 100 ms");
    }
    let theirs = |name: &str| files.program("opusenc", &format!("--quiet|--bitrate|32|--comp|5|{name}|out.opus"));
    let against = |name: &str, times: u32| {
        let (rate, samples) = files.samples(name);
        pair(
            times,
            || {
                speak(rate, &samples);
            },
            || theirs(name),
        )
    };
    row("encode 10 s at 48 kHz / opusenc", against("note.wav", 15), "<= 1.3");
    row("encode 10 s at 24 kHz / opusenc", against("note24.wav", 15), "<= 1.3");
    row("encode 10 min at 48 kHz / opusenc", against("minutes.wav", 3), "<= 1.3");
    let (rate, samples) = files.samples("minutes.wav");
    let voip = "-i minutes.wav -c:a libopus -application voip -compression_level 5 -b:a 32k out.ogg";
    let other = pair(
        3,
        || {
            speak(rate, &samples);
        },
        || files.ffmpeg(voip),
    );
    row("encode 10 min at 48 kHz / ffmpeg", other, "<= 1.3");
}

/// From the samples of the first sentence to the first page of sound.
fn first_bytes(files: &Files) {
    let (rate, samples) = files.samples("note24.wav");
    let sentence = &samples[..rate as usize * 2];
    let least = (0..20)
        .map(|_| {
            let start = Instant::now();
            let mut writer = OggOpus::new(Vec::new(), rate).unwrap();
            writer.push(sentence).unwrap();
            let time = start.elapsed().as_secs_f64() * 1000.0;
            assert!(writer.finish().unwrap().0.len() > 2_000);
            time
        })
        .fold(f64::MAX, f64::min);
    println!("{:<34} {least:>9.1} ms {:>31}", "first 2 s of speech to pages", "<= 50 ms");
}
