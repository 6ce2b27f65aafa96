//! OpenDocument (ISO/IEC 26300): texts, spreadsheets and presentations, which share one vocabulary. Of a cell it is
//! what people see there that is read: the file holds each value a second time as it is shown.

mod sheet;
mod styles;

use super::flow::{Aside, Flow, Paragraph, Parts};
use super::package::{missing, skip, title};
use crate::problem::Limits;
use crate::xml::{self, Event, Reader, Tag};
use crate::zipped::Archive;
use crate::{Document, Kind, Problem};
use styles::Styles;

/// Stands before a slide that is not shown.
const HIDDEN: &str = "<!-- hidden -->";

/// Stands before a speaker's notes.
const NOTES: &str = "<!-- notes -->";

/// Spaces that a file may claim at once.
const SPACES: usize = 100;

/// Reads a document.
pub(super) fn read(kind: Kind, bytes: &[u8], limits: &Limits) -> Result<Document, Problem> {
    let mut archive = Archive::open(bytes, limits)?;
    let mut part = |name: &str| -> Result<Option<String>, Problem> {
        Ok(archive.read(name)?.map(|bytes| xml::decode(&bytes).into_owned()))
    };
    // Where the parts of an encrypted document stand there are random bytes.
    if part("META-INF/manifest.xml")?.is_some_and(|manifest| manifest.contains("encryption-data")) {
        return Err(Problem::Encrypted);
    }
    let content = part("content.xml")?.ok_or_else(|| missing("content.xml"))?;
    let mut styles = Styles::default();
    if let Some(text) = part("styles.xml")? {
        styles.read(&text, limits)?;
    }
    styles.read(&content, limits)?;
    let title = part("meta.xml")?.and_then(|text| title(&text, limits));
    if kind == Kind::Ods {
        return sheet::read(&content, &styles, limits);
    }
    let by_page = memchr::memmem::find(content.as_bytes(), b":soft-page-break").is_some();
    let parts = match (kind, by_page) {
        (Kind::Odp, _) => Parts::Slides,
        (_, true) => Parts::Pages,
        (_, false) => Parts::Chapters,
    };
    let mut body = Body::new(Flow::new(limits, parts), styles, kind == Kind::Odp);
    body.read(&content, limits)?;
    body.flow.finish(kind, title)
}

/// A list that is open.
struct List {
    style: String,
    counted: u32,
    /// Whether the item that is open has shown its number.
    shown: bool,
}

struct Body {
    flow: Flow,
    styles: Styles,
    slides: bool,
    begun: bool,
    /// Within the part of the file that holds the text.
    inside: bool,
    lists: Vec<List>,
    headings: Vec<u8>,
    /// How deep in something that holds text.
    paragraphs: u32,
    is_title: bool,
    /// A speaker's notes have begun, and nothing was in them yet.
    notes_begin: bool,
    repeated: usize,
}

impl Body {
    const fn new(flow: Flow, styles: Styles, slides: bool) -> Self {
        Self {
            flow,
            styles,
            slides,
            begun: false,
            inside: false,
            lists: Vec::new(),
            headings: Vec::new(),
            paragraphs: 0,
            is_title: false,
            notes_begin: false,
            repeated: 1,
        }
    }

    fn read(&mut self, text: &str, limits: &Limits) -> Result<(), Problem> {
        let mut reader = Reader::new(text, limits);
        while let Some(event) = reader.next()? {
            if self.flow.is_full() {
                break;
            }
            match event {
                Event::Open(tag) if tag.name() == "body" => self.inside = true,
                Event::Open(_) if !self.inside => {}
                Event::Open(tag) => {
                    if !self.mark(&tag) && !self.open(&tag) {
                        skip(&mut reader)?;
                    }
                }
                Event::Close(name) if self.inside => self.close(&name),
                Event::Text(text) if self.inside && self.paragraphs > 0 => self.text(&spaced(&text)),
                Event::Close(_) | Event::Text(_) => {}
            }
        }
        Ok(())
    }

    fn text(&mut self, text: &str) {
        if std::mem::take(&mut self.notes_begin) {
            self.flow.text(NOTES);
            self.flow.end_paragraph(&Paragraph::Plain);
        }
        self.flow.text(text);
    }

    /// What stands in the text by itself.
    fn mark(&mut self, tag: &Tag<'_>) -> bool {
        match tag.name() {
            "tab" => self.flow.text("\t"),
            "line-break" => self.flow.text("\n"),
            "s" => {
                let count = tag.attribute("c").and_then(|count| count.parse().ok()).unwrap_or(1_usize);
                self.flow.text(&" ".repeat(count.min(SPACES)));
            }
            "soft-page-break" => self.flow.end_page(),
            _ => return false,
        }
        true
    }

    /// What holds something else; false for what is passed over.
    fn open(&mut self, tag: &Tag<'_>) -> bool {
        match tag.name() {
            // Deleted text, how controls look, what a picture shows to those who cannot see it, and how a word is read.
            "tracked-changes"
            | "forms"
            | "desc"
            | "ruby-text"
            | "note-citation"
            | "creator"
            | "date"
            | "date-string"
            | "initials"
            | "sender-initials"
            | "settings"
            | "index-title-template"
            | "meta-creator-initials" => {
                return false;
            }
            "title" if !self.slides => return false,
            "p" | "h" => self.open_paragraph(tag),
            "list" => self.open_list(tag),
            "list-item" | "list-header" => self.next_item(),
            "note-body" => return self.open_aside(Aside::Note),
            "annotation" => return self.open_aside(Aside::Comment),
            "text-box" if self.paragraphs > 0 => return self.open_aside(Aside::Frame),
            "table" => self.flow.open_table(),
            "table-cell" | "covered-table-cell" => {
                self.repeated =
                    tag.attribute("number-columns-repeated").and_then(|count| count.parse().ok()).unwrap_or(1);
            }
            "page" if self.slides => self.open_slide(tag),
            "frame" => {
                let class = tag.attribute("class").unwrap_or_default();
                self.is_title = class == "title";
                // Which every slide has.
                return !matches!(class.as_str(), "page-number" | "header" | "footer" | "date-time");
            }
            "notes" => self.notes_begin = true,
            _ => {}
        }
        true
    }

    fn open_paragraph(&mut self, tag: &Tag<'_>) {
        if tag.attribute("style-name").is_some_and(|style| self.styles.begins_page(&style)) && self.begun {
            self.flow.end_page();
        }
        self.begun = true;
        self.paragraphs += 1;
        let level = match (tag.name(), self.is_title) {
            ("h", _) => tag.attribute("outline-level").and_then(|level| level.parse().ok()).unwrap_or(1),
            (_, true) => 1,
            _ => tag.attribute("style-name").and_then(|style| self.styles.heading(&style)).unwrap_or(0),
        };
        self.headings.push(level);
    }

    fn open_list(&mut self, tag: &Tag<'_>) {
        let outer = self.lists.last().map(|list| list.style.clone());
        let style = tag.attribute("style-name").or(outer).unwrap_or_default();
        self.lists.push(List { style, counted: 0, shown: false });
    }

    fn next_item(&mut self) {
        if let Some(list) = self.lists.last_mut() {
            list.counted = list.counted.saturating_add(1);
            list.shown = false;
        }
    }

    fn open_aside(&mut self, aside: Aside) -> bool {
        self.flow.open_aside(aside)
    }

    fn open_slide(&mut self, tag: &Tag<'_>) {
        if self.begun {
            self.flow.end_page();
        }
        self.begun = true;
        if tag.attribute("style-name").is_some_and(|style| self.styles.is_hidden(&style)) {
            self.flow.text(HIDDEN);
            self.flow.end_paragraph(&Paragraph::Plain);
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "p" | "h" => {
                self.paragraphs = self.paragraphs.saturating_sub(1);
                let level = self.headings.pop().unwrap_or(0);
                let paragraph = self.paragraph(level);
                self.flow.end_paragraph(&paragraph);
            }
            "list" => drop(self.lists.pop()),
            "note-body" | "annotation" => self.flow.close_aside(),
            "text-box" if self.paragraphs > 0 => self.flow.close_aside(),
            "table-cell" | "covered-table-cell" => self.flow.end_cell(self.repeated),
            "table-row" => self.flow.end_row(),
            "table" => self.flow.close_table(),
            "frame" => self.is_title = false,
            "notes" => self.notes_begin = false,
            "body" => self.inside = false,
            _ => {}
        }
    }

    fn paragraph(&mut self, heading: u8) -> Paragraph {
        if heading > 0 {
            return Paragraph::Heading(heading);
        }
        let level = self.lists.len();
        let Some(list) = self.lists.last_mut() else { return Paragraph::Plain };
        // An item's second paragraph has no number of its own.
        if std::mem::replace(&mut list.shown, true) {
            return Paragraph::Plain;
        }
        let numbered = self.styles.is_numbered(&list.style, level);
        let label = numbered.then(|| format!("{}.", list.counted));
        Paragraph::Item { level: u8::try_from(level.saturating_sub(1)).unwrap_or(u8::MAX), label }
    }
}

/// The file's own line ends are spaces.
fn spaced(text: &str) -> std::borrow::Cow<'_, str> {
    match text.contains(['\n', '\r']) {
        true => text.replace(['\n', '\r'], " ").into(),
        false => text.into(),
    }
}
