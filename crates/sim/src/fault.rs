//! Faults on demand: which request goes wrong, and how.
//!
//! Faults that were pushed are drawn first, in the order they were pushed; then the random mode has
//! its turn. The same seed gives the same sequence of faults for the same sequence of requests.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How a request goes wrong.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Kind {
    /// Refused with 429; the platform's own way of saying for how many seconds.
    TooMany {
        /// Seconds to wait.
        retry_after: u64,
    },
    /// Refused with this status, unprocessed.
    Status(u16),
    /// The connection is reset before anything is processed.
    Reset,
    /// Processed, then the connection is reset: the caller cannot know.
    ResetAfter,
    /// The connection is reset in the middle of the request's body; nothing is processed.
    ResetUpload,
    /// Processed after this time.
    Slow(Duration),
    /// Processed; the connection ends in the middle of the body.
    HalfBody,
    /// On a download (`file`): half of it comes, and looks like all of it.
    Truncated,
    /// 200 with a page instead of JSON, unprocessed, as a proxy in between would.
    Garbage,
    /// Answered with exactly this, unprocessed.
    Answer {
        /// HTTP status.
        status: u16,
        /// Headers beside the content type.
        headers: Vec<(String, String)>,
        /// Body, JSON.
        body: String,
    },
    /// On `getUpdates` (or `webhook`): what is delivered now comes once more later.
    DuplicateUpdates,
    /// On `getUpdates`: what is delivered now comes in reverse order.
    ReverseUpdates,
    /// On a streamed answer: nothing more comes after so many pieces, the connection stays.
    Stall {
        /// Pieces that still come.
        after: usize,
    },
    /// On a streamed answer: the connection ends after so many pieces.
    Cut {
        /// Pieces that still come.
        after: usize,
    },
    /// The provider's filter ends the answer after its first piece.
    ContentFilter,
}

/// A fault waiting for its request.
#[derive(Clone, Debug)]
pub struct Fault {
    on: String,
    kind: Kind,
    times: u32,
    skip: u32,
}

impl Fault {
    /// Makes the next request of that name go wrong: a method (`sendMessage`), `file` for a
    /// download, `webhook` for a delivery, a path below `/v1` as the description writes it
    /// (`/chat/completions`, `/files/{file_id}`), the same with its verb (`post /files`), or `*` for any.
    pub fn on(name: impl Into<String>, kind: Kind) -> Self {
        Self { on: name.into(), kind, times: 1, skip: 0 }
    }
    /// Goes wrong this many times.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }
    /// Lets this many matching requests pass first.
    #[must_use]
    pub fn after(mut self, skip: u32) -> Self {
        self.skip = skip;
        self
    }
    fn matches(&self, name: &str) -> bool {
        let path = name.split_once(' ').map(|(_, path)| path);
        self.on == "*" || self.on == name || path == Some(self.on.as_str())
    }
}

/// The faults of one server.
#[derive(Debug, Default)]
pub struct Faults {
    armed: AtomicBool,
    plan: Mutex<Plan>,
}

#[derive(Debug, Default)]
struct Plan {
    queue: VecDeque<Fault>,
    random: Option<Random>,
    drawn: u64,
}

#[derive(Debug)]
struct Random {
    state: u64,
    probability: f64,
    kinds: Vec<Kind>,
}

impl Faults {
    /// Adds a fault after those that wait already.
    pub fn push(&self, fault: Fault) {
        self.plan().queue.push_back(fault);
        self.armed.store(true, Ordering::Release);
    }
    /// From now on lets each request go wrong with that probability, in one of those ways.
    pub fn random(&self, seed: u64, probability: f64, kinds: Vec<Kind>) {
        self.plan().random = Some(Random { state: seed, probability, kinds });
        self.armed.store(true, Ordering::Release);
    }
    /// Ends all faults, waiting and random ones.
    pub fn clear(&self) {
        let mut plan = self.plan();
        plan.queue.clear();
        plan.random = None;
        self.armed.store(false, Ordering::Release);
    }
    /// How many pushed faults still wait for their request.
    pub fn waiting(&self) -> usize {
        self.plan().queue.iter().map(|fault| fault.times as usize).sum()
    }
    /// How many requests went wrong so far.
    pub fn drawn(&self) -> u64 {
        self.plan().drawn
    }

    pub(crate) fn draw(&self, name: &str) -> Option<Kind> {
        if !self.armed.load(Ordering::Acquire) {
            return None;
        }
        let mut plan = self.plan();
        let drawn = plan.pushed(name).or_else(|| plan.random.as_mut()?.draw());
        plan.drawn += u64::from(drawn.is_some());
        drawn
    }
    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Plan {
    fn pushed(&mut self, name: &str) -> Option<Kind> {
        let at = self.queue.iter().position(|fault| fault.matches(name))?;
        let fault = self.queue.get_mut(at)?;
        if fault.skip > 0 {
            fault.skip -= 1;
            return None;
        }
        fault.times = fault.times.saturating_sub(1);
        let (kind, used_up) = (fault.kind.clone(), fault.times == 0);
        if used_up {
            self.queue.remove(at);
        }
        Some(kind)
    }
}

impl Random {
    fn draw(&mut self) -> Option<Kind> {
        let chance = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        if chance >= self.probability || self.kinds.is_empty() {
            return None;
        }
        let at = self.next() as usize % self.kinds.len();
        self.kinds.get(at).cloned()
    }
    /// splitmix64: small, and good enough to choose faults.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pushed_faults_come_in_order_and_only_on_their_method() {
        let faults = Faults::default();
        faults.push(Fault::on("sendMessage", Kind::Reset).after(1));
        faults.push(Fault::on("*", Kind::Garbage).times(2));
        assert_eq!(faults.draw("sendMessage"), None);
        assert_eq!(faults.draw("getMe"), Some(Kind::Garbage));
        assert_eq!(faults.draw("sendMessage"), Some(Kind::Reset));
        assert_eq!(faults.draw("sendMessage"), Some(Kind::Garbage));
        assert_eq!((faults.draw("sendMessage"), faults.waiting(), faults.drawn()), (None, 0, 3));
    }

    #[test]
    fn the_same_seed_draws_the_same_faults() {
        let draw = |seed| {
            let faults = Faults::default();
            faults.random(seed, 0.3, vec![Kind::Reset, Kind::Status(502)]);
            (0..200).map(|_| faults.draw("getMe")).collect::<Vec<_>>()
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        let hits = draw(7).iter().flatten().count();
        assert!((30..90).contains(&hits), "{hits}");
    }
}
