//! A person in a chat: everything that people do, each with the update that Telegram sends for it.

mod media;

pub use media::Arrival;

use super::attach::{Media, Origin};
use super::chat::Chat;
use super::message::{Entity, Message, quote};
use super::people::Person;
use super::text::detect;
use super::world::{Pressed, Room, RoomKind, Standing, World, blank};
use crate::fail;
use std::ops::Deref;
use std::sync::Arc;

/// A person in a chat (and in one topic of it).
#[derive(Clone)]
pub struct Talk {
    person: Person,
    chat: Chat,
    thread: Option<i64>,
}

impl Deref for Talk {
    type Target = Chat;
    fn deref(&self) -> &Chat {
        &self.chat
    }
}

/// Something to say, with more than text.
#[derive(Clone, Debug, Default)]
pub struct Say {
    text: String,
    entities: Vec<Entity>,
    reply_to: Option<i64>,
    quote: Option<String>,
    media: Option<Media>,
    album: Option<String>,
    origin: Option<Origin>,
    elsewhere: Option<(Origin, Option<Media>)>,
}

impl Say {
    /// Says this.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
    /// Sends this, without words.
    pub fn media(media: Media) -> Self {
        Self { media: Some(media), ..Self::default() }
    }
    /// Sends this with the words as its caption.
    #[must_use]
    pub fn with(mut self, media: Media) -> Self {
        self.media = Some(media);
        self
    }
    /// Cites that part of the message it replies to.
    #[must_use]
    pub fn quoting(mut self, part: &str) -> Self {
        self.quote = Some(part.to_owned());
        self
    }
    /// Makes it a part of an album, by the album's name.
    #[must_use]
    pub fn in_album(mut self, album: &str) -> Self {
        self.album = Some(album.to_owned());
        self
    }
    /// Only passes it on.
    #[must_use]
    pub fn forwarded(mut self, from: Origin) -> Self {
        self.origin = Some(from);
        self
    }
    /// Replies to a message of another chat, which may hold something.
    #[must_use]
    pub fn reply_elsewhere(mut self, to: Origin, media: Option<Media>) -> Self {
        self.elsewhere = Some((to, media));
        self
    }
    /// Formats it; commands, mentions and links are found by themselves.
    #[must_use]
    pub fn entities(mut self, entities: Vec<Entity>) -> Self {
        self.entities = entities;
        self
    }
    /// Replies to a message.
    #[must_use]
    pub fn reply_to(mut self, message: i64) -> Self {
        self.reply_to = Some(message);
        self
    }
}

impl Talk {
    pub(super) fn new(person: Person, chat: Chat) -> Self {
        Self { person, chat, thread: None }
    }
    /// The chat.
    pub fn chat(&self) -> &Chat {
        &self.chat
    }
    /// The same person in a topic of the chat.
    #[must_use]
    pub fn in_topic(&self, thread: i64) -> Self {
        Self { thread: Some(thread), ..self.clone() }
    }

    /// Writes a message; returns its number.
    pub fn say(&self, text: &str) -> i64 {
        self.say_with(Say::text(text))
    }
    /// Replies to a message; returns the reply's number.
    pub fn reply(&self, to: i64, text: &str) -> i64 {
        self.say_with(Say::text(text).reply_to(to))
    }
    /// Writes a message with formatting or as a reply; returns its number.
    pub fn say_with(&self, say: Say) -> i64 {
        let id = self.post(say);
        self.send_update(&mut self.chat.shared.world(), "message", id);
        id
    }

    /// Puts a message into the chat; the bot is not told yet.
    fn post(&self, say: Say) -> i64 {
        let mut world = self.chat.shared.world();
        self.greet(&mut world);
        let mut message = blank(world.user(self.person.id), false);
        message.entities = merged(&say);
        message.more = more(&mut world, self.id, &say);
        message.text = say.text;
        message.reply_to = say.reply_to;
        message.quote = say.quote;
        message.album = say.album;
        message.forwarded = say.origin.map(|origin| origin.name().to_owned());
        message.content = say.media.map(|media| media.content(&mut world));
        message.thread = self.thread.or_else(|| self.reply_thread(&world, say.reply_to));
        match world.post(self.id, message) {
            Ok(id) => id,
            Err(_) => fail("the chat is gone"),
        }
    }

    /// The first word makes a private chat; a blocked bot cannot be written to.
    fn greet(&self, world: &mut World) {
        let Some(room) = world.rooms.get_mut(&self.id) else { fail("no such chat") };
        if room.migrated_to.is_some() {
            fail("the group was migrated");
        }
        match room.bot {
            Standing::Unmet => room.bot = Standing::Member,
            Standing::Kicked if room.kind == RoomKind::Private => fail("unblock the bot first"),
            _ => {}
        }
    }

    /// In supergroups without topics a reply carries the number of its thread's first message.
    fn reply_thread(&self, world: &World, reply_to: Option<i64>) -> Option<i64> {
        let room = world.rooms.get(&self.id)?;
        let replied = room.find(reply_to?)?;
        match room.kind {
            RoomKind::Supergroup if room.forum => replied.thread,
            RoomKind::Supergroup => Some(replied.thread.unwrap_or(replied.id)),
            RoomKind::Private | RoomKind::Group => None,
        }
    }

    fn send_update(&self, world: &mut World, kind: &str, id: i64) {
        if !sees(world, self.id, id) {
            return;
        }
        if let Ok(json) = world.message_json(self.id, id) {
            self.chat.shared.emit(world, kind, self.id, &json);
        }
    }

    /// Changes a message they wrote.
    pub fn edit(&self, id: i64, text: &str) {
        let mut world = self.chat.shared.world();
        let now = world.now();
        let Some(message) = world.rooms.get_mut(&self.id).and_then(|room| room.find_mut(id)) else {
            fail("no such message")
        };
        message.text = text.to_owned();
        message.entities = detect(text);
        message.edits += 1;
        message.edit_date = now;
        self.send_update(&mut world, "edited_message", id);
    }
    /// Deletes a message for everybody; bots are not told.
    pub fn delete(&self, id: i64) {
        if let Some(room) = self.chat.shared.world().rooms.get_mut(&self.id) {
            room.remove(id);
        }
    }

    /// Presses a button by its label or data, on the newest message that has it.
    pub fn press(&self, button: &str) -> Press {
        let has = |message: &&Message| find_button(message, button).is_some();
        match self.look(|room| room.messages.iter().rev().find(has).map(|message| message.id)) {
            Some(message) => self.press_on(message, button),
            None => fail(&format!("no button `{button}`; the chat shows:\n{}", self.transcript())),
        }
    }
    /// Presses a button of that message.
    pub fn press_on(&self, message: i64, button: &str) -> Press {
        let data = self.message(message).and_then(|message| find_button(&message, button));
        let Some(data) = data else { fail(&format!("message {message} has no button `{button}`")) };
        let mut world = self.chat.shared.world();
        let id = format!("{}", 7_000_000_000_000_000_000_i64 + world.serial());
        world.presses.insert(id.clone(), Pressed { chat: self.id, answer: None });
        let json = world.message_json(self.id, message).unwrap_or_default();
        let from = &world.user(self.person.id).json;
        let body = format!(
            r#"{{"id":"{id}","from":{from},"message":{json},"chat_instance":"{}","data":{}}}"#,
            self.id,
            quote(&data)
        );
        self.chat.shared.emit(&mut world, "callback_query", self.id, &body);
        Press { chat: self.chat.clone(), id }
    }
    /// Presses the stop button of the draft that is shown.
    pub fn press_stop(&self) {
        let mut world = self.chat.shared.world();
        let Some(room) = world.rooms.get_mut(&self.id) else { fail("no such chat") };
        let Some((draft, _)) =
            room.draft.take_if(|(draft, _)| draft.can_stop && !draft.keep_on_stop).or_else(|| room.draft.clone())
        else {
            fail("no draft is shown")
        };
        if !draft.can_stop {
            fail("the draft has no stop button");
        }
        let thread = draft.thread.map(|thread| format!(r#","message_thread_id":{thread}"#)).unwrap_or_default();
        let body = format!(r#"{{"chat":{},"draft_id":{}{thread}}}"#, room.json, draft.id);
        self.chat.shared.emit(&mut world, "stopped_message_generation", self.id, &body);
    }

    /// Sets their reactions on a message; none takes them back. In groups only an administrator bot is told.
    pub fn react(&self, message: i64, emoji: &[&str]) {
        let mut world = self.chat.shared.world();
        let now = world.now();
        let from = world.user(self.person.id).json.clone();
        let Some(room) = world.rooms.get_mut(&self.id) else { fail("no such chat") };
        let told = !room.is_group() || room.bot == Standing::Admin;
        let chat = room.json.clone();
        let Some(found) = room.find_mut(message) else { fail("no such message") };
        let old: Vec<String> =
            found.reactions.extract_if(.., |(who, _)| *who == self.person.name).map(|(_, emoji)| emoji).collect();
        found.reactions.extend(emoji.iter().map(|emoji| (Arc::clone(&self.person.name), (*emoji).to_owned())));
        let (old, new) = (reactions(old.iter().map(String::as_str)), reactions(emoji.iter().copied()));
        let body = format!(
            r#"{{"chat":{chat},"message_id":{message},"user":{from},"date":{now},"old_reaction":{old},"new_reaction":{new}}}"#
        );
        if told {
            self.chat.shared.emit(&mut world, "message_reaction", self.id, &body);
        }
    }
    /// Takes back their reactions on a message.
    pub fn unreact(&self, message: i64) {
        self.react(message, &[]);
    }

    /// Blocks the bot (in the private chat).
    pub fn block(&self) {
        self.chat.change_bot(&self.person, Standing::Kicked);
    }
    /// Unblocks the bot.
    pub fn unblock(&self) {
        self.chat.change_bot(&self.person, Standing::Member);
    }
}

/// A pressed button.
#[derive(Clone)]
pub struct Press {
    chat: Chat,
    id: String,
}

impl Press {
    /// Waits until the bot answers the press; returns the text it shows, empty for none.
    pub async fn answer(&self) -> String {
        let shared = Arc::clone(&self.chat.shared);
        let deadline = tokio::time::Instant::now() + super::PATIENCE;
        let changed = self.chat.look(|room| Arc::clone(&room.changed));
        loop {
            let change = changed.notified();
            tokio::pin!(change);
            change.as_mut().enable();
            if let Some(answer) = shared.world().presses.get(&self.id).and_then(|press| press.answer.clone()) {
                return answer;
            }
            if tokio::time::timeout_at(deadline, change).await.is_err() {
                fail(&format!("the press was not answered; the chat shows:\n{}", self.chat.transcript()));
            }
        }
    }
}

fn find_button(message: &Message, button: &str) -> Option<String> {
    let named = |candidate: &super::Button| candidate.label == button || candidate.data == button;
    message.buttons().into_iter().flatten().find(named).map(|found| found.data)
}

fn reactions<'a>(emoji: impl Iterator<Item = &'a str>) -> String {
    let each: Vec<String> = emoji.map(|emoji| format!(r#"{{"type":"emoji","emoji":{}}}"#, quote(emoji))).collect();
    format!("[{}]", each.join(","))
}

/// What a message says of where its words come from.
fn more(world: &mut World, chat: i64, say: &Say) -> Vec<(&'static str, String)> {
    let mut more = Vec::new();
    let date = world.now();
    if let Some(origin) = &say.origin {
        more.push(("forward_origin", origin.json(date)));
    }
    if let Some((origin, media)) = &say.elsewhere {
        let held = media.as_ref().map(|media| media.content(world));
        let held = held.map(|held| format!(r#","{}":{}"#, held.kind, held.json)).unwrap_or_default();
        more.push(("external_reply", format!(r#"{{"origin":{}{held}}}"#, origin.json(date))));
    }
    if let Some(part) = &say.quote {
        let replied = say.reply_to.and_then(|id| world.rooms.get(&chat)?.find(id)).map_or("", |found| &found.text);
        let before = replied.find(part.as_str()).and_then(|at| replied.get(..at)).unwrap_or_default();
        let at = super::text::utf16(before);
        more.push(("quote", format!(r#"{{"text":{},"position":{at},"is_manual":true}}"#, quote(part))));
    }
    more
}

/// What was given, and what the server finds outside of it.
fn merged(say: &Say) -> Vec<Entity> {
    let mut entities = say.entities.clone();
    for found in detect(&say.text) {
        let free = say.entities.iter().all(|given| given.end() <= found.offset || found.end() <= given.offset);
        if free {
            entities.push(found);
        }
    }
    entities.sort_by_key(|entity| (entity.offset, usize::MAX - entity.length));
    entities
}

/// Whether the bot is told of a message: it is in the chat, and privacy mode lets it see.
fn sees(world: &World, chat: i64, id: i64) -> bool {
    let Some(room) = world.rooms.get(&chat) else { return false };
    let Some(message) = room.find(id) else { return false };
    match room.bot {
        Standing::Left | Standing::Kicked | Standing::Unmet => false,
        Standing::Admin => true,
        Standing::Member => !room.is_group() || !world.config.privacy || meant(world, room, message),
    }
}

fn meant(world: &World, room: &Room, message: &Message) -> bool {
    let to_bot = message.reply_to.and_then(|id| room.find(id)).is_some_and(|replied| replied.by_bot);
    let mention = format!("@{}", world.config.bot_username);
    let command = message.text.starts_with('/')
        && message.text.split_whitespace().next().is_some_and(|word| !word.contains('@') || word.ends_with(&mention));
    to_bot || command || message.text.contains(&mention)
}
