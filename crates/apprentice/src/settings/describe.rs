//! What a person sees of the settings: `apprentice config`, and the reference in the documentation.
//! No secret leaves here: of a long one the last four characters, of an address all but the password.

use super::keys::{self, Applies, KEYS, Key, Kind};
use super::leaf::Leaf;
use super::{BUILT_IN, Loaded, lines};
use domain::person::Lang;
use secrecy::ExposeSecret;
use std::fmt::Write;

const MASK: &str = "••••";

/// Secrets at least this long show their end, so that a person can tell two apart.
const LONG_SECRET: usize = 20;

/// The settings in effect, a line each, with the place each value comes from.
pub fn describe(loaded: &Loaded, lang: Lang) -> String {
    let lines: Vec<_> = loaded
        .entries
        .iter()
        .map(|(path, entry)| (format!("{path} = {}", shown(path, &entry.leaf)), origin(loaded, path, entry, lang)))
        .collect();
    // A few long values must not push all origins off the screen.
    let width = lines.iter().map(|(line, _)| line.chars().count()).filter(|width| *width <= 60).max().unwrap_or(0);
    lines.iter().fold(String::new(), |mut text, (line, origin)| {
        let _ = writeln!(text, "{line:width$}  # {origin}");
        text
    })
}

/// Where a value comes from; of an open chain also what it comes to.
fn origin(loaded: &Loaded, path: &str, entry: &super::Entry, lang: Lang) -> String {
    let origin = entry.origin.say(lang);
    let open = path == "model.chain" && entry.leaf.is_empty();
    if open { format!("{origin} → {}", loaded.settings.model.chain.join(", ")) } else { origin }
}

/// A value as TOML writes it, secrets masked.
pub(super) fn shown(path: &str, leaf: &Leaf) -> String {
    match leaf {
        Leaf::Text(text) => quoted(text),
        Leaf::Secret(secret) => quoted(&masked(keys::find(path).map(|key| key.kind), secret.expose_secret())),
        Leaf::Flag(flag) => flag.to_string(),
        Leaf::Whole(number) => number.to_string(),
        Leaf::Real(number) => format!("{number:?}"),
        Leaf::List(items) => format!("[{}]", items.iter().map(|item| quoted(item)).collect::<Vec<_>>().join(", ")),
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn masked(kind: Option<Kind>, secret: &str) -> String {
    if secret.is_empty() {
        return String::new();
    }
    if kind == Some(Kind::SecretUrl) {
        return masked_address(secret).unwrap_or_else(|| MASK.to_owned());
    }
    let length = secret.chars().count();
    let end: String = secret.chars().skip(length.saturating_sub(4)).collect();
    if length >= LONG_SECRET { format!("{MASK}{end}") } else { MASK.to_owned() }
}

impl Loaded {
    /// Takes every secret of the settings out of a text that others wrote, as an error's.
    pub fn redact(&self, text: &str) -> String {
        let secrets = self.entries.values().filter_map(|entry| match &entry.leaf {
            Leaf::Secret(secret) => Some(secret.expose_secret()),
            _ => None,
        });
        let passwords = secrets.clone().filter_map(password);
        // The longest first: a password is a part of its address.
        let mut hidden: Vec<&str> = secrets.chain(passwords).filter(|secret| secret.len() >= SHORTEST_SECRET).collect();
        hidden.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        hidden.into_iter().fold(text.to_owned(), |text, secret| text.replace(secret, MASK))
    }
}

/// Shorter ones are parts of ordinary words.
const SHORTEST_SECRET: usize = 4;

/// The password in an address.
fn password(address: &str) -> Option<&str> {
    let (_, rest) = address.split_once("://")?;
    rest.rsplit_once('@')?.0.split_once(':').map(|(_, password)| password)
}

/// `postgres://user:••••@host/name`; parameters may hold a password too, so they go.
fn masked_address(address: &str) -> Option<String> {
    let address = address.split(['?', '#']).next()?;
    let Some((scheme, rest)) = address.split_once("://") else { return Some(address.to_owned()) };
    match rest.rsplit_once('@') {
        None => Some(address.to_owned()),
        Some((login, place)) => match login.split_once(':') {
            Some((user, _)) => Some(format!("{scheme}://{user}:{MASK}@{place}")),
            None => Some(format!("{scheme}://{login}@{place}")),
        },
    }
}

/// The table of all keys for the documentation, in Markdown.
pub fn reference() -> String {
    let mut text = String::from("| Key | Default | Meaning | Short name | A change counts |\n|---|---|---|---|---|\n");
    for key in KEYS {
        let (default, meaning) = built_in(key);
        let applies = match key.applies {
            Applies::Live => "at once",
            Applies::Restart => "after a restart",
        };
        let path = key.path.replacen('*', "NAME", 1).replace('*', "HEADER");
        let short = short_names(key);
        let _ = writeln!(text, "| `{path}` | {default} | {} | {short} | {applies} |", meaning.replace('|', "\\|"));
    }
    text
}

fn short_names(key: &Key) -> String {
    let stands_for = |short: &&keys::Short| keys::find(short.key).is_some_and(|own| own.path == key.path);
    let names = keys::SHORT.iter().filter(stands_for).map(|short| format!("`{}`", short.name));
    names.collect::<Vec<_>>().join(", ")
}

/// The default of a key and the comment above it in the built-in file.
pub(super) fn built_in(key: &Key) -> (String, String) {
    let entries = super::merge(super::built_in().given);
    // Of providers the one that the others take their values from.
    let template = key.path.replacen('*', super::TEMPLATE, 1);
    let same_key = |(path, _): &(&String, _)| keys::find(path).is_some_and(|found| found.path == key.path);
    let own = entries.get_key_value(&template).or_else(|| entries.iter().find(same_key));
    let default = own.map(|(path, entry)| format!("`{}`", shown(path, &entry.leaf))).unwrap_or_default();
    let first = lines::of_toml(BUILT_IN).unwrap_or_default();
    let lines: Vec<&str> = BUILT_IN.lines().collect();
    // A key of chosen names that has no instance is explained above its section.
    let pattern = key.path.strip_suffix(".*").unwrap_or(key.path);
    let template = pattern.replacen('*', super::TEMPLATE, 1);
    let meaning = first
        .get_key_value(&template)
        .into_iter()
        .chain(first.iter().filter(|(path, _)| same_place(pattern, path)))
        .map(|(_, line)| comment_above(&lines, *line))
        .find(|comment| !comment.is_empty());
    (default, meaning.unwrap_or_default())
}

fn same_place(pattern: &str, path: &str) -> bool {
    pattern.split('.').count() == path.split('.').count()
        && pattern.split('.').zip(path.split('.')).all(|(own, part)| own == "*" || own == part)
}

/// The comment that ends right above a line (from 1), in one line.
fn comment_above(lines: &[&str], line: usize) -> String {
    let above = lines.iter().take(line.saturating_sub(1)).rev();
    let mut words: Vec<&str> = above.map_while(|line| line.strip_prefix('#')).map(str::trim).collect();
    words.reverse();
    words.join(" ")
}
