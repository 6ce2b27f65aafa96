//! Files out of a ZIP archive, in memory and by name: no path is ever used. However it was made, an archive
//! never gives more than [`Limits::unpacked`] bytes altogether, whatever its headers claim.

use crate::problem::{Bound, Limits, Problem};
use std::io::{Cursor, Read};
use zip::ZipArchive;
use zip::result::ZipError;

/// Entries that any archive may have: a big presentation has thousands, a directory of a million eats memory.
const ENTRIES: usize = 65_536;

/// An entry that unpacks to more than this is looked at for how well it is packed.
const SUSPECT: u64 = 16 << 20;

/// Times that such an entry may be larger than it is packed. Office files reach 50, a bomb has 1000.
const RATIO: u64 = 200;

/// The mark that an entry of the directory begins with.
const ENTRY_MARK: &[u8] = b"PK\x01\x02";

/// An archive that is read.
pub(crate) struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    names: Vec<String>,
    left: u64,
    limit: u64,
}

impl<'a> Archive<'a> {
    /// Opens an archive.
    ///
    /// # Errors
    ///
    /// [`Problem::Corrupt`] when it is none or is cut off, [`Problem::TooLarge`] with more entries than are read,
    /// [`Problem::Hostile`] when entries share bytes.
    pub(crate) fn open(bytes: &'a [u8], limits: &Limits) -> Result<Self, Problem> {
        if memchr::memmem::find_iter(bytes, ENTRY_MARK).nth(ENTRIES).is_some() {
            return Err(Problem::TooLarge { what: Bound::Members, limit: ENTRIES as u64 });
        }
        let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(problem)?;
        if zip.has_overlapping_files().map_err(problem)? {
            return Err(Problem::Hostile { detail: "entries of an archive share bytes".to_owned() });
        }
        let names = zip.file_names_raw().map(decoded).collect();
        Ok(Self { zip, names, left: limits.unpacked, limit: limits.unpacked })
    }

    /// The names of its files and folders, in the order of its directory.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// Bytes that may still be unpacked.
    pub(crate) fn left(&self) -> u64 {
        self.left
    }

    /// Leaves at most so many bytes to be unpacked: files of it were read, too.
    pub(crate) fn spend_down_to(&mut self, left: u64) {
        self.left = self.left.min(left);
    }

    /// Unpacks a file, by the name that [`Self::names`] has for it; nothing when there is none.
    ///
    /// # Errors
    ///
    /// [`Problem::Encrypted`], [`Problem::Corrupt`] (also a wrong checksum), [`Problem::TooLarge`] when the archive has given
    /// all that it may, [`Problem::Hostile`] for a bomb.
    pub(crate) fn read(&mut self, name: &str) -> Result<Option<Vec<u8>>, Problem> {
        match self.names.iter().position(|known| known == name) {
            Some(at) => self.read_at(at).map(Some),
            None => Ok(None),
        }
    }

    /// Unpacks the file at a place of [`Self::names`].
    ///
    /// # Errors
    ///
    /// As [`Self::read`].
    pub(crate) fn read_at(&mut self, at: usize) -> Result<Vec<u8>, Problem> {
        let file = self.zip.by_index(at).map_err(problem)?;
        let packed = file.compressed_size();
        let most = self.left.min(packed.saturating_mul(RATIO).max(SUSPECT));
        let mut bytes = Vec::new();
        let read = file.take(most.saturating_add(1)).read_to_end(&mut bytes);
        let unpacked = bytes.len() as u64;
        if unpacked > most {
            return Err(self.too_much(most));
        }
        self.left = self.left.saturating_sub(unpacked);
        read.map_err(|error| Problem::Corrupt { detail: error.to_string() })?;
        Ok(bytes)
    }

    fn too_much(&mut self, most: u64) -> Problem {
        let spent = most == self.left;
        self.left = self.left.saturating_sub(most);
        if spent {
            Problem::TooLarge { what: Bound::Unpacked, limit: self.limit }
        } else {
            Problem::Hostile { detail: format!("unpacks to more than {most} bytes") }
        }
    }
}

/// A name as people see it: UTF-8, or else what DOS wrote, which in this part of the world is code page 866.
fn decoded(name: &[u8]) -> String {
    match std::str::from_utf8(name) {
        Ok(name) => name.to_owned(),
        Err(_) => encoding_rs::IBM866.decode_without_bom_handling(name).0.into_owned(),
    }
}

fn problem(error: ZipError) -> Problem {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) | ZipError::InvalidPassword => Problem::Encrypted,
        other => Problem::Corrupt { detail: other.to_string() },
    }
}
