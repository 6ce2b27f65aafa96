//! Long work: how far each piece of it is, what it asks, how it ended. Everybody sees their own, owners all of it.

use super::{Reader, chart, empty, moment, say};
use crate::html::to_html;
use domain::run::{Run, RunState};
use maud::{Markup, html};
use store::Error;

/// Runs that are shown.
const SHOWN: usize = 20;
/// Runs that are looked through for them.
const LOOKED_AT: u32 = 200;

pub(super) async fn page(reader: &Reader<'_>) -> Result<Markup, Error> {
    let mut runs: Vec<Run> = reader.console.store.latest("", "", LOOKED_AT).await?;
    runs.retain(|run| run.is_seen_by(&reader.person.id, reader.person.standing));
    runs.truncate(SHOWN);
    let mut cards = Vec::with_capacity(runs.len());
    for run in &runs {
        cards.push(card(reader, run).await);
    }
    Ok(html! {
        @if cards.is_empty() { (empty(&reader.text("page-runs-none"))) }
        @for card in &cards { (card) }
    })
}

async fn card(reader: &Reader<'_>, run: &Run) -> Markup {
    let going = !run.state.is_over() && run.state != RunState::Waiting;
    html! {
        section.part data-run=(run.short()) data-going=[going.then_some("")] {
            p.line {
                strong { (reader.text(&format!("run-{}", run.task.name()))) }
                code { (run.short()) }
                span.badge data-state=(run.state.name()) { (reader.text(&format!("run-{}", run.state.name()))) }
                span { (reader.name(&run.person).await) }
                (moment(run.at))
            }
            @if going && run.done.1 > 0 { (bar(reader, run.done)) }
            (chart::of(reader, &run.losses))
            @if !run.report.is_empty() { div.bubble dir="auto" { (to_html(&run.report)) } }
            @if !run.problem.is_empty() { div.bubble.problem dir="auto" { (to_html(&run.problem)) } }
            (choices(reader, run))
            @if !run.notes.is_empty() { (log(reader, run)) }
        }
    }
}

fn bar(reader: &Reader<'_>, (done, all): (u64, u64)) -> Markup {
    let percent = (done.min(all) * 100) / all.max(1);
    let words = reader.text_with(
        "page-run-done",
        &[("percent", percent.to_string()), ("done", done.to_string()), ("all", all.to_string())],
    );
    html! { div.far { progress max=(all) value=(done) aria-label=(words) {} span { (words) } } }
}

fn choices(reader: &Reader<'_>, run: &Run) -> Markup {
    let id = run.short();
    html! {
        div.chips {
            @for (at, way) in run.ways.iter().enumerate().filter(|_| run.state == RunState::Waiting) {
                button.primary[at == 0] type="button" data-press=(say(&format!("/job {id} go {way}"))) { (reader.text(&format!("run-way-{way}"))) }
            }
            @for (label, way) in run.choices.iter().filter(|_| run.state == RunState::Waiting) {
                button type="button" data-press=(say(&format!("/job {id} go {way}"))) { (label) }
            }
            @for (label, command) in run.offers.iter().filter(|_| run.state.is_over()) {
                button type="button" data-press=(say(command)) { (label) }
            }
            @if !run.state.is_over() {
                (reader.sure("page-run-cancel", &format!("/job {id} cancel"), &reader.text("page-run-cancel-sure")))
            }
        }
    }
}

/// What happened, oldest first.
fn log(reader: &Reader<'_>, run: &Run) -> Markup {
    html! {
        details data-open=(format!("log-{}", run.short())) {
            summary { (reader.text("page-run-log")) }
            ol.log { @for note in &run.notes { li dir="auto" { (moment(note.at)) " " (note.text) } } }
        }
    }
}
