//! What servers tell about files, jobs and events, read leniently: names differ from server to server, and what
//! is not told is none.

use super::spec::mark;
use super::{FileId, JobId, RUN};
use domain::ids::Millis;
use serde_json::Value;
use std::collections::BTreeMap;

/// Where a job stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobStatus {
    /// Its files are checked.
    Validating,
    /// It waits for its turn.
    Queued,
    /// It trains.
    Running,
    /// There is a model.
    Succeeded,
    /// It ended without one.
    Failed,
    /// It was cancelled.
    Cancelled,
    /// The server's own word, which is not known here; the job may go on.
    Unknown(String),
}

impl JobStatus {
    fn named(name: &str) -> Self {
        match name.to_lowercase().as_str() {
            "validating_files" | "validating" => Self::Validating,
            "queued" | "pending" | "created" | "notrunning" | "not_running" | "paused" => Self::Queued,
            "running" | "training" | "in_progress" | "processing" | "compressing" | "uploading" => Self::Running,
            "succeeded" | "completed" | "success" => Self::Succeeded,
            "failed" | "error" | "user_error" => Self::Failed,
            "cancelled" | "canceled" => Self::Cancelled,
            _ => Self::Unknown(name.to_owned()),
        }
    }
    /// Whether nothing more will happen.
    pub const fn ended(&self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }
    /// The name in reports and in the database.
    pub fn name(&self) -> &str {
        match self {
            Self::Validating => "validating",
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Unknown(name) => name,
        }
    }
}

/// Why a job failed, in the provider's words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JobError {
    /// The provider's code, empty where it has none.
    pub code: String,
    /// The provider's words.
    pub message: String,
    /// `training_file` or `validation_file` where it is about one; empty otherwise.
    pub param: String,
}

/// A training job.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// The provider's id.
    pub id: JobId,
    /// Where it stands.
    pub status: JobStatus,
    /// The model it began with, empty where that is not told.
    pub model: String,
    /// The model that came out.
    pub fine_tuned_model: Option<String>,
    /// Why it failed.
    pub error: Option<JobError>,
    /// Tokens it has trained on, over all passes.
    pub trained_tokens: Option<u64>,
    /// When the provider thinks it will end.
    pub estimated_finish: Option<Millis>,
    /// When it ended.
    pub finished_at: Option<Millis>,
    /// Tables of losses.
    pub result_files: Vec<FileId>,
    /// When it was created.
    pub created_at: Option<Millis>,
    /// Notes, with the run's mark under [`RUN`].
    pub metadata: BTreeMap<String, String>,
    /// What stands in the model's name, where that is told before there is one.
    pub suffix: Option<String>,
}

impl Job {
    /// Reads a job; none where there is no id in it.
    pub(super) fn read(json: &Value) -> Option<Self> {
        let error = json.get("error").filter(|error| error.is_object());
        let result = |item: &Value| item.as_str().map(str::to_owned).or_else(|| text(item, &["id"]));
        let results = json.get("result_files").and_then(Value::as_array).into_iter().flatten();
        let note = |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_owned()));
        Some(Self {
            id: JobId(text(json, &["id"])?),
            status: JobStatus::named(&text(json, &["status"]).unwrap_or_default()),
            model: text(json, &["model"]).unwrap_or_default(),
            fine_tuned_model: text(json, &["fine_tuned_model", "output_name", "model_output_name"]),
            error: error.map(job_error).filter(|error| *error != JobError::default()),
            trained_tokens: json.get("trained_tokens").and_then(Value::as_u64),
            estimated_finish: moment(json, &["estimated_finish"]),
            finished_at: moment(json, &["finished_at"]),
            result_files: results.filter_map(result).map(FileId).collect(),
            created_at: moment(json, &["created_at", "created"]),
            metadata: json.get("metadata").and_then(Value::as_object).into_iter().flatten().filter_map(note).collect(),
            suffix: text(json, &["suffix", "user_provided_suffix"]),
        })
    }

    /// Whether it has a run's mark, in its metadata or in a name.
    pub fn is_of(&self, run: &str) -> bool {
        let wanted = mark(run);
        let holds = |name: &Option<String>| name.as_deref().is_some_and(|name| within(&mark_of(name), &wanted));
        self.metadata.get(RUN).map(String::as_str) == Some(run) || holds(&self.suffix) || holds(&self.fine_tuned_model)
    }
}

fn mark_of(name: &str) -> String {
    name.to_ascii_lowercase()
}

/// Whether the mark stands in a name by itself: run `7` is not within `17`.
fn within(name: &str, wanted: &str) -> bool {
    let inside = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let alone = |(at, found): (usize, &str)| {
        let (before, after) = (name.get(..at), name.get(at + found.len()..));
        !inside(before.and_then(|before| before.chars().next_back()))
            && !inside(after.and_then(|after| after.chars().next()))
    };
    !wanted.is_empty() && name.match_indices(wanted).any(alone)
}

fn job_error(json: &Value) -> JobError {
    let told = |name: &str| text(json, &[name]).unwrap_or_default();
    JobError { code: told("code"), message: told("message"), param: told("param") }
}

/// How grave an event is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Level {
    /// It goes on.
    #[default]
    Info,
    /// Something is odd.
    Warn,
    /// Something failed.
    Error,
}

/// How well a model does at a step; what is not told is none.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Metrics {
    /// The step, from 1.
    pub step: u64,
    /// Loss on what is learnt.
    pub train_loss: Option<f64>,
    /// Share of its tokens that are right, 0 to 1.
    pub train_accuracy: Option<f64>,
    /// Loss on what is only measured.
    pub valid_loss: Option<f64>,
    /// Share of its tokens that are right, 0 to 1.
    pub valid_accuracy: Option<f64>,
    /// How many steps there will be.
    pub total_steps: Option<u64>,
}

impl Metrics {
    /// Reads them; none without a step.
    fn read(json: &Value) -> Option<Self> {
        let number = |names: &[&str]| names.iter().find_map(|name| json.get(*name)?.as_f64()).filter(|n| n.is_finite());
        let count = |name: &str| number(&[name]).filter(|n| *n >= 0.0).map(|n| n as u64);
        Some(Self {
            step: count("step")?,
            train_loss: number(&["train_loss", "training_loss", "loss"]),
            train_accuracy: number(&["train_accuracy", "train_mean_token_accuracy"]),
            valid_loss: number(&["full_valid_loss", "valid_loss", "validation_loss", "eval_loss"]),
            valid_accuracy: number(&["full_valid_mean_token_accuracy", "valid_mean_token_accuracy", "valid_accuracy"]),
            total_steps: count("total_steps"),
        })
    }
}

/// Something a job told.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The provider's id; made of the place in the list where it gives none.
    pub id: String,
    /// When.
    pub at: Option<Millis>,
    /// How grave.
    pub level: Level,
    /// The provider's words.
    pub message: String,
    /// Figures, where it tells some.
    pub data: Option<Metrics>,
}

impl Event {
    pub(super) fn read(json: &Value, at: usize) -> Self {
        let level = match text(json, &["level"]).unwrap_or_default().to_lowercase().as_str() {
            "warn" | "warning" => Level::Warn,
            "error" => Level::Error,
            _ => Level::Info,
        };
        Self {
            id: text(json, &["id"]).unwrap_or_else(|| format!("#{at}")),
            at: moment(json, &["created_at", "created"]),
            level,
            message: text(json, &["message"]).unwrap_or_default(),
            data: json.get("data").and_then(Metrics::read),
        }
    }
}

/// A model that a job left on its way.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// The provider's id.
    pub id: String,
    /// After which step.
    pub step: u64,
    /// The model.
    pub model: String,
    /// How well it does.
    pub metrics: Metrics,
}

impl Checkpoint {
    pub(super) fn read(json: &Value) -> Option<Self> {
        let metrics = json.get("metrics").and_then(Metrics::read).unwrap_or_default();
        Some(Self {
            id: text(json, &["id"])?,
            step: json.get("step_number").and_then(Value::as_u64).unwrap_or(metrics.step),
            model: text(json, &["fine_tuned_model_checkpoint"])?,
            metrics,
        })
    }
}

/// A file at the provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFile {
    /// The provider's id.
    pub id: FileId,
    /// Its name.
    pub name: String,
    /// Its size, bytes; 0 where that is not told.
    pub bytes: u64,
    /// The provider's word for how it is (`processed`, `error`), empty where it has none.
    pub status: String,
    /// What is wrong with it, empty where nothing is told.
    pub details: String,
    /// When it came.
    pub created_at: Option<Millis>,
}

impl StoredFile {
    pub(super) fn read(json: &Value) -> Option<Self> {
        Some(Self {
            id: FileId(text(json, &["id"])?),
            name: text(json, &["filename"]).unwrap_or_default(),
            bytes: json.get("bytes").and_then(Value::as_u64).unwrap_or_default(),
            status: text(json, &["status"]).unwrap_or_default(),
            details: text(json, &["status_details"]).unwrap_or_default(),
            created_at: moment(json, &["created_at", "created"]),
        })
    }
}

/// The first of these fields that is a text with something in it.
pub(super) fn text(json: &Value, names: &[&str]) -> Option<String> {
    let texts = names.iter().filter_map(|name| json.get(*name)?.as_str());
    texts.map(str::to_owned).find(|text| !text.is_empty())
}

/// The first of these fields that is a moment in seconds.
fn moment(json: &Value, names: &[&str]) -> Option<Millis> {
    let seconds = names.iter().find_map(|name| json.get(*name)?.as_f64());
    seconds.filter(|seconds| *seconds > 0.0).map(|seconds| Millis((seconds * 1000.0) as i64))
}

#[cfg(test)]
mod tests;
