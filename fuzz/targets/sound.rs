//! Any bytes, decoded as a sound file.
#![no_main]

#[path = "../../crates/sound/tests/corpus/check.rs"]
mod check;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| check::sound(bytes));
