//! An OpenAI-compatible API on loopback: models, and chat completions plain and streamed.
//!
//! Every request is checked against the description of the API; a broken rule is answered with 400
//! in the API's own shape and remembered in [`Server::violations`]. What the model says is
//! scripted ([`Answer`]), at the pace of a model or at once.

mod answer;
mod chat;
mod schema;
pub mod trouble;

pub use answer::{Answer, last_said};

use crate::fail;
use crate::fault::{Faults, Kind};
use crate::wire::{self, Cut, Running};
use axum::Router;
use axum::body::to_bytes;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::Response;
use bytes::Bytes;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// The longest request that is read.
const LONGEST: usize = 32 * 1024 * 1024;

/// A model that is offered.
#[derive(Clone, Debug)]
pub struct Model {
    /// Its id.
    pub id: String,
    /// The day it ends (`2026-10-23`), where that is announced.
    pub shutdown_date: Option<String>,
    /// Tokens it can hold, counted as words.
    pub context: u64,
    /// Parameters it does not take (`max_tokens`, `temperature`).
    pub refuses: Vec<String>,
}

impl Model {
    /// A model that takes everything.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), shutdown_date: None, context: 100_000, refuses: Vec::new() }
    }
    /// Lets it end on that day.
    #[must_use]
    pub fn ending(mut self, day: &str) -> Self {
        self.shutdown_date = Some(day.to_owned());
        self
    }
    /// Lets it hold so many tokens.
    #[must_use]
    pub fn holding(mut self, tokens: u64) -> Self {
        self.context = tokens;
        self
    }
    /// Lets it refuse parameters.
    #[must_use]
    pub fn refusing(mut self, parameters: &[&str]) -> Self {
        self.refuses = parameters.iter().map(|name| (*name).to_owned()).collect();
        self
    }
}

/// How the server behaves.
#[derive(Clone)]
pub struct Config {
    /// The key that is taken; one that ends in `-` takes every key that begins so. None takes any
    /// key, and none at all (as Ollama does).
    pub key: Option<String>,
    /// The models on offer.
    pub models: Vec<Model>,
    /// What the model says.
    pub answer: Answer,
    /// The pace of a streamed answer; none streams at once.
    pub tokens_per_second: Option<f64>,
    /// Tokens in one event.
    pub tokens_per_chunk: usize,
    /// Whether requests are kept for looking at them.
    pub record: bool,
    /// Where to listen; port 0 takes any free one.
    pub listen: SocketAddr,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            key: Some("sk-".to_owned()),
            models: vec![Model::new("sim-large"), Model::new("sim-small")],
            answer: Answer::Echo,
            tokens_per_second: None,
            tokens_per_chunk: 1,
            record: true,
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        }
    }
}

impl Config {
    /// The default, with that answer.
    pub fn answering(answer: Answer) -> Self {
        Self { answer, ..Self::default() }
    }
}

/// A request as it came.
#[derive(Clone, Debug, PartialEq)]
pub struct Received {
    /// Path without `/v1`.
    pub path: String,
    /// Headers that say what client it was, lower case.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Value,
}

pub(crate) struct Shared {
    state: Mutex<Memory>,
    faults: Faults,
    serial: AtomicU64,
    count: AtomicU64,
    streams: AtomicI64,
    changed: Notify,
}

struct Memory {
    config: Arc<Config>,
    requests: Vec<Received>,
    violations: Vec<String>,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, Memory> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
    fn config(&self) -> Arc<Config> {
        Arc::clone(&self.state().config)
    }
    fn model(&self, name: &str) -> Option<Model> {
        self.config().models.iter().find(|model| model.id == name).cloned()
    }
    fn serial(&self) -> u64 {
        self.serial.fetch_add(1, Ordering::AcqRel)
    }
    fn change_streams(&self, by: i64) {
        self.streams.fetch_add(by, Ordering::AcqRel);
        self.changed.notify_waiters();
    }
    fn violation(&self, told: String) {
        tracing::warn!(violation = %told, "a rule of the OpenAI API was broken");
        self.state().violations.push(told);
    }
}

/// A running API. Ends when the last clone is dropped.
#[derive(Clone)]
pub struct Server {
    shared: Arc<Shared>,
    base: Arc<str>,
    _running: Arc<Running>,
}

impl Server {
    /// Starts a server.
    pub async fn start(config: Config) -> Self {
        let listen = config.listen;
        let state = Memory { config: Arc::new(config), requests: Vec::new(), violations: Vec::new() };
        let shared = Arc::new(Shared {
            state: Mutex::new(state),
            faults: Faults::default(),
            serial: AtomicU64::new(1),
            count: AtomicU64::new(0),
            streams: AtomicI64::new(0),
            changed: Notify::new(),
        });
        schema::description();
        let router = Router::new().fallback(answer_request).with_state(Arc::clone(&shared));
        match wire::serve(router, listen).await {
            Ok((address, running)) => {
                Self { shared, base: format!("http://{address}/v1").into(), _running: Arc::new(running) }
            }
            Err(broken) => fail(&format!("the simulator cannot listen on {listen}: {broken}")),
        }
    }
    /// What stands in place of `https://api.openai.com/v1`.
    pub fn base_url(&self) -> &str {
        &self.base
    }
    /// A key that is taken, empty for any.
    pub fn key(&self) -> String {
        match self.shared.config().key.as_deref() {
            Some(begin) if begin.ends_with('-') => format!("{begin}sim-key"),
            key => key.unwrap_or_default().to_owned(),
        }
    }
    /// What goes wrong; faults go by path (`/chat/completions`).
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }
    /// The rules broken so far, in words.
    pub fn violations(&self) -> Vec<String> {
        self.shared.state().violations.clone()
    }
    /// The requests so far; none when nothing is recorded.
    pub fn requests(&self) -> Vec<Received> {
        self.shared.state().requests.clone()
    }
    /// How many requests came, recorded or not.
    pub fn count(&self) -> u64 {
        self.shared.count.load(Ordering::Acquire)
    }
    /// How many streamed answers are being sent now; one whose reader left is none.
    pub fn streaming(&self) -> i64 {
        self.shared.streams.load(Ordering::Acquire)
    }
    /// Waits until so many streamed answers are being sent.
    pub async fn await_streaming(&self, wanted: i64) {
        let deadline = tokio::time::Instant::now() + crate::telegram::PATIENCE;
        loop {
            let change = self.shared.changed.notified();
            tokio::pin!(change);
            change.as_mut().enable();
            if self.streaming() == wanted {
                return;
            }
            if tokio::time::timeout_at(deadline, change).await.is_err() {
                fail(&format!("{} answers are streamed, not {wanted}", self.streaming()));
            }
        }
    }
    /// Changes how the server behaves from the next request on.
    pub fn change(&self, change: impl FnOnce(&mut Config)) {
        let mut state = self.shared.state();
        let mut config = Config::clone(&state.config);
        change(&mut config);
        state.config = Arc::new(config);
    }
}

async fn answer_request(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    request: Request,
) -> Response {
    shared.count.fetch_add(1, Ordering::AcqRel);
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().strip_prefix("/v1").unwrap_or(parts.uri.path()).to_owned();
    let body = to_bytes(body, LONGEST).await.unwrap_or_default();
    let fault = shared.faults.draw(&path);
    let body = read(&shared, &parts.headers, &path, &body);
    if let Some(response) = before(fault.as_ref(), &cut).await {
        return response;
    }
    if let Some(refused) = refuse_key(&shared, &parts.headers) {
        return refused;
    }
    let response = route(&shared, parts.method.as_str(), &path, body, fault.clone());
    if fault == Some(Kind::ResetAfter) {
        cut.now();
    }
    response
}

/// Reads the body and remembers the request.
fn read(shared: &Shared, headers: &axum::http::HeaderMap, path: &str, body: &Bytes) -> Result<Value, String> {
    let value = if body.is_empty() {
        Ok(Value::Null)
    } else {
        serde_json::from_slice(body).map_err(|broken| broken.to_string())
    };
    if shared.config().record {
        let text = |(name, value): (&axum::http::HeaderName, &axum::http::HeaderValue)| {
            (name.as_str().to_owned(), value.to_str().unwrap_or_default().to_owned())
        };
        let headers = headers.iter().map(text).collect();
        let body = value.clone().unwrap_or(Value::Null);
        shared.state().requests.push(Received { path: path.to_owned(), headers, body });
    }
    value
}

async fn before(fault: Option<&Kind>, cut: &Cut) -> Option<Response> {
    match fault? {
        Kind::TooMany { retry_after } => Some(chat::respond(&trouble::rate_limited(*retry_after))),
        Kind::Status(code) => Some(chat::respond(&trouble::server_error(*code))),
        answer @ Kind::Answer { .. } => Some(chat::respond(answer)),
        Kind::Garbage => Some(wire::garbage()),
        Kind::Reset => {
            cut.now();
            Some(wire::garbage())
        }
        Kind::Slow(time) => {
            tokio::time::sleep(*time).await;
            None
        }
        _ => None,
    }
}

fn refuse_key(shared: &Shared, headers: &axum::http::HeaderMap) -> Option<Response> {
    let config = shared.config();
    let key = config.key.as_ref()?;
    let given = headers
        .get("authorization")
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    let taken = given.is_some_and(|given| given == key || (key.ends_with('-') && given.starts_with(key.as_str())));
    (!taken).then(|| chat::respond(&trouble::invalid_key()))
}

fn route(shared: &Arc<Shared>, verb: &str, path: &str, body: Result<Value, String>, fault: Option<Kind>) -> Response {
    match (verb, path) {
        ("POST", "/chat/completions") => match checked(shared, "post /chat/completions", body) {
            Ok(body) => chat::complete(shared, &body, fault),
            Err(response) => *response,
        },
        ("GET", "/models") => whole(
            json!({"object": "list", "data": shared.config().models.iter().map(model_json).collect::<Vec<_>>()}),
            fault,
        ),
        ("GET", _) if path.starts_with("/models/") => one_model(shared, path, fault),
        _ => {
            shared.violation(format!("{verb} {path}: no such operation"));
            let message = format!("Invalid URL ({verb} /v1{path})");
            wire::json(404, &[], trouble::body("invalid_request_error", None, None, &message).to_string())
        }
    }
}

fn one_model(shared: &Shared, path: &str, fault: Option<Kind>) -> Response {
    let name = path.trim_start_matches("/models/");
    match shared.model(name) {
        Some(model) => whole(model_json(&model), fault),
        None => chat::respond(&trouble::model_not_found(name)),
    }
}

fn model_json(model: &Model) -> Value {
    json!({"id": model.id, "object": "model", "created": 1_700_000_000, "owned_by": "simulator", "shutdown_date": model.shutdown_date})
}

fn whole(body: Value, fault: Option<Kind>) -> Response {
    match fault {
        Some(Kind::HalfBody) => wire::half(Bytes::from(body.to_string())),
        _ => wire::json(200, &[], body.to_string()),
    }
}

/// A body that keeps the rules, or the refusal of one that does not.
fn checked(shared: &Shared, operation: &str, body: Result<Value, String>) -> Result<Value, Box<Response>> {
    let refuse = |code, param, message: &str| {
        let told = trouble::body("invalid_request_error", code, param, message);
        Box::new(wire::json(400, &[], told.to_string()))
    };
    let body = body.map_err(|broken| {
        shared.violation(format!("{operation}: no JSON: {broken}"));
        refuse(None, None, "We could not parse the JSON body of your request.")
    })?;
    let wrong = schema::description().check_body(operation, &body);
    let Some(first) = wrong.first() else { return Ok(body) };
    for wrong in &wrong {
        shared.violation(format!("{operation}: {}: {}", wrong.param, wrong.told));
    }
    let message = format!("Invalid '{}': {}.", first.param, first.told);
    Err(refuse(Some("invalid_value"), Some(&first.param), &message))
}

#[cfg(test)]
mod tests;
