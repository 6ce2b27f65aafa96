//! Russian quantities: a number, thousands or millions of it, a unit or a currency; and bare numbers, which agree
//! with the noun behind them as far as its ending tells.

use super::super::units::{self, Currency, Noun};
use super::super::{longest, skip_space};
use super::{Amount, Before, Case, Gender, Style, Token, amount, case, counted, number};

/// What a number counts.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Nouns {
    multiplier: Option<&'static Noun>,
    unit: Option<&'static Noun>,
    currency: Option<&'static Currency>,
}

impl Nouns {
    fn first(self) -> Option<&'static Noun> {
        self.multiplier.or(self.unit).or(self.currency.map(|currency| &currency.noun))
    }

    /// The gender of what is counted.
    pub(super) fn gender(self) -> Gender {
        self.first().map_or(Gender::Masculine, |noun| noun.gender)
    }

    /// The number with its nouns.
    pub(super) fn after(self, amount: &Amount, case: Case) -> String {
        // No dative of the nouns is known.
        let case = if case == Case::Dative && self.first().is_some() { Case::Nominative } else { case };
        if let (Some(currency), None, Some(cents)) = (self.currency, self.multiplier, cents(amount)) {
            let whole = Amount { fraction: None, ..amount.clone() };
            let cents = Amount { whole: cents, digits: cents.to_string(), fraction: None };
            return format!("{} {}", with(&whole, &currency.noun, case), with(&cents, &currency.cent, case));
        }
        let mut said = match self.first() {
            Some(noun) => with(amount, noun, case),
            None => counted(amount, case, self.gender()),
        };
        if self.multiplier.is_some()
            && let Some(noun) = self.unit.or(self.currency.map(|currency| &currency.noun))
        {
            said = format!("{said} {}", noun.ru[2]);
        }
        said
    }
}

fn with(amount: &Amount, noun: &Noun, case: Case) -> String {
    // Behind a fraction the noun is in the genitive singular: `3,5 километра`.
    let said = if amount.is_whole() { noun.after(amount.whole, case) } else { noun.ru[1].to_owned() };
    format!("{} {said}", counted(amount, case, noun.gender))
}

fn cents(amount: &Amount) -> Option<u64> {
    amount.fraction.as_deref().filter(|fraction| fraction.len() == 2).and_then(number)
}

/// The nouns behind a number, and how many tokens they are.
pub(super) fn nouns(tokens: &[Token<'_>]) -> (Option<Nouns>, usize) {
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

/// `5 с` are seconds, `5 с половиной` are not; `5 т. е.` are no tons.
fn is_unit(tokens: &[Token<'_>], end: usize) -> bool {
    let written = tokens.get(end.saturating_sub(1)).map_or("", |token| token.text());
    let after = tokens.get(end..).unwrap_or_default();
    if matches!(after.first(), Some(Token::Word(_) | Token::Digits(_) | Token::Sign('\'' | '’', _))) {
        return false;
    }
    let goes_on = matches!(after, [Token::Space(_), Token::Word(_), ..]);
    match written {
        "с" | "В" | "s" | "V" | "L" | "W" => !goes_on,
        "т" | "г" => {
            !matches!(after, [Token::Sign('.', _), Token::Space(_), Token::Word(word), ..] if word.chars().count() == 1)
        }
        // `100 г. до н. э.` is a year.
        "." => !matches!(after, [Token::Space(_), Token::Word("до" | "н"), ..]),
        _ => true,
    }
}

/// `$5`, `€ 3,50`, `$5 млн`.
pub(super) fn money_first<'a>(before: &Before<'a>, tokens: &[Token<'a>]) -> Option<(String, usize)> {
    let currency = match tokens.first()? {
        Token::Sign(_, sign) if !before.is_joined() => units::currency(sign)?,
        _ => return None,
    };
    let mut used = 1 + skip_space(tokens.get(1..)?);
    let (amount, taken) = amount(tokens.get(used..)?, Style::Russian)?;
    used += taken;
    let mut nouns = Nouns { currency: Some(currency), ..Nouns::default() };
    if let Some((noun, end)) = behind(tokens.get(used..)?, units::multiplier) {
        nouns.multiplier = Some(noun);
        used += end;
    }
    Some((nouns.after(&amount, case(before)), used))
}

/// A number with whatever it counts, or alone.
pub(super) fn quantity<'a>(before: &Before<'a>, tokens: &[Token<'a>]) -> Option<(String, usize)> {
    if before.is_joined() {
        return None;
    }
    let (amount, used) = amount(tokens, Style::Russian)?;
    let rest = tokens.get(used..)?;
    let case = case_with_end(before, rest);
    let (found, taken) = nouns(rest);
    if let Some(nouns) = found {
        return Some((nouns.after(&amount, case), used + taken));
    }
    // `5G`, `1-2-3`, `10:75`.
    let goes_on = matches!(
        rest,
        [Token::Word(_), ..] | [Token::Sign('-' | '–' | ':' | '/' | '_', _), Token::Digits(_) | Token::Word(_), ..]
    );
    if goes_on || (amount.digits.len() > 1 && amount.digits.starts_with('0')) {
        return None;
    }
    let said = alone(before, &amount, case, rest);
    (used > 1 || said != amount.digits).then_some((said, used))
}

/// `с 5 до 10`: the genitive for the first as well.
fn case_with_end(before: &Before<'_>, rest: &[Token<'_>]) -> Case {
    let to = matches!(rest, [Token::Space(_), Token::Word("до"), ..]);
    if to && before.is_after(&["с", "со"]) { Case::Genitive } else { case(before) }
}

/// Words that a number names and does not count: `глава 2 книги`.
const LABELS: [&str; 17] = [
    "глава",
    "главе",
    "шаг",
    "шаге",
    "пункт",
    "пункте",
    "часть",
    "части",
    "раздел",
    "страница",
    "вариант",
    "этап",
    "уровень",
    "версия",
    "номер",
    "рисунок",
    "таблица",
];

fn alone(before: &Before<'_>, amount: &Amount, case: Case, rest: &[Token<'_>]) -> String {
    if before.is_after(&LABELS) {
        return counted(amount, Case::Nominative, Gender::Masculine);
    }
    let noun = noun(rest);
    let gender = match (amount.whole % 10, amount.whole % 100) {
        (_, 11 | 12) => Gender::Masculine,
        (1, _) => gender_of_one(noun),
        (2, _) if is_feminine_plural(noun) => Gender::Feminine,
        _ => Gender::Masculine,
    };
    // `1 книгу`: the noun tells the case.
    let case = match gender {
        Gender::Feminine if noun.ends_with(['у', 'ю']) => Case::Accusative,
        Gender::Feminine if case == Case::Accusative && noun.ends_with(['а', 'я']) => Case::Nominative,
        _ => case,
    };
    if case == Case::Accusative && amount.is_one() && gender == Gender::Masculine {
        return amount.digits.clone();
    }
    counted(amount, case, gender)
}

/// The noun behind a number: the word, or the one after an adjective.
fn noun<'a>(rest: &[Token<'a>]) -> &'a str {
    let is_adjective = |word: &str| {
        word.chars().count() > 3
            && ["ых", "их", "ые", "ие", "ая", "яя", "ое", "ее", "ую", "юю"].iter().any(|end| word.ends_with(end))
    };
    match rest {
        [Token::Space(_), Token::Word(word), Token::Space(_), Token::Word(next), ..] if is_adjective(word) => next,
        [Token::Space(_), Token::Word(word), ..] => word,
        _ => "",
    }
}

fn gender_of_one(noun: &str) -> Gender {
    if noun.chars().count() < 4 || ["мужчина", "юноша", "если", "только", "когда", "тогда"].contains(&noun)
    {
        Gender::Masculine
    } else if noun.ends_with(['а', 'я', 'у', 'ю']) {
        Gender::Feminine
    } else if noun.ends_with(['о', 'е']) {
        Gender::Neuter
    } else {
        Gender::Masculine
    }
}

/// `2 минуты`, against `2 стола` and `2 окна`.
fn is_feminine_plural(noun: &str) -> bool {
    noun.chars().count() > 3 && noun.ends_with(['ы', 'и']) && !["если", "чтобы"].contains(&noun)
}
