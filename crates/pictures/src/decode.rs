//! Bytes to pixels: size first, then the pixels of one frame, as they lie in the file.

use crate::format::Format;
use crate::look::{Facts, look};
use crate::{PROGRAM, Problem};
use heic_decoder::{ColorInfo, RgbOptions};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageReader, Limits, RgbImage, RgbaImage};
use std::fmt::Display;
use std::io::Cursor;

/// Numbers of ITU-T H.273 for how colours are coded.
const BT_601: u16 = 6;
const UNSPECIFIED: u16 = 2;

/// Pixels, and what is to be done with them.
pub(crate) struct Decoded {
    /// The first frame.
    pub(crate) image: DynamicImage,
    /// How to turn it for it to be upright.
    pub(crate) orientation: Orientation,
    /// What its colours mean, where that is said.
    pub(crate) profile: Option<Vec<u8>>,
    /// What it was.
    pub(crate) facts: Facts,
}

/// A file whose head has been read.
pub(crate) struct Opened<'bytes> {
    decoder: Box<dyn ImageDecoder + 'bytes>,
    pub(crate) format: Format,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) has_alpha: bool,
    orientation: Orientation,
}

impl Opened<'_> {
    /// Whether it lies on its side.
    pub(crate) fn lies(&self) -> bool {
        use Orientation::{Rotate90, Rotate90FlipH, Rotate270, Rotate270FlipH};
        matches!(self.orientation, Rotate90 | Rotate270 | Rotate90FlipH | Rotate270FlipH)
    }
}

/// Reads the head of a file; what its decoder needs to work is at most `memory` bytes.
pub(crate) fn open(bytes: &[u8], format: Format, memory: u64) -> Result<Opened<'_>, Problem> {
    let known = format.known().ok_or(Problem::NeedsProgram { name: PROGRAM, format })?;
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(memory);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), known);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| broken(format, &error))?;
    let (width, height) = decoder.dimensions();
    if width == 0 || height == 0 {
        return Err(broken(format, &"no pixels"));
    }
    let has_alpha = decoder.color_type().has_alpha();
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    Ok(Opened { decoder: Box::new(decoder), format, width, height, has_alpha, orientation })
}

/// Decodes the first frame of what has at most so many pixels.
pub(crate) fn decode(bytes: &[u8], most: u64) -> Result<Decoded, Problem> {
    let facts = look(bytes)?;
    let too_many = Problem::TooManyPixels { width: facts.width, height: facts.height, most };
    if facts.pixels() > most {
        return Err(too_many);
    }
    match facts.format {
        Format::Avif => Err(Problem::NeedsProgram { name: PROGRAM, format: Format::Avif }),
        Format::Heic => heic(bytes, facts),
        format => {
            // Four bytes of each pixel: samples of 16 bits make half of a picture too large.
            let memory = most.saturating_mul(4);
            let mut opened = open(bytes, format, memory)?;
            if opened.decoder.total_bytes() > memory {
                return Err(too_many);
            }
            let profile = opened.decoder.icc_profile().ok().flatten();
            let image = DynamicImage::from_decoder(opened.decoder).map_err(|error| broken(format, &error))?;
            Ok(Decoded { image, orientation: opened.orientation, profile, facts })
        }
    }
}

/// A decoder that turns it upright itself, as the container says.
fn heic(bytes: &[u8], facts: Facts) -> Result<Decoded, Problem> {
    let mut decoded = heic_decoder::decode(bytes).map_err(|error| heic_problem(&error))?;
    let (width, height) = (facts.width, facts.height);
    let options = RgbOptions { color: Some(coding(decoded.color_info)), ..RgbOptions::default() };
    let image = if decoded.alpha.is_some() {
        let pixels = decoded.to_rgba8_with_options(&options).map_err(|error| heic_problem(&error))?.data;
        RgbaImage::from_raw(width, height, pixels).map(DynamicImage::from)
    } else {
        let pixels = decoded.to_rgb8_with_options(&options).map_err(|error| heic_problem(&error))?.data;
        RgbImage::from_raw(width, height, pixels).map(DynamicImage::from)
    };
    let image = image.ok_or_else(|| broken(Format::Heic, &"not of its size"))?;
    let profile = decoded.metadata.icc_profile.take();
    Ok(Decoded { image, orientation: Orientation::NoTransforms, profile, facts })
}

/// How colours are coded where the file does not say (ISO/IEC 23000-22, 7.3.6.4): as JPEG has them.
fn coding(said: Option<ColorInfo>) -> ColorInfo {
    let unsaid =
        ColorInfo { color_primaries: 1, transfer_characteristics: 13, matrix_coefficients: BT_601, full_range: true };
    match said {
        None => unsaid,
        Some(said) if said.matrix_coefficients == UNSPECIFIED => ColorInfo { matrix_coefficients: BT_601, ..said },
        Some(said) => said,
    }
}

/// What this decoder does not know, libheif may.
pub(crate) fn heic_problem(error: &heic_decoder::HeifError) -> Problem {
    match error {
        heic_decoder::HeifError::Unsupported(_) => Problem::NeedsProgram { name: PROGRAM, format: Format::Heic },
        other => broken(Format::Heic, other),
    }
}

pub(crate) fn broken(format: Format, why: &impl Display) -> Problem {
    Problem::Broken { format, why: why.to_string() }
}
