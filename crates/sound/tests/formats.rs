//! Files made by other programs decode to the right length and the right tone.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod tools;

use apprentice_sound::{Fault, Format, decode};
use std::io::Cursor;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;
use tools::{espeak, ffmpeg, hear, hear_file, purity, run, s16, snr, tone, write_wav};

const TONE: f64 = 440.0;
/// No whole number of anything: 3.217 s.
const MILLISECONDS: usize = 3217;

/// A folder with `tone.wav`, 48 kHz.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write_wav(&folder.path().join("tone.wav"), 48_000, &tone(48_000, TONE, MILLISECONDS * 48));
    folder
}

/// A file that ffmpeg makes of the tone is heard as the tone, `slack` milliseconds longer or shorter at most.
#[track_caller]
fn check(folder: &Path, options: &str, name: &str, format: Format, slack: i64) {
    ffmpeg(folder, &format!("-i tone.wav {options} {name}"));
    check_file(folder, name, format, slack);
}

#[track_caller]
fn check_file(folder: &Path, name: &str, format: Format, slack: i64) {
    let heard = hear_file(&folder.join(name));
    assert!(heard.fault.is_none(), "{name}: {:?}", heard.fault);
    let facts = heard.facts.unwrap();
    assert_eq!(facts.format, format, "{name}");
    assert_eq!(facts.skipped, 0, "{name}");
    let off = heard.samples.len() as i64 / 16 - MILLISECONDS as i64;
    assert!(off.abs() <= slack, "{name}: {off} ms too long");
    let middle = &heard.samples[8_000..40_000];
    let pure = purity(middle, TONE);
    assert!(pure > 0.97, "{name}: {pure}");
    let peak = middle.iter().map(|sample| sample.unsigned_abs()).max().unwrap();
    // Two channels of one are each 3 dB less.
    assert!((11_000..21_000).contains(&peak), "{name}: {peak}");
}

#[test]
fn opus_in_ogg_is_heard_to_the_sample() {
    let folder = folder();
    let folder = folder.path();
    check(folder, "-c:a libopus -b:a 32k", "ffmpeg.ogg", Format::Ogg, 0);
    check(folder, "-c:a libopus -b:a 16k -frame_duration 60", "long.ogg", Format::Ogg, 0);
    check(folder, "-ac 2 -c:a libopus -b:a 64k", "stereo.opus", Format::Ogg, 0);
    run("opusenc", folder, "--quiet --bitrate 32 tone.wav opusenc.opus");
    check_file(folder, "opusenc.opus", Format::Ogg, 0);
    run("opusenc", folder, "--quiet --bitrate 24 --framesize 5 --comment a=b tone.wav short.opus");
    check_file(folder, "short.opus", Format::Ogg, 0);
}

#[test]
fn vorbis_mp3_and_flac_are_heard() {
    let folder = folder();
    let folder = folder.path();
    check(folder, "-c:a libvorbis", "vorbis.ogg", Format::Ogg, 1);
    check(folder, "-ar 44100 -ac 2 -c:a libvorbis", "stereo.ogg", Format::Ogg, 1);
    check(folder, "-c:a libmp3lame -b:a 64k", "cbr.mp3", Format::Mp3, 1);
    check(folder, "-ar 22050 -c:a libmp3lame -q:a 4 -metadata title=t", "vbr.mp3", Format::Mp3, 1);
    check(folder, "-ar 44100 -ac 2 -c:a libmp3lame -id3v2_version 0 -write_xing 0", "bare.mp3", Format::Mp3, 60);
    check(folder, "-c:a flac", "tone.flac", Format::Flac, 0);
    check(folder, "-ar 44100 -ac 2 -sample_fmt s32 -c:a flac -metadata title=t", "wide.flac", Format::Flac, 1);
}

#[test]
fn mp4_of_every_shape_is_heard() {
    let folder = folder();
    let folder = folder.path();
    check(folder, "-c:a aac", "late.m4a", Format::Mp4, 2);
    check(folder, "-ar 44100 -ac 2 -c:a aac -movflags +faststart", "early.m4a", Format::Mp4, 2);
    check(folder, "-ar 44100 -c:a aac", "apple.mov", Format::Mp4, 2);
    check(folder, "-c:a libopus", "opus.mp4", Format::Mp4, 20);
    // As Safari records: fragments, and no table in front.
    let fragments = "-movflags +frag_keyframe+empty_moov+default_base_moof -frag_duration 500000";
    check(folder, &format!("-ar 44100 -c:a aac {fragments}"), "fragments.mp4", Format::Mp4, 45);
    let video = "-f lavfi -i testsrc=size=96x96:rate=10:duration=3.3 -pix_fmt yuv420p";
    check(folder, &format!("{video} -c:v mpeg4 -c:a aac"), "note.mp4", Format::Mp4, 2);
    check(folder, &format!("{video} -c:v mpeg4 -c:a aac {fragments}"), "live.mp4", Format::Mp4, 45);
}

#[test]
fn webm_and_matroska_are_heard() {
    let folder = folder();
    let folder = folder.path();
    check(folder, "-c:a libopus -b:a 32k", "opus.webm", Format::WebM, 1);
    check(folder, "-c:a libvorbis", "vorbis.webm", Format::WebM, 20);
    check(folder, "-c:a aac", "aac.mkv", Format::WebM, 25);
    let video = "-f lavfi -i testsrc=size=96x96:rate=10:duration=3.3 -c:v mpeg4 -c:a libopus";
    check(folder, video, "video.mkv", Format::WebM, 1);
    // As Chrome records: to a stream, so without lengths and without an index.
    let stream = ffmpeg(folder, "-i tone.wav -c:a libopus -live 1 -f webm pipe:1");
    std::fs::write(folder.join("stream.webm"), stream).unwrap();
    check_file(folder, "stream.webm", Format::WebM, 20);
}

#[test]
fn wav_and_adts_are_heard() {
    let folder = folder();
    let folder = folder.path();
    for codec in ["pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_f64le", "pcm_alaw", "pcm_mulaw"] {
        check(folder, &format!("-c:a {codec}"), &format!("{codec}.wav"), Format::Wav, 0);
    }
    for rate in [8_000, 11_025, 22_050, 44_100, 96_000] {
        check(folder, &format!("-ar {rate} -ac 2"), &format!("{rate}.wav"), Format::Wav, 1);
    }
    // The length is not known where a file goes into a pipe.
    let stream = ffmpeg(folder, "-i tone.wav -f wav pipe:1");
    std::fs::write(folder.join("stream.wav"), stream).unwrap();
    check_file(folder, "stream.wav", Format::Wav, 0);
    check(folder, "-c:a aac", "bare.aac", Format::Aac, 50);
}

#[test]
fn speech_of_any_rate_is_what_ffmpeg_makes_of_it() {
    let folder = folder();
    let folder = folder.path();
    let speech = espeak(folder, "The quick brown fox jumps over the lazy dog.");
    std::fs::write(folder.join("speech.wav"), speech).unwrap();
    let rates = [8_000, 11_025, 22_050, 24_000, 32_000, 44_100, 48_000].map(|rate| format!("-ar {rate} {rate}.wav"));
    let codecs = ["-c:a libopus a.ogg", "-ar 44100 a.mp3", "a.flac", "-ar 44100 a.m4a", "-c:a libvorbis a.webm"];
    for options in rates.iter().map(String::as_str).chain(codecs) {
        let name = options.split(' ').next_back().unwrap();
        ffmpeg(folder, &format!("-i speech.wav {options}"));
        let theirs =
            s16(&ffmpeg(folder, &format!("-i {name} -ac 1 -ar 16000 -af aresample=resampler=soxr -f s16le pipe:1")));
        let ours = hear_file(&folder.join(name)).samples;
        let alike = snr(&theirs[1_600..30_000], &ours[1_600..30_000]);
        assert!(alike > 20.0, "{name}: {alike} dB");
    }
}

#[test]
fn streams_in_a_chain_follow_one_another() {
    let folder = folder();
    let folder = folder.path();
    ffmpeg(folder, "-i tone.wav -c:a libopus one.ogg");
    ffmpeg(folder, "-i tone.wav -ar 44100 -c:a libvorbis two.ogg");
    let mut chain = std::fs::read(folder.join("one.ogg")).unwrap();
    chain.extend(std::fs::read(folder.join("two.ogg")).unwrap());
    let heard = hear(Cursor::new(chain));
    assert!(heard.fault.is_none(), "{:?}", heard.fault);
    assert!((heard.samples.len() as i64 / 16 - 2 * MILLISECONDS as i64).abs() <= 1, "{}", heard.samples.len());
}

#[test]
fn a_file_without_sound_is_no_damaged_one() {
    let folder = folder();
    let folder = folder.path();
    let video = "-f lavfi -i testsrc=size=96x96:rate=10:duration=1 -c:v mpeg4";
    for name in ["silent.mp4", "silent.mkv", "silent.mov"] {
        ffmpeg(folder, &format!("{video} {name}"));
        assert!(matches!(hear_file(&folder.join(name)).fault, Some(Fault::NoSound)), "{name}");
    }
    ffmpeg(folder, "-f lavfi -i testsrc=size=96x96:rate=10:duration=1 -frames:v 1 picture.png");
    let picture = std::fs::read(folder.join("picture.png")).unwrap();
    for bytes in [picture, b"Dear all, this is a text.".to_vec(), Vec::new(), vec![0; 4096]] {
        assert!(matches!(hear(Cursor::new(bytes)).fault, Some(Fault::NotSound)));
    }
}

#[test]
fn a_codec_that_is_not_read_is_named() {
    let folder = folder();
    let folder = folder.path();
    ffmpeg(folder, "-i tone.wav -c:a ac3 tone.mp4");
    let fault = hear_file(&folder.join("tone.mp4")).fault;
    assert!(matches!(&fault, Some(Fault::Unsupported(name)) if name.contains("ac-3")), "{fault:?}");
}

#[test]
fn sound_past_the_limit_is_a_fault_after_what_is_allowed() {
    let folder = folder();
    ffmpeg(folder.path(), "-i tone.wav -c:a libopus tone.ogg");
    let file = std::fs::File::open(folder.path().join("tone.ogg")).unwrap();
    let mut decoder = decode(file, Duration::from_secs(2)).unwrap();
    let mut samples = 0;
    let fault = loop {
        match decoder.next_block() {
            Ok(block) => samples += block.unwrap().len(),
            Err(fault) => break fault,
        }
    };
    assert!(matches!(fault, Fault::TooLong(limit) if limit == Duration::from_secs(2)));
    assert_eq!((samples, decoder.facts().duration()), (32_000, Duration::from_secs(2)));
}
