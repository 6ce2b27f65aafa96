//! Abbreviations of both languages: what they stand for, and whether a sentence may end behind their full stop.

use super::tokens::Token;
use super::{Before, ends_sentence};
use domain::person::Lang;

/// What may follow an abbreviation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Something goes on: `т. е.`, `e.g.`
    Inside,
    /// It may close a sentence: `и т. д.`, `etc.`
    Closing,
    /// A name: `ул. Мира`, `Dr. Strange`.
    BeforeName,
    /// A number: `рис. 3`, `No. 5`.
    BeforeNumber,
}

/// Written without spaces behind its full stops, what is said, what follows.
type Abbreviation = (&'static str, &'static str, Kind);

/// Reads an abbreviation at the beginning.
pub(crate) fn abbreviation<'a>(before: &Before<'a>, tokens: &[Token<'a>], lang: Lang) -> Option<(String, usize)> {
    if matches!(before.token, Some(Token::Word(_) | Token::Digits(_) | Token::Sign('.' | '-' | '/', _))) {
        return None;
    }
    let (abbreviation, used) = longest(tokens, table(lang))?;
    let (_, said, kind) = *abbreviation;
    let after = tokens.get(used..).unwrap_or_default();
    let fits = match kind {
        Kind::Inside | Kind::Closing => !matches!(after.first(), Some(Token::Word(_) | Token::Digits(_))),
        Kind::BeforeName => match after {
            [Token::Space(_), Token::Word(word), ..] | [Token::Word(word), ..] => word.starts_with(char::is_uppercase),
            _ => false,
        },
        Kind::BeforeNumber => matches!(after, [Token::Space(_), Token::Digits(_), ..] | [Token::Digits(_), ..]),
    };
    if !fits {
        return None;
    }
    let is_point_read = tokens.get(used - 1).is_some_and(|token| token.is_sign('.'));
    let is_end = kind == Kind::Closing && is_point_read && ends_sentence(after);
    // `стр.5`: the words do not run together.
    let is_joined = matches!(after.first(), Some(Token::Word(_) | Token::Digits(_)));
    Some((format!("{said}{}{}", if is_end { "." } else { "" }, if is_joined { " " } else { "" }), used))
}

/// The longest abbreviation at the beginning; spaces behind its full stops do not count.
fn longest(tokens: &[Token<'_>], table: &'static [Abbreviation]) -> Option<(&'static Abbreviation, usize)> {
    let Some(Token::Word(first)) = tokens.first() else { return None };
    if first.len() > 20 {
        return None;
    }
    let mut written = String::new();
    let mut longest = None;
    for (index, token) in tokens.iter().enumerate().take(8) {
        match token {
            Token::Space(space) if !space.contains('\n') => {
                if !written.ends_with('.') {
                    written.push(' ');
                }
                continue;
            }
            Token::Word(_) | Token::Sign('.' | '-' | '/', _) => written.push_str(token.text()),
            _ => break,
        }
        if let Some(found) = find(&written, table) {
            longest = Some((found, index + 1));
        }
    }
    longest
}

fn find(written: &str, table: &'static [Abbreviation]) -> Option<&'static Abbreviation> {
    let exact = table.iter().find(|(text, ..)| *text == written);
    // At the beginning of a sentence the first letter is a capital.
    exact.or_else(|| {
        let lower = written.to_lowercase();
        table.iter().find(|(text, ..)| *text == lower)
    })
}

fn table(lang: Lang) -> &'static [Abbreviation] {
    match lang {
        Lang::En => ENGLISH,
        Lang::Ru => RUSSIAN,
    }
}

/// What a sentence does behind a word with a full stop, written without spaces; `None` for what is no
/// abbreviation of either language.
pub(crate) fn kind_of(written: &str) -> Option<Kind> {
    [RUSSIAN, ENGLISH].into_iter().find_map(|table| find(written, table)).map(|(.., kind)| *kind)
}

const RUSSIAN: &[Abbreviation] = &[
    ("т.е.", "то есть", Kind::Inside),
    ("т.к.", "так как", Kind::Inside),
    ("т.н.", "так называемый", Kind::Inside),
    ("т.о.", "таким образом", Kind::Inside),
    ("т.ч.", "том числе", Kind::Inside),
    ("т.д.", "так далее", Kind::Closing),
    ("т.п.", "тому подобное", Kind::Closing),
    ("др.", "другие", Kind::Closing),
    ("и пр.", "и прочее", Kind::Closing),
    ("пр.", "проспект", Kind::BeforeName),
    ("напр.", "например", Kind::Inside),
    ("н.э.", "нашей эры", Kind::Closing),
    ("см.", "смотри", Kind::Inside),
    ("ср.", "сравни", Kind::Inside),
    ("рис.", "рисунок", Kind::BeforeNumber),
    ("табл.", "таблица", Kind::BeforeNumber),
    ("гл.", "глава", Kind::BeforeNumber),
    ("стр.", "страница", Kind::BeforeNumber),
    ("с.", "страница", Kind::BeforeNumber),
    ("п.", "пункт", Kind::BeforeNumber),
    ("ст.", "статья", Kind::BeforeNumber),
    ("ч.", "часть", Kind::BeforeNumber),
    ("д.", "дом", Kind::BeforeNumber),
    ("кв.", "квартира", Kind::BeforeNumber),
    ("корп.", "корпус", Kind::BeforeNumber),
    ("тел.", "телефон", Kind::Inside),
    ("ул.", "улица", Kind::BeforeName),
    ("просп.", "проспект", Kind::BeforeName),
    ("пер.", "переулок", Kind::BeforeName),
    ("пл.", "площадь", Kind::BeforeName),
    ("г.", "город", Kind::BeforeName),
    ("им.", "имени", Kind::BeforeName),
    ("проф.", "профессор", Kind::BeforeName),
    ("акад.", "академик", Kind::BeforeName),
    ("д-р", "доктор", Kind::Inside),
    ("обл.", "область", Kind::Closing),
    ("р-н", "район", Kind::Inside),
    ("кол-во", "количество", Kind::Inside),
    ("б/у", "бэ у", Kind::Inside),
    ("ок.", "около", Kind::BeforeNumber),
    ("прим.", "примечание", Kind::Inside),
    ("соотв.", "соответственно", Kind::Inside),
    ("и.о.", "исполняющий обязанности", Kind::Inside),
    ("руб.", "рублей", Kind::Closing),
    ("коп.", "копеек", Kind::Closing),
    ("тыс.", "тысяч", Kind::Inside),
    ("млн", "миллионов", Kind::Inside),
    ("млрд", "миллиардов", Kind::Inside),
    ("гг.", "годы", Kind::Closing),
    ("мес.", "месяц", Kind::Closing),
    ("пн", "понедельник", Kind::Inside),
    ("вт", "вторник", Kind::Inside),
    ("чт", "четверг", Kind::Inside),
    ("пт", "пятница", Kind::Inside),
    ("сб", "суббота", Kind::Inside),
    ("вс", "воскресенье", Kind::Inside),
];

const ENGLISH: &[Abbreviation] = &[
    ("e.g.", "for example", Kind::Inside),
    ("i.e.", "that is", Kind::Inside),
    ("etc.", "et cetera", Kind::Closing),
    ("vs.", "versus", Kind::Inside),
    ("vs", "versus", Kind::Inside),
    ("approx.", "approximately", Kind::Inside),
    ("no.", "number", Kind::BeforeNumber),
    ("nos.", "numbers", Kind::BeforeNumber),
    ("fig.", "figure", Kind::BeforeNumber),
    ("figs.", "figures", Kind::BeforeNumber),
    ("p.", "page", Kind::BeforeNumber),
    ("pp.", "pages", Kind::BeforeNumber),
    ("ch.", "chapter", Kind::BeforeNumber),
    ("sec.", "section", Kind::BeforeNumber),
    ("vol.", "volume", Kind::BeforeNumber),
    ("eq.", "equation", Kind::BeforeNumber),
    ("dr.", "Doctor", Kind::BeforeName),
    ("mr.", "Mister", Kind::BeforeName),
    ("mrs.", "Missis", Kind::BeforeName),
    ("ms.", "Miz", Kind::BeforeName),
    ("prof.", "Professor", Kind::BeforeName),
    ("st.", "Saint", Kind::BeforeName),
    ("mt.", "Mount", Kind::BeforeName),
    ("jr.", "Junior", Kind::Closing),
    ("sr.", "Senior", Kind::Closing),
    ("et al.", "and others", Kind::Closing),
    ("cf.", "compare", Kind::Inside),
    ("ca.", "circa", Kind::BeforeNumber),
    ("a.m.", "AM", Kind::Closing),
    ("p.m.", "PM", Kind::Closing),
    ("u.s.", "US", Kind::Closing),
    ("u.k.", "UK", Kind::Closing),
    ("w/o", "without", Kind::Inside),
    ("w/", "with", Kind::Inside),
    ("aka", "also known as", Kind::Inside),
    ("dept.", "department", Kind::Inside),
    ("est.", "established", Kind::BeforeNumber),
    ("jan.", "January", Kind::BeforeNumber),
    ("feb.", "February", Kind::BeforeNumber),
    ("mar.", "March", Kind::BeforeNumber),
    ("apr.", "April", Kind::BeforeNumber),
    ("aug.", "August", Kind::BeforeNumber),
    ("sept.", "September", Kind::BeforeNumber),
    ("oct.", "October", Kind::BeforeNumber),
    ("nov.", "November", Kind::BeforeNumber),
    ("dec.", "December", Kind::BeforeNumber),
];
