//! However a camera was held, the picture comes out upright.

use crate::made::{Made, exif, near, pixels, turned, with_chunk};
use apprentice_pictures::{Limits, look, prepare};

const CORNERS: [[u8; 4]; 4] = [[255, 0, 0, 255], [0, 255, 0, 255], [0, 0, 255, 255], [255, 255, 255, 255]];

/// What ImageMagick does to an upright picture for it to be stored so.
const STORED: [&[&str]; 8] = [
    &[],
    &["-flop"],
    &["-rotate", "180"],
    &["-flip"],
    &["-transpose"],
    &["-rotate", "-90"],
    &["-transverse"],
    &["-rotate", "90"],
];

/// Red and green above blue and white, 128 by 64, stored as the orientation from 1 to 8 says.
fn stored(made: &Made, orientation: u16, more: &[&str], name: &str) -> Vec<u8> {
    let mut arguments = vec!["-size", "64x32", "(", "xc:red", "xc:lime", "+append", ")"];
    arguments.extend(["(", "xc:blue", "xc:white", "+append", ")", "-append"]);
    arguments.extend(STORED[usize::from(orientation) - 1]);
    arguments.extend(["-quality", "95"]);
    arguments.extend(more);
    made.magick(&arguments, name)
}

fn is_upright(bytes: &[u8], what: &str) {
    let facts = look(bytes).unwrap();
    assert_eq!((facts.width, facts.height), (128, 64), "{what}");
    for (longest_side, width, height) in [(2048, 128, 64), (64, 64, 32)] {
        let prepared = prepare(bytes, &Limits { longest_side, ..Limits::default() }).unwrap();
        assert_eq!((prepared.width, prepared.height), (width, height), "{what}");
        let seen = pixels(&prepared.bytes);
        let places = [(1, 1), (width - 2, 1), (1, height - 2), (width - 2, height - 2)];
        for ((x, y), corner) in places.into_iter().zip(CORNERS) {
            assert!(near(*seen.get_pixel(x, y), corner, 12), "{what} at {x}, {y}: {:?}", seen.get_pixel(x, y));
        }
    }
}

#[test]
fn a_jpeg_of_any_orientation_comes_out_upright() {
    let made = Made::new();
    for orientation in 1..=8 {
        let bytes = turned(&stored(&made, orientation, &[], "stored.jpg"), orientation);
        is_upright(&bytes, &format!("JPEG {orientation}"));
    }
}

#[test]
fn a_png_a_tiff_and_a_webp_of_any_orientation_come_out_upright() {
    let made = Made::new();
    let names = ["", "TopLeft", "TopRight", "BottomRight", "BottomLeft", "LeftTop", "RightTop", "RightBottom"];
    for orientation in [3, 6] {
        let bytes = with_chunk(&stored(&made, orientation, &[], "stored.png"), b"eXIf", &exif(orientation));
        is_upright(&bytes, &format!("PNG {orientation}"));
        let said = ["-orient", names[usize::from(orientation)]];
        is_upright(&stored(&made, orientation, &said, "stored.tiff"), &format!("TIFF {orientation}"));
        let jpeg = turned(&stored(&made, orientation, &[], "stored.jpg"), orientation);
        let source = made.put("turned.jpg", &jpeg);
        is_upright(&made.magick(&[source.to_str().unwrap()], "turned.webp"), &format!("WebP {orientation}"));
    }
}

#[test]
fn a_heic_is_turned_as_its_container_says() {
    let made = Made::new();
    // Quarters of a turn against the clock.
    for (orientation, quarters) in [(1, 0), (3, 2), (6, 3), (8, 1)] {
        stored(&made, orientation, &[], "stored.jpg");
        let mut bytes = made.heif(&made.path("stored.jpg"), "stored.heic");
        // heif-enc does not turn: its note of the bits a sample is made one of turning.
        let note = bytes.windows(4).position(|name| name == b"pixi").unwrap();
        bytes[note..note + 5].copy_from_slice(&[b'i', b'r', b'o', b't', quarters]);
        is_upright(&bytes, &format!("HEIC {orientation}"));
    }
}

#[test]
fn a_heic_is_not_turned_by_its_exif() {
    let made = Made::new();
    let source = made.put("said.jpg", &turned(&stored(&made, 1, &[], "stored.jpg"), 6));
    is_upright(&made.heif(&source, "said.heic"), "HEIC");
}

#[test]
fn an_orientation_that_does_not_exist_turns_nothing() {
    let made = Made::new();
    for orientation in [0, 9, 65535] {
        is_upright(&turned(&stored(&made, 1, &[], "stored.jpg"), orientation), &format!("JPEG {orientation}"));
    }
}
