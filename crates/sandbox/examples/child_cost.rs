//! What an empty child costs, from the call to its collected end: `cargo run --release --example child_cost`.

#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]

use apprentice_sandbox::{Limits, confine, run, this_program};
use std::fs::File;
use std::time::Instant;

const CHILDREN: u32 = 200;

fn main() {
    if let Some(limits) = std::env::args().nth(1) {
        confine(&Limits::from_argument(&limits).unwrap()).unwrap();
    } else {
        measure();
    }
}

#[tokio::main]
async fn measure() {
    let limits = Limits::default();
    let argument = limits.to_argument();
    let start = Instant::now();
    for _ in 0..CHILDREN {
        run(&this_program().unwrap(), &[&argument], File::open("/dev/null").unwrap(), &limits).await.unwrap();
    }
    println!("{:?} for each of {CHILDREN} children, one after another", start.elapsed() / CHILDREN);
}
