//! WAV (RIFF): the header of one, of a known or an unknown length, and the writing of one.
//!
//! Programs that write WAV to a pipe cannot go back to write the length, so a header's length is only believed
//! where the file has an end to compare it with: [`Header::length`] is none for the values such programs write.

use crate::cursor::Cursor;
use crate::fault::Fault;
use std::io::{Read, Seek, SeekFrom, Write};

/// How samples are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    U8,
    S16,
    S24,
    S32,
    F32,
    F64,
    ALaw,
    MuLaw,
}

/// What a WAV header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Samples per second and channel.
    pub rate: u32,
    /// Channels, interleaved.
    pub channels: u16,
    /// Bits of one sample as it is stored.
    pub bits: u16,
    /// Bytes of samples; none where the writer did not know.
    pub length: Option<u32>,
    pub(crate) layout: Layout,
}

impl Header {
    /// Whether samples are 16-bit integers, little-endian.
    pub fn is_s16(&self) -> bool {
        self.layout == Layout::S16
    }
}

/// Reads up to the first sample and no further, so that the rest of a stream can be read as it comes.
///
/// # Errors
/// [`Fault::NotSound`] for what is no WAV, [`Fault::Unsupported`] for a codec that is not PCM or G.711,
/// [`Fault::Damaged`] where it is cut off.
pub fn read_header(input: &mut impl Read) -> Result<Header, Fault> {
    let riff = bytes(input, 12)?;
    if !(riff.starts_with(b"RIFF") || riff.starts_with(b"RF64")) || !riff.ends_with(b"WAVE") {
        return Err(Fault::NotSound);
    }
    let mut format = None;
    loop {
        let head = bytes(input, 8)?;
        let (name, size) = head.split_at_checked(4).ok_or(Fault::NotSound)?;
        let size = Cursor(size).u32_le().unwrap_or(0);
        if name == b"data" {
            let length = (size > 0 && size < 0x7fff_0000).then_some(size);
            return format.map(|header| Header { length, ..header }).ok_or_else(|| Fault::damaged("WAV format"));
        }
        let padded = u64::from(size) + u64::from(size % 2);
        if name == b"fmt " && size <= 4096 {
            format = Some(parse_format(&bytes(input, padded)?)?);
        } else {
            let passed = std::io::copy(&mut input.take(padded), &mut std::io::sink())?;
            if passed < padded {
                return Err(Fault::NoSound);
            }
        }
    }
}

fn bytes(input: &mut impl Read, count: u64) -> Result<Vec<u8>, Fault> {
    let mut buffer = Vec::new();
    let got = input.take(count).read_to_end(&mut buffer)?;
    if (got as u64) < count { Err(Fault::damaged("it is cut off")) } else { Ok(buffer) }
}

fn parse_format(chunk: &[u8]) -> Result<Header, Fault> {
    let damaged = || Fault::damaged("WAV format");
    let mut cursor = Cursor(chunk);
    let mut code = cursor.u16_le().ok_or_else(damaged)?;
    let channels = cursor.u16_le().filter(|count| (1..=64).contains(count)).ok_or_else(damaged)?;
    let rate = cursor.u32_le().ok_or_else(damaged)?;
    cursor.skip(6).ok_or_else(damaged)?;
    let bits = cursor.u16_le().ok_or_else(damaged)?;
    if code == 0xfffe {
        // Extensible: the code is in front of the sub-format, past its size, the valid bits and the speakers.
        cursor.skip(8).ok_or_else(damaged)?;
        code = cursor.u16_le().ok_or_else(damaged)?;
    }
    let layout = match (code, bits) {
        (1, 8) => Layout::U8,
        (1, 16) => Layout::S16,
        (1, 24) => Layout::S24,
        (1, 32) => Layout::S32,
        (3, 32) => Layout::F32,
        (3, 64) => Layout::F64,
        (6, 8) => Layout::ALaw,
        (7, 8) => Layout::MuLaw,
        _ => return Err(Fault::Unsupported(format!("WAV of kind {code} with {bits} bits"))),
    };
    Ok(Header { rate, channels, bits, length: None, layout })
}

/// Writes a WAV of mono 16-bit samples, 16 kHz: the length is put right by [`WavWriter::finish`].
#[derive(Debug)]
pub struct WavWriter<W: Write + Seek> {
    to: W,
    samples: u32,
}

impl<W: Write + Seek> WavWriter<W> {
    /// Writes the header.
    ///
    /// # Errors
    /// [`Fault::Io`].
    pub fn new(mut to: W) -> Result<Self, Fault> {
        to.write_all(&header(0))?;
        Ok(Self { to, samples: 0 })
    }

    /// Appends samples; a WAV holds 37 hours of them.
    ///
    /// # Errors
    /// [`Fault::Io`].
    pub fn push(&mut self, samples: &[i16]) -> Result<(), Fault> {
        let bytes: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        self.to.write_all(&bytes)?;
        self.samples = self.samples.saturating_add(u32::try_from(samples.len()).unwrap_or(u32::MAX));
        Ok(())
    }

    /// Writes the length into the header and gives the writer back, at its end.
    ///
    /// # Errors
    /// [`Fault::Io`].
    pub fn finish(mut self) -> Result<W, Fault> {
        self.to.rewind()?;
        self.to.write_all(&header(self.samples))?;
        self.to.seek(SeekFrom::End(0))?;
        self.to.flush()?;
        Ok(self.to)
    }
}

fn header(samples: u32) -> Vec<u8> {
    let bytes = samples.saturating_mul(2).min(u32::MAX - 36);
    let mut header = Vec::with_capacity(44);
    header.extend_from_slice(b"RIFF");
    header.extend_from_slice(&(bytes + 36).to_le_bytes());
    header.extend_from_slice(b"WAVEfmt ");
    header.extend_from_slice(&16u32.to_le_bytes());
    header.extend_from_slice(&[1, 0, 1, 0]);
    header.extend_from_slice(&crate::RATE.to_le_bytes());
    header.extend_from_slice(&(crate::RATE * 2).to_le_bytes());
    header.extend_from_slice(&[2, 0, 16, 0]);
    header.extend_from_slice(b"data");
    header.extend_from_slice(&bytes.to_le_bytes());
    header
}
