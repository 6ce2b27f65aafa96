//! One file on its way into an archive: exactly as many bytes as it had when it was opened, whatever happens to it.

use super::CHUNK;
use crate::vault::{Entry, millis};
use domain::ids::Millis;
use std::fs::File;
use std::io::Read;

#[derive(Debug)]
pub(crate) struct Member {
    file: File,
    /// What it was when it was opened.
    pub(crate) entry: Entry,
    /// Bytes taken so far.
    pub(crate) done: u64,
    pub(crate) hash: blake3::Hasher,
    /// Whether it was seen to change.
    pub(crate) changed: bool,
    /// Whether the file has ended before its size, or cannot be read.
    dry: bool,
}

impl Member {
    pub(crate) fn new(file: File, entry: Entry) -> Self {
        Self { file, entry, done: 0, hash: blake3::Hasher::new(), changed: false, dry: false }
    }

    /// Goes on after `done` bytes, which were hashed into `hash` and after which the file stands.
    pub(crate) fn resumed(self, done: u64, hash: blake3::Hasher) -> Self {
        Self { done, hash, ..self }
    }

    /// Whether all of it was taken.
    pub(crate) const fn is_done(&self) -> bool {
        self.done >= self.entry.size
    }

    /// Fills `buffer` with the next bytes, at most [`CHUNK`]; zeros for what is not there any more.
    pub(crate) fn take(&mut self, buffer: &mut Vec<u8>) {
        let left = self.entry.size.saturating_sub(self.done);
        let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(CHUNK);
        buffer.resize(wanted, 0);
        let read = if self.dry { 0 } else { read_full(&mut self.file, buffer) };
        if read < wanted {
            self.dry = true;
            self.changed = true;
            buffer.iter_mut().skip(read).for_each(|byte| *byte = 0);
        }
        self.hash.update(buffer);
        self.done += wanted as u64;
    }

    /// Looks at the file once more when all of it was taken.
    pub(crate) fn finish(&mut self) {
        let same = self.file.metadata().is_ok_and(|meta| {
            let modified = meta.modified().map_or(Millis(0), millis);
            meta.len() == self.entry.size && modified == self.entry.modified
        });
        self.changed |= !same;
    }
}

/// Reads until the buffer is full, the file ends or reading fails; returns how many bytes were read.
fn read_full(file: &mut File, buffer: &mut [u8]) -> usize {
    let mut read = 0;
    while let Some(rest) = buffer.get_mut(read..).filter(|rest| !rest.is_empty()) {
        match file.read(rest) {
            Ok(0) => break,
            Ok(more) => read += more,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => break,
        }
    }
    read
}
