//! What is stored about one person: how much, all of it, and none of it any more.

use crate::engine::{exec, read, rows};
use crate::record::retire;
use crate::{Error, Store};
use domain::ids::{Millis, PersonId};
use serde_json::{Value, json};

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
}

impl Store {
    /// Counts what is stored about a person.
    pub async fn my_data(&self, person: &PersonId) -> Result<MyData, Error> {
        let found = read!(
            &self.pool,
            (i64, i64, i64, i64, i64),
            "SELECT (SELECT count(*) FROM log WHERE author = $1 AND text <> ''), (SELECT count(*) FROM exchange WHERE person = $1), \
             (SELECT count(*) FROM knowledge WHERE teacher = $1 AND kind = 'lesson' AND retired = 0), \
             (SELECT count(*) FROM knowledge WHERE teacher = $1 AND kind = 'document' AND retired = 0), \
             (SELECT count(*) FROM feedback WHERE person = $1)",
            person.as_str()
        )?;
        let data = |(messages, exchanges, lessons, documents, feedback)| MyData {
            messages,
            exchanges,
            lessons,
            documents,
            feedback,
        };
        Ok(found.into_iter().next().map(data).unwrap_or_default())
    }

    /// Everything stored about a person, as JSON Lines.
    pub async fn export_person(&self, person: &PersonId) -> Result<String, Error> {
        let mut lines = Vec::new();
        if let Some(who) = self.person(person).await? {
            lines.push(json!({"kind": "person", "person": who, "accounts": self.accounts(person).await?.iter().map(|(c, a)| format!("{}:{a}", c.name())).collect::<Vec<_>>()}));
        }
        let said = read!(
            &self.pool,
            (String, i64, String),
            "SELECT conversation, at, text FROM log WHERE author = $1 ORDER BY seq",
            person.as_str()
        )?;
        lines.extend(said.into_iter().map(
            |(conversation, at, text)| json!({"kind": "message", "conversation": conversation, "at": at, "text": text}),
        ));
        for (kind, sql) in [
            ("exchange", "SELECT body FROM exchange WHERE person = $1 ORDER BY id"),
            ("taught", "SELECT body FROM knowledge WHERE teacher = $1 AND retired = 0 ORDER BY id"),
            ("feedback", "SELECT opinion FROM feedback WHERE person = $1 ORDER BY id"),
        ] {
            let found = read!(&self.pool, (String,), sql, person.as_str())?;
            for (body,) in found {
                lines.push(json!({"kind": kind, "body": serde_json::from_str::<Value>(&body)?}));
            }
        }
        Ok(lines.iter().map(|line| format!("{line}\n")).collect())
    }

    /// Erases a person's words: messages, questions and answers, lessons, documents, opinions. What
    /// remains says only that something was there.
    pub async fn forget_person(&self, person: &PersonId, now: Millis) -> Result<(), Error> {
        let person = person.clone();
        self.writer.other(move |conn| Box::pin(async move {
            let id = person.as_str();
            let taught: Vec<(String,)> = rows!(*conn, (String,), "SELECT id FROM knowledge WHERE teacher = $1 AND retired = 0", id)?;
            for (lesson,) in taught {
                retire(conn, &lesson).await?;
            }
            exec!(*conn, "UPDATE knowledge SET body = '{}' WHERE teacher = $1", id)?;
            exec!(*conn, "UPDATE log SET text = '' WHERE exchange IN (SELECT id FROM exchange WHERE person = $1)", id)?;
            exec!(*conn, "UPDATE log SET text = '', name = '' WHERE author = $1", id)?;
            exec!(*conn, "UPDATE conversation SET summary = '' WHERE id IN (SELECT conversation FROM exchange WHERE person = $1)", id)?;
            exec!(*conn, "DELETE FROM shown WHERE exchange IN (SELECT id FROM exchange WHERE person = $1)", id)?;
            exec!(*conn, "DELETE FROM exchange WHERE person = $1", id)?;
            exec!(*conn, "DELETE FROM feedback WHERE person = $1", id)?;
            exec!(*conn, "INSERT INTO audit (person, what, detail, at) VALUES ($1, 'forget', 'everything', $2)", id, now.0)?;
            Ok(())
        })).await
    }
}
