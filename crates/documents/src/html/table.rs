//! A table of a page, as one of Markdown. Tables in tables become text of their cell.

/// Cells that a table has at most in a row.
const COLUMNS: usize = 200;

/// A table that is open.
#[derive(Default)]
pub(super) struct Table {
    rows: Vec<Vec<String>>,
    before: String,
    in_cell: bool,
    /// Tables that are open inside it.
    pub(super) inner: u32,
}

impl Table {
    /// Begins a row, a cell or the caption.
    pub(super) fn open(&mut self, name: &str) {
        if self.inner > 0 {
            return self.cell().push(' ');
        }
        match name {
            "tr" => {
                self.rows.push(Vec::new());
                self.in_cell = false;
            }
            "td" | "th" => {
                if self.rows.is_empty() {
                    self.rows.push(Vec::new());
                }
                if let Some(row) = self.rows.last_mut().filter(|row| row.len() < COLUMNS) {
                    row.push(String::new());
                }
                self.in_cell = true;
            }
            _ => self.in_cell = false,
        }
    }

    /// Where text goes: the open cell, or before the table.
    pub(super) fn cell(&mut self) -> &mut String {
        let cell = self.rows.last_mut().and_then(|row| row.last_mut());
        match cell {
            Some(cell) if self.in_cell => cell,
            _ => &mut self.before,
        }
    }

    /// The table in Markdown; what has one row or one column is no table but lines.
    pub(super) fn markdown(self) -> String {
        let before = self.before.trim();
        let mut out = if before.is_empty() { String::new() } else { format!("{before}\n\n") };
        let rows: Vec<Vec<String>> = self.rows.into_iter().map(tidy).filter(|row| !row.is_empty()).collect();
        let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
        let is_table = rows.len() > 1 && columns > 1;
        for (at, row) in rows.iter().enumerate() {
            if is_table {
                let missing = std::iter::repeat_n("", columns - row.len());
                let cells = row.iter().map(String::as_str).chain(missing);
                out.push_str(&format!("| {} |\n", cells.collect::<Vec<_>>().join(" | ")));
                if at == 0 {
                    out.push_str(&format!("|{}\n", " --- |".repeat(columns)));
                }
            } else {
                let filled = row.iter().filter(|cell| !cell.is_empty());
                out.push_str(&filled.map(String::as_str).collect::<Vec<_>>().join("\n"));
                out.push('\n');
            }
        }
        out
    }
}

fn tidy(row: Vec<String>) -> Vec<String> {
    if row.iter().all(|cell| cell.trim().is_empty()) {
        return Vec::new();
    }
    row.iter().map(|cell| cell.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")).collect()
}
