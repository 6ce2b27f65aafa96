//! Which language each part of a text is said in, by its script.
//!
//! A voice of Russian reads English words well, one of English does not read Cyrillic: so a few English words stay
//! in a Russian sentence, and a few Russian ones in an English sentence are transliterated. More of them in a row
//! are another voice's.

use crate::cutter;
use domain::person::Lang;

/// So many Latin words in a row within Russian are said by the English voice.
const LATIN_RUN: usize = 4;
/// So many Cyrillic words in a row within English are said by the Russian voice.
const CYRILLIC_RUN: usize = 2;

/// Cuts a text into parts of one language each; together they are the text, but for what is transliterated.
/// A sentence without a letter goes with the one before it, the first with the hint.
pub(crate) fn parts(text: &str, hint: Lang) -> Vec<(String, Lang)> {
    let mut parts: Vec<(String, Lang)> = Vec::new();
    let mut lang = hint;
    for sentence in cutter::sentences(text) {
        lang = of_sentence(sentence).unwrap_or(lang);
        for (run, of_run) in runs(sentence, lang) {
            let run = if of_run == Lang::En { transliterated(run) } else { run.to_owned() };
            match parts.last_mut() {
                Some((last, of_last)) if *of_last == of_run => last.push_str(&run),
                _ => parts.push((run, of_run)),
            }
        }
    }
    parts
}

fn script(c: char) -> Option<Lang> {
    match c {
        'А'..='я' | 'Ё' | 'ё' | '\u{400}'..='\u{52f}' => Some(Lang::Ru),
        _ if c.is_alphabetic() && c < '\u{250}' => Some(Lang::En),
        _ => None,
    }
}

fn of_word(word: &str) -> Option<Lang> {
    word.chars().find_map(script)
}

/// Russian where it begins so, or at least a third of the words are.
fn of_sentence(sentence: &str) -> Option<Lang> {
    let (mut ru, mut en) = (0_usize, 0_usize);
    let mut first = None;
    for word in sentence.split_whitespace() {
        let lang = of_word(word);
        first = first.or(lang);
        match lang {
            Some(Lang::Ru) => ru += 1,
            Some(Lang::En) => en += 1,
            None => {}
        }
    }
    match (ru, en) {
        (0, 0) => None,
        _ if first == Some(Lang::Ru) || ru * 2 >= en && ru > 0 => Some(Lang::Ru),
        _ => Some(Lang::En),
    }
}

/// The runs of the other language that are long enough for its own voice.
fn runs(sentence: &str, lang: Lang) -> Vec<(&str, Lang)> {
    let words: Vec<(usize, Option<Lang>)> = starts(sentence).map(|(at, word)| (at, of_word(word))).collect();
    let mut bounds = Vec::new();
    let mut index = 0;
    while let Some((at, _)) = words.get(index) {
        let is_foreign = |of: &Option<Lang>| of.is_some_and(|of| of != lang);
        let count = words.iter().skip(index).take_while(|(_, of)| is_foreign(of)).count();
        let enough = if lang == Lang::Ru { LATIN_RUN } else { CYRILLIC_RUN };
        if count >= enough {
            let end = words.get(index + count).map_or(sentence.len(), |(end, _)| *end);
            bounds.push((*at, end));
        }
        index += count.max(1);
    }
    cut(sentence, lang, &bounds)
}

fn cut<'a>(sentence: &'a str, lang: Lang, bounds: &[(usize, usize)]) -> Vec<(&'a str, Lang)> {
    let other = match lang {
        Lang::En => Lang::Ru,
        Lang::Ru => Lang::En,
    };
    let mut runs = Vec::new();
    let mut done = 0;
    for (start, end) in bounds {
        runs.push((sentence.get(done..*start).unwrap_or_default(), lang));
        runs.push((sentence.get(*start..*end).unwrap_or_default(), other));
        done = *end;
    }
    runs.push((sentence.get(done..).unwrap_or_default(), lang));
    runs.retain(|(text, _)| !text.is_empty());
    runs
}

/// The words of a text with the places where they begin.
fn starts(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split_inclusive(char::is_whitespace).filter_map(move |word| {
        let start = at;
        at += word.len();
        let word = word.trim_end();
        (!word.is_empty()).then_some((start, word))
    })
}

/// Cyrillic letters in Latin ones, for a voice that does not know them.
fn transliterated(text: &str) -> String {
    let mut latin = String::with_capacity(text.len());
    for c in text.chars() {
        let lower = c.to_lowercase().next().unwrap_or(c);
        match CYRILLIC.iter().find(|(cyrillic, _)| *cyrillic == lower) {
            None => latin.push(c),
            Some((_, letters)) if c == lower => latin.push_str(letters),
            Some((_, letters)) => {
                let mut letters = letters.chars();
                latin.extend(letters.next().map(|first| first.to_ascii_uppercase()));
                latin.extend(letters);
            }
        }
    }
    latin
}

const CYRILLIC: [(char, &str); 33] = [
    ('а', "a"),
    ('б', "b"),
    ('в', "v"),
    ('г', "g"),
    ('д', "d"),
    ('е', "e"),
    ('ё', "yo"),
    ('ж', "zh"),
    ('з', "z"),
    ('и', "i"),
    ('й', "y"),
    ('к', "k"),
    ('л', "l"),
    ('м', "m"),
    ('н', "n"),
    ('о', "o"),
    ('п', "p"),
    ('р', "r"),
    ('с', "s"),
    ('т', "t"),
    ('у', "u"),
    ('ф', "f"),
    ('х', "kh"),
    ('ц', "ts"),
    ('ч', "ch"),
    ('ш', "sh"),
    ('щ', "shch"),
    ('ъ', ""),
    ('ы', "y"),
    ('ь', ""),
    ('э', "e"),
    ('ю', "yu"),
    ('я', "ya"),
];
