//! How English says dates, times, ranges, quantities, years and fractions.

use super::abbreviations::abbreviation;
use super::amount::{Amount, Style, amount};
use super::clock::{self, Date, Order, Time, dash, number};
use super::tokens::Token;
use super::units::{self, Currency, Noun};
use super::{Before, Rule, longest, skip_space};
use domain::person::Lang;

/// Tried in this order.
pub(super) const RULES: &[Rule] =
    &[date, time, decade, year, fraction, range, money_first, quantity, roman, |before, tokens| {
        abbreviation(before, tokens, Lang::En)
    }];

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// `2026-03-12`, `3/12/2026`, with the time behind it.
fn date<'a>(before: &Before<'a>, tokens: &[Token<'a>]) -> Option<(String, usize)> {
    if before.is_joined() {
        return None;
    }
    let (date, mut used) = clock::date(tokens, Order::MonthFirst)?;
    let mut said = date_in_words(date)?;
    if let Some((time, taken)) = clock::time_after_date(tokens.get(used..)?) {
        said = format!("{said}, {}", time_in_words(time, false));
        used += taken;
    }
    Some((said, used))
}

fn date_in_words(date: Date) -> Option<String> {
    let end = match (date.day % 10, date.day) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    Some(format!("{} {}{end}, {}", MONTHS.get(date.month - 1)?, date.day, year_in_words(date.year)))
}

/// `1985` in its halves; from 2000 on a voice reads the figures well.
fn year_in_words(year: u64) -> String {
    match (year / 100, year % 100) {
        (11..=19, 0) => format!("{} hundred", year / 100),
        (11..=19, ones @ 1..=9) => format!("{} oh {ones}", year / 100),
        (11..=19, rest) => format!("{} {rest}", year / 100),
        _ => year.to_string(),
    }
}

/// `10:05`, `9:00 am`, `10:00–12:00`.
fn time<'a>(before: &Before<'a>, tokens: &[Token<'a>]) -> Option<(String, usize)> {
    if before.is_joined() {
        return None;
    }
    let (from, mut used) = clock::time(tokens)?;
    let rest = tokens.get(used..)?;
    if let Some(between) = dash(rest)
        && let Some((to, taken)) = clock::time(rest.get(between..)?)
    {
        let half = half_of_day(rest.get(between + taken..)?);
        let said = format!("{} to {}", time_in_words(from, half), time_in_words(to, half));
        return Some((said, used + between + taken));
    }
    let half = half_of_day(rest);
    let said = time_in_words(from, half);
    // `9:00am`: apart.
    if half && matches!(rest.first(), Some(Token::Word(_))) {
        used += 1;
        return Some((format!("{said} {}", rest.first()?.text().to_uppercase()), used));
    }
    Some((said, used))
}

fn half_of_day(rest: &[Token<'_>]) -> bool {
    let word = match rest {
        [Token::Space(_), Token::Word(word), ..] | [Token::Word(word), ..] => word.to_lowercase(),
        _ => return false,
    };
    matches!(word.as_str(), "am" | "pm" | "a" | "p" | "o")
}

fn time_in_words(time: Time, has_half: bool) -> String {
    let mut said = match time.minute {
        0 if has_half => time.hour.to_string(),
        0 if (1..=12).contains(&time.hour) => format!("{} o'clock", time.hour),
        0 if time.hour == 0 => "midnight".to_owned(),
        0 => format!("{} hundred hours", time.hour),
        minute @ 1..=9 => format!("{} oh {minute}", time.hour),
        minute => format!("{} {minute}", time.hour),
    };
    if let Some(second) = time.second.filter(|second| *second > 0) {
        said = format!("{said} and {second} {}", if second == 1 { "second" } else { "seconds" });
    }
    said
}

/// `1990s`, `the 90s`.
fn decade<'a>(before: &Before<'a>, tokens: &[Token<'a>]) -> Option<(String, usize)> {
    let [Token::Digits(digits), Token::Word("s"), ..] = tokens else { return None };
    let apostrophe = matches!(before.token, Some(Token::Sign('\'' | '’', _)));
    if before.is_joined() || !(digits.len() == 4 || (digits.len() == 2 && (apostrophe || before.is_after(&["the"])))) {
        return None;
    }
    let year = number(digits)?;
    let century = match year / 100 {
        0 => String::new(),
        century => format!("{century} "),
    };
    let said = match year % 100 {
        0 if year == 2000 => "two thousands".to_owned(),
        0 => format!("{century}hundreds"),
        rest if rest.is_multiple_of(10) => format!("{century}{}", DECADES.get(usize::try_from(rest / 10).ok()?)?),
        _ => return None,
    };
    Some((said, 2))
}

const DECADES: [&str; 10] =
    ["", "tens", "twenties", "thirties", "forties", "fifties", "sixties", "seventies", "eighties", "nineties"];

/// `in 1985`, `May 1985`.
fn year<'a>(before: &Before<'a>, tokens: &[Token<'a>]) -> Option<(String, usize)> {
    let [Token::Digits(digits), after @ ..] = tokens else { return None };
    let is_after = before
        .is_after(&["in", "since", "from", "by", "until", "till", "year", "of", "before", "after", "around"])
        || MONTHS.iter().any(|month| before.word == Some(month));
    let goes_on = matches!(
        after,
        [Token::Word(_), ..]
            | [Token::Sign('-' | '–' | '/' | ':' | ',' | '.', _), Token::Digits(_), ..]
            | [Token::Sign('%', _), ..]
    );
    if digits.len() != 4 || goes_on || !is_after || before.is_joined() {
        return None;
    }
    let year = number(digits).filter(|year| (1100..2000).contains(year))?;
    Some((year_in_words(year), 1))
}

/// `3/4`, `9/10`.
fn fraction<'a>(before: &Before<'a>, tokens: &[Token<'a>]) -> Option<(String, usize)> {
    let [Token::Digits(a), Token::Sign('/', _), Token::Digits(b), after @ ..] = tokens else { return None };
    if before.is_joined() || matches!(after, [Token::Sign('/' | '.', _), Token::Digits(_), ..] | [Token::Word(_), ..]) {
        return None;
    }
    let (above, below) = (number(a)?, number(b)?);
    let part = match below {
        7 if above == 24 => return Some(("24 7".to_owned(), 3)),
        10 | 100 if above <= below => return Some((format!("{a} out of {b}"), 3)),
        2 => "half",
        3 => "third",
        4 => "quarter",
        5 => "fifth",
        6 => "sixth",
        7 => "seventh",
        8 => "eighth",
        9 => "ninth",
        _ => return None,
    };
    let said = match above {
        1 => format!("one {part}"),
        _ if above > 1 && above < below => format!("{a} {part}s"),
        _ => return None,
    };
    Some((said, 3))
}

/// `5–10 minutes`.
fn range<'a>(before: &Before<'a>, tokens: &[Token<'a>]) -> Option<(String, usize)> {
    if before.is_joined() {
        return None;
    }
    let (from, mut used) = amount(tokens, Style::English)?;
    used += dash(tokens.get(used..)?)?;
    let (to, taken) = amount(tokens.get(used..)?, Style::English)?;
    used += taken;
    let rest = tokens.get(used..)?;
    let is_chain = matches!(rest, [Token::Sign('-' | '–' | '/' | ':', _), ..] | [Token::Digits(_), ..]);
    if is_chain || from.whole > to.whole || (from.digits.starts_with('0') && from.is_whole()) {
        return None;
    }
    let (nouns, taken) = nouns(rest);
    if nouns.is_none() && matches!(rest.first(), Some(Token::Word(_))) {
        return None;
    }
    let is_year = |amount: &Amount| amount.digits.len() == 4 && amount.is_whole() && nouns.is_none();
    let from = if is_year(&from) { year_in_words(from.whole) } else { from.with_point() };
    let to = match nouns {
        Some(nouns) => nouns.after(&to),
        None if is_year(&to) => year_in_words(to.whole),
        None => to.with_point(),
    };
    Some((format!("{from} to {to}"), used + taken))
}

/// What a number counts.
#[derive(Debug, Default, Clone, Copy)]
struct Nouns {
    multiplier: Option<&'static Noun>,
    unit: Option<&'static Noun>,
    currency: Option<&'static Currency>,
}

impl Nouns {
    fn after(self, amount: &Amount) -> String {
        let cents = amount.fraction.as_deref().filter(|fraction| fraction.len() == 2).and_then(number);
        if let (Some(currency), None, Some(cents)) = (self.currency, self.multiplier, cents) {
            let whole = currency.noun.counted(amount.whole == 1);
            return format!("{} {whole} {cents} {}", amount.digits, currency.cent.counted(cents == 1));
        }
        let mut said = amount.with_point();
        if let Some(multiplier) = self.multiplier {
            said = format!("{said} {}", multiplier.en[0]);
        }
        match self.unit.or(self.currency.map(|currency| &currency.noun)) {
            Some(noun) => format!("{said} {}", noun.counted(amount.is_one() && self.multiplier.is_none())),
            None => said,
        }
    }
}

fn nouns(tokens: &[Token<'_>]) -> (Option<Nouns>, usize) {
    let mut used = 0;
    let mut nouns = Nouns::default();
    if let Some((noun, end)) = behind(tokens, units::multiplier) {
        nouns.multiplier = Some(noun);
        used = end;
    }
    let rest = tokens.get(used..).unwrap_or_default();
    if let Some((currency, end)) = behind(rest, units::currency) {
        nouns.currency = Some(currency);
        used += end;
    } else if let Some((noun, end)) = behind(rest, units::unit).filter(|(_, end)| is_unit(rest, *end)) {
        nouns.unit = Some(noun);
        used += end;
    }
    ((used > 0).then_some(nouns), used)
}

fn behind<T>(tokens: &[Token<'_>], find: impl Fn(&str) -> Option<T>) -> Option<(T, usize)> {
    let space = skip_space(tokens);
    let (found, used) = longest(tokens.get(space..)?, find)?;
    Some((found, space + used))
}

/// `5 m` are meters, `5 m5` and `5 s's` are nothing.
fn is_unit(tokens: &[Token<'_>], end: usize) -> bool {
    let written = tokens.get(end.saturating_sub(1)).map_or("", |token| token.text());
    let after = tokens.get(end..).unwrap_or_default();
    if matches!(after.first(), Some(Token::Word(_) | Token::Digits(_) | Token::Sign('\'' | '’', _))) {
        return false;
    }
    // `5 s` behind a figure is a unit; `1990 L` could be a name.
    !(matches!(written, "L" | "V" | "W") && matches!(after, [Token::Space(_), Token::Word(_), ..]))
}

/// `$5`, `€3.50`, `$5 million`, `$5M`.
fn money_first<'a>(before: &Before<'a>, tokens: &[Token<'a>]) -> Option<(String, usize)> {
    let currency = match tokens.first()? {
        Token::Sign(_, sign) if !before.is_joined() => units::currency(sign)?,
        _ => return None,
    };
    let mut used = 1 + skip_space(tokens.get(1..)?);
    let (amount, taken) = amount(tokens.get(used..)?, Style::English)?;
    used += taken;
    let mut nouns = Nouns { currency: Some(currency), ..Nouns::default() };
    let rest = tokens.get(used..)?;
    if let Some((multiplier, taken)) = letter(rest).or_else(|| behind(rest, units::multiplier)) {
        nouns.multiplier = Some(multiplier);
        used += taken;
    } else if let Some(between) = dash_to(rest, currency) {
        // `$5–10`, `$5–$10`
        let (to, taken) = super::amount::amount(rest.get(between..)?, Style::English)?;
        return Some((format!("{} to {}", amount.with_point(), nouns.after(&to)), used + between + taken));
    }
    Some((nouns.after(&amount), used))
}

/// How many tokens are between the ends of a range of money.
fn dash_to(rest: &[Token<'_>], currency: &Currency) -> Option<usize> {
    match rest {
        [Token::Sign('-' | '–', _), Token::Sign(_, sign), Token::Digits(_), ..] => {
            units::currency(sign).filter(|to| std::ptr::eq(*to, currency)).map(|_| 2)
        }
        _ => dash(rest),
    }
}

/// `5K`, `5M`, `5B`, which only money is sure to be.
fn letter(tokens: &[Token<'_>]) -> Option<(&'static Noun, usize)> {
    let [Token::Word(letter), ..] = tokens else { return None };
    let sign = match *letter {
        "K" | "k" => "тыс",
        "M" | "m" => "million",
        "B" | "b" => "billion",
        "T" => "trillion",
        _ => return None,
    };
    units::multiplier(sign).map(|noun| (noun, 1))
}

/// A number with whatever it counts.
fn quantity<'a>(before: &Before<'a>, tokens: &[Token<'a>]) -> Option<(String, usize)> {
    if before.is_joined() {
        return None;
    }
    let (amount, used) = amount(tokens, Style::English)?;
    let rest = tokens.get(used..)?;
    let (nouns, taken) = nouns(rest);
    if let Some(nouns) = nouns {
        return Some((nouns.after(&amount), used + taken));
    }
    // `5G`, `1-2-3`, `10:75`.
    let goes_on = matches!(
        rest,
        [Token::Word(_), ..] | [Token::Sign('-' | '–' | ':' | '/' | '_', _), Token::Digits(_) | Token::Word(_), ..]
    );
    let grouped = used > 1 + 2 * usize::from(amount.fraction.is_some());
    (grouped && !goes_on).then(|| (amount.with_point(), used))
}

/// `World War II`, `Part III`.
fn roman<'a>(before: &Before<'a>, tokens: &[Token<'a>]) -> Option<(String, usize)> {
    let is_named = before.word.is_some_and(|word| word.starts_with(char::is_uppercase));
    let Token::Word(word) = tokens.first()? else { return None };
    let number = ROMAN.iter().position(|roman| roman == word)?;
    (is_named && !word.is_empty()).then(|| (number.to_string(), 1))
}

/// Those of several letters that are no words; by their value.
const ROMAN: [&str; 17] =
    ["", "", "II", "III", "IV", "", "VI", "VII", "VIII", "IX", "", "XI", "XII", "XIII", "XIV", "XV", "XVI"];
