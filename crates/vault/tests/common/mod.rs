//! What the tests share: a root in a private directory with a file beside it that must never be seen.
#![allow(missing_docs, unreachable_pub, dead_code, clippy::unwrap_used, clippy::panic)]

use apprentice_vault::Vault;
use apprentice_vault::archive::{About, Archive, Archiver, Options};
use domain::ids::Millis;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

pub const CANARY: &str = "nobody may read this";

pub struct World {
    pub home: tempfile::TempDir,
    pub root: PathBuf,
    pub vault: Vault,
}

/// A root `root` in a directory that also has the file `canary`.
pub fn world() -> World {
    let home = tempfile::tempdir().unwrap();
    let root = home.path().join("root");
    std::fs::write(home.path().join("canary"), CANARY).unwrap();
    let vault = Vault::open(&root).unwrap();
    World { home, root, vault }
}

impl World {
    /// Writes a file with a time of change that is always the same.
    pub fn put(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        let file = std::fs::File::options().write(true).open(&path).unwrap();
        file.set_modified(UNIX_EPOCH + Duration::from_secs(1_700_000_000)).unwrap();
    }
    /// Every name below the root, hidden ones included, sorted.
    pub fn everything(&self) -> Vec<String> {
        let mut found = Vec::new();
        below(&self.root, &self.root, &mut found);
        found.sort();
        found
    }
}

fn below(root: &Path, dir: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        found.push(path.strip_prefix(root).unwrap().to_string_lossy().into_owned());
        if path.symlink_metadata().unwrap().is_dir() {
            below(root, &path, found);
        }
    }
}

/// Options whose frames are small, so that small trees have many points to go on from.
pub fn options(frame: u64) -> Options {
    let about = About { created_at: Millis(1_750_000_000_000), licence: "CC-BY-4.0".into(), consent: "consent".into() };
    Options { level: 1, threads: 2, frame, about }
}

/// Bytes that do not compress, always the same for a seed.
pub fn noise(seed: u64, len: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut bytes = Vec::with_capacity(len + 8);
    while bytes.len() < len {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(len);
    bytes
}

/// Makes the whole archive.
pub fn archive(vault: &Vault, dir: &str, into: &str, options: Options) -> Archive {
    finish(Archiver::new(vault, dir, into, options).unwrap())
}

/// Works until it is finished.
pub fn finish(mut archiver: Archiver) -> Archive {
    loop {
        if let Some(archive) = archiver.step(1 << 20).unwrap().finished {
            return archive;
        }
    }
}
