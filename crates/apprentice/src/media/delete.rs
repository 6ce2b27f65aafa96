//! `/delete` in reply to a message of the bot takes it back with all its parts: in private for oneself; in a group for
//! whoever asked or spoke, and what nobody is known to have asked for, for the owner alone.

use crate::media::{draw, transcript};
use crate::turn::Turn;
use channels::telegram::Failure;
use domain::ids::{MessageId, PersonId};
use domain::incoming::Channel;
use domain::person::Standing;

/// `/delete`
pub async fn command(turn: &mut Turn<'_>) -> anyhow::Result<()> {
    let Some(message) = turn.message().and_then(|message| message.reply_to.clone()) else {
        return say(turn, "delete-usage");
    };
    if !message.ours {
        return say(turn, "delete-not-mine");
    }
    let Written { by, parts } = written(turn, &message.message).await?;
    if turn.in_group() && by.as_ref() != Some(&turn.person.id) && turn.standing < Standing::Owner {
        return say(turn, "delete-not-yours");
    }
    match (&turn.bot.telegram, turn.incoming.place.channel) {
        (Some(telegram), Channel::Telegram) => {
            for part in parts {
                match telegram.delete_message(&turn.incoming.place, &part).await {
                    Ok(()) => {}
                    Err(failure @ (Failure::Refused { .. } | Failure::Gone(_))) => {
                        tracing::info!(%failure, "a message stays");
                        return say(turn, "delete-too-late");
                    }
                    Err(failure) => return Err(failure.into()),
                }
            }
            Ok(())
        }
        _ => say(turn, "delete-not-here"),
    }
}

/// What a message of ours belongs to.
struct Written {
    /// For whom it was written; none where nobody knows, as of notices.
    by: Option<PersonId>,
    /// This message, and the others of the same answer or card.
    parts: Vec<MessageId>,
}

async fn written(turn: &Turn<'_>, message: &MessageId) -> anyhow::Result<Written> {
    let (store, conversation) = (&turn.bot.store, turn.conversation());
    // Notices are noted under no id: they are no parts of one another.
    let noted = store.noted_as(&conversation, message).await?.filter(|noted| !noted.as_str().is_empty());
    let Some(noted) = noted else { return Ok(Written { by: None, parts: vec![message.clone()] }) };
    let by = match store.exchange(&noted).await? {
        Some(exchange) => Some(exchange.person),
        None => match draw::asked_by(turn.bot, noted.as_str()).await? {
            Some(person) => Some(person),
            None => transcript::spoken_by(turn.bot, &conversation, noted.as_str()).await?,
        },
    };
    let others = store.shown(&noted).await?.into_iter().filter(|part| part != message);
    Ok(Written { by, parts: std::iter::once(message.clone()).chain(others).collect() })
}

fn say(turn: &mut Turn<'_>, key: &str) -> anyhow::Result<()> {
    let text = turn.text(key);
    turn.reply(text);
    Ok(())
}
