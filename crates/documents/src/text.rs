//! Plain text, Markdown, source code and JSON: as it is, in stretches of lines.

use crate::Kind;
use crate::document::{Document, Place};
use crate::draft::Draft;
use crate::encoding;
use crate::problem::{Limits, Problem};

/// Bytes after which a stretch ends at the next empty line or heading.
const FULL: usize = 2_000;

/// Bytes after which a stretch ends wherever it is.
const OVERFULL: usize = 8_000;

/// Reads a text.
///
/// # Errors
///
/// [`Problem::Empty`] when it is only white space.
pub(crate) fn read(kind: Kind, bytes: &[u8], limits: &Limits) -> Result<Document, Problem> {
    let text = encoding::decode(bytes);
    let mut draft = Draft::new(kind, limits);
    if kind == Kind::Markdown {
        let heading = text.lines().find_map(|line| line.strip_prefix("# "));
        draft.title(heading.unwrap_or_default());
    }
    let mut stretch = Stretch { from: 1, to: 0, text: String::new() };
    let mut fenced = false;
    for (line, number) in text.lines().zip(1u32..) {
        let is_heading = kind == Kind::Markdown && !fenced && is_heading(line);
        if stretch.ends_before(line, is_heading) {
            stretch.end(&mut draft, number);
        }
        if draft.is_full() {
            break;
        }
        fenced ^= line.trim_start().starts_with("```");
        stretch.text.push_str(line.trim_end());
        stretch.text.push('\n');
        stretch.to = number;
    }
    stretch.end(&mut draft, 0);
    draft.finish()
}

struct Stretch {
    from: u32,
    to: u32,
    text: String,
}

impl Stretch {
    fn ends_before(&self, line: &str, is_heading: bool) -> bool {
        let length = self.text.len();
        length >= OVERFULL || (length >= FULL && line.trim().is_empty()) || (is_heading && !self.text.is_empty())
    }

    /// Gives away what there is; the next one begins at line `next`.
    fn end(&mut self, draft: &mut Draft, next: u32) {
        let mut text = std::mem::take(&mut self.text);
        // Empty lines at the beginning are not cited.
        let skipped = text.lines().take_while(|line| line.is_empty()).count();
        let from = self.from.saturating_add(u32::try_from(skipped).unwrap_or(u32::MAX)).min(self.to.max(1));
        text.truncate(text.trim_end().len());
        let text = text.trim_start_matches('\n').to_owned();
        draft.push(Place::Lines { from, to: self.to.max(from) }, text);
        self.from = next;
    }
}

/// Whether a line is a heading of Markdown (`# One`).
pub(crate) fn is_heading(line: &str) -> bool {
    let text = line.trim_start_matches('#');
    let marks = line.len() - text.len();
    (1..=6).contains(&marks) && text.starts_with(' ')
}
