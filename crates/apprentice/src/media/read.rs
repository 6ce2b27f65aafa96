//! Reading: a document becomes text with places, which is answered from and cited. Short ones are put whole before the
//! model as long as they are talked about; all of them are searched.

use crate::learn::lessons;
use crate::media::fetch::{self, Fetched};
use crate::media::inside::{self, Order};
use crate::media::is;
use crate::media::problem::{named, notes, place, refused, unread};
use crate::turn::Turn;
use documents::{Document as Text, Limits, Problem, chunks};
use domain::exchange::{Document, Passage};
use domain::ids::DocumentId;
use domain::incoming::{Act, Attached, Attachment, Message, Sense};
use domain::outgoing::{Button, Outgoing};
use domain::person::Standing;
use sandbox::Fault;

/// Words of a passage, and how many of them the next one begins with.
const PASSAGE: (usize, usize) = (180, 20);
/// Documents that a conversation keeps before its eyes.
const KEPT: usize = 4;
/// Longest title.
const TITLE: usize = 120;

/// Reads what is attached, says so, and answers what is asked with it. Nobody confirms a text as the members of a group
/// confirm a lesson, so there only trainers give documents.
pub(super) async fn read(turn: &mut Turn<'_>, message: &Message) -> anyhow::Result<()> {
    let may_teach = !turn.in_group() || turn.standing >= Standing::Trainer;
    let mut lines = Vec::new();
    let (files, rest): (Vec<_>, Vec<_>) =
        message.attachments.iter().cloned().partition(|attachment| !is(attachment, Sense::See));
    for attachment in &files {
        lines.push(match attachment {
            Attachment::Unreadable { what } => unreadable(turn, what),
            _ if !may_teach => turn.text("file-group"),
            Attachment::Text { name, text } => plain(turn, name, text.clone()).await?,
            Attachment::File(file) => document(turn, file).await?,
        });
    }
    lines.dedup();
    let buttons = offers(turn);
    turn.deliver(Outgoing { markdown: lines.join("\n\n"), buttons, ..Outgoing::default() });
    let asked = !message.text.trim().is_empty() || !rest.is_empty();
    if !turn.record.documents.is_empty() && asked {
        let mut incoming = turn.incoming.clone();
        incoming.act = Act::Said(Message { attachments: rest, album: None, ..message.clone() });
        turn.record.also.push(crate::listen::again(incoming, "caption", turn.now));
    }
    Ok(())
}

/// What is said to what nobody takes in, by its kind where there is something to say about it.
fn unreadable(turn: &Turn<'_>, what: &str) -> String {
    const KINDS: [&str; 15] = [
        "contact",
        "location",
        "venue",
        "poll",
        "dice",
        "game",
        "story",
        "invoice",
        "paid_media",
        "checklist",
        "giveaway",
        "gift",
        "successful_payment",
        "users_shared",
        "chat_shared",
    ];
    let what = match what {
        "unique_gift" => "gift",
        "giveaway_winners" => "giveaway",
        other => other,
    };
    match KINDS.contains(&what) {
        true => turn.text(&format!("cannot-take-{}", what.replace('_', "-"))),
        false => turn.text_with("cannot-read", &[("what", domain::markdown::escape(what))]),
    }
}

/// A document that is given; what is said of it.
async fn document(turn: &mut Turn<'_>, file: &Attached) -> anyhow::Result<String> {
    let limit = u64::from(turn.bot.settings.current().reading.max_mb) << 20;
    let channel = turn.incoming.place.channel;
    let fetched = match fetch::fetch(turn.bot, channel, file, limit).await? {
        Ok(fetched) => fetched,
        Err(why) => return Ok(refused(turn, &file.name, why)),
    };
    match text_of(turn, &fetched, &file.name, &file.mime).await? {
        Ok(text) => take(turn, &file.name, text).await,
        Err(problem) => {
            tracing::info!(%problem, "a document is not read");
            Ok(unread(turn, &file.name, &problem))
        }
    }
}

/// A text that came along with its message; what is said of it.
async fn plain(turn: &mut Turn<'_>, name: &str, text: String) -> anyhow::Result<String> {
    let mut file = fetch::fresh(turn.bot)?;
    std::io::Write::write_all(&mut file, text.as_bytes())?;
    match text_of(turn, &Fetched::of(file)?, name, "text/plain").await? {
        Ok(text) => take(turn, name, text).await,
        Err(problem) => Ok(unread(turn, name, &problem)),
    }
}

/// The text of a file, read in a process of its own.
async fn text_of(turn: &Turn<'_>, file: &Fetched, name: &str, mime: &str) -> anyhow::Result<Result<Text, Problem>> {
    let reading = turn.bot.settings.current().reading.clone();
    let limits = Limits { bytes: u64::from(reading.max_mb) << 20, pages: reading.max_pages, ..Limits::default() };
    let order = Order::Document { name: name.to_owned(), mime: mime.to_owned(), limits };
    Ok(match inside::ask(turn.bot, &order, file.open()?).await {
        Ok(told) => serde_json::from_slice(&told)?,
        Err(Fault::Io(error)) => return Err(error.into()),
        Err(fault) => {
            tracing::warn!(%fault, "a document was not survived");
            Err(Problem::Died { detail: fault.to_string() })
        }
    })
}

/// Takes a text in, unless it may not count where it would; what is said of it.
async fn take(turn: &mut Turn<'_>, name: &str, text: Text) -> anyhow::Result<String> {
    let lang = turn.lang();
    let told = notes(lang, &text.notes);
    let places = crate::media::docs::size(lang, &text);
    let document = Document {
        id: DocumentId(ulid::Ulid::generate().to_string()),
        scope: turn.teaching_scope(),
        title: title(turn, name, &text),
        text: String::new(),
        passages: passages(turn, &text),
        teacher: turn.person.id.clone(),
        at: turn.now,
        given_in: Some(turn.conversation()),
    };
    let words: usize = document.passages.iter().map(|passage| passage.text.split_whitespace().count()).sum();
    let judged = tokio::task::spawn_blocking(move || (lessons::text_verdict(&document), document));
    let (verdict, document) = judged.await?;
    if let Err(fault) = verdict {
        return Ok(lessons::text_fault_in_words(lang, &document.title, &fault));
    }
    let args = [
        ("name", lessons::one_line(&document.title)),
        ("words", words.to_string()),
        ("places", if places.is_empty() { places } else { format!("{places}, ") }),
        ("id", document.id.to_string()),
        ("scope", turn.text(lessons::scope_key(&document.scope))),
    ];
    let said = turn.text_with("file-learnt", &args);
    turn.prefs.read.push(document.id.clone());
    let surplus = turn.prefs.read.len().saturating_sub(KEPT);
    turn.prefs.read.drain(..surplus);
    turn.save_prefs();
    turn.record.documents.push(document);
    Ok(std::iter::once(said).chain(told).collect::<Vec<_>>().join("\n"))
}

/// What a citation calls it: its name, else what it calls itself.
fn title(turn: &Turn<'_>, name: &str, text: &Text) -> String {
    let own = text.title.clone().filter(|title| !title.trim().is_empty());
    let title = if name.trim().is_empty() { own } else { Some(name.to_owned()) };
    title.map_or_else(|| named(turn, ""), |title| title.chars().take(TITLE).collect())
}

fn passages(turn: &Turn<'_>, text: &Text) -> Vec<Passage> {
    let (words, overlap) = PASSAGE;
    let passage = |chunk: documents::Chunk| Passage {
        place: place(turn.lang(), &chunk.place),
        heading: chunk.heading,
        text: chunk.text,
    };
    chunks(text, words, overlap).into_iter().map(passage).collect()
}

/// What may be done with what was just read: the learning loop takes it as a source.
fn offers(turn: &Turn<'_>) -> Vec<Vec<Button>> {
    let trainer = turn.standing >= Standing::Trainer;
    let proposes = trainer && !crate::learn::oracle::chain(turn.bot).is_empty();
    let mut rows = Vec::new();
    for document in turn.record.documents.iter().take(3) {
        let title: String = document.title.chars().take(30).collect();
        let mut row = Vec::new();
        if proposes {
            let label = turn.text_with("button-propose", &[("title", title)]);
            row.push(lessons::labelled(label, format!("/train from {}", document.id)));
        }
        row.push(lessons::labelled(turn.text("button-forget-document"), format!("/docs forget {}", document.id)));
        rows.push(row);
    }
    rows
}

/// Reads the documents of the message that is replied to, unless they are known; their ids.
pub async fn replied(turn: &mut Turn<'_>) -> anyhow::Result<Result<Vec<DocumentId>, String>> {
    let replied = turn.message().and_then(|message| message.reply_to.as_ref());
    let files: Vec<Attached> = replied
        .iter()
        .flat_map(|reply| &reply.attachments)
        .filter(|attachment| is(attachment, Sense::Read))
        .filter_map(|attachment| match attachment {
            Attachment::File(file) => Some(file.clone()),
            Attachment::Text { .. } | Attachment::Unreadable { .. } => None,
        })
        .collect();
    let mut ids = Vec::new();
    for file in files {
        let known = turn.bot.store.documents(&turn.scopes(), 200).await?;
        let same = |document: &&Document| document.title == file.name && document.teacher == turn.person.id;
        if let Some(known) = known.iter().find(same) {
            ids.push(known.id.clone());
            continue;
        }
        let before = turn.record.documents.len();
        let said = document(turn, &file).await?;
        match turn.record.documents.get(before) {
            Some(read) => ids.push(read.id.clone()),
            None => return Ok(Err(said)),
        }
    }
    Ok(Ok(ids))
}
