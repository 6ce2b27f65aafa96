//! From an update's JSON to an `Incoming`. Pure, and never fails: what nobody knows is named and
//! ignored.

mod held;

use super::Me;
use domain::ids::{AccountId, MessageId, Millis};
use domain::incoming::{Act, Attachment, Author, Channel, ChatKind, Forwarded, Incoming, Message, Place, ReplyTo};
use serde_json::Value;

/// What an update is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parsed {
    /// Something that a person did.
    Act(Box<Incoming>),
    /// Nothing for us; its kind.
    Ignored(String),
}

/// Kinds of updates that are asked for and read.
pub(crate) const WANTED: [&str; 7] = [
    "message",
    "edited_message",
    "callback_query",
    "inline_query",
    "message_reaction",
    "my_chat_member",
    "stopped_message_generation",
];

/// The topic of what is asked in passing; no topic of Telegram's is called so.
const INLINE: &str = "inline";

/// The account that brings a channel's posts into its group, and Telegram's own notices.
const SERVICE: i64 = 777_000;

/// Reads an update from the bytes of a webhook's body; none when they are no JSON object.
pub fn parse_bytes(bytes: &[u8], me: &Me) -> Option<Parsed> {
    let update: Value = serde_json::from_slice(bytes).ok()?;
    update.is_object().then(|| parse(&update, me))
}

/// Reads an update.
pub fn parse(update: &Value, me: &Me) -> Parsed {
    let Some(fields) = update.as_object() else { return Parsed::Ignored("nothing".to_owned()) };
    // A field that nobody knows yet must not hide the one that says what happened.
    let known = WANTED.into_iter().find(|kind| fields.contains_key(*kind));
    let other = || fields.keys().map(String::as_str).find(|key| *key != "update_id");
    let kind = known.or_else(other).unwrap_or("nothing");
    match acted(update, kind, me) {
        Some(incoming) => Parsed::Act(Box::new(incoming)),
        None => Parsed::Ignored(kind.to_owned()),
    }
}

fn acted(update: &Value, kind: &str, me: &Me) -> Option<Incoming> {
    // Without its number an update could not be told from another one.
    let number = integer(update, "update_id")?;
    let body = update.get(kind)?;
    let (place, author, at, act) = match kind {
        "message" => message(body, me, Act::Said),
        "edited_message" => message(body, me, Act::Edited),
        "callback_query" => press(body),
        "inline_query" => inline(body),
        "message_reaction" => reaction(body),
        "my_chat_member" => membership(body),
        "stopped_message_generation" => stopped(body),
        _ => None,
    }?;
    Some(Incoming { place, author, at, dedupe: format!("telegram:{}:{number}", me.id), act })
}

type Found = Option<(Place, Author, Millis, Act)>;

fn message(body: &Value, me: &Me, act: impl Fn(Message) -> Act) -> Found {
    // What this bot answered in passing, and somebody chose to send: nobody asks that.
    if body.get("via_bot").and_then(|bot| integer(bot, "id")) == Some(me.id) {
        return None;
    }
    let place = place(body.get("chat")?, thread(body))?;
    let author = author(body.get("from")?)?;
    let at = date(body);
    if let Some(to) = integer(body, "migrate_to_chat_id") {
        return Some((place, author, at, Act::Migrated { to: to.to_string() }));
    }
    let (words, entities) = match body.get("text") {
        Some(text) => (text.as_str()?, body.get("entities")),
        None => (body.get("caption").and_then(Value::as_str).unwrap_or_default(), body.get("caption_entities")),
    };
    let attachments = held::attachments(body);
    if words.is_empty() && attachments.is_empty() {
        return None;
    }
    let entities: Vec<Entity<'_>> =
        entities.and_then(Value::as_array).into_iter().flatten().filter_map(entity).collect();
    let units: Vec<u16> = words.encode_utf16().collect();
    let message = Message {
        id: MessageId(integer(body, "message_id")?.to_string()),
        text: storable(&with_fences(&units, &entities)),
        reply_to: reply(body, me),
        mentions_bot: entities.iter().any(|entity| entity.names(&units, me)),
        attachments,
        album: text(body, "media_group_id"),
        forwarded: body.get("forward_origin").map(|from| Forwarded { from: origin(from).unwrap_or_default() }),
        heard: Vec::new(),
    };
    Some((place, author, at, act(message)))
}

fn press(body: &Value) -> Found {
    let message = body.get("message")?;
    let place = place(message.get("chat")?, thread(message))?;
    let act = Act::Pressed {
        press: text(body, "id")?,
        message: MessageId(integer(message, "message_id")?.to_string()),
        data: text(body, "data")?,
    };
    Some((place, author(body.get("from")?)?, date(message), act))
}

fn reaction(body: &Value) -> Found {
    // Anonymous reactions have no author whose opinion it would be.
    let author = author(body.get("user")?)?;
    let emoji = body.get("new_reaction")?.as_array()?.iter().filter_map(|reaction| text(reaction, "emoji")).collect();
    let message = MessageId(integer(body, "message_id")?.to_string());
    Some((place(body.get("chat")?, None)?, author, date(body), Act::Reacted { message, emoji }))
}

fn membership(body: &Value) -> Found {
    let member = body.get("new_chat_member")?;
    let may = |what| member.get(what).and_then(Value::as_bool).unwrap_or(true);
    let present = match member.get("status")?.as_str()? {
        "creator" | "administrator" | "member" => true,
        // Restrictions outlast membership.
        "restricted" => may("is_member") && may("can_send_messages"),
        _ => false,
    };
    Some((place(body.get("chat")?, None)?, author(body.get("from")?)?, date(body), Act::Membership { present }))
}

/// The stop button of a draft; drafts are only in private chats, whose number is the person's.
fn stopped(body: &Value) -> Found {
    let chat = body.get("chat")?;
    let thread = integer(body, "message_thread_id").map(|thread| thread.to_string());
    Some((place(chat, thread)?, author(chat)?, Millis(0), Act::Stopped))
}

fn place(chat: &Value, thread: Option<String>) -> Option<Place> {
    let kind = match chat.get("type")?.as_str()? {
        "private" => ChatKind::Private,
        "group" | "supergroup" => ChatKind::Group,
        _ => ChatKind::Broadcast,
    };
    Some(Place { channel: Channel::Telegram, chat: integer(chat, "id")?.to_string(), thread, kind })
}

/// The topic; in plain groups a reply's thread is no place of its own.
fn thread(message: &Value) -> Option<String> {
    let topic = message.get("is_topic_message").and_then(Value::as_bool).unwrap_or(false);
    topic.then(|| integer(message, "message_thread_id")).flatten().map(|thread| thread.to_string())
}

fn author(user: &Value) -> Option<Author> {
    let name = |field| text(user, field).unwrap_or_default();
    let id = integer(user, "id")?;
    Some(Author {
        account: AccountId(id.to_string()),
        name: format!("{} {}", name("first_name"), name("last_name")).trim().to_owned(),
        username: text(user, "username"),
        language: text(user, "language_code"),
        is_bot: id == SERVICE || user.get("is_bot").and_then(Value::as_bool).unwrap_or(false),
    })
}

/// The message that is replied to: one of this chat, one of another, or a story.
fn reply(body: &Value, me: &Me) -> Option<ReplyTo> {
    let quoted = body.get("quote").and_then(|quote| text(quote, "text"));
    let Some(replied) = body.get("reply_to_message") else { return elsewhere(body, quoted) };
    // In a topic, a message that replies to nothing names the topic's first message.
    if replied.get("forum_topic_created").is_some() {
        return None;
    }
    let from = replied.get("from");
    let words = text(replied, "text").or_else(|| text(replied, "caption")).unwrap_or_default();
    Some(ReplyTo {
        message: MessageId(integer(replied, "message_id")?.to_string()),
        ours: from.and_then(|from| integer(from, "id")) == Some(me.id),
        author: from.and_then(author).map(|author| author.name).unwrap_or_default(),
        attachments: held::attachments(replied),
        text: quoted.unwrap_or(words),
    })
}

/// A reply to what stands in another chat. No message of this one has the number 0.
fn elsewhere(body: &Value, quoted: Option<String>) -> Option<ReplyTo> {
    let message = MessageId("0".to_owned());
    if let Some(replied) = body.get("external_reply") {
        let text = quoted.unwrap_or_default();
        let attachments = held::attachments(replied);
        let author = replied.get("origin").and_then(origin).unwrap_or_default();
        return Some(ReplyTo { message, text, author, attachments, ours: false });
    }
    let story = body.get("reply_to_story")?;
    let author = story.get("chat").and_then(title).unwrap_or_default();
    let attachments = vec![Attachment::Unreadable { what: "story".to_owned() }];
    Some(ReplyTo { message, author, attachments, ..ReplyTo::default() })
}

/// The name of whom the words of a forwarded message are, as far as it is shown.
fn origin(origin: &Value) -> Option<String> {
    match origin.get("type")?.as_str()? {
        "user" => author(origin.get("sender_user")?).map(|author| author.name),
        "hidden_user" => text(origin, "sender_user_name"),
        "chat" => origin.get("sender_chat").and_then(title),
        "channel" => origin.get("chat").and_then(title),
        _ => None,
    }
}

/// What a chat is called; one with a person has the person's name.
fn title(chat: &Value) -> Option<String> {
    text(chat, "title").or_else(|| author(chat).map(|author| author.name))
}

/// Asked in passing: in no chat that the bot knows, so in one of its own with that person.
fn inline(body: &Value) -> Found {
    let author = author(body.get("from")?)?;
    let (query, text) = (text(body, "id")?, text(body, "query")?);
    let place = Place {
        channel: Channel::Telegram,
        chat: author.account.to_string(),
        thread: Some(INLINE.to_owned()),
        kind: ChatKind::Private,
    };
    Some((place, author, Millis(0), Act::Inline { query, text }))
}

/// A stretch of a text with a meaning, in UTF-16 units.
struct Entity<'a> {
    kind: &'a str,
    from: usize,
    to: usize,
    user: Option<i64>,
    language: &'a str,
}

fn entity(value: &Value) -> Option<Entity<'_>> {
    let from = usize::try_from(integer(value, "offset")?).ok()?;
    let length = usize::try_from(integer(value, "length")?).ok()?;
    Some(Entity {
        kind: value.get("type")?.as_str()?,
        from,
        to: from.checked_add(length)?,
        user: value.get("user").and_then(|user| integer(user, "id")),
        language: value.get("language").and_then(Value::as_str).unwrap_or_default(),
    })
}

impl Entity<'_> {
    /// Whether it names the bot.
    fn names(&self, units: &[u16], me: &Me) -> bool {
        let words = || String::from_utf16_lossy(units.get(self.from..self.to).unwrap_or_default()).to_lowercase();
        let name = format!("@{}", me.username.to_lowercase());
        match self.kind {
            "mention" => words() == name,
            "text_mention" => self.user == Some(me.id),
            "bot_command" => words().ends_with(&name),
            _ => false,
        }
    }
}

/// The text with code put back between fences, so that a model sees it as code.
fn with_fences(units: &[u16], entities: &[Entity<'_>]) -> String {
    let mut out = String::new();
    let mut at = 0;
    let code = entities.iter().filter(|entity| matches!(entity.kind, "pre" | "code"));
    for entity in code {
        let Some(inside) = units.get(entity.from..entity.to).filter(|_| entity.from >= at) else { continue };
        out += &String::from_utf16_lossy(units.get(at..entity.from).unwrap_or_default());
        let inside = String::from_utf16_lossy(inside);
        out += &match entity.kind {
            "pre" => format!("```{}\n{}\n```", entity.language, inside.trim_end_matches('\n')),
            _ => format!("`{inside}`"),
        };
        at = entity.to;
    }
    out + &String::from_utf16_lossy(units.get(at..).unwrap_or_default())
}

fn integer(value: &Value, field: &str) -> Option<i64> {
    value.get(field)?.as_i64()
}

fn text(value: &Value, field: &str) -> Option<String> {
    Some(storable(value.get(field)?.as_str()?))
}

/// Not every database holds NUL, and one such text would keep a whole batch from being accepted.
fn storable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// Seconds in the Bot API, milliseconds here.
fn date(body: &Value) -> Millis {
    Millis(integer(body, "edit_date").or_else(|| integer(body, "date")).unwrap_or(0).saturating_mul(1000))
}
