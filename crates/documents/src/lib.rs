//! Bytes of any supported format to text with marks of where it stands, so that an answer can cite
//! "page 12". What is read here comes from anybody: nothing it says is executed, followed or fetched, and
//! everything is bounded by [`Limits`]; a parser that fails all the same does so in a process of its own.

mod document;
mod kind;
mod office;
mod pdf;
pub mod problem;
mod xml;
mod zipped;

pub use document::{Document, Note, Place, Section};
pub use kind::Kind;
pub use problem::{Limits, Problem};

/// Reads a document. `name` and `mime` are what the sender claims and may be empty or wrong: what the bytes are
/// is decided by the bytes where they say it.
///
/// # Errors
///
/// See [`Problem`].
pub fn read(bytes: &[u8], name: &str, mime: &str, limits: &Limits) -> Result<Document, Problem> {
    if bytes.is_empty() {
        return Err(Problem::Empty);
    }
    if bytes.len() as u64 > limits.bytes {
        return Err(Problem::TooLarge { what: problem::Bound::Bytes, limit: limits.bytes });
    }
    let kind = Kind::of(bytes, name, mime);
    match kind {
        Kind::Pdf => pdf::read(bytes, limits),
        _ => office::read(kind, bytes, limits),
    }
}
