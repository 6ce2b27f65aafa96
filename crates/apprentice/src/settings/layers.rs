//! The layers of settings, and what each gives. Every reading goes on after a fault, so that a
//! person sees all of them at once.

use super::keys::{self, Key, Short};
use super::leaf::Leaf;
use super::lines::{self, Lines, Malformed, Why};
use super::problem::{Fault, Origin, Wrong};
use config::{FileFormat, Map, Source, Value, ValueKind};
use std::path::{Path, PathBuf};

/// How a settings file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// TOML.
    Toml,
    /// YAML, without aliases.
    Yaml,
    /// JSON, and JSON5: comments and a comma at the end are well.
    Json,
}

impl Format {
    /// The format of a file by its name.
    pub fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()? {
            "toml" => Some(Self::Toml),
            "yaml" | "yml" => Some(Self::Yaml),
            "json" | "json5" => Some(Self::Json),
            _ => None,
        }
    }

    fn lines(self, text: &str) -> Result<Lines, Malformed> {
        match self {
            Self::Toml => lines::of_toml(text),
            Self::Yaml => lines::of_yaml(text),
            Self::Json => lines::of_json(text),
        }
    }

    fn values(self, text: &str) -> Result<Map<String, Value>, config::ConfigError> {
        let format = match self {
            Self::Toml => FileFormat::Toml,
            Self::Yaml => FileFormat::Yaml,
            Self::Json => FileFormat::Json5,
        };
        config::File::from_str(text, format).collect()
    }
}

/// A value that a layer gives to a key.
#[derive(Clone, Debug)]
pub(super) struct Given {
    pub(super) path: String,
    pub(super) leaf: Leaf,
    pub(super) origin: Origin,
}

/// A file whose contents are the value of a key.
#[derive(Clone, Debug)]
pub(super) struct SecretFile {
    pub(super) path: String,
    pub(super) file: PathBuf,
    pub(super) origin: Origin,
}

/// What the layers gave so far, in their order, and what was wrong.
#[derive(Clone, Debug, Default)]
pub(super) struct Layers {
    pub(super) given: Vec<Given>,
    pub(super) secret_files: Vec<SecretFile>,
    pub(super) faults: Vec<Fault>,
    pub(super) warnings: Vec<Fault>,
    /// The environment's name, where a file says it.
    pub(super) environment: Option<String>,
}

/// Larger than settings ever are, bytes.
pub(super) const MAX_FILE: usize = 1 << 20;

impl Layers {
    /// Adds what a settings file says.
    pub(super) fn file(&mut self, format: Format, bytes: &[u8], origin: &Origin) {
        let at = |line| match origin {
            Origin::File(path, _) => Origin::File(path.clone(), line),
            other => other.clone(),
        };
        if bytes.len() > MAX_FILE {
            return self.faults.push(Wrong::TooLarge.at(origin));
        }
        let Ok(text) = std::str::from_utf8(bytes) else {
            return self.faults.push(Wrong::Syntax(Why::Key("settings-not-utf8")).at(origin));
        };
        let text = text.trim_start_matches('\u{feff}');
        match format.lines(text) {
            Err(Malformed { line, why }) => self.faults.push(Wrong::Syntax(why).at(&at(line))),
            Ok(lines) => match format.values(text) {
                Ok(values) => self.table("", values, &lines, &at),
                Err(_) => self.faults.push(Wrong::Syntax(Why::Key("settings-not-values")).at(origin)),
            },
        }
    }

    fn table(&mut self, path: &str, values: Map<String, Value>, lines: &Lines, at: &dyn Fn(Option<usize>) -> Origin) {
        let mut values: Vec<_> = values.into_iter().collect();
        let line_of = |name: &str| lines.get(&join(path, name)).copied();
        // Short names first: what names a key in full wins over them. Then as in the file.
        values.sort_by_cached_key(|(name, _)| {
            let full = path.is_empty() && keys::find_short(name).is_none();
            (full, short_rank(name), line_of(name), name.clone())
        });
        for (name, value) in values {
            let origin = at(line_of(&name));
            self.node(path, &name, value, &origin, lines, at);
        }
    }

    fn node(
        &mut self,
        parent: &str,
        name: &str,
        value: Value,
        origin: &Origin,
        lines: &Lines,
        at: &dyn Fn(Option<usize>) -> Origin,
    ) {
        if parent.is_empty() && self.short_in_file(name, &value, origin) {
            return;
        }
        if !keys::is_name(name) {
            return self.faults.push(Wrong::Name(name.to_owned()).at(origin));
        }
        let path = join(parent, name);
        match value.kind {
            ValueKind::Table(inner) if keys::is_section(&path) => self.table(&path, inner, lines, at),
            kind => self.leaf(&path, kind, origin),
        }
    }

    /// Takes a short name at the top of a file.
    fn short_in_file(&mut self, name: &str, value: &Value, origin: &Origin) -> bool {
        if name == keys::ENVIRONMENT {
            match &value.kind {
                ValueKind::String(text) if keys::is_name(text) => self.environment = Some(text.clone()),
                _ => self.faults.push(Wrong::Value(name.to_owned(), keys::Kind::Filled).at(origin)),
            }
            return true;
        }
        if let Some(short) = keys::find_short(name) {
            match &value.kind {
                ValueKind::String(text) => self.short(short, name, text, origin),
                kind => self.leaf(short.key, kind.clone(), origin),
            }
            return true;
        }
        let Some(short) = name.strip_suffix("_FILE").and_then(keys::find_short) else { return false };
        match &value.kind {
            ValueKind::String(file) => self.secret_file(short.key, file, origin),
            _ => self.faults.push(Wrong::Value(name.to_owned(), keys::Kind::Text).at(origin)),
        }
        true
    }

    /// Takes the value of a short name, wherever it was found; empty is not set.
    pub(super) fn short(&mut self, short: &Short, name: &str, text: &str, origin: &Origin) {
        let text = text.trim();
        let chosen = format!("openai/{text},embedded");
        let text = if short.name == keys::OPENAI_MODEL && !text.is_empty() { &chosen } else { text };
        if text.is_empty() {
            return;
        }
        let Some(key) = keys::find(short.key) else { return };
        match Leaf::from_text(key.kind, text) {
            Some(leaf) => self.give(short.key, leaf, origin),
            None => {
                let fault = Wrong::Value(name.to_owned(), key.kind).at(origin);
                let shared = short.common && matches!(origin, Origin::Env(_));
                if shared { self.warnings.push(fault) } else { self.faults.push(fault) }
            }
        }
    }

    fn leaf(&mut self, path: &str, kind: ValueKind, origin: &Origin) {
        if let Some(base) = secret_file_of(path) {
            return match kind {
                ValueKind::String(file) => self.secret_file(base, &file, origin),
                ValueKind::Nil => {}
                _ => self.faults.push(Wrong::Value(path.to_owned(), keys::Kind::Text).at(origin)),
            };
        }
        match (keys::find(path), kind) {
            (None, ValueKind::Nil) if keys::is_section(path) => {}
            (None, _) => self.unknown(path, origin),
            // A key without a value says nothing.
            (Some(_), ValueKind::Nil) => {}
            (Some(key), kind) => match Leaf::from_value(key.kind, kind) {
                Some(leaf) => self.give(path, leaf, origin),
                None => self.faults.push(Wrong::Value(path.to_owned(), key.kind).at(origin)),
            },
        }
    }

    /// Takes a key and its value as text, from the environment or the command line.
    pub(super) fn text(&mut self, path: &str, text: &str, origin: &Origin) {
        if let Some(base) = secret_file_of(path) {
            return self.secret_file(base, text, origin);
        }
        match keys::find(path) {
            None => self.unknown(path, origin),
            Some(Key { kind, .. }) => match Leaf::from_text(*kind, text) {
                Some(leaf) => self.give(path, leaf, origin),
                None => self.faults.push(Wrong::Value(path.to_owned(), *kind).at(origin)),
            },
        }
    }

    fn unknown(&mut self, path: &str, origin: &Origin) {
        self.faults.push(Wrong::Unknown(path.to_owned(), keys::nearest(path)).at(origin));
    }

    pub(super) fn give(&mut self, path: &str, leaf: Leaf, origin: &Origin) {
        self.given.push(Given { path: path.to_owned(), leaf, origin: origin.clone() });
    }

    pub(super) fn secret_file(&mut self, path: &str, file: &str, origin: &Origin) {
        if !file.is_empty() {
            let (path, file) = (path.to_owned(), PathBuf::from(file));
            self.secret_files.push(SecretFile { path, file, origin: origin.clone() });
        }
    }
}

/// Of two short names for one key the later in the list wins, wherever they stand in the file.
fn short_rank(name: &str) -> usize {
    keys::SHORT.iter().position(|short| short.name == name).unwrap_or_default()
}

/// The key whose value is in the file that `path` names: `telegram.token_file` is for `telegram.token`.
pub(super) fn secret_file_of(path: &str) -> Option<&str> {
    let base = path.strip_suffix("_file")?;
    let own = keys::find(path).is_some_and(|key| !key.path.ends_with('*'));
    (!own && keys::find(base).is_some()).then_some(base)
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}
