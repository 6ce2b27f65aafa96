//! Data written in a shape so that reading it gives the same data.
//!
//! A shape of single answers holds the chosen one; a datum that it cannot hold is left out and counted.

use super::Shape;
use super::pairs::label;
use domain::chat::{Role, Turn};
use domain::example::Datum;
use serde::Serialize;
use std::io::{self, Write};

/// How much was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Data that are in the file.
    pub written: u64,
    /// Of those, how many are there without their rejected answer, for which the shape has no place.
    pub without_rejected: u64,
    /// Data that the shape cannot hold.
    pub left_out: u64,
}

/// A message of OpenAI's and TRL's shapes.
#[derive(Serialize)]
struct Message<'a> {
    role: Role,
    content: &'a str,
    /// 0 for an earlier answer, which is not what is taught.
    #[serde(skip_serializing_if = "Option::is_none")]
    weight: Option<u8>,
}

/// A message of ShareGPT's shape.
#[derive(Serialize)]
struct Said<'a> {
    from: &'static str,
    value: &'a str,
}

#[derive(Serialize)]
struct Chat<'a> {
    messages: Vec<Message<'a>>,
}

#[derive(Serialize)]
struct Preference<'a> {
    input: Chat<'a>,
    preferred_output: [Message<'a>; 1],
    non_preferred_output: [Message<'a>; 1],
}

#[derive(Serialize)]
struct TrlPreference<'a> {
    prompt: Vec<Message<'a>>,
    chosen: [Message<'a>; 1],
    rejected: [Message<'a>; 1],
}

#[derive(Serialize)]
struct TrlUnpaired<'a> {
    prompt: Vec<Message<'a>>,
    completion: [Message<'a>; 1],
    label: bool,
}

#[derive(Serialize)]
struct ShareGpt<'a> {
    conversations: Vec<Said<'a>>,
}

#[derive(Serialize)]
struct Alpaca<'a> {
    instruction: &'a str,
    input: &'a str,
    output: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    system: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    history: Vec<[&'a str; 2]>,
}

/// Writes data in a shape. A Telegram export is only read: nothing is written in that shape.
///
/// # Errors
/// Only those of `out`.
pub fn write<'a>(shape: Shape, data: impl IntoIterator<Item = &'a Datum>, mut out: impl Write) -> io::Result<Written> {
    let mut counts = Written::default();
    let held = data.into_iter().filter(|datum| {
        let holds = holds(shape, datum);
        counts.written += u64::from(holds);
        counts.left_out += u64::from(!holds);
        counts.without_rejected += u64::from(holds && datum.rejected.is_some() && !has_rejected(shape));
        holds
    });
    match shape {
        Shape::Csv => table(held, &mut out)?,
        Shape::PlainPairs => held.into_iter().try_for_each(|datum| pair(datum, &mut out))?,
        Shape::Alpaca | Shape::ShareGpt => list(shape, held, &mut out)?,
        _ => held.into_iter().try_for_each(|datum| rows(shape, datum, &mut out))?,
    }
    out.flush()?;
    Ok(counts)
}

const fn has_rejected(shape: Shape) -> bool {
    matches!(shape, Shape::Preference | Shape::TrlPreference | Shape::TrlUnpaired | Shape::Csv)
}

/// Whether a datum can be read from what is written of it.
fn holds(shape: Shape, datum: &Datum) -> bool {
    let says = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.trim().is_empty());
    let (chosen, rejected) = (says(&datum.chosen), says(&datum.rejected));
    if datum.question.trim().is_empty() || (chosen && datum.chosen == datum.rejected) {
        return false;
    }
    match shape {
        Shape::Chat | Shape::ShareGpt => chosen,
        Shape::Alpaca => chosen && history(&datum.before).is_some(),
        Shape::Preference | Shape::TrlPreference => chosen && rejected,
        Shape::TrlUnpaired => chosen || rejected,
        Shape::Csv => (chosen || rejected) && datum.before.is_empty(),
        Shape::PlainPairs => chosen && datum.system.is_empty() && datum.before.is_empty() && is_plain(datum),
        Shape::TelegramExport => false,
    }
}

/// Whether both texts stay as they are between labels.
fn is_plain(datum: &Datum) -> bool {
    let is_plain =
        |text: &str| text.trim() == text && !text.contains('\r') && text.lines().all(|line| label(line).is_none());
    is_plain(&datum.question) && datum.chosen.as_deref().is_some_and(is_plain)
}

/// Earlier messages as questions with their answers; none where they are something else.
fn history(before: &[Turn]) -> Option<Vec<[&str; 2]>> {
    let pairs = before.chunks(2).map(|pair| match pair {
        [Turn { role: Role::User, content: question, .. }, Turn { role: Role::Assistant, content: answer, .. }] => {
            Some([question.as_str(), answer.as_str()])
        }
        _ => None,
    });
    pairs.collect()
}

const fn answer(content: &str) -> Message<'_> {
    Message { role: Role::Assistant, content, weight: None }
}

/// The system text, what came before, the question.
fn prompt(datum: &Datum, earlier: Option<u8>) -> Vec<Message<'_>> {
    let turns = datum.before.iter().map(|turn| Message {
        role: turn.role,
        content: &turn.content,
        weight: earlier.filter(|_| turn.role == Role::Assistant),
    });
    let system = Message { role: Role::System, content: &datum.system, weight: None };
    let question = Message { role: Role::User, content: &datum.question, weight: None };
    has_system(datum).then_some(system).into_iter().chain(turns).chain([question]).collect()
}

/// An empty one is written too where the next message would be taken for it.
fn has_system(datum: &Datum) -> bool {
    !datum.system.is_empty() || datum.before.first().is_some_and(|turn| turn.role == Role::System)
}

fn row(row: &impl Serialize, out: &mut impl Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, row)?;
    out.write_all(b"\n")
}

fn rows(shape: Shape, datum: &Datum, out: &mut impl Write) -> io::Result<()> {
    let (chosen, rejected) = (datum.chosen.as_deref(), datum.rejected.as_deref());
    match (shape, chosen, rejected) {
        (Shape::Preference, Some(chosen), Some(rejected)) => {
            let input = Chat { messages: prompt(datum, None) };
            let (preferred_output, non_preferred_output) = ([answer(chosen)], [answer(rejected)]);
            row(&Preference { input, preferred_output, non_preferred_output }, out)
        }
        (Shape::TrlPreference, Some(chosen), Some(rejected)) => {
            let prompt = prompt(datum, None);
            row(&TrlPreference { prompt, chosen: [answer(chosen)], rejected: [answer(rejected)] }, out)
        }
        (Shape::TrlUnpaired, ..) => [(chosen, true), (rejected, false)].into_iter().try_for_each(|(text, label)| {
            let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return Ok(()) };
            row(&TrlUnpaired { prompt: prompt(datum, None), completion: [answer(text)], label }, out)
        }),
        (_, Some(chosen), _) => {
            let mut messages = prompt(datum, Some(0));
            messages.push(answer(chosen));
            row(&Chat { messages }, out)
        }
        _ => Ok(()),
    }
}

/// One list, a record a line.
fn list<'a>(shape: Shape, data: impl Iterator<Item = &'a Datum>, out: &mut impl Write) -> io::Result<()> {
    out.write_all(b"[")?;
    for (at, datum) in data.enumerate() {
        out.write_all(if at > 0 { b",\n" } else { b"\n" })?;
        let output = datum.chosen.as_deref().unwrap_or_default();
        match shape {
            Shape::Alpaca => serde_json::to_writer(&mut *out, &alpaca(datum, output))?,
            _ => serde_json::to_writer(&mut *out, &share_gpt(datum, output))?,
        }
    }
    out.write_all(b"\n]\n")
}

fn alpaca<'a>(datum: &'a Datum, output: &'a str) -> Alpaca<'a> {
    let history = history(&datum.before).unwrap_or_default();
    Alpaca { instruction: &datum.question, input: "", output, system: &datum.system, history }
}

fn share_gpt<'a>(datum: &'a Datum, output: &'a str) -> ShareGpt<'a> {
    let from = |role| match role {
        Role::System => "system",
        Role::User => "human",
        Role::Assistant => "gpt",
    };
    let prompt = prompt(datum, None).into_iter().chain([answer(output)]);
    ShareGpt { conversations: prompt.map(|said| Said { from: from(said.role), value: said.content }).collect() }
}

fn table<'a>(data: impl Iterator<Item = &'a Datum>, out: &mut impl Write) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(out);
    table.write_record(["question", "answer", "rejected", "system"])?;
    for datum in data {
        let text = |text: &'a Option<String>| text.as_deref().unwrap_or_default();
        table.write_record([&datum.question, text(&datum.chosen), text(&datum.rejected), &datum.system])?;
    }
    table.flush()
}

fn pair(datum: &Datum, out: &mut impl Write) -> io::Result<()> {
    let answer = datum.chosen.as_deref().unwrap_or_default();
    write!(out, "Q: {}\nA: {answer}\n\n", datum.question)
}
