//! Pieces of a document that are found and cited by themselves. A piece never crosses a page, slide, sheet or
//! chapter; sentences stay whole, and each piece of a table has its header row.

use crate::document::{Document, Place, Section};
use unicode_segmentation::UnicodeSegmentation;

/// A piece of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// Where it stands.
    pub place: Place,
    /// The nearest heading above its beginning, without marks; empty for none.
    pub heading: String,
    /// Its text.
    pub text: String,
}

/// What is never divided: a sentence, a row of a table, a line of a list.
#[derive(Clone)]
struct Unit<'a> {
    text: &'a str,
    words: usize,
    /// What stands between it and the one before.
    glue: &'static str,
    heading: &'a str,
    /// The header rows of the table that it is a row of.
    table: Option<&'a str>,
}

/// Divides a document into pieces of about `words` words (at least one sentence each); a piece repeats up to
/// `overlap` words, in whole sentences, of the piece before it in the same section.
pub fn chunks(document: &Document, words: usize, overlap: usize) -> Vec<Chunk> {
    let mut heading = "";
    let mut chunks = Vec::new();
    for section in &document.sections {
        let units = units(&section.text, heading, words.max(1));
        heading = units.last().map_or(heading, |unit| unit.heading);
        divide(section, &units, words.max(1), overlap.min(words / 2), &mut chunks);
    }
    chunks
}

fn divide(section: &Section, units: &[Unit<'_>], words: usize, overlap: usize, chunks: &mut Vec<Chunk>) {
    let mut rest = units;
    while !rest.is_empty() {
        let taken = taken(rest, words);
        let (piece, after) = rest.split_at_checked(taken).unwrap_or((rest, &[]));
        chunks.push(joined(section, piece));
        if after.is_empty() {
            return;
        }
        // Rows of a table are not repeated: its header is.
        let repeated = if after.first().is_some_and(|unit| unit.table.is_some()) { 0 } else { tail(piece, overlap) };
        rest = rest.get(taken - repeated..).unwrap_or_default();
    }
}

/// How many units make a piece; at least one. A heading does not end it.
fn taken(units: &[Unit<'_>], words: usize) -> usize {
    let mut sum = 0;
    let fit = units.iter().take_while(|unit| {
        sum += unit.words;
        sum <= words
    });
    let mut count = fit.count().max(1);
    if count < units.len() {
        while count > 1 && units.get(count - 1).is_some_and(|unit| unit.text.starts_with('#')) {
            count -= 1;
        }
    }
    count
}

/// How many units at the end of a piece have at most `overlap` words; never all of them.
fn tail(piece: &[Unit<'_>], overlap: usize) -> usize {
    let mut sum = 0;
    let fit = piece.iter().rev().take_while(|unit| {
        sum += unit.words;
        sum <= overlap && unit.table.is_none()
    });
    fit.count().min(piece.len() - 1)
}

fn joined(section: &Section, piece: &[Unit<'_>]) -> Chunk {
    let mut text = String::new();
    for (at, unit) in piece.iter().enumerate() {
        match unit.table.filter(|_| at == 0) {
            Some(header) => {
                text.push_str(header);
                text.push('\n');
            }
            None if at > 0 => text.push_str(unit.glue),
            None => {}
        }
        text.push_str(unit.text);
    }
    let heading = piece.first().map_or("", |unit| unit.heading);
    let place = narrowed(section, piece);
    Chunk { place, heading: heading.to_owned(), text }
}

/// Lines are known for each piece; other places are those of their section.
fn narrowed(section: &Section, piece: &[Unit<'_>]) -> Place {
    let (Place::Lines { from, to }, Some(first), Some(last)) = (&section.place, piece.first(), piece.last()) else {
        return section.place.clone();
    };
    let line = |text: &str| {
        let before = text.as_ptr().addr().saturating_sub(section.text.as_ptr().addr());
        let before = section.text.as_bytes().get(..before).unwrap_or_default();
        u32::try_from(memchr::memchr_iter(b'\n', before).count()).unwrap_or(0)
    };
    let end = last.text.get(last.text.len()..).unwrap_or_default();
    let (first, end) = (from.saturating_add(line(first.text)), from.saturating_add(line(end)));
    Place::Lines { from: first.min(*to), to: end.min(*to) }
}

fn units<'a>(text: &'a str, heading: &'a str, most: usize) -> Vec<Unit<'a>> {
    let mut units = Vec::new();
    let mut heading = heading;
    for (at, block) in blocks(text).into_iter().enumerate() {
        let glue = if at == 0 { "" } else { "\n\n" };
        if let Some(header) = table_header(block) {
            table(block, header, heading, glue, &mut units);
            continue;
        }
        if crate::text::is_heading(block) {
            heading = block.lines().next().unwrap_or_default().trim_start_matches('#').trim();
        }
        prose(block, heading, glue, most, &mut units);
    }
    units
}

/// Paragraphs: what stands between empty lines, and headings.
fn blocks(text: &str) -> Vec<&str> {
    let mut blocks = Vec::new();
    for paragraph in text.split("\n\n") {
        let mut rest = paragraph.trim_matches('\n');
        // A heading has a line of its own even where no empty line follows.
        while crate::text::is_heading(rest)
            && let Some((line, after)) = rest.split_once('\n')
        {
            blocks.push(line);
            rest = after;
        }
        blocks.push(rest);
    }
    blocks.retain(|block| !block.trim().is_empty());
    blocks
}

/// The first two lines of a table in Markdown.
fn table_header(block: &str) -> Option<&str> {
    let mut lines = block.lines();
    let (first, second) = (lines.next()?, lines.next()?);
    let is_rule = second.len() > 2 && second.chars().all(|char| matches!(char, '|' | '-' | ':' | ' '));
    let end = first.len() + 1 + second.len();
    (first.starts_with('|') && is_rule).then(|| block.get(..end))?
}

fn table<'a>(block: &'a str, header: &'a str, heading: &'a str, glue: &'static str, units: &mut Vec<Unit<'a>>) {
    units.push(unit(header, glue, heading));
    let rows = block.get(header.len()..).unwrap_or_default().lines().filter(|row| !row.trim().is_empty());
    units.extend(rows.map(|row| Unit { table: Some(header), ..unit(row, "\n", heading) }));
}

fn prose<'a>(block: &'a str, heading: &'a str, glue: &'static str, most: usize, units: &mut Vec<Unit<'a>>) {
    let mut glue = glue;
    for line in lines(block) {
        for sentence in sentences(line) {
            for piece in bounded(sentence, most) {
                units.push(unit(piece, glue, heading));
                glue = " ";
            }
        }
        glue = "\n";
    }
}

/// Where a block is a list each line is by itself; else its lines are one text.
fn lines(block: &str) -> Vec<&str> {
    let is_item = |line: &str| {
        let line = line.trim_start();
        line.starts_with(['-', '*', '•', '|'])
            || line.split_once(". ").is_some_and(|(number, _)| number.parse::<u32>().is_ok())
    };
    if block.lines().any(is_item) || block.lines().any(|line| line.contains('\t')) {
        block.lines().filter(|line| !line.trim().is_empty()).collect()
    } else {
        vec![block]
    }
}

/// Sentences, with those put together again that Unicode's rules end too early: after "Mr.", "т.", "1.".
fn sentences(text: &str) -> Vec<&str> {
    let mut sentences = Vec::new();
    let mut start = 0;
    for (at, part) in text.split_sentence_bound_indices() {
        let end = at + part.len();
        if is_end(part) || end == text.len() {
            let sentence = text.get(start..end).unwrap_or_default().trim();
            if !sentence.is_empty() {
                sentences.push(sentence);
            }
            start = end;
        }
    }
    sentences
}

fn is_end(part: &str) -> bool {
    let part = part.trim_end();
    let Some(stem) = part.strip_suffix('.') else {
        return part.ends_with(['!', '?', '…', '。', '！', '？', '"', '»', '”', ')', ':', ';']);
    };
    let last = stem.rsplit(|char: char| char.is_whitespace() || char == '(').next().unwrap_or_default();
    let letters = last.chars().count();
    letters > 3 || (letters > 1 && !last.chars().next().is_some_and(char::is_uppercase) && last.parse::<u32>().is_err())
}

/// A sentence of more than four pieces' words is no sentence: it is cut between words.
fn bounded(sentence: &str, most: usize) -> Vec<&str> {
    if words(sentence) <= most.saturating_mul(2) {
        return vec![sentence];
    }
    let mut pieces = Vec::new();
    let (mut start, mut count) = (0, 0);
    for (at, _) in sentence.match_indices(char::is_whitespace) {
        count += 1;
        if count >= most {
            pieces.extend(sentence.get(start..at).map(str::trim));
            (start, count) = (at, 0);
        }
    }
    pieces.extend(sentence.get(start..).map(str::trim));
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

fn unit<'a>(text: &'a str, glue: &'static str, heading: &'a str) -> Unit<'a> {
    Unit { text, words: words(text), glue, heading, table: None }
}

/// Words; where a script has none between spaces, about two characters are one.
fn words(text: &str) -> usize {
    let spaced = text.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).count();
    let wide = text.chars().filter(|char| ('\u{2e80}'..='\u{9fff}').contains(char)).count();
    spaced + wide / 2
}
