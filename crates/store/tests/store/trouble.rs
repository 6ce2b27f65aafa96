//! A full disk, a locked database, a lost connection, a write that cannot be: each is refused in its
//! own words, nothing is half done, and everything goes on by itself afterwards.

use crate::world::{LEASE, NOW, World, both, claim_one, record, said, text_of};
use domain::work::NewWork;
use sim::postgres::Server;
use sqlx::{Connection as _, Executor as _, PgConnection, SqliteConnection};
use std::time::Duration;
use store::{Config, Error, Store};

both!(
    a_bad_write_does_not_spoil_its_neighbours,
    a_claim_that_waits_gets_what_is_accepted,
    a_lane_claimed_for_somebody_who_is_gone_goes_back,
);

fn large(n: usize) -> NewWork {
    let mut item = said(&n.to_string(), "hi");
    item.dedupe = format!("{n}");
    if let domain::work::Job::Handle { incoming, .. } = &mut item.job {
        incoming.author.name = "x".repeat(9000);
    }
    item
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_new_work_and_recovers_when_there_is_room() {
    let world = World::sqlite();
    let config = Config { url: format!("{}?max_pages=150", world.config.url), ..world.config.clone() };
    let store = Store::open(&config).await.unwrap();
    let mut accepted = 0;
    let refusal = loop {
        match store.accept(vec![large(accepted)]).await {
            Ok(_) => accepted += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(refusal, Error::Full), "{refusal:?}");
    assert_eq!(refusal.to_string(), "the disk is full");
    let several = store.accept(vec![large(1001), large(1002), large(1003)]).await;
    assert!(matches!(several, Err(Error::Full)), "{several:?}");
    assert_eq!(store.healthy(NOW).await.unwrap().open, accepted as i64, "nothing half done, reading goes on");
    // What is done makes room.
    for work in store.claim("me", 5, LEASE, NOW).await.unwrap() {
        store.record(record("me", &work)).await.unwrap();
    }
    assert_eq!(store.accept(vec![large(1001), large(1002)]).await.unwrap(), [true, true]);
    assert_eq!(store.healthy(NOW).await.unwrap().open, accepted as i64 - 5 + 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_file_is_busy_until_it_is_free() {
    let world = World::sqlite();
    let store = world.open().await;
    store.accept(vec![said("1", "before")]).await.unwrap();
    let mut other = SqliteConnection::connect(&world.config.url).await.unwrap();
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    let (one, two) = tokio::join!(store.accept(vec![said("1", "a")]), store.accept(vec![said("2", "b")]));
    assert!(matches!((&one, &two), (Err(Error::Busy), Err(Error::Busy))), "{one:?} {two:?}");
    assert_eq!(store.healthy(NOW).await.unwrap().open, 1, "reading goes on");
    other.execute("ROLLBACK").await.unwrap();
    assert_eq!(store.accept(vec![said("1", "a")]).await.unwrap(), [true]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_lane_is_busy_until_it_is_free() {
    let world = World::postgres();
    let store = world.open().await;
    store.accept(vec![said("1", "before")]).await.unwrap();
    let mut other = PgConnection::connect(&world.config.url).await.unwrap();
    other.execute("BEGIN; SELECT * FROM lane FOR UPDATE").await.unwrap();
    let locked = store.accept(vec![said("1", "a")]).await;
    assert!(matches!(locked, Err(Error::Busy)), "{locked:?}");
    assert_eq!(store.accept(vec![said("2", "b")]).await.unwrap(), [true], "other lanes go on");
    assert_eq!(store.claim("me", 10, LEASE, NOW).await.unwrap().len(), 1, "claims pass over it");
    other.execute("ROLLBACK").await.unwrap();
    assert_eq!(store.accept(vec![said("1", "a")]).await.unwrap(), [true]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lost_connections_are_made_anew() {
    let world = World::postgres();
    let store = world.open().await;
    for n in 0..3 {
        store.accept(vec![said("1", &format!("before {n}"))]).await.unwrap();
        Server::shared().cut_connections(&world.config.url);
        let mut tries = 0;
        loop {
            match store.accept(vec![said("1", &format!("after {n}"))]).await {
                Ok(_) => break,
                Err(Error::Busy) if tries < 20 => tries += 1,
                Err(error) => panic!("{error:?}"),
            }
        }
        let mut tries = 0;
        while store.healthy(NOW).await.is_err() {
            tries += 1;
            assert!(tries < 20);
        }
    }
    assert_eq!(store.healthy(NOW).await.unwrap().open, 6);
}

async fn a_bad_write_does_not_spoil_its_neighbours(world: World) {
    let store = world.open().await;
    let bad = match store.kind() {
        store::Kind::Sqlite => {
            let mut other = SqliteConnection::connect(&world.config.url).await.unwrap();
            let trigger = "CREATE TRIGGER poison BEFORE INSERT ON work WHEN NEW.dedupe = '7/bad' BEGIN SELECT RAISE(ABORT, 'bad'); END";
            other.execute(trigger).await.unwrap();
            said("7", "bad")
        }
        store::Kind::Postgres => said("7", "NUL \0 has no place in PostgreSQL"),
    };
    let asked: Vec<_> = (0..60)
        .map(|n| {
            let item = if n == 30 { bad.clone() } else { said(&n.to_string(), "good") };
            let store = store.clone();
            tokio::spawn(async move { store.accept(vec![item]).await })
        })
        .collect();
    let mut refused = Vec::new();
    for (n, asked) in asked.into_iter().enumerate() {
        match asked.await.unwrap() {
            Ok(new) => assert_eq!(new, [true]),
            Err(error) => refused.push((n, error)),
        }
    }
    assert!(matches!(refused.as_slice(), [(30, Error::Broken(_))]), "{refused:?}");
    assert_eq!(store.healthy(NOW).await.unwrap().open, 59);
}

async fn a_claim_that_waits_gets_what_is_accepted(world: World) {
    let (here, there) = (world.open().await, world.open().await);
    let waiting = {
        let here = here.clone();
        tokio::spawn(async move { here.claim_or_wait("me", 5, LEASE, NOW, Duration::from_secs(50)).await.unwrap() })
    };
    while here.accept(vec![said("1", "hi")]).await.is_err() {}
    let claimed = waiting.await.unwrap();
    assert_eq!(claimed.iter().map(text_of).collect::<Vec<_>>(), ["hi"]);
    let nothing = here.claim_or_wait("me", 5, LEASE, NOW, Duration::ZERO).await.unwrap();
    assert!(nothing.is_empty());
    if here.is_shared() {
        // Another replica's word ends the wait long before its time.
        let waiting = tokio::spawn(async move {
            loop {
                let claimed = there.claim_or_wait("you", 5, LEASE, NOW, Duration::from_secs(3600)).await.unwrap();
                if !claimed.is_empty() {
                    return claimed;
                }
            }
        });
        here.accept(vec![said("2", "from afar")]).await.unwrap();
        let claimed = tokio::time::timeout(Duration::from_secs(60), waiting).await.unwrap().unwrap();
        assert_eq!(text_of(&claimed[0]), "from afar");
    }
}

async fn a_lane_claimed_for_somebody_who_is_gone_goes_back(world: World) {
    let store = world.open().await;
    for n in 0..20 {
        let (tell, told) = tokio::sync::oneshot::channel();
        let gone = {
            let store = store.clone();
            tokio::spawn(async move {
                let claim = store.claim_or_wait("gone", 5, LEASE, NOW, Duration::from_secs(50));
                tokio::select! {
                    biased;
                    claimed = claim => claimed.unwrap(),
                    _ = told => Vec::new(),
                }
            })
        };
        // Both at once: sometimes the claim is made for somebody who has just left.
        let accept = store.accept(vec![said(&n.to_string(), "hi")]);
        let _ = tell.send(());
        accept.await.unwrap();
        let taken = gone.await.unwrap();
        if taken.is_empty() {
            let work = claim_one(&store, "me", NOW.plus(1)).await;
            assert_eq!(work.attempts, 0);
            store.record(record("me", &work)).await.unwrap();
        } else {
            store.record(record("gone", &taken[0])).await.unwrap();
        }
    }
    assert_eq!(store.healthy(NOW).await.unwrap().open, 0);
}
