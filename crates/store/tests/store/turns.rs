//! What a turn changes: all of it or nothing, and found again afterwards.

use crate::world::{
    LEASE, NOW, World, answered, author, both, claim_one, conversation, entry, place, record, said, text_of,
};
use domain::chat::Role;
use domain::ids::{ExchangeId, MessageId};
use domain::work::Job;
use store::{Error, Record};

both!(
    an_answer_takes_the_place_of_its_question_and_survives_a_crash,
    the_view_holds_the_conversations_own_log_and_nothing_else,
    a_fresh_start_hides_what_was_said_before,
    nothing_of_a_turn_is_written_when_its_lane_is_lost,
    what_was_said_many_at_once_is_all_there,
);

async fn an_answer_takes_the_place_of_its_question_and_survives_a_crash(world: World) {
    let store = world.open().await;
    store.accept(vec![said("1", "q1"), said("1", "q2")]).await.unwrap();
    let work = claim_one(&store, "me", NOW).await;
    assert!(store.record(answered("me", &work, "1", "E1", "a1")).await.unwrap().next.is_none());
    // The process dies here; another one takes the lane when the lease has run out.
    drop(store);
    let store = world.open().await;
    assert!(store.claim("other", 10, LEASE, NOW.plus(LEASE / 2)).await.unwrap().is_empty());
    let later = NOW.plus(LEASE * 2);
    let found = claim_one(&store, "other", later).await;
    assert_eq!((found.id, text_of(&found).as_str()), (work.id, "-> a1"));
    let id = ExchangeId::from("E1");
    let next = store
        .delivered("other", &found, Some(&id), &conversation("1"), vec![MessageId::from("77")], later)
        .await
        .unwrap();
    assert_eq!(text_of(&next.unwrap()), "q2");
    assert_eq!(store.exchange_of(&conversation("1"), &MessageId::from("77")).await.unwrap().unwrap().answer, "a1");
    assert_eq!(store.exchange_asked(&conversation("1"), &MessageId::from("q1")).await.unwrap().unwrap().id, id);
    assert_eq!(store.shown(&id).await.unwrap(), [MessageId::from("77")]);
}

async fn the_view_holds_the_conversations_own_log_and_nothing_else(world: World) {
    let store = world.open().await;
    store.accept(vec![said("1", "plum"), said("2", "pear")]).await.unwrap();
    for work in store.claim("me", 10, LEASE, NOW).await.unwrap() {
        let text = text_of(&work);
        let log = vec![entry(Role::User, &text, None), entry(Role::Assistant, &format!("{text}!"), None)];
        store.record(Record { log, ..record("me", &work) }).await.unwrap();
    }
    for (chat, own) in [("1", "plum"), ("2", "pear")] {
        let view = store.turn_view(&place(chat), &author(chat, "Ann"), NOW, 10, 10_000).await.unwrap();
        let texts: Vec<_> = view.log.iter().map(|entry| entry.text.clone()).collect();
        assert_eq!(texts, [own.to_owned(), format!("{own}!")]);
        assert_eq!(store.history(&conversation(chat), None, 1).await.unwrap()[0].text, format!("{own}!"));
    }
}

async fn a_fresh_start_hides_what_was_said_before(world: World) {
    let store = world.open().await;
    for (text, fresh_start) in [("before", false), ("fresh", true), ("after", false)] {
        store.accept(vec![said("1", text)]).await.unwrap();
        let work = claim_one(&store, "me", NOW).await;
        let log = if fresh_start { vec![] } else { vec![entry(Role::User, text, None)] };
        store.record(Record { log, fresh_start, ..record("me", &work) }).await.unwrap();
    }
    let view = store.turn_view(&place("1"), &author("1", "Ann"), NOW, 10, 10_000).await.unwrap();
    assert_eq!(view.log.iter().map(|entry| entry.text.as_str()).collect::<Vec<_>>(), ["after"]);
    assert_eq!(store.history(&conversation("1"), None, 10).await.unwrap().len(), 2, "the log keeps everything");
}

async fn nothing_of_a_turn_is_written_when_its_lane_is_lost(world: World) {
    let store = world.open().await;
    store.accept(vec![said("1", "q")]).await.unwrap();
    let work = claim_one(&store, "slow", NOW).await;
    let again = claim_one(&store, "quick", NOW.plus(LEASE * 2)).await;
    let lost = store.record(answered("slow", &work, "1", "E1", "twice")).await;
    assert!(matches!(lost, Err(Error::Lost)), "{lost:?}");
    store.record(answered("quick", &again, "1", "E2", "once")).await.unwrap();
    assert!(store.exchange(&ExchangeId::from("E1")).await.unwrap().is_none());
    assert_eq!(store.history(&conversation("1"), None, 10).await.unwrap().len(), 2);
    assert!(matches!(claim_one(&store, "third", NOW.plus(LEASE * 5)).await.job, Job::Deliver(_)));
}

async fn what_was_said_many_at_once_is_all_there(world: World) {
    let store = world.open().await;
    let mut tasks = Vec::new();
    for chat in 0..40 {
        let store = store.clone();
        tasks.push(tokio::spawn(async move {
            let items = (0..5).map(|n| said(&chat.to_string(), &format!("{n}"))).collect();
            store.accept(items).await.unwrap();
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let mut done = 0;
    loop {
        let claimed = store.claim("me", 16, LEASE, NOW).await.unwrap();
        if claimed.is_empty() {
            break;
        }
        for work in claimed {
            let mut next = Some(work);
            let mut order = 0;
            while let Some(work) = next.take() {
                assert_eq!(text_of(&work), order.to_string());
                next = store.record(record("me", &work)).await.unwrap().next;
                (order, done) = (order + 1, done + 1);
            }
        }
    }
    assert_eq!((done, store.healthy(NOW).await.unwrap().open), (200, 0));
}
