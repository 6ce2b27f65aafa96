//! Nothing that was beside the pixels comes out.

use crate::made::{Made, SECRET, exif, has, turned, with_chunk, with_segments};
use apprentice_pictures::{Limits, as_png, prepare};

/// A JPEG with the secret everywhere that one can be.
fn full(made: &Made, jpeg: &[u8]) -> Vec<u8> {
    let exif = [b"Exif\0\0".as_slice(), &exif(1)].concat();
    let xmp = format!("http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>{SECRET}</x:xmpmeta>");
    let iptc = format!("Photoshop 3.0\0 8BIM\x04\x04\0\0 {SECRET}");
    let index = format!("MPF\0{SECRET}");
    let segments: [(u8, &[u8]); 6] = [
        (0xe1, &exif),
        (0xe1, xmp.as_bytes()),
        (0xed, iptc.as_bytes()),
        (0xe2, index.as_bytes()),
        (0xfe, SECRET.as_bytes()),
        (0xef, SECRET.as_bytes()),
    ];
    let mut file = with_segments(jpeg, &segments);
    // A second picture after the end, with its own place.
    file.extend(turned(&made.photo("16x16", "second.jpg"), 6));
    file
}

#[test]
fn a_jpeg_loses_its_secrets_and_no_pixel() {
    let made = Made::new();
    for more in [["-interlace", "none"], ["-interlace", "JPEG"], ["-define", "jpeg:restart-interval=4"]] {
        made.photo("160x120", "photo.png");
        let source = made.path("photo.png");
        let plain = made.magick(&[source.to_str().unwrap(), more[0], more[1], "-quality", "90"], "photo.jpg");
        let bytes = full(&made, &plain);
        let prepared = prepare(&bytes, &Limits::default()).unwrap();
        assert!(prepared.untouched, "{more:?}");
        assert!(!has(&prepared.bytes, SECRET.as_bytes()), "{more:?}");
        assert!(!has(&prepared.bytes, b"Exif") && !has(&prepared.bytes, b"GPS"));
        let before = image::load_from_memory(&plain).unwrap();
        assert_eq!(image::load_from_memory(&prepared.bytes).unwrap(), before, "{more:?}");
        // Another reader agrees that it is whole.
        made.put("stripped.jpg", &prepared.bytes);
        assert_eq!(
            made.run("identify", &["-regard-warnings", "-format", "%wx%h %[EXIF:*]", "stripped.jpg"]),
            "160x120 "
        );
    }
}

#[test]
fn a_jpeg_that_is_scaled_loses_its_secrets() {
    let made = Made::new();
    let bytes = full(&made, &made.photo("160x120", "photo.jpg"));
    let prepared = prepare(&bytes, &Limits { longest_side: 100, ..Limits::default() }).unwrap();
    assert!(!prepared.untouched);
    assert!(!has(&prepared.bytes, SECRET.as_bytes()));
}

#[test]
fn a_png_loses_its_secrets() {
    let made = Made::new();
    let bytes = made.magick(&["-size", "40x40", "xc:none", "-set", "comment", SECRET], "photo.png");
    let bytes = with_chunk(&with_chunk(&bytes, b"eXIf", &exif(1)), b"tEXt", format!("GPS\0{SECRET}").as_bytes());
    assert!(has(&bytes, SECRET.as_bytes()));
    let prepared = prepare(&bytes, &Limits::default()).unwrap();
    assert_eq!(prepared.mime, "image/png");
    assert!(!has(&prepared.bytes, SECRET.as_bytes()) && !has(&prepared.bytes, b"eXIf"));
    assert!(!has(&as_png(&bytes, &Limits::default()).unwrap().bytes, SECRET.as_bytes()));
}

#[test]
fn other_formats_lose_their_secrets() {
    let made = Made::new();
    made.put("with.jpg", &turned(&made.photo("40x40", "photo.jpg"), 1));
    let source = made.path("with.jpg");
    for name in ["photo.webp", "photo.tiff", "photo.gif"] {
        let bytes = made.magick(&[source.to_str().unwrap(), "-set", "comment", SECRET], name);
        assert!(has(&bytes, SECRET.as_bytes()), "{name} has nothing to lose");
        let prepared = prepare(&bytes, &Limits::default()).unwrap();
        assert!(!has(&prepared.bytes, SECRET.as_bytes()), "{name}");
    }
    let bytes = made.heif(&source, "photo.heic");
    assert!(has(&bytes, SECRET.as_bytes()), "HEIC has nothing to lose");
    assert!(!has(&prepare(&bytes, &Limits::default()).unwrap().bytes, SECRET.as_bytes()));
}
