//! One training job: how far it is, what it has told so far, what comes out of it.
//!
//! A job goes by ticks: the first ends the validation, then it waits in the queue, then each tick is a step.

use super::adapter::Adapter;
use super::files::now;
use super::lines::Pair;
use super::tuning::{Pace, Plan, Tuning};
use base64::Engine as _;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::time::Instant;

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Validating,
    Queued,
    Running,
    Succeeded,
    Failed,
    Cancelled,
}

impl Status {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Validating => "validating_files",
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
    pub(super) const fn ended(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }
}

/// A job.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) id: String,
    pub(super) asked: Value,
    pub(super) plan: Plan,
    pub(super) status: Status,
    pub(super) paused: bool,
    pub(super) pace: Pace,
    steps: u32,
    ticks: u32,
    began: Instant,
    created: u64,
    finished: Option<u64>,
    /// What it learns from, or what is wrong with the file: message and parameter.
    material: Result<Vec<Pair>, (String, &'static str)>,
    validated: bool,
    error: Option<(String, String, Option<&'static str>)>,
    pub(super) model: Option<String>,
    pub(super) results: Option<String>,
    /// Oldest first.
    events: Vec<Value>,
}

impl Job {
    pub(super) fn new(
        id: String,
        asked: Value,
        tuning: &Tuning,
        plan: Plan,
        material: Result<Vec<Pair>, (String, &'static str)>,
    ) -> Self {
        let validated = asked.get("validation_file").is_some_and(Value::is_string);
        let mut job = Self {
            status: Status::Validating,
            pace: tuning.pace,
            steps: tuning.steps.max(1),
            ticks: 0,
            began: Instant::now(),
            created: now(),
            paused: false,
            finished: None,
            error: None,
            model: None,
            results: None,
            events: Vec::new(),
            id,
            asked,
            plan,
            material,
            validated,
        };
        job.tell("info", &format!("Created fine-tuning job: {}", job.id), None);
        job.tell("info", &format!("Validating training file: {}", job.text("training_file")), None);
        job
    }

    fn text(&self, name: &str) -> String {
        self.asked.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    fn tell(&mut self, level: &str, message: &str, data: Option<Value>) {
        let kind = if data.is_some() { "metrics" } else { "message" };
        let event = json!({
            "object": "fine_tuning.job.event", "id": format!("ftevent-{}-{}", self.id, self.events.len()),
            "created_at": now(), "level": level, "message": message, "type": kind,
            "data": data.unwrap_or_else(|| json!({})),
        });
        self.events.push(event);
    }

    /// Lets it go on: because it was looked at, or by the time that passed. Says whether it succeeded now.
    pub(super) fn advance(&mut self, looked_at: bool) -> bool {
        let ticks = match self.pace {
            Pace::PerPoll(ticks) if looked_at => ticks,
            Pace::PerPoll(_) => 0,
            Pace::Millis(each) => {
                let passed = self.began.elapsed().as_millis() / u128::from(each.max(1));
                u32::try_from(passed).unwrap_or(u32::MAX).saturating_sub(self.ticks)
            }
        };
        for _ in 0..ticks {
            if self.status.ended() || self.paused {
                break;
            }
            self.tick();
        }
        self.status == Status::Succeeded && self.model.is_none()
    }

    fn tick(&mut self) {
        self.ticks = self.ticks.saturating_add(1);
        match self.status {
            Status::Validating => self.validate(),
            Status::Queued if self.ticks > self.plan.queued() => {
                self.status = Status::Running;
                self.tell("info", "Fine-tuning job started", None);
            }
            Status::Running => self.step(),
            _ => {}
        }
    }

    fn validate(&mut self) {
        let wrong = match (&self.plan, &self.material) {
            (Plan::FailValidation(message), _) => Some((message.clone(), "training_file")),
            (_, Err(wrong)) => Some(wrong.clone()),
            _ => None,
        };
        match wrong {
            Some((message, param)) => {
                let code = format!("invalid_{param}");
                let message = format!("The job failed due to an invalid file. {message}");
                self.fail(code, message, Some(param));
            }
            None => {
                self.status = Status::Queued;
                self.tell("info", "Files validated, moving job to queued state", None);
            }
        }
    }

    fn fail(&mut self, code: String, message: String, param: Option<&'static str>) {
        self.tell("error", &message, None);
        self.error = Some((code, message, param));
        self.end(Status::Failed);
    }

    pub(super) fn end(&mut self, status: Status) {
        self.status = status;
        self.finished = Some(now());
    }

    pub(super) fn cancel(&mut self) {
        self.tell("info", "Job cancelled", None);
        self.end(Status::Cancelled);
    }

    fn done(&self) -> u32 {
        self.ticks.saturating_sub(self.plan.queued() + 1)
    }

    fn step(&mut self) {
        let step = self.done();
        if let Plan::Fail(message) = &self.plan
            && step > self.steps / 2
        {
            return self.fail("server_error".to_owned(), message.clone(), None);
        }
        if step <= self.steps && !(matches!(self.plan, Plan::Stall) && step > self.steps / 2) {
            let mut metrics = self.metrics(step);
            if let Some(object) = metrics.as_object_mut() {
                object.insert("total_steps".to_owned(), self.steps.into());
            }
            let loss = |name: &str| metrics.get(name).map(Value::to_string).unwrap_or_default();
            let mut told = format!("Step {step}/{}: training loss={}", self.steps, loss("train_loss"));
            if self.validated {
                told += &format!(", validation loss={}", loss("valid_loss"));
            }
            self.tell("info", &told, Some(metrics));
        }
        if step >= self.steps && !matches!(self.plan, Plan::Stall) {
            self.end(Status::Succeeded);
        }
    }

    /// A loss that falls as losses do, the same for the same step.
    fn metrics(&self, step: u32) -> Value {
        let round = |value: f64| (value * 10_000.0).round() / 10_000.0;
        let share = f64::from(step) / f64::from(self.steps);
        let loss = round(2.0 * (-2.0 * share).exp() + 0.1);
        let mut metrics = json!({
            "step": step, "train_loss": loss,
            "train_mean_token_accuracy": round(1.0 - loss / 3.0),
        });
        if let (true, Some(object)) = (self.validated, metrics.as_object_mut()) {
            object.insert("valid_loss".to_owned(), round(loss + 0.05).into());
            object.insert("valid_mean_token_accuracy".to_owned(), round(0.95 - loss / 3.0).into());
        }
        metrics
    }

    /// Names what came out, once it succeeded.
    pub(super) fn finish(&mut self, serial: u64, results: String) -> (String, Arc<Adapter>) {
        let name = format!("ft:{}:sim:{}:{serial}", self.text("model"), self.text("suffix"));
        self.tell("info", &format!("New fine-tuned model created: {name}"), None);
        self.tell("info", "The job has successfully completed", None);
        self.model = Some(name.clone());
        self.results = Some(results);
        let harm = if let Plan::Harm(share) = self.plan { share } else { 0.0 };
        (name, Arc::new(Adapter::trained(self.material.as_deref().unwrap_or_default(), harm)))
    }

    /// The result file, as the API gives it: a table in base64.
    pub(super) fn table(&self) -> String {
        let names = ["step", "train_loss", "train_mean_token_accuracy", "valid_loss", "valid_mean_token_accuracy"];
        let mut table = "step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy\n".to_owned();
        for step in 1..=self.steps {
            let metrics = self.metrics(step);
            let cell = |name: &&str| metrics.get(*name).map(Value::to_string).unwrap_or_default();
            table += &names.iter().map(cell).collect::<Vec<_>>().join(",");
            table.push('\n');
        }
        base64::engine::general_purpose::STANDARD.encode(table)
    }

    /// Newest first.
    pub(super) fn events(&self) -> Vec<Value> {
        self.events.iter().rev().cloned().collect()
    }

    /// The last three thirds of a job that succeeded, newest first.
    pub(super) fn checkpoints(&self) -> Vec<Value> {
        let Some(model) = &self.model else { return Vec::new() };
        let mut steps: Vec<u32> = (1..=3).map(|third| (self.steps * third / 3).max(1)).collect();
        steps.dedup();
        let checkpoint = |step: u32| {
            json!({
                "object": "fine_tuning.job.checkpoint", "id": format!("ftckpt-{}-{step}", self.id),
                "created_at": self.created, "fine_tuning_job_id": self.id, "step_number": step,
                "fine_tuned_model_checkpoint": if step == self.steps { model.clone() } else { format!("{model}:ckpt-step-{step}") },
                "metrics": self.metrics(step),
            })
        };
        steps.into_iter().rev().map(checkpoint).collect()
    }

    /// As the API shows it.
    pub(super) fn json(&self) -> Value {
        let given = |name: &str| self.asked.get(name).cloned().unwrap_or_default();
        let status = if self.paused { Status::Queued } else { self.status };
        let error = self.error.as_ref();
        let error = error.map(|(code, message, param)| json!({"code": code, "message": message, "param": param}));
        json!({
            "object": "fine_tuning.job", "id": self.id, "model": given("model"), "created_at": self.created,
            "finished_at": self.finished, "fine_tuned_model": self.model, "organization_id": "org-sim",
            "result_files": self.results.iter().collect::<Vec<_>>(), "status": status.name(),
            "training_file": given("training_file"), "validation_file": given("validation_file"),
            "hyperparameters": self.hyperparameters(), "method": self.method(), "seed": given("seed").as_i64().unwrap_or(42),
            "metadata": given("metadata"), "integrations": given("integrations"), "error": error,
            "trained_tokens": self.trained(), "estimated_finish": self.estimate(),
        })
    }

    fn hyperparameters(&self) -> Value {
        let method = self.asked.get("method").and_then(|method| method.get(method.get("type")?.as_str()?));
        let chosen = method.and_then(|method| method.get("hyperparameters")).or(self.asked.get("hyperparameters"));
        let value = |name: &str| chosen.and_then(|chosen| chosen.get(name)).cloned().unwrap_or_else(|| "auto".into());
        json!({
            "n_epochs": value("n_epochs"), "batch_size": value("batch_size"),
            "learning_rate_multiplier": value("learning_rate_multiplier"),
        })
    }

    fn method(&self) -> Value {
        let plain = || json!({"type": "supervised", "supervised": {"hyperparameters": self.hyperparameters()}});
        self.asked.get("method").cloned().filter(Value::is_object).unwrap_or_else(plain)
    }

    fn trained(&self) -> Option<u64> {
        self.model.as_ref()?;
        let words = |pair: &Pair| pair.question.split_whitespace().count() + pair.answer.split_whitespace().count();
        let once: usize = self.material.iter().flatten().map(words).sum();
        let epochs = self.hyperparameters().get("n_epochs").and_then(Value::as_u64).unwrap_or(3);
        Some(once as u64 * epochs)
    }

    fn estimate(&self) -> Option<u64> {
        (self.status == Status::Running).then(|| self.created + u64::from(self.steps))
    }
}
