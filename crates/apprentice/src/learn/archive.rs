//! A directory of the data root becomes one checked archive, step by step; `/select_dataset` then learns from it.

use crate::bot::now;
use crate::learn::run::{self, Next, Problem, Step, Stepped};
use crate::learn::source;
use domain::run::{Run, RunState, Task};
use domain::text;
use vault::archive::{About, Archiver, Broken, Checkpoint, Options, Progress};

/// Bytes that one step takes.
const BYTES: u64 = 256 << 20;

/// What the run remembers: where a stopped archive goes on.
type Memory = Option<Checkpoint>;

/// The next step of an archive.
pub async fn step(step: &mut Step<'_>, run: &mut Run) -> Stepped {
    let Task::Archive { directory, select } = run.task.clone() else { return Ok(Ok(Next::Over)) };
    let memory: Memory = run.memory.recall("archive").unwrap_or_default();
    run.state = RunState::Running;
    let (vault, at, from) = (step.bot.vault.clone(), now(), directory.clone());
    let into = format!("archives/{}-{}.tar.zst", name_of(&directory), run.id.as_str().to_lowercase());
    let stepped = tokio::task::spawn_blocking(move || {
        let consent = "given by whoever put the files into the data root".to_owned();
        let about = About { created_at: at, licence: String::new(), consent };
        let mut archiver = match memory {
            Some(checkpoint) => Archiver::resume(&vault, checkpoint)?,
            None => Archiver::new(&vault, &from, &into, Options { about, ..Options::default() })?,
        };
        let progress = archiver.step(BYTES)?;
        Ok::<_, Broken>((progress, archiver.checkpoint()?))
    })
    .await?;
    let (progress, checkpoint) = match stepped {
        Ok(stepped) => stepped,
        Err(broken) => return Ok(Err(Problem::with("archive-broken", &[("why", broken.to_string())]))),
    };
    run.done = (progress.bytes_done, progress.bytes_all.max(1));
    run.memory.keep("archive", checkpoint);
    Ok(Ok(if progress.finished.is_some() { done(step, run, &progress, directory, select)? } else { Next::Step }))
}

fn name_of(directory: &str) -> String {
    let last = directory.rsplit('/').find(|name| !name.is_empty()).unwrap_or("all");
    last.chars().take(40).collect()
}

fn done(
    step: &mut Step<'_>,
    run: &mut Run,
    progress: &Progress,
    directory: String,
    select: Option<bool>,
) -> anyhow::Result<Next> {
    let Some(archive) = &progress.finished else { return Ok(Next::Step) };
    let args = [
        ("path", archive.path.clone()),
        ("files", archive.files.to_string()),
        ("size", source::size(archive.size)),
        ("left", archive.left_out.to_string()),
        ("hash", archive.blake3.chars().take(16).collect()),
    ];
    run.report = text::say_with(run.lang, "archive-done", &args);
    let get = text::say(run.lang, "button-get-file");
    // A button carries few bytes: what has a long name is asked for by typing it.
    let command = format!("/getfile {}", archive.path);
    if command.len() <= 60 {
        run.offers = vec![(get, command)];
    }
    run.note(now(), text::say_with(run.lang, "archive-done", &args));
    run.state = RunState::Succeeded;
    if let Some(positive) = select {
        run::follow(step, run, Task::Import { paths: vec![directory], positive, train: true })?;
    }
    Ok(Next::Over)
}

/// Throws away what was written so far.
pub async fn cancel(step: &mut Step<'_>, run: &mut Run) -> anyhow::Result<()> {
    let memory: Memory = run.memory.recall("archive").unwrap_or_default();
    let vault = step.bot.vault.clone();
    if let Some(checkpoint) = memory {
        tokio::task::spawn_blocking(move || checkpoint.discard(&vault)).await??;
    }
    Ok(())
}
