//! The work that waits or is parked, for owners, who may try it again or give it up.

use crate::icons::{Icon, icon};
use crate::session::{guess, person};
use crate::views::{closed, frame};
use crate::{Console, Shared};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::person::{Lang, Person, Standing};
use domain::text::{say as text, say_with as text_with};
use maud::{Markup, html};
use serde::Deserialize;
use store::{WorkRow, WorkState};

/// Items that are shown of each state.
const SHOWN: u32 = 100;

/// The list.
pub(crate) async fn work(State(console): Shared, headers: HeaderMap) -> Response {
    let Some(person) = owner(&console, &headers).await else { return closed(guess(&headers), "page-closed") };
    let lang = person.lang;
    let parked = console.store.work_list(WorkState::Parked, SHOWN).await;
    let open = console.store.work_list(WorkState::Open, SHOWN).await;
    let (Ok(mut rows), Ok(open)) = (parked, open) else { return closed(lang, "page-busy") };
    rows.extend(open);
    let back = text(lang, "page-back");
    let title = text(lang, "page-work");
    let body = html! {
        div #app {
            header {
                a.back href="/" aria-label=(back) title=(back) { (icon(Icon::Back)) }
                div.name { h1 { (title) } }
            }
            main #scroll {
                @if rows.is_empty() { p.empty { (text(lang, "work-none")) } }
                @for row in &rows { (item(lang, row)) }
            }
            p #note role="status" aria-live="polite" hidden {}
            script src="/app.js" defer {}
        }
    };
    frame(lang, &format!("{title} · Apprentice"), &body).into_response()
}

fn item(lang: Lang, row: &WorkRow) -> Markup {
    let state = match row.state {
        WorkState::Open => "page-work-open",
        WorkState::Parked => "page-work-parked",
    };
    html! {
        section.work {
            p.line {
                strong { "№ " (row.id) }
                span.badge data-state=(row.state.name()) { (text(lang, state)) }
                code { (row.lane) }
            }
            p.note { (text_with(lang, "page-attempts", &[("count", row.attempts.to_string())])) " " (row.reason) }
            div.chips {
                button type="button" data-mend=(format!("retry:{}", row.id)) { (text(lang, "page-retry")) }
                button type="button" data-mend=(format!("drop:{}", row.id)) { (text(lang, "page-drop")) }
            }
        }
    }
}

async fn owner(console: &Console, headers: &HeaderMap) -> Option<Person> {
    person(console, headers).await.filter(|person| person.standing == Standing::Owner)
}

#[derive(Deserialize)]
pub(crate) struct Mend {
    what: String,
}

/// Tries parked work again, or gives it up.
pub(crate) async fn mend(State(console): Shared, headers: HeaderMap, Json(mend): Json<Mend>) -> Response {
    let Some(person) = owner(&console, &headers).await else { return StatusCode::FORBIDDEN.into_response() };
    let Some((verb, id)) = mend.what.split_once(':').and_then(|(verb, id)| Some((verb, id.parse().ok()?))) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let now = (console.clock)();
    let done = match verb {
        "retry" => console.store.work_retry(id, &person.id, now).await,
        "drop" => console.store.work_drop(id, &person.id, now).await,
        _ => Ok(false),
    };
    match done {
        Ok(true) => StatusCode::NO_CONTENT.into_response(),
        Ok(false) => StatusCode::NOT_FOUND.into_response(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
