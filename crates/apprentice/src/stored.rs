//! Files that deliveries name: by a path below the data directory, and nothing outside of it is ever opened,
//! or by their hash in the blob store.

use crate::bot::Bot;
use channels::telegram::Opened;
use domain::outgoing::Contents;
use std::io;
use std::path::{Component, Path};
use store::BlobId;

/// Opens such a file at its beginning.
pub(crate) async fn open(bot: &Bot, contents: &Contents) -> io::Result<Opened> {
    match contents {
        Contents::Text(text) => Ok(Opened::bytes(text.clone())),
        Contents::Stored { path } => open_path(bot, path).await,
        Contents::Blob { id } => {
            let id = BlobId::parse(id).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "no blob's name"))?;
            Ok(Opened::bytes(bot.blobs.get(&id).await.map_err(io::Error::other)?))
        }
    }
}

async fn open_path(bot: &Bot, path: &str) -> io::Result<Opened> {
    if !is_below(Path::new(path)) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "the path leaves the data directory"));
    }
    let root = bot.settings.current().data_dir.clone();
    Opened::file(&root.join(path)).await
}

/// Keeps bytes under such a path.
pub(crate) fn keep(bot: &Bot, path: &str, bytes: &[u8]) -> io::Result<()> {
    if !is_below(Path::new(path)) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "the path leaves the data directory"));
    }
    let path = bot.settings.current().data_dir.join(path);
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
