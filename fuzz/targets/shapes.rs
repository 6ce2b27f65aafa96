//! Any bytes, read as training data in every shape.
#![no_main]

#[path = "../../crates/learning/tests/corpus/check.rs"]
mod check;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| check::shapes(bytes));
