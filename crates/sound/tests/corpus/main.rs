//! Every sound that fuzzing found worth keeping is decoded, and what must hold is checked.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

extern crate apprentice_sound as sound;

mod check;
#[path = "../../../../fuzz/replay.rs"]
mod replay;

#[test]
fn every_file_of_the_corpus_is_sound_or_a_fault() {
    replay::replay("sound", check::sound);
}
