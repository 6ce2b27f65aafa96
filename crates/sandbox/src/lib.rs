//! Work on hostile input in a process of its own that can take down only itself.
//!
//! The parent runs a program ([`Workers::run`]) with the input as its standard input, and has what it wrote
//! to its standard output, or a [`Fault`]. The child calls [`confine`] before it looks at a byte of the input:
//! from then on it has a bounded memory and processor time, opens no file, no socket and no process, and can
//! do nothing but compute, read what it was given and write what it found.
//!
//! What always holds: a child never outlives its time or the future that runs it, nothing of the parent's
//! environment reaches it, and whatever becomes of it is a value in the parent.

mod child;
#[cfg(target_os = "linux")]
mod filter;
mod parent;

use std::path::PathBuf;
use std::time::Duration;

pub use child::{Kept, Unconfined, confine, input};
pub use parent::{Fault, Workers, run};

/// What a child may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Address space in bytes, the program itself and what its allocator reserves included: at least 128 MiB.
    pub memory: u64,
    /// Time on the clock, from the start of the process to its end.
    pub time: Duration,
    /// Time of one processor, in whole seconds (rounded up).
    pub cpu: Duration,
    /// Bytes written to the standard output.
    pub output: u64,
}

impl Default for Limits {
    /// One picture or document: 1 GiB, 20 seconds, 64 MiB of output.
    fn default() -> Self {
        Limits { memory: 1 << 30, time: Duration::from_secs(20), cpu: Duration::from_secs(20), output: 64 << 20 }
    }
}

impl Limits {
    /// The limits as one argument of a command line, for the child to read with [`Limits::from_argument`].
    #[must_use]
    pub fn to_argument(&self) -> String {
        format!("{},{},{},{}", self.memory, self.time.as_millis(), self.cpu.as_millis(), self.output)
    }

    /// Reads what [`Limits::to_argument`] wrote; none where it is not that.
    #[must_use]
    pub fn from_argument(argument: &str) -> Option<Limits> {
        let mut numbers = argument.split(',').map(|number| number.parse::<u64>().ok());
        let mut next = || numbers.next().flatten();
        let limits = Limits {
            memory: next()?,
            time: Duration::from_millis(next()?),
            cpu: Duration::from_millis(next()?),
            output: next()?,
        };
        numbers.next().is_none().then_some(limits)
    }
}

/// The path of the running program, good also after its file was replaced by a newer one.
///
/// # Errors
/// Where the system does not tell.
pub fn this_program() -> std::io::Result<PathBuf> {
    if cfg!(target_os = "linux") { Ok(PathBuf::from("/proc/self/exe")) } else { std::env::current_exe() }
}
