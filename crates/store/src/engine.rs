//! The two engines behind one query body.
//!
//! The macros run one text of SQL, with `$1` placeholders, on whichever engine is there. Only the
//! function that unfolds a JSON array differs, and `each!` puts it in.

use crate::Error;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{PgConnection, PgPool, SqliteConnection, SqlitePool};
use std::str::FromStr as _;
use std::time::Duration;

/// Where reads go.
#[derive(Clone)]
pub(crate) enum Pool {
    Sqlite { read: SqlitePool, write: SqlitePool },
    Postgres(PgPool),
}

/// One connection, in or out of a transaction.
pub(crate) enum Conn<'a> {
    Sqlite(&'a mut SqliteConnection),
    Postgres(&'a mut PgConnection),
}

/// Runs a statement; the number of rows it touched.
macro_rules! exec {
    ($conn:expr, $sql:expr $(, $bind:expr)* $(,)?) => {
        match &mut $conn {
            $crate::engine::Conn::Sqlite(c) => sqlx::query::<sqlx::Sqlite>($sql)$(.bind($bind))*.execute(&mut **c).await.map(|done| done.rows_affected()),
            $crate::engine::Conn::Postgres(c) => sqlx::query::<sqlx::Postgres>($sql)$(.bind($bind))*.execute(&mut **c).await.map(|done| done.rows_affected()),
        }
    };
}

/// Runs a query; its rows as tuples.
macro_rules! rows {
    ($conn:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        match &mut $conn {
            $crate::engine::Conn::Sqlite(c) => sqlx::query_as::<sqlx::Sqlite, $row>($sql)$(.bind($bind))*.fetch_all(&mut **c).await,
            $crate::engine::Conn::Postgres(c) => sqlx::query_as::<sqlx::Postgres, $row>($sql)$(.bind($bind))*.fetch_all(&mut **c).await,
        }
    };
}

/// Runs a statement over each object of a JSON array (`$1`), named `value` in the SQL.
macro_rules! each {
    ($conn:expr, $json:expr, $before:literal, $after:literal $(, $bind:expr)* $(,)?) => {
        match &mut $conn {
            $crate::engine::Conn::Sqlite(c) => sqlx::query::<sqlx::Sqlite>(concat!($before, " json_each($1) ", $after)).bind($json)$(.bind($bind))*.execute(&mut **c).await.map(|done| done.rows_affected()),
            $crate::engine::Conn::Postgres(c) => sqlx::query::<sqlx::Postgres>(concat!($before, " jsonb_array_elements($1::jsonb) AS given(value) ", $after)).bind($json)$(.bind($bind))*.execute(&mut **c).await.map(|done| done.rows_affected()),
        }
    };
}

/// Reads outside of the writer's transaction.
macro_rules! read {
    ($pool:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        match $pool {
            $crate::engine::Pool::Sqlite { read, .. } => sqlx::query_as::<sqlx::Sqlite, $row>($sql)$(.bind($bind))*.fetch_all(read).await,
            $crate::engine::Pool::Postgres(pool) => sqlx::query_as::<sqlx::Postgres, $row>($sql)$(.bind($bind))*.fetch_all(pool).await,
        }
    };
}

pub(crate) use {each, exec, read, rows};

/// Most connections that read at the same time.
const READERS: u32 = 4;

impl Pool {
    pub(crate) async fn open(url: &str) -> Result<Self, Error> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let options = PgConnectOptions::from_str(url)?.application_name("apprentice");
            let pool = PgPoolOptions::new()
                .max_connections(READERS + 2)
                .acquire_timeout(Duration::from_secs(10))
                .connect_with(options)
                .await?;
            sqlx::migrate!("migrations/postgres").run(&pool).await?;
            return Ok(Self::Postgres(pool));
        }
        let options = sqlite_options(url)?;
        keep_copy(&options).await?;
        let write = SqlitePoolOptions::new().max_connections(1).connect_with(options.clone()).await?;
        sqlx::migrate!("migrations/sqlite").run(&write).await?;
        let read = SqlitePoolOptions::new().max_connections(READERS).connect_with(options.read_only(true)).await?;
        Ok(Self::Sqlite { read, write })
    }

    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite { read, write } => {
                read.close().await;
                write.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

fn sqlite_options(url: &str) -> Result<SqliteConnectOptions, Error> {
    let path = url.trim_start_matches("sqlite://").trim_start_matches("sqlite:");
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(5))
        .foreign_keys(true)
        .statement_cache_capacity(200)
        .pragma("cache_size", "-4000")
        .pragma("wal_autocheckpoint", "2000");
    Ok(options)
}

/// A database that is about to be migrated is copied beside itself first, once per version.
async fn keep_copy(options: &SqliteConnectOptions) -> Result<(), Error> {
    let path = options.get_filename().to_owned();
    if !path.exists() {
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(Error::broken)?;
        }
        return Ok(());
    }
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options.clone()).await?;
    let applied: Vec<(i64,)> = sqlx::query_as("SELECT version FROM _sqlx_migrations ORDER BY version DESC LIMIT 1")
        .fetch_all(&pool)
        .await
        .unwrap_or_default();
    let newest = sqlx::migrate!("migrations/sqlite").iter().map(|migration| migration.version).max().unwrap_or(0);
    if let Some((version,)) = applied.first().filter(|(version,)| *version < newest) {
        let copy = path.with_extension(format!("before-{newest}-after-{version}.db"));
        if !copy.exists() {
            let copy = copy.display().to_string();
            sqlx::query("VACUUM INTO $1").bind(copy).execute(&pool).await?;
        }
    }
    pool.close().await;
    Ok(())
}
