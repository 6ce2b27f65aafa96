//! `/progress`: what was learnt lately, how the answers were liked, which topics are weakest, and what to teach next:
//! questions of one's own that nobody was sure about.

use crate::learn::lessons::one_line;
use crate::learn::outcome;
use crate::turn::Turn;
use domain::exchange::{Opinion, Scope};
use domain::ids::Millis;
use std::collections::BTreeSet;
use store::Judged;

/// Milliseconds of the time that is looked back on: a week.
const WEEK_MS: i64 = 7 * 24 * 60 * 60 * 1000;
/// Opinions and answers that are looked at.
const LOOK_BACK: u32 = 1000;
/// Weak answers, and questions to teach, that are shown.
const SHOWN: usize = 3;
/// A probability as far from sure as this or nearer to it is worth a lesson.
const UNSURE: (f32, f32) = (0.15, 0.75);

/// `/progress`
pub async fn command(turn: &mut Turn<'_>) -> anyhow::Result<()> {
    let since = turn.now.plus(-WEEK_MS);
    let opinions = turn.bot.store.opinions_since(since, LOOK_BACK).await?;
    let good = opinions.iter().filter(|judged| outcome::is_good(&judged.opinion) == Some(true)).count();
    let bad = opinions.iter().filter(|judged| outcome::is_good(&judged.opinion) == Some(false)).count();
    let learnt = turn.bot.store.taught_since(since).await?;
    let routing = turn.bot.store.routing().await?;
    let args = [
        ("lessons", learnt.to_string()),
        ("good", good.to_string()),
        ("bad", bad.to_string()),
        ("waiting", crate::learn::lessons::waiting(turn.bot).await?.to_string()),
        ("release", domain::release::name_of(routing.live)),
    ];
    let mut parts = vec![turn.text_with("progress-week", &args)];
    let weak = weakest(turn, &opinions);
    if !weak.is_empty() {
        parts.push(format!("{}\n{}", turn.text("progress-weak"), weak.join("\n")));
    }
    let open = to_teach(turn, since).await?;
    if !open.is_empty() {
        parts.push(format!("{}\n{}", turn.text("progress-teach"), open.join("\n")));
    }
    turn.reply(parts.join("\n\n"));
    Ok(())
}

/// Questions of one's own whose answers were not liked and not corrected since.
fn weakest(turn: &Turn<'_>, opinions: &[Judged]) -> Vec<String> {
    let corrected: BTreeSet<_> = opinions
        .iter()
        .filter(|judged| matches!(judged.opinion, Opinion::Correction { .. }))
        .map(|judged| &judged.exchange.id)
        .collect();
    let mut seen = BTreeSet::new();
    let bad = opinions.iter().rev().filter(|Judged { exchange, opinion, .. }| {
        exchange.person == turn.person.id
            && outcome::is_good(opinion) == Some(false)
            && !corrected.contains(&exchange.id)
            && seen.insert(exchange.question.clone())
    });
    bad.take(SHOWN).map(|judged| format!("- {}", one_line(&judged.exchange.question))).collect()
}

/// Questions of one's own of the last week that what was taught answers neither surely nor surely not: one lesson
/// there is worth most.
async fn to_teach(turn: &Turn<'_>, since: Millis) -> anyhow::Result<Vec<String>> {
    let scopes = [Scope::Everyone, Scope::Person(turn.person.id.clone())];
    let mut unsure: Vec<(f32, String)> = Vec::new();
    let mut seen = BTreeSet::new();
    for exchange in turn.bot.store.exchanges_of(&turn.person.id, since, LOOK_BACK).await? {
        if !seen.insert(exchange.question.clone()) || exchange.question.chars().count() > 300 {
            continue;
        }
        let found = turn.mind.known().compare(&exchange.question, &scopes, 1);
        let sure = found.first().map_or(0.0, |best| best.probability);
        if (UNSURE.0..=UNSURE.1).contains(&sure) {
            unsure.push(((sure - 0.5).abs(), exchange.question));
        }
    }
    unsure.sort_by(|a, b| a.0.total_cmp(&b.0));
    Ok(unsure.into_iter().take(SHOWN).map(|(_, question)| format!("- `/teach {} => …`", plain(&question))).collect())
}

/// A question on one line, without what would end the code that it stands in.
fn plain(question: &str) -> String {
    question.split_whitespace().collect::<Vec<_>>().join(" ").replace('`', "'")
}
