//! How much the root holds, and clearing away what a crash has left unfinished.

use crate::denied::Denied;
use crate::draft::is_temporary;
use crate::vault::{INBOX, REPORTS, Vault};
use crate::walk::{MAX_DEPTH, Walk};
use cap_fs_ext::DirExt;
use cap_std::fs::Dir;

/// What the root holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// How many files; hidden ones and links are not counted.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Bytes that may still be written to the file system; 0 if it does not say.
    pub free: u64,
}

impl Vault {
    /// Counts every file, those of people included.
    pub fn usage(&self) -> Result<Usage, Denied> {
        let mut usage = Usage { free: free(&self.root_dir()?), ..Usage::default() };
        usage.add(self.walk(".")?);
        for private in [REPORTS, INBOX] {
            if let Ok(files) = self.walk(private) {
                usage.add(files);
            }
        }
        Ok(usage)
    }

    /// Removes everything unfinished that a crash has left, but for the names in `keep` (see
    /// [`crate::archive::Checkpoint::temporaries`]); returns how many. Only at the start: it would also
    /// remove what is being written now.
    pub fn sweep(&self, keep: &[String]) -> Result<u64, Denied> {
        Ok(sweep(&self.root_dir()?, keep, 0))
    }
}

impl Usage {
    fn add(&mut self, walk: Walk) {
        for entry in walk.flatten() {
            self.files += 1;
            self.bytes = self.bytes.saturating_add(entry.size);
        }
    }
}

fn free(dir: &Dir) -> u64 {
    rustix::fs::fstatvfs(dir).map_or(0, |space| space.f_bavail.saturating_mul(space.f_frsize))
}

fn sweep(dir: &Dir, keep: &[String], depth: usize) -> u64 {
    let mut removed = 0;
    for entry in dir.entries().into_iter().flatten().flatten() {
        let name = entry.file_name();
        let is_dir = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_temporary(&name) {
            let kept = name.to_str().is_some_and(|name| keep.iter().any(|keep| keep == name));
            let gone = !kept
                && if is_dir { dir.remove_dir_all(&name).is_ok() } else { dir.remove_file_or_symlink(&name).is_ok() };
            removed += u64::from(gone);
        } else if is_dir
            && depth < MAX_DEPTH
            && let Ok(below) = dir.open_dir_nofollow(&name)
        {
            removed += sweep(&below, keep, depth + 1);
        }
    }
    removed
}
