//! Why a typed path is refused, as facts that the binary puts into words.

use std::io;

/// How a path tried to leave the root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// A `..`, also one that would stay inside.
    Parent,
    /// An absolute path that does not lie inside the root.
    Absolute,
    /// A drive letter (`C:`).
    Drive,
    /// A network share (`\\server`).
    Share,
    /// A leading `~`.
    Home,
    /// A NUL character.
    Nul,
}

/// Why a path is refused. Every `path` is relative to the root.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// Nothing was typed.
    #[error("no path is given")]
    Empty,
    /// It leads out of the root.
    #[error("the path leads out of the data root ({0:?})")]
    Outside(Way),
    /// It has a backslash.
    #[error("the path has a backslash")]
    Backslash,
    /// A name in it starts with a dot.
    #[error("{name} is hidden")]
    Hidden {
        /// The name.
        name: String,
    },
    /// A symbolic link is on the way.
    #[error("{path} is a symbolic link")]
    Symlink {
        /// Up to and including the link.
        path: String,
    },
    /// There is no such file or directory.
    #[error("{path} is not there")]
    NotFound {
        /// Up to and including the first name that is not there.
        path: String,
        /// The whole path of what is there and is named most alike; never looked for among what is people's own.
        nearest: Option<String>,
    },
    /// A directory where a file is needed.
    #[error("{path} is not a file")]
    NotAFile {
        /// What it is about.
        path: String,
    },
    /// A file where a directory is needed.
    #[error("{path} is not a directory")]
    NotADirectory {
        /// What it is about.
        path: String,
    },
    /// A pipe, a socket or a device.
    #[error("{path} is a pipe, a socket or a device")]
    Device {
        /// What it is about.
        path: String,
    },
    /// Larger than the caller takes.
    #[error("{size} bytes are more than {limit}")]
    TooLarge {
        /// Its size in bytes.
        size: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// A name of more than 255 bytes, or more than [`crate::MAX_DEPTH`] directories.
    #[error("the path is too long")]
    TooLong,
    /// The operating system refuses.
    #[error("no permission for {path}")]
    NoPermission {
        /// What it is about.
        path: String,
    },
    /// It is there already.
    #[error("{path} is there already")]
    Exists {
        /// What it is about.
        path: String,
    },
    /// No space is left.
    #[error("no space is left")]
    Full,
    /// Something else failed.
    #[error("{path}: {why}")]
    Failed {
        /// What it is about.
        path: String,
        /// The operating system's words, for the log.
        why: String,
    },
}

impl Denied {
    /// What an error of the operating system about `path` means.
    pub(crate) fn from_io(path: &str, error: &io::Error) -> Self {
        let path = path.to_owned();
        match error.kind() {
            io::ErrorKind::NotFound => Self::NotFound { path, nearest: None },
            io::ErrorKind::PermissionDenied => Self::NoPermission { path },
            io::ErrorKind::AlreadyExists => Self::Exists { path },
            io::ErrorKind::NotADirectory => Self::NotADirectory { path },
            io::ErrorKind::IsADirectory => Self::NotAFile { path },
            io::ErrorKind::InvalidFilename => Self::TooLong,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            _ if is_loop(error) => Self::Symlink { path },
            _ => Self::Failed { path, why: error.to_string() },
        }
    }
}

/// Whether opening failed because the last name is a symbolic link.
pub(crate) fn is_loop(error: &io::Error) -> bool {
    rustix::io::Errno::from_io_error(error) == Some(rustix::io::Errno::LOOP)
}
