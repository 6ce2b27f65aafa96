//! Whether question and answer are in different languages, as far as their letters tell.

/// Letters that a text must have to tell anything.
const LEAST: usize = 12;

/// Latin and Cyrillic letters.
fn letters(text: &str) -> (usize, usize) {
    text.chars().fold((0, 0), |(latin, cyrillic), c| match c {
        'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' => (latin + 1, cyrillic),
        '\u{400}'..='\u{52f}' => (latin, cyrillic + 1),
        _ => (latin, cyrillic),
    })
}

/// Whether one text is mostly Latin and the other mostly Cyrillic; names and numbers alone say nothing.
pub(super) fn differs(question: &str, answer: &str) -> bool {
    let is_cyrillic = |text| {
        let (latin, cyrillic) = letters(text);
        (latin + cyrillic >= LEAST && latin.max(cyrillic) >= 3 * latin.min(cyrillic)).then_some(cyrillic > latin)
    };
    matches!((is_cyrillic(question), is_cyrillic(answer)), (Some(question), Some(answer)) if question != answer)
}
