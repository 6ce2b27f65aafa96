//! How long an answer takes as lessons grow, against reading every lesson once in the same run.
//!
//! `cargo run --release -p apprentice-models --example recall_speed`
#![allow(missing_docs, clippy::print_stdout)]

use apprentice_models::embedded::Embedded;
use domain::exchange::{Lesson, Scope};
use domain::ids::{Millis, PersonId};
use domain::person::Lang;
use std::hint::black_box;
use std::time::{Duration, Instant};

const THINGS: &str = "library museum printer kettle garden office boiler bicycle locker camera archive ladder \
кухня принтер склад столовая насос гараж лифт сервер кабинет договор пропуск журнал";
const ABOUT: &str = "repairs opens closes cleans paints counts чинит открывает закрывает моет красит проверяет";

fn question(at: usize) -> String {
    let word = |from: &'static str, at: usize| from.split_whitespace().cycle().nth(at).unwrap_or_default();
    let (thing, about) = (word(THINGS, at % 24), word(ABOUT, at / 24 % 12));
    format!("Who {about} the {thing} of department q{} on floor {}?", at % 1013, at / 1013)
}

fn taught(lessons: usize) -> Embedded {
    let mut model = Embedded::new();
    for at in 0..lessons {
        model.learn(&Lesson {
            id: format!("lesson-{at:08}").as_str().into(),
            scope: Scope::Everyone,
            question: question(at),
            answer: format!("answer {at}"),
            teacher: PersonId::from("t"),
            exchange: None,
            at: Millis(0),
        });
    }
    model
}

/// The middle of many times.
fn median(mut run: impl FnMut(usize)) -> Duration {
    let mut times: Vec<Duration> = (0..201)
        .map(|at| {
            let from = Instant::now();
            run(at);
            from.elapsed()
        })
        .collect();
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn main() {
    println!("lessons | an answer | one with typing errors | looking for a word in every question | answer / look");
    for lessons in [100, 1_000, 10_000] {
        let model = taught(lessons);
        let all: Vec<String> = (0..lessons).map(question).collect();
        let ask = |text: &str| black_box(model.answer(text, &[Scope::Everyone], Lang::En, None));
        let answer = median(|at| drop(ask(&question(at * 37 % lessons))));
        let wrong = median(|at| drop(ask(&question(at * 37 % lessons).replace("department", "depatrment"))));
        let look = median(|at| {
            let word = format!("q{at}");
            black_box(all.iter().filter(|text| text.to_lowercase().contains(&word)).count());
        });
        let ratio = answer.as_secs_f64() / look.as_secs_f64();
        println!("{lessons} | {answer:.2?} | {wrong:.2?} | {look:.2?} | {ratio:.2}");
    }
}
