//! `/why`: what shaped an answer. Which model and release gave it, from which version of the dataset that was
//! trained, which rules it had to keep, what it had been taught, by whom and how surely it fits, and a button that
//! unlearns it.

use super::say;
use crate::learn::releases;
use crate::teach;
use crate::turn::Turn;
use domain::exchange::{Exchange, Lesson};
use domain::ids::{DocumentId, LessonId, PersonId, RuleId};
use domain::markdown::escape;
use domain::outgoing::{Button, Outgoing, Press};
use domain::person::Standing;

/// Longest part of a text that is shown, characters.
const SHOWN: usize = 160;
/// Longest label of a button, characters.
const LABEL: usize = 40;

/// `/why [message]`
pub(super) async fn why(turn: &mut Turn<'_>, argument: &str) -> anyhow::Result<()> {
    let exchange = match argument.trim() {
        "" => teach::replied_or_last(turn).await?,
        word => teach::named(turn, word).await?,
    };
    match exchange {
        Some(exchange) => explain(turn, &exchange).await,
        None => {
            say(turn, "why-no-answer");
            Ok(())
        }
    }
}

async fn explain(turn: &mut Turn<'_>, exchange: &Exchange) -> anyhow::Result<()> {
    let mut lines = vec![turn.text_with("why-answer", &facts(turn, exchange).await?)];
    let mut buttons = Vec::new();
    for id in &exchange.request.rules {
        lines.push(rule(turn, id).await?);
    }
    for (id, score) in &exchange.request.lessons {
        lines.push(lesson(turn, id, *score, &mut buttons).await?);
    }
    for (id, place, score) in &exchange.request.passages {
        lines.push(passage(turn, id, place, *score, &mut buttons).await?);
    }
    if exchange.request.lessons.is_empty() && exchange.request.passages.is_empty() {
        lines.push(turn.text("why-nothing-taught"));
    }
    turn.deliver(Outgoing { markdown: lines.join("\n\n"), buttons, ..Outgoing::default() });
    Ok(())
}

async fn facts(turn: &Turn<'_>, exchange: &Exchange) -> anyhow::Result<[(&'static str, String); 6]> {
    let seen = exchange.request.log.map_or(0, |(first, last)| if last >= first { last - first + 1 } else { 0 });
    let release = releases::find(turn.bot, exchange.answered_by).await?;
    Ok([
        ("question", short(&exchange.question, SHOWN)),
        ("model", escape(&exchange.model)),
        ("release", domain::release::name_of(exchange.answered_by)),
        ("dataset", release.map_or(0, |release| release.dataset).to_string()),
        ("print", exchange.release.to_string()),
        ("before", if seen > 0 { "yes" } else { "no" }.to_owned()),
    ])
}

async fn rule(turn: &Turn<'_>, id: &RuleId) -> anyhow::Result<String> {
    let Some(rule) = turn.bot.store.rule(id).await? else { return Ok(turn.text("why-unlearnt")) };
    let args = [("rule", short(&rule.text, SHOWN)), ("teacher", name_of(turn, &rule.teacher).await?)];
    Ok(turn.text_with("why-rule", &args))
}

async fn lesson(turn: &Turn<'_>, id: &LessonId, score: u32, buttons: &mut Vec<Vec<Button>>) -> anyhow::Result<String> {
    let Some(Lesson { question, answer, teacher, .. }) = turn.bot.store.lesson(id).await? else {
        return Ok(turn.text("why-unlearnt"));
    };
    let args = [
        ("question", short(&question, SHOWN)),
        ("answer", short(&answer, SHOWN)),
        ("teacher", name_of(turn, &teacher).await?),
        ("percent", percent(score)),
    ];
    offer(turn, id.as_str(), &teacher, &question, buttons);
    Ok(turn.text_with("why-lesson", &args))
}

async fn passage(
    turn: &Turn<'_>,
    id: &DocumentId,
    place: &str,
    score: u32,
    buttons: &mut Vec<Vec<Button>>,
) -> anyhow::Result<String> {
    let place = escape(place);
    // The guide belongs to the program: nobody taught it, and nobody unlearns it.
    if id.as_str() == "guide" {
        return Ok(turn.text_with("why-guide", &[("place", place), ("percent", percent(score))]));
    }
    let Some(document) = turn.bot.store.document(id).await? else { return Ok(turn.text("why-unlearnt")) };
    let args = [
        ("title", short(&document.title, SHOWN)),
        ("place", place),
        ("teacher", name_of(turn, &document.teacher).await?),
        ("percent", percent(score)),
    ];
    offer(turn, id.as_str(), &document.teacher, &document.title, buttons);
    Ok(turn.text_with("why-passage", &args))
}

/// A button that unlearns it, for those who may.
fn offer(turn: &Turn<'_>, id: &str, teacher: &PersonId, what: &str, buttons: &mut Vec<Vec<Button>>) {
    if turn.standing == Standing::Owner || *teacher == turn.person.id {
        let what: String = what.chars().take(LABEL).collect();
        let label = turn.text_with("button-unlearn-this", &[("what", what)]);
        let data = Press::Say(format!("/forget {id}")).encode();
        if !buttons.iter().flatten().any(|button| button.data == data) {
            buttons.push(vec![Button { label, data }]);
        }
    }
}

async fn name_of(turn: &Turn<'_>, person: &PersonId) -> anyhow::Result<String> {
    if *person == turn.person.id {
        return Ok(turn.text("why-you"));
    }
    let known = turn.bot.store.person(person).await?;
    Ok(known.map_or_else(|| turn.text("why-somebody"), |person| escape(&person.name)))
}

fn percent(thousandths: u32) -> String {
    (thousandths.min(1000) / 10).to_string()
}

/// The start of a text on one line, with Markdown's own characters made harmless.
fn short(text: &str, most: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let start: String = line.chars().take(most).collect();
    let dots = if start.len() < line.len() { "…" } else { "" };
    escape(&start) + dots
}
