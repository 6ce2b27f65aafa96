//! Pictures of what training and tests gave, as PNG: for a chat, where there is no other way to show a curve.
//! They hold no words of their own: those are given, in the language of whoever looks. Colours differ for
//! people who cannot tell red from green, and what they tell apart differs in shape too.

mod axis;
mod canvas;

use axis::Axis;
use canvas::{Canvas, Ink, LETTER, Side};

/// Width of a picture, pixels.
pub const WIDTH: u32 = 800;
/// Height of a curve, pixels; bars are as high as their rows need.
pub const HEIGHT: u32 = 450;
/// Most rows of bars; further ones are left out.
pub const MOST_ROWS: usize = 30;

const BLUE: Ink = (0, 114, 178);
const ORANGE: Ink = (213, 94, 0);
const DARK: Ink = (40, 42, 54);
const SOFT: Ink = (110, 114, 126);
const GRID: Ink = (225, 227, 233);
/// Points up to this number get a dot each.
const DOTTED: usize = 60;
/// Letters of a row's label.
const LABEL: usize = 24;
/// Height of a row of bars, and of what is above and below the rows, pixels.
const ROW: f32 = 46.0;
const ABOVE: f32 = 90.0;
const BELOW: f32 = 50.0;

/// What is written on a curve.
#[derive(Clone, Copy, Debug, Default)]
pub struct CurveWords<'a> {
    /// What the picture shows.
    pub title: &'a str,
    /// The loss on what is learned.
    pub train: &'a str,
    /// The loss on what is kept back.
    pub valid: &'a str,
    /// What is counted from left to right.
    pub step: &'a str,
    /// What stands in the middle when there is no point yet.
    pub nothing: &'a str,
}

/// Draws losses over steps, [`WIDTH`] × [`HEIGHT`] pixels. Points may come in any order; what is not a
/// finite number is left out. None when the picture cannot be made (out of memory).
pub fn curve(train: &[(u64, f32)], valid: &[(u64, f32)], words: &CurveWords<'_>) -> Option<Vec<u8>> {
    let (train, valid) = (finite(train), finite(valid));
    let mut canvas = Canvas::new(WIDTH, HEIGHT)?;
    let (left, right, top, bottom) = (80.0, WIDTH as f32 - 30.0, 90.0, HEIGHT as f32 - 50.0);
    let all = || train.iter().chain(&valid);
    let across = Axis::over(all().map(|point| point.0), (left, right));
    let up = Axis::over(all().map(|point| point.1), (bottom, top));
    for (number, text) in up.marks() {
        let y = up.at(number);
        canvas.line(&[(left, y), (right, y)], GRID, 1.0);
        canvas.words(&text, (left - 10.0, y), Side::Right, SOFT);
    }
    for (number, text) in across.marks() {
        let x = across.at(number);
        canvas.line(&[(x, bottom), (x, bottom + 5.0)], SOFT, 1.0);
        canvas.words(&text, (x, bottom + 16.0), Side::Middle, SOFT);
    }
    canvas.line(&[(left, top), (left, bottom), (right, bottom)], SOFT, 1.0);
    canvas.words(words.step, (right, bottom + 36.0), Side::Right, SOFT);
    let placed = |points: &[(f64, f64)]| thinned(points.iter().map(|point| (across.at(point.0), up.at(point.1))));
    drawn(&mut canvas, &placed(&train), BLUE, 1.6, train.len() == 1);
    drawn(&mut canvas, &placed(&valid), ORANGE, 2.6, valid.len() <= DOTTED);
    if all().next().is_none() {
        canvas.words(words.nothing, ((left + right) / 2.0, (top + bottom) / 2.0), Side::Middle, SOFT);
    }
    head(&mut canvas, words.title, &[(words.train, BLUE), (words.valid, ORANGE)]);
    canvas.png()
}

/// The finite ones, from left to right.
fn finite(points: &[(u64, f32)]) -> Vec<(f64, f64)> {
    let finite = points.iter().filter(|(_, loss)| loss.is_finite());
    let mut points: Vec<_> = finite.map(|(step, loss)| (*step as f64, f64::from(*loss))).collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    points
}

/// Of many points in one column of pixels the first, the lowest, the highest and the last are enough.
fn thinned(points: impl Iterator<Item = (f32, f32)>) -> Vec<(f32, f32)> {
    let mut kept: Vec<(f32, f32)> = Vec::new();
    let mut column: Vec<(f32, f32)> = Vec::new();
    for point in points {
        if column.first().is_some_and(|first| first.0.floor() != point.0.floor()) {
            kept.append(&mut column);
        }
        column.push(point);
        if let [first, low, high, last, new] = column.as_slice() {
            let (mut low, mut high, new) = (*low, *high, *new);
            for point in [*last, new] {
                if point.1 < low.1 {
                    low = point;
                }
                if point.1 > high.1 {
                    high = point;
                }
            }
            column = vec![*first, low, high, new];
        }
    }
    kept.append(&mut column);
    kept
}

fn drawn(canvas: &mut Canvas, points: &[(f32, f32)], ink: Ink, width: f32, dotted: bool) {
    canvas.line(points, ink, width);
    if dotted {
        points.iter().for_each(|point| canvas.dot(*point, width * 1.7, ink));
    }
}

/// The title, and below it what each colour stands for.
fn head(canvas: &mut Canvas, title: &str, kinds: &[(&str, Ink)]) {
    canvas.title(&short(title, 74), (30.0, 28.0), Side::Left, DARK);
    let mut x = 30.0;
    for (name, ink) in kinds.iter().filter(|(name, _)| !name.is_empty()) {
        canvas.bar((x, 55.0), (22.0, 6.0), *ink);
        canvas.words(name, (x + 30.0, 58.0), Side::Left, DARK);
        x += 30.0 + LETTER * name.chars().count() as f32 + 30.0;
    }
}

/// A text of at most so many letters, on one line.
fn short(text: &str, most: usize) -> String {
    let line = text.lines().next().unwrap_or_default();
    match line.chars().count() > most {
        true => line.chars().take(most.saturating_sub(2)).chain("..".chars()).collect(),
        false => line.to_owned(),
    }
}

/// A share with the interval in which it surely lies, each from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    /// The share.
    pub share: f64,
    /// The interval's lower end.
    pub low: f64,
    /// The interval's upper end.
    pub high: f64,
}

impl Share {
    /// The share of `right` among `all`, with its 95 % interval (Wilson's); 0 to 1 where there is nothing to count.
    pub fn counted(right: u64, all: u64) -> Self {
        const Z: f64 = 1.96;
        if all == 0 {
            return Self { share: 0.0, low: 0.0, high: 1.0 };
        }
        let (n, share) = (all as f64, right as f64 / all as f64);
        let middle = (share + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
        let half = Z / (1.0 + Z * Z / n) * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
        Self { share, low: (middle - half).max(0.0), high: (middle + half).min(1.0) }
    }
}

/// What was right before and after, of one kind of tests.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// Which kind.
    pub label: &'a str,
    /// Of what answers now.
    pub incumbent: Share,
    /// Of what might answer from now on.
    pub candidate: Share,
}

/// What is written over bars.
#[derive(Clone, Copy, Debug, Default)]
pub struct BarsWords<'a> {
    /// What the picture shows.
    pub title: &'a str,
    /// What answers now.
    pub incumbent: &'a str,
    /// What might answer from now on.
    pub candidate: &'a str,
}

/// Draws what share was right before and after, a row for each kind of tests, at most [`MOST_ROWS`];
/// [`WIDTH`] pixels wide and as high as its rows. None when the picture cannot be made (out of memory).
pub fn bars(rows: &[Row<'_>], words: &BarsWords<'_>) -> Option<Vec<u8>> {
    let rows = rows.get(..rows.len().min(MOST_ROWS)).unwrap_or_default();
    let bottom = ABOVE + ROW * rows.len().max(2) as f32;
    let mut canvas = Canvas::new(WIDTH, (bottom + BELOW) as u32)?;
    let (left, right) = (30.0 + LETTER * LABEL as f32 + 14.0, WIDTH as f32 - 80.0);
    let across = Axis::over([0.0, 1.0].into_iter(), (left, right));
    for percent in [0, 25, 50, 75, 100] {
        let x = across.at(f64::from(percent) / 100.0);
        canvas.line(&[(x, ABOVE - 8.0), (x, bottom)], GRID, 1.0);
        canvas.words(&format!("{percent}%"), (x, bottom + 16.0), Side::Middle, SOFT);
    }
    for (at, row) in rows.iter().enumerate() {
        let y = ABOVE + ROW * at as f32;
        canvas.words(&short(row.label, LABEL), (left - 14.0, y + 17.0), Side::Right, DARK);
        bar(&mut canvas, &across, y, row.incumbent, BLUE);
        bar(&mut canvas, &across, y + 18.0, row.candidate, ORANGE);
    }
    head(&mut canvas, words.title, &[(words.incumbent, BLUE), (words.candidate, ORANGE)]);
    canvas.png()
}

/// A bar with a whisker from end to end of its interval, and its share in numbers.
fn bar(canvas: &mut Canvas, across: &Axis, y: f32, share: Share, ink: Ink) {
    if !share.share.is_finite() {
        return;
    }
    let (begin, end, middle) = (across.at(0.0), across.at(share.share), y + 8.0);
    canvas.bar((begin, y), ((end - begin).max(1.0), 16.0), ink);
    let mut beyond = end;
    if share.low.is_finite() && share.high.is_finite() {
        let (low, high) = (across.at(share.low), across.at(share.high));
        canvas.line(&[(low, middle), (high, middle)], DARK, 1.5);
        for x in [low, high] {
            canvas.line(&[(x, middle - 4.0), (x, middle + 4.0)], DARK, 1.5);
        }
        beyond = beyond.max(high);
    }
    let percent = format!("{:.0}%", share.share.clamp(0.0, 1.0) * 100.0);
    canvas.words(&percent, (beyond + 8.0, middle), Side::Left, DARK);
}

#[cfg(test)]
mod tests;
