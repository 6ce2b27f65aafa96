//! Looking after the store: leases, health, parked work, codes, sessions, usage, sweeping.

use crate::engine::{exec, read, rows};
use crate::{Error, Store, lanes};
use domain::ids::{Lane, Millis, PersonId};
use serde_json::json;

/// How long ended items keep their dedupe keys, milliseconds: seven days.
const KEEP_DONE_MS: i64 = 7 * 86_400_000;

/// Which engine a store is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// SQLite, in a file.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        })
    }
}

/// How the store is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Health {
    /// Items that wait or are worked on.
    pub open: i64,
    /// Items set aside.
    pub parked: i64,
    /// Age of the oldest open item, milliseconds.
    pub oldest_ms: i64,
    /// Lanes that are held.
    pub lanes_leased: i64,
}

/// A held lane, as the store sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaneState {
    /// The lane.
    pub lane: Lane,
    /// Whether it is still ours.
    pub held: bool,
    /// Whether somebody asked for its running answer to end.
    pub cancel: bool,
}

/// What state an item is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkState {
    /// Waiting, or being worked on.
    Open,
    /// Set aside.
    Parked,
}

impl WorkState {
    /// Its name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Parked => "parked",
        }
    }
}

/// An item, for people to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkRow {
    /// Its number.
    pub id: i64,
    /// Its lane.
    pub lane: Lane,
    /// Its state.
    pub state: WorkState,
    /// Attempts so far.
    pub attempts: i64,
    /// Why it is parked or was put off.
    pub reason: String,
    /// When it was accepted.
    pub created: Millis,
    /// Not before this moment.
    pub not_before: Millis,
}

/// Tokens and money.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Answers.
    pub exchanges: i64,
    /// Tokens of prompts.
    pub prompt_tokens: i64,
    /// Tokens of answers.
    pub completion_tokens: i64,
    /// Cost in millionths of a US dollar, where prices are known.
    pub micro_usd: i64,
}

impl Store {
    /// Keeps lanes for another `lease_ms` milliseconds, and says which are lost or to be cancelled.
    pub async fn heartbeat(
        &self,
        owner: &str,
        lanes: &[Lane],
        lease_ms: i64,
        now: Millis,
    ) -> Result<Vec<LaneState>, Error> {
        let (owner, names, until) = (owner.to_owned(), json!(lanes).to_string(), now.plus(lease_ms).0);
        let found = self
            .writer
            .other(move |conn| {
                Box::pin(async move {
                    let owned: Vec<(String, i64)> = rows!(
                        *conn,
                        (String, i64),
                        "UPDATE lane SET lease_until = $1 WHERE owner = $2 RETURNING name, cancel",
                        until,
                        &owner
                    )?;
                    Ok(owned)
                })
            })
            .await?;
        let _ = names;
        let state = |lane: &Lane| {
            let known = found.iter().find(|(name, _)| *name == lane.0);
            LaneState {
                lane: lane.clone(),
                held: known.is_some(),
                cancel: known.is_some_and(|(_, cancel)| *cancel != 0),
            }
        };
        Ok(lanes.iter().map(state).collect())
    }

    /// Asks whoever holds a lane to end its running answer; false when nobody holds it.
    pub async fn cancel(&self, lane: &Lane) -> Result<bool, Error> {
        let lane = lane.clone();
        let touched = self
            .writer
            .other(move |conn| {
                Box::pin(async move {
                    Ok(exec!(*conn, "UPDATE lane SET cancel = 1 WHERE name = $1 AND owner <> ''", lane.as_str())?)
                })
            })
            .await?;
        Ok(touched > 0)
    }

    /// Gives back every lane that an owner holds.
    pub async fn release(&self, owner: &str) -> Result<(), Error> {
        let owner = owner.to_owned();
        self.writer
            .other(move |conn| {
                Box::pin(async move {
                    exec!(*conn, "UPDATE lane SET owner = '', lease_until = 0 WHERE owner = $1", owner)?;
                    Ok(())
                })
            })
            .await
    }

    /// The next moment at which something is due that is not held, if any.
    pub async fn next_due(&self, _now: Millis) -> Result<Option<Millis>, Error> {
        let found = read!(
            &self.pool,
            (Option<i64>,),
            "SELECT min(CASE WHEN owner = '' THEN ready_at ELSE lease_until END) FROM lane WHERE pending > 0"
        )?;
        Ok(found.first().and_then(|(due,)| *due).map(Millis))
    }

    /// How the store is; an error when it does not answer.
    pub async fn healthy(&self, now: Millis) -> Result<Health, Error> {
        let found = read!(
            &self.pool,
            (i64, i64, i64, i64),
            "SELECT (SELECT coalesce(CAST(sum(pending) AS BIGINT), 0) FROM lane WHERE pending > 0), (SELECT count(*) FROM work WHERE state = 'parked'), \
             (SELECT coalesce(min(created_at), 0) FROM work WHERE state = 'open'), (SELECT count(*) FROM lane WHERE pending > 0 AND owner <> '')"
        )?;
        let Some((open, parked, oldest, lanes_leased)) = found.into_iter().next() else { return Err(Error::NotFound) };
        let oldest_ms = if oldest == 0 { 0 } else { now.0.saturating_sub(oldest) };
        Ok(Health { open, parked, oldest_ms, lanes_leased })
    }

    /// Items in a state, oldest first.
    pub async fn work_list(&self, state: WorkState, limit: u32) -> Result<Vec<WorkRow>, Error> {
        type Row = (i64, String, i64, String, i64, i64);
        let found = read!(
            &self.pool,
            Row,
            "SELECT id, lane, attempts, reason, created_at, not_before FROM work WHERE state = $1 ORDER BY id LIMIT $2",
            state.name(),
            i64::from(limit)
        )?;
        let row = |(id, lane, attempts, reason, created, due): Row| WorkRow {
            id,
            lane: Lane(lane),
            state,
            attempts,
            reason,
            created: Millis(created),
            not_before: Millis(due),
        };
        Ok(found.into_iter().map(row).collect())
    }

    /// Tries a parked or waiting item again, now; false when there is none of that number.
    pub async fn work_retry(&self, id: i64, by: &PersonId, now: Millis) -> Result<bool, Error> {
        let by = by.clone();
        let done = self
            .writer
            .other(move |conn| {
                Box::pin(async move {
                    let done = lanes::revive(conn, id, now).await?;
                    exec!(
                        *conn,
                        "INSERT INTO audit (person, what, detail, at) VALUES ($1, 'work', $2, $3)",
                        by.as_str(),
                        format!("retry {id}"),
                        now.0
                    )?;
                    Ok(done)
                })
            })
            .await?;
        self.fresh.notify_one();
        Ok(done)
    }

    /// Gives an item up; false when there is none of that number.
    pub async fn work_drop(&self, id: i64, by: &PersonId, now: Millis) -> Result<bool, Error> {
        let by = by.clone();
        self.writer
            .other(move |conn| {
                Box::pin(async move {
                    let done = lanes::give_up(conn, id, now).await?;
                    exec!(
                        *conn,
                        "INSERT INTO audit (person, what, detail, at) VALUES ($1, 'work', $2, $3)",
                        by.as_str(),
                        format!("drop {id}"),
                        now.0
                    )?;
                    Ok(done)
                })
            })
            .await
    }

    /// Sweeps away what is no longer needed: keys of long ended items, expired codes and sessions.
    pub async fn prune(&self, now: Millis) -> Result<(), Error> {
        self.writer
            .other(move |conn| {
                Box::pin(async move {
                    exec!(*conn, "DELETE FROM work WHERE state = 'done' AND done_at < $1", now.plus(-KEEP_DONE_MS).0)?;
                    exec!(*conn, "DELETE FROM code WHERE expires_at < $1", now.0)?;
                    exec!(*conn, "DELETE FROM session WHERE expires_at < $1", now.0)?;
                    Ok(())
                })
            })
            .await
    }

    /// Keeps a one-time code by its hash.
    pub async fn put_code(&self, kind: &str, hash: &str, expires: Millis, data: &str) -> Result<(), Error> {
        let (kind, hash, data) = (kind.to_owned(), hash.to_owned(), data.to_owned());
        self.writer
            .other(move |conn| {
                Box::pin(async move {
                    exec!(
                        *conn,
                        "INSERT INTO code (kind, hash, expires_at, data) VALUES ($1, $2, $3, $4)",
                        kind,
                        hash,
                        expires.0,
                        data
                    )?;
                    Ok(())
                })
            })
            .await
    }

    /// Uses a one-time code up; its data if it was good.
    pub async fn take_code(&self, kind: &str, hash: &str, now: Millis) -> Result<Option<String>, Error> {
        let (kind, hash) = (kind.to_owned(), hash.to_owned());
        self.writer
            .other(move |conn| {
                Box::pin(async move {
                    let taken: Vec<(String, i64)> = rows!(
                        *conn,
                        (String, i64),
                        "DELETE FROM code WHERE kind = $1 AND hash = $2 RETURNING data, expires_at",
                        kind,
                        hash
                    )?;
                    Ok(taken.into_iter().next().filter(|(_, expires)| *expires >= now.0).map(|(data, _)| data))
                })
            })
            .await
    }

    /// Opens a session of the page.
    pub async fn put_session(&self, hash: &str, person: &PersonId, expires: Millis) -> Result<(), Error> {
        let (hash, person) = (hash.to_owned(), person.clone());
        self.writer
            .other(move |conn| {
                Box::pin(async move {
                    exec!(
                        *conn,
                        "INSERT INTO session (hash, person, expires_at) VALUES ($1, $2, $3)",
                        hash,
                        person.as_str(),
                        expires.0
                    )?;
                    Ok(())
                })
            })
            .await
    }

    /// Whose session it is, while it lasts.
    pub async fn session(&self, hash: &str, now: Millis) -> Result<Option<PersonId>, Error> {
        let found = read!(
            &self.pool,
            (String,),
            "SELECT person FROM session WHERE hash = $1 AND expires_at >= $2",
            hash,
            now.0
        )?;
        Ok(found.into_iter().next().map(|(id,)| PersonId(id)))
    }

    /// Ends a session.
    pub async fn drop_session(&self, hash: &str) -> Result<(), Error> {
        let hash = hash.to_owned();
        self.writer
            .other(move |conn| {
                Box::pin(async move {
                    exec!(*conn, "DELETE FROM session WHERE hash = $1", hash)?;
                    Ok(())
                })
            })
            .await
    }

    /// Tokens and money of one person, in all.
    pub async fn usage_of(&self, person: &PersonId) -> Result<Usage, Error> {
        let found = read!(
            &self.pool,
            (i64, i64, i64, i64),
            "SELECT CAST(coalesce(sum(exchanges), 0) AS BIGINT), CAST(coalesce(sum(prompt_tokens), 0) AS BIGINT), \
             CAST(coalesce(sum(completion_tokens), 0) AS BIGINT), CAST(coalesce(sum(micro_usd), 0) AS BIGINT) FROM usage WHERE person = $1",
            person.as_str()
        )?;
        let usage = |(exchanges, prompt_tokens, completion_tokens, micro_usd)| Usage {
            exchanges,
            prompt_tokens,
            completion_tokens,
            micro_usd,
        };
        Ok(found.into_iter().next().map(usage).unwrap_or_default())
    }
}
