//! SIGKILL of the real process between any two steps: each accepted message ends in exactly one
//! visible answer, in order, and nothing remains open.
//!
//! The seed of a run is printed; `KILLS` and `SEED` choose another run (`KILLS=200` is the long one).

use crate::bot::World;
use crate::groups::mention;
use sim::openai::{self, Answer};
use sim::telegram::{self, Message, Talk};
use sim::{Kind, telegram::Limits};
use std::sync::Arc;
use std::time::Duration;

/// A small generator, so that a seed names one run.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

pub fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

/// Where somebody talks: a private chat, or a topic of a group, in which the bot must be named.
struct Seat {
    talk: Talk,
    topic: Option<i64>,
}

impl Seat {
    fn say(&self, text: &str) {
        match self.topic {
            Some(_) => self.talk.say_with(mention(&format!("@apprentice_sim_bot {text}"))),
            None => self.talk.say(text),
        };
    }

    /// The bot's answers here, in order, by what they answer.
    fn answered(&self, messages: &[Message]) -> Vec<String> {
        let here = messages.iter().filter(|m| m.by_bot && m.thread == self.topic);
        here.filter_map(|m| m.text.strip_prefix("re: ")?.split(' ').next_back().map(str::to_owned)).collect()
    }
}

/// Private chats, and a group with topics, whose messages share one sequence of ids.
fn seats(world: &World) -> Vec<Seat> {
    let mut seats: Vec<_> = ["alice", "bobby", "carol", "david"]
        .map(|name| Seat { talk: world.telegram.person(name).private(), topic: None })
        .into();
    let alice = world.telegram.person("alice");
    let forum = world.telegram.supergroup("forum", &[&alice], &["plans", "jokes"]);
    for topic in ["plans", "jokes"] {
        let topic = forum.topic(topic);
        seats.push(Seat { talk: alice.at(&forum).in_topic(topic), topic: Some(topic) });
    }
    seats
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_instant_it_answers_each_message_exactly_once_in_order() {
    let (kills, seed) = (number("KILLS", 20), number("SEED", 20_261_121));
    println!("KILLS={kills} SEED={seed}");
    let mut dice = Dice(seed | 1);
    let answer = Answer::Func(Arc::new(|request: &serde_json::Value| {
        let last = request["messages"].as_array().and_then(|all| all.last()).cloned().unwrap_or_default();
        format!("re: {}", last["content"].as_str().unwrap_or_default())
    }));
    let openai = openai::Config { answer, ..openai::Config::default() };
    let telegram = telegram::Config { limits: None::<Limits>, ..telegram::Config::default() };
    let mut world = World::with(telegram, openai, Some("alice")).await;
    world.set("APPRENTICE_ACCESS", "open");
    let unlimited = [("CHAT_PER_S", "0"), ("GROUP_PER_MIN", "0"), ("GLOBAL_PER_S", "0")];
    for (name, value) in unlimited {
        world.set(&format!("APPRENTICE__TELEGRAM__LIMITS__{name}"), value);
    }
    world.telegram.faults().random(
        seed,
        0.03,
        vec![
            Kind::DuplicateUpdates,
            Kind::ResetAfter,
            Kind::Reset,
            Kind::Status(502),
            Kind::Slow(Duration::from_millis(40)),
        ],
    );
    let people = seats(&world);
    let mut said: Vec<Vec<String>> = vec![Vec::new(); people.len()];
    let database = world.path().join("data/apprentice.db");
    let mut bot = world.start();
    for round in 0..kills {
        for (at, person) in people.iter().enumerate() {
            for _ in 0..=dice.roll(2) {
                let text = format!("m{round}.{}", said[at].len());
                person.say(&text);
                said[at].push(text);
            }
        }
        tokio::time::sleep(Duration::from_micros(dice.roll(60_000))).await;
        bot.kill();
        // In some of its lives the disk is full: nothing new fits, and nothing that was there is lost.
        let full = if round + 1 < kills && dice.roll(6) == 0 { "?max_pages=1" } else { "" };
        world.set("DATABASE_URL", &format!("sqlite://{}{full}", database.display()));
        bot = world.start();
    }
    world.telegram.faults().clear();
    for (person, said) in people.iter().zip(&said) {
        let all = person.talk.await_messages(|all| person.answered(all).len() >= said.len());
        let Ok(seen) = tokio::time::timeout(Duration::from_secs(45), all).await else {
            let told: Vec<_> = world
                .read_log()
                .lines()
                .filter(|l| l.contains("ERROR") || l.contains("parked"))
                .map(str::to_owned)
                .collect();
            let missing: Vec<_> =
                said.iter().filter(|text| !person.answered(&person.talk.messages()).contains(text)).collect();
            panic!("KILLS={kills} SEED={seed}: no answer to {missing:?}; open: {:?}\n{told:#?}", world.open_work());
        };
        assert_eq!(&person.answered(&seen), said, "KILLS={kills} SEED={seed}\n{}", world.read_log());
    }
    world.telegram.await_quiet(Duration::from_millis(500)).await;
    for (person, said) in people.iter().zip(&said) {
        assert_eq!(&person.answered(&person.talk.messages()), said, "KILLS={kills} SEED={seed}: something came twice");
    }
    bot.stop();
    assert_eq!(world.open_work(), Vec::<String>::new(), "KILLS={kills} SEED={seed}");
    assert_eq!(world.telegram.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn on_postgresql_another_replica_takes_up_what_a_killed_one_held() {
    let openai = openai::Config {
        answer: Answer::Text("slow but sure. ".repeat(30)),
        tokens_per_second: Some(10.0),
        ..openai::Config::default()
    };
    let mut world = World::with(telegram::Config::default(), openai, Some("alice")).await;
    world.set("DATABASE_URL", &sim::postgres::Server::shared().database());
    let mut first = world.start();
    let alice = world.telegram.person("alice").private();
    let asked = alice.say("hello");
    world.openai.await_streaming(1).await;
    first.kill();
    world.openai.change(|config| config.tokens_per_second = None);
    let mut second = world.start();
    assert!(alice.await_reply(asked).await.text.starts_with("slow but sure."));
    world.check(&mut second).await;
    assert_eq!(alice.messages().iter().filter(|m| m.by_bot).count(), 1, "{}", alice.transcript());
}
