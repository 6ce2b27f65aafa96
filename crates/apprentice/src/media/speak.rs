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
use tokio_util::sync::CancellationToken;

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

/// What of an answer was given to be said while it was being written, so that an answer that is begun anew and reads
/// otherwise is not said over it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Begun {
    /// The work item whose answer it is.
    work: i64,
    /// To whom it is said.
    person: PersonId,
    /// The hashes of its voice messages' words, in order.
    notes: Vec<String>,
    /// When, last.
    at: Millis,
}

impl Object for Begun {
    const KIND: &'static str = "begun";
    fn id(&self) -> String {
        self.work.to_string()
    }
    fn state(&self) -> &'static str {
        "begun"
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

/// Falls silent in a conversation: what is being said ends, what waits to be said is given up. Whether there was any.
pub async fn hush(bot: &Bot, conversation: &ConversationId) -> anyhow::Result<bool> {
    let lane = lane(conversation);
    let waited = bot.store.hush(&lane, crate::bot::now()).await?;
    let said = match bot.running.stop(&lane) {
        Some(said) => said,
        None => bot.store.cancel(&lane).await?,
    };
    Ok(waited || said)
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
    /// The hashes of what is said, in order.
    said: Vec<String>,
    /// Those of what was given to be said when the answer was begun before.
    earlier: Vec<String>,
    /// Whether the answer reads otherwise than what was said of it: then the rest is for the eyes.
    silent: bool,
}

impl Speaker {
    /// Begins an answer, perhaps not for the first time.
    pub async fn begin(turn: &Turn<'_>, question: &MessageId, exchange: &ExchangeId) -> anyhow::Result<Self> {
        let begun = turn.bot.store.object::<Begun>(&turn.record.work.to_string()).await?;
        let earlier = begun.map(|begun| begun.notes).unwrap_or_default();
        Ok(Self { earlier, ..Self::new(turn, question, exchange) })
    }

    /// Begins a text that nobody began before.
    fn new(turn: &Turn<'_>, question: &MessageId, exchange: &ExchangeId) -> Self {
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
            said: Vec::new(),
            earlier: Vec::new(),
            silent: false,
        }
    }

    /// What was given to be said so far, to be noted before it is.
    pub fn begun(&self, now: Millis) -> Begun {
        Begun { work: self.work, person: self.next.person.clone(), notes: self.so_far(), at: now }
    }

    fn so_far(&self) -> Vec<String> {
        self.said.iter().chain(self.earlier.iter().skip(self.said.len())).cloned().collect()
    }

    /// Takes in what was written next; the voice messages that are full now.
    pub fn push(&mut self, piece: &str, now: Millis) -> Vec<NewWork> {
        self.written.push_str(piece);
        let mut items = Vec::new();
        for sentence in self.cutter.push(piece) {
            items.extend(self.add(sentence).and_then(|note| self.item(note, now)));
        }
        items
    }

    /// The answer as it is at its end; the voice messages that are left. Where it reads otherwise than it was written,
    /// it is said on from where both are the same, and not at all where something else was said.
    pub fn finish(mut self, whole: &str, now: Millis) -> Vec<NewWork> {
        let rest = match whole.strip_prefix(self.written.as_str()) {
            Some(rest) => rest.to_owned(),
            None => {
                self.earlier = self.so_far();
                self.said.clear();
                (self.silent, self.cutter, self.notes) = (false, Cutter::new(), Notes::new(Bounds::default()));
                whole.to_owned()
            }
        };
        let mut items = self.push(&rest, now);
        let cutter = std::mem::replace(&mut self.cutter, Cutter::new());
        for sentence in cutter.finish() {
            items.extend(self.add(sentence).and_then(|note| self.item(note, now)));
        }
        let notes = std::mem::replace(&mut self.notes, Notes::new(Bounds::default()));
        items.extend(notes.finish().and_then(|note| self.item(note.concat(), now)));
        items
    }

    fn add(&mut self, sentence: String) -> Option<String> {
        let chars = sentence.chars().count();
        self.notes.push(sentence, chars).map(|note| note.concat())
    }

    /// The same words of the same message are one item, however often the answer is begun anew. None once the words are
    /// others than those that were said.
    fn item(&mut self, markdown: String, now: Millis) -> Option<NewWork> {
        let number = self.said.len();
        let words = blake3::hash(markdown.as_bytes()).to_hex().to_string();
        if self.earlier.get(number).is_some_and(|earlier| *earlier != words) && !self.silent {
            tracing::info!(
                work = self.work,
                number,
                "the answer reads otherwise than it was said: the rest stays unsaid"
            );
            self.silent = true;
        }
        if self.silent {
            return None;
        }
        let dedupe = format!("voice:{}:{number}:{words}", self.work);
        self.said.push(words);
        let job = Job::Speak(Box::new(Speak { markdown, ..self.next.clone() }));
        Some(NewWork { lane: lane(&self.conversation), dedupe, job, not_before: now, interrupts: false })
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
pub async fn aloud(bot: &Bot, work: &Work, speak: &Speak, stop: &CancellationToken) -> anyhow::Result<Record> {
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
    let voiced = tokio::select! {
        voiced = voiced(bot, &words) => voiced,
        () = stop.cancelled() => return Ok(record),
    };
    let (ogg, ms) = match voiced {
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
