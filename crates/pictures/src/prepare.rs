//! Pixels to what a model is given: scaled down, upright, in sRGB, and no larger than it may be.

use crate::decode::{Decoded, broken, decode};
use crate::look::Facts;
use crate::{Format, Limits, Problem, colour, strip};
use fast_image_resize::images::Image;
use fast_image_resize::{PixelType, ResizeOptions, Resizer};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::metadata::Orientation;
use image::{DynamicImage, ExtendedColorType, ImageEncoder, Rgb, RgbImage, RgbaImage};

/// The quality of what is encoded, and what it is lowered to where the bytes are too many.
const QUALITIES: [u8; 3] = [85, 70, 50];

/// How often the sides are halved where that is not enough.
const HALVINGS: u32 = 4;

/// A picture for a model: a JPEG, or a PNG where something of it is transparent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    /// The file.
    pub bytes: Vec<u8>,
    /// `image/jpeg` or `image/png`.
    pub mime: &'static str,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// What came in.
    pub was: Facts,
    /// Whether the pixels are those that came in, none scaled nor coded anew.
    pub untouched: bool,
}

const JPEG: &str = "image/jpeg";
const PNG: &str = "image/png";

/// Prepares a picture for a model to look at: its first frame, within the limits.
///
/// # Errors
/// See [`Problem`].
pub fn prepare(bytes: &[u8], limits: &Limits) -> Result<Prepared, Problem> {
    let decoded = decode(bytes, limits.max_pixels)?;
    if let Some(prepared) = as_it_is(bytes, &decoded, limits) {
        return Ok(prepared);
    }
    let was = decoded.facts;
    let mut image = shaped(decoded, limits.longest_side)?;
    if let DynamicImage::ImageRgba8(pixels) = &image {
        if pixels.pixels().any(|pixel| pixel.0[3] != u8::MAX) {
            let file = png(pixels, was.format)?;
            if file.len() <= limits.max_bytes_out {
                return Ok(finished(file, PNG, &image, was));
            }
        }
        image = on_white(pixels).into();
    }
    smaller(image, was, limits.max_bytes_out)
}

/// Prepares a picture for being changed by a model: its first frame as a PNG, with what is transparent.
///
/// # Errors
/// See [`Problem`]; [`Problem::TooManyBytes`] where the PNG is larger than it may be.
pub fn as_png(bytes: &[u8], limits: &Limits) -> Result<Prepared, Problem> {
    let decoded = decode(bytes, limits.max_pixels)?;
    let was = decoded.facts;
    let pixels = shaped(decoded, limits.longest_side)?.into_rgba8();
    within(pixels, was, limits)
}

/// As [`as_png`], on a transparent square with the picture in its middle.
///
/// # Errors
/// As those of [`as_png`].
pub fn square_png(bytes: &[u8], limits: &Limits) -> Result<Prepared, Problem> {
    let decoded = decode(bytes, limits.max_pixels)?;
    let was = decoded.facts;
    let picture = shaped(decoded, limits.longest_side)?.into_rgba8();
    let side = picture.width().max(picture.height());
    let mut square = RgbaImage::new(side, side);
    let middle = |length: u32| i64::from((side - length) / 2);
    image::imageops::replace(&mut square, &picture, middle(picture.width()), middle(picture.height()));
    within(square, was, limits)
}

fn within(pixels: RgbaImage, was: Facts, limits: &Limits) -> Result<Prepared, Problem> {
    let file = png(&pixels, was.format)?;
    if file.len() > limits.max_bytes_out {
        return Err(Problem::TooManyBytes { most: limits.max_bytes_out });
    }
    Ok(finished(file, PNG, &pixels.into(), was))
}

/// A JPEG that is as it should be keeps its pixels and loses the rest.
fn as_it_is(bytes: &[u8], decoded: &Decoded, limits: &Limits) -> Option<Prepared> {
    let was = decoded.facts;
    let fits = was.width.max(was.height) <= limits.longest_side;
    let upright = decoded.orientation == Orientation::NoTransforms;
    if was.format != Format::Jpeg || !fits || !upright || !colour::is_srgb(decoded.profile.as_deref()) {
        return None;
    }
    let file = strip::strip(bytes).filter(|file| file.len() <= limits.max_bytes_out)?;
    // What was cut away must have been no part of the picture.
    let again = decode(&file, limits.max_pixels).ok()?;
    (again.image == decoded.image).then(|| Prepared { untouched: true, ..finished(file, JPEG, &decoded.image, was) })
}

/// Eight bits a sample, scaled down, upright, in sRGB: in the order that has the least to do.
fn shaped(decoded: Decoded, longest_side: u32) -> Result<DynamicImage, Problem> {
    let format = decoded.facts.format;
    let image = if decoded.image.color().has_alpha() {
        DynamicImage::from(decoded.image.into_rgba8())
    } else {
        DynamicImage::from(decoded.image.into_rgb8())
    };
    let mut image = scaled(image, longest_side, format)?;
    image.apply_orientation(decoded.orientation);
    colour::to_srgb(&mut image, decoded.profile.as_deref());
    Ok(image)
}

/// Scaled down for its longest side to be at most this; never up.
fn scaled(image: DynamicImage, longest_side: u32, format: Format) -> Result<DynamicImage, Problem> {
    let (width, height) = (image.width(), image.height());
    let longest = width.max(height);
    if longest <= longest_side {
        return Ok(image);
    }
    let side = |length: u32| {
        let scaled = (u64::from(length) * u64::from(longest_side) + u64::from(longest) / 2) / u64::from(longest);
        u32::try_from(scaled).unwrap_or(longest_side).max(1)
    };
    let (new_width, new_height) = (side(width), side(height));
    let alpha = image.color().has_alpha();
    let (kind, pixels) = (PixelType::U8x4, image.into_rgba8().into_raw());
    let source = Image::from_vec_u8(width, height, pixels, kind).map_err(|error| broken(format, &error))?;
    let mut target = Image::new(new_width, new_height, kind);
    let options = ResizeOptions::new().use_alpha(alpha);
    Resizer::new().resize(&source, &mut target, &options).map_err(|error| broken(format, &error))?;
    let scaled = RgbaImage::from_raw(new_width, new_height, target.into_vec()).map(DynamicImage::from);
    let scaled = scaled.ok_or_else(|| broken(format, &"not of its size"))?;
    Ok(if alpha { scaled } else { scaled.into_rgb8().into() })
}

/// What is transparent, on white.
fn on_white(pixels: &RgbaImage) -> RgbImage {
    let mut flat = RgbImage::new(pixels.width(), pixels.height());
    for (to, from) in flat.pixels_mut().zip(pixels.pixels()) {
        let [red, green, blue, alpha] = from.0.map(u16::from);
        let mixed = |colour: u16| u8::try_from((colour * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX);
        *to = Rgb([mixed(red), mixed(green), mixed(blue)]);
    }
    flat
}

/// A JPEG of at most so many bytes: by less quality, then by fewer pixels.
fn smaller(mut image: DynamicImage, was: Facts, most: usize) -> Result<Prepared, Problem> {
    for _ in 0..=HALVINGS {
        for quality in QUALITIES {
            let file = jpeg(&image, quality, was.format)?;
            if file.len() <= most {
                return Ok(finished(file, JPEG, &image, was));
            }
        }
        let half = (image.width().max(image.height()) / 2).max(1);
        image = scaled(image, half, was.format)?;
    }
    Err(Problem::TooManyBytes { most })
}

fn jpeg(image: &DynamicImage, quality: u8, format: Format) -> Result<Vec<u8>, Problem> {
    let mut file = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut file, quality);
    image.write_with_encoder(encoder).map_err(|error| broken(format, &error))?;
    Ok(file)
}

fn png(pixels: &RgbaImage, format: Format) -> Result<Vec<u8>, Problem> {
    let mut file = Vec::new();
    let encoder = PngEncoder::new_with_quality(&mut file, CompressionType::Default, FilterType::Adaptive);
    encoder
        .write_image(pixels, pixels.width(), pixels.height(), ExtendedColorType::Rgba8)
        .map_err(|error| broken(format, &error))?;
    Ok(file)
}

fn finished(bytes: Vec<u8>, mime: &'static str, image: &DynamicImage, was: Facts) -> Prepared {
    Prepared { bytes, mime, width: image.width(), height: image.height(), was, untouched: false }
}
