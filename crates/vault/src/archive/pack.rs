//! Tar blocks in, compressed frames out. Where a frame ends, the file so far is a whole zstd stream of its own, to which
//! more frames may be appended: the points from which a stopped archive goes on.

use super::{BLOCK, CHUNK};
use std::fs::File;
use std::io::{self, Write};
use zstd::stream::raw::{CParameter, Encoder, InBuffer, Operation, OutBuffer};

pub(crate) struct Pack {
    file: File,
    encoder: Encoder<'static>,
    waiting: Vec<u8>,
    out: Vec<u8>,
    in_frame: u64,
    len: u64,
    hash: blake3::Hasher,
}

impl std::fmt::Debug for Pack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pack").field("len", &self.len).field("in_frame", &self.in_frame).finish_non_exhaustive()
    }
}

impl Pack {
    /// Appends to `file`, which holds `len` bytes that were hashed into `hash`.
    pub(crate) fn new(file: File, len: u64, hash: blake3::Hasher, level: i32, threads: u32) -> io::Result<Self> {
        let mut encoder = Encoder::new(level)?;
        encoder.set_parameter(CParameter::ChecksumFlag(true))?;
        // Also with one thread: without workers the bytes would be others.
        encoder.set_parameter(CParameter::NbWorkers(threads.max(1)))?;
        let waiting = Vec::with_capacity(2 * CHUNK);
        Ok(Self { file, encoder, waiting, out: vec![0; CHUNK], in_frame: 0, len, hash })
    }

    /// Bytes put since the last frame ended.
    pub(crate) const fn in_frame(&self) -> u64 {
        self.in_frame
    }
    /// Compressed bytes in the file; all of them only where a frame has ended.
    pub(crate) const fn len(&self) -> u64 {
        self.len
    }
    /// Their BLAKE3.
    pub(crate) fn hash(&self) -> blake3::Hash {
        self.hash.finalize()
    }

    /// Appends bytes of the tar.
    pub(crate) fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.in_frame += bytes.len() as u64;
        if self.waiting.is_empty() && bytes.len() >= CHUNK {
            return self.compress(bytes);
        }
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() >= CHUNK { self.flush() } else { Ok(()) }
    }

    /// Fills up the last block of an entry of `size` bytes.
    pub(crate) fn pad(&mut self, size: u64) -> io::Result<()> {
        let over = usize::try_from(size % BLOCK as u64).unwrap_or(0);
        let zeros = [0; BLOCK];
        if over == 0 { Ok(()) } else { self.put(zeros.get(over..).unwrap_or_default()) }
    }

    /// Ends the frame, if anything is in it.
    pub(crate) fn end_frame(&mut self) -> io::Result<()> {
        if self.in_frame == 0 {
            return Ok(());
        }
        self.flush()?;
        loop {
            let mut out = OutBuffer::around(self.out.as_mut_slice());
            let left = self.encoder.finish(&mut out, false)?;
            let made = out.pos();
            self.write(made)?;
            if left == 0 {
                break;
            }
        }
        self.encoder.reinit()?;
        self.in_frame = 0;
        Ok(())
    }

    /// Makes what is in the file durable.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn flush(&mut self) -> io::Result<()> {
        let waiting = std::mem::take(&mut self.waiting);
        let done = self.compress(&waiting);
        self.waiting = waiting;
        self.waiting.clear();
        done
    }

    fn compress(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut input = InBuffer::around(bytes);
        while input.pos() < bytes.len() {
            let mut out = OutBuffer::around(self.out.as_mut_slice());
            self.encoder.run(&mut input, &mut out)?;
            let made = out.pos();
            self.write(made)?;
        }
        Ok(())
    }

    fn write(&mut self, made: usize) -> io::Result<()> {
        let bytes = self.out.get(..made).unwrap_or_default();
        self.hash.update(bytes);
        self.len += bytes.len() as u64;
        self.file.write_all(bytes)
    }
}

/// The header blocks of a file in the tar. Names that do not fit into one block get an extended (PAX) header before it.
pub(crate) fn header(path: &str, size: u64, seconds: u64) -> io::Result<Vec<u8>> {
    let mut blocks = Vec::with_capacity(BLOCK);
    let mut header = tar::Header::new_ustar();
    // Some readers take a backslash for a separator, but not in an extended header.
    if path.contains('\\') || header.set_path(path).is_err() {
        let mut extended = tar::Builder::new(Vec::new());
        extended.append_pax_extensions([("path", path.as_bytes())])?;
        blocks.extend_from_slice(extended.get_ref());
        header = tar::Header::new_ustar();
        header.set_path("files/long-name")?;
    }
    header.set_size(size);
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(seconds);
    header.set_cksum();
    blocks.extend_from_slice(header.as_bytes());
    Ok(blocks)
}
