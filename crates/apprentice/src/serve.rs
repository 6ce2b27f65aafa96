//! Starts everything, waits for the end, and stops in the written order: stop intake, stop claiming,
//! let turns finish, give the rest back, close the store.

use crate::bot::{Bot, Parts, now};
use crate::inline::Given;
use crate::knowledge::Knowledge;
use crate::learn::ask::Sample;
use crate::page;
use crate::refusal::Told;
use crate::running::Running;
use crate::settings::{self, Loaded};
use crate::{access, endings, listen, media, worker};
use anyhow::Context as _;
use channels::telegram::Telegram;
use domain::incoming::Channel;
use models::Models;
use std::time::Duration;
use store::Store;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use vault::Vault;

/// The data root, below the data directory.
pub const FILES: &str = "files";
/// How long answers of tests are kept, milliseconds: 30 days.
const KEPT_MS: i64 = 30 * 24 * 60 * 60 * 1000;
/// How often what is no longer needed is swept away.
const SWEEP: Duration = Duration::from_secs(600);

/// Runs the bot until it is told to stop.
pub async fn run(loaded: Loaded) -> anyhow::Result<()> {
    let grace = Duration::from_secs(loaded.settings.shutdown_grace_s);
    let bot = build(loaded).await?;
    let listener = page::bind(&bot).await?;
    announce(&bot, &listener).await?;
    let intake = CancellationToken::new();
    let claiming = CancellationToken::new();
    let mut tasks = JoinSet::new();
    tasks.spawn(page::serve(bot.clone(), listener, intake.clone()));
    tasks.spawn(listen::telegram(bot.clone(), intake.clone()));
    tasks.spawn(forever(sweep(bot.clone(), intake.clone())));
    tasks.spawn(forever(endings::watch(bot.clone(), intake.clone())));
    tasks.spawn(forever(settings::follow(bot.settings.clone(), follower(&bot), intake.clone())));
    tasks.spawn(forever(worker::heartbeat(bot.clone(), claiming.clone())));
    let worker = tokio::spawn(worker::run(bot.clone(), claiming.clone(), grace));
    let failed = tokio::select! {
        () = asked_to_stop() => None,
        failed = first_failure(&mut tasks) => Some(failed),
    };
    tracing::info!("stopping: taking nothing new");
    intake.cancel();
    claiming.cancel();
    worker.await.context("the worker ended unexpectedly")?;
    let _ = tokio::time::timeout(Duration::from_secs(2), async { while tasks.join_next().await.is_some() {} }).await;
    tasks.shutdown().await;
    bot.store.close().await;
    tracing::info!("stopped");
    failed.map_or(Ok(()), Err)
}

/// Opens the store, reads what was taught, connects what has a token.
pub async fn build(loaded: Loaded) -> anyhow::Result<Bot> {
    let settings = &loaded.settings;
    let root = settings.data_dir.join(FILES);
    let vault = Vault::open(&root).with_context(|| format!("the data root {}", root.display()))?;
    let store = Store::open(&settings.store_config()).await.context("opening the database")?;
    crate::media::fetch::sweep(&settings.data_dir.join(crate::media::fetch::WORKSHOP));
    let knowledge = Knowledge::new();
    knowledge.refresh(&store).await.context("reading what was taught")?;
    let models = Models::new(settings.models_config()).context("the model providers")?;
    let telegram = settings.telegram_config().map(Telegram::new).transpose().context("Telegram")?;
    if let Some(telegram) = &telegram {
        telegram.remember(store.highest_shown("telegram:", "telegram:-100").await?);
    }
    // One process at a time works on a SQLite file: what an earlier one held is free again at once.
    let owner = if store.is_shared() { access::random_code()? } else { "local".to_owned() };
    unless_refused(store.release(&owner).await.map_err(Into::into)).context("taking up earlier work")?;
    let bot = Bot::new(Parts {
        owner,
        blobs: store.blobs().context("opening the store of files")?,
        workers: media::inside::workers().context("the program's own path")?,
        given: Given::default(),
        cast: media::roles::Cast::default(),
        store,
        models,
        knowledge,
        telegram,
        live: console::Live::default(),
        settings: settings::Live::new(loaded),
        vault,
        running: Running::default(),
        told: Told::default(),
    });
    unless_refused(access::owners_from_settings(&bot).await).context("the owners of the settings")?;
    Ok(bot)
}

/// A full disk or a locked database is no reason not to start: what is there can be read, and leases
/// that could not be given back run out.
fn unless_refused(done: anyhow::Result<()>) -> anyhow::Result<()> {
    match done {
        Err(error) if is_refusal(&error) => {
            tracing::warn!(error = format!("{error:#}"), "started, but nothing can be stored yet");
            Ok(())
        }
        done => done,
    }
}

fn is_refusal(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(store::Error::Full | store::Error::Busy))
}

/// Says where to go. The only words the bot prints; all else is the log.
#[allow(clippy::print_stdout)]
async fn announce(bot: &Bot, listener: &tokio::net::TcpListener) -> anyhow::Result<()> {
    let address = listener.local_addr()?;
    match page::login_link(bot, address).await {
        Ok(login) => println!("\n  Apprentice is running. Open the page (the link works once):\n\n    {login}\n"),
        Err(error) if is_refusal(&error) => {
            println!(
                "\n  Apprentice is running, but {error:#}: no link to log in could be made.\n\n    http://{address}\n"
            );
            return Ok(());
        }
        Err(error) => return Err(error),
    }
    if bot.telegram.is_some() && !bot.store.owner_on(Channel::Telegram).await? {
        let code = access::owner_code(&bot.store).await?;
        println!("  To become its owner in Telegram, send your bot:  /start {code}\n");
    }
    Ok(())
}

async fn forever(task: impl Future<Output = ()>) -> anyhow::Result<()> {
    task.await;
    Ok(())
}

async fn first_failure(tasks: &mut JoinSet<anyhow::Result<()>>) -> anyhow::Error {
    loop {
        match tasks.join_next().await {
            Some(Ok(Ok(()))) => {}
            Some(Ok(Err(error))) => return error,
            Some(Err(error)) => return anyhow::anyhow!("a task ended unexpectedly: {error}"),
            None => std::future::pending().await,
        }
    }
}

/// Hands changed settings to those who hold a copy.
fn follower(bot: &Bot) -> impl Fn(&settings::Settings) + Send + Sync + 'static {
    let models = bot.models.clone();
    move |settings| {
        if let Err(error) = models.replace(settings.models_config()) {
            tracing::error!(%error, "the changed model providers are not usable; the old ones stay");
        }
    }
}

async fn sweep(bot: Bot, shutdown: CancellationToken) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(SWEEP) => {}
            () = shutdown.cancelled() => return,
        }
        let kept = bot.store.expire::<Sample>(now().plus(-KEPT_MS)).await;
        if let Err(error) = kept.and(bot.store.prune(now()).await) {
            tracing::warn!(%error, "old entries could not be swept away");
        }
        if let Err(error) = media::kept::expire(&bot, now()).await {
            tracing::warn!(error = format!("{error:#}"), "old recordings could not be swept away");
        }
    }
}

async fn asked_to_stop() {
    let interrupt = tokio::signal::ctrl_c();
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => {
            let _ = interrupt.await;
        }
    }
}
