//! `/review`: what waits for somebody who may approve it, one after another, with buttons. The page shows the same queue.

use crate::learn::lessons::{self, labelled, one_line};
use crate::turn::Turn;
use domain::example::{Example, ExampleState};
use domain::exchange::Scope;
use domain::outgoing::Outgoing;
use domain::person::Standing;
use store::{Audit, Row};

/// `/review [id [yes | no | everyone | edit answer | merge lesson]]`
pub async fn command(turn: &mut Turn<'_>, argument: &str) -> anyhow::Result<()> {
    let (id, rest) = argument.split_once(char::is_whitespace).unwrap_or((argument, ""));
    if id.is_empty() {
        return next(turn, None).await;
    }
    let found = turn.bot.store.object::<Example>(id).await?;
    let Some(example) = found.filter(|example| may_decide(turn, example)) else {
        return say(turn, "review-unknown");
    };
    let (verb, rest) = rest.trim().split_once(char::is_whitespace).unwrap_or((rest.trim(), ""));
    if !verb.is_empty() && !is_open(&example) {
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

/// Trainers decide about what counts for everybody and for groups; nobody else sees what is somebody's own.
fn may_decide(turn: &Turn<'_>, example: &Example) -> bool {
    match &example.scope {
        Scope::Person(person) => *person == turn.person.id || turn.standing == Standing::Owner,
        Scope::Everyone | Scope::Conversation(_) => turn.standing >= Standing::Trainer,
    }
}

const fn is_open(example: &Example) -> bool {
    matches!(example.state, ExampleState::Proposed | ExampleState::Conflicted)
}

/// What waits next, the oldest first.
async fn next(turn: &mut Turn<'_>, done: Option<String>) -> anyhow::Result<()> {
    let mut open: Vec<Example> = turn.bot.store.after("conflicted", "", 20).await?;
    open.extend(turn.bot.store.after::<Example>("proposed", "", 20).await?);
    // What was decided right now is committed only with this turn.
    let decided: Vec<String> = turn.record.lessons.iter().map(|lesson| lesson.id.0.clone()).collect();
    let found = open.into_iter().find(|example| {
        may_decide(turn, example) && !decided.contains(&example.id.0) && done.as_deref() != Some(example.id.as_str())
    });
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
