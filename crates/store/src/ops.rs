//! Looking after the store: its health, work that waits or is parked, sweeping.

use crate::engine::{Conn, args};
use crate::lanes;
use crate::record::audit;
use crate::{Audit, Error, Store};
use domain::ids::{Lane, Millis, PersonId};

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

impl Store {
    /// The next moment at which a lane is due: free with something to do, or its lease over. It may
    /// lie in the past, when something is due now.
    pub async fn next_due(&self, _now: Millis) -> Result<Option<Millis>, Error> {
        let found: Option<(Option<i64>,)> =
            self.pool.row("SELECT min(due_at) FROM lane WHERE pending > 0", Vec::new()).await?;
        Ok(found.and_then(|(due,)| due).map(Millis))
    }

    /// How the store is; an error when it does not answer.
    pub async fn healthy(&self, now: Millis) -> Result<Health, Error> {
        let found: Option<(i64, i64, i64, i64)> = self
            .pool
            .row(
                "SELECT (SELECT count(*) FROM work WHERE state = 'open'), (SELECT count(*) FROM work WHERE state = 'parked'), \
                 (SELECT coalesce(min(created_at), 0) FROM work WHERE state = 'open'), \
                 (SELECT count(*) FROM lane WHERE pending > 0 AND owner <> '')",
                Vec::new(),
            )
            .await?;
        let (open, parked, oldest, lanes_leased) = found.ok_or(Error::NotFound)?;
        let oldest_ms = if oldest == 0 { 0 } else { now.since(Millis(oldest)) };
        Ok(Health { open, parked, oldest_ms, lanes_leased })
    }

    /// Items in a state, oldest first.
    pub async fn work_list(&self, state: WorkState, limit: u32) -> Result<Vec<WorkRow>, Error> {
        type Row = (i64, String, i64, String, i64, i64);
        let found: Vec<Row> = self
            .pool
            .rows(
                "SELECT id, lane, attempts, reason, created_at, not_before FROM work WHERE state = $1 ORDER BY id LIMIT $2",
                args![state.name(), limit],
            )
            .await?;
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
                    let done = reopen(conn, id, now).await?;
                    note(conn, done, by, format!("retry {id}"), now).await
                })
            })
            .await?;
        self.wake.wake();
        Ok(done)
    }

    /// Gives an item up; false when there is none of that number. An attempt that is running finds
    /// its item lost.
    pub async fn work_drop(&self, id: i64, by: &PersonId, now: Millis) -> Result<bool, Error> {
        let by = by.clone();
        self.writer
            .other(move |conn| {
                Box::pin(async move {
                    let done = give_up(conn, id, now).await?;
                    note(conn, done, by, format!("drop {id}"), now).await
                })
            })
            .await
    }

    /// Gives up what waits in a lane to be said aloud, but not the item that somebody is working on; whether there was any.
    pub async fn hush(&self, lane: &Lane, now: Millis) -> Result<bool, Error> {
        let lane = lane.as_str().to_owned();
        self.writer
            .other(move |conn| {
                Box::pin(async move {
                    lanes::lock(conn, &serde_json::to_string(&[&lane])?, "[]").await?;
                    let given_up = conn
                        .run(
                            "UPDATE work SET state = 'done', job = '', done_at = $1 WHERE lane = $2 AND state = 'open' \
                             AND job LIKE '{\"job\":\"speak\"%' AND (id > (SELECT min(w.id) FROM work AS w WHERE \
                             w.lane = $2 AND w.state = 'open') OR (SELECT owner FROM lane WHERE name = $2) = '')",
                            args![now, lane.as_str()],
                        )
                        .await?;
                    if given_up > 0 {
                        recount(conn, &lane).await?;
                    }
                    Ok(given_up > 0)
                })
            })
            .await
    }

    /// Sweeps away what is no longer needed: keys of long ended items, idle lanes, expired codes and
    /// sessions. In small portions, so that nobody waits long behind it.
    pub async fn prune(&self, now: Millis) -> Result<(), Error> {
        let old = now.plus(-KEEP_DONE_MS);
        for (sql, at) in SWEEPS {
            let at = if *at { old } else { now };
            while self.sweep(sql, at).await? == PORTION {}
        }
        Ok(())
    }

    async fn sweep(&self, sql: &'static str, at: Millis) -> Result<u64, Error> {
        let portion = i64::try_from(PORTION).unwrap_or(i64::MAX);
        self.writer.other(move |conn| Box::pin(async move { conn.run(sql, args![at, portion]).await })).await
    }
}

/// Most rows that are swept away in one transaction.
const PORTION: u64 = 1000;

/// What is swept away: up to `$2` rows from before `$1`, which is seven days ago or (false) now.
const SWEEPS: &[(&str, bool)] = &[
    (
        "DELETE FROM work WHERE id IN (SELECT id FROM work WHERE state = 'done' AND done_at < $1 ORDER BY done_at LIMIT $2)",
        true,
    ),
    (
        "DELETE FROM lane WHERE pending = 0 AND owner = '' AND name IN (SELECT name FROM lane WHERE pending = 0 AND due_at < $1 LIMIT $2)",
        true,
    ),
    ("DELETE FROM code WHERE hash IN (SELECT hash FROM code WHERE expires_at < $1 LIMIT $2)", false),
    ("DELETE FROM session WHERE hash IN (SELECT hash FROM session WHERE expires_at < $1 LIMIT $2)", false),
];

async fn note(conn: &mut Conn<'_>, done: bool, by: PersonId, detail: String, at: Millis) -> Result<bool, Error> {
    if done {
        audit(conn, &Audit { person: by, what: "work".to_owned(), detail, at }).await?;
    }
    Ok(done)
}

/// Locks the lane of an item that has not ended; its lane and state.
async fn find(conn: &mut Conn<'_>, id: i64) -> Result<Option<(String, String)>, Error> {
    const FIND: &str = "SELECT lane, state FROM work WHERE id = $1 AND state <> 'done'";
    let found: Vec<(String, String)> = conn.rows(FIND, args![id]).await?;
    let Some((lane, _)) = found.into_iter().next() else { return Ok(None) };
    lanes::lock(conn, &serde_json::to_string(&[lane])?, "[]").await?;
    // Read again now that nobody else can change it.
    Ok(conn.rows(FIND, args![id]).await?.into_iter().next())
}

async fn reopen(conn: &mut Conn<'_>, id: i64, now: Millis) -> Result<bool, Error> {
    let Some((lane, _)) = find(conn, id).await? else { return Ok(false) };
    conn.run(
        "UPDATE work SET state = 'open', attempts = 0, not_before = $1, reason = '' WHERE id = $2",
        args![now, id],
    )
    .await?;
    recount(conn, &lane).await?;
    Ok(true)
}

async fn give_up(conn: &mut Conn<'_>, id: i64, now: Millis) -> Result<bool, Error> {
    let Some((lane, _)) = find(conn, id).await? else { return Ok(false) };
    conn.run("UPDATE work SET state = 'done', job = '', done_at = $1 WHERE id = $2", args![now, id]).await?;
    recount(conn, &lane).await?;
    Ok(true)
}

/// Counts the items of a locked lane anew; if it is free, somebody looks at it at once.
pub(crate) async fn recount(conn: &mut Conn<'_>, lane: &str) -> Result<(), Error> {
    conn.run(
        "UPDATE lane SET pending = (SELECT count(*) FROM work WHERE work.lane = $1 AND work.state = 'open'), \
         attempts = CASE WHEN owner = '' THEN 0 ELSE attempts END, \
         due_at = CASE WHEN owner = '' THEN 0 ELSE due_at END WHERE name = $1",
        args![lane],
    )
    .await?;
    // A lane whose last item was dropped under its holder has nothing to hold.
    conn.run("UPDATE lane SET owner = '', attempts = 0, cancel = 0 WHERE name = $1 AND pending = 0", args![lane])
        .await?;
    Ok(())
}
