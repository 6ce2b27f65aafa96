//! Speech to a voice message: mono OGG/Opus, written while it is spoken.
//!
//! The length is exact: the header says what the encoder put in front, and the position of the last page where
//! the sound ends (RFC 7845, 4.2 and 4.4).

use crate::fault::Fault;
use crate::resample::Resampler;
use crate::waveform::Waveform;
use opus_pure::{Application, MAX_PACKET_BYTES, OggOpusWriter, OpusEncoder, OpusHead};
use std::io::Write;

/// Positions of a file per second.
const TICKS: u64 = 48_000;
/// The bitrate that Discord's and Telegram's own clients record at.
const BITRATE: u32 = 32_000;
/// Half the time of the highest, for a fiftieth of the bytes.
const COMPLEXITY: i32 = 5;
/// Bytes of a page: some 0.4 s.
const PAGE: usize = 1600;

/// Writes an OGG/Opus file from samples as they come.
pub struct OggOpus<W: Write> {
    writer: OggOpusWriter<W>,
    encoder: OpusEncoder,
    resampler: Resampler,
    rate_in: u32,
    /// Samples of one packet, at the rate of the encoder.
    frame: usize,
    pre_skip: u64,
    taken: u64,
    input: Vec<f32>,
    waiting: Vec<f32>,
    packet: Vec<u8>,
    waveform: Waveform,
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spoken {
    /// The length as a player shows it, in samples at 48 kHz.
    pub samples_48k: u64,
    /// How loud it is along its way.
    pub waveform: Waveform,
}

impl Spoken {
    /// The length in milliseconds, rounded.
    pub fn duration_ms(&self) -> u64 {
        (self.samples_48k + 24) / 48
    }
}

impl<W: Write> OggOpus<W> {
    /// Begins a voice message of 32 kb/s: writes its headers. `rate` is that of the samples to come, 4 to 384 kHz.
    ///
    /// # Errors
    /// [`Fault::Unsupported`] for another rate, [`Fault::Io`].
    pub fn new(to: W, rate: u32) -> Result<Self, Fault> {
        Self::with_bitrate(to, rate, BITRATE)
    }

    /// As [`OggOpus::new`], at another bitrate: 6000 to 510000 bits per second.
    ///
    /// # Errors
    /// As [`OggOpus::new`].
    pub fn with_bitrate(to: W, rate: u32, bitrate: u32) -> Result<Self, Fault> {
        // Opus has five rates of its own: the next one loses nothing and costs least.
        let own = [8_000, 12_000, 16_000, 24_000].into_iter().find(|&own| own >= rate).unwrap_or(48_000);
        let mut encoder = OpusEncoder::new(own.cast_signed(), 1, Application::Voip)?;
        encoder.bitrate_bps = bitrate.clamp(6_000, 510_000).cast_signed();
        encoder.complexity = COMPLEXITY;
        let head = OpusHead::for_encoder(&encoder, rate);
        let pre_skip = u64::from(head.pre_skip);
        let mut writer = OggOpusWriter::new(to, head).map_err(io)?;
        writer.set_page_target(PAGE);
        Ok(Self {
            writer,
            encoder,
            resampler: Resampler::new(rate, own)?,
            rate_in: rate,
            frame: own as usize / 50,
            pre_skip,
            taken: 0,
            input: Vec::new(),
            waiting: Vec::new(),
            packet: vec![0; MAX_PACKET_BYTES],
            waveform: Waveform::default(),
        })
    }

    /// Appends samples, and writes every page that is full.
    ///
    /// # Errors
    /// [`Fault::Io`].
    pub fn push(&mut self, samples: &[i16]) -> Result<(), Fault> {
        self.taken += samples.len() as u64;
        self.input.clear();
        self.input.extend(samples.iter().map(|&sample| f32::from(sample) / 32_768.0));
        self.resampler.push(&self.input, &mut self.waiting)?;
        // The last packet is kept back: it is the one that says where the sound ends.
        let whole = self.waiting.len().saturating_sub(1) / self.frame * self.frame;
        for start in (0..whole).step_by(self.frame) {
            self.write(start, None)?;
        }
        self.waiting.drain(..whole);
        Ok(())
    }

    /// Writes one packet from the samples at `start`; `duration` is given for one that is not to be heard whole.
    fn write(&mut self, start: usize, duration: Option<u64>) -> Result<(), Fault> {
        let frame = self.waiting.get(start..start + self.frame).unwrap_or_default();
        self.waveform.measure(frame);
        let size = self.encoder.encode(frame, self.frame, &mut self.packet)?;
        let packet = self.packet.get(..size).unwrap_or_default();
        match duration.and_then(|ticks| u32::try_from(ticks).ok()) {
            Some(ticks) => self.writer.write_packet_with_duration(packet, ticks).map_err(io),
            None => self.writer.write_packet(packet).map_err(io),
        }
    }

    /// Writes the rest and gives the writer back, with what was written.
    ///
    /// # Errors
    /// [`Fault::Io`].
    pub fn finish(mut self) -> Result<(W, Spoken), Fault> {
        self.resampler.finish(&mut self.waiting)?;
        let rate = u64::from(self.rate_in);
        let samples_48k = (self.taken * TICKS + rate / 2) / rate;
        let end = self.pre_skip + samples_48k;
        let mut start = 0;
        while self.position() < end {
            self.waiting.resize(self.waiting.len().max(start + self.frame), 0.0);
            let left = end - self.position();
            let whole = TICKS / 50;
            self.write(start, (left <= whole).then_some(left))?;
            start += self.frame;
        }
        let writer = self.writer.finish().map_err(io)?;
        Ok((writer, Spoken { samples_48k, waveform: self.waveform }))
    }

    fn position(&self) -> u64 {
        self.writer.granule().max(0).cast_unsigned()
    }
}

/// What a writer reports: mostly the failure of what it writes to.
fn io(error: opus_pure::Error) -> Fault {
    match error {
        opus_pure::Error::Io(error) => Fault::Io(error),
        other => other.into(),
    }
}
