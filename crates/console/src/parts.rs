//! Pieces of the conversation as HTML: what people said, answers with what may be done with them, notices.
//! Whatever a person or a model wrote comes out as text or as harmless Markdown.

use crate::files::{Part, percent};
use crate::html::to_html;
use crate::icons::{Icon, icon};
use crate::{Notice, diff};
use domain::chat::{Finish, Role};
use domain::exchange::{Exchange, LogEntry, Opinion};
use domain::ids::{ExchangeId, MessageId, PersonId};
use domain::outgoing::{Contents, File, Press};
use domain::person::Lang;
use domain::text::say as text;
use futures::future::join_all;
use maud::{Markup, html};
use store::Store;

/// What became of an answer.
#[derive(Clone, Debug, Default)]
struct Fate {
    /// Why it ended early.
    ending: Option<&'static str>,
    /// Whether the reader found it good.
    good: Option<bool>,
    /// What the reader says it should have been.
    correction: Option<String>,
    /// The answer without what is said under it; empty where it is not known.
    answer: String,
}

/// Lines of the log, each as the reader left it.
pub(crate) async fn lines(store: &Store, reader: &PersonId, lang: Lang, log: &[LogEntry]) -> Markup {
    lines_among(store, reader, lang, log, &[]).await
}

/// The same, with notices, each where it was said.
pub(crate) async fn lines_among(
    store: &Store,
    reader: &PersonId,
    lang: Lang,
    log: &[LogEntry],
    notices: &[Notice],
) -> Markup {
    let lines = join_all(log.iter().map(|entry| line(store, reader, lang, entry))).await;
    let mut notices = notices.iter().peekable();
    html! {
        @for (entry, line) in log.iter().zip(lines) {
            @while let Some(earlier) = notices.next_if(|notice| notice.at < entry.at) { (notice(earlier)) }
            (line)
        }
        @for later in notices { (notice(later)) }
    }
}

async fn line(store: &Store, reader: &PersonId, lang: Lang, entry: &LogEntry) -> Markup {
    match (entry.role, &entry.exchange) {
        (Role::Assistant, Some(id)) => {
            let exchange = store.exchange(id).await.ok().flatten();
            let fate = fate(store, reader, id, exchange.as_ref()).await;
            answer(lang, id, &entry.text, &fate)
        }
        (Role::Assistant, None) => draft(&entry.text),
        (Role::User | Role::System, _) => said(entry.message.as_ref(), &entry.text),
    }
}

async fn fate(store: &Store, reader: &PersonId, id: &ExchangeId, exchange: Option<&Exchange>) -> Fate {
    let mut fate = Fate {
        ending: exchange.and_then(|exchange| ending(exchange.finish)),
        answer: exchange.map(|exchange| exchange.answer_itself().to_owned()).unwrap_or_default(),
        ..Fate::default()
    };
    for feedback in store.feedback_of(id).await.unwrap_or_default() {
        match feedback.opinion {
            _ if feedback.person != *reader => {}
            Opinion::Up => fate.good = Some(true),
            Opinion::Down => fate.good = Some(false),
            Opinion::Retracted => fate.good = None,
            Opinion::Correction { text } => fate.correction = Some(text),
            Opinion::Rating { stars } => fate.good = Some(stars >= 4),
            Opinion::Emoji { .. } | Opinion::Comment { .. } | Opinion::Reason { .. } => {}
        }
    }
    fate
}

const fn ending(finish: Finish) -> Option<&'static str> {
    match finish {
        Finish::Complete => None,
        Finish::Length => Some("ended-length"),
        Finish::Filtered => Some("ended-filtered"),
        Finish::Stopped => Some("ended-stopped"),
        Finish::CutOff => Some("ended-cut-off"),
    }
}

/// What a person said.
pub(crate) fn said(message: Option<&MessageId>, words: &str) -> Markup {
    html! {
        @if !words.is_empty() {
            article.mine data-message=[message.map(MessageId::as_str)] { div.bubble dir="auto" { (words) } }
        }
    }
}

/// A recorded answer.
pub(crate) async fn recorded(store: &Store, reader: &PersonId, lang: Lang, exchange: &Exchange) -> Markup {
    let fate = fate(store, reader, &exchange.id, Some(exchange)).await;
    answer(lang, &exchange.id, &exchange.answer, &fate)
}

/// An answer as far as it is written.
pub(crate) fn draft(markdown: &str) -> Markup {
    html! { article.theirs { div.bubble dir="auto" { (to_html(markdown)) } } }
}

fn answer(lang: Lang, id: &ExchangeId, markdown: &str, fate: &Fate) -> Markup {
    html! {
        article.theirs data-exchange=(id.as_str()) {
            div.bubble dir="auto" {
                (to_html(markdown))
                @if let Some(key) = fate.ending { p.note { (text(lang, key)) } }
            }
            @if let Some(right) = &fate.correction {
                (corrected(lang, &fate.answer, right))
            }
            (acts(lang, id, fate.correction.as_ref().unwrap_or(&fate.answer), fate.good))
        }
    }
}

/// What the reader says that an answer should have been, with what that changes.
fn corrected(lang: Lang, answer: &str, right: &str) -> Markup {
    html! {
        p.corrected dir="auto" {
            (icon(Icon::Done))
            span { (text(lang, "page-corrected")) " " span.diff { @match diff::inline(answer, right) { Some(both) => (both), None => (right) } } }
        }
    }
}

fn acts(lang: Lang, id: &ExchangeId, begin: &str, good: Option<bool>) -> Markup {
    let pressed = |is: bool| if good == Some(is) { "true" } else { "false" };
    let act = |key: &str, shape: Icon, press: &Press, pressed: Option<&str>| {
        let name = text(lang, key);
        html! { button type="button" data-press=(press.encode()) aria-pressed=[pressed] aria-label=(name) title=(name) { (icon(shape)) } }
    };
    let copy = text(lang, "page-copy");
    html! {
        div.acts {
            button.say-right type="button" data-correct=(id.as_str()) data-begin=(begin) aria-expanded="false" title=(text(lang, "page-correct")) {
                (icon(Icon::Correct)) span { (text(lang, "page-correct-short")) }
            }
            (act("page-up", Icon::Up, &Press::Up(id.clone()), Some(pressed(true))))
            (act("page-down", Icon::Down, &Press::Down(id.clone()), Some(pressed(false))))
            (act("page-again", Icon::Again, &Press::Again(id.clone()), None))
            button type="button" data-copy="" aria-label=(copy) title=(copy) { (icon(Icon::Copy)) }
        }
    }
}

/// Words of the bot itself, with their picture, their file and their buttons.
pub(crate) fn notice(notice: &Notice) -> Markup {
    let Notice { outgoing, key, .. } = notice;
    html! {
        article.theirs.notice data-card=[&outgoing.card] data-key=[key] {
            div.bubble dir="auto" {
                @if let (Some(picture), Some(key)) = (&outgoing.picture, key) {
                    img.picture src=(Part::Picture.address(key)) alt=(picture.name);
                }
                (to_html(&outgoing.markdown))
                @if let Some(address) = outgoing.file.as_ref().and_then(|file| address(file, key.as_deref())) {
                    @let name = outgoing.file.as_ref().map_or("", |file| file.name.as_str());
                    p { a.file download=(name) href=(address) { (icon(Icon::File)) (name) } }
                }
                @if !outgoing.buttons.is_empty() {
                    div.chips { @for button in outgoing.buttons.iter().flatten() { button type="button" data-press=(button.data) { (button.label) } } }
                }
            }
        }
    }
}

/// Where a file is fetched. A text comes along with the page, so that it lasts as long as the page.
fn address(file: &File, key: Option<&str>) -> Option<String> {
    match &file.contents {
        Contents::Text(text) => Some(format!("data:text/plain;charset=utf-8,{}", percent(text))),
        Contents::Stored { .. } | Contents::Blob { .. } => key.map(|key| Part::File.address(key)),
    }
}
