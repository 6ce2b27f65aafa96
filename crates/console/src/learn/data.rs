//! What was taught so far, the versions made of it with what each left out, and where files are given to learn from.

use super::{Reader, empty, moment};
use domain::dataset::Dataset;
use domain::example::{Example, ExampleState};
use learning::freeze::{Dropped, Manifest};
use learning::shape::Shape;
use maud::{Markup, html};
use store::Error;

/// Versions that are shown.
const SHOWN: u32 = 20;
/// Digits of a hash that are shown.
const DIGITS: usize = 12;

pub(super) async fn page(reader: &Reader<'_>) -> Result<Markup, Error> {
    let store = &reader.console.store;
    let counts = store.count::<Example>().await?;
    let versions: Vec<Dataset> = store.latest("", "", SHOWN).await?;
    let count = |state: ExampleState| counts.get(state.name()).copied().unwrap_or(0);
    Ok(html! {
        dl.counts {
            @for state in ExampleState::ALL {
                div { dt { (reader.text(named(state))) } dd { (count(state)) } }
            }
        }
        (give(reader))
        div.top {
            h2 { (reader.text("page-versions")) }
            div.chips {
                (reader.button("page-freeze", "/dataset freeze"))
                (reader.button("page-train", "/train"))
            }
        }
        @if versions.is_empty() { (empty(&reader.text("page-versions-none"))) }
        @for dataset in &versions { (version(reader, dataset).await) }
    })
}

const fn named(state: ExampleState) -> &'static str {
    match state {
        ExampleState::Proposed => "page-count-proposed",
        ExampleState::Approved => "page-count-approved",
        ExampleState::Rejected => "page-count-rejected",
        ExampleState::Conflicted => "page-count-conflicted",
        ExampleState::Retired => "page-count-retired",
    }
}

/// Where files are dropped or chosen.
fn give(reader: &Reader<'_>) -> Markup {
    let limit = crate::limits::words(reader.lang(), crate::limits::file(reader.console));
    html! {
        label.drop {
            input #give type="file" multiple accept=(crate::views::ACCEPTED);
            strong { (reader.text("page-give")) }
            span { (reader.text_with("page-give-more", &[("limit", limit)])) }
        }
    }
}

async fn version(reader: &Reader<'_>, dataset: &Dataset) -> Markup {
    let name = dataset.name();
    let manifest: Option<Manifest> = serde_json::from_value(dataset.manifest.clone()).ok();
    let state = if dataset.tainted { "page-tainted" } else { "page-frozen" };
    let args = [("train", dataset.counts.0.to_string()), ("held", dataset.counts.1.to_string())];
    html! {
        section.part data-version=(name) {
            p.line {
                strong { (name) }
                @if !dataset.title.is_empty() { span { (dataset.title) } }
                span.badge data-state=(if dataset.tainted { "tainted" } else { "frozen" }) { (reader.text(state)) }
                span { (reader.name(&dataset.by).await) }
                (moment(dataset.at))
            }
            p.sizes { (reader.text_with("page-version-counts", &args)) }
            @if let Some(manifest) = &manifest { (left_out(reader, manifest)) }
            @if dataset.tainted { p.note { (reader.text("page-tainted-more")) } } @else { (uses(reader, dataset)) }
        }
    }
}

/// What is not in a version, and the hash by which it is known.
fn left_out(reader: &Reader<'_>, manifest: &Manifest) -> Markup {
    let dropped: Vec<_> = manifest.counts.dropped.iter().filter(|(_, count)| **count > 0).collect();
    let hash: String = manifest.blake3.chars().take(DIGITS).collect();
    html! {
        @if !dropped.is_empty() {
            p.note {
                (reader.text("page-left-out"))
                @for (at, (why, count)) in dropped.iter().enumerate() {
                    @if at > 0 { "," } " " (count) " × " (reader.text(reason(**why)))
                }
                "."
            }
        }
        p.note { "BLAKE3 " code { (hash) "…" } }
    }
}

const fn reason(why: Dropped) -> &'static str {
    match why {
        Dropped::NotApproved => "dropped-not-approved",
        Dropped::Consent => "dropped-consent",
        Dropped::Platform => "dropped-platform",
        Dropped::Canary => "dropped-canary",
        Dropped::Exact => "dropped-exact",
        Dropped::Near => "dropped-near",
        Dropped::Superseded => "dropped-superseded",
        Dropped::Conflict => "dropped-conflict",
        Dropped::Cap => "dropped-cap",
    }
}

fn uses(reader: &Reader<'_>, dataset: &Dataset) -> Markup {
    let name = dataset.name();
    html! {
        div.chips {
            (reader.button("page-train-this", &format!("/train {name}")))
            (reader.button("page-verify", &format!("/dataset verify {name}")))
            @if dataset.parent > 0 {
                (reader.button("page-diff", &format!("/dataset diff v{} {name}", dataset.parent)))
            }
        }
        details.near data-open=(format!("export-{name}")) {
            summary { (reader.text("page-export")) }
            div.chips {
                @for shape in Shape::ALL.into_iter().filter(|shape| *shape != Shape::TelegramExport) {
                    button type="button" data-press=(super::say(&format!("/dataset export {name} {}", shape.name()))) { (shape.name()) }
                }
            }
        }
    }
}
