//! Where a sentence ends.

use super::Step;
use crate::words::{Kind, kind_of};

/// Judges a full stop, an exclamation mark or the like at the beginning of `rest`; `before` is the piece so far.
pub(super) fn end(before: &str, rest: &str, is_last: bool) -> Step {
    let stops = rest.len() - rest.trim_start_matches(['.', '!', '?', '…']).len();
    let closers = ['"', '\'', '”', '’', '»', ')', ']', '*', '_', '~'];
    let after = rest.get(stops..).unwrap_or_default().trim_start_matches(closers);
    let mark = rest.len() - after.len();
    let spaces = after.len() - after.trim_start_matches([' ', '\t', '\u{a0}']).len();
    let behind = after.get(spaces..).unwrap_or_default();
    let Some(next) = behind.chars().next() else {
        return if is_last { Step::Go(mark) } else { Step::Wait };
    };
    if behind == "\r" && !is_last {
        return Step::Wait;
    }
    let line_end = ["\n", "\r\n"].iter().find(|end| behind.starts_with(**end)).map(|end| end.len());
    if let Some(line_end) = line_end {
        // What the next line begins with does not matter: `т. е.` and `Dr.` go on there.
        let is_end = stops > 1 || !rest.starts_with('.') || !goes_on(before, '\n');
        return if is_end { Step::Cut(mark + spaces + line_end) } else { Step::Go(mark) };
    }
    if spaces == 0 {
        return Step::Go(mark);
    }
    // `Да! — сказал он.`
    let said = behind.trim_start_matches(['—', '–', ' ']);
    if said.is_empty() && !is_last {
        return Step::Wait;
    }
    if said.starts_with(char::is_lowercase) || (stops == 1 && rest.starts_with('.') && goes_on(before, next)) {
        return Step::Go(mark);
    }
    Step::Cut(mark + spaces)
}

/// Whether a full stop behind `before` is an abbreviation's, an initial's or a list marker's.
fn goes_on(before: &str, next: char) -> bool {
    let word = before
        .rsplit(|c: char| c.is_whitespace() || matches!(c, '(' | '«' | '"' | '[' | '*'))
        .next()
        .unwrap_or_default();
    if is_initial(word) {
        // `т. Е` has no initial in it, `и т. д.` may end here.
        return kind(before, word) != Some(Kind::Closing) || !next.is_uppercase();
    }
    match kind(before, word) {
        Some(Kind::Inside | Kind::BeforeName) => true,
        Some(Kind::Closing) => !(next.is_uppercase() || next == '\n'),
        Some(Kind::BeforeNumber) => next.is_ascii_digit(),
        None => is_marker(before, word),
    }
}

/// The abbreviation that ends here, with the part before it where it has two: `т. д.`
fn kind(before: &str, word: &str) -> Option<Kind> {
    let start = before.get(..before.len() - word.len())?.trim_end();
    let previous = start.rsplit(char::is_whitespace).next().unwrap_or_default();
    let both = format!("{previous}{word}.").to_lowercase();
    kind_of(&both).filter(|_| previous.ends_with('.')).or_else(|| kind_of(&format!("{word}.")))
}

/// `А` of `А. С. Пушкин`, the `S` of `U.S.`
fn is_initial(word: &str) -> bool {
    let last = word.rsplit('.').next().unwrap_or_default();
    let mut letters = last.chars();
    letters.next().is_some_and(char::is_uppercase) && letters.next().is_none()
}

/// `1` of `first: 1. Wash. 2. Peel.`
fn is_marker(before: &str, word: &str) -> bool {
    let is_number = (1..=2).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit());
    let start = before.get(..before.len() - word.len()).unwrap_or_default().trim_end();
    is_number && (start.is_empty() || start.ends_with([':', ';', ',', '.']))
}
