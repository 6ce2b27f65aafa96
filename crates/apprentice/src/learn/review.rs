//! `/review`: what waits for somebody who may approve it, one after another, with buttons. The page shows the same queue.

use crate::learn::lessons::{self, labelled, one_line};
use crate::turn::Turn;
use domain::example::{Example, ExampleState};
use domain::exchange::Scope;
use domain::outgoing::Outgoing;
use domain::person::Standing;
use store::{Audit, Row};

/// Examples that are looked through at once.
const PAGE: u32 = 100;

/// `/review [id [yes | no | everyone | edit answer | merge lesson]]`
pub async fn command(turn: &mut Turn<'_>, argument: &str) -> anyhow::Result<()> {
    let (id, rest) = argument.split_once(char::is_whitespace).unwrap_or((argument, ""));
    if id.is_empty() {
        return next(turn, None).await;
    }
    let found = turn.bot.store.object::<Example>(id).await?;
    let Some(example) = found.filter(|example| example.is_decided_by(&turn.person.id, turn.standing)) else {
        return say(turn, "review-unknown");
    };
    let (verb, rest) = rest.trim().split_once(char::is_whitespace).unwrap_or((rest.trim(), ""));
    if !verb.is_empty() && !example.is_open() {
        return say(turn, "review-decided");
    }
    match verb {
        "" => {
            let shown = shown(turn, &example).await?;
            turn.deliver(shown);
            Ok(())
        }
        "yes" => decide(turn, example, ExampleState::Approved).await,
        "no" => decide(turn, example, ExampleState::Rejected).await,
        "everyone" if turn.standing == Standing::Owner => {
            decide(turn, Example { scope: Scope::Everyone, ..example }, ExampleState::Approved).await
        }
        "edit" if !rest.trim().is_empty() => {
            let mut edited = example;
            edited.datum.chosen = Some(rest.trim().to_owned());
            decide(turn, edited, ExampleState::Approved).await
        }
        "merge" => merge(turn, example, rest.trim()).await,
        _ => say(turn, "review-usage"),
    }
}

/// What waits next, the oldest first.
async fn next(turn: &mut Turn<'_>, done: Option<String>) -> anyhow::Result<()> {
    // What was decided right now is committed only with this turn.
    let mut decided: Vec<String> = turn.record.lessons.iter().map(|lesson| lesson.id.0.clone()).collect();
    decided.extend(done.clone());
    let found = match first(turn, "conflicted", &decided).await? {
        Some(example) => Some(example),
        None => first(turn, "proposed", &decided).await?,
    };
    match found {
        Some(example) => {
            let mut outgoing = shown(turn, &example).await?;
            if done.is_some() {
                outgoing.markdown = format!("{}\n\n{}", turn.text("review-noted"), outgoing.markdown);
            }
            turn.deliver(outgoing);
            Ok(())
        }
        None => say(turn, if done.is_some() { "review-all-done" } else { "review-none" }),
    }
}

/// The oldest in a state that this person may decide about, however many others wait before it.
async fn first(turn: &Turn<'_>, state: &str, decided: &[String]) -> anyhow::Result<Option<Example>> {
    let mut after = String::new();
    loop {
        let page: Vec<Example> = turn.bot.store.after(state, &after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(None) };
        after = last.id.0.clone();
        let mine = |example: &Example| example.is_decided_by(&turn.person.id, turn.standing);
        if let Some(found) = page.into_iter().find(|example| mine(example) && !decided.contains(&example.id.0)) {
            return Ok(Some(found));
        }
    }
}

/// One item of the queue, with what may be done.
async fn shown(turn: &Turn<'_>, example: &Example) -> anyhow::Result<Outgoing> {
    let author = turn.bot.store.person(&example.author).await?.map(|person| person.name).unwrap_or_default();
    let key = match example.reason.as_str() {
        "" => "admission-proposal".to_owned(),
        code => format!("admission-{}", code.replace('_', "-")),
    };
    let counts = lessons::waiting(turn.bot).await?;
    let args = [
        ("count", counts.to_string()),
        ("question", one_line(&example.datum.question)),
        ("answer", one_line(example.datum.chosen.as_deref().unwrap_or_default())),
        ("who", domain::markdown::escape(&author)),
        ("origin", turn.text(&format!("origin-{}", example.origin.name()))),
        (
            "why",
            turn.text_with(&key, &[("limit", String::new()), ("length", String::new()), ("needed", String::new())]),
        ),
        ("scope", turn.text(lessons::scope_key(&example.scope))),
    ];
    let id = &example.id;
    let mut first = vec![
        labelled(turn.text("button-approve"), format!("/review {id} yes")),
        labelled(turn.text("button-reject"), format!("/review {id} no")),
    ];
    if example.scope != Scope::Everyone && turn.standing == Standing::Owner {
        first.push(labelled(turn.text("button-publish"), format!("/review {id} everyone")));
    }
    let markdown = format!(
        "{}\n\n{}",
        turn.text_with("review-item", &args),
        turn.text_with("review-how", &[("id", id.to_string())])
    );
    Ok(Outgoing { markdown, buttons: vec![first], ..Outgoing::default() })
}

async fn decide(turn: &mut Turn<'_>, mut example: Example, state: ExampleState) -> anyhow::Result<()> {
    example.state = state;
    turn.record.audit.push(Audit {
        person: turn.person.id.clone(),
        what: "review".to_owned(),
        detail: format!("{} → {}", example.id, state.name()),
        at: turn.now,
    });
    match state {
        ExampleState::Approved => lessons::counts(turn, &example)?,
        _ => turn.record.objects.push(Row::of(&example)?),
    }
    let id = example.id.0.clone();
    next(turn, Some(id)).await
}

/// The question is another wording of what a lesson answers already.
async fn merge(turn: &mut Turn<'_>, mut example: Example, other: &str) -> anyhow::Result<()> {
    match turn.bot.store.lesson(&other.into()).await? {
        Some(lesson) => {
            example.datum.chosen = Some(lesson.answer);
            decide(turn, example, ExampleState::Approved).await
        }
        None => say(turn, "forget-unknown"),
    }
}

fn say(turn: &mut Turn<'_>, key: &str) -> anyhow::Result<()> {
    let text = turn.text(key);
    turn.reply(text);
    Ok(())
}
