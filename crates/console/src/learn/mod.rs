//! The page of the learning loop: what waits for a decision, the data, the work that goes on, the releases. It only
//! reads the store; whatever is done there is a command, pressed like a button of the chat, so that roles, the audit
//! and the answers are the same. Trainers and owners see it, each only what they may decide about; the documents that
//! somebody is answered from are seen by everybody.

mod chart;
mod data;
mod documents;
mod releases;
mod review;
mod runs;

use crate::icons::{Icon, icon};
use crate::session::{guess, person};
use crate::views::{closed, frame, words};
use crate::{Console, Shared, limits};
use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use domain::example::Example;
use domain::ids::{LessonId, Millis};
use domain::outgoing::Press;
use domain::person::{Lang, Person, Standing};
use domain::release::Release;
use domain::text::say as text;
use futures::future::BoxFuture;
use maud::{Markup, html};
use serde_json::json;
use std::sync::Arc;

/// The lessons whose questions are most like an example's, the nearest first.
pub type Near = Arc<dyn Fn(&Example) -> Vec<LessonId> + Send + Sync>;
/// What the gate said about a release, Markdown.
pub type Verdicts = Arc<dyn Fn(Lang, &Release) -> Option<String> + Send + Sync>;
/// How the canary does, where there is one.
pub type Trial = Arc<dyn Fn() -> BoxFuture<'static, Option<Outcomes>> + Send + Sync>;
/// The models that answer where nothing was trained.
pub type Base = Arc<dyn Fn() -> String + Send + Sync>;

/// How the answers of a canary and of the release in use were liked.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Outcomes {
    /// Good answers and rated answers of the release in use.
    pub incumbent: (u32, u32),
    /// Good answers and rated answers of the canary.
    pub candidate: (u32, u32),
    /// Evidence that the canary is worse: 1 is none, 20 ends it.
    pub evidence: f64,
}

/// What the page of the learning loop asks of the rest.
#[derive(Clone)]
pub struct Learning {
    /// Lessons near an example.
    pub near: Near,
    /// The gate's words.
    pub verdict: Verdicts,
    /// The canary.
    pub trial: Trial,
    /// The base.
    pub base: Base,
}

/// The parts of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tab {
    Review,
    Data,
    Documents,
    Work,
    Releases,
}

impl Tab {
    const ALL: [Self; 5] = [Self::Review, Self::Data, Self::Documents, Self::Work, Self::Releases];
    /// Who sees it.
    const fn from(self) -> Standing {
        match self {
            Self::Documents => Standing::User,
            Self::Review | Self::Data | Self::Work | Self::Releases => Standing::Trainer,
        }
    }
    const fn address(self) -> &'static str {
        match self {
            Self::Review => "/learn",
            Self::Data => "/learn/data",
            Self::Documents => "/learn/documents",
            Self::Work => "/learn/work",
            Self::Releases => "/learn/releases",
        }
    }
    const fn name(self) -> &'static str {
        match self {
            Self::Review => "page-review",
            Self::Data => "page-data",
            Self::Documents => "page-documents",
            Self::Work => "page-runs",
            Self::Releases => "page-releases",
        }
    }
}

/// Texts that the script shows.
const WORDS: [&str; 5] = ["page-empty-file", "page-not-sent", "page-not-text", "page-sending", "page-too-large"];

/// The routes of the page.
pub(crate) fn routes() -> Router<Console> {
    let tab = |tab: Tab| get(move |console, headers| show(tab, console, headers));
    Tab::ALL.into_iter().fold(Router::new(), |routes, each| routes.route(each.address(), tab(each)))
}

/// Somebody who looks at the page.
struct Reader<'a> {
    console: &'a Console,
    person: Person,
}

impl Reader<'_> {
    const fn lang(&self) -> Lang {
        self.person.lang
    }
    fn text(&self, key: &str) -> String {
        text(self.lang(), key)
    }
    fn text_with(&self, key: &str, args: &[(&str, String)]) -> String {
        domain::text::say_with(self.lang(), key, args)
    }
    fn owns(&self) -> bool {
        self.person.standing >= Standing::Owner
    }
    /// A button that stands for a command.
    fn button(&self, key: &str, command: &str) -> Markup {
        html! { button type="button" data-press=(say(command)) { (self.text(key)) } }
    }
    /// The same, where it is asked once more before anything happens.
    fn sure(&self, key: &str, command: &str, question: &str) -> Markup {
        html! { button type="button" data-press=(say(command)) data-sure=(question) { (self.text(key)) } }
    }
    /// The name of somebody.
    async fn name(&self, id: &domain::ids::PersonId) -> String {
        if *id == self.person.id {
            return self.text("page-you");
        }
        let found = self.console.store.person(id).await.ok().flatten();
        found.map(|person| person.name).filter(|name| !name.is_empty()).unwrap_or_else(|| self.text("page-somebody"))
    }
}

/// What a press of the button for a command sends.
fn say(command: &str) -> String {
    Press::Say(command.to_owned()).encode()
}

/// A moment, to the minute, in UTC.
fn moment(at: Millis) -> Markup {
    let time = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default();
    html! { time datetime=(time.to_string()) { (time.strftime("%Y-%m-%d %H:%M")) } }
}

async fn show(tab: Tab, State(console): Shared, headers: HeaderMap) -> Response {
    let Some(person) = person(&console, &headers).await else { return closed(guess(&headers), "page-closed") };
    let lang = person.lang;
    if person.standing < tab.from() {
        return closed(lang, "page-learn-closed");
    }
    let reader = Reader { console: &console, person };
    let read = match tab {
        Tab::Review => review::page(&reader).await,
        Tab::Data => data::page(&reader).await,
        Tab::Documents => documents::page(&reader).await,
        Tab::Work => runs::page(&reader).await,
        Tab::Releases => releases::page(&reader).await,
    };
    match read {
        Ok(content) => whole(&reader, tab, &content).into_response(),
        Err(_) => closed(lang, "page-busy"),
    }
}

fn whole(reader: &Reader<'_>, tab: Tab, content: &Markup) -> Markup {
    let mine: Vec<Tab> = Tab::ALL.into_iter().filter(|tab| reader.person.standing >= tab.from()).collect();
    let title = reader.text(if mine.len() > 1 { "page-learn" } else { "page-documents" });
    let back = reader.text("page-back");
    let texts = words(reader.console, reader.lang(), &WORDS, limits::file(reader.console));
    let body = html! {
        link rel="stylesheet" href="/learn.css";
        div #app data-words=(json!(texts)) data-file=(limits::file(reader.console)) {
            header {
                a.back href="/" aria-label=(back) title=(back) { (icon(Icon::Back)) }
                div.name { h1 { (title) } }
            }
            @if mine.len() > 1 {
                nav.tabs aria-label=(title) {
                    @for each in mine {
                        a href=(each.address()) aria-current=[(each == tab).then_some("page")] { (reader.text(each.name())) }
                    }
                }
            }
            main #scroll { div #learn data-tab=(tab.address()) { (content) } }
            (answers(reader))
            script src="/app.js" defer {}
            script src="/learn.js" defer {}
        }
    };
    frame(reader.lang(), &format!("{} · {title} · Apprentice", reader.text(tab.name())), &body)
}

/// Where the answer to what was pressed is shown, and where one is asked once more.
fn answers(reader: &Reader<'_>) -> Markup {
    let close = reader.text("page-close");
    html! {
        footer.answers {
            p #note role="status" aria-live="polite" hidden {}
            section #said role="status" aria-live="polite" hidden {
                button.shut type="button" aria-label=(close) title=(close) { "×" }
                div.words {}
            }
        }
        dialog #sure aria-labelledby="sure-what" {
            form method="dialog" {
                p #sure-what {}
                div.chips { button.primary value="yes" {} button value="no" { (reader.text("page-cancel")) } }
            }
        }
    }
}

/// Nothing to show, in words.
fn empty(words: &str) -> Markup {
    html! { p.empty { (words) } }
}
