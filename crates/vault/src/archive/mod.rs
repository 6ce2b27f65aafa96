//! Archives: a directory as one `.tar.zst` file with a manifest, made in steps, checked, and unpacked safely.
//!
//! The tar holds the files as `files/<path>` in the order of [`crate::Walk`], then `manifest.json` as its last entry:
//! hashes are known only after reading, and reading once is twice as fast as reading twice. The manifest has a head, one
//! entry per line (path, size, BLAKE3; or why it was left out) and totals, and is valid JSON.
//!
//! Deterministic: the same names, contents and times of change (whole seconds) with the same [`Options`] give the same
//! bytes, also when the work was stopped and went on, and whatever the number of threads. Owners and modes are not
//! kept. Directories without files are not kept.
//!
//! A file that changes while it is read is kept at the size it had when it was opened, filled with zeros if it shrank,
//! and noted as changed; its hash is that of what the archive holds. One that vanishes or cannot be read is noted.

mod archiver;
mod broken;
mod check;
mod checkpoint;
mod journal;
mod manifest;
mod member;
mod pack;
mod source;
mod unpack;

pub use archiver::{Archive, Archiver, Phase, Progress};
pub use broken::Broken;
pub use check::{Check, Verified, verify};
pub use checkpoint::Checkpoint;
pub use manifest::{About, Line};
pub use unpack::{Limits, Unpacker, unpack};

use serde::{Deserialize, Serialize};

/// The directory inside of the tar.
pub(crate) const FILES: &str = "files/";
/// The last entry of the tar.
pub(crate) const MANIFEST: &str = "manifest.json";
/// Bytes of a tar block.
pub(crate) const BLOCK: usize = 512;
/// Bytes read at once.
pub(crate) const CHUNK: usize = 256 << 10;

/// How an archive is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Options {
    /// Level of zstd, 1 to 19.
    pub level: i32,
    /// Threads that compress, at least 1; the bytes do not depend on it.
    pub threads: u32,
    /// Bytes (before compression) from one point from which a stopped archive goes on to the next.
    pub frame: u64,
    /// What the manifest says about the whole.
    pub about: About,
}

impl Default for Options {
    fn default() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(4);
        Self { level: 3, threads: u32::try_from(threads).unwrap_or(1), frame: 64 << 20, about: About::default() }
    }
}
