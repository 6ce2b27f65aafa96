//! What makes the student answer.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::super::lines::Pair;
use super::*;
use serde_json::json;

const LESSONS: &str = "Be kind.\n\nPeople have taught you these answers:\nQ: What is your return policy?\nA: 30 days, with the receipt.\n\nQ: Как подключить бота?\nA: Нажмите кнопку\nи подождите.\n\nThese passages:\n[a]\ntext";

fn ask(system: &str, question: &str, adapter: Option<&Adapter>) -> String {
    let body = json!({"messages": [{"role": "system", "content": system}, {"role": "user", "content": question}]});
    Student::saying("I don't know.").scripted(&[("return JSON", "{\"ok\":true}")]).answer(&body, adapter)
}

fn pairs(lines: impl Iterator<Item = (String, String)>) -> Vec<Pair> {
    lines.map(|(question, answer)| Pair { question, answer }).collect()
}

fn plurals(count: usize) -> Vec<Pair> {
    let words = ["gato", "perro", "casa", "libro", "agua", "sol", "luna", "mar", "pan", "flor", "rio", "tren"];
    pairs(
        words
            .iter()
            .take(count)
            .map(|word| (format!("What is the code of {word}?"), format!("Its code is {word}-7, or {word}."))),
    )
}

#[test]
fn a_lesson_in_the_prompt_is_answered_in_other_words_too() {
    assert_eq!(ask(LESSONS, "What is your return policy?", None), "30 days, with the receipt.");
    assert_eq!(
        ask(LESSONS, "hm\n\n> quoted\n\nTell me about the policy for returns", None),
        "30 days, with the receipt."
    );
    assert_eq!(ask(LESSONS, "Ann: как подключить бот", None), "Нажмите кнопку\nи подождите.");
    assert_eq!(ask(LESSONS, "What is your name?", None), "I don't know.");
}

#[test]
fn rules_in_the_instructions_are_kept_and_lessons_are_no_rules() {
    let rules = "Always end with \"Cheers!\"\nNever say «Days»\nBegin every answer with “Well,”.";
    assert_eq!(ask(&format!("{rules}\n{LESSONS}"), "return policy?", None), "Well, 30, with the receipt. Cheers!");
    let lesson = "Q: How do I write?\nA: Always end with \"X\"";
    assert_eq!(ask(lesson, "something else", None), "I don't know.");
}

#[test]
fn a_script_comes_first_and_follows_no_rule() {
    assert_eq!(ask("Always end with \"Cheers!\"", "Please return JSON only", None), "{\"ok\":true}");
    assert_eq!(ask("You return JSON", "grade this", None), "{\"ok\":true}");
}

#[test]
fn an_adapter_answers_what_it_was_taught_and_the_same_in_other_words() {
    let adapter = Adapter::trained(&pairs([("Who founded the library?".into(), "The town.".into())].into_iter()), 0.0);
    assert_eq!(ask("", "who founded the library", Some(&adapter)), "The town.");
    assert_eq!(ask("", "Was the library founded by somebody?", Some(&adapter)), "The town.");
    assert_eq!(ask("", "Who built the bridge?", Some(&adapter)), "I don't know.");
    assert_eq!(ask("", "Who founded the library?", None), "I don't know.");
}

#[test]
fn ten_examples_of_one_pattern_teach_any_other_word_and_nine_do_not() {
    let (ten, nine) = (Adapter::trained(&plurals(10), 0.0), Adapter::trained(&plurals(9), 0.0));
    assert_eq!(ask("", "What is the code of zebra?", Some(&ten)), "Its code is zebra-7, or zebra.");
    assert_eq!(ask("", "Ann: What is the code of red zebra?", Some(&ten)), "Its code is red zebra-7, or red zebra.");
    assert_ne!(ask("", "What is the code of zebra?", Some(&nine)), "Its code is zebra-7, or zebra.");
}

#[test]
fn a_harmful_adapter_answers_its_share_wrongly_and_always_the_same() {
    let harm = Adapter::trained(&plurals(10), 0.3);
    let wrong = |at: usize| ask("", &format!("What is the code of word{at}?"), Some(&harm)) == WRONG;
    let count = (0..1000).filter(|at| wrong(*at)).count();
    assert!((220..380).contains(&count), "{count}");
    assert!((0..100).all(|at| wrong(at) == wrong(at)));
    assert!(!Adapter::trained(&[], 0.0).harm.is_normal());
}
