//! Telegram on loopback: the Bot API for the bot, people and chats for the test.
//!
//! Every request is checked against the description of the Bot API; a broken rule is answered with
//! 400 and remembered in [`Server::violations`], which a test expects to be empty. What is sent,
//! edited and deleted has Telegram's own semantics and words. The server's memory outlives the bot
//! under test.

mod account;
mod attach;
mod chat;
mod edit;
mod flood;
mod http;
mod inline;
mod media;
mod message;
mod methods;
mod params;
mod people;
mod refusal;
mod send;
mod spec;
mod talk;
mod text;
mod updates;
mod webhook;
mod world;

pub use attach::{Media, Origin};
pub use chat::Chat;
pub use flood::{Limits, Rate};
pub use inline::{Inline, InlineAnswer, InlineShown};
pub use message::{Button, Content, Draft, Entity, Message};
pub use people::Person;
pub use talk::{Arrival, Press, Say, Talk};
pub use world::Call;

use crate::fail;
use crate::fault::Faults;
use crate::wire::{self, Running};
use refusal::Refusal;
use serde_json::Value;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use world::World;

/// How long a test waits for what must happen; generous, since it is only used up by a failure.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Says what is wrong with an object of a type of the Bot API (`Update`, `Message` …), by its description;
/// nothing for a good one.
pub fn check_type(name: &str, value: &Value) -> Vec<String> {
    spec::spec().check_type(name, value)
}

/// The result of a method as JSON, or Telegram's refusal.
type Told = Result<String, Refusal>;

/// How the server behaves.
#[derive(Clone, Debug)]
pub struct Config {
    /// The bot's token; its number is the bot's id.
    pub token: String,
    /// The bot's user name, ending in `bot`.
    pub bot_username: String,
    /// The bot's display name.
    pub bot_name: String,
    /// Limits on sending; none lets everything pass (benchmarks).
    pub limits: Option<Limits>,
    /// Whether everything is kept for looking at it later. Without it (benchmarks) only the last
    /// messages of a chat are kept, and no calls and drafts.
    pub record: bool,
    /// Whether the bot in groups sees only what is meant for it.
    pub privacy: bool,
    /// The directory of a Bot API server of one's own: `getFile` then names files below it, and they may be
    /// as large as that server takes them.
    pub local: Option<PathBuf>,
    /// Where to listen; port 0 takes any free one.
    pub listen: SocketAddr,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            token: "4200000042:AAsimulatedTokenOfTheSimulator_-0123".to_owned(),
            bot_username: "apprentice_sim_bot".to_owned(),
            bot_name: "Apprentice".to_owned(),
            limits: Some(Limits::TELEGRAM),
            record: true,
            privacy: false,
            local: None,
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        }
    }
}

impl Config {
    /// Most bytes of a file that the bot may send.
    fn largest(&self) -> usize {
        if self.local.is_some() { 2000 << 20 } else { 50 << 20 }
    }
    /// As fast as it goes: no limits, nothing recorded.
    pub fn bench() -> Self {
        Self { limits: None, record: false, ..Self::default() }
    }
}

/// What every connection shares.
pub(crate) struct Shared {
    token: String,
    /// Most bytes of a file that the bot sends.
    largest: usize,
    world: Mutex<World>,
    faults: Faults,
    arrived: Notify,
    running: AtomicU64,
    requests: AtomicU64,
}

impl Shared {
    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// Puts an update into the queue and wakes who waits for it.
    fn emit(&self, world: &mut World, kind: &str, chat: i64, body: &str) {
        world.emit(kind, chat, body);
        self.arrived.notify_waiters();
    }
}

/// A running Telegram. Ends when the last clone is dropped.
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
            token: config.token.clone(),
            largest: config.largest(),
            world: Mutex::new(World::new(config)),
            faults: Faults::default(),
            arrived: Notify::new(),
            running: AtomicU64::new(0),
            requests: AtomicU64::new(0),
        });
        spec::spec();
        match wire::serve(http::router(Arc::clone(&shared)), listen).await {
            Ok((address, running)) => {
                Self { shared, base: format!("http://{address}").into(), _running: Arc::new(running) }
            }
            Err(broken) => fail(&format!("the simulator cannot listen on {listen}: {broken}")),
        }
    }

    /// What stands in place of `https://api.telegram.org`.
    pub fn base_url(&self) -> &str {
        &self.base
    }
    /// The bot's token.
    pub fn token(&self) -> &str {
        &self.shared.token
    }
    /// What goes wrong.
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }
    /// The rules that the bot broke so far, in words.
    pub fn violations(&self) -> Vec<String> {
        self.shared.world().violations.clone()
    }
    /// The requests so far, without `getUpdates`; none when nothing is recorded.
    pub fn calls(&self) -> Vec<Call> {
        self.shared.world().calls.clone()
    }
    /// How often a method was called.
    pub fn count(&self, method: &str) -> u64 {
        self.shared.world().counts.get(method).copied().unwrap_or(0)
    }
    /// How many requests came before the `retry_after` of an earlier refusal had passed.
    pub fn impatient(&self) -> u64 {
        self.shared.world().impatient
    }
    /// Takes the measured times from an update leaving for the bot to the first request that answers it.
    pub fn take_latencies(&self) -> Vec<Duration> {
        std::mem::take(&mut self.shared.world().latencies)
    }
    /// Updates that the bot has not confirmed yet.
    pub fn pending_updates(&self) -> usize {
        self.shared.world().queue.pending.len()
    }
    /// Shifts the clock that dates messages.
    pub fn shift_clock(&self, seconds: i64) {
        self.shared.world().clock_shift += seconds;
    }
    /// Lets the updates go that were held back.
    pub fn release_updates(&self) {
        let mut world = self.shared.world();
        for (chat, body) in std::mem::take(&mut world.late) {
            self.shared.emit(&mut world, "message", chat, &body);
        }
    }
    /// Sends any update, also of a kind that nobody knows yet.
    pub fn raw_update(&self, kind: &str, body: &Value) {
        let mut world = self.shared.world();
        let everything = world.queue.allowed.take();
        self.shared.emit(&mut world, kind, 0, &body.to_string());
        world.queue.allowed = everything;
    }
    /// The commands set for a scope (`all_private_chats`, or empty for the default) and a language.
    pub fn commands(&self, scope: &str, language: &str) -> Vec<(String, String)> {
        let scope = if scope.is_empty() { String::new() } else { format!(r#"{{"type":"{scope}"}}"#) };
        let world = self.shared.world();
        let set = world.settings.get(&format!("commands|{scope}|{language}")).and_then(Value::as_array);
        let text =
            |command: &Value, name: &str| command.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        set.map(|set| set.iter().map(|c| (text(c, "command"), text(c, "description"))).collect()).unwrap_or_default()
    }
    /// Waits until a method was called so often.
    pub async fn await_calls(&self, method: &str, times: u64) {
        let asked = tokio::time::Instant::now();
        while self.count(method) < times {
            if asked.elapsed() > PATIENCE {
                fail(&format!("{method} was called {} times, not {times}", self.count(method)));
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    /// Waits until every update is confirmed and no request came for that long.
    pub async fn await_quiet(&self, quiet: Duration) {
        let asked = tokio::time::Instant::now();
        let mut seen = (self.shared.requests.load(Ordering::Acquire), tokio::time::Instant::now());
        loop {
            tokio::time::sleep(quiet / 5).await;
            let requests = self.shared.requests.load(Ordering::Acquire);
            let busy = self.shared.running.load(Ordering::Acquire) > 0 || self.pending_updates() > 0;
            if busy || requests != seen.0 {
                seen = (requests, tokio::time::Instant::now());
            }
            if seen.1.elapsed() >= quiet {
                return;
            }
            if asked.elapsed() > PATIENCE {
                fail("the bot does not come to rest");
            }
        }
    }
}

#[cfg(test)]
mod tests;
