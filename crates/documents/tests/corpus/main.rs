//! Every document that fuzzing found worth keeping is read, and what must hold is checked.

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
fn every_file_of_the_corpus_is_rich_text_or_a_problem() {
    replay::replay("rtf", check::rtf);
}
