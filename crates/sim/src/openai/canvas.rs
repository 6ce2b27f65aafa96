//! Real pictures: the colour follows from the prompt, so that a test can tell them apart.

use image::{ImageFormat, Rgba, RgbaImage};
use std::io::Cursor;

/// Draws a disc on a ground, as the file of that format (`png`, `jpeg`, `webp`). On a transparent ground only the disc
/// is seen. `done` is how much of it is there, 0 to 1: the rest is grey.
pub(super) fn draw(prompt: &str, (width, height): (u32, u32), transparent: bool, done: f32, format: &str) -> Vec<u8> {
    let [red, green, blue, ..] = hash(prompt).to_le_bytes();
    let ground = if transparent { Rgba([0, 0, 0, 0]) } else { Rgba([255 - red, 255 - green, 255 - blue, 255]) };
    let ready = (f64::from(height) * f64::from(done)) as u32;
    let (x0, y0) = (i64::from(width) / 2, i64::from(height) / 2);
    let radius = x0.min(y0) * 2 / 3;
    let picture = RgbaImage::from_fn(width, height, |x, y| {
        let (dx, dy) = (i64::from(x) - x0, i64::from(y) - y0);
        match dx * dx + dy * dy < radius * radius {
            _ if y >= ready => Rgba([128, 128, 128, 255]),
            true => Rgba([red, green, blue, 255]),
            false => ground,
        }
    });
    encode(picture, format)
}

/// A given picture with another tint: what editing makes of it.
pub(super) fn tint(original: &[u8], prompt: &str, size: (u32, u32), format: &str) -> Option<Vec<u8>> {
    let [red, green, blue, ..] = hash(prompt).to_le_bytes();
    let picture = image::load_from_memory(original).ok()?.to_rgba8();
    let mut picture = image::imageops::resize(&picture, size.0, size.1, image::imageops::FilterType::Nearest);
    for pixel in picture.pixels_mut() {
        let Rgba([r, g, b, a]) = *pixel;
        let mix = |was: u8, with: u8| u8::try_from((u16::from(was) + u16::from(with)) / 2).unwrap_or(u8::MAX);
        *pixel = Rgba([mix(r, red), mix(g, green), mix(b, blue), a]);
    }
    Some(encode(picture, format))
}

fn encode(picture: RgbaImage, format: &str) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    let written = match format {
        "jpeg" => image::DynamicImage::from(picture).to_rgb8().write_to(&mut file, ImageFormat::Jpeg),
        "webp" => picture.write_to(&mut file, ImageFormat::WebP),
        _ => picture.write_to(&mut file, ImageFormat::Png),
    };
    if let Err(broken) = written {
        tracing::warn!(%broken, "a picture cannot be written");
    }
    file.into_inner()
}

/// FNV-1a.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3))
}
