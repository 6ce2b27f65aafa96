//! Speech to text: servers that speak OpenAI's transcriptions, and, with the feature `whisper`, one within the
//! program.
//!
//! Recognisers stand in a chain: one that fails is followed by the next, while "nothing was understood" is an
//! answer and ends it. What a recogniser makes up where nobody speaks is kept back (`judge`).

#[cfg(feature = "whisper")]
pub mod embedded;
mod failure;
mod judge;
mod read;
mod server;

pub use failure::{HearFailure, NotUnderstood};
pub use server::{Limits, Server};

use bytes::Bytes;
use std::path::PathBuf;
use std::time::Duration;

/// Where the bytes of a sound file are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// In a file; it is sent piece by piece and never held whole.
    File(PathBuf),
    /// In memory.
    Bytes(Bytes),
}

/// A sound file to be recognised.
#[derive(Clone, Debug, PartialEq)]
pub struct Sound {
    /// Its bytes.
    pub source: Source,
    /// A name whose ending tells the format (`voice.ogg`); servers go by it.
    pub name: String,
    /// Media type (`audio/ogg`).
    pub mime: String,
    /// How long it lasts, seconds, where that is known; time limits grow with it.
    pub seconds: Option<f64>,
}

/// What helps a recogniser.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hint {
    /// The language spoken, ISO 639-1 (`ru`; of `ru-RU` the first part is taken); none lets it be told from the sound.
    pub language: Option<String>,
    /// Words that may occur, or what was said before.
    pub prompt: String,
}

impl Hint {
    /// The language as servers take it.
    fn code(&self) -> Option<String> {
        let first = self.language.as_deref()?.split(['-', '_']).next()?.trim().to_lowercase();
        (!first.is_empty()).then_some(first)
    }
}

/// What was heard.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Heard {
    /// The words, trimmed, never empty.
    pub text: String,
    /// The language, as the recogniser names it.
    pub language: Option<String>,
    /// How long the sound lasts, seconds, as the recogniser or the caller tells.
    pub seconds: Option<f64>,
    /// How sure it is, 0 to 1: the mean probability of its tokens; none where it does not tell.
    pub confidence: Option<f64>,
    /// Who recognised it, `name/model`.
    pub by: String,
}

/// One recogniser. Clones share everything.
#[derive(Clone, Debug)]
pub enum Recogniser {
    /// A server.
    Server(Server),
    /// The one within the program.
    #[cfg(feature = "whisper")]
    Embedded(embedded::Whisper),
}

impl Recogniser {
    /// What it is called, `name/model`.
    pub fn name(&self) -> &str {
        match self {
            Self::Server(server) => server.name(),
            #[cfg(feature = "whisper")]
            Self::Embedded(whisper) => whisper.name(),
        }
    }

    /// The words of a sound.
    pub async fn transcribe(&self, sound: &Sound, hint: &Hint) -> Result<Heard, HearFailure> {
        match self {
            Self::Server(server) => server.transcribe(sound, hint).await,
            #[cfg(feature = "whisper")]
            Self::Embedded(whisper) => whisper.transcribe(sound, hint).await,
        }
    }

    /// How long it may take with a sound of `seconds` and `bytes`.
    fn patience(&self, seconds: f64, bytes: u64) -> Duration {
        match self {
            Self::Server(server) => server.patience(seconds, bytes),
            #[cfg(feature = "whisper")]
            Self::Embedded(whisper) => whisper.patience(seconds),
        }
    }

    /// How it is: `ok`, or since when it is left alone and why.
    pub fn state(&self) -> String {
        match self {
            Self::Server(server) => server.state(),
            #[cfg(feature = "whisper")]
            Self::Embedded(_) => "ok".to_owned(),
        }
    }
}

/// Recognisers in the order in which they are asked.
#[derive(Clone, Debug, Default)]
pub struct Recognisers(pub Vec<Recogniser>);

impl Recognisers {
    /// How long it may take, at most, until all of them have been asked for the words of a sound of `seconds` and
    /// `bytes`.
    pub fn patience(&self, seconds: f64, bytes: u64) -> Duration {
        self.0
            .iter()
            .map(|recogniser| recogniser.patience(seconds, bytes))
            .fold(Duration::ZERO, Duration::saturating_add)
    }

    /// The words of a sound, by the first recogniser that works.
    pub async fn transcribe(&self, sound: &Sound, hint: &Hint) -> Result<Heard, HearFailure> {
        let mut last = HearFailure::refused(0, "no recogniser is set up");
        for recogniser in &self.0 {
            match recogniser.transcribe(sound, hint).await {
                Err(failure) if failure.is_theirs() => {
                    tracing::warn!(recogniser = recogniser.name(), %failure, "the next recogniser is asked");
                    last = failure;
                }
                told => return told,
            }
        }
        Err(last)
    }
}
