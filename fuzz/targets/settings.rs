//! Any bytes, read as settings in each format.
#![no_main]

#[path = "../../crates/apprentice/tests/corpus/check.rs"]
mod check;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| check::settings(bytes));
