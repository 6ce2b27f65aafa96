//! What was heard, kept: so that a recording is recognised once, and so that a person can say what they really said. A
//! corrected transcript is training data for speech.

use crate::answer;
use crate::bot::Bot;
use crate::media::hear::{self, Unheard, Whose};
use crate::media::is;
use crate::turn::Turn;
use domain::ids::{ConversationId, MessageId, Millis, PersonId};
use domain::incoming::{Attached, Attachment, Channel, Heard, Message, Sense};
use domain::markdown::escape;
use domain::object::Object;
use domain::outgoing::Outgoing;
use domain::work::{Delivery, Job, NewWork, Sent};
use serde::{Deserialize, Serialize};

/// State of what nobody has corrected.
pub(super) const HEARD: &str = "heard";
/// State of what was corrected by somebody who does not let it be trained on.
pub(super) const PRIVATE: &str = "private";

/// The words of one sound file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Transcript {
    /// The hash of the file, and the language that was expected.
    pub id: String,
    /// Whose words they are.
    pub person: PersonId,
    /// When.
    pub at: Millis,
    /// The words.
    pub heard: Heard,
}

impl Transcript {
    /// Under what a file's words are kept.
    pub fn key(hash: &str, language: Option<&str>) -> String {
        format!("{hash}:{}", language.unwrap_or("auto"))
    }
}

impl Object for Transcript {
    const KIND: &'static str = "transcript";
    fn id(&self) -> String {
        self.id.clone()
    }
    fn state(&self) -> &'static str {
        HEARD
    }
    fn person(&self) -> &str {
        self.person.as_str()
    }
    fn at(&self) -> Millis {
        self.at
    }
}

/// A recording in a conversation, what was heard in it, and what was really said.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Spoken {
    /// Where.
    pub conversation: ConversationId,
    /// Who spoke.
    pub person: PersonId,
    /// The message that holds the recording.
    pub message: MessageId,
    /// What was heard, in the first of its recordings.
    pub heard: Heard,
    /// What was heard in the others.
    #[serde(default)]
    pub more: Vec<Heard>,
    /// Whether the words are somebody else's, passed on: then nobody here can agree to their being trained on.
    #[serde(default)]
    pub passed_on: bool,
    /// What was really said, once the person has said so.
    pub corrected: Option<String>,
    /// The recording, to be fetched again.
    pub file: Option<Attached>,
    /// Whether the person lets it be trained on.
    pub consent: bool,
    /// When.
    pub at: Millis,
}

impl Object for Spoken {
    const KIND: &'static str = "spoken";
    fn id(&self) -> String {
        id(&self.conversation, &self.message)
    }
    fn state(&self) -> &'static str {
        match (&self.corrected, self.consent) {
            (Some(_), true) => "corrected",
            (Some(_), false) => PRIVATE,
            (None, _) => HEARD,
        }
    }
    fn person(&self) -> &str {
        self.person.as_str()
    }
    fn key(&self) -> String {
        self.conversation.0.clone()
    }
    fn at(&self) -> Millis {
        self.at
    }
}

fn id(conversation: &ConversationId, message: &MessageId) -> String {
    format!("{conversation}/{message}")
}

/// The card that shows what was heard in a message.
pub fn card(message: &MessageId) -> String {
    format!("heard:{message}")
}

impl Spoken {
    /// What was said, as far as anybody knows.
    fn words(&self) -> String {
        let heard = || hear::said(std::iter::once(&self.heard).chain(&self.more));
        self.corrected.clone().unwrap_or_else(heard)
    }

    /// What was heard just now.
    pub fn new(
        conversation: ConversationId,
        person: PersonId,
        message: MessageId,
        heard: &Heard,
        file: Option<Attachment>,
        at: Millis,
    ) -> Self {
        let file = match file {
            Some(Attachment::File(file)) => Some(file),
            _ => None,
        };
        Self {
            conversation,
            person,
            message,
            heard: heard.clone(),
            more: Vec::new(),
            passed_on: false,
            corrected: None,
            file,
            consent: false,
            at,
        }
    }
}

/// Takes a reply to what was heard as what was really said: the question is answered anew. False when it is no such reply.
pub async fn corrected(turn: &mut Turn<'_>, message: &Message) -> anyhow::Result<bool> {
    let right = message.text.trim().to_owned();
    // What is spoken may be misheard as well, and no recogniser is to learn from that.
    let typed = message.heard.is_empty() && !right.is_empty();
    let Some(reply) = message.reply_to.as_ref().filter(|reply| reply.ours && typed) else {
        return Ok(false);
    };
    let conversation = turn.conversation();
    let Some(asked) = asked_in(turn, &conversation, &reply.message).await? else { return Ok(false) };
    let Some(mut spoken) = turn.bot.store.object::<Spoken>(&id(&conversation, &asked)).await? else { return Ok(false) };
    // Somebody else's words are theirs to correct.
    if spoken.person != turn.person.id {
        return Ok(false);
    }
    let was = spoken.words();
    spoken.corrected = Some(right.clone());
    // What is said in a group is the group's too.
    spoken.consent = turn.person.prefs.training == Some(true) && (!turn.in_group() || turn.prefs.training);
    // Of several recordings nobody can tell which words are whose.
    spoken.consent &= !spoken.passed_on && spoken.more.is_empty();
    if let (true, Some(file)) = (spoken.consent, &spoken.file)
        && let Ok(fetched) = crate::media::fetch::fetch(turn.bot, turn.incoming.place.channel, file, 64 << 20).await?
    {
        spoken.heard.blob = Some(fetched.keep(turn.bot).await?.as_str().to_owned());
    }
    turn.record.objects.push(store::Row::of(&spoken)?);
    turn.record.also.push(shown(turn, &asked, &right));
    answer::asked_otherwise(turn, message, &asked, &was, &right).await?;
    Ok(true)
}

/// A message that was answered before, with what was heard in it in the place of its recordings.
pub async fn in_words(turn: &Turn<'_>, message: &Message) -> anyhow::Result<Message> {
    let (recordings, rest): (Vec<_>, Vec<_>) =
        message.attachments.iter().cloned().partition(|attachment| is(attachment, Sense::Hear));
    let known = id(&turn.conversation(), &message.id);
    let spoken = match recordings.is_empty() {
        true => None,
        false => turn.bot.store.object::<Spoken>(&known).await?,
    };
    Ok(match spoken {
        Some(spoken) => {
            let text = hear::joined(&message.text, &spoken.words());
            let heard = std::iter::once(spoken.heard).chain(spoken.more).collect();
            Message { text, attachments: rest, heard, ..message.clone() }
        }
        None => message.clone(),
    })
}

/// The message whose recording a message of ours shows the words of. On the page messages of ours have no ids, and a reply
/// names the card itself.
async fn asked_in(
    turn: &Turn<'_>,
    conversation: &ConversationId,
    shown: &MessageId,
) -> anyhow::Result<Option<MessageId>> {
    if turn.incoming.place.channel == Channel::Web {
        return Ok(shown.as_str().strip_prefix("heard:").map(MessageId::from));
    }
    let noted = turn.bot.store.noted_as(conversation, shown).await?.unwrap_or_default();
    Ok(heard_in(noted.as_str()))
}

/// The message whose words a card shows, by what it was noted as; none of another card.
fn heard_in(noted: &str) -> Option<MessageId> {
    let (asked, _) = noted.strip_prefix("heard:")?.split_once('@')?;
    Some(MessageId::from(asked))
}

/// Who spoke in the recording whose words a card shows, by what it was noted as; none of another card.
pub async fn spoken_by(bot: &Bot, conversation: &ConversationId, noted: &str) -> anyhow::Result<Option<PersonId>> {
    let Some(asked) = heard_in(noted) else { return Ok(None) };
    Ok(bot.store.object::<Spoken>(&id(conversation, &asked)).await?.map(|spoken| spoken.person))
}

/// The card shows what was really said.
fn shown(turn: &Turn<'_>, asked: &MessageId, right: &str) -> NewWork {
    let outgoing = Outgoing {
        markdown: format!("🎙 {}", turn.text("heard-corrected")),
        quote: right.to_owned(),
        card: Some(card(asked)),
        ..Outgoing::default()
    };
    let delivery = Delivery { place: turn.incoming.place.clone(), outgoing, sent: Sent::default(), then: None };
    NewWork {
        lane: crate::media::speak::lane(&turn.conversation()),
        dedupe: format!("heard-corrected:{}", turn.record.work),
        job: Job::Deliver(Box::new(delivery)),
        not_before: turn.now,
        interrupts: false,
    }
}

/// `/transcribe` with a recording, or in reply to one: its words and nothing else.
pub async fn command(turn: &mut Turn<'_>) -> anyhow::Result<()> {
    let message = turn.message().cloned().unwrap_or_default();
    let replied = message.reply_to.iter().flat_map(|reply| &reply.attachments);
    let own = message.attachments.iter().map(|attachment| (attachment, Whose::Theirs));
    // Platforms do not say who sent what is replied to.
    let replied = replied.map(|attachment| (attachment, Whose::Unknown));
    let recordings: Vec<(Attached, Whose)> = own
        .chain(replied)
        .filter(|(attachment, _)| is(attachment, Sense::Hear))
        .filter_map(|(attachment, whose)| match attachment {
            Attachment::File(file) => Some((file.clone(), whose)),
            Attachment::Text { .. } | Attachment::Unreadable { .. } => None,
        })
        .collect();
    if recordings.is_empty() {
        let usage = turn.text("transcribe-usage");
        turn.reply(usage);
        return Ok(());
    }
    let mut said = Vec::new();
    for (file, whose) in &recordings {
        said.push(match hear::take_down(turn, file, *whose).await? {
            Ok(heard) => escape(&heard.text),
            Err(Unheard::Silent) => {
                turn.text_with("heard-silent-film", &[("name", crate::media::problem::called(turn, file))])
            }
            Err(Unheard::Because(why)) => why,
        });
        if turn.stop.is_cancelled() {
            break;
        }
    }
    turn.reply(said.join("\n\n"));
    Ok(())
}
