//! Recorded updates of every kind: each keeps the Bot API's description and is read as it should be;
//! what nobody knows is counted and ignored; and whatever becomes of one, nothing panics.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

extern crate apprentice_channels as channels;

#[path = "corpus/check/updates.rs"]
mod check;

use channels::telegram::Me;
use channels::telegram::parse::{Parsed, parse};
use domain::incoming::{Act, Attachment, Incoming, Message};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// Updates by name, from a directory below `tests`.
fn payloads(dir: &str) -> BTreeMap<String, Value> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(dir);
    let files = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let payloads = files.filter(|path| path.extension().is_some_and(|kind| kind == "json"));
    let read = |path: &Path| serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    payloads.map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), read(&path))).collect()
}

fn read(update: &Value) -> String {
    match parse(update, &Me { id: 42, username: "apprentice_bot".to_owned() }) {
        Parsed::Act(incoming) => summary(&incoming),
        Parsed::Ignored(kind) => format!("ignored: {kind}"),
    }
}

/// One line: the lane, who, and what they did.
fn summary(incoming: &Incoming) -> String {
    let author = &incoming.author;
    let tags = [author.username.as_deref(), author.language.as_deref(), author.is_bot.then_some("bot")];
    let tags: Vec<&str> = tags.into_iter().flatten().collect();
    let act = match &incoming.act {
        Act::Said(message) => format!("said {}", said(message)),
        Act::Edited(message) => format!("edited {}", said(message)),
        Act::Pressed { message, data, .. } => format!("pressed {data} on {message}"),
        Act::Reacted { message, emoji } => format!("reacted {} to {message}", emoji.concat()),
        Act::Inline { query, text } => format!("asked in passing {query}: {text}"),
        Act::Stopped => "stopped".to_owned(),
        Act::Membership { present } => format!("present: {present}"),
        Act::Migrated { to } => format!("moved to {to}"),
    };
    format!("{} {} {} [{}] {act}", incoming.lane(), author.account, author.name, tags.join(" "))
}

fn said(message: &Message) -> String {
    let units = message.text.encode_utf16().count();
    let text = if units > 99 { format!("{units} units") } else { format!("{:?}", message.text) };
    let mut out = format!("{} {text}", message.id);
    if let Some(replied) = &message.reply_to {
        let whose = if replied.ours { "ours" } else { &replied.author };
        out += &format!(" to {} of {whose} {:?}{}", replied.message, replied.text, held(&replied.attachments));
    }
    out += if message.mentions_bot { " naming the bot" } else { "" };
    out += &message.forwarded.as_ref().map(|whose| format!(" words of {:?}", whose.from)).unwrap_or_default();
    out += &message.album.as_ref().map(|album| format!(" of album {album}")).unwrap_or_default();
    out + &held(&message.attachments)
}

/// What hangs on a message: as what it was sent, its handle, and what else is said of it.
fn held(attachments: &[Attachment]) -> String {
    let one = |attachment: &Attachment| match attachment {
        Attachment::Text { name, .. } => format!(" + text {name}"),
        Attachment::Unreadable { what } => format!(" + {what}"),
        Attachment::File(file) => {
            let seconds = if file.seconds > 0 { format!("{} s", file.seconds) } else { String::new() };
            let still = file.still.as_ref().map(|still| format!("still {still}")).unwrap_or_default();
            let size = format!("{} bytes", file.size);
            let facts = [&file.handle, &file.name, &file.mime, &file.emoji, &size, &seconds, &still];
            let facts: Vec<&str> = facts.into_iter().map(String::as_str).filter(|fact| !fact.is_empty()).collect();
            format!(" + {:?} ({})", file.media, facts.join(", "))
        }
    };
    attachments.iter().map(one).collect()
}

/// Every payload of a directory is in its table, and the other way round.
fn compare(dir: &str, table: &str) {
    let read: Vec<String> = payloads(dir).iter().map(|(name, update)| format!("{name}: {}", read(update))).collect();
    let expected: Vec<&str> = table.lines().filter(|line| !line.starts_with('#')).collect();
    assert!(read.len() > 20, "the payloads are not there");
    for (read, expected) in read.iter().zip(&expected) {
        assert_eq!(read, expected);
    }
    assert_eq!(read.len(), expected.len(), "{read:#?}");
}

#[test]
fn every_recorded_update_is_read_as_what_a_person_did() {
    compare("payloads", include_str!("payloads/expected.txt"));
}

#[test]
fn an_update_that_keeps_no_rule_is_read_as_far_as_it_goes_or_ignored() {
    compare("payloads/odd", include_str!("payloads/odd/expected.txt"));
}

#[test]
fn every_recorded_update_keeps_the_description_of_the_bot_api() {
    let payloads = payloads("payloads");
    for (name, update) in &payloads {
        assert_eq!(sim::telegram::check_type("Update", update), [""; 0], "{name}");
    }
    let kinds = |kind: &&str| payloads.values().any(|update| update.get(*kind).is_some());
    let missing: Vec<_> = KINDS.iter().filter(|kind| !kinds(kind)).collect();
    assert!(missing.is_empty(), "no payload of the kind {missing:?}");
    for kind in KINDS {
        let empty = sim::telegram::check_type("Update", &json!({"update_id": 1, *kind: null}));
        assert_eq!(empty, [""; 0], "{kind} is no kind of update any more");
    }
}

/// Every kind of update that the Bot API has.
const KINDS: &[&str] = &[
    "business_connection",
    "business_message",
    "callback_query",
    "channel_post",
    "chat_boost",
    "chat_join_request",
    "chat_member",
    "chosen_inline_result",
    "deleted_business_messages",
    "edited_business_message",
    "edited_channel_post",
    "edited_message",
    "guest_message",
    "inline_query",
    "managed_bot",
    "message",
    "message_reaction",
    "message_reaction_count",
    "my_chat_member",
    "poll",
    "poll_answer",
    "pre_checkout_query",
    "purchased_paid_media",
    "removed_chat_boost",
    "shipping_query",
    "stopped_message_generation",
    "subscription",
];

#[test]
fn a_payload_that_breaks_the_description_would_be_found() {
    let mut update = payloads("payloads").remove("message_text").unwrap();
    update["message"]["colour"] = json!("blue");
    assert_eq!(sim::telegram::check_type("Update", &update), ["message: colour: no such field"]);
}

#[test]
fn every_payload_keeps_what_always_holds() {
    for update in payloads("payloads").into_values().chain(payloads("payloads/odd").into_values()) {
        check::updates(update.to_string().as_bytes());
    }
}

/// What is done to one place of an update.
#[derive(Clone, Debug)]
enum Mutation {
    Remove,
    Replace(Value),
    /// Puts another payload's value, found the same way, there.
    Graft(Index, Index),
    /// Says it twice: a list's item, or a text.
    Double,
}

fn mutations() -> impl Strategy<Value = (Index, Mutation)> {
    let values = vec![
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(i64::MAX),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(1.5),
        json!(""),
        json!("x\u{0}🙂"),
        json!([]),
        json!([[{}]]),
        json!({}),
    ];
    let mutation = prop_oneof![
        Just(Mutation::Remove),
        select(values).prop_map(Mutation::Replace),
        any::<(Index, Index)>().prop_map(|(payload, place)| Mutation::Graft(payload, place)),
        Just(Mutation::Double),
    ];
    (any::<Index>(), mutation)
}

/// The paths of everything in a value, as JSON pointers.
fn places(value: &Value, path: &str, into: &mut Vec<String>) {
    into.push(path.to_owned());
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| places(value, &format!("{path}/{name}"), into)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, value)| places(value, &format!("{path}/{at}"), into))
        }
        _ => {}
    }
}

fn place_in(value: &Value, index: Index) -> String {
    let mut all = Vec::new();
    places(value, "", &mut all);
    index.get(&all).clone()
}

fn mutate(update: &mut Value, at: Index, mutation: &Mutation, others: &[Value]) {
    let path = place_in(update, at);
    let Some((parent, name)) = path.rsplit_once('/') else { return };
    match mutation {
        Mutation::Remove => match update.pointer_mut(parent).unwrap() {
            Value::Object(fields) => drop(fields.remove(name)),
            Value::Array(items) => drop(items.remove(name.parse().unwrap())),
            _ => {}
        },
        Mutation::Replace(value) => *update.pointer_mut(&path).unwrap() = value.clone(),
        Mutation::Graft(other, place) => {
            let other = other.get(others);
            let grafted = other.pointer(&place_in(other, *place)).unwrap().clone();
            *update.pointer_mut(&path).unwrap() = grafted;
        }
        Mutation::Double => match update.pointer_mut(&path).unwrap() {
            Value::Array(items) => items.extend(items.clone()),
            Value::String(text) => *text = text.repeat(2),
            _ => {}
        },
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2048, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_becomes_of_an_update_nothing_panics_and_what_must_hold_holds(
        which in any::<Index>(), mutations in proptest::collection::vec(mutations(), 1..6),
    ) {
        let others: Vec<Value> = RECORDED.with(Clone::clone);
        let mut update = which.get(&others).clone();
        for (at, mutation) in &mutations {
            mutate(&mut update, *at, mutation, &others);
        }
        check::updates(update.to_string().as_bytes());
    }
}

thread_local! {
    static RECORDED: Vec<Value> = payloads("payloads").into_values().chain(payloads("payloads/odd").into_values()).collect();
}
