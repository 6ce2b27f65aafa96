//! One server's transcriptions: the file goes from the disk to the server in pieces, and what the server does not
//! take is learnt from its refusal and left out from then on.

use super::{HearFailure, Heard, Hint, Sound, Source, read};
use crate::Provider;
use crate::endpoint::{Endpoint, Refusal, Trouble, bounded, content_type, form, send, within};
use reqwest::RequestBuilder;
use reqwest::multipart::{Form, Part};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What bounds the work of a server.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// The largest file, bytes; OpenAI takes 25 MiB.
    pub largest: u64,
    /// The longest sound, seconds.
    pub longest: f64,
    /// Attempts of a call, at least 1.
    pub attempts: u32,
    /// Time for a sound of no length.
    pub base: Duration,
    /// Seconds allowed beside that for each second of sound.
    pub per_second: f64,
    /// The slowest that a file may go, bytes a second, at least 1.
    pub slowest: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            largest: 25 << 20,
            longest: 4.0 * 3600.0,
            attempts: 3,
            base: Duration::from_secs(30),
            per_second: 0.5,
            slowest: 32 << 10,
        }
    }
}

/// The largest answer that is read, bytes.
const LARGEST_ANSWER: u64 = 8 << 20;
/// Most refusals that are learnt from within one call.
const LESSONS: usize = 5;
/// Bytes of a second of sound where its length is not told: of slow speech codecs, so that no limit is too short.
const LEAST_RATE: f64 = 2_000.0;

/// What a server was found not to take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Lacks {
    verbose: bool,
    logprobs: bool,
    language: bool,
    prompt: bool,
}

impl Lacks {
    /// Newer models of OpenAI's are known to answer only in short; the rest is learnt.
    fn of(model: &str) -> Self {
        Self { verbose: model.starts_with("gpt-"), logprobs: !model.starts_with("gpt-4o"), ..Self::default() }
    }

    /// What is known after a refusal; none where it teaches nothing new.
    fn after(self, refusal: &Refusal) -> Option<Self> {
        let mut learnt = self;
        let lower = refusal.lower();
        match () {
            () if !matches!(refusal.status, 400 | 422) => {}
            () if refusal.is_about("include") || lower.contains("logprobs") => learnt.logprobs = true,
            () if refusal.is_about("response_format") || lower.contains("verbose_json") => learnt.verbose = true,
            () if refusal.is_about("timestamp_granularities") => learnt.verbose = true,
            () if refusal.is_about("language") || lower.contains("language code") => learnt.language = true,
            () if refusal.is_about("prompt") => learnt.prompt = true,
            () => {}
        }
        (learnt != self).then_some(learnt)
    }
}

/// A server that recognises speech. Clones share everything.
#[derive(Clone)]
pub struct Server {
    endpoint: Endpoint,
    model: Arc<str>,
    name: Arc<str>,
    limits: Limits,
    lacks: Arc<Mutex<Lacks>>,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("name", &self.name).field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Server {
    /// Prepares the client of a model; nothing is sent yet. `name` is the provider's in the settings.
    pub fn new(name: &str, provider: &Provider, model: &str, limits: Limits) -> Result<Self, HearFailure> {
        let endpoint =
            Endpoint::new(name, provider).map_err(|why| HearFailure::refused(0, format!("{name}: {why}")))?;
        let lacks = Arc::new(Mutex::new(Lacks::of(model)));
        Ok(Self { endpoint, model: model.into(), name: format!("{name}/{model}").into(), limits, lacks })
    }

    /// `provider/model`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How it is: `ok`, or since when it is left alone and why.
    pub fn state(&self) -> String {
        self.endpoint.breaker.describe()
    }

    /// The words of a sound.
    pub async fn transcribe(&self, sound: &Sound, hint: &Hint) -> Result<Heard, HearFailure> {
        let size = size(sound).await?;
        self.fits(sound, size)?;
        let limit = self.time(sound, size);
        for _ in 0..LESSONS {
            let lacks = self.lacks();
            let once = || within(limit, self.once(sound, size, hint, lacks));
            let told = self.endpoint.patiently(self.limits.attempts, once).await;
            match told {
                Err(Trouble::Refused(refusal)) => match lacks.after(&refusal) {
                    Some(learnt) => self.learn(learnt),
                    None => return Err(Trouble::Refused(refusal).into()),
                },
                Err(trouble) => return Err(trouble.into()),
                Ok(told) => {
                    let told = told.map_err(HearFailure::NotUnderstood)?;
                    return Ok(Heard { by: self.name.to_string(), seconds: told.seconds.or(sound.seconds), ..told });
                }
            }
        }
        Err(HearFailure::refused(400, "its parameters are not understood"))
    }

    fn fits(&self, sound: &Sound, size: u64) -> Result<(), HearFailure> {
        let Limits { largest, longest, .. } = self.limits;
        let too_long = |message: String| Err(HearFailure::TooLong { message });
        match sound.seconds {
            _ if size == 0 => Err(HearFailure::BadSound { message: "the file is empty".to_owned() }),
            _ if size > largest => too_long(format!("{size} bytes are more than {largest}")),
            Some(seconds) if seconds > longest => too_long(format!("{seconds:.0} s are more than {longest:.0} s")),
            _ => Ok(()),
        }
    }

    /// How long it may take with a sound of `seconds` and `bytes`, attempts and all.
    pub(super) fn patience(&self, seconds: f64, bytes: u64) -> Duration {
        let work = Duration::try_from_secs_f64(seconds * self.limits.per_second).unwrap_or_default();
        let once = self.limits.base + work + Duration::from_secs(bytes / self.limits.slowest.max(1));
        once.saturating_mul(self.limits.attempts)
    }

    /// How long one attempt may take.
    fn time(&self, sound: &Sound, size: u64) -> Duration {
        let seconds = sound.seconds.filter(|seconds| seconds.is_finite()).unwrap_or(size as f64 / LEAST_RATE);
        let work = Duration::try_from_secs_f64(seconds * self.limits.per_second).unwrap_or_default();
        self.limits.base + work + Duration::from_secs(size / self.limits.slowest.max(1))
    }

    async fn once(
        &self,
        sound: &Sound,
        size: u64,
        hint: &Hint,
        lacks: Lacks,
    ) -> Result<Result<Heard, super::NotUnderstood>, Trouble> {
        let response = send(self.request(sound, size, hint, lacks).await?).await?;
        let is_text = content_type(&response).starts_with("text/plain");
        read::heard(&bounded(response, LARGEST_ANSWER).await?, is_text)
    }

    async fn request(&self, sound: &Sound, size: u64, hint: &Hint, lacks: Lacks) -> Result<RequestBuilder, Trouble> {
        let language = hint.code().filter(|_| !lacks.language);
        let prompt = Some(hint.prompt.trim()).filter(|prompt| !prompt.is_empty() && !lacks.prompt);
        let mut texts = vec![("model", &*self.model)];
        texts.push(("response_format", if lacks.verbose { "json" } else { "verbose_json" }));
        texts.extend(language.as_deref().map(|code| ("language", code)));
        texts.extend(prompt.map(|prompt| ("prompt", prompt)));
        if lacks.verbose && !lacks.logprobs {
            texts.push(("include[]", "logprobs"));
        }
        let form: Form = form(texts).part("file", part(sound, size).await?);
        Ok(self.endpoint.post("audio/transcriptions").multipart(form))
    }

    fn lacks(&self) -> Lacks {
        *self.lacks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn learn(&self, learnt: Lacks) {
        tracing::info!(recogniser = %self.name, ?learnt, "the recogniser takes other parameters");
        *self.lacks.lock().unwrap_or_else(PoisonError::into_inner) = learnt;
    }
}

async fn size(sound: &Sound) -> Result<u64, HearFailure> {
    match &sound.source {
        Source::Bytes(bytes) => Ok(bytes.len() as u64),
        Source::File(path) => {
            let unreadable = |error: std::io::Error| HearFailure::BadSound { message: error.kind().to_string() };
            Ok(tokio::fs::metadata(path).await.map_err(unreadable)?.len())
        }
    }
}

async fn part(sound: &Sound, size: u64) -> Result<Part, Trouble> {
    let body = match &sound.source {
        Source::Bytes(bytes) => bytes.clone().into(),
        Source::File(path) => {
            let unreadable = |error: std::io::Error| Trouble::Unreachable { reason: error.kind().to_string() };
            reqwest::Body::from(tokio::fs::File::open(path).await.map_err(unreadable)?)
        }
    };
    Ok(Part::stream_with_length(body, size).file_name(sound.name.clone()).mime_str(&sound.mime)?)
}
