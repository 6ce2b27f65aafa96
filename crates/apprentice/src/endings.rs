//! Looks once a day whether a provider is about to take away a model that is in use, and tells the
//! owners: once per model and date, weeks before it happens.

use crate::bot::{Bot, now};
use crate::notice;
use domain::ids::Millis;
use jiff::civil::Date;
use models::ModelInfo;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often it is looked.
const DAILY: Duration = Duration::from_secs(24 * 60 * 60);
/// So many days before the end the owners are told.
pub(crate) const SOON_DAYS: i64 = 60;

/// Looks now and then daily, until `shutdown`.
pub(crate) async fn watch(bot: Bot, shutdown: CancellationToken) {
    loop {
        if let Err(error) = look(&bot).await {
            tracing::warn!(error = format!("{error:#}"), "the owners could not be told of a model's end");
        }
        tokio::select! {
            () = tokio::time::sleep(DAILY) => {}
            () = shutdown.cancelled() => return,
        }
    }
}

async fn look(bot: &Bot) -> anyhow::Result<()> {
    for name in &bot.settings.current().model.chain {
        let Some((provider, model)) = name.split_once('/').filter(|(_, model)| *model != "*") else { continue };
        // A provider that cannot be asked today can be asked tomorrow.
        let listed = bot.models.list(provider).await.unwrap_or_default();
        let Some((date, days)) = listed.iter().find(|info| info.id == model).and_then(|info| end(info, now())) else {
            continue;
        };
        if days > SOON_DAYS {
            continue;
        }
        tracing::warn!(model = name, %date, days, "the provider ends this model");
        let args = [("model", name.clone()), ("date", date.to_string()), ("days", days.to_string())];
        let notices = notice::to_owners(bot, "model-ends", &args, &format!("ends:{name}:{date}"), now()).await?;
        bot.store.accept(notices).await?;
    }
    Ok(())
}

/// When a model ends, and in how many days.
pub(crate) fn end(model: &ModelInfo, now: Millis) -> Option<(Date, i64)> {
    let day: Date = model.shutdown_date.as_deref()?.get(..10)?.parse().ok()?;
    let today = jiff::Timestamp::from_millisecond(now.0).ok()?.to_zoned(jiff::tz::TimeZone::UTC).date();
    Some((day, i64::from((day - today).get_days())))
}
