//! `/test`: questions whose answers are known are asked of what answers here. Every test is a run: its card says how far it
//! is, what was wrong and why, and teaches it with a tap. What is typed is read first, so that a fault is told at once.

use crate::learn::suite::fault_as_problem;
use crate::learn::{run, source};
use crate::turn::Turn;
use domain::run::Task;
use learning::suite;

/// `/test <json>`, or with a file.
pub(crate) async fn test(turn: &mut Turn<'_>, argument: &str) -> anyhow::Result<()> {
    if argument.trim().is_empty() {
        return with_file(turn).await;
    }
    match suite::read(argument) {
        Ok(_) => {
            let path = source::keep(turn, 0, "test.json", argument.as_bytes().to_vec()).await?;
            run::begin(turn, Task::Test { path })?;
        }
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
