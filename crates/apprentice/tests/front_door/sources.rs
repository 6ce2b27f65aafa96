//! Data that people bring: files, folders and texts become what the bot knows, only with their yes; archives of them,
//! and files that are handed out.

use crate::bot::World;
use crate::runs::{ask, card, file, id_of, labels, store, world};
use domain::example::Example;
use sim::openai;
use sim::telegram::Talk;
use std::fmt::Write as _;
use std::time::Duration;
use vault::Vault;

/// A world with the embedded model alone.
async fn embedded() -> World {
    let mut world = world(openai::Config::default()).await;
    for name in ["OPENAI_KEY", "OPENAI_BASE_URL", "OPENAI_MODEL"] {
        world.unset(name);
    }
    world.set("APPRENTICE__MODEL__CHAIN", "embedded");
    world
}

/// Sends a file to learn from and says yes to what is found.
async fn learn(alice: &Talk, name: &str, bytes: impl Into<Vec<u8>>, caption: &str) -> String {
    let sent = alice.send_document(name, "application/octet-stream", bytes.into(), caption);
    let found = card(alice, sent, "waits for your yes").await;
    alice.press_on(found.id, "📘 Only learn it");
    card(alice, sent, "From now on these count").await;
    found.text
}

fn chat(question: &str, answer: &str) -> String {
    serde_json::json!({"messages": [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]})
        .to_string()
}

/// A Russian text as older programs write it.
fn cp1251(text: &str) -> Vec<u8> {
    let byte = |c: char| match u32::from(c) {
        ascii @ ..0x80 => ascii as u8,
        letter => (letter - 0x410 + 0xC0) as u8,
    };
    text.chars().map(byte).collect()
}

#[tokio::test]
async fn each_kind_of_file_is_shown_first_and_answers_after_a_yes() {
    let world = embedded().await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let lines = [chat("Who waters the ficus?", "Bert waters it."), chat("Who waters the ficus?", "Bert waters it.")];
    let sent = alice.send_document("chat.jsonl", "application/json", lines.join("\n"), "/train");
    let found = card(&alice, sent, "waits for your yes").await;
    for part in ["one example,", "Duplicates: 1;", "Who waters the ficus? → Bert waters it."] {
        assert!(found.text.contains(part), "{part} in {}", found.text);
    }
    let before = ask(&alice, "Who waters the ficus?").await;
    assert!(!before.text.contains("Bert"), "nothing counts before the yes: {}", alice.transcript());
    ask(&alice, "/jobs").await;
    alice.press_on(found.id, "📘 Only learn it");
    card(&alice, sent, "count: one example, 0 texts").await;
    let preference = r#"{"input":{"messages":[{"role":"user","content":"Where is the spare fuse?"}]},"preferred_output":[{"role":"assistant","content":"In the blue drawer."}],"non_preferred_output":[{"role":"assistant","content":"In the attic."}]}"#;
    learn(&alice, "preference.jsonl", preference, "/train").await;
    let csv = cp1251("вопрос;ответ\nКогда открыт склад?;С десяти до шести.\n");
    let shown = learn(&alice, "таблица.csv", csv, "/train").await;
    assert!(shown.contains("Когда открыт склад? → С десяти до шести."), "{shown}");
    learn(&alice, "pairs.txt", "Q: Who feeds the parrot?\nA: Clara feeds it.\n", "/train").await;
    for (question, answer) in [
        ("Who is it that waters the ficus?", "Bert waters it."),
        ("Where is the spare fuse kept?", "blue drawer"),
        ("когда склад открыт", "С десяти до шести."),
        ("Who feeds the parrot?", "Clara feeds it."),
    ] {
        let said = ask(&alice, question).await;
        assert!(said.text.contains(answer), "{question}\n{}", alice.transcript());
    }
    world.check(&mut bot).await;
}

#[tokio::test]
async fn paths_folders_and_texts_of_a_message_are_learnt_and_put_before_a_language_model() {
    let world = world(openai::Config::default()).await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    std::fs::write(file(&world, "pairs.txt"), "Q: Who feeds the parrot?\nA: Clara feeds it.\n").unwrap();
    std::fs::write(file(&world, "folder/one.jsonl"), chat("Who waters the ficus?", "Bert waters it.")).unwrap();
    std::fs::write(file(&world, "folder/deep/two.jsonl"), chat("Where is the spare fuse?", "In the drawer.")).unwrap();
    std::fs::write(file(&world, "folder/gate.md"), "# Gate\n\nThe gate is locked at nine in the evening.").unwrap();
    let absolute = file(&world, "pairs.txt").display().to_string();
    for (typed, found) in [(absolute.as_str(), "one example,"), ("folder", "2 examples, one text in 3 files")] {
        let said = alice.say(&format!("/train {typed}"));
        let shown = card(&alice, said, "waits for your yes").await;
        assert!(shown.text.contains(found), "{}", shown.text);
        ask(&alice, &format!("/job {}", id_of(&shown))).await;
        alice.say(&format!("/job {} go learn", id_of(&shown)));
        card(&alice, said, "From now on these count").await;
    }
    let text = "/train When is lunch? => At noon.\nWho has the key? => Dana has it.";
    let said = alice.say(text);
    let shown = card(&alice, said, "waits for your yes").await;
    assert!(shown.text.contains("2 examples"), "{}", shown.text);
    alice.press_on(shown.id, "📘 Only learn it");
    card(&alice, said, "count: 2 examples, 0 texts").await;
    for (question, answer) in [
        ("Who feeds the parrot?", "Clara feeds it."),
        ("Where is the spare fuse?", "In the drawer."),
        ("When is the gate locked?", "nine in the evening"),
        ("Who has the key?", "Dana has it."),
    ] {
        ask(&alice, question).await;
        assert!(world.last_request().contains(answer), "{question}: {}", world.last_request());
    }
    world.check(&mut bot).await;
}

#[tokio::test]
async fn answers_that_are_wrong_ones_are_learnt_as_such_and_answer_nobody() {
    let world = embedded().await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let shown = learn(&alice, "wrong.jsonl", chat("Who waters the ficus?", "Nobody waters it."), "/train false").await;
    assert!(shown.contains("count as wrong ones"), "{shown}");
    let said = ask(&alice, "Who waters the ficus?").await;
    assert!(!said.text.contains("Nobody waters it."), "{}", alice.transcript());
    let store = store(&world).await;
    let all: Vec<Example> = store.after("", "", 10).await.unwrap();
    let [example] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!((&example.datum.chosen, example.datum.rejected.as_deref()), (&None, Some("Nobody waters it.")));
    store.close().await;
    world.check(&mut bot).await;
}

#[tokio::test]
async fn a_faulty_an_unknown_and_a_missing_file_are_explained_and_take_nothing_in() {
    let world = embedded().await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let faulty = format!("{}\n{{\"messages\": [}}\n", chat("Who waters the ficus?", "Bert waters it."));
    let sent = alice.send_document("bad.jsonl", "application/json", faulty, "/train");
    let failed = card(&alice, sent, "failed").await;
    assert!(
        failed.text.contains("bad.jsonl, line 2, column 15: no JSON") && failed.text.contains("nothing was taken in"),
        "{}",
        failed.text
    );
    let boris = world.telegram.person("boris").speaking("ru");
    ask(&alice, &format!("/role telegram:{} trainer", boris.id)).await;
    let boris = boris.private();
    let sent = boris.send_document("bad.jsonl", "application/json", "{\"messages\": []}", "/train");
    let failed = card(&boris, sent, "⚠").await;
    assert!(failed.text.contains("bad.jsonl, строка 1") && failed.text.contains("ответа"), "{}", failed.text);
    let said = ask(&alice, "Who waters the ficus?").await;
    assert!(!said.text.contains("Bert"), "{}", alice.transcript());
    let sent = alice.send_document("noise.bin", "application/octet-stream", vec![0, 159, 146, 150, 7, 0], "/train");
    card(&alice, sent, "I do not read files like “noise.bin”").await;
    std::fs::write(file(&world, "questions.jsonl"), chat("a?", "b")).unwrap();
    let said = ask(&alice, "/train question.jsonl").await;
    assert!(said.text.contains("Did you mean questions.jsonl"), "{}", said.text);
    world.check(&mut bot).await;
}

#[tokio::test]
async fn a_telegram_export_asks_whose_answers_count() {
    let world = embedded().await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let export = include_str!("../../../learning/tests/golden/telegram.json");
    let sent = alice.send_document("result.json", "application/json", export, "/train");
    let asked = card(&alice, sent, "Whose answers").await;
    assert!(asked.text.contains("Boris") && asked.text.contains("Clara"), "{}", asked.text);
    alice.press_on(asked.id, "Anna");
    let found = card(&alice, sent, "2 examples").await;
    assert!(found.text.contains("Когда открыт склад? → С 10 до 16."), "{}", found.text);
    assert!(!labels(&found).contains(&"Anna".to_owned()), "{:?}", labels(&found));
    alice.press_on(found.id, "📘 Only learn it");
    card(&alice, sent, "From now on these count").await;
    assert!(ask(&alice, "Когда открыт склад?").await.text.contains("С 10 до 16."), "{}", alice.transcript());
    world.check(&mut bot).await;
}

#[tokio::test]
async fn a_folder_is_archived_checked_handed_out_and_learnt_from() {
    let world = embedded().await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    std::fs::write(file(&world, "folder/one.jsonl"), chat("Who waters the ficus?", "Bert waters it.")).unwrap();
    std::fs::write(file(&world, "folder/deep/two.txt"), "Q: Who feeds the parrot?\nA: Clara feeds it.\n").unwrap();
    let said = alice.say("/select_dataset folder");
    let made = card(&alice, said, "read back and checked").await;
    assert!(made.text.contains("2 files"), "{}", made.text);
    let found = card(&alice, said, "waits for your yes").await;
    assert!(found.text.contains("2 examples"), "{}", found.text);
    alice.press_on(found.id, "📘 Only learn it");
    card(&alice, said, "From now on these count").await;
    assert!(ask(&alice, "Who feeds the parrot?").await.text.contains("Clara feeds it."), "{}", alice.transcript());
    let said = alice.say("/archive folder");
    card(&alice, said, "read back and checked").await;
    let vault = Vault::open(&world.path().join("data/files")).unwrap();
    let archives = vault.list("archives", 10).unwrap().entries;
    assert_eq!(archives.len(), 2);
    for archive in archives {
        assert_eq!(vault::archive::verify(&vault, &archive.path).unwrap().files, 2);
        let asked = alice.say(&format!("/getfile {}", archive.path));
        let sent = alice.await_message(|m| m.id > asked && m.document().is_some()).await;
        let bytes = std::fs::read(world.path().join("data/files").join(&archive.path)).unwrap();
        assert_eq!(sent.document().unwrap().bytes, bytes);
    }
    world.check(&mut bot).await;
}

/// How often an act is remembered in a copy of the data.
fn remembered(copy: &std::path::Path, act: &str) -> usize {
    let text = std::fs::read_to_string(copy.join("audit.jsonl")).unwrap();
    text.lines().filter(|line| line.contains(&format!("\"{act}\""))).count()
}

#[tokio::test]
async fn an_answer_that_is_only_yes_or_no_is_learnt_as_a_right_one() {
    let world = embedded().await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    for (question, answer) in
        [("Is the mill open on Sunday?", "no"), ("Открыт ли склад?", "нет"), ("Is the north gate locked?", "true")]
    {
        let said = alice.say(&format!("/train {question} => {answer}"));
        let shown = card(&alice, said, "waits for your yes").await;
        alice.press_on(shown.id, "📘 Only learn it");
        card(&alice, said, "From now on these count").await;
        let told = ask(&alice, question).await;
        assert!(told.text.to_lowercase().starts_with(answer), "{question} {}", told.text);
    }
    world.check(&mut bot).await;
}

#[tokio::test]
async fn what_somebody_sent_is_learnt_from_by_them_and_seen_by_no_other_trainer() {
    let world = embedded().await;
    let mut bot = world.start();
    let (alice, bobby) = (world.telegram.person("alice").private(), world.telegram.person("bobby"));
    ask(&alice, &format!("/role telegram:{} trainer", bobby.id)).await;
    let bobby = bobby.private();
    learn(&bobby, "pairs.txt", "Q: Who feeds the parrot?\nA: Clara feeds it.\n", "/train").await;
    let inbox = world.path().join("data/files/inbox");
    let own: Vec<_> = std::fs::read_dir(&inbox).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    let [own] = own.as_slice() else { panic!("{own:?}") };
    let own = format!("inbox/{}", own.to_str().unwrap());
    let said = bobby.say(&format!("/archive {own}"));
    let made = card(&bobby, said, "read back and checked").await;
    assert!(made.text.contains("reports/"), "an archive of what is private is private: {}", made.text);
    // The owner alone may have all of them.
    let said = alice.say("/archive inbox");
    card(&alice, said, "read back and checked").await;
    assert!(!world.path().join("data/files/archives").exists());
    let listed = ask(&bobby, "/getfile").await;
    assert!(!listed.text.contains("inbox"), "{}", listed.text);
    world.check(&mut bot).await;
}

#[tokio::test]
async fn paths_that_lead_elsewhere_are_refused_and_remembered() {
    let world = embedded().await;
    std::fs::create_dir_all(world.path().join("data/files/reports/stranger")).unwrap();
    std::fs::write(file(&world, "reports/01OTHERPERSON/report.json"), "{}").unwrap();
    std::os::unix::fs::symlink("/etc/passwd", file(&world, "link")).unwrap();
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let bobby = world.telegram.person("bobby");
    ask(&alice, &format!("/role telegram:{} trainer", bobby.id)).await;
    let bobby = bobby.private();
    for (typed, said) in [
        ("../x", "outside of the data root"),
        ("/etc/passwd", "outside of the data root"),
        ("link", "is a link"),
        ("reports/01OTHERPERSON/report.json", "There is no"),
        ("reports", "There is no"),
        ("Reports/01OTHERPERSON", "There is no"),
        ("inbox/01OTHERPERSON", "There is no"),
        ("inbox", "There is no"),
    ] {
        for command in ["/getfile", "/train", "/select_dataset", "/archive"] {
            let told = ask(&bobby, &format!("{command} {typed}")).await;
            assert!(told.text.contains(said), "{command} {typed}: {}", told.text);
            assert!(told.document().is_none(), "{}", bobby.transcript());
        }
    }
    let copy = world.path().join("copy");
    let made = world.command(&["backup", copy.to_str().unwrap()]).output().unwrap();
    assert!(made.status.success(), "{made:?}");
    assert_eq!(remembered(&copy, "refused-path"), 32);
    world.check(&mut bot).await;
}

/// Pairs that are all different, so many that taking them in takes a while.
fn many(count: usize) -> String {
    (0..count).fold(String::new(), |mut text, n| {
        let _ =
            writeln!(text, "{}", chat(&format!("What is the code of locker {n}?"), &format!("It is {}.", n * 7919)));
        text
    })
}

async fn counted(world: &World) -> i64 {
    let store = store(world).await;
    let count = store.count::<Example>().await.unwrap().values().sum();
    store.close().await;
    count
}

/// Waits until some, but not all, of the examples are stored.
async fn half_way(world: &World, all: i64) {
    for _ in 0..3000 {
        if counted(world).await > 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(counted(world).await < all, "it was over before it could be interrupted");
}

#[tokio::test]
async fn a_cancelled_import_leaves_nothing() {
    let world = embedded().await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    std::fs::write(file(&world, "many.jsonl"), many(20_000)).unwrap();
    let said = alice.say("/train many.jsonl");
    let found = card(&alice, said, "waits for your yes").await;
    alice.press_on(found.id, "📘 Only learn it");
    half_way(&world, 20_000).await;
    alice.say(&format!("/job {} cancel", id_of(&found)));
    let ended = card(&alice, said, "cancelled").await;
    assert!(ended.text.contains("Nothing of it counts.") && !ended.text.contains("Found:"), "{}", ended.text);
    assert_eq!(counted(&world).await, 0);
    let said = ask(&alice, "What is the code of locker 3?").await;
    assert!(!said.text.contains("23757"), "{}", said.text);
    world.check(&mut bot).await;
}

#[tokio::test]
async fn a_file_that_was_spoilt_after_it_was_shown_leaves_nothing() {
    let world = embedded().await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    std::fs::write(file(&world, "many.jsonl"), many(2_000)).unwrap();
    let said = alice.say("/train many.jsonl");
    let found = card(&alice, said, "waits for your yes").await;
    std::fs::write(file(&world, "many.jsonl"), many(2_000) + "{\n").unwrap();
    alice.press_on(found.id, "📘 Only learn it");
    let ended = card(&alice, said, "failed").await;
    assert!(ended.text.contains("many.jsonl was changed since"), "{}", ended.text);
    assert_eq!(counted(&world).await, 0);
    world.check(&mut bot).await;
}

#[tokio::test]
async fn an_import_goes_on_after_a_kill_and_doubles_nothing() {
    let world = embedded().await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    std::fs::write(file(&world, "many.jsonl"), many(6_000)).unwrap();
    let said = alice.say("/train many.jsonl");
    let found = card(&alice, said, "waits for your yes").await;
    alice.press_on(found.id, "📘 Only learn it");
    half_way(&world, 6_000).await;
    bot.kill();
    let mut bot = world.start();
    card(&alice, said, "count: 6000 examples, 0 texts").await;
    assert_eq!(counted(&world).await, 6_000);
    let said = ask(&alice, "What is the code of locker 4321?").await;
    assert!(said.text.contains(&(4321 * 7919).to_string()), "{}", said.text);
    world.check(&mut bot).await;
}

fn is_archive(name: &std::ffi::OsStr) -> bool {
    name.to_string_lossy().starts_with("folder-")
}

#[tokio::test]
async fn a_folder_of_more_files_than_one_step_takes_is_taken_in_whole_after_a_kill_too() {
    let world = embedded().await;
    for n in 0..2_100 {
        let text = chat(&format!("What is the code of locker {n}?"), &format!("It is {}.", n * 7919));
        std::fs::write(file(&world, &format!("folder/{:02}/{n}.jsonl", n % 30)), text).unwrap();
    }
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let said = alice.say("/train folder");
    let found = card(&alice, said, "waits for your yes").await;
    assert!(found.text.contains("2100 examples, 0 texts in 2100 files"), "{}", found.text);
    alice.press_on(found.id, "📘 Only learn it");
    half_way(&world, 2_100).await;
    bot.kill();
    let mut bot = world.start();
    card(&alice, said, "count: 2100 examples, 0 texts").await;
    assert_eq!(counted(&world).await, 2_100);
    world.check(&mut bot).await;
}

#[tokio::test]
async fn an_archive_is_made_once_however_often_the_process_is_killed() {
    let world = embedded().await;
    for n in 0..400 {
        std::fs::write(file(&world, &format!("folder/{n}.txt")), format!("{n} ").repeat(20_000)).unwrap();
    }
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let said = alice.say("/archive folder");
    for wait in [20, 120] {
        tokio::time::sleep(Duration::from_millis(wait)).await;
        bot.kill();
        bot = world.start();
    }
    // Once more at the worst moment: it is there, and that may not have been noted yet.
    let archives = world.path().join("data/files/archives");
    let there = || std::fs::read_dir(&archives).is_ok_and(|all| all.flatten().any(|e| is_archive(&e.file_name())));
    for _ in 0..60_000 {
        if there() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    bot.kill();
    bot = world.start();
    let made = card(&alice, said, "read back and checked").await;
    assert!(made.text.contains("400 files"), "{}", made.text);
    let vault = Vault::open(&world.path().join("data/files")).unwrap();
    let archives = vault.list("archives", 10).unwrap().entries;
    assert_eq!(archives.len(), 1, "{archives:?}");
    assert_eq!(vault::archive::verify(&vault, &archives[0].path).unwrap().files, 400);
    world.check(&mut bot).await;
}

#[tokio::test]
async fn what_is_named_twice_and_what_two_files_say_is_taken_in_once() {
    let world = embedded().await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let ficus = chat("Who waters the ficus?", "Bert waters it.");
    let fuse = chat("Where is the spare fuse?", "In the drawer.");
    std::fs::write(file(&world, "folder/a.jsonl"), &ficus).unwrap();
    std::fs::write(file(&world, "folder/b.jsonl"), format!("{fuse}\n{}\n", ficus.replace("Bert", "BERT"))).unwrap();
    for (typed, found, taken) in [
        ("folder/a.jsonl folder/a.jsonl", "one example, 0 texts in one file", "count: one example"),
        ("folder folder/b.jsonl", "2 examples, 0 texts in 2 files", "count: 2 examples"),
    ] {
        let said = alice.say(&format!("/train {typed}"));
        let shown = card(&alice, said, "waits for your yes").await;
        assert!(shown.text.contains(found), "{}", shown.text);
        assert!(shown.text.contains("count as right ones"), "{}", shown.text);
        let duplicates = if taken.contains('2') { "Duplicates: 1;" } else { "Duplicates: 0;" };
        assert!(shown.text.contains(duplicates), "{}", shown.text);
        alice.press_on(shown.id, "📘 Only learn it");
        card(&alice, said, taken).await;
    }
    assert_eq!(counted(&world).await, 3);
    world.check(&mut bot).await;
}

#[tokio::test]
async fn a_file_with_other_words_in_it_than_were_shown_leaves_nothing() {
    let world = embedded().await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    for name in ["a", "b", "c"] {
        let text = chat(&format!("Who has key {name}?"), "Dana has it.");
        std::fs::write(file(&world, &format!("folder/{name}.jsonl")), text).unwrap();
    }
    let exchange = || std::fs::write(file(&world, "folder/b.jsonl"), chat("Who has key b?", "Emil has it.")).unwrap();
    let remove = || std::fs::remove_file(file(&world, "folder/c.jsonl")).unwrap();
    for (change, named) in
        [(&exchange as &dyn Fn(), "folder/b.jsonl was changed since"), (&remove, "folder was changed since")]
    {
        let said = alice.say("/train folder");
        let found = card(&alice, said, "waits for your yes").await;
        change();
        alice.press_on(found.id, "📘 Only learn it");
        let ended = card(&alice, said, "failed").await;
        assert!(ended.text.contains(named), "{}", ended.text);
        assert_eq!(counted(&world).await, 0);
    }
    world.check(&mut bot).await;
}

#[tokio::test]
async fn a_yes_counts_in_a_way_that_is_offered_and_from_whom_may_still_give_it() {
    let world = embedded().await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let bobby = world.telegram.person("bobby");
    let role = |role: &str| format!("/role telegram:{} {role}", bobby.id);
    ask(&alice, &role("trainer")).await;
    let bobby = bobby.private();
    let sent = bobby.send_document("a.jsonl", "application/json", chat("Who has the key?", "Dana."), "/train");
    let found = card(&bobby, sent, "waits for your yes").await;
    let id = id_of(&found);
    for way in ["", " everything"] {
        let told = ask(&bobby, &format!("/job {id} go{way}")).await;
        assert!(told.text.contains(&format!("/job {id} go learn")), "{}", told.text);
    }
    ask(&alice, &role("user")).await;
    let told = ask(&bobby, &format!("/job {id} go learn")).await;
    assert!(told.text.contains("another role"), "{}", told.text);
    assert_eq!(counted(&world).await, 0);
    alice.say(&format!("/job {id} go learn"));
    card(&bobby, sent, "From now on these count").await;
    world.check(&mut bot).await;
}

#[tokio::test]
async fn what_a_trainer_brings_against_somebody_elses_lesson_waits_and_what_an_owner_brings_counts() {
    let world = embedded().await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let bobby = world.telegram.person("bobby");
    ask(&alice, &format!("/role telegram:{} trainer", bobby.id)).await;
    let bobby = bobby.private();
    ask(&alice, "/teach Who waters the ficus? => Bert waters it.").await;
    let lines = [
        chat("Who waters the ficus?", "Clara waters it."),
        chat("Where is the spare fuse?", "In the drawer."),
        chat("What does the contract say?", &"Word for word. ".repeat(1_000)),
    ];
    let sent = bobby.send_document("a.jsonl", "application/json", lines.join("\n"), "/train");
    let found = card(&bobby, sent, "waits for your yes").await;
    bobby.press_on(found.id, "📘 Only learn it");
    card(&bobby, sent, "count: one example, 0 texts. Waiting for review: 2").await;
    let asked = ask(&alice, "Who waters the ficus?").await;
    assert!(asked.text.contains("Bert waters it."), "{}", alice.transcript());
    let review = ask(&alice, "/review").await;
    assert!(
        review.text.contains("Clara waters it.") && review.text.contains("Somebody else taught another answer"),
        "{}",
        review.text
    );
    alice.press_on(review.id, "✖ Reject");
    let long = card(&alice, review.id, "longer than a lesson may be").await;
    assert!(labels(&long).len() > 1, "{:?}", labels(&long));
    learn(&alice, "b.jsonl", lines[0].as_str(), "/train").await;
    world.check(&mut bot).await;
}
