//! `POST /v1/chat/completions`: the whole answer at once, or streamed as server-sent events.

use super::answer::{text_of, tokens};
use super::{Model, Shared, sight, trouble};
use crate::fault::Kind;
use crate::wire;
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures::StreamExt as _;
use serde_json::{Value, json};
use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::time::Instant;

/// One answer being given.
struct Completion {
    id: String,
    model: String,
    created: u64,
    text: String,
    finish: &'static str,
    prompt_tokens: usize,
    completion_tokens: usize,
}

/// Answers a request whose body was checked.
pub(super) fn complete(shared: &Arc<Shared>, body: &Value, fault: Option<Kind>) -> Response {
    let model = body.get("model").and_then(Value::as_str).unwrap_or_default();
    if let Some(refused) = refuse(shared, model, body) {
        return respond(&refused);
    }
    let completion = think(shared, model, body, fault.as_ref());
    if body.get("stream").and_then(Value::as_bool).unwrap_or(false) {
        let options = body.get("stream_options");
        let usage = options.and_then(|options| options.get("include_usage")).and_then(Value::as_bool).unwrap_or(false);
        return stream(shared, completion, usage, fault);
    }
    wire::json(200, &[], whole(&completion).to_string())
}

/// What this model refuses by its nature.
fn refuse(shared: &Shared, name: &str, body: &Value) -> Option<Kind> {
    let Some(model) = shared.model(name) else { return Some(trouble::model_not_found(name)) };
    let Model { context, refuses, .. } = &model;
    if let Some(param) = refuses.iter().find(|param| body.get(param.as_str()).is_some()) {
        let value = || body.get(param.as_str()).map(Value::to_string).unwrap_or_default();
        return Some(match param.as_str() {
            "temperature" | "top_p" => trouble::unsupported_value(param, &value()),
            "max_tokens" => trouble::unsupported_parameter(param, Some("max_completion_tokens")),
            _ => trouble::unsupported_parameter(param, None),
        });
    }
    match (sight::shown(body), &model.blind) {
        (Ok(shown), Some(words)) if !shown.is_empty() => return Some(trouble::blind(words)),
        (Err(why), _) => return Some(trouble::invalid("messages", "invalid_image", &why)),
        _ => {}
    }
    let asked = prompt_tokens(body);
    (asked as u64 > *context).then(|| trouble::context_length_exceeded(*context, asked as u64))
}

/// A word is a token here; what matters is that longer prompts have more of them.
fn prompt_tokens(body: &Value) -> usize {
    let messages = body.get("messages").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let of = |message: &Value| 4 + message.get("content").map_or(0, |content| tokens(&text_of(content)).len());
    messages.iter().map(of).sum()
}

fn think(shared: &Shared, model: &str, body: &Value, fault: Option<&Kind>) -> Completion {
    let text = shared.config().answer.to(body, shared.adapter(model).as_deref());
    let all = tokens(&text);
    let limit = ["max_completion_tokens", "max_tokens"].into_iter().find_map(|name| body.get(name)?.as_u64());
    let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
    let (kept, finish) = match fault {
        Some(Kind::ContentFilter) => (1, "content_filter"),
        _ if all.len() > limit => (limit, "length"),
        _ => (all.len(), "stop"),
    };
    let text: String = all.iter().take(kept).copied().collect();
    Completion {
        id: format!("chatcmpl-sim{}", shared.serial()),
        model: model.to_owned(),
        created: SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs(),
        completion_tokens: kept.min(all.len()),
        prompt_tokens: prompt_tokens(body),
        text,
        finish,
    }
}

fn usage(completion: &Completion) -> Value {
    let (prompt, answer) = (completion.prompt_tokens, completion.completion_tokens);
    json!({"prompt_tokens": prompt, "completion_tokens": answer, "total_tokens": prompt + answer})
}

fn whole(completion: &Completion) -> Value {
    json!({
        "id": completion.id,
        "object": "chat.completion",
        "created": completion.created,
        "model": completion.model,
        "choices": [{
            "index": 0,
            "message": {"role": "assistant", "content": completion.text, "refusal": null, "annotations": []},
            "logprobs": null,
            "finish_reason": completion.finish,
        }],
        "usage": usage(completion),
        "service_tier": "default",
    })
}

/// The events of a streamed answer: the role, the pieces, the end, the usage, `[DONE]`. Written one
/// by one, so that a long answer to many readers takes little memory.
struct Events {
    completion: Completion,
    with_usage: bool,
    pieces: Vec<std::ops::Range<usize>>,
}

impl Events {
    fn new(completion: Completion, with_usage: bool, per_piece: usize) -> Self {
        let mut begin = 0;
        let sizes = tokens(&completion.text)
            .chunks(per_piece)
            .map(|piece| piece.iter().map(|token| token.len()).sum())
            .collect::<Vec<usize>>();
        let mut range = |size: &usize| {
            begin += size;
            begin - size..begin
        };
        let pieces = sizes.iter().map(&mut range).collect();
        Self { completion, with_usage, pieces }
    }
    fn len(&self) -> usize {
        self.pieces.len() + 3 + usize::from(self.with_usage)
    }
    fn event(&self, at: usize) -> Bytes {
        let last = self.pieces.len() + 1;
        match at {
            0 => self.chunk(choice(json!({"role": "assistant", "content": ""}), Value::Null), Value::Null),
            _ if at == last => self.chunk(choice(json!({}), self.completion.finish.into()), Value::Null),
            _ if at == last + 1 && self.with_usage => self.chunk(json!([]), usage(&self.completion)),
            _ if at > last => Bytes::from_static(b"data: [DONE]\n\n"),
            _ => {
                let piece = self.pieces.get(at - 1).and_then(|range| self.completion.text.get(range.clone()));
                self.chunk(choice(json!({"content": piece}), Value::Null), Value::Null)
            }
        }
    }
    fn chunk(&self, choices: Value, usage: Value) -> Bytes {
        let Completion { id, created, model, .. } = &self.completion;
        let mut chunk = json!({"id": id, "object": "chat.completion.chunk", "created": created, "model": model, "choices": choices});
        if let (Some(chunk), true) = (chunk.as_object_mut(), self.with_usage) {
            chunk.insert("usage".to_owned(), usage);
        }
        Bytes::from(format!("data: {chunk}\n\n"))
    }
}

fn choice(delta: Value, finish: Value) -> Value {
    json!([{"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish}])
}

fn stream(shared: &Arc<Shared>, completion: Completion, with_usage: bool, fault: Option<Kind>) -> Response {
    let config = shared.config();
    let per_piece = config.tokens_per_chunk.max(1);
    let pace = config.tokens_per_second.map(|rate| Duration::from_secs_f64(per_piece as f64 / rate.max(0.001)));
    let events = Arc::new(Events::new(completion, with_usage, per_piece));
    let (kept, end) = match fault {
        Some(Kind::Stall { after }) => (after + 1, End::Stall),
        Some(Kind::Cut { after }) => (after + 1, End::Cut),
        Some(Kind::HalfBody) => (events.len() / 2, End::Cut),
        _ => (events.len(), End::Whole),
    };
    let running = Streaming::begin(shared);
    let started = Instant::now();
    let pieces = futures::stream::iter(0..kept.min(events.len())).then(move |at| {
        let events = Arc::clone(&events);
        async move {
            if let (Some(pace), true) = (pace, at > 0) {
                tokio::time::sleep_until(started + pace * u32::try_from(at).unwrap_or(u32::MAX)).await;
            }
            Ok::<_, io::Error>(events.event(at))
        }
    });
    let tail = futures::stream::once(last(end)).filter_map(std::future::ready);
    let body = pieces.chain(tail).inspect(move |_| running.keep());
    let mut response = Response::new(Body::from_stream(body));
    response
        .headers_mut()
        .insert("content-type", axum::http::HeaderValue::from_static("text/event-stream; charset=utf-8"));
    response
}

/// An answer that comes in pieces, each after a delay; a fault ends it early.
pub(super) fn stream_of(pieces: Vec<Bytes>, delay: Duration, fault: Option<Kind>, media: &'static str) -> Response {
    let (kept, end) = match fault {
        Some(Kind::Stall { after }) => (after, End::Stall),
        Some(Kind::Cut { after }) => (after, End::Cut),
        Some(Kind::HalfBody) => (pieces.len() / 2, End::Cut),
        _ => (pieces.len(), End::Whole),
    };
    let pieces = futures::stream::iter(pieces.into_iter().take(kept)).then(move |piece| async move {
        // Also without a delay each piece is written by itself.
        tokio::task::yield_now().await;
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        Ok::<_, io::Error>(piece)
    });
    let tail = futures::stream::once(last(end)).filter_map(std::future::ready);
    let mut response = Response::new(Body::from_stream(pieces.chain(tail)));
    response.headers_mut().insert("content-type", axum::http::HeaderValue::from_static(media));
    response
}

#[derive(Clone, Copy)]
enum End {
    Whole,
    Stall,
    Cut,
}

async fn last(end: End) -> Option<io::Result<Bytes>> {
    match end {
        End::Whole => None,
        End::Cut => {
            tokio::task::yield_now().await;
            Some(Err(io::ErrorKind::ConnectionReset.into()))
        }
        End::Stall => std::future::pending().await,
    }
}

/// Counts a streamed answer as running until its connection ends.
struct Streaming(Arc<Shared>);

impl Streaming {
    fn begin(shared: &Arc<Shared>) -> Self {
        shared.change_streams(1);
        Self(Arc::clone(shared))
    }
    /// Held by the stream, so that it is dropped with it.
    fn keep(&self) {}
}

impl Drop for Streaming {
    fn drop(&mut self) {
        self.0.change_streams(-1);
    }
}

/// A refusal as a response.
pub(super) fn respond(kind: &Kind) -> Response {
    match kind {
        Kind::TooMany { retry_after } => respond(&trouble::rate_limited(*retry_after)),
        Kind::Status(code) => respond(&trouble::server_error(*code)),
        Kind::Answer { status, headers, body } => wire::json(*status, headers, body.clone()),
        _ => wire::garbage(),
    }
}
