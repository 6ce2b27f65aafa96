//! Settings in layers. Later layers win: what is built in, `config/default.*`,
//! `config/<APPRENTICE_ENV>.*`, the environment, secret files, the command line.
//!
//! Every value is checked against `keys` before anything is built from it, all faults are found in
//! one go, and each value remembers where it came from. Nothing here reads the process's
//! environment or directory by itself: [`Sources`] says where to look.

mod describe;
mod keys;
mod layers;
mod leaf;
mod lines;
mod live;
mod media;
mod prices;
mod problem;
mod read;
mod sections;
#[cfg(test)]
mod tests;
mod whole;

pub use describe::{describe, reference};
pub use keys::Applies;
pub use layers::Format;
pub use live::{Change, Checked, Live, Watcher, follow, reloadable_diff};
pub use media::{Drawing, ESPEAK, Hearing, Reading, Speaking};
pub use prices::Prices;
pub use problem::{Fault, Origin, Problem};
pub use sections::*;

use layers::{Given, Layers};
use leaf::Leaf;
use problem::Wrong;
use read::{Reader, read_file};
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::LazyLock;
use whole::finish;

const BUILT_IN: &str = include_str!("../../../../config/default.toml");
const BUILT_IN_PRODUCTION: &str = include_str!("../../../../config/production.toml");

/// The provider of the built-in settings whose values others take where they say nothing.
const TEMPLATE: &str = "openai";

/// Where settings are looked for.
#[derive(Clone, Default)]
pub struct Sources {
    /// Directory of `default.*` and `<APPRENTICE_ENV>.*`.
    pub dir: PathBuf,
    /// One more file, above those of the directory.
    pub file: Option<PathBuf>,
    /// Where relative names of secret files begin, and where `token_bot` and `token_gpt` are looked for.
    pub working_dir: PathBuf,
    /// The environment.
    pub env: BTreeMap<String, String>,
    /// What the command line says.
    pub set: Vec<Override>,
}

/// A value from the command line.
#[derive(Clone)]
pub struct Override {
    /// The key, in full or as a short name.
    pub key: String,
    /// Its value.
    pub value: String,
    /// The argument that said so.
    pub flag: String,
}

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.env.keys().collect();
        f.debug_struct("Sources").field("dir", &self.dir).field("file", &self.file).field("env", &names).finish()
    }
}

/// Settings in effect, and where each value came from.
#[derive(Clone)]
pub struct Loaded {
    /// The settings.
    pub settings: Settings,
    /// What models cost.
    pub prices: Prices,
    /// What is odd, but did not stop the program.
    pub warnings: Vec<Fault>,
    entries: Entries,
    watched: Vec<PathBuf>,
    sources: Sources,
}

impl std::ops::Deref for Loaded {
    type Target = Settings;
    fn deref(&self) -> &Settings {
        &self.settings
    }
}

impl fmt::Debug for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loaded").field("settings", &self.settings).field("warnings", &self.warnings).finish()
    }
}

impl Loaded {
    /// Where these settings were looked for.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Where the value of a key comes from.
    pub fn origin(&self, path: &str) -> Option<&Origin> {
        self.entries.get(path).map(|entry| &entry.origin)
    }
}

#[derive(Clone, Debug)]
struct Entry {
    leaf: Leaf,
    origin: Origin,
}

type Entries = BTreeMap<String, Entry>;

/// Reads all layers. Everything that is wrong is in the problem, not only the first.
pub fn load(sources: &Sources) -> Result<Loaded, Problem> {
    let mut reader = Reader { layers: built_in(), sources, watched: Vec::new() };
    reader.files();
    reader.environment();
    reader.secret_files_and_command_line();
    let Reader { layers, mut watched, .. } = reader;
    let entries = merge(layers.given.clone());
    let mut faults = layers.faults;
    let outcome = finish(entries, &mut faults);
    let prices = match &outcome {
        Some((settings, _)) => read_prices(settings, sources, &mut watched, &mut faults),
        None => Prices::default(),
    };
    match outcome {
        Some((settings, entries)) if faults.is_empty() => {
            let sources = sources.clone();
            Ok(Loaded { settings, prices, warnings: layers.warnings, entries, watched, sources })
        }
        _ => Err(Problem { faults }),
    }
}

impl Settings {
    /// The settings of a program that nobody has told anything.
    pub fn built_in() -> Result<Self, Problem> {
        parse_bytes(Format::Toml, b"")
    }
}

/// Reads one file's bytes alone on top of what is built in, as hostile as they may be.
pub fn parse_bytes(format: Format, bytes: &[u8]) -> Result<Settings, Problem> {
    let mut layers = built_in();
    layers.file(format, bytes, &Origin::File(PathBuf::from("settings"), None));
    let mut faults = layers.faults;
    match finish(merge(layers.given), &mut faults) {
        Some((settings, _)) if faults.is_empty() => Ok(settings),
        _ => Err(Problem { faults }),
    }
}

/// What is built in, read once: every reading begins and ends with it.
fn built_in() -> Layers {
    static READ: LazyLock<Layers> = LazyLock::new(|| {
        let mut layers = Layers::default();
        layers.file(Format::Toml, BUILT_IN.as_bytes(), &Origin::Default);
        layers
    });
    READ.clone()
}

fn merge(given: Vec<Given>) -> Entries {
    given.into_iter().map(|Given { path, leaf, origin }| (path, Entry { leaf, origin })).collect()
}

fn read_prices(settings: &Settings, sources: &Sources, watched: &mut Vec<PathBuf>, faults: &mut Vec<Fault>) -> Prices {
    let Some(file) = &settings.prices_file else { return Prices::built_in(faults) };
    let path = sources.working_dir.join(file);
    let origin = Origin::File(file.clone(), None);
    watched.push(path.clone());
    match read_file(&path) {
        Ok(bytes) => Prices::read(&bytes, &origin, faults),
        Err(error) => {
            faults.push(Wrong::Unreadable(error.kind().to_string()).at(&origin));
            Prices::default()
        }
    }
}
