//! What happens right now in a conversation, for whoever looks at its page. Nothing here outlives the
//! process: who comes late reads the store, and is handed the latest words of the bot that nobody has
//! seen. Notices with files and cards are kept, so that a page which is loaded again shows them again.

use domain::ids::{ConversationId, ExchangeId, Millis};
use domain::outgoing::{Contents, File, Outgoing};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::broadcast;

/// Events kept for a reader that is slow; one that falls further behind reads the store again.
const KEPT: usize = 256;
/// Notices kept for a page that is not open, for each conversation.
const UNSEEN: usize = 20;
/// Notices with files and cards that are kept of each conversation.
const SHOWN_AGAIN: usize = 20;
/// Most bytes of a text that is kept.
const LONGEST: usize = 64 * 1024;

/// What the bot does until it says something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// A model was asked.
    Thinking,
    /// A recording is turned into words.
    Listening,
    /// Pictures are made ready for a model.
    Looking,
    /// A document is read.
    Reading,
    /// A picture is drawn.
    Drawing,
}

/// Something that happens in a conversation.
#[derive(Clone, Debug, PartialEq)]
pub enum LiveEvent {
    /// Something was begun that takes a while.
    Doing(Doing),
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
    Notice(Box<Notice>),
    /// It was handled, and there is nothing to say.
    Quiet,
}

/// Words of the bot itself, with what comes along.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// What it says.
    pub outgoing: Outgoing,
    /// When it said so first.
    pub at: Millis,
    /// Under which name its files are fetched; none when there is nothing to fetch or to keep.
    pub key: Option<String>,
    /// Whether it comes beside an answer that is still to come: what waits for that goes on waiting.
    pub beside: bool,
}

impl Notice {
    /// Names what is to be kept.
    fn named(outgoing: Outgoing, at: Millis) -> Self {
        let text = |file: &File| match &file.contents {
            Contents::Text(text) => text.len(),
            Contents::Stored { .. } | Contents::Blob { .. } => 0,
        };
        let held = outgoing.file.iter().chain(&outgoing.picture);
        let some = outgoing.card.is_some() || outgoing.voice.is_some() || held.clone().next().is_some();
        let kept = some && held.map(text).sum::<usize>() <= LONGEST;
        Self { key: if kept { random() } else { None }, outgoing, at, beside: false }
    }

    /// Whether this stands in the place of another.
    fn replaces(&self, other: &Self) -> bool {
        self.outgoing.card.is_some() && self.outgoing.card == other.outgoing.card
    }
}

/// A name that nobody guesses.
pub(crate) fn random() -> Option<String> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).ok()?;
    Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

impl LiveEvent {
    /// Words of the bot itself, said at that moment.
    pub fn notice(outgoing: Outgoing, at: Millis) -> Self {
        Self::Notice(Box::new(Notice::named(outgoing, at)))
    }

    /// The same, while the answer is still to come.
    pub fn beside(outgoing: Outgoing, at: Millis) -> Self {
        Self::Notice(Box::new(Notice { beside: true, ..Notice::named(outgoing, at) }))
    }
}

/// The hub. Clones share everything.
#[derive(Clone, Debug, Default)]
pub struct Live(Arc<Mutex<Hub>>);

#[derive(Debug, Default)]
struct Hub {
    watched: HashMap<ConversationId, broadcast::Sender<LiveEvent>>,
    unseen: HashMap<ConversationId, VecDeque<LiveEvent>>,
    kept: HashMap<ConversationId, VecDeque<Notice>>,
}

impl Live {
    /// Tells whoever looks. A notice that nobody sees waits for whoever looks next: the store has answers,
    /// not notices.
    pub fn publish(&self, conversation: &ConversationId, event: LiveEvent) {
        let mut hub = self.hub();
        let mut event = event;
        if let LiveEvent::Notice(notice) = &mut event {
            hub.keep(conversation, notice);
        }
        let unseen = match hub.watched.get(conversation) {
            Some(watched) => watched.send(event).map_err(|refused| refused.0).err(),
            None => Some(event),
        };
        let Some(event) = unseen else { return };
        hub.watched.remove(conversation);
        if let LiveEvent::Notice(notice) = &event {
            let waiting = hub.unseen.entry(conversation.clone()).or_default();
            waiting.retain(|other| !matches!(other, LiveEvent::Notice(other) if notice.replaces(other)));
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

    /// The notices with files and the cards of a conversation, in the order in which they came first.
    pub fn kept(&self, conversation: &ConversationId) -> Vec<Notice> {
        self.hub().kept.get(conversation).map(|kept| kept.iter().cloned().collect()).unwrap_or_default()
    }

    fn hub(&self) -> MutexGuard<'_, Hub> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hub {
    /// Keeps a notice that has a name; a card takes the place of its earlier form, and its time.
    fn keep(&mut self, conversation: &ConversationId, notice: &mut Notice) {
        if notice.key.is_none() {
            return;
        }
        let kept = self.kept.entry(conversation.clone()).or_default();
        if let Some(earlier) = kept.iter_mut().find(|earlier| notice.replaces(earlier)) {
            notice.at = earlier.at;
            *earlier = notice.clone();
            return;
        }
        // What is said aloud passes; it pushes out nothing but what was said aloud before.
        let alike = |other: &&Notice| other.outgoing.voice.is_some() == notice.outgoing.voice.is_some();
        if kept.iter().filter(alike).count() >= SHOWN_AGAIN
            && let Some(first) = kept.iter().position(|other| alike(&other))
        {
            kept.remove(first);
        }
        kept.push_back(notice.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(text: &str) -> LiveEvent {
        LiveEvent::notice(Outgoing { markdown: text.to_owned(), ..Outgoing::default() }, Millis(1))
    }

    fn card(text: &str, at: i64) -> LiveEvent {
        let card = Some("run:1".to_owned());
        LiveEvent::notice(Outgoing { markdown: text.to_owned(), card, ..Outgoing::default() }, Millis(at))
    }

    #[test]
    fn of_a_card_the_latest_form_is_kept_where_it_stood_first() {
        let (live, here) = (Live::default(), ConversationId("web:1".into()));
        live.publish(&here, card("step 1", 5));
        live.publish(
            &here,
            LiveEvent::notice(Outgoing { file: Some(File::text("a", "b")), ..Outgoing::default() }, Millis(6)),
        );
        live.publish(&here, notice("no more than words"));
        live.publish(&here, card("step 2", 7));
        let kept: Vec<_> = live.kept(&here).into_iter().map(|notice| (notice.at.0, notice.outgoing.markdown)).collect();
        assert_eq!(kept, [(5, "step 2".to_owned()), (6, String::new())]);
        assert_eq!(live.subscribe(&here).1.len(), 3, "the first form is not told any more");
        assert!(live.kept(&ConversationId("web:2".into())).is_empty());
    }

    #[test]
    fn what_is_kept_is_bounded_in_number_and_size() {
        let (live, here) = (Live::default(), ConversationId("web:1".into()));
        let file = |text: String| Outgoing { file: Some(File::text("a", text)), ..Outgoing::default() };
        (0..50).for_each(|number| live.publish(&here, LiveEvent::notice(file("x".into()), Millis(number))));
        live.publish(&here, LiveEvent::notice(file("x".repeat(LONGEST + 1)), Millis(50)));
        let kept = live.kept(&here);
        assert_eq!((kept.len(), kept.last().map(|notice| notice.at.0)), (SHOWN_AGAIN, Some(49)));
    }

    #[test]
    fn a_notice_that_nobody_saw_waits_for_the_next_reader_and_is_given_once() {
        let (live, here) = (Live::default(), ConversationId("web:1".into()));
        live.publish(&here, notice("early"));
        live.publish(&here, LiveEvent::Doing(Doing::Thinking));
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
