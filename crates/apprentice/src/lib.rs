//! The binary's inside: settings, the command line, the checks, and the wiring of everything else.

pub mod cli;
pub mod doctor;
pub mod settings;
