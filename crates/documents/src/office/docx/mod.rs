//! Word documents (ECMA-376, part 1, WordprocessingML): the text as it stands when every change is accepted. Headers
//! and footers are left out, and so is hidden text.

mod numbering;
mod side;
mod styles;
mod symbol;

use super::flow::{Aside, Flow, Paragraph, Parts};
use super::package::{Package, missing, skip};
use crate::problem::Limits;
use crate::xml::{Event, Reader, Tag};
use crate::{Document, Kind, Problem};
use numbering::Numbering;
use side::Side;
use styles::Styles;

/// What a hyphen is that no line ends after.
const HYPHEN: &str = "-";

/// Reads a document.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Document, Problem> {
    let mut package = Package::open(bytes, limits)?;
    let main = package.main()?;
    let text = package.part(&main)?.ok_or_else(|| missing(&main))?;
    let relations = package.relations(&main)?;
    let part = |package: &mut Package<'_>, kind| package.related(&relations, kind).map(Option::unwrap_or_default);
    let by_page = memchr::memmem::find(text.as_bytes(), b":lastRenderedPageBreak").is_some();
    let mut body = Body {
        flow: Flow::new(limits, if by_page { Parts::Pages } else { Parts::Chapters }),
        styles: Styles::read(&part(&mut package, "styles")?, limits)?,
        numbering: Numbering::read(&part(&mut package, "numbering")?, limits)?,
        footnotes: side::read(&part(&mut package, "footnotes")?, "footnote", limits)?,
        endnotes: side::read(&part(&mut package, "endnotes")?, "endnote", limits)?,
        comments: side::read(&part(&mut package, "comments")?, "comment", limits)?,
        paragraphs: Vec::new(),
        spans: Vec::new(),
        in_text: false,
    };
    body.read(&text, limits)?;
    body.flow.finish(Kind::Docx, package.title())
}

/// What is known of a paragraph that is open.
#[derive(Clone, Debug, Default)]
struct Properties {
    style: String,
    /// A list's number, and the level in it.
    list: Option<String>,
    level: Option<u8>,
    outline: Option<u8>,
}

struct Body {
    flow: Flow,
    styles: Styles,
    numbering: Numbering,
    footnotes: Side,
    endnotes: Side,
    comments: Side,
    /// Those that are open: a paragraph can hold a text box, which holds paragraphs.
    paragraphs: Vec<Properties>,
    /// Columns that each open cell is wide.
    spans: Vec<usize>,
    in_text: bool,
}

impl Body {
    fn read(&mut self, text: &str, limits: &Limits) -> Result<(), Problem> {
        let mut reader = Reader::new(text, limits);
        while let Some(event) = reader.next()? {
            if self.flow.is_full() {
                break;
            }
            match event {
                Event::Open(tag) => {
                    let name = tag.name().to_owned();
                    if !self.mark(&name, &tag) {
                        self.open(&name, &mut reader)?;
                    }
                }
                Event::Close(name) => self.close(&name),
                Event::Text(text) if self.in_text => self.flow.text(&text),
                Event::Text(_) => {}
            }
        }
        Ok(())
    }

    /// What stands in the text by itself.
    fn mark(&mut self, name: &str, tag: &Tag<'_>) -> bool {
        match name {
            "t" => self.in_text = true,
            "tab" | "ptab" => self.flow.text("\t"),
            "cr" => self.flow.text("\n"),
            "br" if tag.attribute("type").is_none_or(|kind| kind == "textWrapping") => self.flow.text("\n"),
            "noBreakHyphen" => self.flow.text(HYPHEN),
            "sym" => self.symbol(tag),
            "lastRenderedPageBreak" => self.flow.end_page(),
            "footnoteReference" => self.note(Aside::Note, tag),
            "endnoteReference" => self.endnote(tag),
            "commentReference" => self.note(Aside::Comment, tag),
            _ => return false,
        }
        true
    }

    fn symbol(&mut self, tag: &Tag<'_>) {
        let font = tag.attribute("font").unwrap_or_default();
        if let Some(symbol) = tag.attribute("char").and_then(|code| symbol::of(&font, &code)) {
            self.flow.text(symbol.encode_utf8(&mut [0; 4]));
        }
    }

    fn note(&mut self, aside: Aside, tag: &Tag<'_>) {
        let from = if aside == Aside::Comment { &self.comments } else { &self.footnotes };
        let text = tag.attribute("id").and_then(|id| from.get(&id)).cloned();
        self.write_note(aside, text);
    }

    fn endnote(&mut self, tag: &Tag<'_>) {
        let text = tag.attribute("id").and_then(|id| self.endnotes.get(&id)).cloned();
        self.write_note(Aside::Note, text);
    }

    fn write_note(&mut self, aside: Aside, text: Option<String>) {
        if let Some(text) = text.filter(|text| !text.trim().is_empty())
            && self.flow.open_aside(aside)
        {
            self.flow.text(&text);
            self.flow.close_aside();
        }
    }

    /// What holds something else.
    fn open(&mut self, name: &str, reader: &mut Reader<'_>) -> Result<(), Problem> {
        let passed = match name {
            "p" => {
                self.paragraphs.push(Properties::default());
                false
            }
            "pPr" => {
                let properties = paragraph_properties(reader)?;
                if let Some(paragraph) = self.paragraphs.last_mut() {
                    *paragraph = properties;
                }
                false
            }
            "tbl" => {
                self.flow.open_table();
                false
            }
            "tc" => {
                self.spans.push(1);
                false
            }
            "tcPr" => {
                self.cell_properties(reader)?;
                false
            }
            // The rest of the run, or of the row, whose end this is.
            "rPr" => run_is_hidden(reader)?,
            "trPr" => row_is_deleted(reader)?,
            "txbxContent" => !self.flow.open_aside(Aside::Frame),
            // Deleted, moved elsewhere, the same again for old programs, how a control looks, how a word is read.
            "del" | "moveFrom" | "Fallback" | "sdtPr" | "rt" | "tblPr" | "sectPr" | "instrText" | "delText" => true,
            _ => false,
        };
        if passed { skip(reader) } else { Ok(()) }
    }

    fn close(&mut self, name: &str) {
        match name {
            "t" => self.in_text = false,
            "p" => {
                let properties = self.paragraphs.pop().unwrap_or_default();
                self.end_paragraph(&properties);
            }
            "tc" => {
                let span = self.spans.pop().unwrap_or(1);
                self.flow.end_cell(span);
            }
            "tr" => self.flow.end_row(),
            "tbl" => self.flow.close_table(),
            "txbxContent" => self.flow.close_aside(),
            _ => {}
        }
    }

    fn end_paragraph(&mut self, properties: &Properties) {
        let style = self.styles.resolve(&properties.style);
        let list = properties.list.clone().or(style.list).filter(|list| list != "0");
        let level = properties.level.or(style.level).unwrap_or(0);
        let label = list.and_then(|list| self.numbering.next(&list, level));
        let heading = properties.outline.filter(|level| *level < 9).map(|level| level + 1).or(style.heading);
        let paragraph = match (heading, label) {
            (Some(level), label) => {
                if let Some(Some(label)) = label {
                    self.flow.prefix(&format!("{label} "));
                }
                Paragraph::Heading(level)
            }
            (None, Some(label)) => Paragraph::Item { level, label },
            (None, None) => Paragraph::Plain,
        };
        self.flow.end_paragraph(&paragraph);
    }

    fn cell_properties(&mut self, reader: &mut Reader<'_>) -> Result<(), Problem> {
        let mut span = 1;
        properties(reader, |name, tag| {
            if name == "gridSpan" {
                span = tag.attribute("val").and_then(|span| span.parse().ok()).unwrap_or(1);
            }
        })?;
        if let Some(last) = self.spans.last_mut() {
            *last = span;
        }
        Ok(())
    }
}

/// Reads the elements of one that holds properties, to its end, but for how they were before a change.
fn properties(reader: &mut Reader<'_>, mut each: impl FnMut(&str, &Tag<'_>)) -> Result<(), Problem> {
    let mut depth = 1_u32;
    while depth > 0 {
        match reader.next()? {
            Some(Event::Open(tag)) if tag.name().ends_with("Change") => skip(reader)?,
            Some(Event::Open(tag)) => {
                depth = depth.saturating_add(1);
                each(tag.name(), &tag);
            }
            Some(Event::Close(_)) => depth -= 1,
            Some(Event::Text(_)) => {}
            None => break,
        }
    }
    Ok(())
}

fn paragraph_properties(reader: &mut Reader<'_>) -> Result<Properties, Problem> {
    let mut found = Properties::default();
    properties(reader, |name, tag| match (name, tag.attribute("val")) {
        ("pStyle", Some(style)) => found.style = style,
        ("numId", Some(list)) => found.list = Some(list),
        ("ilvl", Some(level)) => found.level = level.parse().ok(),
        ("outlineLvl", Some(level)) => found.outline = level.parse().ok(),
        _ => {}
    })?;
    Ok(found)
}

fn run_is_hidden(reader: &mut Reader<'_>) -> Result<bool, Problem> {
    let mut hidden = false;
    properties(reader, |name, tag| hidden |= name == "vanish" && is_on(tag))?;
    Ok(hidden)
}

fn row_is_deleted(reader: &mut Reader<'_>) -> Result<bool, Problem> {
    let mut deleted = false;
    properties(reader, |name, _| deleted |= name == "del")?;
    Ok(deleted)
}

/// A property that is there holds, unless it says that it does not.
fn is_on(tag: &Tag<'_>) -> bool {
    tag.attribute("val").is_none_or(|value| !matches!(value.as_str(), "0" | "false" | "off"))
}
