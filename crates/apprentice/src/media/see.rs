//! Looking at pictures: each is made upright, small enough and free of what its camera wrote into it, and then shown to
//! the model with the question, and with the questions that follow.

use crate::answer;
use crate::bot::Bot;
use crate::media::fetch::{self, Fetched, Refused};
use crate::media::inside::{self, Looked, Order};
use crate::media::is;
use crate::media::kept;
use crate::media::problem::{named, refused};
use crate::turn::Turn;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::chat::PictureRef;
use domain::context::picture_side;
use domain::ids::{MessageId, PersonId};
use domain::incoming::{Attached, Attachment, Message, Sense};
use domain::person::Seen;
use std::time::Duration;
use store::BlobId;

/// Most pictures of one message.
const MOST: usize = 10;
/// Most pictures that a conversation keeps before its eyes: a whole album, or what was shown one by one.
const KEPT: usize = MOST;
/// Largest picture as it is sent, bytes.
const LARGEST: u64 = 40 << 20;
/// Runs a program that makes a PNG of a picture, within bounds: kilobytes of memory, seconds of processor time, the
/// program, the picture, and the PNG.
const HEIF: &str = r#"ulimit -v "$1" && ulimit -t "$2" && exec "$3" "$4" "$5""#;

/// A picture as a model sees it.
#[derive(Clone, Debug)]
pub(super) struct Picture {
    /// Its blob.
    pub(super) blob: BlobId,
    /// Media type.
    pub(super) mime: String,
}

/// Looks at the pictures of a message, and answers what is asked about them.
pub(super) async fn look(turn: &mut Turn<'_>, message: &Message) -> anyhow::Result<()> {
    let files = pictures(&message.attachments);
    let count = files.len();
    let alone = match files.as_slice() {
        // A sticker says what its emoji says.
        [sticker] if !sticker.emoji.is_empty() => sticker.emoji.clone(),
        _ => turn.text_with("picture-alone", &[("count", count.to_string())]),
    };
    // An album whose last part comes late is looked at once more.
    turn.prefs.seen.retain(|seen| seen.message != message.id);
    let replied = message.reply_to.as_ref().map(|reply| pictures(&reply.attachments)).unwrap_or_default();
    if let Some(sentence) = show(turn, &message.id, replied.into_iter().chain(files).take(MOST).collect()).await? {
        turn.reply(sentence);
        return Ok(());
    }
    let said = message.text.trim();
    let words = if said.is_empty() { alone } else { said.to_owned() };
    let message = Message { text: words, attachments: Vec::new(), ..message.clone() };
    answer::answer(turn, &message).await
}

/// Looks at the pictures of the message that a question replies to; what is wrong with them, if they cannot be shown.
pub async fn replied(turn: &mut Turn<'_>, message: &Message) -> anyhow::Result<Option<String>> {
    let files = message.reply_to.as_ref().map(|reply| pictures(&reply.attachments)).unwrap_or_default();
    match files.is_empty() {
        true => Ok(None),
        false => show(turn, &message.id, files).await,
    }
}

fn pictures(attachments: &[Attachment]) -> Vec<Attached> {
    let file = |attachment: &Attachment| match attachment {
        Attachment::File(file) if is(attachment, Sense::See) => Some(file.clone()),
        Attachment::File(_) | Attachment::Text { .. } | Attachment::Unreadable { .. } => None,
    };
    attachments.iter().filter_map(file).collect()
}

/// Puts pictures before the model's eyes as those of a message; the sentence for the first that cannot be shown.
async fn show(turn: &mut Turn<'_>, message: &MessageId, files: Vec<Attached>) -> anyhow::Result<Option<String>> {
    let mut shown = Vec::new();
    let side = picture_side(turn.bot.settings.current().reading.picture_side, files.len());
    for file in files {
        match picture(turn, &file, side).await? {
            Ok(Some(picture)) => shown.push(picture),
            Ok(None) => {}
            Err(sentence) => return Ok(Some(sentence)),
        }
    }
    note(turn, message, shown);
    Ok(None)
}

/// Keeps pictures as those of a message. One that was shown before is talked about now, and is shown here alone.
pub(super) fn note(turn: &mut Turn<'_>, message: &MessageId, shown: Vec<Picture>) {
    for picture in shown {
        let blob = picture.blob.as_str().to_owned();
        turn.prefs.seen.retain(|seen| seen.blob != blob || seen.message == *message);
        turn.prefs.seen.push(Seen { message: message.clone(), blob, mime: picture.mime });
    }
    let surplus = turn.prefs.seen.len().saturating_sub(KEPT);
    turn.prefs.seen.drain(..surplus);
    turn.save_prefs();
}

/// Prepares what a file shows; none for a sticker that has only its emoji to show.
async fn picture(turn: &Turn<'_>, file: &Attached, side: u32) -> anyhow::Result<Result<Option<Picture>, String>> {
    let channel = turn.incoming.place.channel;
    // What moves is seen by the still picture that the platform made of it.
    let moves = file.mime.starts_with("video/") || file.mime == "application/x-tgsticker";
    let file = match (moves, &file.still) {
        (true, Some(still)) => Attached { handle: still.clone(), size: 0, ..file.clone() },
        (true, None) if !file.emoji.is_empty() => return Ok(Ok(None)),
        _ => file.clone(),
    };
    let fetched = match fetch::fetch(turn.bot, channel, &file, LARGEST).await? {
        Ok(fetched) => fetched,
        Err(why) => return Ok(Err(not_here(turn, &file.name, why))),
    };
    match prepared(turn.bot, &turn.person.id, fetched, &Order::Picture { longest_side: side, png: false }).await? {
        Ok(picture) => Ok(Ok(Some(picture))),
        Err(_) if !file.emoji.is_empty() => Ok(Ok(None)),
        Err(key) => Ok(Err(turn.text_with(key, &[("name", called(turn, &file.name))]))),
    }
}

/// Why a picture is not here, and what to do.
pub(super) fn not_here(turn: &Turn<'_>, name: &str, why: Refused) -> String {
    let name = called(turn, name);
    match why {
        Refused::TooLarge { limit } => {
            turn.text_with("picture-too-many-bytes", &[("name", name), ("limit", (limit >> 20).max(1).to_string())])
        }
        Refused::Gone => refused(turn, &name, why),
    }
}

/// What a person calls a picture.
pub(super) fn called(turn: &Turn<'_>, name: &str) -> String {
    if name.trim().is_empty() { turn.text("picture-unnamed") } else { named(turn, name) }
}

/// Prepares a picture and keeps it as a person's; else the key of the sentence that says why not.
pub(super) async fn prepared(
    bot: &Bot,
    person: &PersonId,
    fetched: Fetched,
    order: &Order,
) -> anyhow::Result<Result<Picture, &'static str>> {
    let mut fetched = fetched;
    for attempt in 0..2 {
        let made = match inside::ask(bot, order, fetched.open()?).await {
            Ok(made) => made,
            Err(sandbox::Fault::Io(error)) => return Err(error.into()),
            Err(fault) => {
                tracing::warn!(%fault, "a picture was not survived");
                return Ok(Err("picture-hostile"));
            }
        };
        let end = made.iter().position(|byte| *byte == b'\n').unwrap_or(made.len());
        let (head, picture) = made.split_at(end);
        match serde_json::from_slice(head)? {
            Looked::Prepared { mime, .. } => {
                let bytes = picture.get(1..).unwrap_or_default().to_vec();
                return Ok(Ok(Picture { blob: kept::keep(bot, person, bytes.into()).await?, mime }));
            }
            Looked::NeedsProgram if attempt == 0 => match converted(bot, &fetched).await? {
                Some(png) => fetched = png,
                None => return Ok(Err("picture-needs-program")),
            },
            Looked::TooLarge => return Ok(Err("picture-too-large")),
            Looked::NeedsProgram => return Ok(Err("picture-unreadable")),
            Looked::Unreadable { detail } => {
                tracing::info!(detail, "a picture is not read");
                return Ok(Err("picture-unreadable"));
            }
        }
    }
    Ok(Err("picture-unreadable"))
}

/// A picture turned into PNG by a program of this machine; none where the owner wants none, or there is none or it fails.
async fn converted(bot: &Bot, fetched: &Fetched) -> anyhow::Result<Option<Fetched>> {
    let reading = bot.settings.current().reading.clone();
    // The program reads the files of strangers with all that the bot may do: only where the owner says so.
    let Some(program) = &reading.heif_program else { return Ok(None) };
    let to =
        tempfile::Builder::new().suffix(".png").tempfile_in(bot.settings.current().data_dir.join(fetch::WORKSHOP))?;
    let (memory, seconds) = ((u64::from(reading.memory_mb) << 10).to_string(), reading.seconds.to_string());
    let mut command = tokio::process::Command::new("sh");
    command.args(["-c", HEIF, "sh", &memory, &seconds, program]).arg(fetched.path()).arg(to.path());
    command.env_clear().kill_on_drop(true);
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    command.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    // On a busy machine a process gets less than the time on the clock.
    let limit = Duration::from_secs(u64::from(reading.seconds) * 4);
    match tokio::time::timeout(limit, async { command.status().await }).await {
        Ok(Ok(status)) if status.success() => Ok(Some(Fetched::of(to)?)),
        Ok(Ok(_)) | Ok(Err(_)) | Err(_) => Ok(None),
    }
}

/// The pictures that a question shows, and those that were shown before it, as a model takes them.
pub async fn shown(bot: &Bot, seen: &[Seen], question: &MessageId) -> anyhow::Result<Shown> {
    let mut shown = Shown::default();
    for one in seen {
        let Some(id) = BlobId::parse(&one.blob) else { continue };
        let bytes = match bot.blobs.get(&id).await {
            Ok(bytes) => bytes,
            // Forgotten with whoever showed it.
            Err(store::Error::NotFound) => continue,
            Err(error) => return Err(error.into()),
        };
        let picture = PictureRef::new(one.mime.clone(), BASE64_STANDARD.encode(bytes));
        match one.message == *question {
            true => shown.now.push(picture),
            false => shown.before.push((one.message.clone(), picture)),
        }
    }
    Ok(shown)
}

/// Pictures of a conversation.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    /// Those of the question.
    pub now: Vec<PictureRef>,
    /// Those of earlier messages.
    pub before: Vec<(MessageId, PictureRef)>,
}
