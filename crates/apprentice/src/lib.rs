//! The binary's inside: settings, the command line, the checks, and the wiring of everything else.

pub mod access;
pub mod answer;
pub mod bot;
pub mod cli;
pub mod commands;
mod demo;
pub mod doctor;
mod endings;
mod exam;
pub mod feedback;
pub mod inline;
pub mod knowledge;
pub mod learn;
mod ledger;
pub mod listen;
pub mod media;
mod menus;
pub mod models_cli;
pub mod notice;
pub mod ops;
pub mod page;
mod refusal;
pub mod release;
pub mod running;
pub mod serve;
pub mod settings;
pub mod show;
pub mod start;
mod stored;
pub mod summary;
pub mod teach;
pub mod think;
pub mod turn;
mod wire;
pub mod worker;

pub use start::start;
