//! What holds for whatever is taken for a picture. The fuzz target and the replay of its corpus share it.

use apprentice_pictures::{Limits, Problem, look, prepare};

/// Small, for a run to see many pictures and not few large ones.
const LIMITS: Limits = Limits { longest_side: 64, max_pixels: 100_000, max_bytes_out: 20_000 };

/// Looks at any bytes and prepares them: what comes out is within its limits, and can be prepared again.
pub fn pictures(bytes: &[u8]) {
    let facts = look(bytes);
    match prepare(bytes, &LIMITS) {
        Ok(prepared) => {
            assert_eq!(facts.as_ref(), Ok(&prepared.was), "two looks, two sizes");
            assert!(prepared.bytes.len() <= LIMITS.max_bytes_out);
            assert!((1..=64).contains(&prepared.width) && (1..=64).contains(&prepared.height));
            let again = look(&prepared.bytes).unwrap();
            assert_eq!((again.width, again.height, again.frames), (prepared.width, prepared.height, 1));
            let twice = prepare(&prepared.bytes, &LIMITS).unwrap();
            assert_eq!((twice.width, twice.height, twice.mime), (prepared.width, prepared.height, prepared.mime));
        }
        Err(Problem::TooManyPixels { width, height, .. }) => {
            let facts = facts.unwrap();
            assert_eq!((facts.width, facts.height), (width, height));
        }
        Err(_) => {}
    }
}
