//! Damaged pictures, pictures that lie about their size, and pictures of no sensible shape.

use crate::made::{Made, chunk, pixels};
use apprentice_pictures::{Limits, Prepared, Problem, as_png, look, prepare};

/// Pictures that say they are larger than any memory, in some bytes.
fn bombs(made: &Made) -> Vec<(&'static str, Vec<u8>)> {
    let side = 60_000_u32;
    let head = [&side.to_be_bytes()[..], &side.to_be_bytes(), &[8, 6, 0, 0, 0]].concat();
    let png = [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(b"IHDR", &head), chunk(b"IDAT", b"\x78\x9c"), chunk(b"IEND", b"")];
    let mut gif = made.photo("8x8", "small.gif");
    gif[6..10].fill(0xff);
    let mut bmp = made.photo("8x8", "small.bmp");
    bmp[18..22].copy_from_slice(&side.to_le_bytes());
    bmp[22..26].copy_from_slice(&side.to_le_bytes());
    let mut jpeg = made.photo("8x8", "small.jpg");
    let frame = jpeg.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xea, 0x60, 0xea, 0x60]);
    let mut webp = made.magick(&["-size", "8x8", "xc:red", "xc:lime"], "small.webp");
    assert_eq!(&webp[12..16], b"VP8X");
    webp[24..30].copy_from_slice(&[0x4f, 0xc3, 0, 0x4f, 0xc3, 0]);
    vec![("png", png.concat()), ("gif", gif), ("bmp", bmp), ("jpeg", jpeg), ("webp", webp)]
}

#[test]
fn a_bomb_is_refused_before_it_is_decoded() {
    let made = Made::new();
    for (name, bytes) in bombs(&made) {
        let end = prepare(&bytes, &Limits::default());
        assert!(matches!(end, Err(Problem::TooManyPixels { .. })), "{name}: {end:?}");
        let facts = look(&bytes).unwrap();
        assert!(facts.width >= 50_000 && facts.height >= 50_000, "{name}: {facts:?}");
    }
}

#[test]
fn a_picture_with_one_pixel_too_many_is_refused() {
    let made = Made::new();
    let bytes = made.photo("30x20", "photo.png");
    assert!(prepare(&bytes, &Limits { max_pixels: 600, ..Limits::default() }).is_ok());
    let deep = made.magick(&["-size", "30x20", "-depth", "16", "plasma:red-blue"], "deep.png");
    assert!(prepare(&deep, &Limits { max_pixels: 900, ..Limits::default() }).is_ok());
    let end = prepare(&deep, &Limits { max_pixels: 899, ..Limits::default() });
    assert_eq!(end, Err(Problem::TooManyPixels { width: 30, height: 20, most: 899 }));
    let end = prepare(&bytes, &Limits { max_pixels: 599, ..Limits::default() });
    assert_eq!(end, Err(Problem::TooManyPixels { width: 30, height: 20, most: 599 }));
}

#[test]
fn a_picture_cut_short_anywhere_does_no_harm() {
    let made = Made::new();
    let mut files = vec![];
    for name in ["cut.png", "cut.jpg", "cut.gif", "cut.webp", "cut.bmp", "cut.tiff"] {
        files.push((name, made.photo("120x90", name)));
    }
    files.push(("cut.heic", made.heif(&made.path("cut.jpg"), "cut.heic")));
    files.push(("cut.avif", made.heif(&made.path("cut.jpg"), "cut.avif")));
    for (name, bytes) in files {
        // The head byte by byte, the rest in steps.
        let cuts = (0..bytes.len().min(64)).chain((64..bytes.len()).step_by((bytes.len() / 24).clamp(1, 1024)));
        for cut in cuts {
            let short = &bytes[..cut];
            if let Ok(prepared) = prepare(short, &Limits::default()) {
                is_whole(&prepared);
            }
        }
        assert!(prepare(&bytes[..20], &Limits::default()).is_err(), "{name}");
    }
}

#[test]
fn a_picture_with_any_byte_changed_does_no_harm() {
    let made = Made::new();
    let mut files: Vec<Vec<u8>> = ["one.png", "one.jpg", "one.gif", "one.webp", "one.bmp", "one.tiff"]
        .map(|name| made.photo("24x16", name))
        .into();
    files.push(made.heif(&made.path("one.jpg"), "one.heic"));
    for mut bytes in files {
        for at in (0..bytes.len()).step_by((bytes.len() / 150).max(1)) {
            let was = bytes[at];
            bytes[at] = was ^ 0x55;
            let limits = Limits { max_pixels: 1_000_000, ..Limits::default() };
            if let Ok(prepared) = prepare(&bytes, &limits) {
                is_whole(&prepared);
            }
            bytes[at] = was;
        }
    }
}

#[test]
fn the_thinnest_pictures_keep_a_pixel_of_width() {
    let made = Made::new();
    for (from, width, height) in [((1, 1), 1, 1), ((1, 20000), 1, 2048), ((20000, 1), 2048, 1), ((3, 9000), 1, 2048)] {
        // ImageMagick makes none of more than 16 thousand pixels.
        image::RgbImage::new(from.0, from.1).save(made.path("strip.png")).unwrap();
        let bytes = std::fs::read(made.path("strip.png")).unwrap();
        let prepared = prepare(&bytes, &Limits::default()).unwrap();
        assert_eq!((prepared.width, prepared.height), (width, height), "{from:?}");
        is_whole(&prepared);
        assert_eq!(pixels(&as_png(&bytes, &Limits::default()).unwrap().bytes).dimensions(), (width, height));
    }
}

fn is_whole(prepared: &Prepared) {
    assert_eq!(pixels(&prepared.bytes).dimensions(), (prepared.width, prepared.height));
}
