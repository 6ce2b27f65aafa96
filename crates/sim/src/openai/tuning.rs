//! Fine-tuning: `/v1/fine_tuning/jobs`, by a script of how the jobs go one after the other.

use super::files::{ends, page};
use super::job::{Job, Status};
use super::lines::{self, Pair};
use super::route::{Asked, Given};
use super::{Memory, Shared, trouble};
use crate::fault::Kind;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;

/// Most jobs or events in one answer, where no limit is asked for.
const PAGE: usize = 20;
/// Most checkpoints, the same way.
const CHECKPOINTS: usize = 10;

/// How files and training jobs go.
#[derive(Clone, Debug)]
pub struct Tuning {
    /// Steps of a job, at least 1.
    pub steps: u32,
    /// What lets a job go on. It takes a tick to validate, at least one in the queue, one for each step.
    pub pace: Pace,
    /// How the jobs go, in the order of their creation; those beyond succeed.
    pub plan: Vec<Plan>,
    /// The fewest lines of a training file.
    pub fewest: usize,
    /// The largest file in one piece, bytes.
    pub largest_file: u64,
    /// Whether a second request with the same `Idempotency-Key` gets the first one's answer.
    pub idempotent: bool,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            steps: 6,
            pace: Pace::PerPoll(1),
            plan: Vec::new(),
            fewest: 10,
            largest_file: 512 * 1024 * 1024,
            idempotent: false,
        }
    }
}

/// What lets a job go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// So many ticks each time the job is looked at (by its id; lists do not count).
    PerPoll(u32),
    /// A tick each so many milliseconds.
    Millis(u64),
}

/// How a job goes.
#[derive(Clone, Debug, PartialEq)]
pub enum Plan {
    /// It succeeds.
    Succeed,
    /// It succeeds after so many ticks in the queue.
    Queue(u32),
    /// It fails while its files are validated, with these words.
    FailValidation(String),
    /// It fails after half of its steps, with these words.
    Fail(String),
    /// It stays running after half of its steps until it is cancelled.
    Stall,
    /// It succeeds, and what comes out answers this share of questions (0 to 1) wrongly.
    Harm(f64),
    /// Its creation is refused so: `Kind::Status`, `Kind::TooMany`, or an answer of [`trouble`].
    Refuse(Kind),
}

impl Plan {
    /// Ticks until it leaves the queue.
    pub(super) const fn queued(&self) -> u32 {
        match self {
            Self::Queue(ticks) => ticks.saturating_add(1),
            _ => 1,
        }
    }
}

/// Performs what concerns training; none for other operations.
pub(super) fn perform(shared: &Shared, operation: &str, asked: &Asked<'_>) -> Option<Result<Given, Kind>> {
    let told = match operation {
        "post /fine_tuning/jobs" => create(shared, asked),
        "get /fine_tuning/jobs" => Ok(list(shared, asked)),
        _ => {
            let verb = operation.strip_prefix("get ").or_else(|| operation.strip_prefix("post "))?;
            one(shared, verb.strip_prefix("/fine_tuning/jobs/{fine_tuning_job_id}")?, asked)
        }
    };
    Some(told.map(Given::Json))
}

fn create(shared: &Shared, asked: &Asked<'_>) -> Result<Value, Kind> {
    let (config, serial) = (shared.config(), shared.serial());
    let tuning = config.tuning.clone().unwrap_or_default();
    if shared.model(asked.text("model")).is_none() {
        let message = format!("The model `{}` cannot be fine-tuned.", asked.text("model"));
        return Err(trouble::invalid("model", "model_not_available", &message));
    }
    let mut memory = shared.state();
    if let Some(known) = memory.repeated(asked, tuning.idempotent) {
        return Ok(known);
    }
    let plan = memory.next_plan(&tuning);
    if let Plan::Refuse(kind) = plan {
        return Err(kind);
    }
    let material = material(&memory, asked, tuning.fewest)?;
    let mut body = asked.body.clone();
    if let (Some(key), Some(object)) = (&asked.key, body.as_object_mut()) {
        object.insert("idempotency_key".to_owned(), key.clone().into());
    }
    let job = Job::new(format!("ftjob-sim{serial}"), body, &tuning, plan, material);
    let json = job.json();
    memory.jobs.push(job);
    Ok(json)
}

impl Memory {
    /// The job that the same `Idempotency-Key` created.
    fn repeated(&self, asked: &Asked<'_>, idempotent: bool) -> Option<Value> {
        let key = asked.key.as_deref().filter(|_| idempotent)?;
        let same = |job: &&Job| job.asked.get("idempotency_key").and_then(Value::as_str) == Some(key);
        self.jobs.iter().find(same).map(Job::json)
    }
    /// The plan that has its turn; a refusal has its turn too.
    fn next_plan(&mut self, tuning: &Tuning) -> Plan {
        let plan = tuning.plan.get(self.planned).cloned().unwrap_or(Plan::Succeed);
        self.planned += 1;
        plan
    }
}

/// What the files teach. Files that do not exist are refused at once, wrong lines when they are validated.
fn material(
    memory: &Memory,
    asked: &Asked<'_>,
    fewest: usize,
) -> Result<Result<Vec<Pair>, (String, &'static str)>, Kind> {
    let method = asked.body.get("method").and_then(|method| method.get("type")).and_then(Value::as_str);
    let mut material = Ok(Vec::new());
    for param in ["validation_file", "training_file"] {
        let id = asked.text(param);
        if id.is_empty() {
            continue;
        }
        let file = memory.shelf.file(id).filter(|file| file.purpose == "fine-tune");
        let missing = || trouble::invalid(param, "file_not_found", &format!("invalid {param}: {id}"));
        let content = &file.ok_or_else(missing)?.content;
        let read = lines::read(content, Some(method.unwrap_or("supervised")));
        material = match (material, read) {
            (Err(wrong), _) => Err(wrong),
            (Ok(_), Err(told)) => Err((told, param)),
            (Ok(_), Ok(pairs)) if param == "training_file" && pairs.len() < fewest => {
                let told =
                    format!("Training file has {} example(s), but must have at least {fewest} examples", pairs.len());
                Err((told, param))
            }
            (Ok(_), Ok(pairs)) => Ok(pairs),
        };
    }
    Ok(material)
}

/// Newest first.
fn list(shared: &Shared, asked: &Asked<'_>) -> Value {
    let serial = shared.serial();
    let mut memory = shared.state();
    for at in 0..memory.jobs.len() {
        memory.advance(at, false, serial);
    }
    let filter = |(name, wanted): &(String, String)| {
        let key = name.strip_prefix("metadata[")?.strip_suffix(']')?;
        Some((key.to_owned(), wanted.clone()))
    };
    let filters: HashMap<String, String> = asked.query.iter().filter_map(filter).collect();
    let without = asked.query("metadata") == Some("null");
    let fits = |job: &Value| {
        let metadata = job.get("metadata").filter(|metadata| metadata.is_object());
        let has = |(key, wanted): (&String, &String)| {
            metadata.and_then(|metadata| metadata.get(key)).and_then(Value::as_str) == Some(wanted)
        };
        filters.iter().all(has) && !(without && metadata.is_some())
    };
    let jobs = memory.jobs.iter().rev().map(Job::json).filter(fits).collect();
    page(jobs, asked, PAGE)
}

/// What concerns one job.
fn one(shared: &Shared, what: &str, asked: &Asked<'_>) -> Result<Value, Kind> {
    let serial = shared.serial();
    let mut memory = shared.state();
    let missing = || trouble::missing("fine-tuning job", asked.id());
    let at = memory.jobs.iter().position(|job| job.id == asked.id()).ok_or_else(missing)?;
    memory.advance(at, what.is_empty(), serial);
    let job = memory.jobs.get_mut(at).ok_or_else(missing)?;
    let ended = |job: &Job| {
        let message = format!("Job has already completed with status: {}", job.status.name());
        trouble::invalid("fine_tuning_job_id", "invalid_status", &message)
    };
    match what {
        "/events" => return Ok(page(job.events(), asked, PAGE)),
        "/checkpoints" => return Ok(ends(page(job.checkpoints(), asked, CHECKPOINTS), &Value::Null)),
        "" => {}
        _ if job.status.ended() => return Err(ended(job)),
        "/cancel" => job.cancel(),
        "/pause" => job.paused = true,
        _ => job.paused = false,
    }
    Ok(job.json())
}

impl Memory {
    /// Lets a job go on; one that succeeded leaves its result file and its model.
    fn advance(&mut self, at: usize, looked_at: bool, serial: u64) {
        let Some(job) = self.jobs.get_mut(at) else { return };
        debug_assert!(job.status != Status::Succeeded || job.model.is_some());
        if !job.advance(looked_at) {
            return;
        }
        let id = format!("file-results{serial}");
        let table = job.table();
        let (name, adapter) = job.finish(serial, id.clone());
        let checkpoints = job.checkpoints();
        let names = checkpoints.iter().filter_map(|one| one.get("fine_tuned_model_checkpoint")?.as_str());
        for name in names.chain([name.as_str()]) {
            self.adapters.insert(name.to_owned(), Arc::clone(&adapter));
        }
        self.shelf.put(id, "step_metrics.csv", "fine-tune-results", table.into());
    }
}
