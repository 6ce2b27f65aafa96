//! People speak to the shipped binary through the platforms' own protocols, and what they see is
//! compared. Each test ends by checking that nothing wrong was sent and nothing is left undone.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

mod access;
mod admission;
mod bot;
mod cards;
mod commands;
mod consent;
mod crash;
mod documents;
mod drawing;
mod groups;
mod hearing;
mod learner;
mod machine;
mod passing;
mod pictures;
mod private;
mod releases;
mod review;
mod rules;
mod runs;
mod settings;
mod shelf;
mod sounds;
mod sources;
mod speaking;
mod teaching;
mod telegram;
mod training;
mod twins;
