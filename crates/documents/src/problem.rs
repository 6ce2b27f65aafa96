//! Why a document cannot be read, and the bounds that every document is read within.

use crate::Kind;
use serde::{Deserialize, Serialize};

/// Why a document cannot be read. Each is a sentence of its own for the person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    /// There is nothing in it.
    #[error("empty")]
    Empty,
    /// A password is needed.
    #[error("encrypted")]
    Encrypted,
    /// It is damaged, or cut off.
    #[error("damaged: {detail}")]
    Corrupt {
        /// What the parser says, for the log.
        detail: String,
    },
    /// More than is read.
    #[error("too large: more than {limit} {what:?}")]
    TooLarge {
        /// Of what.
        what: Bound,
        /// How much is read.
        limit: u64,
    },
    /// It only holds pictures (a scan): there is no text to be read.
    #[error("{pages} scanned pages without text")]
    Scanned {
        /// How many pages.
        pages: u32,
    },
    /// Nobody here reads this format.
    #[error("unsupported format {kind:?}")]
    Unsupported {
        /// What it is.
        kind: Kind,
    },
    /// It is made to do harm (a bomb, entity expansion, endless nesting).
    #[error("hostile: {detail}")]
    Hostile {
        /// What was seen, for the log.
        detail: String,
    },
    /// Its parser died or ran out of what it was given.
    #[error("the reader did not survive it: {detail}")]
    Died {
        /// How, for the log.
        detail: String,
    },
}

/// Of what there can be too much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// Bytes of the file.
    Bytes,
    /// Bytes that an archive unpacks to.
    Unpacked,
    /// Pages, slides, sheets or chapters.
    Pages,
    /// Bytes of text.
    Text,
    /// Files in an archive.
    Members,
    /// Levels of nesting.
    Depth,
}

/// What a document is read within.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Bytes of the file.
    pub bytes: u64,
    /// Bytes that it unpacks to, all levels together.
    pub unpacked: u64,
    /// Pages, slides, sheets or chapters; what is beyond is left out with a [`crate::Note::Cut`].
    pub pages: u32,
    /// Bytes of text; what is beyond is left out with a [`crate::Note::Cut`].
    pub text: u64,
    /// Files of an archive.
    pub members: u32,
    /// Archives in archives, tags in tags, objects in objects.
    pub depth: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 50 << 20, unpacked: 500 << 20, pages: 5000, text: 16 << 20, members: 1000, depth: 100 }
    }
}
