//! Any call of the webhook: a secret, then a body.
#![no_main]

#[path = "../../crates/channels/tests/corpus/check/webhook.rs"]
mod check;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| check::webhook(bytes));
