//! Training data in every shape: golden files of each, read, written and read again; faults with their
//! place; and what people's files have in them beside data.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

extern crate apprentice_learning as learning;

#[path = "shapes/common.rs"]
mod common;
#[path = "shapes/faults.rs"]
mod faults;
#[path = "shapes/files.rs"]
mod files;
#[path = "shapes/golden.rs"]
mod golden;
#[path = "shapes/round_trip.rs"]
mod round_trip;
#[path = "shapes/stream.rs"]
mod stream;
