//! Dates and times of day as they are written.

use super::tokens::Token;

/// A day of the calendar; the year where it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Date {
    pub(crate) year: u64,
    /// From 1.
    pub(crate) month: usize,
    pub(crate) day: u64,
}

/// A time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Time {
    pub(crate) hour: u64,
    pub(crate) minute: u64,
    pub(crate) second: Option<u64>,
}

/// What `3/12/2026` begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    DayFirst,
    MonthFirst,
}

/// Reads `2026-03-12`, `12.03.2026` or `3/12/2026` at the beginning.
pub(crate) fn date(tokens: &[Token<'_>], order: Order) -> Option<(Date, usize)> {
    let [Token::Digits(a), first, Token::Digits(b), second, Token::Digits(c), after @ ..] = tokens else {
        return None;
    };
    // A longer chain is a version or an address.
    if first.text() != second.text() || matches!(after, [sign, Token::Digits(_), ..] if sign.text() == first.text()) {
        return None;
    }
    let (year, month, day) = match first.text() {
        "-" if a.len() == 4 => (a, b, c),
        "." if c.len() == 4 => (c, b, a),
        "/" if c.len() == 4 && order == Order::MonthFirst && number(a)? <= 12 => (c, a, b),
        "/" if c.len() == 4 => (c, b, a),
        _ => return None,
    };
    let date = Date { year: number(year)?, month: usize::try_from(number(month)?).ok()?, day: number(day)? };
    ((1..=12).contains(&date.month) && (1..=31).contains(&date.day) && day.len() <= 2).then_some((date, 5))
}

/// Reads `9:05` or `09:05:30` at the beginning.
pub(crate) fn time(tokens: &[Token<'_>]) -> Option<(Time, usize)> {
    let [Token::Digits(hour), Token::Sign(':', _), Token::Digits(minute), after @ ..] = tokens else { return None };
    let (second, used) = match after {
        [Token::Sign(':', _), Token::Digits(second), ..] if second.len() == 2 => (Some(number(second)?), 5),
        _ => (None, 3),
    };
    let joined =
        matches!(tokens.get(used..), Some([Token::Sign(':', _), Token::Digits(_), ..] | [Token::Digits(_), ..]));
    let time = Time { hour: number(hour)?, minute: number(minute)?, second };
    let valid = time.hour < 24 && time.minute < 60 && second.is_none_or(|second| second < 60);
    (valid && !joined && hour.len() <= 2 && minute.len() == 2).then_some((time, used))
}

/// Reads the time behind a date: `T10:30:00Z`, ` 10:30`. Parts of a second and the zone are left out.
pub(crate) fn time_after_date(tokens: &[Token<'_>]) -> Option<(Time, usize)> {
    let between = match tokens.first()? {
        Token::Space(_) | Token::Word("T") => 1,
        _ => return None,
    };
    let (time, used) = time(tokens.get(between..)?)?;
    let mut end = between + used;
    if let Some([Token::Sign('.', _), Token::Digits(_), ..]) = tokens.get(end..) {
        end += 2;
    }
    if let Some([Token::Word("Z"), ..]) = tokens.get(end..) {
        end += 1;
    }
    Some((Time { second: None, ..time }, end))
}

/// How many tokens the dash of a range is: `–`, `-`, ` – `, ` — `. A hyphen between spaces is a minus.
pub(crate) fn dash(tokens: &[Token<'_>]) -> Option<usize> {
    match tokens {
        [Token::Sign('-' | '–' | '—' | '−' | '‑', _), Token::Digits(_), ..] => Some(1),
        [Token::Space(_), Token::Sign('–' | '—', _), Token::Space(_), Token::Digits(_), ..] => Some(3),
        _ => None,
    }
}

pub(crate) fn number(digits: &str) -> Option<u64> {
    digits.parse().ok()
}
