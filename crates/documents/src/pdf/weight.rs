//! How much a PDF unpacks to, before anything of it is unpacked for good. Its reader unpacks whole streams: a few
//! kilobytes could ask for gigabytes.

use crate::problem::{Bound, Limits, Problem};
use flate2::{Decompress, FlushDecompress, Status};
use memchr::memmem;

/// Bytes before a stream in which its dictionary is looked for.
const DICTIONARY: usize = 1024;

/// Bytes unpacked at a time.
const WINDOW: usize = 1 << 16;

/// Weighs the compressed streams of a PDF, but for images, which are never unpacked here.
///
/// # Errors
///
/// [`Problem::TooLarge`] when they unpack to more than [`Limits::unpacked`], [`Problem::Hostile`] for a stream that is
/// compressed twice.
pub(super) fn check(bytes: &[u8], limits: &Limits) -> Result<(), Problem> {
    let mut left = limits.unpacked;
    let mut window = vec![0; WINDOW];
    for at in memmem::find_iter(bytes, b"stream") {
        let (before, stream) = bytes.split_at_checked(at).unwrap_or((bytes, &[]));
        if before.ends_with(b"end") {
            continue;
        }
        let stream = stream.get(6..).unwrap_or_default().trim_ascii_start();
        let dictionary = dictionary(before);
        if !is_deflated(stream) || memmem::find(dictionary, b"/Image").is_some() {
            continue;
        }
        if memmem::find_iter(dictionary, b"FlateDecode").count() > 1 {
            return Err(Problem::Hostile { detail: "a stream that is compressed twice".to_owned() });
        }
        left = left
            .checked_sub(weigh(stream, left, &mut window))
            .ok_or(Problem::TooLarge { what: Bound::Unpacked, limit: limits.unpacked })?;
    }
    Ok(())
}

fn dictionary(before: &[u8]) -> &[u8] {
    let near = before.get(before.len().saturating_sub(DICTIONARY)..).unwrap_or(before);
    let start = memmem::rfind(near, b"obj").unwrap_or(0);
    near.get(start..).unwrap_or(near)
}

/// Whether these bytes begin as RFC 1950 says.
fn is_deflated(stream: &[u8]) -> bool {
    match stream {
        [first, second, ..] => first & 0x0f == 8 && (u16::from(*first) << 8 | u16::from(*second)) % 31 == 0,
        _ => false,
    }
}

/// Bytes that a stream unpacks to, counted until they are more than `most`.
fn weigh(stream: &[u8], most: u64, window: &mut [u8]) -> u64 {
    let mut inflate = Decompress::new(true);
    loop {
        let read = usize::try_from(inflate.total_in()).unwrap_or(usize::MAX);
        let (before, rest) = (inflate.total_out(), stream.get(read..).unwrap_or_default());
        let status = inflate.decompress(rest, window, FlushDecompress::None);
        let stands_still = inflate.total_out() == before;
        if !matches!(status, Ok(Status::Ok)) || stands_still || inflate.total_out() > most {
            return inflate.total_out();
        }
    }
}
