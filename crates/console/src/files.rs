//! Files and pictures that came with a notice, for whoever it was said to and for nobody else.

use crate::session::person;
use crate::{Console, Shared, views};
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::outgoing::{Contents, File};
use domain::person::Person;
use serde::Deserialize;

/// What is not a picture of these kinds is handed out as bytes.
const PICTURES: [&str; 2] = ["image/png", "image/jpeg"];

/// Which part of a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Part {
    File,
    Picture,
}

impl Part {
    /// The address of a part of the notice of that name.
    pub(crate) fn address(self, key: &str) -> String {
        let part = match self {
            Self::File => "file",
            Self::Picture => "picture",
        };
        format!("/file?key={key}&part={part}")
    }
}

#[derive(Deserialize)]
pub(crate) struct Wanted {
    key: String,
    part: Part,
}

/// Hands a file out. That it is somebody else's is told no other way than that there is none.
pub(crate) async fn file(State(console): Shared, headers: HeaderMap, Query(wanted): Query<Wanted>) -> Response {
    let Some(person) = person(&console, &headers).await else { return StatusCode::FORBIDDEN.into_response() };
    let Some(file) = find(&console, &person, &wanted) else { return StatusCode::NOT_FOUND.into_response() };
    let (bytes, body) = match &file.contents {
        Contents::Text(text) => (text.len() as u64, Body::from(text.clone())),
        elsewhere => match (console.files)(elsewhere.clone()).await {
            Ok((bytes, stream)) => (bytes, Body::from_stream(stream)),
            Err(_) => return StatusCode::NOT_FOUND.into_response(),
        },
    };
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_LENGTH, bytes.into());
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind(&file)));
    // Never opened in the page's own name, whatever is in it.
    let attachment = format!("attachment; filename*=UTF-8''{}", percent(&file.name));
    if let Ok(attachment) = HeaderValue::try_from(attachment) {
        headers.insert(CONTENT_DISPOSITION, attachment);
    }
    response
}

fn find(console: &Console, person: &Person, wanted: &Wanted) -> Option<File> {
    let kept = console.live.kept(&views::place(person).conversation());
    let notice = kept.into_iter().find(|notice| notice.key.as_deref() == Some(wanted.key.as_str()))?;
    match wanted.part {
        Part::File => notice.outgoing.file,
        Part::Picture => notice.outgoing.picture,
    }
}

fn kind(file: &File) -> &'static str {
    let known = PICTURES.into_iter().find(|known| file.mime.as_deref() == Some(*known));
    known.unwrap_or("application/octet-stream")
}

/// A text in an address.
pub(crate) fn percent(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
