//! What people ask in passing reaches the bot and is answered, chosen, and forgotten when it is too late.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

extern crate apprentice_channels as channels;

#[allow(dead_code, reason = "other tests use the rest")]
mod world;

use channels::telegram::{Failure, InlineButton, InlineResult, MOST_RESULTS};
use domain::incoming::{Act, ChatKind, Incoming};
use std::sync::Mutex;
use tokio_util::sync::CancellationToken;
use world::World;

fn result(id: &str, markdown: &str) -> InlineResult {
    InlineResult {
        id: id.to_owned(),
        title: format!("title {id}"),
        markdown: markdown.to_owned(),
        description: "what it is".to_owned(),
    }
}

/// What was asked in passing, as the bot is told.
async fn asked(world: &World) -> Incoming {
    let (end, happened) = (CancellationToken::new(), Mutex::new(Vec::<Incoming>::new()));
    let accept = |mut batch: Vec<Incoming>| {
        happened.lock().unwrap().append(&mut batch);
        end.cancel();
        std::future::ready(Ok(()))
    };
    world.telegram.poll(accept, end.clone()).await.unwrap();
    happened.into_inner().unwrap().into_iter().find(|one| matches!(one.act, Act::Inline { .. })).unwrap()
}

fn query(incoming: &Incoming) -> String {
    let Act::Inline { query, .. } = &incoming.act else { panic!("{incoming:?}") };
    query.clone()
}

#[tokio::test]
async fn a_question_in_passing_is_answered_and_the_answer_chosen() {
    let world = World::new().await;
    let inline = world.alice.inline("six times seven");
    let incoming = asked(&world).await;
    assert!(matches!(&incoming.act, Act::Inline { text, .. } if text == "six times seven"));
    let place = &incoming.place;
    assert_eq!((place.chat.as_str(), place.thread.as_deref()), (world.place.chat.as_str(), Some("inline")));
    assert_eq!(place.kind, ChatKind::Private);
    let button = InlineButton { label: "Open".to_owned(), start: "inline".to_owned() };
    let results = [result("a", "It is **42**."), result("b", &"long ".repeat(2000)), result("c", "")];
    world.telegram.answer_inline(&query(&incoming), &results, 7, true, Some(&button)).await.unwrap();
    let answer = inline.answer().await;
    assert_eq!((answer.cache_seconds, answer.personal, answer.results.len()), (7, true, 3));
    assert_eq!(answer.button, Some(("Open".to_owned(), "inline".to_owned())));
    assert_eq!(answer.results[0].description, "what it is");
    assert!(answer.results[1].text.len() <= 4096 && answer.results[1].text.len() > 4000);
    let chosen = inline.choose("title a").await;
    assert_eq!(world.alice.message(chosen).unwrap().marked(), "It is <bold>42</bold>.");
    world.keeps_the_rules();
}

#[tokio::test]
async fn too_late_is_no_error_and_a_broken_rule_is_one() {
    let world = World::new().await;
    let inline = world.alice.inline("six");
    let query = query(&asked(&world).await);
    let twice = [result("a", "x"), result("a", "y")];
    let told = world.telegram.answer_inline(&query, &twice, 0, false, None).await;
    assert!(matches!(told, Err(Failure::Refused { .. })), "{told:?}");
    inline.expire();
    world.telegram.answer_inline(&query, &[result("a", "x")], 0, false, None).await.unwrap();
    assert_eq!(world.server.count("answerInlineQuery"), 2);
}

#[tokio::test]
async fn more_results_and_longer_titles_than_telegram_shows_are_cut() {
    let world = World::new().await;
    let inline = world.alice.inline("all");
    let query = query(&asked(&world).await);
    let mut many: Vec<InlineResult> =
        (0..60).map(|at| result(&at.to_string(), "**x** ".repeat(300).as_str())).collect();
    many[0].title = "🙂".repeat(500);
    world.telegram.answer_inline(&query, &many, 0, false, None).await.unwrap();
    let answer = inline.answer().await;
    assert_eq!((answer.results.len(), answer.results[0].title.chars().count()), (MOST_RESULTS, 128));
    world.keeps_the_rules();
}
