//! The values of a JSON list, one after the other, without the whole list in memory: a scanner that knows no
//! more of JSON than strings and brackets, so that after a broken value it finds the next one.

use super::What;
use super::source::Source;
use std::io;

/// Which values are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    /// Those of the list that is the whole file.
    List,
    /// Values one after the other, each over several lines.
    Sequence,
    /// Those of every list that is the value of this key, wherever it is.
    Key(&'static [u8]),
}

/// What was met.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A value; it begins here. Its bytes are in the buffer, unless it is too long.
    Value { line: u64, column: u64, bytes: u64 },
    /// A list ends.
    ListEnd,
    /// Something that is wrong between values.
    Fault { line: u64, column: u64, what: What },
}

/// Where the scanner is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// Outside the lists that are looked for.
    Outside,
    /// Between values; `after` one.
    Between { after: bool },
    /// Inside an object, a list or a string.
    Inside,
    /// Inside a number or a word.
    Word,
    /// Behind the list that is the whole file.
    Behind,
}

/// The scanner.
pub(super) struct Elements {
    of: Of,
    at: At,
    /// Open brackets: of the value inside one, else those around the lists.
    depth: usize,
    outer: usize,
    in_string: bool,
    escaped: bool,
    /// The last string outside and what has followed it, to know a key.
    name: Vec<u8>,
    is_key: bool,
    /// Where the last byte is, from 1.
    line: u64,
    column: u64,
    begin: (u64, u64),
    bytes: u64,
    longest: usize,
    ended: bool,
}

/// What a byte leads to.
enum Step {
    On,
    /// Something ends with this byte.
    Here(Found),
    /// Something ends before this byte.
    Before(Found),
}

impl Elements {
    /// A scanner of values of at most `longest` bytes each.
    pub(super) fn new(of: Of, longest: usize) -> Self {
        Self {
            of,
            at: if of == Of::Sequence { At::Between { after: false } } else { At::Outside },
            depth: 0,
            outer: 0,
            in_string: false,
            escaped: false,
            name: Vec::new(),
            is_key: false,
            line: 1,
            column: 0,
            begin: (1, 1),
            bytes: 0,
            longest,
            ended: false,
        }
    }

    /// The next thing, a value in `into`; none at the end of the file.
    pub(super) fn next(&mut self, source: &mut Source<'_>, into: &mut Vec<u8>) -> io::Result<Option<Found>> {
        into.clear();
        loop {
            let chunk = source.fill()?;
            if chunk.is_empty() {
                return Ok(self.end());
            }
            let mut past = 0;
            let mut found = None;
            for byte in chunk {
                match self.step(*byte, into) {
                    Step::On => past += 1,
                    Step::Here(what) => {
                        past += 1;
                        self.count(*byte);
                        found = Some(what);
                        break;
                    }
                    Step::Before(what) => {
                        found = Some(what);
                        break;
                    }
                }
                self.count(*byte);
            }
            source.consume(past);
            if found.is_some() {
                return Ok(found);
            }
        }
    }

    fn count(&mut self, byte: u8) {
        if byte == b'\n' {
            self.line += 1;
            self.column = 0;
        } else if byte & 0xc0 != 0x80 {
            self.column += 1;
        }
    }

    fn here(&self) -> (u64, u64) {
        (self.line, self.column + 1)
    }

    fn step(&mut self, byte: u8, into: &mut Vec<u8>) -> Step {
        match self.at {
            At::Outside => self.outside(byte),
            At::Between { after } => self.between(byte, after, into),
            At::Inside => self.inside(byte, into),
            At::Word => self.word(byte, into),
            At::Behind if byte.is_ascii_whitespace() || self.ended => Step::On,
            At::Behind => {
                self.ended = true;
                Step::Here(self.fault("trailing characters"))
            }
        }
    }

    fn fault(&self, message: &str) -> Found {
        let (line, column) = self.here();
        Found::Fault { line, column, what: What::NotJson { message: message.to_owned() } }
    }

    fn outside(&mut self, byte: u8) -> Step {
        if self.in_string {
            self.string(byte);
            if self.in_string && self.name.len() <= 64 {
                self.name.push(byte);
            }
            return Step::On;
        }
        match byte {
            b'"' => {
                self.in_string = true;
                self.is_key = false;
                self.name.clear();
            }
            b':' => self.is_key = true,
            b'[' if self.opens() => self.at = At::Between { after: false },
            b'[' | b'{' => self.outer += 1,
            b']' | b'}' => self.outer = self.outer.saturating_sub(1),
            _ => {}
        }
        if !byte.is_ascii_whitespace() && byte != b':' {
            self.is_key = false;
        }
        Step::On
    }

    fn opens(&self) -> bool {
        match self.of {
            Of::List => true,
            Of::Sequence => false,
            Of::Key(key) => self.is_key && self.name == key,
        }
    }

    fn between(&mut self, byte: u8, after: bool, into: &mut Vec<u8>) -> Step {
        match byte {
            b',' if after => self.at = At::Between { after: false },
            b']' if self.of != Of::Sequence => {
                self.at = if self.of == Of::List { At::Behind } else { At::Outside };
                return Step::Here(Found::ListEnd);
            }
            _ if byte.is_ascii_whitespace() => {}
            _ if after && self.of != Of::Sequence => {
                self.at = At::Between { after: false };
                return Step::Before(self.fault("expected `,` or `]`"));
            }
            b',' | b'}' | b']' | b':' => return Step::Here(self.fault("expected value")),
            _ => self.begin(byte, into),
        }
        Step::On
    }

    fn begin(&mut self, byte: u8, into: &mut Vec<u8>) {
        self.begin = self.here();
        self.bytes = 0;
        self.depth = usize::from(matches!(byte, b'{' | b'['));
        self.in_string = byte == b'"';
        self.escaped = false;
        self.at = if self.depth > 0 || self.in_string { At::Inside } else { At::Word };
        self.keep(byte, into);
    }

    fn keep(&mut self, byte: u8, into: &mut Vec<u8>) {
        self.bytes += 1;
        if into.len() < self.longest {
            into.push(byte);
        }
    }

    fn value(&mut self) -> Found {
        self.at = At::Between { after: true };
        let (line, column) = self.begin;
        Found::Value { line, column, bytes: self.bytes }
    }

    fn inside(&mut self, byte: u8, into: &mut Vec<u8>) -> Step {
        self.keep(byte, into);
        if self.in_string {
            self.string(byte);
        } else {
            match byte {
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
        }
        if self.depth == 0 && !self.in_string { Step::Here(self.value()) } else { Step::On }
    }

    fn word(&mut self, byte: u8, into: &mut Vec<u8>) -> Step {
        if byte.is_ascii_whitespace() || matches!(byte, b',' | b']' | b'}') {
            return Step::Before(self.value());
        }
        self.keep(byte, into);
        Step::On
    }

    /// A byte of a string. A line feed ends it: no string may have one, and the quote is likely forgotten.
    fn string(&mut self, byte: u8) {
        match byte {
            _ if self.escaped => self.escaped = false,
            b'\\' => self.escaped = true,
            b'"' | b'\n' => self.in_string = false,
            _ => {}
        }
    }

    fn end(&mut self) -> Option<Found> {
        let cut = match self.at {
            At::Inside => Some(self.begin),
            At::Word if self.of == Of::Sequence => return Some(self.value()),
            At::Word => Some(self.begin),
            At::Between { .. } if self.of != Of::Sequence => Some(self.here()),
            At::Outside if self.outer > 0 => Some(self.here()),
            _ => None,
        };
        self.at = At::Behind;
        self.ended = true;
        cut.map(|(line, column)| Found::Fault { line, column, what: What::Truncated })
    }
}
