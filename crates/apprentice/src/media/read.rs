//! Reading: a document becomes text with places, which is answered from and cited. Short ones are put whole before the
//! model as long as they are talked about; all of them are searched.
//!
//! What somebody gives counts for them alone, in a group for that group: a document may be private. That it counts for
//! everybody is for a trainer to say, by a button.

use crate::learn::lessons;
use crate::media::docs;
use crate::media::fetch::{self, Fetched};
use crate::media::inside::{self, Order};
use crate::media::problem::{named, notes, place, refused, unread};
use crate::media::{is, see};
use crate::turn::Turn;
use documents::{Document as Text, Limits, Problem, chunks};
use domain::exchange::{Document, Passage, Scope};
use domain::ids::DocumentId;
use domain::incoming::{Act, Attached, Attachment, Media, Message, Sense};
use domain::outgoing::{Button, Outgoing};
use domain::person::Standing;
use sandbox::Fault;

/// Words of a passage, and how many of them the next one begins with.
const PASSAGE: (usize, usize) = (180, 20);
/// Documents that a conversation keeps before its eyes.
const KEPT: usize = 4;
/// Longest title.
const TITLE: usize = 120;
/// Documents of one message that get buttons of their own.
const OFFERED: usize = 3;

/// What became of a file.
enum Given {
    /// It is known from now on, or was so before.
    Kept(Kept),
    /// It is a picture, whatever it is called.
    Picture(Attached),
    /// It is not taken in, and this is why.
    Refused(String),
}

/// A document that is known.
struct Kept {
    document: Document,
    /// Whether it was known before.
    before: bool,
    /// What is said of it.
    said: String,
}

/// Reads what is attached, says so, and answers what is asked with it.
pub(super) async fn read(turn: &mut Turn<'_>, message: &Message) -> anyhow::Result<()> {
    let (files, mut rest): (Vec<_>, Vec<_>) =
        message.attachments.iter().cloned().partition(|attachment| !is(attachment, Sense::See));
    let (mut lines, mut kept) = (Vec::new(), Vec::new());
    for attachment in &files {
        let given = match attachment {
            Attachment::Unreadable { what } => Given::Refused(unreadable(turn, what)),
            _ if !may_give(turn) => Given::Refused(turn.text("file-group")),
            Attachment::Text { name, text } => plain(turn, name, text).await?,
            Attachment::File(file) => document(turn, file).await?,
        };
        match given {
            Given::Kept(one) => {
                lines.push(one.said);
                kept.push(one.document);
            }
            Given::Picture(file) => rest.push(Attachment::File(file)),
            Given::Refused(said) => lines.push(said),
        }
    }
    if lines.is_empty() {
        return see::look(turn, &Message { attachments: rest, ..message.clone() }).await;
    }
    let asked = !kept.is_empty() && !message.text.trim().is_empty() || !rest.is_empty();
    say(turn, lines, &kept);
    if asked {
        answer_next(turn, Message { attachments: rest, album: None, ..message.clone() });
    }
    Ok(())
}

/// Nobody confirms a text as the members of a group confirm a lesson, so there only trainers give documents.
fn may_give(turn: &Turn<'_>) -> bool {
    !turn.in_group() || turn.standing >= Standing::Trainer
}

/// Says what became of documents, with what may be done with them.
fn say(turn: &mut Turn<'_>, mut lines: Vec<String>, kept: &[Document]) {
    lines.dedup();
    let buttons = offers(turn, kept);
    turn.deliver(Outgoing { markdown: lines.join("\n\n"), buttons, ..Outgoing::default() });
}

/// Has a message handled as soon as what is said here is there, before anything that was written meanwhile.
fn answer_next(turn: &mut Turn<'_>, message: Message) {
    let mut incoming = turn.incoming.clone();
    incoming.act = Act::Said(message);
    if let Some(delivery) = &mut turn.record.becomes {
        delivery.then = Some(Box::new(incoming));
    }
}

/// Has a message handled after this one, when what was just read is known.
fn follow(turn: &mut Turn<'_>, message: Message, why: &str) {
    let mut incoming = turn.incoming.clone();
    incoming.act = Act::Said(message);
    turn.record.also.push(crate::listen::again(incoming, why, turn.now));
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

/// A document that is given.
async fn document(turn: &mut Turn<'_>, file: &Attached) -> anyhow::Result<Given> {
    match fetched(turn, file).await? {
        Ok(fetched) => taken(turn, file, &fetched).await,
        Err(why) => Ok(Given::Refused(refused(turn, &file.name, why))),
    }
}

async fn fetched(turn: &Turn<'_>, file: &Attached) -> anyhow::Result<Result<Fetched, fetch::Refused>> {
    let limit = u64::from(turn.bot.settings.current().reading.max_mb) << 20;
    fetch::fetch(turn.bot, turn.incoming.place.channel, file, limit).await
}

async fn taken(turn: &mut Turn<'_>, file: &Attached, fetched: &Fetched) -> anyhow::Result<Given> {
    if fetched.is_picture()? {
        return Ok(Given::Picture(Attached { media: Media::Photo, ..file.clone() }));
    }
    kept_or_not(turn, fetched, &file.name, &file.mime).await
}

/// A text that came along with its message.
async fn plain(turn: &mut Turn<'_>, name: &str, text: &str) -> anyhow::Result<Given> {
    let fetched = fetch::written(turn.bot, text.as_bytes())?;
    kept_or_not(turn, &fetched, name, "text/plain").await
}

async fn kept_or_not(turn: &mut Turn<'_>, file: &Fetched, name: &str, mime: &str) -> anyhow::Result<Given> {
    Ok(match text_of(turn, file, name, mime).await? {
        Ok(text) => match keep(turn, name, text, file.hash().await?).await? {
            Ok(kept) => Given::Kept(kept),
            Err(said) => Given::Refused(said),
        },
        Err(problem) => {
            tracing::info!(%problem, "a document is not read");
            Given::Refused(unread(turn, name, &problem))
        }
    })
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

/// Keeps a text and puts it on the table, unless it may not count where it would: then why.
async fn keep(turn: &mut Turn<'_>, name: &str, text: Text, source: String) -> anyhow::Result<Result<Kept, String>> {
    let lang = turn.lang();
    let told = notes(lang, &text.notes);
    let places = docs::size(lang, &text);
    let document = Document {
        id: DocumentId(ulid::Ulid::generate().to_string()),
        scope: scope(turn),
        title: title(turn, name, &text),
        text: String::new(),
        passages: passages(turn, &text),
        teacher: turn.person.id.clone(),
        at: turn.now,
        given_in: Some(turn.conversation()),
        source,
    };
    if let Some(known) = same(turn, &document).await? {
        put_on_table(turn, &known.id);
        let said = said_of(turn, "file-known", &known, &places);
        return Ok(Ok(Kept { document: known, before: true, said }));
    }
    let judged = tokio::task::spawn_blocking(move || (lessons::text_verdict(&document), document));
    let (verdict, document) = judged.await?;
    if let Err(fault) = verdict {
        return Ok(Err(lessons::text_fault_in_words(lang, &document.title, &fault)));
    }
    let said = said_of(turn, "file-learnt", &document, &places);
    let said = std::iter::once(said).chain(told).collect::<Vec<_>>().join("\n");
    put_on_table(turn, &document.id);
    turn.record.documents.push(document.clone());
    Ok(Ok(Kept { document, before: false, said }))
}

/// Whom a document counts for that is given here.
fn scope(turn: &Turn<'_>) -> Scope {
    match turn.in_group() {
        true => Scope::Conversation(turn.conversation()),
        false => Scope::Person(turn.person.id.clone()),
    }
}

fn said_of(turn: &Turn<'_>, key: &str, document: &Document, places: &str) -> String {
    let args = [
        ("name", lessons::one_line(&document.title)),
        ("words", document.words().to_string()),
        ("places", if places.is_empty() { String::new() } else { format!("{places}, ") }),
        ("scope", turn.text(lessons::scope_key(&document.scope))),
    ];
    turn.text_with(key, &args)
}

/// A document that was read from the same file, says the same under the same name and counts here already.
async fn same(turn: &Turn<'_>, document: &Document) -> anyhow::Result<Option<Document>> {
    let is_same = |known: &&Document| known.title == document.title && known.passages == document.passages;
    if let Some(known) = turn.record.documents.iter().find(is_same) {
        return Ok(Some(known.clone()));
    }
    let known = turn.bot.store.documents_from(&turn.scopes(), &document.source).await?;
    Ok(known.into_iter().find(|known| is_same(&known)))
}

/// What a question is about from now on: the documents that were lately given or pointed at.
fn put_on_table(turn: &mut Turn<'_>, id: &DocumentId) {
    let read = &mut turn.prefs.read;
    read.retain(|other| other != id);
    read.push(id.clone());
    let surplus = read.len().saturating_sub(KEPT);
    read.drain(..surplus);
    turn.save_prefs();
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

/// What may be done with documents: the learning loop takes one as a source, it counts for everybody, it is forgotten.
fn offers(turn: &Turn<'_>, kept: &[Document]) -> Vec<Vec<Button>> {
    let mut rows = Vec::new();
    for document in kept.iter().take(OFFERED) {
        rows.extend(proposing(turn, document).map(|button| vec![button]));
        rows.extend(Some(docs::buttons(turn, document)).filter(|row| !row.is_empty()));
    }
    rows
}

/// The button that has questions proposed from a document, where there is somebody to propose them.
pub(super) fn proposing(turn: &Turn<'_>, document: &Document) -> Option<Button> {
    let proposes = turn.standing >= Standing::Trainer && !crate::learn::oracle::chain(turn.bot).is_empty();
    let title: String = document.title.chars().take(30).collect();
    let label = turn.text_with("button-propose", &[("title", title)]);
    proposes.then(|| lessons::labelled(label, format!("/train from {}", document.id)))
}

/// A message that replies to documents is about them: those that are not known are read first; false when it may be
/// answered at once.
pub async fn replied(turn: &mut Turn<'_>, message: &Message) -> anyhow::Result<bool> {
    let reply = message.reply_to.as_ref().filter(|reply| !reply.ours);
    let files = reply.iter().flat_map(|reply| &reply.attachments).filter(|attachment| is(attachment, Sense::Read));
    let files: Vec<Attached> = files.filter_map(file).collect();
    let (mut lines, mut fresh) = (Vec::new(), Vec::new());
    for file in &files {
        let fetched = match fetched(turn, file).await? {
            Ok(fetched) => fetched,
            Err(why) => {
                lines.push(refused(turn, &file.name, why));
                continue;
            }
        };
        if let Some(known) = known_from(turn, &fetched).await? {
            put_on_table(turn, &known);
        } else if !may_give(turn) {
            lines.push(turn.text("file-group"));
        } else {
            match taken(turn, file, &fetched).await? {
                Given::Kept(Kept { before: true, .. }) | Given::Picture(_) => {}
                Given::Kept(kept) => {
                    lines.push(kept.said);
                    fresh.push(kept.document);
                }
                Given::Refused(said) => lines.push(said),
            }
        }
    }
    if lines.is_empty() {
        return Ok(false);
    }
    say(turn, lines, &fresh);
    if !fresh.is_empty() {
        let mut message = message.clone();
        message.reply_to.iter_mut().for_each(|reply| reply.attachments.clear());
        answer_next(turn, message);
    }
    Ok(true)
}

fn file(attachment: &Attachment) -> Option<Attached> {
    match attachment {
        Attachment::File(file) => Some(file.clone()),
        Attachment::Text { .. } | Attachment::Unreadable { .. } => None,
    }
}

/// The latest document that a file became, by what is in it: files of one name may say different things.
async fn known_from(turn: &Turn<'_>, file: &Fetched) -> anyhow::Result<Option<DocumentId>> {
    let known = turn.bot.store.documents_from(&turn.scopes(), &file.hash().await?).await?;
    Ok(known.into_iter().map(|document| document.id).max())
}

/// Reads what is to be learnt from and is no data: questions are then proposed from it.
pub async fn to_learn_from(turn: &mut Turn<'_>, files: &[(Attached, Fetched)]) -> anyhow::Result<()> {
    let (mut lines, mut kept) = (Vec::new(), Vec::new());
    for (file, fetched) in files {
        match kept_or_not(turn, fetched, &file.name, &file.mime).await? {
            Given::Kept(one) => {
                lines.push(one.said);
                kept.push(one.document);
            }
            Given::Refused(said) => lines.push(said),
            Given::Picture(_) => {}
        }
    }
    say(turn, lines, &kept);
    for document in &kept {
        let id = turn.message().map(|message| message.id.clone()).unwrap_or_default();
        let text = format!("/train from {}", document.id);
        let order = Message { id, text, mentions_bot: true, ..Message::default() };
        follow(turn, order, &format!("propose:{}", document.id));
    }
    Ok(())
}
