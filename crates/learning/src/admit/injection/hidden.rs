//! Characters that people do not see, and where they are nevertheless in order: in emoji and in the scripts
//! that need them.

/// Invisible characters in one text that a careless copy explains.
const STRAY: usize = 8;

/// Whether a character is not shown at all.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{ad}' | '\u{34f}' | '\u{180e}')
        || is_direction(c)
        || matches!(c, '\u{e0000}'..='\u{e007f}' | '\u{e0100}'..='\u{e01ef}' | '\u{fe00}'..='\u{fe0f}')
}

fn is_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Letters of scripts that are written from right to left, or join by invisible characters.
fn needs_them(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{900}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{fb1d}'..='\u{fefc}')
}

fn is_european(c: char) -> bool {
    c.is_alphanumeric() && c < '\u{530}'
}

/// Whether a text hides something.
pub(super) fn has(text: &str) -> bool {
    if text.is_ascii() {
        return false;
    }
    let other_script = text.chars().any(needs_them);
    let mut strays = 0;
    let mut before = ' ';
    let mut flag = false;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek().copied().unwrap_or(' ');
        // The flag of a region is a black flag, its name in tags, and a tag that ends it.
        flag = (flag || before == '\u{1f3f4}') && matches!(c, '\u{e0020}'..='\u{e007f}');
        match c {
            '\u{202d}' | '\u{202e}' | '\u{e0100}'..='\u{e01ef}' => return true,
            '\u{e0000}'..='\u{e007f}' if !flag => return true,
            _ if is_direction(c) && !other_script => return true,
            '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{180e}' => {
                let joined = is_european(before) && is_european(next);
                strays += usize::from(is_invisible(before) || is_european(before) || is_european(next));
                if joined || strays > STRAY {
                    return true;
                }
            }
            _ => {}
        }
        before = c;
    }
    false
}
