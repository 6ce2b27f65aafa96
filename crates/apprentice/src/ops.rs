//! Looking after the store from the command line: waiting work, copies.

use crate::bot::now;
use crate::cli::Work;
use crate::settings::Loaded;
use crate::start::say;
use anyhow::Context as _;
use domain::ids::PersonId;
use domain::person::Lang;
use domain::text::{say as text, say_with};
use std::path::Path;
use std::process::ExitCode;
use store::{Store, WorkState};

async fn open(loaded: &Loaded) -> anyhow::Result<Store> {
    Store::open(&loaded.settings.store_config()).await.context("opening the database")
}

/// `apprentice work list|retry|drop`
pub async fn work(loaded: &Loaded, what: &Work) -> anyhow::Result<ExitCode> {
    let store = open(loaded).await?;
    let by = PersonId::from("command line");
    let told = match what {
        Work::List => list(&store).await?,
        Work::Retry { id: Some(id) } => done(store.work_retry(*id, &by, now()).await?),
        Work::Retry { id: None } => {
            let parked = store.work_list(WorkState::Parked, 10_000).await?;
            for row in &parked {
                store.work_retry(row.id, &by, now()).await?;
            }
            parked.len().to_string()
        }
        Work::Drop { id } => done(store.work_drop(*id, &by, now()).await?),
    };
    store.close().await;
    Ok(say(&told, ExitCode::SUCCESS))
}

fn done(found: bool) -> String {
    if found { "✓" } else { "✗" }.to_owned()
}

async fn list(store: &Store) -> anyhow::Result<String> {
    let mut lines = Vec::new();
    for state in [WorkState::Parked, WorkState::Open] {
        for row in store.work_list(state, 1000).await? {
            lines.push(format!("{}\t{}\t{}\t×{}\t{}", row.id, state.name(), row.lane, row.attempts, row.reason));
        }
    }
    Ok(lines.join("\n"))
}

/// `apprentice backup <folder>`
pub async fn backup(loaded: &Loaded, to: &Path, lang: Lang) -> anyhow::Result<ExitCode> {
    let store = open(loaded).await?;
    store.backup(to, now()).await.context("making the copy")?;
    store.close().await;
    Store::check_backup(to).context("checking the copy")?;
    let told = say_with(lang, "backup-done", &[("path", to.display().to_string())]);
    Ok(say(&told, ExitCode::SUCCESS))
}

/// `apprentice restore <folder>`
pub async fn restore(loaded: &Loaded, from: &Path, replace: bool, check: bool, lang: Lang) -> anyhow::Result<ExitCode> {
    if check {
        Store::check_backup(from).context("checking the copy")?;
        return Ok(say(&text(lang, "backup-whole"), ExitCode::SUCCESS));
    }
    Store::restore(from, &loaded.settings.store_config(), replace).await.context("bringing the copy back")?;
    Ok(say(&text(lang, "restore-done"), ExitCode::SUCCESS))
}
