#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;
use proptest::prelude::*;

fn of(texts: &[&str]) -> Vec<u32> {
    clusters(texts.iter())
}

/// A number that looks random, from one that does not.
fn random(state: &mut u32) -> u32 {
    *state = state.wrapping_add(0x9e37_79b9);
    shingles::mixed(*state)
}

fn words(count: usize, state: &mut u32) -> Vec<String> {
    (0..count).map(|_| (0..6).map(|_| char::from(b'a' + (random(state) % 26) as u8)).collect()).collect()
}

#[test]
fn spelling_aside_the_same_texts_are_one_cluster() {
    assert_eq!(
        of(&["Who is on duty?", "who is  on duty", "Кто дежурит?", "КТО ДЕЖУРИТ", "ё", "Е!"]),
        [0, 0, 1, 1, 2, 2]
    );
}

#[test]
fn texts_with_few_changes_are_near_and_others_are_not() {
    let texts = [
        "How do I reset the password of the printer on the second floor of the main building?",
        "How do I reset the password of the printer on the second floor of the main building, please?",
        "Where do I find the keys of the archive in the cellar of the old building?",
        "hi",
        "ho",
        "",
        "🙂",
        "🙁",
    ];
    assert_eq!(of(&texts), [0, 0, 1, 2, 3, 4, 5, 6]);
}

#[test]
fn nearness_goes_from_text_to_text() {
    let mut state = 1;
    let mut words = words(40, &mut state);
    let mut chain = vec![words.join(" ")];
    for at in 0..6 {
        words[at * 5] = "zzzzzz".to_owned();
        chain.push(words.join(" "));
    }
    assert_eq!(clusters(chain.iter()), [0; 7]);
    assert_eq!(clusters([&chain[0], &chain[6]].into_iter()), [0, 1]);
}

/// Pairs of texts of which the second has some words changed.
fn pair(words: &[String], changed: usize) -> [String; 2] {
    let mut other = words.to_vec();
    for (at, word) in other.iter_mut().enumerate().take(changed) {
        *word = format!("qq{at}qqq");
    }
    [words.join(" "), other.join(" ")]
}

#[test]
fn of_pairs_just_similar_enough_at_least_99_in_100_are_found() {
    let mut state = 7;
    let (mut similar, mut found, mut wrong) = (0, 0, 0);
    for _ in 0..1_500 {
        let length = 30 + (random(&mut state) % 30) as usize;
        let words = words(length, &mut state);
        let texts = pair(&words, 1 + length / 12);
        let sets = texts.each_ref().map(|text| shingles::set(&shingles::folded(text)));
        let likeness = shingles::similarity(&sets[0], &sets[1]);
        let joined = clusters(texts.iter()) == [0, 0];
        if likeness >= SIMILAR {
            similar += 1;
            found += usize::from(joined);
        } else {
            wrong += usize::from(joined);
        }
    }
    assert!(similar > 300, "{similar} pairs are similar");
    assert!(found * 100 >= similar * 99, "{found} of {similar}");
    assert_eq!(wrong, 0);
}

#[test]
fn a_template_filled_in_many_times_is_no_trouble() {
    let mut state = 3;
    let frame = words(30, &mut state).join(" ");
    let texts: Vec<String> = (0..400).map(|at| format!("{frame} {at}")).collect();
    assert_eq!(clusters(texts.iter()), vec![0; 400]);
}

#[test]
fn a_signs_sense_is_kept_where_texts_are_compared_exactly() {
    assert_eq!(normal(" Who, is  Dana?! "), "who is dana");
    assert_ne!(normal("C++"), normal("C#"));
    assert_ne!(normal("-5"), normal("5"));
    assert_ne!(normal("3.5"), normal("35"));
    assert_eq!(normal("Ёлка — «да»"), normal("елка да"));
}

proptest! {
    #[test]
    fn the_order_of_texts_does_not_matter(texts in proptest::collection::vec("[ab]{0,3}[a-d ]{0,12}", 0..30), turn in 0_usize..30) {
        let mut turned = texts.clone();
        turned.rotate_left(if texts.is_empty() { 0 } else { turn % texts.len() });
        let (one, other) = (clusters(texts.iter()), clusters(turned.iter()));
        let together = |clusters: &[u32], all: &[String], a: &String, b: &String| {
            let at = |text| all.iter().position(|other| other == text).unwrap();
            clusters[at(a)] == clusters[at(b)]
        };
        for a in &texts {
            for b in &texts {
                prop_assert_eq!(together(&one, &texts, a, b), together(&other, &turned, a, b));
            }
        }
    }

    #[test]
    fn anything_may_be_compared(texts in proptest::collection::vec("\\PC{0,20}", 0..6)) {
        prop_assert_eq!(clusters(texts.iter()).len(), texts.len());
    }

    #[test]
    fn folding_twice_changes_nothing(text in "\\PC{0,30}") {
        let once = normal(&text);
        prop_assert_eq!(normal(&once), once);
    }
}
