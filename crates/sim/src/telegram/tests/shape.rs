//! Everything sent keeps the description and is read by a real client's types.

use super::*;

#[tokio::test]
async fn every_update_keeps_the_description_and_is_known_to_a_real_client() {
    let bot = Bot::new(unlimited()).await;
    let kinds = json!([
        "message",
        "edited_message",
        "callback_query",
        "message_reaction",
        "my_chat_member",
        "stopped_message_generation"
    ]);
    bot.updates(json!({"allowed_updates": kinds})).await;
    let alice = bot.server.person("alice").speaking("ru");
    let private = alice.private();
    let said = private.say_with(Say::text("so 🙂 /help").entities(vec![Entity::plain("bold", 0, 2)]));
    private.edit(said, "so");
    let buttons = json!({"inline_keyboard": [[{"text": "a", "callback_data": "b"}]]});
    bot.ok("sendMessage", json!({"chat_id": private.id(), "text": "hello", "reply_markup": buttons})).await;
    private.reply(2, "thanks");
    private.press("a");
    private.react(2, &["👍"]);
    private.unreact(2);
    bot.ok("sendMessageDraft", json!({"chat_id": private.id(), "draft_id": 7, "text": "x", "can_stop": true})).await;
    private.press_stop();
    private.send_document("a.txt", "text/plain", "x", "");
    private.voice("x", 3);
    private.sticker("👍", "x");
    private.photo("x", "see");
    private.block();
    private.unblock();
    let group = bot.server.group("team", &[&alice]);
    alice.at(&group).say("hi");
    group.promote_bot(&alice);
    group.kick_bot(&alice);
    group.add_bot(&alice);
    let moved = group.migrate(&alice);
    let first = alice.at(&moved).say("old root");
    alice.at(&moved).reply(first, "in a thread");
    let forum = bot.server.supergroup("forum", &[&alice], &["News"]);
    alice.at(&forum).in_topic(forum.topic("News")).say("in a topic");
    let updates = bot.updates(json!({})).await;
    assert_eq!(updates.len(), 23);
    for update in &updates {
        assert_eq!(spec::spec().check_type("Update", update), NOTHING, "{update}");
        let known: tgbot::types::Update = serde_json::from_value(update.clone()).unwrap();
        let unknown = format!("{known:?}").contains("Unknown");
        assert!(!unknown, "{known:?}\n{update}");
    }
    assert_eq!(updates.last().unwrap()["message"]["reply_to_message"]["forum_topic_created"]["name"], "News");
}

#[tokio::test]
async fn answers_keep_the_description() {
    let bot = Bot::new(unlimited()).await;
    let alice = bot.server.person("alice").private();
    alice.say("hi");
    let group = bot.server.group("team", &[&bot.server.person("alice")]);
    let chat = json!({"chat_id": group.id()});
    for (method, params, kind) in [
        ("getMe", json!({}), "User"),
        ("getChat", chat.clone(), "ChatFullInfo"),
        ("getChatMember", json!({"chat_id": group.id(), "user_id": alice.id()}), "ChatMember"),
        ("getWebhookInfo", json!({}), "WebhookInfo"),
        ("sendMessage", json!({"chat_id": alice.id(), "text": "x"}), "Message"),
        ("getMyName", json!({}), "BotName"),
        ("getMyDescription", json!({}), "BotDescription"),
    ] {
        let result = bot.ok(method, params).await;
        assert_eq!(spec::spec().check_type(kind, &result), NOTHING, "{method}: {result}");
    }
    let _: tgbot::types::Bot = serde_json::from_value(bot.ok("getMe", json!({})).await).unwrap();
    let _: tgbot::types::ChatFullInfo = serde_json::from_value(bot.ok("getChat", chat).await).unwrap();
}
