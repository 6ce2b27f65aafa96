//! Numbers of a spreadsheet as people see them there. Dates come in ISO 8601: what order of day and month a format
//! means is a guess that nobody needs.

use calamine::ExcelDateTime;

/// The day after the last that a spreadsheet knows (31 December 9999).
const LAST_DAY: f64 = 2_958_466.0;

/// A number by its format: a percentage with its digits, a fixed number of digits, else as few as it needs.
pub(super) fn formatted(number: f64, format: &str) -> String {
    let format = format.split(';').next().unwrap_or_default();
    let digits = decimals(format);
    match format.contains('%') {
        true => format!("{:.*}%", digits.unwrap_or(0), number * 100.0),
        false => match digits {
            Some(digits) => format!("{number:.digits$}"),
            None => shortest(number),
        },
    }
}

/// How many decimals a format asks for, where it asks: `0.00` for two. A format of fractions or powers, or one that
/// leaves digits out (`0.##`), asks for none.
fn decimals(format: &str) -> Option<usize> {
    if format.contains(['E', 'e', '/', '?', 'G', 'g', '@']) {
        return None;
    }
    let (_, after) = format.split_once('.')?;
    let digits = after.chars().take_while(|digit| *digit == '0').count();
    let more = after.chars().nth(digits) == Some('#');
    (digits > 0 && digits < 16 && !more).then_some(digits)
}

/// Fifteen significant digits, as spreadsheets compute: 0.1 + 0.2 is 0.3.
fn shortest(number: f64) -> String {
    match format!("{number:.14e}").parse::<f64>() {
        Ok(rounded) if rounded.abs() < 1e15 => rounded.to_string(),
        _ => format!("{number:e}"),
    }
}

/// A truth value as spreadsheets show it.
pub(super) const fn truth(truth: bool) -> &'static str {
    if truth { "TRUE" } else { "FALSE" }
}

/// A date, a time of day, both, or a duration.
pub(super) fn date(date: &ExcelDateTime) -> String {
    let days = date.as_f64();
    if !(0.0..LAST_DAY).contains(&days) {
        return shortest(days);
    }
    if date.is_duration() {
        return duration(days);
    }
    // To the nearest second: a time is a fraction of a day, and seldom an exact one.
    let (year, month, day, hour, minute, mut second, milli) = date.to_ymd_hms_milli();
    if milli >= 500 && second < 59 {
        second += 1;
    }
    let time =
        if second == 0 { format!("{hour:02}:{minute:02}") } else { format!("{hour:02}:{minute:02}:{second:02}") };
    match (days < 1.0, days.fract() == 0.0) {
        (true, _) => time,
        (false, true) => format!("{year:04}-{month:02}-{day:02}"),
        (false, false) => format!("{year:04}-{month:02}-{day:02} {time}"),
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of seconds below 10^12")]
fn duration(days: f64) -> String {
    let seconds = (days * 86_400.0).round() as u64;
    format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}
