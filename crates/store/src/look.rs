//! The look that a batch takes first: the lanes it is about, locked; the items it changes; the keys
//! it brings that are known already.

use crate::Error;
use crate::batch::Verb;
use crate::engine::{Conn, args};
use crate::lanes::{self, Lanes};
use domain::work::NewWork;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeSet, HashMap, HashSet};

/// What is there before a batch changes anything.
pub(crate) struct Look {
    pub(crate) lanes: Lanes,
    pub(crate) items: HashMap<i64, Item>,
    pub(crate) keys: HashSet<String>,
}

/// An item that a batch is about.
pub(crate) struct Item {
    pub(crate) lane: String,
    pub(crate) open: bool,
    /// Whether it has become its delivery.
    pub(crate) answered: bool,
}

/// An item's columns: id, lane, state, answered.
type Row = (i64, String, String, i64);

/// What a batch names: lanes, items, dedupe keys; each as JSON.
struct Named {
    lanes: String,
    items: String,
    keys: String,
    /// Whether there is any item, any key.
    any: (bool, bool),
}

impl Named {
    fn by(verbs: &[&Verb]) -> Result<Self, Error> {
        let new = |verb: &&&Verb| -> Vec<String> {
            let items: &[NewWork] = match verb {
                Verb::Accept(items) => items,
                Verb::Record(record) => &record.also,
                _ => &[],
            };
            items.iter().map(|item| item.dedupe.clone()).collect()
        };
        let lanes: BTreeSet<&str> = verbs.iter().flat_map(|verb| verb.lanes()).map(|lane| lane.as_str()).collect();
        let items: Vec<i64> = verbs.iter().filter_map(|verb| verb.item()).collect();
        let keys: Vec<String> = verbs.iter().flat_map(|verb| new(&verb)).collect();
        let any = (!items.is_empty(), !keys.is_empty());
        Ok(Self { lanes: json(&lanes)?, items: json(&items)?, keys: json(&keys)?, any })
    }

    fn is_empty(&self) -> bool {
        self.lanes == "[]" && !self.any.0 && !self.any.1
    }
}

fn json(value: &impl Serialize) -> Result<String, Error> {
    Ok(serde_json::to_string(value)?)
}

impl Look {
    /// Locks the lanes that a batch is about, until the end of the transaction, and looks.
    pub(crate) async fn at(conn: &mut Conn<'_>, verbs: &[&Verb]) -> Result<Self, Error> {
        let named = Named::by(verbs)?;
        let (lanes, items, keys) = match (named.is_empty(), conn.is_shared()) {
            (true, _) => Default::default(),
            (false, false) => at_once(conn, named).await?,
            (false, true) => locking(conn, named).await?,
        };
        let item =
            |(id, lane, state, answered): Row| (id, Item { lane, open: state == "open", answered: answered != 0 });
        Ok(Self {
            lanes: Lanes::of(lanes),
            items: items.into_iter().map(item).collect(),
            keys: keys.into_iter().collect(),
        })
    }
}

type Found = (Vec<lanes::Row>, Vec<Row>, Vec<String>);

/// SQLite: one question, because nobody else writes.
async fn at_once(conn: &mut Conn<'_>, named: Named) -> Result<Found, Error> {
    let sql = "SELECT (SELECT json_group_array(json_array(name, pending, due_at, owner, attempts, cancel)) FROM lane WHERE name IN \
               (SELECT value FROM json_each($1) UNION ALL SELECT lane FROM work WHERE id IN (SELECT value FROM json_each($2)))), \
               (SELECT json_group_array(json_array(id, lane, state, answered)) FROM work WHERE id IN (SELECT value FROM json_each($2))), \
               (SELECT json_group_array(dedupe) FROM work WHERE dedupe IN (SELECT value FROM json_each($3)))";
    let found: Option<(String, String, String)> = conn.row(sql, args![named.lanes, named.items, named.keys]).await?;
    let (lanes, items, keys) = found.ok_or(Error::NotFound)?;
    Ok((read(&lanes)?, read(&items)?, read(&keys)?))
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    Ok(serde_json::from_str(text)?)
}

/// PostgreSQL: first the locks, in the order of names, then what they protect.
async fn locking(conn: &mut Conn<'_>, named: Named) -> Result<Found, Error> {
    let lanes = lanes::lock(conn, &named.lanes, &named.items).await?;
    let items = match named.any.0 {
        true => {
            let sql = "SELECT id, lane, state, answered FROM work WHERE id IN \
                       (SELECT CAST(value AS BIGINT) FROM json_array_elements_text($1::json))";
            conn.rows(sql, args![named.items]).await?
        }
        false => Vec::new(),
    };
    let keys: Vec<(String,)> = match named.any.1 {
        true => {
            let sql = "SELECT dedupe FROM work WHERE dedupe IN (SELECT value FROM json_array_elements_text($1::json))";
            conn.rows(sql, args![named.keys]).await?
        }
        false => Vec::new(),
    };
    Ok((lanes, items, keys.into_iter().map(|(key,)| key).collect()))
}
