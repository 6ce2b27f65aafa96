//! A package of Office Open XML (ECMA-376, part 2): parts, and what each refers to. What is referred to is looked up
//! by whoever asks and never followed further, so that a circle of references ends where it begins; what lies outside
//! of the package does not exist.

use crate::Problem;
use crate::problem::Limits;
use crate::xml::{self, Event, Reader, Tag};
use crate::zipped::Archive;

/// What a part refers to.
pub(super) struct Relation {
    /// How the part calls it.
    pub(super) id: String,
    /// What it is: the last word of its type, such as `slide`.
    pub(super) kind: String,
    /// The name of the other part.
    pub(super) target: String,
}

/// A package that is read.
pub(super) struct Package<'a> {
    archive: Archive<'a>,
    limits: Limits,
}

impl<'a> Package<'a> {
    pub(super) fn open(bytes: &'a [u8], limits: &Limits) -> Result<Self, Problem> {
        Ok(Self { archive: Archive::open(bytes, limits)?, limits: *limits })
    }

    /// A part as text; nothing when there is none.
    pub(super) fn part(&mut self, name: &str) -> Result<Option<String>, Problem> {
        let bytes = self.archive.read(name)?;
        Ok(bytes.map(|bytes| xml::decode(&bytes).into_owned()))
    }

    /// The name of the part that the document begins with.
    pub(super) fn main(&mut self) -> Result<String, Problem> {
        let relations = self.relations("")?;
        let main = relations.into_iter().find(|relation| relation.kind == "officeDocument");
        main.map(|relation| relation.target).ok_or_else(|| missing("a document"))
    }

    /// What a part refers to inside of the package.
    pub(super) fn relations(&mut self, part: &str) -> Result<Vec<Relation>, Problem> {
        let (folder, name) = part.rsplit_once('/').unwrap_or(("", part));
        let rels = join(folder, &format!("_rels/{name}.rels"));
        let Some(text) = self.part(&rels)? else { return Ok(Vec::new()) };
        let mut relations = Vec::new();
        let mut reader = Reader::new(&text, &self.limits);
        while let Some(event) = reader.next()? {
            if let Event::Open(tag) = event
                && tag.name() == "Relationship"
            {
                relations.extend(relation(&tag, folder));
            }
        }
        Ok(relations)
    }

    /// The part of a kind that another refers to, as text.
    pub(super) fn related(&mut self, relations: &[Relation], kind: &str) -> Result<Option<String>, Problem> {
        match relations.iter().find(|relation| relation.kind == kind) {
            Some(relation) => self.part(&relation.target),
            None => Ok(None),
        }
    }

    /// The title that the document gives itself.
    pub(super) fn title(&mut self) -> Option<String> {
        let relations = self.relations("").ok()?;
        let text = self.related(&relations, "core-properties").ok()??;
        title(&text, &self.limits)
    }
}

/// The text of the first element `title`.
pub(super) fn title(text: &str, limits: &Limits) -> Option<String> {
    let mut reader = Reader::new(text, limits);
    let mut title: Option<String> = None;
    loop {
        match reader.next().ok()?? {
            Event::Open(tag) if tag.name() == "title" => title = Some(String::new()),
            Event::Text(text) => {
                if let Some(title) = &mut title {
                    title.push_str(&text);
                }
            }
            Event::Close(name) if name == "title" => return title,
            _ => {}
        }
    }
}

/// Reads past the end of the element that has just begun.
pub(super) fn skip(reader: &mut Reader<'_>) -> Result<(), Problem> {
    let mut depth = 1_u32;
    while depth > 0 {
        match reader.next()? {
            Some(Event::Open(_)) => depth = depth.saturating_add(1),
            Some(Event::Close(_)) => depth -= 1,
            Some(Event::Text(_)) => {}
            None => break,
        }
    }
    Ok(())
}

pub(super) fn missing(what: &str) -> Problem {
    Problem::Corrupt { detail: format!("{what} is missing") }
}

fn relation(tag: &Tag<'_>, folder: &str) -> Option<Relation> {
    if tag.attribute("TargetMode").is_some_and(|mode| mode.eq_ignore_ascii_case("external")) {
        return None;
    }
    let kind = tag.attribute("Type")?;
    let kind = kind.rsplit('/').next().unwrap_or_default().to_owned();
    let target = tag.attribute("Target")?;
    let target = match target.strip_prefix('/') {
        Some(absolute) => join("", absolute),
        None => join(folder, &target),
    };
    Some(Relation { id: tag.attribute("Id")?, kind, target })
}

/// A path in a folder, without `.` and `..`.
fn join(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    parts.join("/")
}
