//! `/delete` in reply to a message of the bot takes it back: for oneself in private, for whoever asked in a group.

use crate::media::draw;
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
    let own = whose(turn, &message.message).await?.is_none_or(|person| person == turn.person.id);
    if turn.in_group() && !own && turn.standing < Standing::Owner {
        return say(turn, "delete-not-yours");
    }
    match (&turn.bot.telegram, turn.incoming.place.channel) {
        (Some(telegram), Channel::Telegram) => {
            match telegram.delete_message(&turn.incoming.place, &message.message).await {
                Ok(()) => Ok(()),
                Err(failure @ (Failure::Refused { .. } | Failure::Gone(_))) => {
                    tracing::info!(%failure, "a message stays");
                    say(turn, "delete-too-late")
                }
                Err(failure) => Err(failure.into()),
            }
        }
        _ => say(turn, "delete-not-here"),
    }
}

/// For whom a message was written; none for notices, which are nobody's.
async fn whose(turn: &Turn<'_>, message: &MessageId) -> anyhow::Result<Option<PersonId>> {
    if let Some(exchange) = turn.bot.store.exchange_of(&turn.conversation(), message).await? {
        return Ok(Some(exchange.person));
    }
    match turn.bot.store.noted_as(&turn.conversation(), message).await? {
        Some(card) => draw::asked_by(turn.bot, card.as_str()).await,
        None => Ok(None),
    }
}

fn say(turn: &mut Turn<'_>, key: &str) -> anyhow::Result<()> {
    let text = turn.text(key);
    turn.reply(text);
    Ok(())
}
