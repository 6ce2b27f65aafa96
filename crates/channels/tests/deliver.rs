//! Files, pictures and cards reach their chat, are shown again in place, and survive what breaks on the way.

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

use channels::telegram::{Failure, LARGEST_DOCUMENT};
use domain::ids::MessageId;
use domain::outgoing::{Button, File, Outgoing};
use domain::work::{Delivery, Sent};
use sim::{Fault, Kind};
use world::{Kept, World, png, telegram};

fn card(markdown: &str, picture: Option<&str>, shown: &[MessageId]) -> Outgoing {
    Outgoing {
        markdown: markdown.to_owned(),
        picture: picture.map(|path| File::stored("curve.png", "image/png", path)),
        card: Some("run:1".to_owned()),
        shown: shown.to_vec(),
        buttons: vec![vec![Button { label: "Stop".to_owned(), data: "stop".to_owned() }]],
        ..Outgoing::default()
    }
}

fn with_file(path: &str) -> Outgoing {
    let file = File::stored("archive.tar.zst", "application/zstd", path);
    Outgoing { markdown: "here".to_owned(), file: Some(file), ..Outgoing::default() }
}

#[tokio::test]
async fn a_file_of_the_disk_arrives_whole_with_its_name_and_its_kind() {
    let mut world = World::new().await;
    let contents: Vec<u8> = (0..3_000_000_u32).flat_map(u32::to_le_bytes).collect();
    world.write("a", &contents);
    let ids = world.deliver(with_file("a")).await.unwrap();
    let shown = world.shown();
    assert_eq!((shown.len(), shown[0].text.as_str()), (2, "here"));
    let document = shown[1].document().unwrap();
    assert_eq!(document.name, "archive.tar.zst");
    assert!(document.bytes == contents, "{} bytes of {}", document.bytes.len(), contents.len());
    assert_eq!(ids, shown.iter().map(|message| MessageId(message.id.to_string())).collect::<Vec<_>>());
    world.keeps_the_rules();
}

#[tokio::test]
async fn what_is_too_large_or_not_there_is_told_apart_and_never_tried() {
    let mut world = World::new().await;
    let large = std::fs::File::create(world.kept.files.path().join("large")).unwrap();
    large.set_len(LARGEST_DOCUMENT + 1).unwrap();
    let told = world.deliver(Outgoing { markdown: String::new(), ..with_file("large") }).await.unwrap_err();
    assert!(matches!(told, Failure::TooLarge { bytes, most: LARGEST_DOCUMENT, .. } if bytes == LARGEST_DOCUMENT + 1));
    let told = world.deliver(card("a", Some("large"), &[])).await.unwrap_err();
    assert!(matches!(told, Failure::TooLarge { most: LARGEST_DOCUMENT, .. }), "{told:?}");
    let told = world.deliver(card("a", Some("nothing"), &[])).await.unwrap_err();
    assert!(matches!(told, Failure::Unreadable { ref name, .. } if name == "curve.png"), "{told:?}");
    // Nothing is in doubt after that.
    assert_eq!(world.kept.saved.as_ref().unwrap().trying_above, None);
    assert_eq!((world.server.count("sendPhoto"), world.server.count("sendDocument")), (0, 0));
}

#[tokio::test]
async fn a_picture_comes_with_its_words_and_buttons() {
    let mut world = World::new().await;
    world.write("a", png(800, 450, "a"));
    world.deliver(card("**loss** 0.5", Some("a"), &[])).await.unwrap();
    let shown = world.the_only();
    assert_eq!((shown.marked().as_str(), shown.buttons().len()), ("<bold>loss</bold> 0.5", 1));
    assert_eq!(shown.photo().unwrap().bytes, png(800, 450, "a"));
    world.keeps_the_rules();
}

#[tokio::test]
async fn a_card_is_edited_in_place_from_words_to_words_to_a_picture_to_another() {
    let mut world = World::new().await;
    let mut ids = world.deliver(card("step 1", None, &[])).await.unwrap();
    let first = world.the_only().id;
    world.write("a", png(800, 450, "a"));
    world.write("b", png(800, 450, "b"));
    for (words, picture) in [("step 2", None), ("step 3", Some("a")), ("step 4", Some("b")), ("step 4", Some("b"))] {
        ids = world.deliver(card(words, picture, &ids)).await.unwrap();
        let shown = world.the_only();
        assert_eq!((shown.id, shown.text.as_str()), (first, words));
        let held = shown.photo().map(|photo| photo.bytes.to_vec());
        assert_eq!(held, picture.map(|mark| png(800, 450, mark)));
    }
    world.keeps_the_rules();
}

#[tokio::test]
async fn a_card_that_says_the_same_again_stays_as_it_is() {
    let mut world = World::new().await;
    let ids = world.deliver(card("step 1", None, &[])).await.unwrap();
    assert_eq!(world.deliver(card("step 1", None, &ids)).await.unwrap(), ids);
    assert_eq!((world.the_only().edits, world.server.count("sendMessage")), (0, 1));
}

#[tokio::test]
async fn a_card_that_somebody_deleted_comes_anew() {
    let mut world = World::new().await;
    world.write("a", png(800, 450, "a"));
    for picture in [None, Some("a")] {
        let ids = world.deliver(card("step 1", picture, &[])).await.unwrap();
        world.alice.delete(world.the_only().id);
        let again = world.deliver(card("step 2", picture, &ids)).await.unwrap();
        assert_ne!(again, ids);
        assert_eq!(world.the_only().text, "step 2");
        world.alice.delete(world.the_only().id);
    }
    world.keeps_the_rules();
}

#[tokio::test]
async fn a_card_that_loses_its_picture_gives_way_to_words() {
    let mut world = World::new().await;
    world.write("a", png(800, 450, "a"));
    let ids = world.deliver(card("step 1", Some("a"), &[])).await.unwrap();
    world.deliver(card("done", None, &ids)).await.unwrap();
    let shown = world.the_only();
    assert_eq!((shown.text.as_str(), shown.photo()), ("done", None));
    world.keeps_the_rules();
}

#[tokio::test]
async fn a_card_may_take_more_messages_and_fewer_again() {
    let mut world = World::new().await;
    world.write("a", png(800, 450, "a"));
    let long = "word ".repeat(300);
    let ids = world.deliver(card(&long, Some("a"), &[])).await.unwrap();
    let shown = world.shown();
    assert_eq!((shown.len(), shown[0].photo().is_some(), shown[1].photo()), (2, true, None));
    assert_eq!(world.deliver(card("short", Some("a"), &ids)).await.unwrap(), ids[..1]);
    assert_eq!(world.the_only().text, "short");
    world.keeps_the_rules();
}

#[tokio::test]
async fn the_answer_of_an_earlier_time_makes_room_for_a_file() {
    let mut world = World::new().await;
    let long = Outgoing { markdown: "word ".repeat(1000), ..Outgoing::default() };
    let ids = world.deliver(long).await.unwrap();
    world.write("a", "abc");
    let again = world.deliver(Outgoing { shown: ids.clone(), ..with_file("a") }).await.unwrap();
    assert_eq!((again, world.shown().len()), (ids, 2));
    assert_eq!(world.shown()[1].document().unwrap().bytes, "abc");
    world.keeps_the_rules();
}

#[tokio::test]
async fn an_upload_that_breaks_in_the_middle_or_at_its_end_arrives_once() {
    for kind in [Kind::ResetUpload, Kind::Reset, Kind::ResetAfter, Kind::HalfBody] {
        let mut world = World::new().await;
        world.write("a", vec![7; 2_000_000]);
        world.write("p", [png(800, 450, "p"), vec![7; 500_000]].concat());
        world.server.faults().push(Fault::on("sendDocument", kind.clone()));
        world.server.faults().push(Fault::on("sendPhoto", kind.clone()));
        let picture = Some(File::stored("p.png", "image/png", "p"));
        world.deliver(Outgoing { picture, ..with_file("a") }).await.unwrap();
        let shown = world.shown();
        assert_eq!(shown.len(), 2, "{kind:?}: {}", world.alice.transcript());
        assert_eq!(shown[0].photo().unwrap().bytes.len(), 500_000 + png(1, 1, "p").len());
        assert_eq!(shown[1].document().unwrap().bytes.len(), 2_000_000);
        assert_eq!(world.server.faults().waiting(), 0);
        world.keeps_the_rules();
    }
}

#[tokio::test]
async fn an_edit_of_a_picture_that_breaks_is_made_again() {
    let mut world = World::new().await;
    world.write("a", png(800, 450, "a"));
    let ids = world.deliver(card("step 1", None, &[])).await.unwrap();
    world.server.faults().push(Fault::on("editMessageMedia", Kind::ResetUpload));
    world.server.faults().push(Fault::on("editMessageMedia", Kind::ResetAfter));
    assert_eq!(world.deliver(card("step 2", Some("a"), &ids)).await.unwrap(), ids);
    assert_eq!((world.the_only().text.as_str(), world.server.count("sendPhoto")), ("step 2", 0));
}

#[tokio::test]
async fn after_a_crash_a_picture_that_had_arrived_is_found_and_shows_what_it_should() {
    let mut world = World::new().await;
    world.write("a", png(800, 450, "a"));
    world.deliver(card("step 1", Some("a"), &[])).await.unwrap();
    let sent = world.kept.saved.clone().unwrap();
    assert!(sent.trying_above.is_some());
    world.restart();
    // It is another picture by now.
    world.write("a", png(800, 450, "b"));
    world.resume(card("step 1", Some("a"), &[]), sent, true).await.unwrap();
    assert_eq!(world.the_only().photo().unwrap().bytes, png(800, 450, "b"));
    assert_eq!(world.server.count("sendPhoto"), 1);
    world.keeps_the_rules();
}

#[tokio::test]
async fn after_a_crash_words_are_never_taken_for_a_file() {
    let mut world = World::new().await;
    world.write("a", "abc");
    let only = Outgoing { markdown: String::new(), ..with_file("a") };
    let above = world.alice.say("more");
    // Words that another process sent, and whose delivery is not noted yet.
    telegram(&world.server)
        .deliver(
            &Delivery {
                place: world.place.clone(),
                outgoing: Outgoing { markdown: "words".to_owned(), ..Outgoing::default() },
                sent: Sent::default(),
                then: None,
            },
            false,
            &mut Kept::new(),
        )
        .await
        .unwrap();
    let sent = Sent { messages: Vec::new(), trying_above: Some(above) };
    world.resume(only, sent, true).await.unwrap();
    let shown = world.shown();
    assert_eq!((shown.len(), shown[0].text.as_str()), (2, "words"));
    assert_eq!(shown[1].document().unwrap().bytes, "abc");
}

#[tokio::test]
async fn too_much_for_whoever_stands_before_telegram_is_refused_for_good() {
    let mut world = World::new().await;
    world.write("a", "abc");
    let page = Kind::Answer { status: 413, headers: Vec::new(), body: "<html>413</html>".to_owned() };
    for kind in [Kind::Status(413), page] {
        world.server.faults().push(Fault::on("sendDocument", kind));
        let told = world.deliver(with_file("a")).await.unwrap_err();
        assert!(matches!(told, Failure::Refused { .. }), "{told:?}");
    }
    world.server.faults().push(Fault::on("sendDocument", Kind::TooMany { retry_after: 7 }));
    assert_eq!(world.deliver(with_file("a")).await, Err(Failure::RetryAfter(7000)));
    assert_eq!(world.server.faults().waiting(), 0);
}
