//! Pieces of the conversation as HTML: what people said, answers with what may be done with them, notices.
//! Whatever a person or a model wrote comes out as text or as harmless Markdown.

use crate::files::{Which, percent};
use crate::html::to_html;
use crate::icons::{Icon, icon};
use crate::uploads::{self, Brought};
use crate::{Doing, Notice, diff};
use domain::chat::{Finish, Role};
use domain::drawing;
use domain::exchange::{Exchange, LogEntry, Opinion};
use domain::ids::{ConversationId, ExchangeId, MessageId, Millis, PersonId};
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
    /// What the question asks to be drawn, where somebody can.
    drawing: Option<String>,
    /// The answer without what is said under it; empty where it is not known.
    answer: String,
}

/// Whose page it is, in which language, and of which conversation.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    pub(crate) store: &'a Store,
    pub(crate) person: &'a PersonId,
    pub(crate) lang: Lang,
    pub(crate) conversation: &'a ConversationId,
    /// Whether somebody can draw for them.
    pub(crate) draws: bool,
}

/// Lines of the log, each as the reader left it.
pub(crate) async fn lines(reader: Reader<'_>, log: &[LogEntry]) -> Markup {
    let brought = uploads::brought(reader.store, reader.person, reader.conversation).await;
    let lines = join_all(log.iter().map(|entry| line(reader, entry, &entry.text, &brought))).await;
    html! { @for line in lines { (line) } }
}

/// Something that stands between the lines of the log.
struct Between {
    at: Millis,
    /// Whether it says an answer aloud: it follows that, though it was there before all of it was written.
    aloud: bool,
    shown: Markup,
}

/// The lines with the notices, and with what was brought since a moment without leaving a line, each in its place.
pub(crate) async fn lines_among(reader: Reader<'_>, log: &[LogEntry], notices: &[Notice], since: Millis) -> Markup {
    let brought = uploads::brought(reader.store, reader.person, reader.conversation).await;
    // What was heard stands on its card, as long as there is one.
    let heard = |id: &MessageId| notices.iter().any(|notice| heard(notice) == Some(id.as_str()));
    let lines = join_all(log.iter().map(|entry| {
        let words = if entry.message.as_ref().is_some_and(heard) { "" } else { entry.text.as_str() };
        line(reader, entry, words, &brought)
    }))
    .await;
    let mut between = between(reader, log, notices, since, &brought).into_iter().peekable();
    html! {
        @for (entry, line) in log.iter().zip(lines) {
            @while let Some(earlier) = between.next_if(|one| one.at < entry.at && !(one.aloud && entry.role == Role::Assistant)) {
                (earlier.shown)
            }
            (line)
        }
        @for later in between { (later.shown) }
    }
}

fn between(reader: Reader<'_>, log: &[LogEntry], notices: &[Notice], since: Millis, brought: &Brought) -> Vec<Between> {
    let of_notice =
        |one: &Notice| Between { at: one.at, aloud: one.outgoing.voice.is_some(), shown: notice(reader.lang, one) };
    let is_line = |id: &MessageId| log.iter().any(|entry| entry.message.as_ref() == Some(id));
    let left = brought.iter().filter(|(id, _)| !is_line(id)).filter_map(|(id, files)| {
        let at = files.first().map(|file| file.at).filter(|at| *at >= since)?;
        Some(Between { at, aloud: false, shown: said(reader.lang, Some(id), "", brought) })
    });
    let mut between: Vec<Between> = notices.iter().map(of_notice).chain(left).collect();
    between.sort_by_key(|one| one.at);
    between
}

async fn line(reader: Reader<'_>, entry: &LogEntry, words: &str, brought: &Brought) -> Markup {
    match (entry.role, &entry.exchange) {
        (Role::Assistant, Some(id)) => {
            let exchange = reader.store.exchange(id).await.ok().flatten();
            let fate = fate(reader, id, exchange.as_ref()).await;
            answer(reader.lang, id, &entry.text, &fate)
        }
        (Role::Assistant, None) => draft(&entry.text),
        (Role::User | Role::System, _) => said(reader.lang, entry.message.as_ref(), words, brought),
    }
}

async fn fate(reader: Reader<'_>, id: &ExchangeId, exchange: Option<&Exchange>) -> Fate {
    let mut fate = Fate {
        ending: exchange.and_then(|exchange| ending(exchange.finish)),
        answer: exchange.map(|exchange| exchange.answer_itself().to_owned()).unwrap_or_default(),
        drawing: exchange.filter(|_| reader.draws).and_then(to_draw),
        ..Fate::default()
    };
    for feedback in reader.store.feedback_of(id).await.unwrap_or_default() {
        match feedback.opinion {
            _ if feedback.person != *reader.person => {}
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

fn to_draw(exchange: &Exchange) -> Option<String> {
    let wanted = drawing::asked_to_draw(&exchange.question)?;
    Some(wanted.split_whitespace().collect::<Vec<_>>().join(" "))
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

/// What a person said, with what they brought.
pub(crate) fn said(lang: Lang, message: Option<&MessageId>, words: &str, brought: &Brought) -> Markup {
    let files = message.and_then(|message| brought.get(message)).map(Vec::as_slice).unwrap_or_default();
    html! {
        @if !words.is_empty() || !files.is_empty() {
            article.mine data-message=[message.map(MessageId::as_str)] {
                div.bubble dir="auto" { (uploads::shown(lang, files)) @if !words.is_empty() { p.words { (words) } } }
            }
        }
    }
}

/// What the bot does until it says something.
pub(crate) fn doing(lang: Lang, doing: Doing) -> Markup {
    let key = match doing {
        Doing::Thinking => "page-thinking",
        Doing::Listening => "page-listening",
        Doing::Looking => "page-looking",
        Doing::Reading => "page-reading",
        Doing::Drawing => "page-drawing",
    };
    let words = text(lang, key);
    html! {
        article.theirs.thinking.new data-doing=(words) {
            div.bubble { i {} i {} i {} @if doing != Doing::Thinking { span { (words) } } }
        }
    }
}

/// A recorded answer.
pub(crate) async fn recorded(reader: Reader<'_>, exchange: &Exchange) -> Markup {
    let fate = fate(reader, &exchange.id, Some(exchange)).await;
    answer(reader.lang, &exchange.id, &exchange.answer, &fate)
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
            @if let Some(wanted) = &fate.drawing {
                div.chips {
                    button type="button" data-press=(Press::Say(format!("/image {wanted}")).encode()) { (text(lang, "button-draw")) }
                }
            }
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
            (act("page-aloud", Icon::Aloud, &Press::Say(format!("/say {id}")), None))
            button type="button" data-copy="" aria-label=(copy) title=(copy) { (icon(Icon::Copy)) }
        }
    }
}

/// The message whose recording a notice shows the words of.
fn heard(notice: &Notice) -> Option<&str> {
    notice.outgoing.card.as_deref().and_then(|card| card.strip_prefix("heard:"))
}

/// Words of the bot itself, with their pictures, their file, their sound and their buttons.
pub(crate) fn notice(lang: Lang, notice: &Notice) -> Markup {
    let Notice { outgoing, key, beside, .. } = notice;
    if let (Some(voice), Some(key)) = (&outgoing.voice, key) {
        return html! {
            article.theirs.notice.aloud data-key=(key) data-beside[*beside] {
                div.bubble { (uploads::player(lang, Some(&Which::Voice.address(key)), voice.ms)) (to_html(&outgoing.markdown)) }
            }
        };
    }
    html! {
        article.theirs.notice data-card=[&outgoing.card] data-key=[key] data-beside[*beside] {
            div.bubble dir="auto" {
                (pictures(lang, notice))
                (quotation(lang, notice))
                (to_html(&outgoing.markdown))
                @if let Some(address) = outgoing.file.as_ref().and_then(|file| address(file, key.as_deref())) {
                    @let name = outgoing.file.as_ref().map_or("", |file| file.name.as_str());
                    p { a.file download=(name) href=(address) { (icon(Icon::File)) (name) } }
                }
                (choices(lang, notice))
            }
        }
    }
}

/// Pictures: the curve of a run as wide as there is room, what was drawn as it is, to be taken along.
fn pictures(lang: Lang, notice: &Notice) -> Markup {
    let Notice { outgoing, key, .. } = notice;
    let Some(key) = key else { return html! {} };
    let drawn = outgoing.card.as_deref().is_some_and(|card| card.starts_with("drawing:"));
    let further = outgoing.further.iter().enumerate().map(|(at, file)| (file, Which::Further.numbered(key, at)));
    let all = outgoing.picture.iter().map(|file| (file, Which::Picture.address(key))).chain(further);
    let take = text(lang, "page-download");
    html! {
        @if drawn {
            div.drawn {
                @for (file, address) in all {
                    figure {
                        img src=(address) alt=(outgoing.markdown);
                        // An unfinished one is nothing to be taken along.
                        @if !outgoing.buttons.is_empty() {
                            a.take href=(address) download=(file.name) aria-label=(take) title=(take) { (icon(Icon::File)) }
                        }
                    }
                }
            }
        } @else {
            @for (file, address) in all { img.picture src=(address) alt=(file.name); }
        }
    }
}

/// Words of somebody, which fold up.
fn quotation(lang: Lang, notice: &Notice) -> Markup {
    const SHORT: usize = 400;
    let quote = &notice.outgoing.quote;
    let key = if heard(notice).is_some() { "page-heard" } else { "page-quoted" };
    html! {
        @if !quote.is_empty() {
            details.quoted open[quote.chars().count() <= SHORT] {
                summary { (text(lang, key)) }
                blockquote dir="auto" { (quote) }
            }
        }
    }
}

fn choices(lang: Lang, notice: &Notice) -> Markup {
    let outgoing = &notice.outgoing;
    let misheard = heard(notice).filter(|_| !outgoing.quote.is_empty());
    html! {
        @if !outgoing.buttons.is_empty() || misheard.is_some() {
            div.chips {
                @if let Some(message) = misheard {
                    button type="button" data-misheard=(message) data-begin=(outgoing.quote) { (text(lang, "page-misheard")) }
                }
                @for button in outgoing.buttons.iter().flatten() { button type="button" data-press=(button.data) { (button.label) } }
            }
        }
    }
}

/// Where a file is fetched. A text comes along with the page, so that it lasts as long as the page.
fn address(file: &File, key: Option<&str>) -> Option<String> {
    match &file.contents {
        Contents::Text(text) => Some(format!("data:text/plain;charset=utf-8,{}", percent(text))),
        Contents::Stored { .. } | Contents::Blob { .. } => key.map(|key| Which::File.address(key)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn under_an_answer_to_a_wish_for_a_picture_it_is_offered_to_be_drawn() {
        let shown = |drawing: Option<&str>| {
            let fate = Fate { drawing: drawing.map(str::to_owned), ..Fate::default() };
            answer(Lang::En, &"e".into(), "I have no brush.", &fate).0
        };
        assert!(shown(Some("a \"fox\"")).contains("data-press=\"say:/image a &quot;fox&quot;\""));
        assert!(!shown(None).contains("/image"));
    }
}
