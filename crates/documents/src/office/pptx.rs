//! Presentations (ECMA-376, part 1, PresentationML): slides in the order in which they are shown, each with its title,
//! its texts and tables, and what its speaker has noted.

use super::flow::{Flow, Paragraph, Parts};
use super::package::{Package, missing, skip};
use crate::problem::Limits;
use crate::xml::{Event, Reader, Tag};
use crate::{Document, Kind, Note, Problem};

/// Stands before a slide that is not shown.
const HIDDEN: &str = "<!-- hidden -->";

/// Stands before a speaker's notes.
const NOTES: &str = "<!-- notes -->";

/// Reads a presentation.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Document, Problem> {
    let mut package = Package::open(bytes, limits)?;
    let main = package.main()?;
    let text = package.part(&main)?.ok_or_else(|| missing(&main))?;
    let relations = package.relations(&main)?;
    let mut flow = Flow::new(limits, Parts::Slides);
    for (at, id) in slide_ids(&text, limits)?.iter().enumerate() {
        if at > 0 {
            flow.end_page();
        }
        if flow.is_full() {
            break;
        }
        match relations.iter().find(|relation| relation.id == *id) {
            Some(relation) => read_slide(&mut package, &mut flow, &relation.target, limits)?,
            None => flow.note(Note::Damaged),
        }
    }
    flow.finish(Kind::Pptx, package.title())
}

/// The slides in their order, as the presentation calls them.
fn slide_ids(text: &str, limits: &Limits) -> Result<Vec<String>, Problem> {
    let mut ids = Vec::new();
    let mut reader = Reader::new(text, limits);
    while let Some(event) = reader.next()? {
        if let Event::Open(tag) = event
            && tag.name() == "sldId"
        {
            // `id` alone is another number.
            ids.extend(tag.prefixed_attribute("id"));
        }
    }
    Ok(ids)
}

fn read_slide(package: &mut Package<'_>, flow: &mut Flow, name: &str, limits: &Limits) -> Result<(), Problem> {
    let Some(text) = package.part(name)? else {
        flow.note(Note::Damaged);
        return Ok(());
    };
    let relations = package.relations(name)?;
    // A title may stand anywhere in the file; people see it first.
    for titles in [true, false] {
        Slide::new(flow, if titles { Wanted::Titles } else { Wanted::Rest }).read(&text, limits)?;
    }
    for relation in relations.iter().filter(|relation| relation.kind == "diagramData") {
        if let Some(text) = package.part(&relation.target)? {
            Slide::new(flow, Wanted::All).read(&text, limits)?;
        }
    }
    if let Some(text) = package.related(&relations, "notesSlide")? {
        let mut slide = Slide::new(flow, Wanted::Notes);
        slide.read(&text, limits)?;
    }
    Ok(())
}

/// Which texts of a slide are read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Titles,
    Rest,
    /// What a speaker wrote below the picture of the slide.
    Notes,
    All,
}

/// What a shape holds, by the placeholder that it fills.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Title,
    /// A list of points.
    Body,
    /// A date, a number or a footer, which every slide has.
    Furniture,
    Other,
}

struct Slide<'a> {
    flow: &'a mut Flow,
    wanted: Wanted,
    shape: Shape,
    level: u8,
    bullet: Option<bool>,
    in_text: bool,
    marked: bool,
}

impl<'a> Slide<'a> {
    fn new(flow: &'a mut Flow, wanted: Wanted) -> Self {
        let (shape, level, bullet) = (Shape::Other, 0, None);
        Self { flow, wanted, shape, level, bullet, in_text: false, marked: false }
    }

    fn read(&mut self, text: &str, limits: &Limits) -> Result<(), Problem> {
        let mut reader = Reader::new(text, limits);
        while let Some(event) = reader.next()? {
            if self.flow.is_full() {
                break;
            }
            match event {
                Event::Open(tag) if matches!(tag.name(), "Fallback" | "extLst") => skip(&mut reader)?,
                Event::Open(tag) => self.open(&tag),
                Event::Close(name) => self.close(&name),
                Event::Text(text) if self.in_text && self.is_wanted() => self.text(&text),
                Event::Text(_) => {}
            }
        }
        Ok(())
    }

    fn is_wanted(&self) -> bool {
        match (self.wanted, self.shape) {
            (Wanted::All, _) | (Wanted::Titles, Shape::Title) | (Wanted::Notes, Shape::Body) => true,
            (Wanted::Rest, shape) => matches!(shape, Shape::Body | Shape::Other),
            _ => false,
        }
    }

    fn text(&mut self, text: &str) {
        if self.wanted == Wanted::Notes && !self.marked {
            self.marked = true;
            self.flow.text(NOTES);
            self.flow.end_paragraph(&Paragraph::Plain);
        }
        self.flow.text(text);
    }

    fn open(&mut self, tag: &Tag<'_>) {
        match tag.name() {
            "sld" if self.wanted == Wanted::Titles && tag.attribute("show").is_some_and(|show| is_off(&show)) => {
                self.flow.text(HIDDEN);
                self.flow.end_paragraph(&Paragraph::Plain);
            }
            "sp" | "graphicFrame" => self.shape = Shape::Other,
            "ph" => self.shape = placeholder(tag.attribute("type").as_deref()),
            "p" => (self.level, self.bullet) = (0, None),
            "pPr" => self.level = tag.attribute("lvl").and_then(|level| level.parse().ok()).unwrap_or(0),
            "buNone" => self.bullet = Some(false),
            "buChar" | "buAutoNum" => self.bullet = Some(true),
            "t" => self.in_text = true,
            "br" if self.is_wanted() => self.flow.text("\n"),
            "tbl" if self.is_wanted() => self.flow.open_table(),
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "t" => self.in_text = false,
            "p" if self.is_wanted() => {
                let paragraph = self.paragraph();
                self.flow.end_paragraph(&paragraph);
            }
            // Cells that another covers are there, and empty.
            "tc" if self.is_wanted() => self.flow.end_cell(1),
            "tr" if self.is_wanted() => self.flow.end_row(),
            "tbl" if self.is_wanted() => self.flow.close_table(),
            "sp" | "graphicFrame" => self.shape = Shape::Other,
            _ => {}
        }
    }

    fn paragraph(&self) -> Paragraph {
        let listed = self.shape == Shape::Body && self.wanted == Wanted::Rest && !self.flow.in_table();
        match self.shape {
            Shape::Title => Paragraph::Heading(1),
            _ if self.bullet.unwrap_or(listed) => Paragraph::Item { level: self.level, label: None },
            _ => Paragraph::Plain,
        }
    }
}

fn placeholder(kind: Option<&str>) -> Shape {
    match kind {
        Some("title" | "ctrTitle") => Shape::Title,
        Some("dt" | "ftr" | "hdr" | "sldNum" | "sldImg") => Shape::Furniture,
        Some("subTitle") => Shape::Other,
        _ => Shape::Body,
    }
}

fn is_off(value: &str) -> bool {
    matches!(value, "0" | "false")
}
