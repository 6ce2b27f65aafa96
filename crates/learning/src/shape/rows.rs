//! The shapes whose records are JSON objects: one a line, in one list, or one after the other.

use super::conversation::{Message, answered, asked, messages, only_answer};
use super::elements::{Elements, Found, Of};
use super::intake::{Flow, Intake};
use super::node::Node;
use super::source::Source;
use super::{Expected, Shape, What};
use domain::chat::{Role, Turn};
use domain::example::Datum;
use std::io;

/// Reads the records of a file.
pub(super) fn read(shape: Shape, source: &mut Source<'_>, intake: &mut Intake<'_>) -> io::Result<Flow> {
    match layout(source.head()) {
        Some(of) => of_elements(shape, of, source, intake),
        None => of_lines(shape, source, intake),
    }
}

/// How values stand in the file; none for one a line.
fn layout(head: &[u8]) -> Option<Of> {
    let head = head.trim_ascii_start();
    let first = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    match (head.first(), first.trim_ascii_end()) {
        (Some(b'['), _) => Some(Of::List),
        (_, b"{") if head.len() > first.len() => Some(Of::Sequence),
        _ => None,
    }
}

fn of_lines(shape: Shape, source: &mut Source<'_>, intake: &mut Intake<'_>) -> io::Result<Flow> {
    let (mut buffer, longest) = (Vec::new(), intake.options().longest);
    while let Some(line) = source.line(longest, &mut buffer)? {
        let flow = if line.bytes > longest as u64 {
            intake.fault(line.number, None, What::TooLong { bytes: line.bytes });
            intake.progress()
        } else if buffer.trim_ascii().is_empty() {
            intake.progress()
        } else {
            record(shape, &buffer, (line.number, 1, !line.ended), intake)
        };
        if flow.is_break() {
            return Ok(flow);
        }
    }
    Ok(Flow::Continue(()))
}

fn of_elements(shape: Shape, of: Of, source: &mut Source<'_>, intake: &mut Intake<'_>) -> io::Result<Flow> {
    let longest = intake.options().longest;
    let (mut elements, mut buffer) = (Elements::new(of, longest), Vec::new());
    while let Some(found) = elements.next(source, &mut buffer)? {
        let flow = match found {
            Found::Value { line, bytes, .. } if bytes > longest as u64 => {
                intake.fault(line, None, What::TooLong { bytes });
                intake.progress()
            }
            Found::Value { line, column, .. } => record(shape, &buffer, (line, column, false), intake),
            Found::ListEnd => Flow::Continue(()),
            Found::Fault { line, column, what } => {
                intake.fault(line, Some(column), what);
                intake.progress()
            }
        };
        if flow.is_break() {
            return Ok(flow);
        }
    }
    Ok(Flow::Continue(()))
}

/// A record that begins at a line and a column; `is_last` when the file ends with it.
fn record(shape: Shape, bytes: &[u8], place: (u64, u64, bool), intake: &mut Intake<'_>) -> Flow {
    match parse(bytes, place, intake) {
        Some(node) => intake.record(place.0, datum(shape, &node)),
        None => intake.progress(),
    }
}

/// A JSON value, or a fault in the report.
pub(super) fn parse<'b>(bytes: &'b [u8], place: (u64, u64, bool), intake: &mut Intake<'_>) -> Option<Node<'b>> {
    let (line, column, is_last) = place;
    match Node::parse(bytes) {
        Ok(node) => Some(node),
        Err(broken) => {
            let what = if broken.is_cut && is_last { What::Truncated } else { broken.what };
            let shift = if broken.line == 0 { column.saturating_sub(1) } else { 0 };
            intake.fault(line + broken.line, broken.column.map(|column| column + shift), what);
            None
        }
    }
}

fn datum(shape: Shape, row: &Node<'_>) -> Result<Datum, What> {
    if !matches!(row, Node::Object(_)) {
        return Err(What::wrong("", Expected::Object));
    }
    match shape {
        Shape::Preference => preference(row),
        Shape::TrlPreference => trl_preference(row),
        Shape::TrlUnpaired => unpaired(row),
        Shape::ShareGpt => share_gpt(row),
        Shape::Alpaca => alpaca(row),
        Shape::Chat | Shape::Csv | Shape::PlainPairs | Shape::TelegramExport => chat(row),
    }
}

fn chat(row: &Node<'_>) -> Result<Datum, What> {
    match (row.get("messages"), row.get("prompt")) {
        (None, Some(prompt)) => {
            let chosen = Some(answer(row.must("completion")?, "completion")?);
            Ok(Datum { chosen, ..question(prompt)? })
        }
        _ => answered(messages(row.must("messages")?, "messages")?),
    }
}

/// A prompt: a text, or messages that end with the question.
fn question(prompt: &Node<'_>) -> Result<Datum, What> {
    match prompt {
        Node::Text(text) => Ok(Datum { question: text.clone().into_owned(), ..Datum::default() }),
        _ => asked(messages(prompt, "prompt")?),
    }
}

/// An answer: a text, or one message.
fn answer(value: &Node<'_>, field: &str) -> Result<String, What> {
    match value {
        Node::Text(text) => Ok(text.clone().into_owned()),
        _ => only_answer(messages(value, field)?, field),
    }
}

fn preference(row: &Node<'_>) -> Result<Datum, What> {
    let input = row.must("input")?;
    let input = match input {
        Node::Object(_) => input.get("messages").ok_or_else(|| What::missing("input.messages"))?,
        _ => return Err(What::wrong("input", Expected::Object)),
    };
    let asked = asked(messages(input, "input.messages")?)?;
    let one = |field: &str| only_answer(messages(row.must(field)?, field)?, field);
    Ok(Datum { chosen: Some(one("preferred_output")?), rejected: Some(one("non_preferred_output")?), ..asked })
}

fn trl_preference(row: &Node<'_>) -> Result<Datum, What> {
    let (chosen, rejected) = (row.must("chosen")?, row.must("rejected")?);
    let is_whole = |value: &Node<'_>| matches!(value, Node::List(list) if list.len() > 1);
    let prompt = match row.get("prompt") {
        Some(prompt) if !is_whole(chosen) && !is_whole(rejected) => prompt,
        _ => return implicit(chosen, rejected),
    };
    let (chosen, rejected) = (answer(chosen, "chosen")?, answer(rejected, "rejected")?);
    Ok(Datum { chosen: Some(chosen), rejected: Some(rejected), ..question(prompt)? })
}

/// Two conversations that begin alike: what they share is the prompt.
fn implicit(chosen: &Node<'_>, rejected: &Node<'_>) -> Result<Datum, What> {
    if let (Node::Text(chosen), Node::Text(rejected)) = (chosen, rejected) {
        return implicit_texts(chosen, rejected);
    }
    let (mut chosen, mut rejected) = (messages(chosen, "chosen")?, messages(rejected, "rejected")?);
    let same = |(one, other): &(&Message, &Message)| one.role == other.role && one.text == other.text;
    let shared = chosen.iter().zip(&rejected).take_while(same).count();
    if shared == chosen.len() && shared == rejected.len() {
        return Err(What::SameAnswers);
    }
    let rejected = only_answer(rejected.split_off(shared), "rejected")?;
    let last = only_answer(chosen.split_off(shared), "chosen")?;
    Ok(Datum { chosen: Some(last), rejected: Some(rejected), ..asked(chosen)? })
}

/// Two texts that begin alike, parted at the last space or line end before they differ.
fn implicit_texts(chosen: &str, rejected: &str) -> Result<Datum, What> {
    let pairs = chosen.char_indices().zip(rejected.chars());
    let shared = pairs.take_while(|((_, one), other)| one == other).map(|((at, c), _)| at + c.len_utf8()).last();
    let shared = chosen.get(..shared.unwrap_or_default()).unwrap_or_default();
    let prompt = shared.get(..shared.rfind(char::is_whitespace).unwrap_or_default()).unwrap_or_default();
    let rest = |text: &str| Some(text.get(prompt.len()..).unwrap_or_default().trim().to_owned());
    Ok(Datum { chosen: rest(chosen), rejected: rest(rejected), question: prompt.trim().to_owned(), ..Datum::default() })
}

fn unpaired(row: &Node<'_>) -> Result<Datum, What> {
    let asked = question(row.must("prompt")?)?;
    let answer = Some(answer(row.must("completion")?, "completion")?);
    match row.must("label")? {
        Node::Flag(true) | Node::Whole(1) => Ok(Datum { chosen: answer, ..asked }),
        Node::Flag(false) | Node::Whole(0) => Ok(Datum { rejected: answer, ..asked }),
        _ => Err(What::wrong("label", Expected::Flag)),
    }
}

fn share_gpt(row: &Node<'_>) -> Result<Datum, What> {
    let datum = answered(messages(row.must("conversations")?, "conversations")?)?;
    match row.text("system")? {
        Some(system) if datum.system.is_empty() => Ok(Datum { system: system.to_owned(), ..datum }),
        _ => Ok(datum),
    }
}

fn alpaca(row: &Node<'_>) -> Result<Datum, What> {
    let (instruction, output) = (row.must_text("instruction")?, row.must_text("output")?);
    let input = row.text("input")?.unwrap_or_default();
    let question = if input.trim().is_empty() { instruction.to_owned() } else { format!("{instruction}\n{input}") };
    let system = row.text("system")?.unwrap_or_default().to_owned();
    Ok(Datum { system, before: history(row)?, question, chosen: Some(output.to_owned()), rejected: None })
}

/// Earlier questions with their answers: `[[question, answer], …]`.
fn history(row: &Node<'_>) -> Result<Vec<Turn>, What> {
    let mut before = Vec::new();
    let Some(history) = row.get("history") else { return Ok(before) };
    for (at, pair) in history.list("history")?.iter().enumerate() {
        let [Node::Text(question), Node::Text(answer)] = pair.list(&format!("history[{at}]"))? else {
            return Err(What::wrong(format!("history[{at}]"), Expected::Text));
        };
        for (role, text) in [(Role::User, question), (Role::Assistant, answer)] {
            before.push(Turn::new(role, text.clone()));
        }
    }
    Ok(before)
}
