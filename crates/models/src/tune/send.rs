//! One call: its address, its retries, its answer within bounds.
//!
//! A call that may be repeated is sent again after "busy", a server's failure or a broken connection. One that
//! may not is sent again only where the server surely did nothing: it said that it is busy, or it was not reached.

use super::{PAGE, TuneFailure, Tuner};
use crate::provider::refusal;
use crate::{Failure, wait};
use bytes::{Bytes, BytesMut};
use reqwest::header::HeaderMap;
use reqwest::multipart::{Form, Part};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::Value;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// The largest JSON answer that is read, bytes.
const LARGEST_ANSWER: u64 = 16 << 20;

/// When a call is sent again.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeat {
    /// Whenever that may help.
    Always,
    /// Only where the server surely did nothing.
    Unsent,
}

/// A file within a call.
pub(super) struct Enclosed<'a> {
    pub(super) field: &'static str,
    pub(super) name: &'a str,
    pub(super) bytes: Bytes,
    pub(super) purpose: Option<&'static str>,
}

/// A call to be sent.
pub(super) struct Call<'a> {
    method: Method,
    path: &'a str,
    query: Vec<(&'static str, String)>,
    json: Option<&'a Value>,
    file: Option<Enclosed<'a>>,
    key: Option<&'a str>,
    repeat: Repeat,
}

impl<'a> Call<'a> {
    fn new(method: Method, path: &'a str) -> Self {
        Self { method, path, query: Vec::new(), json: None, file: None, key: None, repeat: Repeat::Always }
    }
    pub(super) fn get(path: &'a str) -> Self {
        Self::new(Method::GET, path)
    }
    pub(super) fn post(path: &'a str) -> Self {
        Self::new(Method::POST, path)
    }
    pub(super) fn delete(path: &'a str) -> Self {
        Self::new(Method::DELETE, path)
    }
    pub(super) fn json(mut self, body: &'a Value) -> Self {
        self.json = Some(body);
        self
    }
    pub(super) fn file(mut self, file: Enclosed<'a>) -> Self {
        self.file = Some(file);
        self
    }
    pub(super) fn key(mut self, key: &'a str) -> Self {
        self.key = Some(key);
        self
    }
    pub(super) fn repeat(mut self, repeat: Repeat) -> Self {
        self.repeat = repeat;
        self
    }
    /// A call to a thing by its id: there 404 says that it is gone, not that the server lacks it.
    fn names_one(&self) -> bool {
        self.path.starts_with("files/")
            || self.path.starts_with("models/")
            || self.path.starts_with("fine_tuning/jobs/")
    }
}

/// What became of one attempt.
enum Outcome {
    /// It surely did nothing.
    Nothing(TuneFailure),
    /// It may have been done.
    Perhaps(TuneFailure),
}

impl Tuner {
    /// Sends a call and reads its JSON.
    pub(super) async fn send(&self, call: &Call<'_>) -> Result<Value, TuneFailure> {
        let read = |bytes: Bytes| {
            if bytes.is_empty() {
                return Ok(Value::Null);
            }
            let value: Option<Value> = serde_json::from_slice(&bytes).ok();
            value.filter(Value::is_object).ok_or_else(TuneFailure::senseless)
        };
        self.patiently(call, LARGEST_ANSWER, read).await
    }

    /// The bytes behind a path, as many as are read.
    pub(super) async fn content(&self, path: &str) -> Result<Bytes, TuneFailure> {
        self.patiently(&Call::get(path), self.limits.result, Ok).await
    }

    async fn patiently<T>(
        &self,
        call: &Call<'_>,
        most: u64,
        read: impl Fn(Bytes) -> Result<T, TuneFailure>,
    ) -> Result<T, TuneFailure> {
        for attempt in 1.. {
            let told = match self.once(call, most).await {
                Ok(bytes) => read(bytes).map_err(Outcome::Perhaps),
                Err(outcome) => Err(outcome),
            };
            let failure = match told {
                Ok(told) => return Ok(told),
                Err(Outcome::Perhaps(failure)) if call.repeat == Repeat::Unsent && failure.is_passing() => {
                    return Err(TuneFailure::unclear(&failure.to_string()));
                }
                Err(Outcome::Nothing(failure) | Outcome::Perhaps(failure)) => failure,
            };
            if attempt >= self.limits.attempts || !failure.is_passing() || !pause(&failure, attempt).await {
                return Err(failure);
            }
            tracing::debug!(provider = %self.name, path = call.path, %failure, "asked again");
        }
        Err(TuneFailure::senseless())
    }

    async fn once(&self, call: &Call<'_>, most: u64) -> Result<Bytes, Outcome> {
        let request = self.request(call).map_err(Outcome::Nothing)?;
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) if error.is_connect() => return Err(Outcome::Nothing(broken(error))),
            Err(error) => return Err(Outcome::Perhaps(broken(error))),
        };
        if !response.status().is_success() {
            return Err(refused(call, response).await);
        }
        bounded(response, most).await.map_err(Outcome::Perhaps)
    }

    fn request(&self, call: &Call<'_>) -> Result<RequestBuilder, TuneFailure> {
        let mut request = self.http.request(call.method.clone(), format!("{}/{}", self.base, call.path));
        if let Some(version) = self.api_version.as_deref() {
            request = request.query(&[("api-version", version)]);
        }
        if !call.query.is_empty() {
            request = request.query(&call.query);
        }
        if let Some(key) = call.key {
            request = request.header("idempotency-key", key);
        }
        if let Some(body) = call.json {
            request = request.json(body);
        }
        let mut carried = 0;
        if let Some(file) = &call.file {
            carried = file.bytes.len() as u64;
            request = request.multipart(form(file)?);
        }
        Ok(request.timeout(self.limits.call + Duration::from_secs(carried / self.limits.slowest.max(1))))
    }

    /// Reads a list page by page, until `keep` has seen enough.
    pub(super) async fn pages(
        &self,
        path: &str,
        query: &[(&'static str, &str)],
        limit: usize,
        mut keep: impl FnMut(&Value) -> bool,
    ) -> Result<(), TuneFailure> {
        let mut after: Option<String> = None;
        for _ in 0..self.limits.pages {
            let mut call = Call::get(path);
            call.query = query.iter().map(|(name, text)| (*name, (*text).to_owned())).collect();
            call.query.push(("limit", limit.clamp(1, PAGE).to_string()));
            call.query.extend(after.clone().map(|after| ("after", after)));
            let told = self.send(&call).await?;
            let items = told.get("data").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            let last = items.last().and_then(|item| item.get("id")).and_then(Value::as_str).map(str::to_owned);
            // A server that knows no pages gives the same one again.
            if (after.is_some() && last == after) || !items.iter().all(&mut keep) {
                return Ok(());
            }
            after = last;
            if after.is_none() || told.get("has_more").and_then(Value::as_bool) != Some(true) {
                return Ok(());
            }
        }
        Ok(())
    }
}

fn form(file: &Enclosed<'_>) -> Result<Form, TuneFailure> {
    let length = file.bytes.len() as u64;
    let part = Part::stream_with_length(file.bytes.clone(), length).file_name(file.name.to_owned());
    let part = part.mime_str("application/jsonl").map_err(broken)?;
    let form = file.purpose.map_or_else(Form::new, |purpose| Form::new().text("purpose", purpose));
    Ok(form.part(file.field, part))
}

fn broken(error: reqwest::Error) -> TuneFailure {
    let reason = match () {
        () if error.is_connect() => "no connection".to_owned(),
        () if error.is_timeout() => "a time limit passed".to_owned(),
        () => error.without_url().to_string(),
    };
    TuneFailure::Unreachable { reason }
}

/// The body, unless it is longer than what is read.
async fn bounded(mut response: Response, most: u64) -> Result<Bytes, TuneFailure> {
    let too_large = || TuneFailure::TooLarge { message: format!("the answer has more than {most} bytes") };
    if response.content_length().is_some_and(|length| length > most) {
        return Err(too_large());
    }
    let mut read = BytesMut::new();
    while let Some(piece) = response.chunk().await.map_err(broken)? {
        if (read.len() + piece.len()) as u64 > most {
            return Err(too_large());
        }
        read.extend_from_slice(&piece);
    }
    Ok(read.freeze())
}

/// A refusal, and whether something may have been done all the same.
async fn refused(call: &Call<'_>, response: Response) -> Outcome {
    let (status, headers) = (response.status(), response.headers().clone());
    let bytes = bounded(response, 1 << 20).await.unwrap_or_default();
    let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let failure = named(call, status, &headers, &body);
    match failure {
        // A proxy gives up on a server that may go on.
        TuneFailure::Unreachable { .. } => Outcome::Perhaps(failure),
        failure => Outcome::Nothing(failure),
    }
}

fn named(call: &Call<'_>, status: StatusCode, headers: &HeaderMap, body: &Value) -> TuneFailure {
    let error = body.get("error").unwrap_or(body);
    let text = |field: &str| error.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (code, param) = (text("code"), text("param"));
    let lacking = match status.as_u16() {
        404 => !call.names_one() && param.is_empty() && !code.contains("model"),
        status => matches!(status, 405 | 501),
    };
    if lacking {
        return TuneFailure::Unsupported { status: status.as_u16() };
    }
    match refusal(status, headers, body) {
        Failure::Refused { status, message } => TuneFailure::Refused { status, code, param, message },
        failure => failure.into(),
    }
}

/// Waits as the provider asks or a while that grows; says false where that would be too long.
async fn pause(failure: &TuneFailure, attempt: u32) -> bool {
    let failure = match failure {
        TuneFailure::Busy { retry_after_ms } => Failure::Busy { retry_after_ms: *retry_after_ms },
        _ => Failure::Busy { retry_after_ms: None },
    };
    wait(&failure, attempt, &CancellationToken::new()).await.is_ok()
}
