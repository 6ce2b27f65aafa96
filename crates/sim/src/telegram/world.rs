//! What the server knows: people, chats, messages, and the updates on their way to the bot.
//!
//! One lock holds all of it, for microseconds at a time. It outlives the bot under test, so that
//! what people see can be checked after the bot was killed. Message ids ascend: one sequence for
//! the bot's account in private chats and basic groups, one per supergroup, shared by everybody
//! who writes there.

use super::flood::Bucket;
use super::inline::InlineAnswer;
use super::message::{self, Content, Draft, Message, Scene, quote};
use super::refusal::Refusal;
use super::updates::Queue;
use super::{Config, Limits};
use bytes::Bytes;
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::Notify;

/// How many messages of a chat are kept when nothing is recorded.
const KEPT_UNRECORDED: usize = 32;

/// An account.
pub(super) struct User {
    pub(super) id: i64,
    pub(super) name: Arc<str>,
    pub(super) json: String,
}

/// What kind of chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RoomKind {
    Private,
    Group,
    Supergroup,
}

/// How the bot stands in a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// The person never wrote to the bot.
    Unmet,
    Member,
    Admin,
    /// Left by itself.
    Left,
    /// Removed, or blocked by the person.
    Kicked,
}

/// A topic of a forum.
pub(super) struct Topic {
    pub(super) thread: i64,
    pub(super) name: String,
}

/// A chat.
pub(super) struct Room {
    pub(super) kind: RoomKind,
    pub(super) forum: bool,
    pub(super) title: String,
    pub(super) json: String,
    pub(super) members: Vec<i64>,
    pub(super) topics: Vec<Topic>,
    pub(super) bot: Standing,
    pub(super) migrated_to: Option<i64>,
    pub(super) messages: VecDeque<Message>,
    pub(super) drafts: Vec<Draft>,
    pub(super) draft: Option<(Draft, Instant)>,
    pub(super) drafts_seen: u64,
    pub(super) actions: Vec<String>,
    pub(super) changed: Arc<Notify>,
    pub(super) handed: Option<Instant>,
    pub(super) chat_bucket: Bucket,
    pub(super) group_bucket: Bucket,
    pub(super) draft_bucket: Bucket,
    sequence: i64,
}

/// A pressed button, and what the bot answered.
pub(super) struct Pressed {
    pub(super) chat: i64,
    pub(super) answer: Option<String>,
}

/// What was asked in passing, and what the bot answered.
pub(super) struct Query {
    /// Whose room is woken by the answer.
    pub(super) chat: i64,
    pub(super) expired: bool,
    pub(super) answer: Option<InlineAnswer>,
}

/// A file that can be fetched.
pub(super) struct File {
    pub(super) unique: String,
    pub(super) path: String,
    pub(super) bytes: Bytes,
    pub(super) claimed: u64,
}

/// A request that the bot made.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The method.
    pub method: String,
    /// Its parameters, files left out.
    pub params: Value,
}

/// Everything.
pub(super) struct World {
    pub(super) config: Config,
    pub(super) bot: User,
    pub(super) users: HashMap<i64, User>,
    pub(super) names: HashMap<Arc<str>, i64>,
    pub(super) rooms: HashMap<i64, Room>,
    pub(super) queue: Queue,
    pub(super) presses: HashMap<String, Pressed>,
    pub(super) queries: HashMap<String, Query>,
    /// People who take no voice messages.
    pub(super) deaf: HashSet<i64>,
    /// Updates that wait until they are let go.
    pub(super) late: Vec<(i64, String)>,
    pub(super) files: HashMap<String, File>,
    pub(super) settings: HashMap<String, Value>,
    pub(super) all_bucket: Bucket,
    pub(super) violations: Vec<String>,
    pub(super) calls: Vec<Call>,
    pub(super) counts: HashMap<String, u64>,
    pub(super) impatient: u64,
    pub(super) latencies: Vec<std::time::Duration>,
    pub(super) clock_shift: i64,
    account_sequence: i64,
    serial: i64,
}

impl World {
    pub(super) fn new(config: Config) -> Self {
        let bot = bot_user(&config);
        let limits = config.limits.unwrap_or(Limits::TELEGRAM);
        Self {
            bot,
            users: HashMap::new(),
            names: HashMap::new(),
            rooms: HashMap::new(),
            queue: Queue::default(),
            presses: HashMap::new(),
            queries: HashMap::new(),
            deaf: HashSet::new(),
            late: Vec::new(),
            files: HashMap::new(),
            settings: HashMap::new(),
            all_bucket: Bucket::new(limits.all, Instant::now()),
            violations: Vec::new(),
            calls: Vec::new(),
            counts: HashMap::new(),
            impatient: 0,
            latencies: Vec::new(),
            clock_shift: 0,
            account_sequence: 0,
            serial: 0,
            config,
        }
    }

    /// Seconds since 1970 by the server's clock, which a test may shift.
    pub(super) fn now(&self) -> i64 {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        i64::try_from(now.as_secs()).unwrap_or(i64::MAX).saturating_add(self.clock_shift)
    }

    /// A number never given before.
    pub(super) fn serial(&mut self) -> i64 {
        self.serial += 1;
        self.serial
    }

    pub(super) fn add_room(&mut self, id: i64, kind: RoomKind, title: &str, json: String) -> &mut Room {
        let limits = self.config.limits.unwrap_or(Limits::TELEGRAM);
        self.rooms.entry(id).or_insert_with(|| Room::new(kind, title, json, &limits))
    }

    pub(super) fn user(&self, id: i64) -> &User {
        self.users.get(&id).unwrap_or(&self.bot)
    }

    /// The chat for reading what people see there.
    pub(super) fn room(&self, id: i64) -> Result<&Room, Refusal> {
        self.rooms.get(&id).ok_or_else(Refusal::chat_not_found)
    }

    pub(super) fn room_mut(&mut self, id: i64) -> Result<&mut Room, Refusal> {
        self.rooms.get_mut(&id).ok_or_else(Refusal::chat_not_found)
    }

    /// Gives a message its id and time and puts it into its chat.
    pub(super) fn post(&mut self, chat: i64, mut message: Message) -> Result<i64, Refusal> {
        message.date = self.now();
        message.id = self.next_id(chat)?;
        let id = message.id;
        let keep = if self.config.record { usize::MAX } else { KEPT_UNRECORDED };
        let room = self.room_mut(chat)?;
        room.messages.push_back(message);
        if room.messages.len() > keep {
            room.messages.pop_front();
        }
        room.changed.notify_waiters();
        Ok(id)
    }

    fn next_id(&mut self, chat: i64) -> Result<i64, Refusal> {
        let room = self.rooms.get_mut(&chat).ok_or_else(Refusal::chat_not_found)?;
        let sequence = match room.kind {
            RoomKind::Supergroup => &mut room.sequence,
            RoomKind::Private | RoomKind::Group => &mut self.account_sequence,
        };
        *sequence += 1;
        Ok(*sequence)
    }

    /// The message as the Bot API writes it, with what it replies to.
    pub(super) fn message_json(&self, chat: i64, id: i64) -> Result<String, Refusal> {
        let room = self.room(chat)?;
        let message = room.find(id).ok_or_else(Refusal::chat_not_found)?;
        let reply = self.reply_json(room, message);
        Ok(message::json(message, &Scene { room, author: self.user(message.author), reply }))
    }

    /// In a topic a message that replies to nothing carries the topic's first message, as on Telegram.
    fn reply_json(&self, room: &Room, message: &Message) -> Option<String> {
        let replied = message.reply_to.or(message.thread.filter(|_| room.forum))?;
        let replied = room.find(replied)?;
        Some(message::json(replied, &Scene { room, author: self.user(replied.author), reply: None }))
    }

    pub(super) fn violation(&mut self, told: String) {
        tracing::warn!(violation = %told, "the bot broke a rule of the Bot API");
        if self.violations.len() < 1000 {
            self.violations.push(told);
        }
    }

    pub(super) fn note(&mut self, method: &str, params: &Map<String, Value>) {
        match self.counts.get_mut(method) {
            Some(count) => *count += 1,
            None => {
                self.counts.insert(method.to_owned(), 1);
            }
        }
        if self.config.record && method != "getUpdates" {
            self.calls.push(Call { method: method.to_owned(), params: Value::Object(params.clone()) });
        }
    }

    /// Keeps a file and gives it an id.
    pub(super) fn keep_file(&mut self, folder: &str, name: &str, bytes: Bytes, claimed: u64) -> String {
        let serial = self.serial();
        let id = format!("SIMFILE{serial}");
        let extension = name.rsplit_once('.').map_or("bin", |(_, extension)| extension);
        let path = format!("{folder}/file_{serial}.{extension}");
        self.files.insert(id.clone(), File { unique: format!("U{id}"), path, bytes, claimed });
        id
    }
}

fn bot_user(config: &Config) -> User {
    let id: i64 = config.token.split(':').next().and_then(|id| id.parse().ok()).unwrap_or(1);
    let json = format!(
        r#"{{"id":{id},"is_bot":true,"first_name":{},"username":{}}}"#,
        quote(&config.bot_name),
        quote(&config.bot_username)
    );
    User { id, name: "bot".into(), json }
}

impl Room {
    fn new(kind: RoomKind, title: &str, json: String, limits: &Limits) -> Self {
        let now = Instant::now();
        Self {
            kind,
            forum: false,
            title: title.to_owned(),
            json,
            members: Vec::new(),
            topics: Vec::new(),
            bot: Standing::Member,
            migrated_to: None,
            messages: VecDeque::new(),
            drafts: Vec::new(),
            draft: None,
            drafts_seen: 0,
            actions: Vec::new(),
            changed: Arc::new(Notify::new()),
            handed: None,
            chat_bucket: Bucket::new(limits.chat, now),
            group_bucket: Bucket::new(limits.group, now),
            draft_bucket: Bucket::new(limits.drafts, now),
            sequence: 0,
        }
    }

    /// Messages stand in the order of their ids.
    fn place(&self, id: i64) -> Option<usize> {
        self.messages.binary_search_by_key(&id, |message| message.id).ok()
    }
    pub(super) fn find(&self, id: i64) -> Option<&Message> {
        self.messages.get(self.place(id)?)
    }
    pub(super) fn find_mut(&mut self, id: i64) -> Option<&mut Message> {
        let at = self.place(id)?;
        self.messages.get_mut(at)
    }
    pub(super) fn remove(&mut self, id: i64) -> Option<Message> {
        let at = self.place(id)?;
        let removed = self.messages.remove(at);
        self.changed.notify_waiters();
        removed
    }
    pub(super) fn is_group(&self) -> bool {
        self.kind != RoomKind::Private
    }
}

/// A message that is not yet posted.
pub(super) fn blank(author: &User, by_bot: bool) -> Message {
    Message {
        id: 0,
        from: Arc::clone(&author.name),
        by_bot,
        text: String::new(),
        entities: Vec::new(),
        reply_to: None,
        thread: None,
        edits: 0,
        content: None,
        reactions: Vec::new(),
        album: None,
        forwarded: None,
        quote: None,
        more: Vec::new(),
        author: author.id,
        date: 0,
        edit_date: 0,
        markup: None,
    }
}

/// What stands in a service message.
pub(super) fn service(kind: &str, json: String) -> Content {
    Content { name: "service".to_owned(), ..Content::bare(kind, json) }
}
