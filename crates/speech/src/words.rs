//! What is written as figures, signs and abbreviations, in words, so that a synthesiser says it as a person reads
//! it. What synthesisers read well by themselves, plain whole numbers above all, stays as it is.

mod abbreviations;
mod amount;
mod clock;
mod english;
mod numerals;
mod russian;
mod signs;
mod tokens;
mod units;

pub(crate) use abbreviations::{Kind, kind_of};
use domain::person::Lang;
use tokens::{Token, tokens};

/// What stands before the place where rules are tried.
#[derive(Debug, Default, Clone, Copy)]
struct Before<'a> {
    token: Option<Token<'a>>,
    earlier: Option<Token<'a>>,
    /// The last word, where nothing but space has come since.
    word: Option<&'a str>,
}

impl<'a> Before<'a> {
    fn then(self, token: Token<'a>) -> Self {
        let word = match token {
            Token::Word(word) => Some(word),
            Token::Space(_) => self.word,
            _ => None,
        };
        Self { token: Some(token), earlier: self.token, word }
    }

    /// Whether what follows belongs to what stands before: `v2`, `1.2`, `a_1`, `COVID-19`.
    fn is_joined(&self) -> bool {
        match self.token {
            Some(Token::Word(_) | Token::Digits(_) | Token::Sign('.' | ',' | ':' | '/' | '_' | '\\' | '@', _)) => true,
            Some(Token::Sign('-', _)) => matches!(self.earlier, Some(Token::Word(_) | Token::Digits(_))),
            _ => false,
        }
    }

    fn is_after(&self, words: &[&str]) -> bool {
        self.word.is_some_and(|word| words.contains(&word.to_lowercase().as_str()))
    }
}

/// Says in words what its tokens begin with, and how many tokens that is.
type Rule = for<'a> fn(&Before<'a>, &[Token<'a>]) -> Option<(String, usize)>;

/// A text of one language with its figures, signs and abbreviations in words.
pub(crate) fn in_words(text: &str, lang: Lang) -> String {
    let rules = match lang {
        Lang::En => english::RULES,
        Lang::Ru => russian::RULES,
    };
    let tokens = tokens(text);
    let mut rest = tokens.as_slice();
    let mut before = Before::default();
    let mut said = String::with_capacity(text.len());
    while let Some((token, after)) = rest.split_first() {
        match rules.iter().chain(signs::rules(lang)).find_map(|rule| rule(&before, rest)) {
            Some((words, used)) => {
                said.push_str(&words);
                let (read, unread) = rest.split_at(used.clamp(1, rest.len()));
                before = read.iter().fold(before, |before, token| before.then(*token));
                rest = unread;
            }
            None => {
                said.push_str(token.text());
                before = before.then(*token);
                rest = after;
            }
        }
    }
    tidy(&said)
}

/// One space between words, none before a full stop or a comma.
fn tidy(text: &str) -> String {
    let mut tidied = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_whitespace() {
            if !tidied.ends_with(' ') {
                tidied.push(' ');
            }
            continue;
        }
        if matches!(c, '.' | ',' | ';' | '!' | '?') && tidied.ends_with(' ') {
            tidied.pop();
        }
        tidied.push(c);
    }
    tidied
}

/// Whether a full stop before this ends a sentence.
fn ends_sentence(after: &[Token<'_>]) -> bool {
    match after {
        [] | [Token::Space(_)] => true,
        [Token::Space(space), ..] if space.contains('\n') => true,
        [Token::Space(_), Token::Word(word), ..] => word.starts_with(char::is_uppercase),
        _ => false,
    }
}

/// Steps over one space.
fn skip_space(tokens: &[Token<'_>]) -> usize {
    usize::from(matches!(tokens.first(), Some(Token::Space(space)) if !space.contains('\n')))
}

/// The longest sign at the beginning that `find` knows: `km`, `km/h`, `мм рт. ст.`. What follows must not be
/// a part of it.
fn longest<T>(tokens: &[Token<'_>], find: impl Fn(&str) -> Option<T>) -> Option<(T, usize)> {
    let mut sign = String::new();
    let mut longest = None;
    for (index, token) in tokens.iter().enumerate().take(7) {
        sign.push_str(token.text());
        let joined = matches!(
            (token, tokens.get(index + 1)),
            (Token::Word(_), Some(Token::Digits(_))) | (Token::Digits(_), Some(Token::Word(_)))
        );
        if let Some(found) = find(&sign).filter(|_| !joined) {
            // A full stop that ends the sentence is not the abbreviation's alone.
            let is_end = sign.ends_with('.') && ends_sentence(tokens.get(index + 1..).unwrap_or_default());
            longest = Some((found, if is_end { index } else { index + 1 }));
        }
    }
    longest.filter(|(_, used)| *used > 0)
}
