//! Conversations: the view that a turn begins with, the log, exchanges and what shows them.

use crate::engine::{Sql, args};
use crate::people;
use crate::{Error, Store};
use domain::chat::Role;
use domain::exchange::{Exchange, Feedback, LogEntry, Opinion};
use domain::ids::{ConversationId, ExchangeId, Lane, MessageId, Millis, PersonId};
use domain::incoming::{Author, Place};
use domain::person::{ChatPrefs, Person};
use domain::work::Job;
use serde_json::{Value, json};

/// An answer, and what somebody thinks of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// The answer.
    pub exchange: Exchange,
    /// What is thought of it.
    pub opinion: Opinion,
    /// By whom.
    pub person: PersonId,
}

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
    /// The revision of what is known: an index that has read less far is behind.
    pub knowledge: i64,
}

type Line = (i64, String, String, String, String, String, i64, String, i64);

fn role(name: &str) -> Role {
    match name {
        "assistant" => Role::Assistant,
        "system" => Role::System,
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

/// For each place and author of `$1`: who wrote, what is set, and the end of the log as one JSON
/// array of at most `$2` [`Line`]s: rows are dear to bring from SQLite's thread. Its cost depends on
/// the number of entries asked for and on nothing else.
macro_rules! view {
    ($many:literal, $one:literal) => {
        $crate::engine::sql![
            "SELECT r.n, coalesce(p.id, ''), coalesce(p.standing, ''), coalesce(p.name, ''), coalesce(p.lang, ''), \
             coalesce(p.prefs, ''), coalesce(i.username, ''), coalesce(c.prefs, ''), coalesce(c.summary_upto, 0), \
             coalesce(c.summary, ''), (SELECT coalesce(max(revision), 0) FROM knowledge_change), \
             (SELECT coalesce(CAST(",
            $many,
            "(",
            $one,
            "(seq, role, author, name, message, text, at, exchange, overheard)) AS TEXT), '[]') \
             FROM (SELECT * FROM log WHERE conversation = r.chat AND seq > coalesce(c.fresh_after, 0) \
             ORDER BY seq DESC LIMIT $2) AS tail) FROM ",
            (n bigint, chat text, channel text, account text),
            "LEFT JOIN identity AS i ON i.channel = r.channel AND i.account = r.account \
             LEFT JOIN person AS p ON p.id = i.person LEFT JOIN conversation AS c ON c.id = r.chat"
        ]
    };
}
const VIEWS: Sql = Sql {
    sqlite: view!("json_group_array", "json_array").sqlite,
    postgres: view!("json_agg", "json_build_array").postgres,
};

type ViewRow = (i64, String, String, String, String, String, String, String, i64, String, i64, String);

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
        let views = self.turn_views(&[(place, author)], now, most, most_bytes).await?;
        views.into_iter().next().ok_or(Error::NotFound)
    }

    /// As [`Self::turn_view`] for many at once, in their order.
    pub async fn turn_views(
        &self,
        of: &[(&Place, &Author)],
        now: Millis,
        most: u32,
        most_bytes: usize,
    ) -> Result<Vec<View>, Error> {
        let asked = |(n, (place, author)): (usize, &(&Place, &Author))| {
            json!({
                "n": n, "chat": place.conversation(), "channel": place.channel.name(), "account": author.account,
            })
        };
        let asked: Value = of.iter().enumerate().map(asked).collect();
        let mut found: Vec<ViewRow> = self.pool.rows(VIEWS, args![asked.to_string(), most]).await?;
        found.sort_unstable_by_key(|row| row.0);
        // Those nobody knows yet are met together, in one transaction.
        let rows = || found.iter().zip(of);
        let new = rows().filter(|(row, _)| row.1.is_empty()).map(|(_, (place, author))| (place.channel, *author));
        let new: Vec<_> = new.collect();
        let met = if new.is_empty() { Vec::new() } else { self.introduce_all(&new, now).await? };
        let mut met = met.into_iter();
        let mut views = Vec::with_capacity(of.len());
        for (row, (place, author)) in found.into_iter().zip(of) {
            let stranger = if row.1.is_empty() { met.next() } else { None };
            views.push(self.view(row, stranger, (place, author), now, most_bytes).await?);
        }
        Ok(views)
    }

    async fn view(
        &self,
        (_, id, standing, name, lang, prefs, username, chat_prefs, upto, summary, knowledge, tail): ViewRow,
        stranger: Option<Person>,
        (place, author): (&Place, &Author),
        now: Millis,
        most_bytes: usize,
    ) -> Result<View, Error> {
        let person = match stranger {
            Some(stranger) => stranger,
            None => {
                let person = people::person((id, standing, name, lang, prefs))?;
                self.refreshed(place.channel, person, &username, author, now).await?
            }
        };
        let chat_prefs = if chat_prefs.is_empty() { ChatPrefs::default() } else { serde_json::from_str(&chat_prefs)? };
        let summary = (!summary.is_empty()).then_some((upto, summary));
        Ok(View { person, chat_prefs, log: newest(serde_json::from_str(&tail)?, most_bytes), summary, knowledge })
    }

    async fn conversation(&self, id: &ConversationId) -> Result<(ChatPrefs, Option<(i64, String)>), Error> {
        let sql = "SELECT prefs, summary_upto, summary FROM conversation WHERE id = $1";
        let found: Option<(String, i64, String)> = self.pool.row(sql, args![id.as_str()]).await?;
        let Some((prefs, upto, text)) = found else { return Ok((ChatPrefs::default(), None)) };
        Ok((serde_json::from_str(&prefs)?, (!text.is_empty()).then_some((upto, text))))
    }

    /// What is set for a conversation.
    pub async fn chat_prefs(&self, id: &ConversationId) -> Result<ChatPrefs, Error> {
        Ok(self.conversation(id).await?.0)
    }

    /// A conversation's summary: the last entry it covers, and the text.
    pub async fn summary(&self, id: &ConversationId) -> Result<Option<(i64, String)>, Error> {
        Ok(self.conversation(id).await?.1)
    }

    /// The log before an entry (from its end when none), oldest first.
    pub async fn history(&self, id: &ConversationId, before: Option<i64>, limit: u32) -> Result<Vec<LogEntry>, Error> {
        // An answer's message is the first one that shows it.
        let sql = "SELECT seq, role, author, name, CASE WHEN role <> 'assistant' THEN message ELSE coalesce((SELECT shown.message \
                   FROM shown WHERE shown.exchange = log.exchange AND shown.exchange <> '' ORDER BY place LIMIT 1), '') END, \
                   text, at, exchange, overheard FROM log WHERE conversation = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3";
        let found: Vec<Line> = self.pool.rows(sql, args![id.as_str(), before.unwrap_or(i64::MAX), limit]).await?;
        let mut log: Vec<LogEntry> = found.into_iter().map(entry).collect();
        log.reverse();
        Ok(log)
    }

    /// An exchange by id.
    pub async fn exchange(&self, id: &ExchangeId) -> Result<Option<Exchange>, Error> {
        one(self.pool.row("SELECT body FROM exchange WHERE id = $1", args![id.as_str()]).await?)
    }

    /// The exchange whose answer a message shows.
    pub async fn exchange_of(
        &self,
        conversation: &ConversationId,
        message: &MessageId,
    ) -> Result<Option<Exchange>, Error> {
        let sql = "SELECT exchange.body FROM shown JOIN exchange ON exchange.id = shown.exchange \
                   WHERE shown.conversation = $1 AND shown.message = $2";
        one(self.pool.row(sql, args![conversation.as_str(), message.as_str()]).await?)
    }

    /// Under which id it was noted what a message shows.
    pub async fn noted_as(
        &self,
        conversation: &ConversationId,
        message: &MessageId,
    ) -> Result<Option<ExchangeId>, Error> {
        let sql = "SELECT exchange FROM shown WHERE conversation = $1 AND message = $2";
        let found: Option<(String,)> = self.pool.row(sql, args![conversation.as_str(), message.as_str()]).await?;
        Ok(found.map(|(id,)| ExchangeId(id)))
    }

    /// The item of a lane that follows another, whether or not it is due.
    pub async fn following(&self, lane: &Lane, work: i64) -> Result<Option<Job>, Error> {
        let sql = "SELECT job FROM work WHERE lane = $1 AND state = 'open' AND id > $2 ORDER BY id LIMIT 1";
        let found: Option<(String,)> = self.pool.row(sql, args![lane.as_str(), work]).await?;
        found.map(|(job,)| Ok(serde_json::from_str(&job)?)).transpose()
    }

    /// The latest exchange that answers a person's message, as far as it is among the last 400 entries of the log.
    pub async fn exchange_asked(
        &self,
        conversation: &ConversationId,
        asked: &MessageId,
    ) -> Result<Option<Exchange>, Error> {
        let sql = "SELECT body FROM exchange WHERE asked = $2 AND id IN (SELECT exchange FROM (SELECT exchange FROM log \
                   WHERE conversation = $1 ORDER BY seq DESC LIMIT 400) AS late WHERE exchange <> '') ORDER BY id DESC LIMIT 1";
        one(self.pool.row(sql, args![conversation.as_str(), asked.as_str()]).await?)
    }

    /// The latest exchange of a conversation, as far as it is among the last 400 entries of the log.
    pub async fn last_exchange(&self, conversation: &ConversationId) -> Result<Option<Exchange>, Error> {
        let sql = "SELECT body FROM exchange WHERE id = (SELECT exchange FROM (SELECT seq, exchange FROM log \
                   WHERE conversation = $1 ORDER BY seq DESC LIMIT 400) AS late WHERE exchange <> '' ORDER BY seq DESC LIMIT 1)";
        one(self.pool.row(sql, args![conversation.as_str()]).await?)
    }

    /// The highest message number shown in chats whose conversations begin with `like` and not with
    /// `unlike`; 0 for none.
    pub async fn highest_shown(&self, like: &str, unlike: &str) -> Result<i64, Error> {
        let sql = "SELECT coalesce(max(CAST(message AS BIGINT)), 0) FROM shown WHERE conversation LIKE $1 AND conversation NOT LIKE $2";
        let found: Option<(i64,)> = self.pool.row(sql, args![format!("{like}%"), format!("{unlike}%")]).await?;
        Ok(found.map_or(0, |(highest,)| highest))
    }

    /// The messages of a chat, all its threads included, that were delivered above a number.
    pub async fn shown_above(&self, place: &Place, number: i64) -> Result<Vec<MessageId>, Error> {
        let chat = Place { thread: None, ..place.clone() }.conversation().0;
        // `;` follows `:`, so this is the chat and every thread of it.
        let sql = "SELECT message FROM shown WHERE (conversation = $1 OR (conversation > $2 AND conversation < $3)) \
                   AND CAST(message AS BIGINT) > $4";
        let (first, last) = (format!("{chat}:"), format!("{chat};"));
        let found: Vec<(String,)> = self.pool.rows(sql, args![chat, first, last, number]).await?;
        Ok(found.into_iter().map(|(id,)| MessageId(id)).collect())
    }

    /// The messages that show an exchange's answer, in order.
    pub async fn shown(&self, exchange: &ExchangeId) -> Result<Vec<MessageId>, Error> {
        let sql = "SELECT message FROM shown WHERE exchange = $1 ORDER BY place";
        let found: Vec<(String,)> = self.pool.rows(sql, args![exchange.as_str()]).await?;
        Ok(found.into_iter().map(|(id,)| MessageId(id)).collect())
    }

    /// The latest opinions since a moment with what they are about and who has them, oldest first.
    pub async fn opinions_since(&self, since: Millis, limit: u32) -> Result<Vec<Judged>, Error> {
        let sql = "SELECT exchange.body, feedback.opinion, feedback.person FROM feedback JOIN exchange ON exchange.id = feedback.exchange \
                   WHERE feedback.at >= $1 ORDER BY feedback.id DESC LIMIT $2";
        let mut found: Vec<(String, String, String)> = self.pool.rows(sql, args![since, limit]).await?;
        found.reverse();
        let read = |(body, opinion, person): (String, String, String)| {
            let (exchange, opinion) = (serde_json::from_str(&body)?, serde_json::from_str(&opinion)?);
            Ok(Judged { exchange, opinion, person: person.into() })
        };
        found.into_iter().map(read).collect()
    }

    /// The latest answers that a person got since a moment.
    pub async fn exchanges_of(&self, person: &PersonId, since: Millis, limit: u32) -> Result<Vec<Exchange>, Error> {
        let sql = "SELECT body FROM exchange WHERE person = $1 AND at >= $2 AND id IN (SELECT exchange FROM log \
                   WHERE exchange <> '' AND conversation IN (SELECT conversation FROM member WHERE person = $1)) \
                   ORDER BY id DESC LIMIT $3";
        let found: Vec<(String,)> = self.pool.rows(sql, args![person.as_str(), since, limit]).await?;
        found.into_iter().map(|(body,)| Ok(serde_json::from_str(&body)?)).collect()
    }

    /// How many lessons and texts were taught since a moment and still count.
    pub async fn taught_since(&self, since: Millis) -> Result<i64, Error> {
        let sql = "SELECT count(*) FROM knowledge WHERE at >= $1 AND retired = 0";
        let found: Option<(i64,)> = self.pool.row(sql, args![since]).await?;
        Ok(found.map_or(0, |(count,)| count))
    }

    /// How many people have written in a conversation.
    pub async fn members(&self, conversation: &ConversationId) -> Result<i64, Error> {
        let sql = "SELECT count(*) FROM member WHERE conversation = $1";
        let found: Option<(i64,)> = self.pool.row(sql, args![conversation.as_str()]).await?;
        Ok(found.map_or(0, |(count,)| count))
    }

    /// What people thought of an exchange, oldest first.
    pub async fn feedback_of(&self, exchange: &ExchangeId) -> Result<Vec<Feedback>, Error> {
        let sql = "SELECT conversation, person, opinion, at FROM feedback WHERE exchange = $1 ORDER BY id";
        let found: Vec<(String, String, String, i64)> = self.pool.rows(sql, args![exchange.as_str()]).await?;
        let feedback = |(conversation, person, opinion, at): (String, String, String, i64)| {
            Ok(Feedback {
                exchange: Some(exchange.clone()),
                conversation: ConversationId(conversation),
                person: PersonId(person),
                opinion: serde_json::from_str(&opinion)?,
                at: Millis(at),
            })
        };
        found.into_iter().map(feedback).collect()
    }
}

/// The newest entries that fit, oldest first.
fn newest(mut tail: Vec<Line>, most_bytes: usize) -> Vec<LogEntry> {
    tail.sort_unstable_by_key(|line| std::cmp::Reverse(line.0));
    let mut room = most_bytes;
    let fits = |entry: &LogEntry| {
        let rest = room.checked_sub(entry.text.len());
        room = rest.unwrap_or(0);
        rest.is_some()
    };
    let mut log: Vec<LogEntry> = tail.into_iter().map(entry).take_while(fits).collect();
    log.reverse();
    log
}

fn one(found: Option<(String,)>) -> Result<Option<Exchange>, Error> {
    Ok(found.map(|(body,)| serde_json::from_str(&body)).transpose()?)
}
