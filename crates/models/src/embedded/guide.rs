//! The user guide, which is known from the first minute, and how texts are cut into passages.

use domain::person::Lang;

/// The guide's pages.
pub(super) const PAGES: &[(Lang, &str)] = &[
    (Lang::En, include_str!("../../../../docs/guide/en/guide.md")),
    (Lang::Ru, include_str!("../../../../docs/guide/ru/guide.md")),
];

/// Longest passage, characters.
const LONGEST: usize = 1200;

/// A piece of a text with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Passage {
    /// Heading, or line number.
    pub(super) place: String,
    /// The words by which it is meant to be found, beside its own.
    pub(super) asks: String,
    /// The text.
    pub(super) text: String,
}

/// Cuts a text by its headings and paragraphs. A line `<!-- asked: … -->` adds words by which the passage
/// is found and that are not shown.
pub(super) fn passages(text: &str) -> Vec<Passage> {
    let mut found = Vec::new();
    let (mut place, mut asked, mut lines) = (String::new(), String::new(), Vec::new());
    let mut first_line = 1;
    let mut close = |place: &str, asked: &str, lines: &mut Vec<&str>, first: usize| {
        let text = lines.join("\n").trim().to_owned();
        lines.clear();
        if !text.is_empty() {
            let named = if place.is_empty() { format!("line {first}") } else { place.to_owned() };
            found.push(Passage { asks: format!("{place} {asked}"), place: named, text });
        }
    };
    for (number, line) in text.lines().enumerate() {
        let size: usize = lines.iter().map(|line: &&str| line.len()).sum();
        if let Some(heading) = line.trim_start().strip_prefix('#') {
            close(&place, &asked, &mut lines, first_line);
            heading.trim_start_matches('#').trim().clone_into(&mut place);
            asked.clear();
        } else if let Some(words) = line.trim().strip_prefix("<!-- asked:") {
            words.trim_end_matches("-->").trim().clone_into(&mut asked);
            continue;
        } else if line.trim().is_empty() && size > LONGEST / 3 || size > LONGEST {
            close(&place, &asked, &mut lines, first_line);
            lines.push(line);
        } else {
            lines.push(line);
        }
        if lines.len() <= 1 {
            first_line = number + 1;
        }
    }
    close(&place, &asked, &mut lines, first_line);
    found
}
