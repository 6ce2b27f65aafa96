//! By what a datum is known again: a hash of its texts, blind to case, to spaces and to how a character is composed.

use domain::chat::Role;
use domain::example::Datum;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

/// A hash of a datum's texts after compatibility composition (NFKC), in lower case, with each run of
/// whitespace as one space. Two data with the same key teach the same.
pub fn exact_key(datum: &Datum) -> [u8; 16] {
    let mut bytes = Vec::with_capacity(datum.texts().map(str::len).sum::<usize>() + 16);
    let mut text = |mark: u8, text: &str| {
        // No byte of UTF-8 is above 0xf4: texts cannot run into each other.
        bytes.push(mark);
        fold(text, &mut bytes);
    };
    text(0xf8, &datum.system);
    for turn in &datum.before {
        text(role(turn.role), &turn.content);
    }
    text(0xf9, &datum.question);
    datum.chosen.iter().for_each(|chosen| text(0xfa, chosen));
    datum.rejected.iter().for_each(|rejected| text(0xfb, rejected));
    let mut key = [0; 16];
    blake3::Hasher::new().update(&bytes).finalize_xof().fill(&mut key);
    key
}

const fn role(role: Role) -> u8 {
    match role {
        Role::System => 0xfc,
        Role::User => 0xfd,
        Role::Assistant => 0xfe,
    }
}

fn fold(text: &str, into: &mut Vec<u8>) {
    if is_composed(text) {
        fold_composed(text, into);
    } else {
        fold_composed(&text.nfkc().collect::<String>(), into);
    }
}

/// Whether NFKC would change nothing. Most texts here need no table for that: Latin, Russian, and the signs
/// that are usual in them.
fn is_composed(text: &str) -> bool {
    let is_usual =
        |c: char| matches!(c, '\0'..='\x7f' | 'Ѐ'..='ӿ' | '«' | '»' | '–' | '—' | '‘' | '’' | '“' | '”' | '„');
    text.chars().all(|c| is_usual(c) && !is_combining(c)) || is_nfkc_quick(text.chars()) == IsNormalized::Yes
}

/// Cyrillic signs that go above a letter.
const fn is_combining(c: char) -> bool {
    matches!(c, '\u{483}'..='\u{489}')
}

/// Adds a text in lower case with its whitespace as single spaces.
fn fold_composed(text: &str, into: &mut Vec<u8>) {
    let (begin, mut is_apart) = (into.len(), false);
    for c in text.chars() {
        if c.is_whitespace() {
            is_apart = into.len() > begin;
            continue;
        }
        if std::mem::take(&mut is_apart) {
            into.push(b' ');
        }
        match c {
            '\0'..='\x7f' => into.push(c.to_ascii_lowercase() as u8),
            // Both letters are in this block; the table of all scripts takes longer.
            'а'..='я' => push(c, into),
            'А'..='Я' => push(char::from_u32(c as u32 + 0x20).unwrap_or(c), into),
            _ => c.to_lowercase().for_each(|c| push(c, into)),
        }
    }
}

fn push(c: char, into: &mut Vec<u8>) {
    into.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::chat::Turn;
    use proptest::prelude::*;

    #[test]
    fn case_spaces_and_composition_do_not_matter() {
        let key = |question: &str| exact_key(&Datum::of(question, "b"));
        assert_eq!(key("Кто  там?"), key(" кто\nтам? "));
        assert_eq!(key("cafe\u{301}"), key("CAFÉ"));
        assert_eq!(key("ﬁne"), key("fine"));
        assert_ne!(key("кто"), key("что"));
    }

    proptest! {
        #[test]
        fn the_quick_ways_give_what_the_tables_give(text in "[а-яА-ЯЁёa-zA-Z «»—\\n\u{306}\u{483}ﬁ]{0,20}|\\PC{0,20}") {
            let composed: String = text.nfkc().collect();
            prop_assert!(!is_composed(&text) || composed == text);
            let lower: String = composed.chars().flat_map(char::to_lowercase).collect();
            let mut folded = Vec::new();
            fold(&text, &mut folded);
            let words: Vec<&str> = lower.split_whitespace().collect();
            prop_assert_eq!(String::from_utf8(folded).unwrap(), words.join(" "));
        }
    }

    #[test]
    fn what_is_said_by_whom_matters() {
        let turn = |role| Datum { before: vec![Turn::new(role, "x")], ..Datum::of("a", "b") };
        let rejected = Datum { chosen: None, rejected: Some("b".to_owned()), ..Datum::of("a", "b") };
        let system = Datum { system: "x".to_owned(), ..Datum::of("a", "b") };
        let all = [turn(Role::System), turn(Role::User), turn(Role::Assistant), rejected, system, Datum::of("a b", "")];
        for (at, one) in all.iter().enumerate() {
            for other in all.iter().skip(at + 1) {
                assert_ne!(exact_key(one), exact_key(other), "{one:?} {other:?}");
            }
        }
    }
}
