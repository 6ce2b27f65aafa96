//! The simulator itself, by plain HTTP and by a real client's types.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod client;
mod delivery;
mod faults;
mod media;
mod people;
mod shape;

use super::*;
use crate::{Fault, Kind};
use serde_json::json;

/// A bot that is nothing but HTTP.
struct Bot {
    server: Server,
    http: reqwest::Client,
}

impl Bot {
    async fn new(config: Config) -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let server = Server::start(config).await;
        Self { server, http: reqwest::Client::builder().no_proxy().build().unwrap() }
    }
    fn url(&self, method: &str) -> String {
        format!("{}/bot{}/{method}", self.server.base_url(), self.server.token())
    }
    async fn try_call(&self, method: &str, params: Value) -> reqwest::Result<Value> {
        let response = self.http.post(self.url(method)).json(&params).send().await?;
        let status = response.status().as_u16();
        let body: Value = response.json().await?;
        assert_eq!(body["ok"] == true, status == 200, "{body}");
        Ok(body)
    }
    async fn ok(&self, method: &str, params: Value) -> Value {
        let mut body = self.try_call(method, params).await.unwrap();
        assert_eq!(body["ok"], true, "{body}");
        body["result"].take()
    }
    async fn refused(&self, method: &str, params: Value) -> (i64, String) {
        let body = self.try_call(method, params).await.unwrap();
        assert_eq!(body["ok"], false, "{body}");
        (body["error_code"].as_i64().unwrap(), body["description"].as_str().unwrap().to_owned())
    }
    async fn updates(&self, params: Value) -> Vec<Value> {
        self.ok("getUpdates", params).await.as_array().unwrap().clone()
    }
    async fn send(&self, chat: i64, text: &str) -> i64 {
        self.ok("sendMessage", json!({"chat_id": chat, "text": text})).await["message_id"].as_i64().unwrap()
    }
}

fn unlimited() -> Config {
    Config { limits: None, ..Config::default() }
}

const NOTHING: [String; 0] = [];

#[tokio::test]
async fn a_message_reaches_the_bot_and_its_answer_the_person() {
    let bot = Bot::new(unlimited()).await;
    let alice = bot.server.person("alice").private();
    let asked = alice.say("/start@apprentice_sim_bot hi");
    let updates = bot.updates(json!({})).await;
    let message = &updates[0]["message"];
    assert_eq!(message["text"], "/start@apprentice_sim_bot hi");
    assert_eq!(message["entities"], json!([{"type": "bot_command", "offset": 0, "length": 25}]));
    assert_eq!(message["from"]["language_code"], "en");
    let buttons = json!({"inline_keyboard": [[{"text": "Again", "callback_data": "again:1"}]]});
    bot.ok("sendMessage", json!({"chat_id": message["chat"]["id"], "text": "Hello!\nYou", "reply_markup": buttons}))
        .await;
    assert_eq!(alice.await_reply(asked).await.text, "Hello!\nYou");
    assert_eq!(alice.transcript(), "alice: /start@apprentice_sim_bot hi\nbot: Hello!\n  You\n  [Again]\n");
    assert_eq!(bot.server.violations(), NOTHING);
}

#[tokio::test]
async fn all_four_forms_of_a_request_are_read() {
    let bot = Bot::new(unlimited()).await;
    let chat = bot.server.person("alice").private();
    chat.say("hi");
    let url = bot.url("sendMessage");
    let id = chat.id().to_string();
    let fields = [("chat_id", id.as_str()), ("text", "5 + 5 = ы")];
    let mut form = reqwest::multipart::Form::new();
    for (name, value) in fields {
        form = form.text(name, value.to_owned());
    }
    for request in [
        bot.http.get(&url).query(&fields),
        bot.http.post(&url).form(&fields),
        bot.http.post(&url).multipart(form),
        bot.http.post(&url).json(&json!({"chat_id": chat.id(), "text": "5 + 5 = ы"})),
    ] {
        let body: Value = request.send().await.unwrap().json().await.unwrap();
        assert_eq!(body["result"]["text"], "5 + 5 = ы", "{body}");
    }
    assert_eq!(bot.server.violations(), NOTHING);
}

#[tokio::test]
async fn refusals_have_telegrams_own_words() {
    let bot = Bot::new(unlimited()).await;
    let (alice, bob) = (bot.server.person("alice"), bot.server.person("bobby"));
    let private = alice.private();
    let said = private.say("hi");
    let id = private.id();
    let sent = bot.send(id, "one").await;
    let text = |message: i64, text: &str| json!({"chat_id": id, "message_id": message, "text": text});
    assert_eq!(
        bot.refused("sendMessage", json!({"chat_id": 77, "text": "x"})).await,
        (400, "Bad Request: chat not found".into())
    );
    assert_eq!(
        bot.refused("sendMessage", json!({"chat_id": bob.id, "text": "x"})).await,
        (403, "Forbidden: bot can't initiate conversation with a user".into())
    );
    assert_eq!(
        bot.refused("sendMessage", json!({"chat_id": id, "text": " \n"})).await,
        (400, "Bad Request: message text is empty".into())
    );
    assert_eq!(
        bot.refused("editMessageText", text(said, "x")).await,
        (400, "Bad Request: message can't be edited".into())
    );
    assert_eq!(
        bot.refused("editMessageText", text(sent + 1, "x")).await,
        (400, "Bad Request: message to edit not found".into())
    );
    assert!(
        bot.refused("editMessageText", text(sent, "one ")).await.1.starts_with("Bad Request: message is not modified")
    );
    bot.ok("editMessageText", text(sent, "two")).await;
    let lost = json!({"chat_id": id, "text": "x", "reply_parameters": {"message_id": 99}});
    assert_eq!(bot.refused("sendMessage", lost).await, (400, "Bad Request: message to be replied not found".into()));
    private.block();
    assert_eq!(
        bot.refused("sendMessage", json!({"chat_id": id, "text": "x"})).await,
        (403, "Forbidden: bot was blocked by the user".into())
    );
    let group = bot.server.group("team", &[&alice]);
    let moved = group.migrate(&alice);
    let body = bot.try_call("sendMessage", json!({"chat_id": group.id(), "text": "x"})).await.unwrap();
    assert_eq!(body["parameters"]["migrate_to_chat_id"], moved.id());
    moved.kick_bot(&alice);
    assert_eq!(
        bot.refused("sendMessage", json!({"chat_id": moved.id(), "text": "x"})).await,
        (403, "Forbidden: bot was kicked from the supergroup chat".into())
    );
    let wrong = bot.http.get(format!("{}/bot1:x/getMe", bot.server.base_url())).send().await.unwrap();
    assert_eq!(wrong.status(), 401);
    assert_eq!(bot.server.violations(), NOTHING);
    assert_eq!(private.transcript(), "alice: hi\nbot: two\n");
}

#[tokio::test]
async fn message_ids_ascend_per_account_and_per_supergroup() {
    let bot = Bot::new(unlimited()).await;
    let (alice, bob) = (bot.server.person("alice"), bot.server.person("bobby"));
    let group = bot.server.group("team", &[&alice, &bob]);
    let big = bot.server.supergroup("big", &[&alice], &[]);
    let ids =
        [alice.private().say("a"), bob.private().say("b"), alice.at(&group).say("c"), bot.send(alice.id, "d").await];
    assert_eq!(ids, [1, 2, 3, 4]);
    assert_eq!((alice.at(&big).say("e"), bot.send(big.id(), "f").await, bob.private().say("g")), (1, 2, 5));
}

#[tokio::test]
async fn a_pressed_button_is_answered_once_it_is_known() {
    let bot = Bot::new(unlimited()).await;
    let alice = bot.server.person("alice").private();
    alice.say("hi");
    let buttons =
        json!({"inline_keyboard": [[{"text": "👍", "callback_data": "up:1"}, {"text": "🌐", "url": "https://x.org"}]]});
    bot.ok("sendMessage", json!({"chat_id": alice.id(), "text": "hello", "reply_markup": buttons})).await;
    let press = alice.press("👍");
    let updates = bot.updates(json!({})).await;
    let query = &updates[1]["callback_query"];
    assert_eq!((&query["data"], &query["message"]["text"]), (&json!("up:1"), &json!("hello")));
    bot.ok("answerCallbackQuery", json!({"callback_query_id": query["id"], "text": "Thanks"})).await;
    assert_eq!(press.answer().await, "Thanks");
    let (code, told) = bot.refused("answerCallbackQuery", json!({"callback_query_id": "5"})).await;
    assert!(code == 400 && told.contains("query is too old"), "{told}");
}

#[tokio::test]
async fn a_draft_is_replaced_can_be_stopped_and_vanishes_behind_the_answer() {
    let bot = Bot::new(unlimited()).await;
    let alice = bot.server.person("alice");
    let private = alice.private();
    private.say("hi");
    let draft = |text: &str| json!({"chat_id": private.id(), "draft_id": 7, "text": text, "can_stop": true});
    bot.ok("sendMessageDraft", draft("")).await;
    bot.ok("sendMessageDraft", draft("Hel")).await;
    assert_eq!(private.draft().unwrap().text, "Hel");
    private.press_stop();
    assert_eq!(private.draft(), None);
    let updates = bot.updates(json!({})).await;
    assert_eq!(updates[1]["stopped_message_generation"]["draft_id"], 7);
    bot.ok("sendMessageDraft", draft("Hello")).await;
    bot.send(private.id(), "Hello").await;
    assert_eq!((private.draft(), private.drafts().len()), (None, 3));
    assert_eq!(private.transcript(), "alice: hi\nbot: Hello\n");
    let group = bot.server.group("team", &[&alice]);
    assert_eq!(
        bot.refused("sendMessageDraft", json!({"chat_id": group.id(), "draft_id": 7, "text": "x"})).await.0,
        400
    );
    assert_eq!(bot.server.violations().len(), 1);
}

#[tokio::test]
async fn files_go_up_and_come_down() {
    let bot = Bot::new(unlimited()).await;
    let alice = bot.server.person("alice").private();
    alice.send_document("notes.md", "text/markdown", "# Заметки", "look");
    let update = bot.updates(json!({})).await.remove(0);
    let document = &update["message"]["document"];
    assert_eq!((&document["file_name"], &update["message"]["caption"]), (&json!("notes.md"), &json!("look")));
    let path =
        bot.ok("getFile", json!({"file_id": document["file_id"]})).await["file_path"].as_str().unwrap().to_owned();
    let url = format!("{}/file/bot{}/{path}", bot.server.base_url(), bot.server.token());
    assert_eq!(bot.http.get(url).send().await.unwrap().text().await.unwrap(), "# Заметки");
    alice.send(Media::document("big.bin", "application/octet-stream", "").claiming(30 << 20));
    let updates = bot.updates(json!({})).await;
    let big = json!({"file_id": updates[1]["message"]["document"]["file_id"]});
    assert_eq!(bot.refused("getFile", big).await, (400, "Bad Request: file is too big".into()));
    let file = reqwest::multipart::Part::bytes(b"long answer".to_vec()).file_name("answer.md");
    let form = reqwest::multipart::Form::new()
        .text("chat_id", alice.id().to_string())
        .text("document", "attach://f1")
        .part("f1", file);
    let body: Value =
        bot.http.post(bot.url("sendDocument")).multipart(form).send().await.unwrap().json().await.unwrap();
    assert_eq!(body["result"]["document"]["file_name"], "answer.md");
    assert_eq!(alice.last_reply().unwrap().content.unwrap().bytes, "long answer");
    assert_eq!(
        alice.transcript(),
        "alice: <document notes.md> look\nalice: <document big.bin>\nbot: <document answer.md>\n"
    );
    assert_eq!(bot.server.violations(), NOTHING);
}

#[tokio::test]
async fn commands_are_kept_by_scope_and_language() {
    let bot = Bot::new(unlimited()).await;
    let set = |scope: &str, language: &str, text: &str| json!({"commands": [{"command": "start", "description": text}], "scope": {"type": scope}, "language_code": language});
    bot.ok("setMyCommands", set("all_private_chats", "ru", "Начать")).await;
    bot.ok("setMyCommands", set("all_private_chats", "", "Begin")).await;
    assert_eq!(bot.server.commands("all_private_chats", "ru"), [("start".to_owned(), "Начать".to_owned())]);
    let ask = json!({"scope": {"type": "all_private_chats"}, "language_code": "ru"});
    assert_eq!(bot.ok("getMyCommands", ask.clone()).await[0]["description"], "Начать");
    bot.ok("deleteMyCommands", ask.clone()).await;
    assert_eq!(bot.ok("getMyCommands", ask).await, json!([]));
    assert_eq!(bot.server.commands("all_private_chats", "").len(), 1);
}

#[tokio::test]
async fn a_reply_in_time_is_measured_from_the_update_on() {
    let bot = Bot::new(Config::bench()).await;
    let alice = bot.server.person("alice").private();
    for round in 0..40 {
        let asked = alice.say(&format!("{round}"));
        let last = bot.updates(json!({"offset": 700_000_000 + round + 1})).await;
        bot.send(alice.id(), last[0]["message"]["text"].as_str().unwrap()).await;
        assert_eq!(alice.await_reply(asked).await.text, format!("{round}"));
    }
    assert_eq!((bot.server.take_latencies().len(), alice.messages().len(), bot.server.calls().len()), (40, 32, 0));
}

#[tokio::test]
async fn a_transcript_shows_topics_replies_reactions_and_formatting_on_demand() {
    let bot = Bot::new(unlimited()).await;
    let alice = bot.server.person("alice");
    let forum = bot.server.supergroup("forum", &[&alice], &["News"]);
    let news = forum.topic("News");
    let asked = alice.at(&forum).in_topic(news).say("what is new in the wide world today?");
    let entities = json!([{"type": "bold", "offset": 0, "length": 9}, {"type": "italic", "offset": 4, "length": 5}, {"type": "pre", "offset": 10, "length": 1, "language": "rust"}]);
    let answer = json!({"chat_id": forum.id(), "message_thread_id": news, "text": "not 🙂🙂 much x", "reply_parameters": {"message_id": asked}, "entities": [entities[0], entities[1]]});
    let sent = bot.ok("sendMessage", answer).await;
    assert_eq!(sent["message_thread_id"], news);
    bot.ok(
        "setMessageReaction",
        json!({"chat_id": forum.id(), "message_id": asked, "reaction": [{"type": "emoji", "emoji": "👀"}]}),
    )
    .await;
    let expected = "#News alice: (forum_topic_created)\n#News alice: what is new in the wide world today?\n  👀 bot\n#News bot ↩«what is new in the wide …»: not 🙂🙂 much x\n";
    assert_eq!(forum.transcript(), expected);
    assert_eq!(forum.last_reply().unwrap().marked(), "<bold>not <italic>🙂🙂 </italic></bold>much x");
    let lost = json!({"chat_id": forum.id(), "message_thread_id": 999, "text": "x"});
    assert_eq!(bot.refused("sendMessage", lost).await, (400, "Bad Request: message thread not found".into()));
    assert_eq!(bot.server.violations(), NOTHING);
}
