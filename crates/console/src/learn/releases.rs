//! Releases: which one answers whom, what each was made from, what the gate said about it, and what an owner may do.

use super::{Reader, empty, moment};
use crate::html::to_html;
use domain::release::{Artifact, Release, Routing, Stage, name_of};
use learning::gate::Verdict;
use maud::{Markup, html};
use store::Error;

/// Releases that are shown.
const SHOWN: u32 = 20;

pub(super) async fn page(reader: &Reader<'_>) -> Result<Markup, Error> {
    let store = &reader.console.store;
    let routing = store.routing().await?;
    let releases: Vec<Release> = store.latest("", "", SHOWN).await?;
    let mut parts = Vec::with_capacity(releases.len());
    for release in &releases {
        parts.push(part(reader, &routing, release).await);
    }
    Ok(html! {
        (answering(reader, &routing).await)
        @if parts.is_empty() { (empty(&reader.text("page-releases-none"))) }
        @for part in &parts { (part) }
    })
}

/// Who answers, and whom.
async fn answering(reader: &Reader<'_>, routing: &Routing) -> Markup {
    let live = [("name", name_of(routing.live)), ("model", (reader.console.learning.base)())];
    let key = if routing.live == 0 { "page-base-answers" } else { "page-live-answers" };
    html! {
        section.part.answering {
            p.lead { (reader.text_with(key, &live)) }
            @if let Some(canary) = &routing.canary {
                @let args = [("name", name_of(canary.release)), ("share", canary.share.to_string())];
                p { (reader.text_with("page-canary-answers", &args)) }
                @if let Some(seen) = (reader.console.learning.trial)().await {
                    @let args = [
                        ("good", seen.candidate.0.to_string()), ("all", seen.candidate.1.to_string()),
                        ("live_good", seen.incumbent.0.to_string()), ("live_all", seen.incumbent.1.to_string()),
                        ("evidence", format!("{:.1}", seen.evidence)),
                    ];
                    p.note { (reader.text_with("page-canary-seen", &args)) }
                }
            }
            @if let Some(shadow) = routing.shadow { p { (reader.text_with("page-shadow-answers", &[("name", name_of(shadow))])) } }
            @if reader.owns() && (routing.canary.is_some() || !routing.before.is_empty() || routing.live != 0) { (back(reader, routing)) }
        }
    }
}

/// What takes a release back.
fn back(reader: &Reader<'_>, routing: &Routing) -> Markup {
    let mut after = routing.clone();
    let question = match after.roll_back() {
        Some((back, _)) => {
            reader.text_with("page-rollback-sure", &[("name", name_of(back)), ("now", name_of(after.live))])
        }
        None => return html! {},
    };
    html! {
        div.chips {
            (reader.sure("page-rollback", "/rollback", &question))
            @if routing.canary.is_some() { (reader.button("page-canary-off", "/canary off")) }
            @if routing.shadow.is_some() { (reader.button("page-shadow-off", "/shadow off")) }
        }
    }
}

async fn part(reader: &Reader<'_>, routing: &Routing, release: &Release) -> Markup {
    let what = match &release.artifact {
        Artifact::Embedded { .. } => reader.text("release-embedded"),
        Artifact::Tuned { model } => model.clone(),
    };
    let live = routing.live == release.number;
    let mut moves = Vec::with_capacity(release.moves.len());
    for step in &release.moves {
        let by = if step.by.as_str().is_empty() { reader.text("page-by-itself") } else { reader.name(&step.by).await };
        moves.push(html! { li { (moment(step.at)) " " (reader.text(stage(step.to))) " (" (by) ")" } });
    }
    html! {
        section.part data-release=(release.name()) data-live=[live.then_some("")] {
            p.line {
                strong { (release.name()) }
                span.badge data-state=(release.stage.name()) { (reader.text(stage(release.stage))) }
                span { (what) }
                a href="/learn/data" { "v" (release.dataset) }
                (moment(release.at))
            }
            (verdict(reader, release))
            @if release.stage != Stage::Tainted { (choices(reader, routing, release)) }
            @if !moves.is_empty() {
                details data-open=(format!("moves-{}", release.name())) { summary { (reader.text("page-moves")) } ol.log { @for step in &moves { (step) } } }
            }
        }
    }
}

/// What the gate said, with its reasons.
fn verdict(reader: &Reader<'_>, release: &Release) -> Markup {
    match (reader.console.learning.verdict)(reader.lang(), release) {
        Some(words) => html! { div.bubble.verdict { (to_html(&words)) } },
        None => html! { p.note { (reader.text("page-untested")) } },
    }
}

/// The buttons for it: comparing for everybody who sees this, the rest for owners.
fn choices(reader: &Reader<'_>, routing: &Routing, release: &Release) -> Markup {
    let name = release.name();
    let live = routing.live == release.number;
    let tried = routing.canary.as_ref().is_some_and(|canary| canary.release == release.number);
    let passed = matches!(serde_json::from_value(release.verdict.clone()), Ok(Verdict::Promote));
    let named = |key: &str| reader.text_with(key, &[("name", name.clone())]);
    html! {
        div.chips {
            @if !live {
                button.primary[release.verdict.is_null()] type="button" data-press=(super::say(&format!("/compare {name}"))) { (reader.text("page-compare")) }
            }
            @if !live && reader.owns() {
                @if !tried { (reader.sure("page-canary", &format!("/canary {name} 10%"), &named("page-canary-sure"))) }
                @if routing.shadow != Some(release.number) { (reader.button("page-shadow", &format!("/shadow {name}"))) }
                button.primary[passed] type="button" data-press=(super::say(&format!("/promote {name}"))) data-sure=(named("page-promote-sure")) { (reader.text("page-promote")) }
            }
        }
    }
}

const fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Candidate => "stage-candidate",
        Stage::Shadow => "stage-shadow",
        Stage::Canary => "stage-canary",
        Stage::Live => "stage-live",
        Stage::Retired => "stage-retired",
        Stage::RolledBack => "stage-rolled-back",
        Stage::Tainted => "stage-tainted",
    }
}
