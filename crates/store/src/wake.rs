//! Wakes those who wait for work: at once when something is accepted in this process, and when
//! another replica on the same PostgreSQL says so. A word that gets lost costs only a moment,
//! because waiting always ends by itself.

use crate::Error;
use crate::engine::Pool;
use crate::writer::{Nudger, Writer};
use sqlx::postgres::PgListener;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch};

/// How long to wait before listening is tried again.
const AGAIN: Duration = Duration::from_secs(2);

/// The bell that accepted work rings.
pub(crate) struct Wake {
    fresh: Notify,
    closed: watch::Sender<bool>,
}

impl Wake {
    pub(crate) async fn start(pool: &Pool, writer: &Writer) -> Result<Arc<Self>, Error> {
        let wake = Arc::new(Self { fresh: Notify::new(), closed: watch::channel(false).0 });
        if let Pool::Postgres(pool) = pool {
            let listener = listen(pool).await?;
            let hearing =
                Hearing { closed: wake.closed.subscribe(), wake: Arc::downgrade(&wake), nudge: writer.nudger() };
            tokio::spawn(hear(pool.clone(), listener, hearing));
        }
        Ok(wake)
    }

    pub(crate) fn wake(&self) {
        self.fresh.notify_one();
    }

    pub(crate) async fn wait(&self, at_most: Duration) {
        let _ = tokio::time::timeout(at_most, self.fresh.notified()).await;
    }

    pub(crate) fn close(&self) {
        self.closed.send_replace(true);
    }
}

async fn listen(pool: &sqlx::PgPool) -> Result<PgListener, Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.ignore_pool_close_event(true);
    listener.listen("apprentice_work").await?;
    Ok(listener)
}

/// Whom to tell what is heard, and until when to listen.
struct Hearing {
    closed: watch::Receiver<bool>,
    wake: std::sync::Weak<Wake>,
    nudge: Nudger,
}

/// Listens until the store is closed or gone.
async fn hear(pool: sqlx::PgPool, mut listener: PgListener, hearing: Hearing) {
    let Hearing { mut closed, wake, nudge } = hearing;
    loop {
        tokio::select! {
            _ = closed.changed() => return,
            heard = listener.recv() => {
                let Some(wake) = wake.upgrade() else { return };
                wake.wake();
                nudge.nudge();
                if let Err(error) = heard {
                    tracing::warn!(%error, "the database cannot be listened to; work is looked for every second");
                    drop(wake);
                    match again(&pool, &mut closed).await {
                        Some(fresh) => listener = fresh,
                        None => return,
                    }
                }
            }
        }
    }
}

async fn again(pool: &sqlx::PgPool, closed: &mut watch::Receiver<bool>) -> Option<PgListener> {
    loop {
        tokio::select! {
            _ = closed.changed() => return None,
            () = tokio::time::sleep(AGAIN) => if let Ok(listener) = listen(pool).await {
                return Some(listener);
            }
        }
    }
}
