//! An OpenAI-compatible API on loopback: models, chat completions plain and streamed, transcriptions, speech,
//! pictures, files and fine-tuning.
//!
//! Every request is checked against the description of the API; a broken rule is answered with 400
//! in the API's own shape and remembered in [`Server::violations`]. What the model says is
//! scripted ([`Answer`]), at the pace of a model or at once; how training goes is scripted too
//! ([`Tuning`]), and a [`Student`] answers as what it was taught makes it answer.

mod adapter;
mod answer;
mod canvas;
mod chat;
mod drawing;
mod files;
mod form;
mod hearing;
mod job;
mod lines;
mod route;
mod schema;
mod sight;
mod speaking;
mod student;
pub mod trouble;
mod tuning;

pub use answer::{Answer, last_said};
pub use drawing::{Brush, FORBIDDEN};
pub use hearing::{Ears, Program, Script, SoundFile};
pub use sight::{Shown, shown};
pub use speaking::Mouth;
pub use student::{Student, WRONG};
pub use tuning::{Pace, Plan, Tuning};

use crate::fail;
use crate::fault::Faults;
use crate::wire::{self, Running};
use adapter::Adapter;
use axum::Router;
use bytes::Bytes;
use files::Shelf;
use job::Job;
use serde_json::Value;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use tokio::sync::Notify;

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
    /// What it says to a picture that it cannot see; none where it sees.
    pub blind: Option<String>,
}

impl Model {
    /// A model that takes everything.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), shutdown_date: None, context: 100_000, refuses: Vec::new(), blind: None }
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
    /// Lets it refuse pictures with these words.
    #[must_use]
    pub fn blind(mut self, words: &str) -> Self {
        self.blind = Some(words.to_owned());
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
    /// What hears.
    pub ears: Ears,
    /// What speaks.
    pub mouth: Mouth,
    /// What draws.
    pub brush: Brush,
    /// How files and training jobs go; none for a server that cannot train.
    pub tuning: Option<Tuning>,
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
            ears: Ears::default(),
            mouth: Mouth::default(),
            brush: Brush::default(),
            tuning: Some(Tuning::default()),
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
    /// Body; of a form its fields, with the name of a file in place of the file.
    pub body: Value,
}

pub(crate) struct Shared {
    state: Mutex<Memory>,
    faults: Faults,
    serial: AtomicU64,
    count: AtomicU64,
    streams: AtomicI64,
    changed: Notify,
    /// Where the server is, once it listens.
    base: OnceLock<String>,
}

struct Memory {
    config: Arc<Config>,
    requests: Vec<Received>,
    violations: Vec<String>,
    shelf: Shelf,
    jobs: Vec<Job>,
    /// Plans that had their turn.
    planned: usize,
    adapters: HashMap<String, Arc<Adapter>>,
    /// Pictures that were given as addresses.
    pictures: HashMap<String, Bytes>,
    /// When speech was last ready to be sent.
    spoke: Option<std::time::Instant>,
}

impl Memory {
    fn new(config: Config) -> Self {
        Self {
            config: Arc::new(config),
            requests: Vec::new(),
            violations: Vec::new(),
            shelf: Shelf::default(),
            jobs: Vec::new(),
            planned: 0,
            adapters: HashMap::new(),
            pictures: HashMap::new(),
            spoke: None,
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, Memory> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
    fn config(&self) -> Arc<Config> {
        Arc::clone(&self.state().config)
    }
    fn model(&self, name: &str) -> Option<Model> {
        let tuned = || self.adapter(name).map(|_| Model::new(name));
        self.config().models.iter().find(|model| model.id == name).cloned().or_else(tuned)
    }
    fn adapter(&self, name: &str) -> Option<Arc<Adapter>> {
        self.state().adapters.get(name).cloned()
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
        let shared = Arc::new(Shared {
            state: Mutex::new(Memory::new(config)),
            faults: Faults::default(),
            serial: AtomicU64::new(1),
            count: AtomicU64::new(0),
            streams: AtomicI64::new(0),
            changed: Notify::new(),
            base: OnceLock::new(),
        });
        schema::description();
        let router = Router::new().fallback(route::answer_request).with_state(Arc::clone(&shared));
        match wire::serve(router, listen).await {
            Ok((address, running)) => {
                let base = shared.base.get_or_init(|| format!("http://{address}/v1")).as_str().into();
                Self { shared, base, _running: Arc::new(running) }
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
    /// What goes wrong; faults go by path (`/chat/completions`) or by verb and path (`post /files`).
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
    /// When speech was last ready to be sent.
    pub fn spoke_at(&self) -> Option<std::time::Instant> {
        self.shared.state().spoke
    }
    /// The training jobs so far, in the order of their creation, as the API shows them.
    pub fn jobs(&self) -> Vec<Value> {
        self.shared.state().jobs.iter().map(Job::json).collect()
    }
    /// The files there are now, as the API shows them.
    pub fn files(&self) -> Vec<Value> {
        self.shared.state().shelf.files().map(files::File::json).collect()
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

#[cfg(test)]
mod tests;
