//! Updates arrive by polling and by webhook; what nobody knows is counted, confirmed and never comes again.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

extern crate apprentice_channels as channels;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use channels::telegram::{AcceptError, Config, Limits, Telegram, Webhook, routes};
use domain::incoming::{Act, Incoming};
use serde_json::json;
use sim::telegram::Server;
use std::sync::Mutex;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

const LIMITS: Limits =
    Limits { chat_per_s: 0.0, group_per_min: 0, global_per_s: 0, draft_interval_ms: 0, edit_interval_ms: 0 };

async fn telegram(secret: Option<&str>) -> (Server, Telegram) {
    let server = Server::start(sim::telegram::Config::default()).await;
    let webhook =
        secret.map(|secret| Webhook { url: "https://bot.example".to_owned(), secret: secret.to_owned().into() });
    let config = Config {
        token: server.token().to_owned().into(),
        api_url: server.base_url().to_owned(),
        limits: LIMITS,
        poll_timeout_s: 1,
        webhook,
        local: false,
        local_dir: None,
    };
    let telegram = Telegram::new(config).unwrap();
    (server, telegram)
}

/// Polls until something was said; what happened until then.
async fn poll_until_said(telegram: &Telegram) -> Vec<Incoming> {
    let (end, happened) = (CancellationToken::new(), Mutex::new(Vec::new()));
    let accept = |mut batch: Vec<Incoming>| {
        let said = batch.iter().any(|incoming| matches!(incoming.act, Act::Said(_)));
        happened.lock().unwrap().append(&mut batch);
        if said {
            end.cancel();
        }
        std::future::ready(Ok::<(), AcceptError>(()))
    };
    telegram.poll(accept, end.clone()).await.unwrap();
    happened.into_inner().unwrap()
}

#[tokio::test]
async fn what_nobody_knows_is_counted_and_holds_nothing_up() {
    let (server, telegram) = telegram(None).await;
    for kind in ["time_travel", "inline_query", "poll"] {
        server.raw_update(kind, &json!({"id": "1"}));
    }
    server.raw_update("message", &json!(["no", "message"]));
    let alice = server.person("alice").private();
    alice.say("hello");
    let happened = poll_until_said(&telegram).await;
    assert_eq!(happened.len(), 1, "{happened:?}");
    assert_eq!(telegram.ignored(), 4);
}

#[tokio::test]
async fn updates_that_were_not_accepted_come_again() {
    let (server, telegram) = telegram(None).await;
    server.person("alice").private().say("hello");
    let (end, times) = (CancellationToken::new(), Mutex::new(Vec::new()));
    let accept = |batch: Vec<Incoming>| {
        let mut times = times.lock().unwrap();
        times.push(batch);
        let enough = times.len() == 2;
        if enough {
            end.cancel();
        }
        std::future::ready(if enough { Ok(()) } else { Err(AcceptError("the disk is full".to_owned())) })
    };
    telegram.poll(accept, end.clone()).await.unwrap();
    let times = times.into_inner().unwrap();
    assert_eq!(times[0], times[1]);
}

async fn call(telegram: &Telegram, method: Method, secret: Option<&str>, body: String) -> StatusCode {
    let accept = |_: Vec<Incoming>| std::future::ready(Ok::<(), AcceptError>(()));
    let mut call = Request::builder().method(method).uri("/telegram");
    if let Some(secret) = secret {
        call = call.header("x-telegram-bot-api-secret-token", secret);
    }
    routes(telegram.clone(), accept).oneshot(call.body(Body::from(body)).unwrap()).await.unwrap().status()
}

#[tokio::test]
async fn the_webhook_takes_posts_of_a_telegrams_size_from_who_knows_the_secret() {
    let (_server, telegram) = telegram(Some("s3cret")).await;
    let body = || r#"{"update_id": 1, "time_travel": {}}"#.to_owned();
    assert_eq!(call(&telegram, Method::POST, Some("s3cret"), body()).await, StatusCode::OK);
    assert_eq!(call(&telegram, Method::POST, Some("other"), body()).await, StatusCode::UNAUTHORIZED);
    assert_eq!(call(&telegram, Method::POST, None, body()).await, StatusCode::UNAUTHORIZED);
    assert_eq!(call(&telegram, Method::GET, Some("s3cret"), body()).await, StatusCode::METHOD_NOT_ALLOWED);
    let huge = " ".repeat(5 << 20);
    assert_eq!(call(&telegram, Method::POST, Some("s3cret"), huge).await, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(telegram.ignored(), 1);
}

#[tokio::test]
async fn a_webhook_without_a_secret_takes_nothing() {
    let (_server, telegram) = telegram(Some("")).await;
    for secret in [None, Some("")] {
        assert_eq!(call(&telegram, Method::POST, secret, "{}".to_owned()).await, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn a_bot_without_a_webhook_has_no_route_for_it() {
    let (_server, telegram) = telegram(None).await;
    assert_eq!(call(&telegram, Method::POST, Some("s3cret"), "{}".to_owned()).await, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_call_before_telegram_said_who_the_bot_is_comes_again() {
    let (server, telegram) = telegram(Some("s3cret")).await;
    server.faults().push(sim::Fault::on("getMe", sim::Kind::Reset));
    let body = || r#"{"update_id": 1, "message": {}}"#.to_owned();
    assert_eq!(call(&telegram, Method::POST, Some("s3cret"), body()).await, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(call(&telegram, Method::POST, Some("s3cret"), body()).await, StatusCode::OK);
}
