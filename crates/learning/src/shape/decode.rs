//! Text that is UTF-8 or, where it is not and looks Russian, windows-1251, as Excel writes tables.

use super::What;
use encoding_rs::WINDOWS_1251;
use std::borrow::Cow;

/// What a file turned out to be written in. The first text beyond ASCII decides, and the whole file keeps to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Encoding {
    #[default]
    Unknown,
    Utf8,
    Windows1251,
}

impl Encoding {
    /// What the beginning of a file is written in.
    pub(super) fn of(head: &[u8]) -> Self {
        match std::str::from_utf8(head) {
            Ok(_) if head.is_ascii() => Self::Unknown,
            Ok(_) => Self::Utf8,
            // Cut within a character.
            Err(error) if error.error_len().is_none() && error.valid_up_to() > 0 => Self::Unknown,
            Err(_) if looks_russian(head) => Self::Windows1251,
            Err(_) => Self::Unknown,
        }
    }

    /// Reads a part of the file.
    pub(super) fn decode<'a>(&mut self, bytes: &'a [u8]) -> Result<Cow<'a, str>, What> {
        let text = std::str::from_utf8(bytes).ok();
        match (*self, text) {
            (Self::Unknown | Self::Utf8, Some(text)) => {
                if !text.is_ascii() {
                    *self = Self::Utf8;
                }
                Ok(Cow::Borrowed(text))
            }
            (Self::Unknown, None) if looks_russian(bytes) => {
                *self = Self::Windows1251;
                Ok(windows_1251(bytes))
            }
            (Self::Windows1251, _) => Ok(windows_1251(bytes)),
            (Self::Unknown | Self::Utf8, None) => Err(What::NotUtf8),
        }
    }
}

fn windows_1251(bytes: &[u8]) -> Cow<'_, str> {
    WINDOWS_1251.decode_without_bom_handling(bytes).0
}

/// Three Cyrillic letters in a row: Western languages hardly have as many letters with accents together.
fn looks_russian(bytes: &[u8]) -> bool {
    let is_letter = |byte: &u8| matches!(byte, 0xc0..=0xff | 0xa8 | 0xb8);
    bytes.windows(3).any(|three| three.iter().all(is_letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_word_that_is_not_ascii_decides() {
        let mut encoding = Encoding::of(b"question,answer\n");
        assert_eq!(encoding.decode(b"who").unwrap(), "who");
        assert_eq!(encoding.decode(b"\xca\xf2\xee").unwrap(), "Кто");
        assert_eq!(encoding.decode(b"\xd2\xe0").unwrap(), "Та");
        let mut encoding = Encoding::of("Кто".as_bytes());
        assert_eq!(encoding.decode(b"\xca\xf2\xee"), Err(What::NotUtf8));
    }

    #[test]
    fn a_western_table_is_not_taken_for_a_russian_one() {
        assert_eq!(Encoding::of(b"caf\xe9").decode(b"caf\xe9"), Err(What::NotUtf8));
    }
}
