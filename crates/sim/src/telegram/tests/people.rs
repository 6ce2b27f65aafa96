//! What people send beside words, ask in passing and forbid, as the bot is told of it.

use super::*;

async fn met(config: Config) -> (Bot, Talk) {
    let bot = Bot::new(config).await;
    let alice = bot.server.person("alice").private();
    (bot, alice)
}

/// The bytes behind a handle.
async fn fetched(bot: &Bot, handle: &Value) -> bytes::Bytes {
    let path = bot.ok("getFile", json!({"file_id": handle})).await["file_path"].as_str().unwrap().to_owned();
    let url = format!("{}/file/bot{}/{path}", bot.server.base_url(), bot.server.token());
    bot.http.get(url).send().await.unwrap().bytes().await.unwrap()
}

fn every_media() -> Vec<Media> {
    vec![
        Media::voice("voice", 3),
        Media::audio("song.mp3", "audio", 200),
        Media::video("v.mp4", "video", 9),
        Media::video_note("note", 5),
        Media::animation("a.mp4", "animation", 2),
        Media::photo("photo"),
        Media::live_photo("live"),
        Media::sticker("👍", "sticker"),
        Media::animated_sticker("👍", "sticker"),
        Media::video_sticker("👍", "sticker"),
        Media::document("n.txt", "text/plain", "document"),
        Media::contact("Bob", "+100"),
        Media::location(51.5, -0.12),
        Media::venue("Somewhere", 51.5, -0.12),
        Media::poll("Tea?", &["yes", "no"]),
        Media::dice(6),
    ]
}

#[tokio::test]
async fn whatever_people_send_keeps_the_description_and_is_known_to_a_real_client() {
    let (bot, alice) = met(unlimited()).await;
    for media in every_media() {
        alice.send(media);
    }
    alice.say_with(Say::text("words").forwarded(Origin::User("Bob".into())));
    alice.forward(Origin::Hidden("Bob".into()), "words");
    alice.forward(Origin::Chat("Team".into()), "words");
    let last = alice.forward(Origin::Channel("News".into()), "one two three");
    alice.reply_quoting(last, "two", "what?");
    alice.reply_with(last, Media::photo("x"), "see");
    alice.say_with(Say::text("and this?").reply_elsewhere(Origin::Channel("News".into()), Some(Media::photo("x"))));
    alice.inline("six times");
    let updates = bot.updates(json!({})).await;
    assert_eq!(updates.len(), every_media().len() + 8);
    for update in &updates {
        assert_eq!(check_type("Update", update), NOTHING, "{update}");
        let known: tgbot::types::Update = serde_json::from_value(update.clone()).unwrap();
        // A venue comes with its location beside it, as Telegram says; the client library does not know.
        let told = format!("{known:?}");
        assert!(!told.contains("Unknown") || told.contains("venue"), "{known:?}\n{update}");
    }
    let quoting = &updates[updates.len() - 4]["message"];
    assert_eq!(quoting["quote"], json!({"text": "two", "position": 4, "is_manual": true}));
    assert!(alice.transcript().contains("alice ⇥News: one two three\nalice ↩«two»: what?\n"), "{}", alice.transcript());
}

#[tokio::test]
async fn the_bytes_of_each_file_can_be_fetched_and_of_a_photo_only_the_largest_holds_them() {
    let (bot, alice) = met(unlimited()).await;
    alice.voice(b"OggS voice", 3);
    alice.photo("the picture", "");
    alice.send(Media::live_photo("the other"));
    let updates = bot.updates(json!({})).await;
    assert_eq!(updates[0]["message"]["voice"]["duration"], 3);
    assert_eq!(fetched(&bot, &updates[0]["message"]["voice"]["file_id"]).await, "OggS voice");
    for (photo, bytes) in
        [(&updates[1]["message"]["photo"], "the picture"), (&updates[2]["message"]["live_photo"]["photo"], "the other")]
    {
        let sizes = photo.as_array().unwrap();
        assert_eq!(sizes.len(), 3);
        assert_ne!(fetched(&bot, &sizes[0]["file_id"]).await, bytes);
        assert_eq!(fetched(&bot, &sizes[2]["file_id"]).await, bytes);
    }
}

#[tokio::test]
async fn an_album_comes_as_several_messages_in_any_order_and_as_late_as_asked() {
    let (bot, alice) = met(unlimited()).await;
    let three = [Media::photo("a"), Media::photo("b"), Media::video("c.mp4", "c", 1)];
    let sent =
        |updates: &[Value]| updates.iter().map(|u| u["message"]["message_id"].as_i64().unwrap()).collect::<Vec<_>>();
    assert_eq!(alice.album(&three, "look"), [1, 2, 3]);
    alice.album_arriving(&three, "back", Arrival::Reversed);
    alice.album_arriving(&three, "late", Arrival::HeldAfter(1));
    let updates = bot.updates(json!({})).await;
    assert_eq!(sent(&updates), [1, 2, 3, 6, 5, 4, 7]);
    bot.server.release_updates();
    let updates = bot.updates(json!({})).await;
    assert_eq!(sent(&updates)[7..], [8, 9]);
    let album = |at: usize| updates[at]["message"]["media_group_id"].as_str().unwrap();
    assert!(album(0) == album(2) && album(2) != album(3) && album(6) == album(8));
    assert_eq!((&updates[0]["message"]["caption"], updates[1]["message"].get("caption")), (&json!("look"), None));
}

#[tokio::test]
async fn a_download_breaks_in_the_middle_or_ends_too_soon_as_asked() {
    let (bot, alice) = met(unlimited()).await;
    alice.document("a.bin", "", vec![7; 200_000]);
    let handle = bot.updates(json!({})).await[0]["message"]["document"]["file_id"].clone();
    bot.server.faults().push(Fault::on("file", Kind::Truncated));
    assert_eq!(fetched(&bot, &handle).await.len(), 100_000);
    bot.server.faults().push(Fault::on("file", Kind::HalfBody));
    let path = bot.ok("getFile", json!({"file_id": handle})).await["file_path"].as_str().unwrap().to_owned();
    let url = format!("{}/file/bot{}/{path}", bot.server.base_url(), bot.server.token());
    assert!(bot.http.get(&url).send().await.unwrap().bytes().await.is_err());
    bot.server.faults().push(Fault::on("file", Kind::TooMany { retry_after: 3 }));
    assert_eq!(bot.http.get(&url).send().await.unwrap().status(), 429);
}

#[tokio::test]
async fn a_server_of_ones_own_names_files_of_its_disk_however_large() {
    let dir = std::env::temp_dir().join(format!("apprentice-sim-{}", std::process::id()));
    let (bot, alice) = met(Config { local: Some(dir.clone()), ..unlimited() }).await;
    alice.send(Media::document("big.bin", "", "abc").claiming(30 << 20));
    let handle = bot.updates(json!({})).await[0]["message"]["document"]["file_id"].clone();
    let path = bot.ok("getFile", json!({"file_id": handle})).await["file_path"].as_str().unwrap().to_owned();
    assert!(path.starts_with('/'), "{path}");
    assert_eq!(std::fs::read(path).unwrap(), b"abc");
    std::fs::remove_dir_all(dir).unwrap();
}

fn article(id: &str, title: &str, text: &str) -> Value {
    json!({"type": "article", "id": id, "title": title, "input_message_content": {"message_text": text}})
}

#[tokio::test]
async fn what_is_asked_in_passing_is_answered_and_chosen() {
    let (bot, alice) = met(unlimited()).await;
    bot.updates(json!({"allowed_updates": ["message", "inline_query", "chosen_inline_result"]})).await;
    let asked = alice.inline("six times seven");
    let query = bot.updates(json!({})).await[0]["inline_query"].clone();
    assert_eq!((&query["query"], &query["chat_type"]), (&json!("six times seven"), &json!("sender")));
    let answer = json!({
        "inline_query_id": query["id"], "results": [article("a", "42", "It is 42.")], "cache_time": 5, "is_personal": true,
        "button": {"text": "Open", "start_parameter": "inline"},
    });
    bot.ok("answerInlineQuery", answer.clone()).await;
    let told = asked.answer().await;
    assert_eq!((told.cache_seconds, told.personal), (5, true));
    assert_eq!(told.button, Some(("Open".to_owned(), "inline".to_owned())));
    let id = asked.choose("42").await;
    assert_eq!(alice.message(id).unwrap().text, "It is 42.");
    let updates = bot.updates(json!({})).await;
    assert_eq!(updates[1]["message"]["via_bot"]["username"], "apprentice_sim_bot");
    assert_eq!(updates[2]["chosen_inline_result"]["result_id"], "a");
    for update in &updates {
        assert_eq!(check_type("Update", update), NOTHING);
    }
    asked.expire();
    assert!(bot.refused("answerInlineQuery", answer).await.1.contains("query is too old"));
    assert_eq!(bot.server.violations(), NOTHING);
}

#[tokio::test]
async fn answers_in_passing_that_break_a_rule_are_refused() {
    let (bot, alice) = met(unlimited()).await;
    alice.inline("x");
    let id = bot.updates(json!({})).await[0]["inline_query"]["id"].clone();
    let many: Vec<Value> = (0..51).map(|at| article(&at.to_string(), "a", "a")).collect();
    for (results, why) in [
        (vec![article("a", "a", "a"), article("a", "b", "b")], "RESULT_ID_DUPLICATE"),
        (vec![article("a", "", "a")], "ARTICLE_TITLE_EMPTY"),
        (many, "RESULTS_TOO_MUCH"),
        (vec![article(&"a".repeat(65), "a", "a")], "65 is not within 1-64 bytes"),
    ] {
        let (_, told) = bot.refused("answerInlineQuery", json!({"inline_query_id": id, "results": results})).await;
        assert!(told.contains(why), "{told}");
    }
    let button = json!({"text": "a", "start_parameter": "a b"});
    let answer = json!({"inline_query_id": id, "results": [], "button": button});
    assert!(bot.refused("answerInlineQuery", answer).await.1.contains("START_PARAM_INVALID"));
}
