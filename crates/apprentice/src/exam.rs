//! `/test`: questions whose answers are known are asked of what answers here, with its lessons and without
//! the conversation; every answer is graded, and what is wrong can be taught.

use crate::answer::Question;
use crate::release;
use crate::teach;
use crate::think;
use crate::turn::Turn;
use domain::ids::MessageId;
use domain::markdown::escape;
use domain::outgoing::{File, Outgoing};
use learning::grade::Grade;
use learning::suite::{self, Case, Fault};
use serde::Serialize;
use serde_json::json;

/// Most cases that one command asks.
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

/// `/test <json>`, or with a file
pub(crate) async fn test(turn: &mut Turn<'_>, argument: &str) -> anyhow::Result<()> {
    let given = match teach::given_text(turn, argument).await? {
        Ok(text) if text.trim().is_empty() => Err(turn.text("test-usage")),
        given => given,
    };
    let cases = match given {
        Ok(text) => suite::read(&text),
        Err(sentence) => {
            turn.reply(sentence);
            return Ok(());
        }
    };
    match cases {
        Ok(cases) if cases.len() > MOST => {
            let args = [("count", cases.len().to_string()), ("limit", MOST.to_string())];
            let text = turn.text_with("test-too-many", &args);
            turn.reply(text);
        }
        Ok(cases) => examine(turn, &cases).await?,
        Err(fault) => {
            let text = explain(turn, &fault);
            turn.reply(text);
        }
    }
    Ok(())
}

fn explain(turn: &Turn<'_>, fault: &Fault) -> String {
    match fault {
        Fault::Syntax { line, column, what } => {
            let args = [("line", line.to_string()), ("column", column.to_string()), ("what", escape(what))];
            turn.text_with("test-no-json", &args)
        }
        Fault::Case { number, what } => {
            turn.text_with("test-bad-case", &[("number", number.to_string()), ("what", escape(what))])
        }
        Fault::Empty => turn.text("test-usage"),
        Fault::TooMany { count } => {
            turn.text_with("test-too-many", &[("count", count.to_string()), ("limit", MOST.to_string())])
        }
    }
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
