//! The rows of lanes: who holds them, until when, how much they still have.
//!
//! `pending` counts a lane's open items on the row itself, so "is anything left" is decided on the
//! row that is locked and no wake-up is lost. `due_at` is when somebody should look at the lane:
//! when its first item is due while it is free, when its lease ends while it is held.

use crate::Error;
use crate::engine::{Conn, Sql, args, sql};
use domain::ids::{Lane, Millis};
use domain::work::{Job, Work};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// A lane's columns: name, pending, due_at, owner, attempts, cancel.
pub(crate) type Row = (String, i64, i64, String, i64, i64);

/// A lane.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct State {
    pending: i64,
    due_at: i64,
    owner: String,
    /// Attempts of its first item that were begun.
    attempts: i64,
    cancel: i64,
}

/// The locked lanes of a batch, as they were and as they will be.
pub(crate) struct Lanes {
    before: BTreeMap<String, State>,
    rows: BTreeMap<String, State>,
}

/// Locks lanes until the end of the transaction, in the order of their names: those named, made
/// where they are not there yet, and those of items.
pub(crate) async fn lock(conn: &mut Conn<'_>, names: &str, items: &str) -> Result<Vec<Row>, Error> {
    if conn.is_shared() {
        // A row that is not there cannot be locked.
        conn.later(
            "INSERT INTO lane (name) SELECT value FROM json_array_elements_text($1::json) WHERE NOT EXISTS \
             (SELECT 1 FROM lane WHERE lane.name = value) ORDER BY value ON CONFLICT (name) DO NOTHING",
            args![names],
        )
        .await?;
    }
    const LOCK: Sql = Sql {
        sqlite: "SELECT name, pending, due_at, owner, attempts, cancel FROM lane WHERE name IN (SELECT value FROM json_each($1) \
                 UNION ALL SELECT lane FROM work WHERE id IN (SELECT value FROM json_each($2)))",
        postgres: "SELECT name, pending, due_at, owner, attempts, cancel FROM lane WHERE name IN \
                   (SELECT value FROM json_array_elements_text($1::json) UNION ALL SELECT lane FROM work WHERE id IN \
                   (SELECT CAST(value AS BIGINT) FROM json_array_elements_text($2::json))) ORDER BY name FOR UPDATE",
    };
    conn.rows(LOCK, args![names, items]).await
}

impl Lanes {
    /// Lanes as they were found.
    pub(crate) fn of(rows: Vec<Row>) -> Self {
        let state = |(name, pending, due_at, owner, attempts, cancel): Row| {
            (name, State { pending, due_at, owner, attempts, cancel })
        };
        let rows: BTreeMap<String, State> = rows.into_iter().map(state).collect();
        Self { before: rows.clone(), rows }
    }

    fn row(&mut self, lane: &str) -> &mut State {
        self.rows.entry(lane.to_owned()).or_default()
    }

    pub(crate) fn is_held(&self, lane: &str, by: &str) -> bool {
        !by.is_empty() && self.rows.get(lane).is_some_and(|row| row.owner == by)
    }
    pub(crate) fn attempts(&self, lane: &str) -> i64 {
        self.rows.get(lane).map_or(0, |row| row.attempts)
    }
    pub(crate) fn has_more(&self, lane: &str) -> bool {
        self.rows.get(lane).is_some_and(|row| row.pending > 0)
    }
    /// One more item.
    pub(crate) fn add(&mut self, lane: &str, due: Millis) {
        let row = self.row(lane);
        if row.pending == 0 && row.owner.is_empty() {
            row.due_at = due.0;
        }
        row.pending += 1;
    }
    /// Its first item has ended.
    pub(crate) fn end(&mut self, lane: &str) {
        let row = self.row(lane);
        row.pending -= 1;
        row.attempts = 0;
        row.cancel = 0;
    }
    /// Its first item has been put off.
    pub(crate) fn put_off(&mut self, lane: &str, counts: bool) {
        let row = self.row(lane);
        row.attempts -= i64::from(!counts);
        row.cancel = 0;
    }
    /// Its first item has become a delivery, whose first attempt begins.
    pub(crate) fn begin_delivery(&mut self, lane: &str) {
        let row = self.row(lane);
        row.attempts = 1;
        row.cancel = 0;
    }
    /// Whoever holds it begins its next item.
    pub(crate) fn keep(&mut self, lane: &str) {
        self.row(lane).attempts = 1;
    }
    /// It is given back; `due` is when its first item is, none for at once.
    pub(crate) fn free(&mut self, lane: &str, due: Option<Millis>) {
        let row = self.row(lane);
        row.owner = String::new();
        row.due_at = due.map_or(0, |due| due.0);
    }
    /// It is given back untouched, if it is still held.
    pub(crate) fn give_back(&mut self, lane: &str, owner: &str) {
        if self.is_held(lane, owner) {
            self.put_off(lane, false);
            self.free(lane, None);
        }
    }
    /// A sign of life: whether it is still held, and whether its answer is to end.
    pub(crate) fn beat(&mut self, lane: &str, owner: &str, until: Millis) -> (bool, bool) {
        if !self.is_held(lane, owner) {
            return (false, false);
        }
        let row = self.row(lane);
        row.due_at = until.0;
        (true, row.cancel != 0)
    }
    /// Asks whoever holds it to end; whether anybody does.
    pub(crate) fn cancel(&mut self, lane: &str) -> bool {
        match self.rows.get_mut(lane) {
            Some(row) if !row.owner.is_empty() => {
                row.cancel = 1;
                true
            }
            _ => false,
        }
    }

    /// Writes back the rows that changed.
    pub(crate) async fn save(&mut self, conn: &mut Conn<'_>) -> Result<(), Error> {
        #[derive(Serialize)]
        struct Changed<'a> {
            lane: &'a str,
            n: i64,
            due: i64,
            holder: &'a str,
            tries: i64,
            stop: i64,
        }
        let changed = self.rows.iter().filter(|(name, row)| self.before.get(*name) != Some(*row));
        let changed: Vec<Changed<'_>> = changed
            .map(|(lane, row)| Changed {
                lane,
                n: row.pending,
                due: row.due_at,
                holder: &row.owner,
                tries: row.attempts.max(0),
                stop: row.cancel,
            })
            .collect();
        if changed.is_empty() {
            return Ok(());
        }
        conn.later(
            sql![
                "INSERT INTO lane (name, pending, due_at, owner, attempts, cancel) \
                 SELECT r.lane, r.n, r.due, r.holder, r.tries, r.stop FROM ",
                (lane text, n bigint, due bigint, holder text, tries bigint, stop bigint),
                "WHERE true ON CONFLICT (name) DO UPDATE SET pending = excluded.pending, due_at = excluded.due_at, \
                 owner = excluded.owner, attempts = excluded.attempts, cancel = excluded.cancel"
            ],
            args![serde_json::to_string(&changed)?],
        )
        .await
    }
}

/// The first open item of a lane.
pub(crate) struct Head {
    id: i64,
    lane: String,
    job: String,
    created: i64,
    pub(crate) not_before: Millis,
}

macro_rules! heads {
    ($many:literal, $one:literal, $given:literal) => {
        concat!(
            "SELECT coalesce(CAST(",
            $many,
            "(",
            $one,
            "(id, lane, job, created_at, not_before)) AS TEXT), '[]') FROM work ",
            "WHERE id IN (SELECT (SELECT min(w.id) FROM work AS w WHERE w.state = 'open' AND w.lane = value) FROM ",
            $given,
            ")"
        )
    };
}

impl Head {
    /// The first open item of each lane that has one.
    pub(crate) async fn of(conn: &mut Conn<'_>, lanes: &[&str]) -> Result<HashMap<String, Self>, Error> {
        if lanes.is_empty() {
            return Ok(HashMap::new());
        }
        // As one JSON text: rows are dear to bring from SQLite's thread.
        const HEADS: Sql = Sql {
            sqlite: heads!("json_group_array", "json_array", "json_each($1)"),
            postgres: heads!("json_agg", "json_build_array", "json_array_elements_text($1::json) AS r(value)"),
        };
        let found: Option<(String,)> = conn.row(HEADS, args![serde_json::to_string(lanes)?]).await?;
        let found: Vec<(i64, String, String, i64, i64)> = match found {
            Some((found,)) => serde_json::from_str(&found)?,
            None => Vec::new(),
        };
        let head = |(id, lane, job, created, due): (i64, String, String, i64, i64)| {
            (lane.clone(), Self { id, lane, job, created, not_before: Millis(due) })
        };
        Ok(found.into_iter().map(head).collect())
    }

    pub(crate) fn into_work(self, attempts: i64) -> Result<Work, Error> {
        let job: Job = serde_json::from_str(&self.job)?;
        let attempts = u32::try_from(attempts.max(0)).unwrap_or(u32::MAX);
        Ok(Work { id: self.id, lane: Lane(self.lane), job, attempts, created: Millis(self.created) })
    }
}

/// Takes up to `max` lanes that have something due and that nobody holds; the first item of each.
pub(crate) async fn claim(
    conn: &mut Conn<'_>,
    owner: &str,
    max: i64,
    until: Millis,
    now: Millis,
) -> Result<Vec<Work>, Error> {
    let taken: Vec<(String, i64)> = conn
        .rows(
            sql![
                "WITH due AS MATERIALIZED (SELECT name AS free FROM lane WHERE pending > 0 AND due_at <= $3 \
                 ORDER BY due_at LIMIT $4 ",
                skip,
                ") UPDATE lane SET owner = $1, due_at = $2, attempts = lane.attempts + 1 FROM due \
                 WHERE lane.name = due.free RETURNING name, attempts"
            ],
            args![owner, until, now, max],
        )
        .await?;
    if taken.is_empty() {
        return Ok(Vec::new());
    }
    let names: Vec<&str> = taken.iter().map(|(lane, _)| lane.as_str()).collect();
    let mut heads = Head::of(conn, &names).await?;
    let (mut claimed, mut early) = (Vec::with_capacity(taken.len()), Vec::new());
    for (lane, attempts) in &taken {
        match heads.remove(lane) {
            Some(head) if head.not_before <= now => match head.into_work(attempts - 1) {
                Ok(work) => claimed.push(work),
                Err(error) => {
                    tracing::error!(%error, lane, "an item cannot be read; its lane waits until somebody drops it");
                    early.push((lane, None));
                }
            },
            head => early.push((lane, head.map(|head| head.not_before))),
        }
    }
    give_up(conn, &early, now).await?;
    claimed.sort_by_key(|work| work.id);
    Ok(claimed)
}

/// How long a lane is left alone whose first item cannot be read, milliseconds.
const UNREADABLE_MS: i64 = 60_000;

/// Gives back lanes that turned out to have nothing due, and counts their items anew.
async fn give_up(conn: &mut Conn<'_>, lanes: &[(&String, Option<Millis>)], now: Millis) -> Result<(), Error> {
    for (lane, due) in lanes {
        conn.run(
            "UPDATE lane SET owner = '', due_at = $2, attempts = attempts - 1, \
             pending = (SELECT count(*) FROM work WHERE work.lane = $1 AND work.state = 'open') WHERE name = $1",
            args![*lane, due.unwrap_or(now.plus(UNREADABLE_MS))],
        )
        .await?;
    }
    Ok(())
}
