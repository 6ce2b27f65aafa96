//! Being taught: corrections by reply, by command and by button, questions with answers, files.
//!
//! What is taught is stored with who taught it, what it corrects and whom it counts for, and it
//! counts in the very next answer.

use crate::learn::lessons::{self, labelled, one_line, scope_key};
use crate::turn::Turn;
use domain::correction;
use domain::example::{Datum, Origin as DatumOrigin};
use domain::exchange::{Document, Exchange, Feedback, Opinion};
use domain::ids::{DocumentId, ExchangeId, MessageId};
use domain::incoming::{Act, Attachment, Channel, Media, Message};
use domain::outgoing::Outgoing;
use domain::person::Standing;
use domain::work::{Job, NewWork, Sent};

/// Takes a message that says how an answer should have been; false when it says no such thing.
pub async fn by_reply(turn: &mut Turn<'_>, message: &Message) -> anyhow::Result<bool> {
    let replies = message.reply_to.as_ref().is_some_and(|reply| reply.ours);
    let read = if replies { correction::in_reply } else { correction::correction };
    let Some(right) = read(&message.text) else { return Ok(false) };
    let exchange = match &message.reply_to {
        Some(reply) if reply.ours => turn.bot.store.exchange_of(&turn.conversation(), &reply.message).await?,
        Some(_) => None,
        // In private nobody else can be meant; in a group only a reply says which answer.
        None if !turn.in_group() => turn.bot.store.last_exchange(&turn.conversation()).await?,
        None => None,
    };
    let Some(exchange) = exchange else { return Ok(false) };
    correct(turn, exchange, right).await?;
    Ok(true)
}

/// `/correct [message] right answer`
pub async fn correct_command(turn: &mut Turn<'_>, argument: &str) -> anyhow::Result<()> {
    let (exchange, right) = which(turn, argument).await?;
    match exchange {
        _ if right.trim().is_empty() => reply(turn, "correct-usage"),
        Some(exchange) => correct(turn, exchange, right).await?,
        None => reply(turn, "correct-nothing"),
    }
    Ok(())
}

/// The answer that is meant, and the right one: that of the named message, of the one replied to, or the last.
async fn which(turn: &Turn<'_>, argument: &str) -> anyhow::Result<(Option<Exchange>, String)> {
    let (first, rest) = argument.split_once(char::is_whitespace).unwrap_or((argument, ""));
    // A number alone is a right answer; an exchange's id never is.
    if let Some(exchange) = named(turn, first).await?
        && (!rest.trim().is_empty() || exchange.id.as_str() == first)
    {
        return Ok((Some(exchange), rest.trim().to_owned()));
    }
    Ok((replied_or_last(turn).await?, argument.trim().to_owned()))
}

/// The answer of this conversation that an exchange's id or a message's number names.
pub async fn named(turn: &Turn<'_>, word: &str) -> anyhow::Result<Option<Exchange>> {
    let conversation = turn.conversation();
    let here = |exchange: &Exchange| exchange.conversation == conversation;
    if let Some(exchange) = turn.bot.store.exchange(&ExchangeId::from(word)).await?.filter(here) {
        return Ok(Some(exchange));
    }
    match !word.is_empty() && word.chars().all(|c| c.is_ascii_digit()) {
        true => Ok(turn.bot.store.exchange_of(&conversation, &MessageId::from(word)).await?),
        false => Ok(None),
    }
}

/// The answer that the message replies to, or the last one.
pub async fn replied_or_last(turn: &Turn<'_>) -> anyhow::Result<Option<Exchange>> {
    let conversation = turn.conversation();
    match turn.message().and_then(|message| message.reply_to.as_ref()).filter(|reply| reply.ours) {
        Some(reply) => Ok(turn.bot.store.exchange_of(&conversation, &reply.message).await?),
        None => Ok(turn.bot.store.last_exchange(&conversation).await?),
    }
}

async fn correct(turn: &mut Turn<'_>, exchange: Exchange, right: String) -> anyhow::Result<()> {
    let opinion = Opinion::Correction { text: right.clone() };
    turn.record.feedback.push(Feedback {
        exchange: Some(exchange.id.clone()),
        conversation: turn.conversation(),
        person: turn.person.id.clone(),
        opinion,
        at: turn.now,
    });
    let datum = Datum {
        question: exchange.question.clone(),
        chosen: Some(right),
        rejected: Some(exchange.answer_itself().to_owned()).filter(|answer| !answer.trim().is_empty()),
        ..Datum::default()
    };
    lessons::teach(turn, datum, DatumOrigin::Correction, Some(&exchange)).await
}

/// `/teach question => answer`, `/teach everyone id`
pub async fn teach_command(turn: &mut Turn<'_>, argument: &str) -> anyhow::Result<()> {
    if let Some(id) = argument.strip_prefix("everyone ").map(str::trim).filter(|id| !id.contains(char::is_whitespace)) {
        return lessons::suggest(turn, id).await;
    }
    match correction::teach(argument) {
        Some((question, answer)) => {
            lessons::teach(turn, Datum::of(question, answer), DatumOrigin::Demonstration, None).await?;
        }
        None => reply(turn, "teach-usage"),
    }
    Ok(())
}

/// A message with something attached: text files are read, the rest is politely declined. Nobody confirms a text as the
/// members of a group confirm a lesson, so there only trainers teach with files.
pub async fn attachments(turn: &mut Turn<'_>, message: &Message) -> anyhow::Result<()> {
    let mut lines = Vec::new();
    let may_teach = !turn.in_group() || turn.standing >= Standing::Trainer;
    for attachment in &message.attachments {
        let line = match attachment {
            Attachment::File(file) if file.media != Media::Document => cannot_read(turn, file.media),
            Attachment::Text { .. } | Attachment::File(_) if !may_teach => turn.text("file-group"),
            Attachment::Text { name, text } => read(turn, name, text.clone()).await?,
            Attachment::File(file) => match fetch(turn, &file.handle, &file.name, &file.mime, file.size).await? {
                Ok(text) => read(turn, &file.name, text).await?,
                Err(sentence) => sentence,
            },
            Attachment::Unreadable { what } => turn.text_with("cannot-read", &[("what", what.clone())]),
        };
        lines.push(line);
    }
    lines.dedup();
    let buttons = proposals(turn);
    turn.deliver(Outgoing { markdown: lines.join("\n\n"), buttons, ..Outgoing::default() });
    let read_something = !turn.record.documents.is_empty();
    if read_something && !message.text.trim().is_empty() {
        ask_caption(turn, message);
    }
    Ok(())
}

/// The sentence that says that what was sent so is not taken in.
pub fn cannot_read(turn: &Turn<'_>, media: Media) -> String {
    let what = match media {
        Media::Document => "document",
        Media::Voice => "voice",
        Media::Audio => "audio",
        Media::Video => "video",
        Media::VideoNote => "video_note",
        Media::Photo => "photo",
        Media::Sticker => "sticker",
        Media::Animation => "animation",
    };
    turn.text_with("cannot-read", &[("what", what.to_owned())])
}

/// Buttons by which the model in use proposes questions and answers from what was just read.
fn proposals(turn: &Turn<'_>) -> Vec<Vec<domain::outgoing::Button>> {
    if turn.standing < Standing::Trainer || crate::learn::oracle::chain(turn.bot).is_empty() {
        return Vec::new();
    }
    let button = |document: &Document| {
        let title: String = document.title.chars().take(30).collect();
        vec![labelled(turn.text_with("button-propose", &[("title", title)]), format!("/train from {}", document.id))]
    };
    turn.record.documents.iter().take(3).map(button).collect()
}

/// What was asked with a file is handled right after the file has been learnt.
fn ask_caption(turn: &mut Turn<'_>, message: &Message) {
    let mut incoming = turn.incoming.clone();
    incoming.dedupe.push_str(":caption");
    incoming.act = Act::Said(Message { attachments: Vec::new(), ..message.clone() });
    turn.record.also.push(NewWork {
        lane: incoming.lane(),
        dedupe: incoming.dedupe.clone(),
        job: Job::Handle { incoming: Box::new(incoming), shown: Sent::default() },
        not_before: turn.now,
        interrupts: false,
    });
}

/// The text of a file, or the sentence that says why it cannot be read.
async fn fetch(
    turn: &Turn<'_>,
    handle: &str,
    name: &str,
    mime: &str,
    size: u64,
) -> anyhow::Result<Result<String, String>> {
    if !looks_like_text(name, mime) {
        return Ok(Err(turn.text_with("cannot-read-file", &[("name", one_line(name))])));
    }
    if size > largest(turn) {
        return Ok(Err(too_large(turn, name)));
    }
    let Some(fetched) = fetched(turn, handle, largest(turn)).await? else {
        return Ok(Err(turn.text_with("cannot-read-file", &[("name", one_line(name))])));
    };
    Ok(String::from_utf8(fetched).map_err(|_| turn.text_with("file-not-utf8", &[("name", one_line(name))])))
}

/// The bytes of a file that came with a message; none where the platform hands out none.
pub async fn fetched(turn: &Turn<'_>, handle: &str, largest: u64) -> anyhow::Result<Option<Vec<u8>>> {
    match (&turn.bot.telegram, turn.incoming.place.channel) {
        (Some(telegram), Channel::Telegram) => Ok(Some(telegram.fetch_file(handle, largest).await?)),
        _ => Ok(None),
    }
}

/// Largest text file that is read, bytes.
fn largest(turn: &Turn<'_>) -> u64 {
    turn.bot.settings.current().limits.upload_kb as u64 * 1024
}

fn too_large(turn: &Turn<'_>, name: &str) -> String {
    let limit = turn.bot.settings.current().limits.upload_kb.to_string();
    turn.text_with("file-too-large", &[("name", one_line(name)), ("limit", limit)])
}

fn looks_like_text(name: &str, mime: &str) -> bool {
    const ENDINGS: [&str; 10] = ["txt", "md", "markdown", "csv", "tsv", "json", "jsonl", "log", "rst", "srt"];
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
    mime.starts_with("text/") || mime == "application/json" || ENDINGS.contains(&ending.as_str())
}

/// Takes in a text, unless it may not count where it would; what is said of it.
async fn read(turn: &mut Turn<'_>, name: &str, text: String) -> anyhow::Result<String> {
    let text = text.trim_start_matches('\u{feff}').to_owned();
    if text.trim().is_empty() {
        return Ok(turn.text_with("file-empty", &[("name", one_line(name))]));
    }
    if text.len() as u64 > largest(turn) {
        return Ok(too_large(turn, name));
    }
    let words = text.split_whitespace().count();
    let document = Document {
        id: DocumentId(ulid::Ulid::generate().to_string()),
        scope: turn.teaching_scope(),
        title: if name.is_empty() { turn.text("file-unnamed") } else { name.to_owned() },
        text,
        teacher: turn.person.id.clone(),
        at: turn.now,
    };
    let judged = tokio::task::spawn_blocking(move || (lessons::text_verdict(&document), document));
    let (verdict, document) = judged.await?;
    if let Err(fault) = verdict {
        return Ok(lessons::text_fault_in_words(turn.lang(), &document.title, &fault));
    }
    let args = [
        ("name", one_line(&document.title)),
        ("words", words.to_string()),
        ("id", document.id.to_string()),
        ("scope", turn.text(scope_key(&document.scope))),
    ];
    let said = turn.text_with("file-learnt", &args);
    turn.record.documents.push(document);
    Ok(said)
}

fn reply(turn: &mut Turn<'_>, key: &str) {
    let text = turn.text(key);
    turn.reply(text);
}
