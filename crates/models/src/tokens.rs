//! Counting tokens before sending: an estimate that is not too low for anything people write.
//!
//! Exact counts need a vocabulary of the very model, tens of megabytes each, and there are as many as
//! models. What a budget needs is a bound that holds for all of them. The estimate counts per kind of
//! letter; a test holds it against a real vocabulary (o200k) on English, Russian, code, emoji and noise.

/// Tokens of a text, at least as many as a common vocabulary makes of it.
pub fn count(text: &str) -> usize {
    let mut thirds = 0_usize;
    let mut run = 0_usize;
    for c in text.chars() {
        if c.is_ascii_lowercase() {
            run += 1;
            // A word is one token up to some length, then one more for every three letters.
            thirds += if run == 1 {
                3
            } else if run > 5 {
                1
            } else {
                0
            };
            continue;
        }
        run = 0;
        thirds += match c {
            ' ' => 1,
            'A'..='Z' => 3,
            '0'..='9' => 2,
            _ if c.is_ascii() => 3,
            'а'..='я' | 'А'..='Я' | 'ё' | 'Ё' => 2,
            _ if c.is_alphabetic() && u32::from(c) < 0x2e80 => 5,
            _ => 12,
        };
    }
    thirds.div_ceil(3)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn exact(text: &str) -> usize {
        tiktoken_rs::o200k_base_singleton().encode_ordinary(text).len()
    }

    #[test]
    fn the_estimate_is_never_below_a_real_count_and_not_far_above() {
        let texts = [
            "The quick brown fox jumps over the lazy dog. How do I connect the bot to Telegram, and what does it cost?",
            "Съешь же ещё этих мягких французских булок, да выпей чаю. Как подключить бота и сколько это стоит?",
            "fn main() { let x: Vec<u32> = (0..10).map(|n| n * 2).collect(); println!(\"{x:?}\"); }",
            "{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"max_tokens\":100}",
            "👨‍👩‍👧 🙂🙂🙂 ❤️‍🔥 日本語の文章です 한국어 문장 العربية עברית",
            "2026-11-21T04:31:00.000Z 3.14159265358979 +7 (999) 123-45-67",
        ];
        for text in texts {
            let (counted, exact) = (count(text), exact(text));
            assert!(counted >= exact, "{counted} < {exact}: {text}");
            assert!(counted <= exact * 6, "{counted} far above {exact}: {text}");
        }
    }

    #[test]
    fn a_long_run_of_one_letter_is_counted_in_one_pass() {
        assert!(count(&"a".repeat(1_000_000)) > 100_000);
    }

    const WORDS: &[&str] = &[
        "the",
        "bot",
        "answers",
        "question",
        "language",
        "Telegram",
        "lesson",
        "remember",
        "correction",
        "и",
        "бот",
        "отвечает",
        "вопрос",
        "урок",
        "исправление",
        "помнит",
        "Россия",
        "42",
        "2026",
        "x",
        "printf",
        "std::vec",
        "🙂",
        "—",
        "«да»",
        "naïve",
        "日本",
        "(ok)",
        "http://a.b/c",
    ];

    proptest! {
        #[test]
        fn of_real_words_it_is_never_below(words in proptest::collection::vec(proptest::sample::select(WORDS), 1..60)) {
            let text = words.join(" ");
            prop_assert!(count(&text) >= exact(&text), "{} < {}", count(&text), exact(&text));
        }
        // Noise may cost more than words: what is missed is made up for by the one smaller retry.
        #[test]
        fn of_noise_it_is_never_far_below(text in "\\PC{0,60}") {
            prop_assert!(count(&text) * 2 + 4 >= exact(&text), "{} < {}: {:?}", count(&text), exact(&text), text);
        }
    }
}
