//! Group commit. All writes of a process go through one task, which gathers what is waiting and
//! commits it together: one sync to disk serves many chats.
//!
//! A batch that fails is rolled back and its parts are tried one by one, so that one bad write
//! cannot spoil its neighbours; a database that is locked or full refuses them all at once. Whoever
//! asked hears only after the commit.

use crate::Error;
use crate::batch::{self, Outcome, Verb};
use crate::engine::{Conn, Kept, Pool};
use futures::future::BoxFuture;
use std::collections::HashSet;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// Most writes in one commit.
const BATCH: usize = 256;
/// Writes that may wait before those who ask have to.
const WAITING: usize = 1024;
/// So long a claim that found little stands for the next one: what was stored since came by this
/// task, which tries the claims that wait in each commit.
const DRY: Duration = Duration::from_millis(15);
/// Longest a transaction may take before its connection is given up.
const PATIENCE: Duration = Duration::from_secs(60);

/// A write of its own kind, in a transaction of its own.
pub(crate) type Task = Box<dyn for<'a, 'b> FnOnce(&'a mut Conn<'b>) -> BoxFuture<'a, Result<(), Error>> + Send>;

/// What is waiting to be written, and who waits for it.
pub(crate) enum Request {
    Verb(Verb, oneshot::Sender<Result<Outcome, Error>>),
    /// A claim that waits until there is something to claim.
    Patient(Verb, oneshot::Sender<Result<Outcome, Error>>),
    Other(Task, oneshot::Sender<Result<(), Error>>),
    /// Another replica has stored something: claims that wait are tried again.
    Nudge,
    Close(oneshot::Sender<()>),
}

/// A way to nudge the writer that does not keep it alive.
pub(crate) struct Nudger(mpsc::WeakSender<Request>);

impl Nudger {
    pub(crate) fn nudge(&self) {
        if let Some(writer) = self.0.upgrade() {
            // When the queue is full, claims are tried again anyway.
            let _ = writer.try_send(Request::Nudge);
        }
    }
}

/// The way to the writer task.
#[derive(Clone)]
pub(crate) struct Writer(mpsc::Sender<Request>);

impl Writer {
    /// Starts the task; it ends when the last way to it is gone.
    pub(crate) fn start(pool: Pool) -> Self {
        let (send, receive) = mpsc::channel(WAITING);
        tokio::spawn(Committer { pool, kept: None, patient: Vec::new(), dry: None }.serve(receive));
        Self(send)
    }

    /// Has a verb written; its outcome after the commit.
    pub(crate) async fn ask(&self, verb: Verb) -> Result<Outcome, Error> {
        let (tell, told) = oneshot::channel();
        self.0.send(Request::Verb(verb, tell)).await.map_err(|_| Error::Busy)?;
        told.await.map_err(|_| Error::Busy)?
    }

    /// Has a claim made as soon as there is something to claim.
    pub(crate) async fn ask_patiently(&self, verb: Verb) -> Result<Outcome, Error> {
        let (tell, told) = oneshot::channel();
        self.0.send(Request::Patient(verb, tell)).await.map_err(|_| Error::Busy)?;
        told.await.map_err(|_| Error::Busy)?
    }

    pub(crate) fn nudger(&self) -> Nudger {
        Nudger(self.0.downgrade())
    }

    /// Has everything written that was asked before, and ends the task.
    pub(crate) async fn close(&self) {
        let (tell, told) = oneshot::channel();
        if self.0.send(Request::Close(tell)).await.is_ok() {
            let _ = told.await;
        }
    }

    /// A write of its own kind; its result travels by the closure.
    pub(crate) async fn other<T: Send + 'static>(
        &self,
        task: impl for<'a, 'b> FnOnce(&'a mut Conn<'b>) -> BoxFuture<'a, Result<T, Error>> + Send + 'static,
    ) -> Result<T, Error> {
        let (put, got) = oneshot::channel();
        let task: Task = Box::new(move |conn| {
            let doing = task(conn);
            Box::pin(async move {
                let done = doing.await?;
                // Nobody waits for it any more when the asker is gone.
                let _ = put.send(done);
                Ok(())
            })
        });
        let (tell, told) = oneshot::channel();
        self.0.send(Request::Other(task, tell)).await.map_err(|_| Error::Busy)?;
        told.await.map_err(|_| Error::Busy)??;
        got.await.map_err(|_| Error::Busy)
    }
}

/// The task that writes, with the one connection it keeps.
struct Committer {
    pool: Pool,
    kept: Option<Kept>,
    /// Claims that wait for something to claim, with the moment at which they were asked.
    patient: Vec<(Claim, Instant)>,
    /// When the last commit left nothing to be claimed; none when it may have left something.
    dry: Option<Instant>,
}

type Tell = oneshot::Sender<Result<Outcome, Error>>;
type Waiting = (Verb, Tell);
type Claim = (Verb, Tell);

impl Committer {
    async fn serve(mut self, mut waiting: mpsc::Receiver<Request>) {
        let mut gathered = Vec::with_capacity(BATCH);
        while waiting.recv_many(&mut gathered, BATCH).await > 0 {
            let mut verbs = Vec::new();
            let mut others = Vec::new();
            let mut closing = None;
            for request in gathered.drain(..) {
                match request {
                    Request::Verb(verb, tell) => verbs.push((verb, tell)),
                    Request::Patient(verb, tell) => self.patient.push(((verb, tell), Instant::now())),
                    Request::Other(task, tell) => others.push((task, tell)),
                    Request::Nudge => self.dry = None,
                    Request::Close(tell) => closing = Some(tell),
                }
            }
            let mut batches = without_clashes(verbs);
            let last = batches.pop().unwrap_or_default();
            for batch in batches {
                self.commit(batch, Vec::new()).await;
            }
            for (task, tell) in others {
                let _ = tell.send(self.alone(task).await);
            }
            // A claim alone is not worth a commit when there was nothing a moment ago.
            if !last.is_empty() || self.dry.is_none_or(|at| at.elapsed() >= DRY) {
                let claims = self.due_claims();
                if !(last.is_empty() && claims.is_empty()) {
                    self.commit(last, claims).await;
                }
            }
            if let Some(tell) = closing {
                // The connection goes back to its pool before whoever closes that hears of it.
                self.kept = None;
                let _ = tell.send(());
                return;
            }
        }
    }

    /// Takes the waiting claims along, each with the present moment.
    fn due_claims(&mut self) -> Vec<(Claim, Instant)> {
        let mut claims = std::mem::take(&mut self.patient);
        claims.retain(|((_, tell), _)| !tell.is_closed());
        for ((verb, _), asked) in &mut claims {
            // Rounded up: what was accepted a moment ago is due.
            let passed = i64::try_from(asked.elapsed().as_micros().div_ceil(1000)).unwrap_or(0);
            if let Verb::Claim { until, now, .. } = verb {
                (*until, *now) = (until.plus(passed), now.plus(passed));
                *asked += Duration::from_millis(passed.unsigned_abs());
            }
        }
        claims
    }

    async fn commit(&mut self, batch: Vec<Waiting>, claims: Vec<(Claim, Instant)>) {
        let verbs: Vec<&Verb> =
            batch.iter().chain(claims.iter().map(|(claim, _)| claim)).map(|(verb, _)| verb).collect();
        self.dry = None;
        match self.attempt(&verbs).await {
            Ok(mut outcomes) => {
                let claimed = outcomes.split_off(batch.len());
                self.dry = left_nothing(&claims, &claimed).then(Instant::now);
                self.tell_claims(claims, claimed).await;
                for ((verb, tell), outcome) in batch.into_iter().zip(outcomes) {
                    self.tell(verb, tell, outcome).await;
                }
            }
            Err(error) if verbs.len() == 1 || error.is_passing() => {
                let claims = claims.into_iter().map(|(claim, _)| claim);
                batch.into_iter().chain(claims).for_each(|(_, tell)| drop(tell.send(Err(error.again()))));
            }
            Err(error) => {
                tracing::warn!(%error, writes = verbs.len(), "a batch of writes is taken apart");
                self.patient.extend(claims);
                for (verb, tell) in batch {
                    let alone = self.attempt(&[&verb]).await;
                    let outcome = alone.and_then(|one| one.into_iter().next().unwrap_or(Err(Error::Busy)));
                    self.tell(verb, tell, outcome).await;
                }
            }
        }
    }

    /// Claims are told first, so that whoever is woken by an accepted item finds it claimed; those
    /// that found nothing wait on.
    async fn tell_claims(&mut self, claims: Vec<(Claim, Instant)>, outcomes: Vec<Result<Outcome, Error>>) {
        for (((verb, tell), asked), outcome) in claims.into_iter().zip(outcomes) {
            match outcome {
                Ok(Outcome::Claimed(items)) if items.is_empty() => self.patient.push(((verb, tell), asked)),
                outcome => self.tell(verb, tell, outcome).await,
            }
        }
    }

    /// Tells an outcome. Lanes that were claimed for somebody who is gone are given back.
    async fn tell(&mut self, verb: Verb, tell: Tell, outcome: Result<Outcome, Error>) {
        if let (Err(Ok(Outcome::Claimed(items))), Verb::Claim { owner, .. }) = (tell.send(outcome), verb)
            && !items.is_empty()
        {
            let lanes = items.into_iter().map(|work| work.lane).collect();
            if let Err(error) = self.attempt(&[&Verb::Return { owner, lanes }]).await {
                tracing::warn!(%error, "lanes that nobody took could not be given back; their leases will run out");
            }
        }
    }

    async fn attempt(&mut self, verbs: &[&Verb]) -> Result<Vec<Result<Outcome, Error>>, Error> {
        self.transaction(async |conn| batch::execute(conn, verbs).await).await
    }

    async fn alone(&mut self, task: Task) -> Result<(), Error> {
        self.transaction(async |conn| task(conn).await).await
    }

    /// Runs a body between BEGIN and COMMIT. BEGIN, COMMIT and ROLLBACK are plain statements here,
    /// because SQLite ends a transaction by itself when the disk is full.
    async fn transaction<T>(&mut self, body: impl AsyncFnOnce(&mut Conn<'_>) -> Result<T, Error>) -> Result<T, Error> {
        let mut kept = match self.kept.take() {
            Some(kept) => kept,
            None => self.pool.keep().await?,
        };
        let attempt = async {
            let mut conn = kept.conn();
            conn.begin().await?;
            let done = body(&mut conn).await?;
            conn.commit().await?;
            Ok(done)
        };
        match tokio::time::timeout(PATIENCE, attempt).await {
            Ok(Ok(done)) => {
                self.kept = Some(kept);
                Ok(done)
            }
            Ok(Err(error)) => {
                // Fails when there is nothing to roll back any more, or nobody to ask for it.
                let ended = kept.conn().run("ROLLBACK", Vec::new()).await;
                match (ended, &error) {
                    (_, Error::Full) | (Ok(_), _) => self.kept = Some(kept),
                    (Err(_), _) => kept.discard(),
                }
                Err(error)
            }
            Err(_) => {
                kept.discard();
                Err(Error::Busy)
            }
        }
    }
}

/// Whether claims were made and found less than they could have taken.
fn left_nothing(claims: &[(Claim, Instant)], outcomes: &[Result<Outcome, Error>]) -> bool {
    let less = |(((verb, _), _), outcome): (&(Claim, Instant), &Result<Outcome, Error>)| match (verb, outcome) {
        (Verb::Claim { max, .. }, Ok(Outcome::Claimed(items))) => (items.len() as i64) < *max,
        _ => false,
    };
    !claims.is_empty() && claims.iter().zip(outcomes).all(less)
}

/// Splits what waits so that no batch touches one item twice, keeping the order.
fn without_clashes(verbs: Vec<Waiting>) -> Vec<Vec<Waiting>> {
    let mut batches = Vec::new();
    let mut items = HashSet::new();
    let mut batch = Vec::new();
    for waiting in verbs {
        if waiting.0.item().is_some_and(|item| !items.insert(item)) {
            batches.push(std::mem::take(&mut batch));
            items.clear();
            items.extend(waiting.0.item());
        }
        batch.push(waiting);
    }
    if !batch.is_empty() {
        batches.push(batch);
    }
    batches
}
