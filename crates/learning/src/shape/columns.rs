//! How a table is laid out: what separates its cells, and what its columns are.

use super::decode::Encoding;
use super::source::HEAD;
use super::{Expected, What};
use domain::example::Datum;
use std::borrow::Cow;

/// Separators, the rarest in a sentence first.
const DELIMITERS: [u8; 3] = [b'\t', b';', b','];
/// How many rows are looked at.
const ROWS: usize = 20;

/// Names of columns, in lower case.
const QUESTION: &[&str] =
    &["question", "questions", "prompt", "instruction", "query", "user", "вопрос", "вопросы", "запрос", "инструкция"];
const INPUT: &[&str] = &["input", "context", "контекст"];
const ANSWER: &[&str] = &[
    "answer",
    "answers",
    "completion",
    "response",
    "output",
    "reply",
    "assistant",
    "chosen",
    "right answer",
    "correct answer",
    "ответ",
    "ответы",
    "правильный ответ",
    "верный ответ",
];
const REJECTED: &[&str] =
    &["rejected", "wrong answer", "bad answer", "неправильный ответ", "неверный ответ", "плохой ответ"];
const SYSTEM: &[&str] = &["system", "system prompt", "система", "системная инструкция"];
const LABEL: &[&str] = &["label", "correct", "метка", "верно"];

/// Which column is what, from 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Columns {
    question: Option<usize>,
    input: Option<usize>,
    answer: Option<usize>,
    rejected: Option<usize>,
    system: Option<usize>,
    label: Option<usize>,
}

/// How a table is laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) delimiter: u8,
    pub(super) columns: Columns,
    /// How many cells a row has.
    pub(super) width: usize,
    /// Whether the first row is names.
    pub(super) is_named: bool,
    /// Lines before the first row.
    pub(super) lines_before: usize,
}

/// Finds out how a table is laid out by its beginning; none for an empty one.
pub(super) fn sniff(head: &[u8]) -> Result<Option<Layout>, What> {
    let (said, rest) = said_delimiter(head);
    let lines_before = usize::from(said.is_some());
    let candidates: Vec<(u8, Vec<Vec<String>>)> =
        said.map_or(DELIMITERS.to_vec(), |one| vec![one]).into_iter().map(|d| (d, rows(rest, d))).collect();
    let layout = |delimiter, columns, width, is_named| Layout { delimiter, columns, width, is_named, lines_before };
    if candidates.iter().all(|(_, rows)| rows.is_empty()) {
        return Ok(None);
    }
    let firsts = || candidates.iter().filter_map(|(delimiter, rows)| Some((*delimiter, rows.first()?)));
    for (delimiter, names) in firsts() {
        let columns = Columns::of(names);
        if columns.question.is_some() && (columns.answer.is_some() || columns.rejected.is_some()) {
            return Ok(Some(layout(delimiter, columns, names.len(), true)));
        }
    }
    let widest = firsts().map(|(_, names)| Columns::of(names)).find(|columns| *columns != Columns::default());
    if let Some(columns) = widest {
        return Err(What::missing(if columns.question.is_some() { "answer" } else { "question" }));
    }
    let pairs = |rows: &[Vec<String>]| rows.iter().filter(|row| row.len() == 2).count();
    // Of equals the first one.
    let best = candidates.iter().rev().max_by_key(|(_, rows)| pairs(rows));
    match best {
        Some((delimiter, rows)) if pairs(rows) * 2 > rows.len() => {
            let columns = Columns { question: Some(0), answer: Some(1), ..Columns::default() };
            Ok(Some(layout(*delimiter, columns, 2, false)))
        }
        _ => {
            let found = firsts().map(|(_, row)| row.len()).max().unwrap_or_default();
            Err(What::Columns { expected: 2, found: found as u64 })
        }
    }
}

/// Whether the beginning of some text is clearly a table: columns with names, or rows of two cells.
pub(super) fn is_table(head: &[u8]) -> bool {
    sniff(head).is_ok_and(|layout| {
        layout.is_some_and(|layout| {
            let all = rows(head, layout.delimiter);
            layout.is_named || (all.len() > 1 && all.iter().all(|row| row.len() == 2))
        })
    })
}

/// The line `sep=;` with which Excel is told the separator, and what follows it.
fn said_delimiter(head: &[u8]) -> (Option<u8>, &[u8]) {
    let end = head.iter().position(|byte| *byte == b'\n').map_or(head.len(), |at| at + 1);
    let (first, rest) = head.split_at_checked(end).unwrap_or((head, &[]));
    match first.trim_ascii_end() {
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', delimiter] => (Some(*delimiter), rest),
        b"sep=" => (Some(b'\t'), rest),
        _ => (None, head),
    }
}

fn rows(head: &[u8], delimiter: u8) -> Vec<Vec<String>> {
    let mut encoding = Encoding::of(head);
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(head);
    let mut rows: Vec<Vec<String>> = Vec::new();
    for record in reader.byte_records().take(ROWS).flatten() {
        let text = |cell: &[u8]| encoding.decode(cell).map(Cow::into_owned).unwrap_or_default();
        if record.iter().any(|cell| !cell.trim_ascii().is_empty()) {
            rows.push(record.iter().map(text).collect());
        }
    }
    // The last row may be cut.
    if head.len() >= HEAD && rows.len() > 1 && rows.len() < ROWS {
        rows.pop();
    }
    rows
}

impl Columns {
    fn of(names: &[String]) -> Self {
        let names: Vec<String> = names.iter().map(|name| name.trim().to_lowercase().replace('_', " ")).collect();
        let find = |known: &[&str]| names.iter().position(|name| known.contains(&name.as_str()));
        let (question, input) = (find(QUESTION), find(INPUT));
        Self {
            question: question.or(input),
            input: question.and(input),
            answer: find(ANSWER),
            rejected: find(REJECTED),
            system: find(SYSTEM),
            label: find(LABEL),
        }
    }

    /// The datum of a row whose cells are given by their column.
    pub(super) fn datum<'a>(&self, mut cell: impl FnMut(usize) -> Result<Cow<'a, str>, What>) -> Result<Datum, What> {
        let mut text = |column: Option<usize>| column.map_or(Ok(Cow::Borrowed("")), &mut cell);
        let (question, input) = (text(self.question)?, text(self.input)?);
        let (chosen, rejected) = (text(self.answer)?, text(self.rejected)?);
        let (system, label) = (text(self.system)?, text(self.label)?);
        let some = |text: Cow<'_, str>| (!text.trim().is_empty()).then(|| text.into_owned());
        let (mut chosen, mut rejected) = (some(chosen), some(rejected));
        if !is_right(&label)? && rejected.is_none() {
            rejected = chosen.take();
        }
        let question = if input.trim().is_empty() { question.into_owned() } else { format!("{question}\n{input}") };
        Ok(Datum { system: system.into_owned(), before: Vec::new(), question, chosen, rejected })
    }
}

/// Whether a label says that the answer is right.
fn is_right(label: &str) -> Result<bool, What> {
    match label.trim().to_lowercase().as_str() {
        "" | "true" | "1" | "yes" | "good" | "да" | "истина" | "верно" => Ok(true),
        "false" | "0" | "no" | "bad" | "нет" | "ложь" | "неверно" => Ok(false),
        _ => Err(What::wrong("label", Expected::Flag)),
    }
}
