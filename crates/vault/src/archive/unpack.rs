//! Unpacks an archive into a new directory, which appears only when every hash was right.
//!
//! The files are not made durable one by one: after a power cut a directory that has just appeared is unpacked anew.

use super::broken::Broken;
use super::check::{Check, Verified};
use crate::denied::Denied;
use crate::draft::{Place, make_dir, make_file, temporary_name};
use crate::typed::join;
use crate::vault::{Vault, enter};
use cap_std::fs::Dir;
use std::fs::File;
use std::io::Write;
use std::time::{Duration, UNIX_EPOCH};

/// How much may come out of an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes, headers and manifest included.
    pub bytes: u64,
    /// Files.
    pub files: u64,
    /// How many times its compressed size, from the first 16 MiB on.
    pub ratio: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 64 << 30, files: crate::walk::MAX_ENTRIES, ratio: 1000 }
    }
}

/// Where files go: below a directory of its own.
#[derive(Debug)]
pub(crate) struct Sink {
    dir: Dir,
    file: Option<(File, u64)>,
}

impl Sink {
    /// Begins the file `path`, whose names were checked; it must be new.
    pub(crate) fn begin(&mut self, path: &str, seconds: u64) -> Result<(), Broken> {
        let failed = Broken::io(path);
        let (parents, name) = path.rsplit_once('/').unwrap_or(("", path));
        let (mut dir, mut at) = (self.dir.try_clone().map_err(&failed)?, String::new());
        for parent in parents.split('/').filter(|parent| !parent.is_empty()) {
            make_dir(&dir, parent).map_err(&failed)?;
            (dir, at) = enter(&dir, &at, parent)?;
        }
        let file = make_file(&dir, name).map_err(Broken::io(&join(&at, name)))?;
        self.file = Some((file, seconds));
        Ok(())
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), Broken> {
        let Some((file, _)) = &mut self.file else { return Ok(()) };
        file.write_all(bytes).map_err(Broken::io(""))
    }

    pub(crate) fn end(&mut self) -> Result<(), Broken> {
        let Some((file, seconds)) = self.file.take() else { return Ok(()) };
        // A time that no clock shows is left out.
        let Some(at) = UNIX_EPOCH.checked_add(Duration::from_secs(seconds)) else { return Ok(()) };
        file.set_modified(at).map_err(Broken::io(""))
    }
}

/// Unpacks one archive in steps. Dropped before it is done, it leaves nothing.
#[derive(Debug)]
pub struct Unpacker {
    place: Place,
    temporary: String,
    check: Option<Check>,
}

impl Unpacker {
    /// Begins to unpack `archive` into the directory `into`, which must not be there yet.
    pub fn new(vault: &Vault, archive: &str, into: &str, limits: Limits) -> Result<Self, Broken> {
        let (file, _) = vault.open_file(archive, u64::MAX)?;
        let place = Place::make(vault, into)?.free()?;
        let temporary = temporary_name();
        let failed = |error| Denied::from_io(&place.path, &error);
        make_dir(&place.dir, &temporary).map_err(failed)?;
        let mut begun = Self { place, temporary, check: None };
        let (dir, _) = enter(&begun.place.dir, "", &begun.temporary)?;
        begun.check = Some(Check::with(file, Some(limits), Some(Sink { dir, file: None }))?);
        Ok(begun)
    }

    /// Bytes of files that are unpacked.
    pub fn bytes(&self) -> u64 {
        self.check.as_ref().map_or(0, Check::bytes)
    }

    /// Unpacks about `budget` bytes; what was found when all is unpacked and the directory has its name.
    pub fn step(&mut self, budget: u64) -> Result<Option<Verified>, Broken> {
        let Some(check) = &mut self.check else { return Ok(None) };
        let Some(verified) = check.step(budget)? else { return Ok(None) };
        drop(self.check.take().and_then(Check::into_sink));
        self.place.rename(&self.temporary, false)?;
        Ok(Some(verified))
    }
}

impl Drop for Unpacker {
    fn drop(&mut self) {
        // Once it has its name there is no such directory any more.
        let _gone = self.place.dir.remove_dir_all(&self.temporary);
    }
}

/// Unpacks all of `archive` into the new directory `into`.
pub fn unpack(vault: &Vault, archive: &str, into: &str, limits: Limits) -> Result<Verified, Broken> {
    let mut unpacker = Unpacker::new(vault, archive, into, limits)?;
    loop {
        if let Some(verified) = unpacker.step(u64::MAX)? {
            return Ok(verified);
        }
    }
}
