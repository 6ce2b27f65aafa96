//! The worker's side of the store: accept, claim, keep, record, deliver, put off, set aside.
//!
//! Each is one verb of the writer; none of them does anything when the lane has passed to somebody
//! else ([`Error::Lost`]).

use crate::batch::{End, Outcome, Verb};
use crate::{Error, LaneState, Record, Recorded, Store};
use domain::ids::{ConversationId, ExchangeId, Lane, MessageId, Millis};
use domain::work::{Job, NewWork, Work};
use std::time::Duration;

impl Store {
    /// Stores items; for each whether it was new. What was accepted is on disk when this returns.
    pub async fn accept(&self, items: Vec<NewWork>) -> Result<Vec<bool>, Error> {
        let Outcome::Accepted(new) = self.writer.ask(Verb::Accept(items)).await? else { return Ok(Vec::new()) };
        if new.contains(&true) {
            self.wake.wake();
        }
        Ok(new)
    }

    /// Waits until something was accepted, here or on another replica, at most that long.
    pub async fn wait_for_work(&self, at_most: Duration) {
        self.wake.wait(at_most).await;
    }

    /// Takes up to `max` lanes that have something due, for `lease_ms` milliseconds; the first item of
    /// each. An attempt of each of these items counts as begun.
    pub async fn claim(&self, owner: &str, max: usize, lease_ms: i64, now: Millis) -> Result<Vec<Work>, Error> {
        let max = i64::try_from(max).unwrap_or(i64::MAX);
        let verb = Verb::Claim { owner: owner.to_owned(), max, until: now.plus(lease_ms), now };
        Ok(claimed(self.writer.ask(verb).await?))
    }

    /// As [`Self::claim`], and when nothing is due waits for it, at most that long. What is accepted
    /// meanwhile is claimed in the very commit that stores it.
    pub async fn claim_or_wait(
        &self,
        owner: &str,
        max: usize,
        lease_ms: i64,
        now: Millis,
        at_most: Duration,
    ) -> Result<Vec<Work>, Error> {
        let max = i64::try_from(max).unwrap_or(i64::MAX);
        let verb = Verb::Claim { owner: owner.to_owned(), max, until: now.plus(lease_ms), now };
        // A claim that is made just when the time is over goes back to its lanes.
        match tokio::time::timeout(at_most, self.writer.ask_patiently(verb)).await {
            Ok(outcome) => Ok(claimed(outcome?)),
            Err(_) => Ok(Vec::new()),
        }
    }

    /// Keeps lanes for another `lease_ms` milliseconds, and says which are lost or to be cancelled.
    pub async fn heartbeat(
        &self,
        owner: &str,
        lanes: &[Lane],
        lease_ms: i64,
        now: Millis,
    ) -> Result<Vec<LaneState>, Error> {
        let verb = Verb::Beat { owner: owner.to_owned(), lanes: lanes.to_vec(), until: now.plus(lease_ms) };
        let Outcome::Lanes(states) = self.writer.ask(verb).await? else { return Ok(Vec::new()) };
        let state = |(lane, (held, cancel)): (&Lane, (bool, bool))| LaneState { lane: lane.clone(), held, cancel };
        Ok(lanes.iter().zip(states).map(state).collect())
    }

    /// Asks whoever holds a lane to end its running answer; false when nobody holds it. The wish is
    /// forgotten when the lane's item ends.
    pub async fn cancel(&self, lane: &Lane) -> Result<bool, Error> {
        Ok(matches!(self.writer.ask(Verb::Cancel(lane.clone())).await?, Outcome::Did(true)))
    }

    /// Gives back every lane that an owner holds.
    pub async fn release(&self, owner: &str) -> Result<(), Error> {
        self.writer.ask(Verb::Release { owner: owner.to_owned() }).await?;
        self.wake.wake();
        Ok(())
    }

    /// Commits what a turn changes, all of it or nothing. [`Error::Lost`] when the lane is somebody else's.
    pub async fn record(&self, record: Record) -> Result<Recorded, Error> {
        let more = !record.also.is_empty();
        let outcome = self.writer.ask(Verb::Record(Box::new(record))).await?;
        if more {
            self.wake.wake();
        }
        Ok(Recorded { next: next(outcome) })
    }

    /// Ends a delivery: notes the messages that show an answer; the lane's next item, if one is due.
    pub async fn delivered(
        &self,
        owner: &str,
        work: &Work,
        exchange: Option<&ExchangeId>,
        conversation: &ConversationId,
        messages: Vec<MessageId>,
        now: Millis,
    ) -> Result<Option<Work>, Error> {
        let (exchange, conversation) = (exchange.cloned(), conversation.clone());
        self.end(owner, work, End::Delivered { exchange, conversation, messages, then: None }, now).await
    }

    /// Notes the messages of a delivery that something follows: the item becomes that, with whoever holds its lane.
    pub async fn delivered_before(
        &self,
        owner: &str,
        work: &Work,
        exchange: ExchangeId,
        conversation: ConversationId,
        messages: Vec<MessageId>,
        then: Job,
    ) -> Result<Work, Error> {
        let going_on = Work { job: then.clone(), attempts: 0, ..work.clone() };
        let how = End::Delivered { exchange: Some(exchange), conversation, messages, then: Some(then) };
        self.end(owner, work, how, work.created).await?;
        Ok(going_on)
    }

    /// Saves how far an item has come, if its lane is still held.
    pub async fn progress(&self, owner: &str, work: i64, job: &Job) -> Result<(), Error> {
        let verb = Verb::Progress { owner: owner.to_owned(), work, job: serde_json::to_string(job)? };
        self.writer.ask(verb).await.map(drop)
    }

    /// Puts an item off until `at`, and gives its lane back. `counts` says whether it was a failed attempt.
    pub async fn retry(
        &self,
        owner: &str,
        work: &Work,
        at: Millis,
        reason: &str,
        counts: bool,
        now: Millis,
    ) -> Result<(), Error> {
        self.end(owner, work, End::Retry { at, reason: reason.to_owned(), counts }, now).await.map(drop)
    }

    /// Sets an item aside with a reason; the lane's next item, if one is due.
    pub async fn park(&self, owner: &str, work: &Work, reason: &str, now: Millis) -> Result<Option<Work>, Error> {
        self.end(owner, work, End::Park { reason: reason.to_owned() }, now).await
    }

    async fn end(&self, owner: &str, work: &Work, how: End, now: Millis) -> Result<Option<Work>, Error> {
        let verb = Verb::End { owner: owner.to_owned(), work: work.id, lane: work.lane.clone(), how, now };
        Ok(next(self.writer.ask(verb).await?))
    }
}

fn claimed(outcome: Outcome) -> Vec<Work> {
    match outcome {
        Outcome::Claimed(items) => items,
        _ => Vec::new(),
    }
}

fn next(outcome: Outcome) -> Option<Work> {
    match outcome {
        Outcome::Next(next) => next,
        _ => None,
    }
}
