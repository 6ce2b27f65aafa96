//! Files that people bring: kept whole, sent once, seen by nobody else, and never more than bytes to a browser.

use crate::world::{LARGEST, World};
use axum::http::StatusCode;
use domain::incoming::{Act, Attachment, Media, Message};
use domain::person::Standing;

fn message(world: &World, at: usize) -> Message {
    match &world.said.lock().unwrap()[at].act {
        Act::Said(message) => message.clone(),
        other => panic!("{other:?}"),
    }
}

fn say(id: &str, uploads: &[&str]) -> String {
    serde_json::json!({"id": id, "text": "look", "uploads": uploads}).to_string()
}

#[tokio::test]
async fn a_file_is_brought_once_and_hangs_on_the_message_that_names_it() {
    let world = World::new().await;
    let cookie = world.login(&world.person("alice", Standing::User).await).await;
    let bring = |query: &'static str, kind: &'static str| {
        let (world, cookie) = (&world, cookie.clone());
        async move {
            let headers = [("cookie", cookie.as_str()), ("content-type", kind)];
            let answer = world.post(&format!("/upload?{query}"), &headers, "some bytes").await;
            assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
            answer.body
        }
    };
    let voice = bring("name=voice.webm&recorded=true&ms=4200", "audio/webm;codecs=opus").await;
    let photo = bring("name=a.png", "image/png").await;
    let drawing = bring("name=a%2Fb%0A.svg", "image/svg+xml").await;
    let cookie_header = [("cookie", cookie.as_str())];
    let said = world.post("/say", &cookie_header, say("1", &[&voice, &photo, &drawing])).await;
    assert_eq!(said.status, StatusCode::ACCEPTED, "{}", said.body);
    let files: Vec<_> = message(&world, 0)
        .attachments
        .into_iter()
        .map(|attachment| match attachment {
            Attachment::File(file) => (file.name, file.mime, file.size, file.media, file.seconds),
            other => panic!("{other:?}"),
        })
        .collect();
    let named = |name: &str, mime: &str, media, seconds| (name.to_owned(), mime.to_owned(), 10, media, seconds);
    assert_eq!(
        files,
        [
            named("voice.webm", "audio/webm", Media::Voice, 4),
            named("a.png", "image/png", Media::Photo, 0),
            named("a_b_.svg", "image/svg+xml", Media::Document, 0),
        ]
    );
    // The same message again is the same; another one has files of its own.
    assert_eq!(world.post("/say", &cookie_header, say("1", &[&voice])).await.status, StatusCode::ACCEPTED);
    let other = world.post("/say", &cookie_header, say("2", &[&voice])).await;
    assert!(other.status == StatusCode::GONE && other.body.contains("Attach them again"), "{}", other.body);
}

#[tokio::test]
async fn nobody_names_or_sees_what_somebody_else_brought() {
    let world = World::new().await;
    let hers = world.login(&world.person("alice", Standing::User).await).await;
    let his = world.login(&world.person("bob", Standing::Owner).await).await;
    let brought =
        world.post("/upload?name=a.png", &[("cookie", &hers), ("content-type", "image/png")], "png").await.body;
    let address = format!("/upload?id={brought}");
    assert_eq!(world.get(&address, &[("cookie", &hers)]).await.body, "png");
    assert_eq!(world.get(&address, &[("cookie", &his)]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.get(&address, &[]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(world.post("/say", &[("cookie", &his)], say("1", &[&brought])).await.status, StatusCode::GONE);
    assert_eq!(world.post("/upload?name=x", &[], "x").await.status, StatusCode::FORBIDDEN);
    for wrong in ["/upload?id=", "/upload?id=0", "/upload?id=../db"] {
        assert_eq!(world.get(wrong, &[("cookie", &hers)]).await.status, StatusCode::NOT_FOUND, "{wrong}");
    }
    assert!(world.said.lock().unwrap().is_empty());
    // What waits too long is as if it had never come.
    world.pass(90_000_000);
    assert_eq!(world.post("/say", &[("cookie", &hers)], say("2", &[&brought])).await.status, StatusCode::GONE);
}

#[tokio::test]
async fn what_is_too_large_is_refused_in_words() {
    let world = World::new().await;
    let cookie = world.login(&world.person("alice", Standing::User).await).await;
    let large = "x".repeat(usize::try_from(LARGEST).unwrap() + 1);
    let answer = world.post("/upload?name=a", &[("cookie", &cookie), ("content-type", "")], large.clone()).await;
    assert!(
        answer.status == StatusCode::PAYLOAD_TOO_LARGE && answer.body.contains("At most 97.6 KiB"),
        "{}",
        answer.body
    );
    let fits = world.post("/upload?name=a", &[("cookie", &cookie)], large[1..].to_owned()).await;
    assert_eq!(fits.status, StatusCode::CREATED, "{}", fits.body);
}

#[tokio::test]
async fn whatever_it_calls_itself_a_file_is_never_a_page_and_a_part_of_it_is_a_part() {
    let world = World::new().await;
    let cookie = world.login(&world.person("alice", Standing::User).await).await;
    for (mime, handed) in [
        ("text/html", "application/octet-stream"),
        ("image/svg+xml", "application/octet-stream"),
        ("application/pdf", "application/octet-stream"),
        ("image/png", "image/png"),
        ("audio/webm;codecs=opus", "audio/webm"),
    ] {
        let headers = [("cookie", cookie.as_str()), ("content-type", mime)];
        let id = world.post("/upload?name=%D1%84%22.x", &headers, "0123456789").await.body;
        let address = format!("/upload?id={id}");
        let whole = world.get(&address, &[("cookie", &cookie)]).await;
        assert_eq!(whole.headers["content-type"], handed, "{mime}");
        assert_eq!(whole.headers["content-disposition"], "attachment; filename*=UTF-8''%D1%84%22%2Ex");
        assert_eq!(
            (whole.headers["accept-ranges"].as_bytes(), whole.body.as_str()),
            (b"bytes".as_slice(), "0123456789")
        );
        let part = world.get(&address, &[("cookie", &cookie), ("range", "bytes=2-4")]).await;
        assert_eq!((part.status, part.body.as_str()), (StatusCode::PARTIAL_CONTENT, "234"));
        assert_eq!(part.headers["content-range"], "bytes 2-4/10");
        let beyond = world.get(&address, &[("cookie", &cookie), ("range", "bytes=10-")]).await;
        assert_eq!(beyond.status, StatusCode::RANGE_NOT_SATISFIABLE);
        assert_eq!(beyond.headers["content-range"], "bytes */10");
    }
}

#[tokio::test]
async fn what_was_heard_is_replied_to_by_the_message_that_was_heard() {
    let world = World::new().await;
    let cookie = world.login(&world.person("alice", Standing::User).await).await;
    let said = r#"{"id":"2","text":"the letter","heard":"1"}"#;
    assert_eq!(world.post("/say", &[("cookie", &cookie)], said).await.status, StatusCode::ACCEPTED);
    let reply = message(&world, 0).reply_to.unwrap();
    assert_eq!((reply.message.as_str(), reply.ours), ("heard:1", true));
}

#[tokio::test]
async fn more_than_two_full_messages_of_files_do_not_wait() {
    let world = World::new().await;
    let hers = world.login(&world.person("alice", Standing::User).await).await;
    let his = world.login(&world.person("bob", Standing::User).await).await;
    let mut brought = Vec::new();
    for _ in 0..20 {
        brought.push(world.post("/upload?name=a", &[("cookie", &hers)], "a").await.body);
    }
    let refused = world.post("/upload?name=a", &[("cookie", &hers)], "a").await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.body.starts_with("Too many of your files"), "{}", refused.body);
    let another = world.post("/upload?name=a", &[("cookie", &his)], "a").await;
    assert_eq!(another.status, StatusCode::CREATED, "somebody else's do not count: {}", another.body);
    // What was sent does not wait any more.
    let said = world.post("/say", &[("cookie", &hers)], say("1", &[&brought[0]])).await;
    assert_eq!(said.status, StatusCode::ACCEPTED, "{}", said.body);
    assert_eq!(world.post("/upload?name=a", &[("cookie", &hers)], "a").await.status, StatusCode::CREATED);
}
