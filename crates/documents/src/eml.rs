//! E-mail (RFC 5322, MIME): who wrote what to whom and when, and what hangs on it.

use crate::Kind;
use crate::document::{Document, Place};
use crate::draft::Draft;
use crate::html;
use crate::members::{Allowance, Member, read_member};
use crate::problem::{Bound, Limits, Problem};
use mail_parser::{Address, Message, MessageParser, MessagePart, MimeHeaders, PartType};

/// Reads a message.
///
/// # Errors
///
/// [`Problem::Corrupt`] when it is none, [`Problem::TooLarge`] and [`Problem::Hostile`] for what hangs on it.
pub(crate) fn read(bytes: &[u8], limits: &Limits, left: &mut Allowance) -> Result<Document, Problem> {
    let message =
        MessageParser::default().parse(bytes).ok_or_else(|| Problem::Corrupt { detail: "no message".to_owned() })?;
    let mut draft = Draft::new(Kind::Eml, limits);
    draft.title(message.subject().unwrap_or_default());
    let text = format!("{}\n{}", head(&message), body(&message, limits));
    draft.push(Place::Whole, text.trim().to_owned());
    for (part, number) in message.attachments().zip(1u32..) {
        if number > limits.members || draft.is_full() {
            draft.note(crate::Note::Cut { what: Bound::Members, limit: u64::from(limits.members) });
            break;
        }
        attached(&mut draft, part, number, limits, left)?;
    }
    draft.finish()
}

fn attached(
    draft: &mut Draft,
    part: &MessagePart<'_>,
    number: u32,
    limits: &Limits,
    left: &mut Allowance,
) -> Result<(), Problem> {
    let mime = part.content_type().map(|of| format!("{}/{}", of.ctype(), of.subtype().unwrap_or_default()));
    let mime = mime.unwrap_or_default().to_lowercase();
    let name = part.attachment_name().map_or_else(|| format!("{number}"), str::to_owned);
    // A message in a message was parsed with it; it is read from its bytes like any other file.
    let bytes = match &part.body {
        PartType::Message(message) => message.raw_message(),
        _ => part.contents(),
    };
    // A signature's picture and the like is no document.
    if mime.starts_with("image/") {
        draft.skip(&name);
        return Ok(());
    }
    read_member(draft, &Member { name: &name, mime: &mime, bytes }, limits, left)
}

fn head(message: &Message<'_>) -> String {
    let people = [("From", message.from()), ("To", message.to()), ("Cc", message.cc())];
    let people = people.into_iter().map(|(name, address)| (name, address.map(addresses).unwrap_or_default()));
    let date = message.date().map(mail_parser::DateTime::to_rfc822).unwrap_or_default();
    let subject = message.subject().unwrap_or_default().to_owned();
    let lines = people.chain([("Date", date), ("Subject", subject)]);
    lines.filter(|(_, value)| !value.is_empty()).map(|(name, value)| format!("{name}: {value}\n")).collect()
}

fn addresses(address: &Address<'_>) -> String {
    let each = address.iter().map(|one| match (one.name(), one.address()) {
        (Some(name), Some(address)) => format!("{name} <{address}>"),
        (name, address) => name.or(address).unwrap_or_default().to_owned(),
    });
    each.collect::<Vec<_>>().join(", ")
}

/// The text of a message: what was written as text, else its HTML as text.
fn body(message: &Message<'_>, limits: &Limits) -> String {
    let parts = message.text_bodies().map(|part| match &part.body {
        PartType::Html(page) => rendered(page, limits),
        PartType::Text(text) => text.to_string(),
        _ => String::new(),
    });
    parts.collect::<Vec<_>>().join("\n\n").replace("\r\n", "\n")
}

fn rendered(page: &str, limits: &Limits) -> String {
    let parts = html::render(page, limits.text).parts.into_iter().map(|part| part.text);
    parts.collect::<Vec<_>>().join("\n\n")
}
