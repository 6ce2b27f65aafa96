//! A circuit breaker: a provider that failed several times in a row is left alone for a while, then
//! tried with one call.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Failures in a row that open it.
const FAILURES: u32 = 5;
/// How long it stays open the first time; doubled each time, at most a minute.
const FIRST_PAUSE: Duration = Duration::from_secs(2);

#[derive(Default)]
pub(crate) struct Breaker(Mutex<State>);

#[derive(Default)]
struct State {
    failures: u32,
    until: Option<Instant>,
    reason: String,
}

impl Breaker {
    /// Why no call may be made now; none when one may.
    pub(crate) fn closed_door(&self) -> Option<String> {
        let mut state = self.state();
        match state.until {
            Some(until) if Instant::now() < until => Some(format!("left alone after failures: {}", state.reason)),
            Some(_) => {
                // One call may try; the others wait for how it goes.
                state.until = Some(Instant::now() + FIRST_PAUSE);
                None
            }
            None => None,
        }
    }

    pub(crate) fn failed(&self, reason: &str) {
        let mut state = self.state();
        state.failures = state.failures.saturating_add(1);
        reason.clone_into(&mut state.reason);
        if state.failures >= FAILURES {
            let pause = FIRST_PAUSE * (1 << (state.failures - FAILURES).min(5));
            state.until = Some(Instant::now() + pause.min(Duration::from_secs(60)));
        }
    }

    pub(crate) fn worked(&self) {
        *self.state() = State::default();
    }

    /// In words, for people.
    pub(crate) fn describe(&self) -> String {
        let state = self.state();
        match (state.failures, state.until) {
            (0, _) => "ok".to_owned(),
            (_, Some(until)) if Instant::now() < until => format!("✗ {}", state.reason),
            _ => format!("? {}", state.reason),
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A number below `limit`; good enough to keep callers from waiting in step.
pub(crate) fn random(limit: u64) -> u64 {
    use std::hash::{BuildHasher as _, RandomState};
    RandomState::new().hash_one(Instant::now()) % limit.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_opens_after_failures_in_a_row_and_lets_one_call_try() {
        let breaker = Breaker::default();
        for _ in 0..FAILURES {
            assert_eq!(breaker.closed_door(), None);
            breaker.failed("reset");
        }
        assert!(breaker.closed_door().is_some());
        tokio::time::advance(FIRST_PAUSE + Duration::from_millis(1)).await;
        assert_eq!(breaker.closed_door(), None);
        assert!(breaker.closed_door().is_some(), "only one tries");
        breaker.worked();
        assert_eq!((breaker.closed_door(), breaker.describe().as_str()), (None, "ok"));
    }

    #[test]
    fn one_success_forgets_earlier_failures() {
        let breaker = Breaker::default();
        for _ in 0..FAILURES * 2 {
            breaker.failed("x");
            breaker.worked();
        }
        assert_eq!(breaker.closed_door(), None);
    }
}
