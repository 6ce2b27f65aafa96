//! Every text that fuzzing found worth keeping is rendered, cut and escaped, and what must hold is checked.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

// By the name that it has everywhere else, so that the fuzz targets share the checks.
extern crate apprentice_domain as domain;

mod check;
#[path = "../../../../fuzz/replay.rs"]
mod replay;

#[test]
fn every_text_of_the_corpus_keeps_its_words_and_its_marks() {
    replay::replay("markdown", check::markdown);
}
