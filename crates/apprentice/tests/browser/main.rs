//! People use the page of the shipped binary in a real Chromium, and what they see is compared. Each
//! story ends by checking that the browser logged no error and that nothing is left undone.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

#[allow(dead_code, reason = "shared with the front door, which uses more of it")]
#[path = "../front_door/bot.rs"]
mod bot;
mod cards;
mod chromium;
mod documents;
mod files;
mod harm;
mod keyboard;
mod learn;
mod login;
mod look;
mod lost;
mod pictures;
mod sound;
mod talk;
mod teach;
mod visit;
