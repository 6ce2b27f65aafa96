//! Speaking: an answer is said aloud sentence by sentence while the rest of it is still being written. Each voice
//! message is a work item of its own, so that it is sent once and its failure never costs the text.

use crate::bot::Bot;
use crate::media::roles::Voice;
use crate::turn::Turn;
use channels::telegram::Activity;
use domain::ids::{ConversationId, ExchangeId, Lane, MessageId, Millis, PersonId};
use domain::incoming::{ChatKind, Place};
use domain::object::Object;
use domain::outgoing::{File, Outgoing, Voice as Note};
use domain::person::{Lang, VoiceMode};
use domain::text;
use domain::work::{Delivery, Job, NewWork, Sent, Speak, Work};
use models::speak::{Format, SpeakFailure, Utterance};
use serde::{Deserialize, Serialize};
use sound::OggOpus;
use speech::cutter::Cutter;
use speech::espeak::Espeak;
use speech::notes::{Bounds, Notes};
use speech::{Piece, speakable};
use store::Record;
use tokio::sync::mpsc;

/// Blocks of samples on their way to the encoder.
const ON_THE_WAY: usize = 16;
/// Failed attempts after which an answer stays unspoken: a voice message that comes minutes later helps nobody.
const PATIENCE: u32 = 2;

/// A voice message's recording in the blob store, by which it is found when it is old or is to be forgotten.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Said {
    /// Its blob.
    pub id: String,
    /// To whom it was said.
    pub person: PersonId,
    /// When, last.
    pub at: Millis,
}

impl Object for Said {
    const KIND: &'static str = "said";
    fn id(&self) -> String {
        self.id.clone()
    }
    fn state(&self) -> &'static str {
        "said"
    }
    fn person(&self) -> &str {
        self.person.as_str()
    }
    fn at(&self) -> Millis {
        self.at
    }
}

/// The lane in which a conversation's voice messages follow one another.
pub fn lane(conversation: &ConversationId) -> Lane {
    Lane(format!("{conversation}~voice"))
}

/// Whether the answer to this turn's message is spoken too.
pub fn wanted(turn: &Turn<'_>) -> bool {
    let spoken = turn.message().is_some_and(|message| !message.heard.is_empty());
    let wants = match turn.person.prefs.voice {
        VoiceMode::Off => false,
        VoiceMode::Mirror => spoken,
        VoiceMode::Always => true,
    };
    wants && can(turn.bot)
}

/// Whether anybody here can speak.
pub fn can(bot: &Bot) -> bool {
    !bot.cast.of(&bot.settings.current()).voices.is_empty()
}

/// An answer on its way to being spoken: what is written is cut into sentences, and sentences are joined into voice
/// messages, each of which leaves as soon as it is full.
pub struct Speaker {
    cutter: Cutter,
    notes: Notes<String>,
    written: String,
    next: Speak,
    conversation: ConversationId,
    work: i64,
    number: usize,
}

impl Speaker {
    /// Begins an answer.
    pub fn new(turn: &Turn<'_>, question: &MessageId, exchange: &ExchangeId) -> Self {
        let next = Speak {
            place: turn.incoming.place.clone(),
            markdown: String::new(),
            lang: turn.lang(),
            reply_to: turn.in_group().then(|| question.clone()),
            exchange: Some(exchange.clone()),
            person: turn.person.id.clone(),
        };
        Self {
            cutter: Cutter::new(),
            notes: Notes::new(Bounds::default()),
            written: String::new(),
            next,
            conversation: turn.conversation(),
            work: turn.record.work,
            number: 0,
        }
    }

    /// Takes in what was written next; the voice messages that are full now.
    pub fn push(&mut self, piece: &str, now: Millis) -> Vec<NewWork> {
        self.written.push_str(piece);
        let mut items = Vec::new();
        for sentence in self.cutter.push(piece) {
            items.extend(self.add(sentence).map(|note| self.item(note, now)));
        }
        items
    }

    /// The answer as it is at its end; the voice messages that are left. What had been written otherwise before is not
    /// said again.
    pub fn finish(mut self, whole: &str, now: Millis) -> Vec<NewWork> {
        let rest = match whole.strip_prefix(self.written.as_str()) {
            Some(rest) => rest.to_owned(),
            None if self.written.is_empty() => whole.to_owned(),
            None => String::new(),
        };
        let mut items = self.push(&rest, now);
        let cutter = std::mem::replace(&mut self.cutter, Cutter::new());
        for sentence in cutter.finish() {
            items.extend(self.add(sentence).map(|note| self.item(note, now)));
        }
        let notes = std::mem::replace(&mut self.notes, Notes::new(Bounds::default()));
        items.extend(notes.finish().map(|note| self.item(note.concat(), now)));
        items
    }

    fn add(&mut self, sentence: String) -> Option<String> {
        let chars = sentence.chars().count();
        self.notes.push(sentence, chars).map(|note| note.concat())
    }

    /// The same words of the same message are one item, however often the answer is begun anew.
    fn item(&mut self, markdown: String, now: Millis) -> NewWork {
        let number = self.number;
        self.number += 1;
        item(&self.conversation, self.work, number, Speak { markdown, ..self.next.clone() }, now)
    }
}

fn item(conversation: &ConversationId, work: i64, number: usize, speak: Speak, now: Millis) -> NewWork {
    let words = blake3::hash(speak.markdown.as_bytes()).to_hex();
    NewWork {
        lane: lane(conversation),
        dedupe: format!("voice:{work}:{number}:{words}"),
        job: Job::Speak(Box::new(speak)),
        not_before: now,
        interrupts: false,
    }
}

/// The voice messages of a text that is there as a whole.
pub fn whole(turn: &Turn<'_>, markdown: &str, exchange: Option<ExchangeId>) -> Vec<NewWork> {
    let reply_to = turn.message().map(|message| message.id.clone()).filter(|_| turn.in_group());
    let mut speaker = Speaker::new(turn, &MessageId::default(), &ExchangeId::default());
    speaker.next = Speak { reply_to, exchange, ..speaker.next };
    speaker.finish(markdown, turn.now)
}

/// Says a voice message's words: the item becomes the message.
pub async fn aloud(bot: &Bot, work: &Work, speak: &Speak) -> anyhow::Result<Record> {
    let mut record = Record {
        owner: bot.owner.clone(),
        work: work.id,
        lane: work.lane.clone(),
        now: crate::bot::now(),
        ..Record::default()
    };
    let words = words(speak);
    if words.is_empty() {
        return Ok(record);
    }
    if let Some(telegram) = bot.telegram.as_ref().filter(|_| speak.place.channel == domain::incoming::Channel::Telegram)
    {
        telegram.show_activity(&speak.place, Activity::RecordingVoice).await;
    }
    let (ogg, ms) = match voiced(bot, &words).await {
        Ok(voiced) => voiced,
        Err(error) if work.attempts < PATIENCE => return Err(error),
        Err(error) => {
            let code = crate::notice::reference(work.id);
            tracing::warn!(code, error = format!("{error:#}"), "an answer is not said aloud");
            record.also.push(excuse(work, speak, &code, record.now));
            return Ok(record);
        }
    };
    let id = bot.blobs.put(ogg.into()).await?;
    record.objects.push(store::Row::of(&Said {
        id: id.as_str().to_owned(),
        person: speak.person.clone(),
        at: record.now,
    })?);
    let outgoing = Outgoing {
        voice: Some(Note { file: File::blob("voice.ogg", "audio/ogg", id.as_str()), ms }),
        reply_to: speak.reply_to.clone(),
        ..Outgoing::default()
    };
    record.becomes = Some(Delivery { place: speak.place.clone(), outgoing, sent: Sent::default(), then: None });
    Ok(record)
}

/// The notice that nobody could say an answer aloud: one for all of its voice messages.
fn excuse(work: &Work, speak: &Speak, code: &str, now: Millis) -> NewWork {
    let answer = speak.exchange.as_ref().map_or_else(|| work.id.to_string(), ToString::to_string);
    notice(&speak.place, sorry(speak, code), format!("voice-failed:{answer}"), now)
}

fn notice(place: &Place, outgoing: Outgoing, dedupe: String, not_before: Millis) -> NewWork {
    let delivery = Delivery { place: place.clone(), outgoing, sent: Sent::default(), then: None };
    let lane = lane(&place.conversation());
    NewWork { lane, dedupe, job: Job::Deliver(Box::new(delivery)), not_before, interrupts: false }
}

/// Tells somebody whose settings let no voice messages through why they get recordings: once, and again only when the
/// store has forgotten that it was said. In a group its administrators want it so.
pub async fn tell_forbidden(bot: &Bot, place: &Place) {
    if place.kind != ChatKind::Private {
        return;
    }
    let account = format!("{}:{}", place.channel.name(), place.chat);
    let told = async {
        let lang = bot.store.find_person(&account).await?.map(|person| person.lang).unwrap_or_default();
        let outgoing = Outgoing { markdown: text::say(lang, "voice-forbidden"), ..Outgoing::default() };
        let dedupe = format!("voice-forbidden:{account}");
        bot.store.accept(vec![notice(place, outgoing, dedupe, crate::bot::now())]).await
    };
    if let Err(error) = told.await {
        tracing::warn!(%error, "nobody is told that voice messages are forbidden");
    }
}

/// What is said when nobody could say it.
pub fn sorry(speak: &Speak, code: &str) -> Outgoing {
    let markdown = crate::notice::apology(speak.lang, &text::say(speak.lang, "voice-failed"), code);
    Outgoing { markdown, ..Outgoing::default() }
}

/// What a voice says, language by language.
fn words(speak: &Speak) -> Vec<(String, Lang)> {
    let mut words: Vec<(String, Lang)> = Vec::new();
    for piece in speakable(&speak.markdown, speak.lang) {
        let (said, lang) = match piece {
            Piece::Text { text, lang } => (text, lang),
            other => (in_words(speak.lang, &other), speak.lang),
        };
        match words.last_mut() {
            Some((last, own)) if *own == lang => {
                last.push(' ');
                last.push_str(&said);
            }
            _ => words.push((said, lang)),
        }
    }
    words
}

/// What is said in the place of what cannot be read out.
fn in_words(lang: Lang, piece: &Piece) -> String {
    match piece {
        Piece::Text { text, .. } => text.clone(),
        Piece::Code { language, lines } => {
            let args = [("lines", lines.to_string()), ("language", language.clone().unwrap_or_default())];
            text::say_with(lang, if language.is_some() { "spoken-code-in" } else { "spoken-code" }, &args)
        }
        Piece::Table { rows, columns } => {
            text::say_with(lang, "spoken-table", &[("rows", rows.to_string()), ("columns", columns.to_string())])
        }
        Piece::Formula => text::say(lang, "spoken-formula"),
    }
}

/// The words as OGG/Opus and its length in milliseconds, by the first voice that can.
async fn voiced(bot: &Bot, words: &[(String, Lang)]) -> anyhow::Result<(Vec<u8>, u64)> {
    let settings = bot.settings.current();
    let cast = bot.cast.of(&settings);
    let mut last = anyhow::anyhow!("nobody here can speak");
    for voice in &cast.voices {
        match by(voice, &settings.speaking.voice, words).await {
            Ok(voiced) => return Ok(voiced),
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), "the next voice is asked");
                last = error;
            }
        }
    }
    Err(last)
}

async fn by(voice: &Voice, name: &str, words: &[(String, Lang)]) -> anyhow::Result<(Vec<u8>, u64)> {
    let (send, receive) = mpsc::channel(ON_THE_WAY);
    let encoding = tokio::task::spawn_blocking(move || encode(receive));
    let spoken = async {
        for (text, lang) in words {
            match voice {
                Voice::Server(server) => by_server(server, name, text, *lang, &send).await?,
                Voice::Espeak(espeak, speed) => by_program(espeak, *speed, text, *lang, &send).await?,
            }
        }
        anyhow::Ok(())
    };
    let spoken = spoken.await;
    drop(send);
    let encoded = encoding.await?;
    spoken?;
    encoded
}

/// Samples of one rate, per second.
type Block = (u32, Vec<i16>);

async fn by_server(
    server: &models::speak::Synthesiser,
    voice: &str,
    text: &str,
    lang: Lang,
    to: &mpsc::Sender<Block>,
) -> anyhow::Result<()> {
    let utterance = Utterance { text, language: lang.tag(), voice: Some(voice), speed: None };
    let mut speech = match server.speak(&utterance, Format::Pcm).await {
        // Punctuation alone is nothing to be said.
        Err(SpeakFailure::Nothing) => return Ok(()),
        other => other?,
    };
    if speech.format() != Format::Pcm {
        let mut whole = Vec::new();
        while let Some(piece) = speech.next().await? {
            whole.extend_from_slice(&piece);
        }
        let decoded = tokio::task::spawn_blocking(move || decoded(whole)).await??;
        return forward(to, sound::RATE, decoded).await;
    }
    let rate = speech.rate();
    let mut odd = None;
    while let Some(piece) = speech.next().await? {
        let bytes: Vec<u8> = odd.take().into_iter().chain(piece).collect();
        let (pairs, rest) = bytes.as_chunks::<2>();
        odd = rest.first().copied();
        forward(to, rate, pairs.iter().map(|pair| i16::from_le_bytes(*pair)).collect()).await?;
    }
    Ok(())
}

fn decoded(whole: Vec<u8>) -> anyhow::Result<Vec<i16>> {
    let longest = std::time::Duration::from_secs(3600);
    let mut decoder = sound::decode(std::io::Cursor::new(whole), longest)?;
    let mut samples = Vec::new();
    while let Some(block) = decoder.next_block()? {
        samples.extend_from_slice(block);
    }
    Ok(samples)
}

async fn by_program(
    espeak: &Espeak,
    speed: f32,
    text: &str,
    lang: Lang,
    to: &mpsc::Sender<Block>,
) -> anyhow::Result<()> {
    let mut spoken = espeak.speak(text, lang, speed).await?;
    while let Some(block) = spoken.block().await? {
        forward(to, spoken.sample_rate(), block).await?;
    }
    Ok(())
}

async fn forward(to: &mpsc::Sender<Block>, rate: u32, samples: Vec<i16>) -> anyhow::Result<()> {
    to.send((rate, samples)).await.map_err(|_| anyhow::anyhow!("the encoder has ended"))
}

/// Encodes samples as they come.
fn encode(mut samples: mpsc::Receiver<Block>) -> anyhow::Result<(Vec<u8>, u64)> {
    let Some((rate, first)) = samples.blocking_recv() else { anyhow::bail!("there was no sound") };
    let mut ogg = OggOpus::new(Vec::new(), rate)?;
    ogg.push(&first)?;
    while let Some((own, block)) = samples.blocking_recv() {
        anyhow::ensure!(own == rate, "the voice changed its rate");
        ogg.push(&block)?;
    }
    let (bytes, spoken) = ogg.finish()?;
    Ok((bytes, spoken.duration_ms()))
}
