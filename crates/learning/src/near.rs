//! Which texts say nearly the same.

/// A text without what does not change its sense: case, spaces, the punctuation of sentences. Signs that do,
/// as in `C++`, `C#` and `-5`, stay.
pub fn normal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let joins = !out.is_empty() && !out.ends_with(' ');
        let next = chars.peek().copied().unwrap_or(' ');
        let dash = c == '-' && !next.is_alphanumeric() && !joins;
        if c.is_whitespace() || is_mark(c) || dash || c.is_control() {
            if joins {
                out.push(' ');
            }
        } else {
            out.extend(c.to_lowercase().map(|c| if c == 'ё' { 'е' } else { c }));
        }
    }
    out.truncate(out.trim_end().len());
    out
}

fn is_mark(c: char) -> bool {
    matches!(c, '.' | ',' | ';' | ':' | '!' | '?' | '…' | '"' | '\'' | '`' | '(' | ')' | '[' | ']' | '*' | '_')
        || matches!(c, '«' | '»' | '„' | '“' | '”' | '‘' | '’' | '—' | '–' | '¿' | '¡')
}
