//! What counts as a correction, and how a question and its answer are told apart.

/// Beginnings that say "that was wrong, the right answer follows", lower case. Longer ones first.
const BEGINNINGS: &[&str] = &[
    "no, the right answer is",
    "no, the correct answer is",
    "the right answer is",
    "the correct answer is",
    "correct answer:",
    "right answer:",
    "no, it should be",
    "it should be",
    "should be:",
    "no, it's",
    "no, it’s",
    "no, it is",
    "no it is",
    "no, that's",
    "no, that is",
    "no, they are",
    "no, there is",
    "no, he is",
    "no, she is",
    "wrong, it is",
    "wrong, it's",
    "wrong:",
    "wrong.",
    "incorrect:",
    "correction:",
    "actually, it is",
    "actually, it's",
    "нет, правильный ответ",
    "нет, правильно —",
    "нет, правильно -",
    "нет, правильно:",
    "нет, правильно",
    "правильный ответ:",
    "правильный ответ —",
    "правильный ответ -",
    "правильный ответ",
    "правильно:",
    "правильно —",
    "правильно так:",
    "нет, это",
    "нет это",
    "нет, надо",
    "нет, нужно",
    "нет, на самом деле",
    "на самом деле",
    "неверно:",
    "неверно,",
    "неверно.",
    "неправильно:",
    "неправильно,",
    "неправильно.",
    "исправление:",
    "ошибка:",
    "должно быть:",
    "должно быть",
];

/// Reads a text as a correction; the right answer in its words. None for anything that corrects nothing:
/// questions, thanks, a plain "no".
pub fn correction(text: &str) -> Option<String> {
    let text = text.trim();
    let lower = text.to_lowercase();
    if text.ends_with('?') || lower.chars().count() != text.chars().count() {
        return None;
    }
    if let Some(right) = not_but(text, &lower) {
        return Some(right);
    }
    let beginning = BEGINNINGS.iter().find(|beginning| begins(&lower, beginning))?;
    let rest: String = text.chars().skip(beginning.chars().count()).collect();
    let right = rest.trim_start_matches([':', ',', '-', '—', '–', ' ', '\n', '\t', '.']).trim();
    (right.chars().any(char::is_alphanumeric)).then(|| capitalised(right))
}

/// Reads a text that replies to an answer as a correction of it: there, a plain "no" with what is right after it is one,
/// too. None when it speaks of the person ("no, I meant …") or wants nothing.
pub fn in_reply(text: &str) -> Option<String> {
    const NO: [&str; 6] = ["no, ", "no. ", "no — ", "нет, ", "нет. ", "нет — "];
    const NOT: [&str; 12] = ["i ", "i'", "i’", "we ", "thank", "please", "need", "я ", "мы ", "мне ", "спасибо", "не "];
    if let Some(right) = correction(text) {
        return Some(right);
    }
    let text = text.trim();
    let lower = text.to_lowercase();
    let no = NO.iter().find(|no| lower.starts_with(*no)).filter(|_| !text.ends_with('?'))?;
    let rest: String = text.chars().skip(no.chars().count()).collect();
    let says = rest.trim();
    let about_oneself = NOT.iter().any(|word| says.to_lowercase().starts_with(word));
    (!about_oneself && says.split_whitespace().count() >= 3).then(|| capitalised(says))
}

/// Whether a text begins with words, and the words end there.
fn begins(lower: &str, words: &str) -> bool {
    lower
        .strip_prefix(words)
        .is_some_and(|rest| !rest.starts_with(char::is_alphanumeric) || !words.ends_with(char::is_alphanumeric))
}

/// "not X but Y" and «не X, а Y».
fn not_but(text: &str, lower: &str) -> Option<String> {
    let begins_so = ["not ", "no, not ", "it is not ", "it's not ", "не ", "нет, не ", "это не "]
        .iter()
        .any(|b| lower.starts_with(b));
    let between = [" but ", ", а ", " а "].iter().find_map(|b| lower.find(b).map(|at| at + b.len()))?;
    let at = lower.get(..between)?.chars().count();
    let right: String = text.chars().skip(at).collect();
    (begins_so && right.chars().any(char::is_alphanumeric) && text.chars().count() < 400)
        .then(|| capitalised(right.trim()))
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// Reads `question => answer`, `question -> answer`, or two lines that begin with Q/A or В/О.
pub fn teach(text: &str) -> Option<(String, String)> {
    let pair = ["=>", "->", "→", "⇒"].iter().find_map(|arrow| text.split_once(arrow)).or_else(|| labelled(text))?;
    let (question, answer) = (pair.0.trim(), pair.1.trim());
    (has_words(question) && has_words(answer)).then(|| (question.to_owned(), answer.to_owned()))
}

fn labelled(text: &str) -> Option<(&str, &str)> {
    let labels =
        [("Q:", "A:"), ("q:", "a:"), ("В:", "О:"), ("в:", "о:"), ("Вопрос:", "Ответ:"), ("Question:", "Answer:")];
    labels.iter().find_map(|(q, a)| {
        let rest = text.trim_start().strip_prefix(q)?;
        let at = rest.find(&format!("\n{a}"))?;
        Some((rest.get(..at)?, rest.get(at + 1 + a.len()..)?))
    })
}

fn has_words(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn corrections_are_told_from_other_words() {
        for (said, right) in [
            ("No, it is open from 10 to 16.", Some("Open from 10 to 16.")),
            ("no, it's Madrid", Some("Madrid")),
            ("Нет, правильно — plum-42", Some("Plum-42")),
            ("Нет, это Мадрид.", Some("Мадрид.")),
            ("неверно: столица — Мадрид", Some("Столица — Мадрид")),
            ("Правильный ответ: 42", Some("42")),
            ("not Paris but Madrid", Some("Madrid")),
            ("не Париж, а Мадрид", Some("Мадрид")),
            ("Wrong. Ask Dana.", Some("Ask Dana.")),
            ("no, thanks", None),
            ("нет, спасибо", None),
            ("No", None),
            ("No, it is?", None),
            ("no, it is", None),
            ("нетто это вес", None),
            ("правильность ответа важна", None),
            ("Is it not good but bad?", None),
            ("I like tea but not coffee", None),
        ] {
            assert_eq!(correction(said).as_deref(), right, "{said}");
        }
    }

    #[test]
    fn in_reply_to_an_answer_a_no_with_what_is_right_is_a_correction() {
        for (said, right) in [
            ("No, it opens at nine.", Some("It opens at nine.")),
            ("Нет, она закрыта по средам", Some("Она закрыта по средам")),
            ("no, it is Madrid", Some("Madrid")),
            ("No, I meant the other house", None),
            ("Нет, я про другое", None),
            ("No, thank you very much", None),
            ("No, does it open at nine?", None),
            ("No, never mind", None),
            ("Now it opens at nine", None),
        ] {
            assert_eq!(in_reply(said).as_deref(), right, "{said}");
        }
    }

    #[test]
    fn a_question_and_its_answer_are_told_apart() {
        for (said, pair) in [
            ("Who? => Dana", Some(("Who?", "Dana"))),
            ("a -> b", Some(("a", "b"))),
            ("Q: who\nA: Dana\nand Eve", Some(("who", "Dana\nand Eve"))),
            ("В: кто\nО: Дана", Some(("кто", "Дана"))),
            ("=> b", None),
            ("a =>", None),
            ("nothing", None),
        ] {
            assert_eq!(teach(said), pair.map(|(q, a)| (q.to_owned(), a.to_owned())), "{said}");
        }
    }

    proptest! {
        #[test]
        fn anything_may_be_said(text in "\\PC{0,80}") {
            let _ = (correction(&text), teach(&text), correction(&format!("No, it is {text}")));
        }
    }
}
