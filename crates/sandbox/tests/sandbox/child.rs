//! The child of the tests: confined as the product's is, it does what it is told to, mostly harm.

use apprentice_sandbox::{Limits, confine, input};
use std::io::{Read, Seek, SeekFrom, Write};
use std::net::{TcpStream, UdpSocket};
use std::process::Command;

pub(crate) fn main(limits: &str, what: &str, more: &[String]) {
    let kept = confine(&Limits::from_argument(limits).unwrap()).unwrap();
    match what {
        "nothing" => {}
        "tell" => print(&format!("{kept:?}")),
        "echo" => echo(),
        "seek" => seek(),
        "threads" => threads(),
        "memory" => drop(std::hint::black_box(memory())),
        "hold" => print(&hold(more[0].parse().unwrap())),
        "loop" => looping(),
        "sleep" => std::thread::park(),
        "flood" => flood(),
        "chatter" => chatter(),
        "recurse" => print(&deep(0).to_string()),
        "panic" => panic!("this child was told to"),
        "abort" => std::process::abort(),
        "environment" => print(&format!("{:?}", std::env::vars_os().collect::<Vec<_>>())),
        "forbidden" => print(&forbidden(more)),
        other => panic!("no such work: {other}"),
    }
}

fn print(text: &str) {
    std::io::stdout().write_all(text.as_bytes()).unwrap();
}

fn echo() {
    let mut bytes = Vec::new();
    input().unwrap().read_to_end(&mut bytes).unwrap();
    std::io::stdout().write_all(&bytes).unwrap();
}

/// The last four bytes, then the first four.
fn seek() {
    let mut file = input().unwrap();
    let mut piece = [0; 4];
    for place in [SeekFrom::End(-4), SeekFrom::Start(0)] {
        file.seek(place).unwrap();
        file.read_exact(&mut piece).unwrap();
        std::io::stdout().write_all(&piece).unwrap();
    }
}

fn threads() {
    let work = |number: u64| std::thread::spawn(move || vec![number; 1000].iter().sum::<u64>());
    let sums: Vec<_> = (0..4).map(work).collect();
    print(&sums.into_iter().map(|sum| sum.join().unwrap()).sum::<u64>().to_string());
}

fn memory() -> Vec<Vec<u8>> {
    let mut held = Vec::new();
    loop {
        held.push(vec![1; 8 << 20]);
    }
}

/// Holds this many MiB at once, in pieces that an allocator would keep together and in one it would not.
fn hold(most: usize) -> String {
    let pieces: Vec<Vec<u8>> = (0..most / 2).map(|_| vec![1; 1 << 20]).collect();
    let one = vec![1_u8; (most - pieces.len()) << 20];
    format!("{}", pieces.iter().map(Vec::len).sum::<usize>() + one.len())
}

fn looping() {
    let mut number = 0_u64;
    loop {
        number = std::hint::black_box(number.wrapping_add(1));
    }
}

fn flood() {
    loop {
        std::io::stdout().write_all(&[b'x'; 8192]).unwrap();
    }
}

/// Says far more than is kept, then fails.
fn chatter() {
    for number in 0..100_000 {
        eprintln!("word {number}");
    }
    std::process::exit(7);
}

fn deep(depth: u64) -> u64 {
    let page = std::hint::black_box([depth; 512]);
    if depth == u64::MAX { page[0] } else { deep(depth + 1) + page[1] }
}

/// What each forbidden thing comes to, a line each.
fn forbidden(more: &[String]) -> String {
    let port: u16 = more[0].parse().unwrap();
    let ours = &more[1];
    let own = rustix::process::getpid();
    let parent = rustix::process::getppid();
    let tries: [(&str, Result<(), std::io::Error>); 9] = [
        ("read a file", std::fs::read("/etc/passwd").map(drop)),
        ("read our file", std::fs::read(ours).map(drop)),
        ("write a file", std::fs::write(format!("{ours}.new"), "x")),
        ("list a folder", std::fs::read_dir("/").map(drop)),
        ("remove a file", std::fs::remove_file(ours)),
        ("connect", TcpStream::connect(("127.0.0.1", port)).map(drop)),
        ("send", UdpSocket::bind("127.0.0.1:0").map(drop)),
        ("start a program", Command::new("/bin/true").status().map(drop)),
        ("signal the parent", kill(parent)),
    ];
    let mut said: Vec<String> =
        tries.into_iter().map(|(what, end)| format!("{what}: {}", end.map_or("refused", |()| "done"))).collect();
    // One that is allowed, for the others not to be refused by chance.
    said.push(format!("know itself: {}", if own == rustix::process::getpid() { "done" } else { "refused" }));
    said.join("\n")
}

/// Whether a signal could be sent; signal 0 asks only that.
fn kill(to: Option<rustix::process::Pid>) -> Result<(), std::io::Error> {
    Ok(rustix::process::test_kill_process(to.unwrap())?)
}
