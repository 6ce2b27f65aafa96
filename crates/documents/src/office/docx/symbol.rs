//! Characters of symbol fonts, which have numbers of their own: Symbol as Adobe defines it, and of Wingdings what
//! people fill forms with.

/// Symbol's capital letters from 0x41.
const CAPITALS: &str = "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ";

/// Symbol's small letters from 0x61.
const SMALL: &str = "αβχδεφγηιϕκλμνοπθρστυϖωξψζ";

/// The character that a symbol is; nothing for one that is not known.
pub(super) fn of(font: &str, code: &str) -> Option<char> {
    let code = u32::from_str_radix(code, 16).ok()?;
    // Symbol fonts lie in the private area from F000.
    let at = if (0xF000..=0xF0FF).contains(&code) { code - 0xF000 } else { code };
    match font.to_lowercase().as_str() {
        "symbol" => symbol(at),
        font if font.starts_with("wingdings") => wingdings(at),
        _ => char::from_u32(code).filter(|_| !(0xE000..=0xF8FF).contains(&code)),
    }
}

fn symbol(at: u32) -> Option<char> {
    let letter = |letters: &str, first: u32| letters.chars().nth(usize::try_from(at.checked_sub(first)?).ok()?);
    Some(match at {
        0x41..=0x5A => letter(CAPITALS, 0x41)?,
        0x61..=0x7A => letter(SMALL, 0x61)?,
        0xA3 => '≤',
        0xA5 => '∞',
        0xAB => '↔',
        0xAC => '←',
        0xAE => '→',
        0xB0 => '°',
        0xB1 => '±',
        0xB3 => '≥',
        0xB4 => '×',
        0xB7 => '•',
        0xB9 => '≠',
        0xBB => '≈',
        0xD6 => '√',
        0xE5 => '∑',
        0xF2 => '∫',
        0x20..=0x3F => char::from_u32(at)?,
        _ => return None,
    })
}

fn wingdings(at: u32) -> Option<char> {
    Some(match at {
        0x6C | 0x9F => '•',
        0x6E | 0xA7 => '▪',
        0x6F | 0xA8 => '☐',
        0xE0 => '→',
        0xFB => '✗',
        0xFC => '✓',
        0xFD => '☒',
        0xFE => '☑',
        _ => return None,
    })
}
