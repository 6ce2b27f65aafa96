//! The worker loop: claims lanes, handles their items in order, commits, delivers.
//!
//! One claimer hands lanes to tasks; each task works its lane until it is empty. A panic, an error
//! or a time limit costs one attempt of one item and nothing else. A lease that is lost ends the
//! answer at once, because somebody else may be writing it now.

use crate::bot::{Bot, now};
use crate::ledger::Ledger;
use crate::running::Entered;
use crate::{learn, media, notice, refusal, summary, turn};
use channels::telegram::{Failure, Instead};
use console::LiveEvent;
use domain::chat::Finish;
use domain::ids::{ConversationId, Lane, MessageId};
use domain::incoming::{Channel, Incoming, Place};
use domain::work::{self, Delivery, Job, Retry, Sent, Work};
use futures::stream::FuturesUnordered;
use futures::{FutureExt as _, StreamExt as _};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use store::{Error, Record, View};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

/// How long a lane is held without a sign of life, milliseconds.
const LEASE_MS: i64 = 15_000;
/// How often a sign of life is given.
const HEARTBEAT: Duration = Duration::from_secs(4);
/// How long the claimer sleeps when nothing wakes it (replicas and delayed items).
const NAP: Duration = Duration::from_secs(1);
/// How long nothing must have been claimed before it is asked when the next item is due.
const SETTLED: Duration = Duration::from_millis(20);
/// How long a step of long work may take. It holds its lane by signs of life and saves where it stands by itself; this
/// only lets go of one that hangs.
const STEP: Duration = Duration::from_secs(6 * 60 * 60);
/// Most lanes claimed at once.
const CLAIM: usize = 128;

/// Claims and handles work until `shutdown`; then lets running turns finish within `grace`, and gives
/// the rest back.
pub async fn run(bot: Bot, shutdown: CancellationToken, grace: Duration) {
    let lanes = Arc::new(Semaphore::new(bot.settings.current().turn.concurrency.max(1)));
    let mut tasks = JoinSet::new();
    // What was claimed last is read while the next is claimed already.
    let mut reading = FuturesUnordered::new();
    let mut claiming = std::pin::pin!(claim(bot.clone(), lanes.clone()).fuse());
    while !shutdown.is_cancelled() {
        reap(&mut tasks);
        tokio::select! {
            claimed = &mut claiming => {
                claiming.set(claim(bot.clone(), lanes.clone()).fuse());
                if !claimed.is_empty() {
                    reading.push(read(&bot, claimed));
                }
            }
            Some(read) = reading.next() => {
                for (work, view, place) in read {
                    let bot = bot.clone();
                    tasks.spawn(async move {
                        work_lane(&bot, work, view).await;
                        drop(place);
                    });
                }
            }
            () = shutdown.cancelled() => {}
        }
    }
    finish(&bot, tasks, grace).await;
}

/// An item, and the place that it takes among those that are worked on at the same time.
type Claimed = Vec<(Work, OwnedSemaphorePermit)>;

/// Adds what the items' turns begin with.
async fn read(bot: &Bot, claimed: Claimed) -> Vec<(Work, Option<View>, OwnedSemaphorePermit)> {
    let (items, places): (Vec<_>, Vec<_>) = claimed.into_iter().unzip();
    let views = turn::views(bot, &items).await;
    items.into_iter().zip(views).zip(places).map(|((work, view), place)| (work, view, place)).collect()
}

/// Claims as many lanes as there are places, once there is one; empty when nothing was to be had in time.
async fn claim(bot: Bot, lanes: Arc<Semaphore>) -> Claimed {
    let Ok(first) = lanes.clone().acquire_owned().await else { return Vec::new() };
    let free = lanes.available_permits().min(CLAIM - 1);
    let mut places = vec![first];
    places.extend(lanes.try_acquire_many_owned(u32::try_from(free).unwrap_or(0)).ok().into_iter().flat_map(split));
    let claimed = tokio::select! {
        claimed = bot.store.claim_or_wait(&bot.owner, places.len(), LEASE_MS, now(), NAP) => claimed,
        () = next_due(&bot) => Ok(Vec::new()),
    };
    match claimed {
        Ok(claimed) => claimed.into_iter().zip(places).collect(),
        Err(error) => {
            tracing::warn!(%error, "no work could be claimed");
            tokio::time::sleep(NAP).await;
            Vec::new()
        }
    }
}

/// Single places of many.
fn split(mut many: OwnedSemaphorePermit) -> Vec<OwnedSemaphorePermit> {
    std::iter::from_fn(|| many.split(1)).collect()
}

/// Waits until a delayed item is due.
async fn next_due(bot: &Bot) {
    // Under load somebody claims every few milliseconds anyway, and nobody needs to ask.
    tokio::time::sleep(SETTLED).await;
    match bot.store.next_due(now()).await {
        Ok(Some(due)) => tokio::time::sleep(Duration::from_millis(due.since(now()).clamp(1, 1000) as u64)).await,
        _ => std::future::pending().await,
    }
}

fn reap(tasks: &mut JoinSet<()>) {
    while let Some(ended) = tasks.try_join_next() {
        if let Err(error) = ended {
            tracing::error!(%error, "a lane's task ended unexpectedly");
        }
    }
}

async fn finish(bot: &Bot, mut tasks: JoinSet<()>, grace: Duration) {
    let all = async { while tasks.join_next().await.is_some() {} };
    if tokio::time::timeout(grace, all).await.is_err() {
        tracing::warn!("some answers were still being written; they will be taken up again");
    }
    tasks.shutdown().await;
    if let Err(error) = bot.store.release(&bot.owner).await {
        tracing::warn!(%error, "lanes could not be given back; their leases will run out");
    }
}

/// Tells the store every few seconds that this process is alive, and hears which answers are to end.
pub async fn heartbeat(bot: Bot, shutdown: CancellationToken) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(HEARTBEAT) => {}
            () = shutdown.cancelled() => return,
        }
        let held = bot.running.held();
        if held.is_empty() {
            continue;
        }
        match bot.store.heartbeat(&bot.owner, &held, LEASE_MS, now()).await {
            Ok(states) => states.iter().filter(|s| s.cancel || !s.held).for_each(|s| {
                bot.running.stop(&s.lane);
            }),
            Err(error) => tracing::warn!(%error, "no sign of life could be given"),
        }
    }
}

/// Works one lane until it is empty, taken away, or the process is asked to stop.
async fn work_lane(bot: &Bot, first: Work, mut view: Option<View>) {
    let mut next = Some((first, true));
    while let Some((work, claimed)) = next.take() {
        let span = tracing::info_span!("work", id = work.id, lane = %work.lane, attempt = work.attempts);
        let entered = bot.running.enter(&work);
        let attempt = fenced(bot, &work, view.take(), &entered, claimed).instrument(span).await;
        next = settle(bot, work, attempt).await.map(|work| (work, false));
    }
}

/// Why an attempt did not come to its end.
enum Fault {
    /// The lane is somebody else's now.
    Lost,
    /// The platform asks to wait, milliseconds.
    Wait(i64),
    /// It can never work, with the reason.
    Never(String),
    /// The chat cannot be written to, with the reason: there is nobody to tell.
    Gone(String),
    /// It may work later, with the reason.
    Later(String),
}

impl From<anyhow::Error> for Fault {
    fn from(error: anyhow::Error) -> Self {
        match error.downcast_ref::<Error>() {
            Some(Error::Lost) => Self::Lost,
            _ => Self::Later(format!("{error:#}")),
        }
    }
}

/// One attempt behind the panic fence and the time limit.
async fn fenced(
    bot: &Bot,
    work: &Work,
    view: Option<View>,
    entered: &Entered,
    claimed: bool,
) -> Result<Option<Work>, Fault> {
    let limit = limit(bot, &work.job);
    let attempt = AssertUnwindSafe(attempt(bot, work, view, entered, claimed)).catch_unwind();
    match tokio::time::timeout(limit, attempt).await {
        Ok(Ok(result)) => result,
        Ok(Err(_panic)) => Err(Fault::Later("the handler panicked".to_owned())),
        Err(_) => Err(Fault::Later(format!("not done within {} s", limit.as_secs()))),
    }
}

/// How long an attempt may take: a person waits for a turn, the longer the more there is to be heard, and nobody for a
/// step of long work.
fn limit(bot: &Bot, job: &Job) -> Duration {
    let turn = Duration::from_secs(bot.settings.current().turn.max_seconds);
    match job {
        Job::Run { .. } | Job::Shadow { .. } => STEP,
        Job::Handle { incoming, .. } => turn + media::hear::time(bot, incoming),
        Job::Deliver(_) | Job::Speak(_) | Job::Summarise { .. } => turn,
    }
}

async fn attempt(
    bot: &Bot,
    work: &Work,
    view: Option<View>,
    entered: &Entered,
    claimed: bool,
) -> Result<Option<Work>, Fault> {
    match &work.job {
        Job::Handle { incoming, shown } => {
            let record = turn::handle(bot, work, incoming, view, shown.clone(), &entered.token).await?;
            // What was heard is answered once it is shown: until then there is something to be stopped.
            if record.becomes.as_ref().is_none_or(|delivery| delivery.then.is_none()) {
                bot.running.found(&work.lane);
            }
            commit(bot, work, Some(incoming), record).await
        }
        Job::Deliver(delivery) => {
            // Taken up again after a crash: what was being sent then may have arrived.
            let recovering = claimed && delivery.sent.trying_above.is_some();
            deliver(bot, work, delivery, recovering).await
        }
        Job::Run { run, act } => {
            let record = learn::run::go_on(bot, work, run, act, &entered.token).await?;
            let committed = note(bot, None, record).await?;
            bring(bot, work, None, committed).await.map_err(|fault| of_card(work, fault))
        }
        Job::Speak(speak) => {
            let record = media::speak::aloud(bot, work, speak, &entered.token).await?;
            bot.running.found(&work.lane);
            commit(bot, work, None, record).await
        }
        Job::Shadow { exchange, release } => {
            let record = learn::shadow::answer(bot, work, exchange, *release, &entered.token).await?;
            commit(bot, work, None, record).await
        }
        Job::Summarise { conversation, upto, lang } => {
            let record = summary::write(bot, work, conversation, *upto, *lang, &entered.token).await?;
            Ok(record_patiently(bot, record, None).await?.next)
        }
    }
}

/// A card that cannot be shown ends no run: what it shows is committed, and the run goes on.
fn of_card(work: &Work, fault: Fault) -> Fault {
    match fault {
        Fault::Never(reason) => Fault::Gone(reason),
        Fault::Later(reason) if work.attempts >= work::MAX_ATTEMPTS => Fault::Gone(reason),
        other => other,
    }
}

/// Commits a turn; its answer, if there is one, is delivered right away under the same lease.
async fn commit(bot: &Bot, work: &Work, incoming: Option<&Incoming>, record: Record) -> Result<Option<Work>, Fault> {
    let committed = note(bot, incoming, record).await?;
    bring(bot, work, incoming, committed).await
}

/// What a turn has left: the lane's next item, if there is nothing to deliver.
type Committed = (Option<Delivery>, Option<Work>);

/// Commits a turn, and sees to what follows from it.
async fn note(bot: &Bot, incoming: Option<&Incoming>, mut record: Record) -> Result<Committed, Fault> {
    let taught =
        [record.lessons.is_empty(), record.documents.is_empty(), record.rules.is_empty(), record.forget.is_empty()]
            .contains(&false);
    let judged = !record.feedback.is_empty();
    if let (Some(delivery), Some(telegram)) = (&mut record.becomes, &bot.telegram)
        && delivery.place.channel == Channel::Telegram
        && delivery.sent.messages.is_empty()
        && delivery.sent.trying_above.is_none()
    {
        // Saves one commit: the first send is announced together with the answer.
        let question = incoming.and_then(Incoming::message_id);
        delivery.sent.trying_above = Some(telegram.mark(&delivery.place, question));
    }
    let finish = record.exchange.as_ref().map(|exchange| exchange.finish);
    let delivery = record.becomes.clone();
    let recorded = record_patiently(bot, record, incoming).await?;
    if taught {
        bot.knowledge.refresh(&bot.store).await?;
    }
    // Nobody who rates an answer waits for what follows from it, and nothing is lost with it: the next opinion asks again.
    if judged && let Err(error) = learn::releases::watch(bot).await {
        tracing::warn!(error = format!("{error:#}"), "the releases could not be watched");
    }
    if finish == Some(Finish::Stopped) {
        tracing::info!("stopped by the person");
    }
    Ok((delivery, recorded.next))
}

/// Delivers what a turn has left.
async fn bring(
    bot: &Bot,
    work: &Work,
    incoming: Option<&Incoming>,
    (delivery, next): Committed,
) -> Result<Option<Work>, Fault> {
    match delivery {
        Some(delivery) => deliver(bot, work, &delivery, false).await,
        None => {
            if let Some(incoming) = incoming {
                bot.live.publish(&incoming.place.conversation(), LiveEvent::Quiet);
            }
            Ok(next)
        }
    }
}

/// A busy or full store is waited for, with the answer in hand, so that no model is asked twice.
async fn record_patiently(bot: &Bot, record: Record, asked: Option<&Incoming>) -> Result<store::Recorded, Fault> {
    let mut wait = Duration::from_millis(50);
    loop {
        match bot.store.record(record.clone()).await {
            Ok(recorded) => return Ok(recorded),
            Err(Error::Lost) => return Err(Fault::Lost),
            Err(error @ (Error::Busy | Error::Full)) => {
                tracing::warn!(%error, "the store does not take the answer yet");
                if let (Error::Full, Some(asked)) = (&error, asked) {
                    refusal::tell(bot, std::slice::from_ref(asked), &error).await;
                }
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(Duration::from_secs(2));
            }
            Err(error) => return Err(Fault::Later(format!("recording: {error}"))),
        }
    }
}

/// Brings an answer to its chat and ends the item.
async fn deliver(bot: &Bot, work: &Work, delivery: &Delivery, recovering: bool) -> Result<Option<Work>, Fault> {
    let conversation = delivery.place.conversation();
    let messages = match delivery.place.channel {
        Channel::Telegram => to_telegram(bot, work, delivery, recovering).await?,
        Channel::Web => {
            publish(bot, work, delivery);
            Vec::new()
        }
        Channel::Discord => return Err(Fault::Never("Discord is not connected".to_owned())),
    };
    // Notices are noted too, so that their ids are known to be ours.
    let exchange = delivery.outgoing.noted_as(&conversation);
    let stopped = bot.running.is_stopped(&work.lane);
    if let Some(incoming) = delivery.then.clone().filter(|_| !stopped) {
        let then = Job::Handle { incoming, shown: Sent::default() };
        let noted = bot.store.delivered_before(&bot.owner, work, exchange, conversation, messages, then).await;
        return noted.map(Some).map_err(|error| match error {
            Error::Lost => Fault::Lost,
            error => Fault::Later(format!("noting the delivery: {error}")),
        });
    }
    match bot.store.delivered(&bot.owner, work, Some(&exchange), &conversation, messages, now()).await {
        Ok(next) => Ok(next),
        Err(Error::Lost) => Err(Fault::Lost),
        Err(error) => Err(Fault::Later(format!("noting the delivery: {error}"))),
    }
}

/// Tells the page. What comes by another lane than the conversation's own, and what is followed by more, is not what a
/// question waits for.
fn publish(bot: &Bot, work: &Work, delivery: &Delivery) {
    let outgoing = &delivery.outgoing;
    let beside = work.lane != delivery.place.lane() || delivery.then.is_some();
    let event = match &outgoing.exchange {
        Some(exchange) => LiveEvent::Done { exchange: exchange.clone() },
        None if beside => LiveEvent::beside(outgoing.clone(), now()),
        None => LiveEvent::notice(outgoing.clone(), now()),
    };
    bot.live.publish(&delivery.place.conversation(), event);
}

async fn to_telegram(bot: &Bot, work: &Work, delivery: &Delivery, recovering: bool) -> Result<Vec<MessageId>, Fault> {
    let Some(telegram) = &bot.telegram else {
        return Err(Fault::Never("Telegram is not connected: TELEGRAM_TOKEN is not set".to_owned()));
    };
    let mut delivery = delivery.clone();
    if delivery.outgoing.card.is_some() {
        let shows = delivery.outgoing.noted_as(&delivery.place.conversation());
        delivery.outgoing.shown = bot.store.shown(&shows).await.map_err(anyhow::Error::from)?;
    }
    let delivery = &delivery;
    let of = |sent: Sent| Job::Deliver(Box::new(Delivery { sent, ..delivery.clone() }));
    let mut ledger = Ledger { bot, work: work.id, place: &delivery.place, of, instead: None };
    let told = match telegram.deliver(delivery, recovering, &mut ledger).await {
        Err(Failure::Migrated { to }) => {
            let place = Place { chat: to, ..delivery.place.clone() };
            let moved = Delivery { place: place.clone(), ..delivery.clone() };
            telegram.deliver(&moved, recovering, &mut Ledger { place: &place, ..ledger }).await
        }
        told => {
            if let (Ok(_), Some(Instead::AudioForVoice)) = (&told, ledger.instead) {
                media::speak::tell_forbidden(bot, &delivery.place).await;
            }
            told
        }
    };
    told.map_err(fault_of)
}

fn fault_of(failure: Failure) -> Fault {
    match failure {
        Failure::RetryAfter(ms) => Fault::Wait(ms),
        Failure::Gone(reason) => Fault::Gone(reason),
        Failure::Refused { description } => Fault::Never(description),
        Failure::TooLarge { .. } | Failure::Unreadable { .. } => Fault::Never(failure.to_string()),
        Failure::Lost => Fault::Lost,
        other => Fault::Later(other.to_string()),
    }
}

/// What becomes of an item after an attempt; the lane's next item, if it is still ours.
async fn settle(bot: &Bot, work: Work, attempt: Result<Option<Work>, Fault>) -> Option<Work> {
    let fault = match attempt {
        Ok(next) => return next,
        Err(fault) => fault,
    };
    let settled = match fault {
        Fault::Lost => {
            tracing::warn!(id = work.id, "the lane is held elsewhere now");
            return None;
        }
        Fault::Never(reason) => park(bot, &work, &reason).await,
        Fault::Gone(reason) => {
            tracing::warn!(id = work.id, reason, "the chat cannot be written to");
            bot.store.park(&bot.owner, &work, &reason, now()).await
        }
        Fault::Wait(ms) => again(bot, &work, Some(ms), "the platform asks to wait").await,
        Fault::Later(reason) => again(bot, &work, None, &reason).await,
    };
    settled.unwrap_or_else(|error| {
        tracing::error!(id = work.id, %error, "an item could not be put back; its lease will run out");
        None
    })
}

async fn again(bot: &Bot, work: &Work, ask: Option<i64>, reason: &str) -> Result<Option<Work>, Error> {
    match work::retry(work.attempts, now(), jitter(), ask) {
        Retry::At(at) => {
            tracing::warn!(id = work.id, reason, "again later");
            bot.store.retry(&bot.owner, work, at, reason, ask.is_none(), now()).await?;
            Ok(None)
        }
        Retry::Park => park(bot, work, reason).await,
    }
}

/// Sets an item aside. A person whose message cannot be handled is told so, in place of the answer; a run that cannot
/// go on says so on its card.
async fn park(bot: &Bot, work: &Work, reason: &str) -> Result<Option<Work>, Error> {
    let code = notice::reference(work.id);
    tracing::error!(id = work.id, code, reason, "parked");
    let next = bot.store.park(&bot.owner, work, reason, now()).await?;
    if let Some(apology) = notice::for_parked(bot, work, &code, reason).await {
        bot.store.accept(vec![apology]).await?;
    }
    Ok(next)
}

fn jitter() -> f64 {
    let mut byte = [0_u8; 1];
    // Without randomness every retry simply waits the least time.
    let _ = getrandom::fill(&mut byte);
    f64::from(byte[0]) / 255.0
}

/// The lane of a conversation, for stopping it from elsewhere.
pub fn lane_of(conversation: &ConversationId) -> Lane {
    Lane(conversation.0.clone())
}
