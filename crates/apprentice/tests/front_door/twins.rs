//! What people prefer: one of two answers, a reaction, a button, stars.

use crate::bot::World;
use crate::learner::{ask, asked, exported, labels, tap, world};
use sim::openai::{self, Answer};
use sim::telegram::{Message, Talk};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A model that never says the same twice: `take 1`, `take 2`.
async fn restless(share: &str) -> World {
    let count = Arc::new(AtomicUsize::new(1));
    let answer = Answer::func(move |_| format!("take {} of it", count.fetch_add(1, Ordering::SeqCst)));
    let mut world = world(openai::Config::answering(answer)).await;
    world.set("APPRENTICE__LEARNING__TWIN_SHARE", share);
    world
}

/// The numbers of the two takes, in the order in which they are shown.
fn takes(message: &Message) -> Vec<u32> {
    message.text.split("take ").skip(1).map(|rest| rest.split(' ').next().unwrap().parse().unwrap()).collect()
}

#[tokio::test]
async fn a_tap_on_the_better_of_two_answers_makes_one_preference() {
    let world = restless("1").await;
    let mut bot = world.start();
    let bob = world.telegram.person("bobby").private();
    assert_eq!(takes(&ask(&bob, "Say something").await).len(), 1, "nobody asked for two");
    assert!(ask(&bob, "/twin on").await.text.contains("two answers"), "{}", bob.transcript());
    let (mut orders, mut last) = (std::collections::BTreeSet::new(), None);
    for number in 0..16 {
        let twins = ask(&bob, &format!("Question {number}")).await;
        let [one, two] = takes(&twins)[..] else { panic!("{}", twins.text) };
        orders.insert(one < two);
        last = Some((twins, one, two));
    }
    assert_eq!(orders.len(), 2, "which came first can be told by the place");
    let (twins, one, two) = last.unwrap();
    assert_eq!(labels(&twins)[..3], ["A is better", "B is better", "No difference"]);
    tap(&bob, &twins, "No difference", "noted").await;
    assert!(exported(&bob, "example").await.is_empty(), "no difference teaches nothing");
    tap(&bob, &twins, "B is better", "noted").await;
    tap(&bob, &twins, "A is better", "noted").await;
    let examples = exported(&bob, "example").await;
    assert_eq!(examples.len(), 1, "{examples:?}");
    let datum = &examples[0]["datum"];
    assert_eq!(datum["chosen"], format!("take {one} of it"), "{datum}");
    assert_eq!(datum["rejected"], format!("take {two} of it"), "{datum}");
    assert_eq!((&datum["question"], &examples[0]["origin"]["from"]), (&"Question 15".into(), &"choice".into()));
    assert_eq!((&examples[0]["state"], &examples[0]["reason"]), (&"proposed".into(), &"choice".into()), "{datum}");
    assert!(ask(&bob, "/twin off").await.text.contains("One answer at a time"), "{}", bob.transcript());
    assert_eq!(takes(&ask(&bob, "And now?").await).len(), 1);
    world.check(&mut bot).await;
}

/// Asks something with two answers and presses a button under them.
async fn chosen(talk: &Talk, question: &str, button: &str) {
    let twins = ask(talk, question).await;
    assert_eq!(takes(&twins).len(), 2, "{}", twins.text);
    tap(talk, &twins, button, "noted").await;
}

#[tokio::test]
async fn a_users_choice_reaches_everybody_only_after_a_trainer_approved_it_and_makes_no_lesson() {
    let world = restless("1").await;
    let mut bot = world.start();
    let (alice, bob) = (world.telegram.person("alice").private(), world.telegram.person("bobby").private());
    for talk in [&alice, &bob] {
        ask(talk, "/privacy on").await;
        ask(talk, "/twin on").await;
    }
    chosen(&bob, "What is in the shed?", "A is better").await;
    assert!(ask(&alice, "/dataset freeze").await.text.contains("Nothing was approved"), "{}", alice.transcript());
    let waiting = ask(&alice, "/review").await;
    for part in ["What is in the shed?", "A user preferred it"] {
        assert!(waiting.text.contains(part), "{part} in {}", waiting.text);
    }
    tap(&alice, &waiting, "✅ Approve", "").await;
    assert_eq!(exported(&bob, "taught").await.len(), 0, "a choice says how to answer and not what");
    let frozen = ask(&alice, "/dataset freeze").await;
    assert!(frozen.text.contains("v1"), "{}", frozen.text);
    chosen(&alice, "What is in the attic?", "B is better").await;
    let own = exported(&alice, "example").await;
    assert_eq!((&own[0]["state"], &own[0]["scope"]["for"]), (&"approved".into(), &"everyone".into()), "{own:?}");
    assert!(ask(&alice, "/dataset freeze").await.text.contains("v2"), "{}", alice.transcript());
    world.check(&mut bot).await;
}

#[tokio::test]
async fn a_choice_that_rests_on_something_private_stays_with_whoever_made_it() {
    let world = restless("1").await;
    let mut bot = world.start();
    let (alice, bob) = (world.telegram.person("alice").private(), world.telegram.person("bobby").private());
    for talk in [&alice, &bob] {
        ask(talk, "/privacy on").await;
    }
    ask(&bob, "/teach What is the code of the garden gate? => It is seven seven one.").await;
    ask(&bob, "/twin on").await;
    chosen(&bob, "What is the code of the garden gate?", "A is better").await;
    let examples = exported(&bob, "example").await;
    let choice = examples.iter().find(|example| example["origin"]["from"] == "choice").unwrap();
    assert_eq!((&choice["state"], &choice["scope"]["for"]), (&"approved".into(), &"person".into()), "{choice}");
    let frozen = ask(&alice, "/dataset freeze").await;
    assert!(!frozen.text.contains("v1"), "{}", frozen.text);
    assert!(ask(&alice, "/review").await.text.contains("othing"), "{}", alice.transcript());
    world.check(&mut bot).await;
}

#[tokio::test]
async fn neither_of_two_answers_is_seen_while_it_is_written() {
    let world = restless("1").await;
    world.openai.change(|config| config.tokens_per_second = Some(4.0));
    let mut bot = world.start();
    let bob = world.telegram.person("bobby").private();
    let asked = bob.say("Say something");
    bob.await_draft(|draft| draft.text.contains("take")).await;
    bob.await_reply(asked).await;
    ask(&bob, "/twin on").await;
    let before = bob.drafts_seen();
    let twins = ask(&bob, "Say more").await;
    assert_eq!(takes(&twins).len(), 2, "{}", twins.text);
    let shown = bob.drafts().into_iter().skip(usize::try_from(before).unwrap());
    assert!(!shown.map(|draft| draft.text).any(|text| text.contains("take")), "it was seen which came first");
    world.check(&mut bot).await;
}

#[tokio::test]
async fn with_no_share_there_is_never_a_second_answer() {
    let world = restless("0").await;
    let mut bot = world.start();
    let bob = world.telegram.person("bobby").private();
    ask(&bob, "/twin on").await;
    for number in 0..6 {
        assert_eq!(takes(&ask(&bob, &format!("Question {number}")).await).len(), 1, "{}", bob.transcript());
    }
    assert_eq!(asked(&world), 6);
    world.check(&mut bot).await;
}

/// The one example that somebody's ratings have left.
async fn rated(talk: &Talk) -> serde_json::Value {
    let examples = exported(talk, "example").await;
    assert_eq!(examples.len(), 1, "{examples:?}");
    examples[0].clone()
}

#[tokio::test]
async fn a_trainers_ratings_become_examples_and_a_users_are_only_counted() {
    let world = world(openai::Config::answering(Answer::Text("Forty-two.".to_owned()))).await;
    let mut bot = world.start();
    let (alice, bob) = (world.telegram.person("alice").private(), world.telegram.person("bobby").private());
    let answer = ask(&alice, "What is it?").await;
    alice.react(answer.id, &["👍"]);
    world.telegram.await_quiet(std::time::Duration::from_millis(300)).await;
    let liked = rated(&alice).await;
    assert_eq!((&liked["datum"]["chosen"], &liked["state"]), (&"Forty-two.".into(), &"approved".into()), "{liked}");
    let why = tap(&alice, &answer, "👎", "What was wrong with it?").await;
    assert_eq!(
        labels(&why),
        ["Wrong", "Too long", "Too short", "Tone", "Language", "Refused", "✏️ Correct it"],
        "{}",
        why.text
    );
    tap(&alice, &why, "Too long", "Noted").await;
    let disliked = rated(&alice).await;
    assert_eq!((&disliked["datum"]["chosen"], &disliked["datum"]["rejected"]), (&().into(), &"Forty-two.".into()));
    let opinions = exported(&alice, "feedback").await;
    assert!(opinions.iter().any(|opinion| opinion["code"] == "long"), "{opinions:?}");
    alice.unreact(answer.id);
    world.telegram.await_quiet(std::time::Duration::from_millis(300)).await;
    assert_eq!(rated(&alice).await["state"], "retired", "what was taken back teaches nothing");
    let answer = ask(&bob, "What is it?").await;
    tap(&bob, &answer, "👎", "What was wrong with it?").await;
    assert!(ask(&bob, "/rate 4 nearly").await.text.contains("Thank you"), "{}", bob.transcript());
    assert!(ask(&bob, "/rate 9").await.text.contains("from 1 (bad) to 5"), "{}", bob.transcript());
    assert!(ask(&bob, "/reason tone").await.text.contains("Noted"), "{}", bob.transcript());
    assert!(ask(&bob, "/reason ugly").await.text.contains("/reason wrong"), "{}", bob.transcript());
    assert!(exported(&bob, "example").await.is_empty(), "users' ratings teach nothing by themselves");
    let kinds: Vec<_> = exported(&bob, "feedback").await.iter().map(|one| one["kind"].to_string()).collect();
    assert_eq!(kinds, ["\"down\"", "\"rating\"", "\"comment\"", "\"reason\""]);
    world.check(&mut bot).await;
}
