//! Russian dates, times of day, years and centuries.

use super::super::clock::{self, Order, Time, dash};
use super::super::{ends_sentence, skip_space};
use super::{Before, Case, Ending, GENITIVE, Gender, PREPOSITIONS, Token, cardinal, case, number, ordinal};
use crate::words::units::Noun;

const MONTHS: [&str; 12] = [
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
];

const HOUR: Noun = Noun { ru: ["час", "часа", "часов"], gender: Gender::Masculine, en: ["hour", "hours"] };
const MINUTE: Noun =
    Noun { ru: ["минута", "минуты", "минут"], gender: Gender::Feminine, en: ["minute", "minutes"] };
const SECOND: Noun = Noun {
    ru: ["секунда", "секунды", "секунд"], gender: Gender::Feminine, en: ["second", "seconds"]
};

/// `2026-03-12`, `12.03.2026`, with the time behind it.
pub(super) fn date<'a>(before: &Before<'a>, tokens: &[Token<'a>]) -> Option<(String, usize)> {
    if before.is_joined() {
        return None;
    }
    let (date, mut used) = clock::date(tokens, Order::DayFirst)?;
    let day = ordinal(date.day, day_ending(before))?;
    let month = MONTHS.get(date.month - 1)?;
    let year = ordinal(date.year, Ending::Genitive)?;
    let mut said = format!("{day} {month} {year} года");
    if let Some((time, taken)) = clock::time_after_date(tokens.get(used..)?) {
        said = format!("{said}, {}", time_in(time, Case::Nominative)?);
        used += taken;
    } else {
        // `12.03.2026 г.`: the year is said already.
        used += year_sign(tokens.get(used..)?);
    }
    Some((said, used))
}

fn year_sign(tokens: &[Token<'_>]) -> usize {
    match tokens {
        [Token::Space(_), Token::Word("г"), Token::Sign('.', _), after @ ..] => 3 - usize::from(ends_sentence(after)),
        [Token::Space(_), Token::Word("года" | "г"), ..] => 2,
        _ => 0,
    }
}

/// `на 12 марта` is двенадцатое, `12 марта` двенадцатого.
fn day_ending(before: &Before<'_>) -> Ending {
    if before.is_after(&["на", "по", "за", "под"]) { Ending::Neuter } else { Ending::Genitive }
}

/// `10:30`, `10:00–12:00`.
pub(super) fn time<'a>(before: &Before<'a>, tokens: &[Token<'a>]) -> Option<(String, usize)> {
    if before.is_joined() {
        return None;
    }
    let (from, used) = clock::time(tokens)?;
    let rest = tokens.get(used..)?;
    if let Some(between) = dash(rest)
        && let Some((to, taken)) = clock::time(rest.get(between..)?)
    {
        let said = format!("с {} до {}", time_in(from, Case::Genitive)?, time_in(to, Case::Genitive)?);
        return Some((said, used + between + taken));
    }
    let case = if before.is_after(&["с", "со"]) { Case::Genitive } else { case(before) };
    Some((time_in(from, case)?, used))
}

fn time_in(time: Time, case: Case) -> Option<String> {
    if case == Case::Dative {
        return to_time(time);
    }
    let mut parts = vec![part(time.hour, &HOUR, case)?];
    let seconds = time.second.filter(|second| *second > 0);
    if time.minute > 0 || seconds.is_some() {
        parts.push(part(time.minute, &MINUTE, case)?);
    }
    if let Some(second) = seconds {
        parts.push(part(second, &SECOND, case)?);
    }
    Some(parts.join(" "))
}

/// `к десяти тридцати`, `к десяти часам`.
fn to_time(time: Time) -> Option<String> {
    let hour = cardinal(time.hour, Case::Dative, Gender::Masculine)?;
    let noun = if time.hour % 10 == 1 && time.hour != 11 { "часу" } else { "часам" };
    Some(match time.minute {
        0 => format!("{hour} {noun}"),
        minute => format!("{hour} {}", cardinal(minute, Case::Dative, Gender::Feminine)?),
    })
}

fn part(number: u64, noun: &Noun, case: Case) -> Option<String> {
    let said = super::whole(number, &number.to_string(), case, noun.gender);
    Some(format!("{said} {}", noun.after(number, case)))
}

/// `2026 год`, `в 2026 г.`, `1941–1945 гг.`
pub(super) fn years<'a>(before: &Before<'a>, tokens: &[Token<'a>]) -> Option<(String, usize)> {
    if before.is_joined() {
        return None;
    }
    let (first, mut used) = year(tokens)?;
    let mut last = None;
    if let Some(between) = dash(tokens.get(used..)?) {
        let (year, taken) = year(tokens.get(used + between..)?)?;
        last = Some(year);
        used += between + taken;
    }
    let rest = tokens.get(used..)?;
    let space = skip_space(rest);
    let (noun, ending, taken) = year_noun(before, rest.get(space..)?)?;
    used += space + taken;
    let said = match last {
        None => format!("{} {noun}", ordinal(first, ending)?),
        Some(last) if before.is_after(&PREPOSITIONS) || ending != Ending::Plural => {
            let ending = if ending == Ending::PluralGenitive { Ending::Prepositional } else { ending };
            format!("{} – {} {noun}", ordinal(first, ending)?, ordinal(last, ending)?)
        }
        Some(last) => {
            format!("с {} по {} год", ordinal(first, Ending::Genitive)?, ordinal(last, Ending::Masculine)?)
        }
    };
    Some((said, used))
}

fn year(tokens: &[Token<'_>]) -> Option<(u64, usize)> {
    match tokens {
        [Token::Digits(digits), ..] if digits.len() == 4 => {
            number(digits).filter(|year| (1000..3000).contains(year)).map(|year| (year, 1))
        }
        _ => None,
    }
}

/// The noun, the ordinal's ending that goes with it, and how many tokens it is.
fn year_noun<'a>(before: &Before<'_>, tokens: &[Token<'a>]) -> Option<(&'a str, Ending, usize)> {
    let Some(Token::Word(word)) = tokens.first() else { return None };
    let ending = match *word {
        "год" => Ending::Masculine,
        "года" => Ending::Genitive,
        "году" if before.is_after(&["к", "по"]) => Ending::Dative,
        "году" | "годе" => Ending::Prepositional,
        "годом" => Ending::Instrumental,
        "годы" => Ending::Plural,
        "годов" | "годах" => Ending::PluralGenitive,
        "годами" => Ending::PluralInstrumental,
        "г" | "гг" => return short_year(before, tokens),
        _ => return None,
    };
    Some((word, ending, 1))
}

fn short_year<'a>(before: &Before<'_>, tokens: &[Token<'a>]) -> Option<(&'a str, Ending, usize)> {
    let [Token::Word(word), Token::Sign('.', _), after @ ..] = tokens else { return None };
    let used = 2 - usize::from(ends_sentence(after));
    let (noun, ending) = match *word {
        "гг" if before.is_after(&["в", "во"]) => ("годах", Ending::PluralGenitive),
        "гг" => ("годы", Ending::Plural),
        _ if before.is_after(&["в", "во", "о"]) => ("году", Ending::Prepositional),
        _ if before.is_after(&["к"]) => ("году", Ending::Dative),
        _ if before.is_after(&GENITIVE) || before.is_after(&["с"]) || before.is_after(&MONTHS) => {
            ("года", Ending::Genitive)
        }
        _ => ("год", Ending::Masculine),
    };
    Some((noun, ending, used))
}

/// `12 марта`, `12 марта 2026`, `5–10 марта`.
pub(super) fn day<'a>(before: &Before<'a>, tokens: &[Token<'a>]) -> Option<(String, usize)> {
    if before.is_joined() {
        return None;
    }
    let (first, mut used) = day_number(tokens)?;
    let mut last = None;
    if let Some(between) = dash(tokens.get(used..)?) {
        let (day, taken) = day_number(tokens.get(used + between..)?)?;
        last = Some(day);
        used += between + taken;
    }
    let [Token::Space(_), Token::Word(month), ..] = tokens.get(used..)? else { return None };
    if !MONTHS.contains(&month.to_lowercase().as_str()) {
        return None;
    }
    used += 2;
    let mut said = match last {
        Some(last) => format!("с {} по {} {month}", ordinal(first, Ending::Genitive)?, ordinal(last, Ending::Neuter)?),
        None => format!("{} {month}", ordinal(first, day_ending(before))?),
    };
    if let Some((year, taken)) = year(tokens.get(used + 1..).unwrap_or_default()) {
        let after = used + 1 + taken;
        let is_joined = matches!(tokens.get(after), Some(Token::Word(_) | Token::Sign('-' | ':', _)));
        if matches!(tokens.get(used), Some(Token::Space(_))) && !is_joined {
            said = format!("{said} {} года", ordinal(year, Ending::Genitive)?);
            used = after + year_sign(tokens.get(after..)?);
        }
    }
    Some((said, used))
}

fn day_number(tokens: &[Token<'_>]) -> Option<(u64, usize)> {
    match tokens {
        [Token::Digits(digits), ..] if digits.len() <= 2 => {
            number(digits).filter(|day| (1..=31).contains(day)).map(|day| (day, 1))
        }
        _ => None,
    }
}

/// `XX век`, `в XIX в.`
pub(super) fn century<'a>(before: &Before<'a>, tokens: &[Token<'a>]) -> Option<(String, usize)> {
    let [Token::Word(roman), Token::Space(_), Token::Word(word), after @ ..] = tokens else { return None };
    let (noun, ending, used) = match (*word, after) {
        ("век", _) => ("век", Ending::Masculine, 3),
        ("века", _) => ("века", Ending::Genitive, 3),
        ("веке", _) => ("веке", Ending::Prepositional, 3),
        ("веку", _) => ("веку", Ending::Dative, 3),
        ("веком", _) => ("веком", Ending::Instrumental, 3),
        ("в", [Token::Sign('.', _), rest @ ..]) => {
            let (noun, ending) = if before.is_after(&["в"]) {
                ("веке", Ending::Prepositional)
            } else {
                ("век", Ending::Masculine)
            };
            (noun, ending, 4 - usize::from(ends_sentence(rest)))
        }
        _ => return None,
    };
    Some((format!("{} {noun}", ordinal(roman_number(roman)?, ending)?), used))
}

/// A Roman number below forty.
fn roman_number(roman: &str) -> Option<u64> {
    let ones = ["", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"];
    let rest = roman.trim_start_matches('X');
    let tens = roman.len() - rest.len();
    let one = ones.iter().position(|one| *one == rest)?;
    // `XIX` is ten and nine: the trimming stops at the first I.
    u64::try_from(tens * 10 + one).ok().filter(|number| tens < 4 && *number > 0)
}
