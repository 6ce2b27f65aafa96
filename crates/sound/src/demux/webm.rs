//! WebM and Matroska (RFC 9559) with Opus, Vorbis or AAC. Recorders of browsers write them as streams, without
//! lengths, so the file is read from front to back and nothing but the sound track's blocks is kept.

use super::ebml::{Element, children, element, number, signed, unsigned, width};
use super::{Input, MAX_PACKET, Step, Track, read_array, read_exactly, step_of};
use crate::codec::{Codec, OpusHead, Pcm, unlace};
use crate::cursor::Cursor;
use crate::fault::Fault;
use std::io::{Seek, SeekFrom};

const SEGMENT: u32 = 0x1853_8067;
const TRACKS: u32 = 0x1654_ae6b;
const TRACK_ENTRY: u32 = 0xae;
const CLUSTER: u32 = 0x1f43_b675;
const BLOCK_GROUP: u32 = 0xa0;
const BLOCK: u32 = 0xa1;
const SIMPLE_BLOCK: u32 = 0xa3;
const DISCARD_PADDING: u32 = 0x75a2;

/// The sound of a Matroska file.
pub(crate) struct WebM {
    input: Input,
    /// Bytes of the file.
    length: u64,
    sound: Option<Sound>,
    /// Where the segment ends, if it says.
    end: Option<u64>,
    content: Vec<u8>,
}

struct Sound {
    track: u64,
    codec: Codec,
    /// Nanoseconds that the encoder put in front.
    delay: u64,
    /// Samples still to be dropped, once the rate is known.
    skip: Option<u64>,
}

impl WebM {
    pub(crate) fn new(mut input: Input) -> Result<Self, Fault> {
        let length = input.seek(SeekFrom::End(0))?;
        input.rewind()?;
        Ok(Self { input, length, sound: None, end: None, content: Vec::new() })
    }

    /// The head of the next element; none at the end of the file.
    fn head(&mut self) -> Result<Option<Element>, Fault> {
        let damaged = || Fault::damaged("Matroska element");
        let mut bytes = Vec::with_capacity(12);
        for limit in [4, 8] {
            let Some([first]) = read_array::<1>(&mut self.input)? else {
                return if bytes.is_empty() { Ok(None) } else { Err(damaged()) };
            };
            let (width, _) = width(first).filter(|&(width, _)| width <= limit).ok_or_else(damaged)?;
            let mut rest = Vec::new();
            if !read_exactly(&mut self.input, width - 1, &mut rest)? {
                return Err(damaged());
            }
            bytes.push(first);
            bytes.extend_from_slice(&rest);
        }
        element(&mut Cursor(&bytes)).map(Some).ok_or_else(damaged)
    }

    fn end(&mut self) -> Result<Step, Fault> {
        if self.sound.is_none() {
            return Err(Fault::NoSound);
        }
        let position = self.input.stream_position()?;
        Ok(if self.end.is_some_and(|end| position < end) { Step::Cut } else { Step::End })
    }

    /// Passes over an element.
    fn skip(&mut self, element: Element) -> Result<Step, Fault> {
        let size = element.size.ok_or_else(|| Fault::damaged("Matroska size"))?;
        let left = self.length.saturating_sub(self.input.stream_position()?);
        self.input.seek_relative(size.min(left).cast_signed())?;
        Ok(if size > left { Step::Cut } else { Step::More })
    }

    /// Reads the content of an element that matters; gives whether it is there.
    fn read(&mut self, element: Element) -> Result<bool, Fault> {
        let size = element.size.and_then(|size| usize::try_from(size).ok()).filter(|&size| size <= MAX_PACKET);
        let Some(size) = size else { return Err(Fault::damaged("Matroska block")) };
        let mut content = std::mem::take(&mut self.content);
        let whole = read_exactly(&mut self.input, size, &mut content)?;
        self.content = content;
        Ok(whole)
    }
}

impl Track for WebM {
    fn step(&mut self, pcm: &mut Pcm) -> Result<Step, Fault> {
        let Some(head) = self.head()? else { return self.end() };
        match head.id {
            SEGMENT => {
                let start = self.input.stream_position()?;
                self.end = head.size.and_then(|size| start.checked_add(size));
                Ok(Step::More)
            }
            TRACKS | CLUSTER => Ok(Step::More),
            TRACK_ENTRY if self.sound.is_none() => {
                if !self.read(head)? {
                    return Err(Fault::damaged("it is cut off"));
                }
                self.sound = track(&self.content)?;
                Ok(Step::More)
            }
            // A video's blocks are large: only those of the sound are read.
            SIMPLE_BLOCK | BLOCK_GROUP if self.sound.is_some() && head.size.is_some_and(is_sound_sized) => {
                if !self.read(head)? {
                    return Ok(Step::Cut);
                }
                let Some(sound) = self.sound.as_mut() else { return Ok(Step::More) };
                if head.id == SIMPLE_BLOCK {
                    sound.block(&self.content, 0, pcm)
                } else {
                    sound.group(&self.content, pcm)
                }
            }
            _ => self.skip(head),
        }
    }
}

fn is_sound_sized(size: u64) -> bool {
    size <= MAX_PACKET as u64
}

/// Reads a track entry; none if it is not of sound.
fn track(entry: &[u8]) -> Result<Option<Sound>, Fault> {
    let (mut number, mut kind, mut name, mut private, mut delay) = (0, 0, "", &[][..], 0);
    for (id, content) in children(entry) {
        match id {
            0xd7 => number = unsigned(content),
            0x83 => kind = unsigned(content),
            0x86 => name = std::str::from_utf8(content).unwrap_or_default().trim_end_matches('\0'),
            0x63a2 => private = content,
            0x56aa => delay = unsigned(content),
            0x6d80 => return Err(Fault::Unsupported("compressed Matroska blocks".to_owned())),
            _ => {}
        }
    }
    if kind != 2 {
        return Ok(None);
    }
    let damaged = || Fault::damaged("Matroska track");
    let (codec, skip) = match name {
        "A_OPUS" => {
            let head = OpusHead::parse(private).ok_or_else(damaged)?;
            (Codec::opus(&head)?, Some(u64::from(head.pre_skip).div_ceil(3)))
        }
        "A_VORBIS" => {
            let [identification, _, setup] = unlace(private).ok_or_else(damaged)?;
            (Codec::vorbis(identification, setup)?, None)
        }
        "A_AAC" => (Codec::aac(private)?, None),
        other => return Err(Fault::Unsupported(other.chars().take(32).collect())),
    };
    Ok(Some(Sound { track: number, codec, delay, skip }))
}

impl Sound {
    /// Decodes the block of a group, less the padding that the group says to discard.
    fn group(&mut self, content: &[u8], pcm: &mut Pcm) -> Result<Step, Fault> {
        let mut discard = 0;
        let mut block = None;
        for (id, content) in children(content) {
            match id {
                BLOCK => block = Some(content),
                DISCARD_PADDING => discard = signed(content).max(0).cast_unsigned(),
                _ => {}
            }
        }
        block.map_or(Ok(Step::Skipped), |block| self.block(block, discard, pcm))
    }

    /// Decodes a block, less `discard` nanoseconds at its end.
    fn block(&mut self, block: &[u8], discard: u64, pcm: &mut Pcm) -> Result<Step, Fault> {
        let mut cursor = Cursor(block);
        if number(&mut cursor).flatten() != Some(self.track) {
            return Ok(Step::More);
        }
        let flags = cursor.skip(2).and_then(|()| cursor.u8());
        let Some(frames) = flags.and_then(|flags| frames(flags, cursor)) else { return Ok(Step::Skipped) };
        let before = pcm.mono.len();
        let mut step = Step::More;
        for frame in frames {
            if step_of(self.codec.decode(frame, pcm))? == Step::Skipped {
                step = Step::Skipped;
            }
        }
        let rate = u128::from(pcm.rate);
        let samples = |time: u64| u64::try_from(u128::from(time) * rate / 1_000_000_000).unwrap_or(u64::MAX);
        let made = pcm.mono.len() - before;
        let extra = usize::try_from(samples(discard)).unwrap_or(made).min(made);
        pcm.mono.truncate(pcm.mono.len() - extra);
        let skip = self.skip.get_or_insert_with(|| samples(self.delay));
        let dropped = usize::try_from(*skip).unwrap_or(made).min(made - extra);
        *skip -= dropped as u64;
        pcm.mono.drain(before..before + dropped);
        Ok(step)
    }
}

/// The frames of a block, by its lacing; none if they do not fit.
fn frames(flags: u8, mut cursor: Cursor<'_>) -> Option<Vec<&[u8]>> {
    let lacing = flags >> 1 & 3;
    if lacing == 0 {
        return Some(vec![cursor.0]);
    }
    let count = usize::from(cursor.u8()?) + 1;
    let sizes = match lacing {
        1 => xiph_sizes(count, &mut cursor)?,
        2 => vec![cursor.0.len() / count; count - 1],
        _ => ebml_sizes(count, &mut cursor)?,
    };
    let mut frames = Vec::with_capacity(count);
    for size in sizes {
        frames.push(cursor.take(size)?);
    }
    frames.push(cursor.0);
    Some(frames)
}

/// All sizes but the last, as sums of bytes.
fn xiph_sizes(count: usize, cursor: &mut Cursor<'_>) -> Option<Vec<usize>> {
    let mut sizes = Vec::with_capacity(count);
    for _ in 1..count {
        let mut size = 0;
        loop {
            let byte = cursor.u8()?;
            size += usize::from(byte);
            if byte < 255 {
                break;
            }
        }
        sizes.push(size);
    }
    Some(sizes)
}

/// All sizes but the last, the first as it is and the others as differences.
fn ebml_sizes(count: usize, cursor: &mut Cursor<'_>) -> Option<Vec<usize>> {
    let mut sizes = Vec::with_capacity(count);
    let mut size = 0i64;
    for index in 1..count {
        let (width, _) = width(*cursor.0.first()?)?;
        let value = number(cursor)??.cast_signed();
        let bias = if index == 1 { 0 } else { (1i64 << (7 * width - 1)) - 1 };
        size = size.checked_add(value - bias)?;
        sizes.push(usize::try_from(size).ok()?);
    }
    Some(sizes)
}
