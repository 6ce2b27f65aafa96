//! Ogg with Opus or Vorbis (RFC 7845; Vorbis I, A): chained streams follow one another, other streams beside
//! the sound are passed over, damage costs the page it is in.
//!
//! The length is exact: what an encoder put in front is dropped by its pre-skip, and the position of the last
//! page says where the sound ends.

use super::ogg_page::{Page, Read, read_page};
use super::{Input, MAX_PACKET, Step, Track, step_of};
use crate::codec::{Codec, OpusHead, Pcm};
use crate::fault::Fault;

/// How often a clock of positions ticks within one sample that comes out: Opus counts at 48 kHz.
const OPUS_TICKS: u64 = 3;

/// The sound of an Ogg file.
pub(crate) struct Ogg {
    input: Input,
    page: Page,
    /// Packets of the page that wait, as ranges of its body, last first.
    ends: Vec<(usize, bool)>,
    at: usize,
    /// The packet that is being put together.
    packet: Vec<u8>,
    /// The packet began on a page that was lost.
    broken: bool,
    stream: Option<Stream>,
    /// There are no more pages: how the file ends, after what waits.
    finished: Option<Step>,
}

/// One logical stream.
struct Stream {
    serial: u32,
    sequence: u32,
    kind: Kind,
    ended: bool,
}

enum Kind {
    /// Neither Opus nor Vorbis.
    Other,
    /// Opus, before its comment header.
    OpusTags(OpusHead),
    /// Vorbis, before its comment and setup header.
    VorbisComment(Vec<u8>),
    VorbisSetup(Vec<u8>),
    Sound(Box<Sound>),
}

/// A stream in its sound, and how much of it came out. Counts are in samples of what comes out.
struct Sound {
    codec: Codec,
    ticks: u64,
    /// To be dropped from the front.
    skip: u64,
    /// Decoded so far, the dropped ones as well.
    decoded: u64,
    /// What a position is ahead of `decoded`, once a page before the last one has told.
    ahead: i64,
}

impl Ogg {
    pub(crate) fn new(input: Input) -> Self {
        Self {
            input,
            page: Page::default(),
            ends: Vec::new(),
            at: 0,
            packet: Vec::new(),
            broken: false,
            stream: None,
            finished: None,
        }
    }

    /// Takes the next page of the sound; another step than `More` if there is none.
    fn next_page(&mut self) -> Result<Step, Fault> {
        match read_page(&mut self.input, &mut self.page)? {
            Read::Page => {}
            Read::Damage => {
                self.packet.clear();
                self.broken = true;
                return Ok(Step::Skipped);
            }
            Read::End => {
                let open = self.stream.as_ref().is_some_and(|stream| !stream.ended);
                return Ok(if open { Step::Cut } else { Step::End });
            }
            Read::Cut => {
                if self.belongs() {
                    self.split();
                    let there = self.page.body.len();
                    self.ends.retain(|&(end, _)| end <= there);
                }
                return Ok(Step::Cut);
            }
        }
        if !self.belongs() {
            return Ok(Step::More);
        }
        self.split();
        Ok(Step::More)
    }

    /// Whether the page is of the stream that is read; the first page of a stream may begin one.
    fn belongs(&mut self) -> bool {
        let page = &self.page;
        if page.first && self.stream.as_ref().is_none_or(|stream| stream.ended || matches!(stream.kind, Kind::Other)) {
            let (serial, sequence) = (page.serial, page.sequence);
            self.stream = Some(Stream { serial, sequence, kind: kind_of(&page.body), ended: page.last });
            self.packet.clear();
            self.broken = false;
            return false;
        }
        let Some(stream) = self.stream.as_mut().filter(|stream| stream.serial == page.serial && !page.first) else {
            return false;
        };
        stream.sequence = stream.sequence.wrapping_add(1);
        let missing = page.sequence != stream.sequence;
        if missing || !page.continued {
            self.packet.clear();
        }
        // What began on a page that is missing is missing.
        self.broken = page.continued && (missing || self.broken || self.packet.is_empty());
        stream.sequence = page.sequence;
        stream.ended |= page.last;
        true
    }

    /// Notes where the packets of the page end.
    fn split(&mut self) {
        self.at = 0;
        self.ends.clear();
        let (mut end, mut open) = (0, false);
        for &value in &self.page.lacing {
            end += usize::from(value);
            open = value == 255;
            if !open {
                self.ends.push((end, true));
            }
        }
        if open {
            self.ends.push((end, false));
        }
        self.ends.reverse();
    }

    /// Puts the next packet of the page together; gives whether it is whole.
    fn next_packet(&mut self, end: usize, whole: bool) -> bool {
        let piece = self.page.body.get(self.at..end).unwrap_or_default();
        self.at = end;
        if self.packet.len() + piece.len() > MAX_PACKET {
            self.packet.clear();
            self.broken = true;
        }
        if !self.broken {
            self.packet.extend_from_slice(piece);
        }
        whole && !std::mem::take(&mut self.broken)
    }
}

impl Track for Ogg {
    fn step(&mut self, pcm: &mut Pcm) -> Result<Step, Fault> {
        let Some((end, whole)) = self.ends.pop() else {
            if let Some(step) = self.finished {
                return Ok(step);
            }
            let step = self.next_page()?;
            if matches!(step, Step::End | Step::Cut) {
                self.finished = Some(step);
                if !self.ends.is_empty() {
                    return Ok(Step::More);
                }
                if !self.stream.as_ref().is_some_and(|stream| matches!(stream.kind, Kind::Sound(_))) {
                    return Err(if step == Step::End { Fault::NoSound } else { Fault::damaged("it is cut off") });
                }
            }
            return Ok(step);
        };
        if !self.next_packet(end, whole) {
            if whole {
                self.packet.clear();
            }
            return Ok(if whole { Step::Skipped } else { Step::More });
        }
        let Some(stream) = self.stream.as_mut() else { return Ok(Step::More) };
        let last_of_page = self.ends.is_empty();
        let step = stream.take(&self.packet, &self.page, last_of_page, pcm);
        self.packet.clear();
        step
    }
}

fn kind_of(first: &[u8]) -> Kind {
    match OpusHead::parse(first) {
        Some(head) => Kind::OpusTags(head),
        None if first.starts_with(b"\x01vorbis") => Kind::VorbisComment(first.to_vec()),
        None => Kind::Other,
    }
}

impl Stream {
    fn take(&mut self, packet: &[u8], page: &Page, last_of_page: bool, pcm: &mut Pcm) -> Result<Step, Fault> {
        let next = match &mut self.kind {
            Kind::Other => return Ok(Step::More),
            Kind::Sound(sound) => return sound.take(packet, page, last_of_page, pcm),
            Kind::OpusTags(head) => {
                let codec = Codec::opus(head)?;
                let skip = u64::from(head.pre_skip).div_ceil(OPUS_TICKS);
                let lost = !packet.starts_with(b"OpusTags");
                let mut sound = Box::new(Sound { codec, ticks: OPUS_TICKS, skip, decoded: 0, ahead: 0 });
                if lost {
                    sound.take(packet, page, last_of_page, pcm)?;
                }
                Kind::Sound(sound)
            }
            Kind::VorbisComment(identification) => Kind::VorbisSetup(std::mem::take(identification)),
            Kind::VorbisSetup(identification) => {
                let codec = Codec::vorbis(identification, packet)?;
                Kind::Sound(Box::new(Sound { codec, ticks: 1, skip: 0, decoded: 0, ahead: 0 }))
            }
        };
        self.kind = next;
        Ok(Step::More)
    }
}

impl Sound {
    fn take(&mut self, packet: &[u8], page: &Page, last_of_page: bool, pcm: &mut Pcm) -> Result<Step, Fault> {
        let before = pcm.mono.len();
        let step = step_of(self.codec.decode(packet, pcm))?;
        let made = (pcm.mono.len() - before) as u64;
        self.decoded += made;
        if page.last && page.granule >= 0 {
            self.trim_end(page.granule, made, before, pcm);
        } else if last_of_page && page.granule >= 0 {
            let position = page.granule.cast_unsigned() / self.ticks;
            self.ahead = position.cast_signed() - self.decoded.cast_signed();
        }
        let dropped = self.skip.min((pcm.mono.len() - before) as u64);
        self.skip -= dropped;
        let dropped = usize::try_from(dropped).unwrap_or(0);
        pcm.mono.drain(before..before + dropped);
        Ok(step)
    }

    /// Drops what is past the position of the last page.
    fn trim_end(&mut self, granule: i64, made: u64, before: usize, pcm: &mut Pcm) {
        let end = (granule / self.ticks.cast_signed()).saturating_sub(self.ahead);
        let extra = self.decoded.cast_signed().saturating_sub(end).max(0).cast_unsigned().min(made);
        let extra = usize::try_from(extra).unwrap_or(0);
        pcm.mono.truncate((pcm.mono.len() - extra).max(before));
        // What was dropped stays counted: the next packet of the page is past the end too.
    }
}
