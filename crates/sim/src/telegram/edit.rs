//! Changing what stands: edits, deletions, reactions, and the answer to a pressed button.

use super::Told;
use super::message::Message;
use super::params::Params;
use super::refusal::Refusal;
use super::send::{answered, body, chat, flood, rich_source};
use super::world::World;
use serde_json::Value;
use std::time::Instant;

const NOT_MODIFIED: &str = "message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message";

/// `editMessageText`. A keyboard that is not given again goes.
pub(super) fn text(world: &mut World, params: &Params) -> Told {
    let (text, entities) = match params.get("rich_message") {
        Some(_) => (rich_source(world, "editMessageText", params)?, Vec::new()),
        None => body(world, "editMessageText", params, "text", "entities")?,
    };
    if text.is_empty() {
        return Err(Refusal::bad("message text is empty"));
    }
    let markup = inline_keyboard(world, params)?;
    change(world, params, |message| {
        if message.content.is_some() {
            return Err(Refusal::bad("there is no text in the message to edit"));
        }
        let changed = message.text != text || message.entities != entities || message.markup != markup;
        (message.text, message.entities, message.markup) = (text, entities, markup);
        Ok(changed)
    })
}

/// `editMessageCaption`.
pub(super) fn caption(world: &mut World, params: &Params) -> Told {
    let (text, entities) = body(world, "editMessageCaption", params, "caption", "caption_entities")?;
    let markup = inline_keyboard(world, params)?;
    change(world, params, |message| {
        if message.content.is_none() {
            return Err(Refusal::bad("there is no caption in the message to edit"));
        }
        let changed = message.text != text || message.entities != entities || message.markup != markup;
        (message.text, message.entities, message.markup) = (text, entities, markup);
        Ok(changed)
    })
}

/// `editMessageReplyMarkup`.
pub(super) fn markup(world: &mut World, params: &Params) -> Told {
    let markup = inline_keyboard(world, params)?;
    change(world, params, |message| {
        let changed = message.markup != markup;
        message.markup = markup;
        Ok(changed)
    })
}

/// Checks in the server's order (the message, its author, the difference, the limits), then changes.
pub(super) fn change(
    world: &mut World,
    params: &Params,
    with: impl FnOnce(&mut Message) -> Result<bool, Refusal>,
) -> Told {
    let chat = chat(world, params)?;
    let id = params.int("message_id").ok_or_else(|| Refusal::bad("message identifier is not specified"))?;
    let now = world.now();
    let message = world.room(chat)?.find(id).ok_or_else(|| Refusal::bad("message to edit not found"))?;
    if !message.by_bot {
        return Err(Refusal::bad("message can't be edited"));
    }
    let mut changed = message.clone();
    if !with(&mut changed)? {
        return Err(Refusal::bad(NOT_MODIFIED));
    }
    flood(world, chat)?;
    answered(world, chat, Instant::now())?;
    changed.edits += 1;
    changed.edit_date = now;
    let room = world.room_mut(chat)?;
    if let Some(message) = room.find_mut(id) {
        *message = changed;
    }
    room.changed.notify_waiters();
    world.message_json(chat, id)
}

/// The inline keyboard of a request: rows without an empty label, each button with one purpose.
pub(super) fn inline_keyboard(world: &mut World, params: &Params) -> Result<Option<Value>, Refusal> {
    let Some(markup) = params.get("reply_markup") else { return Ok(None) };
    let Some(rows) = markup.get("inline_keyboard").and_then(Value::as_array) else { return Ok(None) };
    let buttons: Vec<&Value> = rows.iter().filter_map(Value::as_array).flatten().collect();
    for button in &buttons {
        let purposes = button.as_object().map_or(0, |b| {
            b.keys().filter(|k| !matches!(k.as_str(), "text" | "style" | "icon_custom_emoji_id")).count()
        });
        if purposes != 1 || button.get("text").and_then(Value::as_str).is_none_or(str::is_empty) {
            world.violation(format!("reply_markup: a button needs a text and one purpose: {button}"));
            return Err(Refusal::bad("Text buttons are unallowed in the inline keyboard"));
        }
    }
    if buttons.len() > 100 {
        return Err(Refusal::bad("REPLY_MARKUP_TOO_LONG"));
    }
    Ok((!buttons.is_empty()).then(|| markup.clone()))
}

/// `deleteMessage`.
pub(super) fn delete(world: &mut World, params: &Params) -> Told {
    let chat = chat(world, params)?;
    let id = params.int("message_id").unwrap_or(0);
    let room = world.room_mut(chat)?;
    let message = room.find(id).ok_or_else(|| Refusal::bad("message to delete not found"))?;
    let may = message.by_bot || !room.is_group() || room.bot == super::world::Standing::Admin;
    if !may {
        return Err(Refusal::bad("message can't be deleted"));
    }
    room.remove(id);
    Ok("true".to_owned())
}

/// `deleteMessages`: those that cannot be found are skipped.
pub(super) fn delete_many(world: &mut World, params: &Params) -> Told {
    let chat = chat(world, params)?;
    let ids: Vec<i64> = params.list("message_ids").unwrap_or_default().iter().filter_map(Value::as_i64).collect();
    let room = world.room_mut(chat)?;
    for id in ids {
        room.remove(id);
    }
    Ok("true".to_owned())
}

/// `setMessageReaction`: at most one from a bot.
pub(super) fn react(world: &mut World, params: &Params) -> Told {
    let chat = chat(world, params)?;
    let reactions = params.list("reaction").unwrap_or_default();
    if reactions.len() > 1 {
        return Err(Refusal::bad("REACTIONS_TOO_MANY"));
    }
    let emoji: Vec<String> = reactions.iter().filter_map(|r| r.get("emoji")?.as_str().map(str::to_owned)).collect();
    if emoji.iter().any(|emoji| !REACTIONS.contains(&emoji.as_str())) {
        return Err(Refusal::bad("REACTION_INVALID"));
    }
    let bot = std::sync::Arc::clone(&world.bot.name);
    let room = world.room_mut(chat)?;
    let message = room
        .find_mut(params.int("message_id").unwrap_or(0))
        .ok_or_else(|| Refusal::bad("message to react not found"))?;
    message.reactions.retain(|(who, _)| *who != bot);
    message.reactions.extend(emoji.into_iter().map(|emoji| (std::sync::Arc::clone(&bot), emoji)));
    room.changed.notify_waiters();
    Ok("true".to_owned())
}

/// `answerCallbackQuery`.
pub(super) fn answer_press(world: &mut World, params: &Params) -> Told {
    let id = params.text("callback_query_id").unwrap_or_default();
    let Some(press) = world.presses.get_mut(id) else {
        return Err(Refusal::bad("query is too old and response timeout expired or query ID is invalid"));
    };
    press.answer.get_or_insert_with(|| params.text("text").unwrap_or_default().to_owned());
    let chat = press.chat;
    world.room(chat)?.changed.notify_waiters();
    Ok("true".to_owned())
}

/// The emoji that Telegram takes as reactions.
pub(super) const REACTIONS: [&str; 73] = [
    "👍",
    "👎",
    "❤",
    "🔥",
    "🥰",
    "👏",
    "😁",
    "🤔",
    "🤯",
    "😱",
    "🤬",
    "😢",
    "🎉",
    "🤩",
    "🤮",
    "💩",
    "🙏",
    "👌",
    "🕊",
    "🤡",
    "🥱",
    "🥴",
    "😍",
    "🐳",
    "❤‍🔥",
    "🌚",
    "🌭",
    "💯",
    "🤣",
    "⚡",
    "🍌",
    "🏆",
    "💔",
    "🤨",
    "😐",
    "🍓",
    "🍾",
    "💋",
    "🖕",
    "😈",
    "😴",
    "😭",
    "🤓",
    "👻",
    "👨‍💻",
    "👀",
    "🎃",
    "🙈",
    "😇",
    "😨",
    "🤝",
    "✍",
    "🤗",
    "🫡",
    "🎅",
    "🎄",
    "☃",
    "💅",
    "🤪",
    "🗿",
    "🆒",
    "💘",
    "🙉",
    "🦄",
    "😘",
    "💊",
    "🙊",
    "😎",
    "👾",
    "🤷‍♂",
    "🤷",
    "🤷‍♀",
    "😡",
];
