//! Postal addresses and names, in English and Russian.

use super::rules::Seen;

/// House number, capitalised name, kind of street; flat and town where they follow.
pub(super) const EN: &str = concat!(
    r"(?:(?:Flat|Apartment|Apt\.?|Unit) [0-9A-Z]{1,5}, )?[0-9]{1,5}[A-Za-z]?,? (?:[NSEW]\.? )?(?:[A-Z][A-Za-z'’.-]+ |[0-9]{1,3}(?:st|nd|rd|th) ){1,4}",
    r"(?:[Ss]treet|St\.?|[Aa]venue|Ave\.?|[Rr]oad|Rd\.?|[Bb]oulevard|Blvd\.?|[Ll]ane|Ln\.?|Drive|Dr\.?",
    r"|Court|Ct\.?|Square|Sq\.?|Place|Pl\.?|Terrace|Way|Highway|Hwy|Parkway|Pkwy)",
    r"(?:,? (?:[Aa]pt\.?|[Aa]partment|[Ss]uite|[Uu]nit|[Ff]lat|#) ?#?[0-9A-Z]{1,6})?",
    r"(?:, [A-Z][A-Za-z .]{1,30})?(?:,? [A-Z]{2} [0-9]{5}(?:-[0-9]{4})?|,? [A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2})?",
);

/// The same in small letters, after words that announce an address.
pub(super) const EN_SAID: &str = concat!(
    r"(?i)(?:i live at|lives at|my address is|address:|deliver to|ship to)\s+(?<v>[0-9]{1,5}[a-z]?,? (?:[a-z'’.-]+ ){1,4}",
    r"(?:street|st|avenue|ave|road|rd|boulevard|blvd|lane|drive|court|square|place|terrace|way)(?:,? (?:apt|flat|unit)\.? ?[0-9a-z]{1,5})?)",
);

/// Kind of street, its name, a house; index and town before it, building and flat after it.
pub(super) const RU: &str = concat!(
    r"(?:[0-9]{6}, ?)?(?:(?:г\.|город) ?[А-ЯЁ][а-яё]+(?:-[А-Яа-яё]+)*,? )?",
    r"(?:[Уу]л\.|[Уу]лиц[аеуы]|[Пп]росп?\.|[Пп]р-т|[Пп]р-кт|[Пп]роспект[ауе]?|[Пп]ер\.|[Пп]ереул[а-я]+|[Нн]аб\.|[Нн]абережн[а-я]+",
    r"|[Шш]осс?е|[Шш]\.|[Бб]-р|[Бб]ульвар[ауе]?|[Пп]л\.|[Пп]роезд[ауе]?|[Тт]упик[ауе]?) ?",
    r"(?:[0-9]{1,3}(?:-[а-я]{1,2}|) (?:лет )?)?[А-ЯЁ][А-Яа-яё-]*\.?(?: ?[А-ЯЁ][А-Яа-яё.-]*){0,3}",
    r"(?:(?:,? ?(?:д\.|дом) ?|, ?| )[0-9]{1,4}(?:[/-][0-9]{1,4})?[а-яА-Я]?)",
    r"(?:,? ?(?:корп?\.?|корпус|к\.|стр\.|строение|литера?) ?[0-9А-Я]{1,4})?",
    r"(?:,? ?(?:кв\.|квартира|кв|оф\.|офис) ?[0-9]{1,5})?",
);

/// The name first: "Невский проспект, 28".
pub(super) const RU_BACK: &str = concat!(
    r"(?:(?:г\.|город) ?[А-ЯЁ][а-яё-]+,? )?[А-ЯЁ][а-яё-]+(?:ий|ый|ой|ая|ое|ом|ой|ской|ском) ",
    r"(?:ул\.|улица|улице|просп?\.|проспект[ае]?|пр-т|пер\.|переулок|переулке|наб\.|набережная|набережной|шоссе|бульвар[ае]?|проезд[ае]?)",
    r"(?:(?:,? ?(?:д\.|дом) ?|, ?| )[0-9]{1,4}(?:[/-][0-9]{1,4})?[а-яА-Я]?)",
    r"(?:,? ?(?:корп?\.?|корпус|к\.|стр\.|строение) ?[0-9А-Я]{1,4})?(?:,? ?(?:кв\.|квартира|кв) ?[0-9]{1,5})?",
);

/// House and flat without a street.
pub(super) const RU_FLAT: &str = concat!(
    r"(?i)(?:д\.|дом) ?[0-9]{1,4}(?:[/-][0-9]{1,4})?[а-я]?,? ?(?:(?:корп?\.?|корпус|к\.|стр\.) ?[0-9]{1,4},? ?)?",
    r"(?:кв\.|квартира|кв) ?[0-9]{1,5}",
);

/// A name after the words with which people give theirs.
pub(super) const PERSON: &str = concat!(
    r"(?i:my (?:full |first |last )?name is|my name[’']s|меня зовут|мо[её] имя(?: —| -|:)?|моя фамилия(?: —| -|:)?|зовите меня",
    r"|(?:full|first|last) name:|фио:?|имя и фамилия:?|фамилия:)[ \t]{1,3}",
    r"(?<v>\p{Lu}[\p{L}'’-]+(?: \p{Lu}[\p{L}'’-]*\.?){0,3}|\p{L}[\p{L}-]+)",
);

/// Words before a number that make it a year or an amount.
const YEAR_WORDS: &[&str] =
    &["in", "since", "by", "of", "until", "from", "during", "year", "early", "late", "after", "before"];
/// Units that look like the name of a street.
const UNITS: &[&str] = &["GB", "TB", "MB", "KB", "AM", "PM", "Mbps", "Gbps", "GHz", "MHz", "Inch", "Percent"];
/// What may follow "my name is" in small letters and is no name.
const NO_NAMES: &[&str] = &[
    "not",
    "too",
    "the",
    "here",
    "there",
    "wrong",
    "unknown",
    "important",
    "private",
    "misspelled",
    "missing",
    "long",
    "short",
    "не",
    "как",
    "так",
    "иначе",
    "по-другому",
    "домой",
    "гулять",
    "важно",
    "мне",
    "туда",
    "обратно",
    "все",
];

/// An English address whose number is no year and no size.
pub(super) fn en(seen: &Seen<'_>) -> Option<usize> {
    let mut words = seen.value().split_whitespace();
    let number = words.next().unwrap_or_default();
    let year = number.len() == 4 && (number.starts_with("19") || number.starts_with("20"));
    let said_year = year && seen.words_before(1).iter().any(|word| YEAR_WORDS.contains(&word.as_str()));
    let size = words.next().is_some_and(|word| UNITS.contains(&word));
    let attached = seen.before().ends_with(['.', ',', '-', '/', '$', ':', '#']);
    (seen.ends() && !said_year && !size && !attached).then(|| seen.value().trim_end().len())
}

/// A Russian address. A bare number before a small-letter word counts something, unless somebody lives there.
pub(super) fn ru(seen: &Seen<'_>) -> Option<usize> {
    let value = seen.value();
    let counted = seen.after().strip_prefix(' ').is_some_and(|rest| rest.starts_with(char::is_lowercase));
    let marked = ["д.", "дом ", "кв", ","].iter().any(|mark| value.contains(mark));
    let lived = seen.words_before(4).iter().any(|word| {
        ["жив", "прожив", "адрес", "прописан", "достав"].iter().any(|beginning| word.starts_with(beginning))
    });
    (seen.ends() && (marked || lived || !counted)).then_some(value.len())
}

/// A capitalised name; in small letters one word that ends the sentence.
pub(super) fn person(seen: &Seen<'_>) -> Option<usize> {
    let value = seen.value();
    let capital = value.starts_with(char::is_uppercase);
    let last = seen.after().is_empty() || seen.after().starts_with(['.', ',', '!', '\n', ';', ')']);
    let name = !NO_NAMES.contains(&value.to_lowercase().as_str());
    (seen.ends() && name && (capital || last)).then(|| value.trim_end_matches(['-', '\'', '’']).len())
}
