//! What a page shows: its content stream is run for text alone. Nothing is drawn; images are only counted.

use super::font::{Codes, Fonts};
use super::layout::{Lines, Setting};
use hayro_font::kurbo::{Affine, Point, Vec2};
use hayro_syntax::content::{Instruction, UntypedIter};
use hayro_syntax::object::dict::keys;
use hayro_syntax::object::{Array, Dict, Name, Object, Stream, String as PdfString};
use hayro_syntax::page::Resources;
use std::rc::Rc;

/// Forms in forms, and saved states in saved states.
const DEPTH: usize = 28;
const STATES: usize = 512;

/// What running a form costs at least, in bytes.
const FORM_COST: u64 = 1024;

/// The part of the graphics state that text needs.
#[derive(Clone)]
struct State<'a> {
    page: Affine,
    font: Option<Rc<Codes<'a>>>,
    size: f64,
    char_space: f64,
    word_space: f64,
    scale: f64,
    leading: f64,
    rise: f64,
}

/// A page that is run.
pub(super) struct Content<'f, 'a> {
    fonts: &'f mut Fonts<'a>,
    lines: Lines,
    images: u32,
    left: &'f mut u64,
    state: State<'a>,
    saved: Vec<State<'a>>,
    matrix: Affine,
    line: Affine,
    marked: Vec<bool>,
    instead: Option<String>,
}

/// What a page shows.
pub(super) struct Shown {
    pub text: String,
    pub images: u32,
}

impl<'f, 'a> Content<'f, 'a> {
    /// `left` counts the bytes that may still be run, for all of the document.
    pub(super) fn new(fonts: &'f mut Fonts<'a>, left: &'f mut u64) -> Self {
        let state = State {
            page: Affine::IDENTITY,
            font: None,
            size: 0.0,
            char_space: 0.0,
            word_space: 0.0,
            scale: 1.0,
            leading: 0.0,
            rise: 0.0,
        };
        Self {
            fonts,
            lines: Lines::default(),
            images: 0,
            left,
            state,
            saved: Vec::new(),
            matrix: Affine::IDENTITY,
            line: Affine::IDENTITY,
            marked: Vec::new(),
            instead: None,
        }
    }

    pub(super) fn finish(self) -> Shown {
        Shown { text: self.lines.finish(), images: self.images }
    }

    /// Runs a stream of instructions. `depth` is how many forms it is in.
    pub(super) fn run(&mut self, stream: &[u8], resources: &Resources<'a>, depth: usize) {
        let cost = (stream.len() as u64).max(FORM_COST);
        let Some(left) = self.left.checked_sub(cost) else {
            *self.left = 0;
            return;
        };
        *self.left = left;
        let mut instructions = UntypedIter::new(stream);
        while let Some(instruction) = instructions.next() {
            self.instruct(&instruction, resources, depth);
        }
    }

    /// Runs what stands on a page of its own, as a field that was filled in does.
    pub(super) fn run_appearance(&mut self, form: &Stream<'a>, page: &Resources<'a>) {
        self.lines.break_off();
        self.form(form, page, 0);
    }

    fn instruct(&mut self, instruction: &Instruction<'_, '_>, resources: &Resources<'a>, depth: usize) {
        let operator: &[u8] = instruction.operator;
        match operator {
            b"Tj" | b"TJ" | b"'" | b"\"" => self.show(instruction),
            b"Td" | b"TD" | b"Tm" | b"T*" | b"BT" => self.place(instruction),
            b"Tc" | b"Tw" | b"Tz" | b"TL" | b"Ts" => self.set(instruction),
            b"Tf" => self.font(instruction, resources),
            b"q" if self.saved.len() < STATES => self.saved.push(self.state.clone()),
            b"Q" => {
                if let Some(state) = self.saved.pop() {
                    self.state = state;
                }
            }
            b"cm" => {
                if let Some(matrix) = matrix(instruction) {
                    self.state.page *= matrix;
                }
            }
            b"Do" => self.external(instruction, resources, depth),
            b"BI" | b"EI" => self.images += 1,
            b"BDC" => self.begin_marked(instruction, resources),
            b"BMC" => self.marked.push(false),
            b"EMC" => self.end_marked(),
            _ => {}
        }
    }

    fn set(&mut self, instruction: &Instruction<'_, '_>) {
        let [value] = numbers(instruction);
        let operator: &[u8] = instruction.operator;
        match operator {
            b"Tc" => self.state.char_space = value,
            b"Tw" => self.state.word_space = value,
            b"Tz" => self.state.scale = value / 100.0,
            b"TL" => self.state.leading = value,
            _ => self.state.rise = value,
        }
    }

    fn place(&mut self, instruction: &Instruction<'_, '_>) {
        let operator: &[u8] = instruction.operator;
        match operator {
            b"BT" => (self.matrix, self.line) = (Affine::IDENTITY, Affine::IDENTITY),
            b"Tm" => {
                if let Some(matrix) = matrix(instruction) {
                    (self.matrix, self.line) = (matrix, matrix);
                }
            }
            b"T*" => self.next_line(0.0, -self.state.leading),
            _ => {
                let [x, y] = numbers(instruction);
                if operator == b"TD" {
                    self.state.leading = -y;
                }
                self.next_line(x, y);
            }
        }
    }

    fn next_line(&mut self, x: f64, y: f64) {
        self.line *= Affine::translate((x, y));
        self.matrix = self.line;
    }

    fn font(&mut self, instruction: &Instruction<'_, '_>, resources: &Resources<'a>) {
        let mut operands = instruction.operands();
        let (Some(Object::Name(name)), Some(Object::Number(size))) = (operands.next(), operands.next()) else {
            return;
        };
        self.state.size = size.as_f64();
        self.state.font = resources.get_font(name).and_then(|dict| self.fonts.of(&dict));
    }

    fn show(&mut self, instruction: &Instruction<'_, '_>) {
        let operator: &[u8] = instruction.operator;
        if operator == b"\"" {
            let [word_space, char_space] = numbers(instruction);
            (self.state.word_space, self.state.char_space) = (word_space, char_space);
        }
        if matches!(operator, b"'" | b"\"") {
            self.next_line(0.0, -self.state.leading);
        }
        let Some(font) = self.state.font.clone() else { return };
        match instruction.operands().last() {
            Some(Object::String(text)) => self.string(&font, text),
            Some(Object::Array(pieces)) => self.pieces(&font, pieces),
            _ => {}
        }
    }

    fn pieces(&mut self, font: &Codes<'a>, pieces: &Array<'_>) {
        for piece in pieces.iter::<Object<'_>>() {
            match piece {
                Object::String(text) => self.string(font, &text),
                Object::Number(back) => self.advance(font, -back.as_f64() / 1000.0 * self.state.size),
                _ => {}
            }
        }
    }

    fn string(&mut self, font: &Codes<'a>, bytes: &[u8]) {
        let Some(setting) = self.setting(font) else { return };
        let mut at = 0;
        while at < bytes.len() {
            let (code, length, glyph) = font.next(bytes, at);
            at += length;
            let start = self.point();
            let word_space = if code == 32 && length == 1 { self.state.word_space } else { 0.0 };
            let width = glyph.advance / 1000.0 * self.state.size;
            self.advance(font, width);
            let end = self.point();
            self.advance(font, self.state.char_space + word_space);
            self.glyph(&glyph.text, start, end, setting);
        }
    }

    fn glyph(&mut self, text: &str, start: Point, end: Point, setting: Setting) {
        if !self.marked.contains(&true) {
            if !text.is_empty() {
                self.lines.push(text, start, end, setting);
            }
        } else if let Some(instead) = self.instead.take() {
            self.lines.push(&instead, start, end, setting);
        } else {
            // Said by what stands instead of all of them.
            self.lines.push("", start, end, setting);
        }
    }

    fn point(&self) -> Point {
        self.state.page * (self.matrix * Point::new(0.0, self.state.rise))
    }

    /// Moves on by a distance in text space.
    fn advance(&mut self, font: &Codes<'a>, by: f64) {
        let step = if font.is_horizontal() { (by * self.state.scale, 0.0) } else { (0.0, -by) };
        self.matrix *= Affine::translate(step);
    }

    /// How text is set now; nothing for text of no size, which nobody sees.
    fn setting(&self, font: &Codes<'a>) -> Option<Setting> {
        let [a, b, c, d, _, _] = (self.state.page * self.matrix).as_coeffs();
        let (along, up) = (Vec2::new(a, b) * self.state.size.signum(), Vec2::new(c, d));
        let (along, across) = if font.is_horizontal() { (along, up) } else { (-up, along) };
        let size = across.hypot() * self.state.size.abs();
        let length = along.hypot();
        (size > 1e-6 && size < 1e6 && length > 1e-9).then(|| Setting { direction: along / length, size })
    }

    fn external(&mut self, instruction: &Instruction<'_, '_>, resources: &Resources<'a>, depth: usize) {
        let Some(Object::Name(name)) = instruction.operands().next() else { return };
        let Some(stream) = resources.get_x_object(name) else { return };
        match stream.dict().get::<Name<'_>>(keys::SUBTYPE).as_deref() {
            Some(b"Image") => self.images += 1,
            Some(b"Form") if depth < DEPTH => self.form(&stream, resources, depth),
            _ => {}
        }
    }

    fn form(&mut self, form: &Stream<'a>, outer: &Resources<'a>, depth: usize) {
        let Ok(data) = form.decoded_data() else { return };
        let state = self.state.clone();
        let saved = std::mem::take(&mut self.saved);
        let (matrix, line) = (self.matrix, self.line);
        if let Some(own) = form.dict().get::<[f64; 6]>(keys::MATRIX) {
            self.state.page *= Affine::new(own);
        }
        match form.dict().get::<Dict<'a>>(keys::RESOURCES) {
            Some(own) => self.run(&data, &Resources::new(own), depth + 1),
            None => self.run(&data, outer, depth + 1),
        }
        (self.state, self.saved, self.matrix, self.line) = (state, saved, matrix, line);
    }

    /// A piece may carry the text that stands instead of its glyphs, as a divided word or a drawn letter does.
    fn begin_marked(&mut self, instruction: &Instruction<'_, '_>, resources: &Resources<'a>) {
        let text = match instruction.operands().nth(1) {
            Some(Object::Dict(properties)) => instead(properties),
            Some(Object::Name(name)) => {
                resources.properties.get::<Dict<'_>>(name).and_then(|properties| instead(&properties))
            }
            _ => None,
        };
        self.marked.push(text.is_some());
        if text.is_some() {
            self.instead = text;
        }
    }

    fn end_marked(&mut self) {
        if self.marked.pop() == Some(true) {
            self.instead = None;
        }
    }
}

fn instead(properties: &Dict<'_>) -> Option<String> {
    properties.get::<PdfString<'_>>(keys::ACTUAL_TEXT).map(|text| super::text_string(&text))
}

/// The first operands, as numbers; zero for what is none.
fn numbers<const N: usize>(instruction: &Instruction<'_, '_>) -> [f64; N] {
    let mut operands = instruction.operands();
    std::array::from_fn(|_| match operands.next() {
        Some(Object::Number(number)) => number.as_f64(),
        _ => 0.0,
    })
}

fn matrix(instruction: &Instruction<'_, '_>) -> Option<Affine> {
    let numbers: [f64; 6] = numbers(instruction);
    numbers.iter().all(|number| number.is_finite()).then(|| Affine::new(numbers))
}
