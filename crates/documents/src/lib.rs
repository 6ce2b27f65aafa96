//! Bytes of any supported format to text with marks of where it stands, so that an answer can cite
//! "page 12". What is read here comes from anybody: nothing it says is executed, followed or fetched, and
//! everything is bounded by [`Limits`]; a parser that fails all the same does so in a process of its own.

mod chunk;
mod document;
mod draft;
mod eml;
mod encoding;
mod epub;
mod html;
mod kind;
mod members;
mod office;
mod pdf;
pub mod problem;
mod subtitles;
mod text;
mod xml;
mod zipped;

pub use chunk::{Chunk, chunks};
pub use document::{Document, Note, Place, Section};
pub use kind::Kind;
pub use problem::{Limits, Problem};

use members::Allowance;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Reads a document. `name` and `mime` are what the sender claims and may be empty or wrong: what the bytes are
/// is decided by the bytes where they say it.
///
/// # Errors
///
/// See [`Problem`].
pub fn read(bytes: &[u8], name: &str, mime: &str, limits: &Limits) -> Result<Document, Problem> {
    if bytes.len() as u64 > limits.bytes {
        return Err(Problem::TooLarge { what: problem::Bound::Bytes, limit: limits.bytes });
    }
    let mut document = read_within(bytes, name, mime, limits, &mut Allowance::of(limits))?;
    if let Some(claimed) = document.kind.contradicts(name, mime) {
        document.notes.push(Note::Mislabelled { claimed });
    }
    Ok(document)
}

/// Reads a document that may be in another, within what that leaves it.
fn read_within(
    bytes: &[u8],
    name: &str,
    mime: &str,
    limits: &Limits,
    left: &mut Allowance,
) -> Result<Document, Problem> {
    if bytes.is_empty() {
        return Err(Problem::Empty);
    }
    if kind::is_encrypted_office(bytes) {
        return Err(Problem::Encrypted);
    }
    // Most of these parsers are others': one that panics is a document that cannot be read, not the end.
    let read = catch_unwind(AssertUnwindSafe(|| parse(Kind::of(bytes, name, mime), bytes, limits, left)));
    read.unwrap_or_else(|panic| Err(Problem::Died { detail: said(panic.as_ref()) }))
}

fn parse(kind: Kind, bytes: &[u8], limits: &Limits, left: &mut Allowance) -> Result<Document, Problem> {
    match kind {
        Kind::Pdf => pdf::read(bytes, limits),
        Kind::Html => html::read(bytes, limits),
        Kind::Epub => epub::read(bytes, limits),
        Kind::Markdown | Kind::Text | Kind::Code | Kind::Json => text::read(kind, bytes, limits),
        Kind::Eml => eml::read(bytes, limits, left),
        Kind::Subtitles => subtitles::read(bytes, limits),
        Kind::Zip => members::read_archive(bytes, limits, left),
        Kind::Docx
        | Kind::Pptx
        | Kind::Xlsx
        | Kind::Xls
        | Kind::Ods
        | Kind::Odt
        | Kind::Odp
        | Kind::Rtf
        | Kind::Csv => office::read(kind, bytes, limits),
        Kind::Unknown => Err(Problem::Unsupported { kind }),
    }
}

/// What a panic says.
fn said(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}
