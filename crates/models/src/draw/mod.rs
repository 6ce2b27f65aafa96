//! Pictures made and changed by servers that speak OpenAI's images API.
//!
//! A server takes what it knows: an option that it refuses is left out from then on, told in [`Drawn::without`],
//! or told as [`DrawFailure::UnsupportedOption`] where the picture would be another one without it. Drawing costs
//! money, so a call is repeated only where the server said that it did nothing.

mod failure;
mod fetch;
mod options;
mod read;
mod send;

pub use failure::DrawFailure;
pub use options::{Background, Options, Param, Quality};

use crate::Provider;
use crate::endpoint::Endpoint;
use bytes::Bytes;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What bounds the work of a painter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Attempts of a call, at least 1.
    pub attempts: u32,
    /// Until the first picture of a call, or the next where they come one by one.
    pub idle: Duration,
    /// For one call.
    pub total: Duration,
    /// The largest picture that is taken, bytes.
    pub largest: u64,
    /// Most characters of a prompt; OpenAI's newer models take 32 000.
    pub prompt: usize,
}

impl Default for Limits {
    fn default() -> Self {
        let (idle, total) = (Duration::from_secs(180), Duration::from_secs(300));
        Self { attempts: 3, idle, total, largest: 32 << 20, prompt: 32_000 }
    }
}

/// A picture.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// The file.
    pub bytes: Bytes,
    /// Media type by its first bytes: `image/png`, `image/jpeg`, `image/webp` or `image/gif`.
    pub mime: &'static str,
    /// What the model made of the prompt, where it tells.
    pub revised_prompt: Option<String>,
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Picture({}, {} bytes)", self.mime, self.bytes.len())
    }
}

/// A picture that is not finished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partial {
    /// Which one of its picture, from 0.
    pub index: u32,
    /// What there is by now.
    pub picture: Picture,
}

/// Tokens that drawing used, as the provider counted them; 0 where it does not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tokens of the prompt and of given pictures.
    pub input: u64,
    /// Tokens of the pictures made.
    pub output: u64,
}

/// What was drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    /// The pictures, one at least.
    pub pictures: Vec<Picture>,
    /// Tokens used.
    pub usage: Usage,
    /// Who drew, `provider/model`.
    pub by: String,
    /// Options that the server does not take; the pictures were made without them.
    pub without: Vec<Param>,
}

/// Pictures to be changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Originals {
    /// The pictures, one at least; newer models take up to 16.
    pub pictures: Vec<Picture>,
    /// A PNG of the first one's size that is transparent where it may be changed; none changes it anywhere.
    pub mask: Option<Picture>,
}

impl Picture {
    /// A picture of a file; none where it is none of the known kinds.
    pub fn of(bytes: impl Into<Bytes>) -> Option<Self> {
        let bytes = bytes.into();
        Some(Self { mime: read::mime(&bytes)?, bytes, revised_prompt: None })
    }
}

/// A server that draws. Clones share everything.
#[derive(Clone)]
pub struct Painter {
    endpoint: Endpoint,
    model: Arc<str>,
    name: Arc<str>,
    limits: Limits,
    /// What it was found not to take.
    lacks: Arc<Mutex<BTreeSet<Param>>>,
}

impl fmt::Debug for Painter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Painter").field("name", &self.name).field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Painter {
    /// Prepares the client of a model; nothing is sent yet. `name` is the provider's in the settings.
    pub fn new(name: &str, provider: &Provider, model: &str, limits: Limits) -> Result<Self, DrawFailure> {
        let endpoint =
            Endpoint::new(name, provider).map_err(|why| DrawFailure::refused(0, format!("{name}: {why}")))?;
        let lacks = Arc::new(Mutex::new(options::known_lacks(model)));
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

    /// Draws; `on_partial` sees each unfinished picture as it comes.
    pub async fn generate(
        &self,
        prompt: &str,
        options: &Options,
        on_partial: &mut (dyn FnMut(Partial) + Send),
    ) -> Result<Drawn, DrawFailure> {
        self.draw(send::Work { path: "images/generations", prompt, originals: None }, options, on_partial).await
    }

    /// Changes pictures as the prompt says.
    pub async fn edit(
        &self,
        originals: &Originals,
        prompt: &str,
        options: &Options,
        on_partial: &mut (dyn FnMut(Partial) + Send),
    ) -> Result<Drawn, DrawFailure> {
        if originals.pictures.is_empty() {
            return Err(DrawFailure::refused(0, "there is no picture to change"));
        }
        self.draw(send::Work { path: "images/edits", prompt, originals: Some(originals) }, options, on_partial).await
    }

    /// Draws the like of a picture. Where the server has no operation for it, it edits by `instruction`.
    pub async fn vary(
        &self,
        picture: &Picture,
        instruction: &str,
        options: &Options,
        on_partial: &mut (dyn FnMut(Partial) + Send),
    ) -> Result<Drawn, DrawFailure> {
        let originals = Originals { pictures: vec![picture.clone()], mask: None };
        if !self.lacks().contains(&Param::Variations) {
            let work = send::Work { path: "images/variations", prompt: "", originals: Some(&originals) };
            match self.draw(work, options, on_partial).await {
                Err(DrawFailure::Refused { status: 400 | 404 | 405 | 501, .. }) => {
                    self.learn(Param::Variations);
                }
                told => return told,
            }
        }
        self.edit(&originals, instruction, options, on_partial).await
    }

    fn lacks(&self) -> BTreeSet<Param> {
        self.lacks.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn learn(&self, param: Param) {
        tracing::info!(painter = %self.name, ?param, "the painter does not take this");
        self.lacks.lock().unwrap_or_else(PoisonError::into_inner).insert(param);
    }
}
