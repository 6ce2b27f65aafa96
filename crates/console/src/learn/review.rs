//! What waits for a decision, one item under another: the question, the wrong answer and the right one, who taught it
//! and why it waits, and what may be done with it. Nobody sees what they may not decide about.

use super::{Reader, empty, moment, say};
use crate::diff;
use domain::example::{Example, ExampleState, Origin};
use domain::exchange::{Lesson, Scope};
use domain::incoming::Channel;
use maud::{Markup, html};
use store::Error;

/// Items that are shown at once.
const SHOWN: usize = 30;
/// Items that are read at once.
const PAGE: u32 = 200;
/// Lessons that are offered to answer alike.
const NEAR: usize = 3;

/// The queue: what contradicts a lesson first, then the rest, the oldest first.
pub(super) async fn page(reader: &Reader<'_>) -> Result<Markup, Error> {
    let (mut waiting, mut count) = (Vec::new(), 0);
    for state in ["conflicted", "proposed"] {
        count += gather(reader, state, &mut waiting).await?;
    }
    if waiting.is_empty() {
        return Ok(empty(&reader.text("page-review-none")));
    }
    let mut items = Vec::with_capacity(waiting.len());
    for example in &waiting {
        items.push(item(reader, example).await?);
    }
    Ok(html! {
        p.lead { (reader.text_with("page-review-count", &[("count", count.to_string())])) span.hint { " " (reader.text("page-review-keys")) } }
        ol.queue { @for item in &items { (item) } }
    })
}

/// Adds what somebody may decide about until the page is full; how many there are.
async fn gather(reader: &Reader<'_>, state: &str, waiting: &mut Vec<Example>) -> Result<usize, Error> {
    let (mut after, mut count) = (String::new(), 0);
    loop {
        let page: Vec<Example> = reader.console.store.after(state, &after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(count) };
        after = last.id.0.clone();
        for example in page {
            if example.is_decided_by(reader.person.standing) {
                count += 1;
                if waiting.len() < SHOWN {
                    waiting.push(example);
                }
            }
        }
    }
}

async fn item(reader: &Reader<'_>, example: &Example) -> Result<Markup, Error> {
    let lessons = near(reader, example).await?;
    let id = example.id.as_str();
    Ok(html! {
        li.item data-item=(id) tabindex="-1" {
            (about(reader, example).await)
            @if !example.datum.before.is_empty() { (before(reader, example)) }
            p.asked dir="auto" { (example.datum.question) }
            (answer(reader, example, &lessons))
            p.note { (reader.text(why(example))) " " (reader.text(for_whom(&example.scope))) }
            (edit(reader, example))
            (choices(reader, example))
            @if !lessons.is_empty() { (merge(reader, example, &lessons)) }
        }
    })
}

/// Who taught it, where and when.
async fn about(reader: &Reader<'_>, example: &Example) -> Markup {
    let origin = match &example.origin {
        Origin::Import { file, line } if *line > 0 => format!("{}: {file}, {line}", reader.text("origin-import")),
        Origin::Import { file, .. } => format!("{}: {file}", reader.text("origin-import")),
        origin => reader.text(&format!("origin-{}", origin.name())),
    };
    html! {
        p.line {
            span.badge data-state=(example.state.name()) { (reader.text(state(example))) }
            span { (reader.name(&example.author).await) }
            span { (origin) }
            span { (reader.text(platform(example))) }
            (moment(example.at))
        }
    }
}

const fn state(example: &Example) -> &'static str {
    match example.state {
        ExampleState::Conflicted => "page-conflicted",
        _ => "page-proposed",
    }
}

const fn platform(example: &Example) -> &'static str {
    match example.platform {
        Channel::Telegram => "page-on-telegram",
        Channel::Discord => "page-on-discord",
        Channel::Web => "page-on-web",
    }
}

/// What was said before the question.
fn before(reader: &Reader<'_>, example: &Example) -> Markup {
    html! {
        details data-open=(format!("before-{}", example.id)) {
            summary { (reader.text("page-said-before")) }
            @for turn in &example.datum.before { p.before dir="auto" { (turn.content) } }
        }
    }
}

/// The answer that it should have beside the one that it must not have, or beside the lesson that it contradicts.
fn answer(reader: &Reader<'_>, example: &Example, lessons: &[Lesson]) -> Markup {
    let conflicted = example.state == ExampleState::Conflicted;
    let known = lessons.first().filter(|_| conflicted).map(|lesson| lesson.answer.as_str());
    let (old, key) = match (&example.datum.rejected, known) {
        (Some(rejected), _) => (Some(rejected.as_str()), "page-answer-wrong"),
        (None, known) => (known, "page-answer-known"),
    };
    let both = old.zip(example.datum.chosen.as_deref()).and_then(|(old, new)| diff::inline(old, new));
    html! {
        @if let Some(both) = both {
            p.diff dir="auto" { (both) }
        } @else {
            @if let Some(old) = old { p.diff dir="auto" { span.label { (reader.text(key)) } " " (diff::gone(old)) } }
            @if let Some(new) = &example.datum.chosen {
                @if old.is_some() {
                    p.diff dir="auto" { span.label { (reader.text("page-answer-new")) } " " (diff::come(new)) }
                } @else {
                    p.said dir="auto" { (new) }
                }
            }
        }
    }
}

/// Why it waits, as somebody reads it who decides.
fn why(example: &Example) -> &'static str {
    match example.reason.as_str() {
        "conflict" => "page-why-conflict",
        "burst" => "page-why-burst",
        "public_group" => "page-why-group",
        "wider_scope" => "page-why-wider",
        "injection" => "page-why-injection",
        "secret" => "page-why-secret",
        "choice" => "page-why-choice",
        "proposal" => "page-why-proposal",
        _ => "page-why",
    }
}

const fn for_whom(scope: &Scope) -> &'static str {
    match scope {
        Scope::Everyone => "page-for-everyone",
        Scope::Person(_) => "page-for-person",
        Scope::Conversation(_) => "page-for-group",
    }
}

/// The answer, to be changed before it is approved.
fn edit(reader: &Reader<'_>, example: &Example) -> Markup {
    let name = reader.text("page-answer-edit");
    html! {
        form.correct data-edit=(format!("/review {} edit ", example.id)) hidden {
            textarea dir="auto" rows="3" aria-label=(name) { (example.datum.chosen.as_deref().unwrap_or_default()) }
            div.chips {
                button.primary { (reader.text("page-approve-edited")) }
                button type="button" data-cancel="" { (reader.text("page-cancel")) }
            }
        }
    }
}

fn choices(reader: &Reader<'_>, example: &Example) -> Markup {
    let id = &example.id;
    let yes = reader.text("page-approve");
    html! {
        div.chips.choices {
            @if example.datum.chosen.is_some() {
                button.primary type="button" data-key="a" data-press=(say(&format!("/review {id} yes"))) { (yes) kbd { "A" } }
            }
            button type="button" data-key="r" data-press=(say(&format!("/review {id} no"))) { (reader.text("page-reject")) kbd { "R" } }
            button type="button" data-key="e" data-begin-edit="" aria-expanded="false" { (reader.text("page-edit")) kbd { "E" } }
            @if reader.owns() && example.scope != Scope::Everyone && example.datum.chosen.is_some() {
                (reader.sure("page-everyone", &format!("/review {id} everyone"), &reader.text("page-everyone-sure")))
            }
        }
    }
}

/// Lessons that answer it already, so that it becomes another wording of one of them.
fn merge(reader: &Reader<'_>, example: &Example, lessons: &[Lesson]) -> Markup {
    html! {
        details.near data-open=(format!("near-{}", example.id)) {
            summary { (reader.text("page-merge")) }
            ul {
                @for lesson in lessons {
                    li {
                        p dir="auto" { span.soft { (lesson.question) } br; (lesson.answer) }
                        div.chips { (reader.button("page-merge-this", &format!("/review {} merge {}", example.id, lesson.id))) }
                    }
                }
            }
        }
    }
}

async fn near(reader: &Reader<'_>, example: &Example) -> Result<Vec<Lesson>, Error> {
    let mut lessons = Vec::new();
    for id in
        (reader.console.learning.near)(example).into_iter().filter(|id| id.as_str() != example.id.as_str()).take(NEAR)
    {
        lessons.extend(reader.console.store.lesson(&id).await?);
    }
    Ok(lessons)
}
