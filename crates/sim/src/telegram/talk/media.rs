//! What people send beside words, one by one and as albums; what they pass on, cite, and ask in passing.

use super::super::attach::{Media, Origin};
use super::super::inline::{Inline, InlineShown};
use super::super::message::quote;
use super::super::world::{Query, blank};
use super::{Say, Talk};
use crate::fail;
use serde_json::json;

/// How the parts of an album reach the bot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// One after the other.
    InOrder,
    /// The last one first.
    Reversed,
    /// So many at once; the others when [`release_updates`](super::super::Server::release_updates) is called.
    HeldAfter(usize),
}

impl Talk {
    /// Sends something without words; returns the message's number.
    pub fn send(&self, media: Media) -> i64 {
        self.say_with(Say::media(media))
    }
    /// Replies with something, and words or none.
    pub fn reply_with(&self, to: i64, media: Media, caption: &str) -> i64 {
        self.say_with(Say::text(caption).with(media).reply_to(to))
    }
    /// Replies to the part of a message that is cited.
    pub fn reply_quoting(&self, to: i64, part: &str, text: &str) -> i64 {
        self.say_with(Say::text(text).reply_to(to).quoting(part))
    }
    /// Sends a voice message.
    pub fn voice(&self, bytes: impl AsRef<[u8]>, seconds: u32) -> i64 {
        self.send(Media::voice(bytes, seconds))
    }
    /// Sends a recording or a piece of music.
    pub fn audio(&self, name: &str, bytes: impl AsRef<[u8]>, seconds: u32) -> i64 {
        self.send(Media::audio(name, bytes, seconds))
    }
    /// Sends a film.
    pub fn video(&self, bytes: impl AsRef<[u8]>, seconds: u32) -> i64 {
        self.send(Media::video("video.mp4", bytes, seconds))
    }
    /// Sends a round video message.
    pub fn video_note(&self, bytes: impl AsRef<[u8]>, seconds: u32) -> i64 {
        self.send(Media::video_note(bytes, seconds))
    }
    /// Sends a film without sound.
    pub fn animation(&self, bytes: impl AsRef<[u8]>) -> i64 {
        self.send(Media::animation("a.mp4", bytes, 2))
    }
    /// Sends a picture, with a caption or an empty one.
    pub fn photo(&self, bytes: impl AsRef<[u8]>, caption: &str) -> i64 {
        self.say_with(Say::text(caption).with(Media::photo(bytes)))
    }
    /// Sends a sticker that stands still.
    pub fn sticker(&self, emoji: &str, bytes: impl AsRef<[u8]>) -> i64 {
        self.send(Media::sticker(emoji, bytes))
    }
    /// Sends a file without words.
    pub fn document(&self, name: &str, mime: &str, bytes: impl AsRef<[u8]>) -> i64 {
        self.send(Media::document(name, mime, bytes))
    }
    /// Sends a file, with a caption or an empty one.
    pub fn send_document(&self, name: &str, mime: &str, bytes: impl AsRef<[u8]>, caption: &str) -> i64 {
        self.say_with(Say::text(caption).with(Media::document(name, mime, bytes)))
    }

    /// Sends several things as one album, with a caption under the first or an empty one; their numbers.
    pub fn album(&self, media: &[Media], caption: &str) -> Vec<i64> {
        self.album_arriving(media, caption, Arrival::InOrder)
    }
    /// Sends an album whose updates reach the bot in that way.
    pub fn album_arriving(&self, media: &[Media], caption: &str, arrival: Arrival) -> Vec<i64> {
        let album = format!("{}", 13_000_000_000_i64 + self.chat.shared.world().serial());
        let say = |(at, media): (usize, &Media)| {
            Say::text(if at == 0 { caption } else { "" }).with(media.clone()).in_album(&album)
        };
        let mut ids: Vec<i64> = media.iter().enumerate().map(say).map(|say| self.post(say)).collect();
        let mut world = self.chat.shared.world();
        if arrival == Arrival::Reversed {
            ids.reverse();
        }
        let now = match arrival {
            Arrival::HeldAfter(many) => many,
            Arrival::InOrder | Arrival::Reversed => ids.len(),
        };
        for (at, id) in ids.iter().enumerate() {
            let late = at >= now && super::sees(&world, self.id, *id);
            match world.message_json(self.id, *id).ok().filter(|_| late) {
                Some(json) => world.late.push((self.id, json)),
                None => self.send_update(&mut world, "message", *id),
            }
        }
        ids.sort_unstable();
        ids
    }

    /// Passes on words of somebody else.
    pub fn forward(&self, from: Origin, text: &str) -> i64 {
        self.say_with(Say::text(text).forwarded(from))
    }

    /// Asks in passing, while typing the bot's name in a chat of their own.
    pub fn inline(&self, text: &str) -> Inline {
        let mut world = self.chat.shared.world();
        let id = format!("{}", 8_000_000_000_000_000_000_i64 + world.serial());
        let query = Query { chat: self.id, expired: false, answer: None };
        world.queries.insert(id.clone(), query);
        let kind = if self.id == self.person.id { "sender" } else { "supergroup" };
        let from = &world.user(self.person.id).json;
        let body = format!(r#"{{"id":"{id}","from":{from},"query":{},"offset":"","chat_type":"{kind}"}}"#, quote(text));
        self.chat.shared.emit(&mut world, "inline_query", self.person.id, &body);
        drop(world);
        Inline { talk: self.clone(), id, asked: text.to_owned() }
    }

    /// A result becomes a message of the person, sent by way of the bot.
    pub(in super::super) fn chose(&self, asked: &str, shown: &InlineShown) -> i64 {
        let mut world = self.chat.shared.world();
        self.greet(&mut world);
        let mut message = blank(world.user(self.person.id), false);
        message.text.clone_from(&shown.text);
        message.entities.clone_from(&shown.entities);
        message.more.push(("via_bot", world.bot.json.clone()));
        let Ok(id) = world.post(self.id, message) else { fail("the chat is gone") };
        self.send_update(&mut world, "message", id);
        let from: serde_json::Value = serde_json::from_str(&world.user(self.person.id).json).unwrap_or_default();
        let chosen = json!({"result_id": shown.id, "from": from, "query": asked}).to_string();
        self.chat.shared.emit(&mut world, "chosen_inline_result", self.person.id, &chosen);
        id
    }
}
