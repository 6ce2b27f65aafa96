//! Pictures that a model is to change: PNGs, with what is transparent.

use crate::made::{Made, pixels, turned};
use apprentice_pictures::{Limits, Problem, as_png, square_png};

#[test]
fn any_picture_is_a_png_for_an_edit() {
    let made = Made::new();
    for name in ["photo.jpg", "photo.webp", "photo.png"] {
        let edit = as_png(&made.photo("120x80", name), &Limits::default()).unwrap();
        assert_eq!((edit.mime, edit.width, edit.height), ("image/png", 120, 80), "{name}");
        assert_eq!(pixels(&edit.bytes).dimensions(), (120, 80));
    }
}

#[test]
fn an_edit_is_upright_and_scaled() {
    let made = Made::new();
    let bytes = turned(&made.photo("120x80", "photo.jpg"), 6);
    let edit = as_png(&bytes, &Limits { longest_side: 60, ..Limits::default() }).unwrap();
    assert_eq!((edit.width, edit.height), (40, 60));
}

#[test]
fn a_square_has_the_picture_in_its_middle() {
    let made = Made::new();
    let edit = square_png(&made.magick(&["-size", "100x40", "xc:red"], "wide.jpg"), &Limits::default()).unwrap();
    let seen = pixels(&edit.bytes);
    assert_eq!((edit.width, edit.height), (100, 100));
    assert_eq!((seen.get_pixel(50, 29).0[3], seen.get_pixel(50, 30).0[3]), (0, 255));
    assert_eq!((seen.get_pixel(50, 69).0[3], seen.get_pixel(50, 70).0[3]), (255, 0));
}

#[test]
fn an_edit_that_would_be_too_large_is_refused() {
    let made = Made::new();
    let limits = Limits { max_bytes_out: 1000, ..Limits::default() };
    assert_eq!(as_png(&made.photo("120x80", "photo.png"), &limits), Err(Problem::TooManyBytes { most: 1000 }));
}
