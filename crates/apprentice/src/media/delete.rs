//! `/delete` in reply to a message of the bot takes it back: for oneself in private, for whoever asked in a group.

use crate::turn::Turn;
use channels::telegram::Failure;
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
    let exchange = turn.bot.store.exchange_of(&turn.conversation(), &message.message).await?;
    let own = exchange.is_none_or(|exchange| exchange.person == turn.person.id);
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

fn say(turn: &mut Turn<'_>, key: &str) -> anyhow::Result<()> {
    let text = turn.text(key);
    turn.reply(text);
    Ok(())
}
