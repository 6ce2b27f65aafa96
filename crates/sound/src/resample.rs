//! Changes the sample rate of mono sound. What comes out is as long as what went in, to the sample: the delay
//! of the filter is cut from the front and made up for at the end.

use crate::fault::Fault;
use rubato::{FftFixedInOut, Resampler as _};

/// The rates that sound may have, in samples per second.
const RATES: std::ops::RangeInclusive<u32> = 4_000..=384_000;

/// A change from one sample rate to another.
pub(crate) struct Resampler {
    from: u32,
    to: u32,
    filter: Option<FftFixedInOut<f32>>,
    /// What waits for a full chunk.
    waiting: Vec<f32>,
    made: [Vec<f32>; 1],
    /// Output samples still to be dropped: the delay of the filter.
    skip: usize,
    taken: u64,
    given: u64,
}

impl Resampler {
    /// Fails for a rate that no sound has.
    pub(crate) fn new(from: u32, to: u32) -> Result<Self, Fault> {
        if !RATES.contains(&from) {
            return Err(Fault::Unsupported(format!("{from} samples per second")));
        }
        let mut this =
            Self { from, to, filter: None, waiting: Vec::new(), made: [Vec::new()], skip: 0, taken: 0, given: 0 };
        if from != to {
            let filter = FftFixedInOut::new(from as usize, to as usize, chunk(from, to), 1)
                .map_err(|error| Fault::Unsupported(error.to_string()))?;
            this.skip = filter.output_delay();
            this.made = [vec![0.0; filter.output_frames_next()]];
            this.filter = Some(filter);
        }
        Ok(this)
    }

    pub(crate) fn from(&self) -> u32 {
        self.from
    }

    /// Appends to `out` what of `sound` can be converted by now.
    pub(crate) fn push(&mut self, sound: &[f32], out: &mut Vec<f32>) -> Result<(), Fault> {
        self.taken += sound.len() as u64;
        let Some(chunk) = self.filter.as_ref().map(|filter| filter.input_frames_next()) else {
            out.extend_from_slice(sound);
            self.given = self.taken;
            return Ok(());
        };
        self.waiting.extend_from_slice(sound);
        let whole = self.waiting.len() - self.waiting.len() % chunk;
        for start in (0..whole).step_by(chunk) {
            self.convert(start, chunk, out)?;
        }
        self.waiting.drain(..whole);
        Ok(())
    }

    fn convert(&mut self, start: usize, chunk: usize, out: &mut Vec<f32>) -> Result<(), Fault> {
        let (Some(filter), Some(input)) = (self.filter.as_mut(), self.waiting.get(start..start + chunk)) else {
            return Ok(());
        };
        let (_, made) = filter
            .process_into_buffer(&[input], &mut self.made, None)
            .map_err(|error| Fault::Damaged(error.to_string()))?;
        let dropped = self.skip.min(made);
        self.skip -= dropped;
        let [buffer] = &self.made;
        let kept = buffer.get(dropped..made).unwrap_or_default();
        out.extend_from_slice(kept);
        self.given += kept.len() as u64;
        Ok(())
    }

    /// Appends the rest, and is as new.
    pub(crate) fn finish(&mut self, out: &mut Vec<f32>) -> Result<(), Fault> {
        let due = (self.taken * u64::from(self.to) + u64::from(self.from) / 2) / u64::from(self.from);
        let Some(chunk) = self.filter.as_ref().map(|filter| filter.input_frames_next()) else { return Ok(()) };
        while self.given < due {
            let missing = chunk - self.waiting.len() % chunk;
            self.push(&vec![0.0; missing], out)?;
        }
        // The filter gives whole chunks; what is past the end of the sound is its tail.
        let extra = usize::try_from(self.given - due).unwrap_or(0);
        out.truncate(out.len().saturating_sub(extra));
        *self = Self::new(self.from, self.to)?;
        Ok(())
    }
}

/// Input samples that are converted at once: about 20 ms, long enough for a steep filter, short enough to stream
/// speech. The filter delays by half of that, so an odd number would put the sound half a sample off.
fn chunk(from: u32, to: u32) -> usize {
    let (mut shared, mut rest) = (from, to);
    while rest > 0 {
        (shared, rest) = (rest, shared % rest);
    }
    let smallest = from / shared;
    (smallest * (from / 50).div_ceil(smallest).next_multiple_of(2)) as usize
}
