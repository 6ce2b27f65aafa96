//! Objects of the learning loop: written whole, found by id, state, key and person. And the one row that says
//! which release answers whom.

use crate::engine::{Conn, args, sql};
use crate::record::{New, audit, changed, learn, retire, storable};
use crate::{Audit, Error, Store};
use domain::exchange::{Document, Lesson};
use domain::ids::{ExampleId, PersonId};
use domain::object::Object;
use domain::release::Routing;
use serde::Serialize;
use std::collections::BTreeMap;

/// Objects that are written in one statement.
const PORTION: usize = 500;
/// What sorts behind the rest of every id, in the order of bytes and in that of a language, where a database has such.
const LAST: &str = "zzzzzzzzzzzzzzzzzzzzzzzz";
/// The setting that holds the routing.
const ROUTING: &str = "routing";

/// An object, ready to be written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    kind: &'static str,
    id: String,
    state: String,
    who: String,
    about: String,
    at: i64,
    body: String,
}

impl Row {
    /// The row of an object.
    pub fn of<T: Object>(object: &T) -> Result<Self, Error> {
        Ok(Self {
            kind: T::KIND,
            id: object.id(),
            state: object.state().to_owned(),
            who: object.person().to_owned(),
            about: object.key(),
            at: object.at().0,
            body: storable(&serde_json::to_string(object)?).into_owned(),
        })
    }
}

/// Writes objects, each in the place of an earlier one of its id.
pub(crate) async fn write(conn: &mut Conn<'_>, rows: &[Row]) -> Result<(), Error> {
    for portion in rows.chunks(PORTION) {
        // One id twice in one statement would be refused; the later one counts.
        let portion: BTreeMap<_, _> = portion.iter().map(|row| ((row.kind, &row.id), row)).collect();
        let json = serde_json::to_string(&portion.into_values().collect::<Vec<_>>())?;
        conn.later(
            sql![
                "INSERT INTO object (kind, id, state, person, about, at, body) \
                 SELECT r.kind, r.id, r.state, r.who, r.about, r.at, r.body FROM ",
                (kind text, id text, state text, who text, about text, at bigint, body text),
                "WHERE true ON CONFLICT (kind, id) DO UPDATE SET state = excluded.state, person = excluded.person, \
                 about = excluded.about, at = excluded.at, body = excluded.body"
            ],
            args![json],
        )
        .await?;
    }
    Ok(())
}

/// Writes objects; what has the id of one of them already stays as it is.
async fn add(conn: &mut Conn<'_>, rows: &[Row]) -> Result<(), Error> {
    for portion in rows.chunks(PORTION) {
        let json = serde_json::to_string(portion)?;
        conn.later(
            sql![
                "INSERT INTO object (kind, id, state, person, about, at, body) \
                 SELECT r.kind, r.id, r.state, r.who, r.about, r.at, r.body FROM ",
                (kind text, id text, state text, who text, about text, at bigint, body text),
                "WHERE true ON CONFLICT (kind, id) DO NOTHING"
            ],
            args![json],
        )
        .await?;
    }
    Ok(())
}

/// Writes an object if there is none of its id; whether there was none.
async fn insert(conn: &mut Conn<'_>, row: Row) -> Result<bool, Error> {
    let sql = "INSERT INTO object (kind, id, state, person, about, at, body) VALUES ($1, $2, $3, $4, $5, $6, $7) \
               ON CONFLICT (kind, id) DO NOTHING";
    let args = args![row.kind, row.id, row.state, row.who, row.about, row.at, row.body];
    Ok(conn.run(sql, args).await? > 0)
}

/// What became of an object that was to be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// It is written.
    New,
    /// There is another one of its id.
    Taken,
    /// Something that it was made of is gone.
    Gone,
}

/// What follows from a decision about something that waits.
#[derive(Clone, Debug)]
pub struct Decision {
    /// What was decided about, as it is from now on.
    pub object: Row,
    /// The state in which it still has to be.
    pub was: String,
    /// Lessons that count from now on.
    pub lessons: Vec<Lesson>,
    /// Lessons that no longer count.
    pub forget: Vec<String>,
    /// Other objects that change with it.
    pub also: Vec<Row>,
    /// Who decided what.
    pub act: Audit,
}

impl Store {
    /// Settles what waits, in one transaction; false, and nothing is changed, when somebody else was first.
    pub async fn settle(&self, decision: Decision) -> Result<bool, Error> {
        self.writer
            .other(move |conn| {
                Box::pin(async move {
                    let Decision { object: row, was, lessons, forget, also, act } = decision;
                    let sql = "UPDATE object SET state = $1, body = $2 WHERE kind = $3 AND id = $4 AND state = $5";
                    if conn.run(sql, args![row.state, row.body, row.kind, row.id, was]).await? == 0 {
                        return Ok(false);
                    }
                    for id in &forget {
                        retire(conn, id).await?;
                    }
                    for lesson in &lessons {
                        learn(conn, New::lesson(lesson), lesson.at, serde_json::to_string(lesson)?).await?;
                    }
                    write(conn, &also).await?;
                    audit(conn, &act).await?;
                    Ok(true)
                })
            })
            .await
    }

    /// Writes an object, in the place of an earlier one of its id.
    pub async fn put<T: Object>(&self, object: &T) -> Result<(), Error> {
        self.put_all(std::slice::from_ref(object)).await
    }

    /// Writes objects in one transaction.
    pub async fn put_all<T: Object>(&self, objects: &[T]) -> Result<(), Error> {
        let rows = objects.iter().map(Row::of).collect::<Result<Vec<_>, _>>()?;
        self.writer.other(move |conn| Box::pin(async move { write(conn, &rows).await })).await
    }

    /// Writes an object if the one that is there is still in this state; false when it is not.
    pub async fn put_if<T: Object>(&self, object: &T, state: &str) -> Result<bool, Error> {
        let (row, state) = (Row::of(object)?, state.to_owned());
        self.writer
            .other(move |conn| {
                Box::pin(async move {
                    let sql = "UPDATE object SET state = $1, person = $2, about = $3, body = $4 WHERE kind = $5 AND id = $6 AND state = $7";
                    let touched = conn.run(sql, args![row.state, row.who, row.about, row.body, row.kind, row.id, state]).await?;
                    Ok(touched > 0)
                })
            })
            .await
    }

    /// Writes an object if there is none of its id; false when there is one.
    pub async fn add<T: Object>(&self, object: &T) -> Result<bool, Error> {
        let row = Row::of(object)?;
        self.writer.other(move |conn| Box::pin(async move { insert(conn, row).await })).await
    }

    /// Writes an object that was made of examples, in one transaction with the look at whether they are all there still:
    /// whoever was forgotten in the meantime is in no object that is written after that. `people` are those whose words the
    /// examples hold.
    pub async fn add_made_of<T: Object>(
        &self,
        object: &T,
        examples: &[ExampleId],
        people: &[PersonId],
    ) -> Result<Added, Error> {
        let ids = |ids: &mut dyn Iterator<Item = &str>| {
            serde_json::to_string(&ids.map(|id| serde_json::json!({ "id": id })).collect::<Vec<_>>())
        };
        let (row, many) = (Row::of(object)?, i64::try_from(examples.len()).unwrap_or(i64::MAX));
        let examples = ids(&mut examples.iter().map(ExampleId::as_str))?;
        let people = ids(&mut people.iter().map(PersonId::as_str))?;
        self.writer
            .other(move |conn| {
                Box::pin(async move {
                    // Forgetting somebody changes their row, too: it is over before this, or waits for it.
                    let held =
                        sql!["SELECT id FROM person WHERE id IN (SELECT r.id FROM ", (id text), ") ORDER BY id", lock];
                    conn.rows::<(String,)>(held, args![people]).await?;
                    let there = sql![
                        "SELECT count(*) FROM object WHERE kind = 'example' AND id IN (SELECT r.id FROM ",
                        (id text),
                        ")"
                    ];
                    let there: Option<(i64,)> = conn.row(there, args![examples]).await?;
                    if there.is_none_or(|(there,)| there < many) {
                        return Ok(Added::Gone);
                    }
                    Ok(if insert(conn, row).await? { Added::New } else { Added::Taken })
                })
            })
            .await
    }

    /// An object.
    pub async fn object<T: Object>(&self, id: &str) -> Result<Option<T>, Error> {
        let sql = "SELECT body FROM object WHERE kind = $1 AND id = $2";
        let found: Option<(String,)> = self.pool.row(sql, args![T::KIND, id]).await?;
        found.map(|(body,)| Ok(serde_json::from_str(&body)?)).transpose()
    }

    /// The latest objects, in one state or (empty) in any, before an id or (empty) from the last one on.
    pub async fn latest<T: Object>(&self, state: &str, before: &str, limit: u32) -> Result<Vec<T>, Error> {
        let sql = "SELECT body FROM object WHERE kind = $1 AND ($2 = '' OR state = $2) AND ($3 = '' OR id < $3) ORDER BY id DESC LIMIT $4";
        parsed(self.pool.rows(sql, args![T::KIND, state, before, limit]).await?)
    }

    /// Objects in the order of their ids after one, in one state or (empty) in any.
    pub async fn after<T: Object>(&self, state: &str, after: &str, limit: u32) -> Result<Vec<T>, Error> {
        let sql =
            "SELECT body FROM object WHERE kind = $1 AND ($2 = '' OR state = $2) AND id > $3 ORDER BY id LIMIT $4";
        parsed(self.pool.rows(sql, args![T::KIND, state, after, limit]).await?)
    }

    /// The latest objects of a key.
    pub async fn about<T: Object>(&self, key: &str, limit: u32) -> Result<Vec<T>, Error> {
        let sql = "SELECT body FROM object WHERE kind = $1 AND about = $2 AND about <> '' ORDER BY id DESC LIMIT $3";
        parsed(self.pool.rows(sql, args![T::KIND, key, limit]).await?)
    }

    /// The objects of a person, by id.
    pub async fn of_person<T: Object>(&self, person: &str, limit: u32) -> Result<Vec<T>, Error> {
        let sql = "SELECT body FROM object WHERE kind = $1 AND person = $2 ORDER BY id LIMIT $3";
        parsed(self.pool.rows(sql, args![T::KIND, person, limit]).await?)
    }

    /// How many objects of a kind are in each state.
    pub async fn count<T: Object>(&self) -> Result<BTreeMap<String, i64>, Error> {
        let sql = "SELECT state, count(*) FROM object WHERE kind = $1 GROUP BY state";
        Ok(self.pool.rows(sql, args![T::KIND]).await?.into_iter().collect())
    }

    /// How many examples whose ids begin so are in each state.
    pub async fn examples_of(&self, begins: &str) -> Result<BTreeMap<String, i64>, Error> {
        let sql = "SELECT state, count(*) FROM object WHERE kind = 'example' AND id >= $1 AND id < $2 GROUP BY state";
        Ok(self.pool.rows(sql, args![begins, format!("{begins}{LAST}")]).await?.into_iter().collect())
    }

    /// How many objects of a kind somebody made since a moment.
    pub async fn made_by<T: Object>(&self, person: &str, since: domain::ids::Millis) -> Result<i64, Error> {
        let sql = "SELECT count(*) FROM object WHERE kind = $1 AND person = $2 AND person <> '' AND at >= $3";
        let found: Option<(i64,)> = self.pool.row(sql, args![T::KIND, person, since]).await?;
        Ok(found.map_or(0, |(count,)| count))
    }

    /// Removes objects of a kind that were made before a moment.
    pub async fn expire<T: Object>(&self, before: domain::ids::Millis) -> Result<(), Error> {
        let sql = "DELETE FROM object WHERE kind = $1 AND at < $2";
        self.writer
            .other(move |conn| Box::pin(async move { conn.run(sql, args![T::KIND, before]).await.map(drop) }))
            .await
    }

    /// Removes objects of a kind that are in a state and were made before a moment.
    pub async fn expire_in<T: Object>(&self, state: &'static str, before: domain::ids::Millis) -> Result<(), Error> {
        let sql = "DELETE FROM object WHERE kind = $1 AND state = $2 AND at < $3";
        self.writer
            .other(move |conn| Box::pin(async move { conn.run(sql, args![T::KIND, state, before]).await.map(drop) }))
            .await
    }

    /// Removes objects.
    pub async fn remove<T: Object>(&self, ids: &[String]) -> Result<(), Error> {
        let json = serde_json::to_string(&ids.iter().map(|id| serde_json::json!({ "id": id })).collect::<Vec<_>>())?;
        self.writer
            .other(move |conn| {
                Box::pin(async move {
                    let delete = sql![
                        "DELETE FROM object WHERE kind = $2 AND id IN (SELECT r.id FROM ",
                        (id text),
                        ")"
                    ];
                    conn.run(delete, args![json, T::KIND]).await.map(drop)
                })
            })
            .await
    }

    /// Takes in lessons with the examples that they come from, in one transaction; what is there already stays.
    pub async fn take_in(&self, lessons: Vec<Lesson>, examples: Vec<Row>) -> Result<(), Error> {
        self.writer
            .other(move |conn| {
                Box::pin(async move {
                    add(conn, &examples).await?;
                    for lesson in &lessons {
                        learn(conn, New::lesson(lesson), lesson.at, serde_json::to_string(lesson)?).await?;
                    }
                    Ok(())
                })
            })
            .await
    }

    /// Takes in a text; one of its id that is there already stays.
    pub async fn read_in(&self, document: Document) -> Result<(), Error> {
        self.writer
            .other(move |conn| {
                Box::pin(async move {
                    let body = serde_json::to_string(&document)?;
                    learn(conn, New::document(&document), document.at, body).await
                })
            })
            .await
    }

    /// Takes back everything whose id begins so: lessons, texts and examples.
    pub async fn take_back(&self, begins: &str) -> Result<(), Error> {
        let (from, to) = (begins.to_owned(), format!("{begins}{LAST}"));
        self.writer
            .other(move |conn| {
                Box::pin(async move {
                    let sql = "SELECT id FROM knowledge WHERE id >= $1 AND id < $2 AND retired = 0";
                    let taught: Vec<(String,)> = conn.rows(sql, args![&from, &to]).await?;
                    for (id,) in taught {
                        retire(conn, &id).await?;
                    }
                    let sql = "DELETE FROM object WHERE kind = 'example' AND id >= $1 AND id < $2";
                    conn.run(sql, args![from, to]).await.map(drop)
                })
            })
            .await
    }

    /// Which release answers whom.
    pub async fn routing(&self) -> Result<Routing, Error> {
        let found = self.setting(ROUTING).await?;
        found.map_or_else(|| Ok(Routing::default()), |text| Ok(serde_json::from_str(&text)?))
    }

    /// Changes which release answers whom, together with the releases that this moves; false when somebody else
    /// changed it in between. Every process hears of it with its next turn.
    pub async fn route(&self, was: u64, routing: &Routing, moved: Vec<Row>, act: Audit) -> Result<bool, Error> {
        let text = serde_json::to_string(routing)?;
        self.writer
            .other(move |conn| {
                Box::pin(async move {
                    conn.run(
                        "INSERT INTO setting (name, value) VALUES ($1, '{}') ON CONFLICT (name) DO NOTHING",
                        args![ROUTING],
                    )
                    .await?;
                    let held = sql!["SELECT value FROM setting WHERE name = $1 ", lock];
                    let now: Option<(String,)> = conn.row(held, args![ROUTING]).await?;
                    let now: Routing = serde_json::from_str(&now.map(|(text,)| text).unwrap_or_default())?;
                    if now.revision != was {
                        return Ok(false);
                    }
                    conn.run("UPDATE setting SET value = $2 WHERE name = $1", args![ROUTING, text]).await?;
                    write(conn, &moved).await?;
                    audit(conn, &act).await?;
                    changed(conn, ROUTING).await?;
                    Ok(true)
                })
            })
            .await
    }
}

fn parsed<T: Object>(found: Vec<(String,)>) -> Result<Vec<T>, Error> {
    found.into_iter().map(|(body,)| Ok(serde_json::from_str(&body)?)).collect()
}
