//! Long work as a person sees it: one card that is edited until it is over, and buttons under it.

use crate::bot::World;
use sim::openai;
use sim::telegram::{self, Message, Talk};
use std::path::PathBuf;
use store::{Config, Store};

/// A world without Telegram's limits on sending, whose owner is alice and whose server trains at once.
pub async fn world(openai: openai::Config) -> World {
    let telegram = telegram::Config { limits: None, ..telegram::Config::default() };
    let mut world = World::with(telegram, openai, Some("alice")).await;
    for limit in ["CHAT_PER_S", "GROUP_PER_MIN", "GLOBAL_PER_S"] {
        world.set(&format!("APPRENTICE__TELEGRAM__LIMITS__{limit}"), "0");
    }
    world
}

/// Says something and waits for what is answered.
pub async fn ask(talk: &Talk, text: &str) -> Message {
    let said = talk.say(text);
    talk.await_reply(said).await
}

/// Waits until a card that came after a message says this.
pub async fn card(talk: &Talk, after: i64, says: &str) -> Message {
    talk.await_message(|message| message.id > after && message.text.contains(says)).await
}

/// The id of the work that a card shows.
pub fn id_of(card: &Message) -> String {
    let (_, rest) = card.text.split_once(' ').unwrap();
    rest.split(':').next().unwrap().rsplit(' ').next().unwrap().to_owned()
}

/// The commands behind the buttons of a message.
pub fn labels(message: &Message) -> Vec<String> {
    message.buttons().into_iter().flatten().map(|button| button.label).collect()
}

/// Where a file of the data root lies.
pub fn file(world: &World, path: &str) -> PathBuf {
    let path = world.path().join("data/files").join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    path
}

/// The store of a world, beside the bot.
pub async fn store(world: &World) -> Store {
    let at = |name: &str| world.path().join("data").join(name).display().to_string();
    let config = Config { url: format!("sqlite://{}", at("apprentice.db")), blobs: at("blobs"), ..Config::default() };
    Store::open(&config).await.unwrap()
}
