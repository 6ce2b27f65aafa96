//! The two engines behind one query body.
//!
//! A statement is written once, with `$1` placeholders; [`sql!`] puts in the few words that differ:
//! how a JSON array of objects unfolds into rows, and how rows are locked. Everything that is bound
//! is a whole number or a text.

use crate::Error;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgRow};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous};
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, FromRow, PgConnection, PgPool, Postgres, Sqlite, SqliteConnection, SqlitePool,
};
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::time::Duration;

/// One statement in the words of both engines.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sql {
    pub(crate) sqlite: &'static str,
    pub(crate) postgres: &'static str,
}

impl From<&'static str> for Sql {
    fn from(text: &'static str) -> Self {
        Self { sqlite: text, postgres: text }
    }
}

/// Puts a statement together from texts and the words that differ:
/// `(lane text, at bigint)` is the JSON array `$1` as rows named `r` of these columns,
/// `lock` locks the selected rows until the end of the transaction, `skip` also passes over rows
/// that somebody else has locked, `seq` numbers log entries in the order of `r.n`. SQLite has one writer
/// at a time and needs no locks.
macro_rules! sql {
    (@sqlite lock) => { "" };
    (@sqlite skip) => { "" };
    (@sqlite seq) => { "(SELECT at FROM counter WHERE name = 'log') + r.n + 1" };
    (@sqlite ($first:ident $kind:ident $(, $name:ident $more:ident)* $(,)?)) => {
        concat!(
            "(SELECT value ->> '", stringify!($first), "' AS ", stringify!($first),
            $(", value ->> '", stringify!($name), "' AS ", stringify!($name),)*
            // Binary, so that a row's columns are taken out without parsing it once for each of them.
            " FROM jsonb_each($1)) AS r "
        )
    };
    (@sqlite $text:literal) => { $text };
    (@postgres lock) => { " FOR UPDATE " };
    (@postgres seq) => { "nextval(pg_get_serial_sequence('log', 'seq'))" };
    (@postgres skip) => { " FOR UPDATE SKIP LOCKED " };
    (@postgres ($first:ident $kind:ident $(, $name:ident $more:ident)* $(,)?)) => {
        concat!(
            "json_to_recordset($1::json) AS r(", stringify!($first), " ", stringify!($kind),
            $(", ", stringify!($name), " ", stringify!($more),)*
            ") "
        )
    };
    (@postgres $text:literal) => { $text };
    ($($part:tt),+ $(,)?) => {
        $crate::engine::Sql {
            sqlite: concat!($($crate::engine::sql!(@sqlite $part)),+),
            postgres: concat!($($crate::engine::sql!(@postgres $part)),+),
        }
    };
}

/// Values to be bound, in order.
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::engine::Arg::from($value)),*] };
}

pub(crate) use {args, sql};

/// A value to be bound.
#[derive(Clone, Debug)]
pub(crate) enum Arg {
    Int(i64),
    Text(String),
}

impl From<i64> for Arg {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}
impl From<u32> for Arg {
    fn from(number: u32) -> Self {
        Self::Int(i64::from(number))
    }
}
impl From<domain::ids::Millis> for Arg {
    fn from(at: domain::ids::Millis) -> Self {
        Self::Int(at.0)
    }
}
impl From<String> for Arg {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
impl From<&str> for Arg {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
impl From<&String> for Arg {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

/// A tuple of columns that either engine's rows fit.
pub(crate) trait Fits:
    for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin + 'static
{
}
impl<T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin + 'static> Fits for T {}

macro_rules! bound {
    ($query:expr, $args:expr) => {{
        let mut query = $query;
        for arg in $args {
            query = match arg {
                Arg::Int(number) => query.bind(number),
                Arg::Text(text) => query.bind(text),
            };
        }
        query
    }};
}

/// One connection, in or out of a transaction.
///
/// Each statement that SQLite is asked for costs a way to its thread and back, which is more than
/// most statements themselves cost. So those whose results nobody needs wait here and go along with
/// the next one.
pub(crate) struct Conn<'a> {
    link: Link<'a>,
    /// Statements that wait, and their values; empty for PostgreSQL.
    waiting: String,
    values: Vec<Arg>,
}

/// What a connection is made of.
pub(crate) enum Link<'a> {
    Sqlite(&'a mut SqliteConnection),
    Postgres(&'a mut PgConnection),
}

impl<'a> Conn<'a> {
    pub(crate) const fn new(link: Link<'a>) -> Self {
        Self { link, waiting: String::new(), values: Vec::new() }
    }

    /// Begins a transaction that writes.
    pub(crate) async fn begin(&mut self) -> Result<(), Error> {
        self.later(Sql { sqlite: "BEGIN IMMEDIATE", postgres: "BEGIN" }, Vec::new()).await
    }

    /// Commits what was begun.
    pub(crate) async fn commit(&mut self) -> Result<(), Error> {
        self.later("COMMIT", Vec::new()).await?;
        self.flush().await
    }

    /// Runs a statement whose result nobody needs, at the latest with the commit.
    pub(crate) async fn later(&mut self, sql: impl Into<Sql>, args: Vec<Arg>) -> Result<(), Error> {
        let sql = sql.into();
        match &mut self.link {
            Link::Sqlite(_) => push(&mut self.waiting, sql.sqlite, self.values.len()),
            Link::Postgres(c) => {
                bound!(sqlx::query::<Postgres>(sql.postgres), args).execute(&mut **c).await?;
                return Ok(());
            }
        }
        self.values.extend(args);
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), Error> {
        if let (Link::Sqlite(c), false) = (&mut self.link, self.waiting.is_empty()) {
            let (sql, args) = (std::mem::take(&mut self.waiting), std::mem::take(&mut self.values));
            bound!(sqlx::query::<Sqlite>(AssertSqlSafe(sql)), args).execute(&mut **c).await?;
        }
        Ok(())
    }

    /// Runs a statement; the number of rows it touched.
    pub(crate) async fn run(&mut self, sql: impl Into<Sql>, args: Vec<Arg>) -> Result<u64, Error> {
        let sql = sql.into();
        self.flush().await?;
        Ok(match &mut self.link {
            Link::Sqlite(c) => bound!(sqlx::query::<Sqlite>(sql.sqlite), args).execute(&mut **c).await?.rows_affected(),
            Link::Postgres(c) => {
                bound!(sqlx::query::<Postgres>(sql.postgres), args).execute(&mut **c).await?.rows_affected()
            }
        })
    }

    /// Runs a query; its rows as tuples.
    pub(crate) async fn rows<T: Fits>(&mut self, sql: impl Into<Sql>, args: Vec<Arg>) -> Result<Vec<T>, Error> {
        let sql = sql.into();
        Ok(match &mut self.link {
            Link::Sqlite(c) if self.waiting.is_empty() => {
                bound!(sqlx::query_as::<Sqlite, T>(sql.sqlite), args).fetch_all(&mut **c).await?
            }
            Link::Sqlite(c) => {
                push(&mut self.waiting, sql.sqlite, self.values.len());
                self.values.extend(args);
                let (sql, args) = (std::mem::take(&mut self.waiting), std::mem::take(&mut self.values));
                bound!(sqlx::query_as::<Sqlite, T>(AssertSqlSafe(sql)), args).fetch_all(&mut **c).await?
            }
            Link::Postgres(c) => bound!(sqlx::query_as::<Postgres, T>(sql.postgres), args).fetch_all(&mut **c).await?,
        })
    }

    /// The first row of a query, where there is one.
    pub(crate) async fn row<T: Fits>(&mut self, sql: impl Into<Sql>, args: Vec<Arg>) -> Result<Option<T>, Error> {
        Ok(self.rows(sql, args).await?.into_iter().next())
    }

    /// As [`Self::rows`], for statements whose names of tables and columns are put together here.
    pub(crate) async fn rows_of<T: Fits>(&mut self, sql: String, args: Vec<Arg>) -> Result<Vec<T>, Error> {
        self.flush().await?;
        let sql = AssertSqlSafe(sql);
        Ok(match &mut self.link {
            Link::Sqlite(c) => bound!(sqlx::query_as::<Sqlite, T>(sql), args).fetch_all(&mut **c).await?,
            Link::Postgres(c) => bound!(sqlx::query_as::<Postgres, T>(sql), args).fetch_all(&mut **c).await?,
        })
    }

    /// The bare connection, for what is read row by row.
    pub(crate) const fn link(&mut self) -> &mut Link<'a> {
        &mut self.link
    }

    /// Whether this is PostgreSQL, where other replicas may write at the same time.
    pub(crate) const fn is_shared(&self) -> bool {
        matches!(self.link, Link::Postgres(_))
    }
}

/// Appends a statement to others, with its values numbered on from theirs.
fn push(to: &mut String, sql: &str, before: usize) {
    let mut parts = sql.split('$');
    to.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = part.split_at_checked(digits).unwrap_or(("", part));
        match number.parse::<usize>() {
            Ok(number) => to.push_str(&format!("${}", number + before)),
            Err(_) => to.push('$'),
        }
        to.push_str(rest);
    }
    to.push(';');
}

/// A connection that the writer keeps for itself.
pub(crate) enum Kept {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
}

impl Kept {
    pub(crate) fn conn(&mut self) -> Conn<'_> {
        match self {
            Self::Sqlite(c) => Conn::new(Link::Sqlite(c)),
            Self::Postgres(c) => Conn::new(Link::Postgres(c)),
        }
    }
    /// Throws the connection away instead of handing it back to its pool.
    pub(crate) fn discard(self) {
        match self {
            Self::Sqlite(c) => drop(c.detach()),
            Self::Postgres(c) => drop(c.detach()),
        }
    }
}

/// Page cache of SQLite's connections, KiB (negative, as the pragma wants it); it grows with use.
const WRITER_CACHE: &str = "-32000";
const READER_CACHE: &str = "-8000";

/// The ways to the database.
#[derive(Clone)]
pub(crate) enum Pool {
    Sqlite { read: SqlitePool, write: SqlitePool },
    Postgres(PgPool),
}

/// Most connections that read at the same time. Each costs a thread and a page cache in SQLite.
const READERS: u32 = 3;

impl Pool {
    /// Opens the database, makes it if it is not there, and brings it up to date.
    pub(crate) async fn open(url: &str) -> Result<Self, Error> {
        match is_postgres(url) {
            true => open_postgres(url).await,
            false => {
                let (path, most_pages) = sqlite_path(url);
                open_sqlite(&path, most_pages).await
            }
        }
    }

    /// Reads outside of the writer's transaction.
    pub(crate) async fn rows<T: Fits>(&self, sql: impl Into<Sql>, args: Vec<Arg>) -> Result<Vec<T>, Error> {
        let sql = sql.into();
        Ok(match self {
            Self::Sqlite { read, .. } => bound!(sqlx::query_as::<Sqlite, T>(sql.sqlite), args).fetch_all(read).await?,
            Self::Postgres(pool) => bound!(sqlx::query_as::<Postgres, T>(sql.postgres), args).fetch_all(pool).await?,
        })
    }

    /// The first row of a query, where there is one.
    pub(crate) async fn row<T: Fits>(&self, sql: impl Into<Sql>, args: Vec<Arg>) -> Result<Option<T>, Error> {
        Ok(self.rows(sql, args).await?.into_iter().next())
    }

    /// A connection for writing.
    pub(crate) async fn keep(&self) -> Result<Kept, Error> {
        Ok(match self {
            Self::Sqlite { write, .. } => Kept::Sqlite(write.acquire().await?),
            Self::Postgres(pool) => Kept::Postgres(pool.acquire().await?),
        })
    }

    /// A connection for a long consistent read.
    pub(crate) async fn keep_for_reading(&self) -> Result<Kept, Error> {
        Ok(match self {
            Self::Sqlite { read, .. } => Kept::Sqlite(read.acquire().await?),
            Self::Postgres(pool) => Kept::Postgres(pool.acquire().await?),
        })
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

fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

async fn open_postgres(url: &str) -> Result<Pool, Error> {
    let options = PgConnectOptions::from_str(url)?
        .application_name("apprentice")
        // A replica that hangs inside a transaction must not hold its lanes' rows for ever.
        .disable_statement_logging()
        .options([("idle_in_transaction_session_timeout", "30s"), ("lock_timeout", "3s")]);
    let pool = PgPoolOptions::new()
        .max_connections(READERS + 3)
        .acquire_timeout(Duration::from_secs(10))
        .test_before_acquire(false)
        .connect_with(options)
        .await?;
    sqlx::migrate!("migrations/postgres").run(&pool).await?;
    Ok(Pool::Postgres(pool))
}

/// Reads `sqlite:///a/b.db`, `sqlite:b.db` or a bare path; `?max_pages=n` keeps the file from growing
/// beyond `n` pages of 4 KiB.
fn sqlite_path(url: &str) -> (PathBuf, Option<u32>) {
    let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:")).unwrap_or(url);
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let most = query.split('&').find_map(|pair| pair.strip_prefix("max_pages=")?.parse().ok());
    (PathBuf::from(path), most)
}

async fn open_sqlite(path: &Path, most_pages: Option<u32>) -> Result<Pool, Error> {
    let fresh = !path.exists();
    if let (true, Some(parent)) = (fresh, path.parent()) {
        std::fs::create_dir_all(parent).map_err(Error::broken)?;
    }
    let one = |options| SqlitePoolOptions::new().max_connections(1).test_before_acquire(false).connect_with(options);
    let mut options = sqlite_options(path, WRITER_CACHE);
    if let Some(most) = most_pages {
        options = options.pragma("max_page_count", most.to_string());
    }
    let write = one(options).await?;
    if !fresh {
        keep_copy(&write, path).await?;
    }
    sqlx::migrate!("migrations/sqlite").run(&write).await?;
    let read = SqlitePoolOptions::new()
        .max_connections(READERS)
        .acquire_timeout(Duration::from_secs(10))
        .test_before_acquire(false)
        .connect_with(sqlite_options(path, READER_CACHE).pragma("query_only", "on"))
        .await?;
    Ok(Pool::Sqlite { read, write })
}

fn sqlite_options(path: &Path, cache: &'static str) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(2))
        .foreign_keys(true)
        .statement_cache_capacity(128)
        .row_buffer_size(256)
        .pragma("cache_size", cache)
        // What a statement would undo is kept in memory, not in a file beside.
        .pragma("temp_store", "memory")
        .pragma("wal_autocheckpoint", "4000")
        .pragma("journal_size_limit", "33554432")
        .disable_statement_logging()
}

/// A database that is about to be migrated is copied beside itself first, once per version.
async fn keep_copy(write: &SqlitePool, path: &Path) -> Result<(), Error> {
    let known = sqlx::query_as::<_, (i64,)>(
        "SELECT coalesce((SELECT 1 FROM sqlite_master WHERE name = '_sqlx_migrations'), 0)",
    )
    .fetch_one(write)
    .await?;
    if known.0 == 0 {
        return Ok(());
    }
    let applied: Option<(i64,)> =
        sqlx::query_as("SELECT coalesce(max(version), 0) FROM _sqlx_migrations").fetch_optional(write).await?;
    let applied = applied.map_or(0, |(version,)| version);
    let newest = sqlx::migrate!("migrations/sqlite").iter().map(|migration| migration.version).max().unwrap_or(0);
    let copy = path.with_extension(format!("before-{newest}.db"));
    if applied < newest && !copy.exists() {
        sqlx::query("VACUUM INTO $1").bind(copy.display().to_string()).execute(write).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_that_go_along_keep_their_own_values() {
        let mut all = String::new();
        push(&mut all, "BEGIN IMMEDIATE", 0);
        push(&mut all, "UPDATE t SET a = $1 WHERE b = $2 AND c = $1", 0);
        push(&mut all, "SELECT '$.x', $1", 2);
        assert_eq!(all, "BEGIN IMMEDIATE;UPDATE t SET a = $1 WHERE b = $2 AND c = $1;SELECT '$.x', $3;");
    }
}
