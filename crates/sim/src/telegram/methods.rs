//! The methods of the Bot API: each request is checked against the description, then does what it
//! does on Telegram.

use super::params::{Params, Unreadable};
use super::refusal::Refusal;
use super::spec::spec;
use super::world::World;
use super::{Shared, Told, account, edit, inline, media, send, updates, webhook};
use std::sync::Arc;

/// Does what a request asks.
pub(super) async fn call(shared: &Arc<Shared>, method: &str, params: Result<Params, Unreadable>) -> Told {
    let params = check(shared, method, params)?;
    match method {
        "getUpdates" => updates::poll(shared, &params).await,
        "setWebhook" => webhook::set(shared, &params),
        "deleteWebhook" => webhook::delete(shared, &params),
        _ => act(&mut shared.world(), method, &params),
    }
}

fn check(shared: &Shared, method: &str, params: Result<Params, Unreadable>) -> Result<Params, Refusal> {
    let broken = |told: String| Refusal::bad(format!("simulator: {method}: {told}"));
    if !spec().knows(method) {
        shared.world().violation(format!("{method}: no such method"));
        return Err(Refusal::new(404, "Not Found"));
    }
    let params = params.map_err(|why| match why {
        Unreadable::TooLarge => Refusal::too_large(),
        Unreadable::Broken(told) => {
            shared.world().violation(format!("{method}: {told}"));
            broken(told)
        }
    })?;
    let wrong = spec().check(method, &params.fields, &|part| params.has_file(part));
    let mut world = shared.world();
    world.note(method, &params.fields);
    if params.get("parse_mode").is_some() {
        world.violation(format!("{method}: parse_mode: entities are expected instead"));
    }
    let Some(first) = wrong.first().cloned() else { return Ok(params) };
    for told in wrong {
        world.violation(format!("{method}: {told}"));
    }
    Err(known_refusal(&first).unwrap_or_else(|| broken(first)))
}

/// Broken rules for which Telegram has words of its own.
fn known_refusal(told: &str) -> Option<Refusal> {
    let over = told.starts_with("text: ") && told.contains("UTF-16");
    let caption = told.contains("caption: ") && told.contains("UTF-16");
    match told {
        _ if caption => Some(Refusal::bad("message caption is too long")),
        _ if over && told.starts_with("text: 0 ") => Some(Refusal::bad("message text is empty")),
        _ if over => Some(Refusal::bad("message is too long")),
        "text: missing" => Some(Refusal::bad("message text is empty")),
        "chat_id: missing" => Some(Refusal::bad("chat_id is empty")),
        _ if told.contains("callback_data: ") => Some(Refusal::bad("BUTTON_DATA_INVALID")),
        _ => None,
    }
}

fn act(world: &mut World, method: &str, params: &Params) -> Told {
    match method {
        "getMe" => Ok(account::me(world)),
        "getWebhookInfo" => Ok(webhook::info(world)),
        "sendMessage" => send::message(world, params),
        "sendRichMessage" => send::rich(world, params),
        "sendDocument" => media::send(world, method, params, "document"),
        "sendPhoto" => media::send(world, method, params, "photo"),
        "sendVoice" => media::send(world, method, params, "voice"),
        "sendAudio" => media::send(world, method, params, "audio"),
        "sendVideo" => media::send(world, method, params, "video"),
        "sendVideoNote" => media::send(world, method, params, "video_note"),
        "sendAnimation" => media::send(world, method, params, "animation"),
        "sendSticker" => media::send(world, method, params, "sticker"),
        "sendMediaGroup" => media::album(world, params),
        "answerInlineQuery" => inline::answer(world, params),
        "sendMessageDraft" => send::draft(world, params),
        "sendRichMessageDraft" => send::rich_draft(world, params),
        "sendChatAction" => send::action(world, params),
        "editMessageText" => edit::text(world, params),
        "editMessageReplyMarkup" => edit::markup(world, params),
        "editMessageMedia" => media::edit(world, params),
        "editMessageCaption" => edit::caption(world, params),
        "deleteMessage" => edit::delete(world, params),
        "deleteMessages" => edit::delete_many(world, params),
        "setMessageReaction" => edit::react(world, params),
        "answerCallbackQuery" => edit::answer_press(world, params),
        "getFile" => account::file(world, params),
        "getChat" => account::chat(world, params),
        "getChatMember" => account::member(world, params),
        "getChatMemberCount" => account::member_count(world, params),
        "getChatAdministrators" => account::administrators(world, params),
        "leaveChat" => account::leave(world, params),
        "close" | "logOut" => Ok("true".to_owned()),
        _ => account::setting(world, method, params),
    }
}
