//! The stems that entries are made of, each with a number; an entry keeps numbers alone.
//!
//! A stem that was seen once keeps its number, whether anything still holds it or not. Stems are found by their
//! beginning, and by their first letter and length: a misspelt word has no other beginning that could be trusted.

use super::lists::LISTS;
use super::stems;
use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::Arc;

/// The number of a stem.
pub(super) type Stem = u32;

/// Most stems that are looked at for one misspelt word, and most that are compared with it letter by letter.
const LOOKED_AT: usize = 100_000;
const COMPARED: usize = 300;

/// A stem.
struct Known {
    text: Arc<str>,
    /// The letters in it, a bit for each letter's remainder by 64.
    letters: u64,
    light: bool,
}

/// All stems.
#[derive(Default)]
pub(super) struct Vocabulary {
    numbers: BTreeMap<Arc<str>, Stem>,
    known: Vec<Known>,
    /// By first letter and length in characters.
    alike: HashMap<(char, usize), Vec<Stem>>,
}

impl Vocabulary {
    /// The number of a stem, a new one where it has none.
    pub(super) fn number(&mut self, text: &str) -> Stem {
        if let Some(stem) = self.numbers.get(text) {
            return *stem;
        }
        let stem = Stem::try_from(self.known.len()).unwrap_or(Stem::MAX);
        let shared: Arc<str> = Arc::from(text);
        self.numbers.insert(shared.clone(), stem);
        if let Some(first) = text.chars().next() {
            self.alike.entry((first, text.chars().count())).or_default().push(stem);
        }
        self.known.push(Known { letters: letters(text), light: LISTS.is_light(text), text: shared });
        stem
    }

    /// The number of a stem that was seen.
    pub(super) fn find(&self, text: &str) -> Option<Stem> {
        self.numbers.get(text).copied()
    }

    pub(super) fn text(&self, stem: Stem) -> &str {
        self.known.get(stem as usize).map_or("", |known| &known.text)
    }

    /// Whether a stem means little beside others.
    pub(super) fn is_light(&self, stem: Stem) -> bool {
        self.known.get(stem as usize).is_some_and(|known| known.light)
    }

    /// The stems that begin so, in the order of the alphabet.
    pub(super) fn beginning<'a>(&'a self, start: &'a str) -> impl Iterator<Item = (&'a str, Stem)> + use<'a> {
        self.numbers
            .range::<str, _>((Bound::Included(start), Bound::Unbounded))
            .map(|(text, stem)| (&**text, *stem))
            .take_while(move |(text, _)| text.starts_with(start))
    }

    /// The stems with this first letter that are a word with an error of typing, in the order of the alphabet.
    pub(super) fn misspelt(&self, word: &str, first: char) -> Vec<(&str, Stem)> {
        let (chars, wanted) = (word.chars().count(), letters(word));
        let allowed = stems::errors_allowed(chars);
        // An error changes two letters at most.
        let near = |known: &Known| (known.letters ^ wanted).count_ones() as usize <= 2 * allowed;
        let lengths = chars.saturating_sub(allowed)..=chars + allowed;
        let mut found: Vec<(&str, Stem)> = lengths
            .filter_map(|length| self.alike.get(&(first, length)))
            .flatten()
            .filter_map(|stem| Some((self.known.get(*stem as usize)?, *stem)))
            .take(LOOKED_AT)
            .filter(|(known, _)| near(known) && have_like_letters(word, &known.text, allowed))
            .take(COMPARED)
            .filter(|(known, _)| stems::is_misspelt(word, &known.text))
            .map(|(known, stem)| (&*known.text, stem))
            .collect();
        found.sort_unstable();
        found
    }
}

fn letters(text: &str) -> u64 {
    text.chars().fold(0, |letters, letter| letters | 1 << (u32::from(letter) % 64))
}

/// Whether two words have the same letters, in any order, but for so many.
fn have_like_letters(one: &str, other: &str, allowed: usize) -> bool {
    let mut surplus = [0_i16; 64];
    for (text, step) in [(one, 1), (other, -1)] {
        for letter in text.chars() {
            if let Some(count) = surplus.get_mut(u32::from(letter) as usize % 64) {
                *count += step;
            }
        }
    }
    let more = surplus.iter().filter(|count| **count > 0).sum::<i16>();
    let fewer = -surplus.iter().filter(|count| **count < 0).sum::<i16>();
    usize::try_from(more.max(fewer)).is_ok_and(|most| most <= allowed)
}
