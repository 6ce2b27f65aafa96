//! Every file below a directory, one after another, in an order that never changes.
//!
//! Names are held for the directories that are open (about 100 bytes each); what they name is looked at when its turn
//! comes. The order is that of the paths' names compared one by one as bytes: `a/x` before `a-b`.

use crate::denied::Denied;
use crate::draft::is_temporary;
use crate::typed::join;
use crate::vault::{Entry, enter, is_private, look, open_in};
use cap_std::fs::Dir;
use serde::{Deserialize, Serialize};
use std::ffi::OsString;

/// How many directories deep a path goes at most.
pub const MAX_DEPTH: usize = 32;
/// How many names a walk looks at, at most.
pub const MAX_ENTRIES: u64 = 1_000_000;

/// Why something was passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Its name starts with a dot.
    Hidden,
    /// It is a symbolic link.
    Symlink,
    /// It is a pipe, a socket or a device.
    Device,
    /// Its name is not UTF-8; the path shows what can be shown.
    NotUtf8,
    /// The operating system refuses.
    NoPermission,
    /// It vanished in the meantime.
    Missing,
    /// It lies more than [`MAX_DEPTH`] directories deep.
    TooDeep,
    /// There are more than [`MAX_ENTRIES`] names; the walk ends here.
    TooMany,
    /// What people sent, or reports for them: only a walk that starts among these sees them.
    Private,
    /// Reading it failed.
    Failed,
}

impl Why {
    pub(crate) fn of(denied: &Denied) -> Self {
        match denied {
            Denied::Symlink { .. } => Self::Symlink,
            Denied::Device { .. } => Self::Device,
            Denied::NoPermission { .. } => Self::NoPermission,
            // A file that is a directory now, or the other way about, was replaced: the file is gone.
            Denied::NotFound { .. } | Denied::NotAFile { .. } | Denied::NotADirectory { .. } => Self::Missing,
            _ => Self::Failed,
        }
    }
}

/// Something that a walk passed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// Where, relative to the root.
    pub path: String,
    /// Why.
    pub why: Why,
}

/// Yields files, and what it passes over; directories are entered, not yielded. Blocks on the file system.
#[derive(Debug)]
pub struct Walk {
    levels: Vec<Level>,
    /// A directory that is to be read when the next item is asked for.
    next: Option<(Dir, String)>,
    looked_at: u64,
    most: u64,
    /// The rest of the path after which the walk begins, its first name last; see [`Walk::after`].
    trail: Vec<OsString>,
    /// The name that the trail goes on with.
    expected: Option<OsString>,
}

#[derive(Debug)]
struct Level {
    dir: Dir,
    path: String,
    names: std::vec::IntoIter<OsString>,
}

impl Walk {
    pub(crate) fn new(dir: Dir, path: String) -> Self {
        let next = Some((dir, path));
        Self { levels: Vec::new(), next, looked_at: 0, most: MAX_ENTRIES, trail: Vec::new(), expected: None }
    }

    /// Passes silently over everything up to and including `below`, a path relative to where the walk begins, whether
    /// or not it is still there.
    #[must_use]
    pub fn after(mut self, below: &str) -> Self {
        self.trail = below.split('/').rev().map(OsString::from).collect();
        self
    }

    /// Looks at `most` names only, if that is less than [`MAX_ENTRIES`].
    #[must_use]
    pub fn at_most(mut self, most: u64) -> Self {
        self.most = self.most.min(most);
        self
    }

    /// Opens the file that was yielded last.
    pub(crate) fn open(&self, entry: &Entry) -> Result<(std::fs::File, Entry), Denied> {
        let gone = || Denied::NotFound { path: entry.path.clone(), nearest: None };
        let level = self.levels.last().ok_or_else(gone)?;
        open_in(&level.dir, entry.name(), entry.path.clone())
    }

    /// Reads the names of a directory that was entered.
    fn read(&mut self, dir: Dir, path: String) -> Result<(), Left> {
        let mut names = Vec::new();
        let failed = |error: std::io::Error| Why::of(&Denied::from_io("", &error));
        let read = dir.entries().map_err(failed).and_then(|entries| {
            for entry in entries {
                let name = entry.map_err(failed)?.file_name();
                if self.looked_at >= self.most {
                    return Err(Why::TooMany);
                }
                self.looked_at += 1;
                names.push(name);
            }
            Ok(())
        });
        if let Err(why) = read {
            if why == Why::TooMany {
                self.levels.clear();
            }
            return Err(Left { path, why });
        }
        self.follow(&mut names);
        names.sort_unstable();
        self.levels.push(Level { dir, path, names: names.into_iter() });
        Ok(())
    }

    /// Drops the names before the trail.
    fn follow(&mut self, names: &mut Vec<OsString>) {
        let Some(step) = self.trail.pop() else { return };
        if self.trail.is_empty() {
            names.retain(|name| *name > step);
        } else {
            names.retain(|name| *name >= step);
            self.expected = Some(step);
        }
    }

    /// The next name of the innermost directory that has one left.
    fn name(&mut self) -> Option<OsString> {
        loop {
            match self.levels.last_mut()?.names.next() {
                Some(name) if is_temporary(&name) => {}
                Some(name) => return Some(name),
                None => drop(self.levels.pop()),
            }
        }
    }

    /// The file `name`, nothing for a directory that is to be entered, or why it is passed over.
    fn visit(&mut self, name: OsString) -> Result<Option<Entry>, Left> {
        // The trail leads nowhere where its next directory is gone.
        let mut trail = std::mem::take(&mut self.trail);
        if self.expected.take().is_some_and(|expected| expected != name) {
            trail.clear();
        }
        let depth = self.levels.len();
        let Some(level) = self.levels.last() else { return Ok(None) };
        let shown = name.to_string_lossy();
        let left = |why| Left { path: join(&level.path, &shown), why };
        let Some(name) = name.to_str() else { return Err(left(Why::NotUtf8)) };
        if name.starts_with('.') {
            return Err(left(Why::Hidden));
        }
        if level.path.is_empty() && is_private(name) {
            return Err(left(Why::Private));
        }
        let (_, meta) = look(&level.dir, &level.path, name).map_err(|denied| left(Why::of(&denied)))?;
        if !meta.is_dir() {
            return Ok(Some(Entry::of(join(&level.path, name), &meta)));
        }
        if depth > MAX_DEPTH {
            return Err(left(Why::TooDeep));
        }
        self.next = Some(enter(&level.dir, &level.path, name).map_err(|denied| left(Why::of(&denied)))?);
        self.trail = trail;
        Ok(None)
    }
}

impl Iterator for Walk {
    type Item = Result<Entry, Left>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some((dir, path)) = self.next.take()
                && let Err(left) = self.read(dir, path)
            {
                return Some(Err(left));
            }
            let name = self.name()?;
            match self.visit(name) {
                Ok(Some(entry)) => return Some(Ok(entry)),
                Ok(None) => {}
                Err(left) => return Some(Err(left)),
            }
        }
    }
}
