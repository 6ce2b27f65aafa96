//! Every update and every call that fuzzing found worth keeping is read, and what must hold is checked.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

// By the name that it has everywhere else, so that the fuzz targets share the checks.
extern crate apprentice_channels as channels;

mod check {
    pub mod updates;
    pub mod webhook;
}
#[path = "../../../../fuzz/replay.rs"]
mod replay;

#[test]
fn every_update_of_the_corpus_is_read_or_ignored() {
    replay::replay("updates", check::updates::updates);
}

#[test]
fn every_call_of_the_corpus_is_proven_and_answered() {
    replay::replay("webhook", check::webhook::webhook);
}
