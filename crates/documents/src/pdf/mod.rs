//! PDF: the text of each page. Pages that only show pictures are named, so that they can be read another way.

mod content;
mod font;
mod layout;
mod weight;

use crate::Kind;
use crate::document::{Document, Note, Place, Section};
use crate::problem::{Bound, Limits, Problem};
use content::{Content, Shown};
use font::Fonts;
use hayro_syntax::object::dict::keys;
use hayro_syntax::object::{Array, Dict, Name, Stream};
use hayro_syntax::page::Page;
use hayro_syntax::{DecryptionError, LoadPdfError, Pdf};

/// Reads a PDF. One that asks for a password only to change it opens with an empty one.
///
/// # Errors
///
/// [`Problem::Encrypted`], [`Problem::Corrupt`], [`Problem::TooLarge`] and [`Problem::Hostile`] for what it unpacks to,
/// [`Problem::Scanned`] when no page has text and some have pictures,
/// [`Problem::Empty`] when none has either.
pub(crate) fn read(bytes: &[u8], limits: &Limits) -> Result<Document, Problem> {
    weight::check(bytes, limits)?;
    let pdf = Pdf::new(bytes.to_vec()).map_err(problem)?;
    let mut pages = Pages { sections: Vec::new(), scanned: Vec::new(), notes: Vec::new() };
    pages.read(&pdf, limits);
    let title = pdf.metadata().title.as_deref().map(text_string);
    let title = title.map(|title| title.trim().to_owned()).filter(|title| !title.is_empty());
    pages.finish(title)
}

struct Pages {
    sections: Vec<Section>,
    scanned: Vec<u32>,
    notes: Vec<Note>,
}

impl Pages {
    fn read(&mut self, pdf: &Pdf, limits: &Limits) {
        let mut fonts = Fonts::new();
        let mut left = limits.unpacked;
        let mut room = limits.text;
        for (page, number) in pdf.pages().iter().zip(1u32..) {
            if number > limits.pages {
                return self.cut(Bound::Pages, u64::from(limits.pages));
            }
            let shown = show(page, &mut fonts, &mut left);
            if shown.text.is_empty() && shown.images > 0 {
                self.scanned.push(number);
            }
            let text = layout::join_divided(&shown.text);
            let Some(rest) = room.checked_sub(text.len() as u64) else {
                return self.cut(Bound::Text, limits.text);
            };
            room = rest;
            if !text.is_empty() {
                self.sections.push(Section { place: Place::Page(number), text });
            }
            if left == 0 {
                return self.cut(Bound::Unpacked, limits.unpacked);
            }
        }
    }

    fn cut(&mut self, what: Bound, limit: u64) {
        self.notes.push(Note::Cut { what, limit });
    }

    fn finish(mut self, title: Option<String>) -> Result<Document, Problem> {
        if self.sections.is_empty() {
            return Err(match self.scanned.len() {
                0 => Problem::Empty,
                pages => Problem::Scanned { pages: u32::try_from(pages).unwrap_or(u32::MAX) },
            });
        }
        if !self.scanned.is_empty() {
            self.notes.push(Note::Scanned { pages: self.scanned });
        }
        Ok(Document { kind: Kind::Pdf, title, sections: self.sections, notes: self.notes })
    }
}

fn show<'a>(page: &Page<'a>, fonts: &mut Fonts<'a>, left: &mut u64) -> Shown {
    let mut content = Content::new(fonts, left);
    content.run(&stream_of(page), page.resources(), 0);
    for note in page.raw().get::<Array<'_>>(keys::ANNOTS).iter().flat_map(Array::iter::<Dict<'_>>) {
        if let Some(form) = appearance(&note) {
            content.run_appearance(&form, page.resources());
        }
    }
    content.finish()
}

/// The instructions of a page. They are not kept: a page is read once.
fn stream_of(page: &Page<'_>) -> Vec<u8> {
    let parts = page.raw().get::<Array<'_>>(keys::CONTENTS);
    let parts = parts.iter().flat_map(Array::iter::<Stream<'_>>);
    let mut stream = Vec::new();
    for part in page.raw().get::<Stream<'_>>(keys::CONTENTS).into_iter().chain(parts) {
        if let Ok(part) = part.decoded_data() {
            stream.extend_from_slice(&part);
            stream.push(b'\n');
        }
    }
    stream
}

/// What a filled field or a text box shows.
fn appearance<'a>(note: &Dict<'a>) -> Option<Stream<'a>> {
    let subtype = note.get::<Name<'_>>(keys::SUBTYPE)?;
    if !matches!(&*subtype, b"Widget" | b"FreeText") {
        return None;
    }
    let appearances = note.get::<Dict<'_>>(keys::AP)?;
    appearances.get::<Stream<'_>>(keys::N).or_else(|| {
        let state = note.get::<Name<'_>>(keys::AS)?;
        appearances.get::<Dict<'_>>(keys::N)?.get::<Stream<'_>>(state)
    })
}

/// A string of the document about itself: UTF-16 or UTF-8 by its mark, else Latin letters.
fn text_string(bytes: &[u8]) -> String {
    match bytes {
        [0xfe, 0xff, ..] | [0xff, 0xfe, ..] | [0xef, 0xbb, 0xbf, ..] => encoding_rs::UTF_8.decode(bytes).0.into_owned(),
        _ => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
    }
}

fn problem(error: LoadPdfError) -> Problem {
    match error {
        LoadPdfError::Decryption(DecryptionError::PasswordProtected) => Problem::Encrypted,
        other => Problem::Corrupt { detail: format!("{other:?}") },
    }
}
