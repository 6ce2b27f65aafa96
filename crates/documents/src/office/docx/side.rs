//! What a Word document keeps beside its text: footnotes, endnotes and comments, each by its number.

use crate::Problem;
use crate::problem::Limits;
use crate::xml::{Event, Reader};
use std::collections::HashMap;

/// Texts by number.
pub(super) type Side = HashMap<String, String>;

/// Reads all elements `of` a part.
pub(super) fn read(text: &str, of: &str, limits: &Limits) -> Result<Side, Problem> {
    let mut side = Side::new();
    let (mut id, mut note, mut in_text) = (None, String::new(), false);
    let mut reader = Reader::new(text, limits);
    while let Some(event) = reader.next()? {
        match event {
            Event::Open(tag) => match tag.name() {
                name if name == of => {
                    // Those that have a type are lines between the text and its notes.
                    id = tag.attribute("id").filter(|_| tag.attribute("type").is_none_or(|kind| kind == "normal"));
                    note.clear();
                }
                "t" => in_text = true,
                "tab" => note.push(' '),
                "br" | "cr" => note.push('\n'),
                "del" | "pPr" | "Fallback" => super::skip(&mut reader)?,
                _ => {}
            },
            Event::Text(text) if in_text => note.push_str(&text),
            Event::Text(_) => {}
            Event::Close(name) => match name.as_str() {
                "t" => in_text = false,
                "p" => note.push('\n'),
                name if name == of => {
                    side.extend(id.take().map(|id| (id, note.trim().to_owned())));
                }
                _ => {}
            },
        }
    }
    Ok(side)
}
