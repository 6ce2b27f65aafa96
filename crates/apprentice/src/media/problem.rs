//! What cannot be taken in, in the words of the person's language.

use crate::learn::lessons::one_line;
use crate::media::fetch::Refused;
use crate::turn::Turn;
use documents::problem::Bound;
use documents::{Note, Place, Problem};
use domain::incoming::{Attached, Media};
use domain::person::Lang;
use domain::text::{say, say_with};

/// Why a file is not here.
pub(super) fn refused(turn: &Turn<'_>, name: &str, refused: Refused) -> String {
    match refused {
        Refused::TooLarge { limit } => {
            let platform = crate::media::fetch::most(turn.bot, turn.incoming.place.channel);
            let key = if limit >= platform { "file-too-large-for-telegram" } else { "file-too-many-bytes" };
            turn.text_with(key, &[("name", named(turn, name)), ("limit", (limit >> 20).max(1).to_string())])
        }
        Refused::Gone => turn.text_with("file-gone", &[("name", named(turn, name))]),
    }
}

/// What a person calls it.
pub(super) fn named(turn: &Turn<'_>, name: &str) -> String {
    if name.trim().is_empty() { turn.text("file-unnamed") } else { one_line(name) }
}

/// What a person calls something that can be heard: few recordings have names.
pub(super) fn called(turn: &Turn<'_>, file: &Attached) -> String {
    match file.media {
        Media::Voice if file.name.is_empty() => turn.text("unnamed-voice"),
        Media::Audio if file.name.is_empty() => turn.text("unnamed-audio"),
        Media::Video | Media::VideoNote if file.name.is_empty() => turn.text("unnamed-video"),
        _ => named(turn, &file.name),
    }
}

/// Why a document is not read.
pub(super) fn unread(turn: &Turn<'_>, name: &str, problem: &Problem) -> String {
    let mut args = vec![("name", named(turn, name))];
    let key = match problem {
        Problem::Empty => "document-empty",
        Problem::Encrypted => "document-encrypted",
        Problem::Corrupt { .. } => "document-corrupt",
        Problem::TooLarge { what, limit } => {
            args.push(("what", bound(turn.lang(), *what, *limit)));
            "document-too-large"
        }
        Problem::Scanned { pages } => {
            args.push(("pages", pages.to_string()));
            "document-scanned"
        }
        Problem::Unsupported { .. } => "document-unsupported",
        Problem::Hostile { .. } => "document-hostile",
        Problem::Died { .. } => "document-died",
    };
    turn.text_with(key, &args)
}

/// What a reader should know, a sentence each.
pub(super) fn notes(lang: Lang, notes: &[Note]) -> Vec<String> {
    let of = |note: &Note| match note {
        Note::Mislabelled { claimed } => say_with(lang, "document-mislabelled", &[("claimed", one_line(claimed))]),
        Note::Scanned { pages } => {
            let (shown, more) = (pages.iter().take(10), pages.len() > 10);
            let mut list: Vec<String> = shown.map(ToString::to_string).collect();
            list.extend(more.then(|| "…".to_owned()));
            say_with(lang, "document-scanned-pages", &[("pages", list.join(", "))])
        }
        Note::Cut { what, limit } => say_with(lang, "document-cut", &[("what", bound(lang, *what, *limit))]),
        Note::Skipped { names } => {
            let names: Vec<String> = names.iter().map(|name| one_line(name)).collect();
            say_with(lang, "document-skipped", &[("names", names.join(", "))])
        }
        Note::Damaged => say(lang, "document-damaged"),
    };
    notes.iter().map(of).collect()
}

fn bound(lang: Lang, what: Bound, limit: u64) -> String {
    let (key, limit) = match what {
        Bound::Bytes => ("bound-bytes", limit >> 20),
        Bound::Unpacked => ("bound-unpacked", limit >> 20),
        Bound::Text => ("bound-text", limit >> 20),
        Bound::Pages => ("bound-pages", limit),
        Bound::Members => ("bound-members", limit),
        Bound::Depth => ("bound-depth", limit),
    };
    say_with(lang, key, &[("limit", limit.to_string())])
}

/// What a citation calls a place.
pub(super) fn place(lang: Lang, at: &Place) -> String {
    let numbered = |key: &str, number: u32| say_with(lang, key, &[("number", number.to_string())]);
    match at {
        Place::Whole => say(lang, "place-whole"),
        Place::Page(number) => numbered("place-page", *number),
        Place::Slide(number) => numbered("place-slide", *number),
        Place::Sheet { name, from, to } if from == to => {
            let args = [("number", from.to_string()), ("name", one_line(name))];
            say_with(lang, if name.is_empty() { "place-row" } else { "place-sheet-row" }, &args)
        }
        Place::Sheet { name, from, to } => {
            let args = [("from", from.to_string()), ("to", to.to_string()), ("name", one_line(name))];
            say_with(lang, if name.is_empty() { "place-rows" } else { "place-sheet" }, &args)
        }
        Place::Chapter { number, title } if title.is_empty() => numbered("place-chapter", *number),
        Place::Chapter { title, .. } => say_with(lang, "place-titled", &[("title", one_line(title))]),
        Place::Lines { from, to } if from == to => numbered("place-line", *from),
        Place::Lines { from, to } => {
            say_with(lang, "place-lines", &[("from", from.to_string()), ("to", to.to_string())])
        }
        Place::Time { from_ms, to_ms } => {
            say_with(lang, "place-time", &[("from", clock(*from_ms)), ("to", clock(*to_ms))])
        }
        Place::Member { name, place: inner } => {
            let inner = place(lang, inner);
            say_with(lang, "place-member", &[("name", one_line(name)), ("place", inner)])
        }
    }
}

/// `1:02:03` or `2:03`.
pub(super) fn clock(ms: u64) -> String {
    let seconds = ms / 1000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}
