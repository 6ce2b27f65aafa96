//! Work on files of strangers in a process of its own: the program runs itself once more, confined, with the file as
//! its standard input. `apprentice inside document …` and `apprentice inside picture …` are not for people.

use crate::bot::Bot;
use crate::settings::Reading;
use sandbox::{Fault, Kept, Limits, Workers};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The word by which the program knows that it is such a process.
pub const WORD: &str = "inside";
/// Bytes of what was read that come back.
const OUTPUT: u64 = 96 << 20;
/// The first byte of what comes back, where the process was confined wholly.
const KEPT_WHOLE: u8 = b'w';
/// The first byte of what comes back, where only its limits confined it.
const KEPT_BY_LIMITS: u8 = b'l';
/// Whether it was said already that such processes are kept in by their limits alone.
static WARNED: AtomicBool = AtomicBool::new(false);
/// Such processes at once.
const AT_ONCE: NonZeroUsize = match NonZeroUsize::new(2) {
    Some(two) => two,
    None => NonZeroUsize::MIN,
};

/// What such a process is asked.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Order {
    /// The text of a document.
    Document {
        /// Its name, as given.
        name: String,
        /// Its media type, as claimed.
        mime: String,
        /// Its bounds.
        limits: documents::Limits,
    },
    /// A picture as a model sees it.
    Picture {
        /// Longest side of what comes out, pixels.
        longest_side: u32,
        /// Whether it must be a PNG.
        png: bool,
    },
    /// How far it is shut in.
    Confinement,
}

/// What became of a picture; its bytes follow.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Looked {
    /// It is prepared.
    Prepared {
        /// Media type.
        mime: String,
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
    },
    /// A program of this machine may be able to read it.
    NeedsProgram,
    /// It is too large.
    TooLarge,
    /// It is none, or damaged, or of a kind that is not read.
    Unreadable {
        /// Why, for the log.
        detail: String,
    },
}

/// Those processes.
pub fn workers() -> std::io::Result<Workers> {
    Ok(Workers::new(sandbox::this_program()?, AT_ONCE))
}

fn limits(reading: &Reading) -> Limits {
    let cpu = Duration::from_secs(u64::from(reading.seconds));
    // On a busy machine a process gets less than the time on the clock.
    Limits { memory: u64::from(reading.memory_mb) << 20, time: cpu * 4, cpu, output: OUTPUT }
}

/// What such a process made of a file.
pub async fn ask(bot: &Bot, order: &Order, input: File) -> Result<Vec<u8>, Fault> {
    let limits = limits(&bot.settings.current().reading);
    let order = serde_json::to_string(order).map_err(|error| Fault::Io(std::io::Error::other(error)))?;
    let mut said = bot.workers.run(&[WORD, &limits.to_argument(), &order], input, &limits).await?;
    let whole = said.first() == Some(&KEPT_WHOLE);
    if !whole && !WARNED.swap(true, Ordering::Relaxed) {
        tracing::warn!("this system does not filter system calls: what reads files is kept in by its limits alone");
    }
    said.drain(..said.len().min(1));
    Ok(said)
}

/// Starts such a process and has it tell how far it is shut in.
pub async fn confinement(reading: &Reading) -> Result<Kept, String> {
    let limits = limits(reading);
    let order = serde_json::to_string(&Order::Confinement).map_err(|error| error.to_string())?;
    let ask = async {
        let (program, empty) = (sandbox::this_program()?, tempfile::tempfile()?);
        sandbox::run(&program, &[WORD, &limits.to_argument(), &order], empty, &limits).await
    };
    let told = ask.await.map_err(|fault: Fault| fault.to_string())?;
    match told.as_slice() {
        [KEPT_WHOLE] => Ok(Kept::Whole),
        [KEPT_BY_LIMITS] => Ok(Kept::LimitsAlone),
        _ => Err("it says something else".to_owned()),
    }
}

/// Such a process, when the arguments say so; none when this is the program for people.
pub fn run(mut arguments: impl Iterator<Item = String>) -> Option<ExitCode> {
    let _program = arguments.next();
    if arguments.next()? != WORD {
        return None;
    }
    let done = arguments.next().zip(arguments.next()).is_some_and(|(limits, order)| work(&limits, &order).is_ok());
    Some(if done { ExitCode::SUCCESS } else { ExitCode::from(3) })
}

fn work(limits: &str, order: &str) -> anyhow::Result<()> {
    let order: Order = serde_json::from_str(order)?;
    let limits = Limits::from_argument(limits).ok_or_else(|| anyhow::anyhow!("no limits"))?;
    let kept = sandbox::confine(&limits).map_err(|error| anyhow::anyhow!("{error:?}"))?;
    let mut bytes = Vec::new();
    sandbox::input()?.read_to_end(&mut bytes)?;
    let mut out = std::io::stdout().lock();
    out.write_all(&[if kept == Kept::Whole { KEPT_WHOLE } else { KEPT_BY_LIMITS }])?;
    match order {
        Order::Confinement => {}
        Order::Document { name, mime, limits } => {
            serde_json::to_writer(&mut out, &documents::read(&bytes, &name, &mime, &limits))?;
        }
        Order::Picture { longest_side, png } => {
            let (looked, picture) = look(&bytes, longest_side, png);
            serde_json::to_writer(&mut out, &looked)?;
            out.write_all(b"\n")?;
            out.write_all(&picture)?;
        }
    }
    out.flush()?;
    Ok(())
}

fn look(bytes: &[u8], longest_side: u32, png: bool) -> (Looked, Vec<u8>) {
    let limits = pictures::Limits { longest_side, ..pictures::Limits::default() };
    let made = if png { pictures::as_png(bytes, &limits) } else { pictures::prepare(bytes, &limits) };
    match made {
        Ok(made) => {
            let looked = Looked::Prepared { mime: made.mime.to_owned(), width: made.width, height: made.height };
            (looked, made.bytes)
        }
        Err(pictures::Problem::NeedsProgram { .. }) => (Looked::NeedsProgram, Vec::new()),
        Err(pictures::Problem::TooManyPixels { .. } | pictures::Problem::TooManyBytes { .. }) => {
            (Looked::TooLarge, Vec::new())
        }
        Err(problem) => (Looked::Unreadable { detail: problem.to_string() }, Vec::new()),
    }
}
