//! A known model from its server: resumed where it broke, hashed as a whole, renamed when it is right.

use super::{FileFault, Known, PART, Shelf, Stored, check, known, stored};
use reqwest::header::{CONTENT_RANGE, RANGE};
use reqwest::{Client, Response, StatusCode};
use sha1::{Digest as _, Sha1};
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;

/// Attempts in a row that bring nothing before it is given up.
const ATTEMPTS: u32 = 5;
/// Longest wait for the next bytes.
const IDLE: Duration = Duration::from_secs(30);
/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(15);

impl Shelf {
    /// Loads a known model; `on_progress` hears the bytes that are here and those that there will be. A file that
    /// is here already and right is not loaded again.
    pub async fn pull(&self, name: &str, on_progress: impl FnMut(u64, u64) + Send) -> Result<Stored, FileFault> {
        let wanted = known().iter().find(|known| known.name == name);
        let wanted = wanted.ok_or_else(|| FileFault::Unknown { name: name.to_owned() })?;
        self.pull_known(wanted, on_progress).await
    }

    /// Loads a model by its description, as [`Self::pull`] does by a name.
    pub async fn pull_known(
        &self,
        wanted: &Known,
        mut on_progress: impl FnMut(u64, u64) + Send,
    ) -> Result<Stored, FileFault> {
        let whole = self.directory.join(&wanted.file);
        if whole.is_file() && is_right(&whole, wanted).await.is_ok() {
            return stored(whole);
        }
        tokio::fs::create_dir_all(&self.directory).await?;
        let part = self.directory.join(format!("{}.{PART}", wanted.file));
        let file = File::options().create(true).append(true).read(true).open(&part)?;
        file.try_lock().map_err(|_| FileFault::Running)?;
        let mut file = tokio::fs::File::from_std(file);
        self.load(wanted, &mut file, &mut on_progress).await?;
        file.sync_all().await?;
        if let Err(fault) = is_right(&part, wanted).await {
            tokio::fs::remove_file(&part).await?;
            return Err(fault);
        }
        tokio::fs::rename(&part, &whole).await?;
        stored(whole)
    }

    /// Adds to a file what it lacks.
    async fn load(
        &self,
        wanted: &Known,
        file: &mut tokio::fs::File,
        on_progress: &mut (impl FnMut(u64, u64) + Send),
    ) -> Result<(), FileFault> {
        let http = Client::builder().connect_timeout(CONNECT).read_timeout(IDLE).build().map_err(unreachable)?;
        let url = format!("{}/{}", self.base, wanted.file);
        let mut vain = 0;
        loop {
            let before = file.metadata().await?.len();
            let told = once(&http, &url, wanted, file, on_progress).await;
            let brought = file.metadata().await?.len() > before;
            match told {
                Err(fault @ FileFault::Unreachable { .. }) if brought || vain + 1 < ATTEMPTS => {
                    vain = if brought { 0 } else { vain + 1 };
                    tracing::debug!(%fault, vain, "the file goes on to be loaded");
                    tokio::time::sleep(Duration::from_millis(200) * (1 << vain)).await;
                }
                told => return told,
            }
        }
    }
}

/// One request: the rest of the file, as far as it comes.
async fn once(
    http: &Client,
    url: &str,
    wanted: &Known,
    file: &mut tokio::fs::File,
    on_progress: &mut (impl FnMut(u64, u64) + Send),
) -> Result<(), FileFault> {
    let here = file.metadata().await?.len();
    let request = if here > 0 { http.get(url).header(RANGE, format!("bytes={here}-")) } else { http.get(url) };
    let mut response = request.send().await.map_err(unreachable)?;
    let mut here = match response.status() {
        StatusCode::PARTIAL_CONTENT if begins_at(&response, here) => here,
        // It is whole, or not the file that it was.
        StatusCode::RANGE_NOT_SATISFIABLE if here == wanted.bytes => return Ok(()),
        StatusCode::OK | StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE => 0,
        status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
            return Err(FileFault::Unreachable { reason: format!("status {}", status.as_u16()) });
        }
        status => return Err(FileFault::Refused { status: status.as_u16() }),
    };
    if here == 0 {
        file.set_len(0).await?;
    }
    if response.status() != StatusCode::OK && here == 0 {
        return Err(FileFault::Unreachable { reason: "it begins anew".to_owned() });
    }
    let most = wanted.bytes.saturating_add(wanted.bytes / 10);
    let whole = response.content_length().map_or(wanted.bytes, |rest| here + rest);
    if whole > most {
        return Err(FileFault::TooLarge { most });
    }
    while let Some(piece) = response.chunk().await.map_err(unreachable)? {
        here += piece.len() as u64;
        if here > most {
            return Err(FileFault::TooLarge { most });
        }
        file.write_all(&piece).await?;
        on_progress(here, whole);
    }
    Ok(file.flush().await?)
}

/// Whether a part of a file begins where it should: `Content-Range: bytes 100-…`.
fn begins_at(response: &Response, at: u64) -> bool {
    let range = response.headers().get(CONTENT_RANGE).and_then(|range| range.to_str().ok());
    range.is_none_or(|range| range.starts_with(&format!("bytes {at}-")))
}

fn unreachable(error: reqwest::Error) -> FileFault {
    let reason = if error.is_connect() { "no connection".to_owned() } else { error.without_url().to_string() };
    FileFault::Unreachable { reason }
}

/// Whether a file is the known one and a model.
async fn is_right(path: &Path, wanted: &Known) -> Result<(), FileFault> {
    let (path, expected) = (path.to_owned(), wanted.sha1.clone());
    let look = move || -> Result<(), FileFault> {
        let found = sha1_of(&path)?;
        if found != expected {
            return Err(FileFault::WrongHash { found });
        }
        Ok(check(&path).map(drop)?)
    };
    tokio::task::spawn_blocking(look).await.map_err(|ended| FileFault::Disk(std::io::Error::other(ended)))?
}

fn sha1_of(path: &PathBuf) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let mut hash = Sha1::new();
    let mut piece = vec![0; 1 << 18];
    loop {
        let read = file.read(&mut piece)?;
        match piece.get(..read).filter(|piece| !piece.is_empty()) {
            Some(piece) => hash.update(piece),
            None => return Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()),
        }
    }
}
