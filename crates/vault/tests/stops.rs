//! An archive that was stopped goes on to the same bytes; one that was cancelled leaves nothing.

#![allow(missing_docs, unreachable_pub, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use apprentice_vault::archive::{Archive, Archiver, Broken, Checkpoint, Options, verify};
use common::{World, archive, finish, noise, options, world};

/// 600 small files and some that are larger than a frame.
fn tree(world: &World) {
    for index in 0..600_u64 {
        world.put(&format!("set/{}/{index}.txt", index % 7), format!("example {index}\n").repeat(20));
    }
    for (name, len) in [("0-large", 3_000_000), ("3-large", 1_500_000), ("z-large", 2_000_001)] {
        world.put(&format!("set/{name}"), noise(5, len));
    }
    world.put("set/.hidden", "1");
    world.put("set/a/.hidden", "1");
}

fn frames() -> Options {
    options(300_000)
}

/// Works with a stop after each of `budgets`, each time from a checkpoint that went through JSON.
fn with_stops(world: &World, into: &str, budgets: impl IntoIterator<Item = u64>) -> (Archive, u32) {
    let mut archiver = Archiver::new(&world.vault, "set", into, frames()).unwrap();
    let mut stops = 0;
    for budget in budgets {
        let saved = archiver.checkpoint().unwrap();
        if let Some(archive) = archiver.step(budget).unwrap().finished {
            return (archive, stops);
        }
        // Half of the time what was written after the checkpoint is lost on, half of the time it is kept.
        let saved = if budget % 2 == 0 { saved.unwrap() } else { archiver.checkpoint().unwrap().unwrap() };
        drop(archiver);
        let saved: Checkpoint = serde_json::from_str(&serde_json::to_string(&saved).unwrap()).unwrap();
        archiver = Archiver::resume(&world.vault, saved).unwrap();
        stops += 1;
    }
    (finish(archiver), stops)
}

#[test]
fn stopped_at_many_points_it_is_the_same_archive() {
    let world = world();
    tree(&world);
    let whole = archive(&world.vault, "set", "whole", frames());
    assert_eq!(whole.files, 603);
    for seed in 1..=4_u64 {
        let budgets = (1..40_u64).map(|turn| 1 + (seed * 7919 * turn * 104_729) % 1_500_000);
        let into = format!("stopped-{seed}");
        let (made, stops) = with_stops(&world, &into, budgets);
        assert!(stops >= 5, "{stops}");
        assert_eq!(made.blake3, whole.blake3, "seed {seed}");
        assert_eq!(verify(&world.vault, &into).unwrap().files, 603);
    }
    assert!(!world.everything().iter().any(|name| name.contains(".vault-")));
}

#[test]
fn a_half_taken_file_that_changed_meanwhile_is_taken_anew() {
    let world = world();
    tree(&world);
    for change in ["other", "gone"] {
        let mut archiver = Archiver::new(&world.vault, "set", change, frames()).unwrap();
        while archiver.progress().bytes_done < 1_000_000 {
            archiver.step(10_000).unwrap();
        }
        let saved = archiver.checkpoint().unwrap().unwrap();
        drop(archiver);
        let large = world.root.join("set/0-large");
        if change == "other" { std::fs::write(&large, noise(8, 2_900_000)) } else { std::fs::remove_file(&large) }
            .unwrap();
        let made = finish(Archiver::resume(&world.vault, saved).unwrap());
        assert_eq!(made.files, if change == "other" { 603 } else { 602 });
        assert_eq!(verify(&world.vault, change).unwrap().files, made.files);
    }
}

#[test]
fn what_comes_and_goes_while_it_is_stopped_is_taken_as_it_is_then() {
    let world = world();
    tree(&world);
    let mut archiver = Archiver::new(&world.vault, "set", "x", frames()).unwrap();
    while archiver.progress().files_done < 300 {
        archiver.step(5_000).unwrap();
    }
    let saved = archiver.checkpoint().unwrap().unwrap();
    drop(archiver);
    std::fs::remove_dir_all(world.root.join("set/6")).unwrap();
    std::fs::remove_dir_all(world.root.join("set/3")).unwrap();
    world.put("set/7-new", "new");
    let made = finish(Archiver::resume(&world.vault, saved).unwrap());
    assert!(made.files < 603 && made.files > 430, "{}", made.files);
    assert_eq!(verify(&world.vault, "x").unwrap().files, made.files);
}

#[test]
fn what_was_tampered_with_does_not_go_on() {
    let world = world();
    tree(&world);
    let mut archiver = Archiver::new(&world.vault, "set", "x", frames()).unwrap();
    while archiver.progress().files_done < 100 {
        archiver.step(10_000).unwrap();
    }
    let saved = archiver.checkpoint().unwrap().unwrap();
    drop(archiver);
    let unfinished = world.root.join(&saved.temporaries()[0]);
    let mut bytes = std::fs::read(&unfinished).unwrap();
    bytes[1000] ^= 1;
    std::fs::write(&unfinished, bytes).unwrap();
    assert_eq!(Archiver::resume(&world.vault, saved.clone()).err(), Some(Broken::Unfinished));
    saved.discard(&world.vault).unwrap();
    assert!(!world.everything().iter().any(|name| name.contains(".vault-")));
    assert_eq!(Archiver::resume(&world.vault, saved).err(), Some(Broken::Unfinished));
}

#[test]
fn cancelled_at_any_point_it_leaves_nothing() {
    let world = world();
    tree(&world);
    let before = world.everything();
    for budget in [0, 1, 1_000_000, 7_000_000, 9_000_000] {
        let mut archiver = Archiver::new(&world.vault, "set", "x", frames()).unwrap();
        assert!(archiver.step(budget).unwrap().finished.is_none());
        archiver.cancel().unwrap();
        assert_eq!(world.everything(), before, "{budget}");
    }
    let mut archiver = Archiver::new(&world.vault, "set", "x", frames()).unwrap();
    while archiver.step(1 << 20).unwrap().finished.is_none() {}
    assert_eq!(archiver.checkpoint().unwrap(), None);
    archiver.cancel().unwrap();
    assert!(world.root.join("x").is_file(), "what is finished stays");
}

#[test]
fn thousands_of_files_and_a_large_one_are_taken_whole() {
    let world = world();
    for index in 0..3000_u64 {
        world.put(&format!("set/{index:04}"), index.to_string());
    }
    world.put("set/1500-large", noise(3, 1 << 20).repeat(30));
    let mut archiver = Archiver::new(&world.vault, "set", "x", options(8 << 20)).unwrap();
    let mut points = Vec::new();
    let made = loop {
        let progress = archiver.step(4 << 20).unwrap();
        if let Some(archive) = progress.finished {
            break archive;
        }
        points.push(archiver.checkpoint().unwrap().unwrap());
    };
    assert_eq!(made.files, 3001);
    points.dedup();
    assert!(points.len() >= 4, "{}", points.len());
    assert!(serde_json::to_string(&points).unwrap().len() < points.len() * 1500);
}
