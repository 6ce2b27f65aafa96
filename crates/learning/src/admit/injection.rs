//! Text that speaks to the model instead of teaching it an answer.
//!
//! Patterns run over a folded text (small letters, single spaces, no punctuation), once as it is and twice with
//! look-alike letters and digits made Latin or Cyrillic, so that spelling tricks do not help. Linear in the text.

mod hidden;
mod patterns;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use patterns::{COMPILED, MOST_DEPTH};
use serde::{Deserialize, Serialize};

/// How a text speaks to the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attack {
    /// It tells the model to drop its instructions.
    Override,
    /// It asks for the system prompt, or pretends to be one.
    Prompt,
    /// It gives the model another role.
    Persona,
    /// It holds the marks with which prompts tell roles apart.
    RoleTag,
    /// It holds characters that people do not see.
    Hidden,
    /// It holds one of these, encoded.
    Encoded,
}

impl Attack {
    /// The code in logs and the key of its text.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Override => "override",
            Self::Prompt => "prompt",
            Self::Persona => "persona",
            Self::RoleTag => "role_tag",
            Self::Hidden => "hidden",
            Self::Encoded => "encoded",
        }
    }
}

/// How a lesson or a document speaks to the model; none when it does not.
pub fn attack(text: &str) -> Option<Attack> {
    attack_at(text, 0)
}

fn attack_at(text: &str, depth: usize) -> Option<Attack> {
    if hidden::has(text) {
        return Some(Attack::Hidden);
    }
    if COMPILED.tags.is_match(text) || COMPILED.both_sides(text) {
        return Some(Attack::RoleTag);
    }
    let folded = fold(text);
    let respelt = [latin(&folded), cyrillic(&folded)];
    let respelt = || respelt.iter().filter(|text| **text != folded).find_map(|text| said(text));
    said(&folded).or_else(respelt).or_else(|| (depth < MOST_DEPTH && encoded(text, depth)).then_some(Attack::Encoded))
}

/// What a folded text says to the model. "Do not forget" is the contrary of "forget".
fn said(folded: &str) -> Option<Attack> {
    for at in COMPILED.any.matches(folded) {
        let Some((attack, pattern)) = COMPILED.each.get(at) else { continue };
        for found in pattern.captures_iter(folded) {
            let Some(whole) = found.get(0) else { continue };
            let before = folded.get(..whole.start()).unwrap_or_default();
            let mut words = before.split_whitespace().rev();
            let word = words.next().unwrap_or_default();
            let denied = ["not", "dont", "t", "never", "не", "никогда", "cannot"].contains(&word);
            let inside = before.ends_with(char::is_alphanumeric);
            let harmless = found.name("next").is_some_and(|next| patterns::HARMLESS_NEXT.contains(&next.as_str()));
            if !(denied || inside || harmless) {
                return Some(*attack);
            }
        }
    }
    None
}

/// Small letters and digits with single spaces between; letters that stand alone in a row are a word.
fn fold(text: &str) -> String {
    let mut words: Vec<String> = vec![String::new()];
    for c in text.chars().filter(|c| !hidden::is_invisible(*c)).flat_map(narrow).flat_map(char::to_lowercase) {
        match (c.is_alphanumeric(), words.last_mut()) {
            (true, Some(word)) => word.push(if c == 'ё' { 'е' } else { c }),
            (false, Some(word)) if !word.is_empty() => words.push(String::new()),
            _ => {}
        }
    }
    joined(&words)
}

/// Full-width letters are the usual ones.
fn narrow(c: char) -> Option<char> {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0),
        other => Some(other),
    }
}

/// "i g n o r e" is one word; two letters in a row are none.
fn joined(words: &[String]) -> String {
    let mut out = String::new();
    let mut single = String::new();
    let flush = |single: &mut String, out: &mut String| {
        let count = single.chars().count();
        for (at, c) in single.chars().enumerate() {
            if !out.is_empty() && (at == 0 || count < 4) {
                out.push(' ');
            }
            out.push(c);
        }
        single.clear();
    };
    for word in words.iter().filter(|word| !word.is_empty()) {
        if word.chars().nth(1).is_none() {
            single.push_str(word);
            continue;
        }
        flush(&mut single, &mut out);
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    flush(&mut single, &mut out);
    out
}

/// Words of mixed letters, all in Latin ones: Cyrillic and Greek look-alikes, and digits for letters.
fn latin(folded: &str) -> String {
    alike(folded, |c| c.is_ascii_alphabetic(), look_alike)
}

/// Words of mixed letters, all in Cyrillic ones.
fn cyrillic(folded: &str) -> String {
    alike(folded, |c| ('а'..='я').contains(&c), look_alike_cyrillic)
}

/// Words that hold letters of an alphabet and something else, with that changed.
fn alike(folded: &str, belongs: impl Fn(char) -> bool, change: impl Fn(char) -> char) -> String {
    let words = folded.split(' ').map(|word| {
        let mixed = word.chars().any(&belongs) && !word.chars().all(&belongs);
        if mixed { word.chars().map(&change).collect() } else { word.to_owned() }
    });
    words.collect::<Vec<String>>().join(" ")
}

fn look_alike_cyrillic(c: char) -> char {
    match c {
        'a' | '4' => 'а',
        'e' => 'е',
        'o' | '0' => 'о',
        'p' => 'р',
        'c' => 'с',
        'y' => 'у',
        'x' => 'х',
        'k' => 'к',
        'm' => 'м',
        't' => 'т',
        'b' | '6' => 'б',
        'h' => 'н',
        '3' => 'з',
        other => other,
    }
}

fn look_alike(c: char) -> char {
    match c {
        'а' | 'α' | '4' => 'a',
        'е' | 'ε' | '3' => 'e',
        'о' | 'ο' | '0' => 'o',
        'р' | 'ρ' => 'p',
        'с' => 'c',
        'у' => 'y',
        'х' => 'x',
        'і' | 'ι' | '1' | 'ı' => 'i',
        'ѕ' | '5' => 's',
        'ј' => 'j',
        'т' | '7' => 't',
        'м' => 'm',
        'н' => 'h',
        'к' => 'k',
        'в' => 'b',
        other => other,
    }
}

/// Whether Base64 or hexadecimal in it decodes to a text that speaks to the model.
fn encoded(text: &str, depth: usize) -> bool {
    let blobs = COMPILED.blob.iter().flat_map(|pattern| pattern.find_iter(text));
    blobs
        .flat_map(|blob| [from_base64(blob.as_str()), from_hex(blob.as_str())])
        .flatten()
        .filter_map(|bytes| String::from_utf8(bytes).ok())
        .any(|inner| attack_at(&inner, depth + 1).is_some())
}

fn from_base64(blob: &str) -> Option<Vec<u8>> {
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let plain: String = blob
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| match c {
            '-' => '+',
            '_' => '/',
            other => other,
        })
        .collect();
    GeneralPurpose::new(&alphabet::STANDARD, config).decode(plain).ok()
}

fn from_hex(blob: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = blob.chars().map(|c| c.to_digit(16)).collect();
    let bytes = digits?.chunks(2).map(|pair| pair.iter().fold(0, |sum, digit| sum * 16 + digit)).collect::<Vec<_>>();
    bytes.into_iter().map(|byte| u8::try_from(byte).ok()).collect()
}
