//! A consistent copy while running, and the way back: a folder with one JSON Lines file per table, and
//! a manifest with BLAKE3 hashes. The form is the same for both engines, so a copy made on SQLite can
//! be brought back into PostgreSQL.

use crate::engine::{Conn, Pool};
use crate::{Config, Error, Store};
use domain::ids::Millis;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::{AssertSqlSafe, Row as _};
use std::collections::BTreeMap;
use std::path::Path;

/// Every table with its columns, in the order in which they are brought back.
const TABLES: &[(&str, &[&str])] = &[
    ("lane", &["name", "pending", "ready_at", "owner", "lease_until", "cancel"]),
    ("work", &["id", "lane", "dedupe", "state", "job", "attempts", "not_before", "reason", "created_at", "done_at"]),
    ("person", &["id", "standing", "name", "lang", "prefs", "met_at"]),
    ("identity", &["channel", "account", "username", "person"]),
    ("conversation", &["id", "prefs", "fresh_after", "summary_upto", "summary"]),
    ("log", &["seq", "conversation", "role", "author", "name", "message", "text", "at", "exchange", "overheard"]),
    ("exchange", &["id", "conversation", "person", "asked", "at", "body"]),
    ("shown", &["conversation", "message", "exchange", "place"]),
    ("feedback", &["id", "exchange", "conversation", "person", "opinion", "at"]),
    ("knowledge", &["id", "kind", "scope", "teacher", "retired", "at", "body"]),
    ("knowledge_change", &["revision", "id"]),
    ("release", &["id", "parts", "at"]),
    (
        "usage",
        &["day", "person", "conversation", "model", "exchanges", "prompt_tokens", "completion_tokens", "micro_usd"],
    ),
    ("audit", &["id", "person", "what", "detail", "at"]),
    ("setting", &["name", "value"]),
];

/// Columns that hold whole numbers; all others hold text.
const NUMBERS: &[&str] = &[
    "pending",
    "ready_at",
    "lease_until",
    "cancel",
    "attempts",
    "not_before",
    "created_at",
    "done_at",
    "met_at",
    "fresh_after",
    "summary_upto",
    "seq",
    "at",
    "overheard",
    "place",
    "retired",
    "revision",
    "day",
    "exchanges",
    "prompt_tokens",
    "completion_tokens",
    "micro_usd",
];

/// What a copy holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of the form.
    pub version: u32,
    /// When it was made.
    pub at: Millis,
    /// Per file: rows and BLAKE3 hash.
    pub files: BTreeMap<String, (u64, String)>,
}

fn is_number(table: &str, column: &str) -> bool {
    NUMBERS.contains(&column) || (column == "id" && ["work", "feedback", "audit"].contains(&table))
}

impl Store {
    /// Writes a consistent copy into a new or empty folder, while everything goes on.
    pub async fn backup(&self, to: &Path, now: Millis) -> Result<Manifest, Error> {
        std::fs::create_dir_all(to).map_err(Error::broken)?;
        let mut manifest = Manifest { version: 1, at: now, files: BTreeMap::new() };
        match &self.pool {
            Pool::Sqlite { read, .. } => {
                let mut tx = read.begin().await?;
                copy_out(&mut Conn::Sqlite(&mut tx), to, &mut manifest).await?;
            }
            Pool::Postgres(pool) => {
                let mut tx = pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
                copy_out(&mut Conn::Postgres(&mut tx), to, &mut manifest).await?;
            }
        }
        let text = serde_json::to_string_pretty(&manifest)?;
        std::fs::write(to.join("manifest.json"), text).map_err(Error::broken)?;
        Ok(manifest)
    }

    /// Checks that a copy is whole: every file is there and fits its hash.
    pub fn check_backup(from: &Path) -> Result<Manifest, Error> {
        let text = std::fs::read_to_string(from.join("manifest.json")).map_err(Error::broken)?;
        let manifest: Manifest = serde_json::from_str(&text)?;
        for (file, (_, hash)) in &manifest.files {
            let bytes = std::fs::read(from.join(file)).map_err(Error::broken)?;
            if blake3::hash(&bytes).to_hex().as_str() != hash {
                return Err(Error::Broken(format!("{file} is damaged").into()));
            }
        }
        Ok(manifest)
    }

    /// Brings a copy back into an empty database; `replace` empties it first.
    pub async fn restore(from: &Path, config: &Config, replace: bool) -> Result<Manifest, Error> {
        let manifest = Self::check_backup(from)?;
        let store = Self::open(config).await?;
        let folder = from.to_owned();
        store.writer.other(move |conn| Box::pin(async move { copy_in(conn, &folder, replace).await })).await?;
        store.close().await;
        Ok(manifest)
    }
}

async fn copy_out(conn: &mut Conn<'_>, to: &Path, manifest: &mut Manifest) -> Result<(), Error> {
    for (table, columns) in TABLES {
        let sql = format!("SELECT {} FROM {table} ORDER BY 1", columns.join(", "));
        let mut text = String::new();
        let mut count = 0;
        macro_rules! copy {
            ($conn:expr) => {
                for row in sqlx::query(AssertSqlSafe(sql)).fetch_all($conn).await? {
                    let mut line = serde_json::Map::new();
                    for (at, column) in columns.iter().enumerate() {
                        let value = if is_number(table, column) {
                            Value::from(row.try_get::<i64, _>(at)?)
                        } else {
                            Value::from(row.try_get::<String, _>(at)?)
                        };
                        line.insert((*column).to_owned(), value);
                    }
                    text += &format!("{}\n", Value::Object(line));
                    count += 1;
                }
            };
        }
        match conn {
            Conn::Sqlite(c) => copy!(&mut **c),
            Conn::Postgres(c) => copy!(&mut **c),
        }
        let file = format!("{table}.jsonl");
        std::fs::write(to.join(&file), &text).map_err(Error::broken)?;
        manifest.files.insert(file, (count, blake3::hash(text.as_bytes()).to_hex().to_string()));
    }
    Ok(())
}

async fn copy_in(conn: &mut Conn<'_>, from: &Path, replace: bool) -> Result<(), Error> {
    for (table, columns) in TABLES {
        clear(conn, table, replace).await?;
        let text = std::fs::read_to_string(from.join(format!("{table}.jsonl"))).map_err(Error::broken)?;
        let lines: Vec<&str> = text.lines().collect();
        for part in lines.chunks(500) {
            insert(conn, table, columns, &format!("[{}]", part.join(","))).await?;
        }
    }
    let Conn::Postgres(c) = conn else { return Ok(()) };
    for (table, column) in
        [("work", "id"), ("log", "seq"), ("feedback", "id"), ("audit", "id"), ("knowledge_change", "revision")]
    {
        let sql = format!(
            "SELECT setval(pg_get_serial_sequence('{table}', '{column}'), (SELECT coalesce(max({column}), 0) + 1 FROM {table}), false)"
        );
        sqlx::query(AssertSqlSafe(sql)).execute(&mut **c).await?;
    }
    Ok(())
}

async fn clear(conn: &mut Conn<'_>, table: &str, replace: bool) -> Result<(), Error> {
    let sql = if replace { format!("DELETE FROM {table}") } else { format!("SELECT 1 FROM {table} LIMIT 1") };
    let found = match conn {
        Conn::Sqlite(c) => sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut **c).await?.len(),
        Conn::Postgres(c) => sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut **c).await?.len(),
    };
    if found > 0 {
        return Err(Error::Broken("the database already holds something; use --replace to replace it".into()));
    }
    Ok(())
}

async fn insert(conn: &mut Conn<'_>, table: &str, columns: &[&str], rows: &str) -> Result<(), Error> {
    let value = |column: &&str| match is_number(table, column) {
        true => format!("CAST(value->>'{column}' AS BIGINT)"),
        false => format!("value->>'{column}'"),
    };
    let values: Vec<String> = columns.iter().map(value).collect();
    let (names, values) = (columns.join(", "), values.join(", "));
    match conn {
        Conn::Sqlite(c) => {
            let sql = format!("INSERT INTO {table} ({names}) SELECT {values} FROM json_each($1)");
            sqlx::query(AssertSqlSafe(sql)).bind(rows).execute(&mut **c).await?;
        }
        Conn::Postgres(c) => {
            let sql = format!(
                "INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE SELECT {values} FROM jsonb_array_elements($1::jsonb) AS given(value)"
            );
            sqlx::query(AssertSqlSafe(sql)).bind(rows).execute(&mut **c).await?;
        }
    }
    Ok(())
}
