//! The numbers and bullets of a Word document's lists. A file holds how a list counts, not what it has counted to.

use crate::Problem;
use crate::problem::Limits;
use crate::xml::{Event, Reader, Tag};
use std::collections::HashMap;

/// Levels of a list.
const LEVELS: usize = 9;

/// How a level of a list counts.
#[derive(Clone, Debug)]
struct Level {
    /// `decimal`, `lowerLetter`, `bullet`…
    format: String,
    /// What is shown: `%1.%2.` for the numbers of the first two levels.
    shown: String,
    first: u32,
}

impl Default for Level {
    fn default() -> Self {
        Self { format: "decimal".to_owned(), shown: String::new(), first: 1 }
    }
}

/// A definition that lists share.
type Definition = [Option<Level>; LEVELS];

/// The lists of a document, and how far they have counted.
#[derive(Debug, Default)]
pub(super) struct Numbering {
    definitions: HashMap<String, Definition>,
    lists: HashMap<String, String>,
    counted: HashMap<String, [Option<u32>; LEVELS]>,
}

impl Numbering {
    pub(super) fn read(text: &str, limits: &Limits) -> Result<Self, Problem> {
        let mut numbering = Self::default();
        let (mut definition, mut list, mut level) = (String::new(), None, 0);
        let mut reader = Reader::new(text, limits);
        while let Some(event) = reader.next()? {
            let Event::Open(tag) = event else { continue };
            match tag.name() {
                "abstractNum" => {
                    list = None;
                    definition = tag.attribute("abstractNumId").unwrap_or_default();
                }
                "num" => list = tag.attribute("numId"),
                "abstractNumId" => {
                    if let Some(list) = list.clone() {
                        numbering.lists.insert(list, tag.attribute("val").unwrap_or_default());
                    }
                }
                "lvl" => level = tag.attribute("ilvl").and_then(|level| level.parse().ok()).unwrap_or(0),
                // What a single list overrides is left as its definition has it.
                _ if list.is_none() => numbering.learn(&definition, level, &tag),
                _ => {}
            }
        }
        Ok(numbering)
    }

    fn learn(&mut self, definition: &str, level: usize, tag: &Tag<'_>) {
        let (name, Some(value)) = (tag.name(), tag.attribute("val")) else { return };
        if !matches!(name, "numFmt" | "lvlText" | "start") {
            return;
        }
        let levels = self.definitions.entry(definition.to_owned()).or_default();
        let Some(level) = levels.get_mut(level) else { return };
        let level = level.get_or_insert_default();
        match name {
            "numFmt" => level.format = value,
            "lvlText" => level.shown = value,
            _ => level.first = value.parse().unwrap_or(1),
        }
    }

    /// Counts an item: what stands before it, within it nothing for a bullet; nothing when there is no such list.
    pub(super) fn next(&mut self, list: &str, level: u8) -> Option<Option<String>> {
        let id = self.lists.get(list)?;
        let definition = self.definitions.get(id)?;
        let at = usize::from(level).min(LEVELS - 1);
        let of = |at: usize| definition.get(at).cloned().flatten().unwrap_or_default();
        // Lists that share a definition go on counting where the other ended.
        let counted = self.counted.entry(id.clone()).or_default();
        for (deep, count) in counted.iter_mut().enumerate() {
            match deep.cmp(&at) {
                std::cmp::Ordering::Less => *count = count.or(Some(of(deep).first)),
                std::cmp::Ordering::Equal => {
                    *count = Some(count.map_or(of(deep).first, |count| count.saturating_add(1)))
                }
                std::cmp::Ordering::Greater => *count = None,
            }
        }
        let level = of(at);
        match level.format.as_str() {
            "bullet" => Some(None),
            "none" => None,
            _ => {
                let mut label = level.shown.clone();
                for (deep, count) in counted.iter().enumerate().take(at + 1) {
                    let number = numeral(count.unwrap_or(1), &of(deep).format);
                    label = label.replace(&format!("%{}", deep + 1), &number);
                }
                Some((!label.trim().is_empty()).then_some(label))
            }
        }
    }
}

/// A number as a format writes it; by digits in formats that are not for letters.
fn numeral(number: u32, format: &str) -> String {
    match format {
        "lowerLetter" => letters(number, 'a'),
        "upperLetter" => letters(number, 'A'),
        "lowerRoman" => roman(number).to_lowercase(),
        "upperRoman" => roman(number),
        "decimalZero" => format!("{number:02}"),
        _ => number.to_string(),
    }
}

/// After z comes aa, then bb.
fn letters(number: u32, first: char) -> String {
    let Some(at) = number.checked_sub(1) else { return number.to_string() };
    let letter = char::from_u32(u32::from(first) + at % 26).unwrap_or(first);
    letter.to_string().repeat(usize::try_from(at / 26 + 1).unwrap_or(1).min(8))
}

fn roman(number: u32) -> String {
    const DIGITS: [(u32, &str); 13] = [
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ];
    if !(1..4000).contains(&number) {
        return number.to_string();
    }
    let (mut left, mut text) = (number, String::new());
    for (value, digit) in DIGITS {
        while left >= value {
            text.push_str(digit);
            left -= value;
        }
    }
    text
}
