//! What happens right now in a conversation, for whoever looks at its page. Nothing here lasts: who comes
//! late reads the store.

use domain::ids::{ConversationId, ExchangeId};
use domain::outgoing::Outgoing;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::broadcast;

/// Events kept for a reader that is slow; one that falls further behind reads the store again.
const KEPT: usize = 256;

/// Something that happens in a conversation.
#[derive(Clone, Debug, PartialEq)]
pub enum LiveEvent {
    /// A model was asked.
    Thinking,
    /// The answer so far.
    Text {
        /// Which answer.
        exchange: ExchangeId,
        /// All of it so far, Markdown.
        markdown: String,
    },
    /// The answer is recorded.
    Done {
        /// Which answer.
        exchange: ExchangeId,
    },
    /// Words of the bot itself.
    Notice {
        /// What it says.
        outgoing: Outgoing,
    },
    /// It was handled, and there is nothing to say.
    Quiet,
}

/// The hub. Clones share everything.
#[derive(Clone, Debug, Default)]
pub struct Live(Arc<Mutex<HashMap<ConversationId, broadcast::Sender<LiveEvent>>>>);

impl Live {
    /// Tells whoever looks; nobody looking is fine.
    pub fn publish(&self, conversation: &ConversationId, event: LiveEvent) {
        let mut hubs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let gone = hubs.get(conversation).is_some_and(|hub| hub.send(event).is_err());
        if gone {
            hubs.remove(conversation);
        }
    }

    /// Whether somebody looks.
    pub fn is_watched(&self, conversation: &ConversationId) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains_key(conversation)
    }

    /// Looks at a conversation from now on.
    pub fn subscribe(&self, conversation: &ConversationId) -> broadcast::Receiver<LiveEvent> {
        let mut hubs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        hubs.entry(conversation.clone()).or_insert_with(|| broadcast::channel(KEPT).0).subscribe()
    }
}
