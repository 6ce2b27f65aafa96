//! From glyphs at positions to lines of text. Glyphs are taken in the order in which the page shows them, which is
//! the reading order with every common writer; where one stands from the one before decides what is between them.

use hayro_font::kurbo::{Point, Vec2};

/// Parts of the font size: a gap this wide is a space between words.
const WORD_GAP: f64 = 0.14;
/// As [`WORD_GAP`]: the gap between cells of a table.
const CELL_GAP: f64 = 1.6;
/// As [`WORD_GAP`]: how far a glyph may be above or below the line and still be of it (an exponent, a note's mark).
const SAME_LINE: f64 = 0.55;
/// As [`WORD_GAP`]: lines this far apart are paragraphs.
const PARAGRAPH_GAP: f64 = 1.75;
/// As [`WORD_GAP`]: how far back a glyph may reach into the one before it (kerning).
const OVERLAP: f64 = 0.6;
/// As [`WORD_GAP`]: how near to itself a glyph is that is shown twice.
const DOUBLE: f64 = 0.15;
/// Glyphs of a line that are looked at for that.
const LINE: usize = 500;

/// How a run of glyphs is set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Setting {
    /// In which direction it runs, a unit vector.
    pub direction: Vec2,
    /// Its font's size, in the page's units.
    pub size: f64,
}

/// Where the glyph before ends.
struct Last {
    end: Point,
    setting: Setting,
}

/// The text of a page, as it grows.
#[derive(Default)]
pub(super) struct Lines {
    text: String,
    last: Option<Last>,
    /// Where each glyph of this line stands, and how its text begins.
    line: Vec<(Point, Option<char>)>,
}

/// What stands between two glyphs.
#[derive(Debug, PartialEq)]
enum Between {
    Nothing,
    Space,
    Cell,
    Line,
    Paragraph,
    /// It stands upon the one before.
    Overlap,
    /// It stands further back on the line.
    Back,
}

impl Lines {
    /// Adds what a glyph says.
    pub(super) fn push(&mut self, text: &str, start: Point, end: Point, setting: Setting) {
        match self.last.as_ref().map_or(Between::Nothing, |last| between(last, start, setting)) {
            // The same glyph once more, which makes it look bold.
            Between::Overlap | Between::Back if self.has(text, start, setting.size) => return,
            Between::Nothing | Between::Overlap => {}
            Between::Space => self.space(' '),
            Between::Cell => self.space('\t'),
            Between::Back | Between::Line => self.line(),
            Between::Paragraph => self.paragraph(),
        }
        text.chars().for_each(|char| self.char(char));
        self.line.push((start, text.chars().next()));
        self.last = Some(Last { end, setting });
    }

    /// Whether this line has the same at the same place.
    fn has(&self, text: &str, start: Point, size: f64) -> bool {
        let first = text.chars().next();
        let near = |at: Point| (start - at).hypot() < size * DOUBLE;
        self.line.iter().rev().take(LINE).any(|(at, known)| *known == first && near(*at))
    }

    /// Ends what was shown so far: what follows stands elsewhere.
    pub(super) fn break_off(&mut self) {
        self.last = None;
        self.paragraph();
    }

    /// The text.
    pub(super) fn finish(mut self) -> String {
        let end = self.text.trim_end().len();
        self.text.truncate(end);
        self.text
    }

    fn char(&mut self, char: char) {
        match char {
            ' ' | '\u{a0}' | '\t' | '\n' | '\r' => self.space(' '),
            '\u{fb00}' => self.text.push_str("ff"),
            '\u{fb01}' => self.text.push_str("fi"),
            '\u{fb02}' => self.text.push_str("fl"),
            '\u{fb03}' => self.text.push_str("ffi"),
            '\u{fb04}' => self.text.push_str("ffl"),
            '\u{fb05}' | '\u{fb06}' => self.text.push_str("st"),
            // Neither control characters nor what only one font knows, nor what marks an unknown one.
            '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{e000}'..='\u{f8ff}' | '\u{fffd}' | '\u{feff}' => {}
            other => self.text.push(other),
        }
    }

    fn space(&mut self, space: char) {
        match self.text.chars().next_back() {
            None | Some(' ' | '\t' | '\n') => {}
            Some(_) => self.text.push(space),
        }
    }

    fn line(&mut self) {
        self.line.clear();
        let end = self.text.trim_end_matches([' ', '\t']).len();
        self.text.truncate(end);
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }

    fn paragraph(&mut self) {
        self.line();
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }
}

fn between(last: &Last, start: Point, setting: Setting) -> Between {
    let size = last.setting.size.max(setting.size);
    if last.setting.direction.dot(setting.direction) < 0.98 {
        return Between::Paragraph;
    }
    let step = start - last.end;
    let (gap, shift) = (step.dot(setting.direction), step.cross(setting.direction));
    if shift.abs() > size * SAME_LINE {
        // Up, or far down: another column, or another part of the page.
        return if shift < 0.0 || shift > size * PARAGRAPH_GAP { Between::Paragraph } else { Between::Line };
    }
    match gap {
        gap if gap < -size * OVERLAP => Between::Back,
        gap if gap > size * CELL_GAP => Between::Cell,
        gap if gap > size * WORD_GAP => Between::Space,
        gap if gap < -size * DOUBLE => Between::Overlap,
        _ => Between::Nothing,
    }
}

/// Joins words that were divided at the ends of lines. A hyphen stays where the page writes the word with it
/// inside a line, too, and before what is no small letter ("COVID-19").
pub(super) fn join_divided(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    let mut lines = text.split('\n').peekable();
    while let Some(line) = lines.next() {
        let next = lines.peek().copied();
        match next.and_then(|next| divided(line, next, text)) {
            Some(kept) => joined.push_str(kept),
            None => {
                joined.push_str(line);
                joined.push_str(if next.is_some() { "\n" } else { "" });
            }
        }
    }
    joined
}

/// What to write of a line whose last word goes on in the next; nothing when it does not.
fn divided<'a>(line: &'a str, next: &str, text: &str) -> Option<&'a str> {
    let stem = line.strip_suffix(['-', '\u{ad}', '\u{2010}'])?;
    let rest = next.chars().next()?;
    if !stem.chars().next_back()?.is_alphabetic() {
        return None;
    }
    if line.ends_with('\u{ad}') {
        return Some(stem);
    }
    if rest.is_numeric() {
        return Some(line);
    }
    if !rest.is_lowercase() {
        return None;
    }
    let word = stem.rsplit(|char: char| !char.is_alphabetic()).next()?;
    let end = next.find(|char: char| !char.is_alphabetic()).unwrap_or(next.len());
    let whole = format!("{word}-{}", next.get(..end)?);
    Some(if text.contains(&whole) { line } else { stem })
}
