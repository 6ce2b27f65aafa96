//! How updates reach the bot: polling, webhook, and what is held back.

use super::*;

#[tokio::test]
async fn updates_are_confirmed_by_offset_and_limited() {
    let bot = Bot::new(unlimited()).await;
    let alice = bot.server.person("alice").private();
    for text in ["a", "b", "c"] {
        alice.say(text);
    }
    let first = bot.updates(json!({"limit": 2})).await;
    assert_eq!(first.len(), 2);
    assert_eq!(bot.updates(json!({})).await.len(), 3);
    let next = first[1]["update_id"].as_i64().unwrap() + 1;
    let rest = bot.updates(json!({"offset": next})).await;
    assert_eq!((rest.len(), &rest[0]["message"]["text"]), (1, &json!("c")));
    assert_eq!(bot.server.pending_updates(), 1);
    alice.say("d");
    let last = bot.updates(json!({"offset": -1})).await;
    assert_eq!((last.len(), bot.server.pending_updates()), (1, 1));
}

#[tokio::test]
async fn a_long_poll_waits_and_a_second_poller_ends_the_first() {
    let bot = Arc::new(Bot::new(unlimited()).await);
    let alice = bot.server.person("alice").private();
    let other = Arc::clone(&bot);
    let first = tokio::spawn(async move { other.try_call("getUpdates", json!({"timeout": 30})).await.unwrap() });
    bot.server.await_calls("getUpdates", 1).await;
    let other = Arc::clone(&bot);
    let second = tokio::spawn(async move { other.updates(json!({"timeout": 30})).await });
    let ended = first.await.unwrap();
    assert_eq!(ended["error_code"], 409);
    assert!(ended["description"].as_str().unwrap().starts_with("Conflict: terminated by other getUpdates request"));
    alice.say("now");
    assert_eq!(second.await.unwrap()[0]["message"]["text"], "now");
}

#[tokio::test]
async fn allowed_updates_persist_and_reactions_come_only_when_asked_for() {
    let bot = Bot::new(unlimited()).await;
    let alice = bot.server.person("alice").private();
    alice.say("hi");
    let sent = bot.send(alice.id(), "hello").await;
    alice.react(sent, &["👍"]);
    assert_eq!(bot.updates(json!({"allowed_updates": ["message", "message_reaction"]})).await.len(), 1);
    alice.react(sent, &["🔥"]);
    alice.edit(1, "not wanted");
    let updates = bot.updates(json!({})).await;
    assert_eq!(updates.len(), 2);
    let reaction = &updates[1]["message_reaction"];
    assert_eq!(reaction["old_reaction"], json!([{"type": "emoji", "emoji": "👍"}]));
    assert_eq!(reaction["new_reaction"], json!([{"type": "emoji", "emoji": "🔥"}]));
    assert_eq!(alice.transcript(), "alice: not wanted\nbot: hello\n  🔥 alice\n");
}

#[tokio::test]
async fn privacy_mode_hides_what_is_not_meant_for_the_bot() {
    let bot = Bot::new(Config { privacy: true, ..unlimited() }).await;
    let alice = bot.server.person("alice");
    let group = bot.server.group("team", &[&alice]);
    let seat = alice.at(&group);
    let ours = bot.send(group.id(), "hello").await;
    seat.say("just talk");
    seat.say("@apprentice_sim_bot, you?");
    seat.say("/help");
    seat.say("/help@other_bot");
    seat.reply(ours, "thanks");
    let seen: Vec<Value> = bot.updates(json!({})).await.iter().map(|u| u["message"]["text"].clone()).collect();
    assert_eq!(seen, ["@apprentice_sim_bot, you?", "/help", "thanks"]);
}

#[tokio::test]
async fn a_webhook_gets_every_update_until_it_takes_it() {
    use axum::{Router, extract::Json, extract::State, http::HeaderMap, routing::post};
    let bot = Bot::new(unlimited()).await;
    let (sender, mut seen) = tokio::sync::mpsc::unbounded_channel::<(bool, Value)>();
    let refuse_first = Arc::new(std::sync::atomic::AtomicBool::new(true));
    type Seen = (tokio::sync::mpsc::UnboundedSender<(bool, Value)>, Arc<std::sync::atomic::AtomicBool>);
    let handler = |State((sender, refuse)): State<Seen>, headers: HeaderMap, Json(body): Json<Value>| async move {
        let secret = headers.get("x-telegram-bot-api-secret-token").is_some_and(|s| s == "hush");
        sender.send((secret, body.clone())).unwrap();
        if refuse.swap(false, Ordering::SeqCst) {
            return (axum::http::StatusCode::INTERNAL_SERVER_ERROR, Json(Value::Null));
        }
        let answer = json!({"method": "sendMessage", "chat_id": body["message"]["chat"]["id"], "text": "taken"});
        (axum::http::StatusCode::OK, Json(answer))
    };
    let router = Router::new().route("/hook", post(handler)).with_state((sender, refuse_first));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    bot.ok("setWebhook", json!({"url": url, "secret_token": "hush"})).await;
    let (code, told) = bot.refused("getUpdates", json!({})).await;
    assert!(code == 409 && told.contains("webhook is active"), "{told}");
    let alice = bot.server.person("alice").private();
    alice.say("one");
    assert_eq!(alice.await_reply(0).await.text, "taken");
    for _ in 0..2 {
        let (secret, body) = seen.recv().await.unwrap();
        assert!(secret && body["message"]["text"] == "one", "{body}");
    }
    bot.server.await_quiet(Duration::from_millis(50)).await;
    assert_eq!(bot.ok("getWebhookInfo", json!({})).await["pending_update_count"], 0);
    bot.ok("deleteWebhook", json!({})).await;
    assert_eq!(bot.updates(json!({})).await.len(), 0);
    task.abort();
}
