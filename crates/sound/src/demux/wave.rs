//! The samples of a WAV file.

use super::{Input, Step, Track, read_exactly};
use crate::codec::Pcm;
use crate::fault::Fault;
use crate::wav::{Header, Layout, read_header};

/// Bytes that one step reads at most: some blocks of every layout.
const STEP: usize = 24 * 1024;

/// The sound of a WAV file.
pub(crate) struct Wave {
    input: Input,
    header: Header,
    left: Option<u64>,
    bytes: Vec<u8>,
    samples: Vec<f32>,
}

impl Wave {
    pub(crate) fn new(mut input: Input) -> Result<Self, Fault> {
        let header = read_header(&mut input)?;
        let left = header.length.map(u64::from);
        Ok(Self { input, header, left, bytes: Vec::new(), samples: Vec::new() })
    }
}

impl Track for Wave {
    fn step(&mut self, pcm: &mut Pcm) -> Result<Step, Fault> {
        let channels = usize::from(self.header.channels);
        let frame = usize::from(self.header.bits / 8) * channels;
        let wanted = STEP / frame * frame;
        let wanted = self.left.map_or(wanted, |left| usize::try_from(left).unwrap_or(wanted).min(wanted));
        let whole = read_exactly(&mut self.input, wanted, &mut self.bytes)?;
        if self.bytes.is_empty() {
            let cut = self.left.is_some_and(|left| left > 0);
            return Ok(if cut { Step::Cut } else { Step::End });
        }
        self.left = self.left.map(|left| left.saturating_sub(self.bytes.len() as u64));
        self.samples.clear();
        unpack(self.header.layout, &self.bytes, &mut self.samples);
        pcm.rate = self.header.rate;
        pcm.channels = self.header.channels;
        pcm.mix_interleaved(&self.samples, channels);
        Ok(if whole || self.left.is_none() { Step::More } else { Step::Cut })
    }
}

fn unpack(layout: Layout, bytes: &[u8], to: &mut Vec<f32>) {
    match layout {
        Layout::U8 => to.extend(bytes.iter().map(|&byte| (f32::from(byte) - 128.0) / 128.0)),
        Layout::S16 => each(bytes, to, |bytes| f32::from(i16::from_le_bytes(bytes)) / 32_768.0),
        Layout::S24 => each(bytes, to, |[a, b, c]| i32::from_le_bytes([0, a, b, c]) as f32 / 2_147_483_648.0),
        Layout::S32 => each(bytes, to, |bytes| i32::from_le_bytes(bytes) as f32 / 2_147_483_648.0),
        Layout::F32 => each(bytes, to, |bytes| finite(f32::from_le_bytes(bytes))),
        Layout::F64 => each(bytes, to, |bytes| finite(f64::from_le_bytes(bytes) as f32)),
        Layout::ALaw => to.extend(bytes.iter().map(|&byte| f32::from(a_law(byte)) / 32_768.0)),
        Layout::MuLaw => to.extend(bytes.iter().map(|&byte| f32::from(mu_law(byte)) / 32_768.0)),
    }
}

fn each<const N: usize>(bytes: &[u8], to: &mut Vec<f32>, sample: impl Fn([u8; N]) -> f32) {
    let (whole, _) = bytes.as_chunks::<N>();
    to.extend(whole.iter().map(|&bytes| sample(bytes)));
}

fn finite(sample: f32) -> f32 {
    if sample.is_finite() { sample.clamp(-4.0, 4.0) } else { 0.0 }
}

/// ITU-T G.711, A-law: 13 bits, left-justified in 16.
fn a_law(byte: u8) -> i16 {
    let byte = byte ^ 0x55;
    let (segment, step) = (byte >> 4 & 7, i16::from(byte & 15));
    let size = match segment {
        0 => step << 4 | 8,
        _ => (step << 4 | 0x108) << (segment - 1),
    };
    if byte & 0x80 == 0 { -size } else { size }
}

/// ITU-T G.711, mu-law: 14 bits, left-justified in 16.
fn mu_law(byte: u8) -> i16 {
    let byte = !byte;
    let (segment, step) = (byte >> 4 & 7, i16::from(byte & 15));
    let size = ((step << 3 | 0x84) << segment) - 0x84;
    if byte & 0x80 == 0 { size } else { -size }
}
