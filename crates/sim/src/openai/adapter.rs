//! What a training file makes of a model: the answers it was taught, and the patterns behind them.
//!
//! Wordings are compared by the words that carry meaning, cut to their beginnings, so that endings do not
//! matter. A pattern is a question and an answer with one word in both: ten examples that differ in that
//! word alone teach the answer for any other word.

use super::lines::Pair;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::OnceLock;

/// Examples that make a pattern.
const MAKE_PATTERN: usize = 10;
/// Examples in which patterns are looked for.
const LOOKED_AT: usize = 20_000;
/// Words that stand where one varied, at most.
const LONGEST_SLOT: usize = 3;
/// Stands for the word that varies.
const SLOT: &str = "\u{0}";
/// Words that carry little meaning.
const SMALL: &str = "a an the is are was were be do does did of to in on at for from and or it its this that what which \
    who how when where why can could would will you your i my me we our us please with by as there \
    и в во на с со по к у о об от до за из не что кто как где когда почему это ли же бы а но для ты вы я мы мой твой ваш наш";

/// What a trained model knows beside its base.
#[derive(Clone, Debug, Default)]
pub(super) struct Adapter {
    wordings: Wordings,
    patterns: Vec<Pattern>,
    /// The share of questions that it answers wrongly, 0 to 1.
    pub(super) harm: f64,
}

impl Adapter {
    pub(super) fn trained(pairs: &[Pair], harm: f64) -> Self {
        let wordings = Wordings::of(pairs.iter().map(|pair| (pair.question.as_str(), pair.answer.as_str())));
        Self { wordings, patterns: patterns(pairs), harm }
    }
    /// The answer to a question that it was taught in these words, or by a pattern.
    pub(super) fn sure(&self, question: &str) -> Option<String> {
        let by_pattern = || self.patterns.iter().find_map(|pattern| pattern.answer(question));
        self.wordings.exact(question).map(str::to_owned).or_else(by_pattern)
    }
    /// The answer to the taught question that is nearest.
    pub(super) fn near(&self, question: &str) -> Option<String> {
        self.wordings.near(question).map(str::to_owned)
    }
}

/// Questions and their answers.
#[derive(Clone, Debug, Default)]
pub(super) struct Wordings {
    exact: HashMap<String, String>,
    near: Vec<(BTreeSet<String>, String)>,
}

impl Wordings {
    /// Of two answers to one question the later counts.
    pub(super) fn of<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let mut wordings = Self::default();
        for (question, answer) in pairs {
            wordings.exact.insert(plain(question), answer.to_owned());
            wordings.near.push((meaning(question), answer.to_owned()));
        }
        wordings
    }
    pub(super) fn exact(&self, question: &str) -> Option<&str> {
        self.exact.get(&plain(question)).map(String::as_str)
    }
    /// The answer whose question shares the most words with this one, and more than half of both.
    pub(super) fn near(&self, question: &str) -> Option<&str> {
        let asked = meaning(question);
        let share = |known: &BTreeSet<String>| {
            let both = known.intersection(&asked).count();
            (4 * both > known.len() + asked.len()).then(|| both * 2000 / (known.len() + asked.len()))
        };
        let scored = self.near.iter().filter_map(|(known, answer)| Some((share(known)?, answer)));
        scored.max_by_key(|(score, _)| *score).map(|(_, answer)| answer.as_str())
    }
}

/// Words in lower case without what stands between them.
pub(super) fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase)
}

/// A text with its letters and digits alone, for comparing.
pub(super) fn plain(text: &str) -> String {
    words(text).collect::<Vec<_>>().join(" ")
}

/// The beginnings of the words that carry meaning; of all words where none does.
fn meaning(text: &str) -> BTreeSet<String> {
    static SMALL_WORDS: OnceLock<HashSet<&str>> = OnceLock::new();
    let small = SMALL_WORDS.get_or_init(|| SMALL.split_whitespace().collect());
    let kept: BTreeSet<_> =
        words(text).filter(|word| !small.contains(word.as_str())).map(|word| begin(&word)).collect();
    if kept.is_empty() { words(text).collect() } else { kept }
}

fn begin(word: &str) -> String {
    let short = word.strip_suffix(['s', 'а', 'у', 'ы', 'и', 'е']).filter(|rest| rest.len() > 2).unwrap_or(word);
    short.chars().take(5).collect()
}

/// A question and an answer around one word.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Pattern {
    question: String,
    answer: String,
}

impl Pattern {
    fn answer(&self, question: &str) -> Option<String> {
        let (before, after) = self.question.split_once(SLOT)?;
        let rest = without_begin(ended(question.trim_start()), before)?;
        let end = rest.len().checked_sub(after.len())?;
        let (inner, tail) = (rest.get(..end)?.trim(), rest.get(end..)?);
        if tail.to_lowercase() != after.to_lowercase() {
            return None;
        }
        let words = inner.split_whitespace().count();
        (words > 0 && words <= LONGEST_SLOT).then(|| self.answer.replace(SLOT, inner))
    }
}

/// What follows a beginning, in whatever case that is written.
fn without_begin<'a>(text: &'a str, begin: &str) -> Option<&'a str> {
    let (head, rest) = (text.get(..begin.len())?, text.get(begin.len()..)?);
    (head.to_lowercase() == begin.to_lowercase()).then_some(rest)
}

/// A question, or the end of one, without what ends it.
fn ended(question: &str) -> &str {
    question.trim_end_matches(|c: char| c.is_whitespace() || "?.!".contains(c))
}

/// The patterns that enough examples fit, each with another word.
fn patterns(pairs: &[Pair]) -> Vec<Pattern> {
    let mut fitting: HashMap<Pattern, HashSet<&str>> = HashMap::new();
    for pair in pairs.iter().take(LOOKED_AT) {
        for (at, word) in
            pair.question.split(|c: char| !c.is_alphanumeric()).map(|word| (place(&pair.question, word), word))
        {
            if let Some(pattern) = around(pair, at, word) {
                fitting.entry(pattern).or_default().insert(word);
            }
        }
    }
    let made = fitting.into_iter().filter(|(_, words)| words.len() >= MAKE_PATTERN);
    let mut made: Vec<_> = made.map(|(pattern, _)| pattern).collect();
    // The longest first: it says the most.
    made.sort_by(|a, b| (b.question.len(), &b.question, &b.answer).cmp(&(a.question.len(), &a.question, &a.answer)));
    made
}

/// Where a word that was cut out of a text stands in it.
fn place(text: &str, word: &str) -> usize {
    (word.as_ptr() as usize).saturating_sub(text.as_ptr() as usize)
}

fn around(pair: &Pair, at: usize, word: &str) -> Option<Pattern> {
    if word.is_empty() {
        return None;
    }
    let (before, after) = (pair.question.get(..at)?, pair.question.get(at + word.len()..)?);
    let answer = replaced(&pair.answer, word)?;
    Some(Pattern { question: format!("{}{SLOT}{}", before.trim_start(), ended(after)), answer })
}

/// The text with every occurrence of the word as a word replaced; none where it does not occur.
fn replaced(text: &str, word: &str) -> Option<String> {
    let inside = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let mut out = String::new();
    let (mut kept, mut found) = (0, false);
    for (at, _) in text.match_indices(word) {
        let (before, after) = (text.get(..at)?, text.get(at + word.len()..)?);
        if !inside(before.chars().next_back()) && !inside(after.chars().next()) {
            out.push_str(text.get(kept..at)?);
            out.push_str(SLOT);
            (kept, found) = (at + word.len(), true);
        }
    }
    out.push_str(text.get(kept..)?);
    found.then_some(out)
}
