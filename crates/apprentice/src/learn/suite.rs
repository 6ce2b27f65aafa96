//! A large test: every case of a file is asked of what answers now, a few in each step; the answers are kept, so that a
//! restart asks nothing twice.

use crate::bot::now;
use crate::knowledge::Mind;
use crate::learn::ask::Examinee;
use crate::learn::report::short;
use crate::learn::run::{Next, Problem, Step, Stepped};
use crate::learn::source;
use domain::exchange::Scope;
use domain::markdown::escape;
use domain::run::{Run, RunState};
use domain::text;
use learning::suite::{self, Case, Fault};
use serde_json::{Value, json};
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
        run.memory["revision"] = step.bot.knowledge.revision().into();
    }
    run.state = RunState::Running;
    run.done.1 = cases.len() as u64;
    let mind = step.bot.knowledge.mind(&run.place.conversation());
    let from = Instant::now();
    let mut rows = Vec::with_capacity(cases.len());
    for case in &cases {
        if step.stop.is_cancelled() || from.elapsed() > STEP {
            run.done.0 = rows.len() as u64;
            return Ok(Ok(Next::Step));
        }
        rows.push(ask(step, run, &mind, case).await?);
    }
    run.done.0 = rows.len() as u64;
    report(step, run, &mind, &rows).await?;
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

async fn ask(step: &Step<'_>, run: &Run, mind: &Mind, case: &Case) -> anyhow::Result<Value> {
    let chain = step.bot.settings.current().model.chain.join(",");
    let key = format!("test/{}/{chain}/{}", mind.number(), run.memory["revision"]);
    let scopes = vec![Scope::Everyone];
    let examinee =
        Examinee { bot: step.bot, mind, key, system: String::new(), scopes, lang: run.lang, stop: step.stop };
    let sample = examinee.ask(&case.question).await?;
    let grade = case.grader.grade(&sample.answer);
    let right = sample.error.is_empty() && grade.right;
    let score = if sample.error.is_empty() { grade.score } else { 0.0 };
    let cause = match (right, sample.error.is_empty()) {
        (true, _) => Value::Null,
        (false, false) => json!("no_answer"),
        (false, true) if score >= CLOSE => json!("nearly"),
        (false, true) => json!("other"),
    };
    Ok(json!({
        "id": case.id, "question": case.question, "expected": case.grader.expected(), "grader": case.grader.name(),
        "answer": sample.answer, "score": score, "right": right, "cause": cause, "ms": sample.ms,
        "model": sample.model, "release": sample.fingerprint,
        "error": (!sample.error.is_empty()).then_some(sample.error),
    }))
}

async fn report(step: &Step<'_>, run: &mut Run, mind: &Mind, rows: &[Value]) -> anyhow::Result<()> {
    let right = rows.iter().filter(|row| row["right"] == true).count();
    let document = json!({
        "format": 1, "answered_by": domain::release::name_of(mind.number()), "right": right, "total": rows.len(), "cases": rows,
    });
    let path = format!("reports/{}/test-{}.json", run.person, run.id.as_str().to_lowercase());
    let (vault, into) = (step.bot.vault.clone(), path.clone());
    tokio::task::spawn_blocking(move || -> anyhow::Result<()> {
        let mut draft = vault.replace(&into)?;
        serde_json::to_writer_pretty(&mut draft, &document)?;
        draft.write_all(b"\n")?;
        draft.commit()?;
        Ok(())
    })
    .await??;
    run.memory["file"] = source::stored(&path).into();
    run.memory["report"] = in_words(run, mind, rows, right).into();
    let misses = rows.iter().filter(|row| row["right"] == false).take(MISSES);
    run.memory["misses"] = json!(misses.map(|row| json!([row["question"], row["expected"]])).collect::<Vec<_>>());
    run.note(now(), format!("{right}/{}", rows.len()));
    Ok(())
}

fn in_words(run: &Run, mind: &Mind, rows: &[Value], right: usize) -> String {
    let text_of = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    let args = [
        ("right", right.to_string()),
        ("total", rows.len().to_string()),
        ("percent", (right * 100 / rows.len().max(1)).to_string()),
        ("model", escape(&rows.first().map(|row| text_of(row, "model")).unwrap_or_default())),
        ("release", domain::release::name_of(mind.number())),
    ];
    let mut parts = vec![text::say_with(run.lang, "test-done", &args)];
    let causes = ["no_answer", "nearly", "other"].map(|cause| {
        let count = rows.iter().filter(|row| row["cause"] == cause).count();
        (count > 0)
            .then(|| format!("- {}: {count}", text::say(run.lang, &format!("cause-{}", cause.replace('_', "-")))))
    });
    let causes: Vec<String> = causes.into_iter().flatten().collect();
    if !causes.is_empty() {
        parts.push(causes.join("\n"));
    }
    parts.extend(rows.iter().filter(|row| row["right"] == false).take(MISSES).map(|row| {
        let args = [
            ("question", short(&text_of(row, "question"))),
            ("expected", short(&text_of(row, "expected"))),
            ("answer", short(&text_of(row, "answer"))),
        ];
        text::say_with(run.lang, "test-miss", &args)
    }));
    parts.join("\n\n")
}
