//! Group commit. All writes of a process go through one task, which gathers what is waiting and
//! commits it together: one sync to disk serves many chats.
//!
//! A batch that fails is rolled back and its parts are tried one by one, so that one bad write
//! cannot spoil its neighbours. Whoever asked hears only after the commit.

use crate::Error;
use crate::engine::{Conn, Pool};
use crate::lanes::{Accept, Claim, Delivered};
use crate::record::{self, Recording};
use futures::future::BoxFuture;
use tokio::sync::{mpsc, oneshot};

/// Most writes in one commit.
const BATCH: usize = 256;
/// Writes that may wait before those who ask have to.
const WAITING: usize = 1024;

/// A write of its own kind, in a transaction of its own.
pub(crate) type Task = Box<dyn for<'a, 'b> FnOnce(&'a mut Conn<'b>) -> BoxFuture<'a, Result<(), Error>> + Send>;

/// What is waiting to be written.
pub(crate) enum Verb {
    Accept(Asked<Accept>),
    Claim(Asked<Claim>),
    Record(Asked<Recording>),
    Delivered(Asked<Delivered>),
    Other(Task, oneshot::Sender<Result<(), Error>>),
}

/// A write and who waits for it.
pub(crate) struct Asked<V: Write> {
    pub(crate) what: V,
    pub(crate) tell: oneshot::Sender<Result<V::Done, Error>>,
}

/// A kind of write that is done for many at once.
pub(crate) trait Write: Sized + Send {
    /// What whoever asked is told.
    type Done: Send;
    /// Does all of them; one result each, in order.
    fn all<'a>(
        many: &'a [&'a Self],
        conn: &'a mut Conn<'_>,
    ) -> BoxFuture<'a, Result<Vec<Result<Self::Done, Error>>, Error>>;
}

/// The way to the writer task.
#[derive(Clone)]
pub(crate) struct Writer(mpsc::Sender<Verb>);

impl Writer {
    /// Starts the task; it ends when the last way to it is gone.
    pub(crate) fn start(pool: Pool) -> Self {
        let (send, receive) = mpsc::channel(WAITING);
        tokio::spawn(run(pool, receive));
        Self(send)
    }

    pub(crate) async fn ask<T>(
        &self,
        verb: impl FnOnce(oneshot::Sender<Result<T, Error>>) -> Verb,
    ) -> Result<T, Error> {
        let (tell, told) = oneshot::channel();
        self.0.send(verb(tell)).await.map_err(|_| Error::Busy)?;
        told.await.map_err(|_| Error::Busy)?
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
        self.ask(|tell| Verb::Other(task, tell)).await?;
        got.await.map_err(|_| Error::Busy)
    }
}

async fn run(pool: Pool, mut waiting: mpsc::Receiver<Verb>) {
    let mut gathered = Vec::with_capacity(BATCH);
    while waiting.recv_many(&mut gathered, BATCH).await > 0 {
        let mut batch = Batch::default();
        let mut others = Vec::new();
        for verb in gathered.drain(..) {
            match verb {
                Verb::Accept(asked) => batch.accept.push(asked),
                Verb::Claim(asked) => batch.claim.push(asked),
                Verb::Record(asked) => batch.record.push(asked),
                Verb::Delivered(asked) => batch.delivered.push(asked),
                Verb::Other(task, tell) => others.push((task, tell)),
            }
        }
        batch.commit(&pool).await;
        for (task, tell) in others {
            let _ = tell.send(alone(&pool, task).await);
        }
    }
}

#[derive(Default)]
struct Batch {
    accept: Vec<Asked<Accept>>,
    claim: Vec<Asked<Claim>>,
    record: Vec<Asked<Recording>>,
    delivered: Vec<Asked<Delivered>>,
}

/// What one commit has done, kind by kind.
struct Done {
    accept: Vec<Result<Vec<bool>, Error>>,
    record: Vec<Result<record::Recorded, Error>>,
    delivered: Vec<Result<Option<domain::work::Work>, Error>>,
    claim: Vec<Result<Vec<domain::work::Work>, Error>>,
}

impl Batch {
    async fn commit(self, pool: &Pool) {
        let many = self.accept.len() + self.record.len() + self.delivered.len() + self.claim.len();
        if many > 0 {
            match self.attempt(pool).await {
                Ok(done) => self.tell(done),
                Err(error) if many == 1 || matches!(error, Error::Full) => self.refuse(&error),
                Err(error) => {
                    tracing::debug!(%error, many, "a batch is taken apart");
                    self.one_by_one(pool).await;
                }
            }
        }
    }

    async fn attempt(&self, pool: &Pool) -> Result<Done, Error> {
        match pool {
            Pool::Sqlite { write, .. } => {
                let mut tx = write.begin_with("BEGIN IMMEDIATE").await?;
                let done = self.execute(&mut Conn::Sqlite(&mut tx)).await?;
                tx.commit().await?;
                Ok(done)
            }
            Pool::Postgres(pool) => {
                let mut tx = pool.begin().await?;
                let done = self.execute(&mut Conn::Postgres(&mut tx)).await?;
                tx.commit().await?;
                Ok(done)
            }
        }
    }

    /// New work first and claims last, so that what was just accepted can be claimed at once.
    async fn execute(&self, conn: &mut Conn<'_>) -> Result<Done, Error> {
        Ok(Done {
            accept: all(&self.accept, conn).await?,
            record: all(&self.record, conn).await?,
            delivered: all(&self.delivered, conn).await?,
            claim: all(&self.claim, conn).await?,
        })
    }

    fn tell(self, done: Done) {
        tell(self.accept, done.accept);
        tell(self.record, done.record);
        tell(self.delivered, done.delivered);
        tell(self.claim, done.claim);
    }

    fn refuse(self, error: &Error) {
        refuse(self.accept, error);
        refuse(self.record, error);
        refuse(self.delivered, error);
        refuse(self.claim, error);
    }

    async fn one_by_one(self, pool: &Pool) {
        for asked in self.accept {
            Box::pin(Self { accept: vec![asked], ..Self::default() }.commit(pool)).await;
        }
        for asked in self.record {
            Box::pin(Self { record: vec![asked], ..Self::default() }.commit(pool)).await;
        }
        for asked in self.delivered {
            Box::pin(Self { delivered: vec![asked], ..Self::default() }.commit(pool)).await;
        }
        for asked in self.claim {
            Box::pin(Self { claim: vec![asked], ..Self::default() }.commit(pool)).await;
        }
    }
}

async fn all<V: Write>(asked: &[Asked<V>], conn: &mut Conn<'_>) -> Result<Vec<Result<V::Done, Error>>, Error> {
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let many: Vec<&V> = asked.iter().map(|asked| &asked.what).collect();
    V::all(&many, conn).await
}

fn tell<V: Write>(asked: Vec<Asked<V>>, done: Vec<Result<V::Done, Error>>) {
    for (asked, done) in asked.into_iter().zip(done) {
        let _ = asked.tell.send(done);
    }
}

fn refuse<V: Write>(asked: Vec<Asked<V>>, error: &Error) {
    for asked in asked {
        let _ = asked.tell.send(Err(error.again()));
    }
}

async fn alone(pool: &Pool, task: Task) -> Result<(), Error> {
    match pool {
        Pool::Sqlite { write, .. } => {
            let mut tx = write.begin_with("BEGIN IMMEDIATE").await?;
            task(&mut Conn::Sqlite(&mut tx)).await?;
            Ok(tx.commit().await?)
        }
        Pool::Postgres(pool) => {
            let mut tx = pool.begin().await?;
            task(&mut Conn::Postgres(&mut tx)).await?;
            Ok(tx.commit().await?)
        }
    }
}
