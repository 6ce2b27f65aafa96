//! Checksums and the canonical form in which two spellings of one value are the same.

use super::Kind;

/// The digits of a text, as numbers from 0 to 9.
pub(super) fn digits(text: &str) -> Vec<u32> {
    text.chars().filter_map(|c| c.to_digit(10)).collect()
}

fn number(digits: &[u32], range: std::ops::Range<usize>) -> u32 {
    digits.get(range).unwrap_or_default().iter().fold(0, |sum, digit| sum * 10 + digit)
}

/// Whether these are the digits of a payment card: a known issuer, its length, and the Luhn sum.
pub(super) fn is_card(digits: &[u32]) -> bool {
    let length = digits.len();
    let (two, four) = (number(digits, 0..2), number(digits, 0..4));
    let issued = match two {
        40..=49 => matches!(length, 13 | 16 | 19),
        34 | 37 => length == 15,
        30 | 36 | 38 => length == 14,
        35 | 51..=55 => length == 16,
        50 | 56..=69 => (13..=19).contains(&length),
        20..=27 => (2200..=2204).contains(&four) && length >= 16 || (2221..=2720).contains(&four) && length == 16,
        _ => false,
    };
    issued && luhn(digits)
}

fn luhn(digits: &[u32]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| if at % 2 == 0 { *digit } else { (digit * 2) % 10 + digit / 5 })
        .sum();
    sum.is_multiple_of(10) && sum > 0
}

/// Whether letters and digits are an IBAN by ISO 13616: the remainder of 97 is 1.
pub(super) fn is_iban(text: &str) -> bool {
    let plain: Vec<u32> = text.chars().filter_map(|c| c.to_digit(36)).collect();
    let (Some(head), Some(tail)) = (plain.get(..4), plain.get(4..)) else { return false };
    let rest = tail
        .iter()
        .chain(head)
        .fold(0, |rest, value| if *value < 10 { (rest * 10 + value) % 97 } else { (rest * 100 + value) % 97 });
    (15..=34).contains(&plain.len()) && rest == 1
}

/// Whether eleven digits are a Russian pension insurance number by its control sum.
pub(super) fn is_snils(digits: &[u32]) -> bool {
    let weights = (1..=9).rev();
    let sum: u32 = digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum();
    let control = match sum % 101 {
        100 => 0,
        rest => rest,
    };
    digits.len() == 11 && sum > 0 && number(digits, 9..11) == control
}

/// Whether nine digits can be a US social security number: areas, groups and serials that are never given out.
pub(super) fn is_ssn(digits: &[u32]) -> bool {
    let (area, group, serial) = (number(digits, 0..3), number(digits, 3..5), number(digits, 5..9));
    digits.len() == 9 && !matches!(area, 0 | 666 | 900..) && group > 0 && serial > 0
}

/// The value without what differs between spellings.
pub(super) fn canonical(kind: Kind, value: &str) -> String {
    match kind {
        Kind::Phone => {
            let plain: String = value.chars().filter(char::is_ascii_digit).collect();
            match plain.strip_prefix('8') {
                Some(rest) if plain.len() == 11 && !value.starts_with('+') => format!("7{rest}"),
                _ => plain,
            }
        }
        Kind::Card | Kind::Snils | Kind::Ssn | Kind::Inn => value.chars().filter(char::is_ascii_digit).collect(),
        Kind::Iban | Kind::Passport => value.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_uppercase(),
        Kind::Email | Kind::Person | Kind::Address | Kind::Ip => value.to_lowercase(),
        Kind::Key | Kind::Password | Kind::Login => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_know_right_numbers_from_wrong_ones() {
        for (card, right) in [
            ("4111111111111111", true),
            ("4111111111111112", false),
            ("378282246310005", true),
            ("0000000000000000", false),
        ] {
            assert_eq!(is_card(&digits(card)), right, "{card}");
        }
        for (iban, right) in
            [("GB82WEST12345698765432", true), ("GB82WEST12345698765433", false), ("DE89370400440532013000", true)]
        {
            assert_eq!(is_iban(iban), right, "{iban}");
        }
        assert!(is_snils(&digits("112-233-445 95")) && !is_snils(&digits("112-233-445 96")));
        assert!(is_ssn(&digits("078-05-1120")) && !is_ssn(&digits("666-05-1120")) && !is_ssn(&digits("900-05-1120")));
    }

    #[test]
    fn spellings_of_one_value_are_the_same() {
        assert_eq!(canonical(Kind::Phone, "8 (912) 345-67-89"), canonical(Kind::Phone, "+7 912 345 67 89"));
        assert_eq!(canonical(Kind::Email, "Dana@Example.com"), canonical(Kind::Email, "dana@example.com"));
    }
}
