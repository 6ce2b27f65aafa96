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

use crate::{Document, Kind, Limits, Problem, encoding};

/// Reads a document of an office format.
///
/// # Errors
///
/// See [`Problem`]; [`Problem::Unsupported`] for a kind that is none of these.
pub(crate) fn read(kind: Kind, bytes: &[u8], limits: &Limits) -> Result<Document, Problem> {
    match kind {
        Kind::Docx => docx::read(bytes, limits),
        Kind::Pptx => pptx::read(bytes, limits),
        Kind::Xlsx => sheets::read_xlsx(bytes, limits),
        Kind::Xls => sheets::read_xls(bytes, limits),
        Kind::Odt | Kind::Ods | Kind::Odp => odf::read(kind, bytes, limits),
        Kind::Rtf => rtf::read(bytes, limits),
        Kind::Csv => delimited::read(&encoding::decode(bytes), limits),
        kind => Err(Problem::Unsupported { kind }),
    }
}
