//! The manifest's entries while an archive is made: a file beside it, so that they need no memory and survive a stop.

use super::manifest::Line;
use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};

#[derive(Debug)]
pub(crate) struct Journal {
    file: BufWriter<File>,
    len: u64,
}

impl Journal {
    /// Goes on after the first `len` bytes; the rest is cut off.
    pub(crate) fn new(mut file: File, len: u64) -> io::Result<Self> {
        file.set_len(len)?;
        file.seek(SeekFrom::Start(len))?;
        Ok(Self { file: BufWriter::new(file), len })
    }

    /// Appends an entry, parted by a comma from the one before.
    pub(crate) fn add(&mut self, line: &Line) -> io::Result<()> {
        let mut json = if self.len == 0 { Vec::new() } else { b",\n".to_vec() };
        serde_json::to_writer(&mut json, line)?;
        self.len += json.len() as u64;
        self.file.write_all(&json)
    }

    /// Bytes so far.
    pub(crate) const fn len(&self) -> u64 {
        self.len
    }

    /// Makes what was added durable.
    pub(crate) fn sync(&mut self) -> io::Result<()> {
        self.file.flush()?;
        self.file.get_ref().sync_data()
    }

    /// The file, to be read from its beginning.
    pub(crate) fn rewind(&mut self) -> io::Result<&mut File> {
        self.file.flush()?;
        let file = self.file.get_mut();
        file.rewind()?;
        Ok(file)
    }
}
