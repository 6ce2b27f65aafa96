//! Pictures come out whole, whatever the numbers.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;
use tiny_skia::Pixmap;

const WORDS: CurveWords<'_> =
    CurveWords {
        title: "Run 7: потери", train: "train", valid: "проверка", step: "step", nothing: "nothing yet"
    };

fn drawing(train: &[(u64, f32)], valid: &[(u64, f32)]) -> Pixmap {
    let picture = Pixmap::decode_png(&curve(train, valid, &WORDS).unwrap()).unwrap();
    assert_eq!((picture.width(), picture.height()), (WIDTH, HEIGHT));
    picture
}

/// The places of exactly this colour.
fn of(picture: &Pixmap, ink: Ink) -> Vec<(u32, u32)> {
    let width = picture.width();
    let same = |pixel: &tiny_skia::PremultipliedColorU8| (pixel.red(), pixel.green(), pixel.blue()) == ink;
    let places = picture.pixels().iter().enumerate().filter(|(_, pixel)| same(pixel));
    places.map(|(at, _)| (at as u32 % width, at as u32 / width)).collect()
}

/// Those below the legend.
fn plotted(picture: &Pixmap, ink: Ink) -> Vec<(u32, u32)> {
    of(picture, ink).into_iter().filter(|(_, y)| *y > 75).collect()
}

#[test]
fn a_falling_loss_is_drawn_from_the_upper_left_to_the_lower_right() {
    let train: Vec<(u64, f32)> = (0..500).map(|step| (step, 3.0 / (1.0 + step as f32 / 50.0))).collect();
    let valid: Vec<(u64, f32)> = (0..5).map(|n| (n * 100, 3.2 - n as f32 * 0.4)).collect();
    let picture = drawing(&train, &valid);
    for ink in [BLUE, ORANGE] {
        let places = plotted(&picture, ink);
        let (first, last) = (places.iter().min().unwrap(), places.iter().max().unwrap());
        assert!(first.0 < 120 && last.0 > 600 && first.1 + 50 < last.1, "{first:?} {last:?}");
    }
    assert!(!of(&picture, DARK).is_empty() && !of(&picture, SOFT).is_empty(), "no words");
}

#[test]
fn without_a_point_there_are_axes_and_words() {
    let (nothing, something) = (drawing(&[], &[]), drawing(&[(1, 1.0), (2, 0.5)], &[]));
    assert!(plotted(&nothing, BLUE).is_empty() && plotted(&nothing, ORANGE).is_empty());
    let middle = |picture: &Pixmap| of(picture, SOFT).iter().filter(|(_, y)| (230..260).contains(y)).count();
    assert!(middle(&nothing) > middle(&something) + 50);
}

#[test]
fn one_point_is_seen() {
    assert!(plotted(&drawing(&[(7, 0.5)], &[]), BLUE).len() > 5);
    assert!(plotted(&drawing(&[], &[(7, 0.5)]), ORANGE).len() > 5);
}

#[test]
fn a_million_points_are_as_few_as_the_picture_is_wide_and_keep_their_spikes() {
    let mut train: Vec<(u64, f32)> = (0..1_000_000).map(|step| (step, 1.0 + (step % 7) as f32 * 0.01)).collect();
    train[500_123].1 = 9.0;
    let kept = thinned(train.iter().map(|(step, loss)| (*step as f32 * 0.00069, *loss)));
    assert!(kept.len() < 4 * 700, "{}", kept.len());
    assert!(kept.iter().any(|point| point.1 == 9.0));
    let blue = plotted(&drawing(&train, &[]), BLUE);
    assert!(blue.iter().any(|(_, y)| *y < 120), "the spike is gone");
}

#[test]
fn what_is_not_a_number_is_left_out_and_huge_ones_are_drawn() {
    let odd =
        [(0, f32::NAN), (1, f32::INFINITY), (2, f32::MAX), (3, f32::MIN), (u64::MAX, 0.0), (4, f32::NEG_INFINITY)];
    assert!(!plotted(&drawing(&odd, &odd), ORANGE).is_empty());
    assert!(plotted(&drawing(&[(0, f32::NAN)], &[]), BLUE).is_empty());
    assert_eq!(
        curve(&[(0, 2.0), (1, f32::NAN), (2, 1.0)], &[], &WORDS),
        curve(&[(2, 1.0), (0, 2.0)], &[], &WORDS),
        "the order counts"
    );
}

#[test]
fn long_and_strange_words_do_no_harm() {
    let long = "ы".repeat(3000);
    let words = CurveWords { title: &long, train: "漢字🙂\n", valid: &long, step: "\u{0}", nothing: &long };
    assert!(curve(&[], &[], &words).is_some());
    let share = Share { share: f64::NAN, low: -1.0, high: 7.0 };
    let row = Row { label: &long, incumbent: share, candidate: Share { share: 2.0, ..share } };
    assert!(bars(&[row], &BarsWords { title: &long, incumbent: &long, candidate: "" }).is_some());
}

#[test]
fn bars_are_as_long_as_their_shares() {
    let share = |share: f64| Share { share, low: share - 0.1, high: share + 0.1 };
    let row = Row { label: "facts", incumbent: share(0.4), candidate: share(0.8) };
    let words = BarsWords { title: "Test", incumbent: "before", candidate: "after" };
    let picture = Pixmap::decode_png(&bars(&[row, row], &words).unwrap()).unwrap();
    assert_eq!(picture.width(), WIDTH);
    let length = |ink| {
        let places = plotted(&picture, ink);
        f64::from(places.iter().map(|(x, _)| x).max().unwrap() - places.iter().map(|(x, _)| x).min().unwrap())
    };
    assert!((length(ORANGE) / length(BLUE) - 2.0).abs() < 0.05, "{} {}", length(BLUE), length(ORANGE));
}

#[test]
fn many_rows_make_a_higher_picture_up_to_a_bound() {
    let share = Share { share: 0.5, low: 0.4, high: 0.6 };
    let height = |rows: usize| {
        let rows = vec![Row { label: "a", incumbent: share, candidate: share }; rows];
        Pixmap::decode_png(&bars(&rows, &BarsWords::default()).unwrap()).unwrap().height()
    };
    assert!(height(0) < height(10) && height(10) < height(MOST_ROWS));
    assert_eq!(height(MOST_ROWS), height(1000));
    // A chat takes no picture of more than 10 000 pixels along both edges, or twenty times as long as wide.
    assert!(height(1000) + WIDTH < 10_000);
}
