//! Written text to what is said aloud: Markdown to words of one language at a time, a growing text to sentences,
//! sentences to voice notes, and the program that speaks where no service does.
//!
//! Everything but [`espeak`] is pure. No sentence for people is made here, except for what stands in the text.

pub mod cutter;
pub mod espeak;
mod language;
mod markdown;
mod maths;
pub mod notes;
mod words;

pub use domain::person::Lang;
pub use markdown::{Piece, speakable};
