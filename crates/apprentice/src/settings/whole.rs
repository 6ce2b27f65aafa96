//! From the values of all layers to the typed settings: what was left out is filled up, what only
//! the whole can show is checked.

use super::leaf::Leaf;
use super::media::ESPEAK;
use super::problem::{Fault, Origin, Wrong};
use super::sections::{self, Arrival, EMBEDDED, Provider, Settings};
use super::{Entries, Entry, TEMPLATE, built_in, merge};
use config::{Map, Value, ValueKind};
use serde::Deserialize;
use std::collections::BTreeSet;

/// Fills up, checks what only the whole can show, and builds the typed settings.
pub(super) fn finish(mut entries: Entries, faults: &mut Vec<Fault>) -> Option<(Settings, Entries)> {
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
    // Of several values that do not go together, the one that somebody has given is named.
    let mut fault = |paths: &[&str], wrong: Wrong| {
        let origins = paths.iter().filter_map(|path| entries.get(*path)).map(|entry| &entry.origin);
        let given = origins.into_iter().find(|origin| **origin != Origin::Default);
        faults.push(wrong.at(given.unwrap_or(&Origin::Default)));
    };
    for name in settings.model.chain.iter().filter_map(|model| sections::provider_of(model)) {
        if !settings.providers.contains_key(name) {
            fault(&["model.chain"], Wrong::NoProvider(name.to_owned()));
        }
    }
    if !settings.personas.contains_key(&settings.persona) {
        fault(&["persona"], Wrong::NoPersona(settings.persona.clone()));
    }
    if settings.telegram.mode == Arrival::Webhook && settings.base_url.is_none() {
        fault(&["telegram.mode"], Wrong::NoBaseUrl);
    }
    // Else the server that answers would choose which files of this machine are read.
    if settings.telegram.local && settings.telegram.local_dir.is_none() {
        fault(&["telegram.local"], Wrong::NoLocalDir);
    }
    if settings.model.answer_tokens >= settings.model.context_tokens {
        fault(&["model.answer_tokens", "model.context_tokens"], Wrong::NoRoom);
    }
    for (role, path, name) in unknown_of_roles(settings, entries) {
        fault(&[path], Wrong::Nobody(role, name.to_owned()));
    }
    for (name, Provider { timeouts: t, .. }) in &settings.providers {
        if t.connect_ms.max(t.first_token_ms).max(t.idle_ms) > t.total_ms {
            let of = |limit: &str| format!("providers.{name}.timeouts.{limit}");
            let paths = ["total_ms", "connect_ms", "first_token_ms", "idle_ms"].map(of);
            fault(&paths.each_ref().map(String::as_str), Wrong::TimeoutOrder(name.clone()));
        }
    }
}

/// Whom the chains of hearing, speaking and drawing name although there is no such provider and no server of the role's
/// own. OpenAI may be named whether or not it has a key: what is built in does so.
fn unknown_of_roles<'a>(settings: &'a Settings, entries: &'a Entries) -> Vec<(&'static str, &'static str, &'a str)> {
    let Settings { hearing, speaking, drawing, .. } = settings;
    let chains = [
        ("hearing", "hearing.chain", &hearing.chain, &hearing.base_url),
        ("speaking", "speaking.chain", &speaking.chain, &speaking.base_url),
        ("drawing", "drawing.chain", &drawing.chain, &drawing.base_url),
    ];
    let providers = names_below(entries, "providers.");
    let known = |name: &str| {
        let provider = name.split_once('/').map(|(provider, _)| provider);
        [EMBEDDED, ESPEAK].contains(&name) || provider.is_some_and(|name| providers.contains(name))
    };
    let mut unknown = Vec::new();
    for (role, path, chain, base_url) in chains {
        if base_url.is_none() {
            unknown.extend(chain.iter().filter(|name| !known(name)).map(|name| (role, path, name.as_str())));
        }
    }
    unknown
}
