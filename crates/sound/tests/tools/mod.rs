//! Real files by other programs, and how to listen to what was decoded.

#![allow(dead_code)]

use apprentice_sound::{Facts, Fault, RATE, decode};
use std::f64::consts::TAU;
use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Longer than every sound of the tests.
pub const HOURS: Duration = Duration::from_secs(7200);

/// Runs a program in a folder; a program that is missing or fails is a failing test.
pub fn run(program: &str, folder: &Path, line: &str) -> Vec<u8> {
    let output = Command::new(program)
        .args(line.split_whitespace())
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{program} must be installed (scripts/install test): {error}"));
    assert!(output.status.success(), "{program} {line}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

pub fn ffmpeg(folder: &Path, line: &str) -> Vec<u8> {
    run("ffmpeg", folder, &format!("-nostdin -v error -y {line}"))
}

/// A tone at half the full scale.
pub fn tone(rate: u32, hertz: f64, samples: usize) -> Vec<i16> {
    let step = TAU * hertz / f64::from(rate);
    (0..samples).map(|index| ((index as f64 * step).sin() * 16_384.0) as i16).collect()
}

/// Writes samples as another program would: a plain 16-bit mono WAV.
pub fn write_wav(path: &Path, rate: u32, samples: &[i16]) {
    let bytes: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    let size = u32::try_from(bytes.len()).unwrap();
    let mut file = b"RIFF".to_vec();
    file.extend((size + 36).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    file.extend(rate.to_le_bytes());
    file.extend((rate * 2).to_le_bytes());
    file.extend(b"\x02\0\x10\0data");
    file.extend(size.to_le_bytes());
    file.extend(bytes);
    std::fs::write(path, file).unwrap();
}

/// All of a sound, and how it ended.
pub struct Heard {
    pub samples: Vec<i16>,
    pub facts: Option<Facts>,
    pub fault: Option<Fault>,
}

pub fn hear(source: impl std::io::Read + std::io::Seek + Send + Sync + 'static) -> Heard {
    let mut samples = Vec::new();
    let mut decoder = match decode(source, HOURS) {
        Ok(decoder) => decoder,
        Err(fault) => return Heard { samples, facts: None, fault: Some(fault) },
    };
    let fault = loop {
        match decoder.next_block() {
            Ok(Some(block)) => samples.extend_from_slice(block),
            Ok(None) => break None,
            Err(fault) => break Some(fault),
        }
    };
    assert!(decoder.next_block().unwrap().is_none(), "something after the end");
    let facts = decoder.facts();
    assert_eq!(facts.samples, samples.len() as u64);
    Heard { samples, facts: Some(facts), fault }
}

pub fn hear_file(path: &Path) -> Heard {
    hear(File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

/// The share of the power that is in one frequency (Goertzel), of samples at 16 kHz.
pub fn purity(samples: &[i16], hertz: f64) -> f64 {
    let step = TAU * hertz / f64::from(RATE);
    let (mut re, mut im, mut power) = (0.0, 0.0, 0.0);
    for (index, &sample) in samples.iter().enumerate() {
        let value = f64::from(sample);
        re += value * (step * index as f64).cos();
        im += value * (step * index as f64).sin();
        power += value * value;
    }
    2.0 * (re * re + im * im) / (samples.len() as f64 * power)
}

/// The signal of `expected` over what `got` differs by, in dB.
pub fn snr(expected: &[i16], got: &[i16]) -> f64 {
    let pairs = || expected.iter().zip(got).map(|(&a, &b)| (f64::from(a), f64::from(b)));
    let signal: f64 = pairs().map(|(a, _)| a * a).sum();
    let noise: f64 = pairs().map(|(a, b)| (a - b) * (a - b)).sum();
    10.0 * (signal / noise.max(1e-9)).log10()
}

pub fn s16(bytes: &[u8]) -> Vec<i16> {
    bytes.as_chunks().0.iter().map(|&pair| i16::from_le_bytes(pair)).collect()
}

/// Speech by espeak-ng, 22 050 samples per second, as it comes through a pipe.
pub fn espeak(folder: &Path, text: &str) -> Vec<u8> {
    let output = Command::new("espeak-ng").args(["--stdout", text]).current_dir(folder).stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|error| panic!("espeak-ng must be installed (scripts/install test): {error}"));
    assert!(output.status.success());
    output.stdout
}
