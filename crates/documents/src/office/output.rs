//! The document that is being written: sections within the bounds of [`Limits`]. What does not fit is left out, and
//! a note says of what there was more; text is cut between characters, never within one.

use crate::problem::Bound;
use crate::{Document, Kind, Limits, Note, Place, Problem, Section};

/// Collects sections until a bound is reached.
pub(super) struct Output {
    limits: Limits,
    sections: Vec<Section>,
    notes: Vec<Note>,
    room: usize,
    parts: u32,
}

impl Output {
    pub(super) fn new(limits: &Limits) -> Self {
        let room = usize::try_from(limits.text).unwrap_or(usize::MAX);
        Self { limits: *limits, sections: Vec::new(), notes: Vec::new(), room, parts: 0 }
    }

    /// How many bytes of text still fit.
    pub(super) const fn room(&self) -> usize {
        self.room
    }

    /// Counts one more page, slide, sheet or chapter; false, noted, when it is one too many.
    pub(super) fn part(&mut self) -> bool {
        if self.parts >= self.limits.pages {
            self.cut(Bound::Pages, u64::from(self.limits.pages));
            return false;
        }
        self.parts += 1;
        true
    }

    /// Adds a section, or what fits of it; false when the text's bound is reached. Blank text is no section.
    pub(super) fn section(&mut self, place: Place, text: &str) -> bool {
        let text = text.trim_matches(['\n', '\r', ' ']);
        if text.chars().all(char::is_whitespace) {
            return self.room > 0;
        }
        let kept = text.get(..floor(text, self.room)).unwrap_or_default();
        self.room -= kept.len();
        if !kept.is_empty() {
            self.sections.push(Section { place, text: kept.to_owned() });
        }
        if kept.len() < text.len() {
            self.room = 0;
            self.cut(Bound::Text, self.limits.text);
        }
        self.room > 0
    }

    /// Notes that there was more; once for each bound.
    pub(super) fn cut(&mut self, what: Bound, limit: u64) {
        self.note(Note::Cut { what, limit });
    }

    /// Notes that there was more text.
    pub(super) fn cut_text(&mut self) {
        self.cut(Bound::Text, self.limits.text);
    }

    /// Adds a note, once.
    pub(super) fn note(&mut self, note: Note) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// The document; one without any text is empty.
    pub(super) fn finish(self, kind: Kind, title: Option<String>) -> Result<Document, Problem> {
        if self.sections.is_empty() {
            return Err(Problem::Empty);
        }
        let title = title.map(|title| title.trim().to_owned()).filter(|title| !title.is_empty());
        Ok(Document { kind, title, sections: self.sections, notes: self.notes })
    }
}

/// The last boundary between characters at or before `at`.
fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
