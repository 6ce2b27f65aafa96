//! What happens when a name has become something else after it was looked at.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;
use std::os::unix::fs::symlink;

fn handle(home: &Path) -> Dir {
    std::fs::create_dir_all(home.join("root/real")).unwrap();
    std::fs::write(home.join("canary"), "x").unwrap();
    std::fs::write(home.join("root/file"), "x").unwrap();
    for (target, name) in [("../canary", "out"), ("file", "in"), ("real", "dir"), ("..", "up")] {
        symlink(target, home.join("root").join(name)).unwrap();
    }
    Dir::open_ambient_dir(home.join("root"), cap_std::ambient_authority()).unwrap()
}

#[test]
fn a_link_is_not_opened_even_when_nobody_looked_first() {
    let home = tempfile::tempdir().unwrap();
    let dir = handle(home.path());
    for name in ["out", "in", "dir", "up"] {
        let link = Denied::Symlink { path: name.into() };
        assert_eq!(open_in(&dir, name, name.into()).err(), Some(link.clone()), "{name}");
        assert_eq!(enter(&dir, "", name).err(), Some(link), "{name}");
    }
    assert_eq!(open_in(&dir, "real", "real".into()).err(), Some(Denied::NotAFile { path: "real".into() }));
    assert!(open_in(&dir, "file", "file".into()).is_ok());
}

#[test]
fn a_pipe_that_nobody_writes_into_does_not_block_and_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let dir = handle(home.path());
    let made = std::process::Command::new("mkfifo").arg(home.path().join("root/pipe")).status().unwrap();
    assert!(made.success());
    assert_eq!(open_in(&dir, "pipe", "pipe".into()).err(), Some(Denied::Device { path: "pipe".into() }));
}

#[test]
fn what_is_removed_is_gone_with_all_it_holds_and_nothing_that_a_link_points_to() {
    let home = tempfile::tempdir().unwrap();
    handle(home.path());
    let vault = Vault::open(&home.path().join("root")).unwrap();
    symlink("../../canary", home.path().join("root/real/out")).unwrap();
    std::fs::write(home.path().join("root/real/within"), "x").unwrap();
    assert_eq!(vault.remove("real"), Ok(true));
    assert!(!home.path().join("root/real").exists() && home.path().join("canary").exists());
    assert_eq!(
        (vault.remove("file"), vault.remove("file"), vault.remove("none/at/all")),
        (Ok(true), Ok(false), Ok(false))
    );
    for refused in ["out", "up", "up/canary", ".", "../canary"] {
        assert!(vault.remove(refused).is_err(), "{refused}");
    }
    assert!(home.path().join("canary").exists());
}
