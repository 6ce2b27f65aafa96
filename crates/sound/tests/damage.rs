//! Damaged, cut and hostile files give what can be decoded and then a fault: never a panic, never much memory.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod tools;

use apprentice_sound::Fault;
use proptest::prelude::*;
use std::io::Cursor;
use std::sync::OnceLock;
use tools::{ffmpeg, hear, tone, write_wav};

/// One file of each kind, 1.5 s.
fn files() -> &'static [(&'static str, Vec<u8>)] {
    static FILES: OnceLock<Vec<(&'static str, Vec<u8>)>> = OnceLock::new();
    FILES.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        write_wav(&folder.join("tone.wav"), 48_000, &tone(48_000, 440.0, 72_000));
        let make = |(name, options): (&'static str, &str)| {
            ffmpeg(folder, &format!("-i tone.wav {options} {name}"));
            (name, std::fs::read(folder.join(name)).unwrap())
        };
        let fragments = "-c:a aac -movflags +frag_keyframe+empty_moov -frag_duration 300000";
        [
            ("opus.ogg", "-c:a libopus -page_duration 200000"),
            ("vorbis.ogg", "-c:a libvorbis"),
            ("tone.mp3", "-c:a libmp3lame -b:a 64k"),
            ("tone.m4a", "-c:a aac -b:a 64k"),
            ("early.m4a", "-c:a aac -b:a 64k -movflags +faststart"),
            ("live.mp4", fragments),
            ("tone.aac", "-c:a aac -b:a 64k"),
            ("tone.webm", "-c:a libopus"),
            ("vorbis.webm", "-c:a libvorbis"),
            ("tone.flac", "-ar 16000 -c:a flac"),
            ("short.wav", "-ar 8000"),
        ]
        .map(make)
        .to_vec()
    })
}

fn file(name: &str) -> &'static [u8] {
    &files().iter().find(|(known, _)| *known == name).unwrap().1
}

#[test]
fn a_file_that_is_cut_at_any_place_gives_what_was_before() {
    for (name, bytes) in files() {
        let whole = hear(Cursor::new(bytes.clone())).samples.len();
        let mut before = 0;
        for length in (0..bytes.len()).step_by(512) {
            let heard = hear(Cursor::new(bytes[..length].to_vec()));
            let samples = heard.samples.len();
            assert!(samples <= whole + 1_600, "{name}: {samples} of {whole} from {length} bytes");
            assert!(samples + 3_200 >= before, "{name}: {samples} after {before} at {length} bytes");
            before = samples;
        }
        // An MP4 with its tables behind has nothing without them.
        assert!(before * 10 >= whole * 7 || *name == "tone.m4a", "{name}: {before} of {whole}");
    }
}

#[test]
fn a_cut_is_told_where_the_format_can_know_it() {
    for name in ["opus.ogg", "vorbis.ogg", "tone.m4a", "early.m4a", "tone.webm", "short.wav"] {
        let bytes = file(name);
        let heard = hear(Cursor::new(bytes[..bytes.len() * 2 / 3].to_vec()));
        assert!(matches!(heard.fault, Some(Fault::Damaged(_))), "{name}: {:?}", heard.fault);
    }
}

#[test]
fn a_lost_page_costs_that_page_alone() {
    let bytes = file("opus.ogg");
    let whole = hear(Cursor::new(bytes.to_vec())).samples.len();
    let mut broken = bytes.to_vec();
    let middle = broken.len() / 2;
    broken[middle] ^= 0xff;
    let heard = hear(Cursor::new(broken));
    assert!(heard.fault.is_none(), "{:?}", heard.fault);
    assert!(heard.facts.unwrap().skipped > 0);
    let lost = whole - heard.samples.len();
    assert!((1..=4_800).contains(&lost), "{lost} samples are lost");
    // Noise between pages costs nothing.
    let page = (middle..).find(|&at| bytes[at..].starts_with(b"OggS")).unwrap();
    let noisy = [&bytes[..page], &[b'O'; 5_000][..], &bytes[page..]].concat();
    assert_eq!(hear(Cursor::new(noisy)).samples.len(), whole);
}

#[test]
fn sizes_that_a_file_only_declares_take_no_memory() {
    let huge: [&[u8]; 6] = [
        // Matroska: a track entry and a block of 2^55 bytes.
        b"\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff\x16\x54\xae\x6b\x90\xae\x01\x80\0\0\0\0\0\0",
        b"\x1a\x45\xdf\xa3\x01\x80\0\0\0\0\0\0",
        // MP4: a movie of 2^62 bytes, and a box smaller than its head.
        b"\0\0\0\x08ftyp\0\0\0\x01moov\x40\0\0\0\0\0\0\0",
        b"\0\0\0\x08ftyp\0\0\0\x01moov\0\0\0\0\0\0\0\x01",
        // RIFF: a format of 2^32 bytes.
        b"RIFF\xff\xff\xff\xffWAVEfmt \xff\xff\xff\xff\x01\0",
        b"fLaC\x84\xff\xff\xff\0\0\0\0",
    ];
    for bytes in huge {
        let fault = hear(Cursor::new(bytes.to_vec())).fault;
        assert!(fault.is_some(), "{bytes:?}");
    }
}

#[test]
fn a_vorbis_codebook_without_measure_is_refused() {
    let bytes = file("vorbis.webm");
    let setup =
        bytes.windows(10).position(|window| window == b"\x05vorbis\x2a\x42\x43" || window.starts_with(b"\x05vorbis"));
    let codebook = setup.unwrap() + 8;
    let mut broken = bytes.to_vec();
    assert_eq!(&broken[codebook..codebook + 3], b"BCV");
    // As many dimensions and entries as there can be.
    broken[codebook + 3..codebook + 8].fill(0xff);
    assert!(matches!(hear(Cursor::new(broken)).fault, Some(Fault::Damaged(_))));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn changed_bytes_are_never_a_panic(
        which in 0usize..11,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        early in any::<bool>(),
    ) {
        let mut bytes = files()[which].1.clone();
        let reach = if early { bytes.len().min(600) } else { bytes.len() };
        for (at, value) in changes {
            bytes[at.index(reach)] = value;
        }
        hear(Cursor::new(bytes));
    }

    #[test]
    fn any_bytes_after_a_known_beginning_are_never_a_panic(
        which in 0usize..11,
        kept in 4usize..200,
        noise in prop::collection::vec(any::<u8>(), 0..3_000),
    ) {
        let mut bytes = files()[which].1[..kept].to_vec();
        bytes.extend(noise);
        hear(Cursor::new(bytes));
    }
}
