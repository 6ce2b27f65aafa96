//! A directory of the data root becomes one checked archive, step by step; `/select_dataset` then learns from it.

use crate::bot::now;
use crate::learn::run::{self, Next, Problem, Step, Stepped};
use crate::learn::source;
use domain::run::{Run, RunState, Task};
use domain::text;
use vault::archive::{self, About, Archive, Archiver, Broken, Checkpoint, Options, Verified};
use vault::{Denied, REPORTS, Vault};

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
    let into = format!(
        "{}/{}-{}.tar.zst",
        place_of(&vault, run, &directory),
        name_of(&directory),
        run.id.as_str().to_lowercase()
    );
    let stepped = tokio::task::spawn_blocking(move || {
        let consent = "given by whoever put the files into the data root".to_owned();
        let about = About { created_at: at, licence: String::new(), consent };
        worked(&vault, memory, &from, &into, Options { about, ..Options::default() })
    })
    .await?;
    let worked = match stepped {
        Ok(worked) => worked,
        Err(broken) => return Ok(Err(Problem::with("archive-broken", &[("why", broken.to_string())]))),
    };
    run.done = (worked.bytes.0, worked.bytes.1.max(1));
    run.memory.keep("archive", worked.checkpoint);
    Ok(Ok(match worked.finished {
        Some(archive) => done(step, run, &archive, directory, select)?,
        None => Next::Step,
    }))
}

/// What a step has done.
struct Worked {
    /// Bytes done, and bytes in all.
    bytes: (u64, u64),
    checkpoint: Option<Checkpoint>,
    finished: Option<Archive>,
}

fn worked(
    vault: &Vault,
    memory: Option<Checkpoint>,
    from: &str,
    into: &str,
    options: Options,
) -> Result<Worked, Broken> {
    let archiver = match memory {
        Some(checkpoint) => Archiver::resume(vault, checkpoint),
        None => Archiver::new(vault, from, into, options),
    };
    let mut archiver = match archiver {
        // Nobody else makes one of this name: the process ended after it was finished and before that was noted.
        Err(Broken::Denied(Denied::Exists { .. })) => return Ok(finished(into, archive::verify(vault, into)?)),
        archiver => archiver?,
    };
    let progress = archiver.step(BYTES)?;
    let checkpoint = archiver.checkpoint()?;
    Ok(Worked { bytes: (progress.bytes_done, progress.bytes_all), checkpoint, finished: progress.finished })
}

/// An archive that an earlier attempt of the same step had finished.
fn finished(path: &str, Verified { files, bytes, left_out, size, blake3, .. }: Verified) -> Worked {
    let archive = Archive { path: path.to_owned(), size, blake3, files, bytes, left_out };
    Worked { bytes: (bytes, bytes), checkpoint: None, finished: Some(archive) }
}

/// Where an archive goes: that of something private lies among what its maker alone may see.
fn place_of(vault: &Vault, run: &Run, directory: &str) -> String {
    match vault.is_private(directory) {
        true => format!("{REPORTS}/{}", run.person),
        false => "archives".to_owned(),
    }
}

fn name_of(directory: &str) -> String {
    let last = directory.rsplit('/').find(|name| !name.is_empty()).unwrap_or("all");
    last.chars().take(40).collect()
}

fn done(
    step: &mut Step<'_>,
    run: &mut Run,
    archive: &Archive,
    directory: String,
    select: Option<bool>,
) -> anyhow::Result<Next> {
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use domain::ids::Millis;

    #[test]
    fn a_step_that_is_repeated_after_it_had_finished_finds_its_archive() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(directory.path().join("folder")).unwrap();
        std::fs::write(directory.path().join("folder/a.txt"), "a").unwrap();
        let vault = Vault::open(directory.path()).unwrap();
        let step = || {
            let about = About { created_at: Millis(1), licence: String::new(), consent: String::new() };
            let options = Options { about, ..Options::default() };
            worked(&vault, None, "folder", "archives/folder.tar.zst", options).unwrap().finished
        };
        let first = step();
        assert!(first.is_some());
        assert_eq!(step(), first);
    }
}
