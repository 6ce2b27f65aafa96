//! Forgetting somebody in what was learnt from them: versions of the dataset that hold their words are tainted and lose
//! their rows, and no release that was trained on one answers anybody any more.
//!
//! Done again after a crash anywhere, it goes on where it was: a version names its people and its rows until nothing that
//! was made of it is left.

use crate::bot::{Bot, now};
use crate::learn::ask::Sample;
use crate::learn::{releases, train};
use crate::media;
use domain::dataset::Dataset;
use domain::ids::{Millis, PersonId};
use domain::object::Object;
use domain::release::{self, Artifact, Release, Stage};
use domain::run::{Run, Task};
use std::collections::BTreeSet;
use store::BlobId;

/// Objects that are looked at, at once.
const PAGE: u32 = 500;
/// Most exported files that are looked at.
const EXPORTS: usize = 100_000;
/// The directories of the data root in which each person has one of their own.
const OWN: [&str; 2] = ["inbox", vault::REPORTS];

/// What went with somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gone {
    /// Versions that are tainted now.
    pub versions: Vec<String>,
    /// Releases that answer nobody any more.
    pub releases: Vec<String>,
    /// What could not be deleted elsewhere: names of files, jobs and models at the training server.
    pub left: Vec<String>,
}

/// Forgets a person: what was made of their words, their files, their words.
pub async fn person(bot: &Bot, person: &PersonId, at: Millis) -> anyhow::Result<Gone> {
    let mut gone = Gone::default();
    what_was_made(bot, person, &mut gone).await?;
    gone.left.extend(runs_and_files(bot, person).await?);
    media::kept::forget(bot, person).await?;
    bot.store.forget_person(person, at).await?;
    // What was added while this went on; from now on nothing of theirs is (`Store::add_made_of`).
    what_was_made(bot, person, &mut gone).await?;
    forget_answers(bot).await?;
    Ok(gone)
}

/// Takes back what was made of a person's words, in an order in which nothing is lost sight of before it is gone: nobody
/// trains on the versions any more, the releases go, the files go, then the versions forget whose they were.
async fn what_was_made(bot: &Bot, person: &PersonId, gone: &mut Gone) -> anyhow::Result<()> {
    let mut versions: Vec<Dataset> = all(bot).await?;
    let before: BTreeSet<u32> =
        versions.iter().filter(|version| version.tainted).map(|version| version.number).collect();
    versions.retain(|version| version.subjects.contains(person) || (version.tainted && !version.rows.is_empty()));
    for version in versions.iter_mut().filter(|version| !version.tainted) {
        version.tainted = true;
        bot.store.put(version).await?;
    }
    let theirs: BTreeSet<u32> = versions.iter().map(|version| version.number).collect();
    let mut numbers = BTreeSet::new();
    for release in all::<Release>(bot).await? {
        let is_theirs = theirs.contains(&release.dataset);
        if is_theirs || (before.contains(&release.dataset) && release.stage != Stage::Tainted) {
            numbers.insert(release.number);
            gone.releases.push(release.name());
            gone.left.extend(withdraw(bot, person, release.number).await?);
        }
    }
    if !theirs.is_empty() {
        clear_runs(bot, &theirs, &numbers, gone).await?;
        delete_exports(bot, &theirs).await?;
    }
    for mut version in versions {
        delete_blob(bot, &version.rows).await?;
        version.rows.clear();
        version.subjects.clear();
        bot.store.put(&version).await?;
        gone.versions.push(version.name());
    }
    Ok(())
}

/// Lets a release answer nobody, and deletes what it answers with; what could not be deleted.
pub async fn withdraw(bot: &Bot, by: &PersonId, number: u32) -> anyhow::Result<Vec<String>> {
    releases::reroute(bot, by, "forgotten", |routing| routing.withdraw(number)).await?;
    let Some(mut release) = releases::find(bot, number).await? else { return Ok(Vec::new()) };
    if release.stage != Stage::Tainted {
        release.moved(Stage::Tainted, by, "forgotten", now());
        bot.store.put(&release).await?;
    }
    delete_artifact(bot, &release.artifact).await
}

/// Deletes what a release would answer with; what could not be deleted.
pub async fn delete_artifact(bot: &Bot, artifact: &Artifact) -> anyhow::Result<Vec<String>> {
    match artifact {
        Artifact::Embedded { snapshot } => {
            delete_blob(bot, snapshot).await?;
            Ok(Vec::new())
        }
        Artifact::Tuned { model } => Ok(train::erase_model(bot, model).await),
    }
}

/// Deletes a file by its hash, unless something that may stay has the same contents.
pub async fn delete_blob(bot: &Bot, name: &str) -> anyhow::Result<()> {
    let Some(id) = BlobId::parse(name) else { return Ok(()) };
    let versions = all::<Dataset>(bot).await?;
    let of_release = |release: &Release| match &release.artifact {
        Artifact::Embedded { snapshot } => release.stage != Stage::Tainted && snapshot == name,
        Artifact::Tuned { .. } => false,
    };
    let is_needed = versions.iter().any(|version| !version.tainted && version.rows == name)
        || all::<Release>(bot).await?.iter().any(of_release);
    if !is_needed {
        bot.store.blobs()?.delete(&id).await?;
    }
    Ok(())
}

/// Takes back what trainings on these versions have sent elsewhere, and what comparisons of these releases have noted.
async fn clear_runs(
    bot: &Bot,
    versions: &BTreeSet<u32>,
    releases: &BTreeSet<u32>,
    gone: &mut Gone,
) -> anyhow::Result<()> {
    let is_theirs = |name: &str| release::number_of(name).is_some_and(|number| releases.contains(&number));
    // What is asked comes from the candidate's version; the base is asked what the newest one holds.
    let asks_theirs = |name: &str| is_theirs(name) || release::number_of(name) == Some(0);
    for mut run in all::<Run>(bot).await? {
        match &run.task {
            Task::Train { dataset, trainer } if versions.contains(dataset) => {
                gone.left.extend(train::erase(bot, &run, trainer).await);
            }
            Task::Compare { candidate, incumbent }
                if run.state.is_over() && (asks_theirs(candidate) || is_theirs(incumbent)) =>
            {
                let file = std::mem::take(&mut run.file);
                if let Some(path) = file.strip_prefix(&format!("{}/", crate::serve::FILES)) {
                    remove(bot, vec![path.to_owned()]).await?;
                }
                run.misses.clear();
                run.report.clear();
                bot.store.put(&run).await?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Deletes what was written out of these versions.
async fn delete_exports(bot: &Bot, versions: &BTreeSet<u32>) -> anyhow::Result<()> {
    let root = bot.vault.clone();
    let listed = tokio::task::spawn_blocking(move || root.list("exports", EXPORTS)).await?;
    let entries = listed.map(|listing| listing.entries).unwrap_or_default();
    let of = |name: &str| versions.iter().any(|number| name.starts_with(&format!("v{number}-")));
    remove(bot, entries.into_iter().filter(|entry| of(entry.name())).map(|entry| entry.path).collect()).await
}

/// Ends the trainings of a person, which nobody would look at any more, and deletes what they have in the data root: their
/// directories, and the files that they sent in order to train on them. What could not be deleted elsewhere.
async fn runs_and_files(bot: &Bot, person: &PersonId) -> anyhow::Result<Vec<String>> {
    let mut paths: Vec<String> = OWN.iter().map(|top| format!("{top}/{person}")).collect();
    let mut left = Vec::new();
    for run in all::<Run>(bot).await?.into_iter().filter(|run| run.person == *person) {
        match &run.task {
            Task::Import { paths: sent, .. } => {
                paths.extend(sent.iter().filter(|path| path.starts_with("inbox/")).cloned());
            }
            Task::Train { trainer, .. } if !run.state.is_over() => left.extend(train::erase(bot, &run, trainer).await),
            _ => {}
        }
    }
    remove(bot, paths).await?;
    Ok(left)
}

/// Removes files and directories of the data root; what is no path there, or none any more, is passed over.
async fn remove(bot: &Bot, paths: Vec<String>) -> anyhow::Result<()> {
    let root = bot.vault.clone();
    tokio::task::spawn_blocking(move || {
        for path in paths {
            if let Err(denied) = root.remove(&path) {
                tracing::warn!(path, %denied, "a file of somebody who was forgotten could not be deleted");
            }
        }
    })
    .await?;
    Ok(())
}

/// Answers that were kept for tests may repeat anybody's words.
async fn forget_answers(bot: &Bot) -> anyhow::Result<()> {
    loop {
        let page: Vec<Sample> = bot.store.after("", "", PAGE).await?;
        if page.is_empty() {
            return Ok(());
        }
        let ids: Vec<String> = page.iter().map(Sample::id).collect();
        bot.store.remove::<Sample>(&ids).await?;
    }
}

async fn all<T: Object>(bot: &Bot) -> anyhow::Result<Vec<T>> {
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let page: Vec<T> = bot.store.after("", &after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(all) };
        after = last.id();
        all.extend(page);
    }
}
