//! Being taught: corrections by reply, by command and by button, questions with answers, files.
//!
//! What is taught is stored with who taught it, what it corrects and whom it counts for, and it
//! counts in the very next answer.

use crate::learn::lessons;
use crate::turn::Turn;
use domain::correction;
use domain::example::{Datum, Origin as DatumOrigin};
use domain::exchange::{Exchange, Feedback, Opinion};
use domain::ids::{ExchangeId, MessageId};
use domain::incoming::Message;

/// Takes a message that says how an answer should have been; false when it says no such thing.
pub async fn by_reply(turn: &mut Turn<'_>, message: &Message) -> anyhow::Result<bool> {
    let replies = message.reply_to.as_ref().is_some_and(|reply| reply.ours);
    let read = if replies { correction::in_reply } else { correction::correction };
    let Some(right) = read(&message.text) else { return Ok(false) };
    let exchange = match &message.reply_to {
        Some(reply) if reply.ours => turn.bot.store.exchange_of(&turn.conversation(), &reply.message).await?,
        Some(_) => None,
        // In private nobody else can be meant; in a group only a reply says which answer.
        None if !turn.in_group() => turn.bot.store.last_exchange(&turn.conversation()).await?,
        None => None,
    };
    let Some(exchange) = exchange else { return Ok(false) };
    correct(turn, exchange, right).await?;
    Ok(true)
}

/// `/correct [message] right answer`
pub async fn correct_command(turn: &mut Turn<'_>, argument: &str) -> anyhow::Result<()> {
    let (exchange, right) = which(turn, argument).await?;
    match exchange {
        _ if right.trim().is_empty() => reply(turn, "correct-usage"),
        Some(exchange) => correct(turn, exchange, right).await?,
        None => reply(turn, "correct-nothing"),
    }
    Ok(())
}

/// The answer that is meant, and the right one: that of the named message, of the one replied to, or the last.
async fn which(turn: &Turn<'_>, argument: &str) -> anyhow::Result<(Option<Exchange>, String)> {
    let (first, rest) = argument.split_once(char::is_whitespace).unwrap_or((argument, ""));
    // A number alone is a right answer; an exchange's id never is.
    if let Some(exchange) = named(turn, first).await?
        && (!rest.trim().is_empty() || exchange.id.as_str() == first)
    {
        return Ok((Some(exchange), rest.trim().to_owned()));
    }
    Ok((replied_or_last(turn).await?, argument.trim().to_owned()))
}

/// The answer of this conversation that an exchange's id or a message's number names.
pub async fn named(turn: &Turn<'_>, word: &str) -> anyhow::Result<Option<Exchange>> {
    let conversation = turn.conversation();
    let here = |exchange: &Exchange| exchange.conversation == conversation;
    if let Some(exchange) = turn.bot.store.exchange(&ExchangeId::from(word)).await?.filter(here) {
        return Ok(Some(exchange));
    }
    match !word.is_empty() && word.chars().all(|c| c.is_ascii_digit()) {
        true => Ok(turn.bot.store.exchange_of(&conversation, &MessageId::from(word)).await?),
        false => Ok(None),
    }
}

/// The answer that the message replies to, or the last one.
pub async fn replied_or_last(turn: &Turn<'_>) -> anyhow::Result<Option<Exchange>> {
    let conversation = turn.conversation();
    match turn.message().and_then(|message| message.reply_to.as_ref()).filter(|reply| reply.ours) {
        Some(reply) => Ok(turn.bot.store.exchange_of(&conversation, &reply.message).await?),
        None => Ok(turn.bot.store.last_exchange(&conversation).await?),
    }
}

async fn correct(turn: &mut Turn<'_>, exchange: Exchange, right: String) -> anyhow::Result<()> {
    let opinion = Opinion::Correction { text: right.clone() };
    turn.record.feedback.push(Feedback {
        exchange: Some(exchange.id.clone()),
        conversation: turn.conversation(),
        person: turn.person.id.clone(),
        opinion,
        at: turn.now,
    });
    let datum = Datum {
        question: exchange.question.clone(),
        chosen: Some(right),
        rejected: Some(exchange.answer_itself().to_owned()).filter(|answer| !answer.trim().is_empty()),
        ..Datum::default()
    };
    lessons::teach(turn, datum, DatumOrigin::Correction, Some(&exchange)).await
}

/// `/teach question => answer`, `/teach everyone id`
pub async fn teach_command(turn: &mut Turn<'_>, argument: &str) -> anyhow::Result<()> {
    if let Some(id) = argument.strip_prefix("everyone ").map(str::trim).filter(|id| !id.contains(char::is_whitespace)) {
        return lessons::suggest(turn, id).await;
    }
    match correction::teach(argument) {
        Some((question, answer)) => {
            lessons::teach(turn, Datum::of(question, answer), DatumOrigin::Demonstration, None).await?;
        }
        None => reply(turn, "teach-usage"),
    }
    Ok(())
}

fn reply(turn: &mut Turn<'_>, key: &str) {
    let text = turn.text(key);
    turn.reply(text);
}
