//! A training at a server with OpenAI's `/v1/files` and `/v1/fine_tuning/jobs`. The run's own id marks its files and its
//! job: whatever was sent before a restart is found again by that mark and is not sent twice.

use super::{Progress, add_losses};
use crate::bot::{Bot, now};
use crate::learn::run::Problem;
use crate::settings::Method;
use domain::release::Artifact;
use domain::run::{Loss, Run};
use learning::freeze::{Row, Split};
use learning::shape::{self, Shape};
use models::tune::{
    self, FileId, Hyperparameters, Job, JobId, JobSpec, JobStatus, Limits, Payload, Purpose, TuneFailure, Tuner,
};

/// Looks for a job whose creation had an unclear outcome, before it is created anew.
const LOOKS: u64 = 3;

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
        let id = run.id.as_str().to_lowercase();
        let train = self.file(run, &format!("apprentice-{id}-train.jsonl"), rows, Split::Train).await?;
        let held_out = rows.iter().any(|row| row.split == Split::HeldOut);
        let valid = match held_out {
            true => Some(self.file(run, &format!("apprentice-{id}-valid.jsonl"), rows, Split::HeldOut).await?),
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

    /// Cancels the job, if there is one.
    pub async fn cancel(&self, run: &mut Run) -> anyhow::Result<()> {
        let id = match run.handle.is_empty() {
            false => Some(JobId(run.handle.clone())),
            true => self.tuner.find(run.id.as_str()).await.ok().flatten().map(|job| job.id),
        };
        if let Some(id) = id {
            let job = self.tuner.cancel(&id).await?;
            run.note(now(), format!("{id} {}", job.status.name()));
        }
        Ok(())
    }
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
