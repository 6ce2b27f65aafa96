//! A long sound in parts that a transcription service takes, cut where nobody speaks.
//!
//! A part is at most as long as asked. In its last fifth the first pause of 0.4 s ends it; where there is none,
//! the longest pause there was; where nobody pauses, the end of it. Nothing is lost and nothing is twice.

use crate::decode::{Decoder, Facts};
use crate::encode::OggOpus;
use crate::fault::Fault;
use crate::voice::{FRAME, Voice};
use crate::wav::WavWriter;
use std::io::Cursor;
use std::time::Duration;

/// The bitrate of a part: 10 minutes are 1.8 MB.
const BITRATE: u32 = 24_000;
/// Frames of a pause that ends a part at once: 0.4 s.
const PAUSE: usize = 25;

/// How a part is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// WAV, 16-bit mono 16 kHz: 1.92 MB for a minute.
    Wav,
    /// OGG/Opus of 24 kb/s: 0.18 MB for a minute.
    OggOpus,
}

/// A piece of a sound, as a file of its own.
#[derive(Clone, Debug)]
pub struct Part {
    /// Where in the whole it begins.
    pub start: Duration,
    /// How long it is.
    pub length: Duration,
    /// How long somebody speaks in it.
    pub spoken: Duration,
    /// The file.
    pub bytes: Vec<u8>,
}

/// The parts of a sound, each made when it is asked for.
pub struct Parts {
    decoder: Option<Decoder>,
    facts: Facts,
    coding: Coding,
    /// Frames of the longest part.
    longest: usize,
    voice: Voice,
    /// Samples that are no whole frame yet.
    loose: Vec<i16>,
    /// Frames that were decoded and are in no part yet.
    held: Vec<i16>,
    voiced: Vec<bool>,
    fault: Option<Fault>,
    given: u64,
}

impl Parts {
    /// Cuts what a decoder yields into parts of at most `longest`, one second at least.
    pub fn new(decoder: Decoder, longest: Duration, coding: Coding) -> Self {
        let frames = longest.as_millis().max(1_000) / 16;
        Self {
            facts: decoder.facts(),
            decoder: Some(decoder),
            coding,
            longest: usize::try_from(frames).unwrap_or(usize::MAX),
            voice: Voice::default(),
            loose: Vec::new(),
            held: Vec::new(),
            voiced: Vec::new(),
            fault: None,
            given: 0,
        }
    }

    /// What is known of the whole so far.
    pub fn facts(&self) -> Facts {
        self.facts
    }

    /// Decodes until a frame more is held; gives whether there is one.
    fn hold(&mut self) -> bool {
        while self.loose.len() < FRAME {
            let Some(decoder) = self.decoder.as_mut() else { return false };
            match decoder.next_block() {
                Ok(Some(block)) => self.loose.extend_from_slice(block),
                Ok(None) => self.decoder = None,
                Err(fault) => {
                    self.fault = Some(fault);
                    self.decoder = None;
                }
            }
            self.facts = self.decoder.as_ref().map_or(self.facts, Decoder::facts);
        }
        let Some(frame) = self.loose.get(..FRAME) else { return false };
        self.voiced.push(self.voice.is_voiced(frame));
        self.held.extend_from_slice(frame);
        self.loose.drain(..FRAME);
        true
    }

    fn part(&mut self) -> Result<Option<Part>, Fault> {
        let mut part = Open::new(self.coding)?;
        let early = self.longest / 5 * 4;
        loop {
            // What is before the last fifth is in the part for sure.
            let sure = early.saturating_sub(part.frames).min(self.voiced.len());
            self.move_frames(sure, &mut part)?;
            if part.frames + self.voiced.len() >= self.longest {
                break self.move_frames(longest_pause(&self.voiced), &mut part)?;
            }
            if let Some(cut) = ending_pause(&self.voiced) {
                break self.move_frames(cut, &mut part)?;
            }
            if !self.hold() {
                self.move_frames(self.voiced.len(), &mut part)?;
                part.samples(&std::mem::take(&mut self.loose))?;
                break;
            }
        }
        if part.length == 0 {
            return Ok(None);
        }
        let start = self.given;
        self.given += part.length;
        part.finish(start).map(Some)
    }

    /// Puts frames that are held into the part.
    fn move_frames(&mut self, frames: usize, part: &mut Open) -> Result<(), Fault> {
        part.samples(self.held.get(..frames * FRAME).unwrap_or_default())?;
        part.frames += frames;
        part.voiced += self.voiced.drain(..frames).filter(|&voiced| voiced).count();
        self.held.drain(..frames * FRAME);
        Ok(())
    }
}

impl Iterator for Parts {
    type Item = Result<Part, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.part() {
            Ok(Some(part)) => Some(Ok(part)),
            Ok(None) => self.fault.take().map(Err),
            Err(fault) => {
                self.decoder = None;
                self.held.clear();
                self.voiced.clear();
                self.loose.clear();
                Some(Err(fault))
            }
        }
    }
}

/// Where frames that end in a long pause are cut: in its middle.
fn ending_pause(voiced: &[bool]) -> Option<usize> {
    let pause = voiced.iter().rev().take_while(|&&voiced| !voiced).count();
    (pause >= PAUSE).then(|| voiced.len() - pause / 2)
}

/// Where frames are cut that must be: in the middle of their longest pause, at their end if there is none.
fn longest_pause(voiced: &[bool]) -> usize {
    let mut best = (0, voiced.len());
    let mut pause = 0;
    for (index, &voiced) in voiced.iter().enumerate() {
        pause = if voiced { 0 } else { pause + 1 };
        if pause > best.0 {
            best = (pause, index + 1 - pause / 2);
        }
    }
    best.1
}

/// A part that is being written.
struct Open {
    writer: Writer,
    /// Whole frames, and how many of them are voiced.
    frames: usize,
    voiced: usize,
    /// In samples.
    length: u64,
}

enum Writer {
    Wav(WavWriter<Cursor<Vec<u8>>>),
    Ogg(Box<OggOpus<Vec<u8>>>),
}

impl Open {
    fn new(coding: Coding) -> Result<Self, Fault> {
        let writer = match coding {
            Coding::Wav => Writer::Wav(WavWriter::new(Cursor::new(Vec::new()))?),
            Coding::OggOpus => Writer::Ogg(Box::new(OggOpus::with_bitrate(Vec::new(), crate::RATE, BITRATE)?)),
        };
        Ok(Self { writer, frames: 0, voiced: 0, length: 0 })
    }

    fn samples(&mut self, samples: &[i16]) -> Result<(), Fault> {
        self.length += samples.len() as u64;
        match &mut self.writer {
            Writer::Wav(writer) => writer.push(samples),
            Writer::Ogg(writer) => writer.push(samples),
        }
    }

    fn finish(self, start: u64) -> Result<Part, Fault> {
        let bytes = match self.writer {
            Writer::Wav(writer) => writer.finish()?.into_inner(),
            Writer::Ogg(writer) => writer.finish()?.0,
        };
        let time = |samples: u64| Duration::from_nanos(samples * 62_500);
        let spoken = Duration::from_millis(self.voiced as u64 * 16);
        Ok(Part { start: time(start), length: time(self.length), spoken, bytes })
    }
}
