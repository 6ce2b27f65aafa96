//! Bytes to text, whatever they are encoded in: by their mark, as UTF-8 where they are that, and else by what
//! they look like.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};
use std::borrow::Cow;

/// Bytes that are looked at to tell one encoding from another.
const SAMPLE: usize = 64 << 10;

/// Of so many characters one may be a control character in what is still text.
const CONTROLS: usize = 200;

/// What switches between alphabets in ISO-2022-JP.
const ESCAPE: u8 = 0x1b;

/// A text, without its byte order mark.
pub(crate) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(bytes.get(mark..).unwrap_or_default()).0;
    }
    match std::str::from_utf8(bytes) {
        // Seven bits are UTF-8, too, when they are UTF-16 without a mark or one of those that switch by escapes.
        Ok(text) if wide(sample(bytes)).is_none() && !bytes.contains(&ESCAPE) => Cow::Borrowed(text),
        _ => guessed(bytes).decode_without_bom_handling(bytes).0,
    }
}

/// Whether these bytes are text in some encoding.
pub(crate) fn is_text(bytes: &[u8]) -> bool {
    let sample = sample(bytes);
    if Encoding::for_bom(sample).is_some() || wide(sample).is_some() {
        return true;
    }
    let controls = sample.iter().filter(|byte| is_control(**byte)).count();
    !sample.contains(&0) && controls.saturating_mul(CONTROLS) <= sample.len()
}

fn guessed(bytes: &[u8]) -> &'static Encoding {
    let sample = sample(bytes);
    wide(sample).unwrap_or_else(|| {
        let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
        detector.feed(sample, true);
        detector.guess(None, Utf8Detection::Allow)
    })
}

fn sample(bytes: &[u8]) -> &[u8] {
    bytes.get(..SAMPLE).unwrap_or(bytes)
}

fn is_control(byte: u8) -> bool {
    byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | ESCAPE)
}

/// UTF-16 without a mark: of each two bytes one is nearly always the same few, the number of the alphabet.
fn wide(sample: &[u8]) -> Option<&'static Encoding> {
    let (pairs, _) = sample.as_chunks::<2>();
    if pairs.len() < 2 {
        return None;
    }
    let many = |count: usize| count * 10 >= pairs.len() * 9;
    let alphabet = |byte: u8| matches!(byte, 0x00 | 0x04 | 0x20);
    let little = pairs.iter().filter(|[low, high]| alphabet(*high) && *low != 0).count();
    let big = pairs.iter().filter(|[high, low]| alphabet(*high) && *low != 0).count();
    match () {
        () if many(little) && little > big && has_zero_or_controls(sample) => Some(UTF_16LE),
        () if many(big) && big > little && has_zero_or_controls(sample) => Some(UTF_16BE),
        () => None,
    }
}

/// Text of one byte a character has no zeroes; text of many spaces would else look like the alphabet 0x20.
fn has_zero_or_controls(sample: &[u8]) -> bool {
    sample.iter().any(|byte| *byte == 0 || is_control(*byte))
}
