//! Values separated by commas, semicolons, tabs or bars: which of them is what makes the most even rows. Rows may be
//! ragged, and a quoted value may hold anything.

use super::grid::Grid;
use super::output::Output;
use crate::{Document, Kind, Limits, Problem};

/// What separates values, what is least likely within one first: many write 1,5 for 1.5.
const DELIMITERS: [u8; 4] = [b'\t', b';', b'|', b','];

/// Rows that the delimiter is judged by.
const SAMPLE: usize = 50;

/// Reads a text of values.
pub(super) fn read(text: &str, limits: &Limits) -> Result<Document, Problem> {
    let (told, text) = told_delimiter(text);
    let delimiter = told.unwrap_or_else(|| guessed_delimiter(text));
    let mut out = Output::new(limits);
    let mut grid = Grid::new(String::new(), &out);
    'rows: for (number, record) in (1..).zip(reader(text, delimiter).into_records().map_while(Result::ok)) {
        for (column, value) in (0..).zip(&record) {
            if !grid.cell(number, column, value) {
                break 'rows;
            }
        }
    }
    out.part();
    grid.write(&mut out, "");
    out.finish(Kind::Csv, None)
}

fn reader(text: &str, delimiter: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(text.as_bytes())
}

/// Excel lets a file say its delimiter in a line of its own: `sep=;`.
fn told_delimiter(text: &str) -> (Option<u8>, &str) {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    match first.trim_end_matches('\r').strip_prefix("sep=").map(str::as_bytes) {
        Some([delimiter]) => (Some(*delimiter), rest),
        _ => (None, text),
    }
}

/// The delimiter by which most rows have the same number of values, and the most of them.
fn guessed_delimiter(text: &str) -> u8 {
    let best = DELIMITERS.into_iter().map(|delimiter| (evenness(text, delimiter), delimiter));
    // Of equals the first.
    best.rev().max_by(|a, b| a.0.total_cmp(&b.0)).map_or(b',', |(_, delimiter)| delimiter)
}

fn evenness(text: &str, delimiter: u8) -> f64 {
    let records = reader(text, delimiter).into_records().map_while(Result::ok);
    let widths: Vec<usize> = records.take(SAMPLE).map(|record| record.len()).collect();
    let alike = |width: usize| widths.iter().filter(|other| **other == width).count();
    let Some(common) = widths.iter().copied().max_by_key(|width| (alike(*width), *width)) else { return 0.0 };
    if common < 2 {
        return 0.0;
    }
    let share = alike(common) as f64 / widths.len() as f64;
    share * share * (1.0 + (common as f64).ln() / 10.0)
}
