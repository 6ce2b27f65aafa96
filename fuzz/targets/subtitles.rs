//! Any subtitles: read within its bounds, and cut into pieces.
#![no_main]

#[path = "../../crates/documents/tests/fuzzed/check.rs"]
mod check;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| check::subtitles(bytes));
