//! The identification header of Opus (RFC 7845, 5.1), as Ogg and Matroska carry it, and the box of MP4.

use crate::cursor::Cursor;

/// What a decoder needs to know of an Opus stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OpusHead {
    pub(crate) channels: u8,
    /// Samples at 48 kHz to drop from the front.
    pub(crate) pre_skip: u16,
    /// The gain to apply, in 1/256 dB.
    pub(crate) gain_q8: i16,
    /// 0 is mono or stereo.
    pub(crate) family: u8,
}

impl OpusHead {
    /// Reads `OpusHead`; another major version is none.
    pub(crate) fn parse(packet: &[u8]) -> Option<Self> {
        let mut cursor = Cursor(packet);
        (cursor.take(8)? == b"OpusHead" && cursor.u8()? >> 4 == 0).then_some(())?;
        let channels = cursor.u8()?;
        let pre_skip = cursor.u16_le()?;
        cursor.u32_le()?;
        let gain_q8 = cursor.u16_le()?.cast_signed();
        Some(Self { channels, pre_skip, gain_q8, family: cursor.u8()? })
    }

    /// Reads the content of a `dOps` box: the same fields, big-endian.
    pub(crate) fn parse_mp4(content: &[u8]) -> Option<Self> {
        let mut cursor = Cursor(content);
        (cursor.u8()? == 0).then_some(())?;
        let channels = cursor.u8()?;
        let pre_skip = cursor.u16_le()?.swap_bytes();
        cursor.u32_be()?;
        let gain_q8 = cursor.u16_le()?.swap_bytes().cast_signed();
        Some(Self { channels, pre_skip, gain_q8, family: cursor.u8()? })
    }
}
