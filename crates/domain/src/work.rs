//! Work items: the one durable mechanism. This module holds their vocabulary and the pure
//! decisions about them (how long to wait, when to give up); `store` keeps them.
//!
//! A *lane* is handled in order, one item at a time, by whoever holds the lane's lease. An item is
//! `open` until it is done, or *parked* with a reason a person can read; a parked item no longer
//! holds up its lane. A turn's item *becomes* its delivery in the transaction that records the
//! answer, so the next message of the chat waits until the answer is really there.

use crate::ids::{ConversationId, ExchangeId, Lane, MessageId, Millis, PersonId, RunId};
use crate::incoming::Incoming;
use crate::outgoing::Outgoing;
use serde::{Deserialize, Serialize};

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "job", rename_all = "snake_case")]
pub enum Job {
    /// Handle what a person did.
    Handle {
        /// What they did.
        incoming: Box<Incoming>,
        /// What an earlier attempt may already have shown while streaming.
        #[serde(default)]
        shown: Sent,
    },
    /// Bring something to a chat.
    Deliver(Box<Delivery>),
    /// Say something aloud that was written.
    Speak(Box<Speak>),
    /// Go on with long work.
    Run {
        /// Which.
        run: RunId,
        /// What is to be done with it.
        act: RunAct,
    },
    /// Let a release answer beside the one in use, unseen.
    Shadow {
        /// What was answered.
        exchange: ExchangeId,
        /// Which release answers beside.
        release: u32,
    },
    /// Summarise what fell out of a conversation's context.
    Summarise {
        /// Which conversation.
        conversation: ConversationId,
        /// The last log entry to be covered.
        upto: i64,
        /// Language of the instruction to the model.
        lang: crate::person::Lang,
    },
}

/// What is to be done with a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum RunAct {
    /// Its next step.
    Step,
    /// A person said yes to what it asked, in this way.
    Confirm {
        /// Which of the ways that it offered; empty for the only one.
        way: String,
    },
    /// A person ends it.
    Cancel,
}

/// Words to be brought to a chat as a voice message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Speak {
    /// Where to.
    pub place: crate::incoming::Place,
    /// Markdown, some sentences.
    pub markdown: String,
    /// The language of what is said about code and tables; the words themselves tell their own.
    pub lang: crate::person::Lang,
    /// The message that it answers; shown as a reply in groups.
    #[serde(default)]
    pub reply_to: Option<MessageId>,
    /// The exchange whose answer it is; none for what was asked to be read aloud.
    #[serde(default)]
    pub exchange: Option<ExchangeId>,
    /// To whom it is said.
    #[serde(default)]
    pub person: PersonId,
}

/// Something to bring to a chat, and how far that has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Where to.
    pub place: crate::incoming::Place,
    /// What.
    pub outgoing: Outgoing,
    /// How far.
    #[serde(default)]
    pub sent: Sent,
    /// What is to be handled once it is there, before anything else of its lane: what was heard is shown before it is
    /// answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub then: Option<Box<Incoming>>,
}

/// How far a delivery has come: what surely arrived, and what may have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// Messages that surely arrived, in order.
    #[serde(default)]
    pub messages: Vec<MessageId>,
    /// Set before a message is sent, cleared when its id is known. Found set after a crash it
    /// says: one more message may have arrived, with an id above this one (the highest known then).
    #[serde(default)]
    pub trying_above: Option<i64>,
}

/// A work item to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewWork {
    /// Its lane.
    pub lane: Lane,
    /// The same key again is the same item: it is stored once, for ever after.
    pub dedupe: String,
    /// What is to be done.
    pub job: Job,
    /// Not before this moment.
    pub not_before: Millis,
    /// Whether it ends the answer that is being written in its lane.
    pub interrupts: bool,
}

/// A work item as claimed: its lane is held by the claimer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work {
    /// Number, ascending in order of acceptance.
    pub id: i64,
    /// Its lane.
    pub lane: Lane,
    /// What is to be done.
    pub job: Job,
    /// Attempts that were begun before this one.
    pub attempts: u32,
    /// When it was accepted.
    pub created: Millis,
}

/// What to do with an item whose attempt failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Retry {
    /// Again, not before this moment.
    At(Millis),
    /// Set aside with the reason.
    Park,
}

/// Attempts after which an item is parked.
pub const MAX_ATTEMPTS: u32 = 8;

/// Decides when to try again: 0.5 s doubled with each attempt, at most 5 min, plus up to a quarter
/// of that by `jitter` (0 to 1); `ask` (the platform's own `retry_after`, milliseconds) is obeyed
/// when longer and does not count as a failure.
pub fn retry(attempts: u32, now: Millis, jitter: f64, ask: Option<i64>) -> Retry {
    if attempts >= MAX_ATTEMPTS && ask.is_none() {
        return Retry::Park;
    }
    let step = 500_i64.saturating_mul(1 << attempts.min(12)).min(300_000);
    let spread = (step as f64 * 0.25 * jitter.clamp(0.0, 1.0)) as i64;
    Retry::At(now.plus(ask.unwrap_or(0).max(step + spread)))
}

/// Names the conversation of a lane (a control lane belongs to the same conversation).
pub fn conversation_of(lane: &Lane) -> ConversationId {
    ConversationId(lane.0.trim_end_matches('!').to_owned())
}
