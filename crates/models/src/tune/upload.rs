//! Files on their way to the provider: small ones in one piece, large ones in parts, each part tried again by
//! itself.
//!
//! A file whose outcome is unclear is looked for by its name before it is sent again, so that no second one
//! is left at the provider.

use super::read::text;
use super::send::{Call, Enclosed, Repeat};
use super::{FileId, StoredFile, TuneFailure, Tuner};
use bytes::Bytes;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use tokio::fs::File;
use tokio::io::AsyncReadExt as _;

/// What a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To train with.
    FineTune,
    /// Requests to be answered later.
    Batch,
}

impl Purpose {
    const fn name(self) -> &'static str {
        match self {
            Self::FineTune => "fine-tune",
            Self::Batch => "batch",
        }
    }
}

/// What is sent.
#[derive(Clone, Debug)]
pub enum Payload {
    /// What is in memory.
    Bytes(Bytes),
    /// What lies in a file; of a large one only a part is in memory at a time.
    File(PathBuf),
}

impl From<Vec<u8>> for Payload {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes.into())
    }
}

impl From<String> for Payload {
    fn from(text: String) -> Self {
        Self::Bytes(text.into())
    }
}

impl From<&Path> for Payload {
    fn from(path: &Path) -> Self {
        Self::File(path.to_owned())
    }
}

impl Tuner {
    /// Sends a file and gives its id. A name that no other file has (`apprentice-<run>-train.jsonl`) lets
    /// [`Self::find_file`] tell later whether it is there.
    pub async fn upload(
        &self,
        name: &str,
        payload: impl Into<Payload>,
        purpose: Purpose,
    ) -> Result<FileId, TuneFailure> {
        let mut source = Source::open(payload.into()).await?;
        if source.size >= self.limits.in_parts_from {
            return self.upload_in_parts(name, &mut source, purpose).await;
        }
        let bytes = source.next(source.size).await?;
        for attempt in 1.. {
            let told = self.send_file(name, bytes.clone(), purpose).await;
            let Err(TuneFailure::Unclear { reason }) = told else { return told };
            if let Some(file) = self.stored(name, bytes.len() as u64).await? {
                return Ok(file.id);
            }
            if attempt >= self.limits.attempts {
                return Err(TuneFailure::Unreachable { reason });
            }
        }
        Err(TuneFailure::senseless())
    }

    async fn send_file(&self, name: &str, bytes: Bytes, purpose: Purpose) -> Result<FileId, TuneFailure> {
        let file = Enclosed { field: "file", name, bytes, purpose: Some(purpose.name()) };
        let told = self.send(&Call::post("files").file(file).repeat(Repeat::Unsent)).await?;
        id_of(&told).ok_or_else(|| TuneFailure::unclear("no file in the answer"))
    }

    /// A file of that name and size; one that was left by an attempt long ago will do as well.
    async fn stored(&self, name: &str, size: u64) -> Result<Option<StoredFile>, TuneFailure> {
        Ok(self.find_file(name).await?.filter(|file| file.bytes == size))
    }

    async fn upload_in_parts(&self, name: &str, source: &mut Source, purpose: Purpose) -> Result<FileId, TuneFailure> {
        let body =
            json!({"filename": name, "purpose": purpose.name(), "bytes": source.size, "mime_type": "text/jsonl"});
        // An upload that nobody completes ends by itself, so a second one does no harm.
        let told = self.send(&Call::post("uploads").json(&body)).await?;
        let upload = text(&told, &["id"]).ok_or_else(TuneFailure::senseless)?;
        let told = match self.send_parts(&upload, source).await {
            Ok(parts) => self.complete(&upload, name, source.size, &parts).await,
            Err(failure) => Err(failure),
        };
        if let Err(failure) = &told {
            tracing::warn!(provider = %self.name, %failure, "an upload in parts is given up");
            let _ = self.send(&Call::post(&format!("uploads/{upload}/cancel")).repeat(Repeat::Unsent)).await;
        }
        told
    }

    async fn send_parts(&self, upload: &str, source: &mut Source) -> Result<Vec<String>, TuneFailure> {
        let path = format!("uploads/{upload}/parts");
        let mut parts = Vec::new();
        loop {
            let bytes = source.next(self.limits.part.max(1)).await?;
            if bytes.is_empty() {
                return Ok(parts);
            }
            // A part that came twice is named once, so that sending it again does no harm.
            let part = Enclosed { field: "data", name: "part", bytes, purpose: None };
            let told = self.send(&Call::post(&path).file(part)).await?;
            parts.push(text(&told, &["id"]).ok_or_else(TuneFailure::senseless)?);
        }
    }

    async fn complete(&self, upload: &str, name: &str, size: u64, parts: &[String]) -> Result<FileId, TuneFailure> {
        let (path, body) = (format!("uploads/{upload}/complete"), json!({"part_ids": parts}));
        let told = self.send(&Call::post(&path).json(&body).repeat(Repeat::Unsent)).await;
        let file = match told {
            Ok(told) => told.get("file").and_then(id_of),
            Err(TuneFailure::Unclear { .. }) => None,
            Err(failure) => return Err(failure),
        };
        match file {
            Some(id) => Ok(id),
            None => match self.stored(name, size).await? {
                Some(file) => Ok(file.id),
                None => Err(TuneFailure::Unreachable { reason: "the upload was not completed".to_owned() }),
            },
        }
    }
}

fn id_of(json: &Value) -> Option<FileId> {
    text(json, &["id"]).map(FileId)
}

/// Where the bytes come from, read from its beginning to its end.
struct Source {
    size: u64,
    from: Origin,
}

enum Origin {
    Memory(Bytes),
    Disk(File),
}

impl Source {
    async fn open(payload: Payload) -> Result<Self, TuneFailure> {
        match payload {
            Payload::Bytes(bytes) => Ok(Self { size: bytes.len() as u64, from: Origin::Memory(bytes) }),
            Payload::File(path) => {
                let file = File::open(path).await.map_err(unreadable)?;
                let size = file.metadata().await.map_err(unreadable)?.len();
                Ok(Self { size, from: Origin::Disk(file) })
            }
        }
    }

    /// The next bytes, as many as that unless the end comes first.
    async fn next(&mut self, most: u64) -> Result<Bytes, TuneFailure> {
        match &mut self.from {
            Origin::Memory(bytes) => {
                let most = usize::try_from(most).unwrap_or(usize::MAX).min(bytes.len());
                Ok(bytes.split_to(most))
            }
            Origin::Disk(file) => {
                let mut read = Vec::new();
                file.take(most).read_to_end(&mut read).await.map_err(unreadable)?;
                Ok(read.into())
            }
        }
    }
}

fn unreadable(error: std::io::Error) -> TuneFailure {
    TuneFailure::Unreadable { reason: error.kind().to_string() }
}
