#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;
use proptest::prelude::*;

const SECRETS: &str = include_str!("../../tests/texts/secrets.txt");
const ORDINARY: &str = include_str!("../../tests/texts/ordinary.txt");

const BEFORE: [&str; 20] = [
    "",
    "Hello. ",
    "Привет! ",
    "As I said, ",
    "Как я говорил, ",
    "On 12.05.2024 at 10:30: ",
    "Order 48213; ",
    "(note) ",
    "Заказ № 5512 готов. ",
    "It costs $12.50; ",
    "1. ",
    "- ",
    "> ",
    "Версия 2.4.1. ",
    "\n\n",
    "🙂 ",
    "Q: what now? A: ",
    "«Да», — сказал он. ",
    "See https://pages.test/a?b=1 and ",
    "**Important** ",
];
const AFTER: [&str; 10] = [
    "",
    ".",
    ", thanks!",
    " — спасибо.",
    "\nBest",
    " (до 18:00)",
    "; then 15 items",
    "?",
    "!",
    "\n\nВторой абзац, 2024 год.",
];

fn secrets() -> Vec<(&'static str, &'static str, &'static str)> {
    let parts = |line: &'static str| {
        let mut parts = line.splitn(3, '|');
        (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap())
    };
    SECRETS.lines().map(parts).collect()
}

/// How much of a secret is left: its longest run of letters and digits, anywhere in the text.
fn survives(secret: &str, text: &str) -> bool {
    text.contains(secret)
        || secret
            .split(|c: char| !c.is_alphanumeric())
            .filter(|part| part.chars().count() >= 6)
            .any(|p| text.contains(p))
}

#[test]
fn every_pattern_compiles() {
    assert_eq!(scan::compiled(), (rules::RULES.len(), rules::RULES.len()));
}

#[test]
fn no_planted_secret_survives_in_any_of_two_hundred_surroundings() {
    let mut failures = Vec::new();
    let mut planted = 0;
    for (kind, phrase, secret) in secrets() {
        for before in BEFORE {
            for after in AFTER {
                let text = format!("{before}{}{after}", phrase.replace("{}", secret));
                let redacted = Redactor::new().text(&text).into_owned();
                planted += 1;
                if survives(secret, &redacted) || !redacted.contains(&format!("<{}_1>", kind.to_uppercase())) {
                    failures.push(format!("{text:?} became {redacted:?}"));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{} of {planted}:\n{}", failures.len(), failures[..failures.len().min(40)].join("\n"));
}

#[test]
fn every_kind_is_planted() {
    for kind in Kind::ALL {
        assert!(secrets().iter().any(|(name, _, _)| name.to_uppercase() == kind.name()), "{kind:?}");
    }
}

#[test]
fn ordinary_sentences_stay_as_they_are_to_the_byte() {
    let texts: Vec<&str> = ORDINARY.lines().filter(|line| !line.is_empty()).collect();
    assert!(texts.len() >= 200, "{} sentences", texts.len());
    let changed: Vec<String> = texts
        .iter()
        .filter_map(|text| {
            let redacted = Redactor::new().text(text).into_owned();
            (redacted != **text).then(|| format!("{text:?} became {redacted:?}"))
        })
        .collect();
    assert!(changed.is_empty(), "{} of {}:\n{}", changed.len(), texts.len(), changed.join("\n"));
}

#[test]
fn a_value_has_one_placeholder_in_all_texts_of_a_datum_and_of_a_version() {
    let mut redactor = Redactor::new();
    let datum = Datum::of(
        "My name is Dana Petrova, write to dana@example.com",
        "Noted, Dana: Dana@example.com, 8 916 123-45-67",
    );
    let redacted = redactor.datum(&datum);
    assert_eq!(redacted.question, "My name is <PERSON_1>, write to <EMAIL_1>");
    assert_eq!(redacted.chosen.unwrap(), "Noted, <PERSON_1>: <EMAIL_1>, <PHONE_1>");
    assert_eq!(redactor.text("or +7 (916) 123-45-67, eve@example.com"), "or <PHONE_1>, <EMAIL_2>");
    assert_eq!(redactor.report, BTreeMap::from([(Kind::Email, 3), (Kind::Phone, 2), (Kind::Person, 2)]));
}

#[test]
fn a_password_is_replaced_where_it_stands_alone_too() {
    let datum = Datum::of("password: hunter2!", "Type hunter2! and press enter");
    assert_eq!(Redactor::new().datum(&datum).chosen.unwrap(), "Type <PASSWORD_1> and press enter");
}

#[test]
fn placeholders_of_an_earlier_pass_keep_their_numbers() {
    let text = "write to <EMAIL_3> or eve@example.com";
    assert_eq!(Redactor::new().text(text), "write to <EMAIL_3> or <EMAIL_4>");
}

#[test]
fn findings_that_overlap_leave_no_rest() {
    assert_eq!(Redactor::new().text("password: 4111 1111 1111 1111."), "password: <PASSWORD_1>.");
}

#[test]
fn a_text_without_personal_data_is_borrowed() {
    assert!(matches!(Redactor::new().text("How late is it?"), Cow::Borrowed(_)));
}

/// Words, secrets and separators in any order.
fn pieces() -> impl Strategy<Value = String> {
    let phrases: Vec<String> = secrets().iter().map(|(_, phrase, secret)| phrase.replace("{}", secret)).collect();
    let values: Vec<String> = secrets().iter().map(|(_, _, secret)| (*secret).to_owned()).collect();
    let piece = prop_oneof![
        proptest::sample::select(phrases),
        proptest::sample::select(values),
        "[a-zа-я0-9 .,:;<>_@+()-]{0,12}",
        Just("password: ".to_owned()),
        Just("<EMAIL_1>".to_owned()),
        Just("ИНН ".to_owned()),
    ];
    (proptest::collection::vec(piece, 0..6), proptest::sample::select(vec!["", " ", ", ", "\n"]))
        .prop_map(|(pieces, between)| pieces.join(between))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn redacting_twice_changes_nothing(text in pieces()) {
        let once = Redactor::new().text(&text).into_owned();
        let twice = Redactor::new().text(&once).into_owned();
        prop_assert_eq!(&twice, &once, "from {:?}", text);
    }

    #[test]
    fn anything_may_be_redacted(text in "\\PC{0,120}") {
        let once = Redactor::new().text(&text).into_owned();
        prop_assert_eq!(Redactor::new().text(&once).into_owned(), once);
    }
}
