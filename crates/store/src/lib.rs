//! Everything that lasts, behind one type: work in lanes, conversations, people, what was taught.
//!
//! SQLite by default, PostgreSQL when a second machine joins; nobody outside can tell which. All
//! writes of a process go through one task that commits many at once; what returns `Ok` is on disk.
//! Time is always an argument.

mod backup;
mod batch;
mod blobs;
mod conversations;
mod doors;
mod engine;
mod error;
mod knowledge;
mod lanes;
mod look;
mod objects;
mod ops;
mod people;
mod personal;
mod record;
mod releases;
mod turns;
mod wake;
mod writer;

pub use backup::Manifest;
pub use blobs::{BlobId, Blobs, Pieces};
pub use conversations::{Judged, View};
pub use error::Error;
pub use knowledge::Knowledge;
pub use objects::{Added, Decision, Row};
pub use ops::{Health, Kind, LaneState, WorkRow, WorkState};
pub use personal::MyData;
pub use record::{Audit, Fingerprint, Record, Recorded, Spent};
pub use releases::{Usage, UsageOf};

use crate::engine::Pool;
use crate::wake::Wake;
use crate::writer::Writer;
use secrecy::SecretString;
use std::sync::Arc;

/// Where the store is.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// `sqlite://<path>` or `postgres://…`.
    pub url: String,
    /// Where files are: a directory, or `s3://bucket/prefix` when built with the feature `s3`.
    pub blobs: String,
    /// How to reach S3; what is none comes from the usual `AWS_…` variables.
    pub s3: S3,
}

/// How to reach S3.
#[derive(Clone, Debug, Default)]
pub struct S3 {
    /// Address of a server other than Amazon's.
    pub endpoint: Option<String>,
    /// Region of the bucket.
    pub region: Option<String>,
    /// Access key id.
    pub key_id: Option<SecretString>,
    /// Secret access key.
    pub secret: Option<SecretString>,
}

/// The store. Clones share everything.
#[derive(Clone)]
pub struct Store {
    pool: Pool,
    writer: Writer,
    wake: Arc<Wake>,
    config: Arc<Config>,
}

impl Store {
    /// Opens the database, makes it if it is not there, and brings it up to date.
    pub async fn open(config: &Config) -> Result<Self, Error> {
        let pool = Pool::open(&config.url).await?;
        let writer = Writer::start(pool.clone());
        let wake = Wake::start(&pool, &writer).await?;
        Ok(Self { pool, writer, wake, config: Arc::new(config.clone()) })
    }

    /// Has everything written that was asked before, and closes.
    pub async fn close(&self) {
        self.wake.close();
        self.writer.close().await;
        self.pool.close().await;
    }

    /// Which engine it is.
    pub fn kind(&self) -> Kind {
        match self.pool {
            Pool::Sqlite { .. } => Kind::Sqlite,
            Pool::Postgres(_) => Kind::Postgres,
        }
    }

    /// Whether this store is shared by several processes.
    pub fn is_shared(&self) -> bool {
        self.kind() == Kind::Postgres
    }

    /// The store of files that belongs to it.
    pub fn blobs(&self) -> Result<Blobs, Error> {
        Blobs::open(&self.config.blobs, &self.config.s3)
    }
}
