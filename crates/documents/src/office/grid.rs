//! Rows of cells as Markdown tables, in blocks that each repeat the header. Only rows and columns that hold text take
//! room, so that a sheet with one cell in each corner is as small as its two cells.

use super::output::Output;
use super::table::{row, rule};
use crate::Place;
use std::collections::BTreeMap;

/// Rows that stand in one section.
const BLOCK: usize = 50;

/// Lines above a table (its caption, a date) are looked for in so many rows.
const CAPTION: usize = 10;

/// What a cell costs in Markdown besides its text.
const FRAME: usize = 3;

/// A row that has text.
struct Row {
    number: u32,
    /// The cells that have text, by column, ascending.
    cells: BTreeMap<u32, String>,
}

/// A sheet that is being read.
pub(super) struct Grid {
    name: String,
    rows: Vec<Row>,
    room: usize,
}

impl Grid {
    /// `name`: the sheet's, empty for none.
    pub(super) const fn new(name: String, out: &Output) -> Self {
        Self { name, rows: Vec::new(), room: out.room() }
    }

    /// How many bytes of text still fit.
    pub(super) const fn room(&self) -> usize {
        self.room
    }

    /// Sets a cell. `row` counts from 1 and `column` from 0. False when no more text fits.
    pub(super) fn cell(&mut self, row: u32, column: u32, text: &str) -> bool {
        let text = text.trim();
        if text.is_empty() {
            return true;
        }
        let cost = text.len() + FRAME;
        if cost > self.room {
            self.room = 0;
            return false;
        }
        self.room -= cost;
        match self.rows.last_mut() {
            Some(last) if last.number == row => {
                last.cells.insert(column, text.to_owned());
            }
            _ => self.rows.push(Row { number: row, cells: BTreeMap::from([(column, text.to_owned())]) }),
        }
        true
    }

    /// Writes what was set; false when no more text fits. `before` stands above the first block.
    pub(super) fn write(mut self, out: &mut Output, before: &str) -> bool {
        if self.room == 0 {
            out.cut_text();
        }
        self.rows.sort_by_key(|row| row.number);
        let columns = self.columns();
        let captions = self.captions();
        let mut rows = self.rows.into_iter();
        let mut head = String::from(before);
        let mut from = None;
        for caption in rows.by_ref().take(captions) {
            from.get_or_insert(caption.number);
            head.extend(caption.cells.into_values().map(|text| text + "\n\n"));
        }
        let Some(header) = rows.next() else { return true };
        let mut block = Block { name: self.name, columns, header: header.cells, rows: Vec::new() };
        let mut first = from.unwrap_or(header.number);
        let mut last = header.number;
        for row in rows {
            if block.rows.len() == BLOCK {
                if !block.write(out, &head, (first, last)) {
                    return false;
                }
                head.clear();
                first = row.number;
                block.rows.clear();
            }
            last = row.number;
            block.rows.push(row);
        }
        block.write(out, &head, (first, last))
    }

    /// Where each column that has text stands in the table.
    fn columns(&self) -> BTreeMap<u32, usize> {
        let mut columns: BTreeMap<u32, usize> = BTreeMap::new();
        for row in &self.rows {
            columns.extend(row.cells.keys().map(|column| (*column, 0)));
        }
        for (at, place) in columns.values_mut().enumerate() {
            *place = at;
        }
        columns
    }

    /// How many rows with a single cell stand above the first with more.
    fn captions(&self) -> usize {
        self.rows.iter().take(CAPTION).position(|row| row.cells.len() > 1).unwrap_or(0)
    }
}

/// Rows of a sheet that make a section.
struct Block {
    name: String,
    columns: BTreeMap<u32, usize>,
    header: BTreeMap<u32, String>,
    rows: Vec<Row>,
}

impl Block {
    fn write(&self, out: &mut Output, before: &str, (from, to): (u32, u32)) -> bool {
        let mut text = before.to_owned();
        // Markdown knows a table by a header as wide as the line below it.
        row(&mut text, self.columns.keys().map(|column| self.header.get(column).map_or("", String::as_str)));
        rule(&mut text, self.columns.len());
        for row in &self.rows {
            if text.len() > out.room() {
                break;
            }
            self.line(&mut text, &row.cells);
        }
        out.section(Place::Sheet { name: self.name.clone(), from, to }, &text)
    }

    fn line(&self, into: &mut String, cells: &BTreeMap<u32, String>) {
        let width = cells.keys().next_back().and_then(|last| self.columns.get(last)).map_or(0, |last| last + 1);
        let shown = self.columns.keys().take(width);
        row(into, shown.map(|column| cells.get(column).map_or("", String::as_str)));
    }
}
