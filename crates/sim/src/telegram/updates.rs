//! The queue of updates and `getUpdates`: long polling, confirmation by offset, one poller at a time.

use super::params::Params;
use super::refusal::Refusal;
use super::world::World;
use super::{Shared, Told};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Kinds that are only sent when asked for by name.
const ON_DEMAND: [&str; 4] = ["chosen_inline_result", "chat_member", "message_reaction", "message_reaction_count"];

/// An update on its way, written once.
#[derive(Clone)]
pub(super) struct Update {
    pub(super) id: i64,
    pub(super) chat: i64,
    pub(super) json: String,
}

/// What waits for the bot.
pub(super) struct Queue {
    pub(super) pending: VecDeque<Update>,
    /// Comes once more although it was confirmed.
    pub(super) again: VecDeque<Update>,
    pub(super) allowed: Option<Vec<String>>,
    pub(super) webhook: Option<super::webhook::Hook>,
    pub(super) duplicate: bool,
    pub(super) reverse: bool,
    handed: i64,
    poll: u64,
    next: i64,
}

impl Default for Queue {
    fn default() -> Self {
        Self {
            pending: VecDeque::new(),
            again: VecDeque::new(),
            allowed: None,
            webhook: None,
            duplicate: false,
            reverse: false,
            handed: 0,
            poll: 0,
            // Telegram starts anywhere; what must hold is that ids ascend.
            next: 700_000_001,
        }
    }
}

impl Queue {
    fn allows(&self, kind: &str) -> bool {
        match &self.allowed {
            Some(kinds) => kinds.iter().any(|allowed| allowed == kind),
            None => !ON_DEMAND.contains(&kind),
        }
    }

    /// Remembers which kinds the bot asked for; an empty list asks for the usual ones.
    pub(super) fn allow(&mut self, kinds: &[serde_json::Value]) {
        let kinds: Vec<String> = kinds.iter().filter_map(|kind| kind.as_str().map(str::to_owned)).collect();
        self.allowed = (!kinds.is_empty()).then_some(kinds);
    }

    /// Forgets what lies below the offset; a negative one keeps so many from the end.
    fn confirm(&mut self, offset: i64) {
        if offset < 0 {
            let keep = usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX);
            let drop = self.pending.len().saturating_sub(keep);
            self.pending.drain(..drop);
        }
        while self.pending.front().is_some_and(|update| update.id < offset) {
            self.pending.pop_front();
        }
    }

    /// What the next answer holds.
    fn batch(&mut self, limit: usize) -> Vec<Update> {
        let again: Vec<Update> = self.again.drain(..).collect();
        let mut batch: Vec<Update> = again.into_iter().chain(self.pending.iter().cloned()).take(limit).collect();
        if batch.is_empty() {
            return batch;
        }
        if std::mem::take(&mut self.duplicate) {
            self.again.extend(batch.iter().cloned());
        }
        if std::mem::take(&mut self.reverse) {
            batch.reverse();
        }
        batch
    }
}

impl World {
    /// Puts an update into the queue, when the bot wants that kind.
    pub(super) fn emit(&mut self, kind: &str, chat: i64, body: &str) {
        if !self.queue.allows(kind) {
            return;
        }
        let id = self.queue.next;
        self.queue.next += 1;
        let json = format!(r#"{{"update_id":{id},"{kind}":{body}}}"#);
        self.queue.pending.push_back(Update { id, chat, json });
    }

    /// Remembers when an update first left for the bot.
    pub(super) fn hand(&mut self, updates: &[Update]) {
        let now = Instant::now();
        for update in updates.iter().filter(|update| update.id > self.queue.handed) {
            if let Some(room) = self.rooms.get_mut(&update.chat) {
                room.handed.get_or_insert(now);
            }
        }
        let last = updates.iter().map(|update| update.id).max().unwrap_or(0);
        self.queue.handed = self.queue.handed.max(last);
    }
}

enum Turn {
    Ready(Vec<Update>),
    Wait,
}

/// `getUpdates`.
pub(super) async fn poll(shared: &Shared, params: &Params) -> Told {
    let deadline = Instant::now()
        + Duration::from_secs(params.int("timeout").and_then(|s| u64::try_from(s).ok()).unwrap_or(0).min(50));
    let mine = begin(shared, params)?;
    shared.arrived.notify_waiters();
    loop {
        let arrived = shared.arrived.notified();
        tokio::pin!(arrived);
        arrived.as_mut().enable();
        if let Turn::Ready(batch) = turn(shared, params, mine, deadline)? {
            return Ok(join(&batch));
        }
        let _ = tokio::time::timeout_at(deadline.into(), arrived).await;
    }
}

fn begin(shared: &Shared, params: &Params) -> Result<u64, Refusal> {
    let mut world = shared.world();
    refuse_beside_webhook(&world)?;
    if let Some(kinds) = params.list("allowed_updates") {
        world.queue.allow(kinds);
    }
    world.queue.confirm(params.int("offset").unwrap_or(0));
    world.queue.poll += 1;
    Ok(world.queue.poll)
}

fn turn(shared: &Shared, params: &Params, mine: u64, deadline: Instant) -> Result<Turn, Refusal> {
    let mut world = shared.world();
    refuse_beside_webhook(&world)?;
    if world.queue.poll != mine {
        return Err(Refusal::new(
            409,
            "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
        ));
    }
    let limit = params.int("limit").and_then(|limit| usize::try_from(limit).ok()).unwrap_or(100);
    let batch = world.queue.batch(limit);
    if batch.is_empty() && Instant::now() < deadline {
        return Ok(Turn::Wait);
    }
    world.hand(&batch);
    Ok(Turn::Ready(batch))
}

fn refuse_beside_webhook(world: &World) -> Result<(), Refusal> {
    match world.queue.webhook {
        None => Ok(()),
        Some(_) => Err(Refusal::new(
            409,
            "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
        )),
    }
}

fn join(batch: &[Update]) -> String {
    let mut out = String::with_capacity(2 + batch.iter().map(|update| update.json.len() + 1).sum::<usize>());
    out.push('[');
    for (at, update) in batch.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        out.push_str(&update.json);
    }
    out.push(']');
    out
}
