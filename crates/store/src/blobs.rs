//! Files, named by the BLAKE3 hash of their contents: in a directory, or in S3 when built with the
//! feature `s3`. What is read as a whole is checked against its name.

use crate::{Error, S3};
use domain::ids::Millis;
use futures::stream::{self, BoxStream};
use futures::{StreamExt as _, TryStreamExt as _};
use object_store::path::Path;
use object_store::{GetOptions, ObjectStore, ObjectStoreExt as _, PutPayload};
use std::ops::Range;
use std::sync::Arc;
use std::{fmt, io};

/// Contents, piece by piece.
pub type Pieces = BoxStream<'static, io::Result<bytes::Bytes>>;

/// The name of a file: the BLAKE3 hash of its contents, 64 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlobId(String);

impl BlobId {
    /// The name that these contents have.
    pub fn of(contents: &[u8]) -> Self {
        Self(blake3::hash(contents).to_hex().to_string())
    }
    /// Reads a name; none when it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let well_formed = text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        well_formed.then(|| Self(text.to_owned()))
    }
    /// Its digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// Where it lies: a thousand small directories instead of one large one.
    fn path(&self) -> Path {
        let (front, _) = self.0.split_at_checked(3).unwrap_or_default();
        Path::from_iter([front, self.0.as_str()])
    }
}

impl fmt::Display for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The store of files. Clones share everything.
#[derive(Clone, Debug)]
pub struct Blobs(Arc<dyn ObjectStore>);

impl Blobs {
    /// Opens a directory, made if it is not there, or `s3://bucket/prefix`.
    pub fn open(place: &str, s3: &S3) -> Result<Self, Error> {
        if place.starts_with("s3://") {
            return open_s3(place, s3);
        }
        let directory = place.strip_prefix("file://").unwrap_or(place);
        std::fs::create_dir_all(directory).map_err(Error::broken)?;
        let store = object_store::local::LocalFileSystem::new_with_prefix(directory)?.with_fsync(true);
        Ok(Self(Arc::new(store)))
    }

    /// Stores contents under their hash; the same contents are stored once.
    pub async fn put(&self, contents: bytes::Bytes) -> Result<BlobId, Error> {
        let id = BlobId::of(&contents);
        if self.0.head(&id.path()).await.is_err() {
            self.0.put(&id.path(), PutPayload::from_bytes(contents)).await?;
        }
        Ok(id)
    }

    /// Stores what is in a file under its hash, piece by piece: no more than a piece is ever in memory.
    pub async fn put_file(&self, file: &std::path::Path) -> Result<BlobId, Error> {
        let hashed = file.to_owned();
        let hash = tokio::task::spawn_blocking(move || -> std::io::Result<String> {
            let mut hasher = blake3::Hasher::new();
            hasher.update_reader(std::fs::File::open(hashed)?)?;
            Ok(hasher.finalize().to_hex().to_string())
        });
        let id = BlobId(hash.await.map_err(Error::broken)?.map_err(Error::broken)?);
        if self.0.head(&id.path()).await.is_err() {
            let mut from = tokio::fs::File::open(file).await.map_err(Error::broken)?;
            let mut to = object_store::buffered::BufWriter::new(self.0.clone(), id.path());
            let copied = tokio::io::copy(&mut from, &mut to).await;
            let ended = match copied {
                Ok(_) => tokio::io::AsyncWriteExt::shutdown(&mut to).await,
                Err(error) => to.abort().await.map_err(std::io::Error::other).and(Err(error)),
            };
            ended.map_err(|error| match error.kind() {
                std::io::ErrorKind::StorageFull => Error::Full,
                _ => Error::broken(error),
            })?;
        }
        Ok(id)
    }

    /// Reads contents, checked against their name.
    pub async fn get(&self, id: &BlobId) -> Result<bytes::Bytes, Error> {
        let contents = self.0.get(&id.path()).await?.bytes().await?;
        match BlobId::of(&contents) == *id {
            true => Ok(contents),
            false => Err(Error::Broken(format!("the file {id} is damaged").into())),
        }
    }

    /// How many bytes contents have.
    pub async fn size(&self, id: &BlobId) -> Result<u64, Error> {
        Ok(self.0.head(&id.path()).await?.size)
    }

    /// Reads contents piece by piece, and says how many bytes they have. The last piece is followed by an error where they
    /// are not what their name says.
    pub async fn stream(&self, id: &BlobId) -> Result<(u64, Pieces), Error> {
        let found = self.0.get(&id.path()).await?;
        let bytes = found.meta.size;
        Ok((bytes, checked(id.clone(), found.into_stream().map_err(io::Error::other).boxed())))
    }

    /// Reads some bytes of contents, and no others; these cannot be checked against the name.
    pub async fn part(&self, id: &BlobId, bytes: Range<u64>) -> Result<Pieces, Error> {
        let options = GetOptions { range: Some(bytes.into()), ..GetOptions::default() };
        let found = self.0.get_opts(&id.path(), options).await?;
        Ok(found.into_stream().map_err(io::Error::other).boxed())
    }

    /// Removes a file; that it was not there is no error.
    pub async fn delete(&self, id: &BlobId) -> Result<(), Error> {
        match self.0.delete(&id.path()).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Every file with its size in bytes and the time of its last change.
    pub async fn list(&self) -> Result<Vec<(BlobId, u64, Millis)>, Error> {
        let found: Vec<_> = self.0.list(None).try_collect().await?;
        let named = found.into_iter().filter_map(|meta| {
            let id = BlobId::parse(meta.location.filename()?)?;
            Some((id, meta.size, Millis(meta.last_modified.timestamp_millis())))
        });
        Ok(named.collect())
    }
}

/// The same pieces, and an error behind them where their name is another one.
fn checked(id: BlobId, pieces: Pieces) -> Pieces {
    let next = |(id, mut pieces, mut hasher): (BlobId, Pieces, blake3::Hasher)| async move {
        match pieces.try_next().await? {
            Some(piece) => {
                hasher.update(&piece);
                Ok(Some((piece, (id, pieces, hasher))))
            }
            None if hasher.finalize().to_hex().as_str() == id.as_str() => Ok(None),
            None => Err(io::Error::new(io::ErrorKind::InvalidData, format!("the file {id} is damaged"))),
        }
    };
    stream::try_unfold((id, pieces, blake3::Hasher::new()), next).boxed()
}

#[cfg(feature = "s3")]
fn open_s3(place: &str, s3: &S3) -> Result<Blobs, Error> {
    use secrecy::ExposeSecret as _;
    let rest = place.trim_start_matches("s3://");
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    let mut builder = object_store::aws::AmazonS3Builder::from_env().with_bucket_name(bucket);
    if let Some(endpoint) = &s3.endpoint {
        builder = builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://"));
    }
    if let Some(region) = &s3.region {
        builder = builder.with_region(region);
    }
    if let (Some(id), Some(secret)) = (&s3.key_id, &s3.secret) {
        builder = builder.with_access_key_id(id.expose_secret()).with_secret_access_key(secret.expose_secret());
    }
    Ok(Blobs(Arc::new(object_store::prefix::PrefixStore::new(builder.build()?, prefix))))
}

#[cfg(not(feature = "s3"))]
fn open_s3(place: &str, _: &S3) -> Result<Blobs, Error> {
    Err(Error::Broken(
        format!("{place}: this build cannot use S3; build it with the feature `s3`, or name a directory").into(),
    ))
}

impl From<object_store::Error> for Error {
    fn from(error: object_store::Error) -> Self {
        use std::error::Error as _;
        if matches!(error, object_store::Error::NotFound { .. }) {
            return Self::NotFound;
        }
        let mut cause = error.source();
        while let Some(inner) = cause {
            if let Some(io) = inner.downcast_ref::<std::io::Error>()
                && io.kind() == std::io::ErrorKind::StorageFull
            {
                return Self::Full;
            }
            cause = inner.source();
        }
        Self::broken(error)
    }
}
