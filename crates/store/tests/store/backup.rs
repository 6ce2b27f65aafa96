//! A copy made while running is whole, is checked, and comes back on either engine.

use crate::world::{LEASE, NOW, World, answered, author, both, claim_one, conversation, lesson, place, said, text_of};
use domain::exchange::Scope;
use domain::incoming::Channel;
use std::path::PathBuf;
use store::{Error, Store, UsageOf};

both!(
    a_copy_comes_back_on_both_engines,
    a_damaged_or_incomplete_copy_is_refused,
    a_database_that_holds_something_is_not_overwritten_unasked,
    a_copy_is_made_of_one_moment_while_everything_goes_on,
);

/// A database with a bit of everything in it, copied.
async fn filled(world: &World) -> PathBuf {
    let store = world.open().await;
    store.meet(Channel::Telegram, &author("1", "Ann"), NOW).await.unwrap();
    store.accept(vec![said("1", "hi"), said("1", "waiting"), said("2", "parked")]).await.unwrap();
    for work in store.claim("old process", 10, LEASE, NOW).await.unwrap() {
        if text_of(&work) == "parked" {
            store.park("old process", &work, "why", NOW).await.unwrap();
        } else {
            let mut turn = answered("old process", &work, "1", "x1", "it's \"so\"\n\\");
            turn.lessons = vec![lesson("l1", Scope::Everyone, "ann")];
            store.record(turn).await.unwrap();
            let message = vec!["50".into()];
            store.delivered("old process", &work, Some(&"x1".into()), &conversation("1"), message, NOW).await.unwrap();
        }
    }
    store.blobs().unwrap().put("a file".into()).await.unwrap();
    let copy = world.folder.path().join("copy");
    store.backup(&copy, NOW).await.unwrap();
    store.close().await;
    copy
}

async fn check_restored(store: &Store) {
    let view = store.turn_view(&place("1"), &author("1", "Ann"), NOW, 10, 1000).await.unwrap();
    assert_eq!(view.log.iter().map(|entry| entry.text.as_str()).collect::<Vec<_>>(), ["hi", "it's \"so\"\n\\"]);
    assert_eq!(store.exchange_of(&conversation("1"), &"50".into()).await.unwrap().unwrap().id, "x1".into());
    assert_eq!(store.lesson(&"l1".into()).await.unwrap().unwrap().answer, "answer of l1");
    assert_eq!(store.usage(&UsageOf::Everybody, NOW).await.unwrap().exchanges, 1);
    assert_eq!(store.people(10).await.unwrap().len(), 1);
    assert_eq!(store.accept(vec![said("1", "hi")]).await.unwrap(), [false], "what was handled stays handled");
    let health = store.healthy(NOW).await.unwrap();
    assert_eq!((health.open, health.parked, health.lanes_leased), (1, 1, 0));
    let blobs = store.blobs().unwrap();
    let (id, ..) = blobs.list().await.unwrap().remove(0);
    assert_eq!(blobs.get(&id).await.unwrap(), "a file");
    // New rows are numbered on from the old ones.
    store.accept(vec![said("3", "new")]).await.unwrap();
    let claimed = store.claim("new process", 10, LEASE, NOW).await.unwrap();
    assert_eq!(claimed.iter().map(text_of).collect::<Vec<_>>(), ["waiting", "new"]);
    store.record(answered("new process", &claimed[0], "1", "x2", "later")).await.unwrap();
    assert!(store.history(&conversation("1"), None, 10).await.unwrap().is_sorted_by_key(|entry| entry.seq));
}

async fn a_copy_comes_back_on_both_engines(world: World) {
    let copy = filled(&world).await;
    for target in [World::sqlite(), World::postgres()] {
        let manifest = Store::restore(&copy, &target.config, false).await.unwrap();
        assert_eq!(manifest.files["log.jsonl"].0, 2);
        check_restored(&target.open().await).await;
    }
}

async fn a_damaged_or_incomplete_copy_is_refused(world: World) {
    let copy = filled(&world).await;
    Store::check_backup(&copy).unwrap();
    let log = copy.join("log.jsonl");
    let whole = std::fs::read_to_string(&log).unwrap();
    std::fs::write(&log, whole.replace("\"hi\"", "\"ho\"")).unwrap();
    assert!(matches!(Store::check_backup(&copy), Err(Error::Broken(_))));
    let target = World::sqlite();
    assert!(matches!(Store::restore(&copy, &target.config, false).await, Err(Error::Broken(_))));
    std::fs::write(&log, whole).unwrap();
    Store::check_backup(&copy).unwrap();
    std::fs::remove_file(&log).unwrap();
    assert!(matches!(Store::check_backup(&copy), Err(Error::Broken(_))));
    let again = world.open().await.backup(&copy, NOW).await;
    assert!(matches!(again, Err(Error::Broken(_))), "a folder in use is not written over: {again:?}");
}

async fn a_database_that_holds_something_is_not_overwritten_unasked(world: World) {
    let copy = filled(&world).await;
    let refused = Store::restore(&copy, &world.config, false).await;
    assert!(matches!(refused, Err(Error::Broken(_))), "{refused:?}");
    let store = world.open().await;
    store.accept(vec![said("9", "newer")]).await.unwrap();
    store.close().await;
    Store::restore(&copy, &world.config, true).await.unwrap();
    let store = world.open().await;
    assert_eq!(store.accept(vec![said("9", "newer")]).await.unwrap(), [true], "it was replaced");
}

async fn a_copy_is_made_of_one_moment_while_everything_goes_on(world: World) {
    let store = world.open().await;
    let writer = {
        let store = store.clone();
        tokio::spawn(async move {
            for n in 0..200 {
                store.accept(vec![said("1", &n.to_string())]).await.unwrap();
                let work = claim_one(&store, "me", NOW).await;
                let turn = answered("me", &work, "1", &format!("x{n}"), "yes");
                store.record(turn).await.unwrap();
                store.delivered("me", &work, None, &conversation("1"), vec![], NOW).await.unwrap();
            }
        })
    };
    for n in 0..3 {
        let copy = world.folder.path().join(format!("copy{n}"));
        let files = store.backup(&copy, NOW).await.unwrap().files;
        assert_eq!(files["log.jsonl"].0, 2 * files["exchange.jsonl"].0, "a turn is there whole or not at all");
        Store::check_backup(&copy).unwrap();
    }
    writer.await.unwrap();
}
