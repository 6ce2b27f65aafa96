//! What a document says, and where each piece of it stands.

use crate::Kind;
use serde::{Deserialize, Serialize};

/// A document that was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// What it really is.
    pub kind: Kind,
    /// The title that it gives itself, where it has one.
    pub title: Option<String>,
    /// Its text in reading order. Never empty: a document without any text is a [`crate::Problem`].
    pub sections: Vec<Section>,
    /// What a reader should know about it.
    pub notes: Vec<Note>,
}

/// A piece of text that stands at one place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Section {
    /// Where it stands.
    pub place: Place,
    /// Plain text; headings, lists and tables in Markdown.
    pub text: String,
}

/// Where a piece stands in its document. Numbers count from 1, as people do.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// It has no parts.
    Whole,
    /// A page.
    Page(u32),
    /// A slide.
    Slide(u32),
    /// Rows of a sheet, as a spreadsheet program numbers them.
    Sheet {
        /// The sheet's name.
        name: String,
        /// The first row.
        from: u32,
        /// The last row.
        to: u32,
    },
    /// A chapter or a part under a heading.
    Chapter {
        /// Which, in reading order.
        number: u32,
        /// What it is called; empty for nothing.
        title: String,
    },
    /// Lines of a plain text.
    Lines {
        /// The first.
        from: u32,
        /// The last.
        to: u32,
    },
    /// A stretch of a film or recording.
    Time {
        /// From when, milliseconds from the beginning.
        from_ms: u64,
        /// Until when, milliseconds from the beginning.
        to_ms: u64,
    },
    /// A place in a file of an archive, or in what hangs on an e-mail.
    Member {
        /// The file's name in there.
        name: String,
        /// Where in that file.
        place: Box<Self>,
    },
}

/// What a reader should know about a document that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Note {
    /// Its name or media type claims something else than it is.
    Mislabelled {
        /// What it claims, as written.
        claimed: String,
    },
    /// Pages that are pictures without text (scanned), ascending.
    Scanned {
        /// Which.
        pages: Vec<u32>,
    },
    /// It is longer than is read: the rest was left out.
    Cut {
        /// What there was more of.
        what: crate::problem::Bound,
        /// How much of it is read.
        limit: u64,
    },
    /// Files of an archive that were not read, at most twenty.
    Skipped {
        /// Their names.
        names: Vec<String>,
    },
    /// A part of it was damaged and left out.
    Damaged,
}
