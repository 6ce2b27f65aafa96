//! What was taught, and the list of changes that indexes follow.

use crate::world::{NOW, World, both, claim_one, lesson, record, said};
use domain::exchange::Scope;
use domain::ids::{LessonId, PersonId};
use store::{Knowledge, Record};

both!(a_lesson_is_in_the_list_of_changes_until_it_is_retired, a_persons_words_are_erased_on_request);

async fn a_lesson_is_in_the_list_of_changes_until_it_is_retired(world: World) {
    let store = world.open().await;
    store.accept(vec![said("1", "teach"), said("1", "forget")]).await.unwrap();
    let work = claim_one(&store, "me", NOW).await;
    let taught = lesson("L1", Scope::Everyone, "ann");
    let recorded = store.record(Record { lessons: vec![taught.clone()], ..record("me", &work) }).await.unwrap();
    let changes = store.knowledge_since(0, 10).await.unwrap();
    let (revision, change) = changes.last().unwrap();
    assert_eq!(*change, Knowledge::Lesson(taught));
    let forget = recorded.next.unwrap();
    store.record(Record { forget: vec!["L1".to_owned()], ..record("me", &forget) }).await.unwrap();
    let changes = store.knowledge_since(*revision, 10).await.unwrap();
    assert!(matches!(changes.last(), Some((_, Knowledge::Removed(id))) if id == "L1"), "{changes:?}");
    assert!(store.lesson(&LessonId::from("L1")).await.unwrap().is_none());
}

async fn a_persons_words_are_erased_on_request(world: World) {
    let store = world.open().await;
    store.accept(vec![said("1", "teach")]).await.unwrap();
    let work = claim_one(&store, "me", NOW).await;
    let taught = lesson("L1", Scope::Everyone, "ann");
    store.record(Record { lessons: vec![taught], ..record("me", &work) }).await.unwrap();
    let ann = PersonId::from("ann");
    assert!(store.export_person(&ann).await.unwrap().contains("answer of L1"));
    store.forget_person(&ann, NOW).await.unwrap();
    assert!(!store.export_person(&ann).await.unwrap().contains("answer of L1"));
    assert_eq!(store.my_data(&ann).await.unwrap().lessons, 0);
}
