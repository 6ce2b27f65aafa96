//! A version of the dataset becomes a candidate. Whatever trains is a [`Trainer`]: it estimates, launches, is looked at,
//! is cancelled, and hands over what it made. Which of these comes next stands in the run, so that a restart
//! between any two loses and doubles nothing (decision 0012).

mod embedded;
mod server;

use crate::bot::{Bot, now};
use crate::learn::run::{Next, Problem, Step, Stepped};
use crate::learn::{dataset, forget, releases};
use domain::dataset::Dataset;
use domain::example::Datum;
use domain::ids::Millis;
use domain::release::{Artifact, Release, Stage};
use domain::run::{Loss, Run, RunState, Task};
use domain::text;
use learning::freeze::{Row, Split};
use models::tune;
use serde_json::Value;
use std::time::Duration;

/// Fewest examples that a training takes.
const FEWEST: usize = 10;
/// Passes over the examples that are reckoned with when nobody says.
const PASSES: u64 = 3;
/// The name of what trains here.
const EMBEDDED: &str = "embedded";

/// What trains.
#[derive(Clone, Debug)]
pub enum Trainer {
    /// The embedded model, here and now.
    Embedded,
    /// A server with OpenAI's shapes.
    Server(Box<server::Server>),
}

/// What a training will take, as far as that can be told.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Estimate {
    /// Examples to train on.
    pub examples: u64,
    /// Tokens that are trained on, all passes together.
    pub tokens: u64,
    /// US dollars; none where the price is not known.
    pub usd: Option<f64>,
    /// Seconds, by the last training of the same kind; none where there was none.
    pub seconds: Option<u64>,
}

/// Where a training stands.
#[derive(Clone, Debug)]
pub enum Progress {
    /// It waits for its turn.
    Queued,
    /// It goes on; steps done and in all.
    Running(u64, u64),
    /// It is done: what it made.
    Done(Artifact),
    /// It failed, in the trainer's words.
    Failed(String),
    /// Somebody ended it.
    Cancelled,
}

impl Trainer {
    /// The trainer of a name.
    fn named(bot: &Bot, name: &str) -> Result<Self, Problem> {
        match name {
            EMBEDDED => Ok(Self::Embedded),
            _ => server::Server::from_settings(bot).map(|server| Self::Server(Box::new(server))),
        }
    }

    /// Whether it can learn from that at all.
    fn takes(&self, datum: &Datum) -> bool {
        match self {
            Self::Embedded => true,
            Self::Server(server) => server.takes(datum),
        }
    }

    async fn estimate(&self, bot: &Bot, rows: &[Row]) -> anyhow::Result<Estimate> {
        let settings = bot.settings.current().training.clone();
        let fits = |row: &&Row| self.takes(&row.datum);
        let train = || rows.iter().filter(|row| row.split == Split::Train).filter(fits);
        let once = tune::tokens_of(train().map(|row| &row.datum));
        let (tokens, usd) = match self {
            Self::Embedded => (once, Some(0.0)),
            Self::Server(_) => {
                let passes = if settings.epochs == 0 { PASSES } else { u64::from(settings.epochs) };
                let tokens = once.saturating_mul(passes);
                let price = settings.usd_per_mtok;
                (tokens, (price > 0.0).then_some(tokens as f64 / 1e6 * price))
            }
        };
        let seconds = self.pace(bot).await?.map(|per_token| (per_token * tokens as f64).ceil() as u64);
        Ok(Estimate { examples: train().count() as u64, tokens, usd, seconds })
    }

    /// Seconds for a token, by the last training of this kind that succeeded.
    async fn pace(&self, bot: &Bot) -> anyhow::Result<Option<f64>> {
        let own = if matches!(self, Self::Embedded) { EMBEDDED } else { "server" };
        let done: Vec<Run> = bot.store.latest("succeeded", "", 50).await?;
        let of = |run: &Run| match &run.task {
            Task::Train { trainer, .. } if trainer == own => {
                Some(run.memory.recall::<f64>("seconds")? / run.memory.recall::<f64>("tokens")?.max(1.0))
            }
            _ => None,
        };
        Ok(done.iter().find_map(of))
    }
}

/// The next step of a training.
pub async fn step(step: &mut Step<'_>, run: &mut Run, number: u32, trainer: &str) -> Stepped {
    let bot = step.bot;
    let trainer = match Trainer::named(bot, trainer) {
        Ok(trainer) => trainer,
        Err(problem) => return Ok(Err(problem)),
    };
    if number == 0 {
        return freeze(step, run).await;
    }
    let Some(dataset) = dataset::find(bot, number).await? else {
        return Ok(Err(Problem::with("dataset-unknown", &[("name", format!("v{number}"))])));
    };
    let Some(rows) = dataset::rows(bot, &dataset).await? else {
        // Nobody goes on learning from what somebody wanted to be forgotten.
        trainer.cancel(run).await?;
        if let Trainer::Server(server) = &trainer {
            server.erase(run).await;
        }
        if let Some(number) = made_by(bot, run).await? {
            forget::withdraw(bot, &run.person, number).await?;
        }
        return Ok(Err(tainted(&dataset)));
    };
    if run.state == RunState::Validating {
        return ask(bot, run, &trainer, &dataset, &rows).await;
    }
    if run.memory.recall::<Millis>("began").is_none() {
        run.memory.keep("began", now());
    }
    let progress = match &trainer {
        Trainer::Embedded => embedded::advance(step, run, rows).await,
        Trainer::Server(server) => server.advance(run, &rows).await,
    };
    match progress? {
        Ok(progress) => went_on(step, run, &dataset, progress).await,
        Err(problem) => Ok(Err(problem)),
    }
}

/// A training on everything that was approved begins with a new version of it.
async fn freeze(step: &Step<'_>, run: &mut Run) -> Stepped {
    let Task::Train { trainer, .. } = run.task.clone() else { return Ok(Ok(Next::Over)) };
    match dataset::freeze(step.bot, &run.person).await? {
        Ok(dataset) => {
            run.note(now(), text::say_with(run.lang, "train-frozen", &[("name", dataset.name())]));
            run.task = Task::Train { dataset: dataset.number, trainer };
            Ok(Ok(Next::Step))
        }
        Err(key) => Ok(Err(Problem::new(key))),
    }
}

/// Somebody in the version asked to be forgotten.
fn tainted(dataset: &Dataset) -> Problem {
    Problem::with("dataset-is-tainted", &[("name", dataset.name()), ("why", String::new())])
}

/// Shows what it would take, and asks.
async fn ask(bot: &Bot, run: &mut Run, trainer: &Trainer, dataset: &Dataset, rows: &[Row]) -> Stepped {
    let estimate = trainer.estimate(bot, rows).await?;
    if (estimate.examples as usize) < FEWEST {
        let args = [("count", estimate.examples.to_string()), ("least", FEWEST.to_string())];
        return Ok(Err(Problem::with("train-too-few", &args)));
    }
    let budget = bot.settings.current().learning.budget_usd;
    if let Some(usd) = estimate.usd.filter(|usd| budget > 0.0 && *usd > budget) {
        let args = [("usd", format!("{usd:.2}")), ("budget", format!("{budget:.2}"))];
        return Ok(Err(Problem::with("train-over-budget", &args)));
    }
    let known = |value: Option<String>| value.unwrap_or_else(|| text::say(run.lang, "train-not-known"));
    let args = [
        ("version", dataset.name()),
        ("examples", estimate.examples.to_string()),
        ("held", dataset.counts.1.to_string()),
        ("tokens", estimate.tokens.to_string()),
        ("usd", known(estimate.usd.map(|usd| format!("{usd:.2} $")))),
        ("time", known(estimate.seconds.map(|seconds| format!("{} s", seconds.max(1))))),
        ("trainer", trainer.title(run)),
    ];
    run.report = text::say_with(run.lang, "train-estimate", &args);
    if budget > 0.0 && estimate.usd.is_none() {
        let limit = [("budget", format!("{budget:.2}"))];
        run.report = format!("{}\n\n{}", run.report, text::say_with(run.lang, "train-cost-unchecked", &limit));
    }
    run.memory.keep("tokens", estimate.tokens);
    Ok(Ok(Next::Ask(vec!["go"])))
}

impl Trainer {
    async fn cancel(&self, run: &mut Run) -> anyhow::Result<()> {
        match self {
            Self::Embedded => Ok(()),
            Self::Server(server) => server.cancel(run).await,
        }
    }

    fn title(&self, run: &Run) -> String {
        match self {
            Self::Embedded => text::say(run.lang, "release-embedded"),
            Self::Server(server) => domain::markdown::escape(server.model()),
        }
    }
}

async fn went_on(step: &mut Step<'_>, run: &mut Run, dataset: &Dataset, progress: Progress) -> Stepped {
    let poll = Duration::from_secs(step.bot.settings.current().training.poll_s);
    match progress {
        Progress::Queued => {
            run.state = RunState::Queued;
            Ok(Ok(Next::After(poll)))
        }
        Progress::Running(done, all) => {
            run.state = RunState::Running;
            run.done = (done, all);
            Ok(Ok(Next::After(poll)))
        }
        Progress::Failed(why) => Ok(Err(Problem::with("train-failed", &[("why", domain::markdown::escape(&why))]))),
        Progress::Cancelled => {
            run.state = RunState::Cancelled;
            Ok(Ok(Next::Over))
        }
        Progress::Done(artifact) => Ok(match made(step, run, dataset, artifact).await? {
            true => Ok(Next::Over),
            false => Err(tainted(dataset)),
        }),
    }
}

/// There is a new release. Its number is that of the run, so that a repeated step makes no second one. There is none, and
/// it is false, where somebody in the version asked to be forgotten.
async fn made(step: &mut Step<'_>, run: &mut Run, dataset: &Dataset, artifact: Artifact) -> anyhow::Result<bool> {
    let number = match run.memory.recall::<u32>("release") {
        Some(number) => number,
        None => match reserve(step.bot, run, dataset, artifact).await? {
            Some(number) => number,
            None => return Ok(false),
        },
    };
    let name = domain::release::name_of(number);
    run.memory.keep("release", number);
    let began = run.memory.recall("began").unwrap_or(run.at);
    run.memory.keep("seconds", now().since(began) as f64 / 1000.0);
    let args = [("name", name.clone()), ("version", dataset.name())];
    run.report = text::say_with(run.lang, "train-done", &args);
    let say = |key: &str| text::say_with(run.lang, key, &[("name", name.clone())]);
    run.offers = vec![(say("button-compare"), format!("/compare {name}"))];
    run.note(now(), text::say_with(run.lang, "train-done", &args));
    run.done = (run.done.1, run.done.1);
    run.state = RunState::Succeeded;
    Ok(true)
}

/// Adds the release under the next number that is free; the one that this run has added already, after a restart. Whoever
/// forgets somebody looks for releases after the version is tainted: this looks at the version again after the release is
/// there, so that one of the two sees the other.
async fn reserve(bot: &Bot, run: &Run, dataset: &Dataset, artifact: Artifact) -> anyhow::Result<Option<u32>> {
    let number = match made_by(bot, run).await? {
        Some(number) => number,
        None if is_tainted(bot, dataset).await? => {
            forget::delete_artifact(bot, &artifact).await?;
            return Ok(None);
        }
        None => add(bot, run, dataset, &artifact).await?,
    };
    if is_tainted(bot, dataset).await? {
        forget::withdraw(bot, &run.person, number).await?;
        return Ok(None);
    }
    Ok(Some(number))
}

async fn is_tainted(bot: &Bot, dataset: &Dataset) -> anyhow::Result<bool> {
    Ok(dataset::find(bot, dataset.number).await?.is_none_or(|now| now.tainted))
}

/// The release that a run has made.
async fn made_by(bot: &Bot, run: &Run) -> anyhow::Result<Option<u32>> {
    let known: Vec<Release> = bot.store.latest("", "", 20).await?;
    Ok(known.iter().find(|release| release.run == run.id).map(|release| release.number))
}

async fn add(bot: &Bot, run: &Run, dataset: &Dataset, artifact: &Artifact) -> anyhow::Result<u32> {
    loop {
        let release = Release {
            number: releases::next_number(bot).await?,
            artifact: artifact.clone(),
            stage: Stage::Candidate,
            dataset: dataset.number,
            run: run.id.clone(),
            at: now(),
            verdict: Value::Null,
            moves: Vec::new(),
        };
        if bot.store.add(&release).await? {
            return Ok(release.number);
        }
    }
}

/// Takes back what a training has sent elsewhere: its job and its files; the names of what is left there.
pub async fn erase(bot: &Bot, run: &Run, trainer: &str) -> Vec<String> {
    if trainer == EMBEDDED || run.memory.recall::<Millis>("began").is_none() {
        return Vec::new();
    }
    match server::Server::from_settings(bot) {
        Ok(server) => server.erase(run).await,
        Err(_) => server::files_of(run).to_vec(),
    }
}

/// Deletes a model that a server has trained, `provider/model`; its name where it is left there.
pub async fn erase_model(bot: &Bot, model: &str) -> Vec<String> {
    let is_gone = match server::Server::from_settings(bot) {
        Ok(server) => server.erase_model(model).await,
        Err(_) => false,
    };
    if is_gone { Vec::new() } else { vec![model.to_owned()] }
}

/// Ends a training elsewhere, too.
pub async fn cancel(step: &mut Step<'_>, run: &mut Run, trainer: &str) -> anyhow::Result<()> {
    match Trainer::named(step.bot, trainer) {
        Ok(trainer) => trainer.cancel(run).await,
        Err(_) => Ok(()),
    }
}

/// Adds points to the curve, each step once.
fn add_losses(run: &mut Run, new: impl Iterator<Item = Loss>) {
    for loss in new {
        if run.losses.last().is_none_or(|last| last.step < loss.step) {
            run.losses.push(loss);
        }
    }
}
