//! Where a stopped archive goes on.

use super::Options;
use super::broken::Broken;
use super::manifest::Totals;
use super::member::Member;
use crate::denied::Denied;
use crate::draft::{Place, reopen};
use crate::vault::Vault;
use cap_fs_ext::DirExt;
use domain::ids::Millis;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

/// What must be kept so that a stopped archive goes on; a few hundred bytes of JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The directory that is archived, relative to the root.
    pub dir: String,
    /// Where the archive is to appear, relative to the root.
    pub into: String,
    pub(crate) temporary: String,
    pub(crate) options: Options,
    pub(crate) at: Mark,
    pub(crate) part: Option<Part>,
}

/// The end of a frame between two files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mark {
    /// Bytes of the archive, and their BLAKE3.
    pub(crate) archive: u64,
    pub(crate) blake3: String,
    /// What was settled with the last file before it.
    pub(crate) settled: Settled,
}

/// What stands after a file was taken whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Settled {
    /// Its path, relative to the directory that is archived; empty before the first one.
    pub(crate) after: String,
    /// Bytes of the journal.
    pub(crate) journal: u64,
    pub(crate) totals: Totals,
}

/// The end of a frame inside of a file that is larger than a frame; it began right at [`Checkpoint::at`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Part {
    /// Relative to the root.
    pub(crate) path: String,
    pub(crate) size: u64,
    pub(crate) modified: Millis,
    /// How much of it was taken, and its BLAKE3.
    pub(crate) done: u64,
    pub(crate) blake3: String,
    /// Bytes of the archive, and their BLAKE3.
    pub(crate) archive: u64,
    pub(crate) archive_blake3: String,
    pub(crate) journal: u64,
    pub(crate) totals: Totals,
}

/// The name of the journal that belongs to an unfinished archive.
pub(crate) fn journal_name(temporary: &str) -> String {
    format!("{temporary}.lines")
}

impl Checkpoint {
    /// The names that [`Vault::sweep`] must keep for it.
    pub fn temporaries(&self) -> [String; 2] {
        [self.temporary.clone(), journal_name(&self.temporary)]
    }

    /// Removes the unfinished archive, which then cannot go on.
    pub fn discard(&self, vault: &Vault) -> Result<(), Denied> {
        let place = Place::make(vault, &self.into)?;
        for name in self.temporaries() {
            match place.dir.remove_file_or_symlink(&name) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(Denied::from_io(&place.path, &error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The half-taken file, if it still begins with what was taken from it.
    pub(crate) fn member(&self, vault: &Vault) -> Option<Member> {
        let part = self.part.as_ref()?;
        let (mut file, entry) = vault.open_file(&part.path, u64::MAX).ok()?;
        if (entry.size, entry.modified) != (part.size, part.modified) {
            return None;
        }
        let hash = hash_start(&mut file, part.done).ok()?;
        let same = hash.finalize().to_hex().as_str() == part.blake3;
        same.then(|| Member::new(file, entry).resumed(part.done, hash))
    }

    /// The unfinished archive, cut to `len` bytes with the hash `blake3`, ready to be appended to; with its hasher.
    pub(crate) fn archive(&self, place: &Place, len: u64, blake3: &str) -> Result<(File, blake3::Hasher), Broken> {
        let mut file = reopen(&place.dir, &self.temporary).map_err(|_| Broken::Unfinished)?;
        let hash = hash_start(&mut file, len).map_err(|_| Broken::Unfinished)?;
        if hash.finalize().to_hex().as_str() != blake3 {
            return Err(Broken::Unfinished);
        }
        file.set_len(len).map_err(Broken::io(&self.into))?;
        file.seek(SeekFrom::Start(len)).map_err(Broken::io(&self.into))?;
        Ok((file, hash))
    }

    /// The journal, which must have at least `len` bytes.
    pub(crate) fn journal(&self, place: &Place, len: u64) -> Result<File, Broken> {
        let file = reopen(&place.dir, &journal_name(&self.temporary)).map_err(|_| Broken::Unfinished)?;
        let enough = file.metadata().is_ok_and(|meta| meta.len() >= len);
        if enough { Ok(file) } else { Err(Broken::Unfinished) }
    }
}

/// Hashes the first `len` bytes and stands after them; fewer bytes are an error.
fn hash_start(file: &mut File, len: u64) -> io::Result<blake3::Hasher> {
    let mut hash = blake3::Hasher::new();
    let read = io::copy(&mut file.by_ref().take(len), &mut hash)?;
    if read == len { Ok(hash) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}
