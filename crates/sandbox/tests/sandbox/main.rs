//! What a child may do, what becomes of one that does more, and that the parent lives through all of it.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod child;
mod ends;
mod kept;

use apprentice_sandbox::{Fault, Limits, run, this_program};
use libtest_mimic::{Arguments, Trial};
use std::fs::File;
use std::future::Future;
use std::io::Write;
use std::time::Duration;

/// The allocator that the product has: what it reserves counts against a child's memory.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The first argument of a child: what follows are its limits and what it is to do.
const CHILD: &str = "--child";

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if arguments.get(1).is_some_and(|first| first == CHILD) {
        child::main(&arguments[2], &arguments[3], &arguments[4..]);
        return;
    }
    let mut trials = Vec::new();
    ends::trials(&mut trials);
    kept::trials(&mut trials);
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// Adds a test: `name` is a sentence, `story` what happens.
fn tell<Story>(trials: &mut Vec<Trial>, name: &str, story: fn() -> Story)
where
    Story: Future<Output = ()> + 'static,
{
    trials.push(Trial::test(name, move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        runtime.block_on(story());
        Ok(())
    }));
}

/// Runs a child that does `what`.
async fn ask(what: &str, more: &[&str], input: &[u8], limits: &Limits) -> Result<Vec<u8>, Fault> {
    let limited = limits.to_argument();
    let mut arguments = vec![CHILD, &limited, what];
    arguments.extend(more);
    run(&this_program().unwrap(), &arguments, file(input), limits).await
}

/// Enough for anything but what a test is about.
fn limits() -> Limits {
    Limits { memory: 1 << 30, time: Duration::from_secs(60), cpu: Duration::from_secs(60), output: 1 << 20 }
}

/// A file with these bytes, to be read from its beginning.
fn file(bytes: &[u8]) -> File {
    use std::io::Seek;
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.rewind().unwrap();
    file
}
