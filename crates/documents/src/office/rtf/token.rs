//! The tokens of Rich Text Format (version 1.9.1). Any bytes are tokens: nothing here fails.

/// A token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// `{`
    Open,
    /// `}`
    Close,
    /// A backslash and a name, and a number where one follows.
    Word(&'a [u8], Option<i32>),
    /// A backslash and a character that is no letter.
    Symbol(u8),
    /// A byte of text, written by its number: `\'e4`.
    Hex(u8),
    /// Bytes of text.
    Text(&'a [u8]),
}

/// Reads tokens.
pub(super) struct Tokens<'a> {
    rest: &'a [u8],
}

impl<'a> Tokens<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    fn control(&mut self) -> Option<Token<'a>> {
        let letters = self.rest.iter().take(32).take_while(|byte| byte.is_ascii_alphabetic()).count();
        if letters == 0 {
            return self.symbol();
        }
        let (name, rest) = self.rest.split_at_checked(letters)?;
        let (number, mut rest) = number(rest);
        // One space ends a word and belongs to it.
        if let Some((b' ', after)) = rest.split_first() {
            rest = after;
        }
        self.rest = rest;
        if name == b"bin" {
            let skipped = usize::try_from(number.unwrap_or(0)).unwrap_or(0);
            self.rest = self.rest.get(skipped..).unwrap_or_default();
        }
        Some(Token::Word(name, number))
    }

    fn symbol(&mut self) -> Option<Token<'a>> {
        let (symbol, rest) = self.rest.split_first()?;
        self.rest = rest;
        if *symbol != b'\'' {
            return Some(Token::Symbol(*symbol));
        }
        let Some((digits, rest)) = self.rest.split_at_checked(2) else { return Some(Token::Symbol(b'\'')) };
        let byte = std::str::from_utf8(digits).ok().and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match byte {
            Some(byte) => {
                self.rest = rest;
                Some(Token::Hex(byte))
            }
            None => Some(Token::Symbol(b'\'')),
        }
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let (first, rest) = self.rest.split_first()?;
            match first {
                b'{' | b'}' | b'\\' | b'\r' | b'\n' => self.rest = rest,
                _ => {
                    let end = memchr::memchr3(b'{', b'}', b'\\', self.rest).unwrap_or(self.rest.len());
                    let end = memchr::memchr2(b'\r', b'\n', self.rest.get(..end)?).unwrap_or(end);
                    let (text, rest) = self.rest.split_at_checked(end)?;
                    self.rest = rest;
                    return Some(Token::Text(text));
                }
            }
            match first {
                b'{' => return Some(Token::Open),
                b'}' => return Some(Token::Close),
                b'\\' => return self.control(),
                // The file's own line ends mean nothing.
                _ => {}
            }
        }
    }
}

fn number(bytes: &[u8]) -> (Option<i32>, &[u8]) {
    let sign = usize::from(bytes.first() == Some(&b'-'));
    let digits = bytes.iter().skip(sign).take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 {
        return (None, bytes);
    }
    let (number, rest) = bytes.split_at_checked(sign + digits).unwrap_or((bytes, &[]));
    let number = std::str::from_utf8(number).ok().and_then(|number| number.parse::<i64>().ok());
    let bounded =
        number.map_or(i32::MAX, |number| i32::try_from(number).unwrap_or(if number < 0 { i32::MIN } else { i32::MAX }));
    (Some(bounded), rest)
}
