//! How many frames a picture has, counted in its structure without decoding one.
//!
//! A count stops where a file is damaged: it is of what can be shown, and never less than 1.

use crate::Format;

/// The frames of a picture, at least 1.
pub(crate) fn count(bytes: &[u8], format: Format) -> u32 {
    let frames = match format {
        Format::Gif => gif(bytes),
        Format::Webp => webp(bytes),
        Format::Png => png(bytes),
        _ => None,
    };
    frames.unwrap_or(1).max(1)
}

/// Image descriptors between the blocks of a GIF (GIF89a, 17 to 27).
fn gif(bytes: &[u8]) -> Option<u32> {
    let mut frames = 0;
    let mut at = 13 + colours(*bytes.get(10)?);
    loop {
        let skipped = match bytes.get(at) {
            Some(0x2c) => {
                let Some(flags) = bytes.get(at + 9) else { return Some(frames) };
                frames += 1;
                // The descriptor, its colours, and the width of the codes that follow.
                10 + colours(*flags) + 1
            }
            Some(0x21) => 2,
            _ => return Some(frames),
        };
        at = blocks(bytes, at + skipped);
    }
}

/// The length of a table of colours, in bytes, by the flags that announce it.
fn colours(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

/// The place after a row of data blocks, each with its length before it, of which the last is 0.
fn blocks(bytes: &[u8], mut at: usize) -> usize {
    while let Some(length) = bytes.get(at) {
        at += 1 + usize::from(*length);
        if *length == 0 {
            break;
        }
    }
    at
}

fn webp(bytes: &[u8]) -> Option<u32> {
    let mut frames = 0;
    let mut rest = bytes.get(12..)?;
    while let Some((name, after)) = rest.split_first_chunk::<4>() {
        frames += u32::from(name == b"ANMF");
        let Some((length, body)) = after.split_first_chunk::<4>() else { break };
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        // Chunks begin at even places.
        let Some(next) = length.checked_next_multiple_of(2).and_then(|length| body.get(length..)) else { break };
        rest = next;
    }
    Some(frames)
}

/// What an animated PNG announces before its first picture.
fn png(bytes: &[u8]) -> Option<u32> {
    let mut rest = bytes.get(8..)?;
    loop {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let (name, body) = after.split_first_chunk::<4>()?;
        match name {
            b"acTL" => return Some(u32::from_be_bytes(*body.first_chunk::<4>()?)),
            b"IDAT" => return None,
            _ => rest = body.get(usize::try_from(u32::from_be_bytes(*length)).ok()?.checked_add(4)?..)?,
        }
    }
}
