//! Own suites: every `evals/*.jsonl` of the data root is asked in each comparison, and must not get worse.

use crate::bot::Bot;
use crate::learn::compare::{Case, Judge};
use learning::suite;
use std::io::Read as _;
use vault::Vault;

/// The directory of the data root that holds them.
const DIRECTORY: &str = "evals";
/// Most suites, and largest file in bytes.
const MOST: usize = 50;
const LARGEST: u64 = 8 << 20;

/// The cases of every own suite; a file that is none is left out, and said so in the log.
pub async fn own(bot: &Bot) -> anyhow::Result<Vec<Case>> {
    let vault = bot.vault.clone();
    Ok(tokio::task::spawn_blocking(move || all(&vault)).await?)
}

fn all(vault: &Vault) -> Vec<Case> {
    let Ok(listing) = vault.list(DIRECTORY, MOST) else { return Vec::new() };
    let files = listing.entries.into_iter().filter(|entry| !entry.dir && entry.path.ends_with(".jsonl"));
    files.flat_map(|entry| of(vault, &entry.path)).collect()
}

fn of(vault: &Vault, path: &str) -> Vec<Case> {
    let read = || -> anyhow::Result<Vec<suite::Case>> {
        let (mut file, _) = vault.open_file(path, LARGEST)?;
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        Ok(suite::read(&text)?)
    };
    let name = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".jsonl").to_owned();
    match read() {
        Ok(cases) => cases.into_iter().map(|case| named(&name, case)).collect(),
        Err(error) => {
            tracing::warn!(path, %error, "this is no suite of test cases");
            Vec::new()
        }
    }
}

fn named(suite: &str, case: suite::Case) -> Case {
    let id = format!("{suite}/{}", case.id);
    let judge = Judge::Grader(case.grader);
    Case { cluster: id.clone(), id, suite: suite.to_owned(), question: case.question, judge }
}
