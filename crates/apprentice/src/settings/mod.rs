//! Settings in layers. Later layers win: what is built in, `config/default.*`,
//! `config/<APPRENTICE_ENV>.*`, the environment, secret files, the command line.
//!
//! Every value is checked against [`keys`] before anything is built from it, all faults are found in
//! one go, and each value remembers where it came from. Nothing here reads the process's
//! environment or directory by itself: [`Sources`] says where to look.

mod describe;
mod keys;
mod layers;
mod leaf;
mod lines;
mod live;
mod prices;
mod problem;
mod sections;
#[cfg(test)]
mod tests;

pub use describe::{describe, reference};
pub use keys::Applies;
pub use layers::Format;
pub use live::{Change, Checked, Live, Watcher, follow, reloadable_diff};
pub use prices::Prices;
pub use problem::{Fault, Origin, Problem};
pub use sections::*;

use config::{Map, Value, ValueKind};
use layers::{Given, Layers, SecretFile};
use leaf::Leaf;
use problem::Wrong;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

const BUILT_IN: &str = include_str!("../../../../config/default.toml");
const BUILT_IN_PRODUCTION: &str = include_str!("../../../../config/production.toml");

/// The provider of the built-in settings whose values others take where they say nothing.
const TEMPLATE: &str = "openai";

/// The secret files of the working directory, and the keys they fill.
const TOKEN_FILES: [(&str, &str); 2] = [("token_bot", "telegram.token"), ("token_gpt", "providers.openai.key")];

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

fn built_in() -> Layers {
    let mut layers = Layers::default();
    layers.file(Format::Toml, BUILT_IN.as_bytes(), &Origin::Default);
    layers
}

/// Goes through the layers above the built-in one.
struct Reader<'a> {
    layers: Layers,
    sources: &'a Sources,
    watched: Vec<PathBuf>,
}

impl Reader<'_> {
    fn files(&mut self) {
        if self.sources.env.get(keys::ENVIRONMENT).is_some_and(|name| name == "production") {
            self.layers.file(Format::Toml, BUILT_IN_PRODUCTION.as_bytes(), &Origin::Default);
        }
        self.every_format("default");
        let name = self.sources.env.get(keys::ENVIRONMENT).filter(|name| !name.is_empty()).cloned();
        match name.or_else(|| self.layers.environment.clone()) {
            Some(name) if keys::is_name(&name) => self.every_format(&name),
            Some(_) => {
                let wrong = Wrong::Value(keys::ENVIRONMENT.to_owned(), keys::Kind::Filled);
                self.layers.faults.push(wrong.at(&Origin::Env(keys::ENVIRONMENT.to_owned())));
            }
            None => self.every_format("development"),
        }
        if let Some(file) = self.sources.file.clone() {
            self.one_file(&file, Required::Yes);
        }
    }

    fn every_format(&mut self, name: &str) {
        for extension in ["toml", "yaml", "yml", "json5", "json"] {
            self.one_file(&self.sources.dir.join(format!("{name}.{extension}")), Required::No);
        }
    }

    fn one_file(&mut self, path: &Path, required: Required) {
        let origin = Origin::File(path.to_owned(), None);
        self.watched.push(path.to_owned());
        match read_file(path) {
            Ok(bytes) => self.layers.file(Format::of(path).unwrap_or(Format::Toml), &bytes, &origin),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && required == Required::No => {}
            Err(error) => self.layers.faults.push(Wrong::Unreadable(error.kind().to_string()).at(&origin)),
        }
    }

    fn environment(&mut self) {
        for short in keys::SHORT {
            if let Some(value) = self.sources.env.get(short.name) {
                self.layers.short(short, short.name, value, &Origin::Env(short.name.to_owned()));
            }
            let name = format!("{}_FILE", short.name);
            if let Some(file) = self.sources.env.get(&name) {
                self.layers.secret_file(short.key, file, &Origin::Env(name));
            }
        }
        for (name, value) in self.sources.env.iter().filter(|(name, _)| name.starts_with("APPRENTICE_")) {
            let origin = Origin::Env(name.clone());
            match name.strip_prefix("APPRENTICE__") {
                Some(path) => self.layers.text(&path_of_variable(path), value, &origin),
                None => self.mistyped(name, &origin),
            }
        }
    }

    /// Warns of a variable that is nearly one of ours. Others may be: Kubernetes sets
    /// `APPRENTICE_PORT` for a service of our name.
    fn mistyped(&mut self, name: &str, origin: &Origin) {
        let bare = name.strip_suffix("_FILE").unwrap_or(name);
        if bare == keys::ENVIRONMENT || keys::find_short(bare).is_some() {
            return;
        }
        let near = keys::SHORT.iter().find(|short| strsim::damerau_levenshtein(short.name, name) <= 2);
        if let Some(short) = near {
            let wrong = Wrong::Unknown(name.to_owned(), Some(short.name.to_owned()));
            self.layers.warnings.push(wrong.at(origin));
        }
    }

    /// A file that the command line names is a secret file like any other; what the command line
    /// says itself comes last.
    fn secret_files_and_command_line(&mut self) {
        let mut said = Layers::default();
        for Override { key, value, flag } in &self.sources.set {
            let origin = Origin::CommandLine(flag.clone());
            match keys::find_short(key) {
                Some(short) => said.short(short, key, value, &origin),
                None => said.text(key, value, &origin),
            }
        }
        self.token_files();
        let named = std::mem::take(&mut self.layers.secret_files);
        for secret in named.into_iter().chain(std::mem::take(&mut said.secret_files)) {
            self.secret_file(&secret);
        }
        self.layers.given.append(&mut said.given);
        self.layers.faults.append(&mut said.faults);
    }

    fn token_files(&mut self) {
        for (name, path) in TOKEN_FILES {
            let file = self.sources.working_dir.join(name);
            let secret = SecretFile { path: path.to_owned(), file: name.into(), origin: Origin::Default };
            match read_file(&file) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => self.watched.push(file),
                _ => self.secret_file(&secret),
            }
        }
    }

    fn secret_file(&mut self, secret: &SecretFile) {
        let file = self.sources.working_dir.join(&secret.file);
        self.watched.push(file.clone());
        let origin = Origin::SecretFile(secret.file.clone());
        let Some(key) = keys::find(&secret.path) else { return };
        let text = match read_file(&file).map(String::from_utf8) {
            Ok(Ok(text)) => text,
            Ok(Err(_)) => {
                let why = Wrong::Syntax(lines::Why::Key("settings-not-utf8"));
                return self.layers.faults.push(why.at(&origin));
            }
            Err(error) => {
                let why = format!("{} ({})", error.kind(), secret.file.display());
                return self.layers.faults.push(Wrong::Unreadable(why).at(&secret.origin));
            }
        };
        match Leaf::from_text(key.kind, &text) {
            // An empty file is one that is not filled yet.
            Some(leaf) if leaf.is_empty() => {}
            Some(leaf) => self.layers.give(&secret.path, leaf, &origin),
            None => self.layers.faults.push(Wrong::Value(secret.path.clone(), key.kind).at(&origin)),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Required {
    Yes,
    No,
}

fn read_file(path: &Path) -> std::io::Result<Vec<u8>> {
    use std::io::Read;
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(layers::MAX_FILE as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// `TELEGRAM__TOKEN` is `telegram.token`. Names of headers get back the dashes that a variable
/// cannot have.
fn path_of_variable(name: &str) -> String {
    let path = name.to_ascii_lowercase().replace("__", ".");
    match path.split_once(".headers.") {
        Some((provider, header)) => {
            let (header, file) = header.strip_suffix("_file").map_or((header, ""), |header| (header, "_file"));
            format!("{provider}.headers.{}{file}", header.replace('_', "-"))
        }
        None => path,
    }
}

fn merge(given: Vec<Given>) -> Entries {
    given.into_iter().map(|Given { path, leaf, origin }| (path, Entry { leaf, origin })).collect()
}

/// Fills up, checks what only the whole can show, and builds the typed settings.
fn finish(mut entries: Entries, faults: &mut Vec<Fault>) -> Option<(Settings, Entries)> {
    let template = merge(built_in().given);
    fill_providers(&mut entries, &template, faults);
    fill_personas(&mut entries);
    let mut settings = match Settings::deserialize(tree(&entries)) {
        Ok(settings) => settings,
        // Its parts have been checked: only a part that is missing because of a fault fails here.
        Err(_) if !faults.is_empty() => return None,
        Err(_) => {
            let why = Wrong::Whole("schema".to_owned());
            faults.push(why.at(&Origin::Default));
            return None;
        }
    };
    tidy(&mut settings, &template);
    check_whole(&settings, &entries, faults);
    Some((settings, entries))
}

fn names_below(entries: &Entries, section: &str) -> BTreeSet<String> {
    let name = |path: &String| Some(path.strip_prefix(section)?.split('.').next()?.to_owned());
    entries.keys().filter_map(name).collect()
}

fn fill_providers(entries: &mut Entries, template: &Entries, faults: &mut Vec<Fault>) {
    let own = format!("providers.{TEMPLATE}.");
    for name in names_below(entries, "providers.") {
        let prefix = format!("providers.{name}.");
        let first = entries.iter().find(|(path, _)| path.starts_with(&prefix));
        let origin = first.map_or(Origin::Default, |(_, entry)| entry.origin.clone());
        for (path, entry) in template.iter().filter(|(path, _)| path.starts_with(&own)) {
            let missing = path.replacen(&own, &prefix, 1);
            let given = entries.entry(missing).or_insert_with(|| {
                // The one thing that no provider has from another.
                let leaf = if path.ends_with(".base_url") { Leaf::Text(String::new()) } else { entry.leaf.clone() };
                Entry { leaf, origin: Origin::Default }
            });
            if path.ends_with(".base_url") && given.leaf.is_empty() {
                faults.push(Wrong::NoAddress(name.clone()).at(&origin));
            }
        }
    }
}

fn fill_personas(entries: &mut Entries) {
    for name in names_below(entries, "personas.") {
        for key in ["title", "system"] {
            let empty = || Entry { leaf: Leaf::Text(String::new()), origin: Origin::Default };
            entries.entry(format!("personas.{name}.{key}")).or_insert_with(empty);
        }
    }
}

/// The tree of values that the settings library deserialises.
fn tree(entries: &Entries) -> Value {
    let mut root = Map::new();
    for (path, entry) in entries {
        put(&mut root, path, entry.leaf.expose());
    }
    Value::new(None, ValueKind::Table(root))
}

fn put(table: &mut Map<String, Value>, path: &str, value: Value) {
    let Some((section, rest)) = path.split_once('.') else {
        table.insert(path.to_owned(), value);
        return;
    };
    let empty = || Value::new(None, ValueKind::Table(Map::new()));
    let inner = table.entry(section.to_owned()).or_insert_with(empty);
    // No key is also a section: the table of keys has none such.
    if let ValueKind::Table(inner) = &mut inner.kind {
        put(inner, rest, value);
    }
}

/// Takes away slashes at the end of addresses, and what cannot be used: OpenAI without a key. Fills
/// an open chain.
fn tidy(settings: &mut Settings, template: &Entries) {
    let own = format!("providers.{TEMPLATE}.base_url");
    let openai = template.get(&own).and_then(|entry| match &entry.leaf {
        Leaf::Text(address) => Some(address.trim_end_matches('/').to_owned()),
        _ => None,
    });
    let trim = |address: &mut String| address.truncate(address.trim_end_matches('/').len());
    settings.providers.values_mut().for_each(|provider| trim(&mut provider.base_url));
    settings.base_url.iter_mut().for_each(trim);
    trim(&mut settings.telegram.api_url);
    trim(&mut settings.discord.api_url);
    settings.providers.retain(|_, provider| provider.key.is_some() || openai.as_ref() != Some(&provider.base_url));
    if settings.model.chain.is_empty() {
        settings.model.chain = settings.open_chain();
    }
}

fn check_whole(settings: &Settings, entries: &Entries, faults: &mut Vec<Fault>) {
    let mut fault = |path: &str, wrong: Wrong| {
        let origin = entries.get(path).map_or(Origin::Default, |entry| entry.origin.clone());
        faults.push(wrong.at(&origin));
    };
    for name in settings.model.chain.iter().filter_map(|model| sections::provider_of(model)) {
        if !settings.providers.contains_key(name) {
            fault("model.chain", Wrong::NoProvider(name.to_owned()));
        }
    }
    if !settings.personas.contains_key(&settings.persona) {
        fault("persona", Wrong::NoPersona(settings.persona.clone()));
    }
    if settings.telegram.mode == Arrival::Webhook && settings.base_url.is_none() {
        fault("telegram.mode", Wrong::NoBaseUrl);
    }
    if settings.model.answer_tokens >= settings.model.context_tokens {
        fault("model.answer_tokens", Wrong::NoRoom);
    }
    for (name, Provider { timeouts: t, .. }) in &settings.providers {
        if t.connect_ms.max(t.first_token_ms).max(t.idle_ms) > t.total_ms {
            fault(&format!("providers.{name}.timeouts.total_ms"), Wrong::TimeoutOrder(name.clone()));
        }
    }
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
