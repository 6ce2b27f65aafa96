//! A document as it is put together, within what may be read of its text.

use crate::Kind;
use crate::document::{Document, Note, Place, Section};
use crate::problem::{Bound, Limits, Problem};

/// Names that are told of files that were not read.
const SKIPPED: usize = 20;

/// A document that is being read.
pub(crate) struct Draft {
    kind: Kind,
    title: Option<String>,
    sections: Vec<Section>,
    notes: Vec<Note>,
    limit: u64,
    room: u64,
}

impl Draft {
    pub(crate) fn new(kind: Kind, limits: &Limits) -> Self {
        let (limit, room) = (limits.text, limits.text);
        Self { kind, title: None, sections: Vec::new(), notes: Vec::new(), limit, room }
    }

    /// Sets what the document calls itself; an empty title is none.
    pub(crate) fn title(&mut self, title: &str) {
        let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
        if !title.is_empty() {
            self.title = Some(title);
        }
    }

    /// Adds a section; one without text is left out. What is beyond the limit is cut off.
    pub(crate) fn push(&mut self, place: Place, mut text: String) {
        if u64::try_from(text.len()).is_ok_and(|length| length > self.room) {
            let room = usize::try_from(self.room).unwrap_or(usize::MAX);
            text.truncate(text.floor_char_boundary(room));
            self.note(Note::Cut { what: Bound::Text, limit: self.limit });
            self.room = 0;
        }
        self.room = self.room.saturating_sub(text.len() as u64);
        if !text.trim().is_empty() {
            self.sections.push(Section { place, text });
        }
    }

    /// Adds a note, once.
    pub(crate) fn note(&mut self, note: Note) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// Notes a file that was not read.
    pub(crate) fn skip(&mut self, name: &str) {
        let known = self.notes.iter_mut().find_map(|note| match note {
            Note::Skipped { names } => Some(names),
            _ => None,
        });
        match known {
            Some(names) if names.len() < SKIPPED => names.push(name.to_owned()),
            Some(_) => {}
            None => self.notes.push(Note::Skipped { names: vec![name.to_owned()] }),
        }
    }

    /// Whether there is room for more text.
    pub(crate) fn is_full(&self) -> bool {
        self.room == 0
    }

    /// Bytes of text that there is room for.
    pub(crate) fn room(&self) -> u64 {
        self.room
    }

    /// Whether there is no text yet.
    pub(crate) fn is_empty(&self) -> bool {
        self.sections.is_empty()
    }

    /// The document.
    ///
    /// # Errors
    ///
    /// [`Problem::Empty`] when there is no text in it.
    pub(crate) fn finish(self) -> Result<Document, Problem> {
        if self.sections.is_empty() {
            return Err(Problem::Empty);
        }
        Ok(Document { kind: self.kind, title: self.title, sections: self.sections, notes: self.notes })
    }
}
