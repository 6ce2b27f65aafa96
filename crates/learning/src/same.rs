//! Which questions ask the same: in the same words that tell something, with the same numbers, signs and negations. What is
//! near is not the same: "room 12" and "room 13" are near, and so are "when does the library open" and "when does the museum
//! open", and neither may take the other's place.

use crate::near::normal;
use std::collections::BTreeSet;

/// Words that turn a question round.
const NEGATIONS: &[&str] = &[
    "not",
    "no",
    "never",
    "without",
    "don't",
    "doesn't",
    "isn't",
    "aren't",
    "can't",
    "cannot",
    "won't",
    "не",
    "нет",
    "ни",
    "без",
    "нельзя",
    "никогда",
];

/// Words that tell nothing about what is asked.
const EMPTY: &[&str] = &[
    "a",
    "an",
    "the",
    "is",
    "are",
    "am",
    "was",
    "were",
    "be",
    "do",
    "does",
    "did",
    "will",
    "would",
    "can",
    "could",
    "please",
    "pls",
    "so",
    "now",
    "then",
    "hey",
    "hi",
    "hello",
    "tell",
    "me",
    "it",
    "this",
    "that",
    "there",
    "пожалуйста",
    "же",
    "ли",
    "бы",
    "а",
    "и",
    "ну",
    "вот",
    "это",
    "скажи",
    "скажите",
    "подскажи",
    "подскажите",
    "мне",
    "привет",
    "здравствуйте",
];

/// What two questions have in common that ask the same, and no others.
pub fn key(question: &str) -> String {
    let plain = normal(question);
    let words: BTreeSet<&str> =
        plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty() && !EMPTY.contains(word)).collect();
    let words: Vec<&str> = words.into_iter().collect();
    format!("{} | {}", words.join(" "), details(question))
}

/// Numbers, signs and negations of a question, in order.
fn details(question: &str) -> String {
    let plain = normal(&question.replace('’', "'"));
    let mut out = String::new();
    // The apostrophe is no part of a normal text: "don't" is read from the question itself.
    let lower = question.replace('’', "'").to_lowercase();
    for word in lower.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|word| NEGATIONS.contains(word)) {
        out.push_str(word);
        out.push(' ');
    }
    let mut before = ' ';
    for c in plain.chars().filter(|c| !c.is_alphabetic()) {
        if c != ' ' || before != ' ' {
            out.push(c);
        }
        before = c;
    }
    out.truncate(out.trim_end().len());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_signs_and_negations_tell_questions_apart() {
        assert_ne!(key("Who is in room 12?"), key("Who is in room 13?"));
        assert_ne!(key("Is C++ hard?"), key("Is C# hard?"));
        assert_ne!(key("Is it open?"), key("Isn’t it open?"));
        assert_ne!(key("Можно войти?"), key("Можно не войти?"));
        assert_ne!(key("Version 1 or 11?"), key("Version 11 or 1?"));
    }

    #[test]
    fn one_word_that_tells_something_tells_questions_apart() {
        assert_ne!(key("When does the library in Riga open?"), key("When does the library in Oslo open?"));
        assert_ne!(key("Когда открывается библиотека?"), key("Когда закрывается библиотека?"));
        assert_ne!(key("Who has the keys of the museum?"), key("Where are the keys of the museum?"));
    }

    #[test]
    fn small_words_marks_and_their_order_do_not() {
        assert_eq!(key("Who is in the room 12?"), key("who in room 12"));
        assert_eq!(key("When is lunch?"), key("Hi! When is the lunch, please?"));
        assert_eq!(key("Скажите, пожалуйста, когда обед?"), key("когда обед"));
    }
}
