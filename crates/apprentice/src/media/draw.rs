//! Drawing: `/image` makes a picture, in reply to one it changes that, `/vary` makes another like it. Unfinished pictures
//! are shown on a card, which the finished one takes the place of.

use crate::bot::{Bot, now};
use crate::learn::lessons::{labelled, one_line};
use crate::media::fetch;
use crate::media::is;
use crate::media::problem::refused;
use crate::media::see;
use crate::turn::Turn;
use domain::drawing::{self, Wish};
use domain::ids::{ConversationId, Lane, Millis, PersonId};
use domain::incoming::{Attached, Attachment, Sense};
use domain::markdown::escape;
use domain::object::Object;
use domain::outgoing::{Button, File, Outgoing, Press};
use domain::work::{Delivery, Job, NewWork, Sent};
use models::draw::{Background, DrawFailure, Drawn, Options, Originals, Painter, Param, Partial, Picture, Quality};
use serde::{Deserialize, Serialize};
use store::BlobId;
use tokio::sync::mpsc;

/// Unfinished pictures that are shown.
const PARTIALS: u32 = 2;
/// Longest words of a picture that are kept.
const LONGEST: usize = 4_000;

/// What was drawn, so that it can be drawn again.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Drawing {
    id: String,
    conversation: ConversationId,
    person: PersonId,
    prompt: String,
    /// The pictures' blobs.
    blobs: Vec<String>,
    at: Millis,
}

impl Object for Drawing {
    const KIND: &'static str = "drawing";
    fn id(&self) -> String {
        self.id.clone()
    }
    fn state(&self) -> &'static str {
        "drawn"
    }
    fn person(&self) -> &str {
        self.person.as_str()
    }
    fn key(&self) -> String {
        self.conversation.0.clone()
    }
    fn at(&self) -> Millis {
        self.at
    }
}

/// What a painter is to do.
enum Task {
    Draw,
    Change(Originals),
    Vary(Picture),
}

/// `/image [options] words`
pub async fn image(turn: &mut Turn<'_>, argument: &str) -> anyhow::Result<()> {
    let mut wish = match drawing::wish(argument) {
        Ok(wish) => wish,
        Err(drawing::Unknown(option)) => {
            let reply = turn.text_with("image-option", &[("option", escape(&option))]);
            turn.reply(reply);
            return Ok(());
        }
    };
    if wish.prompt.chars().count() > LONGEST {
        return say_with(turn, "image-too-long", &[("limit", LONGEST.to_string())]);
    }
    // A button is too small for what was asked: the last question says it.
    if wish.prompt.is_empty()
        && turn.message().is_none()
        && let Some(exchange) = turn.bot.store.last_exchange(&turn.conversation()).await?
    {
        wish.prompt = drawing::asked_to_draw(&exchange.question).unwrap_or_default().to_owned();
    }
    if wish.prompt.is_empty() {
        return say_with(turn, "image-usage", &[]);
    }
    let originals = match given(turn).await? {
        Ok(pictures) => pictures,
        Err(sentence) => {
            turn.reply(sentence);
            return Ok(());
        }
    };
    let task = match originals.is_empty() {
        true => Task::Draw,
        false => Task::Change(Originals { pictures: originals, mask: None }),
    };
    draw(turn, wish, task).await
}

/// Offers to draw what a message asks to be drawn, where somebody can and the words fit on a button.
pub fn offer(turn: &Turn<'_>, question: &str) -> Option<Button> {
    let wanted = drawing::asked_to_draw(question)?;
    let can = !turn.bot.cast.of(&turn.bot.settings.current()).painters.is_empty();
    let data = Press::Say(format!("/image {}", one_line(wanted))).encode();
    let data = if data.len() <= 64 { data } else { Press::Say("/image".to_owned()).encode() };
    can.then(|| Button { label: turn.text("button-draw"), data })
}

/// `/vary [drawing]`, as a button or in reply to a picture
pub async fn vary(turn: &mut Turn<'_>, argument: &str) -> anyhow::Result<()> {
    let drawing = match argument.trim() {
        "" => None,
        id => turn.bot.store.object::<Drawing>(id).await?.filter(|drawing| drawing.conversation == turn.conversation()),
    };
    let (prompt, picture) = match drawing {
        Some(drawing) => (drawing.prompt.clone(), kept(turn.bot, &drawing).await?),
        None => match given(turn).await? {
            Ok(pictures) => (String::new(), pictures.into_iter().next()),
            Err(sentence) => {
                turn.reply(sentence);
                return Ok(());
            }
        },
    };
    let Some(picture) = picture else { return say_with(turn, "vary-usage", &[]) };
    draw(turn, Wish { prompt, ..Wish::default() }, Task::Vary(picture)).await
}

/// The first picture of a drawing, while it is kept.
async fn kept(bot: &Bot, drawing: &Drawing) -> anyhow::Result<Option<Picture>> {
    let Some(id) = drawing.blobs.first().and_then(|blob| BlobId::parse(blob)) else { return Ok(None) };
    match bot.blobs.get(&id).await {
        Ok(bytes) => Ok(Picture::of(bytes)),
        Err(store::Error::NotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The pictures that hang on the message, else those of the one that it replies to, as PNG; or why not.
async fn given(turn: &Turn<'_>) -> anyhow::Result<Result<Vec<Picture>, String>> {
    let message = turn.message().cloned().unwrap_or_default();
    let seen = |attachments: &[Attachment]| -> Vec<Attached> {
        let file = |attachment: &Attachment| match attachment {
            Attachment::File(file) if is(attachment, Sense::See) => Some(file.clone()),
            _ => None,
        };
        attachments.iter().filter_map(file).collect()
    };
    let own = seen(&message.attachments);
    let replied = message.reply_to.map(|reply| seen(&reply.attachments)).unwrap_or_default();
    let mut pictures = Vec::new();
    for file in if own.is_empty() { replied } else { own } {
        let fetched = match fetch::fetch(turn.bot, turn.incoming.place.channel, &file, 50 << 20).await? {
            Ok(fetched) => fetched,
            Err(why) => return Ok(Err(refused(turn, &file.name, why))),
        };
        match see::prepared(turn.bot, fetched, true).await? {
            Ok(prepared) => pictures.extend(Picture::of(turn.bot.blobs.get(&prepared.blob).await?)),
            Err(key) => {
                let name = crate::media::problem::named(turn, &file.name);
                return Ok(Err(turn.text_with(key, &[("name", name)])));
            }
        }
    }
    Ok(Ok(pictures))
}

async fn draw(turn: &mut Turn<'_>, wish: Wish, task: Task) -> anyhow::Result<()> {
    let settings = turn.bot.settings.current();
    let cast = turn.bot.cast.of(&settings);
    if cast.painters.is_empty() {
        return say_with(turn, "image-nobody", &[]);
    }
    let drawing = &settings.drawing;
    let count = wish.count.unwrap_or(1);
    if count > drawing.most {
        return say_with(turn, "image-too-many", &[("limit", drawing.most.to_string())]);
    }
    let options = Options {
        size: pixels(wish.size.as_deref().unwrap_or(&drawing.size)),
        quality: quality(wish.quality.as_deref().unwrap_or(&drawing.quality)),
        count,
        background: wish.transparent.then_some(Background::Transparent),
        partial_images: if count == 1 { PARTIALS } else { 0 },
    };
    let id = ulid::Ulid::generate().to_string();
    let drawn = shown(turn, &id, &cast.painters, &task, &wish.prompt, &options).await?;
    match drawn {
        Ok(drawn) => finish(turn, id, &wish, drawn).await,
        Err(failure) => {
            let sentence = in_words(turn, &failure);
            turn.deliver(Outgoing { markdown: sentence, card: Some(card(turn.record.work)), ..Outgoing::default() });
            Ok(())
        }
    }
}

/// The card on which a picture appears.
fn card(work: i64) -> String {
    format!("drawing:{work}")
}

/// Draws, with what is unfinished on view.
async fn shown(
    turn: &Turn<'_>,
    id: &str,
    painters: &[Painter],
    task: &Task,
    prompt: &str,
    options: &Options,
) -> anyhow::Result<Result<Drawn, DrawFailure>> {
    let vary = turn.text("image-vary-prompt");
    let (send, mut partials) = mpsc::unbounded_channel();
    let drawing = async {
        let drawn = tokio::select! {
            drawn = by_any(painters, task, prompt, options, &vary, &send) => drawn,
            () = turn.stop.cancelled() => Err(DrawFailure::TimedOut),
        };
        drop(send);
        drawn
    };
    let showing = async {
        // Whoever draws is seen to draw, as whoever writes is seen to type.
        crate::show::action(turn, channels::telegram::Activity::SendingPhoto).await;
        while let Some(partial) = partials.recv().await {
            if let Err(error) = show_partial(turn, id, partial).await {
                tracing::debug!(error = format!("{error:#}"), "an unfinished picture is not shown");
            }
        }
    };
    let (drawn, ()) = tokio::join!(drawing, showing);
    Ok(drawn)
}

async fn by_any(
    painters: &[Painter],
    task: &Task,
    prompt: &str,
    options: &Options,
    vary: &str,
    partials: &mpsc::UnboundedSender<Partial>,
) -> Result<Drawn, DrawFailure> {
    let mut last = DrawFailure::TimedOut;
    for painter in painters {
        let mut on_partial = |partial| drop(partials.send(partial));
        let drawn = match task {
            Task::Draw => painter.generate(prompt, options, &mut on_partial).await,
            Task::Change(originals) => painter.edit(originals, prompt, options, &mut on_partial).await,
            Task::Vary(picture) => painter.vary(picture, vary, options, &mut on_partial).await,
        };
        match drawn {
            Err(failure) if failure.is_theirs() => {
                tracing::warn!(painter = painter.name(), %failure, "the next painter is asked");
                last = failure;
            }
            told => return told,
        }
    }
    Err(last)
}

async fn show_partial(turn: &Turn<'_>, id: &str, partial: Partial) -> anyhow::Result<()> {
    let blob = turn.bot.blobs.put(partial.picture.bytes.clone()).await?;
    let outgoing = Outgoing {
        markdown: format!("_{}_", turn.text("image-drawing")),
        picture: Some(file(&blob, partial.picture.mime, partial.index)),
        card: Some(card(turn.record.work)),
        ..Outgoing::default()
    };
    let delivery = Delivery { place: turn.incoming.place.clone(), outgoing, sent: Sent::default(), then: None };
    let item = NewWork {
        lane: Lane(format!("{}~drawing", turn.conversation())),
        dedupe: format!("drawing:{id}:{}", partial.index),
        job: Job::Deliver(Box::new(delivery)),
        not_before: now(),
        interrupts: false,
    };
    turn.bot.store.accept(vec![item]).await?;
    Ok(())
}

fn file(blob: &BlobId, mime: &str, number: u32) -> File {
    let ending = mime.rsplit('/').next().unwrap_or("png");
    File::blob(format!("picture-{}.{ending}", number + 1), mime, blob.as_str())
}

async fn finish(turn: &mut Turn<'_>, id: String, wish: &Wish, drawn: Drawn) -> anyhow::Result<()> {
    let mut files = Vec::new();
    let mut blobs = Vec::new();
    for (number, picture) in drawn.pictures.iter().enumerate() {
        let blob = turn.bot.blobs.put(picture.bytes.clone()).await?;
        files.push(file(&blob, picture.mime, u32::try_from(number).unwrap_or(0)));
        blobs.push(blob.as_str().to_owned());
    }
    let mut lines: Vec<String> = Vec::new();
    if !wish.prompt.is_empty() {
        lines.push(escape(&one_line(&wish.prompt)));
    }
    lines.extend(without(turn, &drawn.without));
    let drawing = Drawing {
        id: id.clone(),
        conversation: turn.conversation(),
        person: turn.person.id.clone(),
        prompt: wish.prompt.clone(),
        blobs,
        at: turn.now,
    };
    turn.record.objects.push(store::Row::of(&drawing)?);
    let mut files = files.into_iter();
    let outgoing = Outgoing {
        markdown: lines.join("\n"),
        picture: files.next(),
        further: files.collect(),
        buttons: vec![vec![labelled(turn.text("button-vary"), format!("/vary {id}"))]],
        card: Some(card(turn.record.work)),
        ..Outgoing::default()
    };
    turn.deliver(outgoing);
    Ok(())
}

/// What was wished and is not there.
fn without(turn: &Turn<'_>, params: &[Param]) -> Option<String> {
    let name = |param: &Param| match param {
        Param::Size => Some("image-without-size"),
        Param::Quality => Some("image-without-quality"),
        Param::Background => Some("image-without-background"),
        _ => None,
    };
    let names: Vec<String> = params.iter().filter_map(name).map(|key| turn.text(key)).collect();
    (!names.is_empty()).then(|| format!("_{}_", turn.text_with("image-without", &[("what", names.join(", "))])))
}

fn pixels(size: &str) -> Option<(u32, u32)> {
    let (width, height) = size.split_once('x')?;
    Some((width.parse().ok()?, height.parse().ok()?))
}

fn quality(name: &str) -> Option<Quality> {
    match name {
        "low" => Some(Quality::Low),
        "medium" | "standard" => Some(Quality::Medium),
        "high" | "hd" => Some(Quality::High),
        _ => None,
    }
}

/// Why there is no picture, and what to do.
fn in_words(turn: &Turn<'_>, failure: &DrawFailure) -> String {
    if turn.stop.is_cancelled() {
        return turn.text("ended-stopped");
    }
    let key = match failure {
        DrawFailure::Moderated { .. } => return turn.text("image-moderated"),
        DrawFailure::TooLong { .. } => return turn.text_with("image-too-long", &[("limit", LONGEST.to_string())]),
        DrawFailure::BadPicture { .. } => return turn.text("image-bad-picture"),
        DrawFailure::UnsupportedOption { .. } => "image-unsupported",
        DrawFailure::Busy { .. } => "image-busy",
        DrawFailure::TimedOut => "image-timed-out",
        DrawFailure::Service { .. } | DrawFailure::Unreachable { .. } => "image-failed",
        DrawFailure::Refused { .. } => "image-refused",
    };
    let code = crate::notice::reference(turn.record.work);
    tracing::warn!(code, %failure, "nothing was drawn");
    crate::notice::apology(turn.lang(), &turn.text(key), &code)
}

fn say_with(turn: &mut Turn<'_>, key: &str, args: &[(&str, String)]) -> anyhow::Result<()> {
    let text = turn.text_with(key, args);
    turn.reply(text);
    Ok(())
}
