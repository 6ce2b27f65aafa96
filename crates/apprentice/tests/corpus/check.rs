//! What holds for whatever is read as settings. The fuzz target and the replay of its corpus share it.

use apprentice::settings::{Fault, Format, Origin, parse_bytes};
use domain::person::Lang;
use domain::text::say;
use std::path::Path;

/// Reads any bytes as a settings file, in each format.
pub fn settings(bytes: &[u8]) {
    for format in [Format::Toml, Format::Yaml, Format::Json] {
        match parse_bytes(format, bytes) {
            Ok(settings) => {
                assert!(!settings.model.chain.is_empty(), "nobody answers");
                drop(serde_json::to_value(&settings).unwrap());
            }
            Err(problem) => {
                assert!(!problem.faults.is_empty(), "a problem without a fault");
                problem.faults.iter().for_each(|fault| can_be_found(fault, format, bytes));
            }
        }
    }
}

/// A fault is one line that names the file, and the line where there is one.
fn can_be_found(fault: &Fault, format: Format, bytes: &[u8]) {
    for lang in [Lang::En, Lang::Ru] {
        let said = fault.say(lang);
        assert!(!said.chars().any(char::is_control), "{format:?}: more than a line of text: {said:?}");
        assert!(said.starts_with("settings:"), "{format:?}: {said}");
    }
    // YAML and JSON5 have more line breaks than TOML.
    let breaks = ['\n', '\r', '\u{2028}', '\u{2029}'];
    let lines = String::from_utf8_lossy(bytes).split(breaks).count();
    match fault.origin() {
        Origin::File(path, Some(line)) => {
            assert_eq!(path, Path::new("settings"));
            assert!((1..=lines + 1).contains(line), "{format:?}: there is no such line: {}", fault.say(Lang::En));
        }
        Origin::File(_, None) => {
            assert!(is_of_the_whole(fault), "{format:?}: no line: {}", fault.say(Lang::En));
        }
        other => panic!("{format:?}: not of the file but of {other:?}: {}", fault.say(Lang::En)),
    }
}

/// Whether a fault has no line: it is about all of the file.
fn is_of_the_whole(fault: &Fault) -> bool {
    let said = fault.say(Lang::En);
    ["settings-too-large", "settings-not-utf8", "settings-not-values"]
        .iter()
        .any(|key| said.ends_with(&say(Lang::En, key)))
}
