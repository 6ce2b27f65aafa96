//! Looking at a chat: what people see there, and waiting for it.

use super::message::{Draft, Message};
use super::send::DRAFT_SECONDS;
use super::world::Room;
use super::{PATIENCE, Shared};
use crate::fail;
use std::sync::Arc;
use std::time::Duration;

/// A chat, as everybody in it sees it.
#[derive(Clone)]
pub struct Chat {
    pub(super) shared: Arc<Shared>,
    /// Its number.
    pub id: i64,
}

impl Chat {
    /// The chat's number.
    pub fn id(&self) -> i64 {
        self.id
    }
    /// What people see now, as readable text: one line per message, replies and buttons shown.
    pub fn transcript(&self) -> String {
        self.look(|room| room.messages.iter().map(|message| line(room, message)).collect())
    }
    /// The messages that stand there now.
    pub fn messages(&self) -> Vec<Message> {
        self.look(|room| room.messages.iter().cloned().collect())
    }
    /// The message of that number.
    pub fn message(&self, id: i64) -> Option<Message> {
        self.look(|room| room.find(id).cloned())
    }
    /// The newest message of the bot.
    pub fn last_reply(&self) -> Option<Message> {
        self.look(|room| room.messages.iter().rev().find(|message| message.by_bot).cloned())
    }
    /// Every draft that was ever shown, in order.
    pub fn drafts(&self) -> Vec<Draft> {
        self.look(|room| room.drafts.clone())
    }
    /// How many drafts were shown.
    pub fn drafts_seen(&self) -> u64 {
        self.look(|room| room.drafts_seen)
    }
    /// The draft that is shown now.
    pub fn draft(&self) -> Option<Draft> {
        let shown =
            |(draft, at): &(Draft, std::time::Instant)| (at.elapsed().as_secs() < DRAFT_SECONDS).then(|| draft.clone());
        self.look(|room| room.draft.as_ref().and_then(shown))
    }
    /// The chat actions that were shown (`typing` …).
    pub fn actions(&self) -> Vec<String> {
        self.look(|room| room.actions.clone())
    }

    /// Waits for the first message of the bot with a higher number than `after`.
    pub async fn await_reply(&self, after: i64) -> Message {
        let newer = |room: &Room| {
            let newer = room.messages.iter().rev().take_while(|message| message.id > after);
            newer.filter(|message| message.by_bot).last().cloned()
        };
        self.expect(&format!("a reply after message {after}"), newer).await
    }
    /// Waits until some message of the bot is as wanted, new or edited.
    pub async fn await_message(&self, wanted: impl Fn(&Message) -> bool) -> Message {
        self.expect("the wanted message", |room| room.messages.iter().rev().find(|m| m.by_bot && wanted(m)).cloned())
            .await
    }
    /// Waits until the shown draft is as wanted.
    pub async fn await_draft(&self, wanted: impl Fn(&Draft) -> bool) -> Draft {
        let shown = |room: &Room| room.draft.as_ref().map(|(draft, _)| draft).filter(|draft| wanted(draft)).cloned();
        self.expect("the wanted draft", shown).await
    }
    /// Waits until the messages together are as wanted.
    pub async fn await_messages(&self, wanted: impl Fn(&[Message]) -> bool) -> Vec<Message> {
        let all = |room: &Room| {
            let messages: Vec<Message> = room.messages.iter().cloned().collect();
            wanted(&messages).then_some(messages)
        };
        self.expect("the wanted messages", all).await
    }
    /// The first message of the bot after that one, if it comes in time.
    pub async fn find_reply(&self, after: i64, within: Duration) -> Option<Message> {
        self.within(within, |room| room.messages.iter().find(|m| m.by_bot && m.id > after).cloned()).await
    }

    pub(super) async fn expect<T>(&self, what: &str, find: impl Fn(&Room) -> Option<T>) -> T {
        match self.within(PATIENCE, find).await {
            Some(found) => found,
            None => fail(&format!("{what} did not come; the chat shows:\n{}", self.transcript())),
        }
    }

    async fn within<T>(&self, patience: Duration, find: impl Fn(&Room) -> Option<T>) -> Option<T> {
        let changed = self.look(|room| Arc::clone(&room.changed));
        let deadline = tokio::time::Instant::now() + patience;
        loop {
            let change = changed.notified();
            tokio::pin!(change);
            change.as_mut().enable();
            if let Some(found) = self.look(&find) {
                return Some(found);
            }
            tokio::time::timeout_at(deadline, change).await.ok()?;
        }
    }

    pub(super) fn look<T>(&self, at: impl FnOnce(&Room) -> T) -> T {
        match self.shared.world().rooms.get(&self.id) {
            Some(room) => at(room),
            None => fail(&format!("no chat {}", self.id)),
        }
    }
}

fn line(room: &Room, message: &Message) -> String {
    let thread =
        message.thread.filter(|_| room.forum).map(|thread| format!("#{} ", topic(room, thread))).unwrap_or_default();
    let cited = |id| message.quote.clone().unwrap_or_else(|| cited(room, id));
    let reply = message.reply_to.map(|id| format!(" ↩«{}»", cited(id))).unwrap_or_default();
    let from = message.forwarded.as_ref().map(|from| format!(" ⇥{from}")).unwrap_or_default();
    let mut out =
        format!("{thread}{}{reply}{from}: {}{}", message.from, held(message), message.text.replace('\n', "\n  "));
    for row in message.buttons() {
        let labels: Vec<String> = row.iter().map(|button| format!("[{}]", button.label)).collect();
        out += &format!("\n  {}", labels.join(" "));
    }
    for (who, emoji) in &message.reactions {
        out += &format!("\n  {emoji} {who}");
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

fn held(message: &Message) -> String {
    match &message.content {
        None => String::new(),
        Some(content) if message.is_service() => format!("({})", content.kind),
        Some(content) if content.name.is_empty() => format!("<{}> ", content.kind),
        Some(content) => format!("<{} {}> ", content.kind, content.name),
    }
}

fn topic(room: &Room, thread: i64) -> &str {
    room.topics.iter().find(|topic| topic.thread == thread).map_or("?", |topic| topic.name.as_str())
}

fn cited(room: &Room, id: i64) -> String {
    let Some(message) = room.find(id) else { return "…".to_owned() };
    let first = message.text.lines().next().unwrap_or_default();
    let short: String = first.chars().take(24).collect();
    if short.len() < message.text.len() { short + "…" } else { short }
}
