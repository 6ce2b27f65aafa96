//! Text as digits, words, spaces and signs: what the rules for reading aloud match on.

/// A part of a text; all of them together are the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// ASCII digits.
    Digits(&'a str),
    /// Letters with their accents.
    Word(&'a str),
    /// White space, of any kind and length.
    Space(&'a str),
    /// Any other character, alone.
    Sign(char, &'a str),
}

impl<'a> Token<'a> {
    pub(crate) fn text(self) -> &'a str {
        match self {
            Self::Digits(text) | Self::Word(text) | Self::Space(text) | Self::Sign(_, text) => text,
        }
    }

    pub(crate) fn is_sign(self, sign: char) -> bool {
        matches!(self, Self::Sign(found, _) if found == sign)
    }
}

#[derive(PartialEq, Eq, Clone, Copy)]
enum Kind {
    Digit,
    Letter,
    Space,
    Sign,
}

fn kind(c: char) -> Kind {
    match c {
        '0'..='9' => Kind::Digit,
        '\u{300}'..='\u{36f}' => Kind::Letter,
        'ª' | 'º' => Kind::Sign,
        _ if c.is_alphabetic() => Kind::Letter,
        _ if c.is_whitespace() => Kind::Space,
        _ => Kind::Sign,
    }
}

pub(crate) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let kind_of_first = kind(first);
        let end = match kind_of_first {
            Kind::Sign => first.len_utf8(),
            _ => rest.find(|c| kind(c) != kind_of_first).unwrap_or(rest.len()),
        };
        let (part, after) = rest.split_at(end);
        tokens.push(match kind_of_first {
            Kind::Digit => Token::Digits(part),
            Kind::Letter => Token::Word(part),
            Kind::Space => Token::Space(part),
            Kind::Sign => Token::Sign(first, part),
        });
        rest = after;
    }
    tokens
}
