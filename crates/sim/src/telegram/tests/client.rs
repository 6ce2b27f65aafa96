//! The client library that the bot uses speaks to the simulator without a violation.

use super::Bot;
use super::*;
use tgbot::api::Client;
use tgbot::types::*;

fn client(bot: &Bot) -> Client {
    Client::new(bot.server.token()).unwrap().with_host(bot.server.base_url()).with_max_retries(0)
}

#[tokio::test]
async fn every_method_the_bot_needs_is_understood_from_the_client_library() {
    let bot = Bot::new(unlimited()).await;
    let api = client(&bot);
    let alice = bot.server.person("alice").private();
    let asked = alice.say("hi");
    let me = api.execute(GetBot).await.unwrap();
    assert_eq!(me.username, "apprentice_sim_bot");
    let updates = api.execute(GetUpdates::new().with_timeout(Duration::from_secs(1))).await.unwrap();
    assert!(matches!(&updates[0].update_type, UpdateType::Message(message) if message.id == asked));
    api.execute(SendChatAction::new(alice.id(), ChatAction::Typing)).await.unwrap();
    api.execute(SendMessageDraft::new(alice.id(), 7, "so").with_can_stop(true)).await.unwrap();
    let entities = [TextEntity::pre(0..2, Some("rust")), TextEntity::text_link(3..6, "https://x.org")];
    let buttons = InlineKeyboardMarkup::from([[InlineKeyboardButton::for_callback_data("Again", "again")]]);
    let send = SendMessage::new(alice.id(), ("so far", entities))
        .with_reply_parameters(ReplyParameters::new(asked).with_allow_sending_without_reply(true))
        .with_link_preview_options(LinkPreviewOptions::disabled())
        .with_reply_markup(buttons.clone());
    let sent = api.execute(send).await.unwrap();
    assert_eq!(alice.last_reply().unwrap().marked(), "<pre rust>so</pre> <text_link https://x.org>far</text_link>");
    let edit = EditMessageText::for_chat_message(alice.id(), sent.id, "done").with_reply_markup(buttons);
    api.execute(edit).await.unwrap();
    api.execute(EditMessageReplyMarkup::for_chat_message(alice.id(), sent.id)).await.unwrap();
    api.execute(SetMessageReaction::new(alice.id(), asked).with_reaction([ReactionType::emoji("👀")])).await.unwrap();
    let file = InputFileReader::new(std::io::Cursor::new("# Long")).with_file_name("answer.md");
    let document = api.execute(SendDocument::new(alice.id(), file).with_caption("all of it")).await.unwrap();
    assert!(matches!(document.data, MessageData::Document(_)));
    api.execute(SendRichMessage::new(alice.id(), InputRichMessage::markdown("# Title"))).await.unwrap();
    api.execute(SendRichMessageDraft::new(alice.id(), 8, InputRichMessage::markdown("# Ti"))).await.unwrap();
    let start = BotCommand::new("start", "Begin here").unwrap();
    api.execute(SetBotCommands::new([start]).with_scope(BotCommandScope::AllPrivateChats).with_language_code("ru"))
        .await
        .unwrap();
    api.execute(SetBotDescription::default().with_description("A bot")).await.unwrap();
    api.execute(GetChat::new(alice.id())).await.unwrap();
    api.execute(DeleteMessage::new(alice.id(), sent.id)).await.unwrap();
    api.execute(SetWebhook::new("http://127.0.0.1:9/x").with_secret_token("s")).await.unwrap();
    assert_eq!(api.execute(GetWebhookInfo).await.unwrap().url, "http://127.0.0.1:9/x");
    api.execute(DeleteWebhook::default()).await.unwrap();
    assert_eq!(bot.server.violations(), NOTHING);
    assert_eq!(alice.transcript(), "alice: hi\n  👀 bot\nbot: <document answer.md> all of it\nbot: # Title\n");
}

#[tokio::test]
async fn the_client_library_reads_refusals_with_their_parameters() {
    let bot = Bot::new(unlimited()).await;
    let api = client(&bot);
    let alice = bot.server.person("alice");
    alice.private().say("hi");
    bot.server.faults().push(Fault::on("sendMessage", Kind::TooMany { retry_after: 9 }));
    let refused = async |chat: i64| match api.execute(SendMessage::new(chat, "x")).await.unwrap_err() {
        tgbot::api::ExecuteError::Response(error) => error,
        other => panic!("{other}"),
    };
    assert_eq!(refused(alice.id).await.retry_after(), Some(9));
    let group = bot.server.group("team", &[&alice]);
    let moved = group.migrate(&alice);
    assert_eq!(refused(group.id()).await.migrate_to_chat_id(), Some(moved.id()));
    alice.private().block();
    assert_eq!(refused(alice.id).await.error_code(), Some(403));
}
