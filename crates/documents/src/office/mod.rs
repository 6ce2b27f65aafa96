//! Office formats: those of Microsoft (Open XML, the old Excel, RTF), OpenDocument, and tables as text. They are read
//! for what people see in them; macros, formulas, links and embedded programs are never run, followed or fetched.

mod delimited;
mod docx;
mod flow;
mod grid;
mod number;
mod odf;
mod output;
mod package;
mod pptx;
mod rtf;
mod sheets;
mod table;

use crate::{Document, Kind, Limits, Problem};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What a compound file begins with.
const COMPOUND: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

/// Reads a document of an office format.
///
/// # Errors
///
/// See [`Problem`]; [`Problem::Unsupported`] for a kind that is none of these.
pub(crate) fn read(kind: Kind, bytes: &[u8], limits: &Limits) -> Result<Document, Problem> {
    if bytes.is_empty() {
        return Err(Problem::Empty);
    }
    if is_encrypted(bytes) {
        return Err(Problem::Encrypted);
    }
    // Nothing here is left half done by a panic: all that is shared with it are the bytes.
    let read = catch_unwind(AssertUnwindSafe(|| read_kind(kind, bytes, limits)));
    read.unwrap_or_else(|_| Err(Problem::Died { detail: format!("the reader of {kind:?} panicked") }))
}

fn read_kind(kind: Kind, bytes: &[u8], limits: &Limits) -> Result<Document, Problem> {
    match kind {
        Kind::Docx => docx::read(bytes, limits),
        Kind::Pptx => pptx::read(bytes, limits),
        Kind::Xlsx => sheets::read_xlsx(bytes, limits),
        Kind::Xls => sheets::read_xls(bytes, limits),
        Kind::Odt | Kind::Ods | Kind::Odp => odf::read(kind, bytes, limits),
        Kind::Rtf => rtf::read(bytes, limits),
        Kind::Csv => delimited::read(&decoded(bytes), limits),
        kind => Err(Problem::Unsupported { kind }),
    }
}

/// Whether this is a document of Office Open XML under a password: a compound file with a stream for its package.
pub(crate) fn is_encrypted(bytes: &[u8]) -> bool {
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    bytes.starts_with(COMPOUND) && memchr::memmem::find(bytes, &name).is_some()
}

/// A text by its byte order mark, as UTF-8 if it is that, else as what it looks most like.
fn decoded(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    if let Some((encoding, mark)) = encoding_rs::Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(bytes.get(mark..).unwrap_or_default()).0;
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.into();
    }
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    detector.guess(None, chardetng::Utf8Detection::Allow).decode_without_bom_handling(bytes).0
}
