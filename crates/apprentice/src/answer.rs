//! Think and answer: from a question to recorded words.
//!
//! The model's answer is gathered here, shown while it is being written, and left in the turn's
//! record together with the exact request and the release, so that every later opinion, correction
//! and "why did you say that?" finds them.

use crate::bot::now;
use crate::learn::shadow;
use crate::learn::twin::{self, Twins};
use crate::media::{draw, see, speak, transcript};
use crate::notice;
use crate::release;
use crate::show;
use crate::think::{self, Sorry, Thought};
use crate::turn::Turn;
use domain::chat::{Finish, Role};
use domain::exchange::{Exchange, LogEntry};
use domain::ids::{ExchangeId, Lane, MessageId};
use domain::incoming::{ChatKind, Message};
use domain::outgoing::{Button, Outgoing, Press};
use domain::work::{Job, NewWork};
use std::time::Duration;

/// Entries that must have fallen out of sight before they are worth a summary.
const WORTH_A_SUMMARY: usize = 10;

/// How long the providers' own lists of models are waited for.
const OFFERED_WITHIN: Duration = Duration::from_secs(3);

/// What is asked, whatever asked it.
#[derive(Clone, Debug)]
pub struct Question {
    /// The words.
    pub text: String,
    /// What they reply to, empty for nothing.
    pub quoted: String,
    /// Whose words they are, when the person only passes them on.
    pub forwarded: Option<String>,
    /// The message that asks.
    pub message: MessageId,
    /// An earlier answer to the same question, which the new one replaces.
    pub replaces: Option<Replaced>,
}

/// An answer that is about to be replaced.
#[derive(Clone, Debug)]
pub struct Replaced {
    /// Its exchange; its entries are left out of the context.
    pub exchange: ExchangeId,
    /// The messages that show it.
    pub shown: Vec<MessageId>,
}

impl Question {
    /// Words that reply to nothing and replace nothing.
    pub fn plain(text: String, message: MessageId) -> Self {
        Self { text, quoted: String::new(), forwarded: None, message, replaces: None }
    }

    fn of(turn: &Turn<'_>, message: &Message) -> Self {
        Self {
            text: asked(turn, message),
            quoted: message.reply_to.as_ref().map(|reply| reply.text.clone()).unwrap_or_default(),
            forwarded: message.forwarded.as_ref().map(|forwarded| forwarded.from.clone()),
            message: message.id.clone(),
            replaces: None,
        }
    }
}

/// What a message asks, without the name by which the bot was called: nobody asks a lesson by that.
fn asked(turn: &Turn<'_>, message: &Message) -> String {
    let name = turn.bot.username().map(|name| format!("@{name}"));
    let begin = name.as_ref().and_then(|name| message.text.trim_start().split_at_checked(name.len()));
    let rest = match (&name, begin) {
        (Some(name), Some((called, rest))) if called.eq_ignore_ascii_case(name) => rest,
        _ => return message.text.clone(),
    };
    let question = rest.trim_start_matches([',', ':', ' ', '\n']);
    // "@bot2" is somebody else, and a name alone is all that was said.
    let is_name = rest.starts_with(|c: char| !c.is_alphanumeric() && c != '_');
    if is_name && !question.trim().is_empty() { question.to_owned() } else { message.text.clone() }
}

/// Answers a message.
pub async fn answer(turn: &mut Turn<'_>, message: &Message) -> anyhow::Result<()> {
    let entry = turn.said_entry(message);
    turn.record.log.push(entry);
    let mut question = Question::of(turn, message);
    // A part of an album came after the others were answered. What was heard is no longer called a part.
    if (message.album.is_some() || !message.heard.is_empty())
        && let Some(earlier) = turn.bot.store.exchange_asked(&turn.conversation(), &message.id).await?
    {
        question.replaces = Some(replaced(turn, earlier.id).await?);
    }
    ask(turn, question).await
}

/// A message was changed after it was answered: the answer changes too.
pub async fn edited(turn: &mut Turn<'_>, message: &Message) -> anyhow::Result<()> {
    let message = &transcript::in_words(turn, message).await?;
    match turn.bot.store.exchange_asked(&turn.conversation(), &message.id).await? {
        // Under a picture there may be no words any more; then nothing else is asked about it.
        Some(earlier) if message.text.trim().is_empty() || earlier.question == asked(turn, message) => Ok(()),
        Some(earlier) => {
            let entry = turn.said_entry(message);
            turn.record.log.push(entry);
            let mut question = Question::of(turn, message);
            question.replaces = Some(replaced(turn, earlier.id).await?);
            ask(turn, question).await
        }
        None => Ok(()),
    }
}

/// A recording was heard otherwise than it was meant: what it asked is answered anew, with the right words where the
/// wrong ones were.
pub async fn asked_otherwise(
    turn: &mut Turn<'_>,
    message: &Message,
    asked: &MessageId,
    was: &str,
    right: &str,
) -> anyhow::Result<()> {
    let entry = turn.said_entry(message);
    turn.record.log.push(entry);
    let earlier = turn.bot.store.exchange_asked(&turn.conversation(), asked).await?;
    let mut question = Question::plain(right.to_owned(), asked.clone());
    if let Some(earlier) = earlier {
        let typed = earlier.question.strip_suffix(was).unwrap_or_default();
        question.text.insert_str(0, typed);
        question.replaces = Some(replaced(turn, earlier.id).await?);
    }
    ask(turn, question).await
}

/// Answers an earlier question once more, in the place of its answer.
pub async fn again(turn: &mut Turn<'_>, earlier: Exchange) -> anyhow::Result<()> {
    let replaces = Some(replaced(turn, earlier.id).await?);
    let question = Question { replaces, ..Question::plain(earlier.question, earlier.asked) };
    ask(turn, question).await
}

/// Answers the last question that got no answer; false when the last one got one.
pub async fn unanswered(turn: &mut Turn<'_>) -> anyhow::Result<bool> {
    let last = turn.log.iter().rev().find(|entry| entry.role == Role::User && !entry.overheard);
    let Some((text, message)) =
        last.filter(|entry| entry.exchange.is_none()).and_then(|e| Some((e.text.clone(), e.message.clone()?)))
    else {
        return Ok(false);
    };
    ask(turn, Question::plain(text, message)).await?;
    Ok(true)
}

async fn replaced(turn: &Turn<'_>, exchange: ExchangeId) -> anyhow::Result<Replaced> {
    // Nobody wants to hear on what is being replaced. In a group somebody else's answer may be what is being said.
    if !turn.in_group() {
        speak::hush(turn.bot, &turn.conversation()).await?;
    }
    let shown = turn.bot.store.shown(&exchange).await?;
    Ok(Replaced { exchange, shown })
}

async fn ask(turn: &mut Turn<'_>, question: Question) -> anyhow::Result<()> {
    let id = ExchangeId(ulid::Ulid::generate().to_string());
    if let Some(replaced) = &question.replaces {
        turn.log.retain(|entry| entry.exchange.as_ref() != Some(&replaced.exchange));
    }
    turn.pictures = see::shown(turn.bot, &turn.prefs.seen, &question.message).await?;
    let thought = show::while_thinking(turn, &id, &question).await?;
    match thought {
        Ok(thought) => {
            let twins = twin::beside(turn, &id, &question, &thought).await?;
            record(turn, id, question, thought, twins)?;
        }
        Err(sorry) => apologise(turn, &question, &sorry).await,
    }
    Ok(())
}

fn record(
    turn: &mut Turn<'_>,
    id: ExchangeId,
    question: Question,
    thought: Thought,
    twins: Option<Twins>,
) -> anyhow::Result<()> {
    let at = now();
    schedule_summary(turn, &thought);
    let print = release::of(&turn.asking(), &thought);
    turn.record.fingerprint = Some(print.clone());
    let cost = turn.bot.settings.current().prices.cost_micro_usd(&thought.model, &thought.tokens);
    for entry in &mut turn.record.log {
        entry.exchange = Some(id.clone());
    }
    turn.record.log.push(LogEntry {
        seq: 0,
        role: Role::Assistant,
        author: None,
        name: String::new(),
        message: None,
        text: thought.markdown.clone(),
        at,
        exchange: Some(id.clone()),
        overheard: false,
    });
    let (markdown, choices) = match &twins {
        Some(twins) => twin::shown(turn, twins),
        None => (with_ending(turn, &thought), Vec::new()),
    };
    let mut rows = buttons(turn, &id, &question.text);
    if let Some(twins) = &twins {
        turn.record.objects.push(store::Row::of(twins)?);
        rows.insert(0, choices);
    }
    turn.record.also.extend(shadow::of(turn.bot, &id, turn.now));
    let outgoing = Outgoing {
        markdown,
        reply_to: (turn.incoming.place.kind != ChatKind::Private).then(|| question.message.clone()),
        buttons: rows,
        exchange: Some(id.clone()),
        shown: question.replaces.map(|replaced| replaced.shown).unwrap_or_default(),
        ..Outgoing::default()
    };
    turn.record.exchange = Some(Exchange {
        id,
        conversation: turn.conversation(),
        person: turn.person.id.clone(),
        asked: question.message,
        question: question.text,
        answer: thought.markdown,
        request: thought.request,
        release: print.id,
        answered_by: turn.mind.credited(&thought.model),
        model: thought.model,
        finish: thought.finish,
        tokens: thought.tokens,
        micro_usd: cost.and_then(|cost| i64::try_from(cost).ok()).unwrap_or(0),
        first_ms: thought.first.unwrap_or(at).since(turn.now),
        total_ms: at.since(turn.now),
        at,
    });
    turn.deliver(outgoing);
    Ok(())
}

/// Says under an answer that did not come to its own end why it ended.
fn with_ending(turn: &Turn<'_>, thought: &Thought) -> String {
    let key = match thought.finish {
        Finish::Complete => return thought.markdown.clone(),
        Finish::Length => "ended-length",
        Finish::Filtered => "ended-filtered",
        Finish::Stopped => "ended-stopped",
        Finish::CutOff => "ended-cut-off",
    };
    let note = turn.text(key);
    match thought.markdown.trim() {
        "" => format!("_{note}_"),
        _ => format!("{}\n\n_{note}_", thought.markdown),
    }
}

fn buttons(turn: &Turn<'_>, id: &ExchangeId, question: &str) -> Vec<Vec<Button>> {
    let mut rows = vec![vec![
        turn.button("button-again", &Press::Again(id.clone())),
        turn.button("button-up", &Press::Up(id.clone())),
        turn.button("button-down", &Press::Down(id.clone())),
        turn.button("button-correct", &Press::Correct(id.clone())),
    ]];
    rows.extend(draw::offer(turn, question).map(|button| vec![button]));
    rows
}

/// The question stays in the log; the person gets a clear sentence, a next step and a code.
async fn apologise(turn: &mut Turn<'_>, question: &Question, sorry: &Sorry) {
    let code = notice::reference(turn.record.work);
    tracing::warn!(code, model = sorry.model, reason = sorry.reason, "no answer");
    let blind = sorry.key == "sorry-cannot-see";
    let buttons = if blind { who_sees(turn, &sorry.model).await } else { Vec::new() };
    let key = if blind && !buttons.is_empty() { "sorry-cannot-see-others" } else { sorry.key };
    let why = turn.text_with(key, &sorry.args);
    // Where nobody sees, another attempt would help as little: there is nothing to apologise for and to look up.
    let text = match blind || sorry.key == "sorry-sees-nothing" {
        true => why,
        false => notice::apology(turn.lang(), &why, &code),
    };
    let id = question.message.clone();
    turn.deliver(Outgoing {
        markdown: text,
        buttons,
        reply_to: turn.in_group().then_some(id),
        shown: question.replaces.as_ref().map(|r| r.shown.clone()).unwrap_or_default(),
        ..Outgoing::default()
    });
}

/// Other models than those that cannot see: one tap chooses one and has it answer.
async fn who_sees(turn: &Turn<'_>, blind: &str) -> Vec<Vec<Button>> {
    let settings = turn.bot.settings.current();
    let mut named = settings.model.chain.clone();
    named.extend(settings.model_choices());
    named.extend(turn.bot.models.offered(OFFERED_WITHIN).await);
    named.retain(|name| {
        let seen = name.parse().ok().and_then(|name| turn.bot.models.sees(&name));
        name != blind && name != think::EMBEDDED && !name.ends_with("/*") && seen != Some(false)
    });
    let mut rows: Vec<Vec<Button>> = Vec::new();
    for name in named {
        let data = Press::Say(format!("/retry {name}")).encode();
        if data.len() <= 64 && rows.len() < 6 && !rows.iter().flatten().any(|button| button.data == data) {
            rows.push(vec![Button { label: name, data }]);
        }
    }
    rows
}

/// Has what fell out of sight summarised, once there is enough of it.
fn schedule_summary(turn: &mut Turn<'_>, thought: &Thought) {
    let covered = turn.summary.as_ref().map_or(0, |(upto, _)| *upto);
    let fallen = turn.log.get(..thought.out_of_sight).unwrap_or_default();
    let uncovered = fallen.iter().filter(|entry| entry.seq > covered).count();
    let Some(last) = fallen.last().filter(|_| uncovered >= WORTH_A_SUMMARY) else { return };
    let conversation = turn.conversation();
    turn.record.also.push(NewWork {
        lane: Lane(format!("{conversation}~")),
        dedupe: format!("summary:{conversation}:{}", last.seq),
        job: Job::Summarise { conversation, upto: last.seq, lang: turn.lang() },
        not_before: turn.now,
        interrupts: false,
    });
}

/// Thinks about a question; shared by the turn and what shows it.
pub async fn think(
    turn: &Turn<'_>,
    question: &Question,
    on_text: &mut (dyn FnMut(&str) + Send),
) -> anyhow::Result<Result<Thought, Sorry>> {
    think::think(&turn.asking(), question, on_text).await
}
