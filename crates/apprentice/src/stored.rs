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
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::settings::{self, Override, Sources};
    use futures::TryStreamExt as _;

    #[tokio::test]
    async fn of_a_file_the_part_that_is_asked_for_is_read() {
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().join("data").display().to_string();
        let sources = Sources {
            dir: directory.path().to_owned(),
            working_dir: directory.path().to_owned(),
            set: vec![Override::of_flag("--set", "data_dir", &data)],
            ..Sources::default()
        };
        let bot = crate::serve::build(settings::load(&sources).unwrap()).await.unwrap();
        let id = bot.blobs.put("0123456789".into()).await.unwrap().as_str().to_owned();
        keep(&bot, "runs/1/a", b"0123456789").unwrap();
        let path = "runs/1/a".to_owned();
        for contents in [Contents::Blob { id }, Contents::Stored { path }, Contents::Text("0123456789".to_owned())] {
            for (range, part) in [(0..10, "0123456789"), (0..1, "0"), (9..10, "9"), (3..7, "3456")] {
                let opened = open_parts(&bot, contents.clone()).await.unwrap();
                assert_eq!(opened.bytes, 10);
                let read: Vec<_> = (opened.part)(range).await.unwrap().try_collect().await.unwrap();
                assert_eq!(read.concat(), part.as_bytes(), "{contents:?}");
            }
        }
        assert!(open_parts(&bot, Contents::Stored { path: "../a".to_owned() }).await.is_err());
    }

    #[test]
    fn a_path_cannot_leave_the_directory_in_which_it_begins() {
        assert!(is_below(Path::new("runs/1/curve.png")));
        for path in ["../secret", "/etc/passwd", "runs/../../secret", "./runs"] {
            assert!(!is_below(Path::new(path)), "{path}");
        }
    }
}
