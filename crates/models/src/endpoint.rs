//! A server that hears, speaks or draws: its connection, its breaker, its places and how a call is tried again.
//!
//! A call is tried again after "busy", a server's failure or a broken connection, never after a time limit.
//! What goes wrong is told without addresses and keys.

use crate::breaker::Breaker;
use crate::provider::{headers, retry_after};
use crate::{Failure, Provider, wait};
use bytes::{Bytes, BytesMut};
use reqwest::multipart::Form;
use reqwest::{RequestBuilder, Response};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// The largest refusal that is read, bytes.
const LARGEST_REFUSAL: u64 = 1 << 20;

/// What went wrong with a call.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Trouble {
    /// The server refuses; asking again does not help.
    Refused(Box<Refusal>),
    /// It is busy, or has failed.
    Failed { status: u16, retry_after_ms: Option<u64> },
    /// A time limit passed.
    TimedOut,
    /// No connection, a broken one, or no sense in what came.
    Unreachable { reason: String },
    /// The answer is larger than what is read.
    TooLarge { most: u64 },
}

/// A server's refusal, in its own words.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) param: String,
    pub(crate) message: String,
    /// The error as it came.
    pub(crate) error: Value,
}

impl Refusal {
    /// The words, lower case, to look into.
    pub(crate) fn lower(&self) -> String {
        self.message.to_lowercase()
    }
    /// Whether it is about a parameter of that name.
    pub(crate) fn is_about(&self, name: &str) -> bool {
        let quoted = ['\'', '`', '"'].iter().any(|q| self.lower().contains(&format!("{q}{name}{q}")));
        self.param.split(['[', '.']).next() == Some(name) || quoted
    }
}

impl Trouble {
    pub(crate) fn senseless() -> Self {
        Self::Unreachable { reason: "the answer makes no sense".to_owned() }
    }
    fn is_passing(&self) -> bool {
        matches!(self, Self::Failed { .. } | Self::Unreachable { .. })
    }
}

impl From<reqwest::Error> for Trouble {
    fn from(error: reqwest::Error) -> Self {
        match () {
            () if error.is_connect() => Self::Unreachable { reason: "no connection".to_owned() },
            () if error.is_timeout() => Self::TimedOut,
            () => Self::Unreachable { reason: error.without_url().to_string() },
        }
    }
}

/// One server for one kind of work. Clones share everything.
#[derive(Clone)]
pub(crate) struct Endpoint {
    pub(crate) name: Arc<str>,
    pub(crate) http: reqwest::Client,
    pub(crate) base: Arc<str>,
    api_version: Option<Arc<str>>,
    pub(crate) breaker: Arc<Breaker>,
    room: Arc<Semaphore>,
}

impl Endpoint {
    /// Prepares the connection; why that cannot be, otherwise.
    pub(crate) fn new(name: &str, provider: &Provider) -> Result<Self, String> {
        let http = reqwest::Client::builder()
            .connect_timeout(provider.timeouts.connect)
            .tcp_nodelay(true)
            .default_headers(headers(provider)?)
            .build()
            .map_err(|error| error.without_url().to_string())?;
        Ok(Self {
            name: name.into(),
            http,
            base: provider.base_url.trim_end_matches('/').into(),
            api_version: provider.api_version.as_deref().map(Into::into),
            breaker: Arc::default(),
            room: Arc::new(Semaphore::new(provider.max_concurrency.max(1))),
        })
    }

    /// A request to be filled.
    pub(crate) fn post(&self, path: &str) -> RequestBuilder {
        let request = self.http.post(format!("{}/{path}", self.base));
        match self.api_version.as_deref() {
            Some(version) => request.query(&[("api-version", version)]),
            None => request,
        }
    }

    /// Does something at the server, again where that may help, behind the breaker.
    pub(crate) async fn patiently<T, F>(&self, attempts: u32, once: impl Fn() -> F) -> Result<T, Trouble>
    where
        F: Future<Output = Result<T, Trouble>>,
    {
        let _place = self.room.acquire().await.map_err(|_| Trouble::senseless())?;
        for attempt in 1.. {
            if let Some(reason) = self.breaker.closed_door() {
                return Err(Trouble::Unreachable { reason });
            }
            let told = once().await;
            self.note(&told);
            match told {
                Err(trouble) if trouble.is_passing() && attempt < attempts && pause(&trouble, attempt).await => {
                    tracing::debug!(server = %self.name, ?trouble, "asked again");
                }
                told => return told,
            }
        }
        Err(Trouble::senseless())
    }

    fn note<T>(&self, told: &Result<T, Trouble>) {
        match told {
            Err(Trouble::Unreachable { reason }) => self.breaker.failed(reason),
            Err(Trouble::TimedOut) => self.breaker.failed("a time limit passed"),
            Err(Trouble::Failed { status, .. }) if *status != 429 => self.breaker.failed(&format!("status {status}")),
            _ => self.breaker.worked(),
        }
    }
}

/// Waits as the server asks or a while that grows; says false where that would be too long.
async fn pause(trouble: &Trouble, attempt: u32) -> bool {
    let retry_after_ms = match trouble {
        Trouble::Failed { retry_after_ms, .. } => *retry_after_ms,
        _ => None,
    };
    wait(&Failure::Busy { retry_after_ms }, attempt, &CancellationToken::new()).await.is_ok()
}

/// Sends a request; its answer's head, unless it is a refusal.
pub(crate) async fn send(request: RequestBuilder) -> Result<Response, Trouble> {
    let response = request.send().await?;
    if response.status().is_success() { Ok(response) } else { Err(refused(response).await) }
}

/// Waits for something within a time limit.
pub(crate) async fn within<T>(limit: Duration, work: impl Future<Output = Result<T, Trouble>>) -> Result<T, Trouble> {
    tokio::time::timeout(limit, work).await.unwrap_or(Err(Trouble::TimedOut))
}

/// The body, unless it is longer than what is read.
pub(crate) async fn bounded(mut response: Response, most: u64) -> Result<Bytes, Trouble> {
    if response.content_length().is_some_and(|length| length > most) {
        return Err(Trouble::TooLarge { most });
    }
    let mut read = BytesMut::new();
    while let Some(piece) = response.chunk().await? {
        if (read.len() + piece.len()) as u64 > most {
            return Err(Trouble::TooLarge { most });
        }
        read.extend_from_slice(&piece);
    }
    Ok(read.freeze())
}

/// What a header of an answer says, lower case; empty where it has none.
pub(crate) fn content_type(response: &Response) -> String {
    let header = response.headers().get(reqwest::header::CONTENT_TYPE);
    header.and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_lowercase()
}

/// A form with these texts.
pub(crate) fn form<'a>(texts: impl IntoIterator<Item = (&'static str, &'a str)>) -> Form {
    texts.into_iter().fold(Form::new(), |form, (name, text)| form.text(name, text.to_owned()))
}

async fn refused(response: Response) -> Trouble {
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let bytes = bounded(response, LARGEST_REFUSAL).await.unwrap_or_default();
    let refusal = refusal(status, &bytes);
    let no_money = refusal.code == "insufficient_quota";
    match status {
        429 if !no_money => Trouble::Failed { status, retry_after_ms: retry_after(&headers) },
        500.. if status != 501 => Trouble::Failed { status, retry_after_ms: retry_after(&headers) },
        _ => Trouble::Refused(Box::new(refusal)),
    }
}

/// Reads a refusal of whatever shape: `{"error": {…}}`, `{"error": "…"}`, `{"message": …}`, `{"detail": …}`, or text.
pub(crate) fn refusal(status: u16, bytes: &[u8]) -> Refusal {
    let body: Value = serde_json::from_slice(bytes).unwrap_or_default();
    let error = body.get("error").filter(|error| !error.is_null()).unwrap_or(&body).clone();
    let text = |field: &str| error.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    let words = match () {
        () if !text("message").is_empty() => text("message"),
        () if error.is_string() => error.as_str().unwrap_or_default().to_owned(),
        () if error.get("detail").is_some() => error.get("detail").map(Value::to_string).unwrap_or_default(),
        () => String::from_utf8_lossy(bytes).into_owned(),
    };
    let message = words.chars().take(300).collect();
    Refusal { status, code: text("code"), param: text("param"), message, error }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_of_any_shape_is_read() {
        let openai =
            br#"{"error":{"message":"Unknown parameter: 'stream'.","param":"stream","code":"unknown_parameter"}}"#;
        let read = refusal(400, openai);
        assert_eq!(
            (read.code.as_str(), read.is_about("stream"), read.is_about("n")),
            ("unknown_parameter", true, false)
        );
        assert_eq!(refusal(400, br#"{"error":"no such voice"}"#).message, "no such voice");
        assert!(refusal(422, br#"{"detail":[{"loc":["body","size"],"msg":"bad"}]}"#).message.contains("bad"));
        assert_eq!(refusal(404, b"not here").message, "not here");
    }
}
