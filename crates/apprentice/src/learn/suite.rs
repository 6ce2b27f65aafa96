//! A test: every case of a file is asked of what answers now, a few in each step; the answers are kept, so that a
//! restart asks nothing twice.

use crate::bot::now;
use crate::knowledge::Mind;
use crate::learn::ask::{Examinee, Sample};
use crate::learn::judge;
use crate::learn::report::short;
use crate::learn::run::{Next, Problem, Step, Stepped};
use crate::learn::source;
use domain::exchange::Scope;
use domain::incoming::ChatKind;
use domain::markdown::escape;
use domain::run::{Run, RunState};
use domain::text;
use learning::grade::Grade;
use learning::suite::{self, Case, Fault};
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::time::{Duration, Instant};

/// Largest suite, bytes.
const LARGEST: u64 = 32 << 20;
/// How long one step goes on asking.
const STEP: Duration = Duration::from_secs(5);
/// Misses that are shown.
const MISSES: usize = 5;
/// Least score of an answer that is nearly right.
const CLOSE: f64 = 0.3;

/// The next step of a test.
pub async fn step(step: &mut Step<'_>, run: &mut Run, path: &str) -> Stepped {
    let (vault, typed) = (step.bot.vault.clone(), path.to_owned());
    let read = tokio::task::spawn_blocking(move || -> anyhow::Result<String> {
        let (mut file, _) = vault.open_file(&typed, LARGEST)?;
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        Ok(text)
    })
    .await?;
    let cases = match read.map(|text| suite::read(&text)) {
        Ok(Ok(cases)) => cases,
        Ok(Err(fault)) => return Ok(Err(fault_as_problem(&fault))),
        Err(error) => return Ok(Err(Problem::with("import-unreadable", &[("why", error.to_string())]))),
    };
    if run.state == RunState::Validating {
        run.memory.keep("revision", step.bot.knowledge.revision());
    }
    run.state = RunState::Running;
    run.done.1 = cases.len() as u64;
    let mind = step.bot.knowledge.mind(&run.place.conversation());
    let from = Instant::now();
    // A failure is no answer that is kept; without this, a later step would begin with it anew, for ever.
    let mut failed: BTreeMap<usize, String> = run.memory.recall("failed").unwrap_or_default();
    let mut rows = Vec::with_capacity(cases.len());
    for (at, case) in cases.iter().enumerate() {
        if step.stop.is_cancelled() || from.elapsed() > STEP {
            run.done.0 = rows.len() as u64;
            return Ok(Ok(Next::Step));
        }
        let row = match failed.get(&at) {
            Some(error) => Row::of(case, Sample::failed(error), Grade { score: 0.0, right: false }),
            None => {
                let sample = ask(step, run, &mind, case).await?;
                match judge::grade(step.bot, step.stop, &case.grader, &case.question, &sample).await? {
                    Ok(grade) => Row::of(case, sample, grade),
                    Err(problem) => return Ok(Err(problem)),
                }
            }
        };
        if let Some(error) = &row.error {
            failed.insert(at, error.clone());
            run.memory.keep("failed", &failed);
        }
        rows.push(row);
    }
    run.done.0 = rows.len() as u64;
    report(step, run, &mind, rows).await?;
    run.state = RunState::Succeeded;
    Ok(Ok(Next::Over))
}

/// What is wrong with a suite, in words.
pub fn fault_as_problem(fault: &Fault) -> Problem {
    match fault {
        Fault::Syntax { line, column, what } => {
            let args = [("line", line.to_string()), ("column", column.to_string()), ("what", escape(what))];
            Problem::with("test-no-json", &args)
        }
        Fault::Case { number, what } => {
            Problem::with("test-bad-case", &[("number", number.to_string()), ("what", escape(what))])
        }
        Fault::Empty => Problem::new("test-usage"),
        Fault::TooMany { count } => {
            Problem::with("test-too-many", &[("count", count.to_string()), ("limit", suite::MOST.to_string())])
        }
    }
}

/// One case as it went; a line of the report, whose names are stable.
#[derive(Debug, Serialize)]
struct Row {
    id: String,
    question: String,
    expected: String,
    grader: &'static str,
    answer: String,
    score: f64,
    right: bool,
    /// Why it is wrong: `no_answer`, `nearly`, `other`; none when it is right.
    cause: Option<&'static str>,
    ms: i64,
    model: String,
    release: String,
    /// Why there is no answer; none when there is one.
    error: Option<String>,
}

async fn ask(step: &Step<'_>, run: &Run, mind: &Mind, case: &Case) -> anyhow::Result<Sample> {
    let revision: i64 = run.memory.recall("revision").unwrap_or(0);
    // What answers here knows what its asker, or the group, taught it.
    let own = match run.place.kind {
        ChatKind::Private => Scope::Person(run.person.clone()),
        _ => Scope::Conversation(run.place.conversation()),
    };
    let key = format!("test/{}/{revision}/{own:?}", mind.number());
    let scopes = vec![Scope::Everyone, own];
    let examinee =
        Examinee { bot: step.bot, mind, key, system: String::new(), scopes, lang: run.lang, stop: step.stop };
    examinee.ask(&case.question).await
}

impl Row {
    fn of(case: &Case, sample: Sample, grade: Grade) -> Self {
        let answered = sample.error.is_empty();
        let score = if answered { grade.score } else { 0.0 };
        let right = answered && grade.right;
        let cause = match (right, answered) {
            (true, _) => None,
            (false, false) => Some("no_answer"),
            (false, true) if score >= CLOSE => Some("nearly"),
            (false, true) => Some("other"),
        };
        Self {
            id: case.id.clone(),
            question: case.question.clone(),
            expected: case.grader.expected(),
            grader: case.grader.name(),
            answer: sample.answer,
            score,
            right,
            cause,
            ms: sample.ms,
            model: sample.model,
            release: sample.fingerprint,
            error: (!answered).then_some(sample.error),
        }
    }
}

async fn report(step: &Step<'_>, run: &mut Run, mind: &Mind, rows: Vec<Row>) -> anyhow::Result<()> {
    let right = rows.iter().filter(|row| row.right).count();
    // A pattern or a schema is no answer that could be taught.
    let misses = rows.iter().filter(|row| !row.right && !["regex", "json_schema"].contains(&row.grader)).take(MISSES);
    run.misses = misses.map(|row| (row.question.clone(), row.expected.clone())).collect();
    run.report = in_words(run, mind, &rows, right);
    if rows.iter().any(|row| row.grader == "judge")
        && let Some((told, _)) = judge::told(step.bot, step.stop, run.lang).await?
    {
        run.report.push_str(&format!("\n\n{told}"));
    }
    run.note(now(), format!("{right}/{}", rows.len()));
    let path = format!("reports/{}/test-{}.json", run.person, run.id.as_str().to_lowercase());
    run.file = source::stored(&path);
    let name = domain::release::name_of(mind.number());
    let document = json!({"format": 1, "answered_by": name, "right": right, "total": rows.len(), "cases": rows});
    let vault = step.bot.vault.clone();
    tokio::task::spawn_blocking(move || -> anyhow::Result<()> {
        let mut draft = vault.replace(&path)?;
        serde_json::to_writer_pretty(&mut draft, &document)?;
        draft.write_all(b"\n")?;
        draft.commit()?;
        Ok(())
    })
    .await?
}

fn in_words(run: &Run, mind: &Mind, rows: &[Row], right: usize) -> String {
    let args = [
        ("right", right.to_string()),
        ("total", rows.len().to_string()),
        ("percent", (right * 100 / rows.len().max(1)).to_string()),
        ("model", escape(rows.first().map_or("", |row| row.model.as_str()))),
        ("release", domain::release::name_of(mind.number())),
    ];
    let mut parts = vec![text::say_with(run.lang, "test-done", &args)];
    let causes = [("no_answer", "cause-no-answer"), ("nearly", "cause-nearly"), ("other", "cause-other")];
    let counted = causes.map(|(cause, key)| (rows.iter().filter(|row| row.cause == Some(cause)).count(), key));
    let line = |(count, key): &(usize, &str)| format!("- {}: {count}", text::say(run.lang, key));
    let lines: Vec<String> = counted.iter().filter(|(count, _)| *count > 0).map(line).collect();
    if !lines.is_empty() {
        parts.push(lines.join("\n"));
    }
    parts.extend(rows.iter().filter(|row| !row.right).take(MISSES).map(|row| {
        let args =
            [("question", short(&row.question)), ("expected", short(&row.expected)), ("answer", short(&row.answer))];
        text::say_with(run.lang, "test-miss", &args)
    }));
    if right < rows.len() {
        parts.push(text::say(run.lang, "test-teach"));
    }
    parts.join("\n\n")
}
