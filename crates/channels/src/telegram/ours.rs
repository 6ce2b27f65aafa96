//! Which messages of each chat this process has sent, so that none of them is taken for one in doubt.
//!
//! Sending into a chat and looking there for a message in doubt exclude each other: whoever looks
//! sees everything that was sent before. Chats that were quiet for long are forgotten.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

/// Latest messages that are known of a chat; more than are ever looked at above a mark.
const LATEST: usize = 64;
/// Chats of a generation; at most two generations are kept.
const CHATS: usize = 8192;

/// The latest messages of a chat, locked while something is sent there or looked for.
#[derive(Debug, Default)]
pub(crate) struct Room(VecDeque<i64>);

impl Room {
    pub(crate) fn note(&mut self, id: i64) {
        if self.0.len() == LATEST {
            self.0.pop_front();
        }
        self.0.push_back(id);
    }

    pub(crate) fn holds(&self, id: i64) -> bool {
        self.0.contains(&id)
    }
}

type Rooms = HashMap<String, Arc<tokio::sync::Mutex<Room>>>;

/// The chats, those of late and those of earlier.
#[derive(Debug, Default)]
pub(crate) struct Ours(Mutex<(Rooms, Rooms)>);

impl Ours {
    pub(crate) fn room(&self, chat: &str) -> Arc<tokio::sync::Mutex<Room>> {
        let mut generations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (late, earlier) = &mut *generations;
        if let Some(room) = late.get(chat) {
            return room.clone();
        }
        if late.len() >= CHATS {
            *earlier = std::mem::take(late);
        }
        let room = earlier.remove(chat).unwrap_or_default();
        late.insert(chat.to_owned(), room.clone());
        room
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_latest_messages_of_busy_chats_are_known_and_memory_is_bounded() {
        let ours = Ours::default();
        for id in 0..100 {
            ours.room("busy").lock().await.note(id);
        }
        for chat in 0..3 * CHATS {
            ours.room(&chat.to_string());
            if chat % 1000 == 0 {
                ours.room("busy");
            }
        }
        let room = ours.room("busy");
        let room = room.lock().await;
        assert!(room.holds(99) && room.holds(36) && !room.holds(35));
        let generations = ours.0.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(generations.0.len() + generations.1.len() <= 2 * CHATS);
    }
}
