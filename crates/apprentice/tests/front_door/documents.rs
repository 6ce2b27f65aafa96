//! Documents of every kind, as people send them: read, said so, answered from with the place, kept, forgotten; and those
//! that nobody can read, or should.

use crate::bot::World;
use crate::groups::mention;
use crate::learner::{ask, embedded, exported, labels, tap, world};
use crate::runs::card;
use sim::openai::{self, Answer};
use sim::telegram::{Media, Message, Talk};
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// The bytes of a file that `documents.py` makes.
fn made(name: &str) -> Vec<u8> {
    let path = folder().join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Tests run in processes of their own, so that a lock on a file says which of them makes the files.
fn folder() -> PathBuf {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/front_door/documents.py");
    let mut hash = DefaultHasher::new();
    std::fs::read(&script).unwrap().hash(&mut hash);
    let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let folder = tmp.join(format!("documents-{:x}", hash.finish()));
    let lock = File::create(tmp.join("documents.lock")).unwrap();
    lock.lock().unwrap();
    if !folder.join("made").exists() {
        drop(std::fs::remove_dir_all(&folder));
        std::fs::create_dir_all(&folder).unwrap();
        let python = python();
        let status = Command::new(&python).arg(&script).arg(&folder).status();
        let status = status.unwrap_or_else(|error| panic!("{}: {error}: run scripts/install test", python.display()));
        assert!(status.success(), "documents.py did not make the documents: run scripts/install test");
        File::create(folder.join("made")).unwrap();
    }
    folder
}

fn python() -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    std::env::var_os("APPRENTICE_TEST_PYTHON").map_or_else(|| workspace.join("target/python/bin/python"), PathBuf::from)
}

/// Sends a document and waits for what is said of it.
async fn give(talk: &Talk, name: &str) -> Message {
    let sent = talk.document(name, "", made(name));
    talk.await_reply(sent).await
}

fn has(message: &Message, parts: &[&str]) {
    for part in parts {
        assert!(message.text.contains(part), "no “{part}” in: {}", message.text);
    }
}

/// What waits to be worked on, below the data directory.
fn workshop(world: &World) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(world.path().join("data/tmp")).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

/// A language model that says nothing of its own.
async fn talking() -> World {
    world(openai::Config::answering(Answer::func(|_| "Noted.".to_owned()))).await
}

fn system(world: &World) -> String {
    world.openai.requests().last().unwrap().body["messages"][0]["content"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn every_kind_of_document_is_read_and_answered_from_with_its_place() {
    let world = embedded().await;
    let mut bot = world.start();
    let oar = "Where does the ferryman keep a spare oar?";
    let item = "Where is the spare oar?";
    for (name, said, question, answer, place) in [
        ("harbour.pdf", "3 pages, ", oar, "under the bench", "page 2"),
        ("harbour.docx", "words", oar, "under the bench", "Part 2"),
        ("deck.pptx", "3 slides, ", oar, "under the bench", "slide 2"),
        ("boat.xlsx", "2 sheets, ", item, "under the bench", "sheet “Boat”, rows"),
        ("old.xls", "2 sheets, ", item, "under the bench", "sheet “Boat”, rows"),
        ("boat2.ods", "2 sheets, ", item, "under the bench", "sheet “Boat”, rows"),
        ("boat.csv", "words", item, "under the bench", "rows"),
        ("letter.odt", "words", oar, "under the bench", "Part 2"),
        ("letter.rtf", "words", oar, "under the bench", "letter.rtf"),
        ("page.html", "words", oar, "under the bench", "Part 2"),
        ("book.epub", "chapters, ", oar, "under the bench", "Part 2"),
        ("notes.md", "words", oar, "under the bench", "Part 2"),
        ("ferry.py", "words", "Where does the ferryman keep the SPARE_OAR?", "under the bench", "line 1"),
        ("ferry.json", "words", "Where is the ferryman's spare oar?", "under the bench", "line 1"),
        ("film.srt", "words", oar, "under the bench", "1:05–1:09"),
        ("film.vtt", "words", oar, "under the bench", "1:05–1:09"),
        ("mail.eml", "words", item, "under the bench", "boat.csv, rows"),
        ("all.zip", "words", "Where is the lantern?", "in the cabin", "boat.xlsx, sheet “Boat”, rows"),
    ] {
        // A person each: nobody's document counts for somebody else.
        let talk = world.telegram.person(&format!("reader{}", name.replace('.', ""))).private();
        has(&give(&talk, name).await, &["I have read", name, said, "only for you"]);
        has(&ask(&talk, question).await, &[answer, name, place]);
    }
    assert_eq!(workshop(&world), Vec::<PathBuf>::new());
    world.check(&mut bot).await;
}

#[tokio::test]
async fn russian_documents_in_every_encoding_are_read_and_cited_in_russian() {
    let world = embedded().await;
    let mut bot = world.start();
    for (name, said, place) in [
        ("гавань.pdf", "3 страницы, ", "страница 2"),
        ("гавань.docx", "слов", "Part 2"),
        ("cp1251.txt", "слов", "строки 1–3"),
        ("koi8.txt", "слов", "строки 1–3"),
        ("utf16.txt", "слов", "строки 1–3"),
    ] {
        let talk = world.telegram.person(&format!("reader{}", name.len())).speaking("ru").private();
        has(&give(&talk, name).await, &["Я прочитал", name, said, "только для вас"]);
        has(&ask(&talk, "Где паромщик хранит запасное весло?").await, &["под скамьёй", name, place]);
        ask(&talk, "/forget me yes").await;
    }
    world.check(&mut bot).await;
}

#[tokio::test]
async fn a_short_document_is_put_whole_before_a_model_until_a_new_conversation() {
    let world = talking().await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let sent = alice.send_document("harbour.pdf", "application/pdf", made("harbour.pdf"), "When was it painted?");
    has(&alice.await_reply(sent).await, &["harbour.pdf", "3 pages"]);
    alice.await_message(|m| m.text == "Noted.").await;
    let prompt = system(&world);
    for part in ["[harbour.pdf]", "[page 1]", "1957", "[page 2]", "spare oar", "[page 3]", "half past five"] {
        assert!(prompt.contains(part), "no {part} in {prompt}");
    }
    assert!(world.last_request().contains("When was it painted?"), "{}", world.last_request());
    // Nothing of this question is in it: it is about what lies on the table.
    ask(&alice, "And who wrote that?").await;
    assert!(system(&world).contains("half past five"), "{}", system(&world));
    ask(&alice, "/new").await;
    ask(&alice, "And who wrote that?").await;
    assert!(!system(&world).contains("half past five"), "{}", system(&world));
    world.check(&mut bot).await;
}

#[tokio::test]
async fn of_a_long_document_a_model_gets_the_passages_that_fit_with_their_places() {
    let mut world = talking().await;
    world.set("APPRENTICE__READING__WHOLE_TOKENS", "20");
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    give(&alice, "harbour.pdf").await;
    ask(&alice, "Where does the ferryman keep a spare oar?").await;
    let prompt = system(&world);
    assert!(prompt.contains("[harbour.pdf, page 2]") && prompt.contains("under the bench"), "{prompt}");
    // What is asked about all of it stands nowhere in it: then it is its beginning.
    ask(&alice, "Summarise that, please!").await;
    assert!(system(&world).contains("[harbour.pdf, page 1]"), "{}", system(&world));
    world.check(&mut bot).await;
}

#[tokio::test]
async fn a_reply_to_a_document_is_about_it_whether_it_is_known_or_not() {
    let world = talking().await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let sent = alice.document("notes.md", "text/markdown", made("notes.md"));
    let learnt = alice.await_reply(sent).await;
    ask(&alice, "/new").await;
    let asked = alice.reply(sent, "What is this?");
    assert_eq!(alice.await_reply(asked).await.text, "Noted.");
    assert!(system(&world).contains("half past five"), "{}", system(&world));
    tap(&alice, &learnt, "🗑 Forget it", "forgotten").await;
    let asked = alice.reply(sent, "What is this about?");
    has(&alice.await_reply(asked).await, &["I have read", "notes.md"]);
    alice.await_message(|m| m.id > asked && m.text == "Noted.").await;
    assert!(system(&world).contains("half past five"), "{}", system(&world));
    // Another file of that name is another document.
    let sent = alice.document("notes.md", "text/markdown", "# Tides\n\nThe tide turns at a quarter past nine.");
    let learnt = alice.await_reply(sent).await;
    tap(&alice, &learnt, "🗑 Forget it", "forgotten").await;
    let asked = alice.reply(sent, "What is this about?");
    has(&alice.await_reply(asked).await, &["I have read", "notes.md"]);
    alice.await_message(|m| m.id > asked && m.text == "Noted.").await;
    assert!(system(&world).contains("quarter past nine"), "{}", system(&world));
    world.check(&mut bot).await;
}

#[tokio::test]
async fn files_of_an_album_are_read_together_and_the_same_file_is_kept_once() {
    let world = talking().await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let files = ["notes.md", "boat.csv"].map(|name| Media::document(name, "", made(name)));
    let sent = alice.album(&files, "What is this?");
    let said = alice.await_message(|m| m.by_bot && m.text.contains("I have read")).await;
    has(&said, &["notes.md", "boat.csv"]);
    alice.await_message(|m| m.id > sent[1] && m.text == "Noted.").await;
    assert!(system(&world).contains("half past five") && system(&world).contains("lantern"), "{}", system(&world));
    has(&give(&alice, "notes.md").await, &["I know “notes.md” already"]);
    let listed = ask(&alice, "/docs").await;
    assert_eq!(listed.text.matches("notes.md").count(), 1, "{}", listed.text);
    world.check(&mut bot).await;
}

#[tokio::test]
async fn a_document_is_for_whoever_gave_it_until_a_trainer_says_it_is_for_everybody() {
    let world = embedded().await;
    let mut bot = world.start();
    let (alice, bob) = (world.telegram.person("alice"), world.telegram.person("bobby"));
    let team = world.telegram.group("team", &[&alice, &bob]);
    let (own, bob_own) = (alice.private(), bob.private());
    let question = "Where does the ferryman keep a spare oar?";
    let learnt = give(&own, "notes.md").await;
    assert_eq!(labels(&learnt), ["🗑 Forget it", "👥 For everybody"], "{}", learnt.text);
    let asked = ask(&bob_own, question).await;
    assert!(!asked.text.contains("under the bench"), "{}", asked.text);
    let given = give(&bob_own, "boat.csv").await;
    assert_eq!(labels(&given), ["🗑 Forget it"], "only trainers say what counts for everybody: {}", given.text);
    let now = tap(&own, &learnt, "👥 For everybody", "everybody from “notes.md”").await;
    has(&ask(&bob_own, question).await, &["under the bench", "notes.md", "Part 2"]);
    has(&give(&own, "notes.md").await, &["I know “notes.md” already", "everyone"]);
    has(&tap(&own, &now, "🗑 Forget it", "forgotten").await, &["notes.md"]);
    let asked = ask(&bob_own, question).await;
    assert!(!asked.text.contains("under the bench"), "{}", asked.text);
    let seat = alice.at(&team);
    let taught = mention("@apprentice_sim_bot read this").with(Media::document("notes.md", "", made("notes.md")));
    let sent = seat.say_with(taught);
    let learnt = seat.await_message(|m| m.reply_to == Some(sent) && m.text.contains("I have read")).await;
    has(&learnt, &["counts in this group"]);
    let asked = bob.at(&team).say_with(mention(&format!("@apprentice_sim_bot {question}")));
    has(&seat.await_message(|m| m.reply_to == Some(asked)).await, &["under the bench"]);
    let asked = ask(&own, question).await;
    assert!(!asked.text.contains("under the bench"), "{}", asked.text);
    world.check(&mut bot).await;
}

#[tokio::test]
async fn documents_are_listed_shown_handed_out_and_forgotten() {
    let world = embedded().await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    has(&ask(&alice, "/docs").await, &["I have no documents"]);
    give(&alice, "harbour.pdf").await;
    give(&alice, "boat.csv").await;
    let listed = ask(&alice, "/docs").await;
    has(&listed, &["1. “boat.csv”", "2. “harbour.pdf”"]);
    alice.press_on(listed.id, "2. harbour.pdf");
    let shown = alice.await_message(|m| m.id > listed.id && m.text.contains("given on")).await;
    has(&shown, &["harbour.pdf", "lighthouse of Skagen"]);
    let file = alice.await_message(|m| m.id > listed.id && m.document().is_some()).await;
    let text = String::from_utf8(file.document().unwrap().bytes.to_vec()).unwrap();
    assert!(text.contains("[page 2]") && text.contains("half past five"), "{text}");
    tap(&alice, &file, "🗑 Forget it", "forgotten").await;
    let listed = ask(&alice, "/docs").await;
    assert!(!listed.text.contains("harbour.pdf"), "{}", listed.text);
    has(&ask(&alice, "/docs nothing").await, &["no such document"]);
    has(&ask(&alice, "/docs a b c").await, &["/docs"]);
    world.check(&mut bot).await;
}

#[tokio::test]
async fn a_persons_documents_are_taken_along_and_go_with_them() {
    let world = embedded().await;
    let mut bot = world.start();
    let bob = world.telegram.person("bobby").private();
    give(&bob, "harbour.pdf").await;
    let taught = exported(&bob, "taught").await;
    assert!(taught.iter().any(|one| one.to_string().contains("spare oar")), "{taught:?}");
    ask(&bob, "/forget me yes").await;
    assert_eq!(exported(&bob, "taught").await, Vec::<serde_json::Value>::new());
    has(&ask(&bob, "/docs").await, &["I have no documents"]);
    let asked = ask(&bob, "Where does the ferryman keep a spare oar?").await;
    assert!(!asked.text.contains("under the bench"), "{}", asked.text);
    world.check(&mut bot).await;
}

#[tokio::test]
async fn a_reply_with_train_imports_data_and_has_questions_proposed_from_anything_else() {
    let proposed = r#"[{"question": "Where is the spare oar?", "answer": "Under the bench."}]"#;
    let world = world(openai::Config::answering(Answer::func(move |_| proposed.to_owned()))).await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let pairs = "Q: Who feeds the parrot?\nA: Clara feeds it.\n";
    let sent = alice.document("pairs.txt", "text/plain", pairs);
    alice.await_reply(sent).await;
    alice.reply(sent, "/train");
    has(&card(&alice, sent, "waits for your yes").await, &["one example", "Clara feeds it."]);
    let sent = alice.document("harbour.pdf", "application/pdf", made("harbour.pdf"));
    let learnt = alice.await_reply(sent).await;
    tap(&alice, &learnt, "🗑 Forget it", "forgotten").await;
    let said = alice.reply(sent, "/train");
    has(&alice.await_reply(said).await, &["I have read", "harbour.pdf"]);
    card(&alice, said, "I propose").await;
    world.check(&mut bot).await;
}

#[tokio::test]
async fn what_cannot_be_read_is_explained_and_leaves_nothing() {
    let world = embedded().await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    for (name, said) in [
        ("bomb.zip", "not safe to open"),
        ("nested.zip", "at most 100 levels of nesting"),
        ("laughs.docx", "not safe to open"),
        ("cyclic.pdf", "is empty"),
        ("locked.pdf", "protected by a password"),
        ("locked-harbour.docx", "protected by a password"),
        ("locked-boat.xlsx", "protected by a password"),
        ("locked.zip", "protected by a password"),
        ("cut.pdf", "damaged"),
        ("cut.docx", "damaged"),
        ("noise.bin", "do not read files like"),
        ("empty.txt", "is empty"),
        ("blank.txt", "is empty"),
        ("scan.pdf", "its 2 pages are pictures"),
        ("really-pdf.docx", "It says it is “docx”"),
    ] {
        let told = give(&alice, name).await;
        assert!(told.text.contains(said), "{name}: {}", told.text);
    }
    give(&alice, "deep.html").await;
    let boris = world.telegram.person("boris").speaking("ru").private();
    for (name, said) in [
        ("bomb.zip", "Я перестал читать «bomb.zip»: этот файл небезопасно открывать."),
        ("locked.pdf", "«locked.pdf» защищён паролем."),
        ("cut.docx", "«cut.docx» повреждён или обрезан."),
        ("scan.pdf", "2 страницы без текста, одни картинки"),
        ("nested.zip", "не больше 100 уровней вложенности"),
        ("really-pdf.docx", "3 страницы, "),
    ] {
        has(&give(&boris, name).await, &[said]);
    }
    assert_eq!(workshop(&world), Vec::<PathBuf>::new());
    world.check(&mut bot).await;
}

#[tokio::test]
async fn a_picture_that_calls_itself_a_document_is_looked_at() {
    let world = talking().await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let sent = alice.send_document("picture.pdf", "application/pdf", made("picture.pdf"), "What colour is it?");
    assert_eq!(alice.await_reply(sent).await.text, "Noted.");
    assert!(world.last_request().contains("data:image/"), "{}", world.last_request());
    world.check(&mut bot).await;
}

#[tokio::test]
async fn a_document_that_takes_too_much_memory_or_time_ends_alone() {
    for (setting, value, name, fault) in
        [("MEMORY_MB", "128", "heavy.pdf", "out of memory"), ("SECONDS", "1", "slow.pdf", "out of time")]
    {
        let mut world = embedded().await;
        world.set(&format!("APPRENTICE__READING__{setting}"), value);
        let mut bot = world.start();
        let (alice, bob) = (world.telegram.person("alice").private(), world.telegram.person("bobby").private());
        let sent = alice.document(name, "application/pdf", made(name));
        let greeted = bob.say("hello");
        bob.await_reply(greeted).await;
        has(&alice.await_reply(sent).await, &["more time or memory than a file may"]);
        has(&give(&alice, "boat.csv").await, &["I have read"]);
        assert_eq!(workshop(&world), Vec::<PathBuf>::new());
        assert_eq!(bot.children(), Vec::<String>::new());
        assert!(world.read_log().contains(fault), "{}", world.read_log());
        world.check(&mut bot).await;
    }
}

#[tokio::test]
async fn the_shipped_program_reads_wholly_confined() {
    let world = embedded().await;
    let limits = format!("{},60000,60000,{}", 512_u64 << 20, 1 << 20);
    let order = r#"{"Document":{"name":"harbour.pdf","mime":"","limits":{"bytes":52428800,"unpacked":524288000,"pages":5000,"text":16777216,"members":1000,"depth":100}}}"#;
    let mut command = world.command(&["inside", &limits, order]);
    let input = File::open(folder().join("harbour.pdf")).unwrap();
    let output = command.stdin(Stdio::from(input)).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("spare oar"), "{said}");
    let expected = if cfg!(target_os = "linux") { 'w' } else { 'l' };
    assert_eq!(said.chars().next(), Some(expected), "{said}");
}

#[tokio::test]
async fn a_document_whose_reading_is_cut_short_by_a_kill_is_read_once() {
    let world = embedded().await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let mut text = String::from("The ferryman keeps a spare oar under the bench.\n\n");
    text.extend((0..60_000).map(|n| format!("Line {n} says nothing much.\n")));
    let sent = alice.document("long.txt", "text/plain", &text);
    for _ in 0..3_000 {
        if !workshop(&world).is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    bot.kill();
    let mut bot = world.start();
    has(&alice.await_reply(sent).await, &["I have read", "long.txt"]);
    let listed = ask(&alice, "/docs").await;
    assert_eq!(listed.text.matches("long.txt").count(), 1, "{}", listed.text);
    assert_eq!(alice.messages().iter().filter(|m| m.text.contains("I have read")).count(), 1);
    assert_eq!(workshop(&world), Vec::<PathBuf>::new());
    world.check(&mut bot).await;
}
