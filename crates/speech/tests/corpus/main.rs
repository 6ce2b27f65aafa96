//! Every text that fuzzing found worth keeping is cut and said, and what must hold is checked.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

// By the name that it has everywhere else, so that the fuzz target shares the checks.
extern crate apprentice_speech as speech;

mod check;
#[path = "../../../../fuzz/replay.rs"]
mod replay;

#[test]
fn every_text_of_the_corpus_is_cut_and_said() {
    replay::replay("speech", check::speech);
}
