//! What comes back: server-sent events, or one JSON document where a server does not stream.

use crate::provider::unreachable;
use crate::{Failure, Stage, Timeouts, ToolCall};
use domain::chat::{Finish, Tokens};
use eventsource_stream::Eventsource as _;
use futures::StreamExt as _;
use reqwest::Response;
use reqwest::header::CONTENT_TYPE;
use serde_json::Value;
use std::time::Duration;
use tokio::time::Instant;

/// Longest answer that is taken, bytes.
const LONGEST: usize = 4 * 1024 * 1024;

/// What was heard so far.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    pub(crate) text: String,
    pub(crate) reasoning: String,
    pub(crate) finish: Option<Finish>,
    pub(crate) tokens: Option<Tokens>,
    pub(crate) tool_calls: Vec<ToolCall>,
}

/// Hears an answer to its end.
pub(crate) async fn hear(
    response: Response,
    times: Timeouts,
    deadline: Instant,
    on_text: &mut (dyn FnMut(&str) + Send),
) -> Result<Heard, Failure> {
    let streams = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.starts_with("text/event-stream"));
    if !streams {
        return whole(response, deadline, on_text).await;
    }
    let mut events = response.bytes_stream().eventsource();
    let mut heard = Heard::default();
    let mut limit = times.first_token;
    loop {
        let (wait, stage) = next_limit(limit, deadline, heard.text.is_empty());
        let event = match tokio::time::timeout(wait, events.next()).await {
            Err(_) => return Err(Failure::TimedOut { stage, partial: heard.text }),
            Ok(None) if heard.finish.is_some() => return Ok(heard),
            Ok(None) => return Err(broke("the answer ended in the middle", heard)),
            Ok(Some(Err(_))) => return Err(broke("the connection broke", heard)),
            Ok(Some(Ok(event))) => event,
        };
        if event.data.trim() == "[DONE]" {
            return Ok(heard);
        }
        let Ok(chunk) = serde_json::from_str::<Value>(&event.data) else {
            return Err(broke("no sense in what came", heard));
        };
        if let Some(error) = chunk.get("error").filter(|error| !error.is_null()) {
            let reason = error.get("message").and_then(Value::as_str).unwrap_or("an error in the stream").to_owned();
            return Err(broke(&reason, heard));
        }
        heard.add(&chunk, "delta", on_text);
        limit = times.idle;
        if heard.text.len() > LONGEST {
            heard.finish = Some(Finish::Length);
            return Ok(heard);
        }
    }
}

fn next_limit(limit: Duration, deadline: Instant, first: bool) -> (Duration, Stage) {
    let left = deadline.saturating_duration_since(Instant::now());
    match (left < limit, first) {
        (true, _) => (left, Stage::Total),
        (false, true) => (limit, Stage::FirstToken),
        (false, false) => (limit, Stage::Idle),
    }
}

fn broke(reason: &str, heard: Heard) -> Failure {
    Failure::Unreachable { reason: reason.chars().take(200).collect(), partial: heard.text }
}

/// One document.
async fn whole(
    response: Response,
    deadline: Instant,
    on_text: &mut (dyn FnMut(&str) + Send),
) -> Result<Heard, Failure> {
    let bytes = match tokio::time::timeout_at(deadline, response.bytes()).await {
        Err(_) => return Err(Failure::TimedOut { stage: Stage::Total, partial: String::new() }),
        Ok(bytes) => bytes.map_err(unreachable)?,
    };
    let mut heard = Heard::default();
    match serde_json::from_slice::<Value>(&bytes) {
        Ok(document) if document.get("choices").is_some() => heard.add(&document, "message", on_text),
        _ => return Err(broke("no sense in what came", heard)),
    }
    Ok(heard)
}

impl Heard {
    /// Takes in one chunk, or a whole document.
    fn add(&mut self, chunk: &Value, part: &str, on_text: &mut (dyn FnMut(&str) + Send)) {
        if let Some(usage) = chunk.get("usage").filter(|usage| usage.is_object()) {
            let count = |field: &str| usage.get(field).and_then(Value::as_u64).unwrap_or(0);
            self.tokens = Some(Tokens {
                prompt: count("prompt_tokens"),
                completion: count("completion_tokens"),
                estimated: false,
            });
        }
        let Some(choice) = chunk.get("choices").and_then(|choices| choices.get(0)) else { return };
        if let Some(said) = choice.get(part) {
            let text = |field: &str| said.get(field).and_then(Value::as_str).filter(|text| !text.is_empty());
            if let Some(text) = text("content") {
                self.text.push_str(text);
                on_text(text);
            }
            if let Some(thought) = text("reasoning_content").or_else(|| text("reasoning")) {
                self.reasoning.push_str(thought);
            }
            for call in said.get("tool_calls").and_then(Value::as_array).into_iter().flatten() {
                self.tool(call);
            }
        }
        self.finish = choice.get("finish_reason").and_then(Value::as_str).map(finish).or(self.finish);
    }

    /// A tool call comes in pieces, told apart by their index.
    fn tool(&mut self, call: &Value) {
        let index =
            call.get("index").and_then(Value::as_u64).map_or(self.tool_calls.len(), |index| index as usize).min(63);
        while self.tool_calls.len() <= index {
            self.tool_calls.push(ToolCall::default());
        }
        let Some(there) = self.tool_calls.get_mut(index) else { return };
        let function = call.get("function").unwrap_or(&Value::Null);
        let text = |value: &Value, field: &str| value.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
        there.id.push_str(&text(call, "id"));
        there.name.push_str(&text(function, "name"));
        there.arguments.push_str(&text(function, "arguments"));
    }
}

fn finish(reason: &str) -> Finish {
    match reason {
        "length" => Finish::Length,
        "content_filter" => Finish::Filtered,
        _ => Finish::Complete,
    }
}
