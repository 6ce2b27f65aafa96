//! A file that is being sent: its size, known beforehand, and its bytes, read piece by piece as they are
//! needed. A large file is never in memory.

use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use std::path::Path;
use std::{fmt, io};
use tokio_util::io::ReaderStream;

/// Bytes that are read at once.
const PIECE: usize = 64 * 1024;

/// A file, opened at its beginning.
pub struct Opened {
    /// How many bytes it has.
    pub bytes: u64,
    /// Its bytes, as many as that.
    pub stream: BoxStream<'static, io::Result<Bytes>>,
}

impl Opened {
    /// Opens a file of the disk.
    ///
    /// # Errors
    ///
    /// Those of the system, and `InvalidInput` for what is no file.
    pub async fn file(path: &Path) -> io::Result<Self> {
        let file = tokio::fs::File::open(path).await?;
        let about = file.metadata().await?;
        if !about.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a file"));
        }
        Ok(Self { bytes: about.len(), stream: ReaderStream::with_capacity(file, PIECE).boxed() })
    }

    /// What is in memory already.
    pub fn bytes(contents: impl Into<Bytes>) -> Self {
        let contents = contents.into();
        Self { bytes: contents.len() as u64, stream: futures::stream::iter([Ok(contents)]).boxed() }
    }
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened").field("bytes", &self.bytes).finish_non_exhaustive()
    }
}
