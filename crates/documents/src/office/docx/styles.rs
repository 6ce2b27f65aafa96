//! What the styles of a Word document say of its paragraphs: which are headings, and which are items of lists.

use crate::Problem;
use crate::problem::Limits;
use crate::xml::{Event, Reader, Tag};
use std::collections::HashMap;

/// Styles that stand on each other are looked through so far: they can stand in a circle.
const CHAIN: usize = 20;

/// What a style says.
#[derive(Clone, Debug, Default)]
pub(super) struct Style {
    /// The heading that it is, from 1.
    pub(super) heading: Option<u8>,
    /// The list that it is of.
    pub(super) list: Option<String>,
    /// The level in that list, from 0.
    pub(super) level: Option<u8>,
    based_on: Option<String>,
}

/// The styles of a document.
#[derive(Debug, Default)]
pub(super) struct Styles(HashMap<String, Style>);

impl Styles {
    pub(super) fn read(text: &str, limits: &Limits) -> Result<Self, Problem> {
        let mut styles = Self::default();
        let mut open: Option<(String, Style)> = None;
        let mut reader = Reader::new(text, limits);
        while let Some(event) = reader.next()? {
            match event {
                Event::Open(tag) if tag.name() == "style" => {
                    open = tag.attribute("styleId").map(|id| (id, Style::default()));
                }
                Event::Open(tag) => {
                    if let Some((_, style)) = &mut open {
                        style.learn(&tag);
                    }
                }
                Event::Close(name) if name == "style" => styles.0.extend(open.take()),
                Event::Close(_) | Event::Text(_) => {}
            }
        }
        Ok(styles)
    }

    /// What a style says, or one that it is based on.
    pub(super) fn resolve(&self, id: &str) -> Style {
        let mut found = Style::default();
        let mut next = self.0.get(id);
        for _ in 0..CHAIN {
            let Some(style) = next else { break };
            found.heading = found.heading.or(style.heading);
            found.list = found.list.or_else(|| style.list.clone());
            found.level = found.level.or(style.level);
            next = style.based_on.as_ref().and_then(|id| self.0.get(id));
        }
        found
    }
}

impl Style {
    fn learn(&mut self, tag: &Tag<'_>) {
        let Some(value) = tag.attribute("val") else { return };
        match tag.name() {
            "name" => self.heading = self.heading.or_else(|| named(&value)),
            "basedOn" => self.based_on = Some(value),
            "numId" => self.list = Some(value),
            "ilvl" => self.level = value.parse().ok(),
            "outlineLvl" => self.heading = value.parse().ok().filter(|level| *level < 9).map(|level: u8| level + 1),
            _ => {}
        }
    }
}

/// Word writes the names of its own styles in English whatever language it speaks.
fn named(name: &str) -> Option<u8> {
    let name = name.to_lowercase();
    if name == "title" {
        return Some(1);
    }
    name.strip_prefix("heading ")?.trim().parse().ok().filter(|level| (1..=9).contains(level))
}
