//! The picture of a voice message: how loud it is along its way.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

/// Measurements per second: one for each frame of 20 ms.
const PER_SECOND: usize = 50;
/// Points of Telegram's picture, and bits of each.
const TELEGRAM_POINTS: usize = 100;
/// The most points of Discord's picture.
const DISCORD_POINTS: usize = 256;
/// Measurements between two points of Discord's picture at least: 100 ms.
const DISCORD_SPACING: usize = PER_SECOND / 10;

/// The loudness of a recording, every 20 ms.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waveform {
    peaks: Vec<u16>,
}

impl Waveform {
    pub(crate) fn measure(&mut self, frame: &[f32]) {
        let peak = frame.iter().fold(0.0f32, |peak, sample| peak.max(sample.abs()));
        self.peaks.push((peak * 32_768.0) as u16);
    }

    /// Telegram's picture: 100 points of 5 bits each, packed from the lowest bit on (`audio.waveform` of its
    /// schema). The loudest point is 31.
    pub fn telegram(&self) -> [u8; 63] {
        let mut packed = [0u8; 63];
        for (index, point) in self.points(TELEGRAM_POINTS, 31).into_iter().enumerate() {
            let bit = index * 5;
            let wide = u16::from(point) << (bit % 8);
            for (byte, value) in packed.iter_mut().skip(bit / 8).zip(wide.to_le_bytes()) {
                *byte |= value;
            }
        }
        packed
    }

    /// Discord's picture: a byte for each point, at most 256 and at most one per 100 ms, in base64. The loudest
    /// point is 255.
    pub fn discord(&self) -> String {
        let count = (self.peaks.len() / DISCORD_SPACING).clamp(1, DISCORD_POINTS);
        BASE64_STANDARD.encode(self.points(count, u8::MAX))
    }

    /// The loudest of each part, of `count` parts, in shares of the loudest of all.
    fn points(&self, count: usize, most: u8) -> Vec<u8> {
        let loudest = u32::from(self.peaks.iter().copied().max().unwrap_or(0).max(1));
        let length = self.peaks.len();
        let part = |index: usize| {
            let start = index * length / count;
            let end = ((index + 1) * length / count).max(start + 1);
            let peak = self.peaks.get(start..end.min(length)).unwrap_or_default().iter().copied().max().unwrap_or(0);
            u8::try_from(u32::from(peak) * u32::from(most) / loudest).unwrap_or(most)
        };
        (0..count).map(part).collect()
    }
}
