//! What is written as a voice message other programs play, as long as it was and sounding as it did.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod tools;

use apprentice_sound::{Fault, OggOpus, Spoken, WavWriter, read_header};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use opus_pure::{MAX_PACKET_SAMPLES, OggOpusReader, Trim};
use proptest::prelude::*;
use std::io::{Cursor, Read as _, Write};
use std::path::Path;
use std::time::Duration;
use tools::{espeak, ffmpeg, hear, purity, run, s16, snr, tone};

fn encode(rate: u32, samples: &[i16]) -> (Vec<u8>, Spoken) {
    let mut writer = OggOpus::new(Vec::new(), rate).unwrap();
    // Pieces as a synthesiser gives them: of any size.
    for piece in samples.chunks(777) {
        writer.push(piece).unwrap();
    }
    writer.finish().unwrap()
}

fn text(folder: &Path, program: &str, line: &str) -> String {
    String::from_utf8(run(program, folder, line)).unwrap()
}

#[test]
fn other_programs_find_the_length_of_every_sample_rate() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for rate in [8_000u32, 11_025, 16_000, 22_050, 24_000, 44_100, 48_000] {
        let samples = tone(rate, 440.0, rate as usize * 2 + 1234);
        let (file, spoken) = encode(rate, &samples);
        let exact = (samples.len() as u64 * 48_000 + u64::from(rate) / 2) / u64::from(rate);
        assert_eq!(spoken.samples_48k, exact, "{rate}");
        std::fs::write(folder.join("x.ogg"), &file).unwrap();
        let decoded = run("opusdec", folder, "--quiet --rate 48000 --no-dither --force-wav x.ogg -");
        assert_eq!((decoded.len() as u64 - 44) / 2, exact, "opusdec: {rate}");
        let decoded = ffmpeg(folder, "-i x.ogg -f s16le -ar 48000 pipe:1");
        assert_eq!(decoded.len() as u64 / 2, exact, "ffmpeg: {rate}");
        let info = text(folder, "ffprobe", "-v error -show_entries stream=codec_name,channels,sample_rate x.ogg");
        assert!(
            ["codec_name=opus", "channels=1", "sample_rate=48000"].iter().all(|fact| info.contains(fact)),
            "{info}"
        );
        let info = text(folder, "opusinfo", "x.ogg").to_lowercase();
        assert!(info.contains("playback length: 0m:02.") && !info.contains("warning"), "{rate}: {info}");
        let heard = hear(Cursor::new(file));
        assert!(heard.fault.is_none());
        assert_eq!(heard.samples.len() as u64, exact / 3, "{rate}");
        assert!(purity(&heard.samples[4_000..24_000], 440.0) > 0.98, "{rate}");
    }
}

#[test]
fn libopus_hears_in_our_file_what_we_hear() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let wav = espeak(folder, "The quick brown fox jumps over the lazy dog, and then it sleeps.");
    let mut reader = Cursor::new(wav);
    let header = read_header(&mut reader).unwrap();
    assert_eq!((header.rate, header.channels, header.is_s16()), (22_050, 1, true));
    let mut rest = Vec::new();
    reader.read_to_end(&mut rest).unwrap();
    let samples = s16(&rest);
    let (file, spoken) = encode(22_050, &samples);
    std::fs::write(folder.join("x.ogg"), &file).unwrap();
    let theirs = s16(&ffmpeg(folder, "-c:a libopus -i x.ogg -ar 48000 -f s16le pipe:1"));
    let length = spoken.duration_ms() as f64 / 1000.0;
    assert!((length - samples.len() as f64 / 22_050.0).abs() < 0.001);
    // Libopus, set the same, comes no closer to what was spoken.
    let raw: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    std::fs::write(folder.join("x.raw"), raw).unwrap();
    let source = "-f s16le -ar 22050 -ac 1 -i x.raw";
    let spoken = s16(&ffmpeg(folder, &format!("{source} -ar 48000 -f s16le pipe:1")));
    let options = "-ar 24000 -c:a libopus -application voip -compression_level 5 -b:a 32k";
    ffmpeg(folder, &format!("{source} {options} libopus.ogg"));
    let reference = s16(&ffmpeg(folder, "-c:a libopus -i libopus.ogg -ar 48000 -f s16le pipe:1"));
    let (ours, libopus) = (snr(&spoken, &theirs), snr(&spoken, &reference));
    assert!(ours > libopus - 0.5, "{ours} dB, libopus {libopus} dB");
    // Both decoders give the same samples. At 16 kHz ours are a part of a sample off, as a codec's own filter is.
    let both = snr(&theirs, &at_48_khz(&file));
    assert!(both > 60.0, "{both} dB");
    let theirs = s16(&ffmpeg(folder, "-c:a libopus -i x.ogg -ar 16000 -f s16le pipe:1"));
    let alike = snr(&theirs, &hear(Cursor::new(file)).samples);
    assert!(alike > 9.0, "{alike} dB");
}

/// What the library that decodes for us makes of a file at its full rate.
fn at_48_khz(file: &[u8]) -> Vec<i16> {
    let mut reader = OggOpusReader::new(file).unwrap();
    let mut decoder = reader.head().decoder(48_000).unwrap();
    let mut trim = Trim::new(reader.head(), 48_000, 1).unwrap();
    let mut block = vec![0; MAX_PACKET_SAMPLES];
    let mut samples = Vec::new();
    while let Some(packet) = reader.read_packet().unwrap() {
        let made = decoder.decode_s16(&packet.data, MAX_PACKET_SAMPLES, &mut block).unwrap();
        samples.extend_from_slice(trim.keep(&packet, &block[..made]));
    }
    samples
}

#[test]
fn a_message_is_written_while_it_is_spoken() {
    /// Counts what was written.
    struct Counted<'a>(&'a std::cell::Cell<usize>);
    impl Write for Counted<'_> {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.set(self.0.get() + bytes.len());
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let written = std::cell::Cell::new(0);
    let mut writer = OggOpus::new(Counted(&written), 24_000).unwrap();
    let headers = written.get();
    assert!(headers > 0);
    let mut before = headers;
    for _ in 0..10 {
        writer.push(&tone(24_000, 300.0, 24_000)).unwrap();
        assert!(written.get() > before + 1_000, "nothing of this second was written: {}", written.get() - before);
        before = written.get();
    }
    let (_, spoken) = writer.finish().unwrap();
    assert_eq!(spoken.duration_ms(), 10_000);
    let bitrate = (written.get() - headers) * 8 / 10;
    assert!((12_000..42_000).contains(&bitrate), "{bitrate}");
}

#[test]
fn a_writer_that_fails_is_a_fault() {
    struct Full(usize);
    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 = self.0.checked_sub(bytes.len()).ok_or(std::io::ErrorKind::StorageFull)?;
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut writer = OggOpus::new(Full(1_000), 16_000).unwrap();
    let fault = (0..100).find_map(|_| writer.push(&tone(16_000, 300.0, 1_600)).err()).unwrap();
    assert!(matches!(fault, Fault::Io(error) if error.kind() == std::io::ErrorKind::StorageFull));
    assert!(matches!(OggOpus::new(Vec::new(), 0), Err(Fault::Unsupported(_))));
}

#[test]
fn a_waveform_rises_where_the_voice_does() {
    let mut samples = vec![0; 48_000];
    samples.extend(tone(48_000, 300.0, 48_000));
    let (_, spoken) = encode(48_000, &samples);
    let discord = BASE64_STANDARD.decode(spoken.waveform.discord()).unwrap();
    assert!((19..=20).contains(&discord.len()), "one point per 100 ms: {}", discord.len());
    assert!(discord[..9].iter().all(|&point| point < 8), "{discord:?}");
    assert!(discord[11..19].iter().all(|&point| point > 200), "{discord:?}");
    let telegram = spoken.waveform.telegram();
    let points: Vec<u16> = (0..100).map(|index| five_bits(&telegram, index)).collect();
    assert!(points[..48].iter().all(|&point| point == 0), "{points:?}");
    assert!(points[52..98].iter().all(|&point| point >= 28), "{points:?}");
}

fn five_bits(packed: &[u8], index: usize) -> u16 {
    let (byte, bit) = (index * 5 / 8, index * 5 % 8);
    let wide = u16::from(packed[byte]) | packed.get(byte + 1).map_or(0, |&next| u16::from(next) << 8);
    wide >> bit & 31
}

#[test]
fn a_wav_that_is_written_is_read_by_ffmpeg_and_by_us() {
    let folder = tempfile::tempdir().unwrap();
    let samples = tone(16_000, 440.0, 16_000 * 3 + 7);
    let mut writer = WavWriter::new(Cursor::new(Vec::new())).unwrap();
    samples.chunks(333).for_each(|piece| writer.push(piece).unwrap());
    let file = writer.finish().unwrap().into_inner();
    std::fs::write(folder.path().join("x.wav"), &file).unwrap();
    assert_eq!(s16(&ffmpeg(folder.path(), "-i x.wav -f s16le pipe:1")), samples);
    let header = read_header(&mut &file[..]).unwrap();
    assert_eq!((header.rate, header.length), (16_000, Some(samples.len() as u32 * 2)));
    assert_eq!(hear(Cursor::new(file)).samples, samples);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_number_of_samples_comes_back_as_many(
        rate in prop::sample::select(vec![8_000u32, 12_000, 16_000, 22_050, 24_000, 44_100, 48_000, 7_919]),
        count in 0usize..30_000,
        piece in 1usize..5_000,
    ) {
        let mut writer = OggOpus::new(Vec::new(), rate).unwrap();
        tone(rate, 440.0, count).chunks(piece).for_each(|piece| writer.push(piece).unwrap());
        let (file, spoken) = writer.finish().unwrap();
        let exact = (count as u64 * 48_000 + u64::from(rate) / 2) / u64::from(rate);
        prop_assert_eq!(spoken.samples_48k, exact);
        let heard = hear(Cursor::new(file));
        prop_assert!(heard.fault.is_none());
        prop_assert_eq!(heard.samples.len() as u64, exact / 3);
        prop_assert_eq!(heard.facts.unwrap().duration(), Duration::from_nanos(exact / 3 * 62_500));
    }
}
