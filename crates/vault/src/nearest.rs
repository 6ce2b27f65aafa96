//! Names that are almost what was typed: the same letters composed differently, or the closest name there is.

use cap_std::fs::Dir;
use unicode_normalization::UnicodeNormalization;

/// How many names of a directory are compared at most.
const COMPARED: usize = 10_000;
/// How alike (0 to 1, Jaro-Winkler) a name must be to be proposed.
const ALIKE: f64 = 0.8;

/// The name in `dir` that is canonically equal to `name` (NFC or NFD) but has other bytes; the first by its bytes.
pub(crate) fn other_form(dir: &Dir, name: &str) -> Option<String> {
    if name.is_ascii() {
        return None;
    }
    let wanted: String = name.nfc().collect();
    names(dir).filter(|found| found.nfc().eq(wanted.chars())).min()
}

/// The name in `dir` that is most like `name`.
pub(crate) fn nearest(dir: &Dir, name: &str) -> Option<String> {
    let wanted = name.to_lowercase();
    let scored = names(dir).filter(|found| !found.starts_with('.')).map(|found| {
        let score = strsim::jaro_winkler(&wanted, &found.to_lowercase());
        (score, found)
    });
    let best = scored.filter(|(score, _)| *score >= ALIKE).max_by(|(a, x), (b, y)| a.total_cmp(b).then(y.cmp(x)));
    best.map(|(_, found)| found)
}

fn names(dir: &Dir) -> impl Iterator<Item = String> {
    let entries = dir.entries().into_iter().flatten().take(COMPARED);
    entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok())
}
