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
    match text.is_ascii() || is_nfkc_quick(text.chars()) == IsNormalized::Yes {
        true => fold_composed(text, into),
        false => fold_composed(&text.nfkc().collect::<String>(), into),
    }
}

fn fold_composed(text: &str, into: &mut Vec<u8>) {
    let mut words = text.split_whitespace();
    for (at, word) in words.by_ref().enumerate() {
        if at > 0 {
            into.push(b' ');
        }
        if word.is_ascii() {
            into.extend(word.bytes().map(|byte| byte.to_ascii_lowercase()));
        } else {
            into.extend(word.to_lowercase().bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::chat::Turn;

    #[test]
    fn case_spaces_and_composition_do_not_matter() {
        let key = |question: &str| exact_key(&Datum::of(question, "b"));
        assert_eq!(key("Кто  там?"), key(" кто\nтам? "));
        assert_eq!(key("cafe\u{301}"), key("CAFÉ"));
        assert_eq!(key("ﬁne"), key("fine"));
        assert_ne!(key("кто"), key("что"));
    }

    #[test]
    fn what_is_said_by_whom_matters() {
        let turn = |role| Datum { before: vec![Turn { role, content: "x".to_owned() }], ..Datum::of("a", "b") };
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
