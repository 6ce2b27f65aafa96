//! Pictures that people ask for: drawn, changed and varied on one message each, which shows them on their way; and
//! taken back.

use crate::bot::World;
use crate::pictures::{last_said, plain, seeing, world};
use sim::openai::{self, Answer, trouble};
use sim::telegram::{self, Media, Message, Say, Talk};
use sim::{Fault, Kind};
use std::time::Duration;

fn drawn(talk: &Talk) -> Vec<Message> {
    talk.messages().into_iter().filter(|message| message.by_bot && message.photo().is_some()).collect()
}

/// Waits for the finished picture, which is the one with a button.
async fn picture(talk: &Talk, asked: i64) -> Message {
    let done = |message: &Message| message.by_bot && message.id > asked && !message.buttons().is_empty();
    talk.await_message(done).await
}

fn asked_of_the_painter(world: &World) -> Vec<openai::Received> {
    world.openai.requests().into_iter().filter(|request| request.path.starts_with("/images")).collect()
}

fn brush(delay: u64) -> openai::Config {
    let brush = openai::Brush { delay: Duration::from_millis(delay), ..openai::Brush::default() };
    openai::Config { brush, ..seeing() }
}

#[tokio::test]
async fn a_picture_is_drawn_as_it_is_wished_and_talked_about_afterwards() {
    let world = world(seeing()).await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let asked = alice.say("/image a red fox --size landscape --quality high --transparent");
    let shown = picture(&alice, asked).await;
    assert_eq!(shown.text, "a red fox");
    let body = asked_of_the_painter(&world)[0].body.clone();
    assert_eq!((&body["prompt"], &body["size"]), (&"a red fox".into(), &"1536x1024".into()), "{body}");
    assert_eq!((&body["quality"], &body["background"]), (&"high".into(), &"transparent".into()), "{body}");
    let used = alice.say("/usage");
    assert!(alice.await_reply(used).await.text.contains("Tokens: 3 in, 1056 out"), "{}", alice.transcript());
    let more = alice.say("What did you draw?");
    assert!(alice.await_reply(more).await.text.starts_with("I see: 96x64"), "{}", alice.transcript());
    let asked = alice.say("/image two foxes --n 2");
    picture(&alice, asked).await;
    world.telegram.await_quiet(Duration::from_millis(300)).await;
    assert_eq!(drawn(&alice).len(), 3, "{}", alice.transcript());
    world.check(&mut bot).await;
}

#[tokio::test]
async fn an_unfinished_picture_is_seen_and_the_finished_one_takes_its_place_even_after_a_crash() {
    let world = world(brush(1500)).await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let asked = alice.say("/image a fox");
    let partial = alice.await_message(|message| message.by_bot && message.text == "Drawing …").await;
    let unfinished = partial.photo().unwrap().bytes.clone();
    let shown = picture(&alice, asked).await;
    assert_eq!((shown.id, shown.text.as_str()), (partial.id, "a fox"));
    assert_ne!(shown.photo().unwrap().bytes, unfinished);
    let asked = alice.say("/image a hare");
    alice.await_message(|message| message.by_bot && message.id > asked && message.text == "Drawing …").await;
    bot.kill();
    world.openai.change(|config| config.brush.delay = Duration::ZERO);
    let mut bot = world.start();
    picture(&alice, asked).await;
    world.telegram.await_quiet(Duration::from_millis(300)).await;
    let texts: Vec<String> = drawn(&alice).into_iter().map(|message| message.text).collect();
    assert_eq!(texts, ["a fox", "a hare"], "{}", alice.transcript());
    world.check(&mut bot).await;
}

#[tokio::test]
async fn a_drawing_is_ended_and_its_unfinished_picture_goes() {
    let world = world(brush(2000)).await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    alice.say("/image a fox");
    let partial = alice.await_message(|message| message.by_bot && message.text == "Drawing …").await;
    alice.say("/stop");
    let ended = alice.await_message(|message| message.by_bot && message.id > partial.id).await;
    assert!(ended.text.contains("Stopped."), "{}", alice.transcript());
    alice.await_messages(|all| all.iter().all(|message| message.id != partial.id)).await;
    world.check(&mut bot).await;
}

#[tokio::test]
async fn a_drawing_that_takes_too_long_is_asked_for_once_and_told() {
    let mut world = world(brush(3_600_000)).await;
    world.set("APPRENTICE__TURN__MAX_SECONDS", "6");
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let asked = alice.say("/image a cat — a pirate");
    let told = alice.await_reply(asked).await;
    assert!(told.text.contains("Drawing took too long."), "{}", alice.transcript());
    world.telegram.await_quiet(Duration::from_millis(300)).await;
    assert_eq!(asked_of_the_painter(&world).len(), 1);
    world.check(&mut bot).await;
}

#[tokio::test]
async fn a_flood_costs_no_picture_and_shows_none_twice() {
    let world = world(brush(200)).await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    for method in ["sendPhoto", "editMessageMedia"] {
        world.telegram.faults().push(Fault::on(method, Kind::TooMany { retry_after: 1 }).times(2));
    }
    let asked = alice.say("/image a fox");
    picture(&alice, asked).await;
    world.telegram.await_quiet(Duration::from_millis(300)).await;
    let texts: Vec<String> = drawn(&alice).into_iter().map(|message| message.text).collect();
    assert_eq!(texts, ["a fox"], "{}", alice.transcript());
    world.check(&mut bot).await;
}

#[tokio::test]
async fn pictures_are_changed_in_reply_and_under_a_caption_and_varied_by_button_and_in_reply() {
    let world = world(seeing()).await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let photo = Media::photo(plain("64x48", "red", "jpg"));
    let asked = alice.say_with(Say::text("/image make it blue").with(photo));
    let changed = picture(&alice, asked).await;
    let asked = alice.reply(changed.id, "/image and now a hat");
    let hat = picture(&alice, asked).await;
    alice.press_on(hat.id, "🔁 Another like it");
    let another = picture(&alice, hat.id).await;
    assert_eq!(another.text, "and now a hat");
    let asked = alice.reply(another.id, "/vary");
    picture(&alice, asked).await;
    let asked = alice.say("/vary");
    assert!(alice.await_reply(asked).await.text.contains("Reply to a picture with /vary"), "{}", alice.transcript());
    let paths: Vec<String> = asked_of_the_painter(&world).into_iter().map(|request| request.path).collect();
    assert_eq!(paths.iter().filter(|path| *path == "/images/edits").count(), 4, "{paths:?}");
    assert_eq!(drawn(&alice).len(), 4, "{}", alice.transcript());
    world.check(&mut bot).await;
}

#[tokio::test]
async fn who_asks_in_words_for_a_picture_gets_a_button_for_it() {
    let world = world(openai::Config::answering(Answer::Text("I can describe one.".to_owned()))).await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").speaking("ru").private();
    let long = "нарисуй очень большого рыжего кота, который сидит на крыше и смотрит на луну над старым городом";
    for words in ["Нарисуй кота", long] {
        let asked = alice.say(words);
        let answer = alice.await_reply(asked).await;
        alice.press_on(answer.id, "🎨 Нарисовать");
        let shown = picture(&alice, answer.id).await;
        assert!(words.ends_with(&shown.text), "{}", shown.text);
    }
    let asked = alice.say("Как рисовать котов?");
    let answer = alice.await_reply(asked).await;
    assert!(!answer.buttons().iter().flatten().any(|button| button.label.contains('🎨')));
    world.check(&mut bot).await;
}

#[tokio::test]
async fn why_there_is_no_picture_is_said_with_what_to_do() {
    let world = world(seeing()).await;
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let usual = [
        ("/image", "Write /image and what to draw"),
        ("/image a fox --style oil", "I do not know the option “--style”"),
        ("/image foxes --n 50", "At most 4 pictures at once."),
        ("/image gore everywhere", "The image service refused: what you asked for"),
    ];
    for (asked, wanted) in usual {
        let asked = alice.say(asked);
        let reply = alice.await_message(|message| message.by_bot && message.id > asked).await;
        assert!(reply.text.contains(wanted), "{}", reply.text);
    }
    let broken = [
        (trouble::insufficient_quota(), "The image service refused the request."),
        (Kind::Status(500), "The image service is not working right now."),
    ];
    for (kind, wanted) in broken {
        world.openai.faults().push(Fault::on("/images/generations", kind).times(9));
        let asked = alice.say("/image a fox");
        let reply = alice.await_message(|message| message.by_bot && message.id > asked).await;
        world.openai.faults().clear();
        assert!(reply.text.contains(wanted) && reply.text.contains("E-"), "{}", reply.text);
    }
    world.check(&mut bot).await;
}

#[tokio::test]
async fn where_nobody_draws_it_says_how_to_change_that_and_offers_nothing() {
    let mut world = world(seeing()).await;
    world.set("APPRENTICE__DRAWING__CHAIN", "[]");
    let mut bot = world.start();
    let alice = world.telegram.person("alice").private();
    let asked = alice.say("/image a fox");
    assert!(alice.await_reply(asked).await.text.contains("I cannot draw here yet"), "{}", alice.transcript());
    let asked = alice.say("draw a fox");
    let answer = alice.await_reply(asked).await;
    assert!(!answer.buttons().iter().flatten().any(|button| button.label.contains('🎨')));
    assert!(!last_said(&world).is_empty());
    world.check(&mut bot).await;
}

#[tokio::test]
async fn an_answer_and_a_picture_are_taken_back_by_who_asked_for_them() {
    let telegram = telegram::Config { limits: None, ..telegram::Config::default() };
    let mut world = World::with(telegram, seeing(), Some("alice")).await;
    world.set("APPRENTICE_ACCESS", "open");
    let mut bot = world.start();
    let (alice, bobby, carol) =
        (world.telegram.person("alice"), world.telegram.person("bobby"), world.telegram.person("carol"));
    let private = bobby.private();
    let asked = private.say("hello");
    let answer = private.await_reply(asked).await;
    private.reply(answer.id, "/delete");
    private.await_messages(|all| all.iter().all(|message| message.id != answer.id)).await;
    let unsaid = private.say("/delete");
    assert!(private.await_reply(unsaid).await.text.contains("Reply to a message of mine"), "{}", private.transcript());
    let foreign = private.reply(asked, "/delete");
    assert!(private.await_reply(foreign).await.text.contains("only take back messages of my own"));
    let team = world.telegram.group("team", &[&alice, &bobby, &carol]);
    let (alice, bobby, carol) = (alice.at(&team), bobby.at(&team), carol.at(&team));
    let asked = bobby.say_with(crate::groups::mention("@apprentice_sim_bot hello"));
    let answer = team.await_reply(asked).await;
    let drawing = bobby.say("/image@apprentice_sim_bot a fox");
    let fox = picture(&bobby, drawing).await;
    let said = bobby.say("/help@apprentice_sim_bot");
    let notice = team.await_reply(said).await;
    for theirs in [answer.id, fox.id, notice.id] {
        let refused = carol.reply(theirs, "/delete@apprentice_sim_bot");
        let reply = team.await_reply(refused).await;
        assert!(reply.text.contains("Only the person who asked for an answer"), "{}", team.transcript());
    }
    let late = r#"{"ok":false,"error_code":400,"description":"Bad Request: message can't be deleted for everyone"}"#;
    let late = Kind::Answer { status: 400, headers: Vec::new(), body: late.to_owned() };
    world.telegram.faults().push(Fault::on("deleteMessage", late));
    let kept = bobby.reply(answer.id, "/delete@apprentice_sim_bot");
    let reply = team.await_reply(kept).await;
    assert!(reply.text.contains("cannot be taken back any more"), "{}", team.transcript());
    bobby.reply(answer.id, "/delete@apprentice_sim_bot");
    alice.reply(fox.id, "/delete@apprentice_sim_bot");
    team.await_messages(|all| all.iter().all(|message| message.id != answer.id && message.id != fox.id)).await;
    world.check(&mut bot).await;
}
