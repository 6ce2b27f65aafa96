//! Text to speech at servers that speak OpenAI's API: the sound is handed on while it is made.
//!
//! A server that does not make the wanted format is asked for the next one, and that is remembered; what comes is
//! named by its first bytes, whatever was asked for. After the first bytes nothing is tried again: the caller may
//! have played them.

use crate::Provider;
use crate::endpoint::{Endpoint, Refusal, Trouble, content_type, send, within};
use crate::tokens;
use bytes::Bytes;
use futures::Stream;
use reqwest::Response;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// A format of sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// Signed 16-bit little-endian samples, one channel, no header.
    Pcm,
    /// The same or the like in a RIFF file; its length may be unknown to its header.
    Wav,
    /// Opus in OGG.
    Opus,
    /// MPEG-1 layer 3.
    Mp3,
}

impl Format {
    const ALL: [Self; 4] = [Self::Pcm, Self::Wav, Self::Opus, Self::Mp3];

    const fn name(self) -> &'static str {
        match self {
            Self::Pcm => "pcm",
            Self::Wav => "wav",
            Self::Opus => "opus",
            Self::Mp3 => "mp3",
        }
    }

    /// What a file is by its first bytes; none for bare samples and for what is not known.
    fn of(first: &[u8]) -> Option<Self> {
        match first {
            [b'R', b'I', b'F', b'F', ..] => Some(Self::Wav),
            [b'O', b'g', b'g', b'S', ..] => Some(Self::Opus),
            [b'I', b'D', b'3', ..] => Some(Self::Mp3),
            _ => None,
        }
    }
}

/// Samples a second of [`Format::Pcm`] where the server does not say.
pub const RATE: u32 = 24_000;

/// What bounds the work of a synthesiser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Characters of one text; OpenAI takes 4096. The caller cuts.
    pub characters: usize,
    /// Tokens of one text, as [`tokens::count`] counts; OpenAI's newer models take 2000.
    pub tokens: usize,
    /// Attempts until the first bytes, at least 1.
    pub attempts: u32,
    /// To the first bytes.
    pub first: Duration,
    /// Between two pieces.
    pub idle: Duration,
    /// For the whole.
    pub total: Duration,
    /// The largest sound that is taken, bytes.
    pub largest: u64,
}

impl Default for Limits {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        let (first, idle, total) = (seconds(20), seconds(20), seconds(600));
        Self { characters: 4096, tokens: 2000, attempts: 3, first, idle, total, largest: 256 << 20 }
    }
}

/// Voices by language.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Voices {
    /// The one for a language that has none of its own.
    pub default: String,
    /// By language, ISO 639-1.
    pub by_language: BTreeMap<String, String>,
}

impl Voices {
    fn of(&self, language: &str) -> &str {
        let code = language.split(['-', '_']).next().unwrap_or_default().to_lowercase();
        self.by_language.get(&code).unwrap_or(&self.default)
    }
}

/// What is to be spoken.
#[derive(Clone, Copy, Debug)]
pub struct Utterance<'a> {
    /// The words.
    pub text: &'a str,
    /// The language they are in, ISO 639-1 (`ru-RU` counts as `ru`): it chooses the voice.
    pub language: &'a str,
    /// A voice of the server's; none takes the language's.
    pub voice: Option<&'a str>,
    /// How fast, 0.25 to 4; none is 1.
    pub speed: Option<f32>,
}

/// Why nothing is spoken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpeakFailure {
    /// There are no words in it.
    #[error("there is nothing to say")]
    Nothing,
    /// The text is longer than what is taken at once: cut it.
    #[error("the text is too long")]
    TooLong {
        /// Characters that are taken.
        characters: usize,
    },
    /// The server is busy or has failed: later.
    #[error("the synthesiser fails (status {status})")]
    Service {
        /// HTTP status.
        status: u16,
        /// Milliseconds that it asks to wait.
        retry_after_ms: Option<u64>,
    },
    /// A time limit passed.
    #[error("a time limit passed")]
    TimedOut,
    /// No connection, a broken one, or no sound in what came.
    #[error("the synthesiser cannot be reached: {reason}")]
    Unreachable {
        /// Why, without addresses and keys.
        reason: String,
    },
    /// More sound came than is taken.
    #[error("there are more than {most} bytes of sound")]
    TooMuch {
        /// Bytes that are taken.
        most: u64,
    },
    /// Key, quota, model, voice or settings: asking again does not help.
    #[error("the synthesiser refuses ({status}): {message}")]
    Refused {
        /// HTTP status; 0 where nothing was sent.
        status: u16,
        /// Why, in English.
        message: String,
    },
}

impl From<Trouble> for SpeakFailure {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Refused(refusal) => Self::Refused { status: refusal.status, message: refusal.message },
            Trouble::Failed { status, retry_after_ms } => Self::Service { status, retry_after_ms },
            Trouble::TimedOut => Self::TimedOut,
            Trouble::Unreachable { reason } => Self::Unreachable { reason },
            Trouble::TooLarge { most } => Self::TooMuch { most },
        }
    }
}

/// A server that speaks. Clones share everything.
#[derive(Clone)]
pub struct Synthesiser {
    endpoint: Endpoint,
    model: Arc<str>,
    name: Arc<str>,
    voices: Arc<Voices>,
    limits: Limits,
    /// Formats that it was found not to make.
    lacks: Arc<Mutex<BTreeSet<Format>>>,
}

impl fmt::Debug for Synthesiser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Synthesiser").field("name", &self.name).field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Synthesiser {
    /// Prepares the client of a model; nothing is sent yet. `name` is the provider's in the settings.
    pub fn new(
        name: &str,
        provider: &Provider,
        model: &str,
        voices: Voices,
        limits: Limits,
    ) -> Result<Self, SpeakFailure> {
        let refused = |why| SpeakFailure::Refused { status: 0, message: format!("{name}: {why}") };
        let endpoint = Endpoint::new(name, provider).map_err(refused)?;
        let (name, voices) = (format!("{name}/{model}").into(), Arc::new(voices));
        Ok(Self { endpoint, model: model.into(), name, voices, limits, lacks: Arc::default() })
    }

    /// `provider/model`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How it is: `ok`, or since when it is left alone and why.
    pub fn state(&self) -> String {
        self.endpoint.breaker.describe()
    }

    /// Begins to speak: gives the sound as soon as its first bytes are there, in `wanted` where the server makes it.
    pub async fn speak(&self, utterance: &Utterance<'_>, wanted: Format) -> Result<Speech, SpeakFailure> {
        self.fits(utterance.text)?;
        let mut last = None;
        for format in std::iter::once(wanted).chain(Format::ALL.into_iter().filter(|format| *format != wanted)) {
            if self.lacks().contains(&format) {
                continue;
            }
            let once = || self.once(utterance, format);
            match self.endpoint.patiently(self.limits.attempts, once).await {
                Err(Trouble::Refused(refusal)) if lacks_format(&refusal, format) => {
                    tracing::info!(synthesiser = %self.name, ?format, "the synthesiser does not make this format");
                    self.lacks().insert(format);
                    last = Some(Trouble::Refused(refusal));
                }
                told => return told.map_err(Into::into),
            }
        }
        let nothing = || SpeakFailure::Refused { status: 400, message: "it makes no format that is known".to_owned() };
        Err(last.map_or_else(nothing, Into::into))
    }

    fn fits(&self, text: &str) -> Result<(), SpeakFailure> {
        let Limits { characters, tokens, .. } = self.limits;
        match () {
            () if text.trim().is_empty() => Err(SpeakFailure::Nothing),
            () if text.chars().count() > characters || tokens::count(text) > tokens => {
                Err(SpeakFailure::TooLong { characters })
            }
            () => Ok(()),
        }
    }

    async fn once(&self, utterance: &Utterance<'_>, format: Format) -> Result<Speech, Trouble> {
        let deadline = Instant::now() + self.limits.total;
        let mut body = json!({
            "model": &*self.model,
            "input": utterance.text,
            "voice": utterance.voice.unwrap_or_else(|| self.voices.of(utterance.language)),
            "response_format": format.name(),
        });
        if let (Some(speed), Some(fields)) = (utterance.speed, body.as_object_mut()) {
            fields.insert("speed".to_owned(), json!(speed.clamp(0.25, 4.0)));
        }
        let request = self.endpoint.post("audio/speech").json(&body);
        within(self.limits.first, async {
            let mut response = send(request).await?;
            let kind = content_type(&response);
            let no_sound = ["text/", "application/json"].iter().any(|begin| kind.starts_with(begin));
            let first = if no_sound { None } else { filled(&mut response).await? };
            let first = first.ok_or_else(|| Trouble::Unreachable { reason: "no sound came".to_owned() })?;
            Ok(Speech {
                format: Format::of(&first).unwrap_or(format),
                rate: rate(&kind),
                taken: first.len() as u64,
                first: Some(first),
                response,
                deadline,
                limits: self.limits,
            })
        })
        .await
    }

    fn lacks(&self) -> std::sync::MutexGuard<'_, BTreeSet<Format>> {
        self.lacks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn lacks_format(refusal: &Refusal, format: Format) -> bool {
    let lower = refusal.lower();
    let named = lower.contains("format") && lower.contains(format.name());
    matches!(refusal.status, 400 | 415 | 422) && (refusal.is_about("response_format") || named)
}

/// The first piece that has something in it.
async fn filled(response: &mut Response) -> Result<Option<Bytes>, Trouble> {
    while let Some(piece) = response.chunk().await? {
        if !piece.is_empty() {
            return Ok(Some(piece));
        }
    }
    Ok(None)
}

/// Samples a second by `audio/pcm;rate=24000`.
fn rate(kind: &str) -> u32 {
    let told = kind.split(';').find_map(|part| part.trim().strip_prefix("rate=")?.parse().ok());
    told.filter(|rate| (8_000..=192_000).contains(rate)).unwrap_or(RATE)
}

/// Speech while it comes.
#[derive(Debug)]
pub struct Speech {
    format: Format,
    rate: u32,
    first: Option<Bytes>,
    response: Response,
    deadline: Instant,
    taken: u64,
    limits: Limits,
}

impl Speech {
    /// What it is, by its first bytes.
    pub const fn format(&self) -> Format {
        self.format
    }

    /// Samples a second of [`Format::Pcm`]; other formats tell it themselves.
    pub const fn rate(&self) -> u32 {
        self.rate
    }

    /// The next bytes, none at the end. A piece may end within a sample.
    pub async fn next(&mut self) -> Result<Option<Bytes>, SpeakFailure> {
        if let Some(first) = self.first.take() {
            return Ok(Some(first));
        }
        let left = self.deadline.saturating_duration_since(Instant::now()).min(self.limits.idle);
        let piece = match tokio::time::timeout(left, filled(&mut self.response)).await {
            Err(_) => return Err(SpeakFailure::TimedOut),
            Ok(piece) => piece?,
        };
        self.taken += piece.as_ref().map_or(0, |piece| piece.len() as u64);
        match self.taken > self.limits.largest {
            true => Err(SpeakFailure::TooMuch { most: self.limits.largest }),
            false => Ok(piece),
        }
    }

    /// The pieces as a stream, which ends after a failure.
    pub fn into_stream(self) -> impl Stream<Item = Result<Bytes, SpeakFailure>> + Send {
        futures::stream::unfold(Some(self), |speech| async {
            let mut speech = speech?;
            match speech.next().await {
                Ok(piece) => piece.map(|piece| (Ok(piece), Some(speech))),
                Err(failure) => Some((Err(failure), None)),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_has_its_voice_and_the_rate_is_the_servers_word() {
        let by_language = BTreeMap::from([("ru".to_owned(), "irina".to_owned())]);
        let voices = Voices { default: "alloy".to_owned(), by_language };
        assert_eq!((voices.of("ru-RU"), voices.of("en")), ("irina", "alloy"));
        assert_eq!((rate("audio/pcm; rate=22050"), rate("audio/pcm"), rate("audio/pcm;rate=7")), (22_050, RATE, RATE));
    }
}
