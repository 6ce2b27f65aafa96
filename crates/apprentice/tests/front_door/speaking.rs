//! The bot speaks: when it is wanted, while it still writes, and never at the cost of the text.

use crate::bot::World;
use crate::groups::mention;
use crate::sounds::{SAY, check_note, english, in_short, of_bot, said_aloud, told, world};
use sim::openai::{Answer, Ears, Mouth};
use sim::telegram::{Message, Talk};
use sim::{Fault, Kind};
use std::time::Duration;

fn private(world: &World, name: &str) -> Talk {
    world.telegram.person(name).private()
}

async fn command(talk: &Talk, text: &str) -> Message {
    let said = talk.say(text);
    talk.await_reply(said).await
}

/// Waits until nothing is left to be done.
async fn settled(world: &World) {
    while !world.open_work().is_empty() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn voices(talk: &Talk) -> usize {
    of_bot(talk).iter().filter(|message| message.voice().is_some()).count()
}

#[tokio::test]
async fn it_speaks_as_it_was_told_to() {
    let world = world(Ears::saying("hello"), Answer::Text("Good day.".to_owned())).await;
    let mut bot = world.start();
    let alice = private(&world, "alice");
    let shown = command(&alice, "/voice").await;
    assert_eq!(
        shown.text,
        "Voice: I answer aloud when you speak. The language I expect to hear: your own. Change it with /voice ru, or write /voice auto and I will find out."
    );
    let labels: Vec<String> = shown.buttons().concat().into_iter().map(|button| button.label).collect();
    assert_eq!(labels, ["🔇 Off", "🪞 When I speak", "🔊 Always"]);
    let note = english("hello");
    alice.say("hi");
    told(&alice, 2).await;
    alice.press("🔊 Always");
    alice.await_message(|m| m.text.starts_with("I will always answer aloud")).await;
    alice.say("hi");
    alice.await_messages(|all| all.iter().filter(|m| m.voice().is_some()).count() == 1).await;
    settled(&world).await;
    command(&alice, "/voice off").await;
    alice.voice(&note.bytes, note.seconds);
    alice.await_messages(|all| all.iter().filter(|m| m.by_bot && m.text == "Good day.").count() == 3).await;
    world.telegram.await_quiet(Duration::from_millis(300)).await;
    assert_eq!(voices(&alice), 1, "{:?}", in_short(&alice));
    command(&alice, "/voice mirror").await;
    alice.voice(&note.bytes, note.seconds);
    alice.await_messages(|all| all.iter().filter(|m| m.by_bot && m.voice().is_some()).count() == 2).await;
    settled(&world).await;
    assert_eq!(command(&alice, "/voice de").await.text, "I will expect you to speak this language: de.");
    assert!(command(&alice, "/voice").await.text.contains("I expect to hear: de."));
    assert!(command(&alice, "/voice loud").await.text.starts_with("Write /voice off"));
    world.check(&mut bot).await;
}

#[tokio::test]
async fn say_says_a_text_a_message_or_the_last_answer() {
    let world = world(Ears::Deaf, Answer::Text("The last answer.".to_owned())).await;
    let mut bot = world.start();
    let alice = private(&world, "alice");
    alice.say("/say Good evening.");
    alice.await_messages(|all| all.iter().filter(|m| m.voice().is_some()).count() == 1).await;
    let said = alice.say("What do you think?");
    let answer = alice.await_reply(said).await;
    alice.say("/say");
    alice.await_messages(|all| all.iter().filter(|m| m.voice().is_some()).count() == 2).await;
    alice.reply(answer.id, "/say");
    alice.await_messages(|all| all.iter().filter(|m| m.voice().is_some()).count() == 3).await;
    alice.reply(said, "/say");
    alice.await_messages(|all| all.iter().filter(|m| m.voice().is_some()).count() == 4).await;
    assert_eq!(said_aloud(&world), ["Good evening.", "The last answer.", "The last answer.", "What do you think?"]);
    of_bot(&alice).iter().filter_map(Message::voice).for_each(check_note);
    let bob = private(&world, "bobby");
    assert!(command(&bob, "/say").await.text.starts_with("Write /say and what to say"));
    assert!(
        command(&bob, &format!("/say {}", "long ".repeat(1700))).await.text.starts_with("That is too long to be said")
    );
    world.check(&mut bot).await;
}

#[tokio::test]
async fn the_first_words_are_heard_while_the_last_are_still_being_written() {
    let sentence = |n: usize| format!("This is sentence number {n} of a rather long answer to a short question. ");
    let long: String = (1..=40).map(sentence).collect();
    let world = world(Ears::Deaf, Answer::Text(long.trim().to_owned())).await;
    world.openai.change(|config| config.tokens_per_second = Some(40.0));
    let mut bot = world.start();
    let alice = private(&world, "alice");
    command(&alice, "/voice always").await;
    let asked = alice.say("Tell me more.");
    alice.await_message(|message| message.voice().is_some()).await;
    assert_eq!(world.openai.streaming(), 1, "the model still writes");
    assert!(of_bot(&alice).iter().all(|message| message.id < asked || message.voice().is_some()));
    world.openai.change(|config| config.tokens_per_second = None);
    alice.await_message(|message| message.by_bot && message.text.contains("number 40")).await;
    settled(&world).await;
    let said = said_aloud(&world);
    assert!(said.len() >= 3 && said[0].chars().count() < 400, "{said:?}");
    assert_eq!(said.join(" "), long.trim(), "everything is said once and in order");
    let notes: Vec<Message> = of_bot(&alice).into_iter().filter(|message| message.voice().is_some()).collect();
    assert_eq!(notes.len(), said.len());
    notes.iter().filter_map(Message::voice).for_each(check_note);
    assert_eq!(of_bot(&alice).iter().filter(|message| message.text.contains("number 40")).count(), 1);
    world.check(&mut bot).await;
}

#[tokio::test]
async fn code_tables_and_links_are_spoken_so_that_they_can_be_followed() {
    let wide = format!("{0}\n{1}\n{0}\n{0}", "| x ".repeat(9) + "|", "|---".repeat(9) + "|");
    let answer = "Run **this**:\n\n```rust\nfn main() {}\nlet x = 1;\n```\n\n| Day | Degrees |\n|---|---|\n| Monday | 21 |\n\nMore on [the page](https://example.org/very/long?x=1) or at https://example.org/a/b.\n\n";
    let world = world(Ears::Deaf, Answer::Text(format!("{answer}{wide}"))).await;
    let mut bot = world.start();
    let (alice, boris) = (private(&world, "alice"), world.telegram.person("boris").speaking("ru").private());
    for talk in [&alice, &boris] {
        command(talk, "/voice always").await;
        talk.say("How?");
        talk.await_message(|message| message.voice().is_some()).await;
    }
    let said = said_aloud(&world).join("\n");
    for part in [
        "Run this",
        "The code in rust is in the text, 2 lines.",
        "Day: Monday, Degrees: 21.",
        "The table is in the text, 2 rows and 9 columns.",
        "the page",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
    for part in ["Код на rust — в тексте, 2 строки.", "Таблица — в тексте, строк 2, столбцов 9."]
    {
        assert!(said.contains(part), "{part} in {said}");
    }
    for part in ["fn main", "very/long", "```", "**", "|"] {
        assert!(!said.contains(part), "{part} in {said}");
    }
    world.check(&mut bot).await;
}

#[tokio::test]
async fn when_the_speech_server_fails_the_program_here_speaks() {
    let world = world(Ears::Deaf, Answer::Text("Good day.".to_owned())).await;
    let mut bot = world.start();
    let alice = private(&world, "alice");
    command(&alice, "/voice always").await;
    for kind in [Kind::Status(500), Kind::Garbage, Kind::Cut { after: 1 }] {
        world.openai.faults().push(Fault::on(SAY, kind.clone()).times(9));
        let before = voices(&alice);
        alice.say("hi");
        alice.await_messages(|all| all.iter().filter(|m| m.voice().is_some()).count() > before).await;
        world.openai.faults().clear();
    }
    world.openai.change(|config| config.mouth = Mouth { formats: vec!["wav".to_owned()], ..Mouth::default() });
    alice.say("hi");
    alice.await_messages(|all| all.iter().filter(|m| m.voice().is_some()).count() == 4).await;
    of_bot(&alice).iter().filter_map(Message::voice).for_each(check_note);
    world.check(&mut bot).await;
}

#[tokio::test]
async fn where_nobody_can_speak_the_text_is_never_lost() {
    let mut world = world(Ears::saying("hello"), Answer::Text("Good day.".to_owned())).await;
    world.set("APPRENTICE__SPEAKING__ESPEAK", "/nowhere/espeak-ng");
    let mut bot = world.start();
    let alice = private(&world, "alice");
    world.openai.faults().push(Fault::on(SAY, Kind::Status(500)).times(99));
    let note = english("hello");
    alice.voice(&note.bytes, note.seconds);
    let seen = told(&alice, 3).await;
    assert_eq!(seen[..2], ["heard: hello", "Good day."]);
    assert!(
        seen[2].contains("I could not say it aloud; you have it in writing.") && seen[2].contains("E-"),
        "{seen:?}"
    );
    world.check(&mut bot).await;
    world.set("APPRENTICE__SPEAKING__CHAIN", "espeak");
    let mut bot = world.start();
    alice.voice(&note.bytes, note.seconds);
    let seen = told(&alice, 5).await;
    assert_eq!(seen[3..], ["heard: hello", "Good day."]);
    settled(&world).await;
    let set = command(&alice, "/voice always").await.text;
    assert!(set.starts_with("I will always answer aloud") && set.contains("I cannot speak here yet"), "{set}");
    assert!(command(&alice, "/say hello").await.text.starts_with("I cannot speak here yet"));
    world.check(&mut bot).await;
}

#[tokio::test]
async fn who_lets_no_voice_messages_through_gets_recordings_and_is_told_why_once() {
    let world = world(Ears::Deaf, Answer::Text("Good day.".to_owned())).await;
    let mut bot = world.start();
    world.telegram.person("alice").forbid_voice(true);
    let alice = private(&world, "alice");
    command(&alice, "/voice always").await;
    for round in 1..=2 {
        alice.say("hi");
        alice.await_messages(|all| all.iter().filter(|m| m.audio().is_some()).count() == round).await;
    }
    alice
        .await_message(|message| message.text.starts_with("Your Telegram settings do not let my voice messages"))
        .await;
    world.telegram.await_quiet(Duration::from_millis(300)).await;
    let told =
        of_bot(&alice).iter().filter(|m| m.text.starts_with("Your Telegram settings do not let my voice")).count();
    assert_eq!((told, voices(&alice)), (1, 0), "{:?}", in_short(&alice));
    world.check(&mut bot).await;
}

#[tokio::test]
async fn in_a_group_what_is_said_stands_under_the_question() {
    let world = world(Ears::Deaf, Answer::Text("Good day.".to_owned())).await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice");
    command(&alice.private(), "/voice always").await;
    let team = world.telegram.group("team", &[&alice]);
    let seat = alice.at(&team);
    let asked = seat.say_with(mention("@apprentice_sim_bot hello"));
    let note = team.await_message(|message| message.voice().is_some()).await;
    assert_eq!(note.reply_to, Some(asked));
    world.check(&mut bot).await;
}

#[tokio::test]
async fn floods_and_broken_connections_lose_no_voice_message_and_double_none() {
    let world = world(Ears::Deaf, Answer::Text("Good day.".to_owned())).await;
    let mut bot = world.start();
    let alice = private(&world, "alice");
    command(&alice, "/voice always").await;
    let faults = [
        Kind::TooMany { retry_after: 1 },
        Kind::Status(502),
        Kind::Reset,
        Kind::ResetAfter,
        Kind::ResetUpload,
        Kind::HalfBody,
        Kind::Garbage,
    ];
    for (round, kind) in faults.into_iter().enumerate() {
        world.telegram.faults().push(Fault::on("sendVoice", kind.clone()));
        alice.say(&format!("round {round}"));
        alice.await_messages(|all| all.iter().filter(|m| m.voice().is_some()).count() > round).await;
        world.telegram.await_quiet(Duration::from_millis(300)).await;
        assert_eq!(
            (voices(&alice), of_bot(&alice).len()),
            (round + 1, 2 * round + 3),
            "{kind:?}\n{}",
            alice.transcript()
        );
    }
    world.check(&mut bot).await;
}

#[tokio::test]
async fn killed_between_voice_messages_it_says_each_of_them_once() {
    let sentence = |n: usize| format!("This is sentence number {n} of a rather long answer to a short question. ");
    let long: String = (1..=30).map(sentence).collect();
    let world = world(Ears::Deaf, Answer::Text(long.trim().to_owned())).await;
    world.openai.change(|config| config.tokens_per_second = Some(60.0));
    let mut bot = world.start();
    let alice = private(&world, "alice");
    command(&alice, "/voice always").await;
    alice.say("Tell me more.");
    for notes in 1..=2 {
        alice.await_messages(|all| all.iter().filter(|m| m.voice().is_some()).count() >= notes).await;
        bot.kill();
        bot = world.start();
    }
    world.openai.change(|config| config.tokens_per_second = None);
    alice.await_message(|message| message.by_bot && message.text.contains("number 30")).await;
    settled(&world).await;
    let sizes: Vec<Vec<u8>> =
        of_bot(&alice).iter().filter_map(|m| m.voice().map(|voice| voice.bytes.to_vec())).collect();
    let mut different = sizes.clone();
    different.sort();
    different.dedup();
    let wanted = {
        let mut said = said_aloud(&world);
        said.sort();
        said.dedup();
        said.len()
    };
    assert_eq!((sizes.len(), different.len()), (wanted, wanted), "nothing is said twice");
    assert_eq!(of_bot(&alice).iter().filter(|m| m.text.contains("number 30")).count(), 1, "{}", alice.transcript());
    world.check(&mut bot).await;
}

#[tokio::test]
async fn an_answer_that_is_begun_anew_in_other_words_is_not_said_over_the_first() {
    let long: String = (1..=40).map(|n| format!("This is sentence number {n} of a rather long answer. ")).collect();
    let world = world(Ears::Deaf, Answer::Text(long.trim().to_owned())).await;
    world.openai.change(|config| config.tokens_per_second = Some(40.0));
    let mut bot = world.start();
    let alice = private(&world, "alice");
    command(&alice, "/voice always").await;
    alice.say("Tell me more.");
    alice.await_message(|message| message.voice().is_some()).await;
    bot.kill();
    let other: String = (1..=9).map(|n| format!("Quite another line, the one with number {n}. ")).collect();
    world.openai.change(|config| {
        config.tokens_per_second = None;
        config.answer = Answer::Text(other.trim().to_owned());
    });
    bot = world.start();
    alice.await_message(|message| message.by_bot && message.text.contains("with number 9")).await;
    settled(&world).await;
    let said = said_aloud(&world);
    assert!(said.iter().all(|words| words.starts_with("This is sentence")), "{said:?}");
    world.check(&mut bot).await;
}

#[tokio::test]
async fn stop_ends_what_is_being_said_and_what_waits_to_be_said() {
    let long: String = (1..=40).map(|n| format!("This is sentence number {n} of a rather long answer. ")).collect();
    let world = world(Ears::Deaf, Answer::Text(long.trim().to_owned())).await;
    let mut bot = world.start();
    let alice = private(&world, "alice");
    command(&alice, "/voice always").await;
    world.openai.faults().push(Fault::on(SAY, Kind::Slow(Duration::from_secs(300))).times(9));
    alice.say("Tell me more.");
    alice.await_message(|message| message.by_bot && message.text.contains("number 40")).await;
    while said_aloud(&world).is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let before = of_bot(&alice).len();
    alice.say("/stop");
    settled(&world).await;
    assert_eq!((voices(&alice), of_bot(&alice).len()), (0, before), "{}", alice.transcript());
    assert_eq!(said_aloud(&world).len(), 1, "the rest is not said either");
    world.check(&mut bot).await;
}
