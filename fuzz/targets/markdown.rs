//! Any text: rendered, cut and escaped.
#![no_main]

#[path = "../../crates/domain/tests/corpus/check.rs"]
mod check;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| check::markdown(bytes));
