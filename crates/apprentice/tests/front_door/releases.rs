//! Releases as people meet them: compared, promoted, tried out, taken back, and withdrawn when somebody is forgotten.

use crate::bot::{Bot, World};
use crate::crash::{Dice, number};
use crate::machine::{free_address, in_front_of};
use crate::runs::{ask, card, store};
use crate::training::{await_that, begin, learn, planned, template, trained_by, word};
use domain::dataset::Dataset;
use domain::example::Example;
use domain::ids::{ConversationId, Millis};
use domain::release::{Artifact, Release, Routing, Stage};
use domain::run::Run;
use serde_json::Value;
use sim::openai::{Pace, Plan, Tuning, WRONG};
use sim::telegram::{Message, Talk};
use std::collections::BTreeMap;
use std::time::Duration;

/// What the base says to what it was not taught.
const BASE: &str = "I don't know about that yet.";

/// A world with a release for each plan, trained on so many examples.
async fn released(plans: &[Plan], examples: usize) -> (World, Bot, Talk) {
    let mut world = trained_by(Tuning { pace: Pace::PerPoll(3), ..planned(plans) }).await;
    world.set("APPRENTICE_ACCESS", "open");
    let bot = world.start();
    let alice = world.telegram.person("alice").private();
    learn(&alice, examples).await;
    for number in 1..=plans.len() {
        let (said, _) = begin(&alice, "/train").await;
        card(&alice, said, &format!("Release r{number} was made")).await;
    }
    (world, bot, alice)
}

/// A question of the template that is in no example.
fn unseen(n: usize) -> (String, String) {
    let word = format!("x{}", word(n));
    (format!("Shelf of {word}?"), format!("{word} stands in hall seven."))
}

/// Compares, and waits for the words and for the message with the report.
async fn compare(alice: &Talk, release: &str) -> (Message, Message) {
    let said = alice.say(&format!("/compare {release}"));
    let told = card(alice, said, "Safety:").await;
    assert!(told.photo().is_some(), "{}", alice.transcript());
    (told, alice.await_message(|m| m.id > said && m.document().is_some()).await)
}

fn report(message: &Message) -> Value {
    serde_json::from_slice(&message.document().unwrap().bytes).unwrap()
}

#[tokio::test]
async fn a_better_release_is_shown_to_be_one_promoted_and_taken_back() {
    let (world, mut bot, alice) = released(&[Plan::Succeed], 500).await;
    let early = ask(&alice, "/promote r1").await;
    assert!(early.text.contains("was not compared"), "{}", early.text);
    let (question, answer) = unseen(1);
    assert_eq!(ask(&alice, &question).await.text, BASE);
    let (told, sent) = compare(&alice, "r1").await;
    for part in [" right against 0; +100.0 points", "Safety: 0 of", "It may be promoted"] {
        assert!(told.text.contains(part), "{part} in {}", told.text);
    }
    let report = report(&sent);
    assert_eq!(report["verdict"]["verdict"], "promote", "{}", report["verdict"]);
    assert!(report["evidence"]["corrections"]["cases"].as_u64().unwrap() >= 60, "{}", report["evidence"]);
    alice.press_on(sent.id, "⬆ Promote r1");
    let done = card(&alice, sent.id, "r1 answers everybody").await;
    assert_eq!(ask(&alice, &question).await.text, answer);
    let why = ask(&alice, "/why").await;
    assert!(why.text.contains("release r1, trained on v1"), "{}", why.text);
    let listed = ask(&alice, "/releases").await;
    assert!(listed.text.contains("v1): answers everybody") && listed.text.contains("retired"), "{}", listed.text);
    alice.press_on(done.id, "⏪ Roll back");
    card(&alice, listed.id, "r1 was taken back. base answers everybody").await;
    assert_eq!(ask(&alice, &question).await.text, BASE);
    assert!(ask(&alice, "/why").await.text.contains("release base"), "{}", alice.transcript());
    assert!(ask(&alice, "/releases").await.text.contains("v1): taken back"), "{}", alice.transcript());
    assert!(ask(&alice, "/rollback").await.text.contains("nothing to go back to"), "{}", alice.transcript());
    world.check(&mut bot).await;
}

#[tokio::test]
async fn a_comparison_goes_on_after_a_kill_and_asks_nothing_twice_whatever_is_taught_meanwhile() {
    let (world, mut bot, alice) = released(&[Plan::Succeed], 500).await;
    let before = world.openai.count();
    let said = alice.say("/compare r1");
    await_that(|| world.openai.count() > before + 60).await;
    bot.kill();
    let mut bot = world.start();
    ask(&alice, "/teach Who waters the ficus? => Bert waters it.").await;
    card(&alice, said, "It may be promoted").await;
    let sent = alice.await_message(|m| m.id > said && m.document().is_some()).await;
    let cases = report(&sent)["cases"].as_array().unwrap().len() as u64;
    let asked = world.openai.count() - before;
    // What was being asked when it was killed is asked once more.
    assert!((2 * cases..=2 * cases + 2).contains(&asked), "{asked} questions for {cases} cases");
    world.check(&mut bot).await;
}

/// Kills the process at some moment of the next while, a few times.
async fn killed(world: &World, bot: &mut Bot, dice: &mut Dice, times: usize) {
    for _ in 0..times {
        tokio::time::sleep(Duration::from_millis(dice.roll(700))).await;
        bot.kill();
        *bot = world.start();
    }
}

#[tokio::test]
async fn killed_again_and_again_the_way_from_a_file_to_a_verdict_is_gone_once() {
    let seed = number("SEED", 20_261_121);
    println!("SEED={seed}");
    let mut dice = Dice(seed | 1);
    let world = trained_by(planned(&[])).await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let sent = alice.send_document("template.jsonl", "application/json", template(500), "/train");
    killed(&world, &mut bot, &mut dice, 1).await;
    let found = card(&alice, sent, "waits for your yes").await;
    alice.press_on(found.id, "🎓 Learn it and train");
    killed(&world, &mut bot, &mut dice, 2).await;
    let estimate = card(&alice, sent, "examples to train on").await;
    alice.press_on(estimate.id, "▶ Start");
    killed(&world, &mut bot, &mut dice, 3).await;
    card(&alice, sent, "Release r1 was made from version v1").await;
    let asked = alice.say("/compare r1");
    killed(&world, &mut bot, &mut dice, 2).await;
    card(&alice, asked, "It may be promoted").await;
    alice.await_message(|m| m.id > asked && m.document().is_some()).await;
    world.check(&mut bot).await;
    let store = store(&world).await;
    let all = |states: BTreeMap<String, i64>| states.values().sum::<i64>();
    assert_eq!(all(store.count::<Example>().await.unwrap()), 500);
    assert_eq!(all(store.count::<Dataset>().await.unwrap()), 1);
    assert_eq!(all(store.count::<Release>().await.unwrap()), 1);
    assert_eq!(store.count::<Run>().await.unwrap(), BTreeMap::from([("succeeded".to_owned(), 3)]));
    store.close().await;
    assert_eq!(world.openai.jobs().len(), 1);
    assert_eq!(alice.messages().iter().filter(|m| m.by_bot).count(), 4, "{}", alice.transcript());
}

#[tokio::test]
async fn no_question_is_lost_while_releases_are_switched() {
    let (world, mut bot, alice) = released(&[Plan::Succeed], 60).await;
    let people: Vec<Talk> = (0..4).map(|n| world.telegram.person(&format!("person{n}")).private()).collect();
    let mut asked = 0;
    for round in 0..6 {
        for person in &people {
            person.say(&unseen(round).0);
        }
        asked += 1;
        let command = if round % 2 == 0 { "/promote r1 anyway" } else { "/rollback" };
        ask(&alice, command).await;
    }
    for person in &people {
        let seen = person.await_messages(|all| all.iter().filter(|m| m.by_bot).count() >= asked).await;
        for (round, message) in seen.iter().filter(|m| m.by_bot).enumerate() {
            assert!([BASE, unseen(round).1.as_str()].contains(&message.text.as_str()), "{}", person.transcript());
        }
    }
    world.check(&mut bot).await;
    for person in &people {
        assert_eq!(person.messages().iter().filter(|m| m.by_bot).count(), asked, "{}", person.transcript());
    }
}

/// Asks what nobody taught; the answer, whatever else comes to the chat meanwhile.
async fn answered(talk: &Talk, n: usize) -> Message {
    let (question, right) = unseen(n);
    let said = talk.say(&question);
    talk.await_message(|m| m.id > said && [BASE, WRONG, &right].contains(&m.text.as_str())).await
}

/// The same, and presses a button under the answer.
async fn rate(talk: &Talk, n: usize, button: &str) -> Message {
    let answer = answered(talk, n).await;
    talk.press_on(answer.id, button).answer().await;
    if button == "👎" {
        // The press is acknowledged before it is stored; this comes after that.
        talk.await_message(|m| m.id > answer.id && m.text.contains("What was wrong")).await;
    }
    answer
}

#[tokio::test]
async fn a_harmful_release_is_refused_and_promoted_all_the_same_it_is_taken_back_by_itself() {
    let (world, mut bot, alice) = released(&[Plan::Succeed, Plan::Harm(1.0)], 500).await;
    ask(&alice, "/promote r1 anyway").await;
    for n in 0..20 {
        assert_eq!(rate(&alice, n, "👍").await.text, unseen(n).1);
    }
    let (told, _) = compare(&alice, "r1 r2").await;
    assert!(told.text.contains("It may be promoted"), "{}", told.text);
    let (told, _) = compare(&alice, "r2").await;
    assert!(told.text.contains("does not pass"), "{}", told.text);
    let same = alice.say("/compare r1");
    card(&alice, same, "one and the same release").await;
    let refused = ask(&alice, "/promote r2").await;
    assert!(refused.text.contains("I would not promote r2") && refused.text.contains("worse"), "{}", refused.text);
    ask(&alice, "/promote r2 anyway").await;
    let mut bad = 0;
    while let said = answered(&alice, 100 + bad).await
        && said.text == WRONG
    {
        match bad % 2 {
            0 => drop(alice.press_on(said.id, "👎").answer().await),
            _ => drop(alice.reply(said.id, &format!("No, it is {}", unseen(100 + bad).1))),
        }
        bad += 1;
        assert!(bad < 20, "{}", alice.transcript());
    }
    assert!(bad >= 3, "{bad}: {}", alice.transcript());
    let told = alice.await_message(|m| m.text.contains("I have taken r2 back by myself")).await;
    assert!(told.text.contains("r1 answers everybody now"), "{}", told.text);
    assert_eq!(answered(&alice, 77).await.text, unseen(77).1);
    let listed = ask(&alice, "/releases").await.text;
    assert!(listed.contains("v1): answers everybody") && listed.contains("v1): taken back"), "{listed}");
    world.check(&mut bot).await;
}

/// People of whom so many are in the canary, and so many are not.
fn sides(world: &World, release: u32, share: u32, of_each: (usize, usize)) -> (Vec<Talk>, Vec<Talk>) {
    let mut routing = Routing::default();
    routing.try_out(release, share, Millis(0));
    let (mut tried, mut others) = (Vec::new(), Vec::new());
    for n in 0.. {
        let person = world.telegram.person(&format!("somebody{n}"));
        let side = match routing.of(&ConversationId(format!("telegram:{}", person.id))) {
            0 => (&mut others, of_each.1),
            _ => (&mut tried, of_each.0),
        };
        if side.0.len() < side.1 {
            side.0.push(person.private());
        }
        if tried.len() == of_each.0 && others.len() == of_each.1 {
            break;
        }
    }
    (tried, others)
}

#[tokio::test]
async fn a_canary_answers_its_own_conversations_alone_and_is_ended_when_it_does_harm() {
    let (world, mut bot, alice) = released(&[Plan::Harm(1.0)], 60).await;
    let told = ask(&alice, "/canary r1 10%").await;
    assert!(told.text.contains("r1 answers 10 %"), "{}", told.text);
    let (tried, others) = sides(&world, 1, 10, (2, 4));
    for n in 0..3 {
        for person in &tried {
            assert_eq!(ask(person, &unseen(n).0).await.text, WRONG, "{}", person.transcript());
        }
        for person in &others {
            assert_eq!(ask(person, &unseen(n).0).await.text, BASE, "{}", person.transcript());
        }
    }
    assert!(ask(&alice, "/releases").await.text.contains("answers some conversations, 10 %"), "{}", alice.transcript());
    for n in 3..23 {
        rate(&others[n % 4], n, "👍").await;
        if rate(&tried[n % 2], n, "👎").await.text != WRONG {
            break;
        }
        if n == 5 {
            let state = ask(&alice, "/canary").await;
            assert!(state.text.contains("0 of 3 rated answers were good"), "{}", state.text);
        }
    }
    let told = alice.await_message(|m| m.text.contains("I have taken r1 back by myself")).await;
    assert!(told.text.contains("base answers everybody now"), "{}", told.text);
    for person in &tried {
        assert_eq!(answered(person, 40).await.text, BASE, "{}", person.transcript());
    }
    assert!(ask(&alice, "/canary").await.text.contains("There is no canary"), "{}", alice.transcript());
    world.check(&mut bot).await;
}

#[tokio::test]
async fn an_answer_names_the_rules_that_it_had_to_keep() {
    let world = trained_by(planned(&[])).await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let said = alice.say("/rule end every answer with \"Over.\"");
    let untried = card(&alice, said, "Switch it on all the same?").await;
    alice.press_on(untried.id, "✅ Switch it on");
    card(&alice, said, "From now on").await;
    assert_eq!(ask(&alice, "Who waters the ficus?").await.text, format!("{BASE} Over."));
    let why = ask(&alice, "/why").await;
    for part in ["release base", "A rule that I keep: “end every answer with \"Over.\"” (by you)"] {
        assert!(why.text.contains(part), "{part} in {}", why.text);
    }
    world.check(&mut bot).await;
}

/// How often a model that was trained was asked.
fn asked_of_trained(world: &World) -> usize {
    let trained = |model: &Value| model.as_str().is_some_and(|model| model.starts_with("ft:"));
    world.openai.requests().iter().filter(|request| trained(&request.body["model"])).count()
}

#[tokio::test]
async fn a_shadow_is_asked_beside_and_nobody_sees_it() {
    let (world, mut bot, alice) = released(&[Plan::Succeed], 60).await;
    assert!(ask(&alice, "/shadow r1").await.text.contains("nobody sees it"), "{}", alice.transcript());
    assert!(ask(&alice, "/releases").await.text.contains("answers beside, unseen"), "{}", alice.transcript());
    for n in 0..3 {
        assert_eq!(ask(&alice, &unseen(n).0).await.text, BASE);
    }
    await_that(|| asked_of_trained(&world) == 3).await;
    assert!(ask(&alice, "/shadow").await.text.contains("r1 answers beside: 0 of its"), "{}", alice.transcript());
    assert!(ask(&alice, "/shadow off").await.text.contains("Nobody answers beside"), "{}", alice.transcript());
    assert_eq!(ask(&alice, &unseen(9).0).await.text, BASE);
    world.check(&mut bot).await;
    assert_eq!(asked_of_trained(&world), 3);
}

#[tokio::test]
async fn who_is_forgotten_takes_along_what_was_trained_on_them() {
    let (world, mut bot, alice) = released(&[], 60).await;
    let bobby = world.telegram.person("bobby").private();
    ask(&alice, &format!("/role telegram:{} trainer", world.telegram.person("bobby").id)).await;
    ask(&bobby, "/privacy on").await;
    for n in 0..12 {
        ask(&bobby, &format!("/teach Where is the {}? => Under the {}.", word(n * 413 + 5), word(n * 611 + 9))).await;
    }
    let (said, _) = begin(&alice, "/train").await;
    card(&alice, said, "Release r1 was made").await;
    ask(&alice, "/promote r1 anyway").await;
    assert_eq!(ask(&alice, &unseen(3).0).await.text, unseen(3).1);
    let kept = dataset(&world, 1).await;
    assert!(!kept.tainted && rows_of(&world, &kept).exists());
    let told = ask(&bobby, "/forget me yes").await;
    for part in ["erased", "v1", "r1"] {
        assert!(told.text.contains(part), "{part} in {}", told.text);
    }
    let tainted = dataset(&world, 1).await;
    assert!(tainted.tainted && tainted.subjects.is_empty() && !rows_of(&world, &kept).exists(), "{tainted:?}");
    assert_eq!(ask(&alice, &unseen(3).0).await.text, BASE);
    assert!(ask(&alice, "/releases").await.text.contains("v1): tainted"), "{}", alice.transcript());
    let refused = ask(&alice, "/promote r1 anyway").await;
    assert!(refused.text.contains("asked to be forgotten"), "{}", refused.text);
    let refused = ask(&alice, "/dataset verify v1").await;
    assert!(refused.text.contains("tainted"), "{}", refused.text);
    world.check(&mut bot).await;
}

#[tokio::test]
async fn forgetting_goes_on_where_a_crash_left_it_and_leaves_no_file_behind() {
    let (world, mut bot, alice) = released(&[], 60).await;
    let bobby = world.telegram.person("bobby").private();
    ask(&alice, &format!("/role telegram:{} trainer", world.telegram.person("bobby").id)).await;
    ask(&bobby, "/privacy on").await;
    ask(&bobby, "/teach Where is the boathouse key? => Under the mat.").await;
    ask(&alice, "/dataset freeze").await;
    for version in ["v1", "v12"] {
        let files = world.path().join("data/files/exports");
        std::fs::create_dir_all(&files).unwrap();
        std::fs::write(files.join(format!("{version}-chat.jsonl")), "{}\n").unwrap();
    }
    let store = store(&world).await;
    let who = store.find_person(&format!("telegram:{}", world.telegram.person("bobby").id)).await.unwrap().unwrap().id;
    let own = world.path().join(format!("data/files/reports/{who}"));
    std::fs::create_dir_all(&own).unwrap();
    std::fs::write(own.join("report.json"), "{}").unwrap();
    // It ended right after the version was marked.
    let kept: Dataset = store.object("00000001").await.unwrap().unwrap();
    store.put(&Dataset { tainted: true, ..kept.clone() }).await.unwrap();
    let artifact = Artifact::Tuned { model: "elsewhere/ft".to_owned() };
    let (at, verdict, moves) = (Millis(1), Value::Null, Vec::new());
    let left =
        Release { number: 1, artifact, stage: Stage::Candidate, dataset: 1, run: "gone".into(), at, verdict, moves };
    store.put(&left).await.unwrap();
    assert!(rows_of(&world, &kept).exists() && !kept.subjects.is_empty());
    let told = ask(&bobby, "/forget me yes").await;
    for part in ["erased", "v1", "r1", "elsewhere/ft"] {
        assert!(told.text.contains(part), "{part} in {}", told.text);
    }
    let tainted: Dataset = store.object("00000001").await.unwrap().unwrap();
    assert!(tainted.rows.is_empty() && tainted.subjects.is_empty() && !rows_of(&world, &kept).exists(), "{tainted:?}");
    let withdrawn: Release = store.object("00000001").await.unwrap().unwrap();
    assert_eq!(withdrawn.stage, Stage::Tainted);
    store.close().await;
    let files = walk(&world.path().join("data/files"));
    let there = |end: &str| files.iter().any(|path| path.to_string_lossy().ends_with(end));
    assert!(!there("v1-chat.jsonl") && there("v12-chat.jsonl") && !there("report.json"), "{files:?}");
    world.check(&mut bot).await;
}

#[tokio::test]
async fn what_somebody_else_froze_of_the_same_words_is_not_deleted_under_them() {
    let (world, mut bot, alice) = released(&[], 60).await;
    let bobby = world.telegram.person("bobby").private();
    ask(&bobby, "/help").await;
    ask(&alice, "/dataset freeze").await;
    let store = store(&world).await;
    let who = store.find_person(&format!("telegram:{}", world.telegram.person("bobby").id)).await.unwrap().unwrap().id;
    let kept: Dataset = store.object("00000001").await.unwrap().unwrap();
    store.put(&Dataset { number: 2, parent: 1, subjects: vec![who], ..kept.clone() }).await.unwrap();
    store.close().await;
    assert!(ask(&bobby, "/forget me yes").await.text.contains("v2"), "{}", bobby.transcript());
    assert!(dataset(&world, 2).await.tainted && rows_of(&world, &kept).exists());
    let intact = ask(&alice, "/dataset verify v1").await;
    assert!(!intact.text.contains("tainted") && !intact.text.contains("⚠"), "{}", intact.text);
    world.check(&mut bot).await;
}

async fn dataset(world: &World, number: u32) -> Dataset {
    let store = store(world).await;
    let found = store.object(&format!("{number:08}")).await.unwrap().unwrap();
    store.close().await;
    found
}

fn rows_of(world: &World, dataset: &Dataset) -> std::path::PathBuf {
    let name = &dataset.rows;
    let blobs = world.path().join("data/blobs");
    let found = walk(&blobs).into_iter().find(|path| path.to_string_lossy().ends_with(name.as_str()));
    found.unwrap_or_else(|| blobs.join(name))
}

fn walk(directory: &std::path::Path) -> Vec<std::path::PathBuf> {
    let Ok(entries) = std::fs::read_dir(directory) else { return Vec::new() };
    let all = entries.flatten().map(|entry| entry.path());
    all.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

#[tokio::test]
async fn another_replica_answers_with_what_was_promoted_from_its_next_turn_on() {
    let mut world = trained_by(Tuning { pace: Pace::PerPoll(3), ..planned(&[Plan::Succeed]) }).await;
    let (first, second) = (free_address(), free_address());
    let front = in_front_of(vec![first, second]).await;
    world.set("DATABASE_URL", &sim::postgres::Server::shared().database());
    world.set("APPRENTICE_ACCESS", "open");
    world.set("APPRENTICE__TELEGRAM__MODE", "webhook");
    world.set("APPRENTICE__BASE_URL", &format!("http://{front}"));
    world.set("APPRENTICE_LISTEN", &first.to_string());
    let mut one = world.start();
    world.set("APPRENTICE_LISTEN", &second.to_string());
    let mut two = world.start();
    world.telegram.await_calls("setWebhook", 2).await;
    let alice = world.telegram.person("alice").private();
    learn(&alice, 60).await;
    let (said, _) = begin(&alice, "/train").await;
    card(&alice, said, "Release r1 was made").await;
    let people: Vec<Talk> = (0..6).map(|n| world.telegram.person(&format!("person{n}")).private()).collect();
    // Often enough that each of the two has its turn with what the other one changed.
    for round in 0..6 {
        let right = round % 2 == 0;
        ask(&alice, if right { "/promote r1 anyway" } else { "/rollback" }).await;
        let asked: Vec<i64> = people.iter().map(|person| person.say(&unseen(round).0)).collect();
        for (person, asked) in people.iter().zip(asked) {
            let wanted = if right { unseen(round).1 } else { BASE.to_owned() };
            assert_eq!(person.await_reply(asked).await.text, wanted, "{}", person.transcript());
        }
    }
    one.stop();
    world.check(&mut two).await;
}
