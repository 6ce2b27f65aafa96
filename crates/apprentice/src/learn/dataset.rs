//! Versions of the dataset: `/dataset list | show | diff | freeze | export | verify`. A version is made of everything that
//! was approved and may be used, cleaned and split; its rows are a file named by its hash, and nobody changes it.

use crate::bot::{Bot, now};
use crate::learn::{forget, source, spoken, suites};
use crate::turn::Turn;
use anyhow::Context as _;
use domain::dataset::{self, Dataset};
use domain::example::{Datum, Example, Origin};
use domain::exchange::Scope;
use domain::ids::{ConversationId, ExampleId, PersonId};
use domain::incoming::Channel;
use domain::markdown::escape;
use domain::outgoing::{Button, File, Outgoing, Press};
use domain::person::Person;
use learning::freeze::{self, About, Consent, Dropped, FreezeRules, Frozen, Manifest, Row, Split};
use learning::safety::SECRET;
use learning::shape::{self, Shape};
use std::collections::{BTreeMap, BTreeSet};
use store::{Added, BlobId};

/// Examples that are read at once.
const PAGE: u32 = 1000;
/// Versions that are listed.
const SHOWN: u32 = 10;
/// Conversations from which on none is ever on both sides of the split.
const CONVERSATIONS: usize = 10;
/// The seed of every split: the same examples always fall on the same side.
const SEED: u64 = 20_261_121;

/// Attempts when what is frozen goes away meanwhile.
const ATTEMPTS: u32 = 8;

/// Why there is no new version: a Fluent key.
pub type NoVersion = &'static str;

/// Freezes everything that was approved into a new version; the last one if nothing changed since.
pub async fn freeze(bot: &Bot, by: &PersonId) -> anyhow::Result<Result<Dataset, NoVersion>> {
    for _ in 0..ATTEMPTS {
        // What counts only for somebody never reaches everybody by way of what is trained.
        let (examples, private): (Vec<_>, Vec<_>) = approved(bot).await?.into_iter().partition(is_for_all);
        if examples.is_empty() && private.is_empty() {
            return Ok(Err("dataset-empty"));
        }
        let made = make(bot, examples).await?;
        if made.0.rows.is_empty() {
            return Ok(Err("dataset-nothing-allowed"));
        }
        if let Some(dataset) = add(bot, made, private.len() as u64, by).await? {
            return Ok(Ok(dataset));
        }
    }
    anyhow::bail!("what is frozen goes away again all the time")
}

/// The rows of a version of these examples, and its manifest but for its name.
async fn make(bot: &Bot, examples: Vec<Example>) -> anyhow::Result<(Frozen, Manifest)> {
    let consents = consents(bot, &examples).await?;
    let learning = bot.settings.current().learning.clone();
    let whole_conversations = are_enough(&examples);
    let canaries: Vec<String> = learning.canaries.into_iter().chain([SECRET.to_owned()]).collect();
    let exams: Vec<String> = suites::own(bot).await?.into_iter().map(|case| case.question).collect();
    let making = move || {
        let rules = FreezeRules {
            seed: SEED,
            held_out: learning.held_out,
            cap_per_author: learning.author_share,
            whole_conversations,
            consents: &|example: &Example| consents.get(example.id.as_str()).copied(),
            platform_allowed: &|channel| channel != Channel::Discord || learning.discord_in_training,
            canaries: &canaries,
            exams: &exams,
        };
        let frozen = freeze::freeze(examples, &rules);
        let manifest = Manifest::of(&frozen, About::default(), &rules);
        (frozen, manifest)
    };
    Ok(tokio::task::spawn_blocking(making).await?)
}

/// Adds a version under the next number that is free, as long as everything in it is still there; none, and it is to be
/// made anew, once something is not: somebody asked to be forgotten.
async fn add(
    bot: &Bot,
    (frozen, mut manifest): (Frozen, Manifest),
    private: u64,
    by: &PersonId,
) -> anyhow::Result<Option<Dataset>> {
    let rows = bot.store.blobs()?.put(freeze::bytes(&frozen.rows).into()).await?;
    let examples: Vec<ExampleId> = frozen.rows.iter().map(|row| row.id.clone()).collect();
    let subjects: Vec<PersonId> = frozen.subjects.iter().cloned().collect();
    loop {
        let last: Option<Dataset> = bot.store.latest("", "", 1).await?.into_iter().next();
        let parent = last.as_ref().map_or(0, |last| last.number);
        if let Some(last) = last.filter(|last| last.rows == rows.as_str() && !last.tainted) {
            return Ok(Some(last));
        }
        manifest.about = about(parent + 1, parent);
        let mut dataset = version(&frozen, &manifest, rows.as_str(), parent, by)?;
        dataset.private = private;
        match bot.store.add_made_of(&dataset, &examples, &subjects).await? {
            Added::New => return Ok(Some(dataset)),
            // Somebody else froze a version at the same time.
            Added::Taken => {}
            Added::Gone => {
                forget::delete_blob(bot, rows.as_str()).await?;
                return Ok(None);
            }
        }
    }
}

fn about(number: u32, parent: u32) -> About {
    About {
        version: u64::from(number),
        name: format!("v{number}"),
        parent: (parent > 0).then_some(u64::from(parent)),
        created_at: now(),
        licence: String::new(),
        consent: "agreed to by everybody in it, or brought by whoever answers for it".to_owned(),
    }
}

fn version(frozen: &Frozen, manifest: &Manifest, rows: &str, parent: u32, by: &PersonId) -> anyhow::Result<Dataset> {
    let held = frozen.rows.iter().filter(|row| row.split == Split::HeldOut).count() as u64;
    Ok(Dataset {
        number: parent + 1,
        title: String::new(),
        parent,
        manifest: serde_json::to_value(manifest)?,
        rows: rows.to_owned(),
        counts: (frozen.rows.len() as u64 - held, held),
        subjects: frozen.subjects.iter().cloned().collect(),
        private: 0,
        tainted: false,
        by: by.clone(),
        at: now(),
    })
}

/// Whether an example may reach everybody.
fn is_for_all(example: &Example) -> bool {
    example.scope == Scope::Everyone
}

/// Whether there are enough conversations to keep each on one side of the split; with a few only, one side would be
/// empty, and nearness alone decides.
fn are_enough(examples: &[Example]) -> bool {
    let chats: BTreeSet<_> = examples
        .iter()
        .filter(|example| !matches!(example.origin, Origin::Import { .. } | Origin::Proposal { .. }))
        .map(|example| &example.conversation)
        .collect();
    chats.len() >= CONVERSATIONS
}

/// Everything that was approved, oldest first.
pub async fn approved(bot: &Bot) -> anyhow::Result<Vec<Example>> {
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let page: Vec<Example> = bot.store.after("approved", &after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(all) };
        after = last.id.0.clone();
        all.extend(page);
    }
}

/// On what the use of each example rests whose people have agreed to it: who taught it and who had asked, each for themselves, and for what was said
/// in a group one of its trainers; whoever brings a file in order to train on it says yes with that.
async fn consents(bot: &Bot, examples: &[Example]) -> anyhow::Result<BTreeMap<String, Consent>> {
    let mut people: BTreeMap<PersonId, bool> = BTreeMap::new();
    for example in examples.iter().filter(|example| !matches!(example.origin, Origin::Import { .. })) {
        for who in std::iter::once(&example.author).chain(&example.asker) {
            if !people.contains_key(who) {
                let agreed = bot.store.person(who).await?.is_some_and(|person| agrees(&person));
                people.insert(who.clone(), agreed);
            }
        }
    }
    let groups = groups_without_a_yes(bot, examples).await?;
    let agreed = |who: &PersonId| people.get(who).copied().unwrap_or(false);
    let basis = |example: &Example| match example.origin {
        Origin::Import { .. } => Some(Consent::Brought),
        _ if groups.contains(&example.conversation) => None,
        _ => (agreed(&example.author) && example.asker.as_ref().is_none_or(agreed)).then_some(Consent::Agreed),
    };
    Ok(examples.iter().filter_map(|example| Some((example.id.0.clone(), basis(example)?))).collect())
}

/// The conversations of several people of which no trainer said that what is taught there may be trained on.
async fn groups_without_a_yes(bot: &Bot, examples: &[Example]) -> anyhow::Result<BTreeSet<ConversationId>> {
    let said_in: BTreeSet<&ConversationId> = examples.iter().map(|example| &example.conversation).collect();
    let mut without = BTreeSet::new();
    for conversation in said_in {
        if bot.store.members(conversation).await? > 1 && !bot.store.chat_prefs(conversation).await?.training {
            without.insert(conversation.clone());
        }
    }
    Ok(without)
}

/// Whether somebody said that what they teach may be trained on.
pub const fn agrees(person: &Person) -> bool {
    matches!(person.prefs.training, Some(true))
}

/// The rows of a version, checked against its manifest; none once it is tainted.
pub async fn rows(bot: &Bot, dataset: &Dataset) -> anyhow::Result<Option<Vec<Row>>> {
    // While somebody is being forgotten, a tainted version still names its rows.
    let Some(id) = BlobId::parse(&dataset.rows).filter(|_| !dataset.tainted) else { return Ok(None) };
    let bytes = bot.store.blobs()?.get(&id).await.context("reading the rows of a dataset")?;
    let manifest: Manifest = serde_json::from_value(dataset.manifest.clone())?;
    freeze::verify(&manifest, &bytes).context("the rows of a dataset")?;
    let text = std::str::from_utf8(&bytes)?;
    Ok(Some(text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?))
}

/// A version by its number.
pub async fn find(bot: &Bot, number: u32) -> anyhow::Result<Option<Dataset>> {
    Ok(bot.store.object(&format!("{number:08}")).await?)
}

/// `/dataset [list | show v | diff v v | freeze | export v shape | verify v]`
pub async fn command(turn: &mut Turn<'_>, argument: &str) -> anyhow::Result<()> {
    match argument.split_whitespace().collect::<Vec<_>>().as_slice() {
        [] | ["list"] => list(turn).await,
        ["freeze"] => freeze_now(turn).await,
        ["show", name] => match named(turn, name).await? {
            Some(dataset) => show(turn, &dataset),
            None => Ok(()),
        },
        ["verify", name] => match named(turn, name).await? {
            Some(dataset) => verify(turn, &dataset).await,
            None => Ok(()),
        },
        ["diff", one, other] => match (named(turn, one).await?, named(turn, other).await?) {
            (Some(one), Some(other)) => diff(turn, &one, &other).await,
            _ => Ok(()),
        },
        ["export", "speech"] => spoken::export(turn).await,
        ["export", name] => export(turn, name, Shape::Chat).await,
        ["export", name, shape] => match Shape::by_name(shape) {
            Some(shape) => export(turn, name, shape).await,
            None => {
                let shapes: Vec<&str> = Shape::ALL.into_iter().map(Shape::name).collect();
                let text = turn.text_with("dataset-shapes", &[("shapes", shapes.join(", "))]);
                turn.reply(text);
                Ok(())
            }
        },
        _ => say(turn, "dataset-usage"),
    }
}

async fn named(turn: &mut Turn<'_>, name: &str) -> anyhow::Result<Option<Dataset>> {
    let found = match dataset::number_of(name) {
        Some(number) => find(turn.bot, number).await?,
        None => None,
    };
    if found.is_none() {
        let text = turn.text_with("dataset-unknown", &[("name", escape(name))]);
        turn.reply(text);
    }
    Ok(found)
}

async fn list(turn: &mut Turn<'_>) -> anyhow::Result<()> {
    let versions: Vec<Dataset> = turn.bot.store.latest("", "", SHOWN).await?;
    let counts = turn.bot.store.count::<Example>().await?;
    let count = |state: &str| counts.get(state).copied().unwrap_or(0).to_string();
    let args = [("approved", count("approved")), ("proposed", count("proposed")), ("conflicted", count("conflicted"))];
    let mut lines = vec![turn.text_with("dataset-head", &args)];
    lines.extend(versions.iter().map(|dataset| line(turn, dataset)));
    let buttons = vec![vec![
        turn.button("button-freeze", &Press::Say("/dataset freeze".to_owned())),
        turn.button("button-review", &Press::Say("/review".to_owned())),
    ]];
    turn.deliver(Outgoing { markdown: lines.join("\n"), buttons, ..Outgoing::default() });
    Ok(())
}

fn line(turn: &Turn<'_>, dataset: &Dataset) -> String {
    let day = jiff::Timestamp::from_millisecond(dataset.at.0).unwrap_or_default().strftime("%Y-%m-%d").to_string();
    let args = [
        ("name", dataset.name()),
        ("train", dataset.counts.0.to_string()),
        ("held", dataset.counts.1.to_string()),
        ("day", day),
        ("tainted", if dataset.tainted { "yes" } else { "no" }.to_owned()),
    ];
    turn.text_with("dataset-line", &args)
}

async fn freeze_now(turn: &mut Turn<'_>) -> anyhow::Result<()> {
    match freeze(turn.bot, &turn.person.id).await? {
        Ok(dataset) => show(turn, &dataset),
        Err(key) => say(turn, key),
    }
}

fn show(turn: &mut Turn<'_>, dataset: &Dataset) -> anyhow::Result<()> {
    let manifest: Manifest = serde_json::from_value(dataset.manifest.clone())?;
    let dropped: Vec<String> = manifest
        .counts
        .dropped
        .iter()
        .filter(|(_, count)| **count > 0)
        .map(|(why, count)| format!("- {}: {count}", turn.text(dropped_key(*why))))
        .collect();
    let private = (dataset.private > 0).then(|| format!("- {}: {}", turn.text("dropped-private"), dataset.private));
    let dropped: Vec<String> = dropped.into_iter().chain(private).collect();
    let name = dataset.name();
    let mut parts = vec![
        line(turn, dataset),
        turn.text_with("dataset-hash", &[("hash", manifest.blake3.chars().take(16).collect())]),
    ];
    if !dropped.is_empty() {
        parts.push(format!("{}\n{}", turn.text("dataset-dropped"), dropped.join("\n")));
    }
    let say = |key: &str, command: String| Button { label: turn.text(key), data: Press::Say(command).encode() };
    let buttons = vec![vec![
        say("button-train", format!("/train {name}")),
        say("button-export", format!("/dataset export {name} chat")),
    ]];
    turn.deliver(Outgoing { markdown: parts.join("\n\n"), buttons, ..Outgoing::default() });
    Ok(())
}

const fn dropped_key(why: Dropped) -> &'static str {
    match why {
        Dropped::NotApproved => "dropped-not-approved",
        Dropped::Consent => "dropped-consent",
        Dropped::Platform => "dropped-platform",
        Dropped::Canary => "dropped-canary",
        Dropped::Exact => "dropped-exact",
        Dropped::Near => "dropped-near",
        Dropped::Superseded => "dropped-superseded",
        Dropped::Conflict => "dropped-conflict",
        Dropped::Cap => "dropped-cap",
    }
}

async fn verify(turn: &mut Turn<'_>, dataset: &Dataset) -> anyhow::Result<()> {
    let (key, why) = match rows(turn.bot, dataset).await {
        Ok(Some(_)) => ("dataset-intact", String::new()),
        Ok(None) => ("dataset-is-tainted", String::new()),
        Err(error) => ("dataset-broken", format!("{error:#}")),
    };
    let text = turn.text_with(key, &[("name", dataset.name()), ("why", escape(&why))]);
    turn.reply(text);
    Ok(())
}

async fn diff(turn: &mut Turn<'_>, one: &Dataset, other: &Dataset) -> anyhow::Result<()> {
    let (Some(old), Some(new)) = (rows(turn.bot, one).await?, rows(turn.bot, other).await?) else {
        return say(turn, "dataset-is-tainted");
    };
    let diff = freeze::diff(&old, &new);
    let args = [
        ("one", one.name()),
        ("other", other.name()),
        ("added", diff.added.len().to_string()),
        ("removed", diff.removed.len().to_string()),
        ("changed", diff.changed.len().to_string()),
    ];
    let mut parts = vec![turn.text_with("dataset-diff", &args)];
    let by_id: BTreeMap<_, _> = new.iter().map(|row| (&row.id, &row.datum)).collect();
    let shown = diff.added.iter().take(5).filter_map(|id| by_id.get(id));
    parts.extend(shown.map(|datum| format!("\\+ {}", escape(&in_short(datum)))));
    turn.reply(parts.join("\n\n"));
    Ok(())
}

fn in_short(datum: &Datum) -> String {
    let answer = datum.chosen.as_deref().or(datum.rejected.as_deref()).unwrap_or_default();
    let cut = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(80).collect::<String>();
    format!("{} → {}", cut(&datum.question), cut(answer))
}

/// Writes a version in a shape into the data root, and hands it out.
async fn export(turn: &mut Turn<'_>, name: &str, shape: Shape) -> anyhow::Result<()> {
    let Some(dataset) = named(turn, name).await? else { return Ok(()) };
    let Some(rows) = rows(turn.bot, &dataset).await? else { return say(turn, "dataset-is-tainted") };
    let ending = match shape {
        Shape::Csv => "csv",
        Shape::PlainPairs => "txt",
        _ => "jsonl",
    };
    let path = format!("exports/{}-{}.{ending}", dataset.name(), shape.name());
    let (vault, into) = (turn.bot.vault.clone(), path.clone());
    let written = tokio::task::spawn_blocking(move || -> anyhow::Result<_> {
        let mut draft = vault.replace(&into)?;
        let written = shape::write(shape, rows.iter().map(|row| &row.datum), &mut draft)?;
        draft.commit()?;
        Ok(written)
    })
    .await??;
    let args =
        [("path", path.clone()), ("written", written.written.to_string()), ("left", written.left_out.to_string())];
    let markdown = turn.text_with("dataset-exported", &args);
    let file = path.rsplit('/').next().unwrap_or(&path).to_owned();
    let file = File::stored(file, "application/octet-stream", source::stored(&path));
    turn.deliver(Outgoing { markdown, file: Some(file), ..Outgoing::default() });
    Ok(())
}

fn say(turn: &mut Turn<'_>, key: &str) -> anyhow::Result<()> {
    let text = turn.text(key);
    turn.reply(text);
    Ok(())
}
