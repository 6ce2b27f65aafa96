//! The files that an import names, one after another, each once. Going on from any of them costs no more than the
//! directories on the way to it; that it is gone by now, or has another name, changes nothing for the others.

use domain::ids::Millis;
use serde::{Deserialize, Serialize};
use vault::{Denied, Entry, Vault};

/// The root, as it is typed.
const ROOT: &str = ".";
/// Files of one step.
const FILES: usize = 2_000;
/// Bytes of one step, unless one file alone is larger.
const BYTES: u64 = 256 << 20;

/// How far the files have been gone through: all before this.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Cursor {
    /// Which of the named paths, from 0.
    named: usize,
    /// The last file that is behind, relative to that path, where it is a directory; empty before the first.
    after: String,
}

/// One file of what was named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Source {
    /// Where, relative to the root.
    pub(super) path: String,
    /// Bytes, when it was found.
    pub(super) size: u64,
    /// Where it goes on behind it.
    pub(super) then: Cursor,
}

/// A path that cannot be used, and why.
pub(super) type Refused = (String, Denied);

/// The paths without those that name the same again, or something inside of another one; in their order.
pub(super) fn distinct(vault: &Vault, paths: &[String]) -> Result<Vec<String>, Refused> {
    let mut entries: Vec<Entry> = Vec::new();
    for path in paths {
        let entry = vault.resolve(path).map_err(|denied| (path.clone(), denied))?;
        if entries.iter().any(|known| known.path == entry.path) {
            continue;
        }
        entries.push(Entry { modified: Millis(0), ..entry });
    }
    let inner = |entry: &Entry| entries.iter().any(|outer| outer.dir && is_inside(vault, &entry.path, &outer.path));
    let outer = entries.iter().filter(|entry| !inner(entry));
    Ok(outer.map(|entry| if entry.path.is_empty() { ROOT.to_owned() } else { entry.path.clone() }).collect())
}

/// Whether walking a directory comes by this path. The reports of people are in nothing but themselves.
fn is_inside(vault: &Vault, path: &str, directory: &str) -> bool {
    match directory.is_empty() {
        // What not everybody may see is passed over by a walk that begins at the root.
        true => !path.is_empty() && vault.visible_to(path, &domain::ids::PersonId(String::new()), false),
        false => path.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/')),
    }
}

/// The next files, as many as make a step; none when all are behind.
pub(super) fn next(vault: &Vault, paths: &[String], from: &Cursor) -> Result<Vec<Source>, Refused> {
    let mut found = Vec::new();
    let mut bytes = 0;
    for (named, path) in paths.iter().enumerate().skip(from.named) {
        let after = if named == from.named { from.after.as_str() } else { "" };
        for source in of_path(vault, named, path, after).map_err(|denied| (path.clone(), denied))? {
            bytes += source.size;
            found.push(source);
            if found.len() >= FILES || bytes >= BYTES {
                return Ok(found);
            }
        }
    }
    Ok(found)
}

/// The files of one named path.
fn of_path<'a>(
    vault: &Vault,
    named: usize,
    path: &'a str,
    after: &str,
) -> Result<Box<dyn Iterator<Item = Source> + 'a>, Denied> {
    let entry = vault.resolve(path)?;
    if !entry.dir {
        let then = Cursor { named: named + 1, after: String::new() };
        return Ok(Box::new(std::iter::once(Source { path: entry.path, size: entry.size, then })));
    }
    let walk = vault.walk(path)?;
    let walk = if after.is_empty() { walk } else { walk.after(after) };
    Ok(Box::new(walk.filter_map(Result::ok).map(move |entry| {
        let below = if path == ROOT { Some(entry.path.as_str()) } else { entry.path.strip_prefix(path) };
        let after = below.unwrap_or_default().trim_start_matches('/').to_owned();
        Source { then: Cursor { named, after }, path: entry.path, size: entry.size }
    })))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn root(files: &[&str]) -> (tempfile::TempDir, Vault) {
        let directory = tempfile::tempdir().unwrap();
        for file in files {
            let path = directory.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, file).unwrap();
        }
        let vault = Vault::open(directory.path()).unwrap();
        (directory, vault)
    }

    fn names(paths: &[&str]) -> Vec<String> {
        paths.iter().map(|path| (*path).to_owned()).collect()
    }

    /// All files, each asked for behind the one before; `between` happens before each.
    fn one_by_one(vault: &Vault, paths: &[String], mut between: impl FnMut(&str)) -> Vec<String> {
        let (mut cursor, mut found) = (Cursor::default(), Vec::new());
        while let Some(source) = next(vault, paths, &cursor).unwrap().into_iter().next() {
            between(&source.path);
            cursor = source.then;
            found.push(source.path);
            assert!(found.len() < 100, "{found:?}");
        }
        found
    }

    #[test]
    fn a_file_that_is_named_twice_or_lies_in_a_named_folder_comes_once() {
        let (_root, vault) = root(&["a.jsonl", "folder/1", "folder/2", "folder-b/3"]);
        for (named, found) in [
            (["a.jsonl", "a.jsonl"], vec!["a.jsonl"]),
            (["folder", "folder/2"], vec!["folder/1", "folder/2"]),
            (["folder/2", "folder"], vec!["folder/1", "folder/2"]),
            (["folder", "folder-b/3"], vec!["folder/1", "folder/2", "folder-b/3"]),
            ([".", "folder"], vec!["a.jsonl", "folder/1", "folder/2", "folder-b/3"]),
        ] {
            let paths = distinct(&vault, &names(&named)).unwrap();
            assert_eq!(one_by_one(&vault, &paths, |_| {}), found, "{named:?}");
        }
    }

    #[test]
    fn reports_are_read_where_they_are_named_beside_the_root() {
        let (_root, vault) = root(&["a", "reports/x/b"]);
        let paths = distinct(&vault, &names(&[".", "reports/x"])).unwrap();
        assert_eq!(one_by_one(&vault, &paths, |_| {}), ["a", "reports/x/b"]);
    }

    #[test]
    fn that_the_last_file_is_gone_ends_nothing() {
        let all = ["a", "f/1", "f/deep/2", "f/deep/3", "f/z", "g"];
        let (root, vault) = root(&all);
        let paths = distinct(&vault, &names(&["a", "f", "g"])).unwrap();
        let gone = |path: &str| {
            if path.starts_with("f/") {
                std::fs::remove_file(root.path().join(path)).unwrap();
            }
        };
        assert_eq!(one_by_one(&vault, &paths, gone), all);
    }
}
