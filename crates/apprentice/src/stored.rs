//! Files that deliveries name: by a path below the data directory, and nothing outside of it is ever opened,
//! or by their hash in the blob store.

use crate::bot::Bot;
use channels::telegram::Opened;
use console::Part;
use domain::outgoing::Contents;
use futures::StreamExt as _;
use std::io::{self, SeekFrom};
use std::ops::Range;
use std::path::{Component, Path, PathBuf};
use store::BlobId;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio_util::io::ReaderStream;

/// Bytes that are read at once.
const PIECE: usize = 64 * 1024;

/// Opens such a file at its beginning.
pub(crate) async fn open(bot: &Bot, contents: &Contents) -> io::Result<Opened> {
    match contents {
        Contents::Text(text) => Ok(Opened::bytes(text.clone())),
        Contents::Stored { path } => open_path(bot, path).await,
        Contents::Blob { id } => {
            let (bytes, stream) = bot.blobs.stream(&blob(id)?).await.map_err(io::Error::other)?;
            Ok(Opened { bytes, stream })
        }
    }
}

fn blob(id: &str) -> io::Result<BlobId> {
    BlobId::parse(id).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "no blob's name"))
}

/// Opens such a file for the page: no more is read of it than is asked for.
pub(crate) async fn open_parts(bot: &Bot, contents: Contents) -> io::Result<console::Opened> {
    match contents {
        Contents::Text(text) => Ok(console::Opened::bytes(text.into())),
        Contents::Stored { path } => {
            let mut file = tokio::fs::File::open(below(bot, &path)?).await?;
            let about = file.metadata().await?;
            if !about.is_file() {
                return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a file"));
            }
            let part = move |range: Range<u64>| -> Part {
                Box::pin(async move {
                    file.seek(SeekFrom::Start(range.start)).await?;
                    let part = file.take(range.end.saturating_sub(range.start));
                    Ok(ReaderStream::with_capacity(part, PIECE).boxed())
                })
            };
            Ok(console::Opened { bytes: about.len(), part: Box::new(part) })
        }
        Contents::Blob { id } => {
            let (id, blobs) = (blob(&id)?, bot.blobs.clone());
            let bytes = blobs.size(&id).await.map_err(io::Error::other)?;
            let part = move |range: Range<u64>| -> Part {
                Box::pin(async move {
                    let whole = range == (0..bytes);
                    let read =
                        if whole { blobs.stream(&id).await.map(|read| read.1) } else { blobs.part(&id, range).await };
                    read.map_err(io::Error::other)
                })
            };
            Ok(console::Opened { bytes, part: Box::new(part) })
        }
    }
}

async fn open_path(bot: &Bot, path: &str) -> io::Result<Opened> {
    Opened::file(&below(bot, path)?).await
}

fn below(bot: &Bot, path: &str) -> io::Result<PathBuf> {
    if !is_below(Path::new(path)) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "the path leaves the data directory"));
    }
    Ok(bot.settings.current().data_dir.join(path))
}

/// Keeps bytes under such a path.
pub(crate) fn keep(bot: &Bot, path: &str, bytes: &[u8]) -> io::Result<()> {
    let path = below(bot, path)?;
    if let Some(directory) = path.parent() {
        std::fs::create_dir_all(directory)?;
    }
    std::fs::write(path, bytes)
}

/// Whether a path stays below where it begins.
fn is_below(path: &Path) -> bool {
    path.components().all(|component| matches!(component, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_cannot_leave_the_directory_in_which_it_begins() {
        assert!(is_below(Path::new("runs/1/curve.png")));
        for path in ["../secret", "/etc/passwd", "runs/../../secret", "./runs"] {
            assert!(!is_below(Path::new(path)), "{path}");
        }
    }
}
