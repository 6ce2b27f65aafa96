//! A store that has been used for long: many conversations, or long histories, written through the
//! store's own front door.

use crate::drive::World;
use domain::chat::Role;
use domain::exchange::LogEntry;
use domain::ids::{Lane, Millis};
use domain::incoming::{Channel, ChatKind, Place};
use domain::outgoing::Outgoing;
use domain::work::{Delivery, Job, NewWork, Sent};
use std::path::Path;
use store::{Config, Record, Store};

/// What is there beforehand.
#[derive(Clone, Copy)]
pub(crate) enum Fill {
    /// Nothing.
    Nothing,
    /// So many conversations with a few messages each.
    Conversations(usize),
    /// So many messages in each of the first twenty chats.
    History(usize),
}

/// Messages that one record writes.
const AT_ONCE: usize = 500;

/// Fills the database that Apprentice will open in `dir`.
pub(crate) async fn fill(dir: &Path, world: &World, fill: Fill) -> anyhow::Result<()> {
    let work: Vec<(String, usize)> = match fill {
        Fill::Nothing => return Ok(()),
        Fill::Conversations(count) => (0..count).map(|n| (format!("9{n:09}"), 4)).collect(),
        Fill::History(count) => world.people(20).iter().map(|talk| (talk.chat().id().to_string(), count)).collect(),
    };
    let data = dir.join("data");
    std::fs::create_dir_all(&data)?;
    let url = format!("sqlite://{}", data.join("apprentice.db").display());
    let store =
        Store::open(&Config { url, blobs: data.join("blobs").display().to_string(), ..Config::default() }).await?;
    for part in work.chunks(256) {
        let writes = part.iter().map(|(chat, messages)| write(&store, chat, *messages));
        for written in futures::future::join_all(writes).await {
            written?;
        }
    }
    store.close().await;
    Ok(())
}

/// Writes one conversation's log, each piece as the record of one work item.
async fn write(store: &Store, chat: &str, messages: usize) -> anyhow::Result<()> {
    let place = Place { channel: Channel::Telegram, chat: chat.to_owned(), thread: None, kind: ChatKind::Private };
    let lane = Lane(place.conversation().0);
    let mut left = messages;
    while left > 0 {
        let count = left.min(AT_ONCE);
        let job = Job::Deliver(Box::new(Delivery {
            place: place.clone(),
            outgoing: Outgoing::default(),
            sent: Sent::default(),
            then: None,
        }));
        let dedupe = format!("fill:{chat}:{left}");
        store
            .accept(vec![NewWork { lane: lane.clone(), dedupe, job, not_before: Millis(1), interrupts: false }])
            .await?;
        // Every task claims what is there and writes into whatever lane it got.
        for work in store.claim("fill", 1, 60_000, Millis(2)).await? {
            let log = (0..count).map(entry).collect();
            let record = Record {
                owner: "fill".to_owned(),
                work: work.id,
                lane: work.lane.clone(),
                log,
                now: Millis(2),
                ..Record::default()
            };
            let mut next = store.record(record).await?.next;
            while let Some(more) = next.take() {
                let record = Record {
                    owner: "fill".to_owned(),
                    work: more.id,
                    lane: more.lane,
                    log: (0..count).map(entry).collect(),
                    now: Millis(2),
                    ..Record::default()
                };
                next = store.record(record).await?.next;
            }
        }
        left -= count;
    }
    Ok(())
}

fn entry(number: usize) -> LogEntry {
    LogEntry {
        seq: 0,
        role: if number.is_multiple_of(2) { Role::User } else { Role::Assistant },
        author: None,
        name: String::new(),
        message: None,
        text: "An earlier message of an ordinary length, as people write them.".to_owned(),
        at: Millis(1),
        exchange: None,
        overheard: false,
    }
}
