//! A text document that is read from its beginning to its end: paragraphs, headings, list items, tables and notes go
//! in as events, sections of Markdown come out, one for each page where the file says where pages end, else one for
//! each heading. Notes stand at the end of the section that refers to them, as Markdown's footnotes.

use super::output::Output;
use super::table::Table;
use crate::{Document, Kind, Limits, Note, Place, Problem};
use std::mem::take;

/// What a paragraph is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Paragraph {
    /// Just text.
    Plain,
    /// A heading, from 1.
    Heading(u8),
    /// An item of a list.
    Item {
        /// How deep, from 0.
        level: u8,
        /// Its number as people see it ("3.", "b)"), or nothing for a bullet.
        label: Option<String>,
    },
}

/// What a document's sections are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parts {
    /// Pages: the file says where they end.
    Pages,
    /// Slides.
    Slides,
    /// What stands under a heading.
    Chapters,
}

/// What stands beside the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aside {
    /// A footnote, or an endnote.
    Note,
    /// A comment.
    Comment,
    /// A text box: its text follows the paragraph that it hangs on.
    Frame,
}

/// What was being written when something beside it began.
struct Outer {
    aside: Aside,
    label: String,
    line: String,
    body: String,
    after: Vec<String>,
    tables: Vec<Table>,
    was_item: bool,
}

/// The document that is being written.
pub(super) struct Flow {
    out: Output,
    depth: usize,
    parts: Parts,
    number: u32,
    title: String,
    body: String,
    line: String,
    /// Text boxes of the paragraph that is open.
    after: Vec<String>,
    tables: Vec<Table>,
    asides: Vec<Outer>,
    notes: Vec<(String, String)>,
    labels: [u32; 2],
    was_item: bool,
    page_ended: bool,
    used: usize,
    full: bool,
    /// Whether what is written now is of a part beyond the bound.
    beyond: bool,
}

impl Flow {
    /// `parts`: what a section is.
    pub(super) fn new(limits: &Limits, parts: Parts) -> Self {
        let mut out = Output::new(limits);
        let beyond = !out.part();
        Self {
            out,
            depth: limits.depth as usize,
            parts,
            number: 1,
            title: String::new(),
            body: String::new(),
            line: String::new(),
            after: Vec::new(),
            tables: Vec::new(),
            asides: Vec::new(),
            notes: Vec::new(),
            labels: [0; 2],
            was_item: false,
            page_ended: false,
            used: 0,
            full: beyond,
            beyond,
        }
    }

    /// Whether nothing more is taken.
    pub(super) const fn is_full(&self) -> bool {
        self.full
    }

    /// Whether a table is open.
    pub(super) fn in_table(&self) -> bool {
        !self.tables.is_empty()
    }

    /// Adds to the paragraph that is open.
    pub(super) fn text(&mut self, text: &str) {
        if self.full {
            return;
        }
        self.used += text.len();
        if self.used > self.out.room() {
            self.full = true;
            self.out.cut_text();
            return;
        }
        // Soft hyphens and zero-width marks are for the line breaker, and hide a word from a search.
        self.line.extend(text.chars().filter(|character| !matches!(character, '\u{ad}' | '\u{200b}' | '\u{feff}')));
    }

    /// Puts something before the paragraph that is open, if it has text.
    pub(super) fn prefix(&mut self, text: &str) {
        if !self.line.trim().is_empty() {
            self.line.insert_str(0, text);
        }
    }

    /// Takes the text of the paragraph that is open, as though it had not begun.
    pub(super) fn take_line(&mut self) -> String {
        take(&mut self.line)
    }

    /// Ends the paragraph that is open.
    pub(super) fn end_paragraph(&mut self, paragraph: &Paragraph) {
        let line = take(&mut self.line);
        self.block(line.trim(), paragraph);
        for frame in take(&mut self.after) {
            self.block(&frame, &Paragraph::Plain);
        }
        if self.page_ended && !self.in_table() && self.asides.is_empty() {
            self.page_ended = false;
            self.next_page();
        }
    }

    fn block(&mut self, text: &str, paragraph: &Paragraph) {
        if text.is_empty() {
            return;
        }
        let marked = marked(text, paragraph);
        if let Some(table) = self.tables.last_mut() {
            return table.paragraph(if matches!(paragraph, Paragraph::Heading(_)) { text } else { &marked });
        }
        if let Paragraph::Heading(_) = paragraph
            && self.asides.is_empty()
            && self.parts == Parts::Chapters
        {
            self.next_chapter(text);
        }
        let item = matches!(paragraph, Paragraph::Item { .. });
        self.append(&marked, item && self.was_item);
        self.was_item = item;
    }

    fn append(&mut self, block: &str, tight: bool) {
        if block.is_empty() {
            return;
        }
        if !self.body.is_empty() {
            self.body.push_str(if tight { "\n" } else { "\n\n" });
        }
        self.body.push_str(block.trim_end());
    }

    fn next_chapter(&mut self, title: &str) {
        let blank = self.body.is_empty();
        self.flush();
        self.title = title.chars().take(200).collect();
        if !blank {
            self.next_part();
        }
    }

    fn next_page(&mut self) {
        self.flush();
        self.next_part();
    }

    fn next_part(&mut self) {
        self.number = self.number.saturating_add(1);
        self.beyond |= !self.out.part();
        self.full |= self.beyond;
    }

    /// A page ends here. In a table the row that is open still belongs to it.
    pub(super) fn end_page(&mut self) {
        if self.parts == Parts::Chapters || !self.asides.is_empty() {
            return;
        }
        if self.in_table() {
            self.page_ended = true;
            return;
        }
        let line = take(&mut self.line);
        self.append(line.trim(), false);
        self.was_item = false;
        self.next_page();
    }

    /// A table begins.
    pub(super) fn open_table(&mut self) {
        if self.tables.len() < self.depth {
            self.tables.push(Table::default());
        }
    }

    /// A cell of the innermost table ends.
    pub(super) fn end_cell(&mut self, span: usize) {
        if !self.line.trim().is_empty() {
            self.end_paragraph(&Paragraph::Plain);
        }
        self.line.clear();
        if let Some(table) = self.tables.last_mut() {
            table.end_cell(span);
        }
    }

    /// A row of the innermost table ends.
    pub(super) fn end_row(&mut self) {
        let Some(table) = self.tables.last_mut() else { return };
        table.end_row();
        if self.page_ended && self.tables.len() == 1 && self.asides.is_empty() {
            let rows = self.tables.first_mut().map(Table::take).unwrap_or_default();
            self.append(&rows, false);
            self.page_ended = false;
            self.next_page();
        }
    }

    /// The innermost table ends.
    pub(super) fn close_table(&mut self) {
        let Some(mut table) = self.tables.pop() else { return };
        if let Some(outer) = self.tables.last_mut() {
            return outer.paragraph(&table.flat());
        }
        table.end_row();
        let text = table.take();
        self.append(&text, false);
        self.was_item = false;
    }

    /// Something beside the text begins; false when it is nested too deep, and nothing has begun.
    pub(super) fn open_aside(&mut self, aside: Aside) -> bool {
        if self.asides.len() >= self.depth {
            return false;
        }
        let label = self.label(aside);
        if !label.is_empty() {
            self.line.push_str(&format!("[^{label}]"));
        }
        self.asides.push(Outer {
            aside,
            label,
            line: take(&mut self.line),
            body: take(&mut self.body),
            after: take(&mut self.after),
            tables: take(&mut self.tables),
            was_item: take(&mut self.was_item),
        });
        true
    }

    /// Footnotes are counted, and comments by themselves.
    fn label(&mut self, aside: Aside) -> String {
        let [notes, comments] = &mut self.labels;
        match aside {
            Aside::Note => {
                *notes += 1;
                notes.to_string()
            }
            Aside::Comment => {
                *comments += 1;
                format!("comment-{comments}")
            }
            Aside::Frame => String::new(),
        }
    }

    /// What stood beside the text ends.
    pub(super) fn close_aside(&mut self) {
        self.end_paragraph(&Paragraph::Plain);
        while self.in_table() {
            self.close_table();
        }
        let Some(outer) = self.asides.pop() else { return };
        let text = std::mem::replace(&mut self.body, outer.body);
        self.line = outer.line;
        self.after = outer.after;
        self.tables = outer.tables;
        self.was_item = outer.was_item;
        match outer.aside {
            Aside::Frame => self.after.push(text),
            Aside::Note | Aside::Comment => self.notes.push((outer.label, text)),
        }
    }

    /// Writes the section that ends here, and the notes that it refers to.
    fn flush(&mut self) {
        if self.beyond {
            return;
        }
        let mut body = take(&mut self.body);
        for (label, text) in take(&mut self.notes) {
            if !body.is_empty() {
                body.push_str("\n\n");
            }
            // Markdown continues a note in lines that are indented.
            body.push_str(&format!("[^{label}]: {}", text.replace('\n', "\n    ")));
        }
        self.used = 0;
        self.was_item = false;
        let place = match self.parts {
            Parts::Pages => Place::Page(self.number),
            Parts::Slides => Place::Slide(self.number),
            Parts::Chapters => Place::Chapter { number: self.number, title: self.title.clone() },
        };
        if !self.out.section(place, &body) {
            self.full = true;
        }
    }

    /// Notes something about the document.
    pub(super) fn note(&mut self, note: Note) {
        self.out.note(note);
    }

    /// Ends the document.
    pub(super) fn finish(mut self, kind: Kind, title: Option<String>) -> Result<Document, Problem> {
        while !self.asides.is_empty() {
            self.close_aside();
        }
        self.end_paragraph(&Paragraph::Plain);
        while self.in_table() {
            self.close_table();
        }
        self.flush();
        let whole = self.parts == Parts::Chapters && self.number == 1 && self.title.is_empty();
        let mut document = self.out.finish(kind, title)?;
        if whole && let Some(section) = document.sections.first_mut() {
            section.place = Place::Whole;
        }
        Ok(document)
    }
}

fn marked(text: &str, paragraph: &Paragraph) -> String {
    match paragraph {
        Paragraph::Plain => text.to_owned(),
        Paragraph::Heading(level) => format!("{} {}", "#".repeat((*level).clamp(1, 6).into()), text.replace('\n', " ")),
        Paragraph::Item { level, label } => {
            let indent = "    ".repeat((*level).min(8).into());
            format!("{indent}{} {text}", label.as_deref().unwrap_or("-"))
        }
    }
}
