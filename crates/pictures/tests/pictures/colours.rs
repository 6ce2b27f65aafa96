//! Every way of coding colours comes out as plain RGB of the same colours.

use crate::made::{Made, near, pixels};
use apprentice_pictures::{Limits, prepare};

/// The colour in the middle of what comes out, and whether it is untouched.
fn seen(bytes: &[u8]) -> (image::Rgba<u8>, bool) {
    let prepared = prepare(bytes, &Limits::default()).unwrap();
    let picture = pixels(&prepared.bytes);
    (*picture.get_pixel(picture.width() / 2, picture.height() / 2), prepared.untouched)
}

#[test]
fn colours_survive_every_coding() {
    let made = Made::new();
    let codings: [(&str, &[&str]); 8] = [
        ("rgb16.png", &["-depth", "16", "-define", "png:bit-depth=16"]),
        ("palette.png", &["-colors", "4", "-define", "png:color-type=3"]),
        ("rgb16.tiff", &["-depth", "16"]),
        ("lzw.tiff", &["-compress", "lzw"]),
        ("plain.bmp", &[]),
        ("lossless.webp", &["-define", "webp:lossless=true"]),
        ("subsampled.jpg", &["-sampling-factor", "4:2:0"]),
        ("progressive.jpg", &["-interlace", "JPEG"]),
    ];
    for (name, more) in codings {
        let mut arguments = vec!["-size", "40x30", "xc:rgb(200,100,50)", "-quality", "95"];
        arguments.extend(more);
        let (colour, _) = seen(&made.magick(&arguments, name));
        assert!(near(colour, [200, 100, 50, 255], 6), "{name}: {colour:?}");
    }
}

#[test]
fn grey_stays_grey() {
    let made = Made::new();
    for (name, depth) in
        [("grey.png", "8"), ("grey16.png", "16"), ("bits.png", "1"), ("grey.jpg", "8"), ("grey.tiff", "8")]
    {
        let white = ["-size", "40x30", "xc:white", "-colorspace", "Gray", "-depth", depth];
        let (colour, _) = seen(&made.magick(&white, name));
        assert!(near(colour, [255, 255, 255, 255], 3), "{name}: {colour:?}");
    }
}

#[test]
fn a_cmyk_jpeg_comes_out_as_rgb() {
    let made = Made::new();
    let bytes = made.magick(&["-size", "40x30", "xc:red", "-colorspace", "CMYK", "-quality", "95"], "print.jpg");
    let (colour, untouched) = seen(&bytes);
    assert!(near(colour, [255, 0, 0, 255], 20), "{colour:?}");
    assert!(!untouched, "not every reader knows CMYK");
}

#[test]
fn a_wide_profile_is_converted_and_not_dropped() {
    let made = Made::new();
    let profile = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    let wide = made.put("p3.icc", &profile);
    let source = ["-size", "40x30", "xc:rgb(200,100,50)", "-quality", "97", "-profile", wide.to_str().unwrap()];
    let mut files: Vec<_> = ["w.jpg", "w.webp"].map(|name| (name, made.magick(&source, name))).into();
    let mut png = Vec::new();
    let mut encoder = image::codecs::png::PngEncoder::new(&mut png);
    image::ImageEncoder::set_icc_profile(&mut encoder, profile).unwrap();
    image::RgbImage::from_pixel(40, 30, image::Rgb([200, 100, 50])).write_with_encoder(encoder).unwrap();
    files.push(("w.png", png));
    for (name, bytes) in files {
        let (colour, untouched) = seen(&bytes);
        // As Little CMS converts it.
        assert!(near(colour, [215, 93, 31, 255], 5), "{name}: {colour:?}");
        assert!(!untouched);
    }
}

#[test]
fn a_jpeg_whose_profile_is_srgb_is_left_as_it_is() {
    let made = Made::new();
    let plain = made.put("srgb.icc", &moxcms::ColorProfile::new_srgb().encode().unwrap());
    let source = ["-size", "40x30", "xc:rgb(200,100,50)", "-profile", plain.to_str().unwrap()];
    let (_, untouched) = seen(&made.magick(&source, "plain.jpg"));
    assert!(untouched);
}
