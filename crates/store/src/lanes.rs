//! Lanes and work items: accepting, claiming, keeping and ending them.
//!
//! A lane's row counts its open items, so that "is anything left" is decided on the row that is
//! locked; a lease is held on the lane. Every statement here serves a whole batch.

use crate::Error;
use crate::engine::{Conn, each, exec, rows};
use crate::writer::Write;
use domain::ids::{ConversationId, ExchangeId, Lane, MessageId, Millis};
use domain::work::{Job, NewWork, Work};
use futures::future::BoxFuture;
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};

/// New items.
pub(crate) struct Accept(pub(crate) Vec<NewWork>, pub(crate) Millis);

impl Write for Accept {
    type Done = Vec<bool>;
    fn all<'a>(
        many: &'a [&'a Self],
        conn: &'a mut Conn<'_>,
    ) -> BoxFuture<'a, Result<Vec<Result<Vec<bool>, Error>>, Error>> {
        Box::pin(async move {
            let items: Vec<&NewWork> = many.iter().flat_map(|accept| &accept.0).collect();
            let now = many.first().map_or(Millis(0), |accept| accept.1);
            let mut fresh = accept(conn, &items, now).await?;
            Ok(many.iter().map(|accept| Ok(accept.0.iter().map(|item| fresh.remove(&item.dedupe)).collect())).collect())
        })
    }
}

/// Stores items; the dedupe keys that were new.
pub(crate) async fn accept(conn: &mut Conn<'_>, items: &[&NewWork], now: Millis) -> Result<HashSet<String>, Error> {
    if items.is_empty() {
        return Ok(HashSet::new());
    }
    let keys = json!(items.iter().map(|item| &item.dedupe).collect::<Vec<_>>()).to_string();
    let known: HashSet<String> = known_keys(conn, &keys).await?;
    let mut fresh = HashSet::new();
    let mut given = Vec::new();
    for item in items {
        if !known.contains(&item.dedupe) && fresh.insert(item.dedupe.clone()) {
            given.push(json!({"l": item.lane, "d": item.dedupe, "j": serde_json::to_string(&item.job)?, "n": item.not_before, "c": now}));
        }
    }
    if given.is_empty() {
        return Ok(fresh);
    }
    let given = Value::from(given).to_string();
    // Two replicas may be brought the same update at once: the key decides, and the loser's batch is
    // taken apart, where it then finds the key.
    each!(
        *conn,
        &given,
        "INSERT INTO work (lane, dedupe, job, not_before, created_at) SELECT value->>'l', value->>'d', value->>'j', CAST(value->>'n' AS BIGINT), CAST(value->>'c' AS BIGINT) FROM",
        ""
    )?;
    each!(
        *conn,
        &given,
        "INSERT INTO lane (name, pending, ready_at) SELECT value->>'l', count(*), min(CAST(value->>'n' AS BIGINT)) FROM",
        "WHERE true GROUP BY value->>'l' ORDER BY value->>'l' ON CONFLICT (name) DO UPDATE SET \
         ready_at = CASE WHEN lane.pending = 0 OR excluded.ready_at < lane.ready_at THEN excluded.ready_at ELSE lane.ready_at END, \
         pending = lane.pending + excluded.pending"
    )?;
    Ok(fresh)
}

async fn known_keys(conn: &mut Conn<'_>, keys: &str) -> Result<HashSet<String>, Error> {
    let known: Vec<(String,)> = match conn {
        Conn::Sqlite(c) => {
            sqlx::query_as("SELECT dedupe FROM work WHERE dedupe IN (SELECT value FROM json_each($1))")
                .bind(keys)
                .fetch_all(&mut **c)
                .await?
        }
        Conn::Postgres(c) => {
            sqlx::query_as("SELECT dedupe FROM work WHERE dedupe IN (SELECT jsonb_array_elements_text($1::jsonb))")
                .bind(keys)
                .fetch_all(&mut **c)
                .await?
        }
    };
    Ok(known.into_iter().map(|(key,)| key).collect())
}

/// Lanes to take.
pub(crate) struct Claim {
    pub(crate) owner: String,
    pub(crate) max: i64,
    pub(crate) until: Millis,
    pub(crate) now: Millis,
}

impl Write for Claim {
    type Done = Vec<Work>;
    fn all<'a>(
        many: &'a [&'a Self],
        conn: &'a mut Conn<'_>,
    ) -> BoxFuture<'a, Result<Vec<Result<Vec<Work>, Error>>, Error>> {
        Box::pin(async move {
            let mut all = Vec::with_capacity(many.len());
            for claim in many {
                all.push(Ok(claim.take(conn).await?));
            }
            Ok(all)
        })
    }
}

impl Claim {
    async fn take(&self, conn: &mut Conn<'_>) -> Result<Vec<Work>, Error> {
        let taken: Vec<(String,)> = match conn {
            Conn::Sqlite(c) => sqlx::query_as(
                "UPDATE lane SET owner = $1, lease_until = $2, cancel = 0 WHERE name IN (SELECT name FROM lane \
                 WHERE pending > 0 AND ready_at <= $3 AND (owner = '' OR lease_until < $3) ORDER BY ready_at LIMIT $4) RETURNING name",
            ).bind(&self.owner).bind(self.until.0).bind(self.now.0).bind(self.max).fetch_all(&mut **c).await?,
            Conn::Postgres(c) => sqlx::query_as(
                "UPDATE lane SET owner = $1, lease_until = $2, cancel = 0 WHERE name IN (SELECT name FROM lane \
                 WHERE pending > 0 AND ready_at <= $3 AND (owner = '' OR lease_until < $3) ORDER BY ready_at LIMIT $4 \
                 FOR UPDATE SKIP LOCKED) RETURNING name",
            ).bind(&self.owner).bind(self.until.0).bind(self.now.0).bind(self.max).fetch_all(&mut **c).await?,
        };
        let lanes: Vec<String> = taken.into_iter().map(|(name,)| name).collect();
        let first = first_items(conn, &lanes, self.now).await?;
        let none: Vec<&String> = lanes.iter().filter(|lane| !first.contains_key(*lane)).collect();
        settle_lanes(conn, &self.owner, &none, &HashMap::new(), self.now).await?;
        Ok(first.into_values().collect())
    }
}

/// The first open item of each lane, when it is due.
pub(crate) async fn first_items(
    conn: &mut Conn<'_>,
    lanes: &[String],
    now: Millis,
) -> Result<HashMap<String, Work>, Error> {
    if lanes.is_empty() {
        return Ok(HashMap::new());
    }
    type Row = (i64, String, String, i64, i64, i64);
    let names = json!(lanes).to_string();
    let found: Vec<Row> = match conn {
        Conn::Sqlite(c) => sqlx::query_as(
            "SELECT id, lane, job, attempts, created_at, not_before FROM work WHERE id IN (SELECT \
             (SELECT min(id) FROM work WHERE state = 'open' AND lane = given.value) FROM json_each($1) AS given)",
        ).bind(names).fetch_all(&mut **c).await?,
        Conn::Postgres(c) => sqlx::query_as(
            "SELECT id, lane, job, attempts, created_at, not_before FROM work WHERE id IN (SELECT \
             (SELECT min(id) FROM work WHERE state = 'open' AND lane = given.value) FROM jsonb_array_elements_text($1::jsonb) AS given(value))",
        ).bind(names).fetch_all(&mut **c).await?,
    };
    let mut first = HashMap::new();
    for (id, lane, job, attempts, created, not_before) in found {
        if not_before > now.0 {
            continue;
        }
        let job: Job = serde_json::from_str(&job)?;
        let work = Work {
            id,
            lane: Lane(lane.clone()),
            job,
            attempts: u32::try_from(attempts).unwrap_or(u32::MAX),
            created: Millis(created),
        };
        first.insert(lane, work);
    }
    Ok(first)
}

/// Counts ended items off their lanes, and gives back the lanes that have nothing due.
pub(crate) async fn settle_lanes(
    conn: &mut Conn<'_>,
    owner: &str,
    free: &[&String],
    ended: &HashMap<String, i64>,
    _now: Millis,
) -> Result<(), Error> {
    if !ended.is_empty() {
        let given: Vec<_> = ended.iter().map(|(lane, count)| json!({"l": lane, "n": count})).collect();
        let given = Value::from(given).to_string();
        each!(
            *conn,
            &given,
            "UPDATE lane SET cancel = 0, pending = pending - given.n FROM (SELECT value->>'l' AS l, CAST(value->>'n' AS BIGINT) AS n FROM",
            ") AS given WHERE lane.name = given.l"
        )?;
    }
    if !free.is_empty() {
        let given = Value::from(free.iter().map(|lane| json!({"l": lane})).collect::<Vec<_>>()).to_string();
        each!(
            *conn,
            &given,
            "UPDATE lane SET owner = '', lease_until = 0, ready_at = coalesce((SELECT not_before FROM work WHERE state = 'open' AND work.lane = lane.name ORDER BY id LIMIT 1), ready_at) WHERE name IN (SELECT value->>'l' FROM",
            ") AND owner = $2",
            owner
        )?;
    }
    Ok(())
}

/// The lanes of these that the owner still holds, locked until the end of the transaction.
pub(crate) async fn held(conn: &mut Conn<'_>, owner: &str, lanes: &[&Lane]) -> Result<HashSet<String>, Error> {
    let names = json!(lanes).to_string();
    let held: Vec<(String,)> = match conn {
        Conn::Sqlite(c) => sqlx::query_as("SELECT name FROM lane WHERE owner = $1 AND name IN (SELECT value FROM json_each($2))").bind(owner).bind(names).fetch_all(&mut **c).await?,
        Conn::Postgres(c) => sqlx::query_as("SELECT name FROM lane WHERE owner = $1 AND name IN (SELECT jsonb_array_elements_text($2::jsonb)) ORDER BY name FOR UPDATE").bind(owner).bind(names).fetch_all(&mut **c).await?,
    };
    Ok(held.into_iter().map(|(name,)| name).collect())
}

/// Ends items of lanes that are held; each lane's next item, if it is due, is handed back with the
/// lane, the others are given back.
pub(crate) async fn end(
    conn: &mut Conn<'_>,
    owner: &str,
    items: &[(i64, &Lane)],
    now: Millis,
) -> Result<HashMap<String, Work>, Error> {
    if items.is_empty() {
        return Ok(HashMap::new());
    }
    let given: Vec<_> = items.iter().map(|(id, _)| json!({"i": id})).collect();
    let given = Value::from(given).to_string();
    each!(
        *conn,
        &given,
        "UPDATE work SET state = 'done', job = '', done_at = $2 WHERE id IN (SELECT CAST(value->>'i' AS BIGINT) FROM",
        ") AND state = 'open'",
        now.0
    )?;
    let lanes: Vec<String> = items.iter().map(|(_, lane)| lane.0.clone()).collect();
    let next = first_items(conn, &lanes, now).await?;
    let mut ended = HashMap::new();
    for lane in &lanes {
        *ended.entry(lane.clone()).or_insert(0) += 1;
    }
    let free: Vec<&String> = lanes.iter().filter(|lane| !next.contains_key(*lane)).collect();
    settle_lanes(conn, owner, &free, &ended, now).await?;
    Ok(next)
}

/// A delivery that has arrived.
pub(crate) struct Delivered {
    pub(crate) owner: String,
    pub(crate) work: i64,
    pub(crate) lane: Lane,
    pub(crate) exchange: Option<ExchangeId>,
    pub(crate) conversation: ConversationId,
    pub(crate) messages: Vec<MessageId>,
    pub(crate) now: Millis,
}

impl Write for Delivered {
    type Done = Option<Work>;
    fn all<'a>(
        many: &'a [&'a Self],
        conn: &'a mut Conn<'_>,
    ) -> BoxFuture<'a, Result<Vec<Result<Option<Work>, Error>>, Error>> {
        Box::pin(async move {
            let Some(first) = many.first() else { return Ok(Vec::new()) };
            let lanes: Vec<&Lane> = many.iter().map(|d| &d.lane).collect();
            let held = held(conn, &first.owner, &lanes).await?;
            let ours: Vec<&&Self> = many.iter().filter(|d| held.contains(&d.lane.0)).collect();
            note_shown(conn, &ours).await?;
            let items: Vec<_> = ours.iter().map(|d| (d.work, &d.lane)).collect();
            let mut next = end(conn, &first.owner, &items, first.now).await?;
            Ok(many
                .iter()
                .map(|d| if held.contains(&d.lane.0) { Ok(next.remove(&d.lane.0)) } else { Err(Error::Lost) })
                .collect())
        })
    }
}

async fn note_shown(conn: &mut Conn<'_>, delivered: &[&&Delivered]) -> Result<(), Error> {
    let mut shown = Vec::new();
    for done in delivered {
        let Some(exchange) = &done.exchange else { continue };
        for (place, message) in done.messages.iter().enumerate() {
            shown.push(json!({"c": done.conversation, "m": message, "e": exchange, "p": place}));
        }
    }
    if shown.is_empty() {
        return Ok(());
    }
    let shown = Value::from(shown).to_string();
    each!(
        *conn,
        &shown,
        "INSERT INTO shown (conversation, message, exchange, place) SELECT value->>'c', value->>'m', value->>'e', CAST(value->>'p' AS BIGINT) FROM",
        "WHERE true ON CONFLICT (conversation, message) DO UPDATE SET exchange = excluded.exchange, place = excluded.place"
    )?;
    Ok(())
}

/// Puts an item off, and gives its lane back.
pub(crate) async fn put_off(
    conn: &mut Conn<'_>,
    owner: &str,
    (work, lane): (i64, &Lane),
    at: Millis,
    reason: &str,
    counts: bool,
) -> Result<(), Error> {
    if held(conn, owner, &[lane]).await?.is_empty() {
        return Err(Error::Lost);
    }
    exec!(
        *conn,
        "UPDATE work SET not_before = $1, reason = $2, attempts = attempts + $3 WHERE id = $4 AND state = 'open'",
        at.0,
        reason,
        i64::from(counts),
        work
    )?;
    settle_lanes(conn, owner, &[&lane.0], &HashMap::new(), at).await
}

/// Parks an item; the lane's next one.
pub(crate) async fn park(
    conn: &mut Conn<'_>,
    owner: &str,
    (work, lane): (i64, &Lane),
    reason: &str,
    now: Millis,
) -> Result<Option<Work>, Error> {
    if held(conn, owner, &[lane]).await?.is_empty() {
        return Err(Error::Lost);
    }
    exec!(*conn, "UPDATE work SET state = 'parked', reason = $1 WHERE id = $2 AND state = 'open'", reason, work)?;
    let mut next = first_items(conn, std::slice::from_ref(&lane.0), now).await?;
    let free: Vec<&String> = if next.is_empty() { vec![&lane.0] } else { Vec::new() };
    settle_lanes(conn, owner, &free, &HashMap::from([(lane.0.clone(), 1)]), now).await?;
    Ok(next.remove(&lane.0))
}

/// Takes parked or waiting items up again.
pub(crate) async fn revive(conn: &mut Conn<'_>, id: i64, now: Millis) -> Result<bool, Error> {
    let found: Vec<(String, String)> =
        rows!(*conn, (String, String), "SELECT lane, state FROM work WHERE id = $1 AND state <> 'done'", id)?;
    let Some((lane, state)) = found.into_iter().next() else { return Ok(false) };
    exec!(
        *conn,
        "UPDATE work SET state = 'open', attempts = 0, not_before = $1, reason = '' WHERE id = $2",
        now.0,
        id
    )?;
    let more = i64::from(state == "parked");
    exec!(*conn, "UPDATE lane SET pending = pending + $1, ready_at = $2 WHERE name = $3", more, now.0, &lane)?;
    Ok(true)
}

/// Gives an item up.
pub(crate) async fn give_up(conn: &mut Conn<'_>, id: i64, now: Millis) -> Result<bool, Error> {
    let found: Vec<(String, String)> =
        rows!(*conn, (String, String), "SELECT lane, state FROM work WHERE id = $1 AND state <> 'done'", id)?;
    let Some((lane, state)) = found.into_iter().next() else { return Ok(false) };
    exec!(*conn, "UPDATE work SET state = 'done', job = '', done_at = $1 WHERE id = $2", now.0, id)?;
    if state == "open" {
        exec!(*conn, "UPDATE lane SET pending = pending - 1 WHERE name = $1", &lane)?;
    }
    Ok(true)
}
