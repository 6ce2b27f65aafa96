//! What a message holds beside its words: files by their handles, and by Telegram's word what nobody here
//! takes in. Nothing is lost: what nobody knows yet has its word, too.

use super::{integer, text};
use domain::incoming::{Attached, Attachment, Media};
use serde_json::{Map, Value};

/// Fields that hold a file, and as what it was sent; of two in one message the first is what it is (an
/// animation is a document, too, and a live photo may come with its photo).
const FILES: [(&str, Media); 9] = [
    ("animation", Media::Animation),
    ("live_photo", Media::Photo),
    ("voice", Media::Voice),
    ("audio", Media::Audio),
    ("video", Media::Video),
    ("video_note", Media::VideoNote),
    ("photo", Media::Photo),
    ("sticker", Media::Sticker),
    ("document", Media::Document),
];

/// Kinds of messages that are named, not read; of two in one message the first is what it is.
const UNREADABLE: [&str; 15] = [
    "contact",
    "venue",
    "location",
    "poll",
    "dice",
    "game",
    "story",
    "invoice",
    "successful_payment",
    "paid_media",
    "checklist",
    "giveaway",
    "giveaway_winners",
    "gift",
    "unique_gift",
];

/// Fields that say how, where, by whom and in answer to what a message was written.
const ENVELOPE: [&str; 29] = [
    "origin",
    "from",
    "chat",
    "sender_chat",
    "sender_business_bot",
    "via_bot",
    "guest_bot_caller_user",
    "guest_bot_caller_chat",
    "receiver_user",
    "forward_origin",
    "reply_to_message",
    "external_reply",
    "reply_to_story",
    "quote",
    "text",
    "entities",
    "caption",
    "caption_entities",
    "link_preview_options",
    "suggested_post_info",
    "direct_messages_topic",
    "reply_markup",
    "rich_message",
    // The old forms of `forward_origin` and of a new member, for servers of an earlier version.
    "forward_from",
    "forward_from_chat",
    "new_chat_member",
    "new_chat_participant",
    "left_chat_participant",
    "ephemeral_message_parameters",
];

/// Notices of the platform, which nobody said.
const NOTICES: [&str; 43] = [
    "new_chat_members",
    "left_chat_member",
    "chat_owner_left",
    "chat_owner_changed",
    "new_chat_photo",
    "message_auto_delete_timer_changed",
    "pinned_message",
    "refunded_payment",
    "users_shared",
    "chat_shared",
    "write_access_allowed",
    "passport_data",
    "proximity_alert_triggered",
    "boost_added",
    "chat_background_set",
    "checklist_tasks_done",
    "checklist_tasks_added",
    "direct_message_price_changed",
    "forum_topic_created",
    "forum_topic_edited",
    "forum_topic_closed",
    "forum_topic_reopened",
    "general_forum_topic_hidden",
    "general_forum_topic_unhidden",
    "gift_upgrade_sent",
    "giveaway_created",
    "giveaway_completed",
    "managed_bot_created",
    "paid_message_price_changed",
    "poll_option_added",
    "poll_option_deleted",
    "suggested_post_approved",
    "suggested_post_approval_failed",
    "suggested_post_declined",
    "suggested_post_paid",
    "suggested_post_refunded",
    "video_chat_scheduled",
    "video_chat_started",
    "video_chat_ended",
    "video_chat_participants_invited",
    "web_app_data",
    "user_shared",
    "connected_website",
];

/// What a message holds.
pub(super) fn attachments(body: &Value) -> Vec<Attachment> {
    let Some(fields) = body.as_object() else { return Vec::new() };
    let there = |name: &str| fields.get(name).filter(|value| !value.is_null());
    if let Some((name, media, value)) = FILES.iter().find_map(|(name, media)| Some((name, media, there(name)?))) {
        let file = file(value, *media).map(Attachment::File);
        return vec![file.unwrap_or_else(|| unreadable(name))];
    }
    if let Some(name) = UNREADABLE.iter().find(|name| there(name).is_some()) {
        return vec![unreadable(name)];
    }
    // Words say what there is to say: a rich message may come with the same in plain words.
    if there("text").and_then(Value::as_str).is_some_and(|text| !text.is_empty()) {
        return Vec::new();
    }
    let rich = there("rich_message").map(|_| "rich_message");
    rich.or_else(|| unknown(fields)).map(unreadable).into_iter().collect()
}

fn unreadable(what: &str) -> Attachment {
    // Whoever wrote the word, it is a short one.
    Attachment::Unreadable { what: super::storable(&what.chars().take(64).collect::<String>()) }
}

/// The word for what a message holds that nobody knows yet.
fn unknown(fields: &Map<String, Value>) -> Option<&str> {
    let holds = |value: &Value| value.as_object().is_some_and(|fields| !fields.is_empty()) || value.is_array();
    let named = |name: &&String| !ENVELOPE.contains(&name.as_str()) && !NOTICES.contains(&name.as_str());
    // Beside a notice nothing is said.
    if fields.keys().any(|name| NOTICES.contains(&name.as_str())) {
        return None;
    }
    fields.iter().filter(|(name, value)| named(name) && holds(value)).map(|(name, _)| name.as_str()).next()
}

fn file(value: &Value, media: Media) -> Option<Attached> {
    if media == Media::Photo {
        // The sizes of a photo, or those of a live one.
        return largest(value.get("photo").unwrap_or(value));
    }
    let field = |name| text(value, name).unwrap_or_default();
    let mime = text(value, "mime_type").unwrap_or_else(|| usual(value, media).to_owned());
    let still = value.get("thumbnail").filter(|_| media != Media::Audio).and_then(|still| text(still, "file_id"));
    Some(Attached {
        handle: handle(value)?,
        name: field("file_name"),
        mime,
        size: size(value),
        media,
        seconds: integer(value, "duration").and_then(|seconds| u32::try_from(seconds).ok()).unwrap_or(0),
        emoji: if media == Media::Sticker { field("emoji") } else { String::new() },
        still,
    })
}

/// The largest size of a photo, which Telegram made a JPEG of.
fn largest(sizes: &Value) -> Option<Attached> {
    let pixels = |size: &&Value| {
        let side = |name| integer(size, name).unwrap_or(0);
        side("width").saturating_mul(side("height"))
    };
    let largest = sizes.as_array()?.iter().filter(|size| handle(size).is_some()).max_by_key(pixels)?;
    Some(Attached {
        handle: handle(largest)?,
        mime: "image/jpeg".to_owned(),
        size: size(largest),
        media: Media::Photo,
        ..Attached::default()
    })
}

fn handle(file: &Value) -> Option<String> {
    text(file, "file_id").filter(|handle| !handle.is_empty())
}

fn size(file: &Value) -> u64 {
    integer(file, "file_size").and_then(|size| u64::try_from(size).ok()).unwrap_or(0)
}

/// The media type where Telegram says none, since it is always the same.
fn usual(file: &Value, media: Media) -> &'static str {
    let is = |name| file.get(name).and_then(Value::as_bool).unwrap_or(false);
    match media {
        Media::Voice => "audio/ogg",
        Media::VideoNote => "video/mp4",
        Media::Sticker if is("is_animated") => "application/x-tgsticker",
        Media::Sticker if is("is_video") => "video/webm",
        Media::Sticker => "image/webp",
        Media::Photo => "image/jpeg",
        Media::Document | Media::Audio | Media::Video | Media::Animation => "",
    }
}
