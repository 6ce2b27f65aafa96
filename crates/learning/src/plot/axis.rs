//! An axis: which numbers it spans, where a number lies on it, and the round numbers that are written at it.

/// Marks that an axis has about.
const MARKS: f64 = 6.0;

/// Numbers along an axis, in pixels from `begin` to `end`.
pub(super) struct Axis {
    low: f64,
    high: f64,
    begin: f32,
    end: f32,
}

impl Axis {
    /// An axis that holds all of the finite numbers; from 0 to 1 when there are none.
    pub(super) fn over(numbers: impl Iterator<Item = f64>, (begin, end): (f32, f32)) -> Self {
        let mut span: Option<(f64, f64)> = None;
        for number in numbers.filter(|number| number.is_finite()) {
            let (low, high) = span.unwrap_or((number, number));
            span = Some((low.min(number), high.max(number)));
        }
        let (low, high) = match span {
            None => (0.0, 1.0),
            // A single number stands in the middle.
            Some((low, high)) if high - low <= low.abs().max(high.abs()) * 1e-9 => {
                let room = (low.abs() * 0.1).max(0.5);
                (low - room, high + room)
            }
            Some(span) => span,
        };
        Self { low, high, begin, end }
    }

    /// Where a number lies, in pixels.
    pub(super) fn at(&self, number: f64) -> f32 {
        let share = ((number - self.low) / (self.high - self.low)).clamp(0.0, 1.0);
        self.begin + (self.end - self.begin) * share as f32
    }

    /// Round numbers within the axis, with how they are written.
    pub(super) fn marks(&self) -> Vec<(f64, String)> {
        let step = round((self.high - self.low) / MARKS);
        let first = (self.low / step).ceil();
        let last = (self.high / step).floor();
        let count = (last - first).clamp(0.0, MARKS * 3.0) as usize;
        (0..=count).map(|n| (first + n as f64) * step).map(|number| (number, written(number, step))).collect()
    }
}

/// The next larger of 1, 2 and 5 times a power of ten.
fn round(step: f64) -> f64 {
    let power = 10_f64.powf(step.log10().floor());
    let lead = step / power;
    let lead = [1.0, 2.0, 5.0].into_iter().find(|round| lead <= *round + 1e-9).unwrap_or(10.0);
    lead * power
}

/// A number in a few signs, with as many digits as its step needs.
fn written(number: f64, step: f64) -> String {
    // One unit for all marks of an axis.
    let (unit, sign) = match step {
        _ if step >= 1e6 => (1e6, "M"),
        _ if step >= 1e3 => (1e3, "k"),
        _ => (1.0, ""),
    };
    if number.abs().max(step) >= unit * 1e6 || step < 1e-4 {
        let plain = if number.abs() < step * 1e-6 { 0.0 } else { number };
        return format!("{plain:.1e}");
    }
    let digits = (-(step / unit).log10().floor()).clamp(0.0, 4.0) as usize;
    let text = format!("{:.digits$}", number / unit);
    // No sign before a nought.
    let text = if text.trim_matches(['-', '0', '.']).is_empty() { text.trim_start_matches('-') } else { &text };
    if text == "0" { text.to_owned() } else { format!("{text}{sign}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(low: f64, high: f64) -> Vec<String> {
        Axis::over([low, high].into_iter(), (0.0, 100.0)).marks().into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn an_axis_is_marked_with_a_few_round_numbers() {
        assert_eq!(marks(0.0, 1.0), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(marks(0.31, 2.9), ["0.5", "1.0", "1.5", "2.0", "2.5"]);
        assert_eq!(marks(-0.5, 0.5), ["-0.4", "-0.2", "0.0", "0.2", "0.4"]);
        assert_eq!(marks(0.0, 30_000.0), ["0", "5k", "10k", "15k", "20k", "25k", "30k"]);
        assert_eq!(marks(0.0, 4e6), ["0", "1M", "2M", "3M", "4M"]);
    }

    #[test]
    fn whatever_the_numbers_the_marks_are_few_and_within() {
        let odd =
            [0.0, -0.0, 1.0, 1e-30, -1e-30, f64::from(f32::MAX), f64::from(f32::MIN), f64::NAN, f64::INFINITY, 2e19];
        for low in odd {
            for high in odd {
                let axis = Axis::over([low, high].into_iter(), (10.0, 200.0));
                let marks = axis.marks();
                assert!(!marks.is_empty() && marks.len() <= 16, "{low} {high}: {marks:?}");
                for (number, text) in marks {
                    assert!((10.0..=200.0).contains(&axis.at(number)) && text.len() <= 9, "{low} {high}: {text}");
                }
            }
        }
    }
}
