//! What is different between two answers, word by word. What went is struck through, what came is underlined, so
//! that it shows without colours; both are `del` and `ins`, which is also how they are read aloud.

use maud::{Markup, html};
use similar::{ChangeTag, TextDiff};

/// Longest texts that are held against each other word by word, bytes together.
const LONGEST: usize = 20_000;
/// Share of equal letters below which two texts have nothing to do with each other.
const ALIKE: f64 = 0.35;

/// A piece of both texts, or what one has instead of the other.
#[derive(Debug, PartialEq, Eq)]
enum Piece {
    Same(String),
    Changed { old: String, new: String },
}

/// Both texts as one, with what changed; none where they have too little in common for that to be read.
pub(crate) fn inline(old: &str, new: &str) -> Option<Markup> {
    let pieces = pieces(old, new)?;
    Some(html! {
        @for piece in &pieces {
            @match piece {
                Piece::Same(text) => (text),
                Piece::Changed { old, new } => { (gone(old)) @if between(old, new) { " " } (come(new)) }
            }
        }
    })
}

/// What is not there any more.
pub(crate) fn gone(text: &str) -> Markup {
    html! { @if !text.is_empty() { del { (text) } } }
}

/// What is new.
pub(crate) fn come(text: &str) -> Markup {
    html! { @if !text.is_empty() { ins { (text) } } }
}

/// Whether two words would stick together.
fn between(old: &str, new: &str) -> bool {
    !old.is_empty() && !new.is_empty() && !old.ends_with(char::is_whitespace) && !new.starts_with(char::is_whitespace)
}

fn pieces(old: &str, new: &str) -> Option<Vec<Piece>> {
    if old.len() + new.len() > LONGEST {
        return None;
    }
    let diff = TextDiff::from_unicode_words(old, new);
    let mut gathered = Gathered::default();
    for change in diff.iter_all_changes() {
        gathered.add(change.tag(), change.value());
    }
    let pieces = gathered.done();
    (alike(&pieces) >= ALIKE).then_some(pieces)
}

/// The share of letters that both have.
fn alike(pieces: &[Piece]) -> f64 {
    let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).count();
    let (mut same, mut all) = (0, 0);
    for piece in pieces {
        match piece {
            Piece::Same(text) => {
                same += 2 * letters(text);
                all += 2 * letters(text);
            }
            Piece::Changed { old, new } => all += letters(old) + letters(new),
        }
    }
    if all == 0 { 1.0 } else { same as f64 / all as f64 }
}

/// Puts changes together: words that changed one after another are one change, with the spaces between them.
#[derive(Default)]
struct Gathered {
    pieces: Vec<Piece>,
    same: String,
    old: String,
    new: String,
    space: String,
}

impl Gathered {
    fn add(&mut self, tag: ChangeTag, text: &str) {
        let changing = !self.old.is_empty() || !self.new.is_empty();
        match tag {
            ChangeTag::Equal if changing && text.chars().all(char::is_whitespace) => self.space.push_str(text),
            ChangeTag::Equal => {
                self.change();
                self.same.push_str(text);
            }
            ChangeTag::Delete | ChangeTag::Insert => {
                let space = std::mem::take(&mut self.space);
                self.old.push_str(&space);
                self.new.push_str(&space);
                if tag == ChangeTag::Delete { &mut self.old } else { &mut self.new }.push_str(text);
            }
        }
    }

    /// Ends a change, if there is one.
    fn change(&mut self) {
        let (old, new) = (std::mem::take(&mut self.old), std::mem::take(&mut self.new));
        if old.is_empty() && new.is_empty() {
            return;
        }
        let same = std::mem::replace(&mut self.same, std::mem::take(&mut self.space));
        if !same.is_empty() {
            self.pieces.push(Piece::Same(same));
        }
        self.pieces.push(Piece::Changed { old, new });
    }

    fn done(mut self) -> Vec<Piece> {
        self.change();
        if !self.same.is_empty() {
            self.pieces.push(Piece::Same(self.same));
        }
        self.pieces
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn words_that_changed_are_struck_through_and_the_new_ones_stand_beside_them() {
        let html = inline("The shop opens at nine on Sunday.", "The shop opens at ten on Sunday.").unwrap();
        assert_eq!(html.into_string(), "The shop opens at <del>nine</del> <ins>ten</ins> on Sunday.");
    }

    #[test]
    fn changes_next_to_each_other_are_one() {
        let html =
            inline("Please write to us on Monday morning then.", "Please write to us by Friday noon then.").unwrap();
        assert_eq!(
            html.into_string(),
            "Please write to us <del>on Monday morning</del> <ins>by Friday noon</ins> then."
        );
    }

    #[test]
    fn texts_that_have_nothing_in_common_are_not_mixed() {
        assert!(inline("I do not know this yet.", "At ten, and it closes at four.").is_none());
        assert!(inline(&"a ".repeat(LONGEST), "a").is_none());
    }

    #[test]
    fn nothing_of_either_text_is_lost() {
        let (old, new) = ("one two  three\nfour five six", "one 2  three\n\nfour  six seven");
        let (mut was, mut is) = (String::new(), String::new());
        for piece in pieces(old, new).unwrap() {
            match piece {
                Piece::Same(text) => {
                    was += &text;
                    is += &text;
                }
                Piece::Changed { old, new } => {
                    was += &old;
                    is += &new;
                }
            }
        }
        assert_eq!((was.as_str(), is.as_str()), (old, new));
    }

    #[test]
    fn what_somebody_wrote_stays_text() {
        let html = inline("say <b>hello</b> to all of them", "say <script>x</script> to all of them").unwrap();
        assert!(!html.clone().into_string().contains("<script>") && !html.into_string().contains("<b>"));
    }
}
