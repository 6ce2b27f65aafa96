//! How children end, and what the parent knows of it.

use crate::{ask, file, limits, tell};
use apprentice_sandbox::{Fault, Limits, Workers, this_program};
use libtest_mimic::Trial;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

pub(crate) fn trials(trials: &mut Vec<Trial>) {
    tell(trials, "what_a_child_writes_comes_back", what_a_child_writes_comes_back);
    tell(trials, "a_child_without_output_has_none", a_child_without_output_has_none);
    tell(trials, "a_child_that_eats_memory_is_out_of_memory", a_child_that_eats_memory_is_out_of_memory);
    tell(trials, "memory_is_counted_in_what_is_used", memory_is_counted_in_what_is_used);
    tell(trials, "a_child_that_loops_is_out_of_processor_time", a_child_that_loops_is_out_of_processor_time);
    tell(trials, "a_child_that_waits_for_ever_is_out_of_time", a_child_that_waits_for_ever_is_out_of_time);
    tell(trials, "a_child_that_floods_wrote_too_much", a_child_that_floods_wrote_too_much);
    tell(trials, "output_may_be_as_long_as_its_limit", output_may_be_as_long_as_its_limit);
    tell(trials, "a_stack_that_overflows_is_a_crash", a_stack_that_overflows_is_a_crash);
    tell(trials, "a_panic_is_a_crash_with_its_words", a_panic_is_a_crash_with_its_words);
    tell(trials, "an_abort_is_a_crash", an_abort_is_a_crash);
    tell(trials, "the_last_words_are_kept_and_no_more", the_last_words_are_kept_and_no_more);
    tell(trials, "a_program_that_is_not_there_is_a_fault", a_program_that_is_not_there_is_a_fault);
    tell(trials, "fifty_at_once_all_answer", fifty_at_once_all_answer);
}

async fn what_a_child_writes_comes_back() {
    let bytes: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    assert_eq!(ask("echo", &[], &bytes, &limits()).await.unwrap(), bytes);
}

async fn a_child_without_output_has_none() {
    assert_eq!(ask("nothing", &[], b"", &limits()).await.unwrap(), b"");
}

async fn a_child_that_eats_memory_is_out_of_memory() {
    let end = ask("memory", &[], b"", &Limits { memory: 256 << 20, ..limits() }).await;
    assert!(matches!(end, Err(Fault::Memory)), "{end:?}");
    assert_eq!(ask("echo", &[], b"alive", &limits()).await.unwrap(), b"alive");
}

async fn memory_is_counted_in_what_is_used() {
    let limited = Limits { memory: 384 << 20, ..limits() };
    assert_eq!(ask("hold", &["200"], b"", &limited).await.unwrap(), (200 << 20).to_string().as_bytes());
    let end = ask("hold", &["400"], b"", &limited).await;
    assert!(matches!(end, Err(Fault::Memory)), "{end:?}");
}

async fn a_child_that_loops_is_out_of_processor_time() {
    let end = ask("loop", &[], b"", &Limits { cpu: Duration::from_millis(300), ..limits() }).await;
    assert!(matches!(end, Err(Fault::Time)), "{end:?}");
}

async fn a_child_that_waits_for_ever_is_out_of_time() {
    let end = ask("sleep", &[], b"", &Limits { time: Duration::from_millis(300), ..limits() }).await;
    assert!(matches!(end, Err(Fault::Time)), "{end:?}");
}

async fn a_child_that_floods_wrote_too_much() {
    let end = ask("flood", &[], b"", &limits()).await;
    assert!(matches!(end, Err(Fault::TooMuchOutput)), "{end:?}");
}

async fn output_may_be_as_long_as_its_limit() {
    let within = Limits { output: 1000, ..limits() };
    assert_eq!(ask("echo", &[], &[1; 1000], &within).await.unwrap().len(), 1000);
    let end = ask("echo", &[], &[1; 1001], &within).await;
    assert!(matches!(end, Err(Fault::TooMuchOutput)), "{end:?}");
}

async fn a_stack_that_overflows_is_a_crash() {
    let end = ask("recurse", &[], b"", &limits()).await;
    assert!(matches!(end, Err(Fault::Crashed { code: None, signal: Some(_), .. })), "{end:?}");
}

async fn a_panic_is_a_crash_with_its_words() {
    let Err(Fault::Crashed { code: Some(101), stderr, .. }) = ask("panic", &[], b"", &limits()).await else {
        panic!("no panic")
    };
    assert!(stderr.contains("this child was told to"), "{stderr}");
}

async fn an_abort_is_a_crash() {
    let end = ask("abort", &[], b"", &limits()).await;
    let aborted = rustix::process::Signal::ABORT.as_raw();
    assert!(matches!(end, Err(Fault::Crashed { signal: Some(signal), .. }) if signal == aborted), "{end:?}");
}

async fn the_last_words_are_kept_and_no_more() {
    let Err(Fault::Crashed { code: Some(7), stderr, .. }) = ask("chatter", &[], b"", &limits()).await else {
        panic!("it did not end with 7")
    };
    assert!(stderr.ends_with("word 99999"), "{stderr}");
    assert!(stderr.len() <= 4096, "{} bytes", stderr.len());
}

async fn a_program_that_is_not_there_is_a_fault() {
    let end = apprentice_sandbox::run(Path::new("/no/such/program"), &[], file(b""), &limits()).await;
    assert!(matches!(end, Err(Fault::Io(_))), "{end:?}");
}

async fn fifty_at_once_all_answer() {
    let workers = Arc::new(Workers::new(this_program().unwrap(), NonZeroUsize::new(50).unwrap()));
    let asked: Vec<_> = (0..50_u8)
        .map(|number| {
            let workers = Arc::clone(&workers);
            tokio::spawn(async move {
                let limited = limits().to_argument();
                workers.run(&[crate::CHILD, &limited, "echo"], file(&[number; 10]), &limits()).await.unwrap()
            })
        })
        .collect();
    for (number, answer) in asked.into_iter().enumerate() {
        assert_eq!(answer.await.unwrap(), [u8::try_from(number).unwrap(); 10]);
    }
}
