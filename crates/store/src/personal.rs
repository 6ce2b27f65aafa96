//! What is stored about one person: how much, all of it, and none of it any more; and a chat that
//! moves to another number.

use crate::engine::{Conn, args};
use crate::lanes;
use crate::ops::recount;
use crate::record::{audit, changed, retire};
use crate::{Audit, Error, Store};
use domain::exchange::Lesson;
use domain::ids::{Millis, PersonId};
use domain::incoming::Place;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// How much is stored about a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MyData {
    /// Messages they wrote.
    pub messages: i64,
    /// Answers they got.
    pub exchanges: i64,
    /// Lessons they taught.
    pub lessons: i64,
    /// Documents they gave.
    pub documents: i64,
    /// Ratings, corrections and comments.
    pub feedback: i64,
    /// Examples that they made or that are about what they asked.
    pub examples: i64,
}

impl Store {
    /// Counts what is stored about a person.
    pub async fn my_data(&self, person: &PersonId) -> Result<MyData, Error> {
        let found: Option<(i64, i64, i64, i64, i64, i64)> = self
            .pool
            .row(
                concat!(
                    "SELECT (SELECT count(*) FROM log WHERE conversation IN (SELECT conversation FROM member WHERE person = $1) ",
                    "AND author = $1 AND text <> ''), (SELECT count(*) FROM exchange WHERE id IN ", theirs!(), "), ",
                    "(SELECT count(*) FROM knowledge WHERE teacher = $1 AND kind = 'lesson' AND retired = 0), ",
                    "(SELECT count(*) FROM knowledge WHERE teacher = $1 AND kind = 'document' AND retired = 0), ",
                    "(SELECT count(*) FROM feedback WHERE person = $1), ",
                    "(SELECT count(*) FROM object WHERE kind = 'example' AND (person = $1 OR (about <> '' AND about IN ", theirs!(), ")))"
                ),
                args![person.as_str()],
            )
            .await?;
        let data = |(messages, exchanges, lessons, documents, feedback, examples)| MyData {
            messages,
            exchanges,
            lessons,
            documents,
            feedback,
            examples,
        };
        Ok(found.map(data).unwrap_or_default())
    }

    /// Everything stored about a person, as JSON Lines.
    pub async fn export_person(&self, person: &PersonId) -> Result<String, Error> {
        let mut lines = Vec::new();
        if let Some(who) = self.person(person).await? {
            let accounts = self.accounts(person).await?;
            let accounts: Vec<_> = accounts.iter().map(|(channel, id)| format!("{}:{id}", channel.name())).collect();
            lines.push(json!({"kind": "person", "person": who, "accounts": accounts}));
        }
        let sql = "SELECT conversation, at, text FROM log WHERE conversation IN (SELECT conversation FROM member WHERE person = $1) \
                   AND author = $1 AND text <> '' ORDER BY seq";
        let said: Vec<(String, i64, String)> = self.pool.rows(sql, args![person.as_str()]).await?;
        lines.extend(said.into_iter().map(
            |(conversation, at, text)| json!({"kind": "message", "conversation": conversation, "at": at, "text": text}),
        ));
        for (kind, sql) in [
            ("exchange", concat!("SELECT body FROM exchange WHERE id IN ", theirs!(), " ORDER BY id")),
            ("taught", "SELECT body FROM knowledge WHERE teacher = $1 AND retired = 0 ORDER BY id"),
            ("feedback", "SELECT opinion FROM feedback WHERE person = $1 ORDER BY id"),
            (
                "example",
                concat!(
                    "SELECT body FROM object WHERE kind = 'example' AND (person = $1 OR (about <> '' AND about IN ",
                    theirs!(),
                    ")) ORDER BY id"
                ),
            ),
        ] {
            let found: Vec<(String,)> = self.pool.rows(sql, args![person.as_str()]).await?;
            for (body,) in found {
                lines.push(json!({"kind": kind, "body": serde_json::from_str::<Value>(&body)?}));
            }
        }
        let sql = "SELECT kind, body FROM object WHERE person = $1 AND kind IN ('spoken', 'transcript', 'drawing', 'album') ORDER BY kind, id";
        for (kind, body) in self.pool.rows::<(String, String)>(sql, args![person.as_str()]).await? {
            lines.push(json!({"kind": kind, "body": serde_json::from_str::<Value>(&body)?}));
        }
        Ok(lines.iter().map(|line| format!("{line}\n")).collect())
    }

    /// Erases a person's words: messages, questions and answers, lessons, documents, opinions. What
    /// remains says only that something was there.
    pub async fn forget_person(&self, person: &PersonId, now: Millis) -> Result<(), Error> {
        let person = person.clone();
        self.writer
            .other(move |conn| {
                Box::pin(async move {
                    let id = person.as_str();
                    for taught in taught_of(conn, id).await? {
                        retire(conn, &taught).await?;
                    }
                    for sql in FORGET {
                        conn.run(*sql, args![id]).await?;
                    }
                    let act = Audit { person, what: "forget".to_owned(), detail: "everything".to_owned(), at: now };
                    audit(conn, &act).await
                })
            })
            .await
    }

    /// A chat got a new number: its settings, history, lessons and waiting work follow.
    pub async fn migrate_chat(&self, old: &Place, to: &str) -> Result<(), Error> {
        let place = |chat: &str| Place { chat: chat.to_owned(), thread: None, ..old.clone() };
        let (from_chat, to_chat) = (old.chat.clone(), to.to_owned());
        let (from, to) = (place(&from_chat).conversation().0, place(&to_chat).conversation().0);
        if from == to {
            return Ok(());
        }
        self.writer
            .other(move |conn| {
                Box::pin(async move {
                    lanes::lock(conn, &serde_json::to_string(&[&from, &to])?, "[]").await?;
                    let sql = "SELECT id FROM knowledge WHERE scope = 'c:' || $1 AND retired = 0";
                    let taught: Vec<(String,)> = conn.rows(sql, args![&from]).await?;
                    for sql in MIGRATE {
                        conn.run(*sql, args![&from, &to]).await?;
                    }
                    conn.run("DELETE FROM shown WHERE conversation = $1", args![&from]).await?;
                    conn.run("DELETE FROM usage WHERE conversation = $1", args![&from]).await?;
                    conn.run("DELETE FROM member WHERE conversation = $1", args![&from]).await?;
                    for (id,) in taught {
                        changed(conn, &id).await?;
                    }
                    // The item that is being handled right now stays where its lease is.
                    conn.run(
                        "INSERT INTO lane (name) VALUES ($1) ON CONFLICT (name) DO NOTHING",
                        args![&to],
                    )
                    .await?;
                    conn.run(
                        "UPDATE work SET lane = $2, job = replace(job, '\"chat\":\"' || $3 || '\"', '\"chat\":\"' || $4 || '\"') \
                         WHERE lane = $1 AND state <> 'done' AND id > coalesce((SELECT min(w.id) FROM work AS w JOIN lane ON lane.name = w.lane \
                         WHERE w.lane = $1 AND w.state = 'open' AND lane.owner <> ''), 0)",
                        args![&from, &to, from_chat, to_chat],
                    )
                    .await?;
                    recount(conn, &from).await?;
                    recount(conn, &to).await
                })
            })
            .await?;
        self.wake.wake();
        Ok(())
    }
}

/// The lessons and texts that hold a person's words: what they taught, what counts for them alone, and what others taught
/// about their questions.
async fn taught_of(conn: &mut Conn<'_>, person: &str) -> Result<BTreeSet<String>, Error> {
    let sql = "SELECT id FROM knowledge WHERE (teacher = $1 OR scope = 'p:' || $1) AND retired = 0";
    let mut ids: Vec<(String,)> = conn.rows(sql, args![person]).await?;
    // A lesson has the id of its example.
    let sql = concat!("SELECT id FROM object WHERE ", about_them!());
    ids.extend(conn.rows::<(String,)>(sql, args![person]).await?);
    let mut taught: BTreeSet<String> = ids.into_iter().map(|(id,)| id).collect();
    let theirs: Vec<(String,)> =
        conn.rows(concat!("SELECT id FROM exchange WHERE id IN ", theirs!()), args![person]).await?;
    let theirs: BTreeSet<String> = theirs.into_iter().map(|(id,)| id).collect();
    let sql = "SELECT body FROM knowledge WHERE kind = 'lesson' AND retired = 0 AND replace(body, '\"exchange\":null', '') = body";
    for (body,) in conn.rows::<(String,)>(sql, args![]).await? {
        let lesson: Lesson = serde_json::from_str(&body)?;
        if lesson.exchange.is_some_and(|exchange| theirs.contains(exchange.as_str())) {
            taught.insert(lesson.id.0);
        }
    }
    Ok(taught)
}

/// The exchanges of the person `$1`, found by the conversations in which they wrote.
macro_rules! theirs {
    () => {
        "(SELECT id FROM exchange WHERE person = $1 AND id IN (SELECT exchange FROM log WHERE exchange <> '' \
         AND conversation IN (SELECT conversation FROM member WHERE person = $1)))"
    };
}
use theirs;

/// Which objects are examples about what the person `$1` asked or gave. The name of a field is never part of a text: there
/// its quotes are written with backslashes.
macro_rules! about_them {
    () => {
        concat!(
            "kind = 'example' AND ((about <> '' AND about IN ",
            theirs!(),
            ") OR replace(body, '\"asker\":\"' || $1 || '\"', '') <> body)"
        )
    };
}
use about_them;

/// What is erased of the person `$1`.
const FORGET: &[&str] = &[
    "UPDATE conversation SET summary = '' WHERE id IN (SELECT conversation FROM member WHERE person = $1)",
    concat!(
        "UPDATE log SET text = '' WHERE conversation IN (SELECT conversation FROM member WHERE person = $1) ",
        "AND exchange <> '' AND exchange IN ",
        theirs!()
    ),
    "UPDATE log SET text = '', name = '' WHERE conversation IN (SELECT conversation FROM member WHERE person = $1) AND author = $1",
    concat!("DELETE FROM object WHERE ", about_them!()),
    "DELETE FROM object WHERE person = $1",
    concat!("DELETE FROM shown WHERE exchange IN ", theirs!()),
    concat!("DELETE FROM exchange WHERE id IN ", theirs!()),
    "DELETE FROM feedback WHERE person = $1",
    "UPDATE knowledge SET body = '' WHERE teacher = $1",
    "UPDATE person SET name = '' WHERE id = $1",
    "UPDATE identity SET username = '' WHERE person = $1",
];

/// What follows a chat from `$1` to `$2`.
const MIGRATE: &[&str] = &[
    "UPDATE conversation SET id = $2 WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM conversation AS there WHERE there.id = $2)",
    "UPDATE log SET conversation = $2 WHERE conversation = $1",
    "INSERT INTO member (person, conversation) SELECT person, $2 FROM member WHERE conversation = $1 ON CONFLICT (person, conversation) DO NOTHING",
    "UPDATE exchange SET conversation = $2, body = replace(body, '\"conversation\":\"' || $1 || '\"', '\"conversation\":\"' || $2 || '\"') \
     WHERE conversation = $1 AND id IN (SELECT exchange FROM log WHERE conversation = $2 AND exchange <> '')",
    "UPDATE feedback SET conversation = $2 WHERE conversation = $1",
    "UPDATE knowledge SET scope = 'c:' || $2, body = replace(body, $1, $2) WHERE scope = 'c:' || $1",
    "INSERT INTO shown (conversation, message, exchange, place) SELECT $2, message, exchange, place FROM shown \
     WHERE conversation = $1 ON CONFLICT (conversation, message) DO NOTHING",
    "INSERT INTO usage (day, person, conversation, model, exchanges, prompt_tokens, completion_tokens, micro_usd) \
     SELECT day, person, $2, model, exchanges, prompt_tokens, completion_tokens, micro_usd FROM usage WHERE conversation = $1 \
     ON CONFLICT (person, conversation, model, day) DO NOTHING",
];
