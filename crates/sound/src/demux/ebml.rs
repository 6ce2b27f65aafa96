//! Elements of EBML (RFC 8794): numbers of variable length, names and sizes.

use crate::cursor::Cursor;

/// The head of an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Element {
    /// The name, its length marker included, as specifications write it.
    pub(crate) id: u32,
    /// Bytes of content; none where the writer did not know.
    pub(crate) size: Option<u64>,
}

/// How many bytes a number takes whose first byte this is, and what of it belongs to the value.
pub(crate) fn width(first: u8) -> Option<(usize, u8)> {
    let width = first.leading_zeros() + 1;
    (width <= 8).then(|| (width as usize, 0xff_u8.checked_shr(width).unwrap_or(0)))
}

/// A number of variable length; none for all ones, which stands for unknown.
pub(crate) fn number(cursor: &mut Cursor<'_>) -> Option<Option<u64>> {
    let first = cursor.u8()?;
    let (width, mask) = width(first)?;
    let rest = cursor.take(width - 1)?;
    let value = rest.iter().fold(u64::from(first & mask), |value, &byte| value << 8 | u64::from(byte));
    let unknown = (1u64 << (7 * width)) - 1;
    Some((value != unknown).then_some(value))
}

/// The head of the next element of a slice.
pub(crate) fn element(cursor: &mut Cursor<'_>) -> Option<Element> {
    let (width, _) = width(*cursor.0.first()?)?;
    (width <= 4).then_some(())?;
    let id = cursor.take(width)?.iter().fold(0, |id, &byte| id << 8 | u32::from(byte));
    Some(Element { id, size: number(cursor)? })
}

/// The elements of a master element of known size, up to the first that does not fit.
pub(crate) fn children(content: &[u8]) -> impl Iterator<Item = (u32, &[u8])> {
    let mut cursor = Cursor(content);
    std::iter::from_fn(move || {
        let head = element(&mut cursor)?;
        let size = usize::try_from(head.size?).ok()?;
        Some((head.id, cursor.take(size)?))
    })
}

/// An unsigned integer element.
pub(crate) fn unsigned(content: &[u8]) -> u64 {
    content.iter().fold(0, |value, &byte| value << 8 | u64::from(byte))
}

/// A signed integer element.
pub(crate) fn signed(content: &[u8]) -> i64 {
    let bits = 64 - 8 * u32::try_from(content.len().min(8)).unwrap_or(8);
    unsigned(content).checked_shl(bits).map_or(0, |shifted| shifted.cast_signed() >> bits)
}
