//! A private chat in Telegram.

use crate::bot::World;
use sim::openai::{self, Answer};
use sim::{Fault, Kind, telegram};
use std::time::Duration;

fn scripted(script: &[(&str, &str)]) -> openai::Config {
    openai::Config::answering(Answer::script(script))
}

#[tokio::test]
async fn a_question_is_answered_with_the_conversation_before_it_in_view() {
    let world = World::with(
        telegram::Config::default(),
        scripted(&[("6 × 7", "It is **42**."), ("Why", "Arithmetic.")]),
        Some("alice"),
    )
    .await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let asked = alice.say("What is 6 × 7?");
    let reply = alice.await_reply(asked).await;
    assert_eq!(reply.marked(), "It is <bold>42</bold>.");
    let labels: Vec<_> = reply.buttons().concat().into_iter().map(|button| button.label).collect();
    assert_eq!(labels, ["🔄", "👍", "👎", "✏️"]);
    let asked = alice.say("Why?");
    alice.await_reply(asked).await;
    let sent = world.last_request();
    assert!(sent.contains("What is 6 × 7?") && sent.contains("It is **42**."), "{sent}");
    world.check(&mut bot).await;
}

#[tokio::test]
async fn messages_sent_together_are_answered_one_by_one_in_order() {
    let world = World::new("alice").await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let mut last = 0;
    for number in 1..=5 {
        last = alice.say(&format!("message {number}"));
    }
    alice.await_messages(|all| all.iter().filter(|m| m.by_bot).count() == 5).await;
    let replies: Vec<_> = alice.messages().into_iter().filter(|m| m.by_bot).map(|m| m.text).collect();
    for (at, reply) in replies.iter().enumerate() {
        assert!(reply.contains(&format!("message {}", at + 1)), "{replies:?}");
    }
    assert!(alice.messages().iter().any(|m| m.id == last));
    world.check(&mut bot).await;
}

#[tokio::test]
async fn a_slow_answer_is_shown_as_a_draft_and_stopped_by_command() {
    let long: String = (0..400).map(|n| format!("word{n} ")).collect();
    let openai =
        openai::Config { answer: Answer::Text(long), tokens_per_second: Some(20.0), ..openai::Config::default() };
    let world = World::with(telegram::Config::default(), openai, Some("alice")).await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let asked = alice.say("Tell me everything");
    alice.await_draft(|draft| draft.text.contains("word3")).await;
    alice.say("/stop");
    let reply = alice.await_reply(asked).await;
    assert!(reply.text.starts_with("word0 word1"), "{}", reply.text);
    assert!(reply.text.ends_with("Stopped.") && !reply.text.contains("word399"), "{}", reply.text);
    world.check(&mut bot).await;
}

#[tokio::test]
async fn a_changed_question_changes_its_answer_in_place() {
    let world =
        World::with(telegram::Config::default(), scripted(&[("France", "Paris"), ("Spain", "Madrid")]), Some("alice"))
            .await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let asked = alice.say("Capital of France?");
    let reply = alice.await_reply(asked).await;
    assert_eq!(reply.text, "Paris");
    alice.edit(asked, "Capital of Spain?");
    let changed = alice.await_message(|m| m.text == "Madrid").await;
    assert_eq!((changed.id, changed.edits > 0), (reply.id, true));
    world.check(&mut bot).await;
}

#[tokio::test]
async fn again_replaces_the_answer_and_a_rating_is_thanked_for() {
    let world = World::new("alice").await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let asked = alice.say("Once");
    let reply = alice.await_reply(asked).await;
    alice.press_on(reply.id, "🔄");
    let again = alice.await_message(|m| m.id == reply.id && m.edits > 0).await;
    assert!(again.by_bot);
    assert_eq!(alice.press_on(reply.id, "👍").answer().await, "Thank you!");
    alice.react(reply.id, &["👎"]);
    world.check(&mut bot).await;
}

#[tokio::test]
async fn a_long_answer_is_split_and_a_very_long_one_comes_as_a_file() {
    let paragraph = "Сло́во 👨‍👩‍👧 and words in a sentence. ".repeat(20);
    let mut world = World::with(
        telegram::Config::default(),
        scripted(&[
            ("endless", &format!("{paragraph}\n\n").repeat(60)),
            ("long", &format!("{paragraph}\n\n").repeat(10)),
        ]),
        Some("alice"),
    )
    .await;
    world.set("APPRENTICE__MODEL__ANSWER_TOKENS", "60000");
    world.set("APPRENTICE__MODEL__CONTEXT_TOKENS", "120000");
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    alice.say("long");
    alice.await_messages(|all| all.iter().filter(|m| m.by_bot).count() >= 2).await;
    alice.say("endless");
    alice.await_message(|m| m.content.as_ref().is_some_and(|c| c.kind == "document")).await;
    world.check(&mut bot).await;
}

#[tokio::test]
async fn when_the_model_fails_the_person_gets_a_sentence_a_step_and_a_code() {
    let mut world = World::new("alice").await;
    world.set("APPRENTICE__MODEL__CHAIN", "openai/sim-small");
    let mut bot = world.start();
    world.openai.faults().push(Fault::on("/chat/completions", Kind::Status(500)).times(50));
    let alice = world.telegram.person("alice").speaking("ru").private();
    let asked = alice.say("Привет, как дела?");
    let reply = alice.await_reply(asked).await;
    assert!(reply.text.starts_with("Не получилось обработать запрос, попробуйте позже"), "{}", reply.text);
    assert!(reply.text.contains("(код E-"), "{}", reply.text);
    world.check(&mut bot).await;
}

#[tokio::test]
async fn floods_resets_and_garbage_from_telegram_lose_nothing_and_double_nothing() {
    let world = World::new("alice").await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    for (number, kind) in [
        Kind::TooMany { retry_after: 1 },
        Kind::Status(502),
        Kind::Reset,
        Kind::ResetAfter,
        Kind::HalfBody,
        Kind::Garbage,
    ]
    .into_iter()
    .enumerate()
    {
        world.telegram.faults().push(Fault::on("sendMessage", kind.clone()));
        let asked = alice.say(&format!("fault {number}"));
        let reply = alice.await_reply(asked).await;
        assert!(reply.text.contains(&format!("fault {number}")), "{kind:?}: {}", reply.text);
        world.telegram.await_quiet(Duration::from_millis(300)).await;
        let replies = alice.messages().into_iter().filter(|m| m.by_bot).count();
        assert_eq!(replies, number + 1, "{kind:?}:\n{}", alice.transcript());
    }
    world.check(&mut bot).await;
}

#[tokio::test]
async fn repeated_reordered_and_unknown_updates_do_no_harm() {
    let world = World::new("alice").await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    world.telegram.faults().push(Fault::on("getUpdates", Kind::DuplicateUpdates));
    world.telegram.raw_update("a_kind_of_the_future", &serde_json::json!({"id": 1}));
    let asked = alice.say("hello there");
    alice.await_reply(asked).await;
    let next = alice.say("and again");
    alice.await_reply(next).await;
    world.telegram.await_quiet(Duration::from_millis(500)).await;
    assert_eq!(alice.messages().iter().filter(|m| m.by_bot).count(), 2, "{}", alice.transcript());
    world.check(&mut bot).await;
}

#[tokio::test]
async fn what_cannot_be_read_is_declined_politely() {
    let world = World::new("alice").await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let voice = alice.voice([1, 2, 3], 3);
    assert!(alice.await_reply(voice).await.text.contains("cannot play"), "{}", alice.transcript());
    let sticker = alice.sticker("🙂", "webp");
    // One that cannot be looked at says what its emoji says.
    assert!(alice.await_reply(sticker).await.text.contains("🙂"), "{}", alice.transcript());
    world.check(&mut bot).await;
}
