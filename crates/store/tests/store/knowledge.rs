//! What was taught counts at once, for whom it was meant, until it is unlearnt.

use crate::world::{NOW, World, author, both, claim_one, lesson, place, record, said};
use domain::exchange::{Document, Scope};
use domain::ids::{LessonId, PersonId};
use store::{Error, Knowledge, Record, Store};

both!(
    changes_are_followed_by_their_revision,
    what_is_unlearnt_leaves_no_words_behind,
    a_lesson_can_be_made_to_count_for_another,
    lessons_are_listed_by_scope_and_by_teacher,
    revisions_never_appear_out_of_order,
    documents_are_listed_by_scope_the_latest_first,
    documents_are_found_by_the_file_that_they_were_read_from,
);

fn document(id: &str) -> Document {
    let (scope, teacher) = (Scope::Everyone, PersonId::from("ann"));
    Document {
        id: id.into(),
        scope,
        title: "notes.txt".into(),
        text: "The tide turns at six.".into(),
        passages: Vec::new(),
        given_in: None,
        source: String::new(),
        teacher,
        at: NOW,
    }
}

async fn documents_are_listed_by_scope_the_latest_first(world: World) {
    let store = world.open().await;
    let of = |id: &str, scope: Scope| Document { scope, ..document(id) };
    let (own, other) = (Scope::Person(PersonId::from("ann")), Scope::Person(PersonId::from("bob")));
    let documents = vec![
        of("d1", Scope::Everyone),
        of("d2", own.clone()),
        of("d3", other.clone()),
        of("d4", own.clone()),
        of("d5", Scope::Everyone),
    ];
    teach(&store, |r| Record { documents, ..r }).await;
    teach(&store, |r| Record { forget: vec!["d5".to_owned()], ..r }).await;
    let ids = |found: Vec<Document>| found.into_iter().map(|document| document.id.to_string()).collect::<Vec<_>>();
    assert_eq!(ids(store.documents(&[Scope::Everyone, own.clone()], 10).await.unwrap()), ["d4", "d2", "d1"]);
    assert_eq!(ids(store.documents(&[Scope::Everyone, own], 2).await.unwrap()), ["d4", "d2"]);
    assert_eq!(ids(store.documents(&[other], 10).await.unwrap()), ["d3"]);
}

async fn documents_are_found_by_the_file_that_they_were_read_from(world: World) {
    let store = world.open().await;
    let own = Scope::Person(PersonId::from("ann"));
    let of = |id: &str, scope: &Scope, source: &str| Document {
        scope: scope.clone(),
        source: source.to_owned(),
        ..document(id)
    };
    let quotes = Document { text: r#""source":"aa""#.into(), ..of("d4", &own, "bb") };
    let documents =
        vec![of("d1", &own, "aa"), of("d2", &Scope::Everyone, "aa"), of("d3", &own, ""), quotes, of("d5", &own, "aa")];
    teach(&store, |r| Record { documents, ..r }).await;
    teach(&store, |r| Record { forget: vec!["d5".to_owned()], ..r }).await;
    let found = store.documents_from(&[own, Scope::Person(PersonId::from("bob"))], "aa").await.unwrap();
    assert_eq!(found.into_iter().map(|document| document.id.to_string()).collect::<Vec<_>>(), ["d1"]);
}

async fn teach(store: &Store, record_with: impl FnOnce(Record) -> Record) {
    let key = format!("teach{}", store.knowledge_revision().await.unwrap());
    store.accept(vec![said("1", &key)]).await.unwrap();
    let work = claim_one(store, "me", NOW).await;
    store.record(record_with(record("me", &work))).await.unwrap();
}

async fn changes_are_followed_by_their_revision(world: World) {
    let store = world.open().await;
    let one = lesson("l1", Scope::Everyone, "ann");
    teach(&store, |r| Record { lessons: vec![one.clone()], documents: vec![document("d1")], ..r }).await;
    let changes = store.knowledge_since(0, 10).await.unwrap();
    let known: Vec<_> = changes.iter().map(|(_, change)| change.clone()).collect();
    assert_eq!(known, [Knowledge::Lesson(one.clone()), Knowledge::Document(document("d1"))]);
    let last = changes[1].0;
    assert_eq!(store.knowledge_revision().await.unwrap(), last);
    let view = store.turn_view(&place("1"), &author("1", "Ann"), NOW, 1, 1).await.unwrap();
    assert_eq!(view.knowledge, last, "a turn sees how far its index should have read");
    assert!(store.knowledge_since(last, 10).await.unwrap().is_empty());
    teach(&store, |r| Record { forget: vec!["l1".into(), "nothing".into()], ..r }).await;
    let changes = store.knowledge_since(last, 10).await.unwrap();
    assert_eq!(changes.iter().map(|(_, c)| c.clone()).collect::<Vec<_>>(), [Knowledge::Removed("l1".into())]);
    assert_eq!(store.knowledge_since(0, 1).await.unwrap().len(), 1);
}

async fn what_is_unlearnt_leaves_no_words_behind(world: World) {
    let store = world.open().await;
    teach(&store, |r| Record { lessons: vec![lesson("l1", Scope::Everyone, "ann")], ..r }).await;
    teach(&store, |r| Record { documents: vec![document("d1")], ..r }).await;
    assert!(store.retire("l1").await.unwrap() && store.retire("d1").await.unwrap());
    assert!(!store.retire("l1").await.unwrap() && !store.retire("never").await.unwrap());
    assert_eq!(store.lesson(&"l1".into()).await.unwrap(), None);
    assert_eq!(store.document(&"d1".into()).await.unwrap(), None);
    let copy = world.folder.path().join("copy");
    store.backup(&copy, NOW).await.unwrap();
    let stored = std::fs::read_to_string(copy.join("knowledge.jsonl")).unwrap();
    assert!(!stored.contains("question of l1") && !stored.contains("tide"), "{stored}");
}

async fn a_lesson_can_be_made_to_count_for_another(world: World) {
    let store = world.open().await;
    teach(&store, |r| Record { lessons: vec![lesson("l1", Scope::Everyone, "ann")], ..r }).await;
    let mine = Scope::Person("ann".into());
    let narrowed = store.rescope(&"l1".into(), LessonId::from("l2"), mine.clone(), NOW).await.unwrap();
    assert_eq!((narrowed.scope, narrowed.question.as_str()), (mine.clone(), "question of l1"));
    assert_eq!(store.lessons(Some(&mine), 10).await.unwrap().len(), 1);
    assert_eq!(store.lessons(Some(&Scope::Everyone), 10).await.unwrap().len(), 0);
    let again = store.rescope(&"l1".into(), LessonId::from("l3"), mine, NOW).await;
    assert!(matches!(again, Err(Error::NotFound)), "{again:?}");
}

async fn lessons_are_listed_by_scope_and_by_teacher(world: World) {
    let store = world.open().await;
    let lessons = vec![
        lesson("l1", Scope::Everyone, "ann"),
        lesson("l2", Scope::Person("bob".into()), "bob"),
        lesson("l3", Scope::Conversation("telegram:1".into()), "ann"),
    ];
    teach(&store, |r| Record { lessons, ..r }).await;
    let ids = |found: Vec<domain::exchange::Lesson>| found.into_iter().map(|l| l.id.0).collect::<Vec<_>>();
    assert_eq!(ids(store.lessons(None, 10).await.unwrap()), ["l3", "l2", "l1"]);
    assert_eq!(ids(store.lessons_by(&"ann".into(), 1).await.unwrap()), ["l3"]);
    assert_eq!(ids(store.lessons(Some(&Scope::Person("bob".into())), 10).await.unwrap()), ["l2"]);
}

/// Two replicas teach at the same time while an index follows: it misses nothing.
async fn revisions_never_appear_out_of_order(world: World) {
    let (one, two) = (world.open().await, world.open().await);
    let teachers: Vec<_> = [("a", one.clone()), ("b", two)]
        .into_iter()
        .map(|(name, store)| {
            tokio::spawn(async move {
                for n in 0..40 {
                    let (chat, text) = (format!("chat-{name}"), format!("{n}"));
                    store.accept(vec![said(&chat, &text)]).await.unwrap();
                    let claimed = store.claim(name, 1, 60_000, NOW).await.unwrap();
                    for work in claimed {
                        let lessons = vec![lesson(&format!("{}-{}", work.lane, work.id), Scope::Everyone, name)];
                        store.record(Record { lessons, ..record(name, &work) }).await.unwrap();
                    }
                }
            })
        })
        .collect();
    let (mut read, mut seen) = (0, 0);
    loop {
        let done = teachers.iter().all(|teacher| teacher.is_finished());
        let changes = one.knowledge_since(read, 1000).await.unwrap();
        seen += changes.len();
        read = changes.last().map_or(read, |(revision, _)| *revision);
        if done && changes.is_empty() {
            break;
        }
        tokio::task::yield_now().await;
    }
    for teacher in teachers {
        teacher.await.unwrap();
    }
    assert_eq!(seen, one.knowledge_since(0, 1000).await.unwrap().len());
    assert!(seen > 0);
}
