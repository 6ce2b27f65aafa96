//! When nothing can be stored, nothing new is accepted: whoever waits for an answer in private is told
//! so, by a draft that does not stay. The platform keeps the message and brings it again.

use crate::bot::{Bot, now};
use domain::ids::{ConversationId, Millis};
use domain::incoming::{Act, ChatKind, Incoming};
use domain::person::Lang;
use domain::policy::{self, Verdict};
use domain::text;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// A conversation is told again after so many milliseconds: a draft does not stay for long.
const AGAIN_AFTER_MS: i64 = 20_000;
/// Most conversations that are remembered.
const MOST: usize = 10_000;

/// Which conversations were told, and when.
#[derive(Debug, Default)]
pub struct Told(Mutex<HashMap<ConversationId, Millis>>);

impl Told {
    /// Whether a conversation is to be told now; it then counts as told.
    fn is_due(&self, conversation: &ConversationId, now: Millis) -> bool {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if told.get(conversation).is_some_and(|at| now.since(*at) < AGAIN_AFTER_MS) {
            return false;
        }
        if told.len() >= MOST {
            told.clear();
        }
        told.insert(conversation.clone(), now);
        true
    }
}

/// Tells those who asked something that it cannot be taken now, and that it is not lost.
pub(crate) async fn tell(bot: &Bot, asked: &[Incoming], why: &store::Error) {
    let key = match why {
        store::Error::Full => "store-full",
        store::Error::Busy => "store-busy",
        _ => return,
    };
    let Some(telegram) = &bot.telegram else { return };
    for incoming in asked {
        if may_be_told(bot, incoming).await && bot.told.is_due(&incoming.place.conversation(), now()) {
            let lang = Lang::guess(incoming.author.language.as_deref());
            let question = incoming.message_id().cloned().unwrap_or_default();
            telegram.remark(&incoming.place, &question, &text::say(lang, key)).await;
        }
    }
}

/// In private, and nobody to whom the door is closed.
async fn may_be_told(bot: &Bot, incoming: &Incoming) -> bool {
    let asks = matches!(incoming.act, Act::Said(_)) && incoming.place.kind == ChatKind::Private;
    let account = format!("{}:{}", incoming.place.channel.name(), incoming.author.account);
    let access = bot.settings.current().access.policy;
    match bot.store.find_person(&account).await {
        Ok(Some(person)) => asks && policy::gate(incoming, &person, access) == Verdict::Pass,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conversation_is_told_once_in_a_while() {
        let told = Told::default();
        let (one, other) = (ConversationId("telegram:1".into()), ConversationId("telegram:2".into()));
        assert!(told.is_due(&one, Millis(0)) && told.is_due(&other, Millis(1)));
        assert!(!told.is_due(&one, Millis(AGAIN_AFTER_MS - 1)));
        assert!(told.is_due(&one, Millis(AGAIN_AFTER_MS)));
    }
}
