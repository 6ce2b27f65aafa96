//! A JPEG without what is not its picture: EXIF, XMP, IPTC, profiles, comments, thumbnails, and whatever
//! phones put after the end.
//!
//! The picture's own bytes stay as they are (ITU-T T.81, B.1). What is not made as the standard says is not
//! guessed at, and CMYK is not for every reader: then there is none, and the picture is to be encoded anew.

/// Start of image.
const START: u8 = 0xd8;
/// End of image.
const END: u8 = 0xd9;
/// Start of a scan: after its head come the coded pixels.
const SCAN: u8 = 0xda;
/// Which space the colours are in, by Adobe; without it CMYK and RGB are mistaken.
const ADOBE: u8 = 0xee;
/// How long Adobe's segment is, its length included.
const ADOBE_LENGTH: usize = 14;

/// A JPEG with its tables, frames and scans alone; none where it is not made as it should be.
pub(crate) fn strip(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut rest = bytes.strip_prefix(&[0xff, START])?;
    let mut kept = vec![0xff, START];
    loop {
        let (marker, after) = marker(rest)?;
        if marker == END {
            kept.extend([0xff, END]);
            return Some(kept);
        }
        let length = usize::from(u16::from_be_bytes(after.first_chunk().copied()?));
        let (segment, mut next) = after.split_at_checked(length).filter(|_| length >= 2)?;
        if is_frame(marker) && !is_common(marker, segment) {
            return None;
        }
        if is_picture(marker, segment) {
            kept.extend([0xff, marker]);
            kept.extend_from_slice(segment);
        }
        if marker == SCAN {
            let (coded, following) = next.split_at_checked(coded(next)?)?;
            kept.extend_from_slice(coded);
            next = following;
        }
        rest = next;
    }
}

/// A marker and what follows it; it may have fill bytes before it.
fn marker(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let after = bytes.strip_prefix(&[0xff])?;
    let fill = after.iter().take_while(|byte| **byte == 0xff).count();
    let (marker, rest) = after.get(fill..)?.split_first()?;
    Some((*marker, rest))
}

/// Tables, frames and scans, and what says how colours are coded.
fn is_picture(marker: u8, segment: &[u8]) -> bool {
    match marker {
        ADOBE => segment.len() == ADOBE_LENGTH && segment.get(2..7) == Some(b"Adobe"),
        // Frames, tables, scans, restarts.
        0xc0..=0xcf | 0xda..=0xdd => true,
        _ => false,
    }
}

/// Whether a marker starts a frame; three of their numbers are of tables and kept for later.
fn is_frame(marker: u8) -> bool {
    matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc)
}

/// Frames that every reader of JPEG knows: Huffman's code, eight bits a sample, grey or three colours.
fn is_common(marker: u8, segment: &[u8]) -> bool {
    matches!(marker, 0xc0..=0xc2) && segment.get(2) == Some(&8) && matches!(segment.get(7), Some(1 | 3))
}

/// The length of coded pixels: up to the first marker that is no restart and no stuffed byte.
fn coded(bytes: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + memchr::memchr(0xff, bytes.get(from..)?)?;
        match bytes.get(at + 1)? {
            0 | 0xd0..=0xd7 => from = at + 2,
            _ => return Some(at),
        }
    }
}
