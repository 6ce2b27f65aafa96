//! Order in a lane, one holder at a time, nothing lost and nothing twice.

use crate::world::{LEASE, NOW, World, both, claim_one, lane, record, said, text_of};
use domain::ids::{Lane, Millis};
use domain::work::{Job, Sent};
use store::{Error, Health, WorkState};

both!(
    a_lane_is_handled_in_order_and_lanes_in_parallel,
    the_same_update_is_accepted_once,
    two_owners_never_hold_one_lane,
    an_expired_lease_passes_to_another_and_the_first_loses,
    a_sign_of_life_keeps_the_lane,
    a_wish_to_stop_reaches_the_holder_and_ends_with_the_item,
    an_item_put_off_holds_its_lane_back,
    begun_attempts_are_counted_unless_told_otherwise,
    a_parked_item_no_longer_holds_up_its_lane,
    the_owner_can_retry_and_drop_items,
    lanes_given_back_are_claimed_at_once_without_a_failed_attempt,
    progress_is_kept_and_belongs_to_the_holder,
    an_item_dropped_under_its_holder_is_lost_for_it,
    health_counts_what_waits,
    the_next_due_moment_is_told,
    ended_items_are_swept_after_a_week,
    claims_are_bounded,
);

async fn a_lane_is_handled_in_order_and_lanes_in_parallel(world: World) {
    let store = world.open().await;
    store.accept(vec![said("1", "a"), said("2", "x"), said("1", "b")]).await.unwrap();
    store.accept(vec![said("1", "c")]).await.unwrap();
    let claimed = store.claim("me", 10, LEASE, NOW).await.unwrap();
    assert_eq!(claimed.iter().map(text_of).collect::<Vec<_>>(), ["a", "x"]);
    assert!(store.claim("me", 10, LEASE, NOW).await.unwrap().is_empty());
    let b = store.record(record("me", &claimed[0])).await.unwrap().next.unwrap();
    assert_eq!((text_of(&b).as_str(), b.attempts), ("b", 0));
    let c = store.record(record("me", &b)).await.unwrap().next.unwrap();
    assert_eq!(text_of(&c), "c");
    assert!(store.record(record("me", &c)).await.unwrap().next.is_none());
    assert!(store.record(record("me", &claimed[1])).await.unwrap().next.is_none());
    assert_eq!(store.healthy(NOW).await.unwrap(), Health { open: 0, parked: 0, oldest_ms: 0, lanes_leased: 0 });
}

async fn the_same_update_is_accepted_once(world: World) {
    let store = world.open().await;
    assert_eq!(store.accept(vec![said("1", "a"), said("1", "a"), said("1", "b")]).await.unwrap(), [true, false, true]);
    assert_eq!(store.accept(vec![said("1", "b"), said("1", "c")]).await.unwrap(), [false, true]);
    let a = claim_one(&store, "me", NOW).await;
    store.record(record("me", &a)).await.unwrap();
    assert_eq!(store.accept(vec![said("1", "a")]).await.unwrap(), [false], "also after it has ended");
}

async fn two_owners_never_hold_one_lane(world: World) {
    let (mine, yours) = (world.open().await, world.open().await);
    for n in 0..20 {
        mine.accept(vec![said(&n.to_string(), "hi")]).await.unwrap();
    }
    let (a, b) = tokio::join!(mine.claim("me", 12, LEASE, NOW), yours.claim("you", 12, LEASE, NOW));
    let (a, b) = (a.unwrap(), b.unwrap());
    let mut lanes: Vec<_> = a.iter().chain(&b).map(|work| work.lane.clone()).collect();
    lanes.sort();
    lanes.dedup();
    assert_eq!(lanes.len(), a.len() + b.len());
    let rest = mine.claim("me", 20, LEASE, NOW).await.unwrap();
    assert_eq!(a.len() + b.len() + rest.len(), 20);
    let foreign = record("you", &a[0]);
    assert!(matches!(yours.record(foreign).await, Err(Error::Lost)));
}

async fn an_expired_lease_passes_to_another_and_the_first_loses(world: World) {
    let store = world.open().await;
    store.accept(vec![said("1", "a")]).await.unwrap();
    let mine = claim_one(&store, "me", NOW).await;
    let late = NOW.plus(LEASE + 1);
    let yours = claim_one(&store, "you", late).await;
    assert_eq!((yours.id, yours.attempts), (mine.id, 1));
    assert!(matches!(store.record(record("me", &mine)).await, Err(Error::Lost)));
    assert!(matches!(store.park("me", &mine, "?", late).await, Err(Error::Lost)));
    assert!(matches!(store.retry("me", &mine, late, "?", true, late).await, Err(Error::Lost)));
    assert!(matches!(store.progress("me", mine.id, &mine.job).await, Err(Error::Lost)));
    let state = store.heartbeat("me", &[lane("1")], LEASE, late).await.unwrap();
    assert!(!state[0].held);
    store.record(record("you", &yours)).await.unwrap();
}

async fn a_sign_of_life_keeps_the_lane(world: World) {
    let store = world.open().await;
    store.accept(vec![said("1", "a"), said("2", "b")]).await.unwrap();
    assert_eq!(store.claim("me", 10, LEASE, NOW).await.unwrap().len(), 2);
    let states = store.heartbeat("me", &[lane("1"), lane("3")], LEASE, NOW.plus(LEASE - 1)).await.unwrap();
    assert_eq!(
        states.iter().map(|s| (s.lane.as_str(), s.held)).collect::<Vec<_>>(),
        [("telegram:1", true), ("telegram:3", false)]
    );
    let taken = claim_one(&store, "you", NOW.plus(LEASE + 1)).await;
    assert_eq!(text_of(&taken), "b", "a lane that nobody spoke for is taken over");
}

async fn a_wish_to_stop_reaches_the_holder_and_ends_with_the_item(world: World) {
    let store = world.open().await;
    assert!(!store.cancel(&lane("1")).await.unwrap(), "nothing runs there");
    store.accept(vec![said("1", "a"), said("1", "b")]).await.unwrap();
    assert!(!store.cancel(&lane("1")).await.unwrap(), "nobody holds it yet");
    let a = claim_one(&store, "me", NOW).await;
    assert!(store.cancel(&lane("1")).await.unwrap());
    assert!(store.heartbeat("me", &[lane("1")], LEASE, NOW).await.unwrap()[0].cancel);
    let b = store.record(record("me", &a)).await.unwrap().next.unwrap();
    assert!(!store.heartbeat("me", &[b.lane], LEASE, NOW).await.unwrap()[0].cancel);
}

async fn an_item_put_off_holds_its_lane_back(world: World) {
    let store = world.open().await;
    store.accept(vec![said("1", "a"), said("1", "b")]).await.unwrap();
    let a = claim_one(&store, "me", NOW).await;
    let later = NOW.plus(60_000);
    store.retry("me", &a, later, "the model is away", true, NOW).await.unwrap();
    store.accept(vec![said("1", "c")]).await.unwrap();
    assert!(store.claim("me", 10, LEASE, NOW.plus(59_999)).await.unwrap().is_empty(), "order comes first");
    assert_eq!(store.next_due(NOW).await.unwrap(), Some(later));
    let row = &store.work_list(WorkState::Open, 10).await.unwrap()[0];
    assert_eq!((row.reason.as_str(), row.attempts, row.not_before), ("the model is away", 1, later));
    assert_eq!(text_of(&claim_one(&store, "me", later).await), "a");
}

async fn begun_attempts_are_counted_unless_told_otherwise(world: World) {
    let store = world.open().await;
    store.accept(vec![said("1", "a"), said("1", "b")]).await.unwrap();
    for (attempt, counts) in [(0, true), (1, false), (1, true), (2, true)] {
        let a = claim_one(&store, "me", NOW).await;
        assert_eq!(a.attempts, attempt);
        store.retry("me", &a, NOW, "again", counts, NOW).await.unwrap();
    }
    // Three processes that die while they are at it.
    let mut now = NOW;
    for attempt in 3..6 {
        assert_eq!(claim_one(&store, "me", now).await.attempts, attempt);
        now = now.plus(LEASE + 1);
    }
    let a = claim_one(&store, "me", now).await;
    let b = store.park("me", &a, "too often", now).await.unwrap().unwrap();
    assert_eq!((text_of(&b).as_str(), b.attempts), ("b", 0));
}

async fn a_parked_item_no_longer_holds_up_its_lane(world: World) {
    let store = world.open().await;
    store.accept(vec![said("1", "a"), said("1", "b")]).await.unwrap();
    let a = claim_one(&store, "me", NOW).await;
    let b = store.park("me", &a, "chat not found", NOW).await.unwrap().unwrap();
    assert_eq!(text_of(&b), "b");
    assert!(store.record(record("me", &b)).await.unwrap().next.is_none());
    let parked = store.work_list(WorkState::Parked, 10).await.unwrap();
    assert_eq!((parked.len(), parked[0].id, parked[0].reason.as_str()), (1, a.id, "chat not found"));
    assert!(store.claim("me", 10, LEASE, NOW.plus(LEASE * 9)).await.unwrap().is_empty());
}

async fn the_owner_can_retry_and_drop_items(world: World) {
    let store = world.open().await;
    let owner = "owner".into();
    store.accept(vec![said("1", "a"), said("2", "b")]).await.unwrap();
    for work in store.claim("me", 10, LEASE, NOW).await.unwrap() {
        store.park("me", &work, "broken", NOW).await.unwrap();
    }
    let parked = store.work_list(WorkState::Parked, 10).await.unwrap();
    assert!(store.work_retry(parked[0].id, &owner, NOW).await.unwrap());
    assert!(store.work_drop(parked[1].id, &owner, NOW).await.unwrap());
    assert!(!store.work_drop(parked[1].id, &owner, NOW).await.unwrap(), "it is gone");
    assert!(!store.work_retry(987_654, &owner, NOW).await.unwrap());
    let a = claim_one(&store, "me", NOW).await;
    assert_eq!((text_of(&a).as_str(), a.attempts), ("a", 0));
    store.record(record("me", &a)).await.unwrap();
    assert_eq!(store.healthy(NOW).await.unwrap(), Health { open: 0, parked: 0, oldest_ms: 0, lanes_leased: 0 });
}

async fn lanes_given_back_are_claimed_at_once_without_a_failed_attempt(world: World) {
    let store = world.open().await;
    store.accept(vec![said("1", "a"), said("2", "b")]).await.unwrap();
    assert_eq!(store.claim("me", 10, LEASE, NOW).await.unwrap().len(), 2);
    store.release("me").await.unwrap();
    let claimed = store.claim("you", 10, LEASE, NOW).await.unwrap();
    assert_eq!(claimed.iter().map(|work| work.attempts).collect::<Vec<_>>(), [0, 0]);
}

async fn progress_is_kept_and_belongs_to_the_holder(world: World) {
    let store = world.open().await;
    store.accept(vec![said("1", "a")]).await.unwrap();
    let a = claim_one(&store, "me", NOW).await;
    let Job::Handle { incoming, .. } = a.job.clone() else { panic!("{a:?}") };
    let shown = Sent { messages: vec!["77".into()], trying_above: Some(12) };
    let job = Job::Handle { incoming, shown };
    store.progress("me", a.id, &job).await.unwrap();
    assert!(matches!(store.progress("you", a.id, &a.job).await, Err(Error::Lost)));
    assert!(matches!(store.progress("me", 424_242, &a.job).await, Err(Error::Lost)));
    assert_eq!(claim_one(&store, "you", NOW.plus(LEASE + 1)).await.job, job);
}

async fn an_item_dropped_under_its_holder_is_lost_for_it(world: World) {
    let store = world.open().await;
    store.accept(vec![said("1", "a"), said("1", "b")]).await.unwrap();
    let a = claim_one(&store, "me", NOW).await;
    assert!(store.work_drop(a.id, &"owner".into(), NOW).await.unwrap());
    assert!(matches!(store.record(record("me", &a)).await, Err(Error::Lost)));
    let b = claim_one(&store, "me", NOW.plus(LEASE + 1)).await;
    assert_eq!(text_of(&b), "b");
}

async fn health_counts_what_waits(world: World) {
    let store = world.open().await;
    store.accept(vec![said("1", "a"), said("1", "b"), said("2", "c")]).await.unwrap();
    let first = store.claim("me", 1, LEASE, NOW).await.unwrap().remove(0);
    let health = store.healthy(NOW.plus(5000)).await.unwrap();
    assert_eq!(health, Health { open: 3, parked: 0, oldest_ms: 5000, lanes_leased: 1 });
    store.park("me", &first, "no", NOW).await.unwrap();
    assert_eq!(store.healthy(NOW).await.unwrap().parked, 1);
}

async fn the_next_due_moment_is_told(world: World) {
    let store = world.open().await;
    assert_eq!(store.next_due(NOW).await.unwrap(), None);
    let mut later = said("1", "later");
    later.not_before = NOW.plus(500);
    store.accept(vec![later]).await.unwrap();
    assert_eq!(store.next_due(NOW).await.unwrap(), Some(NOW.plus(500)));
    assert!(store.claim("me", 10, LEASE, NOW.plus(499)).await.unwrap().is_empty());
    claim_one(&store, "me", NOW.plus(500)).await;
    assert_eq!(store.next_due(NOW).await.unwrap(), Some(NOW.plus(500 + LEASE)), "the lease's end");
}

async fn ended_items_are_swept_after_a_week(world: World) {
    let store = world.open().await;
    store.accept(vec![said("1", "a")]).await.unwrap();
    let a = claim_one(&store, "me", NOW).await;
    store.record(record("me", &a)).await.unwrap();
    let week = 7 * 86_400_000;
    store.prune(NOW.plus(week)).await.unwrap();
    assert_eq!(store.accept(vec![said("1", "a")]).await.unwrap(), [false], "its key is still known");
    store.prune(NOW.plus(week + 1)).await.unwrap();
    assert_eq!(store.accept(vec![said("1", "a")]).await.unwrap(), [true]);
}

async fn claims_are_bounded(world: World) {
    let store = world.open().await;
    store.accept((0..30).map(|n| said(&n.to_string(), "hi")).collect()).await.unwrap();
    assert_eq!(store.claim("me", 7, LEASE, NOW).await.unwrap().len(), 7);
    assert_eq!(store.claim("me", 0, LEASE, NOW).await.unwrap().len(), 0);
    assert_eq!(store.claim("me", 100, LEASE, NOW).await.unwrap().len(), 23);
    let none: Vec<Lane> = Vec::new();
    assert!(store.heartbeat("me", &none, LEASE, Millis(0)).await.unwrap().is_empty());
}
