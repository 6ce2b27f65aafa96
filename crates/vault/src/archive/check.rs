//! Reads an archive and compares every file with the manifest: contents, sizes, none missing, none too many.
//!
//! Memory: 40 bytes per file. The manifest comes last, thus what was read is kept as a fingerprint until then.

use super::broken::Broken;
use super::manifest::{About, Line, Read, Totals, read};
use super::source::{Head, Source};
use super::unpack::{Limits, Sink};
use super::{CHUNK, FILES, MANIFEST};
use crate::vault::Vault;
use crate::walk::{MAX_DEPTH, MAX_ENTRIES};
use std::fs::File;
use std::io::{self, BufRead, BufReader};

/// The longest line of a manifest, in bytes: a path of the greatest length, every byte escaped.
const LINE: u64 = 256 << 10;

/// What an archive holds, every hash of which was right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How many files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// What the manifest lists as left out.
    pub left_out: u64,
    /// Bytes of the archive.
    pub size: u64,
    /// BLAKE3 of the archive, in hex.
    pub blake3: String,
    /// What its maker says about it.
    pub about: About,
}

/// What was read of one file: a tag of its path, and the hash of path, size and content together.
struct Seen {
    path: u64,
    all: [u8; 32],
}

struct Body {
    head: Head,
    hash: blake3::Hasher,
    left: u64,
}

/// Checks one archive in steps.
pub struct Check {
    source: Source,
    sink: Option<Sink>,
    most: u64,
    seen: Vec<Seen>,
    last: Option<String>,
    body: Option<Body>,
    bytes: u64,
    buffer: Vec<u8>,
    done: Option<Verified>,
}

impl std::fmt::Debug for Check {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Check").field("files", &self.seen.len()).field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

impl Check {
    /// Begins to read `file`, an opened archive.
    pub fn new(file: File) -> Result<Self, Broken> {
        Self::with(file, None, None)
    }

    pub(crate) fn with(file: File, limits: Option<Limits>, sink: Option<Sink>) -> Result<Self, Broken> {
        let source = Source::new(file, limits).map_err(Broken::io(""))?;
        Ok(Self {
            source,
            sink,
            most: limits.map_or(MAX_ENTRIES, |limits| limits.files),
            seen: Vec::new(),
            last: None,
            body: None,
            bytes: 0,
            buffer: vec![0; CHUNK],
            done: None,
        })
    }

    /// Bytes of files that were read so far.
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Reads about `budget` bytes; what was found when all is read.
    pub fn step(&mut self, budget: u64) -> Result<Option<Verified>, Broken> {
        let mut worked = 0;
        while worked < budget && self.done.is_none() {
            worked += match self.body.take() {
                Some(body) => self.go_on(body)?,
                None => self.next()?,
            };
        }
        Ok(self.done.clone())
    }

    pub(crate) fn into_sink(self) -> Option<Sink> {
        self.sink
    }

    fn next(&mut self) -> Result<u64, Broken> {
        let Some(head) = self.source.next()? else { return Err(Broken::NoManifest) };
        let size = head.size;
        if head.path == MANIFEST {
            let (about, totals) = self.manifest()?;
            if self.source.next()?.is_some() {
                return Err(Broken::Trailing);
            }
            let (size, blake3) = self.source.read();
            let Totals { files, bytes, left_out } = totals;
            self.done = Some(Verified { files, bytes, left_out, size, blake3: blake3.to_hex().to_string(), about });
            return Ok(1);
        }
        let path = safe(&head.path).ok_or_else(|| Broken::Path { path: head.path.clone() })?.to_owned();
        if self.last.as_ref().is_some_and(|last| last.split('/').ge(path.split('/'))) {
            return Err(Broken::Order { path });
        }
        if self.seen.len() as u64 >= self.most {
            return Err(Broken::TooMany);
        }
        if let Some(sink) = &mut self.sink {
            sink.begin(&path, head.seconds)?;
        }
        self.last = Some(path.clone());
        self.body = Some(Body { head: Head { path, ..head }, hash: blake3::Hasher::new(), left: size });
        Ok(super::BLOCK as u64)
    }

    fn go_on(&mut self, mut body: Body) -> Result<u64, Broken> {
        let read = self.source.data(&mut self.buffer)?;
        let bytes = self.buffer.get(..read).unwrap_or_default();
        body.hash.update(bytes);
        if let Some(sink) = &mut self.sink {
            sink.write(bytes)?;
        }
        self.bytes += read as u64;
        body.left -= read as u64;
        if body.left > 0 {
            self.body = Some(body);
            return Ok(read as u64);
        }
        if let Some(sink) = &mut self.sink {
            sink.end()?;
        }
        self.seen.push(Seen::of(&body.head.path, body.head.size, body.hash.finalize().as_bytes()));
        Ok(read as u64 + 1)
    }

    /// Reads the manifest and compares it with what was seen.
    fn manifest(&mut self) -> Result<(About, Totals), Broken> {
        let mut compared = Compared { seen: &self.seen, at: 0, bytes: 0, left_out: 0, about: None };
        let mut lines = BufReader::new(Lines { source: &mut self.source, broken: None });
        let (mut line, mut number) = (Vec::new(), 0);
        loop {
            number += 1;
            line.clear();
            let wrong = Broken::Manifest { line: number };
            let read = io::Read::take(&mut lines, LINE).read_until(b'\n', &mut line);
            if let Some(broken) = lines.get_mut().broken.take() {
                return Err(broken);
            }
            if read.is_err() {
                return Err(wrong);
            }
            let text = str::from_utf8(&line).map_err(|_| wrong.clone())?;
            let Some(text) = text.strip_suffix('\n') else { return Err(wrong) };
            if text.is_empty() {
                continue;
            }
            if let Some(totals) = compared.line(text, wrong)? {
                let mut more = Vec::new();
                let rest = lines.read_until(b'\n', &mut more);
                let about = compared.about.unwrap_or_default();
                return if matches!(rest, Ok(0)) {
                    Ok((about, totals))
                } else {
                    Err(Broken::Manifest { line: number + 1 })
                };
            }
        }
    }
}

/// The manifest's entry as a reader; what broke is kept beside.
struct Lines<'a> {
    source: &'a mut Source,
    broken: Option<Broken>,
}

impl io::Read for Lines<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.source.data(buffer).map_err(|broken| {
            self.broken = Some(broken);
            io::ErrorKind::InvalidData.into()
        })
    }
}

impl Seen {
    fn of(path: &str, size: u64, content: &[u8; 32]) -> Self {
        let mut all = blake3::Hasher::new();
        all.update(&size.to_le_bytes()).update(content).update(path.as_bytes());
        Self { path: tag(path), all: *all.finalize().as_bytes() }
    }
}

fn tag(path: &str) -> u64 {
    let hash = blake3::hash(path.as_bytes());
    hash.as_bytes().iter().take(8).fold(0, |tag, byte| tag << 8 | u64::from(*byte))
}

/// The comparison of the manifest with what was seen; both are in the same order.
struct Compared<'a> {
    seen: &'a [Seen],
    at: usize,
    bytes: u64,
    left_out: u64,
    about: Option<About>,
}

impl Compared<'_> {
    /// Takes a line; the totals at the end.
    fn line(&mut self, text: &str, wrong: Broken) -> Result<Option<Totals>, Broken> {
        match (read(text), &self.about) {
            (Some(Read::Head(about)), None) => self.about = Some(about),
            (Some(Read::Entry(line)), Some(_)) => self.entry(line, wrong)?,
            (Some(Read::Totals(totals)), Some(_)) => return self.totals(totals, wrong).map(Some),
            _ => return Err(wrong),
        }
        Ok(None)
    }

    fn entry(&mut self, line: Line, wrong: Broken) -> Result<(), Broken> {
        let (size, hash) = match (line.size, &line.blake3, line.left_out) {
            (Some(size), Some(hash), None) => (size, blake3::Hash::from_hex(hash).map_err(|_| wrong)?),
            (None, None, Some(_)) => {
                self.left_out += 1;
                return Ok(());
            }
            _ => return Err(wrong),
        };
        let path = line.path;
        match self.seen.get(self.at) {
            Some(seen) if seen.path != tag(&path) => return Err(Broken::Missing { path }),
            Some(seen) if seen.all != Seen::of(&path, size, hash.as_bytes()).all => {
                return Err(Broken::Content { path });
            }
            Some(_) => {}
            None => return Err(Broken::Missing { path }),
        }
        self.at += 1;
        self.bytes += size;
        Ok(())
    }

    fn totals(&self, totals: Totals, wrong: Broken) -> Result<Totals, Broken> {
        let files = self.at as u64;
        let extra = (self.seen.len() - self.at) as u64;
        if extra > 0 {
            Err(Broken::Extra { files: extra })
        } else if totals == (Totals { files, bytes: self.bytes, left_out: self.left_out }) {
            Ok(totals)
        } else {
            Err(wrong)
        }
    }
}

/// The path below `files/`, if it stays there and its names are such as a walk yields.
fn safe(path: &str) -> Option<&str> {
    let path = path.strip_prefix(FILES)?;
    let good = |name: &str| !name.is_empty() && !name.starts_with('.') && name.len() <= 255 && !name.contains('\0');
    (path.split('/').all(good) && path.split('/').count() <= MAX_DEPTH + 1).then_some(path)
}

/// Reads the whole archive `typed` and compares it with its manifest.
pub fn verify(vault: &Vault, typed: &str) -> Result<Verified, Broken> {
    let (file, _) = vault.open_file(typed, u64::MAX)?;
    let mut check = Check::new(file)?;
    loop {
        if let Some(verified) = check.step(u64::MAX)? {
            return Ok(verified);
        }
    }
}
