//! The page: chat, what was taught, the work that waits. Rendered on the server; small scripts.
//!
//! The page is a channel like any other: what is typed becomes an `Incoming` and goes through the same
//! durable work items. Only a session opens it; a session begins with a one-time link.

mod diff;
mod events;
mod files;
mod guard;
mod html;
mod icons;
mod learn;
mod limits;
mod live;
mod parts;
mod session;
mod uploads;
mod views;
mod work;

pub use files::{Opened, Part};
pub use html::to_html;
pub use learn::{Base, Learning, Near, Outcomes, Trial, Verdicts};
pub use live::{Doing, Live, LiveEvent, Notice};
pub use session::{LOGIN, hash_of};
pub use uploads::{Arriving, Keep, Kept, Largest, Unkept, Upload as Uploaded};

use axum::Router;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use domain::incoming::Incoming;
use domain::person::{Lang, Standing};
use futures::future::BoxFuture;
use std::io;
use std::sync::Arc;
use store::Store;

/// A command, for the palette.
#[derive(Clone, Debug)]
pub struct CommandInfo {
    /// Its name without the slash.
    pub name: String,
    /// Its arguments, empty for none.
    pub args: String,
    /// What it does.
    pub help: String,
}

/// Takes what happened on the page; whether it was new, or that it cannot be taken now.
pub type Accept = Arc<dyn Fn(Incoming) -> BoxFuture<'static, Result<bool, ()>> + Send + Sync>;
/// The commands that somebody may use.
pub type Commands = Arc<dyn Fn(Lang, Standing) -> Vec<CommandInfo> + Send + Sync>;
/// Opens what a file holds.
pub type Files = Arc<dyn Fn(domain::outgoing::Contents) -> BoxFuture<'static, io::Result<Opened>> + Send + Sync>;
/// Largest file that may be given to learn from, bytes.
pub type Upload = Arc<dyn Fn() -> usize + Send + Sync>;
/// Whether somebody can draw, as the settings say right now.
pub type Draws = Arc<dyn Fn() -> bool + Send + Sync>;
/// The present moment.
pub type Clock = Arc<dyn Fn() -> domain::ids::Millis + Send + Sync>;

/// What the page needs of the rest.
#[derive(Clone)]
pub struct Console {
    /// Everything that lasts.
    pub store: Store,
    /// What happens right now.
    pub live: Live,
    /// Intake.
    pub accept: Accept,
    /// The palette.
    pub commands: Commands,
    /// Files that came with a notice.
    pub files: Files,
    /// The largest file to learn from, as the settings say right now.
    pub upload: Upload,
    /// Keeps what a person brings.
    pub keep: Keep,
    /// The largest file that a person may bring, as the settings say right now.
    pub largest: Largest,
    /// Whether drawing is offered where it is asked for.
    pub draws: Draws,
    /// What the page of the learning loop asks.
    pub learning: Learning,
    /// The clock.
    pub clock: Clock,
    /// Names under which the page may be reached, beside loopback's.
    pub hosts: Arc<Vec<String>>,
    /// Whether cookies only travel encrypted.
    pub secure: bool,
}

/// The page's routes.
pub fn router(console: Console) -> Router {
    Router::new()
        .route("/", get(views::chat))
        .route("/login", get(session::login))
        .route("/logout", post(session::logout))
        .route("/say", post(views::say))
        .route("/press", post(views::press))
        .route("/events", get(events::events))
        .route("/file", get(files::file))
        .route("/upload", get(uploads::fetch).post(uploads::bring))
        .route("/history", get(views::history))
        .route("/work", get(work::work).post(work::mend))
        .merge(learn::routes())
        .route("/app.css", get(|| asset("text/css; charset=utf-8", include_str!("../assets/app.css"))))
        .route("/app.js", get(|| asset("text/javascript; charset=utf-8", include_str!("../assets/app.js"))))
        .route("/media.css", get(|| asset("text/css; charset=utf-8", include_str!("../assets/media.css"))))
        .route("/media.js", get(|| asset("text/javascript; charset=utf-8", include_str!("../assets/media.js"))))
        .route("/learn.css", get(|| asset("text/css; charset=utf-8", include_str!("../assets/learn.css"))))
        .route("/learn.js", get(|| asset("text/javascript; charset=utf-8", include_str!("../assets/learn.js"))))
        .route("/icon.svg", get(|| asset("image/svg+xml", include_str!("../assets/icon.svg"))))
        .layer(axum::middleware::from_fn_with_state(console.clone(), guard::guard))
        .with_state(console)
}

async fn asset(kind: &'static str, text: &'static str) -> impl IntoResponse {
    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-cache")], text)
}

/// What a handler works with.
pub(crate) type Shared = State<Console>;

/// A refusal with its status, as the script shows it.
pub(crate) fn refuse(status: axum::http::StatusCode, text: String) -> Response {
    (status, text).into_response()
}
