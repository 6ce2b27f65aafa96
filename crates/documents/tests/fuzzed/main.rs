//! Every document that fuzzing found worth keeping is read, and what must hold is checked.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

// By the name that it has everywhere else, so that the fuzz targets share the checks.
extern crate apprentice_documents as documents;

mod check;
#[path = "../../../../fuzz/replay.rs"]
mod replay;

#[test]
fn every_file_of_the_corpus_is_a_document_or_a_problem() {
    replay::replay("kinds", check::kinds);
    replay::replay("texts", check::texts);
    replay::replay("pages", check::pages);
    replay::replay("mail", check::mail);
    replay::replay("subtitles", check::subtitles);
    replay::replay("archives", check::archives);
    replay::replay("xml", check::xml);
    replay::replay("pdf", check::pdf);
}
