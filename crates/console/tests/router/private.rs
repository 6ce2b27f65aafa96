//! Nobody reads, hears or does anything in somebody else's name.

use crate::world::World;
use axum::body::BodyDataStream;
use axum::http::StatusCode;
use console::LiveEvent;
use domain::ids::{ConversationId, Millis};
use domain::outgoing::Outgoing;
use domain::person::{Person, Standing};
use futures::StreamExt as _;

fn conversation(person: &Person) -> ConversationId {
    ConversationId(format!("web:{}", person.id))
}

fn notice(text: &str) -> LiveEvent {
    LiveEvent::notice(Outgoing { markdown: text.to_owned(), ..Outgoing::default() }, Millis(1))
}

/// Reads a stream until it has those words.
async fn hear(stream: &mut BodyDataStream, words: &str) -> String {
    let mut heard = String::new();
    while !heard.contains(words) {
        heard += &String::from_utf8_lossy(&stream.next().await.expect("the stream ended").unwrap());
    }
    heard
}

#[tokio::test]
async fn everybody_hears_their_own_conversation_and_no_other() {
    let world = World::new().await;
    let (alice, bob) = (world.person("alice", Standing::User).await, world.person("bob", Standing::Owner).await);
    let cookie = world.login(&alice).await;
    // Naming another conversation changes nothing.
    for path in [
        "/events".to_owned(),
        format!("/events?conversation={}", conversation(&bob)),
        format!("/events?person={}", bob.id),
    ] {
        let answer = world.begin(&path, &[("cookie", &cookie)]).await;
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        let mut stream = answer.into_body().into_data_stream();
        hear(&mut stream, "hello").await;
        world.live.publish(&conversation(&bob), notice("a secret of bob"));
        world.live.publish(&conversation(&alice), notice("a word for alice"));
        let heard = hear(&mut stream, "a word for alice").await;
        assert!(!heard.contains("secret"), "{path}: {heard}");
    }
    // What bob missed waits for bob.
    let cookie = world.login(&bob).await;
    let answer = world.begin("/events", &[("cookie", &cookie)]).await;
    hear(&mut answer.into_body().into_data_stream(), "a secret of bob").await;
}

#[tokio::test]
async fn a_stream_is_refused_to_whoever_has_no_session_or_an_ended_one() {
    let world = World::new().await;
    let alice = world.person("alice", Standing::User).await;
    let cookie = world.login(&alice).await;
    world.post("/logout", &[("cookie", &cookie)], "").await;
    for cookie in ["", cookie.as_str(), "apprentice=", "apprentice=guess", &format!("apprentice={}", alice.id)] {
        let answer = world.begin("/events", &[("cookie", cookie)]).await;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{cookie}");
    }
}

#[tokio::test]
async fn what_is_said_is_said_in_the_name_and_place_of_the_session() {
    let world = World::new().await;
    let (alice, bob) = (world.person("alice", Standing::User).await, world.person("bob", Standing::Owner).await);
    let cookie = world.login(&alice).await;
    let body = format!(r#"{{"id":"1","text":"hi","person":"{0}","chat":"{0}","author":"{0}"}}"#, bob.id);
    assert_eq!(world.post("/say", &[("cookie", &cookie)], body).await.status, StatusCode::ACCEPTED);
    let said = world.said.lock().unwrap()[0].clone();
    assert_eq!((said.place.conversation(), said.author.account.0.as_str()), (conversation(&alice), alice.id.as_str()));
}

#[tokio::test]
async fn the_same_id_is_the_same_message_for_one_person_and_another_for_the_next() {
    let world = World::new().await;
    let (alice, bob) = (world.person("alice", Standing::User).await, world.person("bob", Standing::User).await);
    for person in [&alice, &alice, &bob] {
        let cookie = world.login(person).await;
        world.post("/say", &[("cookie", &cookie)], r#"{"id":"same","text":"x"}"#).await;
    }
    let keys: Vec<_> = world.said.lock().unwrap().iter().map(|said| said.dedupe.clone()).collect();
    assert_eq!(keys[0], keys[1]);
    assert_ne!(keys[0], keys[2]);
}

#[tokio::test]
async fn waiting_work_is_for_owners() {
    let world = World::new().await;
    for standing in [Standing::Stranger, Standing::User, Standing::Trainer] {
        let cookie = world.login(&world.person(standing.name(), standing).await).await;
        assert_eq!(world.get("/work", &[("cookie", &cookie)]).await.status, StatusCode::FORBIDDEN, "{standing:?}");
        let answer = world.post("/work", &[("cookie", &cookie)], r#"{"what":"drop:1"}"#).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{standing:?}");
    }
    let cookie = world.login(&world.person("owner", Standing::Owner).await).await;
    assert!(world.get("/work", &[("cookie", &cookie)]).await.body.contains("No work is waiting"));
    for (what, status) in
        [("drop:1", StatusCode::NOT_FOUND), ("burn:1", StatusCode::NOT_FOUND), ("drop:x", StatusCode::BAD_REQUEST)]
    {
        let answer = world.post("/work", &[("cookie", &cookie)], format!(r#"{{"what":"{what}"}}"#)).await;
        assert_eq!(answer.status, status, "{what}");
    }
}
