//! PDF: the text of each page. Pages that only show pictures are named, so that they can be read another way.

mod content;
mod font;
mod layout;
mod weight;

use crate::Kind;
use crate::document::{Document, Note, Place};
use crate::draft::Draft;
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
    let mut draft = Draft::new(Kind::Pdf, limits);
    draft.title(&pdf.metadata().title.as_deref().map(text_string).unwrap_or_default());
    let scanned = pages(&pdf, limits, &mut draft);
    if draft.is_empty() && !scanned.is_empty() {
        return Err(Problem::Scanned { pages: u32::try_from(scanned.len()).unwrap_or(u32::MAX) });
    }
    if !scanned.is_empty() {
        draft.note(Note::Scanned { pages: scanned });
    }
    draft.finish()
}

/// Adds the text of each page, and gives the pages that only show pictures.
fn pages(pdf: &Pdf, limits: &Limits, draft: &mut Draft) -> Vec<u32> {
    let mut fonts = Fonts::new();
    let mut left = limits.unpacked;
    let mut scanned = Vec::new();
    for (page, number) in pdf.pages().iter().zip(1u32..) {
        if number > limits.pages {
            draft.note(Note::Cut { what: Bound::Pages, limit: u64::from(limits.pages) });
            break;
        }
        let shown = show(page, &mut fonts, &mut left);
        if shown.text.is_empty() && shown.images > 0 {
            scanned.push(number);
        }
        draft.push(Place::Page(number), layout::join_divided(&shown.text));
        if left == 0 {
            draft.note(Note::Cut { what: Bound::Unpacked, limit: limits.unpacked });
        }
        if left == 0 || draft.is_full() {
            break;
        }
    }
    scanned
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
