//! What one commit does: many verbs of lanes and turns, kind by kind, in a dozen statements.
//!
//! The rows of all lanes that a batch touches are locked first, in the order of their names, so
//! that two replicas can neither deadlock nor miss each other's changes. From then on what becomes
//! of a lane is worked out here, on the locked rows, and written back once.

use crate::Error;
use crate::engine::{Conn, args, sql};
use crate::lanes::{Head, Lanes};
use crate::record::{self, Record};
use domain::ids::{ConversationId, ExchangeId, Lane, MessageId, Millis};
use domain::work::{Job, NewWork, Work};
use serde::Serialize;
use std::collections::{HashMap, HashSet};

/// A write that shares its commit with others.
#[derive(Debug)]
pub(crate) enum Verb {
    /// Store new items.
    Accept(Vec<NewWork>),
    /// Take lanes that have something due.
    Claim { owner: String, max: i64, until: Millis, now: Millis },
    /// Keep lanes that are held.
    Beat { owner: String, lanes: Vec<Lane>, until: Millis },
    /// Ask for a running answer to end.
    Cancel(Lane),
    /// Give back all lanes of an owner.
    Release { owner: String },
    /// Save how far an item has come.
    Progress { owner: String, work: i64, job: String },
    /// Commit a turn.
    Record(Box<Record>),
    /// An attempt is over.
    End { owner: String, work: i64, lane: Lane, how: End, now: Millis },
}

/// How an attempt ended.
#[derive(Debug)]
pub(crate) enum End {
    /// What was to be delivered has arrived.
    Delivered { exchange: Option<ExchangeId>, conversation: ConversationId, messages: Vec<MessageId> },
    /// Again, not before this moment.
    Retry { at: Millis, reason: String, counts: bool },
    /// Set aside.
    Park { reason: String },
}

/// What a verb leads to.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// It is done.
    Done,
    /// Whether it made a difference.
    Did(bool),
    /// For each new item whether it was new.
    Accepted(Vec<bool>),
    /// The items of the lanes that were taken.
    Claimed(Vec<Work>),
    /// The lane's next item.
    Next(Option<Work>),
    /// For each lane whether it is still held, and whether its answer is to end.
    Lanes(Vec<(bool, bool)>),
}

impl Verb {
    /// The item that it changes.
    pub(crate) fn item(&self) -> Option<i64> {
        match self {
            Self::Progress { work, .. } | Self::End { work, .. } => Some(*work),
            Self::Record(record) => Some(record.work),
            _ => None,
        }
    }
    fn lanes(&self) -> Vec<&Lane> {
        match self {
            Self::Accept(items) => items.iter().map(|item| &item.lane).collect(),
            Self::Beat { lanes, .. } => lanes.iter().collect(),
            Self::Cancel(lane) | Self::End { lane, .. } => vec![lane],
            Self::Record(record) => {
                std::iter::once(&record.lane).chain(record.also.iter().map(|item| &item.lane)).collect()
            }
            Self::Claim { .. } | Self::Release { .. } | Self::Progress { .. } => Vec::new(),
        }
    }
}

/// Does all of a batch inside the caller's transaction; one outcome each, in order.
pub(crate) async fn execute(conn: &mut Conn<'_>, verbs: &[&Verb]) -> Result<Vec<Result<Outcome, Error>>, Error> {
    let mut batch = Batch::begin(conn, verbs).await?;
    batch.check_owners();
    batch.change_items(conn).await?;
    batch.accept(conn).await?;
    batch.hand_on(conn).await?;
    batch.write_turns(conn).await?;
    batch.tend_lanes();
    batch.lanes.save(conn).await?;
    batch.give_back(conn).await?;
    batch.claim(conn).await?;
    if batch.accepted && conn.is_shared() {
        conn.run("SELECT pg_notify('apprentice_work', '')", Vec::new()).await?;
    }
    Ok(batch.outcomes.into_iter().map(|outcome| outcome.unwrap_or(Err(Error::Busy))).collect())
}

struct Batch<'v> {
    verbs: &'v [&'v Verb],
    lanes: Lanes,
    outcomes: Vec<Option<Result<Outcome, Error>>>,
    /// Lanes of the items whose progress is saved.
    progressing: HashMap<i64, String>,
    /// Whether new items came.
    accepted: bool,
}

/// A change of an item that is open; what is none stays as it is.
#[derive(Serialize, Default)]
struct Change<'v> {
    item: i64,
    state: &'static str,
    job: Option<String>,
    due: Option<i64>,
    why: &'v str,
    tries: Option<i64>,
    ended: i64,
    /// 1 when the item is answered by this; an answered item is not answered again.
    answers: i64,
}

impl<'v> Batch<'v> {
    async fn begin(conn: &mut Conn<'_>, verbs: &'v [&'v Verb]) -> Result<Self, Error> {
        let progressing = lanes_of_progress(conn, verbs).await?;
        let named = verbs.iter().flat_map(|verb| verb.lanes()).map(|lane| lane.as_str());
        let names: Vec<&str> = named.chain(progressing.values().map(String::as_str)).collect();
        let lanes = Lanes::lock(conn, names).await?;
        let outcomes = verbs.iter().map(|_| None).collect();
        Ok(Self { verbs, lanes, outcomes, progressing, accepted: false })
    }

    fn set(&mut self, at: usize, outcome: Result<Outcome, Error>) {
        if let Some(slot) = self.outcomes.get_mut(at) {
            *slot = Some(outcome);
        }
    }

    fn is_open(&self, at: usize) -> bool {
        matches!(self.outcomes.get(at), Some(None))
    }

    /// Verbs that still have no outcome, with their places.
    fn open(&self) -> Vec<(usize, &'v Verb)> {
        self.verbs.iter().enumerate().filter(|(at, _)| self.is_open(*at)).map(|(at, verb)| (at, *verb)).collect()
    }

    fn check_owners(&mut self) {
        for (at, verb) in self.open() {
            let (owner, lane) = match verb {
                Verb::Record(record) => (&record.owner, record.lane.as_str()),
                Verb::End { owner, lane, .. } => (owner, lane.as_str()),
                Verb::Progress { owner, work, .. } => {
                    (owner, self.progressing.get(work).map(String::as_str).unwrap_or_default())
                }
                _ => continue,
            };
            if !self.lanes.is_held(lane, owner) {
                self.set(at, Err(Error::Lost));
            }
        }
    }

    /// Ends, puts off and rewrites items. An item that is not open any more is lost for its verb.
    async fn change_items(&mut self, conn: &mut Conn<'_>) -> Result<(), Error> {
        let mut changes = Vec::new();
        for (at, verb) in self.open() {
            if let Some(change) = self.change(verb)? {
                changes.push((at, change));
            }
        }
        if changes.is_empty() {
            return Ok(());
        }
        let rows: Vec<&Change<'_>> = changes.iter().map(|(_, change)| change).collect();
        let changed: Vec<(i64,)> = conn
            .rows(
                sql![
                    "UPDATE work SET state = r.state, job = coalesce(r.job, work.job), \
                     not_before = coalesce(r.due, work.not_before), reason = r.why, \
                     attempts = coalesce(r.tries, work.attempts), done_at = r.ended, answered = work.answered + r.answers FROM ",
                    (item bigint, state text, job text, due bigint, why text, tries bigint, ended bigint, answers bigint),
                    "WHERE work.id = r.item AND work.state = 'open' AND work.answered + r.answers <= 1 RETURNING id"
                ],
                args![serde_json::to_string(&rows)?],
            )
            .await?;
        let changed: HashSet<i64> = changed.into_iter().map(|(id,)| id).collect();
        for (at, change) in &changes {
            if !changed.contains(&change.item) {
                let outcome = answered_before(conn, change).await?;
                self.set(*at, outcome);
            } else if let Some(Verb::Progress { .. }) = self.verbs.get(*at) {
                self.set(*at, Ok(Outcome::Done));
            }
        }
        Ok(())
    }

    fn change(&self, verb: &'v Verb) -> Result<Option<Change<'v>>, Error> {
        Ok(Some(match verb {
            Verb::Progress { work, job, .. } => {
                Change { item: *work, state: "open", job: Some(job.clone()), ..Change::default() }
            }
            Verb::Record(record) => match &record.becomes {
                Some(delivery) => {
                    let job = serde_json::to_string(&Job::Deliver(Box::new(delivery.clone())))?;
                    Change { item: record.work, state: "open", job: Some(job), answers: 1, ..Change::default() }
                }
                None => done(record.work, record.now),
            },
            Verb::End { work, lane, how, now, .. } => match how {
                End::Delivered { .. } => done(*work, *now),
                End::Park { reason } => {
                    let tries = Some(self.lanes.attempts(lane.as_str()));
                    Change { item: *work, state: "parked", why: reason, tries, ..Change::default() }
                }
                End::Retry { at, reason, counts } => {
                    let tries = Some(self.lanes.attempts(lane.as_str()) - i64::from(!counts));
                    Change { item: *work, state: "open", due: Some(at.0), why: reason, tries, ..Change::default() }
                }
            },
            _ => return Ok(None),
        }))
    }

    /// Stores new items, those that turns bring along included.
    async fn accept(&mut self, conn: &mut Conn<'_>) -> Result<(), Error> {
        let mut items = Vec::new();
        for (_, verb) in self.open() {
            match verb {
                Verb::Accept(new) => items.extend(new.iter().map(|item| (item, item.not_before))),
                Verb::Record(record) => items.extend(record.also.iter().map(|item| (item, record.now))),
                _ => {}
            }
        }
        let mut fresh = insert(conn, &items).await?;
        self.accepted = !fresh.is_empty();
        for (at, verb) in self.open() {
            let new = match verb {
                Verb::Accept(new) => new,
                Verb::Record(record) => &record.also,
                _ => continue,
            };
            let told = new.iter().map(|item| {
                let is_new = fresh.remove(&item.dedupe);
                if is_new {
                    self.lanes.add(item.lane.as_str(), item.not_before);
                }
                is_new
            });
            let told: Vec<bool> = told.collect();
            if let Verb::Accept(_) = verb {
                self.set(at, Ok(Outcome::Accepted(told)));
            }
        }
        Ok(())
    }

    /// Looks what is next in lanes whose item has ended: the next item goes to whoever held the
    /// lane, if it is due; else the lane is given back.
    async fn hand_on(&mut self, conn: &mut Conn<'_>) -> Result<(), Error> {
        let mut ending = Vec::new();
        for (at, verb) in self.open() {
            if let Some((lane, keeps, now)) = self.end_item(verb) {
                ending.push((at, lane, keeps, now));
            }
        }
        let names: Vec<&str> =
            ending.iter().map(|(_, lane, ..)| *lane).filter(|lane| self.lanes.has_more(lane)).collect();
        let mut heads = Head::of(conn, &names).await?;
        for (at, lane, keeps, now) in ending {
            let head = heads.remove(lane);
            let next = match head {
                Some(head) if keeps && head.not_before <= now => {
                    self.lanes.keep(lane);
                    Some(head.into_work(0)?)
                }
                head => {
                    self.lanes.free(lane, head.map(|head| head.not_before));
                    None
                }
            };
            self.set(at, Ok(Outcome::Next(next)));
        }
        Ok(())
    }

    /// Counts an ended item off its lane; whether its holder would keep the lane for the next one.
    fn end_item(&mut self, verb: &'v Verb) -> Option<(&'v str, bool, Millis)> {
        match verb {
            Verb::Record(record) if record.becomes.is_some() => {
                self.lanes.begin_delivery(record.lane.as_str());
                None
            }
            Verb::Record(record) => {
                self.lanes.end(record.lane.as_str());
                Some((record.lane.as_str(), true, record.now))
            }
            Verb::End { lane, how: End::Retry { counts, .. }, now, .. } => {
                self.lanes.put_off(lane.as_str(), *counts);
                Some((lane.as_str(), false, *now))
            }
            Verb::End { lane, now, .. } => {
                self.lanes.end(lane.as_str());
                Some((lane.as_str(), true, *now))
            }
            _ => None,
        }
    }

    /// Writes what turns leave behind, and which messages show which answers.
    async fn write_turns(&mut self, conn: &mut Conn<'_>) -> Result<(), Error> {
        let mut records = Vec::new();
        let mut shown = Vec::new();
        for (at, verb) in self.verbs.iter().enumerate() {
            if matches!(self.outcomes.get(at), Some(Some(Err(_)))) {
                continue;
            }
            match verb {
                Verb::Record(record) if !matches!(self.outcomes.get(at), Some(Some(Ok(Outcome::Done)))) => {
                    records.push(record.as_ref());
                }
                Verb::End { how: End::Delivered { exchange: Some(exchange), conversation, messages }, .. } => {
                    shown.push((exchange, conversation, messages.as_slice()));
                }
                _ => {}
            }
        }
        record::write(conn, &records).await?;
        record::write_shown(conn, &shown).await?;
        for (at, verb) in self.open() {
            if let Verb::Record(_) = verb {
                self.set(at, Ok(Outcome::Next(None)));
            }
        }
        Ok(())
    }

    /// Signs of life and wishes to stop.
    fn tend_lanes(&mut self) {
        for (at, verb) in self.open() {
            let outcome = match verb {
                Verb::Beat { owner, lanes, until } => {
                    Outcome::Lanes(lanes.iter().map(|lane| self.lanes.beat(lane.as_str(), owner, *until)).collect())
                }
                Verb::Cancel(lane) => Outcome::Did(self.lanes.cancel(lane.as_str())),
                _ => continue,
            };
            self.set(at, Ok(outcome));
        }
    }

    async fn give_back(&mut self, conn: &mut Conn<'_>) -> Result<(), Error> {
        for (at, verb) in self.open() {
            if let Verb::Release { owner } = verb {
                conn.run(
                    // What was interrupted by a shutdown was no failed attempt.
                    "UPDATE lane SET owner = '', due_at = 0, attempts = CASE WHEN attempts > 0 THEN attempts - 1 ELSE 0 END \
                     WHERE owner = $1 AND pending > 0",
                    args![owner],
                )
                .await?;
                self.accepted = true;
                self.set(at, Ok(Outcome::Done));
            }
        }
        Ok(())
    }

    async fn claim(&mut self, conn: &mut Conn<'_>) -> Result<(), Error> {
        for (at, verb) in self.open() {
            if let Verb::Claim { owner, max, until, now } = verb {
                let claimed = crate::lanes::claim(conn, owner, *max, *until, *now).await?;
                self.set(at, Ok(Outcome::Claimed(claimed)));
            }
        }
        Ok(())
    }
}

fn done(item: i64, now: Millis) -> Change<'static> {
    Change { item, state: "done", job: Some(String::new()), ended: now.0, ..Change::default() }
}

/// Why an item could not be changed: it ended or was taken away, or this very answer was committed
/// before and only the word of it got lost.
async fn answered_before(conn: &mut Conn<'_>, change: &Change<'_>) -> Result<Result<Outcome, Error>, Error> {
    if change.answers == 0 {
        return Ok(Err(Error::Lost));
    }
    let open: Vec<(i64,)> =
        conn.rows("SELECT id FROM work WHERE id = $1 AND state = 'open'", args![change.item]).await?;
    Ok(if open.is_empty() { Err(Error::Lost) } else { Ok(Outcome::Done) })
}

async fn lanes_of_progress(conn: &mut Conn<'_>, verbs: &[&Verb]) -> Result<HashMap<i64, String>, Error> {
    #[derive(Serialize)]
    struct Row {
        item: i64,
    }
    let rows = verbs.iter().filter_map(|verb| match verb {
        Verb::Progress { work, .. } => Some(Row { item: *work }),
        _ => None,
    });
    let rows: Vec<Row> = rows.collect();
    if rows.is_empty() {
        return Ok(HashMap::new());
    }
    let found: Vec<(i64, String)> = conn
        .rows(
            sql!["SELECT id, lane FROM work WHERE id IN (SELECT r.item FROM ", (item bigint), ")"],
            args![serde_json::to_string(&rows)?],
        )
        .await?;
    Ok(found.into_iter().collect())
}

/// Inserts items in the given order, each with its moment of acceptance; the dedupe keys that were new.
async fn insert(conn: &mut Conn<'_>, items: &[(&NewWork, Millis)]) -> Result<HashSet<String>, Error> {
    #[derive(Serialize)]
    struct Row<'a> {
        n: usize,
        lane: &'a str,
        key: &'a str,
        job: String,
        due: i64,
        at: i64,
    }
    if items.is_empty() {
        return Ok(HashSet::new());
    }
    let mut rows = Vec::with_capacity(items.len());
    for (n, (item, at)) in items.iter().enumerate() {
        let job = serde_json::to_string(&item.job)?;
        rows.push(Row { n, lane: item.lane.as_str(), key: &item.dedupe, job, due: item.not_before.0, at: at.0 });
    }
    let fresh: Vec<(String,)> = conn
        .rows(
            sql![
                "INSERT INTO work (lane, dedupe, job, not_before, created_at) SELECT r.lane, r.key, r.job, r.due, r.at FROM ",
                (n bigint, lane text, key text, job text, due bigint, at bigint),
                "WHERE true ORDER BY r.n ON CONFLICT (dedupe) DO NOTHING RETURNING dedupe"
            ],
            args![serde_json::to_string(&rows)?],
        )
        .await?;
    Ok(fresh.into_iter().map(|(key,)| key).collect())
}
