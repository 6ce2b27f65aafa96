//! Files that appear whole or not at all: written under a temporary name beside, then renamed.
//!
//! Temporary names start with [`TEMPORARY`], are hidden from every listing and walk, and cannot be typed.

use crate::denied::Denied;
use crate::typed::join;
use crate::vault::{Entry, Vault, enter};
use cap_fs_ext::{DirExt, FollowSymlinks, OpenOptionsFollowExt};
use cap_std::fs::{Dir, DirBuilder, DirBuilderExt, OpenOptions, OpenOptionsExt};
use rustix::fs::{Mode, OFlags, RenameFlags};
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// What the name of everything unfinished starts with.
pub(crate) const TEMPORARY: &str = ".vault-";

/// Where something is to appear: a directory, and a name in it.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) dir: Dir,
    pub(crate) name: String,
    pub(crate) path: String,
}

impl Place {
    /// Opens the directory that `typed` lies in; missing ones are made.
    pub(crate) fn make(vault: &Vault, typed: &str) -> Result<Self, Denied> {
        let names = vault.names(typed)?;
        let Some((last, before)) = names.split_last() else { return Err(Denied::NotAFile { path: String::new() }) };
        let (mut dir, mut path) = (vault.root_dir()?, String::new());
        for name in before {
            make_dir(&dir, name).map_err(|error| Denied::from_io(&join(&path, name), &error))?;
            (dir, path) = enter(&dir, &path, name)?;
        }
        Ok(Self { dir, name: last.to_owned(), path: join(&path, last) })
    }

    /// Refuses where something has the name already.
    pub(crate) fn free(self) -> Result<Self, Denied> {
        match self.dir.symlink_metadata(&self.name) {
            Ok(_) => Err(Denied::Exists { path: self.path }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(self),
            Err(error) => Err(Denied::from_io(&self.path, &error)),
        }
    }

    /// Gives what is called `temporary` its name, only where nothing else has it unless `replace`; survives a crash.
    pub(crate) fn rename(&self, temporary: &str, replace: bool) -> Result<(), Denied> {
        let failed = |error: io::Error| Denied::from_io(&self.path, &error);
        if replace {
            self.dir.rename(temporary, &self.dir, &self.name).map_err(failed)?;
        } else {
            rename_new(&self.dir, temporary, &self.name).map_err(failed)?;
        }
        sync(&self.dir).map_err(failed)
    }
}

fn rename_new(dir: &Dir, from: &str, to: &str) -> io::Result<()> {
    match rustix::fs::renameat_with(dir, from, dir, to, RenameFlags::NOREPLACE) {
        // Some file systems know no such flag.
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => match dir.symlink_metadata(to) {
            Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
            Err(_) => dir.rename(from, dir, to),
        },
        other => Ok(other?),
    }
}

fn sync(dir: &Dir) -> io::Result<()> {
    // The handle of a directory stands for its place only; what is made durable must be opened for reading.
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    File::from(rustix::fs::openat(dir, ".", flags, Mode::empty())?).sync_all()
}

/// Makes a directory that only we may enter, if it is missing.
pub(crate) fn make_dir(dir: &Dir, name: &str) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.mode(0o700);
    match dir.create_dir_with(name, &builder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Makes a file that only we may read; it must not be there yet.
pub(crate) fn make_file(dir: &Dir, name: &str) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true).mode(0o600);
    dir.open_with(name, &options).map(cap_std::fs::File::into_std)
}

/// Opens a file of [`make_file`] again.
pub(crate) fn reopen(dir: &Dir, name: &str) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).follow(FollowSymlinks::No);
    dir.open_with(name, &options).map(cap_std::fs::File::into_std)
}

/// A name for something unfinished, which nothing has had before.
pub(crate) fn temporary_name() -> String {
    static MADE: AtomicU64 = AtomicU64::new(0);
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    format!("{TEMPORARY}{}-{nanos}-{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed))
}

/// Whether a name is one of [`temporary_name`].
pub(crate) fn is_temporary(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(TEMPORARY.as_bytes())
}

/// A file that is being written. Dropped before [`Draft::commit`], it leaves nothing.
#[derive(Debug)]
pub struct Draft {
    place: Place,
    temporary: String,
    file: File,
    replace: bool,
}

impl Draft {
    /// Makes what was written durable and gives it its name. Where something else has got the name in the meantime
    /// it is refused, unless it replaces.
    pub fn commit(self) -> Result<Entry, Denied> {
        let failed = |error: io::Error| Denied::from_io(&self.place.path, &error);
        self.file.sync_all().map_err(failed)?;
        self.place.rename(&self.temporary, self.replace)?;
        let meta = self.place.dir.symlink_metadata(&self.place.name).map_err(failed)?;
        Ok(Entry::of(self.place.path.clone(), &meta))
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // After a commit there is no such name any more.
        let _gone = self.place.dir.remove_file_or_symlink(&self.temporary);
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Vault {
    /// Starts a new file, which appears with [`Draft::commit`]. Directories on the way are made.
    pub fn create(&self, typed: &str) -> Result<Draft, Denied> {
        draft(Place::make(self, typed)?.free()?, false)
    }

    /// As [`Self::create`], but takes the place of the file that is there. A link or directory is not replaced.
    pub fn replace(&self, typed: &str) -> Result<Draft, Denied> {
        match self.resolve(typed) {
            Ok(entry) if entry.dir => return Err(Denied::NotAFile { path: entry.path }),
            Ok(_) | Err(Denied::NotFound { .. }) => {}
            Err(denied) => return Err(denied),
        }
        draft(Place::make(self, typed)?, true)
    }
}

fn draft(place: Place, replace: bool) -> Result<Draft, Denied> {
    let temporary = temporary_name();
    let file = make_file(&place.dir, &temporary).map_err(|error| Denied::from_io(&place.path, &error))?;
    Ok(Draft { place, temporary, file, replace })
}
