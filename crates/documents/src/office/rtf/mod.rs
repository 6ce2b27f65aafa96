//! Rich Text Format: its text, headings, lists, tables, notes and comments. Groups are a stack of our own, as deep as
//! [`Limits`] allow; what a group holds that is not text (fonts, pictures, data that a program keeps) is passed over.

mod charset;
mod state;
mod token;

use super::flow::{Aside, Flow, Paragraph, Parts};
use crate::problem::Limits;
use crate::{Document, Kind, Note, Problem};
use state::{Destination, State};
use std::collections::HashMap;
use token::{Token, Tokens};

/// Reads a document.
///
/// # Errors
///
/// [`Problem::Corrupt`] when it is none, [`Problem::Hostile`] when groups are nested without end.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Document, Problem> {
    let start = bytes.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let bytes = bytes.get(start..).unwrap_or_default();
    if !bytes.starts_with(b"{\\rtf") {
        return Err(Problem::Corrupt { detail: "does not begin with {\\rtf".to_owned() });
    }
    let mut reader = Reader::new(limits);
    for token in Tokens::new(bytes) {
        reader.token(token)?;
        if reader.ended || reader.flow.is_full() {
            break;
        }
    }
    reader.finish()
}

struct Reader {
    flow: Flow,
    state: State,
    stack: Vec<State>,
    depth: usize,
    /// Bytes of text that are not decoded yet.
    bytes: Vec<u8>,
    /// Half of a character outside the basic plane.
    high: Option<u16>,
    /// How many characters that stand in for one in Unicode are still to be passed over.
    passed: u32,
    document: &'static encoding_rs::Encoding,
    fonts: HashMap<i32, &'static encoding_rs::Encoding>,
    /// Levels of the styles that are headings.
    headings: HashMap<i32, u8>,
    style_name: String,
    title: String,
    marker: String,
    /// What stands between the cell of a nested table that has ended and the next.
    nested: Option<&'static str>,
    /// Whether the group that just began says that it may be ignored.
    ignorable: bool,
    ended: bool,
}

impl Reader {
    fn new(limits: &Limits) -> Self {
        Self {
            flow: Flow::new(limits, Parts::Chapters),
            state: State::default(),
            stack: Vec::new(),
            depth: limits.depth as usize,
            bytes: Vec::new(),
            high: None,
            passed: 0,
            document: encoding_rs::WINDOWS_1252,
            fonts: HashMap::new(),
            headings: HashMap::new(),
            style_name: String::new(),
            title: String::new(),
            marker: String::new(),
            nested: None,
            ignorable: false,
            ended: false,
        }
    }

    fn token(&mut self, token: Token<'_>) -> Result<(), Problem> {
        match token {
            Token::Open => return self.open(),
            Token::Close => self.close(),
            Token::Word(name, number) => self.word(name, number),
            Token::Symbol(symbol) => self.symbol(symbol),
            Token::Hex(byte) => self.byte(byte),
            Token::Text(text) => text.iter().for_each(|byte| self.byte(*byte)),
        }
        Ok(())
    }

    fn open(&mut self) -> Result<(), Problem> {
        self.decode();
        self.passed = 0;
        if self.stack.len() >= self.depth {
            return Err(Problem::Hostile { detail: format!("groups nested deeper than {}", self.depth) });
        }
        self.stack.push(self.state.clone());
        self.state.aside = false;
        self.ignorable = false;
        Ok(())
    }

    fn close(&mut self) {
        self.decode();
        self.passed = 0;
        if self.state.destination == Destination::Styles {
            self.end_style();
        }
        if self.state.aside {
            self.flow.close_aside();
        }
        match self.stack.pop() {
            Some(outer) => self.state = outer,
            None => self.ended = true,
        }
        self.ended |= self.stack.is_empty();
    }

    fn byte(&mut self, byte: u8) {
        if self.passed > 0 {
            self.passed -= 1;
            return;
        }
        if self.state.is_read() {
            self.bytes.push(byte);
        }
    }

    /// Decodes the bytes that were collected, by the font that they are in.
    fn decode(&mut self) {
        if self.bytes.is_empty() {
            return;
        }
        let bytes = std::mem::take(&mut self.bytes);
        let encoding = self.fonts.get(&self.state.font).copied().unwrap_or(self.document);
        self.put(&encoding.decode_without_bom_handling(&bytes).0);
    }

    fn put(&mut self, text: &str) {
        match self.state.destination {
            Destination::Text if !self.state.hidden => {
                self.flow.text(self.nested.take().unwrap_or_default());
                self.flow.text(text);
            }
            Destination::Title => self.title.push_str(text),
            Destination::Styles => self.style_name.push_str(text),
            Destination::Marker => self.marker.push_str(text),
            Destination::Text | Destination::Fonts | Destination::Wrapped | Destination::Ignored => {}
        }
    }

    fn unicode(&mut self, number: i32) {
        self.decode();
        self.passed = self.state.substitutes;
        // Written as a signed number of sixteen bits.
        let Ok(unit) = u16::try_from(number.rem_euclid(65_536)) else { return };
        let high = self.high.take();
        match (high, unit) {
            (_, 0xD800..=0xDBFF) => self.high = Some(unit),
            (Some(high), 0xDC00..=0xDFFF) => self.put(&String::from_utf16_lossy(&[high, unit])),
            _ => self.put(&String::from_utf16_lossy(&[unit])),
        }
    }

    fn symbol(&mut self, symbol: u8) {
        if symbol == b'*' {
            self.ignorable = true;
            return;
        }
        if self.passed > 0 {
            self.passed -= 1;
            return;
        }
        match symbol {
            b'{' | b'}' | b'\\' => self.byte(symbol),
            b'~' => self.say("\u{a0}"),
            b'_' => self.say("\u{2011}"),
            b'\r' | b'\n' => self.end_paragraph(),
            // A soft hyphen, a mark of an index, and what nobody knows.
            _ => {}
        }
    }

    fn say(&mut self, text: &str) {
        self.decode();
        self.put(text);
    }

    fn word(&mut self, name: &[u8], number: Option<i32>) {
        let ignorable = std::mem::take(&mut self.ignorable);
        if name == b"u" {
            return self.unicode(number.unwrap_or(0));
        }
        self.decode();
        if self.passed > 0 {
            // A word counts as one character of those that stand in for Unicode.
            self.passed -= 1;
            return;
        }
        if self.destination(name, ignorable) || self.character(name) || self.structure(name, number) {
            return;
        }
        self.property(name, number);
    }

    /// Words that say what the group is for.
    fn destination(&mut self, name: &[u8], ignorable: bool) -> bool {
        let Some(destination) = Destination::of(name, ignorable) else { return self.aside(name) };
        // What stands in something that is passed over is passed over.
        if self.state.destination != Destination::Ignored {
            self.state.destination = destination;
        }
        if destination == Destination::Marker {
            self.marker.clear();
        }
        true
    }

    fn aside(&mut self, name: &[u8]) -> bool {
        let aside = match name {
            b"footnote" => Aside::Note,
            b"annotation" => Aside::Comment,
            b"shptxt" => Aside::Frame,
            _ => return false,
        };
        if name == b"shptxt" && self.state.destination == Destination::Wrapped {
            self.state.destination = Destination::Text;
        }
        if self.state.destination == Destination::Text && !self.state.aside {
            self.state.aside = self.flow.open_aside(aside);
        }
        true
    }

    /// Words that are a character.
    fn character(&mut self, name: &[u8]) -> bool {
        let Some(text) = state::character(name) else { return false };
        self.put(text);
        true
    }

    fn structure(&mut self, name: &[u8], number: Option<i32>) -> bool {
        match name {
            b"par" | b"sect" | b"page" => self.end_paragraph(),
            b"cell" => self.cell(),
            // A table in a cell of another is text in that cell, with something between its cells.
            b"nestcell" => self.nested = Some("; "),
            b"nestrow" => self.nested = Some("\n"),
            b"row" => self.end_row(),
            b"trowd" | b"pard" => {
                self.state.plain_paragraph();
                self.state.in_table |= name == b"trowd";
            }
            b"intbl" => self.state.in_table = true,
            b"ansicpg" => self.document = charset::of_code_page(number.unwrap_or(1252)),
            b"mac" => self.document = encoding_rs::MACINTOSH,
            _ => return false,
        }
        true
    }

    fn property(&mut self, name: &[u8], number: Option<i32>) {
        match name {
            b"f" | b"deff" => self.state.font = number.unwrap_or(0),
            b"plain" => self.state.hidden = false,
            b"fcharset" if self.state.destination == Destination::Fonts => {
                if let Some(encoding) = charset::of_charset(number.unwrap_or(0)) {
                    self.fonts.insert(self.state.font, encoding);
                }
            }
            b"s" => {
                self.state.style = number.unwrap_or(0);
                self.state.heading = self.headings.get(&self.state.style).copied().or(self.state.heading);
            }
            b"outlinelevel" => self.state.heading = heading(number.unwrap_or(9)),
            b"ls" => self.state.item = number != Some(0),
            b"ilvl" => self.state.level = number.and_then(|level| u8::try_from(level).ok()).unwrap_or(0),
            b"uc" => self.state.substitutes = number.and_then(|count| u32::try_from(count).ok()).unwrap_or(1).min(64),
            b"v" | b"deleted" => self.state.hidden = number != Some(0),
            _ => {}
        }
    }

    /// A style's name has been read: "heading 2".
    fn end_style(&mut self) {
        let name = std::mem::take(&mut self.style_name).to_lowercase();
        let level = name.trim().trim_end_matches(';').strip_prefix("heading ").and_then(|level| level.parse().ok());
        if let Some(level @ 1..=9) = level {
            self.headings.insert(self.state.style, level);
        }
    }

    fn cell(&mut self) {
        if self.state.destination != Destination::Text {
            return;
        }
        if !self.flow.in_table() {
            self.flow.open_table();
        }
        self.nested = None;
        self.flow.end_cell(1);
        self.marker.clear();
    }

    fn end_row(&mut self) {
        if self.state.destination == Destination::Text {
            self.flow.end_row();
        }
    }

    fn end_paragraph(&mut self) {
        if self.state.destination != Destination::Text {
            return self.put(" ");
        }
        if self.state.in_table && !self.flow.in_table() {
            self.flow.open_table();
        }
        if !self.state.in_table && self.flow.in_table() {
            self.leave_table();
        }
        let paragraph = self.paragraph();
        self.flow.end_paragraph(&paragraph);
        self.marker.clear();
    }

    /// The paragraph that is open is the first after a table.
    fn leave_table(&mut self) {
        let line = self.flow.take_line();
        self.flow.end_row();
        self.flow.close_table();
        self.flow.text(&line);
    }

    fn paragraph(&self) -> Paragraph {
        if let Some(level) = self.state.heading {
            return Paragraph::Heading(level);
        }
        let marker = self.marker.trim();
        if marker.is_empty() && !self.state.item {
            return Paragraph::Plain;
        }
        // A bullet is a character of its own, and a number has one that is a letter or a digit.
        let label = marker.chars().any(char::is_alphanumeric).then(|| marker.to_owned());
        Paragraph::Item { level: self.state.level, label }
    }

    fn finish(mut self) -> Result<Document, Problem> {
        self.decode();
        if !self.state.in_table && self.flow.in_table() {
            self.leave_table();
        }
        let paragraph = self.paragraph();
        self.flow.end_paragraph(&paragraph);
        if !self.ended && !self.flow.is_full() {
            self.flow.note(Note::Damaged);
        }
        self.flow.finish(Kind::Rtf, Some(self.title))
    }
}

/// The heading that an outline level is, which counts from 0; 9 is text.
fn heading(level: i32) -> Option<u8> {
    u8::try_from(level).ok().filter(|level| *level < 9).map(|level| level + 1)
}
