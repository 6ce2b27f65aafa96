//! Tables of comma, semicolon or tab separated values. A row goes through the parser line by line, so that
//! its line is known and a quote that is never closed does not pull the rest of the file into memory.

use super::What;
use super::columns::{Columns, Layout, sniff};
use super::decode::Encoding;
use super::intake::{Flow, Intake};
use super::source::{Line, Source};
use csv_core::ReadRecordResult;
use domain::example::Datum;
use std::io;

/// Reads the rows of a table.
pub(super) fn read(source: &mut Source<'_>, intake: &mut Intake<'_>) -> io::Result<Flow> {
    let layout = match sniff(source.head()) {
        Ok(Some(layout)) => layout,
        Ok(None) => return Ok(Flow::Continue(())),
        Err(what) => {
            intake.fault(1, None, what);
            return Ok(Flow::Continue(()));
        }
    };
    let mut encoding = Encoding::of(source.head());
    let mut rows = Rows::new(layout.delimiter, intake.options().longest);
    for _ in 0..layout.lines_before {
        source.line(0, &mut rows.line)?;
    }
    rows.line.clear();
    let mut is_header = layout.is_named;
    while let Some(found) = rows.next(source)? {
        let flow = match found {
            Err((line, what)) => {
                intake.fault(line, None, what);
                intake.progress()
            }
            Ok(_) if rows.is_blank() || std::mem::take(&mut is_header) => Flow::Continue(()),
            Ok(line) => intake.record(line, rows.datum(&layout, &mut encoding)),
        };
        if flow.is_break() {
            return Ok(flow);
        }
    }
    Ok(Flow::Continue(()))
}

/// The rows, one at a time.
struct Rows {
    core: csv_core::Reader,
    delimiter: u8,
    longest: usize,
    line: Vec<u8>,
    at: usize,
    /// The cells of the row one after the other, and where each ends.
    cells: Vec<u8>,
    cells_length: usize,
    ends: Vec<usize>,
    count: usize,
    /// Where the row begins, and how many bytes of it are read.
    begin: u64,
    bytes: u64,
    is_open: bool,
}

/// A row's line, or what is wrong with it.
type Row = Result<u64, (u64, What)>;

impl Rows {
    fn new(delimiter: u8, longest: usize) -> Self {
        Self {
            core: csv_core::ReaderBuilder::new().delimiter(delimiter).build(),
            delimiter,
            longest,
            line: Vec::new(),
            at: 0,
            cells: vec![0; 4096],
            cells_length: 0,
            ends: vec![0; 16],
            count: 0,
            begin: 1,
            bytes: 0,
            is_open: false,
        }
    }

    /// The next row; none at the end of the table.
    fn next(&mut self, source: &mut Source<'_>) -> io::Result<Option<Row>> {
        self.forget();
        loop {
            if self.at >= self.line.len() {
                let Some(line) = source.line(self.longest, &mut self.line)? else {
                    // With every line ended, only an open quote keeps a row from being complete.
                    let cut = self.is_open.then_some(Err((self.begin, What::Truncated)));
                    self.forget();
                    self.core.reset();
                    return Ok(cut);
                };
                if let Some(fault) = self.begins(line) {
                    return Ok(Some(Err(fault)));
                }
            }
            if self.step() {
                return Ok(Some(Ok(self.begin)));
            }
        }
    }

    fn forget(&mut self) {
        (self.cells_length, self.count, self.bytes, self.is_open) = (0, 0, 0, false);
        if self.line.get(self.at..).is_some_and(|rest| rest.iter().any(|byte| !matches!(byte, b'\r' | b'\n'))) {
            self.is_open = true;
        }
    }

    /// Takes a line in; it makes the row too long, or all is well.
    fn begins(&mut self, line: Line) -> Option<(u64, What)> {
        self.at = 0;
        self.line.push(b'\n');
        if !self.is_open {
            self.begin = line.number;
        }
        self.bytes += line.bytes;
        if self.bytes > self.longest as u64 {
            let fault = (self.begin, What::TooLong { bytes: self.bytes });
            self.core = csv_core::ReaderBuilder::new().delimiter(self.delimiter).build();
            self.line.clear();
            return Some(fault);
        }
        self.is_open |= !self.line.trim_ascii_end().is_empty();
        None
    }

    /// Lets the parser go on; whether a row is complete.
    fn step(&mut self) -> bool {
        let input = self.line.get(self.at..).unwrap_or_default();
        let cells = self.cells.get_mut(self.cells_length..).unwrap_or_default();
        let ends = self.ends.get_mut(self.count..).unwrap_or_default();
        let (result, read, written, ended) = self.core.read_record(input, cells, ends);
        self.at += read;
        self.cells_length += written;
        self.count += ended;
        match result {
            ReadRecordResult::OutputFull => self.cells.resize(self.cells.len() * 2, 0),
            ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
            ReadRecordResult::InputEmpty | ReadRecordResult::End => {}
            ReadRecordResult::Record => return true,
        }
        false
    }

    fn cell(&self, at: usize) -> &[u8] {
        let begin = at.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or_default();
        self.ends.get(at).filter(|_| at < self.count).and_then(|end| self.cells.get(begin..*end)).unwrap_or_default()
    }

    fn is_blank(&self) -> bool {
        self.cells.get(..self.cells_length).unwrap_or_default().trim_ascii().is_empty()
    }

    fn datum(&self, layout: &Layout, encoding: &mut Encoding) -> Result<Datum, What> {
        let extra_is_blank = (layout.width..self.count).all(|at| self.cell(at).trim_ascii().is_empty());
        if self.count < layout.width || !extra_is_blank {
            return Err(What::Columns { expected: layout.width as u64, found: self.count as u64 });
        }
        let columns: &Columns = &layout.columns;
        columns.datum(|at| encoding.decode(self.cell(at)))
    }
}
