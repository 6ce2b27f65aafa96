//! Colours to sRGB, which is what a picture without a profile is taken for.
//!
//! Phones take pictures in Display P3: without this, their colours would come out pale. A profile is read by
//! moxcms, and applied here: its own conversions are compiled for every layout and depth, and one is needed.

use image::DynamicImage;
use moxcms::{ColorProfile, DataColorSpace};

/// Colours that tell one profile from another: each primary, their mixtures, and greys, three bytes each.
const SAMPLE: [u8; 30] = [
    255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 0, 0, 255, 255, 255, 0, 255, 64, 64, 64, 128, 128, 128, 192, 64, 32, 32,
    96, 160,
];

/// How far a sample may move for a profile to be as good as sRGB.
const SAME: u8 = 3;

/// Steps of light between none and all: enough for the darkest of 256 values to be told apart.
const STEPS: f32 = 8191.0;

/// Whether dropping this profile leaves the colours as they are.
pub(crate) fn is_srgb(profile: Option<&[u8]>) -> bool {
    let Some(conversion) = profile.and_then(Conversion::new) else { return true };
    let mut moved = SAMPLE;
    conversion.apply(moved.chunks_exact_mut(3));
    SAMPLE.iter().zip(moved).all(|(before, after)| before.abs_diff(after) <= SAME)
}

/// Converts colours from what the profile says; a profile that cannot be read changes nothing.
pub(crate) fn to_srgb(image: &mut DynamicImage, profile: Option<&[u8]>) {
    let Some(conversion) = profile.and_then(Conversion::new) else { return };
    match image {
        DynamicImage::ImageRgb8(pixels) => conversion.apply(pixels.chunks_exact_mut(3)),
        DynamicImage::ImageRgba8(pixels) => conversion.apply(pixels.chunks_exact_mut(4)),
        _ => {}
    }
}

/// From a profile of three primaries and a curve for each (ICC.1:2022, F.3) to sRGB.
struct Conversion {
    /// The light of each value, by colour.
    light: [Box<[f32; 256]>; 3],
    /// From its primaries to those of sRGB.
    primaries: [[f32; 3]; 3],
    /// The value of each step of light.
    values: Vec<u8>,
}

impl Conversion {
    /// None for what is not so: grey and CMYK are RGB once they are decoded.
    fn new(profile: &[u8]) -> Option<Conversion> {
        let profile = ColorProfile::new_from_slice(profile).ok()?;
        if profile.color_space != DataColorSpace::Rgb {
            return None;
        }
        let curve = |curve| profile.build_8bit_lin_table(curve).ok();
        let light = [curve(&profile.red_trc)?, curve(&profile.green_trc)?, curve(&profile.blue_trc)?];
        let primaries = profile.transform_matrix(&ColorProfile::new_srgb()).v.map(|row| row.map(|share| share as f32));
        let values = (0..=STEPS as u16).map(|step| value(f32::from(step) / STEPS)).collect();
        primaries.as_flattened().iter().all(|share| share.is_finite()).then_some(Conversion {
            light,
            primaries,
            values,
        })
    }

    /// Converts the first three bytes of each pixel.
    fn apply<'pixels>(&self, pixels: impl Iterator<Item = &'pixels mut [u8]>) {
        let [reds, greens, blues] = &self.light;
        let light = |table: &[f32; 256], value: u8| table.get(usize::from(value)).copied().unwrap_or_default();
        for pixel in pixels {
            let Some(colour) = pixel.first_chunk_mut::<3>() else { continue };
            let [red, green, blue] = *colour;
            let (red, green, blue) = (light(reds, red), light(greens, green), light(blues, blue));
            *colour = self.primaries.map(|[from_red, from_green, from_blue]| {
                let mixed = from_red * red + from_green * green + from_blue * blue;
                // A cast of a float saturates: what sRGB cannot show is the nearest that it can.
                let step = (mixed.clamp(0.0, 1.0) * STEPS).round() as usize;
                self.values.get(step).copied().unwrap_or(u8::MAX)
            });
        }
    }
}

/// The value of light from 0 to 1 (IEC 61966-2-1).
fn value(light: f32) -> u8 {
    let encoded = if light <= 0.003_130_8 { 12.92 * light } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 };
    (encoded * 255.0).round() as u8
}
