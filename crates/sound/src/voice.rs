//! Whether somebody speaks, in frames of 16 ms.

use earshot::Detector;
use std::time::Duration;

/// Samples of one frame.
pub(crate) const FRAME: usize = 256;
/// How sure the detector is of a voiced frame.
const THRESHOLD: f32 = 0.5;
/// Frames of voice that are speech: 192 ms. A short "no" has twice as many, the onset of a noise up to 8.
const SPEECH: u64 = 12;

/// Listens for speech in mono 16 kHz sound, block by block.
#[derive(Default)]
pub struct Voice {
    detector: Detector,
    waiting: Vec<i16>,
    voiced: u64,
}

impl Voice {
    /// Listens to the next samples.
    pub fn push(&mut self, samples: &[i16]) {
        self.waiting.extend_from_slice(samples);
        let waiting = std::mem::take(&mut self.waiting);
        let frames = waiting.chunks_exact(FRAME);
        self.waiting = frames.remainder().to_vec();
        frames.for_each(|frame| {
            self.is_voiced(frame);
        });
    }

    /// Whether a frame of 256 samples is voiced; it is counted.
    pub(crate) fn is_voiced(&mut self, frame: &[i16]) -> bool {
        let voiced = self.detector.predict_i16(frame) >= THRESHOLD;
        self.voiced += u64::from(voiced);
        voiced
    }

    /// How long somebody spoke so far.
    pub fn spoken(&self) -> Duration {
        Duration::from_millis(self.voiced * 16)
    }

    /// Whether anybody spoke so far: 192 ms or more.
    pub fn has_speech(&self) -> bool {
        self.voiced >= SPEECH
    }
}
