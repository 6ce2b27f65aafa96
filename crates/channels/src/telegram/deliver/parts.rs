//! What an answer looks like on Telegram: the messages that it takes, and the fields of each.

mod quotation;

use super::super::api::{chat_id, in_thread};
use super::super::{Config, Failure, Instead, LARGEST_PHOTO};
use domain::incoming::Place;
use domain::markdown::{self, Rendered as Rich};
use domain::outgoing::{Button, File, Outgoing, Voice};
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
#[derive(Clone, Default)]
pub(crate) struct Part {
    pub(crate) text: Rich,
    /// So many UTF-16 units at the beginning of the text are a quotation that folds up.
    pub(crate) folded: usize,
    pub(crate) buttons: Vec<Vec<Button>>,
    pub(crate) media: Option<Media>,
}

/// What a message holds beside its words.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Media {
    pub(crate) kind: Kind,
    pub(crate) file: File,
    /// How long a recording is, seconds.
    pub(crate) seconds: u64,
}

/// How a file is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Document,
    Photo,
    Voice,
    Audio,
}

impl Kind {
    /// The field of the Bot API, the type of its media, and the name of its part in a form.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Photo => "photo",
            Self::Voice => "voice",
            Self::Audio => "audio",
        }
    }
    /// The method that sends it.
    pub(crate) const fn method(self) -> &'static str {
        match self {
            Self::Document => "sendDocument",
            Self::Photo => "sendPhoto",
            Self::Voice => "sendVoice",
            Self::Audio => "sendAudio",
        }
    }
    /// Most bytes of it on that server.
    pub(crate) const fn largest(self, config: &Config) -> u64 {
        match self {
            Self::Document | Self::Voice | Self::Audio => config.largest_upload(),
            Self::Photo => LARGEST_PHOTO,
        }
    }
    /// Whether it can be put in the place of what an earlier message shows. A voice message cannot, and a
    /// recording is what is sent instead of one.
    pub(crate) const fn replaces(self) -> bool {
        !matches!(self, Self::Voice | Self::Audio)
    }
}

impl Part {
    fn of(text: Rich) -> Self {
        Self { text: few_marks(text), ..Self::default() }
    }
    fn holding(kind: Kind, file: &File) -> Self {
        Self { media: Some(Media { kind, file: file.clone(), seconds: 0 }), ..Self::default() }
    }
    fn spoken(voice: &Voice) -> Self {
        let media = Media { kind: Kind::Voice, file: voice.file.clone(), seconds: voice.ms.div_ceil(1000) };
        Self { media: Some(media), ..Self::default() }
    }

    /// Whether it can be put in the place of what an earlier message shows.
    pub(crate) fn replaces(&self) -> bool {
        self.media.as_ref().is_none_or(|media| media.kind.replaces())
    }

    /// The message that is sent when this one is refused for what it holds.
    pub(crate) fn instead(&self, failure: &Failure) -> Option<(Self, Instead)> {
        let media = self.media.as_ref()?;
        let (kind, instead) = match (media.kind, failure) {
            (Kind::Voice, Failure::Refused { description }) if forbids_voice(description) => {
                (Kind::Audio, Instead::AudioForVoice)
            }
            (Kind::Photo, Failure::Refused { description }) if is_no_photo(description) => {
                (Kind::Document, Instead::DocumentForPhoto)
            }
            (Kind::Photo, Failure::TooLarge { .. }) => (Kind::Document, Instead::DocumentForPhoto),
            _ => return None,
        };
        Some((Self { media: Some(Media { kind, ..media.clone() }), ..self.clone() }, instead))
    }
}

/// The person's settings, in the words of Telegram's servers and of the Bot API's; or those of the group.
fn forbids_voice(description: &str) -> bool {
    let lower = description.to_lowercase();
    let words =
        ["voice_messages_forbidden", "restricted receiving of voice", "rights to send voice", "send_voices_forbidden"];
    words.iter().any(|words| lower.contains(words))
}

/// Telegram cannot make a picture of it.
fn is_no_photo(description: &str) -> bool {
    let words = [
        "photo_invalid_dimensions",
        "photo_ext_invalid",
        "photo_save_file_invalid",
        "photo_invalid",
        "image_process_failed",
        "too big for a photo",
    ];
    let lower = description.to_lowercase();
    words.iter().any(|words| lower.contains(words))
}

/// What is shown of an answer that is being written: its end, when it is long already.
pub(crate) fn live_part(text: &str, buttons: &[Button]) -> Part {
    let rich = markdown::render(text);
    let shown = rich::split(&rich, LONGEST - 64).pop().unwrap_or_default();
    let buttons = if buttons.is_empty() { Vec::new() } else { vec![buttons.to_vec()] };
    Part { buttons, ..Part::of(shown) }
}

/// The messages that an answer takes: pictures, a voice message, words, a file. The words stand under what
/// comes before them, where they are few.
pub(crate) fn parts(outgoing: &Outgoing) -> Vec<Part> {
    let rich = markdown::render(&outgoing.markdown);
    let mut file = outgoing.file.as_ref().map(|file| Part::holding(Kind::Document, file));
    let mut texts = quotation::parts(&outgoing.quote, &rich);
    if texts.len() > MOST_PARTS && file.is_none() {
        texts = quotation::parts("", &rich);
        if texts.len() > MOST_PARTS {
            texts.truncate(1);
        }
        let whole = quotation::markdown(&outgoing.quote, &outgoing.markdown);
        file = Some(Part::holding(Kind::Document, &File::text("answer.md", whole)));
    }
    let pictures = outgoing.picture.iter().chain(&outgoing.further).map(|picture| Part::holding(Kind::Photo, picture));
    let mut parts: Vec<Part> = pictures.chain(outgoing.voice.as_ref().map(Part::spoken)).collect();
    match (parts.last_mut(), texts.as_slice()) {
        (Some(last), [one]) if markdown::utf16_len(&one.text.text) <= LONGEST_CAPTION => {
            (last.text, last.folded) = (one.text.clone(), one.folded);
        }
        _ => parts.extend(texts),
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

/// Telegram takes so many entities; what would be too much loses its looks, not its words.
pub(crate) fn few_marks(mut rich: Rich) -> Rich {
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
    let mut entities = entities(&part.text);
    if part.folded > 0 {
        entities.insert(0, json!({"type": "expandable_blockquote", "offset": 0, "length": part.folded}));
        entities.truncate(MOST_ENTITIES);
    }
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
