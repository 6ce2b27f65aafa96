//! Model files for the recogniser within the program: which are known, which are here, how one comes here.
//!
//! A file lies in its directory whole or not at all: it is copied or loaded under another name, looked through
//! ([`check`]), compared with its known hash, and only then renamed. A broken download goes on where it ended.

mod check;
mod pull;

pub use check::{Header, NoModel, check};

use serde::Deserialize;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// A model that can be fetched by name.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Known {
    /// Its name, such as `base`.
    pub name: String,
    /// The file's name.
    pub file: String,
    /// Its size, bytes; to tell how much is to come.
    pub bytes: u64,
    /// SHA-1 of the file, hexadecimal.
    pub sha1: String,
}

/// The list as it is written down.
#[derive(Deserialize)]
struct List {
    base: String,
    model: Vec<Known>,
}

#[allow(clippy::expect_used, reason = "the list is part of the program, and a test reads it")]
fn list() -> &'static List {
    static LIST: OnceLock<List> = OnceLock::new();
    LIST.get_or_init(|| toml::from_str(include_str!("known.toml")).expect("the embedded list is readable"))
}

/// The models that can be fetched by name, small ones first.
pub fn known() -> &'static [Known] {
    &list().model
}

/// A model file in the directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The name under which it is known, or its file's name without the ending.
    pub name: String,
    /// Where it lies.
    pub path: PathBuf,
    /// Its size, bytes.
    pub bytes: u64,
    /// What it says about itself, or why it is no model.
    pub header: Result<Header, NoModel>,
}

/// Why a file did not come.
#[derive(Debug, thiserror::Error)]
pub enum FileFault {
    /// No model of that name is known.
    #[error("no model is known as {name}")]
    Unknown {
        /// What was asked for.
        name: String,
    },
    /// The file is no model.
    #[error(transparent)]
    NoModel(#[from] NoModel),
    /// What came is not what is known under that name; it was thrown away.
    #[error("the file is not the known one: its SHA-1 is {found}")]
    WrongHash {
        /// Its SHA-1, hexadecimal.
        found: String,
    },
    /// Somebody loads the same file now.
    #[error("the file is being loaded already")]
    Running,
    /// The server refuses.
    #[error("the server refuses (status {status})")]
    Refused {
        /// HTTP status.
        status: u16,
    },
    /// The server sends more than the file can have.
    #[error("the server sends more than {most} bytes")]
    TooLarge {
        /// Bytes that are taken.
        most: u64,
    },
    /// The connection broke each time; what came is kept, so that it can go on.
    #[error("the server cannot be reached: {reason}")]
    Unreachable {
        /// Why, without addresses.
        reason: String,
    },
    /// The disk.
    #[error("the file cannot be written or read: {0}")]
    Disk(#[from] io::Error),
}

/// The directory with the models.
#[derive(Clone, Debug)]
pub struct Shelf {
    directory: PathBuf,
    base: String,
}

/// How a file ends while it is not whole.
const PART: &str = "part";

impl Shelf {
    /// The models of a directory, which is made where it is missing. `base` is the address under which the known
    /// files lie; none takes the usual one.
    pub fn new(directory: impl Into<PathBuf>, base: Option<&str>) -> Self {
        let base = base.unwrap_or(&list().base).trim_end_matches('/').to_owned();
        Self { directory: directory.into(), base }
    }

    /// Where a model lies, by a known name, the name of a file on the shelf, or a path elsewhere.
    pub fn find(&self, name: &str) -> Option<PathBuf> {
        let known = known().iter().find(|known| known.name == name).map(|known| known.file.as_str());
        let names = [known.unwrap_or(name).to_owned(), format!("{name}.bin")];
        names.iter().map(|name| self.directory.join(name)).find(|path| path.is_file())
    }

    /// The files that are here, by name. A missing directory has none.
    pub fn list(&self) -> Result<Vec<Stored>, FileFault> {
        let entries = match std::fs::read_dir(&self.directory) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut found = Vec::new();
        for entry in entries {
            let path = entry?.path();
            if path.is_file() && path.extension().is_some_and(|ending| ending == "bin") {
                found.push(stored(path)?);
            }
        }
        found.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(found)
    }

    /// Takes a file from elsewhere: looks through it and copies it. Off the asynchronous threads, for it may be
    /// large.
    pub fn add(&self, from: &Path) -> Result<Stored, FileFault> {
        check(from)?;
        let name = from.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let to = self.directory.join(format!("{name}.bin"));
        std::fs::create_dir_all(&self.directory)?;
        let part = tempfile::NamedTempFile::new_in(&self.directory)?;
        std::fs::copy(from, part.path())?;
        check(part.path())?;
        part.as_file().sync_all()?;
        part.persist(&to).map_err(|refused| refused.error)?;
        stored(to)
    }
}

fn stored(path: PathBuf) -> Result<Stored, FileFault> {
    let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let known = known().iter().find(|known| known.file == file).map(|known| known.name.clone());
    let name = known.unwrap_or_else(|| file.trim_end_matches(".bin").to_owned());
    Ok(Stored { name, bytes: std::fs::metadata(&path)?.len(), header: check(&path), path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_known_models_have_names_of_their_own_and_whole_hashes() {
        let names: std::collections::BTreeSet<_> = known().iter().map(|known| &known.name).collect();
        assert_eq!(names.len(), known().len());
        for known in known() {
            assert!(known.sha1.len() == 40 && known.sha1.chars().all(|c| c.is_ascii_hexdigit()), "{known:?}");
            assert!(known.file.ends_with(".bin") && known.bytes > 1_000_000, "{known:?}");
        }
        assert!(list().base.starts_with("https://"));
    }
}
