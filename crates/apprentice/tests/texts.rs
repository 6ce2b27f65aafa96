//! Every word that people see stands in `locales`, in every language, and is used.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn files(dir: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, ending, found);
        } else if path.extension().is_some_and(|e| e == ending) {
            found.push(path);
        }
    }
}

/// Keys of a language with the `$arguments` of each.
fn texts(lang: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut paths = Vec::new();
    files(&root().join("locales").join(lang), "ftl", &mut paths);
    let mut texts = BTreeMap::new();
    for path in paths {
        let mut key = String::new();
        for line in fs::read_to_string(&path).unwrap().lines() {
            let name: String = line.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect();
            if !name.is_empty() && line[name.len()..].trim_start().starts_with('=') {
                key.clone_from(&name);
                assert!(texts.insert(name, BTreeSet::new()).is_none(), "{key} stands twice in {lang}");
            }
            for part in line.split("{ $").skip(1).chain(line.split("{$").skip(1)) {
                let argument = part.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                texts.get_mut(&key).unwrap().insert(argument);
            }
        }
    }
    texts
}

/// All Rust source of the program (not of its tests) and of the page's script.
fn source() -> Vec<(PathBuf, String)> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(root().join("crates")).unwrap().flatten() {
        if entry.path().join("src").is_dir() {
            files(&entry.path().join("src"), "rs", &mut paths);
            files(&entry.path(), "js", &mut paths);
        }
    }
    paths.into_iter().map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

/// The part of a file before its unit tests.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests {").next().unwrap()
}

/// Families of keys that are put together from a name.
const FAMILIES: [&str; 15] = [
    "admission-",
    "bound-",
    "button-voice-",
    "cannot-take-",
    "cause-",
    "cli-",
    "command-",
    "note-",
    "origin-",
    "reason-",
    "role-",
    "run-",
    "stage-",
    "voice-mode-",
    "waits-",
];

#[test]
fn both_languages_have_the_same_texts_with_the_same_arguments() {
    let (en, ru) = (texts("en"), texts("ru"));
    assert!(en.len() > 100, "the texts were not found");
    let missing = |a: &BTreeMap<String, _>, b: &BTreeMap<String, _>| -> Vec<String> {
        a.keys().filter(|key| !b.contains_key(*key)).cloned().collect()
    };
    assert_eq!(missing(&en, &ru), Vec::<String>::new(), "missing in ru");
    assert_eq!(missing(&ru, &en), Vec::<String>::new(), "missing in en");
    for (key, arguments) in &en {
        assert_eq!(arguments, &ru[key], "{key} takes other arguments in ru");
    }
}

#[test]
fn every_text_is_used_and_every_used_text_is_there() {
    let en = texts("en");
    let source = source();
    let named = |key: &str| source.iter().any(|(_, text)| text.contains(&format!("\"{key}\"")));
    let unused: Vec<_> = en.keys().filter(|key| !FAMILIES.iter().any(|f| key.starts_with(f)) && !named(key)).collect();
    assert!(unused.is_empty(), "unused texts: {unused:?}");
    let mut unknown = BTreeSet::new();
    for (path, text) in &source {
        for call in ["say(", "say_with(", ".text(", ".text_with("] {
            for rest in without_tests(text).split(call).skip(1) {
                let arguments: String = rest.chars().take(60).collect();
                let literal =
                    arguments.split('"').nth(1).filter(|_| !arguments.split('"').next().unwrap().contains(')'));
                if let Some(key) = literal.filter(|k| k.contains('-') && *k != "-" && !k.contains(['{', ' ', '/']))
                    && !en.contains_key(key)
                {
                    unknown.insert(format!("{key} in {}", path.display()));
                }
            }
        }
    }
    assert!(unknown.is_empty(), "texts that do not exist: {unknown:#?}");
}

#[test]
fn no_text_for_people_is_written_in_code() {
    // Words of people that are recognised, names of languages in themselves, and what is said for a sign or a number are
    // not texts of ours.
    let allowed = [
        "correction.rs",
        "drawing.rs",
        "embedded",
        "hear/judge.rs",
        "language",
        "learn/source.rs",
        "markdown",
        "setting.rs",
        "/learning/",
        "/speech/",
    ];
    let mut written = Vec::new();
    for (path, text) in source() {
        let shown = path.display().to_string();
        if allowed.iter().any(|name| shown.contains(name)) || shown.contains("/sim/") || shown.contains("/tests") {
            continue;
        }
        for (number, line) in without_tests(&text).lines().enumerate() {
            let code = line.split("//").next().unwrap();
            let cyrillic =
                code.contains('"') && code.chars().any(|c| ('а'..='я').contains(&c) || ('А'..='Я').contains(&c));
            let literal = [".reply(\"", "markdown: \"", "label: \""].iter().any(|call| code.contains(call));
            if cyrillic || literal {
                written.push(format!("{shown}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    assert!(written.is_empty(), "{written:#?}");
}
