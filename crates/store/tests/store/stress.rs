//! Many writers and workers at once, on several stores of one database: every message is answered
//! once, in order, and nothing is left waiting.

use crate::world::{NOW, World, answered, both, conversation, record, said, text_of};
use domain::work::{Job, Work};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::{Error, Store};

both!(no_wake_up_is_lost_and_order_holds,);

const CHATS: usize = 6;
const MESSAGES: usize = 40;
/// Long enough that no lease ends by itself: a lost wake-up would leave its item waiting for ever.
const LEASE: i64 = 3_600_000;

type Answers = Arc<Mutex<HashMap<String, Vec<String>>>>;

async fn no_wake_up_is_lost_and_order_holds(world: World) {
    let stores = [world.open().await, world.open().await];
    let (answers, done) = (Answers::default(), Arc::new(AtomicBool::new(false)));
    let workers: Vec<_> = (0..4)
        .map(|n| tokio::spawn(work(stores[n % 2].clone(), format!("worker {n}"), answers.clone(), done.clone())))
        .collect();
    let writers: Vec<_> = (0..CHATS).map(|chat| tokio::spawn(write(stores.clone(), chat))).collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let drained = async {
        while stores[0].healthy(NOW).await.unwrap().open > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(120), drained).await.expect("something waits for ever");
    done.store(true, Ordering::Relaxed);
    for worker in workers {
        worker.await.unwrap();
    }
    let expected: Vec<String> = (0..MESSAGES).map(|n| format!("{n:03}")).collect();
    assert_eq!(stores[0].healthy(NOW).await.unwrap().lanes_leased, 0);
    let answers = answers.lock().unwrap();
    for chat in 0..CHATS {
        assert_eq!(answers[&conversation(&chat.to_string()).0], expected, "chat {chat}");
    }
}

/// Writes a chat's messages, in order, sometimes twice, to either store.
async fn write(stores: [Store; 2], chat: usize) {
    for n in 0..MESSAGES {
        let item = said(&chat.to_string(), &format!("{n:03}"));
        accept(&stores[(chat + n) % 2], item.clone()).await;
        if n % 5 == 0 {
            accept(&stores[(chat + n + 1) % 2], item).await;
        }
        if n % 7 == 0 {
            tokio::task::yield_now().await;
        }
    }
}

async fn accept(store: &Store, item: domain::work::NewWork) {
    while let Err(error) = store.accept(vec![item.clone()]).await {
        assert!(matches!(error, Error::Busy), "{error:?}");
    }
}

async fn work(store: Store, owner: String, answers: Answers, done: Arc<AtomicBool>) {
    while !done.load(Ordering::Relaxed) {
        let claimed = match owner.ends_with('3') {
            true => store.claim(&owner, 2, LEASE, NOW).await,
            false => store.claim_or_wait(&owner, 2, LEASE, NOW, Duration::from_millis(20)).await,
        };
        for work in claimed.unwrap_or_default() {
            let mut next = Some(work);
            while let Some(work) = next.take() {
                next = handle(&store, &owner, work, &answers).await;
            }
        }
    }
}

/// Answers an item, puts it off once in a while, or ends it without an answer.
async fn handle(store: &Store, owner: &str, work: Work, answers: &Answers) -> Option<Work> {
    let text = text_of(&work);
    if work.id % 11 == 0 && work.attempts == 0 {
        store.retry(owner, &work, NOW, "once more", true, NOW).await.unwrap();
        return None;
    }
    answers.lock().unwrap().entry(work.lane.0.clone()).or_default().push(text.clone());
    let Job::Handle { incoming, .. } = &work.job else { panic!("{work:?}") };
    if work.id % 3 == 0 {
        return store.record(record(owner, &work)).await.unwrap().next;
    }
    let (chat, id) = (incoming.place.chat.clone(), format!("x{}", work.id));
    store.record(answered(owner, &work, &chat, &id, &text)).await.unwrap();
    let shown = vec![format!("{}", work.id).into()];
    store.delivered(owner, &work, Some(&id.as_str().into()), &conversation(&chat), shown, NOW).await.unwrap()
}
