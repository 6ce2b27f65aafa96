//! Pictures that people show: seen with their question and by the ones that follow, as one turn where they are an
//! album, free of what their camera wrote, and each bad one with a sentence of its own.

use crate::bot::World;
use crate::groups::mention;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sim::openai::{self, Answer, Model};
use sim::telegram::{self, Arrival, Media, Message, Say, Talk};
use sim::{Fault, Kind};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Runs a program in a folder; one that is not there is a failure that says so.
fn run(folder: &Path, program: &str, arguments: &[&str]) {
    let ended = Command::new(program).args(arguments).current_dir(folder).output();
    let ended = ended.unwrap_or_else(|error| panic!("{program} is needed by this test: {error}"));
    assert!(ended.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&ended.stderr));
}

/// A picture of one colour, in the format that its ending names.
pub fn plain(size: &str, colour: &str, ending: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let ground = format!("xc:{colour}");
    let name = format!("p.{ending}");
    match ending {
        "heic" | "avif" => {
            run(folder.path(), "convert", &["-size", size, &ground, "p.jpg"]);
            let mut arguments = vec!["-q", "90", "p.jpg", "-o", &name];
            if ending == "avif" {
                arguments.insert(0, "-A");
            }
            run(folder.path(), "heif-enc", &arguments);
        }
        _ => run(folder.path(), "convert", &["-size", size, &ground, &name]),
    }
    std::fs::read(folder.path().join(name)).unwrap()
}

/// A model that says what it is shown.
pub fn seeing() -> openai::Config {
    openai::Config::answering(Answer::Text("I see: {pictures}".to_owned()))
}

/// A world without limits on sending, whose model says what it is shown.
pub async fn world(openai: openai::Config) -> World {
    let telegram = telegram::Config { limits: None, ..telegram::Config::default() };
    let mut world = World::with(telegram, openai, Some("alice")).await;
    world.set("APPRENTICE__TELEGRAM__LIMITS__CHAT_PER_S", "0");
    world.set("APPRENTICE__TELEGRAM__LIMITS__GROUP_PER_MIN", "0");
    world
}

/// What the model was asked last, in words.
pub fn last_said(world: &World) -> String {
    openai::last_said(&world.openai.requests().last().unwrap().body)
}

fn by_bot(talk: &Talk) -> Vec<Message> {
    talk.messages().into_iter().filter(|message| message.by_bot).collect()
}

#[tokio::test]
async fn a_photo_is_seen_with_its_caption_without_one_and_by_the_questions_that_follow() {
    let world = world(seeing()).await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let shown = alice.photo(plain("640x480", "red", "jpg"), "What colour is it?");
    assert_eq!(alice.await_reply(shown).await.text, "I see: 640x480 red");
    assert!(last_said(&world).contains("What colour is it?"), "{}", last_said(&world));
    let more = alice.say("Are you sure?");
    assert_eq!(alice.await_reply(more).await.text, "I see: 640x480 red");
    let shown = alice.photo(plain("80x60", "lime", "jpg"), "");
    assert_eq!(alice.await_reply(shown).await.text, "I see: 640x480 red, 80x60 green");
    assert!(last_said(&world).ends_with("What is in this picture?"), "{}", last_said(&world));
    let older = alice.messages().into_iter().find(|message| message.photo().is_some()).unwrap().id;
    let asked = alice.reply(older, "And what was this?");
    assert_eq!(alice.await_reply(asked).await.text, "I see: 80x60 green, 640x480 red", "{}", alice.transcript());
    let fresh = alice.say("/new");
    alice.await_reply(fresh).await;
    let asked = alice.reply(older, "And now?");
    assert_eq!(alice.await_reply(asked).await.text, "I see: 640x480 red");
    world.check(&mut bot).await;
}

#[tokio::test]
async fn pictures_sent_as_files_are_seen_whatever_their_format() {
    let mut world = world(seeing()).await;
    world.set("APPRENTICE__READING__HEIF_PROGRAM", "heif-convert");
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let kinds = [
        ("png", "image/png"),
        ("jpg", "image/jpeg"),
        ("webp", "image/webp"),
        ("gif", "image/gif"),
        ("bmp", "image/bmp"),
        ("tiff", "image/tiff"),
        ("heic", "image/heic"),
        ("avif", "image/avif"),
        // Telegram's apps do not always say what a file is.
        ("png", "application/octet-stream"),
    ];
    for (at, (ending, mime)) in kinds.into_iter().enumerate() {
        let size = format!("{}x48", 64 + 2 * at);
        let sent = alice.send_document(&format!("a.{ending}"), mime, plain(&size, "blue", ending), "what is it?");
        let reply = alice.await_reply(sent).await;
        assert!(reply.text.ends_with(&format!("{size} blue")), "{ending}: {}", reply.text);
    }
    world.check(&mut bot).await;
}

#[tokio::test]
async fn stickers_and_animations_are_seen_by_what_there_is_to_see() {
    let world = world(seeing()).await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let sent = alice.sticker("😀", plain("512x512", "red", "webp"));
    assert_eq!(alice.await_reply(sent).await.text, "I see: 512x512 red");
    assert!(last_said(&world).contains("😀"), "{}", last_said(&world));
    let still = plain("120x90", "lime", "jpg");
    for media in [
        Media::animated_sticker("🐸", b"\x1f\x8b not a film").with_still(&still),
        Media::video_sticker("🐸", b"not a film").with_still(&still),
        Media::animation("a.mp4", b"not a film", 2).with_still(&still),
    ] {
        let sent = alice.send(media);
        let reply = alice.await_reply(sent).await;
        assert!(reply.text.ends_with("120x90 green"), "{}", reply.text);
    }
    let sent = alice.send(Media::animated_sticker("🦊", b"\x1f\x8b not a film").with_still(b"nothing"));
    alice.await_reply(sent).await;
    assert!(last_said(&world).contains("🦊"), "{}", last_said(&world));
    world.check(&mut bot).await;
}

fn of_colours(colours: &[&str]) -> Vec<Media> {
    colours.iter().map(|colour| Media::photo(plain("64x48", colour, "jpg"))).collect()
}

#[tokio::test]
async fn an_album_is_one_turn_with_one_answer_however_its_parts_arrive() {
    let world = world(seeing()).await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let all = of_colours(&["red", "lime", "blue"]);
    alice.album(&all, "Which colours?");
    let first = alice.await_message(|message| message.by_bot).await;
    assert_eq!(first.text, "I see: 64x48 red, 64x48 green, 64x48 blue");
    let fresh = alice.say("/new");
    alice.await_reply(fresh).await;
    alice.album_arriving(&all, "", Arrival::Reversed);
    let second = alice.await_message(|message| message.by_bot && message.id > fresh + 1).await;
    assert_eq!(second.text, "I see: 64x48 red, 64x48 green, 64x48 blue");
    assert!(last_said(&world).contains("What is in these pictures?"), "{}", last_said(&world));
    let fresh = alice.say("/new");
    alice.await_reply(fresh).await;
    alice.album_arriving(&of_colours(&["red", "lime", "blue", "black", "yellow"]), "", Arrival::HeldAfter(2));
    let third = alice.await_message(|message| message.by_bot && message.id > fresh + 1).await;
    assert_eq!(third.text, "I see: 64x48 red, 64x48 green");
    world.telegram.release_updates();
    let wanted = "I see: 64x48 red, 64x48 green, 64x48 blue, 64x48 black, 64x48 yellow";
    alice.await_message(|message| message.id == third.id && message.text == wanted).await;
    let ten = of_colours(&["red", "lime", "blue", "black", "yellow", "red", "lime", "blue", "black", "yellow"]);
    let fresh = alice.say("/new");
    alice.await_reply(fresh).await;
    alice.album(&ten, "all of them");
    let fourth = alice.await_message(|message| message.by_bot && message.id > fresh + 1).await;
    assert_eq!(fourth.text.matches("64x48").count(), 10, "{}", fourth.text);
    world.telegram.await_quiet(Duration::from_millis(300)).await;
    assert_eq!(by_bot(&alice).len(), 4 + 3, "{}", alice.transcript());
    world.check(&mut bot).await;
}

#[tokio::test]
async fn an_album_survives_a_crash_between_its_parts_and_a_picture_one_while_it_is_looked_at() {
    let world = world(seeing()).await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    alice.album_arriving(&of_colours(&["red", "lime", "blue"]), "Which?", Arrival::HeldAfter(2));
    world.telegram.await_quiet(Duration::from_millis(100)).await;
    bot.kill();
    let mut bot = world.start();
    world.telegram.release_updates();
    let wanted = "I see: 64x48 red, 64x48 green, 64x48 blue";
    let answer = alice.await_message(|message| message.by_bot && message.text == wanted).await;
    world.openai.change(|config| config.tokens_per_second = Some(2.0));
    let shown = alice.photo(plain("80x60", "lime", "jpg"), "And this?");
    world.openai.await_streaming(1).await;
    bot.kill();
    world.openai.change(|config| config.tokens_per_second = None);
    let mut bot = world.start();
    alice.await_message(|message| message.by_bot && message.id > shown && message.text.ends_with("80x60 green")).await;
    world.telegram.await_quiet(Duration::from_millis(300)).await;
    let said = by_bot(&alice);
    assert_eq!((said.len(), said[0].id), (2, answer.id), "{}", alice.transcript());
    world.check(&mut bot).await;
}

#[tokio::test]
async fn what_a_camera_wrote_never_reaches_the_model_and_large_pictures_get_smaller() {
    let mut world = world(seeing()).await;
    world.set("APPRENTICE__READING__PICTURE_SIDE", "512");
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let secret = b"59.9343N-30.3351E-the-cottage";
    let jpeg = plain("3000x2000", "red", "jpg");
    let held = [b"Exif\0\0MM\0\x2a\0\0\0\x08\0\0\0\0\0\0".as_slice(), secret].concat();
    let length = u16::try_from(held.len() + 2).unwrap().to_be_bytes();
    let marked = [&jpeg[..2], b"\xff\xe1", &length, &held, &jpeg[2..]].concat();
    let small = plain("64x48", "blue", "jpg");
    let kept = [&small[..2], b"\xff\xe1", &length, &held, &small[2..]].concat();
    let shown = alice.photo(marked, "Where is it?");
    assert_eq!(alice.await_reply(shown).await.text, "I see: 512x341 red");
    let shown = alice.send_document("IMG_1.jpg", "image/jpeg", kept, "And this?");
    assert_eq!(alice.await_reply(shown).await.text, "I see: 512x341 red, 64x48 blue");
    let body = world.openai.requests().last().unwrap().body.clone();
    let pictures: Vec<Vec<u8>> = body["messages"].as_array().unwrap().iter().flat_map(pictures).collect();
    assert_eq!(pictures.len(), 2);
    for picture in pictures {
        assert!(!picture.windows(secret.len()).any(|window| window == secret), "it was told where they live");
        assert!(!picture.windows(4).any(|window| window == b"Exif"));
    }
    world.check(&mut bot).await;
}

/// The files that a message of a request shows.
fn pictures(message: &serde_json::Value) -> Vec<Vec<u8>> {
    let parts = message["content"].as_array().cloned().unwrap_or_default();
    let url = |part: &serde_json::Value| part["image_url"]["url"].as_str().map(str::to_owned);
    let bytes = |url: String| BASE64_STANDARD.decode(url.split_once("base64,").unwrap().1).unwrap();
    parts.iter().filter_map(url).map(bytes).collect()
}

#[tokio::test]
async fn bad_pictures_get_a_sentence_each_and_the_bot_lives() {
    let world = world(seeing()).await;
    let mut bot = world.start();
    let person = world.telegram.person("alice").speaking("ru");
    let alice = person.private();
    let jpeg = plain("640x480", "red", "jpg");
    let mut bomb = plain("64x48", "red", "gif");
    bomb[6..10].fill(0xff);
    let cases: [(&str, &str, Vec<u8>, &str); 6] = [
        ("обрывок.jpg", "image/jpeg", jpeg[..100].to_vec(), "«обрывок.jpg» не открыть"),
        ("bomb.gif", "image/gif", bomb, "В «bomb.gif» слишком много пикселей"),
        ("words.png", "image/png", b"these are words".to_vec(), "«words.png» не открыть"),
        ("empty.webp", "image/webp", Vec::new(), "«empty.webp» не открыть"),
        ("torn.heic", "image/heic", plain("64x48", "red", "heic")[..300].to_vec(), "«torn.heic»"),
        // Nobody has said that a program may read it.
        ("фото.avif", "image/avif", plain("64x48", "red", "avif"), "«фото.avif» на этой машине не открыть"),
    ];
    for (name, mime, bytes, wanted) in cases {
        let sent = alice.say_with(Say::text("что это?").with(Media::document(name, mime, bytes)));
        let reply = alice.await_reply(sent).await;
        assert!(reply.text.starts_with(wanted), "{name}: {}", reply.text);
    }
    let broken = alice.photo(b"no picture at all", "");
    let reply = alice.await_reply(broken).await;
    assert!(reply.text.starts_with("«фото.jpg» не открыть"), "{}", reply.text);
    let huge = alice.say_with(Say::text("?").with(Media::document("x.png", "image/png", b"x").claiming(30 << 20)));
    let reply = alice.await_reply(huge).await;
    assert!(reply.text.contains("мне доступны картинки до 20 МБ"), "{}", reply.text);
    // A wrong name is no harm: its bytes tell what it is.
    let named = alice.send_document("a.png", "image/png", jpeg, "что это?");
    assert_eq!(alice.await_reply(named).await.text, "I see: 640x480 red");
    world.check(&mut bot).await;
}

#[tokio::test]
async fn in_a_group_only_what_is_meant_for_it_is_looked_at() {
    let mut world = world(seeing()).await;
    world.set("APPRENTICE_ACCESS", "open");
    let mut bot = world.start();
    let (alice, bobby) = (world.telegram.person("alice"), world.telegram.person("bobby"));
    let team = world.telegram.group("team", &[&alice, &bobby]);
    let (alice, bobby) = (alice.at(&team), bobby.at(&team));
    let ignored = bobby.photo(plain("64x48", "red", "jpg"), "look at that");
    bobby.album(&of_colours(&["red", "blue"]), "and these");
    bobby.send(Media::sticker("😀", plain("512x512", "red", "webp")));
    let asked = alice.say_with(mention("@apprentice_sim_bot what is this?").reply_to(ignored));
    let reply = team.await_reply(asked).await;
    assert_eq!((reply.text.as_str(), reply.reply_to), ("I see: 64x48 red", Some(asked)));
    let photo = Media::photo(plain("80x60", "lime", "jpg"));
    let asked = alice.say_with(mention("@apprentice_sim_bot and this?").with(photo));
    let reply = team.await_reply(asked).await;
    assert_eq!((reply.text.as_str(), reply.reply_to), ("I see: 64x48 red, 80x60 green", Some(asked)));
    let asked = world.openai.requests().into_iter().filter(|request| request.path == "/chat/completions");
    assert_eq!(asked.count(), 2);
    world.check(&mut bot).await;
}

#[tokio::test]
async fn where_the_model_cannot_see_another_is_one_tap_away_and_answers_at_once() {
    let models =
        vec![Model::new("sim-small").blind("This model does not support image input"), Model::new("sim-large")];
    let world = world(openai::Config { models, ..seeing() }).await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let shown = alice.photo(plain("64x48", "red", "jpg"), "What colour is it?");
    let sorry = alice.await_reply(shown).await;
    assert!(sorry.text.starts_with("This model cannot see pictures. Tap another one"), "{}", sorry.text);
    let labels: Vec<String> = sorry.buttons().into_iter().flatten().map(|button| button.label).collect();
    assert_eq!(labels, ["openai/sim-large"]);
    // Who asks about something else is answered by the model in use.
    let other = alice.say("How are you?");
    assert_eq!(alice.await_reply(other).await.text, "I see:");
    let shown = alice.photo(plain("80x60", "lime", "jpg"), "And this?");
    let sorry = alice.await_reply(shown).await;
    alice.press_on(sorry.id, "openai/sim-large");
    let answer = alice.await_message(|message| message.by_bot && message.id > sorry.id).await;
    assert_eq!(answer.text, "I see: 64x48 red, 80x60 green");
    assert!(last_said(&world).ends_with("And this?"), "{}", last_said(&world));
    let more = alice.say("Really?");
    assert_eq!(alice.await_reply(more).await.text, "I see: 64x48 red, 80x60 green");
    world.check(&mut bot).await;
}

#[tokio::test]
async fn without_a_language_model_it_says_that_it_sees_nothing() {
    let mut world = world(seeing()).await;
    world.set("APPRENTICE__MODEL__CHAIN", "embedded");
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let shown = alice.photo(plain("64x48", "red", "jpg"), "What colour is it?");
    let reply = alice.await_reply(shown).await;
    assert!(reply.text.starts_with("I answer from what I was taught, and I cannot see pictures."), "{}", reply.text);
    world.check(&mut bot).await;
}

#[tokio::test]
async fn repeated_updates_and_a_flood_make_one_answer_to_one_picture() {
    let world = world(seeing()).await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    world.telegram.faults().push(Fault::on("getUpdates", Kind::DuplicateUpdates).times(2));
    world.telegram.faults().push(Fault::on("getUpdates", Kind::ReverseUpdates).times(2));
    for method in ["sendMessage", "sendMessageDraft", "getFile", "file"] {
        world.telegram.faults().push(Fault::on(method, Kind::TooMany { retry_after: 1 }));
    }
    world.telegram.faults().push(Fault::on("file", Kind::Reset));
    alice.album(&of_colours(&["red", "lime"]), "Which?");
    let wanted = "I see: 64x48 red, 64x48 green";
    alice.await_message(|message| message.by_bot && message.text == wanted).await;
    world.telegram.await_quiet(Duration::from_millis(300)).await;
    assert_eq!(by_bot(&alice).len(), 1, "{}", alice.transcript());
    world.telegram.faults().clear();
    world.check(&mut bot).await;
}

#[tokio::test]
async fn who_is_forgotten_leaves_no_pictures() {
    let world = world(seeing()).await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let shown = alice.photo(plain("64x48", "red", "jpg"), "What is it?");
    alice.await_reply(shown).await;
    let drawing = alice.say("/image a fox");
    alice.await_message(|m| m.by_bot && m.id > drawing && !m.buttons().is_empty()).await;
    let blobs = world.path().join("data/blobs");
    assert!(files(&blobs) > 2, "what was shown and drawn is kept");
    let forget = alice.say("/forget me yes");
    alice.await_reply(forget).await;
    assert_eq!(files(&blobs), 0);
    let asked = alice.say("What was it?");
    assert_eq!(alice.await_reply(asked).await.text, "I see:");
    world.check(&mut bot).await;
}

/// How many files lie in a directory and below it.
fn files(directory: &Path) -> usize {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    entries.map(|entry| if entry.path().is_dir() { files(&entry.path()) } else { 1 }).sum()
}
