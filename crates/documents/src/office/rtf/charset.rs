//! Which encoding the bytes of a text are in: that of its font, else that of the document.

use encoding_rs::{Encoding, WINDOWS_1252};

/// The encoding of a Windows code page (`\ansicpg1251`).
pub(super) fn of_code_page(page: i32) -> &'static Encoding {
    match u16::try_from(page) {
        // Macintosh's, under the numbers that Windows gives them.
        Ok(10_000) => encoding_rs::MACINTOSH,
        Ok(10_007) => encoding_rs::X_MAC_CYRILLIC,
        Ok(page) => codepage::to_encoding(page).unwrap_or(WINDOWS_1252),
        Err(_) => WINDOWS_1252,
    }
}

/// The encoding of a font's character set (`\fcharset204`); nothing where the font does not say.
pub(super) fn of_charset(charset: i32) -> Option<&'static Encoding> {
    let page = match charset {
        77 => 10_000,
        128 => 932,
        129 => 949,
        134 => 936,
        136 => 950,
        161 => 1253,
        162 => 1254,
        163 => 1258,
        177 => 1255,
        178..=180 => 1256,
        186 => 1257,
        204 => 1251,
        222 => 874,
        238 => 1250,
        _ => return None,
    };
    Some(of_code_page(page))
}
