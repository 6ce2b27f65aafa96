//! `/test`: questions whose answers are known are asked of what answers here, with its lessons and without
//! the conversation; every answer is graded, and what is wrong can be taught.

use crate::answer::Question;
use crate::learn::suite::fault_as_problem;
use crate::learn::{run, source};
use crate::release;
use crate::think;
use crate::turn::Turn;
use domain::ids::MessageId;
use domain::markdown::escape;
use domain::outgoing::{File, Outgoing};
use domain::run::Task;
use learning::grade::Grade;
use learning::suite::{self, Case};
use serde::Serialize;
use serde_json::json;

/// Most cases that are asked while the conversation waits.
const MOST: usize = 50;
/// Most misses that are shown in words; the file has them all.
const SHOWN: usize = 5;
/// Longest part of a text that is shown, characters.
const LONGEST: usize = 200;

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
    /// Why there is no answer; none when there is one.
    error: Option<String>,
}

/// `/test <json>`, or with a file. What is long is asked by a run, with a card that shows how far it is.
pub(crate) async fn test(turn: &mut Turn<'_>, argument: &str) -> anyhow::Result<()> {
    if argument.trim().is_empty() {
        return with_file(turn).await;
    }
    match suite::read(argument) {
        Ok(cases) if cases.len() > MOST => {
            let path = source::keep(turn, 0, "test.json", argument.as_bytes().to_vec()).await?;
            run::begin(turn, Task::Test { path })?;
        }
        Ok(cases) => examine(turn, &cases).await?,
        Err(fault) => {
            let problem = fault_as_problem(&fault);
            let text = turn.text_with(problem.key, &problem.args);
            turn.reply(text);
        }
    }
    Ok(())
}

async fn with_file(turn: &mut Turn<'_>) -> anyhow::Result<()> {
    match source::attached(turn).await? {
        Ok(paths) => match paths.into_iter().next() {
            Some(path) => drop(run::begin(turn, Task::Test { path })?),
            None => {
                let text = turn.text("test-usage");
                turn.reply(text);
            }
        },
        Err(sentence) => turn.reply(sentence),
    }
    Ok(())
}

async fn examine(turn: &mut Turn<'_>, cases: &[Case]) -> anyhow::Result<()> {
    // What was said before must not help, and is needed again by nobody in this turn.
    turn.log.clear();
    turn.summary = None;
    let (mut rows, mut answered_by) = (Vec::with_capacity(cases.len()), None);
    for case in cases {
        if turn.stop.is_cancelled() {
            break;
        }
        let row = ask(turn, case, &mut answered_by).await?;
        rows.push(row);
    }
    report(turn, cases.len(), &rows, answered_by);
    Ok(())
}

async fn ask(turn: &Turn<'_>, case: &Case, answered_by: &mut Option<(String, String)>) -> anyhow::Result<Row> {
    let question = Question {
        text: case.question.clone(),
        quoted: String::new(),
        message: MessageId::from("test"),
        replaces: None,
    };
    let (answer, error) = match think::think(&turn.asking(), &question, &mut |_| {}).await? {
        Ok(thought) => {
            *answered_by = Some((thought.model.clone(), release::of(&turn.asking(), &thought).id.to_string()));
            (thought.markdown, None)
        }
        Err(sorry) => (String::new(), Some(turn.text_with(sorry.key, &sorry.args))),
    };
    let Grade { score, right } = match error {
        Some(_) => Grade { score: 0.0, right: false },
        None => case.grader.grade(&answer),
    };
    Ok(Row {
        id: case.id.clone(),
        question: case.question.clone(),
        expected: case.grader.expected(),
        grader: case.grader.name(),
        answer,
        score,
        right,
        error,
    })
}

fn report(turn: &mut Turn<'_>, asked: usize, rows: &[Row], answered_by: Option<(String, String)>) {
    let right = rows.iter().filter(|row| row.right).count();
    let (model, release) = answered_by.unwrap_or_default();
    let args = [
        ("right", right.to_string()),
        ("total", rows.len().to_string()),
        ("percent", (right * 100 / rows.len().max(1)).to_string()),
        ("model", escape(&model)),
        ("release", release.clone()),
    ];
    let mut parts = vec![turn.text_with("test-done", &args)];
    if rows.len() < asked {
        parts.push(turn.text_with("test-stopped", &[("left", (asked - rows.len()).to_string())]));
    }
    parts.extend(rows.iter().filter(|row| !row.right).take(SHOWN).map(|row| miss(turn, row)));
    if right < rows.len() {
        parts.push(turn.text("test-teach"));
    }
    let json = json!({
        "model": model, "release": release, "right": right, "total": rows.len(), "asked": asked, "cases": rows,
    });
    let file = File::text("test-report.json", format!("{json:#}\n"));
    turn.deliver(Outgoing { markdown: parts.join("\n\n"), file: Some(file), ..Outgoing::default() });
}

fn miss(turn: &Turn<'_>, row: &Row) -> String {
    let answer = row.error.as_deref().unwrap_or(&row.answer);
    let args = [("question", short(&row.question)), ("expected", short(&row.expected)), ("answer", short(answer))];
    turn.text_with("test-miss", &args)
}

/// The start of a text on one line, with Markdown's own characters made harmless.
fn short(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let start: String = line.chars().take(LONGEST).collect();
    let dots = if start.len() < line.len() { "…" } else { "" };
    escape(&start) + dots
}
