//! Nothing that somebody said is trained on without their yes; and all of it is shown, handed out and erased.

use crate::bot::World;
use crate::groups::mention;
use crate::learner::{ask, embedded, exported, labels, tap};
use sim::telegram::Talk;

/// What is said of one example that somebody has not agreed to.
const WITHOUT_YES: &str = "no permission from whoever said it: 1";

fn private(world: &World, name: &str) -> Talk {
    world.telegram.person(name).private()
}

#[tokio::test]
async fn whoever_teaches_first_is_asked_once_and_only_what_was_agreed_to_is_frozen() {
    let world = embedded().await;
    let mut bot = world.start();
    let (alice, bob) = (private(&world, "alice"), private(&world, "bobby"));
    let first = ask(&alice, "/teach Who mends the roof? => Dana mends it.").await;
    assert!(first.text.contains("also be used to train models"), "{}", first.text);
    assert_eq!(labels(&first)[2..], ["Yes, train on it", "No, answers only"]);
    let second = ask(&alice, "/teach When is dinner served? => At seven.").await;
    assert!(!second.text.contains("train models"), "asked once: {}", second.text);
    let parking = ask(&bob, "/teach Where do we park? => Behind the mill.").await;
    ask(&bob, "/teach Where is my bicycle? => In the shed.").await;
    tap(&bob, &parking, "📢 For everyone", "does not count yet").await;
    let notice = alice.await_message(|m| m.text.contains("bobby taught me something")).await;
    let item = tap(&alice, &notice, "📥 Review", "1 waiting").await;
    tap(&alice, &item, "✅ Approve", "Nothing else waits").await;
    let none = ask(&alice, "/dataset freeze").await;
    assert!(none.text.contains("Nothing of what was approved may be trained on"), "{}", none.text);
    tap(&alice, &first, "Yes, train on it", "may be used to train models").await;
    let frozen = ask(&alice, "/dataset freeze").await;
    assert!(frozen.text.contains("v1") && frozen.text.contains(WITHOUT_YES), "{}", frozen.text);
    assert!(frozen.text.contains("counts only for one person or group: 2"), "{}", frozen.text);
    assert!(ask(&bob, "/privacy").await.text.contains("not allowed"), "{}", bob.transcript());
    assert!(ask(&bob, "/privacy on").await.text.contains("may be used"), "{}", bob.transcript());
    assert!(ask(&bob, "/privacy").await.text.contains(": allowed"), "{}", bob.transcript());
    let frozen = ask(&alice, "/dataset freeze").await;
    assert!(frozen.text.contains("v2") && !frozen.text.contains("no permission"), "{}", frozen.text);
    assert!(ask(&bob, "/privacy off").await.text.contains("no model is trained on it"), "{}", bob.transcript());
    let frozen = ask(&alice, "/dataset freeze").await;
    assert!(frozen.text.contains("v3") && frozen.text.contains(WITHOUT_YES), "{}", frozen.text);
    world.check(&mut bot).await;
}

#[tokio::test]
async fn what_is_taught_to_a_group_needs_the_groups_yes_too() {
    let world = embedded().await;
    let mut bot = world.start();
    let (alice, bob) = (world.telegram.person("alice"), world.telegram.person("bobby"));
    let team = world.telegram.group("team", &[&alice, &bob]);
    let (seat, owner) = (alice.at(&team), alice.private());
    ask(&owner, "/privacy on").await;
    ask(&owner, "/teach Who mends the roof? => Dana mends it.").await;
    for talk in [&seat, &bob.at(&team)] {
        let here = talk.say_with(mention("@apprentice_sim_bot where do we meet?"));
        team.await_reply(here).await;
    }
    let learnt = ask(&seat, "/teach@apprentice_sim_bot Where do we meet? => By the fountain.").await;
    tap(&seat, &learnt, "📢 For everyone", "counts for everyone").await;
    let frozen = ask(&owner, "/dataset freeze").await;
    assert!(frozen.text.contains(WITHOUT_YES), "{}", frozen.text);
    let refused = ask(&bob.at(&team), "/privacy@apprentice_sim_bot on").await;
    assert!(refused.text.contains("Only trainers"), "{}", refused.text);
    let agreed = ask(&seat, "/privacy@apprentice_sim_bot on").await;
    assert!(agreed.text.contains("What is taught in this group may be used"), "{}", agreed.text);
    let frozen = ask(&owner, "/dataset freeze").await;
    assert!(frozen.text.contains("v2") && !frozen.text.contains("no permission"), "{}", frozen.text);
    let why = seat.say_with(mention("@apprentice_sim_bot Where do we meet?"));
    assert!(team.await_reply(why).await.text.contains("fountain"), "{}", team.transcript());
    world.check(&mut bot).await;
}

#[tokio::test]
async fn examples_are_counted_handed_out_and_erased_with_everything_else() {
    let world = embedded().await;
    let mut bot = world.start();
    let (alice, bob) = (private(&world, "alice"), private(&world, "bobby"));
    ask(&alice, "/start").await;
    ask(&bob, "/privacy on").await;
    let wrong = ask(&bob, "Where do I park?").await;
    let said = bob.reply(wrong.id, "No, it is behind the mill.");
    bob.await_reply(said).await;
    let stored = ask(&bob, "/mydata").await;
    assert!(stored.text.contains("Lessons: 1, texts: 0"), "{}", stored.text);
    assert!(stored.text.contains("Examples to learn from: 1"), "{}", stored.text);
    let examples = exported(&bob, "example").await;
    assert_eq!(examples.len(), 1, "{examples:?}");
    assert_eq!(
        (&examples[0]["datum"]["chosen"], &examples[0]["state"]),
        (&"Behind the mill.".into(), &"approved".into())
    );
    let learnt = bob.await_message(|m| m.text.contains("Learnt")).await;
    tap(&bob, &learnt, "📢 For everyone", "does not count yet").await;
    let notice = alice.await_message(|m| m.text.contains("bobby taught me something")).await;
    let item = tap(&alice, &notice, "📥 Review", "1 waiting").await;
    tap(&alice, &item, "✅ Approve", "Nothing else waits").await;
    let frozen = ask(&alice, "/dataset freeze").await;
    assert!(frozen.text.contains("v1"), "{}", frozen.text);
    let sure = ask(&bob, "/forget me").await;
    let gone = tap(&bob, &sure, "Yes, erase it all", "Everything about you is erased").await;
    assert!(gone.text.contains("v1"), "what was frozen of it goes too: {}", gone.text);
    let stored = ask(&bob, "/mydata").await;
    assert!(stored.text.contains("Examples to learn from: 0") && stored.text.contains("Lessons: 0"), "{}", stored.text);
    assert!(exported(&bob, "example").await.is_empty());
    let listed = ask(&alice, "/dataset list").await;
    assert!(listed.text.contains("tainted"), "{}", listed.text);
    world.check(&mut bot).await;
}
