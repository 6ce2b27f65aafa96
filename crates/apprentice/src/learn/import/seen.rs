//! What the files of one import have said already, so that a person is told how much of it is the same again. It is
//! held in memory alone, 16 bytes and a number for each datum: after a restart, and beyond [`MOST`] data, the number
//! of duplicates is a least one. What is taken in is never doubled; that does not rest on this.

use domain::ids::RunId;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// Data that are remembered of an import.
const MOST: usize = 2_000_000;
/// Imports that are remembered; of more, the oldest is forgotten.
const RUNS: usize = 3;

static SEEN: LazyLock<Mutex<BTreeMap<String, Seen>>> = LazyLock::new(Mutex::default);

/// The data of an import, each with the number of the file that it was found in first.
#[derive(Clone, Default)]
pub(super) struct Seen(Arc<Mutex<HashMap<[u8; 16], u64>>>);

impl Seen {
    /// What is remembered of a run.
    pub(super) fn of(run: &RunId) -> Self {
        let mut all = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = all.entry(run.as_str().to_owned()).or_default().clone();
        if all.len() > RUNS {
            all.pop_first();
        }
        seen
    }
    /// Lets go of what is remembered of a run.
    pub(super) fn forget(run: &RunId) {
        SEEN.lock().unwrap_or_else(PoisonError::into_inner).remove(run.as_str());
    }
    /// Whether an earlier file has this datum. A file that is read once more is no earlier one.
    pub(super) fn is_known(&self, key: [u8; 16], file: u64) -> bool {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() < MOST {
            return *seen.entry(key).or_insert(file) < file;
        }
        seen.get(&key).is_some_and(|first| *first < file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_datum_is_known_from_earlier_files_alone_however_often_they_are_read() {
        let seen = Seen::default();
        for _ in 0..2 {
            assert!(!seen.is_known([1; 16], 1));
            assert!(!seen.is_known([2; 16], 1));
            assert!(seen.is_known([1; 16], 2));
            assert!(!seen.is_known([3; 16], 2));
        }
    }
}
