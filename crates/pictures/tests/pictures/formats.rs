//! Every format is told by its bytes and comes out as a JPEG or a PNG of the right size.

use crate::made::{Made, near, pixels};
use apprentice_pictures::{Format, Kind, Limits, Other, PROGRAM, Problem, look, prepare, tell};

const READ: [(&str, Format); 6] = [
    ("png", Format::Png),
    ("jpg", Format::Jpeg),
    ("gif", Format::Gif),
    ("webp", Format::Webp),
    ("bmp", Format::Bmp),
    ("tiff", Format::Tiff),
];

#[test]
fn every_format_is_read_and_scaled() {
    let made = Made::new();
    for (ending, format) in READ {
        // The name says another format than the bytes do.
        made.photo("300x200", &format!("picture.{ending}"));
        let wrong = made.path("picture.txt");
        std::fs::rename(made.path(&format!("picture.{ending}")), &wrong).unwrap();
        let bytes = std::fs::read(wrong).unwrap();
        let facts = look(&bytes).unwrap();
        assert_eq!((facts.format, facts.width, facts.height, facts.frames), (format, 300, 200, 1));
        let prepared = prepare(&bytes, &Limits { longest_side: 90, ..Limits::default() }).unwrap();
        assert_eq!((prepared.width, prepared.height, prepared.mime), (90, 60, "image/jpeg"), "{ending}");
        assert_eq!(pixels(&prepared.bytes).dimensions(), (90, 60));
        assert_eq!(prepared.was, facts);
    }
}

#[test]
fn a_small_picture_is_not_scaled_up() {
    let made = Made::new();
    let prepared = prepare(&made.photo("30x20", "small.png"), &Limits::default()).unwrap();
    assert_eq!((prepared.width, prepared.height), (30, 20));
}

#[test]
fn what_is_transparent_stays_so_in_a_png() {
    let made = Made::new();
    let drawn = ["-size", "100x60", "xc:none", "-fill", "red", "-draw", "rectangle 0,0 49,59"];
    for name in ["half.png", "half.webp", "half.gif", "half.tiff"] {
        let prepared = prepare(&made.magick(&drawn, name), &Limits::default()).unwrap();
        let seen = pixels(&prepared.bytes);
        assert_eq!(prepared.mime, "image/png", "{name}");
        assert!(near(*seen.get_pixel(10, 30), [255, 0, 0, 255], 8), "{name}: {:?}", seen.get_pixel(10, 30));
        assert_eq!(seen.get_pixel(90, 30).0[3], 0, "{name}");
    }
}

#[test]
fn an_opaque_picture_with_an_alpha_channel_is_a_jpeg() {
    let made = Made::new();
    let bytes = made.magick(&["-size", "40x40", "xc:green", "-alpha", "on", "-define", "png:color-type=6"], "a.png");
    assert!(look(&bytes).unwrap().has_alpha);
    assert_eq!(prepare(&bytes, &Limits::default()).unwrap().mime, "image/jpeg");
}

#[test]
fn a_transparent_picture_that_would_be_too_large_is_put_on_white() {
    let made = Made::new();
    let noise = ["-size", "300x300", "plasma:fractal", "-alpha", "set", "-region", "20x20", "-alpha", "transparent"];
    let limits = Limits { max_bytes_out: 40_000, ..Limits::default() };
    let prepared = prepare(&made.magick(&noise, "noise.png"), &limits).unwrap();
    assert!(prepared.bytes.len() <= limits.max_bytes_out);
    assert_eq!(prepared.mime, "image/jpeg");
    assert!(near(*pixels(&prepared.bytes).get_pixel(5, 5), [255, 255, 255, 255], 30));
}

#[test]
fn what_comes_out_is_never_larger_than_it_may_be() {
    let made = Made::new();
    let bytes = made.magick(&["-size", "400x300", "xc:gray", "+noise", "Random"], "noise.png");
    for most in [200_000, 60_000, 20_000, 3_000] {
        let prepared = prepare(&bytes, &Limits { max_bytes_out: most, ..Limits::default() }).unwrap();
        assert!(prepared.bytes.len() <= most, "{} of {most}", prepared.bytes.len());
        assert_eq!(pixels(&prepared.bytes).dimensions(), (prepared.width, prepared.height));
    }
    let end = prepare(&bytes, &Limits { max_bytes_out: 10, ..Limits::default() });
    assert_eq!(end, Err(Problem::TooManyBytes { most: 10 }));
}

#[test]
fn the_first_frame_stands_for_those_that_move() {
    let made = Made::new();
    let frames = ["-size", "50x40", "-delay", "10", "xc:red", "xc:lime", "xc:blue"];
    for name in ["moving.gif", "moving.webp"] {
        let bytes = made.magick(&frames, name);
        assert_eq!(look(&bytes).unwrap().frames, 3, "{name}");
        let prepared = prepare(&bytes, &Limits::default()).unwrap();
        assert_eq!(prepared.was.frames, 3);
        assert!(near(*pixels(&prepared.bytes).get_pixel(25, 20), [255, 0, 0, 255], 8), "{name}");
    }
}

#[test]
fn heic_is_decoded_here() {
    let made = Made::new();
    made.magick(&["-size", "64x48", "xc:red", "xc:blue", "+append", "-quality", "95"], "two.jpg");
    let bytes = made.heif(&made.path("two.jpg"), "two.heic");
    let facts = look(&bytes).unwrap();
    assert_eq!((facts.format, facts.width, facts.height), (Format::Heic, 128, 48));
    let prepared = prepare(&bytes, &Limits::default()).unwrap();
    let seen = pixels(&prepared.bytes);
    assert!(near(*seen.get_pixel(20, 24), [255, 0, 0, 255], 12), "{:?}", seen.get_pixel(20, 24));
    assert!(near(*seen.get_pixel(100, 24), [0, 0, 255, 255], 12), "{:?}", seen.get_pixel(100, 24));
}

#[test]
fn avif_is_known_and_needs_a_program() {
    let made = Made::new();
    made.photo("120x80", "photo.jpg");
    let bytes = made.heif(&made.path("photo.jpg"), "photo.avif");
    let facts = look(&bytes).unwrap();
    assert_eq!((facts.format, facts.width, facts.height), (Format::Avif, 120, 80));
    let needs = Problem::NeedsProgram { name: PROGRAM, format: Format::Avif };
    assert_eq!(prepare(&bytes, &Limits::default()), Err(needs));
    // And the program does it.
    made.run(PROGRAM, &["photo.avif", "decoded.png"]);
    let decoded = std::fs::read(made.path("decoded.png")).unwrap();
    assert_eq!(prepare(&decoded, &Limits::default()).unwrap().width, 120);
}

#[test]
fn what_is_no_picture_is_called_by_its_name() {
    let made = Made::new();
    let video = ["-loglevel", "error", "-f", "lavfi", "-i", "color=red:s=64x64:d=0.2", "-pix_fmt", "yuv420p"];
    for (name, other) in [("sticker.webm", Other::Webm), ("note.mp4", Other::Mp4)] {
        made.run("ffmpeg", &[video.as_slice(), &[name]].concat());
        let bytes = std::fs::read(made.path(name)).unwrap();
        assert_eq!(look(&bytes), Err(Problem::Unsupported { kind: other }), "{name}");
    }
    let known: [(&[u8], Other); 4] = [
        (b"\x1f\x8b\x08\0\0\0\0\0", Other::PackedDrawing),
        (b"<?xml version='1.0'?>\n<!-- a drawing -->\n<svg xmlns='...'/>", Other::Svg),
        (b"  <svg/>", Other::Svg),
        (b"%PDF-1.7\n", Other::Pdf),
    ];
    for (bytes, other) in known {
        assert_eq!(tell(bytes), Some(Kind::Other(other)));
    }
    assert_eq!(look(b""), Err(Problem::Empty));
    for bytes in [b"hello".as_slice(), b"<?xml version='1.0'?><html/>", b"RIFF\0\0\0\0WAVE", b"\0\0\0\0", b"G"] {
        assert_eq!(prepare(bytes, &Limits::default()), Err(Problem::Unknown), "{bytes:?}");
    }
}
