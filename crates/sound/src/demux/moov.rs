//! The boxes of MP4 and QuickTime that tell of the sound track (ISO 14496-12, ISO 14496-14): its codec, where
//! its samples lie and which part of them is to be heard.

use crate::codec::{Codec, OpusHead};
use crate::cursor::Cursor;
use crate::fault::Fault;

/// What a file says of its sound track.
pub(crate) struct Sound {
    pub(crate) id: u32,
    pub(crate) codec: Codec,
    /// Ticks per second of the track's times.
    pub(crate) timescale: u32,
    /// What to drop from the front, in ticks.
    pub(crate) skip: u64,
    /// What to keep after that, as a fraction of seconds.
    pub(crate) keep: Option<(u64, u32)>,
    /// The size of a fragment's samples where it does not say, in bytes.
    pub(crate) default_size: u32,
    pub(crate) samples: Samples,
}

/// The boxes of a content, up to the first that does not fit.
pub(crate) fn boxes(content: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    let mut cursor = Cursor(content);
    std::iter::from_fn(move || {
        let size = cursor.u32_be()?;
        let name = *cursor.take(4)?.first_chunk::<4>()?;
        let size = match size {
            0 => cursor.0.len(),
            1 => usize::try_from(cursor.u64_be()?.checked_sub(16)?).ok()?,
            size => usize::try_from(size.checked_sub(8)?).ok()?,
        };
        Some((name, cursor.take(size)?))
    })
}

fn find<'a>(content: &'a [u8], path: &[&[u8; 4]]) -> Option<&'a [u8]> {
    path.iter().try_fold(content, |content, name| boxes(content).find(|(found, _)| found == *name).map(|(_, at)| at))
}

/// Reads a `moov` box; a file without a sound track is [`Fault::NoSound`].
pub(crate) fn parse(moov: &[u8]) -> Result<Sound, Fault> {
    let is_sound = |track: &&[u8]| {
        find(track, &[b"mdia", b"hdlr"]).and_then(|hdlr| hdlr.get(8..12)).is_some_and(|kind| kind == b"soun")
    };
    let tracks = boxes(moov).filter(|(name, _)| name == b"trak").map(|(_, content)| content);
    let track = tracks.into_iter().find(is_sound).ok_or(Fault::NoSound)?;
    let damaged = || Fault::damaged("MP4 sound track");
    let id = find(track, &[b"tkhd"]).and_then(|tkhd| after_times(tkhd, 0)).ok_or_else(damaged)?;
    let timescale = find(track, &[b"mdia", b"mdhd"]).and_then(|mdhd| after_times(mdhd, 0)).ok_or_else(damaged)?;
    let movie_timescale = find(moov, &[b"mvhd"]).and_then(|mvhd| after_times(mvhd, 0)).unwrap_or(0);
    let stbl = find(track, &[b"mdia", b"minf", b"stbl"]).ok_or_else(damaged)?;
    let (codec, pre_skip) = codec(find(stbl, &[b"stsd"]).ok_or_else(damaged)?)?;
    let edit = find(track, &[b"edts", b"elst"]).and_then(edit);
    let (skip, length) = edit.unwrap_or((pre_skip, 0));
    let keep = (length > 0 && movie_timescale > 0).then_some((length, movie_timescale));
    let trex = boxes(find(moov, &[b"mvex"]).unwrap_or_default())
        .filter(|(name, _)| name == b"trex")
        .filter_map(|(_, trex)| trex_size(trex))
        .find(|&(track, _)| track == id);
    let default_size = trex.map_or(0, |(_, size)| size);
    Ok(Sound { id, codec, timescale: timescale.max(1), skip, keep, default_size, samples: Samples::new(stbl) })
}

/// The number behind the two times of a full box, whose width its version says.
fn after_times(content: &[u8], further: usize) -> Option<u32> {
    let mut cursor = Cursor(content);
    let times = if cursor.u8()? == 1 { 16 } else { 8 };
    cursor.skip(3 + times + further)?;
    cursor.u32_be()
}

fn trex_size(trex: &[u8]) -> Option<(u32, u32)> {
    let mut cursor = Cursor(trex);
    cursor.skip(4)?;
    let track = cursor.u32_be()?;
    cursor.skip(8)?;
    Some((track, cursor.u32_be()?))
}

/// What the first edit that is no pause shows: where it begins in the track's ticks, and how long it is in the
/// movie's. Of several edits only the beginning is taken.
fn edit(elst: &[u8]) -> Option<(u64, u64)> {
    let mut cursor = Cursor(elst);
    let wide = cursor.u8()? == 1;
    cursor.skip(3)?;
    let mut found = None;
    for _ in 0..cursor.u32_be()?.min(64) {
        let length = if wide { cursor.u64_be()? } else { u64::from(cursor.u32_be()?) };
        let start = if wide { cursor.u64_be()?.cast_signed() } else { i64::from(cursor.u32_be()?.cast_signed()) };
        cursor.skip(4)?;
        found = match (found, u64::try_from(start)) {
            (found, Err(_)) => found,
            (None, Ok(start)) => Some((start, length)),
            (Some((start, _)), Ok(_)) => Some((start, 0)),
        };
    }
    found
}

/// The codec of the first sample entry, and the samples at 48 kHz that it says to skip.
fn codec(stsd: &[u8]) -> Result<(Codec, u64), Fault> {
    let damaged = || Fault::damaged("MP4 sample entry");
    let (name, entry) = stsd.get(8..).and_then(|entries| boxes(entries).next()).ok_or_else(damaged)?;
    let mut cursor = Cursor(entry);
    cursor.skip(8).ok_or_else(damaged)?;
    let version = cursor.u16_le().ok_or_else(damaged)?.swap_bytes();
    // QuickTime's versions have further fields.
    let further = [0, 16, 36].get(usize::from(version)).copied().ok_or_else(damaged)?;
    cursor.skip(18 + further).ok_or_else(damaged)?;
    match &name {
        b"mp4a" => {
            let esds = find(cursor.0, &[b"esds"]).or_else(|| find(cursor.0, &[b"wave", b"esds"]));
            let (kind, config) = esds.and_then(decoder_config).ok_or_else(damaged)?;
            match kind {
                0x40 | 0x67 => Ok((Codec::aac(config)?, 0)),
                other => Err(Fault::Unsupported(format!("MP4 sound of kind {other:#x}"))),
            }
        }
        b"Opus" => {
            let head = find(cursor.0, &[b"dOps"]).and_then(OpusHead::parse_mp4).ok_or_else(damaged)?;
            Ok((Codec::opus(&head)?, u64::from(head.pre_skip)))
        }
        other => Err(Fault::Unsupported(String::from_utf8_lossy(other).escape_default().to_string())),
    }
}

/// The kind of object and its configuration, out of the descriptors of `esds`.
fn decoder_config(esds: &[u8]) -> Option<(u8, &[u8])> {
    let mut cursor = Cursor(esds.get(4..)?);
    descriptor(&mut cursor, 3)?;
    cursor.skip(2)?;
    let flags = cursor.u8()?;
    cursor.skip(if flags & 0x80 == 0 { 0 } else { 2 })?;
    if flags & 0x40 != 0 {
        let length = cursor.u8()?;
        cursor.skip(usize::from(length))?;
    }
    cursor.skip(if flags & 0x20 == 0 { 0 } else { 2 })?;
    descriptor(&mut cursor, 4)?;
    let kind = cursor.u8()?;
    cursor.skip(12)?;
    let size = descriptor(&mut cursor, 5)?;
    Some((kind, cursor.take(size)?))
}

/// The size of a descriptor, past its head.
fn descriptor(cursor: &mut Cursor<'_>, tag: u8) -> Option<usize> {
    (cursor.u8()? == tag).then_some(())?;
    let mut size = 0;
    for _ in 0..4 {
        let byte = cursor.u8()?;
        size = size << 7 | usize::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some(size);
        }
    }
    None
}

/// Where the samples of a track lie, walked from the first to the last.
pub(crate) struct Samples {
    /// Sizes in bytes, four bytes each; one size for all where it is not 0.
    sizes: Vec<u8>,
    size: u32,
    count: u32,
    /// Offsets of chunks, four or eight bytes each.
    chunks: Vec<u8>,
    wide: bool,
    /// First chunk, samples per chunk and description of each run, twelve bytes each.
    runs: Vec<u8>,
    sample: u32,
    chunk: usize,
    run: usize,
    left: u32,
    offset: u64,
}

impl Samples {
    fn new(stbl: &[u8]) -> Self {
        let table = |name: &[u8; 4], skip: usize| {
            find(stbl, &[name]).and_then(|content| content.get(skip..)).unwrap_or_default().to_vec()
        };
        let number = |at: usize| {
            let stsz = find(stbl, &[b"stsz"]).and_then(|stsz| stsz.get(at..)).unwrap_or_default();
            Cursor(stsz).u32_be().unwrap_or(0)
        };
        let wide = find(stbl, &[b"stco"]).is_none();
        Self {
            sizes: table(b"stsz", 12),
            size: number(4),
            count: number(8),
            chunks: table(if wide { b"co64" } else { b"stco" }, 8),
            wide,
            runs: table(b"stsc", 8),
            sample: 0,
            chunk: 0,
            run: 0,
            left: 0,
            offset: 0,
        }
    }

    /// Where the next sample lies and how long it is.
    pub(crate) fn next(&mut self) -> Option<(u64, u32)> {
        (self.sample < self.count).then_some(())?;
        while self.left == 0 {
            self.next_chunk()?;
        }
        let size = match self.size {
            0 => at(&self.sizes, self.sample as usize, 4)?.u32_be()?,
            size => size,
        };
        let offset = self.offset;
        self.offset = self.offset.checked_add(u64::from(size))?;
        self.left -= 1;
        self.sample += 1;
        Some((offset, size))
    }

    fn next_chunk(&mut self) -> Option<()> {
        // A chunk belongs to the last run that begins no later; they count from one.
        while at(&self.runs, self.run + 1, 12)
            .and_then(|mut run| run.u32_be())
            .is_some_and(|first| first as usize <= self.chunk + 1)
        {
            self.run += 1;
        }
        let mut run = at(&self.runs, self.run, 12)?;
        run.skip(4)?;
        self.left = run.u32_be()?;
        self.offset = match self.wide {
            true => at(&self.chunks, self.chunk, 8)?.u64_be()?,
            false => u64::from(at(&self.chunks, self.chunk, 4)?.u32_be()?),
        };
        self.chunk += 1;
        Some(())
    }
}

/// An entry of a table.
fn at(table: &[u8], index: usize, width: usize) -> Option<Cursor<'_>> {
    let start = index.checked_mul(width)?;
    table.get(start..start.checked_add(width)?).map(Cursor)
}
