//! The parent's side: starts the child, reads what it writes within the limits, and tells how it ended.
//!
//! Whatever becomes of the future, the child's whole process group is killed and its end is collected.

use crate::Limits;
use rustix::process::{Pid, Signal, kill_process_group};
use std::fs::File;
use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};
use tokio::sync::Semaphore;

/// How much is kept of what the child says on its standard error: the last of it, in bytes.
const LAST_WORDS: usize = 4096;

/// What the standard library says before it aborts a process whose allocator has nothing left.
const NO_MEMORY: &str = "memory allocation of ";

/// All of the child's environment. mimalloc takes 1 GiB of addresses at its start, before the child can limit
/// itself: then the limit would be too small for anything else, and too large for what fits into that. This
/// tells it to take what is needed when it is; other allocators do not read it.
const ALLOCATOR: (&str, &str) = ("MIMALLOC_ARENA_RESERVE", "0");

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// It needed more memory than it may have, or the machine had none left.
    #[error("out of memory")]
    Memory,
    /// It worked for longer than it may, by the clock or by the processor.
    #[error("out of time")]
    Time,
    /// It ended with a code other than 0 or by a signal.
    #[error("ended with {}: {stderr}", ending(*.code, *.signal))]
    Crashed {
        /// The exit code, where it had one.
        code: Option<i32>,
        /// The signal that ended it, where one did.
        signal: Option<i32>,
        /// The last of its standard error, at most 4 KiB: for the log, never for people.
        stderr: String,
    },
    /// It wrote more than it may.
    #[error("wrote more than it may")]
    TooMuchOutput,
    /// It could not be started, or not be read from.
    #[error("cannot run: {0}")]
    Io(#[from] io::Error),
}

/// Runs children of one program, so many at once; the rest wait for their turn.
#[derive(Debug)]
pub struct Workers {
    program: PathBuf,
    places: Semaphore,
}

impl Workers {
    /// Workers that run this program, at most `at_once` of them.
    #[must_use]
    pub fn new(program: PathBuf, at_once: NonZeroUsize) -> Workers {
        Workers { program, places: Semaphore::new(at_once.get()) }
    }

    /// Runs the program as [`run`] does, when there is a place; the wait for it is not of the child's time.
    ///
    /// # Errors
    /// As those of [`run`].
    pub async fn run(&self, args: &[&str], input: File, limits: &Limits) -> Result<Vec<u8>, Fault> {
        let _place = self.places.acquire().await.map_err(io::Error::other)?;
        run(&self.program, args, input, limits).await
    }
}

/// Runs a program with `input` as its standard input, and returns what it wrote to its standard output.
///
/// The child has none of this process's environment, works in `/`, and is killed with its process group when its time is over or
/// this future is dropped. What it may use is for itself to give up: by [`confine`](crate::confine).
///
/// # Errors
/// See [`Fault`]; a child that ends with another code than 0 has no result.
pub async fn run(program: &Path, args: &[&str], input: File, limits: &Limits) -> Result<Vec<u8>, Fault> {
    let mut running = Running::start(program, args, input)?;
    match tokio::time::timeout(limits.time, running.finish(limits.output)).await {
        Ok(result) => result,
        Err(_) => Err(Fault::Time),
    }
}

/// A child that is killed when it is dropped.
struct Running {
    child: Child,
}

impl Running {
    fn start(program: &Path, args: &[&str], input: File) -> io::Result<Running> {
        let child = Command::new(program)
            .args(args)
            .env_clear()
            .env(ALLOCATOR.0, ALLOCATOR.1)
            .current_dir("/")
            .stdin(Stdio::from(input))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        Ok(Running { child })
    }

    /// Reads all that it writes, at most `most` bytes, and waits for its end.
    async fn finish(&mut self, most: u64) -> Result<Vec<u8>, Fault> {
        let stdout = self.child.stdout.take().ok_or_else(|| io::Error::other("no standard output"))?;
        let stderr = self.child.stderr.take().ok_or_else(|| io::Error::other("no standard error"))?;
        // A child that writes too much ends the wait for its standard error too.
        let (output, said) = tokio::try_join!(read_within(stdout, most), last_words(stderr))?;
        match fault(self.child.wait().await?, &said) {
            None => Ok(output),
            Some(fault) => Err(fault),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // None once its end is collected: then its number may be another's.
        let leader = self.child.id().and_then(|id| Pid::from_raw(id.try_into().ok()?));
        if let Some(leader) = leader {
            let _ = kill_process_group(leader, Signal::KILL);
        }
    }
}

async fn read_within(from: impl AsyncRead + Unpin, most: u64) -> Result<Vec<u8>, Fault> {
    let mut output = Vec::new();
    from.take(most.saturating_add(1)).read_to_end(&mut output).await?;
    if u64::try_from(output.len()).is_ok_and(|length| length <= most) { Ok(output) } else { Err(Fault::TooMuchOutput) }
}

/// The last of what the child says, read to its end for the child not to wait for a reader.
async fn last_words(mut from: impl AsyncRead + Unpin) -> Result<String, Fault> {
    let mut kept = Vec::new();
    let mut piece = [0; LAST_WORDS];
    loop {
        let length = from.read(&mut piece).await?;
        if length == 0 {
            return Ok(String::from_utf8_lossy(&kept).into_owned());
        }
        kept.extend_from_slice(piece.get(..length).unwrap_or_default());
        kept.drain(..kept.len().saturating_sub(LAST_WORDS));
    }
}

/// What an end means; none where it is a good one.
fn fault(status: ExitStatus, said: &str) -> Option<Fault> {
    use std::os::unix::process::ExitStatusExt;
    if status.success() {
        return None;
    }
    let signal = status.signal();
    let is = |known: Signal| signal == Some(known.as_raw());
    Some(if is(Signal::XCPU) {
        Fault::Time
    } else if is(Signal::ABORT) && said.contains(NO_MEMORY) || is(Signal::KILL) {
        // Nobody here has killed it yet: a kernel that has no memory left does.
        Fault::Memory
    } else {
        Fault::Crashed { code: status.code(), signal, stderr: said.trim().to_owned() }
    })
}

fn ending(code: Option<i32>, signal: Option<i32>) -> String {
    match (code, signal) {
        (Some(code), _) => format!("code {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "no code".to_owned(),
    }
}
