//! What one commit does: many verbs of lanes and turns, kind by kind, in a dozen statements.
//!
//! The rows of all lanes that a batch touches are locked first, in the order of their names, so
//! that two replicas can neither deadlock nor miss each other's changes. From then on what becomes
//! of a lane is worked out here, on the locked rows, and written back once.

use crate::Error;
use crate::engine::{Conn, args, sql};
use crate::lanes::Head;
use crate::look::Look;
use crate::record::{self, Record};
use domain::ids::{ConversationId, ExchangeId, Lane, MessageId, Millis};
use domain::work::{Job, NewWork, Work};
use serde::Serialize;

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
    /// Give back lanes that were claimed for somebody who is gone.
    Return { owner: String, lanes: Vec<Lane> },
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
    Delivered {
        exchange: Option<ExchangeId>,
        conversation: ConversationId,
        messages: Vec<MessageId>,
        then: Option<Job>,
    },
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
    /// The lanes that it names.
    pub(crate) fn lanes(&self) -> Vec<&Lane> {
        match self {
            Self::Accept(items) => items.iter().map(|item| &item.lane).collect(),
            Self::Beat { lanes, .. } | Self::Return { lanes, .. } => lanes.iter().collect(),
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
    let mut batch = Batch { verbs, look: Look::at(conn, verbs).await?, outcomes: Vec::new(), rings: false };
    batch.outcomes.resize_with(verbs.len(), || None);
    batch.check_owners();
    batch.change_items(conn).await?;
    batch.accept(conn).await?;
    batch.hand_on(conn).await?;
    batch.write_turns(conn).await?;
    batch.tend_lanes();
    batch.look.lanes.save(conn).await?;
    batch.give_back(conn).await?;
    batch.claim(conn).await?;
    if batch.rings && conn.is_shared() {
        conn.later("SELECT pg_notify('apprentice_work', '')", Vec::new()).await?;
    }
    Ok(batch.outcomes.into_iter().map(|outcome| outcome.unwrap_or(Err(Error::Busy))).collect())
}

struct Batch<'v> {
    verbs: &'v [&'v Verb],
    look: Look,
    outcomes: Vec<Option<Result<Outcome, Error>>>,
    /// Whether other replicas should look for work.
    rings: bool,
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
    /// 1 when the item is answered by this.
    answers: i64,
}

impl<'v> Batch<'v> {
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

    /// A verb about an item is lost when the item's lane is somebody else's, or the item has ended.
    fn check_owners(&mut self) {
        for (at, verb) in self.open() {
            let (owner, item) = match verb {
                Verb::Record(record) => (&record.owner, record.work),
                Verb::End { owner, work, .. } | Verb::Progress { owner, work, .. } => (owner, *work),
                _ => continue,
            };
            let found =
                self.look.items.get(&item).filter(|item| item.open && self.look.lanes.is_held(&item.lane, owner));
            match (found, verb) {
                (None, _) => self.set(at, Err(Error::Lost)),
                // This very answer was committed before, and only the word of it got lost.
                (Some(item), Verb::Record(_)) if item.answered => self.set(at, Ok(Outcome::Done)),
                _ => {}
            }
        }
    }

    /// Ends, puts off and rewrites items.
    async fn change_items(&mut self, conn: &mut Conn<'_>) -> Result<(), Error> {
        let mut changes = Vec::new();
        for (at, verb) in self.open() {
            changes.extend(self.change(verb)?);
            if let Verb::Progress { .. } = verb {
                self.set(at, Ok(Outcome::Done));
            }
        }
        if changes.is_empty() {
            return Ok(());
        }
        conn.later(
            sql![
                "UPDATE work SET state = r.state, job = coalesce(r.job, work.job), \
                 not_before = coalesce(r.due, work.not_before), reason = r.why, \
                 attempts = coalesce(r.tries, work.attempts), done_at = r.ended, answered = work.answered + r.answers FROM ",
                (item bigint, state text, job text, due bigint, why text, tries bigint, ended bigint, answers bigint),
                "WHERE work.id = r.item"
            ],
            args![serde_json::to_string(&changes)?],
        )
        .await
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
                End::Delivered { then: Some(then), .. } => {
                    let job = Some(serde_json::to_string(then)?);
                    let tries = Some(1);
                    // What is handled next was not answered by what was delivered before it.
                    Change { item: *work, state: "open", job, tries, answers: -1, ..Change::default() }
                }
                End::Delivered { then: None, .. } => done(*work, *now),
                End::Park { reason } => {
                    let tries = Some(self.look.lanes.attempts(lane.as_str()));
                    Change { item: *work, state: "parked", why: reason, tries, ..Change::default() }
                }
                End::Retry { at, reason, counts } => {
                    let tries = Some(self.look.lanes.attempts(lane.as_str()) - i64::from(!counts));
                    Change { item: *work, state: "open", due: Some(at.0), why: reason, tries, ..Change::default() }
                }
            },
            _ => return Ok(None),
        }))
    }

    /// Stores new items, those that turns bring along included.
    async fn accept(&mut self, conn: &mut Conn<'_>) -> Result<(), Error> {
        let mut fresh = Vec::new();
        for (at, verb) in self.open() {
            let (items, now) = match verb {
                Verb::Accept(items) => (items, None),
                Verb::Record(record) => (&record.also, Some(record.now)),
                _ => continue,
            };
            let mut told = Vec::with_capacity(items.len());
            for item in items {
                let is_new = self.look.keys.insert(item.dedupe.clone());
                if is_new {
                    if item.interrupts {
                        self.look.lanes.cancel(item.lane.as_str());
                    }
                    self.look.lanes.add(item.lane.as_str(), item.not_before);
                    fresh.push((item, now.unwrap_or(item.not_before)));
                }
                told.push(is_new);
            }
            if let Verb::Accept(_) = verb {
                self.set(at, Ok(Outcome::Accepted(told)));
            }
        }
        self.rings = !fresh.is_empty();
        insert(conn, &fresh).await
    }

    /// Looks what is next in lanes whose item has ended: the next item goes to whoever held the
    /// lane, if it is due; else the lane is given back.
    async fn hand_on(&mut self, conn: &mut Conn<'_>) -> Result<(), Error> {
        let mut ending = Vec::new();
        for (at, verb) in self.open() {
            if let Some((lane, keeps, now)) = self.end_item(verb) {
                ending.push((at, lane, keeps, now));
            } else if matches!(verb, Verb::End { .. }) {
                // It goes on as something else, with whoever holds it.
                self.set(at, Ok(Outcome::Next(None)));
            }
        }
        let names: Vec<&str> =
            ending.iter().map(|(_, lane, ..)| *lane).filter(|lane| self.look.lanes.has_more(lane)).collect();
        let mut heads = Head::of(conn, &names).await?;
        for (at, lane, keeps, now) in ending {
            let head = heads.remove(lane);
            let next = match head {
                Some(head) if keeps && head.not_before <= now => {
                    self.look.lanes.keep(lane);
                    Some(head.into_work(0)?)
                }
                head => {
                    self.look.lanes.free(lane, head.map(|head| head.not_before));
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
                self.look.lanes.begin_delivery(record.lane.as_str());
                None
            }
            Verb::Record(record) => {
                self.look.lanes.end(record.lane.as_str());
                Some((record.lane.as_str(), true, record.now))
            }
            Verb::End { lane, how: End::Delivered { then: Some(_), .. }, .. } => {
                self.look.lanes.begin_delivery(lane.as_str());
                None
            }
            Verb::End { lane, how: End::Retry { counts, .. }, now, .. } => {
                self.look.lanes.put_off(lane.as_str(), *counts);
                Some((lane.as_str(), false, *now))
            }
            Verb::End { lane, now, .. } => {
                self.look.lanes.end(lane.as_str());
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
                Verb::End { how: End::Delivered { exchange: Some(exchange), conversation, messages, .. }, .. } => {
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
                Verb::Beat { owner, lanes, until } => Outcome::Lanes(
                    lanes.iter().map(|lane| self.look.lanes.beat(lane.as_str(), owner, *until)).collect(),
                ),
                Verb::Return { owner, lanes } => {
                    lanes.iter().for_each(|lane| self.look.lanes.give_back(lane.as_str(), owner));
                    Outcome::Done
                }
                Verb::Cancel(lane) => Outcome::Did(self.look.lanes.cancel(lane.as_str())),
                _ => continue,
            };
            self.set(at, Ok(outcome));
        }
    }

    async fn give_back(&mut self, conn: &mut Conn<'_>) -> Result<(), Error> {
        for (at, verb) in self.open() {
            if let Verb::Release { owner } = verb {
                conn.later(
                    // What was interrupted by a shutdown was no failed attempt.
                    "UPDATE lane SET owner = '', due_at = 0, attempts = CASE WHEN attempts > 0 THEN attempts - 1 ELSE 0 END \
                     WHERE owner = $1 AND pending > 0",
                    args![owner],
                )
                .await?;
                self.rings = true;
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

/// Inserts items in the given order, each with its moment of acceptance.
async fn insert(conn: &mut Conn<'_>, items: &[(&NewWork, Millis)]) -> Result<(), Error> {
    #[derive(Serialize)]
    struct Row<'a> {
        n: usize,
        lane: &'a str,
        key: &'a str,
        job: String,
        due: i64,
        at: i64,
    }
    let mut rows = Vec::with_capacity(items.len());
    for (n, (item, at)) in items.iter().enumerate() {
        let job = serde_json::to_string(&item.job)?;
        rows.push(Row { n, lane: item.lane.as_str(), key: &item.dedupe, job, due: item.not_before.0, at: at.0 });
    }
    if rows.is_empty() {
        return Ok(());
    }
    // A key that another replica brought at the same moment in another lane fails the batch; one by
    // one, it is then known.
    conn.later(
        sql![
            "INSERT INTO work (lane, dedupe, job, not_before, created_at) SELECT r.lane, r.key, r.job, r.due, r.at FROM ",
            (n bigint, lane text, key text, job text, due bigint, at bigint),
            "ORDER BY r.n"
        ],
        args![serde_json::to_string(&rows)?],
    )
    .await
}
