//! Documents in documents: the files of an archive, and what hangs on an e-mail. All levels together stay within
//! one allowance, so that archives in archives cannot multiply it.

use crate::Kind;
use crate::document::{Document, Note, Place};
use crate::draft::Draft;
use crate::problem::{Bound, Limits, Problem};
use crate::zipped::Archive;

/// Bytes that a document unpacks to, for each of its own: what one that was read is charged.
const CHARGE: u64 = 8;

/// What is left to be read, over all levels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allowance {
    unpacked: u64,
    members: u32,
    depth: u32,
}

impl Allowance {
    pub(crate) fn of(limits: &Limits) -> Self {
        Self { unpacked: limits.unpacked, members: limits.members, depth: limits.depth }
    }
}

/// A file in a document.
pub(crate) struct Member<'a> {
    pub name: &'a str,
    pub mime: &'a str,
    pub bytes: &'a [u8],
}

/// Reads the files of an archive.
///
/// # Errors
///
/// [`Problem::Encrypted`] when only that keeps all of it from being read, [`Problem::Unsupported`] when no file of it
/// can be read, [`Problem::Empty`] without files, and those of an archive.
pub(crate) fn read_archive(bytes: &[u8], limits: &Limits, left: &mut Allowance) -> Result<Document, Problem> {
    let mut archive = Archive::open(bytes, &Limits { unpacked: left.unpacked, ..*limits })?;
    let mut draft = Draft::new(Kind::Zip, limits);
    let mut locked = false;
    let (names, mut files) = (archive.names().to_vec(), 0u32);
    for (at, name) in names.iter().enumerate() {
        if is_passed_over(name) {
            continue;
        }
        files += 1;
        if left.members == 0 || draft.is_full() {
            draft.note(Note::Cut { what: Bound::Members, limit: u64::from(limits.members) });
            break;
        }
        left.members -= 1;
        let unpacked = archive.read_at(at);
        left.unpacked = archive.left();
        match unpacked {
            Ok(bytes) => {
                read_member(&mut draft, &Member { name, mime: "", bytes: &bytes }, limits, left)?;
                archive.spend_down_to(left.unpacked);
            }
            Err(problem @ (Problem::TooLarge { .. } | Problem::Hostile { .. })) => return Err(problem),
            Err(problem) => {
                locked |= problem == Problem::Encrypted;
                draft.skip(name);
            }
        }
    }
    match draft.is_empty() {
        false => draft.finish(),
        true if locked => Err(Problem::Encrypted),
        true if files == 0 => Err(Problem::Empty),
        true => Err(Problem::Unsupported { kind: Kind::Zip }),
    }
}

/// Adds what a file says, or notes that it was left out.
///
/// # Errors
///
/// [`Problem::TooLarge`] and [`Problem::Hostile`]: what does harm in a file does it in the whole.
pub(crate) fn read_member(
    draft: &mut Draft,
    member: &Member<'_>,
    limits: &Limits,
    left: &mut Allowance,
) -> Result<(), Problem> {
    let Some(depth) = left.depth.checked_sub(1) else {
        return Err(Problem::TooLarge { what: Bound::Depth, limit: u64::from(limits.depth) });
    };
    // A bomb may take a quarter of what is left, and is charged for it: not every file can be one.
    let share = left.unpacked / 4;
    let own = Limits { text: draft.room(), unpacked: share, ..*limits };
    let outer = std::mem::replace(&mut left.depth, depth);
    let read = crate::read_within(member.bytes, member.name, member.mime, &own, left);
    left.depth = outer;
    let charge = if read.is_ok() { (member.bytes.len() as u64).saturating_mul(CHARGE).min(share) } else { 0 };
    left.unpacked = left.unpacked.saturating_sub(charge);
    match read {
        Ok(document) => add(draft, member.name, document),
        Err(problem @ (Problem::TooLarge { .. } | Problem::Hostile { .. })) => return Err(problem),
        Err(_) => draft.skip(member.name),
    }
    Ok(())
}

fn add(draft: &mut Draft, name: &str, document: Document) {
    for section in document.sections {
        draft.push(Place::Member { name: name.to_owned(), place: Box::new(section.place) }, section.text);
    }
    for note in document.notes {
        match note {
            Note::Cut { .. } | Note::Damaged => draft.note(note),
            Note::Skipped { names } => names.iter().for_each(|inner| draft.skip(&format!("{name}/{inner}"))),
            // Pages without text in one of the files.
            Note::Scanned { .. } => draft.skip(name),
            Note::Mislabelled { .. } => {}
        }
    }
}

/// Folders, and what systems leave in archives for themselves.
fn is_passed_over(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    file.is_empty() || file.starts_with('.') || name.starts_with("__MACOSX/") || file == "Thumbs.db"
}
