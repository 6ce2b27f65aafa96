//! MP4, M4A and QuickTime, whole or in fragments, with AAC or Opus. Only the sound's own samples are read, so a
//! large video costs what its sound costs.

use super::moov::{Samples, Sound, boxes, parse};
use super::{Input, MAX_PACKET, Step, Track, read_array, read_exactly, step_of};
use crate::codec::Pcm;
use crate::cursor::Cursor;
use crate::fault::Fault;
use std::collections::VecDeque;
use std::io::{Seek, SeekFrom};

/// The tables of a file are at most this large, in bytes: some 30 hours of sound.
const MAX_TABLES: u64 = 16 << 20;

/// A fragment has at most this many samples: more than an hour.
const MAX_FRAGMENT: usize = 1 << 18;

/// The sound of an MP4 file.
pub(crate) struct Mp4 {
    input: Input,
    /// Bytes of the file.
    length: u64,
    /// Where the next box of the file begins.
    next_box: u64,
    sound: Option<Sound>,
    /// Samples of the fragment that is read.
    fragment: VecDeque<(u64, u32)>,
    packet: Vec<u8>,
    /// Samples that came out, the dropped ones as well.
    decoded: u64,
}

impl Mp4 {
    pub(crate) fn new(mut input: Input) -> Result<Self, Fault> {
        let length = input.seek(SeekFrom::End(0))?;
        let (fragment, packet) = (VecDeque::new(), Vec::new());
        Ok(Self { input, length, next_box: 0, sound: None, fragment, packet, decoded: 0 })
    }

    /// Reads the next box of the file.
    fn take_box(&mut self) -> Result<Step, Fault> {
        let start = self.next_box;
        self.input.seek(SeekFrom::Start(start))?;
        let Some([a, b, c, d, name @ ..]) = read_array::<8>(&mut self.input)? else {
            return if self.sound.is_some() { Ok(Step::End) } else { Err(Fault::damaged("it is cut off")) };
        };
        let (head, size) = match u32::from_be_bytes([a, b, c, d]) {
            0 => (8, u64::MAX),
            1 => (16, read_array::<8>(&mut self.input)?.map_or(0, u64::from_be_bytes)),
            size => (8, u64::from(size)),
        };
        if size < head {
            return Err(Fault::damaged("MP4 box"));
        }
        self.next_box = start.saturating_add(size).min(self.length);
        if matches!(&name, b"moov" | b"moof") {
            self.take_tables(&name, size - head, start)?;
        }
        Ok(Step::More)
    }

    fn take_tables(&mut self, name: &[u8; 4], size: u64, start: u64) -> Result<(), Fault> {
        let size = usize::try_from(size.min(MAX_TABLES)).unwrap_or(0);
        let mut content = Vec::new();
        if !read_exactly(&mut self.input, size, &mut content)? {
            return Err(Fault::damaged("it is cut off"));
        }
        match (name, &self.sound) {
            (b"moov", None) => self.sound = Some(parse(&content)?),
            (b"moof", Some(sound)) => {
                self.fragment = fragment(&content, start, sound).ok_or_else(|| Fault::damaged("MP4 fragment"))?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Drops what the edit list does not show.
    fn trim(&mut self, before: usize, pcm: &mut Pcm) {
        let Some(sound) = &self.sound else { return };
        let rate = u128::from(pcm.rate);
        let samples = |time: u64, scale: u32| {
            u64::try_from(u128::from(time) * rate / u128::from(scale.max(1))).unwrap_or(u64::MAX)
        };
        let skip = samples(sound.skip, sound.timescale);
        let end = sound.keep.map_or(u64::MAX, |(time, scale)| skip.saturating_add(samples(time, scale)));
        let start = self.decoded;
        let made = (pcm.mono.len() - before) as u64;
        self.decoded += made;
        let kept = end.saturating_sub(start).min(made);
        let dropped = skip.saturating_sub(start).min(kept);
        pcm.mono.truncate(before + usize::try_from(kept).unwrap_or(0));
        pcm.mono.drain(before..before + usize::try_from(dropped).unwrap_or(0));
    }
}

impl Track for Mp4 {
    fn step(&mut self, pcm: &mut Pcm) -> Result<Step, Fault> {
        let whole = self.sound.as_mut().and_then(|sound| Samples::next(&mut sound.samples));
        let Some((offset, size)) = whole.or_else(|| self.fragment.pop_front()) else { return self.take_box() };
        if size as usize > MAX_PACKET {
            return Err(Fault::damaged("MP4 sample"));
        }
        seek(&mut self.input, offset.min(self.length))?;
        if !read_exactly(&mut self.input, size as usize, &mut self.packet)? {
            return Ok(Step::Cut);
        }
        let before = pcm.mono.len();
        let Some(sound) = self.sound.as_mut() else { return Ok(Step::More) };
        let step = step_of(sound.codec.decode(&self.packet, pcm))?;
        self.trim(before, pcm);
        Ok(step)
    }
}

/// Goes to an offset, within what is read already where it can.
fn seek(input: &mut Input, offset: u64) -> Result<(), Fault> {
    let distance = offset.cast_signed() - input.stream_position()?.cast_signed();
    Ok(input.seek_relative(distance)?)
}

/// The samples of the sound track in a `moof` box that begins at `start`.
fn fragment(moof: &[u8], start: u64, sound: &Sound) -> Option<VecDeque<(u64, u32)>> {
    let mut samples = VecDeque::new();
    for (_, traf) in boxes(moof).filter(|(name, _)| name == b"traf") {
        let (_, tfhd) = boxes(traf).find(|(name, _)| name == b"tfhd")?;
        let mut cursor = Cursor(tfhd);
        let flags = cursor.u32_be()?;
        if cursor.u32_be()? != sound.id {
            continue;
        }
        let base = if flags & 1 == 0 { start } else { cursor.u64_be()? };
        cursor.skip(if flags & 2 == 0 { 0 } else { 4 })?;
        cursor.skip(if flags & 8 == 0 { 0 } else { 4 })?;
        let size = if flags & 0x10 == 0 { sound.default_size } else { cursor.u32_be()? };
        let mut offset = base;
        for (_, trun) in boxes(traf).filter(|(name, _)| name == b"trun") {
            offset = run(trun, base, offset, size, &mut samples)?;
        }
    }
    Some(samples)
}

/// Appends the samples of a `trun` box; gives where the next run begins.
fn run(trun: &[u8], base: u64, next: u64, default: u32, samples: &mut VecDeque<(u64, u32)>) -> Option<u64> {
    let mut cursor = Cursor(trun);
    let flags = cursor.u32_be()?;
    let count = cursor.u32_be()?;
    let mut offset = match flags & 1 {
        0 => next,
        _ => base.checked_add_signed(i64::from(cursor.u32_be()?.cast_signed()))?,
    };
    cursor.skip(if flags & 4 == 0 { 0 } else { 4 })?;
    // Samples may take no bytes of the box.
    (samples.len() + count as usize <= MAX_FRAGMENT).then_some(())?;
    for _ in 0..count {
        cursor.skip(if flags & 0x100 == 0 { 0 } else { 4 })?;
        let size = if flags & 0x200 == 0 { default } else { cursor.u32_be()? };
        cursor.skip(if flags & 0x400 == 0 { 0 } else { 4 })?;
        cursor.skip(if flags & 0x800 == 0 { 0 } else { 4 })?;
        samples.push_back((offset, size));
        offset = offset.checked_add(u64::from(size))?;
    }
    Some(offset)
}
