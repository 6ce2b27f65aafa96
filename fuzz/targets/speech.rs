//! Any text: cut into sentences and said aloud.
#![no_main]

#[path = "../../crates/speech/tests/corpus/check.rs"]
mod check;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| check::speech(bytes));
