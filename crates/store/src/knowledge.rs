//! What was taught, and the list of changes that indexes follow.

use crate::engine::{Pool, args};
use crate::record::{New, learn, retire};
use crate::{Error, Store};
use domain::exchange::{Document, Lesson, Rule, Scope};
use domain::ids::{DocumentId, LessonId, Millis, PersonId, RuleId};
use serde::de::DeserializeOwned;

/// A change in what is known.
#[derive(Clone, Debug, PartialEq)]
pub enum Knowledge {
    /// A lesson counts.
    Lesson(Lesson),
    /// A document counts.
    Document(Document),
    /// A rule counts.
    Rule(Rule),
    /// Another release answers somebody.
    Routing,
    /// A lesson or document no longer counts.
    Removed(String),
}

impl Store {
    /// Changes after a revision, oldest first, each with its revision. Of what changed several times
    /// only the present state is told.
    pub async fn knowledge_since(&self, revision: i64, limit: u32) -> Result<Vec<(i64, Knowledge)>, Error> {
        type Row = (i64, String, String, i64, String);
        let found: Vec<Row> = self
            .pool
            .rows(
                "SELECT change.revision, change.id, coalesce(knowledge.kind, ''), coalesce(knowledge.retired, 0), coalesce(knowledge.body, '') \
                 FROM knowledge_change AS change LEFT JOIN knowledge ON knowledge.id = change.id \
                 WHERE change.revision > $1 ORDER BY change.revision LIMIT $2",
                args![revision, limit],
            )
            .await?;
        let change = |(revision, id, kind, retired, body): Row| {
            let change = match (retired, kind.as_str()) {
                (_, "") => Knowledge::Routing,
                (0, "lesson") => Knowledge::Lesson(serde_json::from_str(&body)?),
                (0, "rule") => Knowledge::Rule(serde_json::from_str(&body)?),
                (0, _) => Knowledge::Document(serde_json::from_str(&body)?),
                _ => Knowledge::Removed(id),
            };
            Ok((revision, change))
        };
        found.into_iter().map(change).collect()
    }

    /// The revision of what is known now.
    pub async fn knowledge_revision(&self) -> Result<i64, Error> {
        let found: Option<(i64,)> =
            self.pool.row("SELECT coalesce(max(revision), 0) FROM knowledge_change", Vec::new()).await?;
        Ok(found.map_or(0, |(revision,)| revision))
    }

    /// A lesson that counts.
    pub async fn lesson(&self, id: &LessonId) -> Result<Option<Lesson>, Error> {
        one(&self.pool, "lesson", id.as_str()).await
    }

    /// A document that counts.
    pub async fn document(&self, id: &DocumentId) -> Result<Option<Document>, Error> {
        one(&self.pool, "document", id.as_str()).await
    }

    /// The latest documents that count in one of these scopes.
    pub async fn documents(&self, scopes: &[Scope], limit: u32) -> Result<Vec<Document>, Error> {
        let sql = "SELECT body FROM knowledge WHERE kind = 'document' AND retired = 0 AND scope = $1 ORDER BY id DESC LIMIT $2";
        let mut found: Vec<Document> = Vec::new();
        for scope in scopes {
            found.extend(bodies::<Document>(self.pool.rows(sql, args![scope.key(), limit]).await?)?);
        }
        found.sort_by(|a, b| b.id.cmp(&a.id));
        found.truncate(limit as usize);
        Ok(found)
    }

    /// The documents that were read from the file of this hash, letters and digits, and count in one of these scopes.
    pub async fn documents_from(&self, scopes: &[Scope], source: &str) -> Result<Vec<Document>, Error> {
        // In a body it stands so nowhere else: quotation marks in a text are escaped.
        let sql = "SELECT body FROM knowledge WHERE kind = 'document' AND retired = 0 AND scope = $1 AND body LIKE $2 ORDER BY id DESC";
        let mut found: Vec<Document> = Vec::new();
        for scope in scopes {
            let named = format!("%\"source\":\"{source}\"%");
            found.extend(bodies::<Document>(self.pool.rows(sql, args![scope.key(), named]).await?)?);
        }
        Ok(found)
    }

    /// A rule that counts.
    pub async fn rule(&self, id: &RuleId) -> Result<Option<Rule>, Error> {
        one(&self.pool, "rule", id.as_str()).await
    }

    /// The latest rules that count for somebody; none for all there are.
    pub async fn rules(&self, scope: Option<&Scope>, limit: u32) -> Result<Vec<Rule>, Error> {
        let sql = "SELECT body FROM knowledge WHERE kind = 'rule' AND retired = 0 AND (scope = $1 OR $1 = '') ORDER BY id DESC LIMIT $2";
        bodies(self.pool.rows(sql, args![scope.map(Scope::key).unwrap_or_default(), limit]).await?)
    }

    /// The latest lessons that a person taught.
    pub async fn lessons_by(&self, teacher: &PersonId, limit: u32) -> Result<Vec<Lesson>, Error> {
        let sql = "SELECT body FROM knowledge WHERE teacher = $1 AND kind = 'lesson' AND retired = 0 ORDER BY id DESC LIMIT $2";
        bodies(self.pool.rows(sql, args![teacher.as_str(), limit]).await?)
    }

    /// The latest lessons that count for somebody; none for all there are.
    pub async fn lessons(&self, scope: Option<&Scope>, limit: u32) -> Result<Vec<Lesson>, Error> {
        let sql = "SELECT body FROM knowledge WHERE kind = 'lesson' AND retired = 0 AND (scope = $1 OR $1 = '') ORDER BY id DESC LIMIT $2";
        bodies(self.pool.rows(sql, args![scope.map(Scope::key).unwrap_or_default(), limit]).await?)
    }

    /// Unlearns a lesson or a document, its words included; false when it does not count any more.
    pub async fn retire(&self, id: &str) -> Result<bool, Error> {
        let id = id.to_owned();
        self.writer.other(move |conn| Box::pin(async move { retire(conn, &id).await })).await
    }

    /// Makes a lesson count for somebody else: it ends under its old id and is taught anew as `new`.
    pub async fn rescope(&self, old: &LessonId, new: LessonId, scope: Scope, now: Millis) -> Result<Lesson, Error> {
        let lesson = self.lesson(old).await?.ok_or(Error::NotFound)?;
        let (old, lesson) = (old.clone(), Lesson { id: new, scope, at: now, ..lesson });
        self.writer
            .other(move |conn| {
                Box::pin(async move {
                    if !retire(conn, old.as_str()).await? {
                        return Err(Error::NotFound);
                    }
                    learn(conn, New::lesson(&lesson), lesson.at, serde_json::to_string(&lesson)?).await?;
                    Ok(lesson)
                })
            })
            .await
    }
}

async fn one<T: DeserializeOwned>(pool: &Pool, kind: &str, id: &str) -> Result<Option<T>, Error> {
    let sql = "SELECT body FROM knowledge WHERE id = $1 AND kind = $2 AND retired = 0";
    Ok(bodies(pool.rows(sql, args![id, kind]).await?)?.into_iter().next())
}

fn bodies<T: DeserializeOwned>(found: Vec<(String,)>) -> Result<Vec<T>, Error> {
    found.into_iter().map(|(body,)| Ok(serde_json::from_str(&body)?)).collect()
}
