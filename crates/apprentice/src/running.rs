//! The answers that are being written right now, by lane, so that a stop finds them at once.

use domain::ids::Lane;
use domain::work::{Job, Work};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio_util::sync::CancellationToken;

/// Which lanes this process holds, with the token that ends each lane's running answer.
#[derive(Clone, Default)]
pub struct Running(Arc<Mutex<HashMap<Lane, Attempt>>>);

/// The item that a lane is working on.
struct Attempt {
    /// Its key, empty for what nobody said.
    dedupe: String,
    token: CancellationToken,
    /// Whether an answer is still being found; what is being delivered cannot be stopped any more.
    answering: bool,
}

impl Running {
    /// Notes that a lane is being worked on; the token is cancelled by [`Running::stop`]. The entry
    /// goes when the guard is dropped.
    pub fn enter(&self, work: &Work) -> Entered {
        let (lane, token) = (&work.lane, CancellationToken::new());
        let dedupe = match &work.job {
            Job::Handle { incoming, .. } => incoming.dedupe.clone(),
            Job::Deliver(_) | Job::Speak(_) | Job::Summarise { .. } | Job::Run { .. } | Job::Shadow { .. } => {
                String::new()
            }
        };
        let answering = match &work.job {
            Job::Deliver(delivery) => delivery.then.is_some(),
            _ => true,
        };
        self.lanes().insert(lane.clone(), Attempt { dedupe, token: token.clone(), answering });
        Entered { token, lane: lane.clone(), running: self.clone() }
    }

    /// Ends the running answer of a lane; whether there was one, none when the lane is not held here.
    pub fn stop(&self, lane: &Lane) -> Option<bool> {
        self.lanes().get(lane).map(|attempt| {
            attempt.token.cancel();
            attempt.answering
        })
    }

    /// Whether somebody wants what a lane is working on to end.
    pub fn is_stopped(&self, lane: &Lane) -> bool {
        self.lanes().get(lane).is_some_and(|attempt| attempt.token.is_cancelled())
    }

    /// Notes that a lane's answer is found.
    pub fn found(&self, lane: &Lane) {
        if let Some(attempt) = self.lanes().get_mut(lane) {
            attempt.answering = false;
        }
    }

    /// Ends the running answer of a lane, if it answers something else than the item of this key.
    pub fn interrupt(&self, lane: &Lane, dedupe: &str) {
        if let Some(attempt) = self.lanes().get(lane)
            && attempt.dedupe != dedupe
        {
            attempt.token.cancel();
        }
    }

    /// The lanes held by this process.
    pub fn held(&self) -> Vec<Lane> {
        self.lanes().keys().cloned().collect()
    }

    fn lanes(&self) -> std::sync::MutexGuard<'_, HashMap<Lane, Attempt>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A lane that is being worked on.
pub struct Entered {
    /// Cancelled when the answer is to end.
    pub token: CancellationToken,
    lane: Lane,
    running: Running,
}

impl Drop for Entered {
    fn drop(&mut self) {
        self.running.lanes().remove(&self.lane);
    }
}
