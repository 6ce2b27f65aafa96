//! Files, pictures and sounds that came with a notice, for whoever it was said to and for nobody else.

use crate::session::person;
use crate::{Console, Shared, views};
use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::http::header::{
    ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, HeaderName, RANGE,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::outgoing::{Contents, File};
use domain::person::Person;
use futures::StreamExt as _;
use futures::future::BoxFuture;
use futures::stream::{self, BoxStream};
use serde::Deserialize;
use std::ops::Range;
use std::{fmt, io};

/// What is of none of these kinds is handed out as bytes: nothing that could hold a script is among them.
const KINDS: [&str; 12] = [
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "audio/ogg",
    "audio/webm",
    "audio/mpeg",
    "audio/mp4",
    "audio/x-m4a",
    "audio/wav",
    "audio/x-wav",
    "audio/flac",
];

/// Some bytes of a file, piece by piece.
pub type Part = BoxFuture<'static, io::Result<BoxStream<'static, io::Result<Bytes>>>>;

/// A file whose bytes are read once it is known which of them are wanted.
pub struct Opened {
    /// How many bytes it has.
    pub bytes: u64,
    /// Reads those from the first of the range on, before its end; what is asked for lies within the file.
    pub part: Box<dyn FnOnce(Range<u64>) -> Part + Send>,
}

impl Opened {
    /// What is in memory already.
    pub fn bytes(contents: Bytes) -> Self {
        let within = |at: u64, all: &Bytes| usize::try_from(at).unwrap_or(usize::MAX).min(all.len());
        let bytes = contents.len() as u64;
        let part = move |range: Range<u64>| -> Part {
            let end = within(range.end, &contents);
            let part = contents.slice(within(range.start, &contents).min(end)..end);
            Box::pin(async move { Ok(stream::iter([Ok(part)]).boxed()) })
        };
        Self { bytes, part: Box::new(part) }
    }
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened").field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

/// Which part of a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Which {
    File,
    Picture,
    /// A picture after the first one, by its number from 0.
    Further,
    Voice,
}

impl Which {
    /// The address of a part of the notice of that name.
    pub(crate) fn address(self, key: &str) -> String {
        self.numbered(key, 0)
    }
    /// The same of a part of which there are several.
    pub(crate) fn numbered(self, key: &str, number: usize) -> String {
        match self {
            Self::File => format!("/file?key={key}&part=file"),
            Self::Picture => format!("/file?key={key}&part=picture"),
            Self::Further => format!("/file?key={key}&part=further&number={number}"),
            Self::Voice => format!("/file?key={key}&part=voice"),
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct Wanted {
    key: String,
    part: Which,
    #[serde(default)]
    number: usize,
}

/// Hands a file out. That it is somebody else's is told no other way than that there is none.
pub(crate) async fn file(State(console): Shared, headers: HeaderMap, Query(wanted): Query<Wanted>) -> Response {
    let Some(person) = person(&console, &headers).await else { return StatusCode::FORBIDDEN.into_response() };
    let Some(file) = find(&console, &person, &wanted) else { return StatusCode::NOT_FOUND.into_response() };
    let opened = match &file.contents {
        Contents::Text(text) => Opened::bytes(text.clone().into()),
        elsewhere => match (console.files)(elsewhere.clone()).await {
            Ok(opened) => opened,
            Err(_) => return StatusCode::NOT_FOUND.into_response(),
        },
    };
    hand_out(&headers, Handed { name: &file.name, mime: file.mime.as_deref().unwrap_or_default() }, opened).await
}

fn find(console: &Console, person: &Person, wanted: &Wanted) -> Option<File> {
    let kept = console.live.kept(&views::place(person).conversation());
    let notice = kept.into_iter().find(|notice| notice.key.as_deref() == Some(wanted.key.as_str()))?;
    match wanted.part {
        Which::File => notice.outgoing.file,
        Which::Picture => notice.outgoing.picture,
        Which::Further => notice.outgoing.further.into_iter().nth(wanted.number),
        Which::Voice => notice.outgoing.voice.map(|voice| voice.file),
    }
}

/// What a file that is handed out calls itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Handed<'a> {
    /// Its name.
    pub(crate) name: &'a str,
    /// Its media type, as whoever brought it says.
    pub(crate) mime: &'a str,
}

/// The answer that hands a file out, or the part of it that is asked for: players seek by asking for parts.
pub(crate) async fn hand_out(asked: &HeaderMap, file: Handed<'_>, opened: Opened) -> Response {
    let bytes = opened.bytes;
    let range = asked.get(RANGE).and_then(|range| range.to_str().ok()).and_then(|range| part_of(range, bytes));
    let (status, wanted) = match range {
        None => (StatusCode::OK, 0..bytes),
        Some(Err(Beyond)) => (StatusCode::RANGE_NOT_SATISFIABLE, 0..0),
        Some(Ok((first, last))) => (StatusCode::PARTIAL_CONTENT, first..last.saturating_add(1)),
    };
    let body = match wanted.is_empty() {
        true => Body::empty(),
        false => match (opened.part)(wanted).await {
            Ok(part) => Body::from_stream(part),
            Err(_) => return StatusCode::NOT_FOUND.into_response(),
        },
    };
    let mut response = (status, body).into_response();
    let (length, place) = match range {
        None => (bytes, None),
        Some(Err(Beyond)) => (0, Some(format!("bytes */{bytes}"))),
        Some(Ok((first, last))) => (last - first + 1, Some(format!("bytes {first}-{last}/{bytes}"))),
    };
    let mime = KINDS.into_iter().find(|known| file.mime == *known).unwrap_or("application/octet-stream");
    let mut say = |name: HeaderName, value: String| {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(name, value);
        }
    };
    say(CONTENT_LENGTH, length.to_string());
    say(CONTENT_TYPE, mime.to_owned());
    say(ACCEPT_RANGES, "bytes".to_owned());
    // Never opened in the page's own name, whatever is in it.
    say(CONTENT_DISPOSITION, format!("attachment; filename*=UTF-8''{}", percent(file.name)));
    if let Some(place) = place {
        say(CONTENT_RANGE, place);
    }
    response
}

/// What is asked for begins behind the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Beyond;

/// The first and the last byte of the one part that is asked for; none where all of it is to be sent (RFC 9110, 14.2:
/// what is not understood is passed over).
fn part_of(range: &str, bytes: u64) -> Option<Result<(u64, u64), Beyond>> {
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    let end = bytes.checked_sub(1);
    let (first, last) = match (first.trim(), last.trim()) {
        ("", last) => (bytes.saturating_sub(last.parse().ok()?), end),
        (first, "") => (first.parse().ok()?, end),
        (first, last) => (first.parse().ok()?, end.min(Some(last.parse().ok()?))),
    };
    Some(last.filter(|last| first <= *last).map(|last| (first, last)).ok_or(Beyond))
}

/// A text in an address.
pub(crate) fn percent(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_read_as_players_ask_for_it() {
        for (asked, part) in [
            ("bytes=0-", Some(Ok((0, 99)))),
            ("bytes=10-19", Some(Ok((10, 19)))),
            ("bytes=90-500", Some(Ok((90, 99)))),
            ("bytes=-10", Some(Ok((90, 99)))),
            ("bytes=-500", Some(Ok((0, 99)))),
            ("bytes=100-", Some(Err(Beyond))),
            ("bytes=5-4", Some(Err(Beyond))),
            ("bytes=-0", Some(Err(Beyond))),
            ("bytes=0-1,4-5", None),
            ("bytes=x-", None),
            ("seconds=0-1", None),
        ] {
            assert_eq!(part_of(asked, 100), part, "{asked}");
        }
        assert_eq!(part_of("bytes=0-", 0), Some(Err(Beyond)));
    }
}
