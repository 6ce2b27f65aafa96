//! A process that dies between any two steps leaves nothing half done, and another one takes over.

use crate::world::{LEASE, NOW, World, answered, author, both, claim_one, conversation, place, said, text_of};
use domain::ids::Millis;
use domain::work::{Job, Sent};
use store::Store;

both!(
    whatever_step_a_process_dies_after_the_message_is_answered_once,
    a_store_that_is_closed_has_written_everything_it_was_asked,
);

/// The steps of a turn, and after which of them the process dies.
async fn live_until(store: &Store, owner: &str, dies_after: usize, now: Millis) -> Option<()> {
    let mut steps = 0..dies_after;
    steps.next()?;
    store.accept(vec![said("1", "hi")]).await.unwrap();
    steps.next()?;
    let work = store.claim(owner, 10, LEASE, now).await.unwrap().pop()?;
    if let Job::Handle { .. } = &work.job {
        steps.next()?;
        store.record(answered(owner, &work, "1", &format!("x{}", now.0), "hello")).await.unwrap();
    }
    steps.next()?;
    if let Job::Deliver(delivery) = &work.job {
        let mut delivery = delivery.clone();
        delivery.sent = Sent { messages: vec![], trying_above: Some(41) };
        store.progress(owner, work.id, &Job::Deliver(delivery)).await.unwrap();
    }
    steps.next()?;
    store.delivered(owner, &work, Some(&"x".into()), &conversation("1"), vec!["42".into()], now).await.unwrap();
    Some(())
}

async fn whatever_step_a_process_dies_after_the_message_is_answered_once(world: World) {
    for dies_after in 0..6 {
        let store = world.open().await;
        let (now, chat) = (NOW.plus(1000 * LEASE * dies_after as i64), place("1"));
        let _ = live_until(&store, "first", dies_after, now).await;
        // Dropped without a word: nothing is closed, no lane given back.
        drop(store);
        let store = world.open().await;
        let later = now.plus(LEASE + 1);
        live_until(&store, "second", 9, later).await;
        assert!(store.claim("third", 10, LEASE, later.plus(LEASE + 1)).await.unwrap().is_empty());
        let health = store.healthy(later).await.unwrap();
        assert_eq!((health.open, health.parked, health.lanes_leased), (0, 0, 0), "died after {dies_after}");
        let view = store.turn_view(&chat, &author("1", "Ann"), now, 10, 1000).await.unwrap();
        assert_eq!(view.log.len(), 2, "died after {dies_after}");
        // The next round begins with the message unknown again.
        store.prune(later.plus(8 * 86_400_000)).await.unwrap();
        store.forget_person(&"ann".into(), later).await.unwrap();
        store.accept(vec![said("1", "/new")]).await.unwrap();
        let work = claim_one(&store, "me", later).await;
        let fresh = store::Record { fresh_start: true, ..crate::world::record("me", &work) };
        store.record(fresh).await.unwrap();
        store.prune(later.plus(8 * 86_400_000)).await.unwrap();
        store.close().await;
    }
}

async fn a_store_that_is_closed_has_written_everything_it_was_asked(world: World) {
    let store = world.open().await;
    let asked: Vec<_> = (0..50)
        .map(|n| {
            let store = store.clone();
            tokio::spawn(async move { store.accept(vec![said("1", &n.to_string())]).await.is_ok() })
        })
        .collect();
    let mut accepted = 0;
    for asked in asked {
        accepted += i64::from(asked.await.unwrap());
    }
    store.close().await;
    assert!(store.accept(vec![said("1", "late")]).await.is_err(), "a closed store refuses");
    let store = world.open().await;
    assert_eq!(store.healthy(NOW).await.unwrap().open, accepted);
    let first = claim_one(&store, "me", NOW).await;
    assert_ne!(text_of(&first), "late");
}
