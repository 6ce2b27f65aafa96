//! Long sound is cut where nobody speaks, and nothing of it is lost.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod tools;

use apprentice_sound::{Coding, Fault, Parts, Voice, decode};
use std::io::Cursor;
use std::time::Duration;
use tools::{HOURS, espeak, ffmpeg, hear, s16, write_wav};

/// Sentences with pauses, at 16 kHz.
fn speech(sentences: usize) -> Vec<i16> {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("x.wav"), espeak(folder, "Please remember to water the plants on Monday.")).unwrap();
    let sentence = s16(&ffmpeg(folder, "-i x.wav -ar 16000 -f s16le pipe:1"));
    let pause = vec![0i16; 9_600];
    (0..sentences).flat_map(|_| [sentence.as_slice(), &pause].concat()).collect()
}

fn wav(samples: &[i16]) -> Cursor<Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.wav");
    write_wav(&path, 16_000, samples);
    Cursor::new(std::fs::read(path).unwrap())
}

fn parts(samples: &[i16], longest: u64, coding: Coding) -> Vec<Result<apprentice_sound::Part, Fault>> {
    Parts::new(decode(wav(samples), HOURS).unwrap(), Duration::from_secs(longest), coding).collect()
}

#[test]
fn speech_is_told_from_silence_and_from_noise() {
    let heard = |samples: &[i16]| {
        let mut voice = Voice::default();
        samples.chunks(1_000).for_each(|block| voice.push(block));
        voice
    };
    let spoken = heard(&speech(2));
    assert!(spoken.has_speech());
    assert!((Duration::from_secs(3)..Duration::from_secs(8)).contains(&spoken.spoken()), "{:?}", spoken.spoken());
    assert!(!heard(&vec![0; 160_000]).has_speech());
    let mut seed = 1u32;
    let noise: Vec<i16> = std::iter::repeat_with(|| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((seed >> 16) as u16).cast_signed() / 8
    })
    .take(160_000)
    .collect();
    assert!(!heard(&noise).has_speech(), "{:?}", heard(&noise).spoken());
}

#[test]
fn parts_together_are_the_whole_and_are_cut_in_pauses() {
    let samples = speech(12);
    let parts: Vec<_> = parts(&samples, 10, Coding::Wav).into_iter().map(Result::unwrap).collect();
    assert!(parts.len() > 3);
    let mut whole = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        assert!(part.length <= Duration::from_secs(10));
        assert_eq!(part.start, Duration::from_nanos(whole.len() as u64 * 62_500));
        let piece = hear(Cursor::new(part.bytes.clone())).samples;
        assert_eq!(part.length, Duration::from_nanos(piece.len() as u64 * 62_500));
        if index + 1 < parts.len() {
            assert!(part.length >= Duration::from_secs(8) && part.spoken > Duration::from_secs(4), "{:?}", part.spoken);
            assert!(piece[piece.len() - 1_600..].iter().all(|&sample| sample == 0), "part {index} ends in a word");
        }
        whole.extend(piece);
    }
    assert!(whole == samples, "{} of {} samples", whole.len(), samples.len());
}

#[test]
fn parts_of_opus_are_as_long_and_far_smaller() {
    let samples = speech(6);
    let parts: Vec<_> = parts(&samples, 10, Coding::OggOpus).into_iter().map(Result::unwrap).collect();
    let lengths: usize = parts.iter().map(|part| hear(Cursor::new(part.bytes.clone())).samples.len()).sum();
    assert_eq!(lengths, samples.len());
    let bytes: usize = parts.iter().map(|part| part.bytes.len()).sum();
    // 25 MiB hold hours of it.
    assert!(bytes * 8 < samples.len() / 16_000 * 32_000, "{bytes}");
}

#[test]
fn who_never_pauses_is_cut_at_the_longest() {
    let lengths: Vec<_> =
        parts(&speech(1)[..16_000].repeat(7), 3, Coding::Wav).into_iter().map(|part| part.unwrap().length).collect();
    assert!(lengths.iter().all(|&length| length <= Duration::from_secs(3)), "{lengths:?}");
    assert_eq!(lengths.iter().sum::<Duration>(), Duration::from_secs(7));
}

#[test]
fn a_cut_file_gives_its_parts_and_then_the_fault() {
    let mut bytes = wav(&speech(6)).into_inner();
    bytes.truncate(bytes.len() - 20_000);
    let parts: Vec<_> =
        Parts::new(decode(Cursor::new(bytes), HOURS).unwrap(), Duration::from_secs(8), Coding::OggOpus).collect();
    let (last, before) = parts.split_last().unwrap();
    assert!(matches!(last, Err(Fault::Damaged(_))));
    assert!(before.len() > 1 && before.iter().all(Result::is_ok));
}

#[test]
fn nothing_is_no_part() {
    assert!(parts(&[], 10, Coding::Wav).is_empty());
}
