//! Summaries of what fell out of a conversation's context. The raw log stays for ever; a summary is
//! only what a model is told of it.

use crate::bot::{Bot, now};
use crate::think::EMBEDDED;
use domain::chat::{ChatRequest, Role, Turn};
use domain::exchange::LogEntry;
use domain::ids::ConversationId;
use domain::person::Lang;
use domain::text;
use domain::work::Work;
use models::{ModelName, tokens};
use store::Record;
use tokio_util::sync::CancellationToken;

/// Most log entries that one summary reads.
const MOST_ENTRIES: u32 = 200;
/// Most tokens a summary may have.
const LONGEST: u32 = 400;

/// Writes the summary of a conversation up to a log entry.
pub async fn write(
    bot: &Bot,
    work: &Work,
    conversation: &ConversationId,
    upto: i64,
    lang: Lang,
    stop: &CancellationToken,
) -> anyhow::Result<Record> {
    let mut record =
        Record { owner: bot.owner.clone(), work: work.id, lane: work.lane.clone(), now: now(), ..Record::default() };
    let earlier = bot.store.summary(conversation).await?;
    let covered = earlier.as_ref().map_or(0, |(upto, _)| *upto);
    let entries = bot.store.history(conversation, Some(upto + 1), MOST_ENTRIES).await?;
    let fresh: Vec<_> = entries.into_iter().filter(|entry| entry.seq > covered).collect();
    let chain = chain(bot);
    if fresh.is_empty() || chain.is_empty() {
        return Ok(record);
    }
    let room = bot.settings.current().model.context_tokens as usize / 2;
    let request = request(&fresh, earlier.map(|(_, text)| text).as_deref(), room, lang);
    match bot.models.ask(&chain, &request, stop, &mut |_| {}).await {
        Ok(answer) => record.summary = Some((conversation.clone(), upto, answer.text)),
        // The next turns want one again; nobody waits for this one.
        Err(failure) => tracing::warn!(%failure, "no summary this time"),
    }
    Ok(record)
}

fn chain(bot: &Bot) -> Vec<ModelName> {
    let chain = bot.settings.current().model.chain.clone();
    chain.iter().take_while(|name| *name != EMBEDDED).filter_map(|name| name.parse().ok()).collect()
}

fn request(entries: &[LogEntry], earlier: Option<&str>, room: usize, lang: Lang) -> ChatRequest {
    let mut left = room;
    let mut lines = Vec::new();
    for entry in entries.iter().rev() {
        let who = if entry.role == Role::Assistant { "assistant" } else { entry.name.as_str() };
        let line = format!("{who}: {}", entry.text);
        let Some(rest) = left.checked_sub(tokens::count(&line)) else { break };
        left = rest;
        lines.push(line);
    }
    lines.extend(earlier.map(|text| format!("{} {text}", text::say(lang, "prompt-summary"))));
    lines.reverse();
    let content = format!("{}\n\n{}", lines.join("\n"), text::say(lang, "prompt-summarise"));
    ChatRequest { turns: vec![Turn::new(Role::User, content)], max_tokens: Some(LONGEST), temperature: None }
}
