//! By what files are known to be the same that a person was shown: one BLAKE3 over the names and contents of all that
//! was read, in order, with marks on the way that tell where a change is.

use serde::{Deserialize, Serialize};
use std::io::{self, Read};

/// Files that have a mark each; of more files, each of so many has one.
const EACH: u64 = 1_000;
/// See [`EACH`].
const EVERY: u64 = 32;
/// Characters of a mark.
const MARK: usize = 16;

/// The files so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Seal {
    /// How many.
    files: u64,
    /// Over all of them, hexadecimal.
    hash: String,
}

impl Seal {
    /// The same with one more file: its path, and what is known of its content.
    pub(super) fn add(&mut self, path: &str, content: &Content) {
        let mut hasher = blake3::Hasher::new();
        hasher.update(self.hash.as_bytes()).update(&(path.len() as u64).to_le_bytes()).update(path.as_bytes());
        match content {
            Content::Read(hash) => hasher.update(hash.as_bytes()),
            Content::Passed(size) => hasher.update(&size.to_le_bytes()),
        };
        self.hash = hasher.finalize().to_hex().to_string();
        self.files += 1;
    }
    /// How many files.
    pub(super) const fn files(&self) -> u64 {
        self.files
    }
    /// The mark at this place, and which one it is, if there is one here.
    fn mark(&self) -> Option<(usize, &str)> {
        let at = match self.files {
            0 => return None,
            files @ 1..=EACH => files - 1,
            files if files % EVERY == 0 => EACH + files / EVERY,
            _ => return None,
        };
        Some((usize::try_from(at).ok()?, self.hash.get(..MARK)?))
    }
}

/// What is known of a file's content.
pub(super) enum Content {
    /// All of it was read.
    Read(blake3::Hash),
    /// Nothing in it can be learnt; it has so many bytes.
    Passed(u64),
}

/// The marks of everything that was checked.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Marks(std::collections::BTreeMap<usize, String>);

impl Marks {
    /// Remembers the mark here, if there is one.
    pub(super) fn set(&mut self, seal: &Seal) {
        self.0.extend(seal.mark().map(|(at, mark)| (at, mark.to_owned())));
    }
    /// Whether the mark here, if there is one, is the remembered one.
    pub(super) fn fits(&self, seal: &Seal) -> bool {
        seal.mark().is_none_or(|(at, mark)| self.0.get(&at).is_some_and(|known| known == mark))
    }
}

/// Hashes what is read through it.
pub(super) struct Hashed<R> {
    inner: R,
    hasher: blake3::Hasher,
}

impl<R: Read> Hashed<R> {
    /// Around a reader at its beginning.
    pub(super) fn new(inner: R) -> Self {
        Self { inner, hasher: blake3::Hasher::new() }
    }
    /// The hash of all of it; what nobody has read yet is read.
    pub(super) fn finish(mut self) -> io::Result<blake3::Hash> {
        io::copy(&mut self, &mut io::sink())?;
        Ok(self.hasher.finalize())
    }
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(into)?;
        self.hasher.update(into.get(..count).unwrap_or_default());
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn content(text: &str) -> Content {
        let mut hashed = Hashed::new(text.as_bytes());
        hashed.read_exact(&mut [0; 1]).unwrap();
        Content::Read(hashed.finish().unwrap())
    }

    #[test]
    fn a_changed_a_missing_and_an_exchanged_file_break_the_seal_where_they_are() {
        let sealed = |files: &[(&str, &str)]| {
            let (mut seal, mut marks) = (Seal::default(), Marks::default());
            for (path, text) in files {
                seal.add(path, &content(text));
                marks.set(&seal);
            }
            (seal, marks)
        };
        let (whole, marks) = sealed(&[("a", "one"), ("b", "two"), ("c", "three")]);
        assert_eq!(sealed(&[("a", "one"), ("b", "two"), ("c", "three")]).0, whole);
        let (mut seal, fits) = (Seal::default(), |seal: &Seal| marks.fits(seal));
        seal.add("a", &content("one"));
        assert!(fits(&seal));
        seal.add("b", &content("2wo"));
        assert!(!fits(&seal));
        assert_ne!(sealed(&[("a", "one"), ("b", "two")]).0, whole);
        assert_ne!(sealed(&[("b", "two"), ("a", "one"), ("c", "three")]).0, whole);
    }

    #[test]
    fn of_very_many_files_some_have_marks_and_no_two_the_same() {
        let (mut seal, mut marks) = (Seal::default(), Marks::default());
        for n in 0..2_000 {
            seal.add(&n.to_string(), &Content::Passed(n));
            marks.set(&seal);
            assert!(marks.fits(&seal));
        }
        assert_eq!(marks.0.len() as u64, EACH + 2_000 / EVERY - EACH / EVERY);
    }
}
