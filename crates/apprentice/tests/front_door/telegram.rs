//! What only Telegram has: the stop button of drafts, reactions, keywords of groups, being thrown out.

use crate::bot::World;
use sim::openai::{self, Answer};
use sim::telegram;
use std::sync::Arc;
use std::time::Duration;

fn slow(words: usize) -> openai::Config {
    let answer = Answer::Text((0..words).map(|n| format!("word{n} ")).collect());
    openai::Config { answer, tokens_per_second: Some(20.0), ..openai::Config::default() }
}

#[tokio::test]
async fn telegrams_own_stop_button_ends_the_answer_and_keeps_its_words() {
    let world = World::with(telegram::Config::default(), slow(400), Some("alice")).await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let asked = alice.say("Tell me everything");
    alice.await_draft(|draft| draft.text.contains("word3")).await;
    alice.press_stop();
    let reply = alice.await_reply(asked).await;
    assert!(reply.text.starts_with("word0 word1") && reply.text.ends_with("Stopped."), "{}", reply.text);
    assert_eq!(world.openai.streaming(), 0, "the call to the model has ended");
    world.check(&mut bot).await;
}

#[tokio::test]
async fn the_stop_button_under_a_growing_answer_in_a_group_ends_it() {
    let world = World::with(telegram::Config::default(), slow(400), Some("alice")).await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice");
    let team = world.telegram.group("team", &[&alice]);
    let asked = alice.at(&team).say_with(crate::groups::mention("@apprentice_sim_bot tell us everything"));
    let growing = team.await_reply(asked).await;
    alice.at(&team).press_on(growing.id, "⏹ Stop");
    let ended = team.await_message(|m| m.id == growing.id && m.text.ends_with("Stopped.")).await;
    assert!(ended.text.starts_with("word0 word1"), "{}", ended.text);
    assert_eq!(team.messages().iter().filter(|m| m.by_bot).count(), 1, "{}", team.transcript());
    world.check(&mut bot).await;
}

#[tokio::test]
async fn a_reaction_is_feedback_on_the_exact_request_and_release() {
    let world = World::new("alice").await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let asked = alice.say("How are you?");
    let reply = alice.await_reply(asked).await;
    alice.react(reply.id, &["👎"]);
    let mut lines = Vec::new();
    for _ in 0..50 {
        let export = alice.say("/export");
        let wanted = |m: &telegram::Message| m.id > export && m.content.as_ref().is_some_and(|c| c.kind == "document");
        let file = alice.await_message(wanted).await.content.unwrap();
        let text = String::from_utf8(file.bytes.to_vec()).unwrap();
        lines = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()).collect();
        if lines.iter().any(|line| line["kind"] == "feedback") {
            break;
        }
    }
    let of =
        |kind: &str| lines.iter().filter(|line| line["kind"] == kind).map(|line| &line["body"]).collect::<Vec<_>>();
    let exchange = of("exchange")[0];
    assert_eq!(exchange["question"], "How are you?");
    assert_eq!(exchange["request"]["hash"].as_str().unwrap().len(), 64, "{exchange}");
    assert_eq!(exchange["release"].as_str().unwrap().len(), 16, "{exchange}");
    assert_eq!(of("feedback").len(), 1, "{lines:?}");
    world.check(&mut bot).await;
}

#[tokio::test]
async fn a_keyword_of_the_settings_addresses_it_in_groups() {
    let mut world = World::new("alice").await;
    world.set("APPRENTICE__TELEGRAM__KEYWORDS", "[\"помощник\"]");
    let mut bot = world.start();
    let alice = world.telegram.person("alice");
    let team = world.telegram.group("team", &[&alice]);
    team.promote_bot(&alice);
    let seat = alice.at(&team);
    let ignored = seat.say("Кто-нибудь знает?");
    let asked = seat.say("Помощник, а ты знаешь?");
    assert_eq!(team.await_reply(asked).await.reply_to, Some(asked));
    assert!(team.messages().iter().all(|m| m.reply_to != Some(ignored)), "{}", team.transcript());
    world.check(&mut bot).await;
}

#[tokio::test]
async fn thrown_out_of_a_group_it_stops_there_and_goes_on_elsewhere() {
    let world = World::with(telegram::Config::default(), slow(60), Some("alice")).await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice");
    let team = world.telegram.group("team", &[&alice]);
    alice.at(&team).say_with(crate::groups::mention("@apprentice_sim_bot tell us"));
    world.openai.await_streaming(1).await;
    team.kick_bot(&alice);
    world.openai.change(|config| config.tokens_per_second = None);
    let talk = alice.private();
    let asked = talk.say("And here?");
    talk.await_reply(asked).await;
    for _ in 0..100 {
        if world.open_work().iter().any(|line| line.contains("parked")) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let left = world.open_work();
    assert!(left.len() == 1 && left[0].contains("parked") && left[0].contains("kicked"), "{left:?}");
    bot.stop();
    assert!(!world.read_log().contains("ERROR"), "{}", world.read_log());
    assert_eq!(world.telegram.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn what_falls_out_of_sight_is_summarised_and_the_summary_is_seen() {
    let answer = Answer::Func(Arc::new(|request: &serde_json::Value| {
        let last = request["messages"].as_array().and_then(|all| all.last()).cloned().unwrap_or_default();
        match last["content"].as_str().unwrap_or_default() {
            asked if asked.contains("Summar") => "They spoke of plums.".to_owned(),
            asked => format!("re: {}", asked.chars().take(20).collect::<String>()),
        }
    }));
    let telegram = telegram::Config { limits: None, ..telegram::Config::default() };
    let mut world = World::with(telegram, openai::Config { answer, ..openai::Config::default() }, Some("alice")).await;
    world.set("APPRENTICE__TELEGRAM__LIMITS__CHAT_PER_S", "0");
    world.set("APPRENTICE__MODEL__CONTEXT_TOKENS", "1500");
    world.set("APPRENTICE__MODEL__ANSWER_TOKENS", "300");
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let asked = |world: &World| world.openai.requests().iter().any(|r| r.body.to_string().contains("Summar"));
    for round in 0..60 {
        let said = alice.say(&format!("{round} {}", "plums and pears ".repeat(20)));
        alice.await_reply(said).await;
        if asked(&world) {
            break;
        }
    }
    assert!(asked(&world), "nothing was summarised");
    for _ in 0..100 {
        let said = alice.say("What did we speak of?");
        alice.await_reply(said).await;
        if world.last_request().contains("They spoke of plums.") {
            break;
        }
    }
    assert!(world.last_request().contains("They spoke of plums."), "{}", world.last_request());
    world.check(&mut bot).await;
}

#[tokio::test]
async fn when_the_model_holds_less_than_the_settings_say_it_is_asked_once_more_with_less() {
    let models = vec![openai::Model::new("sim-small").holding(900)];
    let telegram = telegram::Config { limits: None, ..telegram::Config::default() };
    let openai = openai::Config { models, ..openai::Config::default() };
    let mut world = World::with(telegram, openai, Some("alice")).await;
    world.set("APPRENTICE__TELEGRAM__LIMITS__CHAT_PER_S", "0");
    world.set("APPRENTICE__MODEL__CONTEXT_TOKENS", "1500");
    world.set("APPRENTICE__MODEL__ANSWER_TOKENS", "100");
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    for round in 0..12 {
        let said = alice.say(&format!("{round} {}", "plums and pears ".repeat(12)));
        let reply = alice.await_reply(said).await;
        assert!(!reply.text.contains("E-"), "{}", reply.text);
    }
    let refused = world.openai.requests().len() as i64 - 12;
    assert!(refused > 0, "nothing was too long");
    world.check(&mut bot).await;
}
