//! Telegram and an OpenAI-compatible API on loopback, speaking the real wire protocols.
//!
//! Used by tests, benchmarks and the demonstration: the bot under test runs its real clients
//! against these servers. Each request is checked against a reduced form of the public description
//! (`specs/`, made by `specs/reduce.py`); each broken rule is remembered, and a test ends by
//! checking that there was none. Faults come on demand. Nothing here knows the bot.
//!
//! ```no_run
//! # async fn example() {
//! use apprentice_sim::{Fault, Kind, openai, telegram};
//!
//! let telegram = telegram::Server::start(telegram::Config::default()).await;
//! // … start the bot with telegram.base_url() and telegram.token() …
//! let alice = telegram.person("alice").private();
//! let asked = alice.say("What is 6 × 7?");
//! assert_eq!(alice.await_reply(asked).await.text, "42");
//!
//! telegram.faults().push(Fault::on("sendMessage", Kind::ResetAfter));
//! let asked = alice.say("Once more");
//! alice.await_reply(asked).await;
//! telegram.await_quiet(std::time::Duration::from_millis(500)).await;
//! assert_eq!(alice.transcript(), "alice: What is 6 × 7?\nbot: 42\nalice: Once more\nbot: 42\n");
//! assert_eq!(telegram.violations(), Vec::<String>::new());
//! # }
//! ```
//!
//! Waiting functions give up after [`telegram::PATIENCE`] by panicking with the transcript: they
//! are made for tests.

mod fault;
pub mod openai;
pub mod postgres;
pub mod telegram;
mod wire;

pub use fault::{Fault, Faults, Kind};

/// Ends a test with words.
#[allow(clippy::panic, reason = "what a test waits for in vain is the test's failure")]
#[track_caller]
pub(crate) fn fail(told: &str) -> ! {
    panic!("{told}")
}
