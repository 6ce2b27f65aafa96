//! Asking other servers, with short time limits and without a secret in any text; and the time that
//! they tell.

use super::Finding;
use domain::ids::Millis;
use reqwest::header::{DATE, HeaderMap};
use serde_json::Value;
use std::error::Error;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// How long a server may take to be reached, and to answer.
const CONNECT: Duration = Duration::from_secs(5);
const ANSWER: Duration = Duration::from_secs(10);

/// Differences of the clocks above which there is a warning, and above which TLS and logins fail; seconds.
const CLOCK_ODD_S: i64 = 30;
const CLOCK_WRONG_S: i64 = 300;

/// No server has told the time yet.
const NO_TIME: i64 = i64::MIN;

/// Asks servers.
pub(super) struct Client {
    http: reqwest::Client,
    /// The latest time that a server told, milliseconds.
    told: AtomicI64,
}

/// What a server said.
pub(super) struct Answer {
    pub(super) status: u16,
    /// The JSON it sent, or null.
    pub(super) body: Value,
}

/// Why a server said nothing.
#[derive(Debug)]
pub(super) enum Silence {
    /// Nobody listens there.
    Refused,
    /// It took too long.
    Slow,
    /// Anything else, in the system's words.
    Broken(String),
}

impl Silence {
    /// The reason as a person reads it, as one finding about `server`.
    pub(super) fn finding(&self, level: super::Level, server: &str) -> Finding {
        match self {
            Self::Refused => Finding::new(level, "doctor-net-refused", &[("server", &server)]),
            Self::Slow => Finding::new(level, "doctor-net-slow", &[("server", &server)]),
            Self::Broken(why) => Finding::new(level, "doctor-net-broken", &[("server", &server), ("why", why)]),
        }
    }
}

impl Client {
    pub(super) fn new() -> Result<Self, String> {
        let built = reqwest::Client::builder().connect_timeout(CONNECT).timeout(ANSWER).build();
        built.map(|http| Self { http, told: AtomicI64::new(NO_TIME) }).map_err(|error| error.to_string())
    }

    /// Asks for JSON.
    pub(super) async fn get(&self, url: &str, headers: HeaderMap) -> Result<Answer, Silence> {
        let response = self.http.get(url).headers(headers).send().await.map_err(|error| silence(&error))?;
        self.note_time(response.headers());
        let status = response.status().as_u16();
        // What is no JSON is no answer of the API that was asked; the status still says something.
        let body = response.json().await.unwrap_or(Value::Null);
        Ok(Answer { status, body })
    }

    fn note_time(&self, headers: &HeaderMap) {
        let date = headers.get(DATE).and_then(|date| date.to_str().ok());
        if let Some(date) = date.and_then(|date| jiff::fmt::rfc2822::parse(date).ok()) {
            self.told.store(date.timestamp().as_millisecond(), Ordering::Relaxed);
        }
    }

    /// Compares this machine's clock with what the servers told.
    pub(super) fn clock(&self, now: Millis) -> Finding {
        let told = self.told.load(Ordering::Relaxed);
        if told == NO_TIME {
            return Finding::note("doctor-clock-unknown", &[]);
        }
        let off = now.since(Millis(told)) / 1000;
        let args: super::Args<'_> = &[("seconds", &off.abs())];
        match off.abs() {
            CLOCK_WRONG_S.. => Finding::error("doctor-clock-wrong", args).advise("doctor-clock-advice", &[]),
            CLOCK_ODD_S.. => Finding::warning("doctor-clock-wrong", args).advise("doctor-clock-advice", &[]),
            _ => Finding::good("doctor-clock", &[]),
        }
    }
}

fn silence(error: &reqwest::Error) -> Silence {
    if error.is_timeout() {
        return Silence::Slow;
    }
    // The outer errors name the address, which may hold a token; the innermost names the cause.
    let mut cause: &dyn Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
        let io = inner.downcast_ref::<std::io::Error>();
        if io.is_some_and(|io| io.kind() == std::io::ErrorKind::ConnectionRefused) {
            return Silence::Refused;
        }
    }
    let outermost = std::ptr::addr_eq(cause, error as &dyn Error);
    Silence::Broken(if outermost { "request".to_owned() } else { cause.to_string() })
}
