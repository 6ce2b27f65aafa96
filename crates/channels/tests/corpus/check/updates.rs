//! What holds for whatever is read as an update. The fuzz target and the replay of its corpus share it.

use channels::telegram::Me;
use channels::telegram::parse::{Parsed, parse, parse_bytes};
use domain::incoming::{Act, Attachment, Incoming, Message};
use serde_json::Value;

/// Reads any bytes as an update.
pub fn updates(bytes: &[u8]) {
    let me = Me { id: 42, username: "apprentice_bot".to_owned() };
    let json = serde_json::from_slice::<Value>(bytes).ok().filter(Value::is_object);
    let parsed = parse_bytes(bytes, &me);
    assert_eq!(parsed.is_some(), json.is_some(), "an object is an update, nothing else is");
    let (Some(parsed), Some(json)) = (parsed, json) else { return };
    assert_eq!(parsed, parse(&json, &me), "the same update is read in two ways");
    match parsed {
        Parsed::Act(incoming) => holds(&incoming, &json, &me),
        Parsed::Ignored(kind) => assert!(kind == "nothing" || json.get(&kind).is_some(), "{kind} is not there"),
    }
}

fn holds(incoming: &Incoming, json: &Value, me: &Me) {
    let place = &incoming.place;
    number(&place.chat);
    match &incoming.act {
        Act::Inline { .. } => assert_eq!(place.thread.as_deref(), Some("inline")),
        _ => place.thread.iter().for_each(|thread| number(thread)),
    }
    number(incoming.author.account.as_str());
    incoming.message_id().iter().for_each(|id| number(id.as_str()));
    let update = json["update_id"].as_i64().unwrap();
    assert_eq!(incoming.dedupe, format!("telegram:{}:{update}", me.id));
    match &incoming.act {
        Act::Said(message) | Act::Edited(message) => says_something(message),
        Act::Migrated { to } => number(to),
        _ => {}
    }
    lane_holds(incoming);
    storing_holds(incoming);
}

fn says_something(message: &Message) {
    assert!(!message.text.is_empty() || !message.attachments.is_empty(), "nothing was said: {message:?}");
    message.reply_to.iter().for_each(|replied| number(replied.message.as_str()));
    let replied = message.reply_to.iter().flat_map(|replied| &replied.attachments);
    for attachment in message.attachments.iter().chain(replied) {
        match attachment {
            Attachment::File(file) => assert!(!file.handle.is_empty(), "a file that nobody can fetch: {file:?}"),
            Attachment::Unreadable { what } => assert!(what.chars().count() <= 64, "{what}"),
            Attachment::Text { .. } => unreachable!("no text comes whole"),
        }
    }
}

/// The lane is the chat's, so that what is said there is handled in order.
fn lane_holds(incoming: &Incoming) {
    let chat = match &incoming.act {
        Act::Migrated { to } => to,
        _ => &incoming.place.chat,
    };
    let lane = incoming.lane();
    let mut parts = lane.as_str().trim_end_matches('!').split(':');
    assert_eq!(parts.next(), Some("telegram"));
    assert_eq!(parts.next(), Some(chat.as_str()));
    assert!(parts.all(|thread| Some(thread) == incoming.place.thread.as_deref()));
    assert_eq!(lane.as_str().ends_with('!'), incoming.is_stop() && !matches!(incoming.act, Act::Migrated { .. }));
}

/// What is stored is read again as it was, and holds nothing that a database refuses.
fn storing_holds(incoming: &Incoming) {
    let stored = serde_json::to_value(incoming).unwrap();
    assert!(!holds_nul(&stored), "{incoming:?}");
    let read: Incoming = serde_json::from_str(&stored.to_string()).unwrap();
    assert_eq!(&read, incoming);
}

fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(holds_nul),
        Value::Object(fields) => fields.values().any(holds_nul),
        _ => false,
    }
}

fn number(text: &str) {
    assert!(text.parse::<i64>().is_ok(), "{text:?} is no number");
}
