//! Voice messages, quotations and several pictures reach their chat once, and in another way where they may not.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

extern crate apprentice_channels as channels;

#[allow(dead_code, reason = "other tests use the rest")]
mod world;

use channels::telegram::{Activity, Failure, Instead};
use domain::ids::MessageId;
use domain::outgoing::{File, Outgoing, Voice};
use domain::work::Sent;
use sim::{Fault, Kind};
use world::{World, png};

/// The beginning of an OGG stream that holds Opus, and a mark to tell it by.
fn ogg(mark: &str) -> Vec<u8> {
    [b"OggS\0\x02".as_slice(), &[0; 20], b"\x01\x13OpusHead\x01\x01", &[0; 10], mark.as_bytes()].concat()
}

fn spoken(markdown: &str) -> Outgoing {
    let voice = Voice { file: File::stored("answer.ogg", "audio/ogg", "v"), ms: 4200 };
    Outgoing { markdown: markdown.to_owned(), voice: Some(voice), ..Outgoing::default() }
}

async fn world() -> World {
    let world = World::new().await;
    world.write("v", ogg("v"));
    world
}

#[tokio::test]
async fn an_answer_is_heard_with_its_words_below_and_what_was_heard_above_them() {
    let mut world = world().await;
    world.deliver(Outgoing { quote: "six times seven?".to_owned(), ..spoken("It is **42**.") }).await.unwrap();
    let shown = world.the_only();
    assert_eq!(shown.voice().map(|voice| (voice.bytes.to_vec(), voice.seconds)), Some((ogg("v"), 5)));
    let words = "<expandable_blockquote>six times seven?</expandable_blockquote>\nIt is <bold>42</bold>.";
    assert_eq!(shown.marked(), words);
    world.keeps_the_rules();
}

#[tokio::test]
async fn words_too_many_for_a_caption_follow_what_is_spoken() {
    let mut world = world().await;
    let ids = world.deliver(spoken(&"word ".repeat(300))).await.unwrap();
    let shown = world.shown();
    assert_eq!((shown.len(), ids.len(), shown[0].text.as_str()), (2, 2, ""));
    assert!(shown[0].voice().is_some() && shown[1].text.starts_with("word word"));
    world.keeps_the_rules();
}

#[tokio::test]
async fn who_forbids_voice_messages_gets_a_recording_and_it_is_told_once() {
    let mut world = world().await;
    world.server.person("alice").forbid_voice(true);
    world.deliver(spoken("It is 42.")).await.unwrap();
    let shown = world.the_only();
    let audio = shown.audio().unwrap();
    assert_eq!((audio.bytes.to_vec(), audio.seconds, shown.text.as_str()), (ogg("v"), 5, "It is 42."));
    assert_eq!(world.kept.instead, [Instead::AudioForVoice]);
    world.keeps_the_rules();
}

#[tokio::test]
async fn a_voice_message_whose_sending_broke_arrives_once() {
    for kind in [Kind::ResetUpload, Kind::Reset, Kind::ResetAfter, Kind::HalfBody] {
        for (words, method) in [("It is 42.", "sendVoice"), ("", "sendVoice"), ("It is 42.", "sendAudio")] {
            let mut world = world().await;
            world.server.person("alice").forbid_voice(method == "sendAudio");
            world.server.faults().push(Fault::on(method, kind.clone()));
            world.deliver(spoken(words)).await.unwrap();
            let shown = world.the_only();
            let held = shown.voice().or(shown.audio()).map(|held| held.seconds);
            assert!(held == Some(5) && shown.text == words, "{kind:?}: {}", world.alice.transcript());
            world.keeps_the_rules();
        }
    }
}

#[tokio::test]
async fn after_a_crash_a_voice_message_or_its_recording_is_found() {
    for forbidden in [false, true] {
        let mut world = world().await;
        world.server.person("alice").forbid_voice(forbidden);
        world.deliver(spoken("It is 42.")).await.unwrap();
        let sent = world.kept.saved.clone().unwrap();
        assert!(sent.trying_above.is_some());
        world.restart();
        world.resume(spoken("It is 42."), sent, true).await.unwrap();
        assert_eq!(world.shown().len(), 1, "{}", world.alice.transcript());
        world.keeps_the_rules();
    }
}

#[tokio::test]
async fn after_a_crash_no_picture_is_taken_for_a_voice_message() {
    let mut world = world().await;
    world.write("p", png(80, 45, "p"));
    let above = world.alice.say("more");
    let picture = Some(File::stored("p.png", "image/png", "p"));
    world.deliver(Outgoing { picture, markdown: "see".to_owned(), ..Outgoing::default() }).await.unwrap();
    world.restart();
    let sent = Sent { messages: Vec::new(), trying_above: Some(above) };
    world.resume(spoken("It is 42."), sent, true).await.unwrap();
    let shown = world.shown();
    assert_eq!((shown.len(), shown[0].photo().is_some(), shown[1].voice().is_some()), (2, true, true));
}

#[tokio::test]
async fn a_delivery_that_goes_on_after_its_voice_message_does_not_speak_twice() {
    let mut world = world().await;
    let long = spoken(&"word ".repeat(300));
    world.server.faults().push(Fault::on("sendMessage", Kind::TooMany { retry_after: 1 }));
    assert_eq!(world.deliver(long.clone()).await, Err(Failure::RetryAfter(1000)));
    let sent = world.kept.saved.clone().unwrap();
    assert_eq!(sent.messages.len(), 1);
    let ids = world.resume(long, sent.clone(), true).await.unwrap();
    assert_eq!((ids.len(), &ids[0], world.shown().len()), (2, &sent.messages[0], 2));
    assert_eq!(world.server.count("sendVoice"), 1);
    world.keeps_the_rules();
}

#[tokio::test]
async fn another_answer_is_spoken_anew_and_the_earlier_one_goes() {
    let mut world = world().await;
    let first = world.deliver(spoken("It is 41.")).await.unwrap();
    world.write("v", ogg("other"));
    let second = world.deliver(Outgoing { shown: first.clone(), ..spoken("It is 42.") }).await.unwrap();
    let shown = world.the_only();
    assert_eq!((shown.voice().unwrap().bytes.to_vec(), shown.text.as_str()), (ogg("other"), "It is 42."));
    assert_ne!(first, second);
    let words = Outgoing { markdown: "It is 43.".to_owned(), shown: second, ..Outgoing::default() };
    world.deliver(words).await.unwrap();
    assert_eq!((world.the_only().text.as_str(), world.the_only().voice()), ("It is 43.", None));
    world.keeps_the_rules();
}

#[tokio::test]
async fn several_pictures_come_each_in_its_own_message_with_the_words_under_the_last() {
    let mut world = world().await;
    let names = ["a", "b", "c"];
    names.iter().for_each(|name| world.write(name, png(80, 45, name)));
    let [first, second, third] = names.map(|name| File::stored(name, "image/png", name));
    let outgoing = Outgoing {
        markdown: "three".to_owned(),
        picture: Some(first),
        further: vec![second, third],
        ..Outgoing::default()
    };
    world.server.faults().push(Fault::on("sendPhoto", Kind::ResetAfter).after(1));
    world.deliver(outgoing).await.unwrap();
    let shown = world.shown();
    let held: Vec<_> = shown.iter().map(|message| message.photo().unwrap().bytes.to_vec()).collect();
    assert_eq!(held, names.map(|name| png(80, 45, name)));
    assert_eq!(shown.iter().map(|message| message.text.as_str()).collect::<Vec<_>>(), ["", "", "three"]);
    world.keeps_the_rules();
}

#[tokio::test]
async fn what_telegram_does_not_show_as_a_picture_comes_as_a_file() {
    let large = [png(100, 100, "large"), vec![0; 10 << 20]].concat();
    for bytes in [png(9000, 1001, "wide"), png(2100, 100, "long"), large] {
        let mut world = world().await;
        world.write("p", &bytes);
        let picture = Some(File::stored("p.png", "image/png", "p"));
        let outgoing = Outgoing { markdown: "see".to_owned(), picture, ..Outgoing::default() };
        let ids = world.deliver(outgoing.clone()).await.unwrap();
        let shown = world.the_only();
        assert_eq!((shown.document().unwrap().bytes.len(), shown.text.as_str()), (bytes.len(), "see"));
        assert_eq!(world.kept.instead, [Instead::DocumentForPhoto]);
        // Found after a crash, and shown again in place.
        let sent = world.kept.saved.clone().unwrap();
        world.restart();
        assert_eq!(world.resume(outgoing.clone(), sent, true).await.unwrap(), ids);
        assert_eq!(world.deliver(Outgoing { shown: ids.clone(), ..outgoing }).await.unwrap(), ids);
        world.keeps_the_rules();
    }
}

#[tokio::test]
async fn people_see_what_the_bot_is_doing() {
    let world = world().await;
    let all = [
        Activity::Typing,
        Activity::RecordingVoice,
        Activity::SendingVoice,
        Activity::SendingPhoto,
        Activity::SendingDocument,
    ];
    for activity in all {
        world.telegram.show_activity(&world.place, activity).await;
    }
    assert_eq!(world.alice.actions(), ["typing", "record_voice", "upload_voice", "upload_photo", "upload_document"]);
    world.keeps_the_rules();
}

#[tokio::test]
async fn a_message_is_deleted_and_one_that_is_gone_counts_as_deleted() {
    let world = world().await;
    let said = MessageId(world.alice.say("/key 123").to_string());
    for _ in 0..2 {
        world.telegram.delete_message(&world.place, &said).await.unwrap();
    }
    assert_eq!(world.alice.transcript(), "alice: hello\n");
    world.alice.block();
    assert!(matches!(world.telegram.delete_message(&world.place, &said).await, Err(Failure::Gone(_))));
}
