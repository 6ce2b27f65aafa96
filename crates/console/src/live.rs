//! What happens right now in a conversation, for whoever looks at its page. Nothing here lasts: who comes
//! late reads the store, and is handed the latest words of the bot that nobody has seen.

use domain::ids::{ConversationId, ExchangeId};
use domain::outgoing::Outgoing;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::broadcast;

/// Events kept for a reader that is slow; one that falls further behind reads the store again.
const KEPT: usize = 256;
/// Notices kept for a page that is not open, for each conversation.
const UNSEEN: usize = 20;

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
        outgoing: Box<Outgoing>,
    },
    /// It was handled, and there is nothing to say.
    Quiet,
}

/// The hub. Clones share everything.
#[derive(Clone, Debug, Default)]
pub struct Live(Arc<Mutex<Hub>>);

#[derive(Debug, Default)]
struct Hub {
    watched: HashMap<ConversationId, broadcast::Sender<LiveEvent>>,
    unseen: HashMap<ConversationId, VecDeque<LiveEvent>>,
}

impl Live {
    /// Tells whoever looks. A notice that nobody sees waits for whoever looks next: the store has answers,
    /// not notices.
    pub fn publish(&self, conversation: &ConversationId, event: LiveEvent) {
        let mut hub = self.hub();
        let unseen = match hub.watched.get(conversation) {
            Some(watched) => watched.send(event).map_err(|refused| refused.0).err(),
            None => Some(event),
        };
        let Some(event) = unseen else { return };
        hub.watched.remove(conversation);
        if matches!(event, LiveEvent::Notice { .. }) {
            let waiting = hub.unseen.entry(conversation.clone()).or_default();
            if waiting.len() == UNSEEN {
                waiting.pop_front();
            }
            waiting.push_back(event);
        }
    }

    /// Looks at a conversation from now on; also what nobody has seen of it.
    pub fn subscribe(&self, conversation: &ConversationId) -> (broadcast::Receiver<LiveEvent>, VecDeque<LiveEvent>) {
        let mut hub = self.hub();
        let unseen = hub.unseen.remove(conversation).unwrap_or_default();
        let watched = hub.watched.entry(conversation.clone()).or_insert_with(|| broadcast::channel(KEPT).0);
        (watched.subscribe(), unseen)
    }

    fn hub(&self) -> MutexGuard<'_, Hub> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(text: &str) -> LiveEvent {
        LiveEvent::Notice { outgoing: Box::new(Outgoing { markdown: text.to_owned(), ..Outgoing::default() }) }
    }

    #[test]
    fn a_notice_that_nobody_saw_waits_for_the_next_reader_and_is_given_once() {
        let (live, here) = (Live::default(), ConversationId("web:1".into()));
        live.publish(&here, notice("early"));
        live.publish(&here, LiveEvent::Thinking);
        let (mut reader, unseen) = live.subscribe(&here);
        assert_eq!(Vec::from(unseen), [notice("early")]);
        live.publish(&here, notice("seen"));
        assert_eq!(reader.try_recv().ok(), Some(notice("seen")));
        drop(reader);
        live.publish(&here, notice("late"));
        assert_eq!(Vec::from(live.subscribe(&here).1), [notice("late")]);
        assert!(live.subscribe(&here).1.is_empty());
    }

    #[test]
    fn of_many_unseen_notices_the_latest_are_kept() {
        let (live, here) = (Live::default(), ConversationId("web:1".into()));
        (0..50).for_each(|number| live.publish(&here, notice(&number.to_string())));
        let unseen = live.subscribe(&here).1;
        assert_eq!((unseen.len(), unseen.back().cloned()), (UNSEEN, Some(notice("49"))));
    }
}
