//! Memory does not grow with the length of a sound. Alone in its program, so that nothing else is measured.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod tools;

use apprentice_sound::{OggOpus, decode};
use std::io::{Read, Result, Seek, SeekFrom};
use tools::{HOURS, tone};

/// A file over and over: a chain of streams that is never in memory.
struct Repeated {
    file: Vec<u8>,
    times: u64,
    position: u64,
}

impl Read for Repeated {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let length = self.file.len() as u64;
        if self.position >= length * self.times {
            return Ok(0);
        }
        let at = (self.position % length) as usize;
        let count = buffer.len().min(self.file.len() - at);
        buffer[..count].copy_from_slice(&self.file[at..at + count]);
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for Repeated {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        self.position = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::Current(by) => self.position.saturating_add_signed(by),
            SeekFrom::End(by) => (self.file.len() as u64 * self.times).saturating_add_signed(by),
        };
        Ok(self.position)
    }
}

/// The most memory that this program has had, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn a_quarter_of_an_hour_takes_no_more_memory_than_a_minute() {
    let mut writer = OggOpus::new(Vec::new(), 16_000).unwrap();
    writer.push(&tone(16_000, 440.0, 480_000)).unwrap();
    let (file, _) = writer.finish().unwrap();
    let mut decoder = decode(Repeated { file, times: 30, position: 0 }, HOURS).unwrap();
    let idle = peak();
    let mut encoder = OggOpus::new(std::io::sink(), 16_000).unwrap();
    let (mut samples, mut after_a_minute) = (0, 0);
    while let Some(block) = decoder.next_block().unwrap() {
        samples += block.len();
        // Encoding costs more time than decoding: a third of it is enough.
        if samples < 5 * 60 * 16_000 {
            encoder.push(block).unwrap();
        }
        if after_a_minute == 0 && samples > 60 * 16_000 {
            after_a_minute = peak();
        }
    }
    encoder.finish().unwrap();
    assert_eq!(samples, 15 * 60 * 16_000);
    assert!(after_a_minute < idle + 4 * 1024, "{} KiB for a minute", after_a_minute - idle);
    assert!(peak() < after_a_minute + 1024, "{} KiB more for a quarter of an hour", peak() - after_a_minute);
}
