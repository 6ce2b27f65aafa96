//! How Russian says dates, times, ranges, quantities and ordinals, in the case that the word before asks for.

mod calendar;
mod quantity;

use super::abbreviations::abbreviation;
use super::amount::{Amount, Style, amount};
use super::clock::{dash, number};
use super::numerals::{Case, Ending, Gender, cardinal, ordinal, prefix};
use super::tokens::Token;
use super::{Before, Rule};
use domain::person::Lang;

/// Tried in this order.
pub(super) const RULES: &[Rule] = &[
    calendar::date,
    calendar::time,
    calendar::years,
    calendar::day,
    calendar::century,
    hyphened,
    fraction,
    range,
    quantity::money_first,
    quantity::quantity,
    |before, tokens| abbreviation(before, tokens, Lang::Ru),
];

/// Words behind which a number stands in the genitive.
const GENITIVE: [&str; 22] = [
    "до",
    "от",
    "около",
    "более",
    "менее",
    "свыше",
    "больше",
    "меньше",
    "из",
    "без",
    "для",
    "после",
    "кроме",
    "порядка",
    "против",
    "старше",
    "младше",
    "выше",
    "ниже",
    "дороже",
    "дешевле",
    "минимум",
];

/// Prepositions: behind them a range is said without words of its own.
const PREPOSITIONS: [&str; 16] =
    ["в", "во", "на", "за", "по", "через", "с", "со", "около", "до", "от", "из", "к", "под", "над", "каждые"];

/// The case that the word before a number asks for.
fn case(before: &Before<'_>) -> Case {
    // `минимум` alone governs nothing: `минимум 5 минут`.
    if before.is_after(&["минимум"]) {
        Case::Nominative
    } else if before.is_after(&GENITIVE) {
        Case::Genitive
    } else if before.is_after(&["к", "ко"]) {
        Case::Dative
    } else if before.is_after(&["за", "через", "в", "во", "на", "про", "по", "каждую"]) {
        Case::Accusative
    } else {
        Case::Nominative
    }
}

/// A number in words, agreeing with what it counts.
fn counted(amount: &Amount, case: Case, gender: Gender) -> String {
    let Some(fraction) = &amount.fraction else { return whole(amount.whole, &amount.digits, case, gender) };
    decimal(amount.whole, fraction, case).unwrap_or_else(|| {
        let digits: Vec<String> = fraction.chars().map(String::from).collect();
        format!("{} запятая {}", amount.digits, digits.join(" "))
    })
}

fn whole(number: u64, digits: &str, case: Case, gender: Gender) -> String {
    // A voice reads plain figures too, but worse than words: eSpeak NG says `1` with another vowel than `один`.
    cardinal(number, case, gender).unwrap_or_else(|| digits.to_owned())
}

/// `3,14`: три целых четырнадцать сотых; `None` for more than three places.
fn decimal(whole: u64, fraction: &str, case: Case) -> Option<String> {
    let (one, many) = match fraction.len() {
        1 => (["десятая", "десятой", "десятой"], "десятых"),
        2 => (["сотая", "сотой", "сотой"], "сотых"),
        3 => (["тысячная", "тысячной", "тысячной"], "тысячных"),
        _ => return None,
    };
    let parts = number(fraction)?;
    let whole_word = part(whole, (["целая", "целой", "целой"], "целых"), case);
    let part_word = part(parts, (one, many), case);
    // Of a dative the plural ends otherwise; it is said as a nominative.
    let case = if case == Case::Dative { Case::Nominative } else { case };
    let whole = cardinal(whole, case, Gender::Feminine)?;
    let parts = cardinal(parts, case, Gender::Feminine)?;
    Some(format!("{whole} {whole_word} {parts} {part_word}"))
}

fn part(number: u64, (one, many): ([&'static str; 3], &'static str), case: Case) -> &'static str {
    let is_one = number % 10 == 1 && number % 100 != 11;
    match case {
        Case::Genitive if is_one => one[1],
        Case::Accusative if is_one && one[0] == "целая" => "целую",
        _ if is_one => one[0],
        _ => many,
    }
}

/// `1-й`, `90-е`, `5-ти`, `3-летний`.
fn hyphened<'a>(before: &Before<'a>, tokens: &[Token<'a>]) -> Option<(String, usize)> {
    let [Token::Digits(digits), Token::Sign('-' | '‑' | '–', _), Token::Word(suffix), after @ ..] = tokens else {
        return None;
    };
    if before.is_joined() {
        return None;
    }
    let value = number(digits)?;
    let next = match after {
        [Token::Space(_), Token::Word(word), ..] => word,
        _ => "",
    };
    let said = match *suffix {
        "х" if (2..=4).contains(&value) => cardinal(value, Case::Genitive, Gender::Masculine)?,
        "ти" => cardinal(value, Case::Genitive, Gender::Masculine)?,
        "ми" if matches!(value, 7 | 8) => cardinal(value, Case::Genitive, Gender::Masculine)?,
        "й" if is_feminine_oblique(next) => ordinal(value, Ending::FeminineOblique)?,
        "е" if is_plural(value, next) => ordinal(value, Ending::Plural)?,
        _ => match Ending::of_suffix(suffix) {
            Some(ending) => ordinal(value, ending)?,
            None if suffix.chars().count() > 3 && suffix.chars().all(char::is_lowercase) => prefix(value)? + suffix,
            None => return None,
        },
    };
    Some((said, 3))
}

/// `в 5-й главе`, against `5-й день`.
fn is_feminine_oblique(next: &str) -> bool {
    next.chars().count() > 3
        && next.ends_with(['е', 'и', 'ы', 'ю'])
        && !["ые", "ие"].iter().any(|end| next.ends_with(end))
}

/// `90-е годы`, against `1-е место`.
fn is_plural(value: u64, next: &str) -> bool {
    next.ends_with(['ы', 'и']) || (value > 0 && value.is_multiple_of(10) && !next.ends_with(['о', 'е']))
}

/// `3/4` and `9/10`.
fn fraction<'a>(before: &Before<'a>, tokens: &[Token<'a>]) -> Option<(String, usize)> {
    let [Token::Digits(a), Token::Sign('/', _), Token::Digits(b), after @ ..] = tokens else { return None };
    if before.is_joined() || matches!(after, [Token::Sign('/' | '.', _), Token::Digits(_), ..] | [Token::Word(_), ..]) {
        return None;
    }
    let (above, below) = (number(a)?, number(b)?);
    let said = match below {
        7 if above == 24 => "двадцать четыре на семь".to_owned(),
        10 | 100 if above <= below => format!(
            "{} из {}",
            cardinal(above, Case::Nominative, Gender::Masculine)?,
            cardinal(below, Case::Genitive, Gender::Masculine)?
        ),
        2..=9 if (1..below).contains(&above) => {
            let case = case(before);
            let ending = match (above, case) {
                (1, Case::Accusative) => Ending::FeminineAccusative,
                (1, Case::Genitive | Case::Dative) => Ending::FeminineOblique,
                (1, Case::Nominative) => Ending::Feminine,
                _ => Ending::PluralGenitive,
            };
            format!("{} {}", cardinal(above, case, Gender::Feminine)?, ordinal(below, ending)?)
        }
        _ => return None,
    };
    Some((said, 3))
}

/// `5–10 минут`, `10–15 %`.
fn range<'a>(before: &Before<'a>, tokens: &[Token<'a>]) -> Option<(String, usize)> {
    if before.is_joined() {
        return None;
    }
    let (from, mut used) = amount(tokens, Style::Russian)?;
    used += dash(tokens.get(used..)?)?;
    let (to, taken) = amount(tokens.get(used..)?, Style::Russian)?;
    used += taken;
    let rest = tokens.get(used..)?;
    let is_chain = matches!(rest, [Token::Sign('-' | '–' | '/' | ':', _), ..] | [Token::Digits(_), ..]);
    if is_chain || from.whole > to.whole || from.digits.starts_with('0') && from.is_whole() {
        return None;
    }
    let (nouns, taken) = quantity::nouns(rest);
    if nouns.is_none() && matches!(rest.first(), Some(Token::Word(_))) {
        return None;
    }
    used += taken;
    let is_years = |amount: &Amount| amount.is_whole() && amount.digits.len() == 4 && amount.whole < 2200;
    if nouns.is_none() && is_years(&from) && is_years(&to) && !before.is_after(&PREPOSITIONS) {
        let said = [ordinal(from.whole, Ending::Genitive)?, ordinal(to.whole, Ending::Masculine)?];
        return Some((format!("с {} по {}", said[0], said[1]), used));
    }
    let nouns = nouns.unwrap_or_default();
    let is_governed = before.is_after(&PREPOSITIONS) || before.is_after(&GENITIVE);
    let said = if is_governed || from.digits == to.digits {
        let case = case(before);
        format!("{}-{}", counted(&from, case, nouns.gender()), nouns.after(&to, case))
    } else {
        let from = counted(&from, Case::Genitive, nouns.gender());
        format!("от {from} до {}", nouns.after(&to, Case::Genitive))
    };
    Some((said, used))
}
