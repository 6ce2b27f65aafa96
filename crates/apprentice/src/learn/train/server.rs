//! A training at a server with OpenAI's `/v1/files` and `/v1/fine_tuning/jobs`. The run's own id marks its files and its
//! job: whatever was sent before a restart is found again by that mark and is not sent twice.

use super::{Progress, add_losses};
use crate::bot::{Bot, now};
use crate::learn::run::Problem;
use crate::settings::Method;
use domain::example::Datum;
use domain::release::Artifact;
use domain::run::{Loss, Run};
use learning::freeze::{Row, Split};
use learning::shape::{self, Shape};
use models::tune::{
    self, FileId, Hyperparameters, Job, JobId, JobSpec, JobStatus, Limits, Payload, Purpose, TuneFailure, Tuner,
};

/// Looks for a job whose creation had an unclear outcome, before it is created anew.
const LOOKS: u64 = 3;
/// Most files of one name that are deleted.
const COPIES: u32 = 8;

/// The server of the settings.
#[derive(Clone, Debug)]
pub struct Server {
    tuner: Tuner,
    model: String,
    method: Method,
    epochs: u32,
    answers: String,
}

impl Server {
    /// The server that the settings name.
    pub fn from_settings(bot: &Bot) -> Result<Self, Problem> {
        let loaded = bot.settings.current();
        let training = &loaded.training;
        let Some(model) = training.model.clone() else { return Err(Problem::new("train-no-server")) };
        let mut providers = loaded.settings.models_config().providers;
        let any = providers.values().next().cloned();
        let Some(mut provider) = providers.remove("openai").or(any) else {
            return Err(Problem::new("train-no-server"));
        };
        if let Some(base_url) = &training.base_url {
            base_url.clone_into(&mut provider.base_url);
            provider.key = training.key.clone();
            provider.headers.clear();
        }
        provider.api_version = training.api_version.clone().or(provider.api_version);
        let tuner = Tuner::new("training", &provider, Limits::default()).map_err(|failure| problem(&failure))?;
        let (method, epochs, answers) = (training.method, training.epochs, training.provider.clone());
        Ok(Self { tuner, model, method, epochs, answers })
    }

    /// The model that a training starts from.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// Whether an example has what the method of training needs.
    pub const fn takes(&self, datum: &Datum) -> bool {
        match self.method {
            Method::Supervised => datum.chosen.is_some(),
            Method::Dpo => datum.chosen.is_some() && datum.rejected.is_some(),
        }
    }

    /// Goes one step on: files, then the job, then looking at it.
    pub async fn advance(&self, run: &mut Run, rows: &[Row]) -> anyhow::Result<Result<Progress, Problem>> {
        let told = if run.handle.is_empty() { self.launch(run, rows).await } else { self.look(run).await };
        Ok(match told {
            Ok(progress) => Ok(progress),
            // What passes is tried again with the next look; nothing that was done is forgotten.
            Err(failure) if failure.is_passing() || matches!(failure, TuneFailure::Unclear { .. }) => {
                if matches!(failure, TuneFailure::Unclear { .. }) {
                    run.memory.keep("unclear", 1);
                }
                run.note(now(), failure.to_string());
                tracing::warn!(run = %run.id, %failure, "the training server");
                Ok(if run.handle.is_empty() { Progress::Queued } else { Progress::Running(run.done.0, run.done.1) })
            }
            Err(failure) => Err(problem(&failure)),
        })
    }

    /// Sends what is not there yet: the files, then the job. Each is looked for first.
    async fn launch(&self, run: &mut Run, rows: &[Row]) -> Result<Progress, TuneFailure> {
        let [train, valid] = files_of(run);
        let train = self.file(run, &train, rows, Split::Train).await?;
        let held_out = rows.iter().any(|row| row.split == Split::HeldOut && self.takes(&row.datum));
        let valid = match held_out {
            true => Some(self.file(run, &valid, rows, Split::HeldOut).await?),
            false => None,
        };
        let mut spec = JobSpec::new(run.id.as_str(), &self.model, train);
        spec.validation_file = valid;
        spec.suffix = "apprentice".to_owned();
        spec.seed = Some(7);
        spec.method = match self.method {
            Method::Supervised => tune::Method::Supervised,
            Method::Dpo => tune::Method::Dpo,
        };
        spec.hyperparameters =
            Hyperparameters { epochs: (self.epochs > 0).then_some(self.epochs), ..Hyperparameters::default() };
        let unclear: u64 = run.memory.recall("unclear").unwrap_or(0);
        let job = match self.tuner.find(run.id.as_str()).await? {
            Some(job) => job,
            // It may only not be listed yet: a second one would cost twice.
            None if (1..=LOOKS).contains(&unclear) => {
                run.memory.keep("unclear", unclear + 1);
                return Ok(Progress::Queued);
            }
            None => self.tuner.create(&spec).await?,
        };
        run.handle.clone_from(&job.id.0);
        run.note(now(), format!("{} {}", job.id, job.status.name()));
        Ok(self.progress_of(run, &job))
    }

    async fn file(&self, run: &mut Run, name: &str, rows: &[Row], split: Split) -> Result<FileId, TuneFailure> {
        if let Some(file) = self.tuner.find_file(name).await? {
            return Ok(file.id);
        }
        let shape = match self.method {
            Method::Supervised => Shape::Chat,
            Method::Dpo => Shape::Preference,
        };
        let mut bytes = Vec::new();
        let data = rows.iter().filter(|row| row.split == split).map(|row| &row.datum);
        let unreadable = |error: std::io::Error| TuneFailure::Unreadable { reason: error.to_string() };
        shape::write(shape, data, &mut bytes).map_err(unreadable)?;
        run.note(now(), format!("{name}: {} bytes", bytes.len()));
        self.tuner.upload(name, Payload::from(bytes), Purpose::FineTune).await
    }

    /// Ends the job of a run and deletes the files that it has sent; the names of what could not be.
    pub async fn erase(&self, run: &Run) -> Vec<String> {
        let mut left = Vec::new();
        if !run.state.is_over()
            && let Err(error) = self.cancel(&mut run.clone()).await
        {
            tracing::warn!(run = %run.id, error = format!("{error:#}"), "a training could not be ended");
            left.push(if run.handle.is_empty() { run.id.0.clone() } else { run.handle.clone() });
        }
        for name in files_of(run) {
            if let Err(failure) = self.erase_file(&name).await {
                tracing::warn!(run = %run.id, %failure, "a file of a training could not be deleted");
                left.push(name);
            }
        }
        left
    }

    /// Deletes every file of a name: after an unclear outcome there may be more than one.
    async fn erase_file(&self, name: &str) -> Result<(), TuneFailure> {
        for _ in 0..COPIES {
            let Some(file) = self.tuner.find_file(name).await? else { return Ok(()) };
            self.tuner.delete_file(&file.id).await?;
        }
        Ok(())
    }

    /// Deletes a model that it has trained, `provider/model`; whether it is gone.
    pub async fn erase_model(&self, model: &str) -> bool {
        // Of another server this one knows nothing.
        let Some(name) = model.strip_prefix(&format!("{}/", self.answers)) else { return false };
        let deleted = self.tuner.delete_model(name).await;
        if let Err(failure) = &deleted {
            tracing::warn!(model, %failure, "a model could not be deleted");
        }
        deleted.is_ok()
    }

    async fn look(&self, run: &mut Run) -> Result<Progress, TuneFailure> {
        let id = JobId(run.handle.clone());
        let job = self.tuner.job(&id).await?;
        let after: Option<String> = run.memory.recall("event");
        for event in self.tuner.events(&id, after.as_deref()).await? {
            run.memory.keep("event", &event.id);
            if let Some(metrics) = &event.data {
                let valid = metrics.valid_loss.map(|loss| loss as f32);
                let loss = |train: f64| Loss { step: metrics.step, train: train as f32, valid };
                add_losses(run, metrics.train_loss.map(loss).into_iter());
                run.done = (metrics.step, metrics.total_steps.unwrap_or(run.done.1).max(metrics.step));
            }
            run.note(event.at.unwrap_or_else(now), event.message);
        }
        Ok(self.progress_of(run, &job))
    }

    fn progress_of(&self, run: &Run, job: &Job) -> Progress {
        match (&job.status, &job.fine_tuned_model) {
            (JobStatus::Succeeded, Some(model)) => {
                Progress::Done(Artifact::Tuned { model: format!("{}/{model}", self.answers) })
            }
            (JobStatus::Succeeded, None) => Progress::Failed("it names no model".to_owned()),
            (JobStatus::Failed, _) => {
                Progress::Failed(job.error.as_ref().map_or_else(String::new, |e| e.message.clone()))
            }
            (JobStatus::Cancelled, _) => Progress::Cancelled,
            (JobStatus::Validating | JobStatus::Queued, _) => Progress::Queued,
            (JobStatus::Running | JobStatus::Unknown(_), _) => Progress::Running(run.done.0, run.done.1),
        }
    }

    /// Cancels the job, if there is one; one that is over already stays what it is.
    pub async fn cancel(&self, run: &mut Run) -> anyhow::Result<()> {
        let id = match run.handle.is_empty() {
            false => Some(JobId(run.handle.clone())),
            true => self.tuner.find(run.id.as_str()).await?.map(|job| job.id),
        };
        let Some(id) = id else { return Ok(()) };
        let status = match self.tuner.cancel(&id).await {
            Ok(job) => job.status,
            Err(failure @ TuneFailure::Refused { .. }) => match self.tuner.job(&id).await? {
                job if is_over(&job.status) => job.status,
                _ => return Err(failure.into()),
            },
            Err(failure) => return Err(failure.into()),
        };
        run.note(now(), format!("{id} {}", status.name()));
        Ok(())
    }
}

/// The names of the files that a run sends.
pub(super) fn files_of(run: &Run) -> [String; 2] {
    let id = run.id.as_str().to_lowercase();
    ["train", "valid"].map(|part| format!("apprentice-{id}-{part}.jsonl"))
}

const fn is_over(status: &JobStatus) -> bool {
    matches!(status, JobStatus::Succeeded | JobStatus::Failed | JobStatus::Cancelled)
}

fn problem(failure: &TuneFailure) -> Problem {
    let why = ("why", domain::markdown::escape(&failure.to_string()));
    match failure {
        TuneFailure::Unsupported { .. } => Problem::new("train-cannot"),
        TuneFailure::Refused { message, .. } => {
            Problem::with("train-refused", &[("why", domain::markdown::escape(message))])
        }
        _ => Problem::with("train-failed", &[why]),
    }
}
