//! The page's routes as a browser, or somebody worse, asks for them.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

extern crate apprentice_console as console;

mod files;
mod guard;
mod learn;
mod login;
mod private;
mod uploads;
mod world;
