//! What a turn changes, as one transaction: the log, the exchange, what was taught and thought, what
//! was set; and its item, which ends or becomes its delivery. Many turns share one commit.

use crate::Error;
use crate::engine::{Conn, each, exec};
use crate::lanes::{self, accept};
use crate::writer::Write;
use domain::chat::Role;
use domain::exchange::{Document, Exchange, Feedback, Lesson, LogEntry};
use domain::ids::{ConversationId, Lane, Millis, PersonId, ReleaseId};
use domain::person::{ChatPrefs, Person};
use domain::work::{Delivery, Job, NewWork, Work};
use futures::future::BoxFuture;
use serde_json::{Value, json};

/// Milliseconds of a day, by which usage is counted.
const DAY_MS: i64 = 86_400_000;

/// What answers, as it is stored once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Its content hash.
    pub id: ReleaseId,
    /// Its parts, JSON.
    pub parts: String,
}

/// An act of a person who has power, for later questions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audit {
    /// Who.
    pub person: PersonId,
    /// What: `role`, `work` …
    pub what: String,
    /// To whom or what.
    pub detail: String,
    /// When.
    pub at: Millis,
}

/// Everything that one turn changes.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// Who holds the lane.
    pub owner: String,
    /// The item.
    pub work: i64,
    /// Its lane.
    pub lane: Lane,
    /// The delivery that the item becomes; none ends it.
    pub becomes: Option<Delivery>,
    /// Lines of the log, of the lane's conversation.
    pub log: Vec<LogEntry>,
    /// The answered request.
    pub exchange: Option<Exchange>,
    /// What answered, stored if it is new.
    pub release: Option<Release>,
    /// Opinions.
    pub feedback: Vec<Feedback>,
    /// Lessons.
    pub lessons: Vec<Lesson>,
    /// Texts to learn from.
    pub documents: Vec<Document>,
    /// Lessons or documents to unlearn, by id.
    pub forget: Vec<String>,
    /// A person as they are now.
    pub person: Option<Person>,
    /// A conversation's settings as they are now.
    pub chat_prefs: Option<(ConversationId, ChatPrefs)>,
    /// The conversation's context begins after what is logged so far.
    pub fresh_start: bool,
    /// A summary, and the last log entry it covers.
    pub summary: Option<(ConversationId, i64, String)>,
    /// More work, such as notices to owners.
    pub also: Vec<NewWork>,
    /// Acts to be remembered.
    pub audit: Vec<Audit>,
    /// When.
    pub now: Millis,
}

/// What became of a record.
#[derive(Clone, Debug, Default)]
pub struct Recorded {
    /// The lane's next item, when the item ended and another is due; the lane is still held then.
    pub next: Option<Work>,
}

/// A record on its way to the writer.
pub(crate) struct Recording(pub(crate) Record);

impl Write for Recording {
    type Done = Recorded;
    fn all<'a>(
        many: &'a [&'a Self],
        conn: &'a mut Conn<'_>,
    ) -> BoxFuture<'a, Result<Vec<Result<Recorded, Error>>, Error>> {
        Box::pin(async move {
            let Some(first) = many.first() else { return Ok(Vec::new()) };
            let lanes: Vec<&Lane> = many.iter().map(|r| &r.0.lane).collect();
            let held = lanes::held(conn, &first.0.owner, &lanes).await?;
            let ours: Vec<&Record> = many.iter().map(|r| &r.0).filter(|r| held.contains(&r.lane.0)).collect();
            write_all(conn, &ours, first.0.now).await?;
            let ended: Vec<_> = ours.iter().filter(|r| r.becomes.is_none()).map(|r| (r.work, &r.lane)).collect();
            let mut next = lanes::end(conn, &first.0.owner, &ended, first.0.now).await?;
            let told = |r: &&Recording| match held.contains(&r.0.lane.0) {
                true => Ok(Recorded { next: next.remove(&r.0.lane.0) }),
                false => Err(Error::Lost),
            };
            Ok(many.iter().map(told).collect())
        })
    }
}

async fn write_all(conn: &mut Conn<'_>, records: &[&Record], now: Millis) -> Result<(), Error> {
    log(conn, records).await?;
    exchanges(conn, records).await?;
    deliveries(conn, records).await?;
    for record in records {
        seldom(conn, record).await?;
    }
    let also: Vec<&NewWork> = records.iter().flat_map(|record| &record.also).collect();
    accept(conn, &also, now).await?;
    Ok(())
}

/// The name of a role in the database.
pub(crate) const fn role_name(role: Role) -> &'static str {
    match role {
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
    }
}

async fn log(conn: &mut Conn<'_>, records: &[&Record]) -> Result<(), Error> {
    let mut lines = Vec::new();
    for record in records {
        let conversation = domain::work::conversation_of(&record.lane);
        for entry in &record.log {
            lines.push(json!({
                "c": conversation, "r": role_name(entry.role), "a": entry.author.as_ref().map_or("", |id| id.as_str()),
                "n": entry.name, "m": entry.message.as_ref().map_or("", |id| id.as_str()), "t": entry.text, "w": entry.at,
                "e": entry.exchange.as_ref().map_or("", |id| id.as_str()), "o": i64::from(entry.overheard),
            }));
        }
    }
    if lines.is_empty() {
        return Ok(());
    }
    let lines = storable(&Value::from(lines));
    each!(
        *conn,
        &lines,
        "INSERT INTO log (conversation, role, author, name, message, text, at, exchange, overheard) SELECT value->>'c', value->>'r', value->>'a', value->>'n', value->>'m', value->>'t', CAST(value->>'w' AS BIGINT), value->>'e', CAST(value->>'o' AS BIGINT) FROM",
        ""
    )?;
    Ok(())
}

/// PostgreSQL's text cannot hold NUL; it becomes U+FFFD on both engines alike.
pub(crate) fn storable(value: &Value) -> String {
    value.to_string().replace("\\u0000", "\u{fffd}")
}

async fn exchanges(conn: &mut Conn<'_>, records: &[&Record]) -> Result<(), Error> {
    let exchanges: Vec<&Exchange> = records.iter().filter_map(|record| record.exchange.as_ref()).collect();
    if exchanges.is_empty() {
        return Ok(());
    }
    let rows: Result<Vec<Value>, Error> = exchanges.iter().map(|e| {
        Ok(json!({"i": e.id, "c": e.conversation, "p": e.person, "q": e.asked, "w": e.at, "b": serde_json::to_string(e)?}))
    }).collect();
    let rows = storable(&Value::from(rows?));
    each!(
        *conn,
        &rows,
        "INSERT INTO exchange (id, conversation, person, asked, at, body) SELECT value->>'i', value->>'c', value->>'p', value->>'q', CAST(value->>'w' AS BIGINT), value->>'b' FROM",
        "WHERE true ON CONFLICT (id) DO NOTHING"
    )?;
    let used: Vec<Value> = exchanges
        .iter()
        .map(|e| {
            json!({
                "d": e.at.0.div_euclid(DAY_MS), "p": e.person, "c": e.conversation, "m": e.model,
                "i": e.tokens.prompt, "o": e.tokens.completion, "u": e.micro_usd,
            })
        })
        .collect();
    each!(
        *conn,
        &Value::from(used).to_string(),
        "INSERT INTO usage (day, person, conversation, model, exchanges, prompt_tokens, completion_tokens, micro_usd) \
         SELECT CAST(value->>'d' AS BIGINT), value->>'p', value->>'c', value->>'m', count(*), sum(CAST(value->>'i' AS BIGINT)), sum(CAST(value->>'o' AS BIGINT)), sum(CAST(value->>'u' AS BIGINT)) FROM",
        "WHERE true GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4 ON CONFLICT (day, person, conversation, model) DO UPDATE SET \
         exchanges = usage.exchanges + excluded.exchanges, prompt_tokens = usage.prompt_tokens + excluded.prompt_tokens, \
         completion_tokens = usage.completion_tokens + excluded.completion_tokens, micro_usd = usage.micro_usd + excluded.micro_usd"
    )?;
    Ok(())
}

/// Items that become their deliveries, each still first in its lane.
async fn deliveries(conn: &mut Conn<'_>, records: &[&Record]) -> Result<(), Error> {
    let mut rows = Vec::new();
    for record in records {
        if let Some(delivery) = &record.becomes {
            let job = serde_json::to_string(&Job::Deliver(Box::new(delivery.clone())))?;
            rows.push(json!({"i": record.work, "j": job}));
        }
    }
    if rows.is_empty() {
        return Ok(());
    }
    each!(
        *conn,
        &storable(&Value::from(rows)),
        "UPDATE work SET attempts = 0, job = given.j FROM (SELECT CAST(value->>'i' AS BIGINT) AS i, value->>'j' AS j FROM",
        ") AS given WHERE work.id = given.i AND work.state = 'open'"
    )?;
    Ok(())
}

/// What most turns do not change.
async fn seldom(conn: &mut Conn<'_>, record: &Record) -> Result<(), Error> {
    if let Some(release) = &record.release {
        exec!(
            *conn,
            "INSERT INTO release (id, parts, at) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING",
            release.id.as_str(),
            &release.parts,
            record.now.0
        )?;
    }
    for entry in &record.feedback {
        let exchange = entry.exchange.as_ref().map_or("", |id| id.as_str());
        exec!(
            *conn,
            "INSERT INTO feedback (exchange, conversation, person, opinion, at) VALUES ($1, $2, $3, $4, $5)",
            exchange,
            entry.conversation.as_str(),
            entry.person.as_str(),
            serde_json::to_string(&entry.opinion)?,
            entry.at.0
        )?;
    }
    for lesson in &record.lessons {
        learn(
            conn,
            lesson.id.as_str(),
            "lesson",
            lesson.scope.key(),
            lesson.teacher.as_str(),
            lesson.at,
            serde_json::to_string(lesson)?,
        )
        .await?;
    }
    for document in &record.documents {
        learn(
            conn,
            document.id.as_str(),
            "document",
            document.scope.key(),
            document.teacher.as_str(),
            document.at,
            serde_json::to_string(document)?,
        )
        .await?;
    }
    for id in &record.forget {
        retire(conn, id).await?;
    }
    if let Some(person) = &record.person {
        save_person(conn, person).await?;
    }
    conversation(conn, record).await?;
    for audit in &record.audit {
        exec!(
            *conn,
            "INSERT INTO audit (person, what, detail, at) VALUES ($1, $2, $3, $4)",
            audit.person.as_str(),
            &audit.what,
            &audit.detail,
            audit.at.0
        )?;
    }
    Ok(())
}

async fn conversation(conn: &mut Conn<'_>, record: &Record) -> Result<(), Error> {
    if let Some((id, prefs)) = &record.chat_prefs {
        exec!(
            *conn,
            "INSERT INTO conversation (id, prefs) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET prefs = excluded.prefs",
            id.as_str(),
            serde_json::to_string(prefs)?
        )?;
    }
    if record.fresh_start {
        let id = domain::work::conversation_of(&record.lane);
        exec!(
            *conn,
            "INSERT INTO conversation (id, fresh_after) VALUES ($1, (SELECT coalesce(max(seq), 0) FROM log)) \
            ON CONFLICT (id) DO UPDATE SET fresh_after = excluded.fresh_after, summary = '', summary_upto = excluded.fresh_after",
            id.as_str()
        )?;
    }
    if let Some((id, upto, text)) = &record.summary {
        exec!(
            *conn,
            "INSERT INTO conversation (id, summary_upto, summary) VALUES ($1, $2, $3) \
            ON CONFLICT (id) DO UPDATE SET summary_upto = excluded.summary_upto, summary = excluded.summary \
            WHERE conversation.summary_upto < excluded.summary_upto AND conversation.fresh_after < excluded.summary_upto",
            id.as_str(),
            *upto,
            text
        )?;
    }
    Ok(())
}

async fn learn(
    conn: &mut Conn<'_>,
    id: &str,
    kind: &str,
    scope: String,
    teacher: &str,
    at: Millis,
    body: String,
) -> Result<(), Error> {
    exec!(
        *conn,
        "INSERT INTO knowledge (id, kind, scope, teacher, at, body) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING",
        id,
        kind,
        &scope,
        teacher,
        at.0,
        body.replace("\\u0000", "\u{fffd}")
    )?;
    exec!(*conn, "INSERT INTO knowledge_change (id) VALUES ($1)", id)?;
    Ok(())
}

/// Unlearns a lesson or a document; its words go too.
pub(crate) async fn retire(conn: &mut Conn<'_>, id: &str) -> Result<bool, Error> {
    let touched = exec!(*conn, "UPDATE knowledge SET retired = 1 WHERE id = $1 AND retired = 0", id)?;
    if touched > 0 {
        exec!(*conn, "INSERT INTO knowledge_change (id) VALUES ($1)", id)?;
    }
    Ok(touched > 0)
}

/// Stores a person as they are now.
pub(crate) async fn save_person(conn: &mut Conn<'_>, person: &Person) -> Result<(), Error> {
    exec!(
        *conn,
        "INSERT INTO person (id, standing, name, lang, prefs, met_at) VALUES ($1, $2, $3, $4, $5, 0) \
        ON CONFLICT (id) DO UPDATE SET standing = excluded.standing, name = excluded.name, lang = excluded.lang, prefs = excluded.prefs",
        person.id.as_str(),
        person.standing.name(),
        &person.name,
        person.lang.tag(),
        serde_json::to_string(&person.prefs)?
    )?;
    Ok(())
}
