//! What comes back: pictures one by one as server-sent events, or one JSON document with files or addresses.

use super::send::Given;
use super::{DrawFailure, Painter, Partial, Picture, Usage, fetch};
use crate::endpoint::{Trouble, bounded, content_type, refusal};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use eventsource_stream::Eventsource as _;
use futures::StreamExt as _;
use reqwest::Response;
use serde_json::Value;
use tokio::time::Instant;

/// Reads an answer to its end.
pub(super) async fn given(
    painter: &Painter,
    response: Response,
    deadline: Instant,
    on_partial: &mut (dyn FnMut(Partial) + Send),
) -> Result<Given, DrawFailure> {
    if content_type(&response).starts_with("text/event-stream") {
        return streamed(painter, response, deadline, on_partial).await;
    }
    // Ten pictures as text, a third longer than their bytes.
    let most = painter.limits.largest.saturating_mul(14);
    let read = tokio::time::timeout_at(deadline, bounded(response, most)).await;
    let bytes = read.unwrap_or(Err(Trouble::TimedOut))?;
    let body: Value = serde_json::from_slice(&bytes).map_err(|_| Trouble::senseless())?;
    let mut pictures = Vec::new();
    for item in body.get("data").and_then(Value::as_array).into_iter().flatten() {
        pictures.push(one(painter, item, deadline).await?);
    }
    whole(Given { pictures, usage: usage(&body) })
}

/// An answer without a picture makes no sense.
fn whole(given: Given) -> Result<Given, DrawFailure> {
    if given.pictures.is_empty() { Err(Trouble::senseless().into()) } else { Ok(given) }
}

async fn one(painter: &Painter, item: &Value, deadline: Instant) -> Result<Picture, DrawFailure> {
    let text = |name: &str| item.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let bytes = match (text("b64_json"), text("url")) {
        (Some(file), _) => decoded(file)?,
        (None, Some(url)) if url.starts_with("data:") => decoded(url.split_once(',').map_or("", |(_, file)| file))?,
        (None, Some(url)) => {
            let loading = fetch::load(painter, url);
            tokio::time::timeout_at(deadline, loading).await.unwrap_or(Err(DrawFailure::TimedOut))?
        }
        (None, None) => return Err(Trouble::senseless().into()),
    };
    let picture = Picture::of(bytes).ok_or_else(Trouble::senseless)?;
    Ok(Picture { revised_prompt: text("revised_prompt").map(str::to_owned), ..picture })
}

fn decoded(file: &str) -> Result<Bytes, Trouble> {
    BASE64_STANDARD.decode(file.trim()).map(Into::into).map_err(|_| Trouble::senseless())
}

async fn streamed(
    painter: &Painter,
    response: Response,
    deadline: Instant,
    on_partial: &mut (dyn FnMut(Partial) + Send),
) -> Result<Given, DrawFailure> {
    let mut events = response.bytes_stream().eventsource();
    let mut given = Given { pictures: Vec::new(), usage: Usage::default() };
    loop {
        let wait = deadline.saturating_duration_since(Instant::now()).min(painter.limits.idle);
        let event = match tokio::time::timeout(wait, events.next()).await {
            Err(_) => return Err(DrawFailure::TimedOut),
            Ok(None) => return whole(given),
            Ok(Some(Err(_))) => return Err(DrawFailure::Unreachable { reason: "the connection broke".to_owned() }),
            Ok(Some(Ok(event))) if event.data.trim() == "[DONE]" => return whole(given),
            Ok(Some(Ok(event))) => event,
        };
        if event.data.len() as u64 > painter.limits.largest.saturating_mul(2) {
            return Err(Trouble::TooLarge { most: painter.limits.largest }.into());
        }
        let body: Value = serde_json::from_str(&event.data).map_err(|_| Trouble::senseless())?;
        let kind = body.get("type").and_then(Value::as_str).unwrap_or(&event.event).to_owned();
        match () {
            () if body.get("error").is_some_and(|error| !error.is_null()) || kind == "error" => {
                return Err(Trouble::Refused(Box::new(refusal(400, event.data.as_bytes()))).into());
            }
            () if kind.ends_with(".partial_image") => {
                let index = body.get("partial_image_index").and_then(Value::as_u64).unwrap_or_default();
                let picture = one(painter, &body, deadline).await?;
                on_partial(Partial { index: u32::try_from(index).unwrap_or(u32::MAX), picture });
            }
            () if kind.ends_with(".completed") => {
                given.pictures.push(one(painter, &body, deadline).await?);
                let told = usage(&body);
                given.usage.input += told.input;
                given.usage.output += told.output;
            }
            () => {}
        }
    }
}

fn usage(body: &Value) -> Usage {
    let count = |name: &str| body.get("usage").and_then(|usage| usage.get(name)?.as_u64()).unwrap_or_default();
    Usage { input: count("input_tokens"), output: count("output_tokens") }
}

/// The media type of a picture by its first bytes.
pub(super) fn mime(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => Some("image/png"),
        [0xFF, 0xD8, 0xFF, ..] => Some("image/jpeg"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
        _ => None,
    }
}
