//! What a file is.

use serde::{Deserialize, Serialize};

/// A format that is told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Portable Document Format.
    Pdf,
    /// Word (Office Open XML).
    Docx,
    /// PowerPoint (Office Open XML).
    Pptx,
    /// Excel (Office Open XML).
    Xlsx,
    /// Excel before 2007 (BIFF in a compound file).
    Xls,
    /// OpenDocument spreadsheet.
    Ods,
    /// OpenDocument text.
    Odt,
    /// OpenDocument presentation.
    Odp,
    /// Rich Text Format.
    Rtf,
    /// HTML.
    Html,
    /// Electronic publication.
    Epub,
    /// Markdown.
    Markdown,
    /// Plain text.
    Text,
    /// Source code of a programming language.
    Code,
    /// JSON, or one JSON value a line.
    Json,
    /// Values separated by commas, semicolons or tabs.
    Csv,
    /// An e-mail message (RFC 5322).
    Eml,
    /// Subtitles: SubRip or WebVTT.
    Subtitles,
    /// A ZIP archive of documents.
    Zip,
    /// Something else.
    Unknown,
}

impl Kind {
    /// What these bytes are; name and media type decide only where the bytes do not.
    pub fn of(bytes: &[u8], _name: &str, _mime: &str) -> Self {
        if bytes.starts_with(b"%PDF") {
            return Self::Pdf;
        }
        Self::Unknown
    }
}
