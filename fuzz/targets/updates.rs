//! Any bytes, read as an update.
#![no_main]

#[path = "../../crates/channels/tests/corpus/check/updates.rs"]
mod check;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| check::updates(bytes));
