//! Shows an answer while it is being written: on the page by its live hub, in Telegram by drafts or
//! by edits of one message.

use crate::answer::{self, Question};
use crate::learn::twin;
use crate::ledger::Ledger;
use crate::think::{Sorry, Thought};
use crate::turn::Turn;
use channels::telegram::Activity;
use console::LiveEvent;
use domain::ids::ExchangeId;
use domain::incoming::Channel;
use domain::outgoing::Press;
use domain::work::{Job, Sent};
use tokio::sync::watch;

/// Thinks about a question, with its answer on view as far as it has come.
pub async fn while_thinking(
    turn: &mut Turn<'_>,
    id: &ExchangeId,
    question: &Question,
) -> anyhow::Result<Result<Thought, Sorry>> {
    let blind = twin::wanted(turn, id, question);
    match turn.incoming.place.channel {
        Channel::Telegram => in_telegram(turn, question, blind).await,
        Channel::Web => on_the_page(turn, id, question, blind).await,
        Channel::Discord => answer::think(turn, question, &mut |_| {}).await,
    }
}

async fn on_the_page(
    turn: &Turn<'_>,
    id: &ExchangeId,
    question: &Question,
    blind: bool,
) -> anyhow::Result<Result<Thought, Sorry>> {
    let conversation = turn.conversation();
    turn.bot.live.publish(&conversation, LiveEvent::Thinking);
    let mut so_far = String::new();
    answer::think(turn, question, &mut |piece| {
        if blind {
            return;
        }
        so_far.push_str(piece);
        let event = LiveEvent::Text { exchange: id.clone(), markdown: so_far.clone() };
        turn.bot.live.publish(&conversation, event);
    })
    .await
}

async fn in_telegram(turn: &mut Turn<'_>, question: &Question, blind: bool) -> anyhow::Result<Result<Thought, Sorry>> {
    let Some(telegram) = &turn.bot.telegram else { return answer::think(turn, question, &mut |_| {}).await };
    // An answer that replaces another appears in its place at the end, in one edit.
    if question.replaces.is_some() {
        return answer::think(turn, question, &mut |_| {}).await;
    }
    let (text, seen) = watch::channel(String::new());
    let stop = vec![turn.button("button-stop", &Press::Stop)];
    let (bot, work, incoming) = (turn.bot, turn.record.work, turn.incoming);
    let of = |shown: Sent| Job::Handle { incoming: Box::new(incoming.clone()), shown };
    let mut ledger = Ledger { bot, work, place: &incoming.place, of };
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
