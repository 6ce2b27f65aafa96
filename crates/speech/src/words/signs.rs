//! Signs that stand for words, addresses of pages, telephone numbers, and what is not said at all.

use super::tokens::Token;
use super::{Before, Rule, ends_sentence};
use domain::person::Lang;

/// The rules that both languages share; each language's own come first.
pub(crate) fn rules(lang: Lang) -> &'static [Rule] {
    match lang {
        Lang::En => &[
            address,
            telephone,
            |before, tokens| per(before, tokens, &PER_EN),
            |before, tokens| sign(before, tokens, Lang::En),
        ],
        Lang::Ru => &[
            address,
            telephone,
            |before, tokens| per(before, tokens, &PER_RU),
            |before, tokens| sign(before, tokens, Lang::Ru),
        ],
    }
}

/// `https://www.example.com/a?b` is said as its host.
fn address<'a>(before: &Before<'a>, tokens: &[Token<'a>]) -> Option<(String, usize)> {
    if before.is_joined() {
        return None;
    }
    let host = match tokens {
        [Token::Word(scheme), Token::Sign(':', _), Token::Sign('/', _), Token::Sign('/', _), ..]
            if matches!(scheme.to_ascii_lowercase().as_str(), "http" | "https" | "ftp") =>
        {
            4
        }
        [Token::Word("www"), Token::Sign('.', _), Token::Word(_), ..] => 0,
        _ => return None,
    };
    let is_over = |token: &Token<'_>| match token {
        Token::Space(_) => true,
        Token::Sign(sign, _) => matches!(sign, '<' | '>' | '"' | '«' | '»' | ')' | ']' | '`' | '|'),
        _ => false,
    };
    let mut end = tokens.iter().position(is_over).unwrap_or(tokens.len());
    // What ends the sentence is not the address's.
    while end > host && matches!(tokens.get(end - 1), Some(Token::Sign('.' | ',' | ';' | ':' | '!' | '?', _))) {
        end -= 1;
    }
    let written: String = tokens.get(host..end)?.iter().map(|token| token.text()).collect();
    let authority = written.split(['/', '?', '#']).next()?;
    let name = authority.rsplit('@').next()?;
    let name = name.split(':').next()?;
    Some((name.strip_prefix("www.").unwrap_or(name).to_owned(), end))
}

/// `+7 999 123-45-67` is said in its groups.
fn telephone<'a>(before: &Before<'a>, tokens: &[Token<'a>]) -> Option<(String, usize)> {
    let [Token::Sign('+', _), rest @ ..] = tokens else { return None };
    if before.is_joined() {
        return None;
    }
    let mut groups = Vec::new();
    let mut used = 1;
    for (index, token) in rest.iter().enumerate() {
        match token {
            Token::Digits(digits) => {
                groups.push(*digits);
                used = index + 2;
            }
            Token::Space(_) | Token::Sign('-' | '(' | ')', _) => {}
            _ => break,
        }
    }
    let digits: usize = groups.iter().map(|group| group.len()).sum();
    ((10..=15).contains(&digits) && groups.len() > 1).then(|| (format!("+{}", groups.join(", ")), used))
}

/// `5 ₽/мес.`, `$5/month`.
fn per<'a>(before: &Before<'a>, tokens: &[Token<'a>], nouns: &[(&str, &str)]) -> Option<(String, usize)> {
    let [Token::Sign('/', _), Token::Word(noun), after @ ..] = tokens else { return None };
    if matches!(before.token, None | Some(Token::Space(_))) || matches!(after.first(), Some(Token::Sign('/', _))) {
        return None;
    }
    let (_, said) = nouns.iter().find(|(written, _)| written == noun)?;
    let is_point = matches!(after, [Token::Sign('.', _), rest @ ..] if !ends_sentence(rest));
    Some((format!(" {said}"), 2 + usize::from(is_point)))
}

const PER_RU: [(&str, &str); 13] = [
    ("мес", "в месяц"),
    ("месяц", "в месяц"),
    ("нед", "в неделю"),
    ("день", "в день"),
    ("сут", "в сутки"),
    ("сутки", "в сутки"),
    ("год", "в год"),
    ("ч", "в час"),
    ("час", "в час"),
    ("мин", "в минуту"),
    ("с", "в секунду"),
    ("сек", "в секунду"),
    ("чел", "на человека"),
];

const PER_EN: [(&str, &str); 13] = [
    ("mo", "per month"),
    ("month", "per month"),
    ("week", "per week"),
    ("day", "per day"),
    ("year", "per year"),
    ("yr", "per year"),
    ("h", "per hour"),
    ("hr", "per hour"),
    ("hour", "per hour"),
    ("min", "per minute"),
    ("s", "per second"),
    ("sec", "per second"),
    ("user", "per user"),
];

fn sign<'a>(before: &Before<'a>, tokens: &[Token<'a>], lang: Lang) -> Option<(String, usize)> {
    let Some(Token::Sign(sign, _)) = tokens.first() else { return None };
    let (used, [ru, en]) = two(tokens).or_else(|| Some((1, one(before, *sign, tokens.get(1))?)))?;
    Some(match lang {
        Lang::En => (en.to_owned(), used),
        Lang::Ru => (ru.to_owned(), used),
    })
}

fn two(tokens: &[Token<'_>]) -> Option<(usize, [&'static str; 2])> {
    let [Token::Sign(a, _), Token::Sign(b, _), ..] = tokens else { return None };
    Some(match (a, b) {
        ('<', '=') => (2, LESS_OR_EQUAL),
        ('>', '=') => (2, MORE_OR_EQUAL),
        ('!', '=') => (2, [" не равно ", " is not equal to "]),
        ('-' | '=', '>') => (2, [", ", ", "]),
        ('*', '*') | ('_', '_') | ('~', '~') | ('|', '|') => (2, ["", ""]),
        _ => return None,
    })
}

const LESS_OR_EQUAL: [&str; 2] = [" меньше или равно ", " is at most "];
const MORE_OR_EQUAL: [&str; 2] = [" больше или равно ", " is at least "];
const TIMES: [&str; 2] = [" умножить на ", " times "];
const DIVIDED: [&str; 2] = [" делить на ", " divided by "];

/// What one sign says, in Russian and in English; `None` for what a voice reads or leaves out by itself.
fn one(before: &Before<'_>, sign: char, after: Option<&Token<'_>>) -> Option<[&'static str; 2]> {
    let number_after = matches!(after, Some(Token::Digits(_)));
    let apart = !matches!(before.token, Some(Token::Word(_) | Token::Digits(_)));
    let spaced = matches!(before.token, Some(Token::Space(_))) && matches!(after, Some(Token::Space(_)));
    let between_digits = matches!(before.token, Some(Token::Digits(_))) && number_after;
    Some(match sign {
        '≈' => ["примерно ", "about "],
        '~' | '∼' if number_after && apart => ["примерно ", "about "],
        '-' | '−' if number_after && !before.is_joined() && apart => ["минус ", "minus "],
        '+' if number_after && apart => ["плюс ", "plus "],
        '±' => [" плюс-минус ", " plus or minus "],
        '≤' => LESS_OR_EQUAL,
        '≥' => MORE_OR_EQUAL,
        '≠' => [" не равно ", " is not equal to "],
        '<' if spaced || number_after => [" меньше ", " is less than "],
        '>' if spaced || number_after => [" больше ", " is more than "],
        '×' if between_digits => [" на ", " by "],
        '×' | '·' | '⋅' if spaced => TIMES,
        '*' if between_digits || spaced => TIMES,
        '÷' => DIVIDED,
        '/' if spaced => DIVIDED,
        '/' if matches!((before.token, after), (Some(Token::Word(_)), Some(Token::Word(_)))) => slash(before, after),
        '→' | '⇒' | '⟶' | '➜' | '➡' | '↦' | '←' | '↔' | '⇐' | '⇔' => [", ", ", "],
        '#' if number_after && apart => ["номер ", "number "],
        '#' if apart => ["", ""],
        '&' if spaced => ["и", "and"],
        '_' if apart || !matches!(after, Some(Token::Word(_) | Token::Digits(_))) => ["", ""],
        '_' => [" ", " "],
        _ => return always(sign),
    })
}

/// What a sign says wherever it stands.
fn always(sign: char) -> Option<[&'static str; 2]> {
    Some(match sign {
        '√' => [" корень из ", " the square root of "],
        '∞' => ["бесконечность", "infinity"],
        '²' => [" в квадрате ", " squared "],
        '³' => [" в кубе ", " cubed "],
        '^' => [" в степени ", " to the power of "],
        '§' => ["параграф ", "section "],
        '№' => ["номер ", "number "],
        '½' => [" одна вторая", " one half"],
        '⅓' => [" одна третья", " one third"],
        '⅔' => [" две третьих", " two thirds"],
        '¼' => [" одна четвёртая", " one quarter"],
        '¾' => [" три четвёртых", " three quarters"],
        '…' => [".", "."],
        '•' | '▪' | '●' | '◦' | '*' | '`' | '|' | '\\' | '©' | '®' | '™' => ["", ""],
        _ if is_pictogram(sign) => ["", ""],
        _ => return None,
    })
}

/// `и/или` has a pause, `TCP/IP` has none.
fn slash(before: &Before<'_>, after: Option<&Token<'_>>) -> [&'static str; 2] {
    let is_short_name = |token: Option<&Token<'_>>| {
        token.is_some_and(|token| token.text().chars().all(|c| c.is_uppercase() || c.is_ascii_digit()))
    };
    if is_short_name(before.token.as_ref()) && is_short_name(after) { [" ", " "] } else { [", ", ", "] }
}

/// Emoji and what joins them, dingbats, pictures of all kinds.
fn is_pictogram(c: char) -> bool {
    matches!(c,
        '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}' | '\u{20e3}'
        | '\u{231a}' | '\u{231b}' | '\u{23cf}' | '\u{23e9}'..='\u{23fa}' | '\u{25a0}'..='\u{27bf}'
        | '\u{2900}'..='\u{297f}' | '\u{2b00}'..='\u{2bff}' | '\u{3030}' | '\u{303d}'
        | '\u{1f000}'..='\u{1faff}' | '\u{e0000}'..='\u{e007f}')
}
