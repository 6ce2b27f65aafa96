//! Files that people sent, brought from Telegram's servers, or read from the disk that a Bot API server of
//! one's own shares. A download that breaks begins again where it broke: what has been written stays.

use super::{Config, Failure, Telegram};
use futures::StreamExt as _;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio_util::io::StreamReader;

/// Most bytes of a file that Telegram's own servers hand out.
pub const LARGEST_DOWNLOAD: u64 = 20 * 1024 * 1024;
/// Most bytes of a file that a Bot API server of one's own takes and hands out.
pub const LARGEST_LOCAL: u64 = 2000 * 1024 * 1024;
/// Times that a download is begun again.
const REPEATS: u32 = 3;
/// Bytes that are read at once.
const PIECE: usize = 64 * 1024;

/// A file that was brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// How many bytes it has.
    pub bytes: u64,
    /// What Telegram calls it (`file_12.oga`): its extension may tell what it is.
    pub name: String,
}

/// Where a file lies.
struct Found {
    path: String,
    /// Its size, where Telegram says it.
    bytes: Option<u64>,
}

impl Config {
    /// Most bytes of a file that can be fetched.
    pub const fn largest_download(&self) -> u64 {
        if self.local { LARGEST_LOCAL } else { LARGEST_DOWNLOAD }
    }
    /// Most bytes of a file that can be sent; a picture or a recording may be less.
    pub const fn largest_upload(&self) -> u64 {
        if self.local { LARGEST_LOCAL } else { super::LARGEST_DOCUMENT }
    }
}

impl Telegram {
    /// Most bytes of a file that can be fetched from this server.
    pub fn largest_download(&self) -> u64 {
        self.0.config.largest_download()
    }
    /// Most bytes of a file that can be sent to this server.
    pub fn largest_upload(&self) -> u64 {
        self.0.config.largest_upload()
    }

    /// Fetches a file of at most `limit` bytes.
    ///
    /// # Errors
    ///
    /// Those of [`Self::fetch_to`].
    pub async fn fetch_file(&self, handle: &str, limit: u64) -> Result<Vec<u8>, Failure> {
        let mut bytes = Vec::new();
        self.fetch_to(handle, limit, &mut bytes).await?;
        Ok(bytes)
    }

    /// Writes a file of at most `limit` bytes, piece by piece as it comes; flushed in the end.
    ///
    /// # Errors
    ///
    /// [`Failure::TooBig`] for what is larger than `limit` or than the server hands out,
    /// [`Failure::Refused`] for what is not there (any more), [`Failure::Unreadable`] when the disk fails,
    /// and those of any call. What was written by then is no file.
    pub async fn fetch_to(
        &self,
        handle: &str,
        limit: u64,
        into: &mut (dyn AsyncWrite + Send + Unpin),
    ) -> Result<Fetched, Failure> {
        let mut taken = Taken { into, written: 0, limit };
        let mut attempt = 0;
        loop {
            match self.fetched_once(handle, &mut taken).await {
                Err(Failure::Broken(why)) if attempt < REPEATS => {
                    tracing::debug!(why, taken.written, "a download is begun again");
                    super::pause(std::time::Duration::from_millis(200 << attempt)).await;
                    attempt += 1;
                }
                told => return told,
            }
        }
    }

    async fn fetched_once(&self, handle: &str, taken: &mut Taken<'_>) -> Result<Fetched, Failure> {
        // A path is good for an hour: asked for again, a new one is given.
        let found = self.found(handle, taken.limit).await?;
        if let Some(bytes) = found.bytes.filter(|bytes| *bytes > taken.limit) {
            return Err(Failure::TooBig { bytes: Some(bytes), most: taken.limit });
        }
        let bytes = match self.on_disk(&found.path).await? {
            Some(path) => taken.read(&mut opened(&path).await?).await?,
            None => {
                let response = self.0.api.file(&found.path, found.bytes.unwrap_or(taken.limit)).await?;
                let pieces = response.bytes_stream().map(|piece| piece.map_err(super::api::cut_off)).boxed();
                taken.read(&mut StreamReader::new(pieces)).await?
            }
        };
        // An answer that ends too soon looks like a whole one.
        if let Some(whole) = found.bytes.filter(|whole| bytes < *whole) {
            return Err(Failure::Broken(format!("{bytes} bytes came of a file of {whole}")));
        }
        taken.into.flush().await.map_err(|error| unwritable(&error))?;
        let name = found.path.rsplit('/').next().unwrap_or_default().to_owned();
        Ok(Fetched { bytes, name })
    }

    async fn found(&self, handle: &str, limit: u64) -> Result<Found, Failure> {
        let file = match self.0.api.call("getFile", &json!({"file_id": handle})).await {
            Err(Failure::Refused { description }) if description.to_lowercase().contains("file is too big") => {
                return Err(Failure::TooBig { bytes: None, most: limit.min(self.largest_download()) });
            }
            told => told?,
        };
        let path = file.get("file_path").and_then(Value::as_str).unwrap_or_default().to_owned();
        if path.is_empty() {
            return Err(Failure::Broken("the file is not there yet".to_owned()));
        }
        Ok(Found { path, bytes: file.get("file_size").and_then(Value::as_u64) })
    }

    /// The path of a file that a server of one's own keeps on this disk; none where it is to be downloaded.
    async fn on_disk(&self, path: &str) -> Result<Option<PathBuf>, Failure> {
        if !path.starts_with('/') {
            return Ok(None);
        }
        let config = &self.0.config;
        if !config.local {
            let description = "the server keeps its files on its own disk, and is not said to be local";
            return Err(Failure::Refused { description: description.to_owned() });
        }
        let Some(dir) = &config.local_dir else {
            let description = "nobody has said where the local server keeps its files";
            return Err(Failure::Refused { description: description.to_owned() });
        };
        // Symbolic links and `..` count by where they lead.
        let path = tokio::fs::canonicalize(path).await.map_err(|error| missing(path.as_ref(), &error))?;
        let dir = tokio::fs::canonicalize(dir).await.map_err(|error| Failure::Unreadable {
            name: "the server's directory".to_owned(),
            why: error.to_string(),
        })?;
        if path.starts_with(&dir) {
            return Ok(Some(path));
        }
        Err(Failure::Refused { description: "the server names a file outside of its directory".to_owned() })
    }
}

/// What has been written of a file, over all attempts.
struct Taken<'a> {
    into: &'a mut (dyn AsyncWrite + Send + Unpin),
    written: u64,
    limit: u64,
}

impl Taken<'_> {
    /// Writes what is not written yet; the bytes that were read.
    async fn read(&mut self, from: &mut (dyn AsyncRead + Send + Unpin)) -> Result<u64, Failure> {
        let mut piece = vec![0; PIECE];
        let mut read = 0_u64;
        loop {
            let many = from.read(&mut piece).await.map_err(|error| Failure::Broken(error.to_string()))?;
            if many == 0 {
                return Ok(read);
            }
            // The same bytes come each time: those of an earlier attempt are passed over.
            let known = usize::try_from(self.written.saturating_sub(read)).unwrap_or(usize::MAX).min(many);
            read += many as u64;
            if read > self.limit {
                return Err(Failure::TooBig { bytes: None, most: self.limit });
            }
            let fresh = piece.get(known..many).unwrap_or_default();
            self.into.write_all(fresh).await.map_err(|error| unwritable(&error))?;
            self.written += fresh.len() as u64;
        }
    }
}

async fn opened(path: &Path) -> Result<tokio::fs::File, Failure> {
    tokio::fs::File::open(path).await.map_err(|error| missing(path, &error))
}

/// Directories go unnamed: such a server calls one by the bot's token.
fn missing(path: &Path, error: &std::io::Error) -> Failure {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Failure::Unreadable { name, why: error.to_string() }
}

fn unwritable(error: &std::io::Error) -> Failure {
    Failure::Unreadable { name: "what was fetched".to_owned(), why: error.to_string() }
}
