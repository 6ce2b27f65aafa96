//! Work that keeps a thread busy, watched from outside: its card is brought up to date while it goes on, and a
//! person's stop ends it.

use crate::bot::now;
use crate::learn::card;
use crate::learn::run::Step;
use domain::ids::Lane;
use domain::run::Run;
use domain::work::{Delivery, Job, NewWork, Sent};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often a card changes.
const EVERY: Duration = Duration::from_secs(2);

/// Tells how far the work is, and whether it is to end.
#[derive(Clone)]
pub struct Ticker {
    before: Arc<AtomicU64>,
    within: Arc<AtomicU64>,
    stop: CancellationToken,
}

impl Ticker {
    /// One that nobody looks at.
    #[cfg(test)]
    pub fn unseen() -> Self {
        Self { before: Arc::default(), within: Arc::default(), stop: CancellationToken::new() }
    }
    /// So many bytes of the present file are behind.
    pub fn bytes(&self, bytes: u64) {
        self.within.store(bytes, Ordering::Relaxed);
    }
    /// A file of so many bytes is behind.
    pub fn file_done(&self, bytes: u64) {
        self.within.store(0, Ordering::Relaxed);
        self.before.fetch_add(bytes, Ordering::Relaxed);
    }
    /// Whether the work is to end.
    pub fn is_stopped(&self) -> bool {
        self.stop.is_cancelled()
    }
    fn done(&self) -> u64 {
        self.before.load(Ordering::Relaxed) + self.within.load(Ordering::Relaxed)
    }
}

/// Does such work on a thread of its own.
pub async fn over<T: Send + 'static>(
    step: &Step<'_>,
    run: &mut Run,
    work: impl FnOnce(&Ticker) -> anyhow::Result<T> + Send + 'static,
) -> anyhow::Result<T> {
    let ticker = Ticker { before: Arc::default(), within: Arc::default(), stop: step.stop.child_token() };
    // A step that is dropped half way leaves no thread behind that goes on for nobody.
    let _ends = ticker.stop.clone().drop_guard();
    let inner = ticker.clone();
    let mut working = tokio::task::spawn_blocking(move || work(&inner));
    loop {
        tokio::select! {
            done = &mut working => return done?,
            () = tokio::time::sleep(EVERY) => {
                run.done.0 = ticker.done().min(run.done.1);
                show(step, run).await;
            }
        }
    }
}

/// Brings the card up to date beside the run's own lane; that it cannot be shown stops nothing.
async fn show(step: &Step<'_>, run: &Run) {
    let at = now();
    let delivery = Delivery { place: run.place.clone(), outgoing: card::of(run), sent: Sent::default(), then: None };
    let item = NewWork {
        lane: Lane(format!("run:{}#", run.id)),
        dedupe: format!("run:{}:shown:{}", run.id, at.0),
        job: Job::Deliver(Box::new(delivery)),
        not_before: at,
        interrupts: false,
    };
    if let Err(error) = step.bot.store.accept(vec![item]).await {
        tracing::warn!(%error, "the progress could not be shown");
    }
}
