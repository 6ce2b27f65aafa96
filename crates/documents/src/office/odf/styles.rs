//! What styles of OpenDocument say that a reader needs: where pages begin, what is hidden, which lists are numbered.

use crate::Problem;
use crate::problem::Limits;
use crate::xml::{Event, Reader, Tag};
use std::collections::{HashMap, HashSet};

/// The styles of a document.
#[derive(Debug, Default)]
pub(super) struct Styles {
    headings: HashMap<String, u8>,
    begin_page: HashSet<String>,
    hidden: HashSet<String>,
    /// A list's style, and the levels of it that are numbered, from 1.
    numbered: HashSet<(String, usize)>,
}

impl Styles {
    /// Reads the styles of a part, beside those that are known.
    pub(super) fn read(&mut self, text: &str, limits: &Limits) -> Result<(), Problem> {
        let mut name = String::new();
        let mut reader = Reader::new(text, limits);
        while let Some(event) = reader.next()? {
            match event {
                Event::Open(tag) if tag.name() == "body" => break,
                Event::Open(tag) if matches!(tag.name(), "style" | "list-style") => {
                    name = tag.attribute("name").unwrap_or_default();
                    self.style(&name, &tag);
                }
                Event::Open(tag) => self.property(&name, &tag),
                Event::Close(_) | Event::Text(_) => {}
            }
        }
        Ok(())
    }

    fn style(&mut self, name: &str, tag: &Tag<'_>) {
        if tag.attribute("master-page-name").is_some_and(|page| !page.is_empty()) {
            self.begin_page.insert(name.to_owned());
        }
        let parent = tag.attribute("parent-style-name").unwrap_or_default();
        if parent == "Title" {
            self.headings.insert(name.to_owned(), 1);
        }
    }

    fn property(&mut self, name: &str, tag: &Tag<'_>) {
        match tag.name() {
            "paragraph-properties" if tag.attribute("break-before").is_some_and(|kind| kind == "page") => {
                self.begin_page.insert(name.to_owned());
            }
            "table-properties" if tag.attribute("display").is_some_and(|display| display == "false") => {
                self.hidden.insert(name.to_owned());
            }
            "drawing-page-properties" if tag.attribute("visibility").is_some_and(|kind| kind == "hidden") => {
                self.hidden.insert(name.to_owned());
            }
            "list-level-style-number" if tag.attribute("num-format").is_some_and(|format| !format.is_empty()) => {
                let level = tag.attribute("level").and_then(|level| level.parse().ok()).unwrap_or(1);
                self.numbered.insert((name.to_owned(), level));
            }
            _ => {}
        }
    }

    /// The heading that a paragraph of a style is, from 1.
    pub(super) fn heading(&self, style: &str) -> Option<u8> {
        if style == "Title" { Some(1) } else { self.headings.get(style).copied() }
    }

    /// Whether a paragraph of a style begins a page.
    pub(super) fn begins_page(&self, style: &str) -> bool {
        self.begin_page.contains(style)
    }

    /// Whether people do not see what has this style.
    pub(super) fn is_hidden(&self, style: &str) -> bool {
        self.hidden.contains(style)
    }

    /// Whether a level of a list, from 1, is numbered.
    pub(super) fn is_numbered(&self, style: &str, level: usize) -> bool {
        self.numbered.contains(&(style.to_owned(), level))
    }
}
