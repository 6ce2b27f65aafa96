//! Numbers that name a person, an account or a machine: cards, documents, telephones, IP addresses.
//!
//! Digits alone are ambiguous, so each needs a checksum, a form of its own or a word before it. Dates, prices,
//! versions and the numbers of orders and parts are left alone.

use super::check;
use super::rules::Seen;
use std::net::{Ipv4Addr, Ipv6Addr};

pub(super) const IBAN: &str =
    r"[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?|[a-z]{2}[0-9]{2}[a-z0-9]{11,30}";
pub(super) const CARD: &str = r"[0-9]{13,19}|[0-9]{4}[ -][0-9]{4}[ -][0-9]{4}[ -][0-9]{1,4}(?:[ -][0-9]{1,3})?|[0-9]{4}[ -][0-9]{6}[ -][0-9]{4,5}";
pub(super) const SNILS_SAID: &str =
    r"(?i)(?:снилс|snils)[^0-9\n]{0,20}(?<v>[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{2})";
pub(super) const SNILS: &str = r"[0-9]{3}-[0-9]{3}-[0-9]{3}[ -][0-9]{2}";
pub(super) const INN: &str = r"(?i)(?:инн|inn|taxpayer number)[^0-9\n]{0,20}(?<v>[0-9]{12}|[0-9]{10})";
pub(super) const PASSPORT_RU: &str = r"(?i)паспорт[а-я]{0,4}[^0-9\n]{0,40}(?<v>[0-9]{2} ?[0-9]{2}[ ,]{0,2}(?:№|n|номер)? ?[0-9]{6}|[0-9]{2} ?№? ?[0-9]{7})";
pub(super) const SERIES_RU: &str =
    r"(?i)сери[яи]:?\s{0,3}(?<v>[0-9]{2} ?[0-9]{2}[\s,]{0,3}(?:№|n|номер)?:?\s{0,2}[0-9]{6})";
pub(super) const PASSPORT: &str =
    r"(?i)passport(?: (?:number|no\.?|num|id|#|№))?(?: (?:is|was))?[ :=#№]{1,4}(?<v>[A-Z]{0,2}[0-9]{6,9})";
pub(super) const SSN_SAID: &str =
    r"(?i)(?:ssn|social security(?: number| no\.?)?)(?: is)?[ :=#]{1,4}(?<v>[0-9]{3}[ -]?[0-9]{2}[ -]?[0-9]{4})";
pub(super) const SSN: &str = r"[0-9]{3}-[0-9]{2}-[0-9]{4}";
pub(super) const PHONE_WORLD: &str = r"\+[0-9]{1,3}(?:[ \u{a0}.-]{0,2}\(?[0-9]{1,4}\)?){2,7}";
pub(super) const PHONE_RU: &str =
    r"8[ \u{a0}-]?\(?[3489][0-9]{2,3}\)?[ \u{a0}-]?[0-9]{2,3}[ \u{a0}-]?[0-9]{2}[ \u{a0}-]?[0-9]{2}";
pub(super) const PHONE_US: &str =
    r"\([2-9][0-9]{2}\) ?[2-9][0-9]{2}[ .-][0-9]{4}|[2-9][0-9]{2}[.-][2-9][0-9]{2}[.-][0-9]{4}";
pub(super) const PHONE_SAID: &str = concat!(
    r"(?i)(?:phone|telephone|tel|mobile|cell|whatsapp|viber|call me|text me|тел|телефон[а-я]{0,2}|моб|мобильный",
    r"|сотовый|позвон[а-я]{1,4}|звони(?:те)?|ватсап|вайбер)",
    r"(?: (?:number|no\.?|номер|мне|us|on|at|по номеру|по телефону|по)){0,3}",
    r"(?: (?:is|это|—|–|-))?[ :.#№=]{1,4}(?<v>\(?[0-9][0-9 ().-]{5,18}[0-9])",
);
pub(super) const IP4: &str = r"[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}";
pub(super) const IP6: &str = r"(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}";

/// Words before a number that say it is the number of a thing; compared by their beginning.
const THINGS: &[&str] = &[
    "order",
    "part",
    "item",
    "sku",
    "model",
    "article",
    "serial",
    "invoice",
    "ticket",
    "track",
    "isbn",
    "build",
    "version",
    "ver",
    "batch",
    "case",
    "code",
    "заказ",
    "артикул",
    "арт",
    "модел",
    "счет",
    "счёт",
    "трек",
    "накладн",
    "код",
    "деталь",
    "детали",
    "серийн",
    "верси",
    "парти",
    "товар",
    "заявк",
    "обращени",
    "штрихкод",
    "№",
    "#",
    "release",
    "firmware",
    "прошивк",
    "сборк",
    "выпуск",
    "v",
];

/// Whether digits stand for themselves and are no part of a longer number, path or code.
fn stands_alone(seen: &Seen<'_>) -> bool {
    let mut before = seen.before().chars().rev();
    let (last, second) = (before.next().unwrap_or(' '), before.next().unwrap_or(' '));
    let joined = match last {
        '.' | ',' | ':' => second.is_ascii_digit(),
        '-' => second.is_alphanumeric(),
        '_' | '/' | '\\' | '#' | '№' | '$' | '€' => true,
        other => other.is_alphanumeric(),
    };
    let mut after = seen.after().chars();
    let (next, then) = (after.next().unwrap_or(' '), after.next().unwrap_or(' '));
    let goes_on = match next {
        '.' | ',' | ':' => then.is_ascii_digit(),
        '-' | '/' => then.is_alphanumeric(),
        '_' | '\\' | '%' => true,
        other => other.is_alphanumeric(),
    };
    !joined && !goes_on
}

fn numbers_a_thing(seen: &Seen<'_>) -> bool {
    let is_thing = |word: &String| match word.as_str() {
        "v" | "№" | "#" => true,
        word => THINGS.iter().any(|thing| thing.len() > 2 && word.starts_with(thing)),
    };
    seen.words_before(2).iter().any(is_thing)
}

/// The longest beginning that ends before a separator, or the whole, for which `right` holds.
fn longest(seen: &Seen<'_>, right: impl Fn(&str) -> bool) -> Option<usize> {
    let value = seen.value();
    let cuts = value.match_indices([' ', '-', '\u{a0}']).map(|(at, _)| at);
    let mut ends: Vec<usize> = cuts.chain([value.len()]).collect();
    ends.reverse();
    ends.into_iter().find(|end| value.get(..*end).is_some_and(&right) && seen.first(*end).ends())
}

pub(super) fn iban(seen: &Seen<'_>) -> Option<usize> {
    longest(seen, check::is_iban)
}

pub(super) fn card(seen: &Seen<'_>) -> Option<usize> {
    let length = longest(seen, |value| check::is_card(&check::digits(value)))?;
    let alone = stands_alone(&seen.first(length)) && !seen.before().ends_with('+');
    alone.then_some(length)
}

pub(super) fn snils(seen: &Seen<'_>) -> Option<usize> {
    (stands_alone(seen) && check::is_snils(&check::digits(seen.value()))).then(|| seen.value().len())
}

pub(super) fn passport(seen: &Seen<'_>) -> Option<usize> {
    (seen.ends() && !seen.after().starts_with(['-', '/'])).then(|| seen.value().len())
}

pub(super) fn ssn(seen: &Seen<'_>) -> Option<usize> {
    let right = stands_alone(seen) && !numbers_a_thing(seen) && check::is_ssn(&check::digits(seen.value()));
    right.then(|| seen.value().len())
}

/// A number with its country: ten to fifteen digits, eleven where the country is 1 or 7.
pub(super) fn phone_world(seen: &Seen<'_>) -> Option<usize> {
    if seen.before().ends_with(|c: char| c.is_alphanumeric() || c == ')' || c == '+') {
        return None;
    }
    let fits = |value: &str| {
        let digits = check::digits(value);
        match digits.first() {
            Some(1 | 7) => digits.len() == 11,
            _ => (9..=15).contains(&digits.len()),
        }
    };
    let length = longest(seen, fits)?;
    stands_alone(&seen.first(length)).then_some(length)
}

/// Eleven digits that begin with 8. In one piece only mobile numbers, and never the number of a thing.
pub(super) fn phone_ru(seen: &Seen<'_>) -> Option<usize> {
    let value = seen.value();
    let digits = check::digits(value);
    let spelt = value.contains(['(', ' ', '-', '\u{a0}']);
    let mobile = digits.get(1) == Some(&9);
    let right = digits.len() == 11 && stands_alone(seen) && (spelt || mobile) && !numbers_a_thing(seen);
    right.then_some(value.len())
}

pub(super) fn phone_us(seen: &Seen<'_>) -> Option<usize> {
    let right = stands_alone(seen) && (seen.value().starts_with('(') || !numbers_a_thing(seen));
    right.then(|| seen.value().len())
}

/// Whatever is called a telephone number and is no date, price or range.
pub(super) fn phone_said(seen: &Seen<'_>) -> Option<usize> {
    let value = seen.value();
    let groups: Vec<usize> = value.split(|c: char| !c.is_ascii_digit()).map(str::len).filter(|n| *n > 0).collect();
    let date = matches!(groups.as_slice(), [4, 2, 2, ..] | [2, 2, 4, ..] | [1, 2, 4] | [2, 1, 4] | [4, 4]);
    let thousands = value.contains(' ')
        && matches!(groups.as_slice(), [1..=3, rest @ ..] if rest.len() < 3 && rest.iter().all(|n| *n == 3));
    let price = ["руб", "rub", "р.", "₽", "eur", "usd", "$", "€", "%", "dollar", "тг", "kb", "mb"]
        .iter()
        .any(|unit| seen.after().trim_start().to_lowercase().starts_with(unit));
    let right = (7..=15).contains(&check::digits(value).len()) && seen.ends() && !date && !thousands && !price;
    right.then_some(value.len())
}

/// An address that is no version, no mask and not this machine.
pub(super) fn ip4(seen: &Seen<'_>) -> Option<usize> {
    let address: Ipv4Addr = seen.value().parse().ok()?;
    let [first, rest @ ..] = address.octets();
    let local = address.is_loopback() || first == 0 || first == 255 || rest == [0, 0, 0];
    let attached = seen.before().ends_with(['.', '-', '_']) || seen.before().ends_with(char::is_alphanumeric);
    let goes_on = seen.after().starts_with(|c: char| c.is_alphanumeric() || c == '-' || c == '_')
        || seen.after().strip_prefix('.').is_some_and(|rest| rest.starts_with(char::is_alphanumeric));
    (!local && !attached && !goes_on && !numbers_a_thing(seen)).then(|| seen.value().len())
}

/// An address of version 6 that could be no path in a program.
pub(super) fn ip6(seen: &Seen<'_>) -> Option<usize> {
    let value = seen.value();
    let address: Ipv6Addr = value.parse().ok()?;
    let groups = value.split(':').filter(|group| !group.is_empty()).count();
    let known = value.to_lowercase().starts_with("fe80:") || address.segments().first().is_some_and(|s| s >> 13 == 1);
    let apart = !seen.before().ends_with(['-', '_', ':']) && !seen.after().starts_with(['-', '_', ':']) && seen.ends();
    let digits = value.contains(|c: char| c.is_ascii_digit());
    (apart && digits && !address.is_loopback() && (known || groups >= 4)).then_some(value.len())
}
