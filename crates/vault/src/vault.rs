//! The root and what may be done with a typed path: find, open, list, walk, create.
//!
//! Every directory on the way is opened by its single name relative to the one before, without following a link.
//! A directory or file that is swapped for a link between two calls is therefore refused, not followed.

use crate::denied::{Denied, is_loop};
use crate::nearest;
use crate::typed::{Names, join};
use crate::walk::Walk;
use cap_fs_ext::{DirExt, FollowSymlinks, OpenOptionsFollowExt};
use cap_std::fs::{Dir, Metadata, OpenOptions, OpenOptionsExt};
use domain::ids::{Millis, PersonId};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// The directory of the root with the reports made for people. Each person has a directory of their own in it, named by
/// their id.
pub const REPORTS: &str = "reports";
/// The directory of the root with what people sent by chat, theirs in a directory of their own as in [`REPORTS`].
pub const INBOX: &str = "inbox";

/// Whether a directory of the root is divided among people. Some file systems do not tell cases apart.
pub(crate) fn is_private(top: &str) -> bool {
    [REPORTS, INBOX].contains(&top.to_lowercase().as_str())
}

/// A file or directory inside of the root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where, relative to the root, names separated by `/`; empty for the root itself.
    pub path: String,
    /// Bytes; 0 for a directory.
    pub size: u64,
    /// Whether it is a directory.
    pub dir: bool,
    /// When its content last changed.
    pub modified: Millis,
}

impl Entry {
    /// Its last name.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
    pub(crate) fn of(path: String, meta: &Metadata) -> Self {
        let dir = meta.is_dir();
        let modified = meta.modified().map_or(Millis(0), |at| millis(at.into_std()));
        Self { path, size: if dir { 0 } else { meta.len() }, dir, modified }
    }
}

/// What a directory holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// By name, at most as many as asked for. Links, devices, hidden names and names that are not UTF-8 are left out.
    pub entries: Vec<Entry>,
    /// How many names there are that are not hidden.
    pub total: u64,
}

/// The data root. Cheap to clone; every clone holds the same open directory.
#[derive(Clone, Debug)]
pub struct Vault {
    root: Arc<Dir>,
    roots: Arc<[PathBuf]>,
}

impl Vault {
    /// Opens the directory `root`, which is made if it is missing. Links on the way to it are followed: it comes
    /// from the settings.
    pub fn open(root: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(root)?;
        let roots = [std::path::absolute(root)?, root.canonicalize()?];
        let root = Dir::open_ambient_dir(root, cap_std::ambient_authority())?;
        Ok(Self { root: Arc::new(root), roots: Arc::new(roots) })
    }

    /// Where the root is, resolved.
    pub fn root(&self) -> &Path {
        self.roots.last().map_or(Path::new(""), PathBuf::as_path)
    }

    /// Finds what `typed` names: a path relative to the root, or an absolute one inside of it. `.` is the root.
    pub fn resolve(&self, typed: &str) -> Result<Entry, Denied> {
        let names = self.names(typed)?;
        let Some((last, before)) = names.split_last() else {
            return Ok(Entry::of(String::new(), &self.root_metadata()?));
        };
        let (dir, path) = self.descend(before)?;
        let (name, meta) = look(&dir, &path, last)?;
        Ok(Entry::of(join(&path, &name), &meta))
    }

    /// Opens a file for reading; at most `limit` bytes large, as the opened file says.
    pub fn open_file(&self, typed: &str, limit: u64) -> Result<(std::fs::File, Entry), Denied> {
        let names = self.names(typed)?;
        let Some((last, before)) = names.split_last() else {
            return Err(Denied::NotAFile { path: String::new() });
        };
        let (dir, path) = self.descend(before)?;
        let (name, _) = look(&dir, &path, last)?;
        let (file, entry) = open_in(&dir, &name, join(&path, &name))?;
        if entry.size > limit {
            return Err(Denied::TooLarge { size: entry.size, limit });
        }
        Ok((file, entry))
    }

    /// The first `limit` entries of a directory, by name. Whether the person may see them ([`Self::visible_to`]) is
    /// for the caller to ask.
    pub fn list(&self, typed: &str, limit: usize) -> Result<Listing, Denied> {
        let (dir, path) = self.open_dir(typed)?;
        let failed = |error: io::Error| Denied::from_io(&path, &error);
        let mut names = Vec::new();
        for entry in dir.entries().map_err(failed)? {
            names.extend(entry.map_err(failed)?.file_name().into_string().ok().filter(|name| !name.starts_with('.')));
        }
        names.sort_unstable();
        let total = u64::try_from(names.len()).unwrap_or(u64::MAX);
        let found = names.iter().filter_map(|name| look(&dir, &path, name).ok());
        let entries = found.map(|(name, meta)| Entry::of(join(&path, &name), &meta)).take(limit).collect();
        Ok(Listing { entries, total })
    }

    /// Removes a file, or a directory with everything in it; whether there was one. Of a link in it the link goes, never
    /// what it points to.
    pub fn remove(&self, typed: &str) -> Result<bool, Denied> {
        let names = self.names(typed)?;
        let Some((last, before)) = names.split_last() else {
            return Err(Denied::NotAFile { path: String::new() });
        };
        let found = self.descend(before).and_then(|(dir, path)| {
            let (name, meta) = look(&dir, &path, last)?;
            Ok((dir, path, name, meta.is_dir()))
        });
        let (dir, path, name, is_dir) = match found {
            Ok(found) => found,
            Err(Denied::NotFound { .. }) => return Ok(false),
            Err(denied) => return Err(denied),
        };
        let removed = if is_dir { dir.remove_dir_all(&name) } else { dir.remove_file(&name) };
        removed.map_err(|error| Denied::from_io(&join(&path, &name), &error))?;
        Ok(true)
    }

    /// Every file below a directory, one after another; see [`Walk`].
    pub fn walk(&self, typed: &str) -> Result<Walk, Denied> {
        let (dir, path) = self.open_dir(typed)?;
        Ok(Walk::new(dir, path))
    }

    /// Whether `person` may see what `typed` names: everything but what is in [`REPORTS`] and [`INBOX`] for others, and
    /// these two directories as a whole; an owner sees those, too.
    pub fn visible_to(&self, typed: &str, person: &PersonId, owner: bool) -> bool {
        let Ok(names) = self.names(typed) else { return false };
        match names.all() {
            [top, rest @ ..] if is_private(top) => owner || rest.first().is_some_and(|name| name == person.as_str()),
            _ => true,
        }
    }

    /// Whether what `typed` names lies in [`REPORTS`] or [`INBOX`], or is one of these.
    pub fn is_private(&self, typed: &str) -> bool {
        self.names(typed).is_ok_and(|names| names.all().first().is_some_and(|top| is_private(top)))
    }

    pub(crate) fn names(&self, typed: &str) -> Result<Names, Denied> {
        Names::parse(typed, &self.roots)
    }

    pub(crate) fn root_dir(&self) -> Result<Dir, Denied> {
        self.root.try_clone().map_err(|error| Denied::from_io("", &error))
    }

    fn root_metadata(&self) -> Result<Metadata, Denied> {
        self.root.dir_metadata().map_err(|error| Denied::from_io("", &error))
    }

    /// Opens a directory; with its path.
    pub(crate) fn open_dir(&self, typed: &str) -> Result<(Dir, String), Denied> {
        self.descend(self.names(typed)?.all())
    }

    fn descend(&self, names: &[String]) -> Result<(Dir, String), Denied> {
        let mut at = (self.root_dir()?, String::new());
        for name in names {
            at = enter(&at.0, &at.1, name)?;
        }
        Ok(at)
    }
}

/// Opens the directory `name` of `dir`, which is at `path`; with its own path.
pub(crate) fn enter(dir: &Dir, path: &str, name: &str) -> Result<(Dir, String), Denied> {
    if let Ok(next) = dir.open_dir_nofollow(name) {
        return Ok((next, join(path, name)));
    }
    let (name, meta) = look(dir, path, name)?;
    let path = join(path, &name);
    if !meta.is_dir() {
        return Err(Denied::NotADirectory { path });
    }
    match dir.open_dir_nofollow(&name) {
        Ok(next) => Ok((next, path)),
        Err(error) if is_loop(&error) || error.kind() == io::ErrorKind::NotADirectory => Err(Denied::Symlink { path }),
        Err(error) => Err(Denied::from_io(&path, &error)),
    }
}

/// What `name` in `dir` is: a file or a directory, under the name that it has there.
pub(crate) fn look(dir: &Dir, path: &str, name: &str) -> Result<(String, Metadata), Denied> {
    let (name, meta) = match dir.symlink_metadata(name) {
        Ok(meta) => (name.to_owned(), meta),
        Err(error) if error.kind() == io::ErrorKind::NotFound => other_form(dir, path, name)?,
        Err(error) => return Err(Denied::from_io(&join(path, name), &error)),
    };
    let kind = meta.file_type();
    if kind.is_symlink() {
        Err(Denied::Symlink { path: join(path, &name) })
    } else if kind.is_file() || kind.is_dir() {
        Ok((name, meta))
    } else {
        Err(Denied::Device { path: join(path, &name) })
    }
}

fn other_form(dir: &Dir, path: &str, name: &str) -> Result<(String, Metadata), Denied> {
    if let Some(found) = nearest::other_form(dir, name)
        && let Ok(meta) = dir.symlink_metadata(&found)
    {
        return Ok((found, meta));
    }
    // A person's files are not to be learnt of by guessing.
    let private = path.split('/').next().is_some_and(is_private);
    let nearest = if private { None } else { nearest::nearest(dir, name) };
    Err(Denied::NotFound { path: join(path, name), nearest: nearest.map(|found| join(path, &found)) })
}

/// Opens the file `name` of `dir` for reading and checks what was opened.
pub(crate) fn open_in(dir: &Dir, name: &str, path: String) -> Result<(std::fs::File, Entry), Denied> {
    let mut options = OpenOptions::new();
    // Without waiting: a pipe put there in the meantime would block for as long as nobody writes into it.
    let flags = (rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY).bits();
    options.read(true).follow(FollowSymlinks::No).custom_flags(i32::try_from(flags).unwrap_or_default());
    let file = dir.open_with(name, &options).map_err(|error| Denied::from_io(&path, &error))?;
    let meta = file.metadata().map_err(|error| Denied::from_io(&path, &error))?;
    if meta.is_dir() {
        Err(Denied::NotAFile { path })
    } else if meta.is_file() {
        Ok((file.into_std(), Entry::of(path, &meta)))
    } else {
        Err(Denied::Device { path })
    }
}

/// Milliseconds since 1970; 0 before it.
pub(crate) fn millis(at: SystemTime) -> Millis {
    let since = at.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
    Millis(i64::try_from(since).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests;
