//! The binary: reads its arguments and does as they say.

use apprentice::cli::Cli;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    apprentice::start(Cli::read())
}
