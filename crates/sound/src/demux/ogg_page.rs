//! Pages of Ogg (RFC 3533), found again after damage. A page whose checksum is wrong is never given.

use super::{Input, read_exactly};
use crate::cursor::Cursor;
use crate::fault::Fault;
use std::io::BufRead;

/// One page. Its body is lent from the reader.
#[derive(Clone, Debug, Default)]
pub(crate) struct Page {
    /// It begins with the rest of a packet.
    pub(crate) continued: bool,
    /// It begins a stream.
    pub(crate) first: bool,
    /// It ends a stream.
    pub(crate) last: bool,
    /// The position of the last packet that ends here; none does if it is negative.
    pub(crate) granule: i64,
    pub(crate) serial: u32,
    pub(crate) sequence: u32,
    /// The lacing values.
    pub(crate) lacing: Vec<u8>,
    pub(crate) body: Vec<u8>,
}

/// What the next bytes were.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Read {
    Page,
    /// Bytes that are no page were passed over.
    Damage,
    End,
    /// The file ends within a page, whose body is given as far as it goes, unchecked.
    Cut,
}

/// Reads the next page into `page`.
pub(crate) fn read_page(input: &mut Input, page: &mut Page) -> Result<Read, Fault> {
    let mut start = Vec::new();
    page.lacing.clear();
    if !read_exactly(input, 4, &mut start)? {
        return Ok(if start.is_empty() { Read::End } else { Read::Cut });
    }
    if start != b"OggS" {
        find_capture(input)?;
        return Ok(Read::Damage);
    }
    let mut head = Vec::new();
    if !read_exactly(input, 23, &mut head)? {
        return Ok(Read::Cut);
    }
    let count = head.last().copied().map_or(0, usize::from);
    if !read_exactly(input, count, &mut page.lacing)? {
        page.lacing.clear();
        return Ok(Read::Cut);
    }
    let size = page.lacing.iter().map(|&value| usize::from(value)).sum();
    let whole = read_exactly(input, size, &mut page.body)?;
    let sound = fill(page, &head).is_some();
    Ok(match (whole, sound) {
        (true, true) => Read::Page,
        (true, false) => Read::Damage,
        (false, _) => {
            page.granule = -1;
            page.last = false;
            Read::Cut
        }
    })
}

/// Reads the header into the page; none if it is of another version or the checksum is wrong.
fn fill(page: &mut Page, head: &[u8]) -> Option<()> {
    let mut cursor = Cursor(head);
    (cursor.u8()? == 0).then_some(())?;
    let flags = cursor.u8()?;
    page.continued = flags & 1 != 0;
    page.first = flags & 2 != 0;
    page.last = flags & 4 != 0;
    page.granule = cursor.u64_le()?.cast_signed();
    page.serial = cursor.u32_le()?;
    page.sequence = cursor.u32_le()?;
    let declared = cursor.u32_le()?;
    let (before, _) = head.split_at_checked(18)?;
    let parts: [&[u8]; 5] = [b"OggS", before, &[0; 4], cursor.0, &page.lacing];
    let sum = parts.into_iter().chain([page.body.as_slice()]).fold(0, checksum);
    (sum == declared).then_some(())
}

/// Goes to where a page may begin: an `O`, or the end of the file.
fn find_capture(input: &mut Input) -> Result<(), Fault> {
    loop {
        let buffer = input.fill_buf()?;
        if buffer.is_empty() {
            return Ok(());
        }
        let (passed, found) =
            buffer.iter().position(|&byte| byte == b'O').map_or((buffer.len(), false), |at| (at, true));
        input.consume(passed);
        if found {
            return Ok(());
        }
    }
}

/// The CRC of Ogg: polynomial 0x04c11db7, nothing reflected, nothing inverted.
fn checksum(sum: u32, bytes: &[u8]) -> u32 {
    bytes.iter().fold(sum, |sum, &byte| {
        let index = (sum >> 24) as u8 ^ byte;
        sum << 8 ^ TABLE.get(usize::from(index)).copied().unwrap_or(0)
    })
}

static TABLE: [u32; 256] = table();

#[expect(clippy::indexing_slicing, reason = "a constant: an index out of range would not compile")]
const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut index = 0;
    while index < 256 {
        let mut sum = (index as u32) << 24;
        let mut bit = 0;
        while bit < 8 {
            sum = if sum & 0x8000_0000 == 0 { sum << 1 } else { sum << 1 ^ 0x04c1_1db7 };
            bit += 1;
        }
        table[index] = sum;
        index += 1;
    }
    table
}
