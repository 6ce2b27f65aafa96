//! How fast the bot speaks: per chat, per group and in all. Answers wait for their turn; drafts and edits
//! of a running answer only go when nobody has to wait for them, and leave half of the room to answers.

use super::Limits;
use domain::incoming::{ChatKind, Place};
use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::state::{InMemoryState, NotKeyed};
use governor::{NotUntil, Quota, RateLimiter};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::time::Instant;

type Keyed = RateLimiter<String, DashMapStateStore<String>, Elapsed, NoOpMiddleware<Duration>>;
type Direct = RateLimiter<NotKeyed, InMemoryState, Elapsed, NoOpMiddleware<Duration>>;

/// A chat may begin with a small burst.
const CHAT_BURST: u32 = 3;
/// Forgotten chats are swept after so many messages.
const SWEEP_EVERY: u32 = 4096;

/// The time since the pacer was made, by the clock that waiting goes by.
#[derive(Clone, Copy, Debug)]
struct Elapsed(Instant);

impl Clock for Elapsed {
    type Instant = Duration;
    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

pub(crate) struct Pacer {
    clock: Elapsed,
    all: Option<Direct>,
    chat: Option<Keyed>,
    group: Option<Keyed>,
    /// What edits that nobody waits for may take of a group's messages.
    spare: Option<Keyed>,
    count: AtomicU32,
}

impl Pacer {
    pub(crate) fn new(limits: Limits) -> Self {
        let clock = Elapsed(Instant::now());
        let keyed = |quota| RateLimiter::new(quota, DashMapStateStore::default(), clock);
        let burst = NonZeroU32::new(CHAT_BURST).unwrap_or(NonZeroU32::MIN);
        let chat = (limits.chat_per_s > 0.0)
            .then(|| Quota::with_period(Duration::from_secs_f64(1.0 / limits.chat_per_s)))
            .flatten()
            .map(|quota| keyed(quota.allow_burst(burst)));
        let per_minute = |n: u32| NonZeroU32::new(n).map(|n| keyed(Quota::per_minute(n)));
        let half = if limits.group_per_min == 0 { 0 } else { (limits.group_per_min / 2).max(1) };
        let all = NonZeroU32::new(limits.global_per_s)
            .map(|n| RateLimiter::new(Quota::per_second(n), InMemoryState::default(), clock));
        let (group, spare) = (per_minute(limits.group_per_min), per_minute(half));
        Self { clock, all, chat, group, spare, count: AtomicU32::new(0) }
    }

    /// Waits until a message may go into a place.
    pub(crate) async fn wait(&self, place: &Place) {
        self.sweep();
        if let Some(chat) = &self.chat {
            self.until(|| chat.check_key(&place.chat)).await;
        }
        if let (Some(group), true) = (&self.group, place.kind != ChatKind::Private) {
            self.until(|| group.check_key(&place.chat)).await;
        }
        if let Some(all) = &self.all {
            self.until(|| all.check()).await;
        }
    }

    async fn until(&self, check: impl Fn() -> Result<(), NotUntil<Duration>>) {
        while let Err(early) = check() {
            tokio::time::sleep(early.wait_time_from(self.clock.now())).await;
        }
    }

    /// Whether an edit that nobody waits for may go now.
    pub(crate) fn spare(&self, place: &Place) -> bool {
        let free =
            |limiter: &Option<Keyed>| limiter.as_ref().is_none_or(|limiter| limiter.check_key(&place.chat).is_ok());
        // The half comes first: an edit that it refuses takes nothing from the answers.
        let group = place.kind == ChatKind::Private || (free(&self.spare) && free(&self.group));
        group && free(&self.chat) && self.all.as_ref().is_none_or(|all| all.check().is_ok())
    }

    fn sweep(&self) {
        if self.count.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            for limiter in [&self.chat, &self.group, &self.spare].into_iter().flatten() {
                limiter.retain_recent();
                limiter.shrink_to_fit();
            }
        }
    }
}

#[cfg(test)]
mod tests;
