//! Sending: messages, drafts and chat actions.

use super::edit::inline_keyboard;
use super::message::{Draft, Message};
use super::params::Params;
use super::refusal::Refusal;
use super::world::{RoomKind, Standing, World, blank};
use super::{Limits, Told, text};
use serde_json::Value;
use std::time::Instant;

/// What a draft lives at most without being renewed.
pub(super) const DRAFT_SECONDS: u64 = 30;

/// `sendMessage`.
pub(super) fn message(world: &mut World, params: &Params) -> Told {
    let chat = chat(world, params)?;
    let (text, entities) = body(world, "sendMessage", params, "text", "entities")?;
    if text.is_empty() {
        return Err(Refusal::bad("message text is empty"));
    }
    let mut message = prepare(world, chat, params)?;
    message.text = text;
    message.entities = entities;
    deliver(world, chat, message)
}

/// `sendRichMessage`: kept by its source, which is what the bot wrote.
pub(super) fn rich(world: &mut World, params: &Params) -> Told {
    let chat = chat(world, params)?;
    let mut message = prepare(world, chat, params)?;
    message.text = rich_source(world, "sendRichMessage", params)?;
    deliver(world, chat, message)
}

/// `sendMessageDraft`.
pub(super) fn draft(world: &mut World, params: &Params) -> Told {
    let (text, entities) = body(world, "sendMessageDraft", params, "text", "entities")?;
    show_draft(world, "sendMessageDraft", params, text, entities)
}

/// `sendRichMessageDraft`.
pub(super) fn rich_draft(world: &mut World, params: &Params) -> Told {
    let text = rich_source(world, "sendRichMessageDraft", params)?;
    show_draft(world, "sendRichMessageDraft", params, text, Vec::new())
}

fn show_draft(world: &mut World, method: &str, params: &Params, text: String, entities: Vec<super::Entity>) -> Told {
    let chat = chat(world, params)?;
    let id = params.int("draft_id").unwrap_or(0);
    if world.room(chat)?.kind != RoomKind::Private {
        world.violation(format!("{method}: chat_id: drafts are for private chats"));
        return Err(Refusal::bad("TEXTDRAFT_PEER_INVALID"));
    }
    if id == 0 {
        world.violation(format!("{method}: draft_id: must not be 0"));
        return Err(Refusal::bad("RANDOM_ID_INVALID"));
    }
    let now = Instant::now();
    flood_draft(world, chat, now)?;
    let draft = Draft {
        id,
        text,
        entities,
        thread: params.int("message_thread_id"),
        can_stop: params.flag("can_stop"),
        keep_on_stop: params.flag("keep_on_stop"),
    };
    let record = world.config.record;
    answered(world, chat, now)?;
    let room = world.room_mut(chat)?;
    room.drafts_seen += 1;
    if record {
        room.drafts.push(draft.clone());
    }
    room.draft = Some((draft, now));
    room.changed.notify_waiters();
    Ok("true".to_owned())
}

/// `sendChatAction`.
pub(super) fn action(world: &mut World, params: &Params) -> Told {
    const KNOWN: [&str; 11] = [
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    ];
    let chat = chat(world, params)?;
    let action = params.text("action").unwrap_or_default();
    if !KNOWN.contains(&action) {
        world.violation(format!("sendChatAction: action: `{action}` is none of {KNOWN:?}"));
        return Err(Refusal::bad("wrong parameter action in request"));
    }
    if world.config.record {
        world.room_mut(chat)?.actions.push(action.to_owned());
    }
    Ok("true".to_owned())
}

/// The chat that a request names, if the bot may write there.
pub(super) fn chat(world: &World, params: &Params) -> Result<i64, Refusal> {
    let id = named_chat(world, params)?;
    let room = world.room(id)?;
    if let Some(to) = room.migrated_to {
        return Err(Refusal::migrated(to));
    }
    let place = if room.kind == RoomKind::Supergroup { "supergroup" } else { "group" };
    match (room.bot, room.kind) {
        (Standing::Member | Standing::Admin, _) => Ok(id),
        (Standing::Unmet, _) => Err(Refusal::new(403, "Forbidden: bot can't initiate conversation with a user")),
        (Standing::Kicked, RoomKind::Private) => Err(Refusal::new(403, "Forbidden: bot was blocked by the user")),
        (Standing::Kicked, _) => Err(Refusal::new(403, format!("Forbidden: bot was kicked from the {place} chat"))),
        (Standing::Left, _) => Err(Refusal::new(403, format!("Forbidden: bot is not a member of the {place} chat"))),
    }
}

/// The chat that a request names, whether or not the bot may write there.
pub(super) fn named_chat(world: &World, params: &Params) -> Result<i64, Refusal> {
    match params.get("chat_id") {
        Some(Value::String(name)) => {
            let id = name.parse().ok();
            id.filter(|id| world.rooms.contains_key(id)).ok_or_else(Refusal::chat_not_found)
        }
        Some(id) => id.as_i64().filter(|id| world.rooms.contains_key(id)).ok_or_else(Refusal::chat_not_found),
        None => Err(Refusal::bad("chat_id is empty")),
    }
}

/// The text of a request with its entities; entities that do not fit are a violation.
pub(super) fn body(
    world: &mut World,
    method: &str,
    params: &Params,
    text: &str,
    entities: &str,
) -> Result<(String, Vec<super::Entity>), Refusal> {
    let given = params.text(text).unwrap_or_default();
    text::accept(given, params.get(entities)).map_err(|told| {
        world.violation(format!("{method}: {entities}: {told}"));
        Refusal::bad(format!("simulator: {method}: {entities}: {told}"))
    })
}

pub(super) fn rich_source(world: &mut World, method: &str, params: &Params) -> Result<String, Refusal> {
    let rich = params.get("rich_message").and_then(Value::as_object);
    let source = |name: &str| {
        rich.and_then(|rich| rich.get(name)).map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned))
    };
    let given: Vec<String> = ["markdown", "html", "blocks"].into_iter().filter_map(source).collect();
    match <[String; 1]>::try_from(given) {
        Ok([one]) => Ok(one),
        Err(given) => {
            world.violation(format!(
                "{method}: rich_message: one of markdown, html and blocks is needed, {} given",
                given.len()
            ));
            Err(Refusal::bad("rich message must have exactly one content"))
        }
    }
}

/// A message of the bot with all but its body, after the limits let it pass.
pub(super) fn prepare(world: &mut World, chat: i64, params: &Params) -> Result<Message, Refusal> {
    let mut message = blank(&world.bot, true);
    message.thread = thread(world, chat, params)?;
    message.reply_to = replied(world, chat, params)?;
    message.markup = inline_keyboard(world, params)?;
    flood(world, chat)?;
    Ok(message)
}

fn thread(world: &World, chat: i64, params: &Params) -> Result<Option<i64>, Refusal> {
    let Some(thread) = params.int("message_thread_id") else { return Ok(None) };
    let room = world.room(chat)?;
    if room.topics.iter().any(|topic| topic.thread == thread) {
        return Ok(Some(thread));
    }
    Err(Refusal::bad("message thread not found"))
}

fn replied(world: &World, chat: i64, params: &Params) -> Result<Option<i64>, Refusal> {
    let Some(reply) = params.get("reply_parameters") else { return Ok(None) };
    let id = reply.get("message_id").and_then(Value::as_i64).unwrap_or(0);
    if world.room(chat)?.find(id).is_some() {
        return Ok(Some(id));
    }
    match reply.get("allow_sending_without_reply").and_then(Value::as_bool) {
        Some(true) => Ok(None),
        _ => Err(Refusal::bad("message to be replied not found")),
    }
}

/// Lets a message or an edit pass, or refuses it with 429.
pub(super) fn flood(world: &mut World, chat: i64) -> Result<(), Refusal> {
    let Some(limits) = world.config.limits else { return Ok(()) };
    let refused = try_flood(world, chat, &limits).err();
    let Some(refused) = refused else { return Ok(()) };
    world.impatient += u64::from(refused.impatient);
    Err(Refusal::too_many(refused.retry_after))
}

fn try_flood(world: &mut World, chat: i64, limits: &Limits) -> Result<(), super::flood::Refused> {
    let now = Instant::now();
    let Some(room) = world.rooms.get_mut(&chat) else { return Ok(()) };
    room.chat_bucket.check(limits.chat, now)?;
    if room.is_group() {
        room.group_bucket.check(limits.group, now)?;
    }
    world.all_bucket.check(limits.all, now)?;
    room.chat_bucket.take();
    room.group_bucket.take();
    world.all_bucket.take();
    Ok(())
}

fn flood_draft(world: &mut World, chat: i64, now: Instant) -> Result<(), Refusal> {
    let Some(limits) = world.config.limits else { return Ok(()) };
    let room = world.room_mut(chat)?;
    match room.draft_bucket.check(limits.drafts, now) {
        Ok(()) => {
            room.draft_bucket.take();
            Ok(())
        }
        Err(refused) => {
            world.impatient += u64::from(refused.impatient);
            Err(Refusal::too_many(refused.retry_after))
        }
    }
}

/// Measures the time since the update left for the bot.
pub(super) fn answered(world: &mut World, chat: i64, now: Instant) -> Result<(), Refusal> {
    let handed = world.room_mut(chat)?.handed.take();
    if let Some(handed) = handed {
        world.latencies.push(now.saturating_duration_since(handed));
    }
    Ok(())
}

/// Posts the bot's message; the draft before it vanishes.
pub(super) fn deliver(world: &mut World, chat: i64, message: Message) -> Told {
    answered(world, chat, Instant::now())?;
    world.room_mut(chat)?.draft = None;
    let id = world.post(chat, message)?;
    world.message_json(chat, id)
}
