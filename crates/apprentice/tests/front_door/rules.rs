//! Rules: tried before they are switched on, counted in their scope alone, ended at any time.

use crate::bot::World;
use crate::groups::mention;
use crate::learner::{ask, asked, embedded, labels, tap, world};
use serde_json::Value;
use sim::openai::{self, Answer, last_said};
use sim::telegram::Message;

/// What the instructions of a request say.
fn instructions(request: &Value) -> String {
    request["messages"][0]["content"].as_str().unwrap_or_default().to_owned()
}

/// A model that follows the rule about ships, on ships alone; and one that says "Ahoy!" whenever a rule says so. It
/// also makes up the questions to try a rule on, and judges.
fn sailor(request: &Value) -> String {
    let (asked, instructions) = (last_said(request), instructions(request));
    if instructions.contains("You test rules") {
        let list = |word: &str, count: usize| (1..=count).map(|n| format!("{word} {n}?")).collect::<Vec<_>>();
        return format!("Here: {}", serde_json::json!({"inside": list("ship", 5), "near": list("train", 10)}));
    }
    if instructions.contains("You check whether") {
        return format!("{{\"follows\": {}}}", asked.trim_end().ends_with("Ahoy!"));
    }
    let by_rule = instructions.contains("When ships are asked about") && asked.contains("ship");
    match by_rule || instructions.contains("Always say Ahoy") && !asked.contains("train 1") {
        true => "Aye. Ahoy!".to_owned(),
        false => "Plainly.".to_owned(),
    }
}

async fn at_sea() -> World {
    world(openai::Config::answering(Answer::func(sailor))).await
}

/// The card of a run, once it holds these words.
async fn card(talk: &sim::telegram::Talk, after: i64, words: &str) -> Message {
    talk.await_message(|message| message.id > after && message.text.contains(words)).await
}

#[tokio::test]
async fn a_rule_is_tried_on_fifteen_questions_and_counts_for_its_maker_until_it_is_ended() {
    let world = at_sea().await;
    let mut bot = world.start();
    let (bob, carol) = (world.telegram.person("bobby").private(), world.telegram.person("carol").private());
    let rule = "When ships are asked about, end with Ahoy!";
    let said = bob.say(&format!("/rule {rule}"));
    let on = card(&bob, said, "From now on").await;
    assert!(on.text.contains(rule) && on.text.contains("counts only for you"), "{}", on.text);
    let trial = asked(&world);
    assert_eq!(trial, 1 + 5 * 4 + 10 * 2, "inside: with and without the rule, each judged; near: with it, judged");
    assert_eq!(ask(&bob, "How is your ship?").await.text, "Aye. Ahoy!");
    assert!(world.last_request().contains(rule), "{}", world.last_request());
    assert_eq!(ask(&carol, "How is your ship?").await.text, "Plainly.");
    assert!(!world.last_request().contains(rule), "{}", world.last_request());
    let listed = ask(&bob, "/rule").await;
    assert!(listed.text.contains(rule), "{}", listed.text);
    let off = labels(&listed).remove(0);
    tap(&bob, &listed, &off, "That rule is off").await;
    assert_eq!(ask(&bob, "How is your ship?").await.text, "Plainly.");
    assert!(ask(&bob, "/rule").await.text.contains("no rules here"), "{}", bob.transcript());
    world.check(&mut bot).await;
}

#[tokio::test]
async fn a_rule_that_misfires_is_shown_with_its_misfires_and_can_still_be_switched_on() {
    let world = at_sea().await;
    let mut bot = world.start();
    let bob = world.telegram.person("bobby").private();
    let said = bob.say("/rule Always say Ahoy!");
    let asks = card(&bob, said, "did not do what it must").await;
    // "train 1" and "train 10" are left alone; the other eight are not.
    assert!(asks.text.contains("on 8 of 15 questions") && asks.text.contains("+\u{a0}train 2?"), "{}", asks.text);
    assert!(!asks.text.contains("−\u{a0}ship"), "{}", asks.text);
    ask(&bob, "How are you?").await;
    assert!(!world.last_request().contains("Always say Ahoy"), "it does not count yet");
    bob.press_on(asks.id, "✅ Switch it on");
    let on = card(&bob, said, "From now on").await;
    assert_eq!(labels(&on), ["✖ Switch it off"], "{}", on.text);
    assert_eq!(ask(&bob, "How are you?").await.text, "Aye. Ahoy!");
    tap(&bob, &on, "✖ Switch it off", "That rule is off").await;
    assert_eq!(ask(&bob, "How are you?").await.text, "Plainly.");
    let said = bob.say("/rule Always say Ahoy!");
    let asks = card(&bob, said, "did not do what it must").await;
    bob.press_on(asks.id, "✖ Cancel");
    card(&bob, said, "cancelled").await;
    assert!(ask(&bob, "/rule").await.text.contains("no rules here"), "{}", bob.transcript());
    world.check(&mut bot).await;
}

#[tokio::test]
async fn a_rule_of_a_group_counts_there_until_the_owner_makes_it_everybodys() {
    let world = at_sea().await;
    let mut bot = world.start();
    let (alice, bob) = (world.telegram.person("alice"), world.telegram.person("bobby"));
    let team = world.telegram.group("team", &[&alice, &bob]);
    let (at_team, bob_at_team) = (alice.at(&team), bob.at(&team));
    let rule = "When ships are asked about, end with Ahoy!";
    let refused = ask(&bob_at_team, &format!("/rule@apprentice_sim_bot {rule}")).await;
    assert!(refused.text.contains("only trainers make rules"), "{}", refused.text);
    let said = at_team.say(&format!("/rule@apprentice_sim_bot {rule}"));
    card(&at_team, said, "From now on").await;
    let asked = bob_at_team.say_with(mention("@apprentice_sim_bot how is the ship?"));
    assert_eq!(team.await_reply(asked).await.text, "Aye. Ahoy!");
    let bob = bob.private();
    assert_eq!(ask(&bob, "How is the ship?").await.text, "Plainly.");
    let listed = ask(&at_team, "/rule@apprentice_sim_bot").await;
    tap(&at_team, &listed, "📢 For everyone", "counts for everyone").await;
    assert_eq!(ask(&bob, "How is the ship?").await.text, "Aye. Ahoy!");
    world.check(&mut bot).await;
}

#[tokio::test]
async fn a_judge_that_says_nothing_useful_leaves_the_decision_to_whoever_made_the_rule() {
    let world = world(openai::Config::answering(Answer::func(|request| match instructions(request) {
        text if text.contains("You test rules") => r#"{"inside": ["a?"], "near": []}"#.to_owned(),
        _ => "I would rather not say.".to_owned(),
    })))
    .await;
    let mut bot = world.start();
    let bob = world.telegram.person("bobby").private();
    let said = bob.say("/rule Be brief");
    let asks = card(&bob, said, "I could not try this rule").await;
    bob.press_on(asks.id, "✅ Switch it on");
    card(&bob, said, "From now on: Be brief").await;
    world.check(&mut bot).await;
}

#[tokio::test]
async fn without_a_language_model_a_rule_is_noted_with_the_honest_sentence() {
    let world = embedded().await;
    let mut bot = world.start();
    let bob = world.telegram.person("bobby").private();
    let noted = ask(&bob, "/rule Be brief").await;
    assert!(noted.text.contains("Rules count once a language model is connected"), "{}", noted.text);
    assert!(ask(&bob, "/rule").await.text.contains("Be brief"), "{}", bob.transcript());
    world.check(&mut bot).await;
}

#[tokio::test]
async fn a_user_tries_five_rules_an_hour_and_a_trainer_as_many_as_they_like() {
    let nothing = Answer::func(|_: &Value| r#"{"inside": [], "near": []}"#.to_owned());
    let world = world(openai::Config::answering(nothing)).await;
    let mut bot = world.start();
    let (alice, bob) = (world.telegram.person("alice").private(), world.telegram.person("bobby").private());
    for number in 1..=5 {
        let said = bob.say(&format!("/rule Answer in {number} words."));
        card(&bob, said, "could not try").await;
    }
    let before = asked(&world);
    let refused = ask(&bob, "/rule Answer in six words.").await;
    assert!(refused.text.contains("at most 5 rules"), "{}", refused.text);
    assert_eq!(asked(&world), before, "no model was asked");
    for number in 1..=6 {
        let said = alice.say(&format!("/rule Answer in {number} words."));
        card(&alice, said, "could not try").await;
    }
    world.check(&mut bot).await;
}
