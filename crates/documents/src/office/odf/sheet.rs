//! Spreadsheets of OpenDocument. Rows and cells that are alike stand in the file once, with how often; what is empty
//! takes no room however often that is.

use super::styles::Styles;
use super::{SPACES, skip};
use crate::office::grid::Grid;
use crate::office::output::Output;
use crate::problem::Limits;
use crate::xml::{Event, Reader, Tag};
use crate::{Document, Kind, Problem};

/// Columns of the largest sheet that any program has.
const COLUMNS: u32 = 16_384;

/// Rows of it.
const ROWS: u32 = 1_048_576;

/// What marks a sheet that people do not see.
const HIDDEN: &str = "<!-- hidden -->\n\n";

/// Reads the sheets of a document.
pub(super) fn read(content: &str, styles: &Styles, limits: &Limits) -> Result<Document, Problem> {
    let mut out = Output::new(limits);
    let mut reader = Reader::new(content, limits);
    while let Some(event) = reader.next()? {
        let Event::Open(tag) = event else { continue };
        if tag.name() == "tracked-changes" {
            skip(&mut reader)?;
            continue;
        }
        if tag.name() != "table" {
            continue;
        }
        if !out.part() {
            break;
        }
        let hidden = tag.attribute("style-name").is_some_and(|style| styles.is_hidden(&style));
        let mut sheet = Sheet::new(Grid::new(tag.attribute("name").unwrap_or_default(), &out));
        sheet.read(&mut reader)?;
        if !sheet.grid.write(&mut out, if hidden { HIDDEN } else { "" }) {
            break;
        }
    }
    out.finish(Kind::Ods, None)
}

struct Sheet {
    grid: Grid,
    /// The first row of those that are being read, from 1, and how many are alike.
    row: (u32, u32),
    /// The first column of the cells that are being read, from 0, and how many are alike.
    column: (u32, u32),
    /// Cells of the row that have text.
    cells: Vec<(u32, String)>,
    /// Bytes of their text.
    cost: usize,
    text: String,
    /// Within a paragraph of a cell.
    in_text: bool,
    full: bool,
}

impl Sheet {
    const fn new(grid: Grid) -> Self {
        Self {
            grid,
            row: (1, 1),
            column: (0, 1),
            cells: Vec::new(),
            cost: 0,
            text: String::new(),
            in_text: false,
            full: false,
        }
    }

    /// Reads to the end of the sheet that has just begun.
    fn read(&mut self, reader: &mut Reader<'_>) -> Result<(), Problem> {
        let mut tables = 1_u32;
        while tables > 0 && !self.full {
            match reader.next()? {
                Some(Event::Open(tag)) => match tag.name() {
                    "table" => tables += 1,
                    // Comments, charts and pictures.
                    "annotation" | "shapes" | "frame" | "forms" | "table-source" => skip(reader)?,
                    _ => self.open(&tag),
                },
                Some(Event::Close(name)) if name == "table" => tables -= 1,
                Some(Event::Close(name)) => self.close(&name),
                Some(Event::Text(text)) if self.in_text => self.text.push_str(&text),
                Some(Event::Text(_)) => {}
                None => break,
            }
        }
        Ok(())
    }

    fn open(&mut self, tag: &Tag<'_>) {
        match tag.name() {
            "table-row" => {
                self.row.1 = repeated(tag, "number-rows-repeated");
                self.column = (0, 1);
                self.cells.clear();
                self.cost = 0;
            }
            "table-cell" | "covered-table-cell" => {
                self.column.1 = repeated(tag, "number-columns-repeated");
                self.text.clear();
            }
            "p" => {
                self.in_text = true;
                if !self.text.is_empty() {
                    self.text.push('\n');
                }
            }
            "s" => {
                let count = usize::try_from(repeated(tag, "c")).unwrap_or(1);
                self.text.push_str(&" ".repeat(count.min(SPACES)));
            }
            "tab" => self.text.push(' '),
            "line-break" => self.text.push('\n'),
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "p" => self.in_text = false,
            "table-cell" | "covered-table-cell" => self.end_cell(),
            "table-row" => self.end_row(),
            _ => {}
        }
    }

    fn end_cell(&mut self) {
        let (column, count) = self.column;
        let text = std::mem::take(&mut self.text);
        if !text.trim().is_empty() {
            for column in column..column.saturating_add(count).min(COLUMNS) {
                self.cost += text.len();
                self.cells.push((column, text.clone()));
                // One more than fits, so that the grid sees that there was more.
                if self.cost > self.grid.room() {
                    break;
                }
            }
        }
        self.column.0 = column.saturating_add(count);
    }

    fn end_row(&mut self) {
        let (row, count) = self.row;
        self.row.0 = row.saturating_add(count);
        if self.cells.is_empty() {
            return;
        }
        for row in row..row.saturating_add(count).min(ROWS + 1) {
            for (column, text) in &self.cells {
                if !self.grid.cell(row, *column, text) {
                    self.full = true;
                    return;
                }
            }
        }
    }
}

fn repeated(tag: &Tag<'_>, name: &str) -> u32 {
    tag.attribute(name).and_then(|count| count.parse().ok()).unwrap_or(1)
}
