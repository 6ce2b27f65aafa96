//! Stems of words, English and Russian.

use rust_stemmers::{Algorithm, Stemmer};
use std::sync::LazyLock;

static ENGLISH: LazyLock<Stemmer> = LazyLock::new(|| Stemmer::create(Algorithm::English));
static RUSSIAN: LazyLock<Stemmer> = LazyLock::new(|| Stemmer::create(Algorithm::Russian));

/// The stem of a word in lower case.
pub(super) fn stem(lower: &str) -> String {
    let russian = lower.chars().any(|c| matches!(c, 'а'..='я'));
    if russian { RUSSIAN.stem(lower) } else { ENGLISH.stem(lower) }.into_owned()
}

/// How far two words may differ by errors of typing; none for words too short to tell.
pub(super) fn errors_allowed(chars: usize) -> usize {
    match chars {
        0..=3 => 0,
        4..=7 => 1,
        _ => 2,
    }
}

/// How many characters at least a word of so many begins with in common with its other forms.
pub(super) fn shared_by_kin(chars: usize) -> usize {
    (chars * 72).div_ceil(100).max(chars.saturating_sub(3)).max(4)
}

/// Whether two stems are likely forms of one word: they begin alike and differ at the end alone.
pub(super) fn are_kin(one: &str, other: &str) -> bool {
    if has_digit(one) {
        return false;
    }
    let alike = one.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
    let longest = one.chars().count().max(other.chars().count());
    alike >= 4 && longest - alike <= 3 && alike * 100 >= longest * 72
}

/// The letters a word may begin with when it is written by ear.
pub(super) fn beginnings(word: &str) -> impl Iterator<Item = char> + use<> {
    let first = word.chars().next();
    let twin = match first {
        Some('о') => Some('а'),
        Some('а') => Some('о'),
        Some('е' | 'э') => Some('и'),
        Some('и') => Some('э'),
        _ => None,
    };
    first.into_iter().chain(twin)
}

/// Whether one stem is the other with an error of typing.
pub(super) fn is_misspelt(one: &str, other: &str) -> bool {
    let chars = one.chars().count();
    let allowed = errors_allowed(chars);
    allowed > 0
        && !has_digit(one)
        && other.chars().count().abs_diff(chars) <= allowed
        && one != other
        && (one.chars().nth(1) == other.chars().nth(1) || one.chars().last() == other.chars().last())
        && strsim::damerau_levenshtein(one, other) <= allowed
}

/// Whether it is a number or the name of one of many: with another letter it is another one.
fn has_digit(word: &str) -> bool {
    word.bytes().any(|byte| byte.is_ascii_digit())
}
