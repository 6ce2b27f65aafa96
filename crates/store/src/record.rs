//! What a turn changes, as one transaction: the log, the exchange, what was taught and thought, what
//! was set; and its item, which ends or becomes its delivery. Many turns share one commit.

use crate::Error;
use crate::engine::{Conn, args, sql};
use crate::objects::{self, Row};
use domain::chat::{Role, Tokens};
use domain::exchange::{Document, Exchange, Feedback, Lesson, LogEntry, Rule};
use domain::ids::{ConversationId, ExchangeId, Lane, MessageId, Millis, PersonId, ReleaseId};
use domain::person::{ChatPrefs, Person};
use domain::work::{Delivery, NewWork, Work, conversation_of};
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Milliseconds of a day, by which usage is counted.
const DAY_MS: i64 = 86_400_000;

/// What answered, all of it: release, model, instructions, settings. It is stored once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint {
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
    /// What was used beside the answered request.
    pub spent: Vec<Spent>,
    /// What answered, stored if it is new.
    pub fingerprint: Option<Fingerprint>,
    /// Opinions.
    pub feedback: Vec<Feedback>,
    /// Lessons.
    pub lessons: Vec<Lesson>,
    /// Texts to learn from.
    pub documents: Vec<Document>,
    /// Rules.
    pub rules: Vec<Rule>,
    /// Objects of the learning loop, as they are now.
    pub objects: Vec<Row>,
    /// Lessons, documents or rules to unlearn, by id.
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

/// Tokens and money that went for something that is no answer: a picture, a question in passing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spent {
    /// For whom.
    pub person: PersonId,
    /// Where.
    pub conversation: ConversationId,
    /// Which model, `provider/model`.
    pub model: String,
    /// How many tokens.
    pub tokens: Tokens,
    /// Millionths of a US dollar, 0 where the price is not known.
    pub micro_usd: i64,
}

/// What became of a record.
#[derive(Clone, Debug, Default)]
pub struct Recorded {
    /// The lane's next item, when the item ended and another is due; the lane is still held then.
    pub next: Option<Work>,
}

/// Writes what turns leave behind, beside what becomes of their items.
pub(crate) async fn write(conn: &mut Conn<'_>, records: &[&Record]) -> Result<(), Error> {
    log(conn, records).await?;
    exchanges(conn, records).await?;
    usage(conn, records).await?;
    fingerprints(conn, records).await?;
    for record in records {
        seldom(conn, record).await?;
    }
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

/// PostgreSQL's text cannot hold NUL; it becomes U+FFFD on both engines alike.
pub(crate) fn storable(text: &str) -> Cow<'_, str> {
    match text.contains('\0') {
        true => Cow::Owned(text.replace('\0', "\u{fffd}")),
        false => Cow::Borrowed(text),
    }
}

fn id_or_empty(id: Option<&str>) -> &str {
    id.unwrap_or_default()
}

/// Appends to the logs.
async fn log(conn: &mut Conn<'_>, records: &[&Record]) -> Result<(), Error> {
    #[derive(Serialize)]
    struct Row<'a> {
        n: usize,
        chat: String,
        who: &'a str,
        by: &'a str,
        name: Cow<'a, str>,
        msg: &'a str,
        said: Cow<'a, str>,
        at: i64,
        exch: &'a str,
        aside: i64,
    }
    let mut rows = Vec::new();
    for record in records {
        for entry in &record.log {
            rows.push(Row {
                n: rows.len(),
                chat: conversation_of(&record.lane).0,
                who: role_name(entry.role),
                by: id_or_empty(entry.author.as_ref().map(PersonId::as_str)),
                name: storable(&entry.name),
                msg: id_or_empty(entry.message.as_ref().map(MessageId::as_str)),
                said: storable(&entry.text),
                at: entry.at.0,
                exch: id_or_empty(entry.exchange.as_ref().map(ExchangeId::as_str)),
                aside: i64::from(entry.overheard),
            });
        }
    }
    if rows.is_empty() {
        return Ok(());
    }
    let json = serde_json::to_string(&rows)?;
    conn.later(
        sql![
            "INSERT INTO log (conversation, seq, role, author, name, message, text, at, exchange, overheard) SELECT r.chat, ",
            seq,
            ", r.who, r.by, r.name, r.msg, r.said, r.at, r.exch, r.aside FROM ",
            (n bigint, chat text, who text, by text, name text, msg text, said text, at bigint, exch text, aside bigint),
            "ORDER BY r.n"
        ],
        args![&json],
    )
    .await?;
    if !conn.is_shared() {
        conn.later("UPDATE counter SET at = at + $1 WHERE name = 'log'", args![rows.len() as i64]).await?;
    }
    conn.later(
        sql![
            "INSERT INTO member (person, conversation) SELECT DISTINCT r.by, r.chat FROM ",
            (chat text, by text),
            "WHERE r.by <> '' AND NOT EXISTS (SELECT 1 FROM member AS m WHERE m.person = r.by AND m.conversation = r.chat) \
             ORDER BY r.by, r.chat ON CONFLICT (person, conversation) DO NOTHING"
        ],
        args![json],
    )
    .await
}

async fn exchanges(conn: &mut Conn<'_>, records: &[&Record]) -> Result<(), Error> {
    #[derive(Serialize)]
    struct Row<'a> {
        id: &'a str,
        chat: &'a str,
        by: &'a str,
        msg: &'a str,
        at: i64,
        body: String,
    }
    let mut rows = Vec::new();
    for exchange in records.iter().filter_map(|record| record.exchange.as_ref()) {
        rows.push(Row {
            id: exchange.id.as_str(),
            chat: exchange.conversation.as_str(),
            by: exchange.person.as_str(),
            msg: exchange.asked.as_str(),
            at: exchange.at.0,
            body: serde_json::to_string(exchange)?,
        });
    }
    if rows.is_empty() {
        return Ok(());
    }
    conn.later(
        sql![
            "INSERT INTO exchange (id, conversation, person, asked, at, body) \
             SELECT r.id, r.chat, r.by, r.msg, r.at, r.body FROM ",
            (id text, chat text, by text, msg text, at bigint, body text),
            "WHERE true ON CONFLICT (id) DO NOTHING"
        ],
        args![serde_json::to_string(&rows)?],
    )
    .await?;
    Ok(())
}

/// Counts tokens and money by day, person, conversation and model.
async fn usage(conn: &mut Conn<'_>, records: &[&Record]) -> Result<(), Error> {
    #[derive(Serialize)]
    struct Row<'a> {
        d: i64,
        who: &'a str,
        chat: &'a str,
        name: &'a str,
        n: i64,
        asked: u64,
        told: u64,
        cost: i64,
    }
    let mut sums: BTreeMap<_, (i64, u64, u64, i64)> = BTreeMap::new();
    for exchange in records.iter().filter_map(|record| record.exchange.as_ref()) {
        let day = exchange.at.0.div_euclid(DAY_MS);
        let key = (day, exchange.person.as_str(), exchange.conversation.as_str(), exchange.model.as_str());
        let sum = sums.entry(key).or_default();
        sum.0 += 1;
        sum.1 += exchange.tokens.prompt;
        sum.2 += exchange.tokens.completion;
        sum.3 += exchange.micro_usd;
    }
    for (spent, at) in records.iter().flat_map(|record| record.spent.iter().map(|spent| (spent, record.now))) {
        let key = (at.0.div_euclid(DAY_MS), spent.person.as_str(), spent.conversation.as_str(), spent.model.as_str());
        let sum = sums.entry(key).or_default();
        sum.0 += 1;
        sum.1 += spent.tokens.prompt;
        sum.2 += spent.tokens.completion;
        sum.3 += spent.micro_usd;
    }
    if sums.is_empty() {
        return Ok(());
    }
    let row = |((d, who, chat, name), (n, asked, told, cost))| Row { d, who, chat, name, n, asked, told, cost };
    let rows: Vec<Row<'_>> = sums.into_iter().map(row).collect();
    conn.later(
        sql![
            "INSERT INTO usage (day, person, conversation, model, exchanges, prompt_tokens, completion_tokens, micro_usd) \
             SELECT r.d, r.who, r.chat, r.name, r.n, r.asked, r.told, r.cost FROM ",
            (d bigint, who text, chat text, name text, n bigint, asked bigint, told bigint, cost bigint),
            "WHERE true ON CONFLICT (person, conversation, model, day) DO UPDATE SET \
             exchanges = usage.exchanges + excluded.exchanges, \
             prompt_tokens = usage.prompt_tokens + excluded.prompt_tokens, \
             completion_tokens = usage.completion_tokens + excluded.completion_tokens, \
             micro_usd = usage.micro_usd + excluded.micro_usd"
        ],
        args![serde_json::to_string(&rows)?],
    )
    .await?;
    Ok(())
}

async fn fingerprints(conn: &mut Conn<'_>, records: &[&Record]) -> Result<(), Error> {
    let given = records.iter().filter_map(|record| record.fingerprint.as_ref().map(|print| (print, record.now)));
    // In the order of their ids, so that two replicas never wait for each other crosswise.
    let given: BTreeMap<&str, _> = given.map(|(print, at)| (print.id.as_str(), (print, at))).collect();
    for (print, at) in given.into_values() {
        put_fingerprint(conn, print, at).await?;
    }
    Ok(())
}

/// Stores a fingerprint, once.
pub(crate) async fn put_fingerprint(conn: &mut Conn<'_>, print: &Fingerprint, at: Millis) -> Result<(), Error> {
    conn.later(
        "INSERT INTO fingerprint (id, parts, at) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING",
        args![print.id.as_str(), &print.parts, at],
    )
    .await?;
    Ok(())
}

/// Notes which messages show which answer.
pub(crate) async fn write_shown(
    conn: &mut Conn<'_>,
    shown: &[(&ExchangeId, &ConversationId, &[MessageId])],
) -> Result<(), Error> {
    #[derive(Serialize)]
    struct Row<'a> {
        chat: &'a str,
        msg: &'a str,
        exch: &'a str,
        part: usize,
    }
    let mut rows = Vec::new();
    for (exchange, conversation, messages) in shown {
        for (part, message) in messages.iter().enumerate() {
            rows.push(Row { chat: conversation.as_str(), msg: message.as_str(), exch: exchange.as_str(), part });
        }
    }
    // A message twice in one statement would be refused; the later answer shows in it.
    let rows: BTreeMap<_, _> = rows.into_iter().map(|row| ((row.chat, row.msg), row)).collect();
    let rows: Vec<_> = rows.into_values().collect();
    if rows.is_empty() {
        return Ok(());
    }
    let rows = serde_json::to_string(&rows)?;
    conn.later(
        sql![
            "INSERT INTO shown (conversation, message, exchange, place) SELECT r.chat, r.msg, r.exch, r.part FROM ",
            (chat text, msg text, exch text, part bigint),
            "WHERE true ON CONFLICT (conversation, message) DO UPDATE SET exchange = excluded.exchange, place = excluded.place"
        ],
        args![rows],
    )
    .await
}

/// What most turns do not change.
async fn seldom(conn: &mut Conn<'_>, record: &Record) -> Result<(), Error> {
    for entry in &record.feedback {
        feedback(conn, entry).await?;
    }
    for lesson in &record.lessons {
        learn(conn, New::lesson(lesson), lesson.at, serde_json::to_string(lesson)?).await?;
    }
    for document in &record.documents {
        learn(conn, New::document(document), document.at, serde_json::to_string(document)?).await?;
    }
    for rule in &record.rules {
        let new = New { id: rule.id.as_str(), kind: "rule", scope: rule.scope.key(), by: rule.teacher.as_str() };
        learn(conn, new, rule.at, serde_json::to_string(rule)?).await?;
    }
    for id in &record.forget {
        retire(conn, id).await?;
    }
    objects::write(conn, &record.objects).await?;
    if let Some(person) = &record.person {
        save_person(conn, person, record.now).await?;
    }
    conversation(conn, record).await?;
    for act in &record.audit {
        audit(conn, act).await?;
    }
    Ok(())
}

async fn feedback(conn: &mut Conn<'_>, entry: &Feedback) -> Result<(), Error> {
    conn.later(
        "INSERT INTO feedback (exchange, conversation, person, opinion, at) VALUES ($1, $2, $3, $4, $5)",
        args![
            id_or_empty(entry.exchange.as_ref().map(ExchangeId::as_str)),
            entry.conversation.as_str(),
            entry.person.as_str(),
            serde_json::to_string(&entry.opinion)?,
            entry.at,
        ],
    )
    .await?;
    Ok(())
}

/// Remembers an act of somebody who has power.
pub(crate) async fn audit(conn: &mut Conn<'_>, act: &Audit) -> Result<(), Error> {
    conn.later(
        "INSERT INTO audit (person, what, detail, at) VALUES ($1, $2, $3, $4)",
        args![act.person.as_str(), &act.what, &act.detail, act.at],
    )
    .await?;
    Ok(())
}

async fn conversation(conn: &mut Conn<'_>, record: &Record) -> Result<(), Error> {
    if let Some((id, prefs)) = &record.chat_prefs {
        conn.later(
            "INSERT INTO conversation (id, prefs) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET prefs = excluded.prefs",
            args![id.as_str(), serde_json::to_string(prefs)?],
        )
        .await?;
    }
    if record.fresh_start {
        conn.later(
            "INSERT INTO conversation (id, fresh_after) \
             VALUES ($1, (SELECT coalesce(max(seq), 0) FROM log WHERE conversation = $1)) ON CONFLICT (id) DO UPDATE SET \
             fresh_after = excluded.fresh_after, summary = '', summary_upto = excluded.fresh_after",
            args![conversation_of(&record.lane).0],
        )
        .await?;
    }
    if let Some((id, upto, text)) = &record.summary {
        // A summary that comes after a fresh start, or after a later summary, is out of date.
        conn.later(
            "INSERT INTO conversation (id, summary_upto, summary) VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET \
             summary_upto = excluded.summary_upto, summary = excluded.summary \
             WHERE conversation.summary_upto < excluded.summary_upto AND conversation.fresh_after < excluded.summary_upto",
            args![id.as_str(), *upto, text],
        )
        .await?;
    }
    Ok(())
}

/// Something new to be known.
pub(crate) struct New<'a> {
    id: &'a str,
    kind: &'a str,
    scope: String,
    by: &'a str,
}

impl<'a> New<'a> {
    pub(crate) fn lesson(lesson: &'a Lesson) -> Self {
        Self { id: lesson.id.as_str(), kind: "lesson", scope: lesson.scope.key(), by: lesson.teacher.as_str() }
    }
    pub(crate) fn document(document: &'a Document) -> Self {
        let by = document.teacher.as_str();
        Self { id: document.id.as_str(), kind: "document", scope: document.scope.key(), by }
    }
}

/// Stores something taught.
pub(crate) async fn learn(conn: &mut Conn<'_>, new: New<'_>, at: Millis, body: String) -> Result<(), Error> {
    conn.later(
        "INSERT INTO knowledge (id, kind, scope, teacher, at, body) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING",
        args![new.id, new.kind, new.scope, new.by, at, body],
    )
    .await?;
    changed(conn, new.id).await
}

/// Adds to the list of changes that indexes follow.
pub(crate) async fn changed(conn: &mut Conn<'_>, id: &str) -> Result<(), Error> {
    if conn.is_shared() {
        // Revisions must become visible in their order, or a reader would pass one over for ever.
        conn.later("SELECT pg_advisory_xact_lock(7301)", Vec::new()).await?;
    }
    conn.later("INSERT INTO knowledge_change (id) VALUES ($1)", args![id]).await?;
    Ok(())
}

/// Unlearns a lesson or a document; its words go too.
pub(crate) async fn retire(conn: &mut Conn<'_>, id: &str) -> Result<bool, Error> {
    let touched =
        conn.run("UPDATE knowledge SET retired = 1, body = '' WHERE id = $1 AND retired = 0", args![id]).await?;
    if touched > 0 {
        changed(conn, id).await?;
    }
    Ok(touched > 0)
}

/// Stores a person as they are now.
pub(crate) async fn save_person(conn: &mut Conn<'_>, person: &Person, now: Millis) -> Result<(), Error> {
    conn.later(
        "INSERT INTO person (id, standing, name, lang, prefs, met_at) VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (id) DO UPDATE SET standing = excluded.standing, name = excluded.name, lang = excluded.lang, \
         prefs = excluded.prefs",
        args![
            person.id.as_str(),
            person.standing.name(),
            &person.name,
            person.lang.tag(),
            serde_json::to_string(&person.prefs)?,
            now,
        ],
    )
    .await?;
    Ok(())
}
