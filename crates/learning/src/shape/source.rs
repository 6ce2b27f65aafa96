//! The bytes of a file as UTF-8, whatever mark it begins with, counted and cut into lines of a bounded length.

use encoding_rs::{UTF_16BE, UTF_16LE};
use encoding_rs_io::DecodeReaderBytesBuilder;
use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::rc::Rc;

/// How many bytes of its beginning are there to look at, at most.
pub(super) const HEAD: usize = 64 << 10;

/// The mark of UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// A file that is being read.
pub(super) struct Source<'a> {
    input: Box<dyn BufRead + 'a>,
    head: Vec<u8>,
    bytes: Rc<Cell<u64>>,
    line: u64,
}

/// A line that was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Which, from 1.
    pub(super) number: u64,
    /// Its length in bytes.
    pub(super) bytes: u64,
    /// Whether a line feed ends it; the last one may have none.
    pub(super) ended: bool,
}

/// Opens a file: its mark is gone, UTF-16 has become UTF-8, and its beginning can be looked at.
pub(super) fn open<'a>(input: impl BufRead + 'a) -> io::Result<Source<'a>> {
    let bytes = Rc::new(Cell::new(0));
    let mut counted = Counted { input, bytes: Rc::clone(&bytes) };
    let mark = first(&mut counted, MARK.len())?;
    let wide = match mark.get(..2) {
        Some(b"\xff\xfe") => Some(UTF_16LE),
        Some(b"\xfe\xff") => Some(UTF_16BE),
        _ => None,
    };
    let mut whole = Cursor::new(mark).chain(counted);
    let mut input: Box<dyn BufRead + 'a> = match wide {
        Some(encoding) => {
            whole.consume(2);
            let decoder = DecodeReaderBytesBuilder::new().encoding(Some(encoding)).bom_sniffing(false).build(whole);
            Box::new(BufReader::with_capacity(HEAD, decoder))
        }
        None => Box::new(whole),
    };
    let head = first(&mut input, HEAD)?;
    let head = head.strip_prefix(MARK).map(<[u8]>::to_vec).unwrap_or(head);
    Ok(Source { input: Box::new(Cursor::new(head.clone()).chain(input)), head, bytes, line: 0 })
}

fn first(input: &mut impl Read, most: usize) -> io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(most);
    input.take(most as u64).read_to_end(&mut head)?;
    Ok(head)
}

impl Source<'_> {
    /// How many bytes of the file are read, as it changes.
    pub(super) fn count(&self) -> Rc<Cell<u64>> {
        Rc::clone(&self.bytes)
    }

    /// The beginning of the file, in UTF-8 or some encoding of single bytes.
    pub(super) fn head(&self) -> &[u8] {
        &self.head
    }

    /// Some bytes that come next; none at the end.
    pub(super) fn fill(&mut self) -> io::Result<&[u8]> {
        loop {
            match self.input.fill_buf() {
                Ok([]) => return Ok(&[]),
                Ok(_) => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.input.fill_buf()
    }

    /// Goes past bytes that [`Self::fill`] gave.
    pub(super) fn consume(&mut self, bytes: usize) {
        self.input.consume(bytes);
    }

    /// Reads a line without its line feed, as far as it is not longer than `longest` bytes; none at the end.
    pub(super) fn line(&mut self, longest: usize, into: &mut Vec<u8>) -> io::Result<Option<Line>> {
        into.clear();
        let mut bytes = 0;
        self.line += 1;
        loop {
            let chunk = self.fill()?;
            if chunk.is_empty() {
                let line = Line { number: self.line, bytes, ended: false };
                return Ok((bytes > 0).then_some(line));
            }
            let end = memchr::memchr(b'\n', chunk);
            let part = chunk.get(..end.unwrap_or(chunk.len())).unwrap_or_default();
            bytes += part.len() as u64;
            if into.len() + part.len() <= longest {
                into.extend_from_slice(part);
            }
            let past = part.len() + usize::from(end.is_some());
            self.consume(past);
            if end.is_some() {
                return Ok(Some(Line { number: self.line, bytes, ended: true }));
            }
        }
    }
}

/// Counts what is read from it.
struct Counted<R> {
    input: R,
    bytes: Rc<Cell<u64>>,
}

impl<R: BufRead> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(into)?;
        self.bytes.set(self.bytes.get() + read as u64);
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.input.fill_buf()
    }
    fn consume(&mut self, amount: usize) {
        self.bytes.set(self.bytes.get() + amount as u64);
        self.input.consume(amount);
    }
}
