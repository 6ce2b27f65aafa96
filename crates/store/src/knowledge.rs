//! What was taught, and the list of changes that indexes follow.

use crate::engine::read;
use crate::{Error, Store};
use domain::exchange::{Document, Lesson};
use domain::ids::{DocumentId, LessonId, PersonId};

/// A change in what is known.
#[derive(Clone, Debug, PartialEq)]
pub enum Knowledge {
    /// A lesson counts.
    Lesson(Lesson),
    /// A document counts.
    Document(Document),
    /// A lesson or document no longer counts.
    Removed(String),
}

impl Store {
    /// Changes after a revision, oldest first, each with its revision.
    pub async fn knowledge_since(&self, revision: i64, limit: u32) -> Result<Vec<(i64, Knowledge)>, Error> {
        type Row = (i64, String, String, i64, String);
        let found = read!(
            &self.pool,
            Row,
            "SELECT change.revision, knowledge.id, knowledge.kind, knowledge.retired, knowledge.body FROM knowledge_change AS change \
             JOIN knowledge ON knowledge.id = change.id WHERE change.revision > $1 ORDER BY change.revision LIMIT $2",
            revision,
            i64::from(limit)
        )?;
        found
            .into_iter()
            .map(|(revision, id, kind, retired, body)| {
                let change = match (retired, kind.as_str()) {
                    (0, "lesson") => Knowledge::Lesson(serde_json::from_str(&body)?),
                    (0, _) => Knowledge::Document(serde_json::from_str(&body)?),
                    _ => Knowledge::Removed(id),
                };
                Ok((revision, change))
            })
            .collect()
    }

    /// A lesson that counts.
    pub async fn lesson(&self, id: &LessonId) -> Result<Option<Lesson>, Error> {
        let found = read!(
            &self.pool,
            (String,),
            "SELECT body FROM knowledge WHERE id = $1 AND kind = 'lesson' AND retired = 0",
            id.as_str()
        )?;
        Ok(found.into_iter().next().map(|(body,)| serde_json::from_str(&body)).transpose()?)
    }

    /// A document that counts.
    pub async fn document(&self, id: &DocumentId) -> Result<Option<Document>, Error> {
        let found = read!(
            &self.pool,
            (String,),
            "SELECT body FROM knowledge WHERE id = $1 AND kind = 'document' AND retired = 0",
            id.as_str()
        )?;
        Ok(found.into_iter().next().map(|(body,)| serde_json::from_str(&body)).transpose()?)
    }

    /// The latest lessons that a person taught.
    pub async fn lessons_by(&self, teacher: &PersonId, limit: u32) -> Result<Vec<Lesson>, Error> {
        let found = read!(
            &self.pool,
            (String,),
            "SELECT body FROM knowledge WHERE teacher = $1 AND kind = 'lesson' AND retired = 0 ORDER BY id DESC LIMIT $2",
            teacher.as_str(),
            i64::from(limit)
        )?;
        found.into_iter().map(|(body,)| Ok(serde_json::from_str(&body)?)).collect()
    }
}
