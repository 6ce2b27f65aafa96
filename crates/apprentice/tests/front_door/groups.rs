//! Groups and topics: when it speaks, and where.

use crate::bot::World;
use sim::telegram::{Entity, Say};

/// A message that names the bot.
pub fn mention(text: &str) -> Say {
    let name = "@apprentice_sim_bot";
    let offset = text[..text.find(name).unwrap()].encode_utf16().count();
    Say::text(text).entities(vec![Entity::plain("mention", offset, name.len())])
}

#[tokio::test]
async fn in_a_group_it_answers_when_named_or_replied_to_and_says_why() {
    let mut world = World::new("alice").await;
    world.set("APPRENTICE_ACCESS", "open");
    let mut bot = world.start();
    let (alice, bob) = (world.telegram.person("alice"), world.telegram.person("bobby"));
    let team = world.telegram.group("team", &[&alice, &bob]);
    let (alice, bob) = (alice.at(&team), bob.at(&team));
    bob.say("lunch at noon in the blue room");
    let why = alice.say("/why_silent@apprentice_sim_bot");
    assert!(team.await_reply(why).await.text.contains("not addressed to me"), "{}", team.transcript());
    let asked = alice.say_with(mention("@apprentice_sim_bot where is lunch?"));
    let reply = team.await_reply(asked).await;
    assert_eq!(reply.reply_to, Some(asked));
    let sent = world.last_request();
    assert!(sent.contains("bobby: lunch at noon"), "the recent context is seen: {sent}");
    let more = bob.reply(reply.id, "and when?");
    team.await_reply(more).await;
    let why = bob.say("/why_silent@apprentice_sim_bot");
    assert!(team.await_reply(why).await.text.contains("replied to me"), "{}", team.transcript());
    world.check(&mut bot).await;
}

#[tokio::test]
async fn a_topic_is_a_conversation_of_its_own() {
    let world = World::new("alice").await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice");
    let forum = world.telegram.supergroup("forum", &[&alice], &["plans", "jokes"]);
    let (plans, jokes) = (forum.topic("plans"), forum.topic("jokes"));
    let seat = alice.at(&forum);
    let asked = seat.in_topic(plans).say_with(mention("@apprentice_sim_bot the password is plum"));
    assert_eq!(forum.await_reply(asked).await.thread, Some(plans));
    let asked = seat.in_topic(jokes).say_with(mention("@apprentice_sim_bot what is it?"));
    assert_eq!(forum.await_reply(asked).await.thread, Some(jokes));
    let sent = world.last_request();
    assert!(!sent.contains("plum"), "one topic saw another: {sent}");
    world.check(&mut bot).await;
}

#[tokio::test]
async fn a_group_that_moves_keeps_its_conversation() {
    let world = World::new("alice").await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice");
    let old = world.telegram.group("team", &[&alice]);
    let asked = alice.at(&old).say_with(mention("@apprentice_sim_bot remember plum"));
    old.await_reply(asked).await;
    let new = old.migrate(&alice);
    let asked = alice.at(&new).say_with(mention("@apprentice_sim_bot what was it?"));
    new.await_reply(asked).await;
    let sent = world.last_request();
    assert!(sent.contains("plum"), "{sent}");
    world.check(&mut bot).await;
}
