//! A person can see, take along and erase what is stored about them; a chat can move.

use crate::world::{
    NOW, World, answered, author, both, claim_one, conversation, lane, lesson, place, record, said, text_of,
};
use domain::exchange::{Feedback, Opinion, Scope};
use domain::ids::PersonId;
use domain::incoming::Channel;
use domain::person::ChatPrefs;
use domain::work::Job;
use store::{MyData, Record, Store};

both!(
    what_is_stored_is_counted_and_taken_along,
    a_person_who_is_forgotten_leaves_no_words_and_others_keep_theirs,
    a_chat_that_moves_takes_everything_along,
);

/// A turn of somebody, who then rates the answer and teaches something.
async fn talk(store: &Store, chat: &str, person: &PersonId, text: &str) {
    store.accept(vec![said(chat, text)]).await.unwrap();
    let work = claim_one(store, "me", NOW).await;
    let id = format!("x-{chat}-{text}");
    let mut turn = answered("me", &work, chat, &id, &format!("re: {text}"));
    turn.log[0].author = Some(person.clone());
    turn.exchange.as_mut().unwrap().person = person.clone();
    turn.lessons = vec![lesson(&format!("l{chat}-{}", text.len()), Scope::Person(person.clone()), person.as_str())];
    turn.feedback = vec![Feedback {
        exchange: Some(id.as_str().into()),
        conversation: conversation(chat),
        person: person.clone(),
        opinion: Opinion::Comment { text: format!("on {text}") },
        at: NOW,
    }];
    turn.summary = Some((conversation(chat), 1_000_000, format!("{text} was said")));
    store.record(turn).await.unwrap();
    store.delivered("me", &work, Some(&id.as_str().into()), &conversation(chat), vec![text.into()], NOW).await.unwrap();
}

async fn what_is_stored_is_counted_and_taken_along(world: World) {
    let store = world.open().await;
    let ann = store.meet(Channel::Telegram, &author("1", "Ann"), NOW).await.unwrap().id;
    talk(&store, "1", &ann, "first").await;
    talk(&store, "1", &ann, "second").await;
    talk(&store, "2", &"bob".into(), "secret").await;
    let data = store.my_data(&ann).await.unwrap();
    assert_eq!(data, MyData { messages: 2, exchanges: 2, lessons: 2, documents: 0, feedback: 2, examples: 0 });
    let export = store.export_person(&ann).await.unwrap();
    let lines: Vec<serde_json::Value> = export.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds: Vec<_> = lines.iter().map(|line| line["kind"].as_str().unwrap()).collect();
    assert_eq!(
        kinds,
        ["person", "message", "message", "exchange", "exchange", "taught", "taught", "feedback", "feedback"]
    );
    assert!(export.contains("telegram:1") && export.contains("first") && !export.contains("secret"));
}

async fn a_person_who_is_forgotten_leaves_no_words_and_others_keep_theirs(world: World) {
    let store = world.open().await;
    let ann = store.meet(Channel::Telegram, &author("1", "Ann"), NOW).await.unwrap().id;
    talk(&store, "1", &ann, "apples").await;
    talk(&store, "1", &"bob".into(), "bananas").await;
    store.forget_person(&ann, NOW).await.unwrap();
    assert_eq!(store.my_data(&ann).await.unwrap(), MyData::default());
    let log = store.history(&conversation("1"), None, 10).await.unwrap();
    let texts: Vec<_> = log.iter().map(|entry| entry.text.as_str()).collect();
    assert_eq!(texts, ["", "", "bananas", "re: bananas"], "the places remain, the words do not");
    assert!(store.exchange(&"x-1-apples".into()).await.unwrap().is_none());
    assert!(store.exchange(&"x-1-bananas".into()).await.unwrap().is_some());
    assert_eq!(store.summary(&conversation("1")).await.unwrap(), None);
    let copy = world.folder.path().join("copy");
    store.backup(&copy, NOW).await.unwrap();
    for file in std::fs::read_dir(&copy).unwrap().flatten().filter(|file| file.path().is_file()) {
        let text = std::fs::read_to_string(file.path()).unwrap();
        let file = file.file_name();
        let spaced = text.replace("\" : \"", "\":\"");
        for word in ["\"text\":\"apples", "re: apples", "on apples", "apples was said", "question of l1-6"] {
            assert!(!spaced.contains(word), "{word} in {file:?}: {text}");
        }
        assert!(file != "person.jsonl" || !text.contains("Ann"), "{text}");
    }
    assert_eq!(
        store.meet(Channel::Telegram, &author("1", ""), NOW).await.unwrap().id,
        ann,
        "a known account stays known"
    );
}

async fn a_chat_that_moves_takes_everything_along(world: World) {
    let store = world.open().await;
    talk(&store, "1", &"ann".into(), "hi").await;
    let group = Scope::Conversation(conversation("1"));
    store.accept(vec![said("1", "set"), said("1", "waiting"), said("1", "moved!")]).await.unwrap();
    let work = claim_one(&store, "me", NOW).await;
    let turn = Record {
        chat_prefs: Some((conversation("1"), ChatPrefs { persona: Some("poet".into()), ..ChatPrefs::default() })),
        lessons: vec![lesson("lg", group, "ann")],
        ..record("me", &work)
    };
    let waiting = store.record(turn).await.unwrap().next.unwrap();
    // The platform's word of the move is being handled while "moved!" waits behind it.
    store.migrate_chat(&place("1"), "-1001").await.unwrap();
    assert!(store.record(record("me", &waiting)).await.unwrap().next.is_none());
    let moved = claim_one(&store, "you", NOW.plus(1)).await;
    assert_eq!((text_of(&moved).as_str(), &moved.lane), ("moved!", &lane("-1001")));
    let Job::Handle { incoming, .. } = &moved.job else { panic!("{moved:?}") };
    assert_eq!(incoming.place.chat, "-1001");
    let view = store.turn_view(&place("-1001"), &author("9", "Bob"), NOW, 10, 1000).await.unwrap();
    assert_eq!(view.log.iter().map(|entry| entry.text.as_str()).collect::<Vec<_>>(), ["hi", "re: hi"]);
    assert_eq!(view.chat_prefs.persona.as_deref(), Some("poet"));
    assert_eq!(
        store.exchange_of(&conversation("-1001"), &"hi".into()).await.unwrap().unwrap().conversation,
        conversation("-1001")
    );
    assert_eq!(store.last_exchange(&conversation("-1001")).await.unwrap().unwrap().id, "x-1-hi".into());
    assert_eq!(store.lessons(Some(&Scope::Conversation(conversation("-1001"))), 9).await.unwrap().len(), 1);
    assert!(store.history(&conversation("1"), None, 10).await.unwrap().is_empty());
    assert_eq!(store.my_data(&"ann".into()).await.unwrap().messages, 1);
}
