//! How a run is shown: one message that is edited as it goes on, with a bar, a loss curve and buttons.

use crate::bot::Bot;
use domain::ids::Millis;
use domain::markdown::escape;
use domain::outgoing::{Button, File, Outgoing, Press};
use domain::person::Lang;
use domain::run::{Loss, Run, RunState};
use domain::text;
use learning::plot::{self, BarsWords, CurveWords, Share};

/// Cells of a bar, and points of a curve that is drawn with letters.
const CELLS: usize = 16;
/// Characters of a question on a button.
const QUESTION: usize = 40;

/// The card of a run.
pub fn of(run: &Run) -> Outgoing {
    let lang = run.lang;
    let mut parts = vec![head(run)];
    if matches!(run.state, RunState::Running | RunState::Validating | RunState::Queued) && run.done.1 > 0 {
        parts.push(bar(run.done));
    }
    if !run.losses.is_empty() {
        parts.push(curve(&run.losses));
    }
    if !run.report.is_empty() {
        parts.push(run.report.clone());
    }
    if !run.problem.is_empty() {
        parts.push(text::say_with(lang, "run-problem", &[("problem", run.problem.clone())]));
    }
    Outgoing { markdown: parts.join("\n\n"), buttons: buttons(run), card: Some(run.card()), ..Outgoing::default() }
}

/// The card with the pictures and files that the run has left.
pub fn with_picture(bot: &Bot, run: &Run) -> Outgoing {
    let mut outgoing = of(run);
    if run.losses.len() > 1 {
        outgoing.picture = picture(bot, run);
    }
    if !run.shares.is_empty() {
        outgoing.picture = bars(bot, run);
    }
    if run.state.is_over() && !run.file.is_empty() {
        let name = run.file.rsplit('/').next().unwrap_or(&run.file);
        outgoing.file = Some(File::stored(name, "application/octet-stream", run.file.clone()));
    }
    outgoing
}

/// The loss curve, drawn anew.
fn picture(bot: &Bot, run: &Run) -> Option<File> {
    let train: Vec<(u64, f32)> = run.losses.iter().map(|loss| (loss.step, loss.train)).collect();
    let valid: Vec<(u64, f32)> = run.losses.iter().filter_map(|loss| Some((loss.step, loss.valid?))).collect();
    let say = |key: &str| text::say(run.lang, key);
    let (title, step) = (say("plot-loss"), say("plot-step"));
    let (learned, held, nothing) = (say("plot-train"), say("plot-valid"), say("plot-nothing"));
    let words = CurveWords { title: &title, train: &learned, valid: &held, step: &step, nothing: &nothing };
    let png = plot::curve(&train, &valid, &words)?;
    keep(bot, format!("cards/{}-{}.png", run.id, run.losses.len()), &png)
}

/// What share was right before and after, by suite.
fn bars(bot: &Bot, run: &Run) -> Option<File> {
    let share = |right: u64, all: u64| Share::counted(right, all);
    let rows: Vec<plot::Row<'_>> = run
        .shares
        .iter()
        .map(|(name, all, old, new)| plot::Row {
            label: name,
            incumbent: share(*old, *all),
            candidate: share(*new, *all),
        })
        .collect();
    let say = |key: &str| text::say(run.lang, key);
    let (title, incumbent, candidate) = (say("plot-right"), say("plot-incumbent"), say("plot-candidate"));
    let words = BarsWords { title: &title, incumbent: &incumbent, candidate: &candidate };
    keep(bot, format!("cards/{}-bars.png", run.id), &plot::bars(&rows, &words)?)
}

/// Stores a picture below the data directory; a run without one is better than none at all.
fn keep(bot: &Bot, path: String, png: &[u8]) -> Option<File> {
    match crate::stored::keep(bot, &path, png) {
        Ok(()) => Some(File::stored("picture.png", "image/png", path)),
        Err(error) => {
            tracing::warn!(%error, "a picture could not be stored");
            None
        }
    }
}

fn head(run: &Run) -> String {
    let args = [
        ("task", text::say(run.lang, &format!("run-{}", run.task.name()))),
        ("id", run.short().to_owned()),
        ("state", state(run)),
    ];
    text::say_with(run.lang, "run-head", &args)
}

fn state(run: &Run) -> String {
    text::say(run.lang, &format!("run-{}", run.state.name()))
}

fn bar((done, all): (u64, u64)) -> String {
    let share = done as f64 / all.max(1) as f64;
    let full = ((share * CELLS as f64) as usize).min(CELLS);
    let percent = (share * 100.0).min(100.0) as u64;
    format!("`{}{}` {percent} % ({done}/{all})", "█".repeat(full), "░".repeat(CELLS - full))
}

/// The loss so far, drawn with letters: what a picture shows where there is none yet.
fn curve(losses: &[Loss]) -> String {
    const STEPS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let values: Vec<f32> = losses.iter().map(|loss| loss.train).filter(|loss| loss.is_finite()).collect();
    let (low, high) = values.iter().fold((f32::MAX, f32::MIN), |(low, high), v| (low.min(*v), high.max(*v)));
    let stride = values.len().div_ceil(CELLS).max(1);
    let cell = |value: &f32| {
        let part = if high > low { (value - low) / (high - low) } else { 0.0 };
        STEPS.get((part * 7.0).round() as usize).copied().unwrap_or('▁')
    };
    let drawn: String = values.iter().step_by(stride).map(cell).collect();
    let last = values.last().copied().unwrap_or_default();
    format!("`{drawn}` {last:.3}")
}

fn buttons(run: &Run) -> Vec<Vec<Button>> {
    let id = run.short();
    let say =
        |key: &str, command: String| Button { label: text::say(run.lang, key), data: Press::Say(command).encode() };
    if run.state.is_over() {
        let button = |(label, command): &(String, String)| {
            vec![Button { label: label.clone(), data: Press::Say(command.clone()).encode() }]
        };
        return run.offers.iter().map(button).chain(teachable(run)).collect();
    }
    let mut rows = Vec::new();
    if run.state == RunState::Waiting {
        rows.push(run.ways.iter().map(|way| say(&format!("run-way-{way}"), format!("/job {id} go {way}"))).collect());
        // What is chosen among, by name, where it is no plain yes.
        let choice = |(label, way): &(String, String)| {
            vec![Button { label: label.clone(), data: Press::Say(format!("/job {id} go {way}")).encode() }]
        };
        rows.extend(run.choices.iter().map(choice));
        rows.retain(|row: &Vec<Button>| !row.is_empty());
    }
    rows.push(vec![say("run-cancel", format!("/job {id} cancel"))]);
    rows
}

/// What was answered wrongly, each with its right answer a tap away.
fn teachable(run: &Run) -> Vec<Vec<Button>> {
    let button = |(at, (question, _)): (usize, &(String, String))| {
        let question: String = question.chars().take(QUESTION).collect();
        let label = text::say_with(run.lang, "button-teach-miss", &[("question", question)]);
        vec![Button { label, data: Press::Say(format!("/job {} teach {}", run.short(), at + 1)).encode() }]
    };
    run.misses.iter().enumerate().map(button).collect()
}

/// A run in a list.
pub fn line(lang: Lang, run: &Run) -> String {
    let args = [
        ("task", text::say(lang, &format!("run-{}", run.task.name()))),
        ("id", run.short().to_owned()),
        ("state", text::say(lang, &format!("run-{}", run.state.name()))),
        ("problem", escape(&run.problem)),
    ];
    text::say_with(lang, "job-line", &args)
}

/// A note with its time of day, UTC.
pub fn dated(at: Millis, words: &str) -> String {
    let moment = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default();
    format!("`{}` {}", moment.strftime("%H:%M:%S"), escape(words))
}
