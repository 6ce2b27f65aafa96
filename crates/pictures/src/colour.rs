//! Colours to sRGB, which is what a picture without a profile is taken for.
//!
//! Phones take pictures in Display P3: without this, their colours would come out pale.

use image::DynamicImage;
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};

/// Colours that tell one profile from another: each primary, their mixtures, and greys, three bytes each.
const SAMPLE: [u8; 30] = [
    255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 0, 0, 255, 255, 255, 0, 255, 64, 64, 64, 128, 128, 128, 192, 64, 32, 32,
    96, 160,
];

/// How far a sample may move for a profile to be as good as sRGB.
const SAME: u8 = 3;

/// Whether dropping this profile leaves the colours as they are.
pub(crate) fn is_srgb(profile: Option<&[u8]>) -> bool {
    let Some(profile) = profile.and_then(readable) else { return true };
    let mut moved = SAMPLE;
    convert(&profile, Layout::Rgb, &SAMPLE, &mut moved);
    SAMPLE.iter().zip(moved).all(|(before, after)| before.abs_diff(after) <= SAME)
}

/// Converts colours from what the profile says; a profile that cannot be read changes nothing.
pub(crate) fn to_srgb(image: &mut DynamicImage, profile: Option<&[u8]>) {
    let Some(profile) = profile.and_then(readable) else { return };
    match image {
        DynamicImage::ImageRgb8(pixels) => {
            let before = pixels.clone();
            convert(&profile, Layout::Rgb, &before, pixels);
        }
        DynamicImage::ImageRgba8(pixels) => {
            let before = pixels.clone();
            convert(&profile, Layout::Rgba, &before, pixels);
        }
        _ => {}
    }
}

/// A profile of what is decoded here: grey and CMYK are RGB by then.
fn readable(profile: &[u8]) -> Option<ColorProfile> {
    ColorProfile::new_from_slice(profile).ok().filter(|profile| profile.color_space == DataColorSpace::Rgb)
}

fn convert(profile: &ColorProfile, layout: Layout, from: &[u8], to: &mut [u8]) {
    let srgb = ColorProfile::new_srgb();
    if let Ok(transform) = profile.create_transform_8bit(layout, &srgb, layout, TransformOptions::default())
        && transform.transform(from, to).is_err()
    {
        to.copy_from_slice(from);
    }
}
