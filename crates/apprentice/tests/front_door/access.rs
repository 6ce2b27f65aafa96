//! Who gets in, and who does not.

use crate::bot::World;
use sim::{openai, telegram};

#[tokio::test]
async fn the_first_owner_is_bound_by_the_code_that_was_printed() {
    let world = World::with(telegram::Config::default(), openai::Config::default(), None).await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let hello = alice.say("hello");
    assert!(alice.await_reply(hello).await.text.contains("This bot is private"), "{}", alice.transcript());
    let wrong = alice.say("/start not-the-code");
    assert!(alice.await_reply(wrong).await.text.contains("code is wrong"), "{}", alice.transcript());
    let code = bot.code.clone().expect("a code was printed");
    let right = alice.say(&format!("/start {code}"));
    assert!(alice.await_reply(right).await.text.contains("You are my owner now"), "{}", alice.transcript());
    let bob = world.telegram.person("bobby").private();
    let stolen = bob.say(&format!("/start {code}"));
    assert!(bob.await_reply(stolen).await.text.contains("code is wrong"), "{}", bob.transcript());
    world.check(&mut bot).await;
}

#[tokio::test]
async fn a_stranger_is_told_once_and_the_owner_sees_it_and_lets_them_in() {
    let world = World::new("alice").await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let hello = alice.say("/start");
    alice.await_reply(hello).await;
    let mallory = world.telegram.person("mallory").private();
    let knock = mallory.say("let me in");
    assert!(mallory.await_reply(knock).await.text.contains("private"));
    let notice = alice.await_message(|m| m.by_bot && m.text.contains("mallory")).await;
    assert!(
        notice.text.contains(&format!("/allow telegram:{}", world.telegram.person("mallory").id)),
        "{}",
        notice.text
    );
    // Neither words, buttons, reactions nor commands get past the door, and nothing more is said.
    mallory.say("please");
    mallory.say("/help");
    mallory.react(knock, &["👍"]);
    // People in different chats are served at the same time: all of that is over before the door opens.
    world.telegram.await_quiet(std::time::Duration::from_millis(500)).await;
    let allow = alice.say(&format!("/allow telegram:{}", world.telegram.person("mallory").id));
    alice.await_reply(allow).await;
    assert_eq!(mallory.messages().iter().filter(|m| m.by_bot).count(), 1, "{}", mallory.transcript());
    let again = mallory.say("and now?");
    assert!(mallory.await_reply(again).await.text.contains("and now?"), "{}", mallory.transcript());
    let role = alice.say(&format!("/role telegram:{} trainer", world.telegram.person("mallory").id));
    assert!(alice.await_reply(role).await.text.contains("a trainer"), "{}", alice.transcript());
    let block = alice.say(&format!("/block telegram:{}", world.telegram.person("mallory").id));
    alice.await_reply(block).await;
    mallory.say("hello?");
    let ask = mallory.say("/status");
    assert!(mallory.find_reply(ask, std::time::Duration::from_millis(700)).await.is_none());
    world.check(&mut bot).await;
}

#[tokio::test]
async fn owners_commands_are_for_owners_and_the_last_owner_stays() {
    let mut world = World::new("alice").await;
    world.set("APPRENTICE_ACCESS", "open");
    let mut bot = world.start();
    let bob = world.telegram.person("bobby").private();
    let try_it = bob.say("/allow telegram:1");
    assert!(bob.await_reply(try_it).await.text.contains("another role"), "{}", bob.transcript());
    let alice = world.telegram.person("alice").private();
    let fall = alice.say(&format!("/role telegram:{} user", world.telegram.person("alice").id));
    assert!(alice.await_reply(fall).await.text.contains("only owner"), "{}", alice.transcript());
    world.check(&mut bot).await;
}
