//! Any bytes, taken for a picture.
#![no_main]

#[path = "../../crates/pictures/tests/corpus/check.rs"]
mod check;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| check::pictures(bytes));
