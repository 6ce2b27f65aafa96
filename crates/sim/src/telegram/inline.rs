//! Inline mode: what people ask in passing while they type the bot's name in any chat, the bot's answer,
//! checked as Telegram checks it, and the result that becomes a message.

use super::Told;
use super::message::Entity;
use super::params::Params;
use super::refusal::Refusal;
use super::talk::Talk;
use super::text;
use super::world::World;
use crate::fail;
use serde_json::Value;
use std::collections::HashSet;
use std::sync::Arc;

/// Most results of an answer.
const MOST: usize = 50;

/// What the bot answered in passing.
#[derive(Clone, Debug, PartialEq)]
pub struct InlineAnswer {
    /// The results, in order.
    pub results: Vec<InlineShown>,
    /// For how long the server may keep the answer, seconds.
    pub cache_seconds: i64,
    /// Whether it is kept for this person alone.
    pub personal: bool,
    /// The button above the results: its words, and what `/start` carries when it is pressed.
    pub button: Option<(String, String)>,
}

/// One result, as people see it before and after they choose it.
#[derive(Clone, Debug, PartialEq)]
pub struct InlineShown {
    /// The bot's name for it.
    pub id: String,
    /// Its title.
    pub title: String,
    /// What stands below the title.
    pub description: String,
    /// The text of the message that it becomes.
    pub text: String,
    /// Formatting of that text.
    pub entities: Vec<Entity>,
}

/// Something asked in passing.
#[derive(Clone)]
pub struct Inline {
    pub(super) talk: Talk,
    pub(super) id: String,
    pub(super) asked: String,
}

impl Inline {
    /// Waits for the bot's answer.
    pub async fn answer(&self) -> InlineAnswer {
        let shared = Arc::clone(&self.talk.shared);
        let deadline = tokio::time::Instant::now() + super::PATIENCE;
        let changed = self.talk.look(|room| Arc::clone(&room.changed));
        loop {
            let change = changed.notified();
            tokio::pin!(change);
            change.as_mut().enable();
            if let Some(answer) = shared.world().queries.get(&self.id).and_then(|query| query.answer.clone()) {
                return answer;
            }
            if tokio::time::timeout_at(deadline, change).await.is_err() {
                fail(&format!("what was asked in passing (`{}`) was not answered", self.asked));
            }
        }
    }
    /// Types on: an answer comes too late from now on.
    pub fn expire(&self) {
        if let Some(query) = self.talk.shared.world().queries.get_mut(&self.id) {
            query.expired = true;
        }
    }
    /// Waits for the answer and chooses the result of that name or title, which becomes a message in the chat;
    /// its number.
    pub async fn choose(&self, result: &str) -> i64 {
        let answer = self.answer().await;
        match answer.results.iter().find(|shown| shown.id == result || shown.title == result) {
            Some(shown) => self.talk.chose(&self.asked, shown),
            None => fail(&format!("no result `{result}` in {answer:?}")),
        }
    }
}

/// `answerInlineQuery`.
pub(super) fn answer(world: &mut World, params: &Params) -> Told {
    let results = params.list("results").unwrap_or_default();
    if results.len() > MOST {
        return Err(Refusal::bad("RESULTS_TOO_MUCH"));
    }
    let ids: HashSet<&str> = results.iter().filter_map(|result| result.get("id")?.as_str()).collect();
    if ids.len() < results.len() {
        return Err(Refusal::bad("RESULT_ID_DUPLICATE"));
    }
    let shown = results.iter().map(|result| read(world, result)).collect::<Result<Vec<_>, _>>()?;
    let answer = InlineAnswer {
        results: shown,
        cache_seconds: params.int("cache_time").unwrap_or(300),
        personal: params.flag("is_personal"),
        button: button(params)?,
    };
    let id = params.text("inline_query_id").unwrap_or_default();
    let query = world.queries.get_mut(id).filter(|query| !query.expired);
    let Some(query) = query else {
        return Err(Refusal::bad("query is too old and response timeout expired or query ID is invalid"));
    };
    query.answer.get_or_insert(answer);
    let chat = query.chat;
    world.room(chat)?.changed.notify_waiters();
    Ok("true".to_owned())
}

fn read(world: &mut World, result: &Value) -> Result<InlineShown, Refusal> {
    let word = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    if word(result, "type") != "article" {
        return Err(Refusal::new(501, "Not Implemented: the simulator shows articles alone"));
    }
    let content = result.get("input_message_content").cloned().unwrap_or_default();
    if content.get("parse_mode").is_some() {
        world.violation("answerInlineQuery: parse_mode: entities are expected instead".to_owned());
    }
    let accepted = text::accept(&word(&content, "message_text"), content.get("entities"));
    let (text, entities) = accepted.map_err(|told| {
        world.violation(format!("answerInlineQuery: entities: {told}"));
        Refusal::bad("RESULT_TYPE_INVALID")
    })?;
    if text.is_empty() {
        return Err(Refusal::bad("message text is empty"));
    }
    let title = word(result, "title");
    if title.trim().is_empty() {
        return Err(Refusal::bad("ARTICLE_TITLE_EMPTY"));
    }
    Ok(InlineShown { id: word(result, "id"), title, description: word(result, "description"), text, entities })
}

fn button(params: &Params) -> Result<Option<(String, String)>, Refusal> {
    let Some(button) = params.get("button") else { return Ok(None) };
    let word = |name: &str| button.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let start = word("start_parameter");
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if start.is_empty() || !start.chars().all(fits) {
        return Err(Refusal::bad("START_PARAM_INVALID"));
    }
    Ok(Some((word("text"), start)))
}
