//! Drawing: `/image` makes a picture, in reply to one it changes that, `/vary` makes another like it. Unfinished pictures
//! are shown on a card, which the finished one takes the place of.

use crate::bot::{Bot, now};
use crate::learn::lessons::{labelled, one_line};
use crate::media::fetch;
use crate::media::inside::Order;
use crate::media::is;
use crate::media::kept;
use crate::media::see;
use crate::turn::Turn;
use domain::chat::Tokens;
use domain::context::picture_side;
use domain::drawing::{self, Wish};
use domain::ids::{ConversationId, Lane, Millis, PersonId};
use domain::incoming::{Act, Attached, Attachment, Message, Sense};
use domain::markdown::escape;
use domain::object::Object;
use domain::outgoing::{Button, File, Outgoing, Press};
use domain::work::{Delivery, Job, NewWork, Sent};
use models::draw::{Background, DrawFailure, Drawn, Options, Originals, Painter, Param, Partial, Picture, Quality};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use store::BlobId;
use tokio::sync::mpsc;

/// Unfinished pictures that are shown.
const PARTIALS: u32 = 2;
/// How often it is shown that something is being drawn: platforms show it for some five seconds.
const SEEN_TO_DRAW: Duration = Duration::from_secs(4);
/// Time of a turn that is left for bringing what was drawn, where a quarter of the turn is not less.
const TO_BRING: Duration = Duration::from_secs(20);
/// Longest words of a picture that are kept.
const LONGEST: usize = 4_000;

/// What was drawn, so that it can be drawn again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Drawing {
    id: String,
    conversation: ConversationId,
    person: PersonId,
    prompt: String,
    /// The pictures' blobs.
    pub(super) blobs: Vec<String>,
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
    if wish.prompt.is_empty() {
        wish.prompt = pressed_for(turn).await?.unwrap_or_default();
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

/// What is to be drawn where the button was too small to say it: the question says it whose answer has the button.
async fn pressed_for(turn: &Turn<'_>) -> anyhow::Result<Option<String>> {
    let Act::Pressed { message, .. } = &turn.incoming.act else { return Ok(None) };
    let exchange = turn.bot.store.exchange_of(&turn.conversation(), message).await?;
    Ok(exchange.and_then(|exchange| drawing::asked_to_draw(&exchange.question).map(str::to_owned)))
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
    let side = turn.bot.settings.current().reading.picture_side;
    for file in if own.is_empty() { replied } else { own } {
        let fetched = match fetch::fetch(turn.bot, turn.incoming.place.channel, &file, 50 << 20).await? {
            Ok(fetched) => fetched,
            Err(why) => return Ok(Err(see::not_here(turn, &file.name, why))),
        };
        match see::prepared(turn.bot, &turn.person.id, fetched, &Order::Picture { longest_side: side, png: true })
            .await?
        {
            Ok(prepared) => pictures.extend(Picture::of(turn.bot.blobs.get(&prepared.blob).await?)),
            Err(key) => {
                let name = see::called(turn, &file.name);
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
        // Several are not shown on their way: nobody would know which is which.
        partial_images: if count == 1 { PARTIALS } else { 0 },
    };
    let drawn = shown(turn, &cast.painters, &task, &wish.prompt, &options).await?;
    let outgoing = match drawn {
        Ok(drawn) => finished(turn, &wish, drawn).await?,
        Err(failure) => Outgoing { markdown: in_words(turn, &failure), ..Outgoing::default() },
    };
    let last = on_card(turn, outgoing, "last");
    turn.record.also.push(last);
    Ok(())
}

/// Under which name the drawing that an item asked for is kept, however often it is begun.
pub fn id(work: i64) -> String {
    format!("d{work}")
}

/// What a turn shows of its drawing, unfinished and at last, takes one lane and one message: the finished picture comes
/// after the unfinished ones and in their place.
fn on_card(turn: &Turn<'_>, outgoing: Outgoing, step: &str) -> NewWork {
    let id = id(turn.record.work);
    let reply_to = turn.in_group().then(|| turn.message().map(|message| message.id.clone())).flatten();
    let outgoing = Outgoing { card: Some(format!("drawing:{id}")), reply_to, ..outgoing };
    let delivery = Delivery { place: turn.incoming.place.clone(), outgoing, sent: Sent::default(), then: None };
    NewWork {
        lane: Lane(format!("{}~drawing", turn.conversation())),
        dedupe: format!("drawing:{id}:{step}"),
        job: Job::Deliver(Box::new(delivery)),
        not_before: now(),
        interrupts: false,
    }
}

/// Draws, with what is unfinished on view.
async fn shown(
    turn: &Turn<'_>,
    painters: &[Painter],
    task: &Task,
    prompt: &str,
    options: &Options,
) -> anyhow::Result<Result<Drawn, DrawFailure>> {
    let vary = turn.text("image-vary-prompt");
    let (send, partials) = mpsc::unbounded_channel();
    let limit = time_left(turn.bot.settings.current().turn.max_seconds, now().since(turn.now));
    let drawing = async {
        let drawn = tokio::select! {
            // What was ended before it began is not asked for.
            biased;
            () = turn.stop.cancelled() => Err(DrawFailure::TimedOut),
            () = tokio::time::sleep(limit) => Err(DrawFailure::TimedOut),
            drawn = by_any(painters, task, prompt, options, &vary, &send) => drawn,
        };
        drop(send);
        drawn
    };
    let (drawn, ()) = tokio::join!(drawing, show_along(turn, partials));
    Ok(drawn)
}

/// How long painters may take together in a turn of which so many milliseconds are gone. A turn that runs out of time is
/// begun anew, and a drawing is paid each time: it ends before its turn does, and that it took too long is the answer.
fn time_left(turn_seconds: u64, gone_ms: i64) -> Duration {
    let turn = Duration::from_secs(turn_seconds);
    (turn - TO_BRING.min(turn / 4)).saturating_sub(Duration::from_millis(gone_ms.try_into().unwrap_or(0)))
}

/// Whoever draws is seen to draw, as whoever writes is seen to type; and what is there by now is seen.
async fn show_along(turn: &Turn<'_>, mut partials: mpsc::UnboundedReceiver<Partial>) {
    let mut seen = tokio::time::interval(SEEN_TO_DRAW);
    loop {
        tokio::select! {
            _ = seen.tick() => crate::show::action(turn, channels::telegram::Activity::SendingPhoto).await,
            partial = partials.recv() => match partial {
                Some(partial) => if let Err(error) = show_partial(turn, partial).await {
                    tracing::debug!(error = format!("{error:#}"), "an unfinished picture is not shown");
                },
                None => return,
            },
        }
    }
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

async fn show_partial(turn: &Turn<'_>, partial: Partial) -> anyhow::Result<()> {
    let blob = kept::keep(turn.bot, &turn.person.id, partial.picture.bytes.clone()).await?;
    let outgoing = Outgoing {
        markdown: format!("_{}_", turn.text("image-drawing")),
        picture: Some(file(&blob, partial.picture.mime, partial.index)),
        ..Outgoing::default()
    };
    let item = on_card(turn, outgoing, &partial.index.to_string());
    turn.bot.store.accept(vec![item]).await?;
    Ok(())
}

fn file(blob: &BlobId, mime: &str, number: u32) -> File {
    let ending = mime.rsplit('/').next().unwrap_or("png");
    File::blob(format!("picture-{}.{ending}", number + 1), mime, blob.as_str())
}

/// Keeps what was drawn, so that it can be talked about and drawn again; what shows it.
async fn finished(turn: &mut Turn<'_>, wish: &Wish, drawn: Drawn) -> anyhow::Result<Outgoing> {
    let id = id(turn.record.work);
    let mut files = Vec::new();
    let mut blobs = Vec::new();
    for (number, picture) in drawn.pictures.iter().enumerate() {
        let blob = kept::keep(turn.bot, &turn.person.id, picture.bytes.clone()).await?;
        files.push(file(&blob, picture.mime, u32::try_from(number).unwrap_or(0)));
        blobs.push(blob.as_str().to_owned());
    }
    let mut lines: Vec<String> = Vec::new();
    if !wish.prompt.is_empty() {
        lines.push(escape(&one_line(&wish.prompt)));
    }
    lines.extend(without(turn, &drawn.without));
    let tokens = Tokens { prompt: drawn.usage.input, completion: drawn.usage.output, estimated: false };
    turn.spent(&drawn.by, tokens);
    remember(turn, wish, &drawn.pictures).await?;
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
    Ok(Outgoing {
        markdown: lines.join("\n"),
        picture: files.next(),
        further: files.collect(),
        buttons: vec![vec![labelled(turn.text("button-vary"), format!("/vary {id}"))]],
        ..Outgoing::default()
    })
}

/// Puts what was drawn before the model's eyes, as a part of the conversation.
async fn remember(turn: &mut Turn<'_>, wish: &Wish, pictures: &[Picture]) -> anyhow::Result<()> {
    let mut seen = Vec::new();
    let longest_side = picture_side(turn.bot.settings.current().reading.picture_side, pictures.len());
    let order = Order::Picture { longest_side, png: false };
    for picture in pictures {
        let mut file = fetch::fresh(turn.bot)?;
        std::io::Write::write_all(&mut file, &picture.bytes)?;
        // One that cannot be looked at is still there for the person.
        seen.extend(see::prepared(turn.bot, &turn.person.id, fetch::Fetched::of(file)?, &order).await?.ok());
    }
    let message = turn.incoming.message_id().cloned().unwrap_or_default();
    let asked = Message { id: message.clone(), text: wish.prompt.clone(), ..Message::default() };
    let mut asked = turn.said_entry(&asked);
    let prompt = if wish.prompt.is_empty() { "…".to_owned() } else { one_line(&wish.prompt) };
    asked.text = turn.text_with("prompt-drew", &[("prompt", prompt)]);
    // It is answered by the picture: nobody waits for words.
    asked.overheard = true;
    turn.record.log.push(asked);
    see::note(turn, &message, seen);
    Ok(())
}

/// Who asked for the drawing that a card shows; none where the card shows something else.
pub async fn asked_by(bot: &Bot, card: &str) -> anyhow::Result<Option<PersonId>> {
    let Some(id) = card.strip_prefix("drawing:").and_then(|rest| rest.split('@').next()) else { return Ok(None) };
    Ok(bot.store.object::<Drawing>(id).await?.map(|drawing| drawing.person))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawing_ends_before_its_turn_does() {
        assert_eq!(time_left(300, 0), Duration::from_secs(280));
        assert_eq!(time_left(300, 30_000), Duration::from_secs(250));
        assert_eq!(time_left(1, 0), Duration::from_millis(750));
        assert_eq!(time_left(10, 60_000), Duration::ZERO);
        // A clock that was set back.
        assert_eq!(time_left(8, -5), Duration::from_secs(6));
    }
}
