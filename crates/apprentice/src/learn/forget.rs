//! Forgetting somebody in what was learnt from them: versions of the dataset that hold their words are tainted and lose
//! their rows, and no release that was trained on one answers anybody any more.

use crate::bot::Bot;
use crate::learn::ask::Sample;
use crate::learn::releases;
use domain::dataset::Dataset;
use domain::ids::PersonId;
use domain::release::Release;
use std::collections::BTreeSet;
use store::BlobId;

/// Versions, releases and answers that are looked at, at once.
const PAGE: u32 = 500;

/// What went with somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gone {
    /// Versions that are tainted now.
    pub versions: Vec<String>,
    /// Releases that answer nobody any more.
    pub releases: Vec<String>,
}

/// Taints what holds a person's words. Done again, it does the same.
pub async fn person(bot: &Bot, person: &PersonId) -> anyhow::Result<Gone> {
    let mut gone = Gone::default();
    let mut tainted = BTreeSet::new();
    for mut version in all::<Dataset>(bot).await? {
        if version.tainted || !version.subjects.contains(person) {
            continue;
        }
        let rows = std::mem::take(&mut version.rows);
        version.tainted = true;
        version.subjects.clear();
        bot.store.put(&version).await?;
        if let Some(rows) = BlobId::parse(&rows) {
            bot.store.blobs()?.delete(&rows).await?;
        }
        tainted.insert(version.number);
        gone.versions.push(version.name());
    }
    for release in all::<Release>(bot).await?.into_iter().filter(|release| tainted.contains(&release.dataset)) {
        gone.releases.push(release.name());
        withdraw(bot, person, release).await?;
    }
    forget_answers(bot).await?;
    Ok(gone)
}

async fn withdraw(bot: &Bot, by: &PersonId, mut release: Release) -> anyhow::Result<()> {
    let number = release.number;
    releases::reroute(bot, by, "forgotten", |routing| routing.withdraw(number)).await?;
    release.moved(domain::release::Stage::Tainted, by, "forgotten", crate::bot::now());
    bot.store.put(&release).await?;
    if let domain::release::Artifact::Embedded { snapshot } = &release.artifact
        && let Some(id) = BlobId::parse(snapshot)
    {
        bot.store.blobs()?.delete(&id).await?;
    }
    Ok(())
}

/// Answers that were kept for tests may repeat anybody's words.
async fn forget_answers(bot: &Bot) -> anyhow::Result<()> {
    use domain::object::Object as _;
    loop {
        let page: Vec<Sample> = bot.store.after("", "", PAGE).await?;
        if page.is_empty() {
            return Ok(());
        }
        let ids: Vec<String> = page.iter().map(Sample::id).collect();
        bot.store.remove::<Sample>(&ids).await?;
    }
}

async fn all<T: domain::object::Object>(bot: &Bot) -> anyhow::Result<Vec<T>> {
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let page: Vec<T> = bot.store.after("", &after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(all) };
        after = last.id();
        all.extend(page);
    }
}
