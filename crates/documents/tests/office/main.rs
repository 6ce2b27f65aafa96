//! Documents that other programs made, read through the front door: what was put in comes out, where it stood.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod files;
mod hostile;
mod rtf;
mod sheets;
mod slides;
mod texts;

use apprentice_documents::{Document, Limits, Place, Problem};

/// Reads a file that `make.py` made.
fn made(name: &str) -> Document {
    let document = read(name, &files::made(name));
    document.unwrap_or_else(|problem| panic!("{name}: {problem}"))
}

fn read(name: &str, bytes: &[u8]) -> Result<Document, Problem> {
    apprentice_documents::read(bytes, name, "", &Limits::default())
}

/// All of a document's text, with marks of where it stands.
fn shown(document: &Document) -> String {
    let sections = document.sections.iter().map(|section| format!("@{:?}\n{}\n", section.place, section.text));
    sections.collect()
}

fn chapter(number: u32, title: &str) -> Place {
    Place::Chapter { number, title: title.to_owned() }
}

fn rows(name: &str, from: u32, to: u32) -> Place {
    Place::Sheet { name: name.to_owned(), from, to }
}

/// The text of what stands at a place.
fn at<'a>(document: &'a Document, place: &Place) -> &'a str {
    let found = document.sections.iter().find(|section| section.place == *place);
    found.map_or_else(|| panic!("nothing at {place:?} in {}", shown(document)), |section| &section.text)
}
