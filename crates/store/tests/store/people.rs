//! People across platforms, the doors they come in by, and what they may do.

use crate::world::{NOW, World, answered, author, both, claim_one, entry, lesson, place, record, said};
use domain::chat::Role;
use domain::exchange::Scope;
use domain::ids::PersonId;
use domain::incoming::{Author, Channel};
use domain::person::{Lang, Person, Standing};
use store::{Knowledge, Record};

both!(
    somebody_new_is_a_stranger_and_the_same_one_next_time,
    a_new_name_and_language_are_taken_over_but_not_over_a_choice,
    people_are_found_by_account_username_and_id,
    an_account_can_be_expected_before_it_writes,
    an_account_that_is_linked_brings_its_words_along,
    a_code_opens_once_and_not_after_its_time,
    a_session_lasts_until_it_ends,
    a_role_is_saved_with_the_turn_and_a_renaming_does_not_undo_it,
    meeting_at_once_makes_one_person,
);

async fn somebody_new_is_a_stranger_and_the_same_one_next_time(world: World) {
    let store = world.open().await;
    let ann = Author { language: Some("ru-RU".into()), ..author("5", "Анна") };
    let view = store.turn_view(&place("5"), &ann, NOW, 10, 1000).await.unwrap();
    assert_eq!((view.person.standing, view.person.lang), (Standing::Stranger, Lang::Ru));
    assert_eq!(store.meet(Channel::Telegram, &ann, NOW).await.unwrap(), view.person);
    assert_ne!(store.meet(Channel::Discord, &ann, NOW).await.unwrap().id, view.person.id);
    assert!(!store.owner_exists().await.unwrap());
}

async fn a_new_name_and_language_are_taken_over_but_not_over_a_choice(world: World) {
    let store = world.open().await;
    let ann = store.meet(Channel::Telegram, &author("5", "Ann"), NOW).await.unwrap();
    let renamed = Author { language: Some("ru".into()), username: Some("@Anna".into()), ..author("5", "Anna") };
    let seen = store.turn_view(&place("5"), &renamed, NOW, 10, 1000).await.unwrap().person;
    assert_eq!((seen.id.clone(), seen.name.as_str(), seen.lang), (ann.id, "Anna", Lang::Ru));
    assert_eq!(store.find_person("@anna").await.unwrap(), Some(seen.clone()));
    let mut chosen = Person { lang: Lang::En, ..seen };
    chosen.prefs.lang_chosen = true;
    store.save_person(&chosen).await.unwrap();
    assert_eq!(store.meet(Channel::Telegram, &renamed, NOW).await.unwrap().lang, Lang::En);
}

async fn people_are_found_by_account_username_and_id(world: World) {
    let store = world.open().await;
    let ann = Author { username: Some("Ann_42".into()), ..author("5", "Ann") };
    let ann = store.meet(Channel::Telegram, &ann, NOW).await.unwrap();
    for text in ["telegram:5", " @ANN_42 ", ann.id.as_str()] {
        assert_eq!(store.find_person(text).await.unwrap(), Some(ann.clone()), "{text}");
    }
    for text in ["telegram:6", "@", "@nobody", "", "discord:5"] {
        assert_eq!(store.find_person(text).await.unwrap(), None, "{text}");
    }
    assert_eq!(store.accounts(&ann.id).await.unwrap(), [(Channel::Telegram, "5".into())]);
    assert_eq!(store.people(10).await.unwrap(), [ann]);
}

async fn an_account_can_be_expected_before_it_writes(world: World) {
    let store = world.open().await;
    assert_eq!(store.expect_person("Ann", NOW).await.unwrap(), None);
    assert_eq!(store.expect_person("icq:5", NOW).await.unwrap(), None);
    assert_eq!(store.expect_person("telegram:", NOW).await.unwrap(), None);
    let expected = store.expect_person("telegram:5", NOW).await.unwrap().unwrap();
    store.save_person(&Person { standing: Standing::Owner, ..expected.clone() }).await.unwrap();
    assert_eq!(store.expect_person("telegram:5", NOW).await.unwrap().unwrap().id, expected.id);
    let met = store.meet(Channel::Telegram, &author("5", "Ann"), NOW).await.unwrap();
    assert_eq!((met.id, met.standing, met.name.as_str()), (expected.id.clone(), Standing::Owner, "Ann"));
    assert_eq!(store.owner().await.unwrap().unwrap().id, expected.id);
    assert!(store.owner_on(Channel::Telegram).await.unwrap() && !store.owner_on(Channel::Web).await.unwrap());
    assert_eq!(store.people_with(Standing::Owner, 10).await.unwrap().len(), 1);
}

async fn an_account_that_is_linked_brings_its_words_along(world: World) {
    let store = world.open().await;
    let web = store.meet(Channel::Web, &author("page", "Ann"), NOW).await.unwrap();
    let phone = store.meet(Channel::Telegram, &author("5", "Ann"), NOW).await.unwrap();
    store.accept(vec![said("5", "hi")]).await.unwrap();
    let work = claim_one(&store, "me", NOW).await;
    let mut turn = answered("me", &work, "5", "x1", "hello");
    turn.log[0].author = Some(phone.id.clone());
    turn.exchange.as_mut().unwrap().person = phone.id.clone();
    turn.lessons = vec![lesson("l1", Scope::Person(phone.id.clone()), phone.id.as_str())];
    store.record(turn).await.unwrap();
    store.link(Channel::Telegram, &"5".into(), &web.id).await.unwrap();
    assert_eq!(store.meet(Channel::Telegram, &author("5", "Ann"), NOW).await.unwrap().id, web.id);
    assert_eq!(store.person(&phone.id).await.unwrap(), None);
    let data = store.my_data(&web.id).await.unwrap();
    assert_eq!((data.messages, data.exchanges, data.lessons), (1, 1, 1));
    assert_eq!(store.exchange(&"x1".into()).await.unwrap().unwrap().person, web.id);
    assert_eq!(store.usage_of(&web.id).await.unwrap().exchanges, 1);
    let changes = store.knowledge_since(0, 10).await.unwrap();
    let (_, Knowledge::Lesson(lesson)) = changes.last().unwrap() else { panic!("{changes:?}") };
    assert_eq!(lesson.scope, Scope::Person(web.id.clone()), "indexes hear of it");
    store.link(Channel::Telegram, &"5".into(), &web.id).await.unwrap();
    assert!(store.person(&web.id).await.unwrap().is_some(), "linked to oneself changes nothing");
}

async fn a_code_opens_once_and_not_after_its_time(world: World) {
    let store = world.open().await;
    store.put_code("owner", "h1", NOW.plus(1000), "data").await.unwrap();
    store.put_code("owner", "h2", NOW.plus(1000), "").await.unwrap();
    assert_eq!(store.take_code("page", "h1", NOW).await.unwrap(), None);
    let (one, two) = tokio::join!(store.take_code("owner", "h1", NOW), store.take_code("owner", "h1", NOW));
    let mut taken = [one.unwrap(), two.unwrap()];
    taken.sort();
    assert_eq!(taken, [None, Some("data".to_owned())]);
    assert_eq!(store.take_code("owner", "h2", NOW.plus(1001)).await.unwrap(), None);
    assert_eq!(store.take_code("owner", "h2", NOW).await.unwrap(), None, "it was used up by the attempt");
}

async fn a_session_lasts_until_it_ends(world: World) {
    let store = world.open().await;
    let ann = PersonId::from("ann");
    store.put_session("s1", &ann, NOW.plus(1000)).await.unwrap();
    assert_eq!(store.session("s1", NOW).await.unwrap(), Some(ann.clone()));
    assert_eq!(store.session("s1", NOW.plus(1001)).await.unwrap(), None);
    store.put_session("s1", &ann, NOW.plus(5000)).await.unwrap();
    assert_eq!(store.session("s1", NOW.plus(1001)).await.unwrap(), Some(ann));
    store.drop_session("s1").await.unwrap();
    assert_eq!(store.session("s1", NOW).await.unwrap(), None);
}

async fn a_role_is_saved_with_the_turn_and_a_renaming_does_not_undo_it(world: World) {
    let store = world.open().await;
    let ann = store.meet(Channel::Telegram, &author("5", "Ann"), NOW).await.unwrap();
    store.accept(vec![said("1", "/block 5")]).await.unwrap();
    let work = claim_one(&store, "me", NOW).await;
    let person = Some(Person { standing: Standing::Blocked, ..ann });
    store.record(Record { person, log: vec![entry(Role::User, "x", None)], ..record("me", &work) }).await.unwrap();
    let met = store.meet(Channel::Telegram, &author("5", "Annie"), NOW).await.unwrap();
    assert_eq!((met.standing, met.name.as_str()), (Standing::Blocked, "Annie"));
    assert_eq!(store.person(&met.id).await.unwrap(), Some(met));
}

async fn meeting_at_once_makes_one_person(world: World) {
    let store = world.open().await;
    let other = world.open().await;
    let ann = author("5", "Ann");
    let meetings = (0..10).map(|n| {
        let (store, ann) = (if n % 2 == 0 { store.clone() } else { other.clone() }, ann.clone());
        tokio::spawn(async move { store.meet(Channel::Telegram, &ann, NOW).await.unwrap().id })
    });
    let mut ids = Vec::new();
    for meeting in meetings.collect::<Vec<_>>() {
        ids.push(meeting.await.unwrap());
    }
    ids.dedup();
    assert_eq!(ids.len(), 1);
    assert_eq!(store.people(10).await.unwrap().len(), 1);
}
