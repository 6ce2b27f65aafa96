//! Reads an archive block by block and takes nothing but what [`super::Archiver`] writes: plain files, and an
//! extended header that holds a path. Memory does not depend on what the archive says.

use super::broken::Broken;
use super::unpack::Limits;
use super::{BLOCK, CHUNK};
use std::fs::File;
use std::io::{self, BufReader, Read};
use tar::EntryType;

/// The longest extended header, in bytes.
const EXTENDED: u64 = 64 << 10;
/// Below so many bytes no ratio is looked at.
const SMALL: u64 = 16 << 20;

/// Counts and hashes the compressed bytes.
struct Counted {
    file: File,
    len: u64,
    hash: blake3::Hasher,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.hash.update(buffer.get(..read).unwrap_or_default());
        self.len += read as u64;
        Ok(read)
    }
}

type Stream = zstd::stream::read::Decoder<'static, BufReader<Counted>>;

/// An entry's header.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    pub(crate) path: String,
    pub(crate) size: u64,
    pub(crate) seconds: u64,
}

pub(crate) struct Source {
    stream: BufReader<Stream>,
    limits: Option<Limits>,
    /// Bytes of the tar read so far.
    at: u64,
    /// Bytes left of the entry, and after it in its last block.
    left: u64,
    padding: u64,
}

impl Source {
    pub(crate) fn new(file: File, limits: Option<Limits>) -> io::Result<Self> {
        let stream = Stream::new(Counted { file, len: 0, hash: blake3::Hasher::new() })?;
        Ok(Self { stream: BufReader::with_capacity(CHUNK, stream), limits, at: 0, left: 0, padding: 0 })
    }

    /// The next entry; nothing at the end. The one before must have been read whole.
    pub(crate) fn next(&mut self) -> Result<Option<Head>, Broken> {
        let mut long = None;
        loop {
            let at = self.at;
            let Some(header) = self.header()? else {
                return if long.is_some() { Err(Broken::Header { at }) } else { self.end() };
            };
            let size = header.entry_size().map_err(|_| Broken::Header { at })?;
            let path = long.take().unwrap_or_else(|| header.path_bytes().into_owned());
            let path = String::from_utf8(path)
                .map_err(|error| Broken::Path { path: String::from_utf8_lossy(error.as_bytes()).into_owned() })?;
            self.left = size;
            self.padding = size.next_multiple_of(BLOCK as u64) - size;
            match header.entry_type() {
                EntryType::Regular => {
                    let seconds = header.mtime().map_err(|_| Broken::Header { at })?;
                    return Ok(Some(Head { path, size, seconds }));
                }
                EntryType::XHeader => long = Some(self.extended(at, size)?),
                _ => return Err(Broken::Kind { path }),
            }
        }
    }

    /// Reads on in the entry; 0 at its end.
    pub(crate) fn data(&mut self, buffer: &mut [u8]) -> Result<usize, Broken> {
        let wanted = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let buffer = buffer.get_mut(..wanted).unwrap_or_default();
        self.exact(buffer)?;
        self.left -= wanted as u64;
        if self.left == 0 && self.padding > 0 {
            let mut rest = [0; BLOCK];
            let padding = usize::try_from(std::mem::take(&mut self.padding)).unwrap_or(0);
            self.exact(rest.get_mut(..padding).unwrap_or_default())?;
        }
        Ok(wanted)
    }

    /// Size and BLAKE3 of the archive; of all of it once the end was reached.
    pub(crate) fn read(&self) -> (u64, blake3::Hash) {
        let counted = self.stream.get_ref().get_ref().get_ref();
        (counted.len, counted.hash.finalize())
    }

    /// The next header; nothing for the block of zeros that begins the end.
    fn header(&mut self) -> Result<Option<tar::Header>, Broken> {
        let at = self.at;
        let mut header = tar::Header::new_old();
        self.exact(header.as_mut_bytes())?;
        let bytes = header.as_bytes();
        if bytes.iter().all(|byte| *byte == 0) {
            return Ok(None);
        }
        // The checksum counts its own field as spaces.
        let sum: u32 =
            bytes.iter().enumerate().map(|(i, byte)| if (148..156).contains(&i) { 32 } else { u32::from(*byte) }).sum();
        if header.cksum().is_ok_and(|said| said == sum) { Ok(Some(header)) } else { Err(Broken::Header { at }) }
    }

    /// The path that an extended header holds.
    fn extended(&mut self, at: u64, size: u64) -> Result<Vec<u8>, Broken> {
        let broken = || Broken::Header { at };
        let mut record = vec![0; usize::try_from(size).ok().filter(|_| size <= EXTENDED).ok_or_else(broken)?];
        self.data(&mut record)?;
        let space = record.iter().position(|byte| *byte == b' ').ok_or_else(broken)?;
        let (len, rest) = record.split_at(space);
        let len = str::from_utf8(len).ok().and_then(|len| len.parse().ok());
        let path = rest.strip_prefix(b" path=").and_then(|path| path.strip_suffix(b"\n"));
        path.filter(|_| len == Some(size)).map(<[u8]>::to_vec).ok_or_else(broken)
    }

    /// A second block of zeros, and then nothing.
    fn end(&mut self) -> Result<Option<Head>, Broken> {
        let at = self.at;
        if self.header()?.is_some() {
            return Err(Broken::Header { at });
        }
        let mut more = [0];
        match self.stream.read(&mut more) {
            Ok(0) => Ok(None),
            Ok(_) => Err(Broken::Trailing),
            Err(error) => Err(stream(&error)),
        }
    }

    fn exact(&mut self, buffer: &mut [u8]) -> Result<(), Broken> {
        self.stream.read_exact(buffer).map_err(|error| stream(&error))?;
        self.at += buffer.len() as u64;
        let Some(limits) = self.limits else { return Ok(()) };
        let compressed = self.stream.get_ref().get_ref().get_ref().len;
        if self.at > limits.bytes {
            Err(Broken::TooLarge { limit: limits.bytes })
        } else if self.at > SMALL && self.at / compressed.max(1) >= limits.ratio {
            Err(Broken::Ratio { limit: limits.ratio })
        } else {
            Ok(())
        }
    }
}

fn stream(error: &io::Error) -> Broken {
    Broken::Stream { why: error.to_string() }
}
