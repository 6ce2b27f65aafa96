//! Every word the bot itself says, from the Fluent files in `locales/`, built in.
//!
//! A key that is missing in a language falls back to English; a key that is missing altogether
//! is shown as it is (a test makes sure that none is).

use crate::person::Lang;
use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{LanguageIdentifier, Loader, static_loader};
use std::borrow::Cow;
use std::collections::HashMap;
use unic_langid::langid;

static_loader! {
    static TEXTS = {
        locales: "../../locales",
        fallback_language: "en",
        // Without this Fluent puts U+2068 and U+2069 around every argument.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

const EN: LanguageIdentifier = langid!("en");
const RU: LanguageIdentifier = langid!("ru");

/// The text of `key` in `lang`.
pub fn say(lang: Lang, key: &str) -> String {
    look_up(lang, key, None)
}

/// The text of `key` in `lang` with its `$arguments`. A value that is a whole number counts as one,
/// so that plural forms follow it.
pub fn say_with(lang: Lang, key: &str, args: &[(&str, String)]) -> String {
    let args: HashMap<Cow<'static, str>, FluentValue<'_>> =
        args.iter().map(|(name, value)| (Cow::Owned((*name).to_owned()), fluent_value(value))).collect();
    look_up(lang, key, Some(&args))
}

fn fluent_value(value: &str) -> FluentValue<'_> {
    match value.parse::<i32>() {
        // Only numbers that print back as they were: "007" and "+1" stay text.
        Ok(number) if number.to_string() == value => FluentValue::from(number),
        _ => FluentValue::from(value),
    }
}

fn look_up(lang: Lang, key: &str, args: Option<&HashMap<Cow<'static, str>, FluentValue<'_>>>) -> String {
    let id = match lang {
        Lang::En => &EN,
        Lang::Ru => &RU,
    };
    let found = match args {
        Some(args) => TEXTS.try_lookup_with_args(id, key, args),
        None => TEXTS.try_lookup(id, key),
    };
    found.unwrap_or_else(|| key.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn russian_counts_its_nouns_and_nothing_invisible_is_added() {
        let count = |n: &str| say_with(Lang::Ru, "count-messages", &[("count", n.to_owned())]);
        assert_eq!(count("1"), "1 сообщение");
        assert_eq!(count("3"), "3 сообщения");
        assert_eq!(count("11"), "11 сообщений");
    }

    #[test]
    fn the_apology_keeps_its_words() {
        assert!(say(Lang::Ru, "apology").starts_with("Не получилось обработать запрос, попробуйте позже"));
    }
}
