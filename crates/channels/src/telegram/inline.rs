//! Answers to what is asked in passing: results that become messages of the person who chooses one.

use super::deliver::parts;
use super::{Failure, Telegram};
use domain::{markdown, rich};
use serde_json::{Value, json};

/// Most results of an answer.
pub const MOST_RESULTS: usize = 50;
/// Most UTF-16 units of the title and of the description of a result; what is longer nobody sees.
const LONGEST_TITLE: usize = 256;

/// One result of what was asked in passing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InlineResult {
    /// Names it, 1–64 bytes, once in an answer.
    pub id: String,
    /// What is read in the list; not empty.
    pub title: String,
    /// The message that it becomes, Markdown; cut where it is too long for one message.
    pub markdown: String,
    /// What stands below the title, or empty.
    pub description: String,
}

/// A button above the results, which opens the private chat with the bot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InlineButton {
    /// What is read on it.
    pub label: String,
    /// What `/start` carries then: 1–64 of `A-Z`, `a-z`, `0-9`, `_` and `-`.
    pub start: String,
}

impl Telegram {
    /// Answers what was asked in passing, with at most [`MOST_RESULTS`] results. Too late is no error: the
    /// person has typed on, and asks anew.
    ///
    /// # Errors
    ///
    /// [`Failure::Refused`] for what breaks a rule, and those of any call.
    pub async fn answer_inline(
        &self,
        query: &str,
        results: &[InlineResult],
        cache_seconds: u32,
        personal: bool,
        button: Option<&InlineButton>,
    ) -> Result<(), Failure> {
        let results: Vec<Value> = results.iter().take(MOST_RESULTS).map(article).collect();
        let mut body = json!({
            "inline_query_id": query, "results": results, "cache_time": cache_seconds, "is_personal": personal,
        });
        if let (Some(button), Some(body)) = (button, body.as_object_mut()) {
            body.insert("button".to_owned(), json!({"text": button.label, "start_parameter": button.start}));
        }
        match self.0.api.call("answerInlineQuery", &body).await {
            Err(Failure::Refused { description }) if description.to_lowercase().contains("query is too old") => Ok(()),
            told => told.map(drop),
        }
    }
}

fn article(result: &InlineResult) -> Value {
    let rich = markdown::render(&result.markdown);
    let text = rich::split(&rich, parts::LONGEST).into_iter().next().unwrap_or_default();
    let mut text = parts::few_marks(text);
    if text.text.is_empty() {
        text.text = "…".to_owned();
    }
    let content = json!({
        "message_text": text.text, "entities": parts::entities(&text), "link_preview_options": {"is_disabled": true},
    });
    let mut article = json!({
        "type": "article", "id": result.id, "title": short(&result.title), "input_message_content": content,
    });
    if let Some(article) = article.as_object_mut().filter(|_| !result.description.is_empty()) {
        article.insert("description".to_owned(), json!(short(&result.description)));
    }
    article
}

fn short(text: &str) -> String {
    let mut units = 0;
    let fits = |c: &char| {
        units += c.len_utf16();
        units <= LONGEST_TITLE
    };
    text.chars().take_while(fits).collect()
}
