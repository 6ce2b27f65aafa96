//! What a confined child cannot do, what it still can, and that none is left behind.

use crate::{CHILD, ask, file, limits, tell};
use apprentice_sandbox::{Limits, Workers, this_program};
use libtest_mimic::Trial;
use std::num::NonZeroUsize;
use std::sync::Arc;

pub(crate) fn trials(trials: &mut Vec<Trial>) {
    tell(trials, "limits_survive_a_command_line", limits_survive_a_command_line);
    tell(trials, "a_child_knows_nothing_of_the_environment", a_child_knows_nothing_of_the_environment);
    tell(trials, "a_child_reads_its_input_from_any_place", a_child_reads_its_input_from_any_place);
    #[cfg(target_os = "linux")]
    {
        tell(trials, "a_child_opens_no_file_no_socket_and_no_process", a_child_opens_no_file_no_socket_and_no_process);
        tell(trials, "a_child_may_have_threads", a_child_may_have_threads);
        tell(trials, "a_child_is_gone_when_nobody_waits_for_it", a_child_is_gone_when_nobody_waits_for_it);
        tell(trials, "a_child_that_is_out_of_time_is_gone", a_child_that_is_out_of_time_is_gone);
    }
    tell(trials, "no_more_run_at_once_than_there_are_places", no_more_run_at_once_than_there_are_places);
}

async fn limits_survive_a_command_line() {
    assert_eq!(Limits::from_argument(&limits().to_argument()), Some(limits()));
    for wrong in ["", "1,2,3", "1,2,3,4,5", "1,2,3,x", "-1,2,3,4"] {
        assert_eq!(Limits::from_argument(wrong), None, "{wrong}");
    }
}

async fn a_child_knows_nothing_of_the_environment() {
    assert!(std::env::vars_os().count() > 1, "the parent has none either");
    let said = String::from_utf8(ask("environment", &[], b"", &limits()).await.unwrap()).unwrap();
    assert_eq!(said, r#"[("MIMALLOC_ARENA_RESERVE", "0")]"#);
}

async fn a_child_reads_its_input_from_any_place() {
    assert_eq!(ask("seek", &[], b"head and tail", &limits()).await.unwrap(), b"tailhead");
}

async fn a_child_opens_no_file_no_socket_and_no_process() {
    assert_eq!(ask("tell", &[], b"", &limits()).await.unwrap(), b"Whole");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let folder = tempfile::tempdir().unwrap();
    let ours = folder.path().join("ours");
    std::fs::write(&ours, "ours").unwrap();
    let said = ask("forbidden", &[&port, ours.to_str().unwrap()], b"", &limits()).await.unwrap();
    let said = String::from_utf8(said).unwrap();
    let expected = "read a file: refused\nread our file: refused\nwrite a file: refused\n\
        list a folder: refused\nremove a file: refused\nconnect: refused\nsend: refused\n\
        start a program: refused\nsignal the parent: refused\nknow itself: done";
    assert_eq!(said, expected);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

async fn a_child_may_have_threads() {
    assert_eq!(ask("threads", &[], b"", &limits()).await.unwrap(), b"6000");
}

async fn a_child_is_gone_when_nobody_waits_for_it() {
    let waiting = tokio::spawn(async { ask("sleep", &["dropped"], b"", &limits()).await });
    until(|| children("dropped") == 1).await;
    waiting.abort();
    assert!(waiting.await.unwrap_err().is_cancelled());
    until(|| children("dropped") == 0 && dead() == 0).await;
}

async fn a_child_that_is_out_of_time_is_gone() {
    let short = Limits { time: std::time::Duration::from_millis(300), ..limits() };
    ask("sleep", &["late"], b"", &short).await.unwrap_err();
    until(|| children("late") == 0 && dead() == 0).await;
}

async fn no_more_run_at_once_than_there_are_places() {
    let workers = Arc::new(Workers::new(this_program().unwrap(), NonZeroUsize::MIN));
    let run = |what: &'static str| {
        let workers = Arc::clone(&workers);
        async move { workers.run(&[CHILD, &limits().to_argument(), what, "placed"], file(b"x"), &limits()).await }
    };
    let first = tokio::spawn(run("sleep"));
    until(|| children("placed") == 1).await;
    let second = tokio::spawn(run("echo"));
    tokio::task::yield_now().await;
    assert!(!second.is_finished());
    first.abort();
    assert_eq!(second.await.unwrap().unwrap(), b"x");
}

/// Waits until it is so.
async fn until(is_so: impl Fn() -> bool) {
    for _ in 0..3000 {
        if is_so() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("it never was so");
}

/// Living children of these tests with this word on their command line.
fn children(word: &str) -> usize {
    let lines = processes().filter_map(|process| std::fs::read(process.join("cmdline")).ok());
    let ours = |line: &Vec<u8>| {
        let words: Vec<&[u8]> = line.split(|byte| *byte == 0).collect();
        words.contains(&CHILD.as_bytes()) && words.contains(&word.as_bytes())
    };
    lines.filter(ours).count()
}

/// Dead children whose end this process has not collected, other tests' own included: each is soon.
fn dead() -> usize {
    let own = format!(" Z {} ", std::process::id());
    processes()
        .filter_map(|process| std::fs::read_to_string(process.join("stat")).ok())
        .filter(|line| line.contains(&own))
        .count()
}

fn processes() -> impl Iterator<Item = std::path::PathBuf> {
    std::fs::read_dir("/proc").unwrap().filter_map(|entry| Some(entry.ok()?.path()))
}
