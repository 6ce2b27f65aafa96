//! The small word lists, written by hand and compiled in: what means nothing, what means the same, what excludes
//! another. They are read once; every word in them is reduced to its stem first.

use super::stems::stem;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::LazyLock;

/// A set of kinds of question, a bit each.
pub(super) type Kinds = u16;

/// What stands in the lists.
pub(super) struct Lists {
    /// Words without a meaning of their own, as written.
    pub(super) stop: HashSet<String>,
    /// Words that greet, thank or take leave, as written.
    pub(super) greetings: HashSet<&'static str>,
    /// Questions about whom one is talking with, as written.
    pub(super) about: HashSet<&'static str>,
    /// Stems that mean little beside others.
    light: HashSet<String>,
    /// Several words that are read as others.
    phrases: HashMap<&'static str, Vec<&'static str>>,
    /// The stem that names a group of words with one meaning.
    names: BTreeMap<String, String>,
    /// The kinds of question that a word shows, as written.
    asking: HashMap<&'static str, Kinds>,
    /// The sets a stem is a member of.
    sets: HashMap<String, Vec<u16>>,
    /// Pairs of opposite stems, both ways.
    opposites: HashMap<String, Vec<String>>,
    /// Words that speak to the bot itself, as written.
    pub(super) addressed: HashSet<String>,
    /// Words before the place one comes from (true) or goes to (false).
    directions: HashMap<&'static str, bool>,
}

/// Most words of a phrase.
pub(super) const PHRASE: usize = 4;

pub(super) static LISTS: LazyLock<Lists> = LazyLock::new(Lists::read);

/// The kinds of which none was asked for when only a yes or no is.
pub(super) static WHETHER: LazyLock<Kinds> = LazyLock::new(|| kind("whether"));
/// A thing is asked for; says little beside the other kinds.
pub(super) static WHAT: LazyLock<Kinds> = LazyLock::new(|| kind("what"));
/// Kinds that are answered with a number, a time, an amount.
pub(super) static COUNTED: LazyLock<Kinds> =
    LazyLock::new(|| ["time", "end", "begin", "amount", "price", "long", "often"].into_iter().map(kind).sum());

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn asking() -> impl Iterator<Item = (&'static str, &'static str)> {
    lines(include_str!("lists/asking.txt")).filter_map(|line| line.split_once(':'))
}

fn kind(name: &str) -> Kinds {
    asking().position(|(own, _)| own == name).map_or(0, |at| 1 << at)
}

impl Lists {
    fn read() -> Self {
        let words = |text| lines(text).flat_map(str::split_whitespace).map(plain).collect();
        let mut lists = Self {
            stop: words(include_str!("lists/stop.txt")),
            addressed: words(include_str!("lists/addressed.txt")),
            greetings: lines(include_str!("lists/greetings.txt")).flat_map(str::split_whitespace).collect(),
            about: lines(include_str!("lists/about.txt")).collect(),
            light: HashSet::new(),
            phrases: phrases(),
            names: BTreeMap::new(),
            asking: HashMap::new(),
            sets: HashMap::new(),
            opposites: HashMap::new(),
            directions: HashMap::new(),
        };
        lists.read_names();
        lists.read_kinds();
        lists.read_exclusions();
        lists.light = stems(&lists, include_str!("lists/light.txt")).flatten().collect();
        lists
    }

    fn read_names(&mut self) {
        for line in lines(include_str!("lists/synonyms.txt")) {
            let mut words = line.split_whitespace().map(|word| stem(&plain(word)));
            let Some(first) = words.next() else { continue };
            // A word of two groups belongs to the earlier one, and so does a group named by it.
            let name = self.names.get(&first).cloned().unwrap_or_else(|| first.clone());
            for word in words.chain([first]) {
                self.names.entry(word).or_insert_with(|| name.clone());
            }
        }
    }

    fn read_kinds(&mut self) {
        for (at, (_, words)) in asking().enumerate() {
            for word in words.split_whitespace() {
                *self.asking.entry(word).or_default() |= 1 << at;
            }
        }
        for line in lines(include_str!("lists/directions.txt")) {
            let Some((name, words)) = line.split_once(':') else { continue };
            self.directions.extend(words.split_whitespace().map(|word| (word, name == "from")));
        }
    }

    fn read_exclusions(&mut self) {
        let sets: Vec<Vec<String>> = stems(self, include_str!("lists/sets.txt")).collect();
        for (at, set) in sets.into_iter().enumerate() {
            for word in set {
                self.sets.entry(word).or_default().push(u16::try_from(at).unwrap_or(u16::MAX));
            }
        }
        let pairs: Vec<Vec<String>> = stems(self, include_str!("lists/opposites.txt")).collect();
        for pair in pairs {
            if let [one, other] = pair.as_slice() {
                self.opposites.entry(one.clone()).or_default().push(other.clone());
                self.opposites.entry(other.clone()).or_default().push(one.clone());
            }
        }
    }

    /// The stem that stands for a word and all that mean the same.
    pub(super) fn key(&self, lower: &str) -> String {
        let stem = stem(lower);
        self.names.get(&stem).cloned().unwrap_or(stem)
    }

    /// The words that are read as others and begin so, with what they are read as.
    pub(super) fn read_as<'a>(&'a self, start: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let beginning = self.names.range(start.to_owned()..).map(|(word, name)| (word.as_str(), name.as_str()));
        beginning.take_while(move |(word, _)| word.starts_with(start))
    }

    pub(super) fn is_light(&self, key: &str) -> bool {
        self.light.contains(key)
    }

    pub(super) fn kinds_of(&self, lower: &str) -> Kinds {
        self.asking.get(lower).copied().unwrap_or(0)
    }

    /// Whether a word stands before where one comes from or goes to.
    pub(super) fn direction(&self, lower: &str) -> Option<bool> {
        self.directions.get(lower).copied()
    }

    /// What these words are read as, where they are a phrase.
    pub(super) fn phrase(&self, words: &[&str]) -> Option<&[&'static str]> {
        self.phrases.get(words.join(" ").as_str()).map(Vec::as_slice)
    }

    pub(super) fn sets_of(&self, key: &str) -> &[u16] {
        self.sets.get(key).map_or(&[], Vec::as_slice)
    }

    pub(super) fn opposites_of(&self, key: &str) -> &[String] {
        self.opposites.get(key).map_or(&[], Vec::as_slice)
    }

    /// Whether a word must be remembered even where it means nothing of its own.
    pub(super) fn is_mark(&self, key: &str) -> bool {
        self.sets.contains_key(key) || self.opposites.contains_key(key)
    }
}

/// Lower case, with one spelling where there are two.
pub(super) fn plain(word: &str) -> String {
    word.to_lowercase().replace('ё', "е")
}

fn stems<'a>(lists: &'a Lists, text: &'static str) -> impl Iterator<Item = Vec<String>> + 'a {
    lines(text).map(|line| line.split_whitespace().map(|word| lists.key(&plain(word))).collect())
}

fn phrases() -> HashMap<&'static str, Vec<&'static str>> {
    lines(include_str!("lists/phrases.txt"))
        .filter_map(|line| line.split_once('='))
        .map(|(said, read)| (said.trim(), read.split_whitespace().collect()))
        .collect()
}
