//! The documents that the reader is answered from: what each is called, how long it is, whom it counts for, and what may
//! be done with it. What is done is the command of the chat.

use super::{Reader, empty, moment};
use domain::exchange::{Document, Scope};
use domain::person::Standing;
use maud::{Markup, html};
use store::Error;

/// Documents that are shown.
const SHOWN: u32 = 100;

pub(super) async fn page(reader: &Reader<'_>) -> Result<Markup, Error> {
    let scopes = [Scope::Everyone, Scope::Person(reader.person.id.clone())];
    let documents = reader.console.store.documents(&scopes, SHOWN).await?;
    Ok(html! {
        p.lead { (reader.text("page-documents-more")) }
        @if documents.is_empty() { (empty(&reader.text("page-documents-none"))) }
        @for document in &documents { (one(reader, document).await) }
    })
}

async fn one(reader: &Reader<'_>, document: &Document) -> Markup {
    // Names of places are no words of the document.
    let texts = document.passages.iter().map(|passage| &passage.text).chain([&document.text]);
    let words = texts.map(|text| text.split_whitespace().count()).sum::<usize>().to_string();
    let scope = match document.scope {
        Scope::Everyone => "page-counts-everyone",
        Scope::Person(_) => "page-counts-you",
        Scope::Conversation(_) => "page-counts-group",
    };
    let owns = document.teacher == reader.person.id || reader.owns();
    let everyone = reader.person.standing >= Standing::Trainer && document.scope != Scope::Everyone;
    let id = &document.id;
    let sure = reader.text_with("page-forget-sure", &[("name", document.title.clone())]);
    html! {
        section.part data-document=(id) {
            p.line { strong dir="auto" { (document.title) } span.badge { (reader.text(scope)) } }
            p.line {
                span { (reader.text_with("page-words", &[("count", words)])) }
                span { (reader.name(&document.teacher).await) }
                (moment(document.at))
            }
            div.chips {
                (reader.button("page-show", &format!("/docs {id}")))
                @if everyone { (reader.button("page-everyone", &format!("/docs everyone {id}"))) }
                @if owns { (reader.sure("page-forget", &format!("/docs forget {id}"), &sure)) }
            }
        }
    }
}
