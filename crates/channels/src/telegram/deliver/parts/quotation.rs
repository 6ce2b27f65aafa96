//! Somebody's words above an answer, as a quotation that folds up, cut together with the answer: no word is
//! lost, and none of the answer is taken for one of the quotation.

use super::{LONGEST, Part};
use domain::markdown::{Rendered as Rich, utf16_len};
use domain::rich::{self, Mark, Style};

/// The messages that show the quotation and the answer below it.
pub(super) fn parts(quote: &str, answer: &Rich) -> Vec<Part> {
    let quote = shown(quote);
    let whole = above(&quote, answer);
    let mut left = letters(&quote);
    rich::split(&whole, LONGEST).into_iter().map(|text| part(text, &mut left)).collect()
}

/// The same as a text: for a file.
pub(super) fn markdown(quote: &str, answer: &str) -> String {
    let quote = shown(quote);
    if quote.is_empty() {
        return answer.to_owned();
    }
    let lines: Vec<String> = quote.lines().map(|line| format!("> {line}").trim_end().to_owned()).collect();
    format!("{}\n\n{answer}", lines.join("\n"))
}

/// Control characters other than line breaks and tabs are not shown by anybody.
fn shown(quote: &str) -> String {
    let kept: String = quote.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    kept.trim().to_owned()
}

fn above(quote: &str, answer: &Rich) -> Rich {
    if quote.is_empty() {
        return answer.clone();
    }
    let length = utf16_len(quote);
    let shift = |mark: &Mark| Mark { offset: mark.offset + length + 1, ..mark.clone() };
    let own = Mark { offset: 0, length, style: Style::Quote };
    Rich {
        text: format!("{quote}\n{}", answer.text),
        marks: std::iter::once(own).chain(answer.marks.iter().map(shift)).collect(),
    }
}

/// Takes the mark of the quotation off a part that begins with some of it; `left` letters of it are to come.
/// Cutting drops white space alone, so that letters tell where the quotation ends.
fn part(mut text: Rich, left: &mut usize) -> Part {
    let mut folded = 0;
    if *left > 0
        && let Some(at) = text.marks.iter().position(|mark| mark.offset == 0 && mark.style == Style::Quote)
    {
        folded = text.marks.remove(at).length;
        let units: Vec<u16> = text.text.encode_utf16().take(folded).collect();
        *left = left.saturating_sub(letters(&String::from_utf16_lossy(&units)));
    }
    Part { folded, ..Part::of(text) }
}

fn letters(text: &str) -> usize {
    text.chars().filter(|c| !c.is_whitespace()).count()
}
