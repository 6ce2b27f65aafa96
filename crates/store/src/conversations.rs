//! Conversations: the view that a turn begins with, the log, exchanges and what shows them.

use crate::engine::{exec, read};
use crate::{Error, Store};
use domain::chat::Role;
use domain::exchange::{Exchange, LogEntry};
use domain::ids::{ConversationId, ExchangeId, MessageId, Millis, PersonId};
use domain::incoming::{Author, Place};
use domain::person::{ChatPrefs, Person};

/// What a turn begins with.
#[derive(Clone, Debug)]
pub struct View {
    /// Who.
    pub person: Person,
    /// What is set for the conversation.
    pub chat_prefs: ChatPrefs,
    /// The end of the log since the conversation's last fresh start, oldest first.
    pub log: Vec<LogEntry>,
    /// Summary of what is older: the last entry it covers, and the text.
    pub summary: Option<(i64, String)>,
}

type Line = (i64, String, String, String, String, String, i64, String, i64);

const fn role(name: &str) -> Role {
    match name.as_bytes() {
        b"assistant" => Role::Assistant,
        b"system" => Role::System,
        _ => Role::User,
    }
}

fn entry((seq, who, author, name, message, text, at, exchange, overheard): Line) -> LogEntry {
    let some = |text: String| (!text.is_empty()).then_some(text);
    LogEntry {
        seq,
        role: role(&who),
        author: some(author).map(PersonId),
        name,
        message: some(message).map(MessageId),
        text,
        at: Millis(at),
        exchange: some(exchange).map(ExchangeId),
        overheard: overheard != 0,
    }
}

impl Store {
    /// Who wrote, what is set, and the end of the log: at most so many entries and bytes.
    pub async fn turn_view(
        &self,
        place: &Place,
        author: &Author,
        now: Millis,
        most: u32,
        most_bytes: usize,
    ) -> Result<View, Error> {
        let person = self.meet(place.channel, author, now).await?;
        let id = place.conversation();
        let (chat_prefs, fresh_after, summary) = self.conversation(&id).await?;
        let lines = read!(
            &self.pool,
            Line,
            "SELECT seq, role, author, name, message, text, at, exchange, overheard FROM log WHERE conversation = $1 AND seq > $2 ORDER BY seq DESC LIMIT $3",
            id.as_str(),
            fresh_after,
            i64::from(most)
        )?;
        let mut room = most_bytes;
        let fits = |line: &Line| match room.checked_sub(line.5.len()) {
            Some(rest) => {
                room = rest;
                true
            }
            None => false,
        };
        let mut log: Vec<LogEntry> = lines.into_iter().take_while(fits).map(entry).collect();
        log.reverse();
        Ok(View { person, chat_prefs, log, summary })
    }

    async fn conversation(&self, id: &ConversationId) -> Result<(ChatPrefs, i64, Option<(i64, String)>), Error> {
        type Row = (String, i64, i64, String);
        let found = read!(
            &self.pool,
            Row,
            "SELECT prefs, fresh_after, summary_upto, summary FROM conversation WHERE id = $1",
            id.as_str()
        )?;
        let Some((prefs, fresh_after, upto, text)) = found.into_iter().next() else {
            return Ok((ChatPrefs::default(), 0, None));
        };
        Ok((serde_json::from_str(&prefs)?, fresh_after, (!text.is_empty()).then_some((upto, text))))
    }

    /// What is set for a conversation.
    pub async fn chat_prefs(&self, id: &ConversationId) -> Result<ChatPrefs, Error> {
        Ok(self.conversation(id).await?.0)
    }

    /// A conversation's summary: the last entry it covers, and the text.
    pub async fn summary(&self, id: &ConversationId) -> Result<Option<(i64, String)>, Error> {
        Ok(self.conversation(id).await?.2)
    }

    /// The log before an entry (from its end when none), oldest first.
    pub async fn history(&self, id: &ConversationId, before: Option<i64>, limit: u32) -> Result<Vec<LogEntry>, Error> {
        let lines = read!(
            &self.pool,
            Line,
            "SELECT seq, role, author, name, message, text, at, exchange, overheard FROM log WHERE conversation = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3",
            id.as_str(),
            before.unwrap_or(i64::MAX),
            i64::from(limit)
        )?;
        let mut log: Vec<LogEntry> = lines.into_iter().map(entry).collect();
        log.reverse();
        Ok(log)
    }

    /// An exchange by id.
    pub async fn exchange(&self, id: &ExchangeId) -> Result<Option<Exchange>, Error> {
        one(read!(&self.pool, (String,), "SELECT body FROM exchange WHERE id = $1", id.as_str())?)
    }

    /// The exchange whose answer a message shows.
    pub async fn exchange_of(
        &self,
        conversation: &ConversationId,
        message: &MessageId,
    ) -> Result<Option<Exchange>, Error> {
        one(read!(
            &self.pool,
            (String,),
            "SELECT exchange.body FROM shown JOIN exchange ON exchange.id = shown.exchange WHERE shown.conversation = $1 AND shown.message = $2",
            conversation.as_str(),
            message.as_str()
        )?)
    }

    /// The latest exchange that answers a person's message.
    pub async fn exchange_asked(
        &self,
        conversation: &ConversationId,
        asked: &MessageId,
    ) -> Result<Option<Exchange>, Error> {
        one(read!(
            &self.pool,
            (String,),
            "SELECT body FROM exchange WHERE conversation = $1 AND asked = $2 ORDER BY id DESC LIMIT 1",
            conversation.as_str(),
            asked.as_str()
        )?)
    }

    /// The latest exchange of a conversation.
    pub async fn last_exchange(&self, conversation: &ConversationId) -> Result<Option<Exchange>, Error> {
        one(read!(
            &self.pool,
            (String,),
            "SELECT body FROM exchange WHERE conversation = $1 ORDER BY id DESC LIMIT 1",
            conversation.as_str()
        )?)
    }

    /// The messages that show an exchange's answer, in order.
    pub async fn shown(&self, exchange: &ExchangeId) -> Result<Vec<MessageId>, Error> {
        let found = read!(
            &self.pool,
            (String,),
            "SELECT message FROM shown WHERE exchange = $1 ORDER BY place",
            exchange.as_str()
        )?;
        Ok(found.into_iter().map(|(id,)| MessageId(id)).collect())
    }

    /// A chat got a new number: its settings, history and work follow.
    pub async fn migrate_chat(&self, old: &Place, to: &str) -> Result<(), Error> {
        let from = Place { thread: None, ..old.clone() }.conversation().0;
        let to = Place { chat: to.to_owned(), thread: None, ..old.clone() }.conversation().0;
        self.writer.other(move |conn| Box::pin(async move {
            exec!(*conn, "UPDATE conversation SET id = $2 WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM conversation AS there WHERE there.id = $2)", &from, &to)?;
            exec!(*conn, "UPDATE log SET conversation = $2 WHERE conversation = $1", &from, &to)?;
            exec!(*conn, "UPDATE exchange SET conversation = $2, body = replace(body, '\"conversation\":\"' || $1 || '\"', '\"conversation\":\"' || $2 || '\"') WHERE conversation = $1", &from, &to)?;
            exec!(*conn, "UPDATE knowledge SET scope = 'c:' || $2, body = replace(body, $1, $2) WHERE scope = 'c:' || $1", &from, &to)?;
            Ok(())
        })).await
    }
}

fn one(found: Vec<(String,)>) -> Result<Option<Exchange>, Error> {
    Ok(found.into_iter().next().map(|(body,)| serde_json::from_str(&body)).transpose()?)
}
