//! How answers of a release turned out, by what people thought of them, and whether that is harm.

use crate::bot::Bot;
use domain::exchange::{Exchange, Opinion};
use domain::ids::{ExchangeId, Millis, PersonId};
use domain::person::Standing;
use domain::release::{Canary as Trial, Release, Routing, Stage};
use learning::canary::Canary;
use std::collections::BTreeMap;
use store::Judged;

/// Opinions that are looked back on.
const LOOK_BACK: u32 = 20_000;
/// Opinions of one person about one release that count.
const OF_ONE: usize = 5;
/// How long a promoted release is watched, milliseconds: two weeks.
const WATCHED_MS: i64 = 14 * 24 * 60 * 60 * 1000;

/// What was seen of two releases.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Seen {
    /// Good outcomes and all outcomes of the release in use, or of the one before it.
    pub incumbent: (u32, u32),
    /// Good outcomes and all outcomes of the one that is watched.
    pub candidate: (u32, u32),
    /// The evidence that it is worse; 1 is none, 20 ends it.
    pub evidence: f64,
    harmful: bool,
}

/// A release that does harm.
pub struct Harm {
    /// Which.
    pub release: u32,
    /// What was seen.
    pub seen: Seen,
}

/// Whether a release that is watched does harm: the canary, else the one that was promoted last.
pub async fn harm(bot: &Bot, routing: &Routing) -> anyhow::Result<Option<Harm>> {
    let (release, seen) = match &routing.canary {
        Some(canary) => (canary.release, of_canary(bot, routing, canary).await?),
        None => match of_live(bot, routing).await? {
            Some(seen) => (routing.live, seen),
            None => return Ok(None),
        },
    };
    Ok(seen.harmful.then_some(Harm { release, seen }))
}

/// What was seen of a canary and of the release in use since it began.
pub async fn of_canary(bot: &Bot, routing: &Routing, canary: &Trial) -> anyhow::Result<Seen> {
    let (live, tried) = (routing.live, canary.release);
    let all = outcomes(bot, canary.since).await?;
    let since = |outcome: &&Outcome| outcome.at >= canary.since;
    let good = |by: u32| all.iter().filter(since).filter(|o| o.by == by).map(|o| o.good).collect::<Vec<_>>();
    Ok(weigh(&good(live), &good(tried)))
}

/// What was seen of the release in use since its promotion, beside the last of the one before it.
async fn of_live(bot: &Bot, routing: &Routing) -> anyhow::Result<Option<Seen>> {
    let (Some(before), Some(live)) =
        (routing.before.last(), bot.store.object::<Release>(&format!("{:08}", routing.live)).await?)
    else {
        return Ok(None);
    };
    let Some(promoted) = live.moves.iter().rev().find(|step| step.to == Stage::Live).map(|step| step.at) else {
        return Ok(None);
    };
    let all = outcomes(bot, promoted.plus(-WATCHED_MS)).await?;
    let earlier = all.iter().filter(|o| o.by == *before && o.at < promoted).map(|o| o.good).collect::<Vec<_>>();
    let watched = promoted..promoted.plus(WATCHED_MS);
    let later =
        all.iter().filter(|o| o.by == routing.live && watched.contains(&o.at)).map(|o| o.good).collect::<Vec<_>>();
    Ok(Some(weigh(&earlier, &later)))
}

/// Pairs the outcomes in the order in which they came.
fn weigh(incumbent: &[bool], candidate: &[bool]) -> Seen {
    let mut canary = Canary::default();
    let harmful = incumbent.iter().zip(candidate).fold(false, |harm, (old, new)| canary.see(*old, *new) || harm);
    let count = |all: &[bool]| {
        let size = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        (size(all.iter().filter(|good| **good).count()), size(all.len()))
    };
    Seen { incumbent: count(incumbent), candidate: count(candidate), evidence: canary.evidence(), harmful }
}

struct Outcome {
    by: u32,
    at: Millis,
    good: bool,
    person: PersonId,
}

/// What became of each answer since a moment, by the last opinion about it, in the order of the answers.
async fn outcomes(bot: &Bot, since: Millis) -> anyhow::Result<Vec<Outcome>> {
    let mut last: BTreeMap<ExchangeId, Outcome> = BTreeMap::new();
    for Judged { exchange, opinion, person } in bot.store.opinions_since(since, LOOK_BACK).await? {
        let Exchange { id, answered_by: by, at, .. } = exchange;
        match is_good(&opinion) {
            Some(good) => drop(last.insert(id, Outcome { by, at, good, person })),
            None if opinion == Opinion::Retracted => drop(last.remove(&id)),
            None => {}
        }
    }
    counted(bot, last.into_values().collect()).await
}

/// Of somebody who only talks to the bot no more than so many opinions about one release count: nobody takes a release
/// back alone, but for those whom the owner trusts.
async fn counted(bot: &Bot, all: Vec<Outcome>) -> anyhow::Result<Vec<Outcome>> {
    let mut trusted: BTreeMap<PersonId, bool> = BTreeMap::new();
    let mut seen: BTreeMap<(PersonId, u32), usize> = BTreeMap::new();
    let mut kept = Vec::with_capacity(all.len());
    for outcome in all {
        if !trusted.contains_key(&outcome.person) {
            let person = bot.store.person(&outcome.person).await?;
            trusted.insert(outcome.person.clone(), person.is_some_and(|person| person.standing >= Standing::Trainer));
        }
        let count = seen.entry((outcome.person.clone(), outcome.by)).or_default();
        *count += 1;
        if *count <= OF_ONE || trusted.get(&outcome.person).copied().unwrap_or(false) {
            kept.push(outcome);
        }
    }
    Ok(kept)
}

/// Whether an opinion says that the answer was good; none when it does not say.
pub fn is_good(opinion: &Opinion) -> Option<bool> {
    match opinion {
        Opinion::Up => Some(true),
        Opinion::Down | Opinion::Correction { .. } | Opinion::Reason { .. } => Some(false),
        Opinion::Rating { stars } => match stars {
            0..=2 => Some(false),
            3 => None,
            _ => Some(true),
        },
        Opinion::Retracted | Opinion::Emoji { .. } | Opinion::Comment { .. } => None,
    }
}
