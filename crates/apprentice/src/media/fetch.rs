//! Bringing a file that a person sent to this machine: into a file of its own that is gone with its value, never into
//! memory as a whole.

use crate::bot::Bot;
use anyhow::Context as _;
use channels::telegram::{Failure, Telegram};
use domain::incoming::{Attached, Channel};
use futures::TryStreamExt as _;
use std::io::{Read as _, Seek as _, Write as _};
use std::path::Path;
use store::{BlobId, Pieces};
use tempfile::NamedTempFile;
use tokio::io::AsyncWriteExt as _;

/// Where files are while they are worked on, below the data directory.
pub const WORKSHOP: &str = "tmp";

/// A file that was fetched; it is removed when this is dropped.
#[derive(Debug)]
pub struct Fetched {
    file: NamedTempFile,
    /// Its size.
    pub bytes: u64,
}

/// Why a file is not here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It has more bytes than this.
    TooLarge {
        /// Bytes.
        limit: u64,
    },
    /// The platform does not hand it out (any more).
    Gone,
}

/// Fetches a file of at most `limit` bytes.
pub async fn fetch(
    bot: &Bot,
    channel: Channel,
    attached: &Attached,
    limit: u64,
) -> anyhow::Result<Result<Fetched, Refused>> {
    let limit = limit.min(most(bot, channel));
    if attached.size > limit {
        return Ok(Err(Refused::TooLarge { limit }));
    }
    let file = fresh(bot)?;
    let bytes = match (channel, &bot.telegram) {
        (Channel::Telegram, Some(telegram)) => match to_disk(telegram, attached, limit, file.as_file()).await {
            Ok(fetched) => fetched.bytes,
            Err(Failure::TooBig { most, .. }) => return Ok(Err(Refused::TooLarge { limit: most })),
            Err(Failure::Refused { description }) => {
                tracing::warn!(description, "a file is not handed out");
                return Ok(Err(Refused::Gone));
            }
            Err(failure) => return Err(failure.into()),
        },
        (Channel::Web, _) => match BlobId::parse(&attached.handle) {
            Some(id) => match bot.blobs.stream(&id).await {
                Ok((bytes, _)) if bytes > limit => return Ok(Err(Refused::TooLarge { limit })),
                Ok((bytes, pieces)) => {
                    copied(pieces, file.as_file()).await?;
                    bytes
                }
                Err(store::Error::NotFound) => return Ok(Err(Refused::Gone)),
                Err(error) => return Err(error.into()),
            },
            None => return Ok(Err(Refused::Gone)),
        },
        _ => return Ok(Err(Refused::Gone)),
    };
    Ok(Ok(Fetched { file, bytes }))
}

async fn to_disk(
    telegram: &Telegram,
    attached: &Attached,
    limit: u64,
    file: &std::fs::File,
) -> Result<channels::telegram::Fetched, Failure> {
    let unwritten = |error: std::io::Error| Failure::Unreadable { name: String::new(), why: error.to_string() };
    let mut to = tokio::fs::File::from_std(file.try_clone().map_err(unwritten)?);
    let fetched = telegram.fetch_to(&attached.handle, limit, &mut to).await?;
    to.flush().await.map_err(unwritten)?;
    Ok(fetched)
}

/// Writes what comes piece by piece, without holding up whoever else runs on this thread.
async fn copied(mut pieces: Pieces, file: &std::fs::File) -> anyhow::Result<()> {
    let mut to = tokio::fs::File::from_std(file.try_clone()?);
    while let Some(piece) = pieces.try_next().await? {
        to.write_all(&piece).await?;
    }
    Ok(to.flush().await?)
}

/// Largest file that a platform hands out, bytes.
pub fn most(bot: &Bot, channel: Channel) -> u64 {
    match (channel, &bot.telegram) {
        (Channel::Telegram, Some(telegram)) => telegram.largest_download(),
        _ => u64::MAX,
    }
}

/// A file to work on. It is locked for as long as somebody works on it, by which [`sweep`] knows that.
pub fn fresh(bot: &Bot) -> anyhow::Result<NamedTempFile> {
    let workshop = bot.settings.current().data_dir.join(WORKSHOP);
    std::fs::create_dir_all(&workshop).context("making room for files")?;
    let file = NamedTempFile::new_in(&workshop).context("making room for a file")?;
    // Where files cannot be locked, sweeping waits for its age.
    let _ = file.as_file().try_lock();
    Ok(file)
}

/// A file with these bytes.
pub fn written(bot: &Bot, bytes: &[u8]) -> anyhow::Result<Fetched> {
    let mut file = fresh(bot)?;
    file.write_all(bytes)?;
    Fetched::of(file)
}

/// Removes what an earlier process has left behind when it was killed, and nothing that another replica works on.
pub fn sweep(workshop: &Path) {
    let entries = std::fs::read_dir(workshop).into_iter().flatten().flatten();
    for entry in entries {
        if is_left_behind(&entry.path()) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

fn is_left_behind(path: &Path) -> bool {
    let Ok(file) = std::fs::File::open(path) else { return false };
    match file.try_lock() {
        Ok(()) => true,
        Err(std::fs::TryLockError::WouldBlock) => false,
        Err(std::fs::TryLockError::Error(_)) => {
            let age = file.metadata().and_then(|about| about.modified()).ok().and_then(|at| at.elapsed().ok());
            age.is_some_and(|age| age.as_secs() > 24 * 60 * 60)
        }
    }
}

impl Fetched {
    /// Something that was made here.
    pub fn of(file: NamedTempFile) -> anyhow::Result<Self> {
        let bytes = file.as_file().metadata()?.len();
        Ok(Self { file, bytes })
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// The file, opened anew at its beginning.
    pub fn open(&self) -> anyhow::Result<std::fs::File> {
        Ok(self.file.reopen()?)
    }

    /// Whether it is a picture, whatever it is called.
    pub fn is_picture(&self) -> anyhow::Result<bool> {
        // Two letters are all that tells a bitmap from a text.
        let told = pictures::tell(&self.head(64)?);
        Ok(matches!(told, Some(pictures::Kind::Picture(format)) if format != pictures::Format::Bmp))
    }

    /// Its first bytes, at most so many.
    pub fn head(&self, most: usize) -> anyhow::Result<Vec<u8>> {
        let mut head = Vec::new();
        self.open()?.take(most as u64).read_to_end(&mut head)?;
        Ok(head)
    }

    /// All of its bytes.
    pub fn whole(&self) -> anyhow::Result<Vec<u8>> {
        let mut file = self.open()?;
        file.rewind()?;
        let mut whole = Vec::new();
        file.read_to_end(&mut whole)?;
        Ok(whole)
    }

    /// The hash of its contents, by which it is known; read piece by piece, beside whoever else runs on this thread.
    pub async fn hash(&self) -> anyhow::Result<String> {
        let file = self.open()?;
        let hashed = tokio::task::spawn_blocking(move || {
            let mut hasher = blake3::Hasher::new();
            hasher.update_reader(file)?;
            anyhow::Ok(hasher.finalize().to_hex().to_string())
        });
        hashed.await?
    }

    /// Keeps it for good.
    pub async fn keep(&self, bot: &Bot) -> anyhow::Result<BlobId> {
        Ok(bot.blobs.put_file(self.path()).await?)
    }
}
