//! Files and pictures of notices: fetched by whoever they were said to, harmless, and still there after a
//! reload.

use crate::world::World;
use axum::http::StatusCode;
use domain::ids::{ConversationId, Millis};
use domain::outgoing::{File, Outgoing};
use domain::person::{Person, Standing};

fn say(world: &World, person: &Person, outgoing: Outgoing, at: i64) {
    let conversation = ConversationId(format!("web:{}", person.id));
    world.live.publish(&conversation, console::LiveEvent::notice(outgoing, Millis(at)));
}

fn card(markdown: &str, picture: &str) -> Outgoing {
    Outgoing {
        markdown: markdown.to_owned(),
        picture: Some(File::stored("curve.png", "image/png", picture)),
        file: Some(File::stored("п\"\r.html", "text/html", "runs/1/page.html")),
        card: Some("run:1".to_owned()),
        ..Outgoing::default()
    }
}

/// The addresses of files on a page.
fn addresses(page: &str) -> Vec<String> {
    let rest = page.split("\"/file?").skip(1).filter_map(|rest| rest.split('"').next());
    rest.map(|rest| format!("/file?{}", rest.replace("&amp;", "&"))).collect()
}

#[tokio::test]
async fn a_file_is_handed_to_whom_it_was_said_and_to_nobody_else() {
    let world = World::new().await;
    let (alice, bob) = (world.person("alice", Standing::User).await, world.person("bob", Standing::Owner).await);
    let (hers, his) = (world.login(&alice).await, world.login(&bob).await);
    say(&world, &alice, card("step 1", "runs/1/curve.png"), 1);
    let page = world.get("/", &[("cookie", &hers)]).await.body;
    let found = addresses(&page);
    assert_eq!(found.len(), 2, "{page}");
    let contents = ["runs/1/curve.png", "runs/1/page.html"];
    for (address, contents) in found.iter().zip(contents) {
        let answer = world.get(address, &[("cookie", &hers)]).await;
        assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, contents));
        assert_eq!(world.get(address, &[("cookie", &his)]).await.status, StatusCode::NOT_FOUND);
        assert_eq!(world.get(address, &[]).await.status, StatusCode::FORBIDDEN);
    }
    assert!(addresses(&world.get("/", &[("cookie", &his)]).await.body).is_empty());
    for wrong in ["/file?key=&part=file", "/file?key=0&part=picture"] {
        assert_eq!(world.get(wrong, &[("cookie", &hers)]).await.status, StatusCode::NOT_FOUND);
    }
    for wrong in ["/file", "/file?key=0", "/file?key=0&part=other"] {
        assert_eq!(world.get(wrong, &[("cookie", &hers)]).await.status, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn what_is_in_a_file_never_speaks_in_the_name_of_the_page() {
    let world = World::new().await;
    let alice = world.person("alice", Standing::User).await;
    let cookie = world.login(&alice).await;
    say(&world, &alice, card("step 1", "curve.png"), 1);
    let found = addresses(&world.get("/", &[("cookie", &cookie)]).await.body);
    let kinds = ["image/png", "application/octet-stream"];
    let names = ["curve%2Epng", "%D0%BF%22%0D%2Ehtml"];
    for (address, (kind, name)) in found.iter().zip(kinds.into_iter().zip(names)) {
        let headers = world.get(address, &[("cookie", &cookie)]).await.headers;
        assert_eq!(headers["content-type"], kind);
        assert_eq!(headers["content-disposition"], format!("attachment; filename*=UTF-8''{name}"));
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["cache-control"], "no-store");
    }
}

#[tokio::test]
async fn after_a_reload_a_card_shows_its_latest_form_once_where_it_stood() {
    let world = World::new().await;
    let alice = world.person("alice", Standing::User).await;
    let cookie = world.login(&alice).await;
    say(&world, &alice, card("step 1", "a.png"), 1);
    let early = addresses(&world.get("/", &[("cookie", &cookie)]).await.body);
    let export =
        Outgoing { markdown: "an export".to_owned(), file: Some(File::text("a.txt", "a b")), ..Outgoing::default() };
    say(&world, &alice, export, 2);
    say(&world, &alice, Outgoing { markdown: "only words".to_owned(), ..Outgoing::default() }, 3);
    say(&world, &alice, card("step 2", "b.png"), 4);
    let page = world.get("/", &[("cookie", &cookie)]).await.body;
    let (step, export) = (page.find("step 2").unwrap(), page.find("an export").unwrap());
    assert!(step < export && !page.contains("step 1") && !page.contains("only words"), "{page}");
    assert!(page.contains("data-card=\"run:1\"") && page.contains("data:text/plain;charset=utf-8,a%20b"));
    // A picture of its own, which no browser takes for the earlier one.
    let late = addresses(&page);
    assert_ne!(early, late);
    assert_eq!(world.get(&late[0], &[("cookie", &cookie)]).await.body, "b.png");
}
