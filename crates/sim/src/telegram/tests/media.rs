//! Files and pictures of the bot, as Telegram takes them and refuses them.

use super::*;
use reqwest::multipart::{Form, Part};

impl Bot {
    /// A form with that file; status and body of the answer.
    async fn form(&self, method: &str, fields: Value, part: &str, bytes: Vec<u8>) -> (u16, Value) {
        let file = Part::bytes(bytes).file_name("a.png").mime_str("image/png").unwrap();
        let mut form = Form::new().part(part.to_owned(), file);
        for (name, value) in fields.as_object().unwrap() {
            form = form.text(name.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        }
        let response = self.http.post(self.url(method)).multipart(form).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }
    async fn photo(&self, chat: i64, bytes: Vec<u8>) -> (u16, Value) {
        self.form("sendPhoto", json!({"chat_id": chat}), "photo", bytes).await
    }
}

/// The beginning of a picture, which is all that is looked at.
fn png(width: u32, height: u32) -> Vec<u8> {
    let head: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    [head, &width.to_be_bytes(), &height.to_be_bytes(), &[8, 2, 0, 0, 0, 0, 0, 0, 0]].concat()
}

fn jpeg(width: u16, height: u16) -> Vec<u8> {
    let frame = [&[0xFF, 0xC0, 0, 17, 8][..], &height.to_be_bytes(), &width.to_be_bytes(), &[3; 10]].concat();
    [&[0xFF, 0xD8, 0xFF, 0xE0, 0, 16][..], b"JFIF\0", &[1, 1, 0, 0, 1, 0, 1, 0, 0], &frame, &[0xFF, 0xD9]].concat()
}

async fn met() -> (Bot, Talk) {
    let bot = Bot::new(unlimited()).await;
    let alice = bot.server.person("alice").private();
    alice.say("hi");
    (bot, alice)
}

#[tokio::test]
async fn a_picture_is_shown_and_can_be_fetched() {
    let (bot, alice) = met().await;
    for picture in [png(800, 450), jpeg(90, 60)] {
        let (status, told) = bot.photo(alice.id(), picture.clone()).await;
        assert_eq!(status, 200, "{told}");
        assert_eq!(check_type("Message", &told["result"]), [""; 0]);
        assert_eq!(alice.last_reply().unwrap().photo().unwrap().bytes, picture);
        let id = told["result"]["photo"][0]["file_id"].clone();
        let path = bot.ok("getFile", json!({"file_id": id})).await["file_path"].as_str().unwrap().to_owned();
        let url = format!("{}/file/bot{}/{path}", bot.server.base_url(), bot.server.token());
        assert_eq!(bot.http.get(url).send().await.unwrap().bytes().await.unwrap(), picture);
        // Once more, by its id.
        bot.ok("sendPhoto", json!({"chat_id": alice.id(), "photo": id})).await;
    }
    assert_eq!(bot.server.violations(), NOTHING);
}

#[tokio::test]
async fn what_is_no_picture_or_too_large_a_one_is_refused() {
    let (bot, alice) = met().await;
    let heavy = [png(100, 100), vec![0; 10 << 20]].concat();
    let refused = [
        (b"not a picture".to_vec(), "IMAGE_PROCESS_FAILED"),
        (Vec::new(), "non-empty"),
        (png(9000, 1001), "PHOTO_INVALID_DIMENSIONS"),
        (png(2100, 100), "PHOTO_INVALID_DIMENSIONS"),
        (png(0, 100), "PHOTO_INVALID_DIMENSIONS"),
        (heavy, "too big for a photo"),
    ];
    for (bytes, words) in refused {
        let (status, told) = bot.photo(alice.id(), bytes).await;
        assert!(status == 400 && told["description"].as_str().unwrap().contains(words), "{words}: {told}");
    }
    assert_eq!(bot.photo(alice.id(), png(9000, 1000)).await.0, 200);
    assert_eq!(alice.messages().iter().filter(|message| message.by_bot).count(), 1);
}

#[tokio::test]
async fn a_file_of_more_than_50_mib_is_too_large_for_the_server() {
    let (bot, alice) = met().await;
    let chat = json!({"chat_id": alice.id()});
    let (status, told) = bot.form("sendDocument", chat.clone(), "document", vec![1; 50 << 20]).await;
    assert_eq!(status, 200, "{told}");
    let (status, told) = bot.form("sendDocument", chat, "document", vec![1; (50 << 20) + 1]).await;
    assert_eq!((status, told["description"].as_str()), (413, Some("Request Entity Too Large")));
}

#[tokio::test]
async fn words_may_become_a_picture_and_a_picture_another_or_a_file() {
    let (bot, alice) = met().await;
    let id = bot.send(alice.id(), "words").await;
    let edit = |kind: &str, media: &str, caption: &str| json!({"chat_id": alice.id(), "message_id": id, "media": {"type": kind, "media": media, "caption": caption}});
    for (kind, caption) in [("photo", "a"), ("photo", "a"), ("document", "b")] {
        let (status, told) = bot.form("editMessageMedia", edit(kind, "attach://x", caption), "x", png(80, 45)).await;
        assert_eq!(status, 200, "{told}");
        let shown = alice.message(id).unwrap();
        assert_eq!((shown.text.as_str(), shown.content.unwrap().kind.as_str()), (caption, kind));
    }
    assert_eq!(bot.server.violations(), NOTHING);
    let (code, why) =
        bot.refused("editMessageText", json!({"chat_id": alice.id(), "message_id": id, "text": "c"})).await;
    assert_eq!((code, why.as_str()), (400, "Bad Request: there is no text in the message to edit"));
    let file = bot.form("sendDocument", json!({"chat_id": alice.id()}), "document", png(8, 8)).await.1["result"].take();
    let known = file["document"]["file_id"].as_str().unwrap().to_owned();
    bot.ok("editMessageMedia", edit("document", &known, "b")).await;
    let (_, why) = bot.refused("editMessageMedia", edit("document", &known, "b")).await;
    assert!(why.contains("message is not modified"), "{why}");
}

#[tokio::test]
async fn a_part_that_is_not_there_and_too_long_a_caption_break_the_rules() {
    let (bot, alice) = met().await;
    let id = bot.send(alice.id(), "words").await;
    let edit = |media: &str, caption: &str| json!({"chat_id": alice.id(), "message_id": id, "media": {"type": "photo", "media": media, "caption": caption}});
    let (status, _) = bot.form("editMessageMedia", edit("attach://y", ""), "x", png(80, 45)).await;
    assert_eq!((status, bot.server.violations().len()), (400, 1));
    let (status, told) = bot.form("editMessageMedia", edit("attach://x", &"a".repeat(1025)), "x", png(80, 45)).await;
    assert_eq!((status, told["description"].as_str()), (400, Some("Bad Request: message caption is too long")));
    assert_eq!(alice.message(id).unwrap().text, "words");
}

/// The beginning of an OGG stream that holds Opus.
fn ogg() -> Vec<u8> {
    [b"OggS\0\x02".as_slice(), &[0; 20], b"\x01\x13OpusHead\x01\x01", &[0; 10]].concat()
}

#[tokio::test]
async fn a_voice_message_is_heard_unless_somebody_forbids_it_or_it_is_none() {
    let (bot, alice) = met().await;
    let fields = json!({"chat_id": alice.id(), "duration": 4, "caption": "listen"});
    let (status, told) = bot.form("sendVoice", fields.clone(), "voice", ogg()).await;
    assert_eq!(status, 200, "{told}");
    assert_eq!(check_type("Message", &told["result"]), [""; 0]);
    assert_eq!(told["result"]["voice"]["duration"], 4);
    let heard = alice.last_reply().unwrap();
    assert_eq!((heard.voice().unwrap().bytes.to_vec(), heard.voice().unwrap().seconds), (ogg(), 4));
    let id = heard.id;
    let edit = json!({"chat_id": alice.id(), "message_id": id, "caption": "again"});
    bot.ok("editMessageCaption", edit).await;
    assert_eq!(alice.message(id).unwrap().text, "again");
    let media = json!({"type": "audio", "media": "attach://x"});
    let edit = json!({"chat_id": alice.id(), "message_id": id, "media": media});
    let (_, told) = bot.form("editMessageMedia", edit, "x", ogg()).await;
    assert!(told["description"].as_str().unwrap().contains("no media in the message to edit"), "{told}");
    bot.server.person("alice").forbid_voice(true);
    let (_, told) = bot.form("sendVoice", fields.clone(), "voice", ogg()).await;
    assert_eq!(told["description"], "Bad Request: VOICE_MESSAGES_FORBIDDEN");
    assert_eq!(bot.form("sendAudio", fields.clone(), "audio", ogg()).await.0, 200);
    assert_eq!(alice.last_reply().unwrap().audio().unwrap().seconds, 4);
    bot.server.person("alice").forbid_voice(false);
    assert_eq!(bot.server.violations(), NOTHING);
    assert_eq!(bot.form("sendVoice", fields, "voice", b"RIFF".to_vec()).await.0, 400);
    assert_eq!(bot.server.violations().len(), 1);
}

#[tokio::test]
async fn an_album_of_the_bot_is_several_messages_of_one_kind() {
    let (bot, alice) = met().await;
    let item = |kind: &str| json!({"type": kind, "media": "attach://x"});
    let (status, told) = bot
        .form("sendMediaGroup", json!({"chat_id": alice.id(), "media": [item("photo"), item("photo")]}), "x", png(9, 9))
        .await;
    assert_eq!(status, 200, "{told}");
    assert_eq!(told["result"][0]["media_group_id"], told["result"][1]["media_group_id"]);
    let mixed = json!({"chat_id": alice.id(), "media": [item("photo"), item("document")]});
    assert_eq!(bot.form("sendMediaGroup", mixed, "x", png(9, 9)).await.0, 400);
    assert_eq!(alice.messages().iter().filter(|message| message.album.is_some()).count(), 2);
}
