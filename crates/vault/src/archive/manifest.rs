//! The manifest's lines. Each entry has a line of its own, so that a manifest of any length is written and read line by
//! line; the whole is one JSON object.

use crate::walk::Why;
use domain::ids::Millis;
use serde::{Deserialize, Serialize};

const FORMAT: &str = "apprentice-archive";
const VERSION: u32 = 1;
/// Ends the head and begins the entries.
const OPENS: &str = ",\"entries\":[";
/// Ends the entries and begins the totals.
const CLOSES: &str = "],";

/// What the maker says about an archive.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// When it was made.
    pub created_at: Millis,
    /// Under which licence it is.
    pub licence: String,
    /// On which basis people's words are in it.
    pub consent: String,
}

#[derive(Serialize, Deserialize)]
struct Head {
    format: String,
    version: u32,
    #[serde(flatten)]
    about: About,
}

/// One entry of the manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Where, relative to the directory that was archived.
    pub path: String,
    /// Bytes in the archive; absent for what was left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// BLAKE3 of what the archive holds, in hex; absent for what was left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blake3: Option<String>,
    /// Whether it changed while it was read.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub changed: bool,
    /// Why it was left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_out: Option<Why>,
}

/// How much an archive holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Totals {
    /// Files in the archive.
    pub(crate) files: u64,
    /// Their bytes.
    pub(crate) bytes: u64,
    /// What was passed over.
    pub(crate) left_out: u64,
}

/// A line of a manifest as it was read.
pub(crate) enum Read {
    Head(About),
    Entry(Line),
    Totals(Totals),
}

/// The first line.
pub(crate) fn head(about: &About) -> serde_json::Result<String> {
    let head = Head { format: FORMAT.to_owned(), version: VERSION, about: about.clone() };
    let json = serde_json::to_string(&head)?;
    Ok(format!("{}{OPENS}\n", json.strip_suffix('}').unwrap_or(&json)))
}

/// The last line.
pub(crate) fn tail(totals: &Totals) -> serde_json::Result<String> {
    let json = serde_json::to_string(totals)?;
    Ok(format!("\n{CLOSES}{}\n", json.strip_prefix('{').unwrap_or(&json)))
}

/// Reads a line; nothing for one that is not ours.
pub(crate) fn read(line: &str) -> Option<Read> {
    if let Some(head) = line.strip_suffix(OPENS) {
        let head: Head = serde_json::from_str(&format!("{head}}}")).ok()?;
        (head.format == FORMAT && head.version == VERSION).then_some(Read::Head(head.about))
    } else if let Some(totals) = line.strip_prefix(CLOSES) {
        serde_json::from_str(&format!("{{{totals}")).ok().map(Read::Totals)
    } else {
        serde_json::from_str(line.strip_suffix(',').unwrap_or(line)).ok().map(Read::Entry)
    }
}
