//! Intake from the platforms: what arrives is committed as work before the platform is told so.

use crate::bot::{Bot, now};
use crate::media::{album, speak};
use crate::settings::{Arrival, WhenBusy};
use crate::{menus, refusal};
use channels::telegram::{AcceptError, Failure, Telegram};
use domain::ids::{ConversationId, Millis};
use domain::incoming::{Act, ChatKind, Incoming, Message};
use domain::work::{Job, NewWork, Sent};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How long to wait before Telegram is tried again after it could not be reached at the start.
const AGAIN: Duration = Duration::from_secs(5);

/// Makes work items of what happened, and commits them.
pub async fn accept(bot: &Bot, happened: Vec<Incoming>) -> Result<Vec<bool>, store::Error> {
    let replace = bot.settings.current().turn.when_busy == WhenBusy::Replace;
    let items: Vec<NewWork> = happened.into_iter().map(|incoming| item(incoming, replace)).collect();
    let interrupting: Vec<_> =
        items.iter().map(|item| item.interrupts.then(|| (item.lane.clone(), item.dedupe.clone()))).collect();
    let fresh = bot.store.accept(items).await?;
    for ((lane, dedupe), _) in interrupting.into_iter().zip(&fresh).filter_map(|(i, fresh)| i.zip(fresh.then_some(())))
    {
        bot.running.interrupt(&lane, &dedupe);
        if speak::can(bot)
            && let Err(error) = speak::hush(bot, &ConversationId(lane.0)).await
        {
            tracing::warn!(error = format!("{error:#}"), "what is being said goes on beside a new question");
        }
    }
    Ok(fresh)
}

fn item(incoming: Incoming, replace: bool) -> NewWork {
    let wait = if is_in_album(&incoming) { album::WAIT_MS } else { 0 };
    NewWork {
        lane: incoming.lane(),
        dedupe: incoming.dedupe.clone(),
        not_before: now().plus(wait),
        interrupts: replace && interrupts(&incoming),
        job: Job::Handle { incoming: Box::new(incoming), shown: Sent::default() },
    }
}

/// A part of an album, whose other parts are on their way.
fn is_in_album(incoming: &Incoming) -> bool {
    matches!(&incoming.act, Act::Said(message) if message.album.is_some())
}

/// What a message leads to after itself: handled in its lane as if it had come once more, changed.
pub fn again(mut incoming: Incoming, why: &str, now: Millis) -> NewWork {
    incoming.dedupe = format!("{}:{why}", incoming.dedupe);
    NewWork {
        lane: incoming.lane(),
        dedupe: incoming.dedupe.clone(),
        job: Job::Handle { incoming: Box::new(incoming), shown: Sent::default() },
        not_before: now,
        interrupts: false,
    }
}

/// A question that comes while another is being answered, where nobody else is talking.
fn interrupts(incoming: &Incoming) -> bool {
    let asks = |message: &Message| message.album.is_none() && !message.text.trim_start().starts_with('/');
    incoming.place.kind == ChatKind::Private && matches!(&incoming.act, Act::Said(message) if asks(message))
}

/// As [`accept`], for a platform that brings again what was not taken.
pub async fn accept_or_say(bot: &Bot, happened: Vec<Incoming>) -> Result<(), AcceptError> {
    match accept(bot, happened.clone()).await {
        Ok(_) => Ok(()),
        Err(error) => {
            refusal::tell(bot, &happened, &error).await;
            Err(AcceptError(error.to_string()))
        }
    }
}

/// Listens to Telegram until `shutdown`, when there is a token.
pub async fn telegram(bot: Bot, shutdown: CancellationToken) -> anyhow::Result<()> {
    let Some(telegram) = bot.telegram.clone() else { return Ok(()) };
    while !shutdown.is_cancelled() {
        match connected(&bot, &telegram, &shutdown).await {
            Ok(()) => return Ok(()),
            // A wrong token does not get right by waiting, but the page should go on.
            Err(Failure::Unauthorized) => {
                tracing::error!("Telegram does not know the token: get one from @BotFather and set TELEGRAM_TOKEN");
                return Ok(());
            }
            Err(error) => tracing::warn!(%error, "Telegram cannot be reached"),
        }
        tokio::select! {
            () = tokio::time::sleep(AGAIN) => {}
            () = shutdown.cancelled() => {}
        }
    }
    Ok(())
}

async fn connected(bot: &Bot, telegram: &Telegram, shutdown: &CancellationToken) -> Result<(), Failure> {
    let me = telegram.me().await?;
    tracing::info!(username = me.username, "Telegram is connected");
    menus::set(bot, telegram).await;
    match bot.settings.current().telegram.mode {
        Arrival::Webhook => by_webhook(bot, telegram, shutdown).await,
        Arrival::Polling => {
            telegram.delete_webhook().await?;
            telegram.poll(|happened| accept_or_say(bot, happened), shutdown.clone()).await
        }
    }
}

/// The routes are served with the page; here Telegram is only told where they are.
async fn by_webhook(bot: &Bot, telegram: &Telegram, shutdown: &CancellationToken) -> Result<(), Failure> {
    telegram.set_webhook().await?;
    tracing::info!(base_url = bot.settings.current().base_url, "updates arrive by webhook");
    shutdown.cancelled().await;
    Ok(())
}
