//! Training at a server: consent, an estimate, a yes, one job however often the process is killed, and what comes out.

use crate::bot::{Bot, World};
use crate::runs::{ask, card, id_of, world};
use serde_json::json;
use sim::openai::{self, Answer, Pace, Plan, Student, Tuning};
use sim::telegram::{Message, Talk};
use sim::{Fault, Kind};
use std::fmt::Write as _;
use std::time::Duration;

/// A server that learns as planned, and a world that trains at it.
pub async fn trained_by(tuning: Tuning) -> World {
    let student = Answer::Student(Student::default());
    let openai = openai::Config { answer: student, tuning: Some(tuning), ..openai::Config::default() };
    let mut world = world(openai).await;
    let base = world.openai.base_url().to_owned();
    for (name, value) in
        [("MODEL", "sim-small"), ("BASE_URL", &base), ("KEY", "sk-sim-key"), ("PROVIDER", "openai"), ("POLL_S", "1")]
    {
        world.set(&format!("APPRENTICE__TRAINING__{name}"), value);
    }
    world
}

/// Jobs that go this way.
pub fn planned(plan: &[Plan]) -> Tuning {
    Tuning { plan: plan.to_vec(), steps: 3, ..Tuning::default() }
}

/// Words that have nothing in common, so that no two questions are nearly the same.
pub fn word(n: usize) -> String {
    const PARTS: [&str; 20] = [
        "bram", "colt", "dirk", "fenn", "gusk", "harp", "jolm", "kelv", "lorn", "mast", "nird", "pask", "quil", "rusk",
        "sild", "tarn", "vosk", "wend", "yarl", "zemp",
    ];
    [n / 400 % 20, n / 20 % 20, n % 20].map(|part| PARTS[part]).concat()
}

/// So many questions of one kind, whose answers follow from them.
pub fn template(count: usize) -> String {
    (0..count).fold(String::new(), |mut text, n| {
        let word = word(n * 37 % 8000);
        let said = json!({"messages": [
            {"role": "user", "content": format!("Shelf of {word}?")},
            {"role": "assistant", "content": format!("{word} stands in hall seven.")},
        ]});
        let _ = writeln!(text, "{said}");
        text
    })
}

/// Learns so many questions of the template, without training yet.
pub async fn learn(alice: &Talk, count: usize) {
    let sent = alice.send_document("template.jsonl", "application/json", template(count), "/train");
    let found = card(alice, sent, "waits for your yes").await;
    alice.press_on(found.id, "📘 Only learn it");
    card(alice, sent, "From now on these count").await;
}

/// Asks for a training and says yes to its estimate; the number of the message that asked, and its card.
pub async fn begin(alice: &Talk, asked: &str) -> (i64, Message) {
    let said = alice.say(asked);
    let estimate = card(alice, said, "waits for your yes").await;
    alice.press_on(estimate.id, "▶ Start");
    (said, estimate)
}

async fn started(plan: &[Plan]) -> (World, Bot, Talk) {
    let world = trained_by(planned(plan)).await;
    let bot = world.start();
    let alice = world.telegram.person("alice").private();
    learn(&alice, 60).await;
    (world, bot, alice)
}

/// Questions in three wordings each, with one answer: what a version needs that teaches other words for the same.
fn wordings(count: usize) -> String {
    let data: serde_json::Value = serde_json::from_str(include_str!("../../../../evals/learning.en.json")).unwrap();
    let texts = |of: &serde_json::Value| -> Vec<String> {
        of.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
    };
    let (things, places) = (texts(&data["things"]), texts(&data["places"]));
    let mut lines = String::new();
    for (n, (thing, place)) in things.iter().flat_map(|t| places.iter().map(move |p| (t, p))).enumerate().take(count) {
        for template in data["templates"].as_array().unwrap().iter().take(6) {
            let fill =
                |text: &str| text.replace("{thing}", thing).replace("{place}", place).replace("{n}", &n.to_string());
            let answer = format!("{} ({thing}, {place})", fill(template["answer"].as_str().unwrap()));
            let asked =
                std::iter::once(template["taught"].as_str().unwrap().to_owned()).chain(texts(&template["asked"]));
            for question in asked {
                let _ = writeln!(
                    lines,
                    "{}",
                    json!({"messages": [
                        {"role": "user", "content": fill(&question)}, {"role": "assistant", "content": answer},
                    ]})
                );
            }
        }
    }
    lines
}

#[tokio::test]
async fn the_embedded_model_is_trained_here_compared_promoted_and_taken_back() {
    let mut world = world(openai::Config::default()).await;
    world.unset("OPENAI_KEY");
    world.unset("OPENAI_MODEL");
    world.set("APPRENTICE__MODEL__CHAIN", "embedded");
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let sent = alice.send_document("wordings.jsonl", "application/json", wordings(12), "/train");
    let found = card(&alice, sent, "waits for your yes").await;
    alice.press_on(found.id, "🎓 Learn it and train");
    let estimate = card(&alice, sent, "Trainer: the embedded model").await;
    assert!(estimate.text.contains("cost: 0.00 $"), "{}", estimate.text);
    alice.press_on(estimate.id, "▶ Start");
    let made = card(&alice, sent, "Release r1 was made").await;
    assert!(made.photo().is_some(), "the loss curve is shown");
    let said = alice.say("/compare r1");
    let told = card(&alice, said, "Safety: 0 of 110 failed").await;
    // Some dozens of cases with a small gain, or none, are no proof, and the gate says what is missing.
    let missing = ["more are needed", "it gains only"];
    assert!(missing.iter().any(|why| told.text.contains(why)) && !told.text.contains("✅"), "{}", told.text);
    alice.await_message(|message| message.id > said && message.document().is_some()).await;
    ask(&alice, "/promote r1 anyway").await;
    let why = ask(&alice, "/releases").await;
    assert!(why.text.contains("r1 (the embedded model, v1): answers everybody"), "{}", why.text);
    let answer = ask(&alice, "When does the library in Riga open on weekdays?").await;
    assert!(answer.text.contains("(library, Riga)"), "{}", answer.text);
    assert!(ask(&alice, "/rollback").await.text.contains("r1 was taken back"), "{}", alice.transcript());
    world.check(&mut bot).await;
}

#[tokio::test]
async fn what_was_taught_is_trained_on_with_consent_and_becomes_a_release() {
    let world = trained_by(planned(&[])).await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let nothing = alice.say("/train");
    let told = card(&alice, nothing, "failed").await;
    assert!(told.text.contains("Nothing was approved yet"), "{}", told.text);
    for n in 0..20 {
        ask(&alice, &format!("/teach Shelf of {}? => {} stands in hall seven.", word(n * 37), word(n * 37))).await;
    }
    let refused = alice.say("/train");
    let told = card(&alice, refused, "failed").await;
    assert!(told.text.contains("/privacy on"), "{}", told.text);
    ask(&alice, "/privacy on").await;
    let said = alice.say("/train");
    let estimate = card(&alice, said, "waits for your yes").await;
    for part in ["Version v1", "examples to train on", "held out", "sim-small", "tokens"] {
        assert!(estimate.text.contains(part), "{part} in {}", estimate.text);
    }
    assert_eq!(world.openai.jobs().len(), 0, "nothing is sent before the yes");
    alice.press_on(estimate.id, "▶ Start");
    card(&alice, said, "running").await;
    let done = card(&alice, said, "Release r1 was made from version v1").await;
    assert!(done.photo().is_some() && done.edits > 2, "{}", alice.transcript());
    let cards = alice.messages().iter().filter(|m| m.by_bot && m.id > said).count();
    assert_eq!(cards, 1, "one card is changed again and again: {}", alice.transcript());
    assert_eq!(world.openai.jobs().len(), 1);
    let listed = ask(&alice, "/releases").await;
    assert!(listed.text.contains("r1") && listed.text.contains("candidate"), "{}", listed.text);
    let jobs = ask(&alice, "/jobs").await;
    assert!(jobs.text.contains(&id_of(&done)) && jobs.text.contains("done"), "{}", jobs.text);
    let log = ask(&alice, &format!("/job {} log", id_of(&done))).await;
    assert!(log.text.contains("version v1 was frozen") && log.text.contains("Step 3/3"), "{}", log.text);
    let shown = ask(&alice, &format!("/job {}", id_of(&done))).await;
    assert!(shown.text.contains("Release r1"), "{}", shown.text);
    world.check(&mut bot).await;
}

#[tokio::test]
async fn a_training_beyond_the_budget_is_not_begun() {
    let mut world = trained_by(planned(&[])).await;
    world.set("APPRENTICE__TRAINING__USD_PER_MTOK", "100000");
    world.set("APPRENTICE__LEARNING__BUDGET_USD", "1");
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let sent = alice.send_document("template.jsonl", "application/json", template(60), "/train");
    let found = card(&alice, sent, "waits for your yes").await;
    alice.press_on(found.id, "🎓 Learn it and train");
    let told = card(&alice, sent, "more than the 1.00 $").await;
    assert!(told.text.contains("Training") && told.text.contains("failed"), "{}", told.text);
    assert_eq!((world.openai.jobs().len(), world.openai.files().len()), (0, 0));
    world.check(&mut bot).await;
}

#[tokio::test]
async fn a_failed_training_says_why_in_the_servers_words() {
    let plans = [Plan::FailValidation("Line 3 is odd.".to_owned()), Plan::Fail("The cluster burnt.".to_owned())];
    let (world, mut bot, alice) = started(&plans).await;
    for why in ["Line 3 is odd.", "The cluster burnt."] {
        let (said, _) = begin(&alice, "/train").await;
        let told = card(&alice, said, "failed").await;
        assert!(told.text.contains(why), "{}", told.text);
    }
    assert!(ask(&alice, "/releases").await.text.contains("Nothing was trained yet"), "{}", alice.transcript());
    world.check(&mut bot).await;
}

#[tokio::test]
async fn a_cancelled_training_is_cancelled_at_the_server_too() {
    let (world, mut bot, alice) = started(&[Plan::Stall]).await;
    let (said, estimate) = begin(&alice, "/train").await;
    card(&alice, said, "running").await;
    alice.say(&format!("/job {} cancel", id_of(&estimate)));
    card(&alice, said, "cancelled").await;
    assert_eq!(world.openai.jobs()[0]["status"], "cancelled");
    let late = ask(&alice, &format!("/job {} cancel", id_of(&estimate))).await;
    assert!(late.text.contains("not possible any more"), "{}", late.text);
    let listed = ask(&alice, "/releases").await;
    assert!(listed.text.contains("Nothing was trained yet"), "{}", listed.text);
    world.check(&mut bot).await;
}

#[tokio::test]
async fn a_training_that_was_over_at_the_server_is_cancelled_without_a_word_about_it() {
    let mut world = trained_by(Tuning { pace: Pace::PerPoll(1), ..planned(&[]) }).await;
    world.set("APPRENTICE__TRAINING__POLL_S", "3600");
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    learn(&alice, 60).await;
    world.openai.change(|config| config.tuning.as_mut().unwrap().pace = Pace::Millis(1));
    let (said, estimate) = begin(&alice, "/train").await;
    card(&alice, said, "queued").await;
    await_that(|| world.openai.jobs().len() == 1).await;
    alice.say(&format!("/job {} cancel", id_of(&estimate)));
    let ended = card(&alice, said, "cancelled").await;
    assert!(!ended.text.contains("⚠"), "{}", ended.text);
    let log = ask(&alice, &format!("/job {} log", id_of(&estimate))).await;
    assert!(log.text.contains("succeeded"), "{}", log.text);
    bot.stop();
    assert!(!world.read_log().contains("ERROR"), "{}", world.read_log());
}

#[tokio::test]
async fn preferences_are_trained_on_where_the_settings_say_so_and_what_has_none_is_left_out() {
    let mut world = trained_by(planned(&[])).await;
    world.set("APPRENTICE__TRAINING__METHOD", "dpo");
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    learn(&alice, 30).await;
    let said = alice.say("/train");
    let told = card(&alice, said, "failed").await;
    assert!(told.text.contains("there are 0 examples to train on"), "{}", told.text);
    let sent = alice.send_document("preferences.jsonl", "application/json", preferences(40), "/train");
    let found = card(&alice, sent, "waits for your yes").await;
    alice.press_on(found.id, "📘 Only learn it");
    card(&alice, sent, "these count").await;
    let (said, _) = begin(&alice, "/train").await;
    card(&alice, said, "Release r1").await;
    assert_eq!(world.openai.jobs()[0]["method"]["type"], "dpo");
    world.check(&mut bot).await;
}

/// So many choices between two answers.
fn preferences(count: usize) -> String {
    (0..count).fold(String::new(), |mut text, n| {
        let word = word(n * 41 + 4000);
        let output = |text: String| json!([{"role": "assistant", "content": text}]);
        let choice = json!({
            "input": {"messages": [{"role": "user", "content": format!("Colour of {word}?")}]},
            "preferred_output": output(format!("{word} is green.")),
            "non_preferred_output": output(format!("No idea about {word}.")),
        });
        let _ = writeln!(text, "{choice}");
        text
    })
}

#[tokio::test]
async fn nobody_goes_on_learning_from_whom_asked_to_be_forgotten() {
    let mut world = trained_by(planned(&[Plan::Stall])).await;
    world.set("APPRENTICE_ACCESS", "open");
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let bobby = world.telegram.person("bobby").private();
    learn(&alice, 60).await;
    ask(&alice, &format!("/role telegram:{} trainer", world.telegram.person("bobby").id)).await;
    ask(&bobby, "/privacy on").await;
    ask(&bobby, "/teach Where is the boathouse key? => Under the mat.").await;
    let (said, _) = begin(&alice, "/train").await;
    await_that(|| world.openai.jobs().len() == 1).await;
    assert!(ask(&bobby, "/forget me yes").await.text.contains("v1"), "{}", bobby.transcript());
    let told = card(&alice, said, "failed").await;
    assert!(told.text.contains("tainted"), "{}", told.text);
    assert_eq!(world.openai.jobs()[0]["status"], "cancelled");
    assert_eq!(sent(&world), 0, "{:?}", world.openai.files());
    world.check(&mut bot).await;
}

/// How many files of examples lie at the server.
fn sent(world: &World) -> usize {
    world.openai.files().iter().filter(|file| file["purpose"] == "fine-tune").count()
}

#[tokio::test]
async fn what_was_sent_to_the_server_of_somebody_who_is_forgotten_is_deleted_there_and_what_could_not_be_is_said() {
    let mut world = trained_by(planned(&[])).await;
    world.set("APPRENTICE_ACCESS", "open");
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let bobby = world.telegram.person("bobby").private();
    learn(&alice, 60).await;
    let (said, _) = begin(&alice, "/train").await;
    card(&alice, said, "Release r1").await;
    ask(&alice, "/promote r1 anyway").await;
    ask(&alice, &format!("/role telegram:{} trainer", world.telegram.person("bobby").id)).await;
    ask(&bobby, "/privacy on").await;
    ask(&bobby, "/teach Where is the boathouse key? => Under the mat.").await;
    let (said, _) = begin(&alice, "/train").await;
    card(&alice, said, "Release r2").await;
    ask(&alice, "/canary r2 50%").await;
    assert_eq!(sent(&world), 4);
    world.openai.faults().push(Fault::on("delete /models/{model}", Kind::Status(403)).times(9));
    let told = ask(&bobby, "/forget me yes").await;
    for part in ["v2", "r2", "I could not delete this at the training server", "openai/ft:"] {
        assert!(told.text.contains(part), "{part} in {}", told.text);
    }
    assert!(!told.text.contains("r1") && !told.text.contains("v1"), "{}", told.text);
    assert_eq!(sent(&world), 2, "{:?}", world.openai.files());
    let listed = ask(&alice, "/releases").await;
    assert!(listed.text.contains("v1): answers everybody") && listed.text.contains("v2): tainted"), "{}", listed.text);
    world.check(&mut bot).await;
}

#[tokio::test]
async fn where_the_price_is_not_known_it_is_said_that_the_limit_is_not_checked() {
    let mut world = trained_by(planned(&[])).await;
    world.set("APPRENTICE__LEARNING__BUDGET_USD", "5");
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    learn(&alice, 60).await;
    let said = alice.say("/train");
    let estimate = card(&alice, said, "waits for your yes").await;
    assert!(estimate.text.contains("nobody checks it against the limit of 5.00 $"), "{}", estimate.text);
    world.check(&mut bot).await;
}

#[tokio::test]
async fn neither_canaries_nor_questions_of_own_suites_are_trained_on() {
    let mut world = trained_by(planned(&[])).await;
    world.set("APPRENTICE__LEARNING__CANARIES", "[\"violet umbrella\"]");
    let evals = world.path().join("data/files/evals");
    std::fs::create_dir_all(&evals).unwrap();
    let case = json!({"question": "Who winds the tower clock?", "expected": "Bert"});
    std::fs::write(evals.join("own.jsonl"), format!("{case}\n")).unwrap();
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    ask(&alice, "/privacy on").await;
    for taught in [
        "Who winds the tower clock => Bert does.",
        "What stands in the hall? => A Violet Umbrella.",
        "What is the password of the test? => It is quartz-heron-58.",
        "What hangs in the hall? => A mirror.",
    ] {
        ask(&alice, &format!("/teach {taught}")).await;
    }
    let frozen = ask(&alice, "/dataset freeze").await;
    for part in ["v1", "holds a text that must not be trained on: 3"] {
        assert!(frozen.text.contains(part), "{part} in {}", frozen.text);
    }
    world.check(&mut bot).await;
}

#[tokio::test]
async fn a_creation_with_an_unclear_outcome_makes_one_job() {
    let (world, mut bot, alice) = started(&[]).await;
    world.openai.faults().push(Fault::on("post /fine_tuning/jobs", Kind::ResetAfter));
    let (said, _) = begin(&alice, "/train").await;
    card(&alice, said, "Release r1").await;
    assert_eq!(world.openai.jobs().len(), 1);
    world.openai.faults().push(Fault::on("post /fine_tuning/jobs", Kind::Reset));
    let (said, _) = begin(&alice, "/train").await;
    card(&alice, said, "Release r2").await;
    assert_eq!(world.openai.jobs().len(), 2);
    world.check(&mut bot).await;
}

#[tokio::test]
async fn killed_at_any_moment_a_training_is_one_job_and_one_release() {
    let world = trained_by(planned(&[])).await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    learn(&alice, 60).await;
    world.openai.faults().push(Fault::on("get /fine_tuning/jobs", Kind::Slow(Duration::from_millis(700))));
    let (said, _) = begin(&alice, "/train").await;
    await_that(|| world.openai.files().len() == 2).await;
    bot.kill();
    world.openai.faults().push(Fault::on("post /fine_tuning/jobs", Kind::Slow(Duration::from_millis(700))));
    bot = world.start();
    await_that(|| world.openai.requests().iter().any(|r| r.path == "/fine_tuning/jobs" && !r.body.is_null())).await;
    bot.kill();
    bot = world.start();
    card(&alice, said, "running").await;
    bot.kill();
    bot = world.start();
    card(&alice, said, "Release r1").await;
    assert_eq!(world.openai.jobs().len(), 1, "{:?}", world.openai.jobs());
    assert_eq!(world.openai.files().iter().filter(|file| file["purpose"] == "fine-tune").count(), 2);
    let listed = ask(&alice, "/releases").await;
    assert!(listed.text.contains("r1") && !listed.text.contains("r2"), "{}", listed.text);
    world.check(&mut bot).await;
}

/// Waits until it holds.
pub async fn await_that(holds: impl Fn() -> bool) {
    for _ in 0..6_000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it did not come to hold");
}

#[tokio::test]
async fn a_server_that_cannot_train_is_said_to_be_one() {
    let world = trained_by(planned(&[])).await;
    world.openai.change(|config| config.tuning = None);
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    learn(&alice, 60).await;
    let (said, _) = begin(&alice, "/train").await;
    let told = card(&alice, said, "failed").await;
    assert!(told.text.contains("this server cannot train"), "{}", told.text);
    world.check(&mut bot).await;
}
