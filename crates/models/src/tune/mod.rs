//! Training at a provider that speaks OpenAI's fine-tuning API: files, jobs, what they tell, what comes out.
//!
//! A job costs money, so its creation is never repeated blindly: when it is not known whether the server has
//! taken it, the answer is [`TuneFailure::Unclear`], and [`Tuner::find`] tells by the run's mark, which is put
//! into the job's metadata and into its suffix. Everything else is tried again as a question to a model is.
//! Answers are read leniently: what a server does not tell is none, and a status that is not known is kept.

mod curve;
mod failure;
mod read;
mod send;
mod spec;
mod upload;

pub use curve::curve;
pub use failure::TuneFailure;
pub use read::{Checkpoint, Event, Job, JobError, JobStatus, Level, Metrics, StoredFile};
pub use spec::{Hyperparameters, JobSpec, Method, RUN};
pub use upload::{Payload, Purpose};

use crate::provider::headers;
use crate::{Provider, tokens};
use bytes::Bytes;
use domain::example::Datum;
use send::{Call, Repeat};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A file at a provider.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FileId(pub String);

/// A training job at a provider.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JobId(pub String);

impl fmt::Display for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What bounds the work of a [`Tuner`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Files of this size and larger go in parts, bytes.
    pub in_parts_from: u64,
    /// Size of a part, bytes, at least 1; providers take 64 MiB at most.
    pub part: u64,
    /// The largest result that is read, bytes.
    pub result: u64,
    /// Pages that a search through jobs, files or events reads at most.
    pub pages: u32,
    /// Attempts of a call, at least 1.
    pub attempts: u32,
    /// For a call that carries no file.
    pub call: Duration,
    /// The slowest that a file may go, bytes a second, at least 1.
    pub slowest: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            in_parts_from: 64 << 20,
            part: 32 << 20,
            result: 32 << 20,
            pages: 20,
            attempts: 4,
            call: Duration::from_secs(60),
            slowest: 32 << 10,
        }
    }
}

/// Items that a page is asked to have.
const PAGE: usize = 100;

/// The client of one provider's training. Clones share everything.
#[derive(Clone)]
pub struct Tuner {
    name: Arc<str>,
    http: reqwest::Client,
    base: Arc<str>,
    api_version: Option<Arc<str>>,
    limits: Limits,
    /// What this server was found not to take in a job.
    lacks: Arc<Mutex<spec::Lacks>>,
}

impl fmt::Debug for Tuner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tuner").field("name", &self.name).field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Tuner {
    /// Prepares the client; nothing is sent yet. `name` is the provider's in the settings.
    pub fn new(name: &str, provider: &Provider, limits: Limits) -> Result<Self, TuneFailure> {
        let unusable = |reason: String| TuneFailure::refused(0, format!("{name}: {reason}"));
        let http = reqwest::Client::builder()
            .connect_timeout(provider.timeouts.connect)
            .default_headers(headers(provider).map_err(&unusable)?)
            .build()
            .map_err(|error| unusable(error.without_url().to_string()))?;
        Ok(Self {
            name: name.into(),
            http,
            base: provider.base_url.trim_end_matches('/').into(),
            api_version: provider.api_version.as_deref().map(Into::into),
            limits,
            lacks: Arc::default(),
        })
    }

    /// The provider's name in the settings.
    pub fn provider(&self) -> &str {
        &self.name
    }

    /// Creates a job; where the server does not take a field that a job can do without, without it.
    pub async fn create(&self, spec: &JobSpec) -> Result<Job, TuneFailure> {
        loop {
            let lacks = self.lacks();
            let body = spec.body(lacks);
            let key = format!("{}-job-{}", spec.run, spec.training_file);
            let call = Call::post("fine_tuning/jobs").json(&body).key(&key).repeat(Repeat::Unsent);
            match self.send(&call).await {
                Err(refused) => match lacks.after(&refused) {
                    Some(learnt) => self.learn(learnt),
                    None => return Err(refused),
                },
                // The job may be there although what is told about it makes no sense.
                Ok(told) => return Job::read(&told).ok_or_else(|| TuneFailure::unclear("no job in the answer")),
            }
        }
    }

    /// The job of a run: the one that is there, or a new one. A creation whose outcome is unclear is looked for
    /// once more; it stays unclear where the job is not found.
    pub async fn ensure(&self, spec: &JobSpec) -> Result<Job, TuneFailure> {
        if let Some(job) = self.find(&spec.run).await? {
            return Ok(job);
        }
        match self.create(spec).await {
            Err(unclear @ TuneFailure::Unclear { .. }) => self.find(&spec.run).await?.ok_or(unclear),
            told => told,
        }
    }

    /// A job as it is now.
    pub async fn job(&self, id: &JobId) -> Result<Job, TuneFailure> {
        let told = self.send(&Call::get(&format!("fine_tuning/jobs/{id}"))).await?;
        Job::read(&told).ok_or_else(TuneFailure::senseless)
    }

    /// The newest jobs, newest first.
    pub async fn jobs(&self, limit: usize) -> Result<Vec<Job>, TuneFailure> {
        let mut jobs = Vec::new();
        self.pages("fine_tuning/jobs", &[], limit, |item| {
            jobs.extend(Job::read(item));
            jobs.len() < limit
        })
        .await?;
        jobs.truncate(limit);
        Ok(jobs)
    }

    /// The newest job with a run's mark, among those that the bounded number of pages holds.
    pub async fn find(&self, run: &str) -> Result<Option<Job>, TuneFailure> {
        let mut found = None;
        self.pages("fine_tuning/jobs", &[], PAGE, |item| {
            found = Job::read(item).filter(|job| job.is_of(run));
            found.is_none()
        })
        .await?;
        Ok(found)
    }

    /// What a job has told since the event `after` (from its beginning for none), oldest first.
    pub async fn events(&self, id: &JobId, after: Option<&str>) -> Result<Vec<Event>, TuneFailure> {
        let mut events = Vec::new();
        self.pages(&format!("fine_tuning/jobs/{id}/events"), &[], PAGE, |item| {
            let event = Event::read(item, events.len());
            let known = after.is_some_and(|after| event.id == after);
            if !known {
                events.push(event);
            }
            !known
        })
        .await?;
        events.reverse();
        Ok(events)
    }

    /// The models that a job left on its way, oldest first; none where the server keeps none.
    pub async fn checkpoints(&self, id: &JobId) -> Result<Vec<Checkpoint>, TuneFailure> {
        let mut found = Vec::new();
        let path = format!("fine_tuning/jobs/{id}/checkpoints");
        let all = |item: &serde_json::Value| {
            found.extend(Checkpoint::read(item));
            true
        };
        match self.pages(&path, &[], PAGE, all).await {
            Ok(()) | Err(TuneFailure::Unsupported { .. }) => {}
            Err(failure) => return Err(failure),
        }
        found.sort_by_key(|checkpoint: &Checkpoint| checkpoint.step);
        Ok(found)
    }

    /// Cancels a job; one that has ended already is given back as it is.
    pub async fn cancel(&self, id: &JobId) -> Result<Job, TuneFailure> {
        match self.send(&Call::post(&format!("fine_tuning/jobs/{id}/cancel"))).await {
            Ok(told) => match Job::read(&told) {
                Some(job) => Ok(job),
                None => self.job(id).await,
            },
            Err(refused @ TuneFailure::Refused { status: 400 | 409, .. }) => {
                self.job(id).await.ok().filter(|job| job.status.ended()).ok_or(refused)
            }
            Err(failure) => Err(failure),
        }
    }

    /// The content of a file, such as a job's table of losses (see [`curve()`]).
    pub async fn result(&self, id: &FileId) -> Result<Bytes, TuneFailure> {
        self.content(&format!("files/{id}/content")).await
    }

    /// A file as it is now.
    pub async fn file(&self, id: &FileId) -> Result<StoredFile, TuneFailure> {
        let told = self.send(&Call::get(&format!("files/{id}"))).await?;
        StoredFile::read(&told).ok_or_else(TuneFailure::senseless)
    }

    /// The newest file with that name, among those that the bounded number of pages holds.
    pub async fn find_file(&self, name: &str) -> Result<Option<StoredFile>, TuneFailure> {
        let mut found = None;
        self.pages("files", &[("order", "desc")], PAGE, |item| {
            found = StoredFile::read(item).filter(|file| file.name == name);
            found.is_none()
        })
        .await?;
        Ok(found)
    }

    /// Deletes a file; one that is gone already counts as deleted.
    pub async fn delete_file(&self, id: &FileId) -> Result<(), TuneFailure> {
        gone(self.send(&Call::delete(&format!("files/{id}"))).await)
    }

    /// Deletes a trained model; one that is gone already counts as deleted.
    pub async fn delete_model(&self, model: &str) -> Result<(), TuneFailure> {
        gone(self.send(&Call::delete(&format!("models/{model}"))).await)
    }
}

fn gone(told: Result<serde_json::Value, TuneFailure>) -> Result<(), TuneFailure> {
    match told {
        Ok(_) | Err(TuneFailure::Refused { status: 404 | 410, .. }) => Ok(()),
        Err(failure) => Err(failure),
    }
}

/// Tokens of a message beside its text, as the common chat formats count.
const PER_MESSAGE: u64 = 4;

/// Tokens that training passes over these data once has, at least: an estimate, as [`tokens::count`] is.
pub fn tokens_of<'a>(data: impl Iterator<Item = &'a Datum>) -> u64 {
    let of = |datum: &Datum| -> u64 {
        let texts = datum.texts().filter(|text| !text.is_empty());
        texts.map(|text| tokens::count(text) as u64 + PER_MESSAGE).sum()
    };
    data.map(of).sum()
}
