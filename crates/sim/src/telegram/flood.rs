//! Telegram's limits on how much a bot may send, as token buckets, answered with `retry_after`.

use std::time::{Duration, Instant};

/// So many at once, and so many per second after that.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// How many at once.
    pub burst: f64,
    /// How many per second in the long run.
    pub per_second: f64,
}

/// How much a bot may send. Edits count like messages.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// In one chat.
    pub chat: Rate,
    /// In one group, beside the limit of a chat.
    pub group: Rate,
    /// In all chats together.
    pub all: Rate,
    /// Drafts in one private chat; they do not count as messages.
    pub drafts: Rate,
}

impl Limits {
    /// What Telegram states: about one message a second in a chat (short bursts pass), 20 a minute
    /// in a group, 30 a second in all.
    pub const TELEGRAM: Self = Self {
        chat: Rate { burst: 5.0, per_second: 1.0 },
        group: Rate { burst: 20.0, per_second: 20.0 / 60.0 },
        all: Rate { burst: 30.0, per_second: 30.0 },
        drafts: Rate { burst: 30.0, per_second: 5.0 },
    };
}

/// One bucket. A refused request starts a pause that must be waited for.
#[derive(Debug)]
pub(super) struct Bucket {
    tokens: f64,
    filled: Instant,
    closed_until: Option<Instant>,
}

/// A request was refused.
pub(super) struct Refused {
    /// Seconds to wait.
    pub(super) retry_after: u64,
    /// Whether an earlier refusal's pause was not waited for.
    pub(super) impatient: bool,
}

impl Bucket {
    pub(super) fn new(rate: Rate, now: Instant) -> Self {
        Self { tokens: rate.burst, filled: now, closed_until: None }
    }

    /// Says whether one more may pass, without taking it.
    pub(super) fn check(&mut self, rate: Rate, now: Instant) -> Result<(), Refused> {
        if let Some(until) = self.closed_until.filter(|until| *until > now) {
            return Err(Refused { retry_after: whole_seconds(until - now), impatient: true });
        }
        let earned = now.saturating_duration_since(self.filled).as_secs_f64() * rate.per_second;
        self.tokens = (self.tokens + earned).min(rate.burst);
        self.filled = now;
        if self.tokens >= 1.0 {
            return Ok(());
        }
        let wait = Duration::from_secs_f64((1.0 - self.tokens) / rate.per_second);
        let retry_after = whole_seconds(wait);
        self.closed_until = Some(now + wait);
        Err(Refused { retry_after, impatient: false })
    }

    pub(super) fn take(&mut self) {
        self.tokens -= 1.0;
    }
}

fn whole_seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_then_one_a_second() {
        let rate = Limits::TELEGRAM.chat;
        let start = Instant::now();
        let mut bucket = Bucket::new(rate, start);
        let mut pass = |ms: u64| {
            let passed = bucket.check(rate, start + Duration::from_millis(ms));
            if passed.is_ok() {
                bucket.take();
            }
            passed.map_err(|refused| (refused.retry_after, refused.impatient))
        };
        assert!((0..5).all(|_| pass(0).is_ok()));
        assert_eq!(pass(0), Err((1, false)));
        assert_eq!(pass(500), Err((1, true)));
        assert_eq!(pass(1001), Ok(()));
        assert_eq!(pass(1002), Err((1, false)));
    }
}
