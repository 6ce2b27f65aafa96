//! What holds for whatever is decoded as a sound. The fuzz target and the replay of its corpus share it.

use sound::{Fault, decode};
use std::io::Cursor;
use std::time::Duration;

/// The longest sound that is decoded of what a fuzzer makes.
const LIMIT: Duration = Duration::from_secs(60);

/// Decodes any bytes: blocks that are not empty, at most one fault, and nothing after it.
pub fn sound(bytes: &[u8]) {
    let Ok(mut decoder) = decode(Cursor::new(bytes.to_vec()), LIMIT) else { return };
    let mut samples = 0;
    loop {
        match decoder.next_block() {
            Ok(Some(block)) => {
                assert!(!block.is_empty(), "an empty block");
                samples += block.len() as u64;
            }
            Ok(None) => break,
            Err(fault) => {
                assert!(!matches!(fault, Fault::Io(_)), "memory cannot fail to be read: {fault:?}");
                break;
            }
        }
    }
    assert_eq!(decoder.facts().samples, samples);
    assert!(decoder.facts().duration() <= LIMIT, "more than the limit");
    assert!(decoder.next_block().unwrap().is_none(), "something after the end");
}
