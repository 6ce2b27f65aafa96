//! What is typed reaches files inside of the root and nothing else; every refusal says why.

#![allow(missing_docs, unreachable_pub, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use apprentice_vault::{Denied, Left, Vault, Way, Why};
use common::{CANARY, world};
use domain::ids::PersonId;
use proptest::prelude::*;
use std::io::{Read, Write};
use std::os::unix::fs::symlink;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

fn read(vault: &Vault, typed: &str) -> Result<String, Denied> {
    let (mut file, _) = vault.open_file(typed, 1 << 20)?;
    let mut text = String::new();
    file.read_to_string(&mut text).unwrap();
    Ok(text)
}

#[test]
fn a_path_inside_is_found_relative_and_absolute() {
    let world = world();
    world.put("sets/one/train.jsonl", "{}");
    let absolute = world.root.join("sets/one/train.jsonl");
    for typed in ["sets/one/train.jsonl", " ./sets//one/./train.jsonl ", absolute.to_str().unwrap()] {
        let found = world.vault.resolve(typed).unwrap();
        assert_eq!((found.path.as_str(), found.size, found.dir), ("sets/one/train.jsonl", 2, false), "{typed}");
        assert_eq!(found.name(), "train.jsonl");
        assert_eq!(read(&world.vault, typed).unwrap(), "{}");
    }
    assert!(world.vault.resolve(".").unwrap().dir);
    assert!(world.vault.resolve(world.root.to_str().unwrap()).unwrap().path.is_empty());
}

#[test]
fn every_way_out_is_refused_by_its_name() {
    let world = world();
    world.put("a/b", "x");
    let beside = format!("{}/../canary", world.root.display());
    let twin = format!("{}-twin/x", world.root.display());
    for (typed, way) in [
        ("..", Way::Parent),
        ("../canary", Way::Parent),
        ("a/../a/b", Way::Parent),
        ("a\\..\\..\\canary", Way::Parent),
        (beside.as_str(), Way::Parent),
        ("/etc/passwd", Way::Absolute),
        ("//server/share", Way::Absolute),
        ("/", Way::Absolute),
        (twin.as_str(), Way::Absolute),
        ("C:\\Windows", Way::Drive),
        ("c:/x", Way::Drive),
        ("\\\\server\\share", Way::Share),
        ("~", Way::Home),
        ("~root/.ssh", Way::Home),
        ("a\0b", Way::Nul),
    ] {
        assert_eq!(world.vault.resolve(typed), Err(Denied::Outside(way)), "{typed}");
        assert_eq!(world.vault.open_file(typed, 9).err(), Some(Denied::Outside(way)), "{typed}");
        assert_eq!(world.vault.list(typed, 9), Err(Denied::Outside(way)), "{typed}");
        assert_eq!(world.vault.walk(typed).err(), Some(Denied::Outside(way)), "{typed}");
        assert_eq!(world.vault.create(typed).err(), Some(Denied::Outside(way)), "{typed}");
        assert!(!world.vault.visible_to(typed, &PersonId::from("p"), true), "{typed}");
    }
}

#[test]
fn other_refusals_say_what_is_wrong() {
    let world = world();
    world.put("a/b", "four");
    world.put(".secret/x", "x");
    let vault = &world.vault;
    assert_eq!(vault.resolve(" \t"), Err(Denied::Empty));
    assert_eq!(vault.resolve("a\\b"), Err(Denied::Backslash));
    assert_eq!(vault.resolve(".secret/x"), Err(Denied::Hidden { name: ".secret".into() }));
    assert_eq!(vault.resolve("..."), Err(Denied::Hidden { name: "...".into() }));
    assert_eq!(vault.open_file("a", 9).err(), Some(Denied::NotAFile { path: "a".into() }));
    assert_eq!(vault.open_file(".", 9).err(), Some(Denied::NotAFile { path: String::new() }));
    assert_eq!(vault.resolve("a/b/c"), Err(Denied::NotADirectory { path: "a/b".into() }));
    assert_eq!(vault.list("a/b", 9), Err(Denied::NotADirectory { path: "a/b".into() }));
    assert_eq!(vault.open_file("a/b", 3).err(), Some(Denied::TooLarge { size: 4, limit: 3 }));
    assert_eq!(vault.resolve(&"x".repeat(256)), Err(Denied::TooLong));
    assert_eq!(vault.resolve(&"d/".repeat(40)), Err(Denied::TooLong));
    // Nothing is decoded.
    let literal = Err(Denied::NotFound { path: "%2e%2e".into(), nearest: None });
    assert_eq!(vault.resolve("%2e%2e/canary"), literal);
}

#[test]
fn a_name_that_is_missing_comes_with_the_closest_one() {
    let world = world();
    world.put("sets/train.jsonl", "");
    world.put("sets/notes.txt", "");
    world.put("reports/other/secret.txt", "");
    let nearest = |typed: &str| match world.vault.resolve(typed) {
        Err(Denied::NotFound { nearest, .. }) => nearest,
        other => panic!("{other:?}"),
    };
    assert_eq!(nearest("sets/trian.jsonl").as_deref(), Some("sets/train.jsonl"));
    assert_eq!(nearest("SETS/train.jsonl").as_deref(), Some("sets"));
    assert_eq!(nearest("sets/zzz"), None);
    assert_eq!(nearest("reports/other/secrt.txt"), None, "names of others are not to be guessed");
    assert_eq!(nearest("reports/othr/secret.txt"), None);
}

#[test]
fn no_symbolic_link_is_followed_wherever_it_leads() {
    let world = world();
    world.put("real/file", "x");
    symlink(world.home.path(), world.root.join("out")).unwrap();
    symlink(world.home.path().join("canary"), world.root.join("canary")).unwrap();
    symlink("real", world.root.join("inside")).unwrap();
    symlink("gone", world.root.join("dangling")).unwrap();
    let link = |path: &str| Denied::Symlink { path: path.into() };
    for (typed, path) in [
        ("out/canary", "out"),
        ("canary", "canary"),
        ("inside/file", "inside"),
        ("inside", "inside"),
        ("dangling", "dangling"),
    ] {
        assert_eq!(world.vault.resolve(typed), Err(link(path)), "{typed}");
        assert_eq!(world.vault.open_file(typed, 99).err(), Some(link(path)), "{typed}");
    }
    assert_eq!(world.vault.create("out/new").err(), Some(link("out")));
    assert_eq!(world.vault.replace("canary").err(), Some(link("canary")));
    let seen: Vec<_> = world.vault.walk(".").unwrap().collect();
    let links = ["canary", "dangling", "inside", "out"].map(|path| Err(Left { path: path.into(), why: Why::Symlink }));
    assert!(links.iter().all(|link| seen.contains(link)));
    assert_eq!(seen.iter().flatten().map(|entry| entry.path.as_str()).collect::<Vec<_>>(), ["real/file"]);
}

#[test]
fn a_hard_link_is_an_ordinary_file_and_a_pipe_is_refused() {
    let world = world();
    world.put("one", "x");
    std::fs::hard_link(world.root.join("one"), world.root.join("two")).unwrap();
    assert_eq!(read(&world.vault, "two").unwrap(), "x");
    let pipe = std::process::Command::new("mkfifo").arg(world.root.join("pipe")).status().unwrap();
    assert!(pipe.success());
    let device = Denied::Device { path: "pipe".into() };
    assert_eq!(world.vault.resolve("pipe"), Err(device.clone()));
    assert_eq!(world.vault.open_file("pipe", 9).err(), Some(device));
    assert_eq!(world.vault.resolve("pipe/x"), Err(Denied::Device { path: "pipe".into() }));
}

#[test]
fn a_link_that_is_swapped_in_between_is_refused_and_never_read() {
    let world = world();
    world.put("d/file", "inside");
    world.put("spare/file", "inside");
    // What is looked up first and opened later.
    assert!(world.vault.resolve("d/file").is_ok());
    std::fs::rename(world.root.join("d"), world.root.join("kept")).unwrap();
    symlink(world.home.path(), world.root.join("d")).unwrap();
    assert_eq!(world.vault.open_file("d/canary", 99).err(), Some(Denied::Symlink { path: "d".into() }));
    std::fs::remove_file(world.root.join("d")).unwrap();

    // And while it is opened again and again.
    symlink(world.home.path().join("canary"), world.root.join("spare/.link")).unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let (halt, spare) = (stop.clone(), std::fs::File::open(world.root.join("spare")).unwrap());
    let swapper = std::thread::spawn(move || {
        while !halt.load(Ordering::Relaxed) {
            let exchange = rustix::fs::RenameFlags::EXCHANGE;
            rustix::fs::renameat_with(&spare, "file", &spare, ".link", exchange).unwrap();
        }
    });
    for _ in 0..3000 {
        match read(&world.vault, "spare/file") {
            Ok(text) => assert_eq!(text, "inside"),
            Err(Denied::Symlink { .. }) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    stop.store(true, Ordering::Relaxed);
    swapper.join().unwrap();
}

#[test]
fn names_in_other_scripts_are_found_composed_and_decomposed() {
    let world = world();
    world.put("Обучение/данные №1.jsonl", "ru");
    world.put("学習/例.txt", "ja");
    world.put("cafe\u{301}.txt", "nfd");
    world.put("na\u{ef}ve/x", "nfc");
    for (typed, text) in [
        ("Обучение/данные №1.jsonl", "ru"),
        ("学習/例.txt", "ja"),
        ("caf\u{e9}.txt", "nfd"),
        ("cafe\u{301}.txt", "nfd"),
        ("nai\u{308}ve/x", "nfc"),
    ] {
        assert_eq!(read(&world.vault, typed).unwrap(), text, "{typed}");
    }
    assert_eq!(world.vault.resolve("caf\u{e9}.txt").unwrap().path, "cafe\u{301}.txt");
}

#[test]
fn a_list_is_sorted_cut_and_without_what_cannot_be_opened() {
    let world = world();
    for name in ["b", "a", "c/x", ".hidden"] {
        world.put(name, "12");
    }
    symlink("a", world.root.join("aa")).unwrap();
    let list = world.vault.list(".", 2).unwrap();
    assert_eq!(list.total, 4);
    assert_eq!(
        list.entries.iter().map(|entry| (entry.name(), entry.dir)).collect::<Vec<_>>(),
        [("a", false), ("b", false)]
    );
    let all = world.vault.list(".", 9).unwrap();
    assert!(all.entries.last().unwrap().dir);
}

#[test]
fn a_walk_is_in_one_order_and_stops_at_its_limits() {
    let world = world();
    for name in ["a-b", "a/x", "a/.h", "b", "inbox/p/sent", "reports/p/mine"] {
        world.put(name, "1");
    }
    world.put(&format!("{}deep", "d/".repeat(33)), "1");
    let seen: Vec<_> = world.vault.walk(".").unwrap().map(|item| item.map(|entry| entry.path)).collect();
    let left = |path: &str, why| Err(Left { path: path.to_owned(), why });
    let deep = ["d"; 33].join("/");
    let found = |path: &str| Ok(path.to_owned());
    assert_eq!(
        seen,
        [
            left("a/.h", Why::Hidden),
            found("a/x"),
            found("a-b"),
            found("b"),
            left(&deep, Why::TooDeep),
            left("inbox", Why::Private),
            left("reports", Why::Private)
        ]
    );
    let mine: Vec<_> = world.vault.walk("reports/p").unwrap().flatten().map(|entry| entry.path).collect();
    assert_eq!(mine, ["reports/p/mine"]);
    let sent: Vec<_> = world.vault.walk("inbox").unwrap().flatten().map(|entry| entry.path).collect();
    assert_eq!(sent, ["inbox/p/sent"]);
    let few: Vec<_> = world.vault.walk("a").unwrap().at_most(1).collect();
    assert_eq!(few, [Err(Left { path: "a".into(), why: Why::TooMany })]);
}

#[test]
fn reports_and_what_was_sent_are_seen_by_their_person_and_by_owners() {
    let world = world();
    let (one, two) = (PersonId::from("one"), PersonId::from("two"));
    for (path, mine, theirs) in [
        ("reports/one/x.csv", true, false),
        ("./reports//one", true, false),
        ("Reports/one/x", true, false),
        ("reports", false, false),
        ("reports/one-and-a-half", false, false),
        ("inbox", false, false),
        ("inbox/one/7-1/data.csv", true, false),
        ("INBOX/one", true, false),
        ("inbox/7-data.csv", false, false),
        ("sets/inbox/one", true, true),
        ("sets/reports/one", true, true),
        ("sets", true, true),
        (".", true, true),
    ] {
        assert_eq!(world.vault.visible_to(path, &one, false), mine, "{path}");
        assert_eq!(world.vault.visible_to(path, &two, false), theirs, "{path}");
        assert!(world.vault.visible_to(path, &two, true), "{path}");
    }
}

#[test]
fn a_draft_appears_whole_or_not_at_all_and_takes_no_others_place() {
    let world = world();
    let mut draft = world.vault.create("reports/p/out.csv").unwrap();
    draft.write_all(b"half").unwrap();
    assert!(world.vault.list("reports/p", 9).unwrap().entries.is_empty());
    assert!(world.vault.resolve("reports/p/out.csv").is_err());
    drop(draft);
    assert_eq!(world.everything(), ["reports", "reports/p"]);

    let mut draft = world.vault.create("reports/p/out.csv").unwrap();
    let late = world.vault.create("reports/p/out.csv").unwrap();
    draft.write_all(b"whole").unwrap();
    assert_eq!(draft.commit().unwrap().size, 5);
    let there = Denied::Exists { path: "reports/p/out.csv".into() };
    assert_eq!(late.commit(), Err(there.clone()));
    assert_eq!(world.vault.create("reports/p/out.csv").err(), Some(there));
    let mut draft = world.vault.replace("reports/p/out.csv").unwrap();
    draft.write_all(b"new").unwrap();
    draft.commit().unwrap();
    assert_eq!(read(&world.vault, "reports/p/out.csv").unwrap(), "new");
    assert_eq!(world.everything(), ["reports", "reports/p", "reports/p/out.csv"]);
}

#[test]
fn usage_counts_and_a_sweep_removes_what_a_crash_left() {
    let world = world();
    world.put("a/b", "123");
    world.put("reports/p/c", "45");
    std::mem::forget(world.vault.create("a/unfinished").unwrap());
    std::mem::forget(world.vault.create("a/kept").unwrap());
    let usage = world.vault.usage().unwrap();
    assert_eq!((usage.files, usage.bytes), (2, 5));
    assert!(usage.free > 0);
    let hidden: Vec<_> = world.everything().into_iter().filter(|name| name.contains("/.vault-")).collect();
    assert_eq!(hidden.len(), 2);
    let keep = hidden[0].rsplit('/').next().unwrap().to_owned();
    assert_eq!(world.vault.sweep(&[keep]).unwrap(), 1);
    assert!(world.everything().contains(&hidden[0]) && !world.everything().contains(&hidden[1]));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]
    #[test]
    fn whatever_is_typed_the_file_beside_the_root_is_never_opened(
        parts in proptest::collection::vec(
            prop_oneof![
                Just("..".to_owned()), Just(".".to_owned()), Just(String::new()), Just("a".to_owned()),
                Just("out".to_owned()), Just("canary".to_owned()), Just("root".to_owned()), Just("~".to_owned()),
                Just("%2e%2e".to_owned()), Just("C:".to_owned()), Just("\u{ff0e}\u{ff0e}".to_owned()),
                Just("..\\..".to_owned()), Just("\0".to_owned()), "\\PC{0,6}",
            ],
            0..7,
        ),
        separator in prop_oneof![8 => Just("/"), 1 => Just("\\"), 1 => Just("\u{2215}")],
        start in 0_u8..4,
    ) {
        thread_local! {
            static WORLD: common::World = {
                let world = world();
                world.put("a/a/canary", "inside");
                symlink(world.home.path(), world.root.join("out")).unwrap();
                symlink("../canary", world.root.join("canary")).unwrap();
                world
            };
        }
        WORLD.with(|world| {
            let start = match start { 0 => format!("{}/", world.root.display()), 1 => "/".to_owned(), _ => String::new() };
            let typed = format!("{start}{}", parts.join(separator));
            let mut text = String::new();
            if let Ok((mut file, entry)) = world.vault.open_file(&typed, 1 << 20) {
                file.read_to_string(&mut text).unwrap();
                assert!(world.root.join(&entry.path).is_file());
            }
            assert_ne!(text, CANARY);
            if let Ok(found) = world.vault.resolve(&typed) {
                let real = world.root.join(&found.path).canonicalize().unwrap();
                assert!(real.starts_with(world.root.canonicalize().unwrap()));
            }
            for item in world.vault.walk(&typed).into_iter().flatten().flatten() {
                assert_eq!(item.path, "a/a/canary");
            }
        });
    }
}
