//! Everything that lasts, behind one type: work in lanes, conversations, people, what was taught.
//!
//! SQLite by default, PostgreSQL when a second machine joins; nobody outside can tell which. All
//! writes of a process go through one task that commits many at once; what returns `Ok` is on disk.
//! Time is always an argument.

mod backup;
mod conversations;
mod engine;
mod error;
mod knowledge;
mod lanes;
mod ops;
mod people;
mod personal;
mod record;
mod writer;

pub use backup::Manifest;
pub use conversations::View;
pub use error::Error;
pub use knowledge::Knowledge;
pub use ops::{Health, Kind, LaneState, Usage, WorkRow, WorkState};
pub use personal::MyData;
pub use record::{Audit, Record, Recorded, Release};

use crate::engine::Pool;
use crate::lanes::{Accept, Claim, Delivered};
use crate::record::Recording;
use crate::writer::{Asked, Verb, Writer};
use domain::ids::{ConversationId, ExchangeId, MessageId, Millis};
use domain::work::{Job, NewWork, Work};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// Where the store is.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// `sqlite://<path>` or `postgres://…`.
    pub url: String,
    /// Directory of files.
    pub blobs: String,
}

/// The store. Clones share everything.
#[derive(Clone)]
pub struct Store {
    pool: Pool,
    writer: Writer,
    fresh: Arc<Notify>,
    config: Arc<Config>,
}

impl Store {
    /// Opens the database, makes it if it is not there, and brings it up to date.
    pub async fn open(config: &Config) -> Result<Self, Error> {
        let pool = Pool::open(&config.url).await?;
        let writer = Writer::start(pool.clone());
        Ok(Self { pool, writer, fresh: Arc::new(Notify::new()), config: Arc::new(config.clone()) })
    }

    /// Waits for running reads and writes, and closes.
    pub async fn close(&self) {
        // One last turn of the writer: what was asked before this is on disk after it.
        let _ = self.writer.other(|_| Box::pin(async { Ok(()) })).await;
        self.pool.close().await;
    }

    /// Which engine it is.
    pub fn kind(&self) -> Kind {
        match self.pool {
            Pool::Sqlite { .. } => Kind::Sqlite,
            Pool::Postgres(_) => Kind::Postgres,
        }
    }

    /// Stores items; for each whether it was new. What was accepted is on disk when this returns.
    pub async fn accept(&self, items: Vec<NewWork>) -> Result<Vec<bool>, Error> {
        let now = items.first().map_or(Millis(0), |item| item.not_before);
        let accepted = self.writer.ask(|tell| Verb::Accept(Asked { what: Accept(items, now), tell })).await?;
        if accepted.contains(&true) {
            self.fresh.notify_one();
        }
        Ok(accepted)
    }

    /// Waits until something was accepted here, at most that long.
    pub async fn wait_for_work(&self, at_most: Duration) {
        let _ = tokio::time::timeout(at_most, self.fresh.notified()).await;
    }

    /// Takes up to `max` lanes that have something due, for `lease_ms` milliseconds; the first item of each.
    pub async fn claim(&self, owner: &str, max: usize, lease_ms: i64, now: Millis) -> Result<Vec<Work>, Error> {
        let max = i64::try_from(max).unwrap_or(i64::MAX);
        let what = Claim { owner: owner.to_owned(), max, until: now.plus(lease_ms), now };
        self.writer.ask(|tell| Verb::Claim(Asked { what, tell })).await
    }

    /// Commits what a turn changes, all of it or nothing. [`Error::Lost`] when the lane is somebody else's.
    pub async fn record(&self, record: Record) -> Result<Recorded, Error> {
        let more = !record.also.is_empty();
        let recorded = self.writer.ask(|tell| Verb::Record(Asked { what: Recording(record), tell })).await?;
        if more {
            self.fresh.notify_one();
        }
        Ok(recorded)
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
        let what = Delivered {
            owner: owner.to_owned(),
            work: work.id,
            lane: work.lane.clone(),
            exchange: exchange.cloned(),
            conversation: conversation.clone(),
            messages,
            now,
        };
        self.writer.ask(|tell| Verb::Delivered(Asked { what, tell })).await
    }

    /// Saves how far an item has come, if its lane is still held.
    pub async fn progress(&self, owner: &str, work: i64, job: &Job) -> Result<(), Error> {
        let (owner, job) = (owner.to_owned(), serde_json::to_string(job)?);
        let touched = self
            .writer
            .other(move |conn| {
                Box::pin(async move {
                    Ok(engine::exec!(
                        *conn,
                        "UPDATE work SET job = $1 WHERE id = $2 AND state = 'open' AND EXISTS \
                         (SELECT 1 FROM lane WHERE lane.name = work.lane AND lane.owner = $3)",
                        job,
                        work,
                        owner
                    )?)
                })
            })
            .await?;
        if touched == 0 { Err(Error::Lost) } else { Ok(()) }
    }

    /// Puts an item off until `at`, and gives its lane back. `counts` says whether it was a failed attempt.
    pub async fn retry(
        &self,
        owner: &str,
        work: &Work,
        at: Millis,
        reason: &str,
        counts: bool,
        _now: Millis,
    ) -> Result<(), Error> {
        let (owner, id, lane, reason) = (owner.to_owned(), work.id, work.lane.clone(), reason.to_owned());
        self.writer
            .other(move |conn| {
                Box::pin(async move { lanes::put_off(conn, &owner, (id, &lane), at, &reason, counts).await })
            })
            .await
    }

    /// Sets an item aside with a reason; the lane's next item, if one is due.
    pub async fn park(&self, owner: &str, work: &Work, reason: &str, now: Millis) -> Result<Option<Work>, Error> {
        let (owner, id, lane, reason) = (owner.to_owned(), work.id, work.lane.clone(), reason.to_owned());
        self.writer
            .other(move |conn| Box::pin(async move { lanes::park(conn, &owner, (id, &lane), &reason, now).await }))
            .await
    }
}
