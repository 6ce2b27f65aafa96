//! What people think of an answer: buttons under it, and reactions to it. Each opinion is stored
//! with the exchange, and through it with the exact request and release.

use crate::learn::lessons::labelled;
use crate::learn::rating;
use crate::turn::Turn;
use crate::{answer, commands, teach};
use domain::command::{self, Typed};
use domain::exchange::{Exchange, Feedback, Opinion};
use domain::ids::{ExchangeId, MessageId};
use domain::outgoing::{Button, Outgoing, Press};

/// A button was pressed.
pub async fn pressed(turn: &mut Turn<'_>, press: &str, message: &MessageId, data: &str) -> anyhow::Result<()> {
    let meant = Press::decode(data);
    acknowledge(turn, press, meant.as_ref()).await;
    match meant {
        Some(Press::Stop) => turn.stop_running(false).await,
        Some(Press::Up(id)) => rate(turn, &id, Opinion::Up).await,
        Some(Press::Down(id)) => rate(turn, &id, Opinion::Down).await,
        Some(Press::Again(id)) => match find(turn, &id).await? {
            Some(exchange) => answer::again(turn, exchange).await,
            None => Ok(()),
        },
        Some(Press::Correct(id)) => how_to_correct(turn, &id).await,
        Some(Press::Say(command)) => typed(turn, &command).await,
        None => {
            tracing::debug!(%message, "a button nobody knows");
            Ok(())
        }
    }
}

/// The platform shows a press as pending until it is acknowledged; failing to is no harm.
async fn acknowledge(turn: &Turn<'_>, press: &str, meant: Option<&Press>) {
    let key = match meant {
        Some(Press::Up(_) | Press::Down(_)) => Some("thanks-for-rating"),
        Some(Press::Stop) => Some("stopping"),
        Some(_) => None,
        None => Some("button-expired"),
    };
    let text = key.map(|key| turn.text(key));
    if let (Some(telegram), false) = (&turn.bot.telegram, press.is_empty()) {
        telegram.acknowledge_press(press, text.as_deref()).await;
    }
}

async fn typed(turn: &mut Turn<'_>, text: &str) -> anyhow::Result<()> {
    match command::read(text, None, turn.standing) {
        Typed::Known(known, argument) => commands::run(turn, known, &argument).await,
        _ => Ok(()),
    }
}

/// An exchange of this very conversation; buttons of other conversations find nothing.
async fn find(turn: &Turn<'_>, id: &ExchangeId) -> anyhow::Result<Option<Exchange>> {
    let here = turn.conversation();
    Ok(turn.bot.store.exchange(id).await?.filter(|exchange| exchange.conversation == here))
}

async fn rate(turn: &mut Turn<'_>, id: &ExchangeId, opinion: Opinion) -> anyhow::Result<()> {
    let Some(exchange) = find(turn, id).await? else { return Ok(()) };
    rating::note(turn, &exchange, &opinion).await?;
    let bad = opinion == Opinion::Down;
    note(turn, Some(exchange.id.clone()), opinion);
    if bad {
        ask_why(turn, &exchange.id);
    }
    Ok(())
}

/// Reasons that an answer may not have been good for.
const REASONS: [&str; 6] = ["wrong", "long", "short", "tone", "language", "refused"];

/// A 👎 may say why, with one more tap; it counts without it.
fn ask_why(turn: &mut Turn<'_>, id: &ExchangeId) {
    let button = |code: &&str| labelled(turn.text(&format!("reason-{code}-short")), format!("/reason {code} {id}"));
    let mut rows: Vec<Vec<Button>> = REASONS.chunks(3).map(|row| row.iter().map(button).collect()).collect();
    rows.push(vec![turn.button("button-correct-long", &Press::Correct(id.clone()))]);
    let markdown = turn.text("reason-ask");
    turn.deliver(Outgoing { markdown, buttons: rows, ..Outgoing::default() });
}

/// `/reason code [exchange]`
pub async fn reason_command(turn: &mut Turn<'_>, argument: &str) -> anyhow::Result<()> {
    let (code, id) = argument.split_once(char::is_whitespace).unwrap_or((argument, ""));
    let exchange = match id.trim() {
        "" => teach::replied_or_last(turn).await?,
        id => find(turn, &ExchangeId::from(id)).await?,
    };
    let key = match (REASONS.contains(&code), exchange) {
        (true, Some(exchange)) => {
            note(turn, Some(exchange.id), Opinion::Reason { code: code.to_owned() });
            "reason-noted"
        }
        _ => "reason-usage",
    };
    let text = turn.text(key);
    turn.reply(text);
    Ok(())
}

/// `/rate 1–5 [why]`
pub async fn rate_command(turn: &mut Turn<'_>, argument: &str) -> anyhow::Result<()> {
    let (stars, why) = argument.split_once(char::is_whitespace).unwrap_or((argument, ""));
    let stars = stars.parse::<u8>().ok().filter(|stars| (1..=5).contains(stars));
    let key = match (stars, teach::replied_or_last(turn).await?) {
        (Some(stars), Some(exchange)) => {
            let opinion = Opinion::Rating { stars };
            rating::note(turn, &exchange, &opinion).await?;
            note(turn, Some(exchange.id.clone()), opinion);
            if !why.trim().is_empty() {
                note(turn, Some(exchange.id), Opinion::Comment { text: why.trim().to_owned() });
            }
            "thanks-for-rating"
        }
        (Some(_), None) => "why-no-answer",
        (None, _) => "rate-usage",
    };
    let text = turn.text(key);
    turn.reply(text);
    Ok(())
}

async fn how_to_correct(turn: &mut Turn<'_>, id: &ExchangeId) -> anyhow::Result<()> {
    if find(turn, id).await?.is_some() {
        let text = turn.text("correct-how");
        turn.reply(text);
    }
    Ok(())
}

/// The reactions on a message changed.
pub async fn reacted(turn: &mut Turn<'_>, message: &MessageId, emoji: &[String]) -> anyhow::Result<()> {
    let Some(exchange) = turn.bot.store.exchange_of(&turn.conversation(), message).await? else { return Ok(()) };
    let opinion = emoji.last().map_or(Opinion::Retracted, |emoji| opinion_of(emoji));
    rating::note(turn, &exchange, &opinion).await?;
    note(turn, Some(exchange.id), opinion);
    Ok(())
}

fn opinion_of(emoji: &str) -> Opinion {
    match emoji.trim_end_matches('\u{fe0f}') {
        "👍" | "❤" | "🔥" | "👏" | "🎉" | "💯" | "🏆" => Opinion::Up,
        "👎" | "💩" | "🤮" | "😡" => Opinion::Down,
        other => Opinion::Emoji { emoji: other.to_owned() },
    }
}

/// Leaves an opinion in the turn's record.
pub fn note(turn: &mut Turn<'_>, exchange: Option<ExchangeId>, opinion: Opinion) {
    turn.record.feedback.push(Feedback {
        exchange,
        conversation: turn.conversation(),
        person: turn.person.id.clone(),
        opinion,
        at: turn.now,
    });
}
