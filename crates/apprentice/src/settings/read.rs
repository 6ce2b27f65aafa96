//! Reads the layers above the built-in one from where [`Sources`] says: files, the environment,
//! secret files, the command line.

use super::layers::{self, Format, Layers, SecretFile};
use super::leaf::Leaf;
use super::problem::{Origin, Wrong};
use super::{BUILT_IN_PRODUCTION, Override, Sources, keys, lines};
use std::io;
use std::path::{Path, PathBuf};

/// The secret files of the working directory, and the keys they fill.
const TOKEN_FILES: [(&str, &str); 2] = [("token_bot", "telegram.token"), ("token_gpt", "providers.openai.key")];

/// Goes through the layers above the built-in one.
pub(super) struct Reader<'a> {
    pub(super) layers: Layers,
    pub(super) sources: &'a Sources,
    /// Files that were looked for, found or not.
    pub(super) watched: Vec<PathBuf>,
}

impl Reader<'_> {
    pub(super) fn files(&mut self) {
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
        // As a person would write it from where the program runs.
        let shown = path.strip_prefix(&self.sources.working_dir).unwrap_or(path);
        let origin = Origin::File(shown.to_owned(), None);
        self.watched.push(path.to_owned());
        match read_file(path) {
            Ok(bytes) => self.layers.file(Format::of(path).unwrap_or(Format::Toml), &bytes, &origin),
            Err(error) if error.kind() == io::ErrorKind::NotFound && required == Required::No => {}
            Err(error) => self.layers.faults.push(Wrong::Unreadable(error.kind().to_string()).at(&origin)),
        }
    }

    pub(super) fn environment(&mut self) {
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
    pub(super) fn secret_files_and_command_line(&mut self) {
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
                Err(error) if error.kind() == io::ErrorKind::NotFound => self.watched.push(file),
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

/// A file, as far as settings go.
pub(super) fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    use io::Read;
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
