//! People and the chats they are in: what a test sets up.

use super::account::member_json;
use super::chat::Chat;
use super::message::quote;
use super::talk::Talk;
use super::world::{RoomKind, Standing, Topic, User, World, blank, service};
use super::{Server, Shared};
use crate::fail;
use std::sync::Arc;

/// Ids beyond 32 bits, as Telegram's are.
const FIRST_PERSON: i64 = 5_000_000_000;
const FIRST_GROUP: i64 = -4_000_000_000;
const FIRST_SUPERGROUP: i64 = -1_002_000_000_000;

/// Somebody with a Telegram account.
#[derive(Clone)]
pub struct Person {
    pub(super) shared: Arc<Shared>,
    /// The account's number.
    pub id: i64,
    /// The name by which the test knows them; also their user name where it can be one.
    pub name: Arc<str>,
}

impl Server {
    /// The person of that name, who speaks English until [`Person::speaking`] says otherwise.
    pub fn person(&self, name: &str) -> Person {
        let mut world = self.shared.world();
        let known = world.names.get(name).copied();
        let id = known.unwrap_or_else(|| add_person(&mut world, name));
        Person { shared: Arc::clone(&self.shared), id, name: name.into() }
    }
    /// A basic group with the bot in it.
    pub fn group(&self, title: &str, members: &[&Person]) -> Chat {
        let mut world = self.shared.world();
        let id = FIRST_GROUP - world.serial();
        let json = format!(r#"{{"id":{id},"type":"group","title":{}}}"#, quote(title));
        let room = world.add_room(id, RoomKind::Group, title, json);
        room.members = members.iter().map(|person| person.id).collect();
        Chat { shared: Arc::clone(&self.shared), id }
    }
    /// A supergroup with the bot in it; a forum when there are topics.
    pub fn supergroup(&self, title: &str, members: &[&Person], topics: &[&str]) -> Chat {
        let mut world = self.shared.world();
        let id = FIRST_SUPERGROUP - world.serial();
        let members = members.iter().map(|person| person.id).collect();
        add_supergroup(&mut world, id, title, members, !topics.is_empty());
        for topic in topics {
            add_topic(&mut world, id, topic);
        }
        Chat { shared: Arc::clone(&self.shared), id }
    }
    /// A chat by its number.
    pub fn chat(&self, id: i64) -> Chat {
        Chat { shared: Arc::clone(&self.shared), id }
    }
}

fn add_person(world: &mut World, name: &str) -> i64 {
    let id = FIRST_PERSON + world.serial();
    let user = User { id, name: name.into(), json: user_json(id, name, "en") };
    let chat = format!(r#"{{"id":{id},"type":"private","first_name":{}{}}}"#, quote(name), username(name));
    world.names.insert(Arc::clone(&user.name), id);
    world.users.insert(id, user);
    let room = world.add_room(id, RoomKind::Private, name, chat);
    room.members.push(id);
    room.bot = Standing::Unmet;
    id
}

fn user_json(id: i64, name: &str, language: &str) -> String {
    format!(
        r#"{{"id":{id},"is_bot":false,"first_name":{}{},"language_code":"{language}"}}"#,
        quote(name),
        username(name)
    )
}

fn username(name: &str) -> String {
    let fits = name.len() > 3 && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if fits { format!(r#","username":"{name}""#) } else { String::new() }
}

fn add_supergroup(world: &mut World, id: i64, title: &str, members: Vec<i64>, forum: bool) {
    let mark = if forum { r#","is_forum":true"# } else { "" };
    let json = format!(r#"{{"id":{id},"type":"supergroup","title":{}{mark}}}"#, quote(title));
    let room = world.add_room(id, RoomKind::Supergroup, title, json);
    room.members = members;
    room.forum = forum;
}

/// The first message of a topic gives the topic its number.
fn add_topic(world: &mut World, chat: i64, name: &str) -> i64 {
    let owner = world.rooms.get(&chat).and_then(|room| room.members.first().copied()).unwrap_or(0);
    let mut message = blank(world.user(owner), false);
    message.content =
        Some(service("forum_topic_created", format!(r#"{{"name":{},"icon_color":7322096}}"#, quote(name))));
    let Ok(thread) = world.post(chat, message) else { return 0 };
    if let Ok(room) = world.room_mut(chat) {
        if let Some(message) = room.find_mut(thread) {
            message.thread = Some(thread);
        }
        room.topics.push(Topic { thread, name: name.to_owned() });
    }
    thread
}

impl Person {
    /// Sets the language that their app reports.
    #[must_use]
    pub fn speaking(self, language: &str) -> Self {
        if let Some(user) = self.shared.world().users.get_mut(&self.id) {
            user.json = user_json(self.id, &self.name, language);
        }
        self
    }
    /// Takes no voice messages (or takes them again), as their privacy settings say.
    pub fn forbid_voice(&self, forbidden: bool) {
        let deaf = &mut self.shared.world().deaf;
        if forbidden {
            deaf.insert(self.id);
        } else {
            deaf.remove(&self.id);
        }
    }
    /// Their private chat with the bot.
    pub fn private(&self) -> Talk {
        Talk::new(self.clone(), Chat { shared: Arc::clone(&self.shared), id: self.id })
    }
    /// Their seat in a chat.
    pub fn at(&self, chat: &Chat) -> Talk {
        let mut world = self.shared.world();
        if let Ok(room) = world.room_mut(chat.id)
            && !room.members.contains(&self.id)
        {
            room.members.push(self.id);
        }
        drop(world);
        Talk::new(self.clone(), chat.clone())
    }
}

impl Chat {
    /// The number of a topic.
    pub fn topic(&self, name: &str) -> i64 {
        let world = self.shared.world();
        let topics = world.rooms.get(&self.id).map(|room| room.topics.as_slice()).unwrap_or_default();
        match topics.iter().find(|topic| topic.name == name) {
            Some(topic) => topic.thread,
            None => fail(&format!("no topic `{name}`")),
        }
    }
    /// Makes the bot an administrator, who sees everything and every reaction.
    pub fn promote_bot(&self, by: &Person) {
        self.change_bot(by, Standing::Admin);
    }
    /// Removes the bot.
    pub fn kick_bot(&self, by: &Person) {
        self.change_bot(by, Standing::Kicked);
    }
    /// Lets the bot in, with the notice that people see.
    pub fn add_bot(&self, by: &Person) {
        self.change_bot(by, Standing::Member);
        let mut world = self.shared.world();
        let mut message = blank(world.user(by.id), false);
        message.content = Some(service("new_chat_members", format!("[{}]", world.bot.json)));
        if let Ok(id) = world.post(self.id, message)
            && let Ok(json) = world.message_json(self.id, id)
        {
            self.shared.emit(&mut world, "message", self.id, &json);
        }
    }

    pub(super) fn change_bot(&self, by: &Person, to: Standing) {
        let mut world = self.shared.world();
        let now = world.now();
        let Some(room) = world.rooms.get_mut(&self.id) else { return };
        let from = std::mem::replace(&mut room.bot, to);
        let room_json = room.json.clone();
        let (old, new) = (member_json(&world.bot.json, from), member_json(&world.bot.json, to));
        let by = &world.user(by.id).json;
        let body = format!(
            r#"{{"chat":{room_json},"from":{by},"date":{now},"old_chat_member":{old},"new_chat_member":{new}}}"#
        );
        self.shared.emit(&mut world, "my_chat_member", self.id, &body);
    }

    /// Turns a basic group into a supergroup; its old number is refused from now on.
    pub fn migrate(&self, by: &Person) -> Self {
        let mut world = self.shared.world();
        let to = FIRST_SUPERGROUP - world.serial();
        let Some(room) = world.rooms.get_mut(&self.id) else { fail("no such chat") };
        let (title, members) = (room.title.clone(), room.members.clone());
        add_supergroup(&mut world, to, &title, members, false);
        self.announce(&mut world, by, self.id, "migrate_to_chat_id", to);
        self.announce(&mut world, by, to, "migrate_from_chat_id", self.id);
        if let Ok(room) = world.room_mut(self.id) {
            room.migrated_to = Some(to);
        }
        Self { shared: Arc::clone(&self.shared), id: to }
    }

    fn announce(&self, world: &mut World, by: &Person, chat: i64, kind: &str, other: i64) {
        let mut message = blank(world.user(by.id), false);
        message.content = Some(service(kind, other.to_string()));
        if let Ok(id) = world.post(chat, message)
            && let Ok(json) = world.message_json(chat, id)
        {
            self.shared.emit(world, "message", chat, &json);
        }
    }
}
