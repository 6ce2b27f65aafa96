//! Words and their stems, English and Russian.

use domain::person::Lang;
use rust_stemmers::{Algorithm, Stemmer};
use std::collections::HashSet;
use std::sync::LazyLock;
use unicode_segmentation::UnicodeSegmentation as _;

static ENGLISH: LazyLock<Stemmer> = LazyLock::new(|| Stemmer::create(Algorithm::English));
static RUSSIAN: LazyLock<Stemmer> = LazyLock::new(|| Stemmer::create(Algorithm::Russian));

/// Words that carry no meaning of their own.
const STOP: &str = "a an the is are was were be been do does did of to in on at for with from by and or if it its this that these those \
i you he she we they me my your our their his her what which who whom when where why how can could would should will shall may might must \
have has had not there here then than so as about into out up down please tell say give let us am any some \
и в во на с со к ко у о об от до из за по под над для при это этот эта эти тот та те то я ты он она мы вы они мне меня мой моя мои твой ваш наш \
их его её ее что кто какой какая какие какое где когда почему зачем как ли же бы не ни да а но или если так там тут здесь есть был была были быть \
мог может можно нужно надо чтобы тебя тебе вас вам нас нам пожалуйста скажи скажите расскажи расскажите";

static STOPS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| STOP.split_whitespace().collect());

/// Question words tell what is asked for: they count a little, but count.
const ASKING: [&str; 18] = [
    "who",
    "when",
    "where",
    "why",
    "how",
    "which",
    "whose",
    "кто",
    "когда",
    "где",
    "почему",
    "зачем",
    "как",
    "сколько",
    "куда",
    "чей",
    "many",
    "much",
];

/// Most words of a text that are looked at.
const MOST: usize = 400;

/// A text as the index sees it.
#[derive(Clone, Debug, Default)]
pub(super) struct Words {
    /// Stems of the words that mean something, in order; of all words when none does.
    pub(super) stems: Vec<String>,
    /// The question words.
    pub(super) asking: Vec<&'static str>,
    /// Numbers.
    pub(super) numbers: Vec<String>,
    /// Words that begin with a capital, not first in their sentence; stems.
    pub(super) names: Vec<String>,
    /// Whether it says "not".
    pub(super) negated: bool,
}

/// Reads a text.
pub(super) fn read(text: &str) -> Words {
    let mut words = Words::default();
    let mut everything = Vec::new();
    for (at, word) in text.unicode_words().take(MOST).enumerate() {
        let lower = word.to_lowercase().replace('ё', "е");
        if let Some(asking) = ASKING.iter().find(|asking| **asking == lower) {
            words.asking.push(asking);
        }
        words.negated |=
            matches!(lower.as_str(), "not" | "never" | "не" | "нельзя" | "без" | "without") || lower.ends_with("n't");
        let stem = stem(&lower);
        if lower.chars().all(|c| c.is_ascii_digit()) {
            words.numbers.push(lower.clone());
        } else if at > 0 && word.chars().next().is_some_and(char::is_uppercase) && !STOPS.contains(lower.as_str()) {
            words.names.push(stem.clone());
        }
        if STOPS.contains(lower.as_str()) {
            everything.push(stem);
        } else {
            words.stems.push(stem);
        }
    }
    if words.stems.is_empty() {
        words.stems = everything;
    }
    words
}

fn stem(lower: &str) -> String {
    let russian = lower.chars().any(|c| matches!(c, 'а'..='я'));
    let stem = if russian { RUSSIAN.stem(lower) } else { ENGLISH.stem(lower) };
    // What people call the same thing.
    match stem.as_ref() {
        "телеграм" | "телеграмм" | "тг" => "telegram".to_owned(),
        "дискорд" => "discord".to_owned(),
        "пар" | "password" => stem.into_owned(),
        other => other.to_owned(),
    }
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

/// Whether a text is only a greeting or a thanks.
pub(super) fn is_smalltalk(text: &str) -> bool {
    const WORDS: [&str; 27] = [
        "hi",
        "hello",
        "hey",
        "thanks",
        "thank",
        "you",
        "bye",
        "good",
        "morning",
        "evening",
        "day",
        "ok",
        "okay",
        "there",
        "привет",
        "здравствуй",
        "здравствуйте",
        "спасибо",
        "пока",
        "добрый",
        "доброе",
        "день",
        "утро",
        "вечер",
        "ок",
        "большое",
        "хай",
    ];
    const ABOUT: [&str; 8] = [
        "what can you do",
        "who are you",
        "what are you",
        "what is this",
        "что ты умеешь",
        "кто ты",
        "кто ты такой",
        "что ты можешь",
    ];
    let plain = text.unicode_words().take(8).map(str::to_lowercase).collect::<Vec<_>>().join(" ");
    if ABOUT.contains(&plain.as_str()) {
        return true;
    }
    let words: Vec<String> = text.unicode_words().take(6).map(str::to_lowercase).collect();
    !words.is_empty() && words.len() <= 4 && words.iter().all(|word| WORDS.contains(&word.as_str())) && words != ["you"]
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
