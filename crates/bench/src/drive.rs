//! People who talk to the bot, in closed loop (the next message when the answer is there) and in
//! open loop (so many per second, whatever comes back).

use crate::process::Bot;
use sim::openai::{self, Answer, Student};
use sim::telegram::{self, Talk};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The simulators of one measurement.
pub(crate) struct World {
    /// Telegram.
    pub telegram: telegram::Server,
    /// The model.
    pub openai: openai::Server,
}

impl World {
    /// Starts them; with a pace (tokens per second, tokens) the model streams, else it answers at once.
    pub(crate) async fn start(pace: Option<(f64, usize)>) -> Self {
        let answer = match pace {
            Some((_, tokens)) => Answer::Text("some words of **markdown** here ".repeat(tokens / 6)),
            None => Answer::Text("All is well.".to_owned()),
        };
        Self::answering(answer, pace.map(|(per_second, _)| per_second)).await
    }

    /// Starts them with a model that answers from the lessons in its prompt.
    pub(crate) async fn with_student() -> Self {
        Self::answering(Answer::Student(Student::default()), None).await
    }

    async fn answering(answer: Answer, tokens_per_second: Option<f64>) -> Self {
        let openai = openai::Config { answer, tokens_per_second, record: false, ..openai::Config::default() };
        Self {
            telegram: telegram::Server::start(telegram::Config::bench()).await,
            openai: openai::Server::start(openai).await,
        }
    }

    /// The first people, always the same.
    pub(crate) fn people(&self, count: usize) -> Vec<Talk> {
        (0..count).map(|number| self.telegram.person(&format!("person{number}")).private()).collect()
    }
}

/// Before anything is measured: everybody has written once, connections stand.
const WARM_UP: Duration = Duration::from_secs(1);

/// What a closed loop came to.
#[derive(Clone, Copy)]
pub(crate) struct Speed {
    /// Messages answered per second.
    pub rate: f64,
    /// Processor time of the bot per message, microseconds: less at the mercy of what else runs.
    pub cpu_us: f64,
}

/// Messages answered, each person waiting for the answer before writing again.
pub(crate) async fn closed_loop(world: &World, bot: &Bot, chats: usize, window: Duration) -> anyhow::Result<Speed> {
    let (count, ended) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let mut people = Vec::new();
    for person in world.people(chats) {
        let (count, ended) = (count.clone(), ended.clone());
        people.push(tokio::spawn(async move {
            while !ended.load(Ordering::Relaxed) {
                let asked = person.say("How is it going?");
                person.await_reply(asked).await;
                count.fetch_add(1, Ordering::Relaxed);
            }
        }));
    }
    tokio::time::sleep(WARM_UP).await;
    let (before, used, began) = (count.load(Ordering::Relaxed), bot.cpu_seconds()?, Instant::now());
    tokio::time::sleep(window).await;
    let answered = (count.load(Ordering::Relaxed) - before) as f64;
    let rate = answered / began.elapsed().as_secs_f64();
    let cpu_us = (bot.cpu_seconds()? - used) * 1e6 / answered.max(1.0);
    ended.store(true, Ordering::Relaxed);
    for person in people {
        let _ = person.await;
    }
    Ok(Speed { rate, cpu_us })
}

/// Writes at a steady rate over all chats; the time from each update to the first call that answers.
pub(crate) async fn open_loop(world: &World, chats: usize, rate: f64, window: Duration) -> Vec<Duration> {
    let people = world.people(chats);
    let began = Instant::now();
    let (mut said, mut warm) = (0_usize, false);
    while began.elapsed() < WARM_UP + window {
        if !warm && began.elapsed() > WARM_UP {
            world.telegram.take_latencies();
            warm = true;
        }
        let due = (began.elapsed().as_secs_f64() * rate) as usize;
        while said < due {
            if let Some(person) = people.get(said % people.len().max(1)) {
                person.say("How is it going?");
            }
            said += 1;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    world.telegram.await_quiet(Duration::from_millis(500)).await;
    world.telegram.take_latencies()
}

/// Lessons of one teacher.
const EACH: usize = 25;

/// One lesson after another, by teachers who each stay below what one may teach in an hour: the time from sending a lesson to the answer of the next message, which has
/// it; and the time of two messages that teach nothing.
pub(crate) async fn lessons(world: &World, count: usize) -> anyhow::Result<(Vec<Duration>, Vec<Duration>)> {
    let teachers = world.people(count.div_ceil(EACH));
    let (mut taught, mut plain) = (Vec::with_capacity(count), Vec::with_capacity(count));
    for (number, teacher) in teachers.iter().flat_map(|teacher| std::iter::repeat_n(teacher, EACH)).enumerate() {
        let begun = Instant::now();
        for text in ["How is it going?", "And how is it now?"] {
            let said = teacher.say(text);
            teacher.await_reply(said).await;
        }
        plain.push(begun.elapsed());
        let begun = Instant::now();
        let said = teacher.say(&format!("/teach What is the code of locker {number}? => It is {}.", number * 37 + 11));
        teacher.await_reply(said).await;
        let asked = teacher.say(&format!("What is the code of locker {number}?"));
        let answer = teacher.await_reply(asked).await;
        taught.push(begun.elapsed());
        anyhow::ensure!(
            answer.text.contains(&format!("It is {}.", number * 37 + 11)),
            "not learnt: {}",
            teacher.transcript()
        );
    }
    Ok((taught, plain))
}

/// Everybody asks once, at the same time; ends when all are answered.
pub(crate) async fn once_each(world: &World, chats: usize) {
    let people = world.people(chats);
    let asked: Vec<_> = people.iter().map(|person| person.say("Tell me a long story")).collect();
    for (person, asked) in people.iter().zip(asked) {
        person.await_reply(asked).await;
    }
}

/// The highest resident memory of the bot while something runs, MB.
pub(crate) async fn peak_while(bot: &Bot, work: impl Future<Output = ()>) -> anyhow::Result<f64> {
    tokio::pin!(work);
    let mut peak = 0.0_f64;
    loop {
        tokio::select! {
            () = &mut work => return Ok(peak),
            () = tokio::time::sleep(Duration::from_millis(200)) => peak = peak.max(bot.resident_mb()?),
        }
    }
}
