//! What is asked of whoever draws: the words, and how the picture should be. Pure reading of what people type.

/// A picture that is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// What it shows, in the person's words.
    pub prompt: String,
    /// Width and height in pixels as the server names them (`1024x1536`), or `auto`.
    pub size: Option<String>,
    /// `low`, `medium`, `high`, or what else the server knows.
    pub quality: Option<String>,
    /// How many, from 1.
    pub count: Option<u32>,
    /// Whether nothing is behind it.
    pub transparent: bool,
}

/// An option that nobody knows, or that has no value it could have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown(pub String);

/// Reads `[--size 1024x1536|square|portrait|landscape] [--quality high] [--n 2] [--transparent] words`. Options may stand
/// before, between and after the words.
///
/// # Errors
///
/// [`Unknown`] names the option that is not understood.
pub fn wish(argument: &str) -> Result<Wish, Unknown> {
    let mut wish = Wish::default();
    let mut words = Vec::new();
    let mut rest = argument.split_whitespace();
    while let Some(word) = rest.next() {
        let Some(option) = option(word) else {
            words.push(word);
            continue;
        };
        let (name, given) = option.split_once('=').map_or((option, None), |(name, value)| (name, Some(value)));
        let mut value = || given.or_else(|| rest.next()).map(str::to_lowercase);
        let known = match name.to_lowercase().as_str() {
            "size" | "размер" => value().and_then(|value| size(&value)).map(|size| wish.size = Some(size)),
            "quality" | "качество" => value().map(|value| wish.quality = Some(quality(&value))),
            "n" | "count" | "число" => {
                let count = value().and_then(|value| value.parse().ok()).filter(|count| (1..=100).contains(count));
                count.map(|count| wish.count = Some(count))
            }
            "transparent" | "прозрачно" | "прозрачный" => {
                wish.transparent = true;
                Some(())
            }
            _ => None,
        };
        known.ok_or_else(|| Unknown(word.to_owned()))?;
    }
    wish.prompt = words.join(" ");
    Ok(wish)
}

/// Every name of an option, in lower case.
const NAMES: [&str; 10] =
    ["size", "размер", "quality", "качество", "n", "count", "число", "transparent", "прозрачно", "прозрачный"];

/// What a word says as an option; none for a word of the picture, which may begin with a dash or be one. Keyboards of
/// phones make one long dash of two short ones; but people write it between words too, so only a known name follows it.
fn option(word: &str) -> Option<&str> {
    let named = |option: &&str| option.starts_with(char::is_alphabetic);
    let known = |option: &&str| NAMES.contains(&option.split('=').next().unwrap_or_default().to_lowercase().as_str());
    word.strip_prefix("--").filter(named).or_else(|| word.strip_prefix('—').filter(known))
}

/// Sizes by name, or in pixels (`x`, `х` and `×` alike).
fn size(value: &str) -> Option<String> {
    Some(match value {
        "auto" | "авто" => "auto".to_owned(),
        "square" | "квадрат" => "1024x1024".to_owned(),
        "portrait" | "портрет" => "1024x1536".to_owned(),
        "landscape" | "пейзаж" => "1536x1024".to_owned(),
        pixels => {
            let (width, height) = pixels.split_once(['x', 'х', '×', '*'])?;
            let side = |text: &str| text.parse::<u32>().ok().filter(|side| (16..=16_384).contains(side));
            format!("{}x{}", side(width)?, side(height)?)
        }
    })
}

fn quality(value: &str) -> String {
    match value {
        "низкое" => "low",
        "среднее" => "medium",
        "высокое" => "high",
        other => other,
    }
    .to_owned()
}

/// Words that begin a message which asks for a picture, in lower case.
const BEGINNINGS: [&str; 18] = [
    "draw ",
    "draw me ",
    "paint ",
    "sketch ",
    "generate an image of ",
    "generate a picture of ",
    "make a picture of ",
    "create an image of ",
    "create a picture of ",
    "нарисуй ",
    "нарисуйте ",
    "нарисуй мне ",
    "изобрази ",
    "сгенерируй картинку ",
    "сгенерируй изображение ",
    "сделай картинку ",
    "создай картинку ",
    "создай изображение ",
];

/// What a message asks to be drawn, in the person's words; none when it asks for no picture.
pub fn asked_to_draw(text: &str) -> Option<&str> {
    let text = text.trim();
    let lower = text.to_lowercase();
    let begins = |beginning: &&&str| lower.starts_with(**beginning);
    let longest = BEGINNINGS.iter().filter(begins).max_by_key(|beginning| beginning.chars().count())?;
    // Lower case may have other lengths, so characters are counted and not bytes.
    let (at, _) = text.char_indices().nth(longest.chars().count())?;
    text.get(at..).map(str::trim).filter(|rest| !rest.is_empty())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn options_stand_anywhere_and_words_keep_their_order() {
        let read = wish("a red --size portrait fox --n=2 in snow --transparent --quality high").unwrap();
        assert_eq!(read.prompt, "a red fox in snow");
        assert_eq!(read.size.as_deref(), Some("1024x1536"));
        assert_eq!((read.count, read.transparent, read.quality.as_deref()), (Some(2), true, Some("high")));
        let russian = wish("—размер 512х512 лиса --число 3 --качество высокое").unwrap();
        assert_eq!((russian.prompt.as_str(), russian.size.as_deref()), ("лиса", Some("512x512")));
        assert_eq!((russian.count, russian.quality.as_deref()), (Some(3), Some("high")));
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for (typed, named) in
            [("--style x fox", "--style"), ("fox --size big", "--size"), ("fox --n 0", "--n"), ("fox --n", "--n")]
        {
            assert_eq!(wish(typed), Err(Unknown(named.to_owned())), "{typed}");
        }
        assert_eq!(wish("").unwrap(), Wish::default());
        assert_eq!(wish("a - b").unwrap().prompt, "a - b");
    }

    #[test]
    fn dashes_are_punctuation_where_no_name_follows_them() {
        for prompt in
            ["кот — пират", "кот —", "fox -- hound", "a —so to speak— fox", "--5 degrees", "— —", "---", "––n"]
        {
            assert_eq!(wish(prompt).map(|wish| wish.prompt), Ok(prompt.to_owned()), "{prompt}");
        }
        let both = wish("кот — пират —число=2").unwrap();
        assert_eq!((both.prompt.as_str(), both.count), ("кот — пират", Some(2)));
    }

    #[test]
    fn every_name_is_understood_after_either_dash() {
        for name in NAMES {
            let value = if ["size", "размер"].contains(&name) { "512x512" } else { "2" };
            let read = |dash: &str| wish(&format!("{dash}{name}={value}")).unwrap();
            assert_ne!(read("--"), Wish::default(), "{name}");
            assert_eq!((read("—"), read("—").prompt.as_str()), (read("--"), ""), "{name}");
        }
    }

    #[test]
    fn a_message_that_asks_for_a_picture_is_told_from_one_about_drawing() {
        assert_eq!(asked_to_draw("Draw me a cat in a hat"), Some("a cat in a hat"));
        assert_eq!(asked_to_draw("Нарисуй, пожалуйста"), None);
        assert_eq!(asked_to_draw("нарисуй кота"), Some("кота"));
        assert_eq!(asked_to_draw("How do I draw a cat?"), None);
        assert_eq!(asked_to_draw("draw "), None);
        assert_eq!(asked_to_draw("İdraw x"), None);
    }
}
