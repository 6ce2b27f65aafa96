//! An archive holds what the directory held, reads back, unpacks to the same, and nothing damaged passes.

#![allow(missing_docs, unreachable_pub, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use apprentice_vault::archive::{Archiver, Broken, Limits, Line, Phase, unpack, verify};
use apprentice_vault::{Denied, Why};
use common::{archive, finish, noise, options, world};
use std::io::{Read, Write};
use std::os::unix::ffi::OsStrExt;

/// The manifest's JSON, read by means that have nothing to do with ours.
fn manifest(path: &std::path::Path) -> serde_json::Value {
    let tar = zstd::decode_all(std::fs::File::open(path).unwrap()).unwrap();
    let mut reader = tar::Archive::new(tar.as_slice());
    let mut last = (String::new(), String::new());
    for entry in reader.entries().unwrap() {
        let mut entry = entry.unwrap();
        last = (entry.path().unwrap().to_string_lossy().into_owned(), String::new());
        if last.0 == "manifest.json" {
            entry.read_to_string(&mut last.1).unwrap();
        }
    }
    assert_eq!(last.0, "manifest.json", "it is the last entry");
    serde_json::from_str(&last.1).unwrap()
}

fn line(manifest: &serde_json::Value, path: &str) -> Line {
    let lines = manifest["entries"].as_array().unwrap();
    let line = lines.iter().find(|line| line["path"] == path).unwrap_or_else(|| panic!("{path}: {manifest}"));
    serde_json::from_value(line.clone()).unwrap()
}

#[test]
fn an_archive_verifies_and_unpacks_to_the_same_tree() {
    let world = world();
    let long = format!("set/{}/{}/{}.txt", "l".repeat(200), "ö".repeat(100), "n".repeat(250));
    let names = ["set/a.txt", "set/Обучение/данные.jsonl", "set/学習/例", "set/new\nline", "set/back\\slash", &long];
    for (index, name) in names.iter().enumerate() {
        world.put(name, noise(index as u64, 1000 * index));
    }
    world.put("set/empty", "");
    world.put("set/block", noise(9, 512));
    let long_break = format!("set/{}/{}\n", "x".repeat(150), "y".repeat(150));
    world.put(&long_break, "z");
    let made = archive(&world.vault, "set", "archives/set.tar.zst", options(4096));
    assert_eq!((made.files, made.left_out), (9, 0));
    let verified = verify(&world.vault, "archives/set.tar.zst").unwrap();
    assert_eq!((verified.files, verified.bytes, verified.size), (made.files, made.bytes, made.size));
    assert_eq!(verified.blake3, made.blake3);
    assert_eq!(verified.about, options(0).about);
    unpack(&world.vault, "archives/set.tar.zst", "again", Limits::default()).unwrap();
    for entry in world.vault.walk("set").unwrap() {
        let path = entry.unwrap().path;
        let copy = world.root.join(path.replacen("set", "again", 1));
        assert_eq!(std::fs::read(world.root.join(&path)).unwrap(), std::fs::read(&copy).unwrap(), "{path}");
    }
    // Unpacked and archived once more it is the same, byte for byte.
    let twice = archive(&world.vault, "again", "archives/again.tar.zst", options(4096));
    assert_eq!(twice.blake3, made.blake3);
    let leftovers =
        world.everything().into_iter().filter(|name| name.contains("/.vault-") || name.starts_with(".vault-"));
    assert_eq!(leftovers.count(), 0);
}

#[test]
fn gnu_tar_and_zstd_read_what_we_write() {
    let world = world();
    let long = format!("set/{}/{}", "d".repeat(180), "n".repeat(200));
    world.put(&long, "far");
    world.put("set/near", "near");
    archive(&world.vault, "set", "x.tar.zst", options(1 << 20));
    let out = world.home.path().join("out");
    std::fs::create_dir(&out).unwrap();
    let tar = zstd::decode_all(std::fs::File::open(world.root.join("x.tar.zst")).unwrap()).unwrap();
    let mut child = std::process::Command::new("tar")
        .args(["xf", "-", "-C"])
        .arg(&out)
        .stdin(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&tar).unwrap();
    assert!(child.wait().unwrap().success());
    let far = out.join("files").join(long.strip_prefix("set/").unwrap());
    assert_eq!(std::fs::read_to_string(far).unwrap(), "far");
    let json: serde_json::Value = serde_json::from_slice(&std::fs::read(out.join("manifest.json")).unwrap()).unwrap();
    assert_eq!((&json["files"], &json["bytes"], &json["licence"]), (&2.into(), &7.into(), &"CC-BY-4.0".into()));
}

#[test]
fn an_empty_directory_gives_an_archive_of_nothing() {
    let world = world();
    std::fs::create_dir(world.root.join("void")).unwrap();
    let made = archive(&world.vault, "void", "void.tar.zst", options(1 << 20));
    assert_eq!((made.files, made.bytes), (0, 0));
    assert_eq!(unpack(&world.vault, "void.tar.zst", "out", Limits::default()).unwrap().files, 0);
    assert!(world.root.join("out").is_dir());
}

#[test]
fn threads_and_budgets_do_not_change_a_byte() {
    let world = world();
    for index in 0..300 {
        world.put(&format!("set/{index}"), noise(index, usize::try_from(index).unwrap() * 37));
    }
    world.put("set/large", noise(7, 3 << 20));
    let one = archive(&world.vault, "set", "1", options(1 << 20));
    let mut three = options(1 << 20);
    three.threads = 3;
    let mut archiver = Archiver::new(&world.vault, "set", "2", three).unwrap();
    let (mut last, mut phases) = (0, Vec::new());
    let two = loop {
        let progress = archiver.step(50_000).unwrap();
        assert!(progress.files_done <= progress.files_all && progress.bytes_done <= progress.bytes_all);
        if progress.phase == Phase::Writing {
            assert!(progress.bytes_done >= last);
            last = progress.bytes_done;
        }
        phases.push(progress.phase);
        if let Some(archive) = progress.finished {
            break archive;
        }
    };
    assert_eq!(one.blake3, two.blake3);
    phases.dedup();
    assert_eq!(phases, [Phase::Writing, Phase::Checking, Phase::Finished]);
}

#[test]
fn what_is_left_out_is_listed_with_its_reason() {
    let world = world();
    for name in ["a", "b/c", ".git/config", "reports/p/x"] {
        world.put(name, "1");
    }
    std::os::unix::fs::symlink("a", world.root.join("link")).unwrap();
    let odd = world.root.join(std::ffi::OsStr::from_bytes(b"odd-\xff"));
    std::fs::write(odd, "1").unwrap();
    let made = archive(&world.vault, ".", "b/all.tar.zst", options(1 << 20));
    assert_eq!((made.files, made.left_out), (2, 4));
    let manifest = manifest(&world.root.join("b/all.tar.zst"));
    for (path, why) in
        [(".git", Why::Hidden), ("link", Why::Symlink), ("odd-\u{fffd}", Why::NotUtf8), ("reports", Why::Private)]
    {
        assert_eq!(line(&manifest, path).left_out, Some(why), "{path}");
    }
    assert_eq!(verify(&world.vault, "b/all.tar.zst").unwrap().left_out, 4);
}

#[test]
fn files_that_vanish_shrink_or_grow_meanwhile_are_noted_and_the_rest_is_taken() {
    let world = world();
    for name in ["a-first", "b-shrinks", "c-grows", "d-vanishes", "e-last"] {
        world.put(&format!("set/{name}"), noise(1, 1 << 20));
    }
    let mut archiver = Archiver::new(&world.vault, "set", "x", options(64 << 10)).unwrap();
    // Into the second file.
    while archiver.progress().bytes_done <= (1 << 20) + 1000 {
        archiver.step(1).unwrap();
    }
    std::fs::write(world.root.join("set/b-shrinks"), "short").unwrap();
    while archiver.progress().bytes_done <= (2 << 20) + 1000 {
        archiver.step(1).unwrap();
    }
    std::fs::write(world.root.join("set/c-grows"), noise(2, 2 << 20)).unwrap();
    std::fs::remove_file(world.root.join("set/d-vanishes")).unwrap();
    let made = finish(archiver);
    assert_eq!(made.files, 4);
    let manifest = manifest(&world.root.join("x"));
    assert!(line(&manifest, "b-shrinks").changed && line(&manifest, "c-grows").changed);
    assert_eq!(line(&manifest, "c-grows").size, Some(1 << 20));
    assert!(!line(&manifest, "a-first").changed && !line(&manifest, "e-last").changed);
    assert_eq!(line(&manifest, "d-vanishes").left_out, Some(Why::Missing));
}

#[test]
fn nothing_is_overwritten() {
    let world = world();
    world.put("set/a", "1");
    world.put("there", "2");
    let denied = Broken::Denied(Denied::Exists { path: "there".into() });
    assert_eq!(Archiver::new(&world.vault, "set", "there", options(1)).err(), Some(denied.clone()));
    archive(&world.vault, "set", "x", options(1 << 20));
    assert_eq!(unpack(&world.vault, "x", "there", Limits::default()).err(), Some(denied));
    let missing = Archiver::new(&world.vault, "nowhere", "y", options(1)).err();
    assert!(matches!(missing, Some(Broken::Denied(Denied::NotFound { .. }))));
}

#[test]
fn no_flipped_byte_passes_anywhere() {
    let world = world();
    for index in 0..20 {
        world.put(&format!("set/{index}"), format!("text {index} ").repeat(50));
    }
    let made = archive(&world.vault, "set", "x", options(1000));
    let good = std::fs::read(world.root.join("x")).unwrap();
    let (mut found, step) = (0, good.len() / 400 + 1);
    for at in (0..good.len()).step_by(step) {
        let mut bad = good.clone();
        bad[at] ^= 1 << (at % 8);
        std::fs::write(world.root.join("bad"), &bad).unwrap();
        match verify(&world.vault, "bad") {
            Err(_) => found += 1,
            // A bit that says how to decode and not what: the contents are right, the archive's own hash is not.
            Ok(verified) => assert_ne!(verified.blake3, made.blake3),
        }
    }
    let tried = good.len().div_ceil(step);
    assert!(tried > 200 && found * 10 > tried * 9, "{found} of {tried}");
    for cut in [0, 1, 100, good.len() / 2, good.len() - 1] {
        std::fs::write(world.root.join("bad"), &good[..cut]).unwrap();
        assert!(verify(&world.vault, "bad").is_err(), "cut to {cut}");
    }
    let mut longer = good;
    longer.extend_from_slice(b"more");
    std::fs::write(world.root.join("bad"), &longer).unwrap();
    assert!(verify(&world.vault, "bad").is_err());
}

/// An archive as somebody else could make it.
fn forged(entries: &[(&[u8], tar::EntryType, &[u8])], manifest: Option<&str>) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    let all = entries
        .iter()
        .copied()
        .chain(manifest.map(|text| (&b"manifest.json"[..], tar::EntryType::Regular, text.as_bytes())));
    for (path, kind, data) in all {
        let mut header = tar::Header::new_ustar();
        header.as_mut_bytes()[..path.len()].copy_from_slice(path);
        header.set_entry_type(kind);
        header.set_size(data.len() as u64);
        header.set_mtime(0);
        header.set_cksum();
        builder.append(&header, data).unwrap();
    }
    zstd::encode_all(builder.into_inner().unwrap().as_slice(), 1).unwrap()
}

fn listing(files: &[(&str, &[u8])]) -> String {
    let mut text = concat!(
        r#"{"format":"apprentice-archive","version":1,"created_at":0,"licence":"","consent":"","entries":["#,
        "\n"
    )
    .to_owned();
    for (path, data) in files {
        let hash = blake3::hash(data).to_hex();
        text += &format!("{{\"path\":\"{path}\",\"size\":{},\"blake3\":\"{hash}\"}},\n", data.len());
    }
    let bytes: usize = files.iter().map(|(_, data)| data.len()).sum();
    text + &format!("],\"files\":{},\"bytes\":{bytes},\"left_out\":0}}\n", files.len())
}

#[test]
fn forged_archives_are_refused_by_what_is_wrong_with_them() {
    use tar::EntryType::{Char, Directory, Link, Regular, Symlink};
    let world = world();
    let a = listing(&[("a", b"1")]);
    let path = |path: &str| Broken::Path { path: path.into() };
    let (one, two): (&[u8], &[u8]) = (b"1", b"2");
    let cases: Vec<(Vec<u8>, Broken)> = vec![
        (forged(&[(b"files/../../x", Regular, one)], Some(&a)), path("files/../../x")),
        (forged(&[(b"/etc/x", Regular, one)], Some(&a)), path("/etc/x")),
        (forged(&[(b"files//x", Regular, one)], Some(&a)), path("files//x")),
        (forged(&[(b"files/.ssh/x", Regular, one)], Some(&a)), path("files/.ssh/x")),
        (forged(&[(b"x", Regular, one)], Some(&a)), path("x")),
        (forged(&[(b"files/a", Symlink, b"")], Some(&a)), Broken::Kind { path: "files/a".into() }),
        (forged(&[(b"files/a", Link, b"")], Some(&a)), Broken::Kind { path: "files/a".into() }),
        (forged(&[(b"files/a", Char, b"")], Some(&a)), Broken::Kind { path: "files/a".into() }),
        (forged(&[(b"files/a", Directory, b"")], Some(&a)), Broken::Kind { path: "files/a".into() }),
        (
            forged(&[(b"files/a", Regular, one), (b"files/a", Regular, one)], Some(&a)),
            Broken::Order { path: "a".into() },
        ),
        (
            forged(&[(b"files/b", Regular, one), (b"files/a", Regular, one)], Some(&a)),
            Broken::Order { path: "a".into() },
        ),
        (forged(&[(b"files/a", Regular, two)], Some(&a)), Broken::Content { path: "a".into() }),
        (forged(&[(b"files/b", Regular, one)], Some(&a)), Broken::Missing { path: "a".into() }),
        (forged(&[], Some(&a)), Broken::Missing { path: "a".into() }),
        (forged(&[(b"files/a", Regular, one), (b"files/b", Regular, one)], Some(&a)), Broken::Extra { files: 1 }),
        (forged(&[(b"files/a", Regular, one)], None), Broken::NoManifest),
        (forged(&[(b"files/a", Regular, one)], Some("{}\n")), Broken::Manifest { line: 1 }),
        (forged(&[(b"files/a", Regular, one)], Some("")), Broken::Manifest { line: 1 }),
        (
            forged(&[(b"files/a", Regular, one)], Some(&a.replace("\"files\":1", "\"files\":2"))),
            Broken::Manifest { line: 3 },
        ),
        (forged(&[(b"files/a", Regular, one), (b"manifest.json", Regular, a.as_bytes())], Some(&a)), Broken::Trailing),
    ];
    for (bytes, broken) in cases {
        std::fs::write(world.root.join("forged"), bytes).unwrap();
        assert_eq!(verify(&world.vault, "forged"), Err(broken.clone()));
        assert_eq!(unpack(&world.vault, "forged", "out", Limits::default()), Err(broken));
        assert_eq!(world.everything(), ["forged"], "nothing is left behind");
    }
    std::fs::write(world.root.join("forged"), forged(&[(b"files/a", Regular, one)], Some(&a))).unwrap();
    assert_eq!(unpack(&world.vault, "forged", "out", Limits::default()).unwrap().files, 1);
}

#[test]
fn what_swells_beyond_its_limits_is_not_unpacked() {
    let world = world();
    let mut zeros = zstd::Encoder::new(std::fs::File::create(world.root.join("bomb")).unwrap(), 3).unwrap();
    let mut header = tar::Header::new_ustar();
    header.set_path("files/zeros").unwrap();
    header.set_size(1 << 40);
    header.set_cksum();
    zeros.write_all(header.as_bytes()).unwrap();
    std::io::copy(&mut std::io::repeat(0).take(48 << 20), &mut zeros).unwrap();
    zeros.finish().unwrap();
    let limits = Limits::default();
    assert_eq!(unpack(&world.vault, "bomb", "out", limits), Err(Broken::Ratio { limit: 1000 }));
    let small = Limits { bytes: 1 << 20, ..limits };
    assert_eq!(unpack(&world.vault, "bomb", "out", small), Err(Broken::TooLarge { limit: 1 << 20 }));
    assert_eq!(world.everything(), ["bomb"]);
    for name in ["set/a", "set/b"] {
        world.put(name, "1");
    }
    archive(&world.vault, "set", "x", options(1 << 20));
    assert_eq!(unpack(&world.vault, "x", "out", Limits { files: 1, ..limits }), Err(Broken::TooMany));
}
