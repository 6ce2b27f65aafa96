//! Any bytes as Rich Text Format.
#![no_main]

#[path = "../../crates/documents/tests/corpus/check.rs"]
mod check;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| check::rtf(bytes));
