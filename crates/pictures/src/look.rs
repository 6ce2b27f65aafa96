//! What a picture is, told from its structure; no pixel is decoded.

use crate::decode::{Opened, broken, open};
use crate::format::{Format, Kind, tell};
use crate::{Problem, frames};

/// What a picture is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// By its bytes.
    pub format: Format,
    /// In pixels, as it is to be shown: upright.
    pub width: u32,
    /// In pixels, as it is to be shown: upright.
    pub height: u32,
    /// 1 where nothing moves.
    pub frames: u32,
    /// Whether its format lets some of it be transparent; all of it may be opaque nevertheless.
    pub has_alpha: bool,
}

impl Facts {
    pub(crate) fn pixels(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }
}

/// Tells what a picture is without decoding it.
///
/// # Errors
/// Every [`Problem`] but those of size; a picture that is damaged after its head has none yet.
pub fn look(bytes: &[u8]) -> Result<Facts, Problem> {
    match format(bytes)? {
        Format::Avif => avif(bytes),
        Format::Heic => heic(bytes),
        format => Ok(open(bytes, format, u64::MAX)?.facts(bytes)),
    }
}

/// The format of what is a picture.
pub(crate) fn format(bytes: &[u8]) -> Result<Format, Problem> {
    match tell(bytes) {
        _ if bytes.is_empty() => Err(Problem::Empty),
        None => Err(Problem::Unknown),
        Some(Kind::Other(kind)) => Err(Problem::Unsupported { kind }),
        Some(Kind::Picture(format)) => Ok(format),
    }
}

impl Opened<'_> {
    pub(crate) fn facts(&self, bytes: &[u8]) -> Facts {
        let (width, height) = if self.lies() { (self.height, self.width) } else { (self.width, self.height) };
        let frames = frames::count(bytes, self.format);
        Facts { format: self.format, width, height, frames, has_alpha: self.has_alpha }
    }
}

fn heic(bytes: &[u8]) -> Result<Facts, Problem> {
    let found = heic_decoder::probe(bytes).map_err(|error| crate::decode::heic_problem(&error))?;
    let side = |length: usize| u32::try_from(length).map_err(|error| broken(Format::Heic, &error));
    let (width, height) = (side(found.width)?, side(found.height)?);
    Ok(Facts { format: Format::Heic, width, height, frames: 1, has_alpha: found.alpha_bit_depth.is_some() })
}

fn avif(bytes: &[u8]) -> Result<Facts, Problem> {
    let size = imagesize::blob_size(bytes).map_err(|error| broken(Format::Avif, &error))?;
    let side = |length: usize| u32::try_from(length).map_err(|error| broken(Format::Avif, &error));
    // The name of an alpha plane (ISO/IEC 23000-22, 7.3.5).
    let has_alpha = memchr::memmem::find(bytes, b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha").is_some();
    Ok(Facts { format: Format::Avif, width: side(size.width)?, height: side(size.height)?, frames: 1, has_alpha })
}
