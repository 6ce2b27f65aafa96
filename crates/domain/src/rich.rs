//! Plain text with marks, and how it is cut into messages.

use unicode_segmentation::UnicodeSegmentation as _;

/// How a stretch of text is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Style {
    /// Bold.
    Bold,
    /// Italic.
    Italic,
    /// Underlined.
    Underline,
    /// Struck through.
    Strike,
    /// Hidden until it is touched.
    Spoiler,
    /// Monospace in a line.
    Code,
    /// A block of monospace, with its language where it is known.
    Pre {
        /// `rust`, `c++` …
        language: Option<String>,
    },
    /// A link.
    Link {
        /// Where to; http, https, mailto, tel or tg.
        url: String,
    },
    /// A quotation.
    Quote,
    /// Not shown in any way of its own; never part of a result.
    Nothing,
}

impl Style {
    fn is_code(&self) -> bool {
        matches!(self, Self::Code | Self::Pre { .. })
    }
    fn same_kind(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

/// A style over a stretch of text, in UTF-16 units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Where it begins.
    pub offset: usize,
    /// How long it is, at least 1.
    pub length: usize,
    /// How it is shown.
    pub style: Style,
}

impl Mark {
    /// Where it ends.
    pub const fn end(&self) -> usize {
        self.offset + self.length
    }
}

/// Plain text with marks, outer ones before inner ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rich {
    /// The text.
    pub text: String,
    /// Its marks.
    pub marks: Vec<Mark>,
}

/// Length in UTF-16 units.
pub fn utf16_len(text: &str) -> usize {
    text.encode_utf16().count()
}

/// Puts text and marks together.
#[derive(Default)]
pub(crate) struct Builder {
    text: String,
    units: usize,
    open: Vec<(usize, Style)>,
    marks: Vec<Mark>,
    /// Line breaks that come before the next text.
    breaks: usize,
}

impl Builder {
    /// Separates what came from what comes by so many line breaks, if both are there.
    pub(crate) fn block(&mut self, breaks: usize) {
        self.breaks = self.breaks.max(breaks);
    }

    /// Whether the next text begins a line.
    pub(crate) fn at_line_start(&self) -> bool {
        self.breaks > 0 && !self.text.is_empty()
    }

    /// Whether code is open.
    pub(crate) fn in_code(&self) -> bool {
        self.open.iter().any(|(_, style)| style.is_code())
    }

    pub(crate) fn push(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        self.separate();
        // Control characters other than line breaks and tabs are not shown by anybody.
        let shown: String = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
        self.units += utf16_len(&shown);
        self.text.push_str(&shown);
    }

    fn separate(&mut self) {
        let wanted = std::mem::take(&mut self.breaks);
        if self.text.is_empty() {
            return;
        }
        let there = self.text.bytes().rev().take_while(|byte| *byte == b'\n').count();
        for _ in there..wanted {
            self.text.push('\n');
            self.units += 1;
        }
    }

    pub(crate) fn open(&mut self, style: Style) {
        if self.breaks > 0 {
            self.separate();
        }
        self.open.push((self.units, style));
    }

    /// Closes the innermost open style of that kind; inner ones that are still open end with it.
    pub(crate) fn close(&mut self, style: &Style) {
        let Some(at) = self.open.iter().rposition(|(_, open)| open.same_kind(style)) else { return };
        while self.open.len() > at {
            self.close_last();
        }
    }

    fn close_last(&mut self) {
        let Some((offset, style)) = self.open.pop() else { return };
        // Nothing stands inside code, and nothing stands inside itself.
        let hidden = self.in_code() || self.open.iter().any(|(_, outer)| outer.same_kind(&style));
        if style != Style::Nothing && !hidden && self.units > offset {
            self.marks.push(Mark { offset, length: self.units - offset, style });
        }
    }

    pub(crate) fn finish(mut self) -> Rich {
        while !self.open.is_empty() {
            self.close_last();
        }
        // Inner marks were closed first; of two over the same words the outer one comes first.
        self.marks.reverse();
        let units: Vec<u16> = self.text.encode_utf16().collect();
        slice(&units, &self.marks, 0, units.len())
    }
}

fn is_space(unit: u16) -> bool {
    matches!(unit, 0x20 | 0x0a | 0x0d | 0x09 | 0xa0)
}

/// The part from `from` to `to`, without white space at its ends; its marks end with their words.
fn slice(units: &[u16], marks: &[Mark], from: usize, to: usize) -> Rich {
    let piece = units.get(from..to).unwrap_or_default();
    // A line's indentation belongs to it; empty lines before it do not.
    let lead = piece.iter().take_while(|unit| is_space(**unit)).count();
    let line =
        piece.iter().take(lead).rposition(|unit| *unit == 0x0a).map_or(if from == 0 { 0 } else { lead }, |at| at + 1);
    let trail = piece.iter().rev().take_while(|unit| is_space(**unit)).count();
    let begin = from + line.min(piece.len());
    let end = to.saturating_sub(trail).max(begin);
    let mut kept: Vec<Mark> = marks.iter().filter_map(|mark| cut(units, mark, begin, end)).collect();
    kept.sort_by(|a, b| a.offset.cmp(&b.offset).then(b.length.cmp(&a.length)));
    Rich { text: String::from_utf16_lossy(units.get(begin..end).unwrap_or_default()), marks: kept }
}

fn cut(units: &[u16], mark: &Mark, begin: usize, end: usize) -> Option<Mark> {
    let from = mark.offset.max(begin);
    let mut to = mark.end().min(end);
    while to > from && units.get(to - 1).is_some_and(|unit| is_space(*unit)) {
        to -= 1;
    }
    (to > from).then(|| Mark { offset: from - begin, length: to - from, style: mark.style.clone() })
}

/// Cuts a text into parts of at most `limit` UTF-16 units (at least 16), each at the best place: between
/// blocks, lines, sentences, words; code blocks stay whole where they fit.
pub fn split(rich: &Rich, limit: usize) -> Vec<Rich> {
    let limit = limit.max(16);
    let units: Vec<u16> = rich.text.encode_utf16().collect();
    let mut parts = Vec::new();
    let mut from = 0;
    while from < units.len() {
        let to = if units.len() - from <= limit { units.len() } else { place_to_cut(&units, &rich.marks, from, limit) };
        let part = slice(&units, &rich.marks, from, to);
        if !part.text.trim().is_empty() {
            parts.push(part);
        }
        from = to;
    }
    parts
}

fn place_to_cut(units: &[u16], marks: &[Mark], from: usize, limit: usize) -> usize {
    let most = from + limit;
    let block = marks.iter().find(|mark| mark.style.is_code() && mark.offset < most && mark.end() > most);
    if let Some(block) = block {
        // A block that fits into a part of its own moves there, unless that leaves next to nothing.
        if block.offset > from + limit / 8 && block.length <= limit {
            return block.offset;
        }
        if let Some(line) = last(units, from + 1, most, |window| window == [0x0a]) {
            return line;
        }
    }
    let least = from + limit / 4;
    last(units, least, most, |window| window == [0x0a, 0x0a])
        .or_else(|| last(units, least, most, |window| window == [0x0a]))
        .or_else(|| last(units, least, most, |window| matches!(window, [0x2e | 0x21 | 0x3f | 0x2026, 0x20])))
        .or_else(|| last(units, from + 1, most, |window| matches!(window, [0x20 | 0x09])))
        .unwrap_or_else(|| between_graphemes(units, from, most))
}

/// The end of the last window in `from..to` that `fits`; windows have one or two units.
fn last(units: &[u16], from: usize, to: usize, fits: impl Fn(&[u16]) -> bool) -> Option<usize> {
    (from..=to).rev().find(|end| {
        let window =
            |length: usize| end.checked_sub(length).and_then(|begin| units.get(begin..*end)).is_some_and(&fits);
        window(2) || window(1)
    })
}

/// The last place at or before `to` that splits no visible character, or at least no surrogate pair.
fn between_graphemes(units: &[u16], from: usize, to: usize) -> usize {
    let text = String::from_utf16_lossy(units.get(from..(to + 32).min(units.len())).unwrap_or_default());
    let mut at = from;
    for grapheme in text.graphemes(true) {
        let next = at + utf16_len(grapheme);
        if next > to {
            break;
        }
        at = next;
    }
    if at > from {
        return at;
    }
    let low = units.get(to).is_some_and(|unit| (0xdc00..0xe000).contains(unit));
    if low { to - 1 } else { to }
}
