//! Pictures of any format to what a model sees: bounded, upright, and without their metadata.
//!
//! What always holds: a picture's size is known and judged before a pixel of it is decoded; what comes out is
//! a JPEG or a PNG that a decoder of ours has read from end to end or an encoder of ours has written; nothing
//! that was in the file beside its pixels is in it. Pure and synchronous, no files, no clock: meant to run in
//! a process that may die of it.

mod colour;
mod decode;
mod format;
mod frames;
mod look;
mod prepare;
mod strip;

pub use format::{Format, Kind, Other, tell};
pub use look::{Facts, look};
pub use prepare::{Prepared, as_png, prepare, square_png};

/// The program that decodes what this crate does not: `heif-convert` of libheif, in Debian's
/// `libheif-examples`. It reads a file and writes a PNG.
pub const PROGRAM: &str = "heif-convert";

/// How large a picture may be, before and after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The longest side of what comes out, in pixels, at least 1.
    pub longest_side: u32,
    /// The pixels of what comes in, of four bytes each: of 16 bits a sample it may have half or two thirds as
    /// many. Decoding takes some 4 to 12 bytes of memory for each.
    pub max_pixels: u64,
    /// The bytes of what comes out: quality, transparency and size are given up for it, in this order.
    pub max_bytes_out: usize,
}

impl Default for Limits {
    /// What the models of today look at, of what the phones of today take.
    fn default() -> Self {
        Limits { longest_side: 2048, max_pixels: 110_000_000, max_bytes_out: 3_500_000 }
    }
}

/// Why there is no picture.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// There are no bytes.
    #[error("the file is empty")]
    Empty,
    /// By its bytes it is nothing that is known here.
    #[error("not a picture of a known format")]
    Unknown,
    /// It is known, and not read here.
    #[error("not read here: {kind:?}")]
    Unsupported {
        /// What it is.
        kind: Other,
    },
    /// It can be decoded by a program that may be on this machine: see [`PROGRAM`].
    #[error("{format:?} is decoded by the program {name}")]
    NeedsProgram {
        /// The program's name.
        name: &'static str,
        /// The picture's format.
        format: Format,
    },
    /// It has more pixels than it may, and was not decoded.
    #[error("{width} x {height} pixels are more than {most}")]
    TooManyPixels {
        /// In pixels.
        width: u32,
        /// In pixels.
        height: u32,
        /// How many it may have.
        most: u64,
    },
    /// What comes out cannot be as small as it must be.
    #[error("cannot be made smaller than {most} bytes")]
    TooManyBytes {
        /// How many it may have.
        most: usize,
    },
    /// It is damaged, or was made to do harm.
    #[error("a damaged {format:?}: {why}")]
    Broken {
        /// The format that it begins as.
        format: Format,
        /// What the decoder says, for the log.
        why: String,
    },
}
