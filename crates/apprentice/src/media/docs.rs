//! `/docs`: what was read, where it counts, and forgetting it.

use crate::learn::lessons::{labelled, one_line, scope_key};
use crate::turn::Turn;
use documents::{Document as Text, Place};
use domain::exchange::{Document, Scope};
use domain::ids::DocumentId;
use domain::outgoing::{Button, File, Outgoing};
use domain::person::{Lang, Standing};
use domain::text::say_with;
use std::collections::BTreeSet;
use store::Audit;

/// Documents in one list.
const LISTED: u32 = 20;
/// Characters of a document that are shown of its beginning.
const BEGINNING: usize = 600;

/// `/docs [id | forget id | everyone id]`
pub async fn command(turn: &mut Turn<'_>, argument: &str) -> anyhow::Result<()> {
    let words: Vec<&str> = argument.split_whitespace().collect();
    match words.as_slice() {
        [] => list(turn).await,
        ["forget", id] => forget(turn, id).await,
        ["everyone", id] => everyone(turn, id).await,
        [id] => show(turn, id).await,
        _ => {
            let usage = turn.text("docs-usage");
            turn.reply(usage);
            Ok(())
        }
    }
}

async fn list(turn: &mut Turn<'_>) -> anyhow::Result<()> {
    let documents = turn.bot.store.documents(&turn.scopes(), LISTED).await?;
    if documents.is_empty() {
        let none = turn.text("docs-none");
        turn.reply(none);
        return Ok(());
    }
    let mut lines = vec![turn.text("docs-head")];
    let mut buttons = Vec::new();
    for (number, document) in documents.iter().enumerate() {
        let args = [
            ("number", (number + 1).to_string()),
            ("name", one_line(&document.title)),
            ("words", document.words().to_string()),
            ("scope", turn.text(scope_key(&document.scope))),
        ];
        lines.push(turn.text_with("docs-line", &args));
        let title: String = document.title.chars().take(30).collect();
        buttons.push(vec![labelled(format!("{}. {title}", number + 1), format!("/docs {}", document.id))]);
    }
    buttons.truncate(10);
    turn.deliver(Outgoing { markdown: lines.join("\n"), buttons, ..Outgoing::default() });
    Ok(())
}

/// A document that this person may see.
async fn find(turn: &mut Turn<'_>, id: &str) -> anyhow::Result<Option<Document>> {
    let document = turn.bot.store.document(&DocumentId::from(id)).await?;
    let document = document.filter(|document| turn.scopes().contains(&document.scope));
    if document.is_none() {
        let unknown = turn.text("docs-unknown");
        turn.reply(unknown);
    }
    Ok(document)
}

async fn show(turn: &mut Turn<'_>, id: &str) -> anyhow::Result<()> {
    let Some(document) = find(turn, id).await? else { return Ok(()) };
    let whole = document.whole().into_owned();
    let beginning: String = whole.chars().take(BEGINNING).collect();
    let args = [
        ("name", one_line(&document.title)),
        ("words", document.words().to_string()),
        ("scope", turn.text(scope_key(&document.scope))),
        ("day", day(document.at.0)),
    ];
    let row = buttons(turn, &document);
    turn.deliver(Outgoing {
        markdown: turn.text_with("docs-one", &args),
        quote: beginning,
        file: Some(File::text(format!("{}.txt", file_name(&document.title)), whole)),
        buttons: vec![row],
        ..Outgoing::default()
    });
    Ok(())
}

/// What may be done with a document by whoever sees it.
pub(super) fn buttons(turn: &Turn<'_>, document: &Document) -> Vec<Button> {
    let mut row = Vec::new();
    if may_end(turn, document) {
        row.push(labelled(turn.text("button-forget-document"), format!("/docs forget {}", document.id)));
    }
    if turn.standing >= Standing::Trainer && document.scope != Scope::Everyone {
        row.push(labelled(turn.text("button-document-everyone"), format!("/docs everyone {}", document.id)));
    }
    row
}

/// A name that every system takes.
fn file_name(title: &str) -> String {
    let plain = title.chars().map(|c| if c.is_alphanumeric() || ".-_ ".contains(c) { c } else { '_' });
    plain.take(80).collect()
}

async fn forget(turn: &mut Turn<'_>, id: &str) -> anyhow::Result<()> {
    let Some(document) = find(turn, id).await? else { return Ok(()) };
    if !may_end(turn, &document) {
        let refused = turn.text("docs-not-yours");
        turn.reply(refused);
        return Ok(());
    }
    turn.record.forget.push(document.id.to_string());
    turn.prefs.read.retain(|read| *read != document.id);
    turn.save_prefs();
    let gone = turn.text_with("docs-forgotten", &[("name", one_line(&document.title))]);
    turn.reply(gone);
    Ok(())
}

/// Whoever gave it, and owners.
fn may_end(turn: &Turn<'_>, document: &Document) -> bool {
    document.teacher == turn.person.id || turn.standing == Standing::Owner
}

async fn everyone(turn: &mut Turn<'_>, id: &str) -> anyhow::Result<()> {
    if turn.standing < Standing::Trainer {
        let refused = turn.text("command-not-allowed");
        turn.reply(refused);
        return Ok(());
    }
    let Some(document) = find(turn, id).await? else { return Ok(()) };
    let public = Document {
        id: DocumentId(ulid::Ulid::generate().to_string()),
        scope: Scope::Everyone,
        given_in: None,
        ..document.clone()
    };
    let judged = tokio::task::spawn_blocking(move || (crate::learn::lessons::text_verdict(&public), public));
    let (verdict, public) = judged.await?;
    if let Err(fault) = verdict {
        let why = crate::learn::lessons::text_fault_in_words(turn.lang(), &public.title, &fault);
        turn.reply(why);
        return Ok(());
    }
    turn.record.audit.push(Audit {
        person: turn.person.id.clone(),
        what: "document-everyone".to_owned(),
        detail: public.id.to_string(),
        at: turn.now,
    });
    turn.record.forget.push(document.id.to_string());
    turn.prefs.read.iter_mut().filter(|read| **read == document.id).for_each(|read| *read = public.id.clone());
    turn.save_prefs();
    let said = turn.text_with("docs-everyone", &[("name", one_line(&public.title))]);
    let mut rows = vec![buttons(turn, &public)];
    rows.extend(super::read::proposing(turn, &public).map(|button| vec![button]));
    turn.record.documents.push(public);
    turn.deliver(Outgoing { markdown: said, buttons: rows, ..Outgoing::default() });
    Ok(())
}

/// `2026-11-21`
fn day(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).map(|at| at.strftime("%Y-%m-%d").to_string()).unwrap_or_default()
}

/// How many pages, slides, sheets or chapters a text has; empty where it has no such parts.
pub(super) fn size(lang: Lang, text: &Text) -> String {
    let (mut pages, mut slides, mut sheets, mut chapters) = (0, 0, BTreeSet::new(), 0);
    for section in &text.sections {
        match &section.place {
            Place::Page(number) => pages = pages.max(*number),
            Place::Slide(number) => slides = slides.max(*number),
            Place::Sheet { name, .. } => {
                sheets.insert(name.as_str());
            }
            Place::Chapter { number, .. } => chapters = chapters.max(*number),
            Place::Whole | Place::Lines { .. } | Place::Time { .. } | Place::Member { .. } => {}
        }
    }
    let sheets = u32::try_from(sheets.iter().filter(|name| !name.is_empty()).count()).unwrap_or(u32::MAX);
    let counted =
        [("size-pages", pages), ("size-slides", slides), ("size-sheets", sheets), ("size-chapters", chapters)];
    let found = counted.into_iter().find(|(_, number)| *number > 1);
    found.map_or_else(String::new, |(key, number)| say_with(lang, key, &[("number", number.to_string())]))
}
