//! What happens right now, as server-sent events: one stream for each open page.

use crate::session::person;
use crate::{Console, LiveEvent, Shared, parts, uploads};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use domain::ids::PersonId;
use futures::{Stream, StreamExt as _};
use maud::{Markup, html};
use serde_json::json;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

/// Shortest time between two looks at an answer that is being written.
const COALESCE: Duration = Duration::from_millis(60);
/// After this time the browser tries to connect again.
const RETRY: Duration = Duration::from_secs(1);

/// What happens in the reader's own conversation, from now on.
pub(crate) async fn events(State(console): Shared, headers: HeaderMap) -> Response {
    let Some(person) = person(&console, &headers).await else { return StatusCode::FORBIDDEN.into_response() };
    let (live, waiting) = console.live.subscribe(&crate::views::place(&person).conversation());
    let reader = Reader { live, waiting, console, person: person.id };
    Sse::new(reader.stream()).keep_alive(KeepAlive::default()).into_response()
}

/// One open page.
struct Reader {
    live: Receiver<LiveEvent>,
    /// Taken from the hub and not told yet.
    waiting: VecDeque<LiveEvent>,
    console: Console,
    person: PersonId,
}

impl Reader {
    fn stream(self) -> impl Stream<Item = Result<Event, Infallible>> {
        // Something comes at once, so that the browser knows that it is connected.
        let hello = futures::stream::once(async { Ok(Event::default().retry(RETRY).event("hello").data("")) });
        hello.chain(self.happening())
    }

    fn happening(self) -> impl Stream<Item = Result<Event, Infallible>> {
        futures::stream::unfold(self, |mut reader| async move {
            loop {
                let event = match reader.next().await {
                    Ok(event) => event,
                    Err(RecvError::Lagged(_)) => return Some((Ok(Event::default().event("again").data("")), reader)),
                    Err(RecvError::Closed) => return None,
                };
                if let Some(event) = reader.shown(event).await {
                    return Some((Ok(event), reader));
                }
            }
        })
    }

    /// The next event; of several looks at one answer the newest is enough.
    async fn next(&mut self) -> Result<LiveEvent, RecvError> {
        let mut newest = match self.waiting.pop_front() {
            Some(event) => event,
            None => self.live.recv().await?,
        };
        if matches!(newest, LiveEvent::Text { .. }) {
            tokio::time::sleep(COALESCE).await;
            while let Ok(next) = self.live.try_recv() {
                if !matches!(next, LiveEvent::Text { .. }) {
                    self.waiting.push_back(next);
                    break;
                }
                newest = next;
            }
        }
        Ok(newest)
    }

    async fn shown(&self, event: LiveEvent) -> Option<Event> {
        Some(match event {
            LiveEvent::Doing(doing) => {
                let lang = self.console.store.person(&self.person).await.ok()??.lang;
                told("doing", "", "", &parts::doing(lang, doing))
            }
            LiveEvent::Quiet => told("quiet", "", "", &html! {}),
            LiveEvent::Text { exchange, markdown } => told("text", exchange.as_str(), "", &parts::draft(&markdown)),
            LiveEvent::Notice(notice) => {
                // The words may be about a change of language.
                let lang = self.console.store.person(&self.person).await.ok()??.lang;
                told("notice", "", lang.tag(), &parts::notice(lang, &notice))
            }
            LiveEvent::Done { exchange } => {
                let store = &self.console.store;
                let lang = store.person(&self.person).await.ok()??.lang;
                let found = store.exchange(&exchange).await.ok()??;
                // The question comes along for pages on which it was not asked.
                let brought = uploads::brought(store, &self.person, &found.conversation).await;
                let reader = parts::Reader {
                    store,
                    person: &self.person,
                    lang,
                    conversation: &found.conversation,
                    draws: (self.console.draws)(),
                };
                let both = html! {
                    (parts::said(lang, Some(&found.asked), &found.question, &brought))
                    (parts::recorded(reader, &found).await)
                };
                told("done", exchange.as_str(), lang.tag(), &both)
            }
        })
    }
}

fn told(kind: &str, exchange: &str, lang: &str, html: &Markup) -> Event {
    let data = json!({"exchange": exchange, "lang": lang, "html": html.0});
    Event::default().event(kind).data(data.to_string())
}
