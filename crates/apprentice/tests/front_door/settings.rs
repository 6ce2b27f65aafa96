//! Settings that change how it behaves, some of them while it runs.

use crate::bot::World;
use sim::openai::{self, Answer, Model};
use sim::telegram;
use std::time::Duration;

fn slow(words: usize) -> openai::Config {
    let answer = Answer::Text((0..words).map(|n| format!("word{n} ")).collect());
    openai::Config { answer, tokens_per_second: Some(20.0), ..openai::Config::default() }
}

#[tokio::test]
async fn set_to_replace_a_new_question_ends_the_running_answer() {
    let mut world = World::with(telegram::Config::default(), slow(400), Some("alice")).await;
    world.set("APPRENTICE__TURN__WHEN_BUSY", "replace");
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let first = alice.say("Tell me everything");
    alice.await_draft(|draft| draft.text.contains("word3")).await;
    world.openai.change(|config| {
        config.answer = Answer::Text("Short.".to_owned());
        config.tokens_per_second = None;
    });
    alice.say("No, keep it short");
    let cut = alice.await_reply(first).await;
    assert!(cut.text.starts_with("word0 word1") && cut.text.ends_with("Stopped."), "{}", cut.text);
    alice.await_message(|m| m.text == "Short.").await;
    world.check(&mut bot).await;
}

#[tokio::test]
async fn what_is_larger_than_the_settings_allow_is_declined_with_the_limit() {
    let mut world = World::new("alice").await;
    world.set("APPRENTICE__LIMITS__MESSAGE_CHARS", "100");
    world.set("APPRENTICE__READING__MAX_MB", "1");
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let long = alice.say(&"слово ".repeat(20));
    let reply = alice.await_reply(long).await;
    assert!(reply.text.contains("120") && reply.text.contains("100"), "{}", reply.text);
    let file = alice.send_document("notes.txt", "text/plain", "x ".repeat(600_000), "");
    let told = alice.await_reply(file).await;
    assert!(told.text.contains("I take files of at most 1 MB"), "{}", told.text);
    let asked = world.openai.requests().iter().filter(|request| request.path.contains("chat")).count();
    assert_eq!(asked, 0, "nothing of it reached a model");
    world.check(&mut bot).await;
}

#[tokio::test]
async fn settings_changed_in_the_file_count_without_a_restart_and_a_fault_changes_nothing() {
    let mut world = World::new("alice").await;
    std::fs::create_dir(world.path().join("config")).unwrap();
    let file = world.path().join("config/default.toml");
    std::fs::write(&file, "persona = 'plain'\n[personas.plain]\nsystem = 'Speak plainly.'\n").unwrap();
    world.unset("OPENAI_MODEL");
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let asked = alice.say("Hello");
    alice.await_reply(asked).await;
    assert!(world.last_request().contains("Speak plainly."), "{}", world.last_request());
    let changed = "persona = 'poet'\n[personas.poet]\ntitle = 'The Poet'\nsystem = 'Speak in verse.'\n";
    std::fs::write(&file, changed).unwrap();
    await_log(&world, "setting changed").await;
    let asked = alice.say("Hello again");
    alice.await_reply(asked).await;
    assert!(world.last_request().contains("Speak in verse."), "{}", world.last_request());
    let named = alice.say("/persona");
    assert!(alice.await_reply(named).await.text.contains("The Poet"), "{}", alice.transcript());
    std::fs::write(&file, "persona = 'poet'\nlisten_to = 'me'\n").unwrap();
    await_log(&world, "settings not changed").await;
    assert!(world.read_log().contains("listen_to"), "{}", world.read_log());
    let asked = alice.say("And now?");
    alice.await_reply(asked).await;
    assert!(world.last_request().contains("Speak in verse."), "{}", world.last_request());
    std::fs::write(&file, changed).unwrap();
    bot.stop();
}

#[tokio::test]
async fn models_are_offered_as_the_server_lists_them_and_their_end_is_announced() {
    let models = vec![Model::new("sim-small").ending("2026-12-24"), Model::new("sim-large"), Model::new("sim-embed-1")];
    let openai = openai::Config { models, ..openai::Config::default() };
    let mut world = World::with(telegram::Config::default(), openai, Some("alice")).await;
    world.set("APPRENTICE__MODEL__CHAIN", "openai/sim-small");
    let alice = world.telegram.person("alice").private();
    // Nobody can be written to before they wrote themselves.
    let hello = alice.say("Hello");
    let mut bot = world.start();
    alice.await_message(|m| m.id > hello && m.text.contains("sim-small") && m.text.contains("2026-12-24")).await;
    alice.await_message(|m| m.id > hello && !m.buttons().is_empty()).await;
    let ask = alice.say("/model");
    let reply = alice.await_reply(ask).await;
    let labels: Vec<String> = reply.buttons().into_iter().flatten().map(|button| button.label).collect();
    assert!(labels.contains(&"openai/sim-large".to_owned()), "{labels:?}");
    assert!(!labels.iter().any(|label| label.contains("embed-1")), "{labels:?}");
    alice.press_on(reply.id, "openai/sim-large");
    alice.await_message(|m| m.text.contains("openai/sim-large") && m.id > reply.id).await;
    let asked = alice.say("Who are you?");
    alice.await_reply(asked).await;
    assert!(world.last_request().contains("sim-large"), "{}", world.last_request());
    world.check(&mut bot).await;
}

async fn await_log(world: &World, wanted: &str) {
    for _ in 0..200 {
        if world.read_log().contains(wanted) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("`{wanted}` was not logged:\n{}", world.read_log());
}
