//! How long an answer takes and what a lesson costs as lessons grow, against reading every question once in the same
//! run. Each size has a process of its own, so that its memory is its own.
//!
//! `cargo run --release -p apprentice-models --example recall_speed [lessons …]`
#![allow(missing_docs, clippy::print_stdout)]

use apprentice_models::embedded::Embedded;
use domain::exchange::{Lesson, Scope};
use domain::ids::{ConversationId, Millis, PersonId};
use domain::person::Lang;
use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant};

const THINGS: &str = "library museum printer kettle garden office boiler bicycle locker camera archive ladder \
кухня принтер склад столовая насос гараж лифт сервер кабинет договор пропуск журнал";
const ABOUT: &str = "repairs opens closes cleans paints counts чинит открывает закрывает моет красит проверяет";
const SYLLABLES: &str = "ba den ko lir mu nas po rek si tol va zun gri fel ho ja";
/// Names that questions are about, one lesson in so many stands in a chat's scope, and how many chats there are.
const NAMES: usize = 40_000;
const CHAT_EVERY: usize = 10;
const CHATS: usize = 1_000;
/// Questions that are asked.
const ASKED: usize = 1_200;
const PASSES: usize = 3;

fn word(from: &'static str, at: usize) -> &'static str {
    from.split_whitespace().cycle().nth(at % 48).unwrap_or_default()
}

fn name(at: usize) -> String {
    let syllable = |shift: u32| word(SYLLABLES, at.wrapping_mul(0x9E37_79B9) >> shift & 15);
    format!("{}{}{}{}", syllable(4), syllable(9), syllable(14), syllable(19))
}

fn question(at: usize) -> String {
    let (thing, about) = (word(THINGS, at % 24), word(ABOUT, at / 24 % 12));
    format!("Who {about} the {thing} of department {} on floor {}?", name(at * 7 % NAMES), at / NAMES)
}

/// The same in other words, misspelt, of frequent words alone, of words that nobody taught, and a long one.
fn asked(at: usize, lessons: usize) -> String {
    let taught = question(at * 7919 % lessons);
    match at % 6 {
        0 => taught,
        1 => taught.replace("department", "depatrment").replace("floor", "flor"),
        2 => format!("Who {} the {}?", word(ABOUT, at / 24 % 12), word(THINGS, at / 6 % 24)),
        3 => format!("department of the {} on which floor", word(THINGS, at / 6 % 24)),
        4 => format!("Where may Zyxwort{at} leave a parcel for the {}?", name(at)),
        _ => format!("Please tell me {taught} {} {} {}", question(at), question(at + 9), question(at + 77)),
    }
}

fn scope(at: usize) -> Scope {
    let chat = || Scope::Conversation(ConversationId::from(format!("chat:{}", at / CHAT_EVERY % CHATS).as_str()));
    if at.is_multiple_of(CHAT_EVERY) { chat() } else { Scope::Everyone }
}

fn lesson(at: usize) -> Lesson {
    Lesson {
        id: format!("01JC{at:022}").as_str().into(),
        scope: scope(at),
        question: question(at),
        answer: format!("Ask {} in room {}, or leave a note at the front desk before noon.", name(at), at % 900),
        teacher: PersonId::from("t"),
        exchange: None,
        at: Millis(0),
    }
}

/// The middle of some times, and the one that a hundredth exceeds. All runs are made several times over, and of each
/// the shortest counts: the machine is shared.
fn times(passes: usize, runs: usize, mut run: impl FnMut(usize)) -> (Duration, Duration) {
    let mut times = vec![Duration::MAX; runs];
    for _ in 0..passes {
        for (at, time) in times.iter_mut().enumerate() {
            let from = Instant::now();
            run(at);
            *time = from.elapsed().min(*time);
        }
    }
    times.sort_unstable();
    let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or_default();
    (at(50), at(99))
}

/// Resident memory, bytes; 0 where the system does not tell.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<usize>().ok()).unwrap_or(0) * 1024
}

fn loaded(lessons: usize) -> (Embedded, Duration) {
    let mut model = Embedded::new();
    let mut took = Duration::ZERO;
    let mut from = 0;
    while from < lessons {
        let batch: Vec<Lesson> = (from..lessons.min(from + 20_000)).map(lesson).collect();
        let start = Instant::now();
        model.learn_all(&batch);
        took += start.elapsed();
        from += batch.len();
    }
    (model, took)
}

fn measure(lessons: usize) {
    drop(loaded(1));
    let before = resident();
    let (mut model, load) = loaded(lessons);
    let bytes = resident().saturating_sub(before) / lessons;
    let scopes = |at: usize| [Scope::Everyone, scope(at * CHAT_EVERY)];
    let questions: Vec<String> = (0..ASKED).map(|at| asked(at, lessons)).collect();
    let asked = |at: usize| questions.get(at).map_or("", String::as_str);
    let (answer, answer_99) =
        times(PASSES, ASKED, |at| drop(black_box(model.answer(asked(at), &scopes(at), Lang::En, None))));
    let (recall, recall_99) = times(PASSES, ASKED, |at| drop(black_box(model.recall(asked(at), &scopes(at), 8, None))));
    let (learn, learn_99) = times(1, 500, |at| model.learn(&lesson(lessons + at)));
    let (forget, forget_99) = times(1, 500, |at| model.unlearn(&format!("01JC{:022}", at * 37 % lessons)));
    let all: Vec<String> = (0..lessons).map(question).collect();
    let (look, _) = times(1, 15, |at| {
        let word = name(at * 31);
        black_box(all.iter().filter(|text| text.to_lowercase().contains(&word)).count());
    });
    let ratio = answer.as_secs_f64() / look.as_secs_f64();
    println!(
        "| {lessons} | {answer:.2?} | {answer_99:.2?} | {recall:.2?} | {recall_99:.2?} | {bytes} | {learn:.2?} | \
         {learn_99:.2?} | {forget:.2?} | {forget_99:.2?} | {load:.2?} | {look:.2?} | {ratio:.4} |"
    );
}

fn main() -> std::io::Result<()> {
    let mut sizes: Vec<usize> = std::env::args().skip(1).filter_map(|size| size.parse().ok()).collect();
    if let [one] = sizes.as_slice() {
        measure(*one);
        return Ok(());
    }
    if sizes.is_empty() {
        sizes = vec![1_000, 10_000, 100_000, 1_000_000];
    }
    println!(
        "| lessons | answer p50 | p99 | recall p50 | p99 | bytes a lesson | learn p50 | p99 | forget p50 | p99 | load | \
         reading every question | answer / reading |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|"
    );
    for size in sizes {
        Command::new(std::env::current_exe()?).arg(size.to_string()).status()?;
    }
    Ok(())
}
