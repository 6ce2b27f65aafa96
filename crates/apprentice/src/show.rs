//! Shows an answer while it is being written: on the page by its live hub, in Telegram by drafts or
//! by edits of one message.

use crate::answer::{self, Question};
use crate::bot::{Bot, now};
use crate::learn::twin;
use crate::ledger::Ledger;
use crate::media::speak::{self, Speaker};
use crate::think::{Sorry, Thought};
use crate::turn::Turn;
use channels::telegram::Activity;
use console::{Doing, LiveEvent};
use domain::chat::Finish;
use domain::ids::ExchangeId;
use domain::incoming::Channel;
use domain::outgoing::Press;
use domain::work::{Job, Sent};
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

/// How long platforms show what the bot is doing, less a margin.
const SHOWN: Duration = Duration::from_millis(4_500);

/// Thinks about a question, with its answer on view and, where it is wanted, aloud as far as it has come.
pub async fn while_thinking(
    turn: &mut Turn<'_>,
    id: &ExchangeId,
    question: &Question,
) -> anyhow::Result<Result<Thought, Sorry>> {
    let blind = twin::wanted(turn, id, question);
    let speaker = match !blind && speak::wanted(turn) {
        true => Some(Speaker::begin(turn, &question.message, id).await?),
        false => None,
    };
    let (written, pieces) = mpsc::unbounded_channel();
    let saying = say_along(turn.bot.clone(), speaker, pieces, turn.stop.clone());
    let thinking = async {
        let told = shown(turn, id, question, blind, &written).await;
        drop(written);
        told
    };
    let (thought, speaker) = tokio::join!(thinking, saying);
    if let (Some(speaker), Ok(Ok(thought))) = (speaker, &thought)
        && thought.finish != Finish::Stopped
    {
        turn.record.also.extend(speaker.finish(&thought.markdown, now()));
    }
    thought
}

/// Has what is written said aloud as soon as there is enough of it.
async fn say_along(
    bot: Bot,
    mut speaker: Option<Speaker>,
    mut pieces: mpsc::UnboundedReceiver<String>,
    stop: CancellationToken,
) -> Option<Speaker> {
    while let Some(piece) = pieces.recv().await {
        let Some(saying) = speaker.as_mut().filter(|_| !stop.is_cancelled()) else { continue };
        let notes = saying.push(&piece, now());
        if notes.is_empty() {
            continue;
        }
        // Noted first: an answer that is begun anew must know what may have been heard of it.
        let accepted = async {
            bot.store.put(&saying.begun(now())).await?;
            bot.store.accept(notes).await
        };
        if let Err(error) = accepted.await {
            tracing::warn!(%error, "what is written is not said");
            return None;
        }
    }
    speaker
}

async fn shown(
    turn: &mut Turn<'_>,
    id: &ExchangeId,
    question: &Question,
    blind: bool,
    written: &mpsc::UnboundedSender<String>,
) -> anyhow::Result<Result<Thought, Sorry>> {
    match turn.incoming.place.channel {
        Channel::Telegram => in_telegram(turn, question, blind, written).await,
        Channel::Web => on_the_page(turn, id, question, blind, written).await,
        Channel::Discord => answer::think(turn, question, &mut |_| {}).await,
    }
}

/// Shows for a moment what the bot is doing, where the platform shows such things.
pub async fn action(turn: &Turn<'_>, activity: Activity) {
    match (turn.incoming.place.channel, &turn.bot.telegram) {
        (Channel::Telegram, Some(telegram)) => telegram.show_activity(&turn.incoming.place, activity).await,
        (Channel::Web, _) if activity == Activity::SendingPhoto => doing(turn, Doing::Drawing),
        _ => {}
    }
}

/// Shows what the bot is doing for as long as it does it.
pub async fn meanwhile<T>(turn: &Turn<'_>, activity: Activity, work: impl Future<Output = T>) -> T {
    let showing = async {
        loop {
            action(turn, activity).await;
            tokio::time::sleep(SHOWN).await;
        }
    };
    tokio::select! {
        done = work => done,
        done = showing => done,
    }
}

/// Shows on the page what the bot is doing until it says something.
pub fn doing(turn: &Turn<'_>, what: Doing) {
    if turn.incoming.place.channel == Channel::Web {
        turn.bot.live.publish(&turn.conversation(), LiveEvent::Doing(what));
    }
}

async fn on_the_page(
    turn: &Turn<'_>,
    id: &ExchangeId,
    question: &Question,
    blind: bool,
    written: &mpsc::UnboundedSender<String>,
) -> anyhow::Result<Result<Thought, Sorry>> {
    let conversation = turn.conversation();
    doing(turn, Doing::Thinking);
    let mut so_far = String::new();
    answer::think(turn, question, &mut |piece| {
        if blind {
            return;
        }
        let _ = written.send(piece.to_owned());
        so_far.push_str(piece);
        let event = LiveEvent::Text { exchange: id.clone(), markdown: so_far.clone() };
        turn.bot.live.publish(&conversation, event);
    })
    .await
}

async fn in_telegram(
    turn: &mut Turn<'_>,
    question: &Question,
    blind: bool,
    written: &mpsc::UnboundedSender<String>,
) -> anyhow::Result<Result<Thought, Sorry>> {
    let mut say = |piece: &str| {
        if !blind {
            let _ = written.send(piece.to_owned());
        }
    };
    let Some(telegram) = &turn.bot.telegram else { return answer::think(turn, question, &mut say).await };
    // An answer that replaces another appears in its place at the end, in one edit.
    if question.replaces.is_some() {
        return answer::think(turn, question, &mut say).await;
    }
    let (text, seen) = watch::channel(String::new());
    let stop = vec![turn.button("button-stop", &Press::Stop)];
    let (bot, work, incoming) = (turn.bot, turn.record.work, turn.incoming);
    let of = |shown: Sent| Job::Handle { incoming: Box::new(incoming.clone()), shown };
    let mut ledger = Ledger { bot, work, place: &incoming.place, of, instead: None };
    let shown = telegram.show_live(
        &incoming.place,
        Activity::Typing,
        &question.message,
        seen,
        turn.shown.clone(),
        &mut ledger,
        &stop,
    );
    let thinking = async {
        let mut heard = |piece: &str| {
            say(piece);
            if !blind {
                text.send_modify(|all| all.push_str(piece));
            }
        };
        let result = answer::think(turn, question, &mut heard).await;
        drop(text);
        result
    };
    let (thought, sent) = tokio::join!(thinking, shown);
    turn.shown = sent;
    thought
}
