//! Tables in Markdown. A cell is one line: what would end it (a bar, a line's end) is escaped or replaced.

use std::fmt::Write as _;

/// Stands between the paragraphs of a cell.
pub(super) const CELL_BREAK: &str = " <br> ";

/// Writes one row. Cells that are missing at its end are empty, as Markdown reads them.
pub(super) fn row<'a>(into: &mut String, cells: impl Iterator<Item = &'a str>) {
    into.push('|');
    for cell in cells {
        into.push(' ');
        cell_text(into, cell);
        into.push_str(" |");
    }
    into.push('\n');
}

/// Writes the line below the header.
pub(super) fn rule(into: &mut String, columns: usize) {
    into.push('|');
    for _ in 0..columns {
        into.push_str(" --- |");
    }
    into.push('\n');
}

fn cell_text(into: &mut String, cell: &str) {
    let mut lines = cell.lines().map(str::trim).filter(|line| !line.is_empty());
    if let Some(first) = lines.next() {
        escaped(into, first);
    }
    for line in lines {
        into.push_str(CELL_BREAK);
        escaped(into, line);
    }
}

fn escaped(into: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '|' => into.push_str("\\|"),
            '\t' => into.push(' '),
            other => into.push(other),
        }
    }
}

/// A table of a text document. One that has a single column is no table to a reader but a frame around text: it
/// comes out as paragraphs.
#[derive(Default)]
pub(super) struct Table {
    rows: Vec<Vec<String>>,
    row: Vec<String>,
    cell: Option<String>,
    header: Option<Vec<String>>,
}

impl Table {
    /// Adds a paragraph to the cell that is open, or to one that opens by it.
    pub(super) fn paragraph(&mut self, text: &str) {
        let cell = self.cell.get_or_insert_default();
        if !cell.is_empty() && !text.is_empty() {
            cell.push('\n');
        }
        cell.push_str(text);
    }

    /// Ends a cell that is `span` columns wide.
    pub(super) fn end_cell(&mut self, span: usize) {
        self.row.push(self.cell.take().unwrap_or_default());
        // A claimed span is no reason to allocate: no page shows more columns than this.
        for _ in 1..span.min(64) {
            self.row.push(String::new());
        }
    }

    /// Ends a row.
    pub(super) fn end_row(&mut self) {
        if self.cell.is_some() {
            self.end_cell(1);
        }
        let row = std::mem::take(&mut self.row);
        if row.iter().any(|cell| !cell.trim().is_empty()) {
            self.rows.push(row);
        }
    }

    /// The Markdown of all rows that ended, which are forgotten but for the header.
    pub(super) fn take(&mut self) -> String {
        let mut rows = std::mem::take(&mut self.rows);
        let width = |row: &Vec<String>| row.iter().rposition(|cell| !cell.is_empty()).map_or(0, |last| last + 1);
        let columns = rows.iter().chain(self.header.as_ref()).map(width).max().unwrap_or(0);
        if rows.is_empty() {
            return String::new();
        }
        if columns < 2 {
            return rows.iter().flatten().filter(|cell| !cell.is_empty()).cloned().collect::<Vec<_>>().join("\n\n");
        }
        let mut text = String::new();
        if self.header.is_none() {
            self.header = Some(rows.remove(0));
        }
        let header = self.header.as_deref().unwrap_or_default();
        let blank = std::iter::repeat_n("", columns.saturating_sub(header.len()));
        row(&mut text, header.iter().map(String::as_str).take(columns).chain(blank));
        rule(&mut text, columns);
        for cells in &rows {
            row(&mut text, cells.iter().map(String::as_str).take(columns));
        }
        text
    }

    /// All of its text on one line a row: how a table in a cell of another is shown.
    pub(super) fn flat(mut self) -> String {
        self.end_row();
        let mut text = String::new();
        for cells in &self.rows {
            let filled: Vec<String> = cells.iter().filter(|cell| !cell.is_empty()).map(|cell| one_line(cell)).collect();
            let _ = writeln!(text, "{}", filled.join("; "));
        }
        text.trim_end().to_owned()
    }
}

fn one_line(text: &str) -> String {
    text.lines().collect::<Vec<_>>().join(" ")
}
