//! A list of messages, under the names of any shape, as what came before, a question and an answer.

use super::node::Node;
use super::{Expected, What};
use domain::chat::{Role, Turn};
use domain::example::Datum;

/// A message that was read.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Message {
    pub(super) role: Role,
    pub(super) text: String,
    /// Whether an answer counts as one.
    pub(super) counts: bool,
}

/// Who a role's name means; the inner none is a tool, whose part in a conversation is left out.
fn role(name: &str) -> Option<Option<Role>> {
    Some(match name {
        "system" | "developer" => Some(Role::System),
        "user" | "human" => Some(Role::User),
        "assistant" | "gpt" | "chatgpt" | "model" | "bot" | "bard" | "bing" => Some(Role::Assistant),
        "tool" | "function" | "function_call" | "function_response" | "observation" | "ipython" => None,
        _ => return None,
    })
}

/// Reads a list of messages that is the value of `field`.
pub(super) fn messages(list: &Node<'_>, field: &str) -> Result<Vec<Message>, What> {
    let Node::List(values) = list else { return Err(What::wrong(field, Expected::Messages)) };
    let mut read = Vec::with_capacity(values.len());
    for (at, value) in values.iter().enumerate() {
        if let Some(message) = message(value).map_err(|what| inside(what, field, at))? {
            read.push(message);
        }
    }
    Ok(read)
}

/// What is wrong with a message, with the message's place.
fn inside(what: What, field: &str, at: usize) -> What {
    let path = |name: String| match name.is_empty() {
        true => format!("{field}[{at}]"),
        false => format!("{field}[{at}].{name}"),
    };
    match what {
        What::MissingField { name } => What::MissingField { name: path(name) },
        What::WrongType { field: name, expected } => What::WrongType { field: path(name), expected },
        other => other,
    }
}

fn message(value: &Node<'_>) -> Result<Option<Message>, What> {
    if !matches!(value, Node::Object(_)) {
        return Err(What::wrong("", Expected::Object));
    }
    let (who, said) = match value.get("from").is_some() && value.get("role").is_none() {
        true => ("from", "value"),
        false => ("role", "content"),
    };
    let name = value.must_text(who)?;
    let Some(role) = role(name).ok_or_else(|| What::UnknownRole { role: name.to_owned() })? else {
        return Ok(None);
    };
    let calls = value.get("tool_calls").or_else(|| value.get("function_call"));
    let calls = calls.is_some_and(|calls| !matches!(calls, Node::List(list) if list.is_empty()));
    let text = match value.get(said) {
        None if calls => return Ok(None),
        None => return Err(What::missing(said)),
        Some(content) => text(content, said)?,
    };
    if calls && text.trim().is_empty() {
        return Ok(None);
    }
    Ok(Some(Message { role, text, counts: weight(value)? }))
}

/// A text, or parts of one.
fn text(content: &Node<'_>, field: &str) -> Result<String, What> {
    let parts = match content {
        Node::Text(text) => return Ok(text.clone().into_owned()),
        Node::List(parts) => parts,
        _ => return Err(What::wrong(field, Expected::Text)),
    };
    let mut whole = String::new();
    for (at, part) in parts.iter().enumerate() {
        let text = match part {
            Node::Text(text) => Some(text.as_ref()),
            part if part.get("type").is_none_or(|kind| *kind == Node::Text("text".into())) => part.text("text")?,
            _ => None,
        };
        let text = text.ok_or_else(|| What::wrong(format!("{field}[{at}]"), Expected::Text))?;
        if at > 0 {
            whole.push('\n');
        }
        whole.push_str(text);
    }
    Ok(whole)
}

fn weight(value: &Node<'_>) -> Result<bool, What> {
    match value.get("weight") {
        None => Ok(true),
        Some(Node::Whole(0)) => Ok(false),
        Some(Node::Whole(1)) => Ok(true),
        Some(Node::Number(weight)) if *weight == 0.0 || *weight == 1.0 => Ok(*weight == 1.0),
        Some(_) => Err(What::wrong("weight", Expected::Weight)),
    }
}

/// A conversation whose last answer that counts is the chosen one; what follows it is left out.
pub(super) fn answered(mut messages: Vec<Message>) -> Result<Datum, What> {
    let is_answer = |message: &Message| message.role == Role::Assistant && message.counts;
    let at = messages.iter().rposition(is_answer).ok_or(What::NoAnswer)?;
    messages.truncate(at + 1);
    let chosen = messages.pop().map(|message| message.text);
    Ok(Datum { chosen, ..asked(messages)? })
}

/// A conversation that ends with the question.
pub(super) fn asked(mut messages: Vec<Message>) -> Result<Datum, What> {
    let question = messages.pop().filter(|message| message.role == Role::User).ok_or(What::NoQuestion)?;
    let mut before: Vec<Turn> = messages.into_iter().map(|message| Turn::new(message.role, message.text)).collect();
    let has_system = before.first().is_some_and(|turn| turn.role == Role::System);
    let system = if has_system { before.remove(0).content } else { String::new() };
    Ok(Datum { system, before, question: question.text, chosen: None, rejected: None })
}

/// The one answer that a list of messages is.
pub(super) fn only_answer(messages: Vec<Message>, field: &str) -> Result<String, What> {
    let mut answers = messages.into_iter();
    match (answers.next(), answers.next()) {
        (Some(answer), None) if answer.role == Role::Assistant => Ok(answer.text),
        (None, _) => Err(What::NoAnswer),
        _ => Err(What::wrong(field, Expected::OneMessage)),
    }
}
