//! Which release answers whom: listed, tried out, promoted and taken back, by an owner or by the rule. Every change
//! is one write of one row, remembered with who did it and why; no answer is lost by it.

use crate::bot::{Bot, now};
use crate::learn::outcome;
use crate::learn::shadow::Shadow;
use crate::turn::Turn;
use anyhow::{Context as _, bail};
use domain::ids::{Millis, PersonId};
use domain::outgoing::{Button, Outgoing, Press};
use domain::release::{self, Artifact, Release, Routing, Stage};
use learning::gate::Verdict;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use store::{Audit, Row};

/// Answers given beside that are counted.
const BESIDE: u32 = 1000;
/// Releases that are listed.
const SHOWN: u32 = 12;
/// Attempts when others change the routing at the same time.
const ATTEMPTS: u32 = 8;

/// A release by its number; none for the base and for what there is not.
pub async fn find(bot: &Bot, number: u32) -> anyhow::Result<Option<Release>> {
    Ok(bot.store.object(&format!("{number:08}")).await?)
}

/// The number for the next release.
pub async fn next_number(bot: &Bot) -> anyhow::Result<u32> {
    let last: Vec<Release> = bot.store.latest("", "", 1).await?;
    Ok(last.first().map_or(0, |release| release.number) + 1)
}

/// Changes who answers whom; none when `change` found nothing to do. Of two changes at the same time both happen, one
/// after the other.
pub async fn reroute(
    bot: &Bot,
    by: &PersonId,
    why: &str,
    change: impl Fn(&mut Routing) -> bool + Send,
) -> anyhow::Result<Option<(Routing, Routing)>> {
    for _ in 0..ATTEMPTS {
        let before = bot.store.routing().await?;
        let mut after = before.clone();
        if !change(&mut after) {
            return Ok(None);
        }
        let at = now();
        let moved = moved(bot, &before, &after, by, why, at).await?;
        let detail = format!("{} → {}", told(&before), told(&after));
        let act = Audit { person: by.clone(), what: why.to_owned(), detail, at };
        if bot.store.route(before.revision, &after, moved, act).await? {
            bot.knowledge.refresh(&bot.store).await?;
            tracing::info!(why, from = told(&before), to = told(&after), "another release answers");
            return Ok(Some((before, after)));
        }
    }
    bail!("the routing is being changed by somebody else all the time")
}

fn told(routing: &Routing) -> String {
    let canary = routing.canary.as_ref().map(|canary| format!(" + r{} {} %", canary.release, canary.share));
    format!("{}{}", release::name_of(routing.live), canary.unwrap_or_default())
}

/// The releases whose stage this changes, as they are then.
async fn moved(
    bot: &Bot,
    before: &Routing,
    after: &Routing,
    by: &PersonId,
    why: &str,
    at: Millis,
) -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    let named = |routing: &Routing| {
        let canary = routing.canary.as_ref().map(|canary| canary.release);
        [Some(routing.live), canary, routing.shadow].into_iter().flatten().collect::<BTreeSet<u32>>()
    };
    for number in named(before).union(&named(after)).copied().filter(|number| *number != 0) {
        let Some(mut release) = find(bot, number).await? else { continue };
        let stage = stage(after, &release, why);
        if stage != release.stage {
            release.moved(stage, by, why, at);
            rows.push(Row::of(&release)?);
        }
    }
    Ok(rows)
}

/// The stage of a release that had a part in a change.
fn stage(after: &Routing, release: &Release, why: &str) -> Stage {
    let number = release.number;
    let answers = after.live == number
        || after.canary.as_ref().is_some_and(|canary| canary.release == number)
        || after.shadow == Some(number);
    // The others that answer beside the one that goes, or in its place, stay what they are.
    if release.stage == Stage::Tainted || (why == "forgotten" && !answers) {
        Stage::Tainted
    } else if after.live == number {
        Stage::Live
    } else if after.canary.as_ref().is_some_and(|canary| canary.release == number) {
        Stage::Canary
    } else if after.shadow == Some(number) {
        Stage::Shadow
    } else if why == "rollback" || why == "harm" {
        Stage::RolledBack
    } else if release.stage == Stage::Live {
        Stage::Retired
    } else {
        Stage::Candidate
    }
}

/// `/releases`
pub async fn list(turn: &mut Turn<'_>) -> anyhow::Result<()> {
    let routing = turn.bot.store.routing().await?;
    let releases: Vec<Release> = turn.bot.store.latest("", "", SHOWN).await?;
    let mut lines = vec![line_of_base(turn, &routing)];
    lines.extend(releases.iter().rev().map(|release| line(turn, &routing, release)));
    if releases.is_empty() {
        lines.push(turn.text("releases-none"));
    }
    let mut buttons: Vec<Vec<Button>> = releases
        .iter()
        .filter(|release| release.stage == Stage::Candidate)
        .take(2)
        .map(|release| offers(turn, release))
        .collect();
    if routing.canary.is_some() || routing.live != 0 {
        buttons.push(vec![turn.button("button-rollback", &Press::Say("/rollback".to_owned()))]);
    }
    turn.deliver(Outgoing { markdown: lines.join("\n"), buttons, ..Outgoing::default() });
    Ok(())
}

fn line_of_base(turn: &Turn<'_>, routing: &Routing) -> String {
    let chain = turn.bot.settings.current().model.chain.join(", ");
    let stage = if routing.live == 0 { "stage-live" } else { "stage-retired" };
    let args = [("model", domain::markdown::escape(&chain)), ("stage", turn.text(stage))];
    turn.text_with("release-base-line", &args)
}

fn line(turn: &Turn<'_>, routing: &Routing, release: &Release) -> String {
    let share = match &routing.canary {
        Some(canary) if canary.release == release.number => canary.share,
        _ => 0,
    };
    let args = [
        ("name", release.name()),
        ("what", what(turn, release)),
        ("dataset", format!("v{}", release.dataset)),
        ("stage", turn.text(&format!("stage-{}", release.stage.name().replace('_', "-")))),
        ("share", share.to_string()),
    ];
    turn.text_with("release-line", &args)
}

/// What a release answers with, in words.
pub fn what(turn: &Turn<'_>, release: &Release) -> String {
    match &release.artifact {
        Artifact::Embedded { .. } => turn.text("release-embedded"),
        Artifact::Tuned { model } => domain::markdown::escape(model),
    }
}

/// Buttons for what may be done with a candidate.
fn offers(turn: &Turn<'_>, release: &Release) -> Vec<Button> {
    let name = release.name();
    let say = |key: &str, command: String| Button {
        label: turn.text_with(key, &[("name", name.clone())]),
        data: Press::Say(command).encode(),
    };
    vec![
        say("button-compare", format!("/compare {name}")),
        say("button-canary", format!("/canary {name} 10%")),
        say("button-promote", format!("/promote {name}")),
    ]
}

/// The release that an argument names, with the sentence for when there is none.
async fn named(turn: &mut Turn<'_>, word: &str) -> anyhow::Result<Option<Release>> {
    let number = release::number_of(word);
    let found = match number {
        Some(number) => find(turn.bot, number).await?,
        None => None,
    };
    if found.is_none() {
        let text = turn.text_with("release-unknown", &[("name", domain::markdown::escape(word))]);
        turn.reply(text);
    }
    if found.as_ref().is_some_and(|release| release.stage == Stage::Tainted) {
        let text = turn.text_with("release-tainted", &[("name", domain::markdown::escape(word))]);
        turn.reply(text);
        return Ok(None);
    }
    Ok(found)
}

/// `/promote r1 [anyway]`
pub async fn promote(turn: &mut Turn<'_>, argument: &str) -> anyhow::Result<()> {
    let (name, rest) = argument.split_once(char::is_whitespace).unwrap_or((argument, ""));
    if name.is_empty() {
        return say(turn, "promote-usage");
    }
    let (number, why) = if release::number_of(name) == Some(0) {
        (0, "promote")
    } else {
        let Some(release) = named(turn, name).await? else { return Ok(()) };
        let live = turn.bot.store.routing().await?.live;
        let passed = verdict(&release, live).is_some_and(|verdict| verdict == Verdict::Promote);
        if !passed && rest.trim() != "anyway" {
            return ask_first(turn, &release, live);
        }
        (release.number, if passed { "promote" } else { "override" })
    };
    let by = turn.person.id.clone();
    let done = reroute(turn.bot, &by, why, |routing| {
        let already = routing.live == number;
        routing.promote(number);
        !already
    })
    .await?;
    let key = if done.is_some() { "promote-done" } else { "promote-already" };
    let row = vec![turn.button("button-rollback", &Press::Say("/rollback".to_owned()))];
    let markdown = turn.text_with(key, &[("name", release::name_of(number))]);
    turn.deliver(Outgoing { markdown, buttons: vec![row], ..Outgoing::default() });
    Ok(())
}

/// What the gate said about a release, and beside which one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Said {
    /// The release that it was held against.
    pub against: u32,
    /// What the gate said.
    #[serde(flatten)]
    pub verdict: Verdict,
}

/// What the gate said last about a release beside what is in use; that it is better than another one says nothing.
pub fn verdict(release: &Release, live: u32) -> Option<Verdict> {
    let said: Said = serde_json::from_value(release.verdict.clone()).ok()?;
    (said.against == live).then_some(said.verdict)
}

/// The gate did not say yes: its reasons, and the way around it for whoever takes the responsibility.
fn ask_first(turn: &mut Turn<'_>, release: &Release, live: u32) -> anyhow::Result<()> {
    let why = match verdict(release, live) {
        Some(verdict) => crate::learn::compare::verdict_in_words(turn.lang(), &verdict),
        None => turn.text("promote-untested"),
    };
    let name = release.name();
    let markdown = turn.text_with("promote-not-yet", &[("name", name.clone()), ("why", why)]);
    let button = |key: &str, command: String| Button {
        label: turn.text_with(key, &[("name", name.clone())]),
        data: Press::Say(command).encode(),
    };
    let buttons = vec![vec![
        button("button-compare", format!("/compare {name}")),
        button("button-promote-anyway", format!("/promote {name} anyway")),
    ]];
    turn.deliver(Outgoing { markdown, buttons, ..Outgoing::default() });
    Ok(())
}

/// `/canary [r1 10% | off]`
pub async fn canary(turn: &mut Turn<'_>, argument: &str) -> anyhow::Result<()> {
    let by = turn.person.id.clone();
    match argument.split_whitespace().collect::<Vec<_>>().as_slice() {
        [] => how_it_goes(turn).await,
        ["off"] => {
            let done = reroute(turn.bot, &by, "canary", |routing| {
                routing.revision += 1;
                routing.canary.take().is_some()
            })
            .await?;
            say(turn, if done.is_some() { "canary-off" } else { "canary-none" })
        }
        [name, share] => {
            let Some(share) = share.trim_end_matches('%').parse::<u32>().ok().filter(|s| (1..=100).contains(s)) else {
                return say(turn, "canary-usage");
            };
            let Some(release) = named(turn, name).await? else { return Ok(()) };
            let (number, since) = (release.number, turn.now);
            let done = reroute(turn.bot, &by, "canary", |routing| {
                let other = routing.live != number;
                routing.try_out(number, share, since);
                other
            })
            .await?;
            let key = if done.is_some() { "canary-on" } else { "promote-already" };
            let text = turn.text_with(key, &[("name", release.name()), ("share", share.to_string())]);
            turn.reply(text);
            Ok(())
        }
        [name] if release::number_of(name).is_some() => Box::pin(canary(turn, &format!("{name} 10%"))).await,
        _ => say(turn, "canary-usage"),
    }
}

/// How the canary has done so far.
async fn how_it_goes(turn: &mut Turn<'_>) -> anyhow::Result<()> {
    let routing = turn.bot.store.routing().await?;
    let Some(canary) = &routing.canary else { return say(turn, "canary-none") };
    let seen = outcome::of_canary(turn.bot, &routing, canary).await?;
    let args = [
        ("name", release::name_of(canary.release)),
        ("share", canary.share.to_string()),
        ("good", seen.candidate.0.to_string()),
        ("all", seen.candidate.1.to_string()),
        ("live_good", seen.incumbent.0.to_string()),
        ("live_all", seen.incumbent.1.to_string()),
        ("evidence", format!("{:.1}", seen.evidence)),
    ];
    let text = turn.text_with("canary-state", &args);
    turn.reply(text);
    Ok(())
}

/// `/shadow [r1 | off]`
pub async fn shadow(turn: &mut Turn<'_>, argument: &str) -> anyhow::Result<()> {
    let by = turn.person.id.clone();
    let wanted = match argument.trim() {
        "" => return beside(turn).await,
        "off" => None,
        name => match named(turn, name).await? {
            Some(release) => Some(release.number),
            None => return Ok(()),
        },
    };
    reroute(turn.bot, &by, "shadow", |routing| {
        let changed = routing.shadow != wanted && wanted != Some(routing.live);
        routing.shadow = wanted;
        routing.revision += 1;
        changed
    })
    .await?;
    match wanted {
        Some(number) => {
            let text = turn.text_with("shadow-on", &[("name", release::name_of(number))]);
            turn.reply(text);
            Ok(())
        }
        None => say(turn, "shadow-off"),
    }
}

/// How far the one that answers beside says the same as the one in use.
async fn beside(turn: &mut Turn<'_>) -> anyhow::Result<()> {
    let Some(number) = turn.bot.store.routing().await?.shadow else { return say(turn, "shadow-usage") };
    let name = release::name_of(number);
    let answers: Vec<Shadow> = turn.bot.store.about(&name, BESIDE).await?;
    let same = answers.iter().filter(|answer| answer.agrees()).count();
    let args = [("name", name), ("same", same.to_string()), ("all", answers.len().to_string())];
    let text = turn.text_with("shadow-state", &args);
    turn.reply(text);
    Ok(())
}

/// `/rollback`
pub async fn rollback(turn: &mut Turn<'_>) -> anyhow::Result<()> {
    let by = turn.person.id.clone();
    match reroute(turn.bot, &by, "rollback", |routing| routing.roll_back().is_some()).await? {
        Some((before, after)) => {
            let back = before.canary.as_ref().map_or(before.live, |canary| canary.release);
            let args = [("name", release::name_of(back)), ("now", release::name_of(after.live))];
            let text = turn.text_with("rollback-done", &args);
            turn.reply(text);
            Ok(())
        }
        None => say(turn, "rollback-nothing"),
    }
}

/// After an opinion was recorded: takes a release back that does harm, and tells the owners.
pub async fn watch(bot: &Bot) -> anyhow::Result<()> {
    let routing = bot.store.routing().await?;
    let Some(harm) = outcome::harm(bot, &routing).await? else { return Ok(()) };
    let nobody = PersonId::default();
    let done = reroute(bot, &nobody, "harm", |routing| match &routing.canary {
        Some(canary) if canary.release == harm.release => routing.roll_back().is_some(),
        _ if routing.live == harm.release => routing.roll_back().is_some(),
        _ => false,
    })
    .await?;
    let Some((_, after)) = done else { return Ok(()) };
    let args = [
        ("name", release::name_of(harm.release)),
        ("now", release::name_of(after.live)),
        ("good", harm.seen.candidate.0.to_string()),
        ("all", harm.seen.candidate.1.to_string()),
        ("live_good", harm.seen.incumbent.0.to_string()),
        ("live_all", harm.seen.incumbent.1.to_string()),
    ];
    let dedupe = format!("harm:{}:{}", harm.release, after.revision);
    let notices = crate::notice::to_owners(bot, "rolled-back-by-itself", &args, &dedupe, now()).await?;
    bot.store.accept(notices).await.context("telling the owners")?;
    Ok(())
}

fn say(turn: &mut Turn<'_>, key: &str) -> anyhow::Result<()> {
    let text = turn.text(key);
    turn.reply(text);
    Ok(())
}
