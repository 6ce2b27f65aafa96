//! Cuts a Markdown text that is still being written into sentences and blocks, as soon as each is complete.
//!
//! However the text is split on its way here, the pieces are the same; and put together they are the text. A cut
//! never falls into a block of code, a table, a formula, a link, code within a line, or an abbreviation.

mod blocks;
mod sentence;

use blocks::{Block, Found};

/// The longest piece without the end of a sentence, in characters: it is cut at the next space.
const LONGEST: usize = 1000;
/// How far the end of a link, or of code within a line, is looked for, in bytes.
const WINDOW: usize = 2000;

/// Cuts one text.
#[derive(Debug)]
pub struct Cutter {
    /// For the first piece: how many characters a clause must have to be one.
    first_clause: Option<usize>,
    text: String,
    /// All of `text` before this is handed out. It is dropped once a push is judged.
    start: usize,
    /// All of `text` before this is judged.
    at: usize,
    /// How many characters the piece has so far.
    chars: usize,
    mode: Mode,
    is_line_start: bool,
    in_heading: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Text,
    Fence { mark: char, count: usize },
    Table,
    Formula,
}

/// What to do at a place of the text.
enum Step {
    /// So many bytes belong to the piece.
    Go(usize),
    /// So many bytes do, and end it.
    Cut(usize),
    /// What comes next decides.
    Wait,
}

impl Default for Cutter {
    fn default() -> Self {
        Self::new()
    }
}

impl Cutter {
    /// Cuts at the ends of sentences and blocks.
    pub fn new() -> Self {
        Self {
            first_clause: None,
            text: String::new(),
            start: 0,
            at: 0,
            chars: 0,
            mode: Mode::Text,
            is_line_start: true,
            in_heading: false,
        }
    }

    /// Cuts the first piece at the end of a clause already, once it has so many characters: a voice that answers
    /// at once begins earlier. 25 is some two seconds of speech.
    pub fn with_first_clause(chars: usize) -> Self {
        Self { first_clause: Some(chars), ..Self::new() }
    }

    /// Takes what has been written since, and gives the pieces that are complete. None is blank.
    pub fn push(&mut self, written: &str) -> Vec<String> {
        self.text.push_str(written);
        let pieces = self.cut(false);
        self.text.drain(..self.start);
        self.at -= self.start;
        self.start = 0;
        pieces
    }

    /// Ends the text: the pieces that are left.
    pub fn finish(mut self) -> Vec<String> {
        let mut pieces = self.cut(true);
        let rest = self.text.get(self.start..).unwrap_or_default();
        if !rest.trim().is_empty() {
            pieces.push(rest.to_owned());
        }
        pieces
    }

    fn cut(&mut self, is_last: bool) -> Vec<String> {
        let mut pieces = Vec::new();
        loop {
            if self.at == self.text.len() {
                return pieces;
            }
            match self.step(is_last) {
                Step::Wait => return pieces,
                Step::Go(bytes) => self.advance(bytes),
                Step::Cut(bytes) => {
                    self.advance(bytes);
                    pieces.extend(self.take());
                }
            }
        }
    }

    fn advance(&mut self, bytes: usize) {
        let read = self.text.get(self.at..self.at + bytes).unwrap_or_default();
        self.chars += read.chars().count();
        if let Some(last) = read.chars().next_back() {
            self.is_line_start = last == '\n';
        }
        self.at += bytes;
    }

    /// What is judged, as a piece. A blank one waits for what it stands before.
    fn take(&mut self) -> Option<String> {
        let piece = self.text.get(self.start..self.at).filter(|piece| !piece.trim().is_empty())?.to_owned();
        self.start = self.at;
        self.chars = 0;
        self.first_clause = None;
        Some(piece)
    }

    /// Judges the place.
    fn step(&mut self, is_last: bool) -> Step {
        let rest = self.text.get(self.at..).unwrap_or_default();
        match self.mode {
            Mode::Text if self.is_line_start => {
                self.is_line_start = false;
                match blocks::at_line_start(rest, is_last) {
                    Found::Wait => {
                        self.is_line_start = true;
                        Step::Wait
                    }
                    Found::No => Step::Go(0),
                    Found::Yes(block, bytes) => self.enter(block, bytes),
                }
            }
            Mode::Text => self.within_text(is_last),
            Mode::Fence { .. } | Mode::Table => self.within_lines(is_last),
            Mode::Formula => match within(rest, WINDOW, is_last, |window| window.find("$$")) {
                None => Step::Wait,
                Some(found) => {
                    self.mode = Mode::Text;
                    // What never ends was no formula.
                    Step::Go(found.map_or(0, |at| at + 2))
                }
            },
        }
    }

    /// A block of whole lines: code, which its last line ends, or a table, which the line after it ends.
    fn within_lines(&mut self, is_last: bool) -> Step {
        let Some(line) = line(self.text.get(self.at..).unwrap_or_default(), is_last) else { return Step::Wait };
        let bytes = line.len();
        match self.mode {
            Mode::Fence { mark, count } if blocks::closes(line, mark, count) => {
                self.mode = Mode::Text;
                Step::Cut(bytes)
            }
            Mode::Table if !line.contains('|') => {
                self.mode = Mode::Text;
                self.is_line_start = true;
                Step::Cut(0)
            }
            _ => Step::Go(bytes),
        }
    }

    fn enter(&mut self, block: Block, bytes: usize) -> Step {
        match block {
            Block::Fence { mark, count } => self.mode = Mode::Fence { mark, count },
            Block::Table => self.mode = Mode::Table,
            Block::Formula => self.mode = Mode::Formula,
            Block::Heading => self.in_heading = true,
            Block::Item | Block::Rule => {}
        }
        Step::Go(bytes)
    }

    fn within_text(&mut self, is_last: bool) -> Step {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let Some(c) = rest.chars().next() else { return Step::Wait };
        let one = c.len_utf8();
        match c {
            '\n' => {
                if std::mem::take(&mut self.in_heading) {
                    Step::Cut(1)
                } else {
                    newline(rest, is_last)
                }
            }
            '`' => code(rest, is_last),
            '[' => link(rest, is_last),
            '|' => self.table_without_bars(is_last),
            '\\' => match rest.get(1..).and_then(|after| after.chars().next()) {
                None if !is_last => Step::Wait,
                // An escaped newline is one all the same.
                Some(escaped) if escaped != '\n' => Step::Go(1 + escaped.len_utf8()),
                _ => Step::Go(1),
            },
            '.' | '!' | '?' | '…' if !self.in_heading => {
                let before = self.text.get(self.start..self.at).unwrap_or_default();
                sentence::end(before, rest, is_last)
            }
            ',' | ';' | ':' | '—' | '–' if self.first_clause.is_some_and(|least| self.chars + 1 >= least) => {
                match rest.get(one..).and_then(|after| after.chars().next()) {
                    None if !is_last => Step::Wait,
                    Some(' ') => Step::Cut(one + 1),
                    _ => Step::Go(one),
                }
            }
            ' ' if self.chars >= LONGEST => Step::Cut(1),
            _ => Step::Go(one),
        }
    }

    /// A bar within a line: the head of a table that has none at its edges, where the next line is dashes.
    fn table_without_bars(&mut self, is_last: bool) -> Step {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let Some(head) = line(rest, is_last) else { return Step::Wait };
        let after = rest.get(head.len()..).unwrap_or_default();
        let Some(dashes) = line(after, is_last) else { return Step::Wait };
        let is_table = dashes.contains('-') && dashes.trim().chars().all(|c| matches!(c, '-' | ':' | '|' | ' '));
        if !is_table {
            return Step::Go(1);
        }
        let bytes = head.len();
        self.mode = Mode::Table;
        Step::Go(bytes)
    }
}

/// The sentences of a text that is complete; put together they are the text.
pub(crate) fn sentences(text: &str) -> Vec<&str> {
    let mut cutter = Cutter::new();
    let mut pieces = cutter.push(text);
    pieces.extend(cutter.finish());
    let mut sentences = Vec::new();
    let mut rest = text;
    for (index, piece) in pieces.iter().enumerate() {
        let is_last = index + 1 == pieces.len();
        let end = if is_last { rest.len() } else { piece.len() };
        let (sentence, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        sentences.push(sentence);
        rest = after;
    }
    sentences
}

/// The first line with its end, once it is complete.
fn line(rest: &str, is_last: bool) -> Option<&str> {
    match rest.find('\n') {
        Some(at) => rest.get(..=at),
        None => is_last.then_some(rest),
    }
}

/// Looks for something within a window of the text. Outer `None`: it is not decided yet.
fn within<T>(rest: &str, window: usize, is_last: bool, find: impl Fn(&str) -> Option<T>) -> Option<Option<T>> {
    let mut end = window.min(rest.len());
    while !rest.is_char_boundary(end) {
        end -= 1;
    }
    let found = find(rest.get(..end).unwrap_or_default());
    (found.is_some() || is_last || rest.len() >= window).then_some(found)
}

/// The end of a line: of a block too, where a blank line or another block follows.
fn newline(rest: &str, is_last: bool) -> Step {
    let after = rest.get(1..).unwrap_or_default();
    let indented = after.trim_start_matches([' ', '\t', '\r']);
    if indented.is_empty() {
        return if is_last { Step::Go(1) } else { Step::Wait };
    }
    if indented.starts_with('\n') {
        return Step::Cut(1 + (after.len() - indented.len()) + 1);
    }
    match blocks::at_line_start(after, is_last) {
        Found::Wait => Step::Wait,
        Found::Yes(..) => Step::Cut(1),
        Found::No => Step::Go(1),
    }
}

/// Code within a line: up to as many backticks as it begins with, within the paragraph.
fn code(rest: &str, is_last: bool) -> Step {
    let ticks = rest.len() - rest.trim_start_matches('`').len();
    if ticks == rest.len() && !is_last {
        return Step::Wait;
    }
    let find = |window: &str| {
        let mut at = ticks;
        while let Some(found) = window.get(at..)?.find(['`', '\n']) {
            let from = window.get(at + found..)?;
            if from.starts_with("\n\n") {
                return Some(ticks);
            }
            let run = from.len() - from.trim_start_matches('`').len();
            // A run at the end of the window may go on.
            if run == ticks && (run < from.len() || is_last) {
                return Some(at + found + run);
            }
            at += found + run.max(1);
        }
        None
    };
    match within(rest, WINDOW, is_last, find) {
        None => Step::Wait,
        Some(found) => Step::Go(found.unwrap_or(ticks)),
    }
}

/// A link, `[text](address)`; a bracket that begins none is itself.
fn link(rest: &str, is_last: bool) -> Step {
    let find = |window: &str| {
        let end = window.find("\n\n").unwrap_or(window.len());
        let is_over = end < window.len();
        let window = window.get(..end)?;
        let close = if window.contains(']') { closing(window, '[', ']') } else { None };
        let Some(close) = close else { return is_over.then_some(1) };
        let Some(target) = window.get(close..).filter(|rest| rest.starts_with('(')) else {
            // The address may still come.
            return (close < window.len() || is_over || is_last).then_some(close);
        };
        let target = closing(target, '(', ')');
        target.map(|bytes| close + bytes).or(is_over.then_some(close))
    };
    match within(rest, WINDOW, is_last, find) {
        None => Step::Wait,
        Some(found) => Step::Go(found.unwrap_or(1)),
    }
}

/// How many bytes a bracket and what it encloses are.
fn closing(text: &str, open: char, close: char) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        if c == open {
            depth += 1;
        } else if c == close {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return Some(at + c.len_utf8());
            }
        }
    }
    None
}
