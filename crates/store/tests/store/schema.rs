//! The schema: its document is true, both engines have the same tables, and an older database is
//! brought up to date with a copy kept beside it.

use crate::world::{LEASE, NOW, World, answered, both, claim_one, conversation, said};
use sqlx::{Connection as _, PgConnection, SqliteConnection};
use std::collections::BTreeMap;

fn document() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/schema.sql");
    std::fs::read_to_string(path).unwrap()
}

/// Statements without comments and with single spaces.
fn statements(text: &str) -> Vec<String> {
    let bare: Vec<&str> = text.lines().map(|line| line.split("--").next().unwrap_or("")).collect();
    let words = |statement: &str| {
        statement
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .replace("( ", "(")
            .replace(" )", ")")
            .replace('"', "")
    };
    let mut all: Vec<String> =
        bare.join("\n").split(';').map(words).filter(|statement| !statement.is_empty()).collect();
    all.sort();
    all
}

async fn sqlite(world: &World) -> SqliteConnection {
    SqliteConnection::connect(&world.config.url).await.unwrap()
}

#[tokio::test]
async fn the_schema_document_is_the_schema() {
    let world = World::sqlite();
    world.open().await.close().await;
    let sql = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE '\\_sqlx%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
    let real: Vec<(String,)> = sqlx::query_as(sql).fetch_all(&mut sqlite(&world).await).await.unwrap();
    let real: Vec<String> = real.into_iter().map(|(sql,)| sql).collect();
    assert_eq!(statements(&real.join(";")), statements(&document()));
}

#[tokio::test]
async fn every_table_and_column_of_the_document_is_explained() {
    let text = document();
    let lines: Vec<&str> = text.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        if line.starts_with("CREATE TABLE") {
            assert!(lines[at - 1].starts_with("--"), "no word on {line}");
        }
        let is_column = line.starts_with("    ") && !line.trim_start().starts_with("PRIMARY KEY");
        assert!(!is_column || line.contains("--"), "no word on {line}");
    }
}

#[tokio::test]
async fn both_engines_have_the_same_tables_with_the_same_columns() {
    let (one, two) = (World::sqlite(), World::postgres());
    one.open().await.close().await;
    two.open().await.close().await;
    let sql = "SELECT m.name, c.name, c.type FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS c \
               WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' ORDER BY 1, 2";
    let found: Vec<(String, String, String)> = sqlx::query_as(sql).fetch_all(&mut sqlite(&one).await).await.unwrap();
    let mut postgres = PgConnection::connect(&two.config.url).await.unwrap();
    let sql = "SELECT table_name::text, column_name::text, data_type::text FROM information_schema.columns \
               WHERE table_schema = 'public' ORDER BY 1, 2";
    let other: Vec<(String, String, String)> = sqlx::query_as(sql).fetch_all(&mut postgres).await.unwrap();
    let tables = |rows: Vec<(String, String, String)>| {
        let mut tables: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
        // `counter` numbers SQLite's log, which PostgreSQL does by itself.
        for (table, column, kind) in
            rows.into_iter().filter(|(table, ..)| table != "_sqlx_migrations" && table != "counter")
        {
            let kind = kind.to_lowercase().replace("bigint", "integer");
            tables.entry(table).or_default().push((column, kind));
        }
        tables
    };
    assert_eq!(tables(found), tables(other));
}

both!(migrations_run_again_over_filled_data_change_nothing,);

async fn migrations_run_again_over_filled_data_change_nothing(world: World) {
    let store = world.open().await;
    store.accept(vec![said("1", "hi")]).await.unwrap();
    let work = claim_one(&store, "me", NOW).await;
    store.record(answered("me", &work, "1", "x1", "hello")).await.unwrap();
    store.close().await;
    for _ in 0..2 {
        let store = world.open().await;
        assert_eq!(store.history(&conversation("1"), None, 10).await.unwrap().len(), 2);
        store.close().await;
    }
    let store = world.open().await;
    assert_eq!(store.claim("you", 1, LEASE, NOW.plus(LEASE + 1)).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_database_is_copied_before_it_is_brought_up_to_date() {
    let world = World::sqlite();
    let store = world.open().await;
    store.accept(vec![said("1", "hi")]).await.unwrap();
    store.close().await;
    let copies = || {
        let files = std::fs::read_dir(world.folder.path()).unwrap().flatten();
        files
            .filter(|file| file.file_name().to_string_lossy().contains("before-"))
            .map(|file| file.path())
            .collect::<Vec<_>>()
    };
    assert!(copies().is_empty(), "nothing to bring up to date, nothing to copy");
    // As if it came from before the last migration, which then fails half way.
    sqlx::query("DELETE FROM _sqlx_migrations WHERE version > 1").execute(&mut sqlite(&world).await).await.unwrap();
    assert!(store::Store::open(&world.config).await.is_err());
    let copy = copies().pop().unwrap();
    let mut copy = SqliteConnection::connect(&copy.display().to_string()).await.unwrap();
    let (kept,): (i64,) = sqlx::query_as("SELECT count(*) FROM work").fetch_one(&mut copy).await.unwrap();
    assert_eq!(kept, 1, "the copy has what was there");
}
