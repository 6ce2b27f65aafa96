//! Words of a text as the index sees them, English and Russian.

use super::lists::{COUNTED, Kinds, LISTS, PHRASE, WHAT, WHETHER, plain};
use super::stems::{is_misspelt, stem};
use domain::person::Lang;
use std::collections::HashSet;
use unicode_segmentation::UnicodeSegmentation as _;

/// Most words of a text that are looked at.
const MOST: usize = 400;

/// A text as the index sees it.
#[derive(Clone, Debug, Default)]
pub(super) struct Words {
    /// Stems of the words that mean something, in order; of all words when none does.
    pub(super) stems: Vec<String>,
    /// The same as they were spelt, before words with one meaning were made one.
    pub(super) spelt: Vec<String>,
    /// What is asked for.
    pub(super) kinds: Kinds,
    /// Numbers.
    pub(super) numbers: Vec<String>,
    /// Words that begin with a capital, not first in their sentence; stems.
    pub(super) names: Vec<String>,
    /// Words that exclude others, stop words among them.
    pub(super) marks: Vec<String>,
    /// Stems after a word that says whether one comes from there (true) or goes there.
    pub(super) ways: Vec<(bool, String)>,
    /// Whether it says "not".
    pub(super) negated: bool,
    /// Whether it speaks to the bot.
    pub(super) addressed: bool,
}

impl Words {
    /// The stems without repetition, in a fixed order.
    pub(super) fn distinct(&self) -> Vec<String> {
        let mut stems = self.stems.clone();
        stems.sort_unstable();
        stems.dedup();
        stems
    }

    /// The stems without repetition, in a fixed order, each with its spelling.
    pub(super) fn distinct_spelt(&self) -> Vec<(String, String)> {
        let mut stems: Vec<(String, String)> = self.stems.iter().cloned().zip(self.spelt.iter().cloned()).collect();
        stems.sort_unstable();
        stems.dedup_by(|a, b| a.0 == b.0);
        stems
    }
}

/// Reads a text.
pub(super) fn read(text: &str) -> Words {
    let mut words = Words::default();
    let mut everything = Vec::new();
    let (mut first, mut way, mut yes_or_no, mut what) = (true, None, 0, 0);
    for (word, capital) in said(text) {
        let key = LISTS.key(&word);
        words.negated |= is_negation(&word);
        words.addressed |= LISTS.addressed.contains(&word);
        let kinds = LISTS.kinds_of(&word);
        if kinds == *WHAT {
            what |= kinds;
        } else if kinds & *WHETHER == 0 {
            words.kinds |= kinds;
        } else if first || is_cyrillic(&word) || word == "allowed" {
            yes_or_no |= kinds;
        }
        if LISTS.is_mark(&key) {
            words.marks.push(key.clone());
        }
        if word.chars().all(|c| c.is_ascii_digit()) {
            words.numbers.push(word.clone());
        }
        let stop = LISTS.stop.contains(&word);
        if !stop && capital && !first {
            words.names.push(key.clone());
        }
        if !stop && let Some(from) = way {
            words.ways.push((from, key.clone()));
        }
        way = LISTS.direction(&word).or(if stop { way } else { None });
        first = false;
        if stop {
            everything.push(key);
        } else {
            words.stems.push(key);
            words.spelt.push(stem(&word));
        }
    }
    // "May I", "what" tell what is asked for only where nothing else does.
    if words.kinds == 0 {
        words.kinds = if what == 0 { yes_or_no } else { what };
    }
    if words.stems.is_empty() {
        words.spelt.clone_from(&everything);
        words.stems = everything;
    }
    words
}

/// The words in lower case with whether they began with a capital; phrases are replaced by what they are read as.
fn said(text: &str) -> Vec<(String, bool)> {
    let words: Vec<(String, bool)> = text
        .unicode_words()
        .take(MOST)
        .map(|word| (spelt_right(plain(word)), word.chars().next().is_some_and(char::is_uppercase)))
        .collect();
    let lower: Vec<&str> = words.iter().map(|(word, _)| word.as_str()).collect();
    let mut said = Vec::with_capacity(words.len());
    let mut at = 0;
    while let Some((word, capital)) = words.get(at) {
        let phrase = (2..=PHRASE).rev().find_map(|long| {
            let read = lower.get(at..at + long).and_then(|words| LISTS.phrase(words))?;
            Some((long, read))
        });
        if let Some((long, read)) = phrase {
            said.extend(read.iter().map(|word| ((*word).to_owned(), false)));
            at += long;
        } else {
            said.push((word.clone(), *capital));
            at += 1;
        }
    }
    said
}

/// Without what is tied to a word ("what's"), and with question words spelt right: the phrases need them.
fn spelt_right(mut lower: String) -> String {
    const QUESTION_WORDS: [&str; 9] =
        ["сколько", "скольки", "когда", "почему", "зачем", "можно", "откуда", "where", "which"];
    for tied in ["'s", "’s"] {
        if let Some(word) = lower.strip_suffix(tied) {
            lower = word.to_owned();
        }
    }
    if LISTS.stop.contains(&lower) {
        return lower;
    }
    let meant = QUESTION_WORDS.iter().find(|word| is_misspelt(&lower, word));
    meant.map_or(lower, |word| (*word).to_owned())
}

fn is_negation(lower: &str) -> bool {
    matches!(lower, "not" | "no" | "never" | "не" | "нет" | "нельзя" | "без" | "without" | "cannot")
        || lower.ends_with("n't")
        || lower.ends_with("n’t")
}

fn is_cyrillic(word: &str) -> bool {
    word.chars().any(|c| matches!(c, 'а'..='я'))
}

/// Whether what is asked for is a number, a time, an amount.
pub(super) fn wants_a_number(kinds: Kinds) -> bool {
    kinds & *COUNTED != 0
}

/// Whether a sentence names a number, a time, an amount.
pub(super) fn names_a_number(sentence: &str, words: &Words) -> bool {
    sentence.chars().any(|c| c.is_ascii_digit()) || words.marks.iter().any(|mark| !LISTS.sets_of(mark).is_empty())
}

/// The language a text is written in, where its letters tell.
pub(super) fn language(text: &str) -> Option<Lang> {
    let count = |test: fn(&char) -> bool| text.chars().take(2000).filter(test).count();
    let (cyrillic, latin) =
        (count(|c| matches!(c, 'а'..='я' | 'А'..='Я' | 'ё' | 'Ё')), count(char::is_ascii_alphabetic));
    match (cyrillic, latin) {
        (0, 0) => None,
        (c, l) if c > l => Some(Lang::Ru),
        _ => Some(Lang::En),
    }
}

/// Whether a text is only a greeting or a thanks, or asks whom one is talking with.
pub(super) fn is_smalltalk(text: &str) -> bool {
    let words: Vec<String> = text.unicode_words().take(12).map(str::to_lowercase).collect();
    let greeting = |word: &&String| LISTS.greetings.contains(word.as_str());
    let rest = words.iter().skip_while(greeting).map(String::as_str).collect::<Vec<_>>().join(" ");
    match rest.as_str() {
        "" => !words.is_empty() && words != ["you"],
        rest => LISTS.about.contains(rest),
    }
}

/// The one to three sentences of a passage that say most about a question.
pub(super) fn best_sentences(question: &str, passage: &str) -> String {
    let asked: HashSet<String> = read(question).stems.into_iter().collect();
    let sentences: Vec<&str> = passage.split_sentence_bounds().map(str::trim).filter(|s| !s.is_empty()).collect();
    if sentences.len() <= 3 {
        return passage.trim().to_owned();
    }
    let hits = |sentence: &str| read(sentence).stems.iter().filter(|stem| asked.contains(*stem)).count();
    let best = sentences
        .iter()
        .enumerate()
        .max_by_key(|(at, sentence)| (hits(sentence), usize::MAX - at))
        .map_or(0, |(at, _)| at);
    let rest = sentences.iter().skip(best + 1).take(1).filter(|sentence| hits(sentence) > 0);
    let chosen: Vec<&str> = sentences.iter().skip(best).take(1).chain(rest).copied().collect();
    chosen.join(" ")
}
