//! The child's side: it gives up what it does not need, before it looks at its input.
//!
//! Nothing given up comes back, and each step holds without the others: where the kernel filters no system
//! calls, the limits still do.

use crate::Limits;
use rustix::process::{Resource, Rlimit, setrlimit};
use std::fs::File;
use std::io;
use std::os::fd::AsFd;

/// Files that may be open at once: the three of every process, a copy of the input and some to spare.
const OPEN_FILES: u64 = 16;

/// What keeps the child in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Limits, and a filter of system calls: no file is opened, no socket, no process.
    Whole,
    /// Limits alone: this kernel or processor filters no system calls.
    LimitsAlone,
}

/// A limit could not be set: the child must end without looking at its input.
#[derive(Debug, thiserror::Error)]
#[error("cannot set the limit of {what}: {error}")]
pub struct Unconfined {
    what: &'static str,
    error: io::Error,
}

/// Gives up what work on hostile input does not need; the first call of the child, before it starts a thread.
///
/// It binds every thread of the process, a runtime's too: a child has no runtime, or it dies of its first poll.
///
/// From then on the process has at most `limits.memory` and `limits.cpu`, cannot write to a file nor open
/// one, has no network, starts no process, and leaves no core. `limits.time` and `limits.output` are the
/// parent's to watch.
///
/// # Errors
/// Where a limit could not be set. A kernel without a filter of system calls is no error but
/// [`Kept::LimitsAlone`].
pub fn confine(limits: &Limits) -> Result<Kept, Unconfined> {
    let seconds = limits.cpu.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX).max(1);
    end_with_the_parent();
    set("core dumps", Resource::Core, 0, 0)?;
    set("files written", Resource::Fsize, 0, 0)?;
    set("open files", Resource::Nofile, OPEN_FILES, OPEN_FILES)?;
    // The first signal ends it; the second is for a process that has blocked the first.
    set("processor time", Resource::Cpu, seconds, seconds.saturating_add(1))?;
    set_memory(limits.memory)?;
    Ok(close())
}

/// A parent that is killed leaves nobody who would end the child.
#[cfg(target_os = "linux")]
fn end_with_the_parent() {
    let _ = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL));
}

#[cfg(not(target_os = "linux"))]
fn end_with_the_parent() {}

/// The input, to be read from any place in it.
///
/// # Errors
/// Where the standard input is closed.
pub fn input() -> io::Result<File> {
    Ok(File::from(io::stdin().as_fd().try_clone_to_owned()?))
}

fn set(what: &'static str, resource: Resource, soft: u64, hard: u64) -> Result<(), Unconfined> {
    let limit = Rlimit { current: Some(soft), maximum: Some(hard) };
    setrlimit(resource, limit).map_err(|error| Unconfined { what, error: error.into() })
}

#[cfg(target_os = "linux")]
fn set_memory(bytes: u64) -> Result<(), Unconfined> {
    set("memory", Resource::As, bytes, bytes)
}

/// macOS knows the limit and does not keep it.
#[cfg(not(target_os = "linux"))]
fn set_memory(bytes: u64) -> Result<(), Unconfined> {
    set("memory", Resource::As, bytes, bytes).or(Ok(()))
}

/// No new rights, nobody looks in, and only the system calls that computing needs.
#[cfg(target_os = "linux")]
fn close() -> Kept {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};
    let rights = rustix::thread::set_no_new_privs(true);
    let dumps = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    let kept = rights.is_ok() && dumps.is_ok() && crate::filter::apply().is_ok();
    if kept {
        return Kept::Whole;
    }
    // The filter would have refused a new process; without it, the limit does for anybody but root.
    let _ = set("processes", Resource::Nproc, 0, 0);
    Kept::LimitsAlone
}

#[cfg(not(target_os = "linux"))]
fn close() -> Kept {
    Kept::LimitsAlone
}
