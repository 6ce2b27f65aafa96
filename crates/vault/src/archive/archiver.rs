//! Makes an archive in steps: walk, take file after file, write the manifest, read all of it back, give it its name.
//!
//! Between two steps the work can be cancelled, or stopped and taken up again from a [`Checkpoint`]. The archive has
//! its name only when it was read back and every hash was right.

use super::broken::Broken;
use super::check::{Check, Verified};
use super::checkpoint::{Checkpoint, Mark, Part, Settled, journal_name};
use super::journal::Journal;
use super::manifest::{Line, Totals, head, tail};
use super::member::Member;
use super::pack::{Pack, header};
use super::{BLOCK, CHUNK, FILES, MANIFEST, Options};
use crate::denied::Denied;
use crate::draft::{Place, make_file, temporary_name};
use crate::vault::{Entry, Vault, open_in};
use crate::walk::{Left, Walk, Why};
use cap_fs_ext::DirExt;
use domain::ids::Millis;
use std::fs::File;
use std::io::{self, Read};

/// What an archiver is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Files are taken.
    Writing,
    /// The archive is read back.
    Checking,
    /// It has its name.
    Finished,
}

/// How far an archive is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Files that are in the archive.
    pub files_done: u64,
    /// Files there were at the start (or when it went on).
    pub files_all: u64,
    /// Their bytes, those of a half-taken file included; while checking, how many were read back.
    pub bytes_done: u64,
    /// Bytes of all files.
    pub bytes_all: u64,
    /// What is being done.
    pub phase: Phase,
    /// The archive, once it is finished.
    pub finished: Option<Archive>,
}

/// An archive that was made and read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archive {
    /// Where, relative to the root.
    pub path: String,
    /// Its size in bytes.
    pub size: u64,
    /// BLAKE3 of it, in hex.
    pub blake3: String,
    /// How many files it holds.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// How many files (and links, hidden names, …) were left out; the manifest says which and why.
    pub left_out: u64,
}

#[derive(Debug)]
enum Stage {
    Files,
    Checking(Box<Check>),
    Finished(Archive),
}

/// Makes one archive. Dropped, it leaves what it has written, for [`Archiver::resume`]; see also [`Archiver::cancel`].
#[derive(Debug)]
pub struct Archiver {
    place: Place,
    /// Bytes of the path of the directory and the `/` after it, which paths in the archive do not have.
    prefix: usize,
    walk: Walk,
    all: Totals,
    pack: Pack,
    journal: Journal,
    member: Option<Member>,
    totals: Totals,
    settled: Settled,
    saved: Checkpoint,
    stage: Stage,
    buffer: Vec<u8>,
}

impl Archiver {
    /// Begins an archive of the directory `dir` that is to appear at `into`. Counts the files first.
    pub fn new(vault: &Vault, dir: &str, into: &str, options: Options) -> Result<Self, Broken> {
        let place = Place::make(vault, into)?.free()?;
        let (_, dir) = vault.open_dir(dir)?;
        let temporary = temporary_name();
        let blake3 = blake3::hash(b"").to_hex().to_string();
        let at = Mark { blake3, ..Mark::default() };
        let saved = Checkpoint { dir, into: place.path.clone(), temporary, options, at, part: None };
        let failed = Broken::io(&place.path);
        let file = make_file(&place.dir, &saved.temporary).map_err(&failed)?;
        let made = make_file(&place.dir, &journal_name(&saved.temporary)).map_err(&failed);
        let begun =
            made.and_then(|lines| Self::build(vault, place, saved.clone(), (file, blake3::Hasher::new()), lines, None));
        if begun.is_err() {
            saved.discard(vault)?;
        }
        begun
    }

    /// Goes on where `checkpoint` was taken. Files that are new since then and come later in the order are taken, too.
    pub fn resume(vault: &Vault, checkpoint: Checkpoint) -> Result<Self, Broken> {
        let place = Place::make(vault, &checkpoint.into)?.free()?;
        let member = checkpoint.member(vault);
        let mut saved = checkpoint;
        if member.is_none() {
            // What was half-taken is not the same any more: back to where it began.
            saved.part = None;
        }
        let (len, blake3, journal) = match &saved.part {
            Some(part) => (part.archive, part.archive_blake3.clone(), part.journal),
            None => (saved.at.archive, saved.at.blake3.clone(), saved.at.settled.journal),
        };
        let lines = saved.journal(&place, journal)?;
        let archive = saved.archive(&place, len, &blake3)?;
        Self::build(vault, place, saved, archive, lines, member)
    }

    fn build(
        vault: &Vault,
        place: Place,
        saved: Checkpoint,
        (file, hash): (File, blake3::Hasher),
        lines: File,
        member: Option<Member>,
    ) -> Result<Self, Broken> {
        let failed = Broken::io(&place.path);
        let part = saved.part.as_ref();
        let len = part.map_or(saved.at.archive, |part| part.archive);
        let totals = part.map_or(saved.at.settled.totals, |part| part.totals);
        let journal = part.map_or(saved.at.settled.journal, |part| part.journal);
        let prefix = if saved.dir.is_empty() { 0 } else { saved.dir.len() + 1 };
        let after =
            part.map_or(Some(saved.at.settled.after.as_str()), |part| part.path.get(prefix..)).unwrap_or_default();
        let mut all = count(walk(vault, &saved.dir, after)?)?;
        all.files += totals.files + u64::from(member.is_some());
        all.bytes += totals.bytes + member.as_ref().map_or(0, |member| member.entry.size);
        Ok(Self {
            prefix,
            walk: walk(vault, &saved.dir, after)?,
            all,
            pack: Pack::new(file, len, hash, saved.options.level, saved.options.threads).map_err(&failed)?,
            journal: Journal::new(lines, journal).map_err(&failed)?,
            member,
            totals,
            settled: saved.at.settled.clone(),
            saved,
            stage: Stage::Files,
            buffer: Vec::with_capacity(CHUNK),
            place,
        })
    }

    /// Works on about `budget` bytes (a few hundred thousand more at most, and all of the manifest at its turn).
    /// After an error the work can be cancelled, or taken up again from the last checkpoint.
    pub fn step(&mut self, budget: u64) -> Result<Progress, Broken> {
        let mut worked = 0;
        while worked < budget {
            worked += match &mut self.stage {
                Stage::Files => self.work()?,
                Stage::Checking(check) => match check.step(budget - worked)? {
                    Some(verified) => {
                        self.finish(&verified)?;
                        break;
                    }
                    None => break,
                },
                Stage::Finished(_) => break,
            };
        }
        Ok(self.progress())
    }

    /// How far it is.
    pub fn progress(&self) -> Progress {
        let taken = self.totals.bytes + self.member.as_ref().map_or(0, |member| member.done);
        let (phase, bytes_done, finished) = match &self.stage {
            Stage::Files => (Phase::Writing, taken, None),
            Stage::Checking(check) => (Phase::Checking, check.bytes(), None),
            Stage::Finished(archive) => (Phase::Finished, archive.bytes, Some(archive.clone())),
        };
        let Totals { files, bytes, .. } = self.all;
        // Files grow and appear while they are taken.
        let (files_all, bytes_all) = (files.max(self.totals.files), bytes.max(taken));
        Progress { files_done: self.totals.files, files_all, bytes_done, bytes_all, phase, finished }
    }

    /// Where the work would go on after a stop: the end of the last frame, which is made durable. Ask at most once a
    /// second or so: it waits for the disk. Nothing once it is finished.
    pub fn checkpoint(&mut self) -> Result<Option<Checkpoint>, Broken> {
        if matches!(self.stage, Stage::Finished(_)) {
            return Ok(None);
        }
        let failed = Broken::io(&self.place.path);
        self.pack.sync().map_err(&failed)?;
        self.journal.sync().map_err(&failed)?;
        Ok(Some(self.saved.clone()))
    }

    /// Stops and removes everything written; an archive that is finished stays.
    pub fn cancel(self) -> Result<(), Denied> {
        for name in self.saved.temporaries() {
            match self.place.dir.remove_file_or_symlink(&name) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(Denied::from_io(&self.place.path, &error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Takes the next chunk, begins the next file, or ends the archive; returns what it counts against the budget.
    fn work(&mut self) -> Result<u64, Broken> {
        if let Some(member) = self.member.take() {
            return self.take(member);
        }
        match self.walk.next() {
            None => self.close()?,
            Some(Err(Left { why: Why::TooMany, .. })) => return Err(Broken::TooMany),
            Some(Err(left)) => self.leave(&left)?,
            Some(Ok(entry)) => match self.walk.open(&entry) {
                Ok((file, entry)) => self.begin(Member::new(file, entry))?,
                Err(denied) => self.leave(&Left { why: Why::of(&denied), path: entry.path })?,
            },
        }
        Ok(BLOCK as u64)
    }

    fn leave(&mut self, left: &Left) -> Result<(), Broken> {
        let line = Line { path: self.below(&left.path), left_out: Some(left.why), ..Line::default() };
        self.totals.left_out += 1;
        self.journal.add(&line).map_err(Broken::io(&self.place.path))
    }

    fn begin(&mut self, member: Member) -> Result<(), Broken> {
        let failed = Broken::io(&self.place.path);
        if member.entry.size > self.saved.options.frame {
            self.mark()?;
        }
        let Entry { path, size, modified, .. } = &member.entry;
        let path = format!("{FILES}{}", self.below(path));
        let blocks = header(&path, *size, seconds(*modified)).map_err(&failed)?;
        self.pack.put(&blocks).map_err(&failed)?;
        self.member = Some(member);
        Ok(())
    }

    fn take(&mut self, mut member: Member) -> Result<u64, Broken> {
        let failed = Broken::io(&self.place.path);
        member.take(&mut self.buffer);
        self.pack.put(&self.buffer).map_err(&failed)?;
        let taken = self.buffer.len() as u64;
        if member.is_done() {
            self.settle(member)?;
        } else {
            if member.entry.size > self.saved.options.frame && self.frame_is_full() {
                self.mark_part(&member)?;
            }
            self.member = Some(member);
        }
        Ok(taken)
    }

    fn settle(&mut self, mut member: Member) -> Result<(), Broken> {
        member.finish();
        let failed = Broken::io(&self.place.path);
        let Entry { path, size, .. } = &member.entry;
        let path = self.below(path);
        self.pack.pad(*size).map_err(&failed)?;
        let blake3 = Some(member.hash.finalize().to_hex().to_string());
        let line = Line { path, size: Some(*size), blake3, changed: member.changed, left_out: None };
        self.journal.add(&line).map_err(&failed)?;
        self.totals.files += 1;
        self.totals.bytes += size;
        self.settled = Settled { after: line.path, journal: self.journal.len(), totals: self.totals };
        if self.frame_is_full() { self.mark() } else { Ok(()) }
    }

    fn frame_is_full(&self) -> bool {
        self.pack.in_frame() >= self.saved.options.frame
    }

    /// Ends the frame between two files.
    fn mark(&mut self) -> Result<(), Broken> {
        self.pack.end_frame().map_err(Broken::io(&self.place.path))?;
        let blake3 = self.pack.hash().to_hex().to_string();
        self.saved.at = Mark { archive: self.pack.len(), blake3, settled: self.settled.clone() };
        self.saved.part = None;
        Ok(())
    }

    /// Ends the frame inside of a file.
    fn mark_part(&mut self, member: &Member) -> Result<(), Broken> {
        self.pack.end_frame().map_err(Broken::io(&self.place.path))?;
        let Entry { path, size, modified, .. } = member.entry.clone();
        self.saved.part = Some(Part {
            path,
            size,
            modified,
            done: member.done,
            blake3: member.hash.finalize().to_hex().to_string(),
            archive: self.pack.len(),
            archive_blake3: self.pack.hash().to_hex().to_string(),
            journal: self.journal.len(),
            totals: self.totals,
        });
        Ok(())
    }

    /// Appends the manifest, ends the tar and begins to read it back.
    fn close(&mut self) -> Result<(), Broken> {
        let failed = Broken::io(&self.place.path);
        let about = &self.saved.options.about;
        let (head, tail) = (
            head(about).map_err(|error| failed(error.into()))?,
            tail(&self.totals).map_err(|error| failed(error.into()))?,
        );
        let size = head.len() as u64 + self.journal.len() + tail.len() as u64;
        let blocks = header(MANIFEST, size, seconds(about.created_at)).map_err(&failed)?;
        for bytes in [blocks.as_slice(), head.as_bytes()] {
            self.pack.put(bytes).map_err(&failed)?;
        }
        let lines = self.journal.rewind().map_err(&failed)?;
        loop {
            self.buffer.resize(CHUNK, 0);
            let read = lines.read(&mut self.buffer).map_err(&failed)?;
            if read == 0 {
                break;
            }
            self.pack.put(self.buffer.get(..read).unwrap_or_default()).map_err(&failed)?;
        }
        self.pack.put(tail.as_bytes()).map_err(&failed)?;
        self.pack.pad(size).map_err(&failed)?;
        self.pack.put(&[0; 2 * BLOCK]).map_err(&failed)?;
        self.pack.end_frame().map_err(&failed)?;
        self.pack.sync().map_err(&failed)?;
        let (file, _) = open_in(&self.place.dir, &self.saved.temporary, self.place.path.clone())?;
        self.stage = Stage::Checking(Box::new(Check::new(file)?));
        Ok(())
    }

    /// Gives the archive its name, if what was read is what was written.
    fn finish(&mut self, verified: &Verified) -> Result<(), Broken> {
        let written = self.pack.hash().to_hex();
        let Totals { files, bytes, left_out } = self.totals;
        let same = verified.blake3 == written.as_str() && (verified.files, verified.bytes) == (files, bytes);
        if !same {
            return Err(Broken::ReadBack);
        }
        self.place.rename(&self.saved.temporary, false)?;
        // Left behind, the journal is swept at the next start.
        let _gone = self.place.dir.remove_file_or_symlink(journal_name(&self.saved.temporary));
        let (path, blake3) = (self.place.path.clone(), verified.blake3.clone());
        self.stage = Stage::Finished(Archive { path, size: verified.size, blake3, files, bytes, left_out });
        Ok(())
    }

    fn below(&self, path: &str) -> String {
        path.get(self.prefix..).unwrap_or_default().to_owned()
    }
}

fn walk(vault: &Vault, dir: &str, after: &str) -> Result<Walk, Broken> {
    let walk = vault.walk(if dir.is_empty() { "." } else { dir })?;
    Ok(if after.is_empty() { walk } else { walk.after(after) })
}

fn count(walk: Walk) -> Result<Totals, Broken> {
    let mut all = Totals::default();
    for item in walk {
        match item {
            Ok(entry) => {
                all.files += 1;
                all.bytes += entry.size;
            }
            Err(Left { why: Why::TooMany, .. }) => return Err(Broken::TooMany),
            Err(_) => {}
        }
    }
    Ok(all)
}

fn seconds(at: Millis) -> u64 {
    u64::try_from(at.0 / 1000).unwrap_or(0)
}
