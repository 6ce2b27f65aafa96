//! A picture that is being drawn: lines, dots, bars and words on a light ground. What lies outside of it is
//! left out.

use embedded_graphics::Drawable as _;
use embedded_graphics::Pixel;
use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{OriginDimensions, Point, Size};
use embedded_graphics::mono_font::iso_8859_5::{FONT_9X15, FONT_10X20};
use embedded_graphics::mono_font::{MonoFont, MonoTextStyle};
use embedded_graphics::pixelcolor::{Rgb888, RgbColor as _};
use embedded_graphics::text::{Alignment, Baseline, Text, TextStyleBuilder};
use std::convert::Infallible;
use tiny_skia::{Color, FillRule, Paint, PathBuilder, Pixmap, PremultipliedColorU8, Rect, Stroke, Transform};

/// A colour: red, green, blue.
pub(super) type Ink = (u8, u8, u8);

/// Width of a letter of ordinary words, pixels.
pub(super) const LETTER: f32 = 9.0;

/// Where a text lies from its point.
#[derive(Clone, Copy)]
pub(super) enum Side {
    Left,
    Middle,
    Right,
}

/// A picture that is being drawn.
pub(super) struct Canvas(Pixmap);

impl Canvas {
    /// An empty one, of so many pixels.
    pub(super) fn new(width: u32, height: u32) -> Option<Self> {
        let mut pixels = Pixmap::new(width, height)?;
        pixels.fill(Color::from_rgba8(252, 252, 253, 255));
        Some(Self(pixels))
    }

    /// A line through points.
    pub(super) fn line(&mut self, points: &[(f32, f32)], ink: Ink, width: f32) {
        let mut path = PathBuilder::new();
        for (at, (x, y)) in points.iter().enumerate() {
            if at == 0 { path.move_to(*x, *y) } else { path.line_to(*x, *y) }
        }
        let Some(path) = path.finish() else { return };
        let stroke = Stroke { width, line_join: tiny_skia::LineJoin::Bevel, ..Stroke::default() };
        self.0.stroke_path(&path, &paint(ink), &stroke, Transform::identity(), None);
    }

    /// A dot.
    pub(super) fn dot(&mut self, (x, y): (f32, f32), radius: f32, ink: Ink) {
        if let Some(path) = PathBuilder::from_circle(x, y, radius) {
            self.0.fill_path(&path, &paint(ink), FillRule::Winding, Transform::identity(), None);
        }
    }

    /// A filled rectangle.
    pub(super) fn bar(&mut self, (x, y): (f32, f32), (width, height): (f32, f32), ink: Ink) {
        if let Some(rect) = Rect::from_xywh(x, y, width, height) {
            self.0.fill_rect(rect, &paint(ink), Transform::identity(), None);
        }
    }

    /// Words, of which `at` is the middle of the left, the middle or the right edge.
    pub(super) fn words(&mut self, text: &str, at: (f32, f32), side: Side, ink: Ink) {
        self.written(text, at, side, ink, &FONT_9X15);
    }

    /// Larger words.
    pub(super) fn title(&mut self, text: &str, at: (f32, f32), side: Side, ink: Ink) {
        self.written(text, at, side, ink, &FONT_10X20);
    }

    fn written(&mut self, text: &str, (x, y): (f32, f32), side: Side, (r, g, b): Ink, font: &MonoFont<'_>) {
        let alignment = match side {
            Side::Left => Alignment::Left,
            Side::Middle => Alignment::Center,
            Side::Right => Alignment::Right,
        };
        let style = TextStyleBuilder::new().alignment(alignment).baseline(Baseline::Middle).build();
        let letters = MonoTextStyle::new(font, Rgb888::new(r, g, b));
        let text: String = text.chars().map(plain).collect();
        let Ok(_) = Text::with_text_style(&text, Point::new(x as i32, y as i32), letters, style).draw(self);
    }

    /// The picture as PNG.
    pub(super) fn png(&self) -> Option<Vec<u8>> {
        self.0.encode_png().ok()
    }
}

/// What the letters do not have is written with those that they have.
fn plain(letter: char) -> char {
    match letter {
        '–' | '—' | '−' | '·' | '•' => '-',
        '«' | '»' | '“' | '”' | '„' => '"',
        '’' | '‘' => '\'',
        '×' => 'x',
        '…' => '.',
        other => other,
    }
}

fn paint<'a>((r, g, b): Ink) -> Paint<'a> {
    let mut paint = Paint::default();
    paint.set_color_rgba8(r, g, b, 255);
    paint
}

impl OriginDimensions for Canvas {
    fn size(&self) -> Size {
        Size::new(self.0.width(), self.0.height())
    }
}

/// Letters are drawn pixel by pixel.
impl DrawTarget for Canvas {
    type Color = Rgb888;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<Rgb888>>>(&mut self, pixels: I) -> Result<(), Infallible> {
        let (width, height) = (self.0.width(), self.0.height());
        for Pixel(Point { x, y }, colour) in pixels {
            let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y)) else { continue };
            let within = x < width && y < height;
            let at = y as usize * width as usize + x as usize;
            let colour = PremultipliedColorU8::from_rgba(colour.r(), colour.g(), colour.b(), 255);
            if let (true, Some(pixel), Some(colour)) = (within, self.0.pixels_mut().get_mut(at), colour) {
                *pixel = colour;
            }
        }
        Ok(())
    }
}
