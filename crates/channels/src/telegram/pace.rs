//! How fast the bot speaks: per chat, per group and in all. Answers wait for their turn; drafts and edits
//! of a running answer only go when nobody has to wait for them.

use super::Limits;
use domain::incoming::{ChatKind, Place};
use governor::clock::DefaultClock;
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

type Keyed =
    RateLimiter<String, DashMapStateStore<String>, DefaultClock, NoOpMiddleware<governor::clock::QuantaInstant>>;

/// A chat may begin with a small burst.
const CHAT_BURST: u32 = 3;
/// Forgotten chats are swept after so many messages.
const SWEEP_EVERY: u32 = 4096;

pub(crate) struct Pacer {
    all: Option<DefaultDirectRateLimiter>,
    chat: Option<Keyed>,
    group: Option<Keyed>,
    count: AtomicU32,
}

impl Pacer {
    pub(crate) fn new(limits: Limits) -> Self {
        let burst = NonZeroU32::new(CHAT_BURST).unwrap_or(NonZeroU32::MIN);
        let chat = (limits.chat_per_s > 0.0)
            .then(|| Quota::with_period(Duration::from_secs_f64(1.0 / limits.chat_per_s)))
            .flatten()
            .map(|quota| RateLimiter::keyed(quota.allow_burst(burst)));
        let group = NonZeroU32::new(limits.group_per_min).map(|n| RateLimiter::keyed(Quota::per_minute(n)));
        let all = NonZeroU32::new(limits.global_per_s).map(|n| RateLimiter::direct(Quota::per_second(n)));
        Self { all, chat, group, count: AtomicU32::new(0) }
    }

    /// Waits until a message may go into a place.
    pub(crate) async fn wait(&self, place: &Place) {
        self.sweep();
        if let Some(chat) = &self.chat {
            chat.until_key_ready(&place.chat).await;
        }
        if let (Some(group), true) = (&self.group, place.kind != ChatKind::Private) {
            group.until_key_ready(&place.chat).await;
        }
        if let Some(all) = &self.all {
            all.until_ready().await;
        }
    }

    /// Whether an edit that nobody waits for may go now; it leaves half of the room to answers.
    pub(crate) fn spare(&self, place: &Place) -> bool {
        let free =
            |limiter: &Option<Keyed>| limiter.as_ref().is_none_or(|limiter| limiter.check_key(&place.chat).is_ok());
        let group = place.kind == ChatKind::Private || free(&self.group);
        group && free(&self.chat) && self.all.as_ref().is_none_or(|all| all.check().is_ok())
    }

    fn sweep(&self) {
        if self.count.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            for limiter in [&self.chat, &self.group].into_iter().flatten() {
                limiter.retain_recent();
                limiter.shrink_to_fit();
            }
        }
    }
}
