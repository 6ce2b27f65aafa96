//! Long work in steps. Everything that happens to a run goes through its own lane, one thing after another: its
//! steps, a person's yes, a person's stop. Each step ends in one commit that stores where the run stands, brings
//! its card up to date and asks for the next step; a restart in between repeats one step and nothing else.

use crate::bot::{Bot, now};
use crate::learn::{archive, card, compare, import, lessons, propose, rules, suite, train};
use crate::turn::Turn;
use domain::example::{Datum, Origin};
use domain::ids::{Lane, Millis, RunId};
use domain::incoming::Place;
use domain::outgoing::Outgoing;
use domain::person::Standing;
use domain::run::{Run, RunState, Task};
use domain::text;
use domain::work::{Delivery, Job, NewWork, RunAct, Sent, Work};
use std::time::Duration;
use store::{Record, Row};
use tokio_util::sync::CancellationToken;

/// How often a card changes at most, milliseconds.
const CARD_EVERY_MS: i64 = 2_000;
/// Runs that are listed.
const SHOWN: u32 = 10;
/// Failed attempts of one step after which the run fails, rather than being tried again.
const ATTEMPTS: u32 = 5;

/// What comes after a step.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// Another step, at once.
    Step,
    /// Another step, after a while.
    After(Duration),
    /// A person is asked; these are the ways to say yes, the first of them the usual one.
    Ask(Vec<&'static str>),
    /// Nothing: the run is over, as its state says.
    Over,
}

/// Why a step cannot be done, in words for the person: a Fluent key and its arguments.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// The key.
    pub key: &'static str,
    /// Its arguments.
    pub args: Vec<(&'static str, String)>,
}

impl Problem {
    /// A problem without arguments.
    pub const fn new(key: &'static str) -> Self {
        Self { key, args: Vec::new() }
    }
    /// A problem with arguments.
    pub fn with(key: &'static str, args: &[(&'static str, String)]) -> Self {
        Self { key, args: args.to_vec() }
    }
}

/// What becomes of a step: what is next, or a problem that ends the run; an error is tried again.
pub type Stepped = anyhow::Result<Result<Next, Problem>>;

/// What a step works with.
pub struct Step<'a> {
    /// The bot.
    pub bot: &'a Bot,
    /// Cancelled when the person ends the run, or the process stops.
    pub stop: &'a CancellationToken,
    /// What is committed with the step beside the run itself.
    pub record: &'a mut Record,
}

/// Begins a run; its card is the answer to whoever asked for it.
pub fn begin(turn: &mut Turn<'_>, task: Task) -> anyhow::Result<Run> {
    let id = RunId(ulid::Ulid::generate().to_string());
    let place = turn.incoming.place.clone();
    let run = Run::new(id, task, place, turn.person.id.clone(), turn.lang(), turn.now);
    turn.record.objects.push(Row::of(&run)?);
    turn.record.also.push(work(&run, RunAct::Step, turn.now));
    let outgoing = card::of(&run);
    turn.deliver(outgoing);
    Ok(run)
}

/// Begins a run that follows from another, with a card of its own.
pub fn follow(step: &mut Step<'_>, run: &Run, task: Task) -> anyhow::Result<RunId> {
    let at = now();
    let id = RunId(ulid::Ulid::generate().to_string());
    let next = Run::new(id.clone(), task, run.place.clone(), run.person.clone(), run.lang, at);
    step.record.objects.push(Row::of(&next)?);
    step.record.also.push(work(&next, RunAct::Step, at));
    Ok(id)
}

/// A work item of a run. Each of its steps is one item, however often it is asked for.
fn work(run: &Run, act: RunAct, not_before: Millis) -> NewWork {
    let what = match &act {
        RunAct::Step => format!("step:{}", run.step),
        RunAct::Confirm { .. } => format!("confirm:{}", run.step),
        RunAct::Cancel => "cancel".to_owned(),
    };
    NewWork {
        lane: lane(&run.id),
        dedupe: format!("run:{}:{what}", run.id),
        interrupts: act == RunAct::Cancel,
        job: Job::Run { run: run.id.clone(), act },
        not_before,
    }
}

/// Asks for the next step later. It waits in a lane of its own, so that a person's stop need not wait for it.
fn later(run: &Run, not_before: Millis) -> NewWork {
    let dedupe = format!("run:{}:wait:{}", run.id, run.step);
    NewWork { lane: Lane(format!("{}~", lane(&run.id))), dedupe, ..work(run, RunAct::Step, not_before) }
}

fn lane(id: &RunId) -> Lane {
    Lane(format!("run:{id}"))
}

/// Goes on with a run.
pub async fn go_on(
    bot: &Bot,
    work: &Work,
    id: &RunId,
    act: &RunAct,
    stop: &CancellationToken,
) -> anyhow::Result<Record> {
    let at = now();
    let mut record =
        Record { owner: bot.owner.clone(), work: work.id, lane: work.lane.clone(), now: at, ..Record::default() };
    let Some(mut run) = bot.store.object::<Run>(id.as_str()).await? else { return Ok(record) };
    if run.state.is_over() || (run.state == RunState::Waiting && *act == RunAct::Step) {
        return Ok(record);
    }
    if work.lane != lane(id) {
        record.also.push(self::work(&run, RunAct::Step, at));
        return Ok(record);
    }
    let before = run.state;
    let next = match act {
        RunAct::Cancel => cancel(bot, &mut run, work, &mut record, stop).await?,
        // What is asked now may be another thing than what somebody said yes to.
        RunAct::Confirm { way } if run.state != RunState::Waiting || !is_offered(&run, way) => return Ok(record),
        RunAct::Confirm { way } => {
            run.way.clone_from(way);
            run.state = RunState::Running;
            Next::Step
        }
        RunAct::Step => step(bot, &mut run, work, &mut record, stop).await?,
    };
    finish(bot, &mut run, before, &next, &mut record)?;
    Ok(record)
}

/// What a step leaves: the run, the next step, the card.
fn finish(bot: &Bot, run: &mut Run, before: RunState, next: &Next, record: &mut Record) -> anyhow::Result<()> {
    let at = now();
    run.step += 1;
    match next {
        Next::Step => record.also.push(work(run, RunAct::Step, at)),
        Next::After(wait) => {
            let ms = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
            record.also.push(later(run, at.plus(ms)));
        }
        Next::Ask(ways) => {
            run.state = RunState::Waiting;
            run.ways = ways.iter().map(|way| (*way).to_owned()).collect();
        }
        Next::Over => {}
    }
    let due = run.state != before || run.state.is_over() || at.since(run.shown) >= CARD_EVERY_MS;
    if due {
        run.shown = at;
        let outgoing = card::with_picture(bot, run);
        record.becomes = Some(Delivery { place: run.place.clone(), outgoing, sent: Sent::default(), then: None });
    }
    record.objects.push(Row::of(run)?);
    Ok(())
}

async fn step(
    bot: &Bot,
    run: &mut Run,
    work: &Work,
    record: &mut Record,
    stop: &CancellationToken,
) -> anyhow::Result<Next> {
    let mut step = Step { bot, stop, record };
    let task = run.task.clone();
    let stepped = match &task {
        Task::Import { .. } => import::step(&mut step, run).await,
        Task::Archive { .. } => archive::step(&mut step, run).await,
        Task::Propose { document } => propose::step(&mut step, run, document).await,
        Task::Train { dataset, trainer } => train::step(&mut step, run, *dataset, trainer).await,
        Task::Compare { candidate, incumbent } => compare::step(&mut step, run, candidate, incumbent).await,
        Task::Test { path } => suite::step(&mut step, run, path).await,
        Task::TryRule { rule } => rules::step(&mut step, run, rule).await,
    };
    let next = match stepped {
        // What was tried often enough is told to the person rather than parked without a word.
        Err(error) if work.attempts + 1 >= ATTEMPTS => {
            tracing::warn!(run = %run.id, error = format!("{error:#}"), "a step of a run keeps failing");
            let code = crate::notice::reference(work.id);
            Err(Problem::with("run-broken", &[("code", code), ("why", root_of(&error))]))
        }
        stepped => stepped?,
    };
    Ok(match next {
        Ok(next) => next,
        Err(problem) => {
            tracing::info!(run = %run.id, problem = problem.key, "a run failed");
            if let Task::Import { .. } = task {
                import::take_back(bot, run).await?;
            }
            run.fail(now(), text::say_with(run.lang, problem.key, &problem.args));
            Next::Over
        }
    })
}

/// Ends a run one of whose items was set aside: nothing would ever go on with it. Its card, which says why; none when
/// it was over already, or somebody went on with it.
pub async fn broken(bot: &Bot, id: &RunId, code: &str, reason: &str) -> anyhow::Result<Option<(Place, Outgoing)>> {
    let Some(mut run) = bot.store.object::<Run>(id.as_str()).await?.filter(|run| !run.state.is_over()) else {
        return Ok(None);
    };
    let before = run.state.name();
    let why = domain::markdown::escape(&reason.chars().take(200).collect::<String>());
    let args = [("code", code.to_owned()), ("why", why)];
    run.fail(now(), text::say_with(run.lang, "run-parked", &args));
    if !bot.store.put_if(&run, before).await? {
        return Ok(None);
    }
    if let Task::Import { .. } = run.task {
        import::take_back(bot, &mut run).await?;
        bot.store.put(&run).await?;
    }
    Ok(Some((run.place.clone(), card::with_picture(bot, &run))))
}

fn root_of(error: &anyhow::Error) -> String {
    error.root_cause().to_string().chars().take(200).collect()
}

/// Ends a run for a person: what was begun elsewhere is ended there too.
async fn cancel(
    bot: &Bot,
    run: &mut Run,
    work: &Work,
    record: &mut Record,
    stop: &CancellationToken,
) -> anyhow::Result<Next> {
    let mut step = Step { bot, stop, record };
    match run.task.clone() {
        Task::Train { trainer, .. } => match train::cancel(&mut step, run, &trainer).await {
            // It ends here all the same; that it goes on elsewhere is said.
            Err(error) if work.attempts + 1 >= ATTEMPTS => {
                let why = domain::markdown::escape(&root_of(&error));
                run.problem = text::say_with(run.lang, "train-end-it-there", &[("why", why)]);
            }
            told => told?,
        },
        Task::Archive { .. } => archive::cancel(&mut step, run).await?,
        Task::Import { .. } => import::take_back(bot, run).await?,
        _ => {}
    }
    run.state = RunState::Cancelled;
    let said = text::say(run.lang, "run-cancelled-by-person");
    run.note(now(), said);
    Ok(Next::Over)
}

/// `/jobs`
pub async fn list(turn: &mut Turn<'_>) -> anyhow::Result<()> {
    let runs: Vec<Run> = turn.bot.store.latest("", "", SHOWN).await?;
    let mine: Vec<&Run> = runs.iter().filter(|run| may_see(turn, run)).collect();
    if mine.is_empty() {
        let text = turn.text("jobs-none");
        turn.reply(text);
        return Ok(());
    }
    let lines: Vec<String> = mine.iter().map(|run| card::line(turn.lang(), run)).collect();
    let markdown = format!("{}\n{}\n\n{}", turn.text("jobs-head"), lines.join("\n"), turn.text("jobs-more"));
    turn.reply(markdown);
    Ok(())
}

/// Whether this person may see it here: what was begun in private stays out of groups.
fn may_see(turn: &Turn<'_>, run: &Run) -> bool {
    let here = !turn.in_group() || run.place.conversation() == turn.conversation();
    here && run.is_seen_by(&turn.person.id, turn.standing)
}

/// `/job id [go way | cancel | log | teach number]`
pub async fn one(turn: &mut Turn<'_>, argument: &str) -> anyhow::Result<()> {
    let words: Vec<&str> = argument.split_whitespace().collect();
    let Some(run) = found(turn, words.first().copied().unwrap_or_default()).await? else {
        let text = turn.text("job-unknown");
        turn.reply(text);
        return Ok(());
    };
    match words.get(1..).unwrap_or_default() {
        // A message of its own: who asks looks at the end of the chat, not at where the card was first shown.
        [] => {
            let outgoing = Outgoing { card: None, ..card::with_picture(turn.bot, &run) };
            turn.deliver(outgoing);
        }
        ["go", way @ ..] if run.state == RunState::Waiting => confirm(turn, &run, way),
        ["cancel"] if !run.state.is_over() => turn.record.also.push(work(&run, RunAct::Cancel, turn.now)),
        ["log"] => {
            let outgoing = log(turn, &run);
            turn.deliver(outgoing);
        }
        ["teach", number] if run.state.is_over() => teach(turn, &run, number).await?,
        _ => {
            let text = turn.text("job-too-late");
            turn.reply(text);
        }
    }
    Ok(())
}

/// A person's yes, from somebody who may still ask for such work, in a way that is offered.
fn confirm(turn: &mut Turn<'_>, run: &Run, way: &[&str]) {
    if turn.standing < needed(&run.task) {
        let text = turn.text("command-not-allowed");
        return turn.reply(text);
    }
    let only = match run.ways.as_slice() {
        [only] if run.choices.is_empty() => only.as_str(),
        _ => "",
    };
    let way = way.first().copied().unwrap_or(only).to_owned();
    if is_offered(run, &way) {
        turn.record.also.push(work(run, RunAct::Confirm { way }, turn.now));
        return;
    }
    let chosen = run.choices.iter().map(|(_, way)| way);
    let ways: Vec<String> =
        run.ways.iter().chain(chosen).map(|way| format!("`/job {} go {way}`", run.short())).collect();
    let text = turn.text_with("job-ways", &[("ways", ways.join(", "))]);
    turn.reply(text);
}

fn is_offered(run: &Run, way: &str) -> bool {
    run.ways.iter().chain(run.choices.iter().map(|(_, way)| way)).any(|offered| offered == way)
}

/// What somebody must be to say yes to such work.
const fn needed(task: &Task) -> Standing {
    match task {
        Task::TryRule { .. } => Standing::User,
        Task::Import { .. }
        | Task::Archive { .. }
        | Task::Propose { .. }
        | Task::Train { .. }
        | Task::Compare { .. }
        | Task::Test { .. } => Standing::Trainer,
    }
}

/// Teaches the right answer to a question that a test found answered wrongly.
async fn teach(turn: &mut Turn<'_>, run: &Run, number: &str) -> anyhow::Result<()> {
    let at = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    match at.and_then(|at| run.misses.get(at)) {
        Some((question, expected)) => {
            lessons::teach(turn, Datum::of(question.as_str(), expected.as_str()), Origin::Demonstration, None).await
        }
        None => {
            let text = turn.text("job-too-late");
            turn.reply(text);
            Ok(())
        }
    }
}

/// A run by its id, or by how its id ends; none for those of others.
async fn found(turn: &Turn<'_>, id: &str) -> anyhow::Result<Option<Run>> {
    let id = id.to_uppercase();
    if id.len() < 4 {
        return Ok(None);
    }
    let run = match turn.bot.store.object::<Run>(&id).await? {
        Some(run) => Some(run),
        None => {
            let all: Vec<Run> = turn.bot.store.latest("", "", 200).await?;
            all.into_iter().find(|run| run.id.as_str().ends_with(&id))
        }
    };
    Ok(run.filter(|run| may_see(turn, run)))
}

fn log(turn: &Turn<'_>, run: &Run) -> Outgoing {
    let lines: Vec<String> = run.notes.iter().map(|note| card::dated(note.at, &note.text)).collect();
    let markdown = match lines.is_empty() {
        true => turn.text("job-log-empty"),
        false => lines.join("\n"),
    };
    Outgoing { markdown, ..Outgoing::default() }
}
