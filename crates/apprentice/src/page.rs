//! The page and the machine's own paths on one listener: chat, health, readiness, webhook.

use crate::bot::{Bot, now};
use crate::learn::{compare, lessons, outcome, releases};
use crate::media::fetch;
use crate::{access, listen, stored};
use anyhow::Context as _;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use console::{Arriving, CommandInfo, Console, Keep, Kept, Largest, Learning, Outcomes, Unkept};
use domain::command;
use domain::ids::PersonId;
use domain::incoming::Incoming;
use domain::person::{Lang, Standing};
use futures::StreamExt as _;
use serde_json::json;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Telegram counts as heard from when a poll succeeded within this time, milliseconds.
const HEARD_WITHIN_MS: i64 = 120_000;
/// How long a login link is good, milliseconds: one day.
const LINK_GOOD_FOR_MS: i64 = 24 * 60 * 60 * 1000;

/// Takes the page's address.
pub async fn bind(bot: &Bot) -> anyhow::Result<TcpListener> {
    let address = bot.settings.current().listen;
    TcpListener::bind(address).await.with_context(|| format!("the page cannot listen on {address}"))
}

/// A link that logs the owner in, once.
pub async fn login_link(bot: &Bot, address: SocketAddr) -> anyhow::Result<String> {
    let owner = owner(bot).await?;
    let code = access::random_code()?;
    let expires = now().plus(LINK_GOOD_FOR_MS);
    bot.store.put_code(console::LOGIN, &console::hash_of(&code), expires, owner.as_str()).await?;
    let base = bot.settings.current().base_url.clone().unwrap_or_else(|| format!("http://{address}"));
    Ok(format!("{base}/login?code={code}"))
}

/// The owner; made at the first start.
async fn owner(bot: &Bot) -> anyhow::Result<PersonId> {
    if let Some(owner) = bot.store.owner().await? {
        return Ok(owner.id);
    }
    let made = bot.store.expect_person("web:owner", now()).await?.context("the owner could not be made")?;
    let owner = domain::person::Person { standing: Standing::Owner, ..made };
    bot.store.save_person(&owner).await?;
    Ok(owner.id)
}

/// Serves until `shutdown`.
pub async fn serve(bot: Bot, listener: TcpListener, shutdown: CancellationToken) -> anyhow::Result<()> {
    let routes = routes(&bot);
    // Event streams never end by themselves: whoever still listens is let go.
    let served = axum::serve(listener, routes).into_future();
    tokio::select! {
        served = served => served.context("serving the page"),
        () = shutdown.cancelled() => Ok(()),
    }
}

fn routes(bot: &Bot) -> Router {
    let own =
        Router::new().route("/healthz", get(|| async { "ok" })).route("/readyz", get(ready)).with_state(bot.clone());
    let routes = own.merge(console::router(console(bot)));
    match &bot.telegram {
        Some(telegram) => {
            let bot = bot.clone();
            let accept = move |happened| {
                let bot = bot.clone();
                async move { listen::accept_or_say(&bot, happened).await }
            };
            routes.merge(channels::telegram::routes(telegram.clone(), accept))
        }
        None => routes,
    }
}

fn console(bot: &Bot) -> Console {
    let (intake, files, limits, painting) = (bot.clone(), bot.clone(), bot.clone(), bot.clone());
    let settings = bot.settings.current();
    let host = settings
        .base_url
        .as_deref()
        .and_then(|url| url.split("://").nth(1))
        .map(|rest| rest.split(['/', ':']).next().unwrap_or(rest).to_owned());
    Console {
        store: bot.store.clone(),
        live: bot.live.clone(),
        accept: Arc::new(move |incoming: Incoming| {
            let bot = intake.clone();
            Box::pin(async move {
                match listen::accept(&bot, vec![incoming]).await {
                    Ok(fresh) => Ok(fresh.contains(&true)),
                    Err(error) => {
                        tracing::warn!(%error, "a message from the page was not accepted");
                        Err(())
                    }
                }
            })
        }),
        commands: Arc::new(commands),
        files: Arc::new(move |contents| {
            let bot = files.clone();
            Box::pin(async move { stored::open_parts(&bot, contents).await })
        }),
        keep: keep(bot),
        largest: largest(bot),
        upload: Arc::new(move || limits.settings.current().limits.upload_kb.saturating_mul(1024)),
        draws: Arc::new(move || !painting.cast.of(&painting.settings.current()).painters.is_empty()),
        learning: learning(bot),
        clock: Arc::new(now),
        hosts: Arc::new(host.into_iter().chain([settings.listen.ip().to_string()]).collect()),
        secure: settings.base_url.as_deref().is_some_and(|url| url.starts_with("https://")),
    }
}

/// Keeps what a person brings: first in a file of this machine, then by its hash.
fn keep(bot: &Bot) -> Keep {
    let bot = bot.clone();
    Arc::new(move |arriving, limit| {
        let bot = bot.clone();
        Box::pin(async move {
            kept(&bot, arriving, limit).await.unwrap_or_else(|error| {
                tracing::warn!(error = format!("{error:#}"), "a file from the page was not kept");
                Err(Unkept::Busy)
            })
        })
    })
}

async fn kept(bot: &Bot, mut arriving: Arriving, limit: u64) -> anyhow::Result<Result<Kept, Unkept>> {
    let file = fetch::fresh(bot)?;
    let mut to = tokio::fs::File::from_std(file.reopen()?);
    let mut bytes = 0;
    while let Some(piece) = arriving.next().await {
        let Ok(piece) = piece else { return Ok(Err(Unkept::Broken)) };
        bytes += piece.len() as u64;
        if bytes > limit {
            return Ok(Err(Unkept::TooLarge));
        }
        to.write_all(&piece).await?;
    }
    to.flush().await?;
    let blob = bot.blobs.put_file(file.path()).await?;
    Ok(Ok(Kept { blob: blob.as_str().to_owned(), bytes }))
}

/// A document may be as large as one that is read, a recording as long as one that is heard.
fn largest(bot: &Bot) -> Largest {
    /// Megabytes of a minute of sound as players make it, at 320 kbit/s.
    const A_MINUTE: u32 = 3;
    let bot = bot.clone();
    Arc::new(move || {
        let settings = bot.settings.current();
        let sound = settings.hearing.max_minutes.saturating_mul(A_MINUTE);
        u64::from(settings.reading.max_mb.max(sound)) << 20
    })
}

/// What the page of the learning loop asks.
fn learning(bot: &Bot) -> Learning {
    let (knowledge, live, trial, base) = (bot.clone(), bot.clone(), bot.clone(), bot.clone());
    Learning {
        near: Arc::new(move |example| lessons::near(&knowledge, example)),
        verdict: Arc::new(move |lang, release| {
            let verdict = releases::verdict(release, live.knowledge.routing().live);
            verdict.map(|verdict| compare::verdict_in_words(lang, &verdict))
        }),
        trial: Arc::new(move || {
            let bot = trial.clone();
            Box::pin(async move { canary(&bot).await.ok().flatten() })
        }),
        base: Arc::new(move || base.settings.current().model.chain.join(", ")),
    }
}

/// How the canary does.
async fn canary(bot: &Bot) -> anyhow::Result<Option<Outcomes>> {
    let routing = bot.store.routing().await?;
    let Some(canary) = &routing.canary else { return Ok(None) };
    let seen = outcome::of_canary(bot, &routing, canary).await?;
    Ok(Some(Outcomes { incumbent: seen.incumbent, candidate: seen.candidate, evidence: seen.evidence }))
}

fn commands(lang: Lang, standing: Standing) -> Vec<CommandInfo> {
    let info = |spec: &command::Spec| CommandInfo {
        name: spec.name().to_owned(),
        args: spec.args(lang),
        help: spec.help(lang),
    };
    command::allowed(standing).map(info).collect()
}

/// 200 when the store answers and Telegram was heard from lately; the numbers either way.
async fn ready(State(bot): State<Bot>) -> Response {
    let store = bot.store.healthy(now()).await;
    let polled = bot.telegram.as_ref().map(|telegram| now().0.saturating_sub(telegram.last_success_ms()));
    let heard = polled.is_none_or(|ago| ago < HEARD_WITHIN_MS);
    let ignored = bot.telegram.as_ref().map(channels::telegram::Telegram::ignored);
    let status = if store.is_ok() && heard { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = match store {
        Ok(health) => json!({
            "database": "ok", "open": health.open, "parked": health.parked, "oldest_ms": health.oldest_ms,
            "telegram_last_poll_ms": polled, "telegram_ignored_updates": ignored,
        }),
        Err(error) => json!({"database": error.to_string(), "telegram_last_poll_ms": polled}),
    };
    (status, axum::Json(body)).into_response()
}
