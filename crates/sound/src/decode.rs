//! Any sound file to blocks of mono 16-bit samples at 16 kHz.
//!
//! A file is known by its bytes, never by its name. What always holds: a file may be hostile and costs no more
//! than an error; a codec that panics is such an error; what can be decoded is given before the fault.

use crate::codec::Pcm;
use crate::demux::{Input, Source, Step, Track, frames, mp4::Mp4, ogg::Ogg, wave::Wave, webm::WebM};
use crate::fault::Fault;
use crate::resample::Resampler;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

/// Steps in a row that may give no sample, before a file is given up.
const MAX_BARREN: u32 = 10_000;

/// The containers that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// OGG with Opus or Vorbis.
    Ogg,
    /// MPEG audio in frames.
    Mp3,
    /// MP4, M4A, QuickTime: AAC or Opus, the sound of a video as well.
    Mp4,
    /// AAC in ADTS frames.
    Aac,
    /// RIFF WAVE: PCM or G.711.
    Wav,
    /// FLAC in its own container.
    Flac,
    /// WebM or Matroska: Opus, Vorbis or AAC, the sound of a video as well.
    WebM,
}

impl Format {
    /// Knows a file by its first bytes, tags in front of it passed over.
    fn of(start: &[u8]) -> Option<Self> {
        match start {
            [b'O', b'g', b'g', b'S', ..] => Some(Self::Ogg),
            [b'f', b'L', b'a', b'C', ..] => Some(Self::Flac),
            [b'R', b'I', b'F', b'F' | b'X', ..] | [b'R', b'F', b'6', b'4', ..]
                if start.get(8..12).is_some_and(|form| form == b"WAVE") =>
            {
                Some(Self::Wav)
            }
            [0x1a, 0x45, 0xdf, 0xa3, ..] => Some(Self::WebM),
            [_, _, _, _, b'f', b't', b'y', b'p', ..]
            | [_, _, _, _, b'm', b'o', b'o', b'v', ..]
            | [_, _, _, _, b'm', b'd', b'a', b't', ..]
            | [_, _, _, _, b's', b't', b'y', b'p', ..]
            | [_, _, _, _, b'w', b'i', b'd', b'e', ..] => Some(Self::Mp4),
            // A sync word; the layer is 0 in ADTS and never in MPEG audio, whose rate is never 3.
            [0xff, second, ..] if second & 0xf6 == 0xf0 => Some(Self::Aac),
            [0xff, second, third, ..]
                if second & 0xe0 == 0xe0
                    && second & 0x18 != 0x08
                    && second & 0x06 == 0x02
                    && third & 0x0c != 0x0c
                    && third & 0xf0 != 0xf0 =>
            {
                Some(Self::Mp3)
            }
            _ => None,
        }
    }
}

/// What is known of a sound so far; all of it once the decoder has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The container.
    pub format: Format,
    /// Channels before they were mixed; 0 before the first block.
    pub channels: u16,
    /// Samples at 16 kHz given so far.
    pub samples: u64,
    /// Damaged packets and pages that were passed over.
    pub skipped: u32,
}

impl Facts {
    /// How long the sound is so far.
    pub fn duration(&self) -> Duration {
        Duration::from_nanos(self.samples.saturating_mul(62_500))
    }
}

/// Begins to decode a file. `limit` is the longest sound that is decoded.
///
/// # Errors
/// [`Fault::NotSound`] for what is no known sound file, [`Fault::NoSound`] for a file without a sound track,
/// [`Fault::Unsupported`] for another codec, [`Fault::Damaged`] for headers that make no sense, [`Fault::Io`].
/// Some containers tell of their tracks late: [`Decoder::next_block`] gives these faults too.
pub fn decode(source: impl Read + Seek + Send + Sync + 'static, limit: Duration) -> Result<Decoder, Fault> {
    let source: Box<dyn Source> = Box::new(source);
    let mut input = BufReader::with_capacity(32 * 1024, source);
    frames::skip_tags(&mut input)?;
    let start = input.stream_position()?;
    let mut head = Vec::new();
    (&mut input).take(16).read_to_end(&mut head)?;
    let format = Format::of(&head).ok_or(Fault::NotSound)?;
    input.seek(SeekFrom::Start(start))?;
    let track = fenced(|| open(format, input))?;
    Ok(Decoder {
        track: Some(track),
        pcm: Pcm::default(),
        resampler: None,
        mono: Vec::new(),
        block: Vec::new(),
        pending: None,
        barren: 0,
        facts: Facts { format, channels: 0, samples: 0, skipped: 0 },
        limit,
    })
}

fn open(format: Format, input: Input) -> Result<Box<dyn Track>, Fault> {
    Ok(match format {
        Format::Ogg => Box::new(Ogg::new(input)),
        Format::Mp3 => Box::new(frames::Frames::mp3(input)?),
        Format::Aac => Box::new(frames::Frames::adts(input)?),
        Format::Flac => Box::new(frames::Frames::flac(input)?),
        Format::Mp4 => Box::new(Mp4::new(input)?),
        Format::WebM => Box::new(WebM::new(input)?),
        Format::Wav => Box::new(Wave::new(input)?),
    })
}

/// Decodes a sound block by block.
pub struct Decoder {
    /// None once it has ended.
    track: Option<Box<dyn Track>>,
    pcm: Pcm,
    resampler: Option<Resampler>,
    mono: Vec<f32>,
    block: Vec<i16>,
    /// A fault that waits until the samples before it are given.
    pending: Option<Fault>,
    barren: u32,
    facts: Facts,
    limit: Duration,
}

impl Decoder {
    /// What is known of the sound so far.
    pub fn facts(&self) -> Facts {
        self.facts
    }

    /// The next samples: mono, 16 kHz, at least one and some 10 to 100 ms of them; none at the end.
    ///
    /// # Errors
    /// As [`decode`]; [`Fault::Damaged`] where the file is cut off and [`Fault::TooLong`] past the limit, after
    /// everything before that was given. After a fault there is nothing more.
    pub fn next_block(&mut self) -> Result<Option<&[i16]>, Fault> {
        self.block.clear();
        while self.block.is_empty() {
            if let Some(fault) = self.pending.take() {
                return Err(fault);
            }
            if self.track.is_none() {
                return Ok(None);
            }
            self.step();
        }
        Ok(Some(&self.block))
    }

    /// Takes one step and turns what it gave into a block.
    fn step(&mut self) {
        self.pcm.mono.clear();
        let (track, pcm) = (&mut self.track, &mut self.pcm);
        let step = fenced(|| track.as_mut().map_or(Ok(Step::End), |track| track.step(pcm)));
        self.barren = if self.pcm.mono.is_empty() { self.barren + 1 } else { 0 };
        self.facts.skipped += u32::from(matches!(step, Ok(Step::Skipped)));
        if let Err(fault) = fenced(|| self.convert()) {
            return self.end(Some(fault));
        }
        match step {
            Ok(Step::More | Step::Skipped) if self.barren > MAX_BARREN => {
                self.end(Some(Fault::damaged("nothing can be decoded")));
            }
            Ok(Step::More | Step::Skipped) => {}
            Ok(Step::End) if self.facts.samples == 0 && self.facts.skipped > 0 => {
                self.end(Some(Fault::damaged("nothing can be decoded")));
            }
            Ok(Step::End) => self.end(None),
            Ok(Step::Cut) => self.end(Some(Fault::damaged("it is cut off"))),
            Err(fault) => self.end(Some(fault)),
        }
    }

    /// Brings the samples of the step to 16 kHz.
    fn convert(&mut self) -> Result<(), Fault> {
        if self.pcm.mono.is_empty() {
            return Ok(());
        }
        self.facts.channels = self.pcm.channels;
        // A chained file may change its rate.
        if self.resampler.as_ref().is_some_and(|resampler| resampler.from() != self.pcm.rate) {
            self.flush()?;
        }
        let resampler = match &mut self.resampler {
            Some(resampler) => resampler,
            none => none.insert(Resampler::new(self.pcm.rate, crate::RATE)?),
        };
        resampler.push(&self.pcm.mono, &mut self.mono)?;
        self.give()
    }

    /// Moves what was converted into the block.
    fn give(&mut self) -> Result<(), Fault> {
        self.block.extend(self.mono.iter().map(|&sample| (sample * 32_768.0).round() as i16));
        self.facts.samples += self.mono.len() as u64;
        self.mono.clear();
        if self.facts.duration() > self.limit {
            let extra = self.facts.duration().saturating_sub(self.limit).as_nanos() / 62_500;
            let extra = usize::try_from(extra).unwrap_or(0);
            self.block.truncate(self.block.len().saturating_sub(extra));
            self.facts.samples -= extra as u64;
            return Err(Fault::TooLong(self.limit));
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Fault> {
        let Some(mut resampler) = self.resampler.take() else { return Ok(()) };
        resampler.finish(&mut self.mono)?;
        self.give()
    }

    /// Gives what the filter still holds, and then the fault.
    fn end(&mut self, fault: Option<Fault>) {
        self.track = None;
        let flushed = if matches!(fault, Some(Fault::TooLong(_))) { Ok(()) } else { fenced(|| self.flush()) };
        self.pending = fault.or(flushed.err());
    }
}

/// Turns a panic of a codec into a fault.
fn fenced<T>(work: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(Fault::damaged("a codec gave up on it")))
}
