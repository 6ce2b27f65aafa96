//! What shows the progress of long work is one message, which is changed again and again.

use crate::bot::World;
use domain::ids::{Lane, Millis};
use domain::incoming::{Channel, ChatKind, Place};
use domain::outgoing::{File, Outgoing};
use domain::work::{Delivery, Job, NewWork, Sent};
use sim::{openai, telegram};
use store::{Config, Store};

/// The beginning of a picture, which is all that is looked at.
fn png(mark: &str) -> Vec<u8> {
    let head: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x03\x20\0\0\x01\xC2\x08\x02\0\0\0\0\0\0\0";
    [head, mark.as_bytes()].concat()
}

fn card(name: &str, markdown: &str, picture: Option<&str>) -> Outgoing {
    let picture = picture.map(|path| File::stored("curve.png", "image/png", path));
    Outgoing { markdown: markdown.to_owned(), picture, card: Some(name.to_owned()), ..Outgoing::default() }
}

/// Puts deliveries to a chat into the store, in order.
async fn put(store: &Store, chat: i64, outgoing: Vec<Outgoing>) {
    let place = Place { channel: Channel::Telegram, chat: chat.to_string(), thread: None, kind: ChatKind::Private };
    let work = |(at, outgoing): (usize, Outgoing)| NewWork {
        lane: Lane(place.conversation().0),
        dedupe: format!("card:{chat}:{at}"),
        job: Job::Deliver(Box::new(Delivery { place: place.clone(), outgoing, sent: Sent::default(), then: None })),
        not_before: Millis(0),
        interrupts: false,
    };
    store.accept(outgoing.into_iter().enumerate().map(work).collect()).await.unwrap();
}

#[tokio::test]
async fn the_progress_of_long_work_is_one_message_in_each_chat_and_shows_its_latest_picture() {
    let telegram = telegram::Config { limits: None, ..telegram::Config::default() };
    let mut world = World::with(telegram, openai::Config::default(), Some("alice")).await;
    world.set("APPRENTICE__TELEGRAM__LIMITS__CHAT_PER_S", "0");
    let (alice, bobby) = (world.telegram.person("alice").private(), world.telegram.person("bobby").private());
    let met = [alice.say("/start"), bobby.say("/start")];
    let data = world.path().join("data");
    std::fs::create_dir_all(data.join("runs/1")).unwrap();
    for mark in ["a", "b"] {
        std::fs::write(data.join("runs/1").join(mark), png(mark)).unwrap();
    }
    let at = |name: &str| data.join(name).display().to_string();
    let config = Config { url: format!("sqlite://{}", at("apprentice.db")), blobs: at("blobs"), ..Config::default() };
    let store = Store::open(&config).await.unwrap();
    let outside = Outgoing { file: Some(File::stored("x", "text/plain", "../secret")), ..Outgoing::default() };
    let shown = vec![
        card("run:1", "step 1", None),
        card("run:2", "another", None),
        card("run:1", "step 2", Some("runs/1/a")),
        card("run:1", "step 3", Some("runs/1/b")),
    ];
    std::fs::write(world.path().join("secret"), "secret").unwrap();
    put(&store, alice.id(), shown).await;
    put(&store, bobby.id(), vec![outside, card("run:1", "step 3", None)]).await;
    store.close().await;
    drop(store);
    let mut bot = world.start();
    alice.await_message(|message| message.text == "step 3").await;
    alice.await_reply(met[0]).await;
    bobby.await_message(|message| message.text == "step 3").await;
    let cards = |text: &str| text.starts_with("step") || text == "another";
    let said: Vec<_> = alice.messages().into_iter().filter(|message| message.by_bot && cards(&message.text)).collect();
    let texts: Vec<_> = said.iter().map(|message| message.text.as_str()).collect();
    assert_eq!(texts, ["step 3", "another"], "{}", alice.transcript());
    assert_eq!(said[0].photo().unwrap().bytes, png("b"));
    assert!(!bobby.messages().iter().any(|message| message.document().is_some()), "{}", bobby.transcript());
    world.telegram.await_quiet(std::time::Duration::from_millis(300)).await;
    bot.stop();
    assert_eq!(world.telegram.violations(), Vec::<String>::new(), "{}", world.read_log());
    assert!(world.read_log().contains("leaves the data directory"));
}
