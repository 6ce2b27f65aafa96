//! Asked in passing: in any chat a person types the bot's name and a question, and chooses an answer to be sent as their
//! own message. People type on, so only the last of what waits is answered, and the same words are answered from memory.

use crate::answer::Question;
use crate::learn::lessons::one_line;
use crate::think;
use crate::turn::Turn;
use channels::telegram::{InlineButton, InlineResult};
use domain::ids::MessageId;
use domain::incoming::{Act, Incoming};
use domain::work::Job;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long is waited for the person to type on.
const TYPED_ON: Duration = Duration::from_millis(700);
/// How long an answer may take: Telegram forgets the query soon after.
const WITHIN: Duration = Duration::from_secs(9);
/// How long an answer is kept.
const KEPT: Duration = Duration::from_secs(300);
/// Most answers that are kept.
const MOST: usize = 2_000;
/// Seconds for which Telegram keeps an answer for the same person.
const CACHED_S: u32 = 60;
/// Longest question, characters; Telegram takes 256.
const LONGEST: usize = 256;
/// Characters of an answer that are shown in the list.
const SHOWN: usize = 120;

/// Answers that were given lately, by who asked what of which release.
#[derive(Debug, Default)]
pub struct Given(Mutex<HashMap<String, (Instant, String)>>);

impl Given {
    fn get(&self, key: &str) -> Option<String> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(key).filter(|(at, _)| at.elapsed() < KEPT).map(|(_, answer)| answer.clone())
    }

    fn put(&self, key: String, answer: String) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST {
            kept.retain(|_, (at, _)| at.elapsed() < KEPT);
        }
        if kept.len() < MOST {
            kept.insert(key, (Instant::now(), answer));
        }
    }
}

/// Answers what was asked in passing, unless something newer waits.
pub async fn answer(turn: &mut Turn<'_>, query: &str, text: &str) -> anyhow::Result<()> {
    let Some(telegram) = turn.bot.telegram.clone() else { return Ok(()) };
    let button = InlineButton { label: turn.text("inline-open"), start: "inline".to_owned() };
    let text = text.trim();
    if text.is_empty() {
        telegram.answer_inline(query, &[], CACHED_S, true, Some(&button)).await?;
        return Ok(());
    }
    if typed_on(turn).await? {
        return Ok(());
    }
    let text: String = text.chars().take(LONGEST).collect();
    let revision = turn.bot.knowledge.revision();
    let key = format!("{}\n{revision}\n{text}", turn.person.id);
    let answer = match turn.bot.given.get(&key) {
        Some(answer) => Some(answer),
        None => thought(turn, &text).await?,
    };
    let results = answer.iter().map(|answer| result(turn, query, &text, answer)).collect::<Vec<_>>();
    if let Some(answer) = answer {
        turn.bot.given.put(key, answer);
    }
    // What could not be answered now may be answered in a moment.
    let cached = if results.is_empty() { 0 } else { CACHED_S };
    telegram.answer_inline(query, &results, cached, true, Some(&button)).await?;
    Ok(())
}

/// Whether something newer waits: already, when the person typed while others were looked at, or after a moment.
async fn typed_on(turn: &Turn<'_>) -> anyhow::Result<bool> {
    if newer_waits(turn).await? {
        return Ok(true);
    }
    tokio::time::sleep(TYPED_ON).await;
    newer_waits(turn).await
}

async fn newer_waits(turn: &Turn<'_>) -> anyhow::Result<bool> {
    let next = turn.bot.store.following(&turn.record.lane, turn.record.work).await?;
    let asks = |incoming: &Incoming| matches!(incoming.act, Act::Inline { .. });
    Ok(matches!(next, Some(Job::Handle { incoming, .. }) if asks(&incoming)))
}

async fn thought(turn: &mut Turn<'_>, text: &str) -> anyhow::Result<Option<String>> {
    let question = Question::plain(text.to_owned(), MessageId::default());
    let mut ignored = |_: &str| {};
    let asking = turn.asking();
    let thinking = think::think(&asking, &question, &mut ignored);
    let Ok(thought) = tokio::time::timeout(WITHIN, thinking).await else { return Ok(None) };
    let Ok(thought) = thought? else { return Ok(None) };
    turn.spent(&thought.model, thought.tokens);
    Ok(Some(thought.markdown).filter(|answer| !answer.trim().is_empty()))
}

fn result(turn: &Turn<'_>, query: &str, question: &str, answer: &str) -> InlineResult {
    InlineResult {
        id: blake3::hash(query.as_bytes()).to_hex().chars().take(32).collect(),
        title: turn.text_with("inline-answer", &[("question", one_line(question))]),
        markdown: format!("> {}\n\n{answer}", one_line(question)),
        description: one_line(answer).chars().take(SHOWN).collect(),
    }
}
