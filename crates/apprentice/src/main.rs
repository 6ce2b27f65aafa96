//! The binary: reads its arguments and does as they say.

use apprentice::cli::Cli;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // The program runs itself once more for what may be hostile.
    if let Some(code) = apprentice::media::inside::run(std::env::args()) {
        return code;
    }
    apprentice::start(Cli::read())
}
