//! A loss curve as a drawing in the page's own colours, with what it shows in words beside it.

use super::Reader;
use domain::run::Loss;
use maud::{Markup, html};

/// Most points that are drawn; of more, each so many is left out.
const POINTS: usize = 300;
/// The drawing's own units, width and height; it is stretched to its place.
const SIZE: (f32, f32) = (600.0, 120.0);

/// Draws the curves; nothing for fewer than two points.
pub(super) fn of(reader: &Reader<'_>, losses: &[Loss]) -> Markup {
    let finite: Vec<Loss> = losses.iter().copied().filter(|loss| loss.train.is_finite()).collect();
    let stride = finite.len().div_ceil(POINTS).max(1);
    let train: Vec<_> = finite.iter().step_by(stride).map(|loss| (loss.step, loss.train)).collect();
    let valid: Vec<_> =
        finite.iter().filter_map(|loss| Some((loss.step, loss.valid.filter(|valid| valid.is_finite())?))).collect();
    let (Some(last), true) = (finite.last(), train.len() > 1) else { return html! {} };
    let scale = Scale::of(&train, &valid);
    let mut words =
        reader.text_with("page-loss", &[("step", last.step.to_string()), ("train", format!("{:.3}", last.train))]);
    if let Some((_, loss)) = valid.last() {
        words = format!("{words}, {}", reader.text_with("page-loss-held", &[("valid", format!("{loss:.3}"))]));
    }
    html! {
        figure.loss {
            div.plot {
                span { (format!("{:.2}", scale.high)) }
                svg viewBox=(format!("0 0 {} {}", SIZE.0, SIZE.1)) preserveAspectRatio="none" role="img" aria-label=(words) {
                    polyline.train points=(scale.points(&train)) {}
                    @if valid.len() > 1 { polyline.valid points=(scale.points(&valid)) {} }
                }
                span { (format!("{:.2}", scale.low)) }
            }
            figcaption { (words) }
        }
    }
}

/// Where a point stands in the drawing.
struct Scale {
    steps: (u64, u64),
    low: f32,
    high: f32,
}

impl Scale {
    fn of(train: &[(u64, f32)], valid: &[(u64, f32)]) -> Self {
        let all = || train.iter().chain(valid);
        let low = all().map(|(_, loss)| *loss).fold(f32::MAX, f32::min);
        let high = all().map(|(_, loss)| *loss).fold(f32::MIN, f32::max);
        let steps = (
            all().map(|(step, _)| *step).min().unwrap_or_default(),
            all().map(|(step, _)| *step).max().unwrap_or_default(),
        );
        Self { steps, low, high }
    }

    fn points(&self, curve: &[(u64, f32)]) -> String {
        let width = (self.steps.1 - self.steps.0).max(1) as f32;
        let height = if self.high > self.low { self.high - self.low } else { 1.0 };
        let point = |(step, loss): &(u64, f32)| {
            let x = (step - self.steps.0) as f32 / width * SIZE.0;
            let y = SIZE.1 - (loss - self.low) / height * SIZE.1;
            format!("{x:.1},{y:.1}")
        };
        curve.iter().map(point).collect::<Vec<_>>().join(" ")
    }
}
