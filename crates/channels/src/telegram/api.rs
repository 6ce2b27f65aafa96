//! Calls of the Bot API over HTTP, and its refusals in our words. The token stands only in the URL, and
//! no URL leaves this file.

use super::{Config, Failure, Opened};
use domain::incoming::Place;
use reqwest::StatusCode;
use reqwest::multipart::{Form, Part};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::{Value, json};
use std::time::Duration;

/// Time limit of a call that does not wait for updates.
const CALL: Duration = Duration::from_secs(30);

/// Bytes a second that an upload must make, beside the time of a call.
const SLOWEST: u64 = 256 * 1024;

/// A file on its way.
pub(crate) struct Upload {
    /// Its part of the form.
    pub(crate) part: &'static str,
    pub(crate) name: String,
    pub(crate) mime: Option<String>,
    pub(crate) contents: Opened,
}

pub(crate) struct Api {
    client: reqwest::Client,
    base: String,
    token: SecretString,
    poll: Duration,
}

/// What Telegram answers.
#[derive(Deserialize)]
struct Answer<T> {
    ok: bool,
    result: Option<T>,
    #[serde(default)]
    error_code: i64,
    #[serde(default)]
    description: String,
    #[serde(default)]
    parameters: Parameters,
}

#[derive(Default, Deserialize)]
struct Parameters {
    #[serde(default)]
    retry_after: Option<i64>,
    #[serde(default)]
    migrate_to_chat_id: Option<i64>,
}

impl Api {
    pub(crate) fn new(config: &Config) -> Result<Self, Failure> {
        let client = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(10))
            .pool_max_idle_per_host(64)
            .tcp_nodelay(true)
            .build()
            .map_err(|error| Failure::Broken(error.without_url().to_string()))?;
        let poll = Duration::from_secs(u64::from(config.poll_timeout_s) + 15);
        Ok(Self { client, base: config.api_url.trim_end_matches('/').to_owned(), token: config.token.clone(), poll })
    }

    fn url(&self, method: &str) -> String {
        format!("{}/bot{}/{method}", self.base, self.token.expose_secret())
    }

    /// Calls a method; its result, or why not.
    pub(crate) async fn call(&self, method: &str, body: &Value) -> Result<Value, Failure> {
        self.call_for(method, body).await
    }

    /// As [`Self::call`], reading no more of the result than is wanted.
    pub(crate) async fn call_for<T: DeserializeOwned>(&self, method: &str, body: &Value) -> Result<T, Failure> {
        let limit = if method == "getUpdates" { self.poll } else { CALL };
        let response = self.client.post(self.url(method)).json(body).timeout(limit).send().await.map_err(broken)?;
        told(response).await
    }

    /// Calls a method that carries a file, which is read while it is sent.
    pub(crate) async fn upload(&self, method: &str, fields: &Value, file: Upload) -> Result<Message, Failure> {
        let bytes = file.contents.bytes;
        let body = reqwest::Body::wrap_stream(file.contents.stream);
        let mut part = Part::stream_with_length(body, bytes).file_name(file.name);
        if let Some(mime) = &file.mime {
            part = part.mime_str(mime).map_err(|error| Failure::Refused { description: error.to_string() })?;
        }
        let mut form = Form::new();
        for (key, value) in fields.as_object().into_iter().flatten() {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            form = form.text(key.clone(), text);
        }
        let form = form.part(file.part, part);
        let limit = CALL * 2 + Duration::from_secs(bytes / SLOWEST);
        let response = self.client.post(self.url(method)).multipart(form).timeout(limit).send().await;
        told(response.map_err(broken)?).await
    }

    /// Begins to fetch a file of about so many bytes by the path that Telegram gave.
    pub(crate) async fn file(&self, path: &str, bytes: u64) -> Result<reqwest::Response, Failure> {
        let url = format!("{}/file/bot{}/{path}", self.base, self.token.expose_secret());
        let limit = CALL * 2 + Duration::from_secs(bytes / SLOWEST);
        let response = self.client.get(url).timeout(limit).send().await.map_err(broken)?;
        match response.status() {
            status if status.is_success() => Ok(response),
            // The path was good for an hour only; asked for again, there is another one.
            StatusCode::NOT_FOUND => Err(Failure::Broken("the file is not where it was".to_owned())),
            status => match told::<Value>(response).await {
                Err(failure) => Err(failure),
                Ok(_) => Err(Failure::Broken(format!("a file could not be fetched: {status}"))),
            },
        }
    }
}

/// A body that ended in the middle.
pub(crate) fn cut_off(error: reqwest::Error) -> std::io::Error {
    std::io::Error::other(error.without_url())
}

fn broken(error: reqwest::Error) -> Failure {
    Failure::Broken(error.without_url().to_string())
}

/// What is wanted of a message that was sent or edited.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Message {
    pub(crate) message_id: i64,
    #[serde(default)]
    pub(crate) message_thread_id: Option<i64>,
    #[serde(default)]
    pub(crate) is_topic_message: bool,
    #[serde(default)]
    pub(crate) voice: Option<IgnoredAny>,
    #[serde(default)]
    pub(crate) audio: Option<IgnoredAny>,
}

async fn told<T: DeserializeOwned>(response: reqwest::Response) -> Result<T, Failure> {
    let status = response.status();
    let bytes = response.bytes().await.map_err(broken)?;
    match serde_json::from_slice::<Answer<T>>(&bytes) {
        Ok(Answer { ok: true, result: Some(result), .. }) => Ok(result),
        Ok(answer) if !answer.ok => Err(refusal(answer)),
        // Said by whatever stands before Telegram's servers, and no better the next time.
        Ok(_) | Err(_) if status == StatusCode::PAYLOAD_TOO_LARGE => {
            Err(Failure::Refused { description: status.to_string() })
        }
        Ok(_) | Err(_) => Err(Failure::Broken(format!("no answer of Telegram's, but {status}"))),
    }
}

/// Telegram's refusals, by what can be done about them.
fn refusal<T>(answer: Answer<T>) -> Failure {
    if let Some(seconds) = answer.parameters.retry_after {
        return Failure::RetryAfter(seconds.saturating_mul(1000));
    }
    if let Some(to) = answer.parameters.migrate_to_chat_id {
        return Failure::Migrated { to: to.to_string() };
    }
    let description = answer.description;
    let lower = description.to_lowercase();
    match answer.error_code {
        401 => Failure::Unauthorized,
        404 if lower == "not found" => Failure::Unauthorized,
        409 => Failure::Conflict,
        403 => Failure::Gone(description),
        400 if lower.contains("chat not found")
            || lower.contains("chat_write_forbidden")
            || lower.contains("peer_id_invalid") =>
        {
            Failure::Gone(description)
        }
        429 => Failure::RetryAfter(1000),
        400..500 => Failure::Refused { description },
        _ => Failure::Broken(description),
    }
}

/// A chat's number, or its name.
pub(crate) fn chat_id(chat: &str) -> Value {
    chat.parse::<i64>().map_or_else(|_| json!(chat), |id| json!(id))
}

/// Puts a call into the place's topic.
pub(crate) fn in_thread(body: &mut Value, place: &Place) {
    let thread = place.thread.as_ref().and_then(|thread| thread.parse::<i64>().ok());
    if let (Some(thread), Some(body)) = (thread, body.as_object_mut()) {
        body.insert("message_thread_id".to_owned(), json!(thread));
    }
}
