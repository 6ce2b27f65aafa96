//! `/review`: what waits for somebody who may approve it, one after another, with buttons. Of two who decide about the
//! same at once, one does; what is somebody's own is seen by them and by the owner alone, and in a group only what
//! would count there is shown.

use crate::learn::lessons::{self, labelled, one_line};
use crate::turn::Turn;
use domain::example::{Example, ExampleState};
use domain::exchange::Scope;
use domain::markdown::escape;
use domain::outgoing::{Button, Outgoing};
use domain::person::Standing;
use store::{Audit, Decision, Row};

/// Examples that are read at once.
const PAGE: u32 = 200;
/// Most examples that are counted as waiting.
const MOST: usize = 1000;
/// Why something waits that whoever taught it does not approve themselves, unless they are an owner.
const NOT_BY_ONESELF: [&str; 5] = ["conflict", "injection", "secret", "burst", HIGHER];
/// It contradicts somebody who has more of a say than whoever approved it: only an owner decides.
const HIGHER: &str = "higher";

/// `/review [id [yes | no | everyone | edit answer | merge lesson]]`
pub async fn command(turn: &mut Turn<'_>, argument: &str) -> anyhow::Result<()> {
    let (id, rest) = argument.split_once(char::is_whitespace).unwrap_or((argument, ""));
    if id.is_empty() {
        return next(turn, false).await;
    }
    let found = turn.bot.store.object::<Example>(id).await?;
    let Some(example) = found.filter(|example| is_decided_here(turn, example)) else {
        return say(turn, "review-unknown");
    };
    if !example.is_open() {
        return say(turn, "review-decided");
    }
    let (verb, rest) = rest.trim().split_once(char::is_whitespace).unwrap_or((rest.trim(), ""));
    if !matches!(verb, "" | "no") && !may_approve(turn, &example) {
        return say(turn, if example.reason == HIGHER { "review-higher" } else { "review-own" });
    }
    match (verb, rest.trim()) {
        ("", _) => {
            let waiting = open(turn).await?.len();
            let shown = shown(turn, &example, waiting).await?;
            turn.deliver(shown);
            Ok(())
        }
        ("yes", _) => approve(turn, &example, example.clone()).await,
        ("no", _) => settle(turn, &example, Example { state: ExampleState::Rejected, ..example.clone() }).await,
        ("everyone", _) if turn.standing == Standing::Owner => {
            approve(turn, &example, Example { scope: Scope::Everyone, ..example.clone() }).await
        }
        // What is said instead is somebody's own words, which nobody looks at after them.
        ("edit", answer) if turn.standing < Standing::Owner && learning::admit::attack(answer).is_some() => {
            let text = turn.text_with("taught-refused", &[("why", turn.text("admission-injection"))]);
            turn.reply(text);
            Ok(())
        }
        ("edit", answer) if !answer.is_empty() => {
            let mut edited = example.clone();
            edited.datum.chosen = Some(answer.to_owned());
            approve(turn, &example, edited).await
        }
        ("merge", other) => merge(turn, example, other).await,
        _ => say(turn, "review-usage"),
    }
}

/// Whether this person may see an example where they are, and decide about it.
fn is_decided_here(turn: &Turn<'_>, example: &Example) -> bool {
    let here = !turn.in_group() || example.scope == Scope::Conversation(turn.conversation());
    here && example.is_decided_by(turn.standing)
}

/// Whether this person may let an example count that they may decide about.
fn may_approve(turn: &Turn<'_>, example: &Example) -> bool {
    let own = example.author == turn.person.id && NOT_BY_ONESELF.contains(&example.reason.as_str());
    turn.standing >= Standing::Owner || !own && example.reason != HIGHER
}

/// What waits for this person: contradictions first, then the oldest first.
async fn open(turn: &Turn<'_>) -> anyhow::Result<Vec<Example>> {
    let mut open = Vec::new();
    for state in ["conflicted", "proposed"] {
        let mut after = String::new();
        loop {
            let page: Vec<Example> = turn.bot.store.after(state, &after, PAGE).await?;
            let Some(last) = page.last().filter(|_| open.len() < MOST) else { break };
            after = last.id.0.clone();
            open.extend(page.into_iter().filter(|e| is_decided_here(turn, e) && may_approve(turn, e)));
        }
    }
    Ok(open)
}

/// Shows what waits next, below what was just done.
async fn next(turn: &mut Turn<'_>, done: bool) -> anyhow::Result<()> {
    let open = open(turn).await?;
    let Some(example) = open.first() else {
        return say(turn, if done { "review-all-done" } else { "review-none" });
    };
    let mut outgoing = shown(turn, example, open.len()).await?;
    if done {
        outgoing.markdown = format!("{}\n\n{}", turn.text("review-noted"), outgoing.markdown);
    }
    turn.deliver(outgoing);
    Ok(())
}

/// One item of the queue, with what it contradicts and what may be done.
async fn shown(turn: &Turn<'_>, example: &Example, waiting: usize) -> anyhow::Result<Outgoing> {
    let why = match example.reason.as_str() {
        "" => "waits-proposal".to_owned(),
        code => format!("waits-{}", code.replace('_', "-")),
    };
    let args = [
        ("count", waiting.to_string()),
        ("question", one_line(&example.datum.question)),
        ("answer", one_line(example.datum.chosen.as_deref().unwrap_or_default())),
        ("who", escape(&name_of(turn, &example.author).await?)),
        ("origin", turn.text(&format!("origin-{}", example.origin.name()))),
        ("why", turn.text(&why)),
        ("scope", turn.text(reach(&example.scope))),
    ];
    let mut parts = vec![turn.text_with("review-item", &args)];
    for rival in lessons::rivals(turn, example).await? {
        let args = [
            ("answer", one_line(&rival.answer)),
            ("who", escape(&name_of(turn, &rival.author).await?)),
            ("id", rival.id.to_string()),
        ];
        parts.push(turn.text_with("review-rival", &args));
    }
    parts.push(turn.text_with("review-how", &[("id", example.id.to_string())]));
    Ok(Outgoing { markdown: parts.join("\n\n"), buttons: vec![buttons(turn, example)], ..Outgoing::default() })
}

fn buttons(turn: &Turn<'_>, example: &Example) -> Vec<Button> {
    let id = &example.id;
    let mut row = vec![labelled(turn.text("button-reject"), format!("/review {id} no"))];
    if may_approve(turn, example) {
        row.insert(0, labelled(turn.text("button-approve"), format!("/review {id} yes")));
    }
    if example.scope != Scope::Everyone && turn.standing == Standing::Owner {
        row.push(labelled(turn.text("button-publish"), format!("/review {id} everyone")));
    }
    row
}

/// The text that says to somebody else whom it would count for.
const fn reach(scope: &Scope) -> &'static str {
    match scope {
        Scope::Everyone => "reach-everyone",
        Scope::Person(_) => "reach-person",
        Scope::Conversation(_) => "reach-conversation",
    }
}

async fn name_of(turn: &Turn<'_>, person: &domain::ids::PersonId) -> anyhow::Result<String> {
    Ok(turn.bot.store.person(person).await?.map(|person| person.name).unwrap_or_default())
}

/// Approves an example as it is now, unless it holds a secret that others would see.
async fn approve(turn: &mut Turn<'_>, before: &Example, mut after: Example) -> anyhow::Result<()> {
    let own = matches!(after.scope, Scope::Person(_));
    let chosen = after.datum.chosen.iter().chain(std::iter::once(&after.datum.question));
    let secret = chosen.flat_map(|text| learning::redact::find(text)).any(|(kind, _)| kind.is_secret());
    if secret && !own {
        let text = turn.text_with("taught-refused", &[("why", turn.text("admission-secret"))]);
        turn.reply(text);
        return Ok(());
    }
    after.state = ExampleState::Approved;
    settle(turn, before, after).await
}

/// Commits a decision by itself: whoever decides second, wherever they are, changes nothing.
async fn settle(turn: &mut Turn<'_>, before: &Example, after: Example) -> anyhow::Result<()> {
    let (mut forget, mut also, mut lessons) = (Vec::new(), Vec::new(), Vec::new());
    if after.state == ExampleState::Approved && after.is_lesson() {
        // What is approved takes the place of what was answered so far.
        let rivals = lessons::rivals(turn, &after).await?;
        if lessons::any_by_more_than(turn, &rivals, turn.standing).await? {
            return leave_to_owner(turn, before).await;
        }
        for rival in rivals {
            if let Some(old) = turn.bot.store.object::<Example>(rival.id.as_str()).await? {
                also.push(Row::of(&Example { state: ExampleState::Retired, ..old })?);
            }
            forget.push(rival.id.0);
        }
        lessons.extend(lessons::lesson(&after));
    }
    let act = Audit {
        person: turn.person.id.clone(),
        what: "review".to_owned(),
        detail: format!("{} → {}", after.id, after.state.name()),
        at: turn.now,
    };
    let was = before.state.name().to_owned();
    let decision = Decision { object: Row::of(&after)?, was, lessons, forget, also, act };
    if !turn.bot.store.settle(decision).await? {
        return say(turn, "review-decided");
    }
    turn.bot.knowledge.refresh(&turn.bot.store).await?;
    next(turn, true).await
}

/// Nobody's yes takes the place of what somebody with more of a say taught: it waits on, for an owner.
async fn leave_to_owner(turn: &mut Turn<'_>, before: &Example) -> anyhow::Result<()> {
    let left = Example { state: ExampleState::Conflicted, reason: HIGHER.to_owned(), ..before.clone() };
    if !turn.bot.store.put_if(&left, before.state.name()).await? {
        return say(turn, "review-decided");
    }
    lessons::ask_owners(turn, &left).await?;
    say(turn, "review-higher")
}

/// The question is another wording of what a lesson of the same scope, or of everybody's, answers already.
async fn merge(turn: &mut Turn<'_>, example: Example, other: &str) -> anyhow::Result<()> {
    let lesson = turn.bot.store.lesson(&other.into()).await?;
    match lesson.filter(|lesson| lesson.scope == Scope::Everyone || lesson.scope == example.scope) {
        Some(lesson) => {
            let mut merged = example.clone();
            merged.datum.chosen = Some(lesson.answer);
            approve(turn, &example, merged).await
        }
        None => say(turn, "forget-unknown"),
    }
}

fn say(turn: &mut Turn<'_>, key: &str) -> anyhow::Result<()> {
    let text = turn.text(key);
    turn.reply(text);
    Ok(())
}
