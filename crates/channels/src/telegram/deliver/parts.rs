//! What an answer looks like on Telegram: the messages that it takes, and the fields of each.

use super::super::api::{chat_id, in_thread};
use domain::incoming::Place;
use domain::markdown::{self, Rendered as Rich};
use domain::outgoing::{Button, Contents, File, Outgoing};
use domain::rich::{self, Style};
use serde_json::{Map, Value, json};

/// Most UTF-16 units of a message.
pub(crate) const LONGEST: usize = 4096;
/// Most UTF-16 units of the words under a picture.
pub(crate) const LONGEST_CAPTION: usize = 1024;
/// Most messages that an answer takes; a longer one goes as a file.
pub(crate) const MOST_PARTS: usize = 4;
/// Most entities of a message.
pub(crate) const MOST_ENTITIES: usize = 100;

/// One message to be shown.
#[derive(Default)]
pub(crate) struct Part {
    pub(crate) text: Rich,
    pub(crate) buttons: Vec<Vec<Button>>,
    pub(crate) media: Option<Media>,
}

/// What a message holds beside its words.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Media {
    pub(crate) kind: Kind,
    pub(crate) file: File,
}

/// How a file is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Document,
    Photo,
}

impl Kind {
    /// The field of the Bot API, the type of its media, and the name of its part in a form.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Photo => "photo",
        }
    }
    /// The method that sends it.
    pub(crate) const fn method(self) -> &'static str {
        match self {
            Self::Document => "sendDocument",
            Self::Photo => "sendPhoto",
        }
    }
    /// Most bytes of it.
    pub(crate) const fn largest(self) -> u64 {
        match self {
            Self::Document => super::super::LARGEST_DOCUMENT,
            Self::Photo => super::super::LARGEST_PHOTO,
        }
    }
}

impl Part {
    fn of(text: Rich) -> Self {
        Self { text: few_marks(text), ..Self::default() }
    }
    fn holding(kind: Kind, file: &File) -> Self {
        Self { media: Some(Media { kind, file: file.clone() }), ..Self::default() }
    }
}

/// What is shown of an answer that is being written: its end, when it is long already.
pub(crate) fn live_part(text: &str, buttons: &[Button]) -> Part {
    let rich = markdown::render(text);
    let shown = rich::split(&rich, LONGEST - 64).pop().unwrap_or_default();
    let buttons = if buttons.is_empty() { Vec::new() } else { vec![buttons.to_vec()] };
    Part { buttons, ..Part::of(shown) }
}

/// The messages that an answer takes.
pub(crate) fn parts(outgoing: &Outgoing) -> Vec<Part> {
    let rich = markdown::render(&outgoing.markdown);
    let mut texts = rich::split(&rich, LONGEST);
    let mut file = outgoing.file.as_ref().map(|file| Part::holding(Kind::Document, file));
    if texts.len() > MOST_PARTS && file.is_none() {
        texts.truncate(1);
        let whole =
            File { name: "answer.md".to_owned(), mime: None, contents: Contents::Text(outgoing.markdown.clone()) };
        file = Some(Part::holding(Kind::Document, &whole));
    }
    let mut parts: Vec<Part> = texts.into_iter().map(Part::of).collect();
    if let Some(picture) = &outgoing.picture {
        illustrate(&mut parts, picture);
    }
    parts.extend(file);
    if parts.is_empty() {
        parts.push(Part::of(Rich { text: "…".to_owned(), marks: Vec::new() }));
    }
    if let Some(last) = parts.last_mut() {
        last.buttons.clone_from(&outgoing.buttons);
    }
    parts
}

/// Puts a picture over the words: with them when they are few, else before them.
fn illustrate(parts: &mut Vec<Part>, picture: &File) {
    let mut shown = Part::holding(Kind::Photo, picture);
    match parts.as_mut_slice() {
        [one] if markdown::utf16_len(&one.text.text) <= LONGEST_CAPTION => {
            one.media = shown.media.take();
        }
        _ => parts.insert(0, shown),
    }
}

/// Telegram takes so many entities; what would be too much loses its looks, not its words.
fn few_marks(mut rich: Rich) -> Rich {
    rich.marks.truncate(MOST_ENTITIES);
    rich
}

/// The fields that say what a message shows, without its file.
pub(crate) fn content(place: &Place, part: &Part) -> Map<String, Value> {
    let mut body = json!({"chat_id": chat_id(&place.chat)});
    in_thread(&mut body, place);
    let mut body = match body {
        Value::Object(body) => body,
        _ => Map::new(),
    };
    if part.media.is_none() {
        body.insert("link_preview_options".to_owned(), json!({"is_disabled": true}));
    }
    body.extend(words(part));
    let row = |row: &Vec<Button>| -> Vec<Value> {
        row.iter().map(|button| json!({"text": button.label, "callback_data": button.data})).collect()
    };
    if !part.buttons.is_empty() {
        let rows: Vec<_> = part.buttons.iter().map(row).collect();
        body.insert("reply_markup".to_owned(), json!({"inline_keyboard": rows}));
    }
    body
}

/// The fields of a message's words: its text, or what is written under its file.
pub(crate) fn words(part: &Part) -> Map<String, Value> {
    let (text, marks) = if part.media.is_some() { ("caption", "caption_entities") } else { ("text", "entities") };
    let mut words = Map::new();
    if part.media.is_none() || !part.text.text.is_empty() {
        words.insert(text.to_owned(), json!(part.text.text));
    }
    let entities = entities(&part.text);
    if !entities.is_empty() {
        words.insert(marks.to_owned(), json!(entities));
    }
    words
}

pub(crate) fn entities(rich: &Rich) -> Vec<Value> {
    let entity = |mark: &rich::Mark| {
        let (kind, more) = match &mark.style {
            Style::Bold => ("bold", None),
            Style::Italic => ("italic", None),
            Style::Underline => ("underline", None),
            Style::Strike => ("strikethrough", None),
            Style::Spoiler => ("spoiler", None),
            Style::Code => ("code", None),
            Style::Quote => ("blockquote", None),
            Style::Pre { language } => ("pre", language.as_ref().map(|language| ("language", language))),
            Style::Link { url } => ("text_link", Some(("url", url))),
            Style::Nothing => return None,
        };
        let mut entity = json!({"type": kind, "offset": mark.offset, "length": mark.length});
        if let (Some((name, value)), Some(entity)) = (more, entity.as_object_mut()) {
            entity.insert(name.to_owned(), json!(value));
        }
        Some(entity)
    };
    rich.marks.iter().filter_map(entity).collect()
}

#[cfg(test)]
mod tests;
