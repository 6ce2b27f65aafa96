//! What is written down about a version, and how one is checked and compared.

use super::{FreezeRules, Frozen, Report, Row, Split};
use domain::ids::{ExampleId, Millis};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What is known of a version besides its rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Its number, from 1.
    pub version: u64,
    /// What people call it.
    pub name: String,
    /// The version it was made after.
    pub parent: Option<u64>,
    /// When.
    pub created_at: Millis,
    /// Under which licence it may be used.
    pub licence: String,
    /// On what the use of people's words rests.
    pub consent: String,
}

/// The rules that a version was made by, as far as they are data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RulesTold {
    /// Decides sides and choices.
    pub seed: u64,
    /// Share that is held out, 0 to 1.
    pub held_out: f32,
    /// Largest share of one author, 0 to 1.
    pub cap_per_author: f32,
    /// Whether everything of one conversation is on one side.
    pub whole_conversations: bool,
    /// Similarity from which questions are near, 0 to 1.
    pub similar: f64,
    /// How many canaries and questions of exams were looked for.
    pub canaries: u64,
}

/// What is written down about a version. It names no person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Number, name, time, licence.
    #[serde(flatten)]
    pub about: About,
    /// How it was made.
    pub rules: RulesTold,
    /// What became of the examples: counts, platforms, origins, the number of authors.
    pub counts: Report,
    /// BLAKE3 of its lines, as hexadecimal digits.
    pub blake3: String,
}

impl Manifest {
    /// Writes down a version.
    pub fn of(frozen: &Frozen, about: About, rules: &FreezeRules<'_>) -> Self {
        let mut hasher = blake3::Hasher::new();
        for line in lines(&frozen.rows) {
            hasher.update(line.as_bytes()).update(b"\n");
        }
        let rules = RulesTold {
            seed: rules.seed,
            held_out: rules.held_out,
            cap_per_author: rules.cap_per_author,
            whole_conversations: rules.whole_conversations,
            similar: crate::near::SIMILAR,
            canaries: (rules.canaries.len() + rules.exams.len()) as u64,
        };
        Self { about, rules, counts: frozen.report.clone(), blake3: hasher.finalize().to_hex().to_string() }
    }
}

/// What is wrong with the bytes of a version.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// They are not the bytes that were written down.
    #[error("the examples hash to {found}, the manifest says {expected}")]
    Hash {
        /// What the manifest says.
        expected: String,
        /// What they hash to.
        found: String,
    },
    /// A line is no row.
    #[error("line {line} is no row")]
    Line {
        /// Which, from 1.
        line: u64,
    },
    /// There are more or fewer rows than were written down.
    #[error("{found} rows, the manifest says {expected}")]
    Rows {
        /// What the manifest says.
        expected: u64,
        /// How many there are.
        found: u64,
    },
    /// The rows are split otherwise than was written down.
    #[error("{found} rows are held out, the manifest says {expected}")]
    HeldOut {
        /// What the manifest says.
        expected: u64,
        /// How many there are.
        found: u64,
    },
}

/// Each row as one line of JSON, without the line end.
pub fn lines(rows: &[Row]) -> impl Iterator<Item = String> {
    rows.iter().map(|row| serde_json::to_string(row).unwrap_or_default())
}

/// The lines as they are stored, each with its end.
pub fn bytes(rows: &[Row]) -> Vec<u8> {
    lines(rows).flat_map(|line| [line.as_str(), "\n"].concat().into_bytes()).collect()
}

/// Checks the bytes of a version against its manifest.
///
/// # Errors
///
/// What is wrong first: the hash, a line, the counts.
pub fn verify(manifest: &Manifest, bytes: &[u8]) -> Result<(), Broken> {
    let found = blake3::hash(bytes).to_hex().to_string();
    if found != manifest.blake3 {
        return Err(Broken::Hash { expected: manifest.blake3.clone(), found });
    }
    let (mut rows, mut held_out) = (0, 0);
    for (line, number) in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).zip(1..) {
        let row: Row = serde_json::from_slice(line).map_err(|_| Broken::Line { line: number })?;
        rows += 1;
        held_out += u64::from(row.split == Split::HeldOut);
    }
    if rows != manifest.counts.rows {
        return Err(Broken::Rows { expected: manifest.counts.rows, found: rows });
    }
    if held_out != manifest.counts.held_out {
        return Err(Broken::HeldOut { expected: manifest.counts.held_out, found: held_out });
    }
    Ok(())
}

/// What differs between two versions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Diff {
    /// Rows of the new one alone.
    pub added: BTreeSet<ExampleId>,
    /// Rows of the old one alone.
    pub removed: BTreeSet<ExampleId>,
    /// Rows of both that teach something else.
    pub changed: BTreeSet<ExampleId>,
    /// Rows of both that are on another side: none, unless groups were joined or the seed is another.
    pub moved: BTreeSet<ExampleId>,
}

fn by_id(rows: &[Row]) -> BTreeMap<&ExampleId, &Row> {
    rows.iter().map(|row| (&row.id, row)).collect()
}

/// Compares two versions row by row.
pub fn diff(old: &[Row], new: &[Row]) -> Diff {
    let (old, new) = (by_id(old), by_id(new));
    let mut diff = Diff::default();
    for (id, row) in &new {
        let Some(before) = old.get(id) else {
            diff.added.insert((*id).clone());
            continue;
        };
        if before.datum != row.datum {
            diff.changed.insert((*id).clone());
        }
        if before.split != row.split {
            diff.moved.insert((*id).clone());
        }
    }
    diff.removed = old.keys().filter(|id| !new.contains_key(*id)).map(|id| (*id).clone()).collect();
    diff
}
