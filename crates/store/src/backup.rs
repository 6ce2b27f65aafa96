//! A consistent copy of everything, made while running, in a form that is the same for both engines:
//! a folder with one file of JSON lines per table, the blobs, and a manifest of their hashes. A copy
//! of SQLite can therefore be brought back into PostgreSQL, and the other way round.
//!
//! Not in a copy: one-time codes and sessions of the page, which are made anew.

use crate::blobs::{BlobId, Blobs};
use crate::engine::{Conn, Link, Pool, Sql, args};
use crate::{Config, Error, Store};
use domain::ids::Millis;
use futures::TryStreamExt as _;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::{AssertSqlSafe, Postgres, Sqlite};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, BufWriter, Read as _, Write as _};
use std::path::Path;

/// Every table that is copied.
pub(crate) const TABLES: &[&str] = &[
    "lane",
    "work",
    "person",
    "identity",
    "conversation",
    "log",
    "member",
    "exchange",
    "shown",
    "feedback",
    "knowledge",
    "knowledge_change",
    "fingerprint",
    "object",
    "usage",
    "audit",
    "setting",
];

/// Tables that PostgreSQL numbers, with the numbered column.
const NUMBERED: &[(&str, &str)] =
    &[("work", "id"), ("log", "seq"), ("feedback", "id"), ("audit", "id"), ("knowledge_change", "revision")];

/// Lines that are brought back in one statement.
const PORTION: usize = 500;

/// What a copy holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of the form.
    pub version: u32,
    /// When it was made.
    pub at: Millis,
    /// Per file: its lines (0 for a blob) and its BLAKE3 hash.
    pub files: BTreeMap<String, (u64, String)>,
}

/// The version of the form that is written here.
const VERSION: u32 = 1;

impl Store {
    /// Writes a consistent copy into a new or empty folder, while everything goes on.
    pub async fn backup(&self, to: &Path, now: Millis) -> Result<Manifest, Error> {
        std::fs::create_dir_all(to).map_err(Error::broken)?;
        if std::fs::read_dir(to).map_err(Error::broken)?.next().is_some() {
            return Err(Error::Broken(format!("{} is not empty", to.display()).into()));
        }
        let mut manifest = Manifest { version: VERSION, at: now, files: BTreeMap::new() };
        let mut kept = self.pool.keep_for_reading().await?;
        let copied = copy_tables(&mut kept.conn(), to, &mut manifest).await;
        // Ends the long read whether it worked or not.
        kept.conn().run("ROLLBACK", Vec::new()).await?;
        copied?;
        // Blobs after the tables: what the tables name is there by now, and blobs never change.
        self.copy_blobs(to, &mut manifest).await?;
        let text = serde_json::to_vec_pretty(&manifest)?;
        write_whole(&to.join("manifest.json"), &text)?;
        Ok(manifest)
    }

    async fn copy_blobs(&self, to: &Path, manifest: &mut Manifest) -> Result<(), Error> {
        if self.config.blobs.is_empty() {
            return Ok(());
        }
        let blobs = self.blobs()?;
        std::fs::create_dir_all(to.join("blobs")).map_err(Error::broken)?;
        for (id, _, _) in blobs.list().await? {
            let file = format!("blobs/{id}");
            write_whole(&to.join(&file), &blobs.get(&id).await?)?;
            manifest.files.insert(file, (0, id.as_str().to_owned()));
        }
        Ok(())
    }

    /// Checks that a copy is whole: every file is there and fits its hash.
    pub fn check_backup(from: &Path) -> Result<Manifest, Error> {
        let text = std::fs::read(from.join("manifest.json")).map_err(Error::broken)?;
        let manifest: Manifest = serde_json::from_slice(&text)?;
        if manifest.version > VERSION {
            return Err(Error::Broken("the copy was made by a newer version".into()));
        }
        for (file, (_, hash)) in &manifest.files {
            let harmless = !file.contains("..") && !file.starts_with('/');
            if !harmless || hash_of(&from.join(file))? != *hash {
                return Err(Error::Broken(format!("{file} is damaged").into()));
            }
        }
        Ok(manifest)
    }

    /// Brings a copy back into an empty database; `replace` empties it first. All or nothing.
    pub async fn restore(from: &Path, config: &Config, replace: bool) -> Result<Manifest, Error> {
        let manifest = Self::check_backup(from)?;
        restore_blobs(from, &manifest, config).await?;
        let pool = Pool::open(&config.url).await?;
        let mut kept = pool.keep().await?;
        let brought = restore_tables(&mut kept.conn(), from, replace).await;
        if brought.is_err() {
            kept.conn().run("ROLLBACK", Vec::new()).await?;
        }
        drop(kept);
        pool.close().await;
        brought.map(|()| manifest)
    }
}

async fn copy_tables(conn: &mut Conn<'_>, to: &Path, manifest: &mut Manifest) -> Result<(), Error> {
    const BEGIN: Sql = Sql { sqlite: "BEGIN", postgres: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" };
    conn.run(BEGIN, Vec::new()).await?;
    for table in TABLES {
        let file = format!("{table}.jsonl");
        let copied = copy_table(conn, table, &to.join(&file)).await?;
        manifest.files.insert(file, copied);
    }
    Ok(())
}

/// Writes a table's rows as JSON lines; their number and hash.
async fn copy_table(conn: &mut Conn<'_>, table: &str, to: &Path) -> Result<(u64, String), Error> {
    let sql = AssertSqlSafe(select_json(conn, table).await?);
    let mut file = BufWriter::new(std::fs::File::create(to).map_err(Error::broken)?);
    let (mut hash, mut lines) = (blake3::Hasher::new(), 0);
    let mut write = |line: String| -> Result<(), Error> {
        let line = line + "\n";
        hash.update(line.as_bytes());
        lines += 1;
        file.write_all(line.as_bytes()).map_err(Error::broken)
    };
    match conn.link() {
        Link::Sqlite(c) => {
            let mut rows = sqlx::query_as::<Sqlite, (String,)>(sql).fetch(&mut **c);
            while let Some((line,)) = rows.try_next().await? {
                write(line)?;
            }
        }
        Link::Postgres(c) => {
            let mut rows = sqlx::query_as::<Postgres, (String,)>(sql).fetch(&mut **c);
            while let Some((line,)) = rows.try_next().await? {
                write(line)?;
            }
        }
    }
    file.into_inner().map_err(|error| Error::broken(error.into_error()))?.sync_all().map_err(Error::broken)?;
    Ok((lines, hash.finalize().to_hex().to_string()))
}

/// A query for a table's rows, each as one JSON object.
async fn select_json(conn: &mut Conn<'_>, table: &str) -> Result<String, Error> {
    const COLUMNS: Sql = Sql {
        sqlite: "SELECT name FROM pragma_table_info($1) ORDER BY cid",
        postgres: "SELECT CAST(column_name AS TEXT) FROM information_schema.columns \
                   WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position",
    };
    let columns: Vec<(String,)> = conn.rows(COLUMNS, args![table]).await?;
    let pairs: Vec<String> = columns.iter().map(|(name,)| format!("'{name}', {name}")).collect();
    let pairs = pairs.join(", ");
    Ok(match conn.is_shared() {
        false => format!("SELECT json_object({pairs}) FROM {table}"),
        true => format!("SELECT CAST(json_build_object({pairs}) AS TEXT) FROM {table}"),
    })
}

fn write_whole(path: &Path, contents: &[u8]) -> Result<(), Error> {
    let mut file = std::fs::File::create(path).map_err(Error::broken)?;
    file.write_all(contents).map_err(Error::broken)?;
    file.sync_all().map_err(Error::broken)
}

fn hash_of(path: &Path) -> Result<String, Error> {
    let mut file = std::fs::File::open(path).map_err(Error::broken)?;
    let (mut hash, mut buffer) = (blake3::Hasher::new(), vec![0_u8; 64 * 1024]);
    loop {
        let read = file.read(&mut buffer).map_err(Error::broken)?;
        if read == 0 {
            return Ok(hash.finalize().to_hex().to_string());
        }
        hash.update(buffer.get(..read).unwrap_or_default());
    }
}

async fn restore_blobs(from: &Path, manifest: &Manifest, config: &Config) -> Result<(), Error> {
    let named = manifest.files.keys().filter_map(|file| file.strip_prefix("blobs/").and_then(BlobId::parse));
    let named: Vec<BlobId> = named.collect();
    if named.is_empty() {
        return Ok(());
    }
    let blobs = Blobs::open(&config.blobs, &config.s3)?;
    for id in named {
        let contents = std::fs::read(from.join("blobs").join(id.as_str())).map_err(Error::broken)?;
        blobs.put(contents.into()).await?;
    }
    Ok(())
}

async fn restore_tables(conn: &mut Conn<'_>, from: &Path, replace: bool) -> Result<(), Error> {
    conn.run("BEGIN", Vec::new()).await?;
    for table in TABLES {
        make_room(conn, table, replace).await?;
        restore_table(conn, table, &from.join(format!("{table}.jsonl"))).await?;
    }
    // Whoever held the lanes then does not hold them here.
    conn.run("UPDATE lane SET owner = '', due_at = 0, cancel = 0", Vec::new()).await?;
    if !conn.is_shared() {
        conn.run("UPDATE counter SET at = (SELECT coalesce(max(seq), 0) FROM log) WHERE name = 'log'", Vec::new())
            .await?;
    } else {
        for (table, column) in NUMBERED {
            let sql = format!(
                "SELECT setval(pg_get_serial_sequence('{table}', '{column}'), (SELECT coalesce(max({column}), 0) + 1 FROM {table}), false)"
            );
            conn.rows_of::<(i64,)>(sql, Vec::new()).await?;
        }
    }
    conn.run("COMMIT", Vec::new()).await?;
    Ok(())
}

async fn make_room(conn: &mut Conn<'_>, table: &str, replace: bool) -> Result<(), Error> {
    if replace {
        conn.rows_of::<(i64,)>(format!("DELETE FROM {table} RETURNING CAST(1 AS BIGINT)"), Vec::new()).await?;
        return Ok(());
    }
    let found: Vec<(i64,)> = conn.rows_of(format!("SELECT CAST(1 AS BIGINT) FROM {table} LIMIT 1"), Vec::new()).await?;
    match found.is_empty() {
        true => Ok(()),
        false => Err(Error::Broken("the database already holds something; it can be replaced by --replace".into())),
    }
}

async fn restore_table(conn: &mut Conn<'_>, table: &str, from: &Path) -> Result<(), Error> {
    let file = BufReader::new(std::fs::File::open(from).map_err(Error::broken)?);
    let mut portion = Vec::with_capacity(PORTION);
    for line in file.lines() {
        portion.push(line.map_err(Error::broken)?);
        if portion.len() == PORTION {
            insert(conn, table, &portion).await?;
            portion.clear();
        }
    }
    insert(conn, table, &portion).await
}

/// Inserts rows; columns that an older copy does not name get their defaults.
async fn insert(conn: &mut Conn<'_>, table: &str, lines: &[String]) -> Result<(), Error> {
    let Some(first) = lines.first() else { return Ok(()) };
    let Value::Object(first) = serde_json::from_str(first)? else {
        return Err(Error::Broken(format!("{table}: a line is no object").into()));
    };
    let well_formed = |name: &&String| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    let names: Vec<&str> = first.keys().filter(well_formed).map(String::as_str).collect();
    let columns = names.join(", ");
    let sql = match conn.is_shared() {
        false => {
            let values: Vec<String> = names.iter().map(|name| format!("value ->> '{name}'")).collect();
            format!(
                "INSERT INTO {table} ({columns}) SELECT {} FROM json_each($1) RETURNING CAST(1 AS BIGINT)",
                values.join(", ")
            )
        }
        true => format!(
            "INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM json_populate_recordset(NULL::{table}, $1::json) \
             RETURNING CAST(1 AS BIGINT)"
        ),
    };
    conn.rows_of::<(i64,)>(sql, args![format!("[{}]", lines.join(","))]).await?;
    Ok(())
}
