//! What is wrong with an archive, or stopped the making of one.

use crate::denied::Denied;
use std::io;

/// Why an archive could not be made, does not check out, or is not unpacked. Paths are those inside of the archive.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// A path of the vault is refused, or the operating system refuses (no space, for one).
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The directory holds more than [`crate::MAX_ENTRIES`] names, or the archive more files than may be unpacked.
    #[error("too many files")]
    TooMany,
    /// What was written before the stop is not there any more as it was; it must be begun anew.
    #[error("the unfinished archive was changed")]
    Unfinished,
    /// The compressed stream is damaged or cut off.
    #[error("the compressed stream is damaged: {why}")]
    Stream {
        /// The library's words, for the log.
        why: String,
    },
    /// A header is damaged.
    #[error("the header at byte {at} is damaged")]
    Header {
        /// Where in the uncompressed tar.
        at: u64,
    },
    /// A link, a device, a directory or anything else that these archives do not hold.
    #[error("{path} is not a file")]
    Kind {
        /// Its path.
        path: String,
    },
    /// A path that would lead out of the directory, or is not one of ours.
    #[error("{path} is not a path of an archive")]
    Path {
        /// The path.
        path: String,
    },
    /// A path that comes twice or out of order.
    #[error("{path} comes twice or out of order")]
    Order {
        /// The path.
        path: String,
    },
    /// The content or the size is not what the manifest says.
    #[error("{path} is not what the manifest says")]
    Content {
        /// The path.
        path: String,
    },
    /// The manifest lists it, the archive does not hold it.
    #[error("{path} is missing")]
    Missing {
        /// The path.
        path: String,
    },
    /// The archive holds more files than the manifest lists.
    #[error("{files} files are not in the manifest")]
    Extra {
        /// How many.
        files: u64,
    },
    /// There is no manifest at the end.
    #[error("there is no manifest")]
    NoManifest,
    /// The manifest cannot be read.
    #[error("line {line} of the manifest cannot be read")]
    Manifest {
        /// Which line, from 1.
        line: u64,
    },
    /// Something follows the end.
    #[error("something follows the end of the archive")]
    Trailing,
    /// It unpacks to more bytes than may be.
    #[error("it unpacks to more than {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// It unpacks to so many times its size that it can only be meant to do harm.
    #[error("it unpacks to more than {limit} times its size")]
    Ratio {
        /// The limit, a factor.
        limit: u64,
    },
    /// The file that was just written does not read back as it was written.
    #[error("what was written does not read back")]
    ReadBack,
}

impl Broken {
    /// An error of the operating system about `path`.
    pub(crate) fn io(path: &str) -> impl Fn(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |error| Self::Denied(Denied::from_io(&path, &error))
    }
}
