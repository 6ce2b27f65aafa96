//! Every picture that fuzzing found worth keeping is prepared, and what must hold is checked.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod check;

#[path = "../../../../fuzz/replay.rs"]
mod replay;

#[test]
fn every_picture_of_the_corpus_holds() {
    replay::replay("pictures", check::pictures);
}
