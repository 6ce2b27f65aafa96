//! Hearing: a recording becomes words. What was heard is shown before it is answered, and the message goes on as if its
//! words had been typed.

use crate::bot::Bot;
use crate::media::fetch::{self, Fetched};
use crate::media::problem::{called, clock, refused};
use crate::media::transcript::{Spoken, Transcript};
use crate::media::{is, roles};
use crate::show;
use crate::turn::Turn;
use channels::telegram::Activity;
use domain::incoming::{Act, Attached, Attachment, Channel, Heard, Incoming, Message, Sense};
use domain::outgoing::Outgoing;
use domain::work::Delivery;
use futures::{StreamExt as _, TryStreamExt as _};
use models::hear::{HearFailure, Hint, NotUnderstood, Sound, Source};
use sound::{Coding, Fault, Format, Parts, Voice};
use std::time::Duration;

/// Largest file that is sent as it came, bytes: servers take 25 MiB.
const AS_IT_CAME: u64 = 24 << 20;
/// Time for fetching and decoding a recording.
const FETCHED: Duration = Duration::from_secs(300);
/// Longest time for recognising one: only what hangs takes longer.
const HEARD: Duration = Duration::from_secs(6 * 60 * 60);
/// Parts that are recognised at once.
const AT_ONCE: usize = 3;

/// How long hearing what a message holds may take, beside its answer.
pub fn time(bot: &Bot, incoming: &Incoming) -> Duration {
    let Act::Said(message) = &incoming.act else { return Duration::ZERO };
    let replied = message.reply_to.iter().flat_map(|reply| &reply.attachments);
    let heard = message.attachments.iter().chain(replied).filter(|attachment| is(attachment, Sense::Hear));
    let of = |attachment: &Attachment| match attachment {
        Attachment::File(file) => patience(bot, file),
        Attachment::Text { .. } | Attachment::Unreadable { .. } => Duration::ZERO,
    };
    heard.map(of).fold(Duration::ZERO, Duration::saturating_add)
}

/// How long hearing a recording may take: as long as those who can hear may take with all of its parts, with the
/// language that is expected and without; as long as the longest where nobody says how long it is.
fn patience(bot: &Bot, file: &Attached) -> Duration {
    let settings = bot.settings.current();
    let longest = u64::from(settings.hearing.max_minutes) * 60;
    let part = (u64::from(settings.hearing.part_minutes) * 60).max(1);
    let seconds = match u64::from(file.seconds) {
        0 => longest,
        told => told.min(longest),
    };
    let parts = u32::try_from(seconds.div_ceil(part)).unwrap_or(u32::MAX).max(1);
    let each = bot.cast.of(&settings).recognisers.patience(seconds.min(part) as f64, AS_IT_CAME);
    FETCHED + each.saturating_mul(parts).saturating_mul(2).min(HEARD)
}

/// Why there are no words.
#[derive(Debug)]
pub(super) enum Unheard {
    /// What to tell the person.
    Because(String),
    /// The film has no sound.
    Silent,
}

/// Whose words a recording holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    /// Of whoever sent it to be heard.
    Theirs,
    /// Perhaps of somebody else: what is heard in it is not kept under the name of who asked.
    Unknown,
}

/// Hears what is said in a message, shows it, and goes on with its words.
pub(super) async fn hear(turn: &mut Turn<'_>, message: &Message) -> anyhow::Result<()> {
    let (recordings, rest): (Vec<_>, Vec<_>) =
        message.attachments.iter().cloned().partition(|attachment| is(attachment, Sense::Hear));
    // An album has been put together by now: what follows is one message, and brings nothing to be joined once more.
    let mut next = Message { attachments: rest, album: None, ..message.clone() };
    for attachment in recordings {
        let Attachment::File(file) = attachment else { continue };
        match take_down(turn, &file, Whose::Theirs).await? {
            Ok(heard) => next.heard.push(heard),
            // A film without sound is still something to look at.
            Err(Unheard::Silent) if file.still.is_some() => next.attachments.push(still(&file)),
            Err(Unheard::Silent) => {
                let reply = turn.text_with("heard-silent-film", &[("name", called(turn, &file))]);
                turn.reply(reply);
                return Ok(());
            }
            Err(Unheard::Because(why)) => {
                turn.reply(why);
                return Ok(());
            }
        }
    }
    let said = said(next.heard.iter());
    next.text = joined(&message.text, &said);
    go_on(turn, message, next, said)
}

/// What is said in several recordings.
pub(super) fn said<'a>(heard: impl Iterator<Item = &'a Heard>) -> String {
    heard.map(|heard| heard.text.as_str()).collect::<Vec<_>>().join("\n\n")
}

/// What is written under a recording, and what is said in it.
pub(super) fn joined(typed: &str, said: &str) -> String {
    [typed.trim(), said].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n")
}

/// The still picture of a film, as something to look at.
fn still(file: &Attached) -> Attachment {
    let handle = file.still.clone().unwrap_or_default();
    let media = domain::incoming::Media::Photo;
    Attachment::File(Attached { handle, media, mime: "image/jpeg".to_owned(), ..Attached::default() })
}

/// Shows what was heard; the message with its words follows.
fn go_on(turn: &mut Turn<'_>, message: &Message, next: Message, said: String) -> anyhow::Result<()> {
    let mut incoming = turn.incoming.clone();
    let shown = !said.is_empty();
    let length = clock(next.heard.iter().map(|heard| heard.ms).sum());
    if let Some(heard) = next.heard.first() {
        let file = message.attachments.iter().find(|attachment| is(attachment, Sense::Hear)).cloned();
        let spoken =
            Spoken::new(turn.conversation(), turn.person.id.clone(), message.id.clone(), heard, file, turn.now);
        let more = next.heard.iter().skip(1).cloned().collect();
        let spoken = Spoken { more, passed_on: message.forwarded.is_some(), ..spoken };
        turn.record.objects.push(store::Row::of(&spoken)?);
    }
    incoming.act = Act::Said(next);
    if !shown {
        // Only pictures are left: nothing is to be shown before.
        turn.record.also.push(crate::listen::again(incoming, "seen", turn.now));
        return Ok(());
    }
    // On the page a button says it.
    let known = turn.person.prefs.told_hearing || turn.incoming.place.channel == Channel::Web;
    let hint = if known { String::new() } else { format!("\n\n_{}_", turn.text("heard-hint")) };
    if !hint.is_empty() {
        turn.person.prefs.told_hearing = true;
        turn.record.person = Some(turn.person.clone());
    }
    let outgoing = Outgoing {
        markdown: format!("🎙 {length}{hint}"),
        quote: said,
        reply_to: Some(message.id.clone()),
        card: Some(crate::media::transcript::card(&message.id)),
        ..Outgoing::default()
    };
    let place = turn.incoming.place.clone();
    let sent = std::mem::take(&mut turn.shown);
    turn.record.becomes = Some(Delivery { place, outgoing, sent, then: Some(Box::new(incoming)) });
    Ok(())
}

/// The words of a recording; the person sees that something is being done with it.
pub(super) async fn take_down(
    turn: &Turn<'_>,
    file: &Attached,
    whose: Whose,
) -> anyhow::Result<Result<Heard, Unheard>> {
    let words = show::meanwhile(turn, Activity::Typing, words(turn, file, whose));
    tokio::select! {
        words = words => words,
        // Whoever waits is told at last, and nobody begins it all again.
        () = tokio::time::sleep(patience(turn.bot, file)) => {
            Ok(Err(Unheard::Because(in_words(turn, &HearFailure::TimedOut))))
        }
        () = turn.stop.cancelled() => Ok(Err(Unheard::Because(turn.text("ended-stopped")))),
    }
}

async fn words(turn: &Turn<'_>, file: &Attached, whose: Whose) -> anyhow::Result<Result<Heard, Unheard>> {
    let because = |key: &str| Ok(Err(Unheard::Because(turn.text(key))));
    let settings = turn.bot.settings.current();
    let cast = turn.bot.cast.of(&settings);
    if cast.recognisers.0.is_empty() {
        return because("heard-nobody");
    }
    let longest = Duration::from_secs(u64::from(settings.hearing.max_minutes) * 60);
    if u64::from(file.seconds) > longest.as_secs() {
        return Ok(Err(Unheard::Because(too_long(turn))));
    }
    let channel = turn.incoming.place.channel;
    let fetched = match fetch::fetch(turn.bot, channel, file, u64::MAX).await? {
        Ok(fetched) => fetched,
        Err(why) => return Ok(Err(Unheard::Because(refused(turn, &called(turn, file), why)))),
    };
    let hint = hint(turn);
    let known = Transcript::key(&fetched.hash().await?, hint.language.as_deref());
    if let Some(known) = turn.bot.store.object::<Transcript>(&known).await? {
        return Ok(Ok(known.heard));
    }
    let part = Duration::from_secs(u64::from(settings.hearing.part_minutes) * 60);
    let prepared = match prepare(&fetched, longest, part).await? {
        Ok(prepared) => prepared,
        Err(Fault::NoSound) => return Ok(Err(Unheard::Silent)),
        Err(Fault::TooLong { .. }) => return Ok(Err(Unheard::Because(too_long(turn)))),
        Err(fault) => {
            tracing::info!(%fault, "a recording cannot be decoded");
            let args = [("name", called(turn, file))];
            return Ok(Err(Unheard::Because(turn.text_with("heard-no-sound-file", &args))));
        }
    };
    if !prepared.speech {
        return because("heard-nothing");
    }
    match recognise(&cast, &fetched, prepared, &hint).await? {
        Ok(heard) => {
            if whose == Whose::Theirs {
                let (person, heard) = (turn.person.id.clone(), heard.clone());
                turn.bot.store.put(&Transcript { id: known, person, at: turn.now, heard }).await?;
            }
            Ok(Ok(heard))
        }
        Err(failure) => Ok(Err(Unheard::Because(in_words(turn, &failure)))),
    }
}

fn too_long(turn: &Turn<'_>) -> String {
    let limit = turn.bot.settings.current().hearing.max_minutes.to_string();
    turn.text_with("heard-too-long", &[("limit", limit)])
}

/// The language that is expected: as the person set it for hearing, as they chose to be spoken to, as their app speaks,
/// as the owner set it for people of whom nothing is known.
fn hint(turn: &Turn<'_>) -> Hint {
    let language = match turn.person.prefs.spoken.as_deref() {
        Some("auto") => None,
        Some(set) => Some(set.to_owned()),
        None if turn.person.prefs.lang_chosen || turn.incoming.author.language.is_some() => {
            // Somebody whose own language is not one of ours would be heard in the wrong one.
            let own = turn.incoming.author.language.clone().filter(|_| !turn.person.prefs.lang_chosen);
            Some(own.unwrap_or_else(|| turn.lang().tag().to_owned()))
        }
        None => turn.bot.settings.current().hearing.language.clone(),
    };
    Hint { language, prompt: String::new() }
}

/// What is known of a recording before it is recognised.
struct Prepared {
    length: Duration,
    speech: bool,
    format: Format,
    /// Its parts, where it is not sent as it came.
    parts: Option<Vec<(Duration, bytes::Bytes)>>,
}

/// Decodes a recording once: how long it is, whether anybody speaks, and, where it is too long or too large or of a
/// format that no server takes, its parts.
async fn prepare(fetched: &Fetched, longest: Duration, part: Duration) -> anyhow::Result<Result<Prepared, Fault>> {
    let (file, bytes) = (fetched.open()?, fetched.bytes);
    let again = fetched.open()?;
    Ok(tokio::task::spawn_blocking(move || {
        let mut decoder = sound::decode(file, longest)?;
        let (mut voice, mut heard) = (Voice::default(), false);
        loop {
            match decoder.next_block() {
                Ok(Some(block)) => {
                    heard = true;
                    voice.push(block);
                }
                Ok(None) => break,
                // What came before the damage can still be understood.
                Err(Fault::Damaged(_)) if heard => break,
                Err(fault) => return Err(fault),
            }
        }
        let (facts, speech) = (decoder.facts(), voice.has_speech());
        let whole = facts.duration() <= part && bytes <= AS_IT_CAME && ending(facts.format).is_some();
        let parts = match whole || !speech {
            true => None,
            false => Some(cut(sound::decode(again, longest)?, part)?),
        };
        Ok(Prepared { length: facts.duration(), speech, format: facts.format, parts })
    })
    .await?)
}

/// The parts in which somebody speaks.
fn cut(decoder: sound::Decoder, longest: Duration) -> Result<Vec<(Duration, bytes::Bytes)>, Fault> {
    let spoken = |part: &sound::Part| part.spoken >= Duration::from_millis(128);
    let parts: Result<Vec<_>, Fault> = Parts::new(decoder, longest, Coding::OggOpus).collect();
    Ok(parts?.into_iter().filter(spoken).map(|part| (part.length, part.bytes.into())).collect())
}

/// The ending by which servers know a format; none for what they do not take.
fn ending(format: Format) -> Option<(&'static str, &'static str)> {
    match format {
        Format::Ogg => Some(("ogg", "audio/ogg")),
        Format::Mp3 => Some(("mp3", "audio/mpeg")),
        Format::Mp4 => Some(("m4a", "audio/mp4")),
        Format::Wav => Some(("wav", "audio/wav")),
        Format::Flac => Some(("flac", "audio/flac")),
        Format::WebM => Some(("webm", "audio/webm")),
        _ => None,
    }
}

async fn recognise(
    cast: &roles::Roles,
    fetched: &Fetched,
    prepared: Prepared,
    hint: &Hint,
) -> anyhow::Result<Result<Heard, HearFailure>> {
    let sounds: Vec<Sound> = match (prepared.parts, ending(prepared.format)) {
        (None, Some((ending, mime))) => vec![Sound {
            source: Source::File(fetched.path().to_owned()),
            name: format!("voice.{ending}"),
            mime: mime.to_owned(),
            seconds: Some(prepared.length.as_secs_f64()),
        }],
        (parts, _) => {
            let part = |(length, bytes): (Duration, bytes::Bytes)| Sound {
                source: Source::Bytes(bytes),
                name: "voice.ogg".to_owned(),
                mime: "audio/ogg".to_owned(),
                seconds: Some(length.as_secs_f64()),
            };
            parts.unwrap_or_default().into_iter().map(part).collect()
        }
    };
    let several = sounds.len() > 1;
    let one = |sound: Sound| async move {
        match understood(cast, &sound, hint).await {
            // Of several parts one may hold no words.
            Err(HearFailure::NotUnderstood(_)) if several => Ok(None),
            told => told.map(Some),
        }
    };
    let heard: Result<Vec<Option<models::hear::Heard>>, HearFailure> =
        futures::stream::iter(sounds.into_iter().map(one)).buffered(AT_ONCE).try_collect().await;
    let heard: Vec<models::hear::Heard> = match heard {
        Ok(heard) => heard.into_iter().flatten().collect(),
        Err(failure) => return Ok(Err(failure)),
    };
    let Some(first) = heard.first() else {
        return Ok(Err(HearFailure::NotUnderstood(NotUnderstood::Empty)));
    };
    let text: Vec<&str> = heard.iter().map(|part| part.text.as_str()).collect();
    Ok(Ok(Heard {
        text: text.join(" "),
        language: first.language.clone().unwrap_or_default(),
        blob: None,
        ms: u64::try_from(prepared.length.as_millis()).unwrap_or(u64::MAX),
        by: first.by.clone(),
    }))
}

/// What nobody understands in the language that was expected, though somebody speaks, may be in another one.
async fn understood(cast: &roles::Roles, sound: &Sound, hint: &Hint) -> Result<models::hear::Heard, HearFailure> {
    match cast.recognisers.transcribe(sound, hint).await {
        Err(HearFailure::NotUnderstood(_)) if hint.language.is_some() => {
            let detected = Hint { language: None, ..hint.clone() };
            cast.recognisers.transcribe(sound, &detected).await
        }
        told => told,
    }
}

/// Why there are no words: nothing to understand, not understood, or somebody's service has failed.
fn in_words(turn: &Turn<'_>, failure: &HearFailure) -> String {
    let key = match failure {
        HearFailure::NotUnderstood(NotUnderstood::Empty) => "heard-nothing",
        HearFailure::NotUnderstood(NotUnderstood::LowConfidence) => "heard-unclear",
        HearFailure::TooLong { .. } => return too_long(turn),
        HearFailure::BadSound { message } => {
            tracing::warn!(message, "a recogniser cannot read what was decoded here");
            "heard-failed"
        }
        HearFailure::Service { .. }
        | HearFailure::TimedOut
        | HearFailure::Unreachable { .. }
        | HearFailure::Refused { .. } => "heard-failed",
    };
    if key != "heard-failed" {
        return turn.text(key);
    }
    let code = crate::notice::reference(turn.record.work);
    tracing::warn!(code, %failure, "a recording was not recognised");
    crate::notice::apology(turn.lang(), &turn.text(key), &code)
}
