//! Documents that other programs made, and documents that nobody should make.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

// By the name that it has everywhere else.
extern crate apprentice_documents as documents;

mod archives;
mod chunks;
mod files;
mod hostile;
mod kinds;
mod mail;
mod pages;
mod pdf;
mod texts;

use documents::{Document, Limits, Problem};

/// Reads a file within the usual limits.
fn read(bytes: &[u8], name: &str) -> Result<Document, Problem> {
    documents::read(bytes, name, "", &Limits::default())
}

/// All text of a document.
fn text(document: &Document) -> String {
    document.sections.iter().map(|section| section.text.as_str()).collect::<Vec<_>>().join("\n\n")
}
