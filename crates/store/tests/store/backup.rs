//! A copy is made while everything goes on, is checked, and comes back, also into the other engine.

use crate::world::{NOW, World, answered, both, claim_one, conversation, said, text_of};
use domain::ids::ExchangeId;
use store::Store;

both!(a_copy_comes_back_into_sqlite, a_damaged_copy_is_refused);

async fn filled(world: &World) -> Store {
    let store = world.open().await;
    store.accept(vec![said("1", "q1"), said("1", "q2")]).await.unwrap();
    let work = claim_one(&store, "me", NOW).await;
    store.record(answered("me", &work, "1", "E1", "a1")).await.unwrap();
    store
}

async fn a_copy_comes_back_into_sqlite(world: World) {
    let store = filled(&world).await;
    let copy = world.folder.path().join("copy");
    store.backup(&copy, NOW).await.unwrap();
    let other = World::sqlite();
    Store::restore(&copy, &other.config, false).await.unwrap();
    let back = other.open().await;
    assert_eq!(back.exchange(&ExchangeId::from("E1")).await.unwrap().unwrap().answer, "a1");
    assert_eq!(back.history(&conversation("1"), None, 10).await.unwrap().len(), 2);
    let work = claim_one(&back, "new", NOW.plus(3_600_000)).await;
    assert_eq!(text_of(&work), "-> a1");
    assert!(Store::restore(&copy, &other.config, false).await.is_err(), "what is there is not overwritten");
}

async fn a_damaged_copy_is_refused(world: World) {
    let store = filled(&world).await;
    let copy = world.folder.path().join("copy");
    store.backup(&copy, NOW).await.unwrap();
    Store::check_backup(&copy).unwrap();
    let file = std::fs::read_dir(&copy)
        .unwrap()
        .flatten()
        .map(|file| file.path())
        .find(|path| {
            path.is_file()
                && path.file_name().is_some_and(|name| name != "manifest.json")
                && path.metadata().unwrap().len() > 0
        })
        .unwrap();
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[0] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    assert!(Store::check_backup(&copy).is_err());
    assert!(Store::restore(&copy, &World::sqlite().config, false).await.is_err());
}
