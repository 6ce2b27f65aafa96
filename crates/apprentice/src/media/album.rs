//! An album arrives as several messages and is one. Each part is a work item of its own; every part but the last only
//! notes what it brought, the last one stands for all of them.

use crate::turn::Turn;
use domain::ids::{ConversationId, MessageId, Millis, PersonId};
use domain::incoming::{Act, Message};
use domain::object::Object;
use domain::work::Job;
use serde::{Deserialize, Serialize};

/// How long a part waits for the others, milliseconds: platforms send them within a moment.
pub const WAIT_MS: i64 = 1_000;
/// How long it is remembered that an album was answered, milliseconds.
const KEPT_MS: i64 = 60 * 60 * 1_000;
/// Most parts that are put together; Telegram's albums have ten at most.
const MOST: usize = 20;

/// What the parts of an album have brought so far.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Parts {
    conversation: ConversationId,
    person: PersonId,
    at: Millis,
    message: Message,
    /// Under which message they were answered, once they were.
    #[serde(default)]
    asked: Option<MessageId>,
}

impl Object for Parts {
    const KIND: &'static str = "album";
    fn id(&self) -> String {
        id(&self.conversation, self.message.album.as_deref().unwrap_or_default())
    }
    fn state(&self) -> &'static str {
        "open"
    }
    fn person(&self) -> &str {
        self.person.as_str()
    }
    fn at(&self) -> Millis {
        self.at
    }
}

fn id(conversation: &ConversationId, album: &str) -> String {
    format!("{conversation}/{album}")
}

/// The message as all of its album's parts make it; none while another part is to come. One that comes after the
/// others were answered makes the same message once more, whose answer takes the place of the first.
pub async fn gathered(turn: &mut Turn<'_>, message: &Message) -> anyhow::Result<Option<Message>> {
    let Some(album) = &message.album else { return Ok(Some(message.clone())) };
    let conversation = turn.conversation();
    let store = &turn.bot.store;
    let earlier: Option<Parts> = store.object(&id(&conversation, album)).await?;
    let asked = earlier.as_ref().and_then(|earlier| earlier.asked.clone());
    let mut whole = match earlier {
        Some(earlier) => joined(earlier.message, message),
        None => message.clone(),
    };
    if let Some(asked) = &asked {
        whole.id.clone_from(asked);
    }
    let more = match store.following(&turn.record.lane, turn.record.work).await? {
        Some(Job::Handle { incoming, .. }) => is_part(&incoming.act, album),
        _ => false,
    };
    // An order was carried out already, with what was there.
    let done = asked.is_some() && whole.text.trim_start().starts_with('/');
    let asked = if more { asked } else { Some(whole.id.clone()) };
    let parts = Parts { conversation, person: turn.person.id.clone(), at: turn.now, message: whole.clone(), asked };
    turn.record.objects.push(store::Row::of(&parts)?);
    if !more {
        store.expire::<Parts>(turn.now.plus(-KEPT_MS)).await?;
    }
    Ok((!more && !done).then_some(whole))
}

fn is_part(act: &Act, album: &str) -> bool {
    matches!(act, Act::Said(message) if message.album.as_deref() == Some(album))
}

/// Two parts in the order in which they were sent. The one with words is what people reply to.
fn joined(mut earlier: Message, later: &Message) -> Message {
    let number = |id: &MessageId| id.as_str().parse::<i64>().unwrap_or(i64::MAX);
    let (own, mut others) = (earlier.attachments, later.attachments.clone());
    earlier.attachments = match number(&earlier.id) <= number(&later.id) {
        true => own.into_iter().chain(others).collect(),
        false => {
            others.extend(own);
            others
        }
    };
    earlier.attachments.truncate(MOST);
    if earlier.text.trim().is_empty() && !later.text.trim().is_empty() {
        earlier.id = later.id.clone();
        earlier.text.clone_from(&later.text);
    }
    earlier.mentions_bot |= later.mentions_bot;
    earlier.reply_to = earlier.reply_to.or_else(|| later.reply_to.clone());
    earlier.forwarded = earlier.forwarded.or_else(|| later.forwarded.clone());
    earlier
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::incoming::{Attached, Attachment};

    fn part(id: &str, text: &str) -> Message {
        let file = Attachment::File(Attached { handle: id.to_owned(), ..Attached::default() });
        Message { id: id.into(), text: text.to_owned(), attachments: vec![file], ..Message::default() }
    }

    fn handles(message: &Message) -> Vec<&str> {
        fn of(attachment: &Attachment) -> Option<&str> {
            match attachment {
                Attachment::File(file) => Some(&file.handle),
                _ => None,
            }
        }
        message.attachments.iter().filter_map(of).collect()
    }

    #[test]
    fn parts_are_put_in_the_order_of_their_numbers_whichever_came_first() {
        assert_eq!(handles(&joined(part("7", ""), &part("8", ""))), ["7", "8"]);
        assert_eq!(handles(&joined(part("8", ""), &part("7", ""))), ["7", "8"]);
    }

    #[test]
    fn the_part_with_words_is_the_one_that_is_answered() {
        let whole = joined(part("7", ""), &part("8", "what is this?"));
        assert_eq!((whole.id.as_str(), whole.text.as_str()), ("8", "what is this?"));
        let whole = joined(part("7", "what is this?"), &part("8", ""));
        assert_eq!(whole.id.as_str(), "7");
    }
}
