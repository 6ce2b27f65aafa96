//! Bringing an answer to its chat, exactly once.
//!
//! `sendMessage` cannot be repeated safely. So the highest message id known is made durable before
//! each send, and cleared when the new id is known. Found set after a crash, it says that one message may
//! have arrived above it: that message is looked for by editing (our own edit is safe to repeat), and
//! only when nothing is found is it sent.

use super::api::{Message, chat_id, in_thread};
use super::{Failure, Ledger, Lost, Telegram};
use domain::ids::MessageId;
use domain::incoming::Place;
use domain::markdown::{self, Rendered as Rich};
use domain::outgoing::{Button, Outgoing};
use domain::rich::{self, Style};
use domain::work::{Delivery, Sent};
use serde_json::{Map, Value, json};

/// Most UTF-16 units of a message.
pub(crate) const LONGEST: usize = 4096;
/// Most messages that an answer takes; a longer one goes as a file.
const MOST_PARTS: usize = 4;
/// Most entities of a message.
const MOST_ENTITIES: usize = 100;
/// How many ids above the mark are tried when a message may have arrived.
const PROBES: i64 = 48;
/// Times that a call is repeated at once when the connection breaks and repeating is safe.
const REPEATS: u32 = 3;

/// One message to be shown.
struct Part {
    text: Rich,
    buttons: Vec<Vec<Button>>,
    file: Option<(String, Vec<u8>)>,
}

impl Telegram {
    /// Brings a delivery to its chat, going on where `delivery.sent` says; the ids of the messages that
    /// show it. `recovering` says that an earlier process may have died while sending. The
    /// `ledger` is awaited before each message that cannot be repeated.
    ///
    /// # Errors
    ///
    /// [`Failure::RetryAfter`] and [`Failure::Broken`] may be tried again with what was saved last, as
    /// `recovering`; the others never.
    pub async fn deliver(
        &self,
        delivery: &Delivery,
        recovering: bool,
        ledger: &mut dyn Ledger,
    ) -> Result<Vec<MessageId>, Failure> {
        let outgoing = &delivery.outgoing;
        let parts = parts(outgoing);
        let mut sent = delivery.sent.clone();
        // Whatever shows an earlier form is edited, wherever it was noted.
        let mut shown = outgoing.shown.clone();
        shown.extend(sent.messages.iter().filter(|id| !outgoing.shown.contains(id)).cloned());
        let mut ids: Vec<MessageId> = Vec::new();
        let mut doubt = sent.trying_above.filter(|_| recovering);
        for (at, part) in parts.iter().enumerate() {
            let reply_to = outgoing.reply_to.as_ref().filter(|_| at == 0);
            let id = match shown.get(at) {
                Some(id) if part.file.is_none() && self.edited(&delivery.place, id, part).await? => id.clone(),
                _ => {
                    let found = match doubt.take() {
                        Some(above) => self.arrived(&delivery.place, above, part, &ids, ledger).await?,
                        None => None,
                    };
                    match found {
                        Some(id) => id,
                        None => {
                            sent.messages.clone_from(&ids);
                            self.sent_anew(&delivery.place, part, reply_to, &mut sent, ledger).await?
                        }
                    }
                }
            };
            ids.push(id);
            if at + 1 < parts.len() {
                sent = Sent { messages: ids.clone(), trying_above: None };
                ledger.save(sent.clone()).await.map_err(|Lost| Failure::Lost)?;
            }
        }
        for surplus in shown.iter().skip(parts.len()) {
            self.delete(&delivery.place, surplus).await;
        }
        Ok(ids)
    }

    /// Sends a message that was surely not sent before.
    async fn sent_anew(
        &self,
        place: &Place,
        part: &Part,
        reply_to: Option<&MessageId>,
        sent: &mut Sent,
        ledger: &mut dyn Ledger,
    ) -> Result<MessageId, Failure> {
        self.0.pacer.wait(place).await;
        if sent.trying_above.is_none() {
            sent.trying_above = Some(self.mark(place, sent.messages.last().or(reply_to)));
            ledger.save(sent.clone()).await.map_err(|Lost| Failure::Lost)?;
        }
        let above = sent.trying_above.unwrap_or(0);
        for attempt in 0..=REPEATS {
            match self.send(place, part, reply_to).await {
                Ok(id) => return Ok(id),
                // Nobody knows whether it arrived: look before sending again.
                Err(Failure::Broken(why)) if attempt < REPEATS => {
                    tracing::warn!(why, "a message may or may not have arrived");
                    super::pause(std::time::Duration::from_millis(200 << attempt)).await;
                    if let Some(id) = self.arrived(place, above, part, &sent.messages, ledger).await? {
                        return Ok(id);
                    }
                }
                Err(failure) => {
                    // Refused is surely not sent: there is nothing to look for later.
                    sent.trying_above = None;
                    ledger.save(sent.clone()).await.map_err(|Lost| Failure::Lost)?;
                    return Err(failure);
                }
            }
        }
        Err(Failure::Broken("the message could not be sent".to_owned()))
    }

    /// Looks for a message that may have arrived above an id, by editing what may be it.
    async fn arrived(
        &self,
        place: &Place,
        above: i64,
        part: &Part,
        ours: &[MessageId],
        ledger: &mut dyn Ledger,
    ) -> Result<Option<MessageId>, Failure> {
        // A file cannot be recognised by an edit of its text.
        if part.file.is_some() {
            return Ok(None);
        }
        let known = ledger.delivered_above(above).await;
        for id in above.saturating_add(1)..=above.saturating_add(PROBES) {
            let candidate = MessageId(id.to_string());
            if !ours.contains(&candidate) && !known.contains(&candidate) && self.is_it(place, id, part).await? {
                self.saw(place, id);
                return Ok(Some(candidate));
            }
        }
        Ok(None)
    }

    /// Whether a message is the one in doubt, by making it show what that one shows.
    async fn is_it(&self, place: &Place, id: i64, part: &Part) -> Result<bool, Failure> {
        let room = self.0.ours.room(&place.chat);
        let mut room = room.lock().await;
        if room.holds(id) {
            return Ok(false);
        }
        let candidate = MessageId(id.to_string());
        let found = match self.edit(place, &candidate, part).await {
            // The pace of looking is the platform's own: nothing is shown by it.
            Err(Failure::RetryAfter(ms)) => {
                super::pause(std::time::Duration::from_millis(u64::try_from(ms).unwrap_or(1000))).await;
                self.edit(place, &candidate, part).await?
            }
            found => found?,
        };
        if found {
            room.note(id);
        }
        Ok(found)
    }

    /// Makes a message show a part; false when it is not one of ours in this chat.
    async fn edited(&self, place: &Place, id: &MessageId, part: &Part) -> Result<bool, Failure> {
        self.0.pacer.wait(place).await;
        self.edit(place, id, part).await
    }

    async fn edit(&self, place: &Place, id: &MessageId, part: &Part) -> Result<bool, Failure> {
        let mut body = content(place, part);
        body.insert("message_id".to_owned(), json!(id.as_str().parse::<i64>().unwrap_or(0)));
        body.remove("message_thread_id");
        match self.patiently("editMessageText", Value::Object(body)).await {
            // A message in doubt of another topic of the same chat: its own delivery mends it.
            Ok(message) => Ok(in_topic(&message, place)),
            Err(Failure::Refused { description }) if description.contains("message is not modified") => Ok(true),
            Err(Failure::Refused { .. }) => Ok(false),
            Err(failure) => Err(failure),
        }
    }

    /// A call that is safe to repeat.
    async fn patiently(&self, method: &str, body: Value) -> Result<Message, Failure> {
        let mut attempt = 0;
        loop {
            match self.0.api.call_for(method, &body).await {
                Err(Failure::Broken(_)) if attempt < REPEATS => {
                    super::pause(std::time::Duration::from_millis(200 << attempt)).await;
                    attempt += 1;
                }
                told => return told,
            }
        }
    }

    async fn send(&self, place: &Place, part: &Part, reply_to: Option<&MessageId>) -> Result<MessageId, Failure> {
        let mut body = content(place, part);
        if let Some(id) = reply_to.and_then(|id| id.as_str().parse::<i64>().ok()) {
            body.insert("reply_parameters".to_owned(), json!({"message_id": id, "allow_sending_without_reply": true}));
        }
        let room = self.0.ours.room(&place.chat);
        let mut room = room.lock().await;
        let told = match &part.file {
            Some((name, bytes)) => self.0.api.upload("sendDocument", &captioned(body), (name, bytes.clone())).await?,
            None => self.0.api.call_for::<Message>("sendMessage", &Value::Object(body)).await?,
        };
        let id = told.message_id;
        room.note(id);
        self.saw(place, id);
        Ok(MessageId(id.to_string()))
    }

    /// Shows for some seconds, in a private chat, why a question is not answered yet; failing to is no
    /// harm. A draft and no message: nobody could note its id, and it could be taken for one in doubt.
    pub async fn remark(&self, place: &Place, question: &MessageId, text: &str) {
        let mut body = content(place, &live_part(text, &[]));
        body.remove("link_preview_options");
        body.insert("draft_id".to_owned(), json!(question.as_str().parse::<i64>().unwrap_or(1).max(1)));
        if let Err(error) = self.0.api.call("sendMessageDraft", &Value::Object(body)).await {
            tracing::debug!(%error, "a remark was not made");
        }
    }

    async fn delete(&self, place: &Place, id: &MessageId) {
        let body = json!({"chat_id": chat_id(&place.chat), "message_id": id.as_str().parse::<i64>().unwrap_or(0)});
        if let Err(error) = self.0.api.call("deleteMessage", &body).await {
            tracing::debug!(%error, "a surplus message stays");
        }
    }

    /// Sends the first message of an answer that is being written; it is edited from then on.
    pub(crate) async fn open(
        &self,
        place: &Place,
        text: &str,
        reply_to: Option<&MessageId>,
        buttons: &[Button],
        sent: &mut Sent,
        ledger: &mut dyn Ledger,
    ) -> Result<MessageId, Failure> {
        let part = live_part(text, buttons);
        let id = match sent.trying_above {
            Some(above) => self.arrived(place, above, &part, &[], ledger).await?,
            None => None,
        };
        let id = match id {
            Some(id) => id,
            None => self.sent_anew(place, &part, reply_to, sent, ledger).await?,
        };
        *sent = Sent { messages: vec![id.clone()], trying_above: None };
        ledger.save(sent.clone()).await.map_err(|Lost| Failure::Lost)?;
        Ok(id)
    }

    /// Makes the message of an answer that is being written show more of it; failing to is no harm.
    pub(crate) async fn update(
        &self,
        place: &Place,
        id: &MessageId,
        text: &str,
        buttons: &[Button],
    ) -> Result<(), Failure> {
        let mut body = content(place, &live_part(text, buttons));
        body.insert("message_id".to_owned(), json!(id.as_str().parse::<i64>().unwrap_or(0)));
        body.remove("message_thread_id");
        self.0.api.call("editMessageText", &Value::Object(body)).await.map(drop)
    }

    /// Shows a draft in a private chat.
    pub(crate) async fn draft(&self, place: &Place, draft: i64, text: &str) -> Result<(), Failure> {
        let part = live_part(text, &[]);
        let mut body = content(place, &part);
        body.remove("link_preview_options");
        body.insert("draft_id".to_owned(), json!(draft));
        body.insert("can_stop".to_owned(), json!(true));
        body.insert("keep_on_stop".to_owned(), json!(true));
        self.0.api.call("sendMessageDraft", &Value::Object(body)).await.map(drop)
    }
}

/// What is shown of an answer that is being written: its end, when it is long already.
fn live_part(text: &str, buttons: &[Button]) -> Part {
    let rich = markdown::render(text);
    let shown = rich::split(&rich, LONGEST - 64).pop().unwrap_or_default();
    Part {
        text: few_marks(shown),
        buttons: if buttons.is_empty() { Vec::new() } else { vec![buttons.to_vec()] },
        file: None,
    }
}

/// The messages that an answer takes.
fn parts(outgoing: &Outgoing) -> Vec<Part> {
    let rich = markdown::render(&outgoing.markdown);
    let mut texts = rich::split(&rich, LONGEST);
    let mut file = outgoing.file.as_ref().map(|file| (file.name.clone(), file.text.clone().into_bytes()));
    if texts.len() > MOST_PARTS && file.is_none() {
        texts.truncate(1);
        file = Some(("answer.md".to_owned(), outgoing.markdown.clone().into_bytes()));
    }
    let mut parts: Vec<Part> =
        texts.into_iter().map(|text| Part { text: few_marks(text), buttons: Vec::new(), file: None }).collect();
    if let Some(file) = file {
        parts.push(Part { text: Rich::default(), buttons: Vec::new(), file: Some(file) });
    }
    if parts.is_empty() {
        let text = Rich { text: "…".to_owned(), marks: Vec::new() };
        parts.push(Part { text, buttons: Vec::new(), file: None });
    }
    if let Some(last) = parts.last_mut() {
        last.buttons.clone_from(&outgoing.buttons);
    }
    parts
}

/// Telegram takes so many entities; what would be too much loses its looks, not its words.
fn few_marks(mut rich: Rich) -> Rich {
    rich.marks.truncate(MOST_ENTITIES);
    rich
}

/// Whether an edited message stands in a place's topic. Replies in groups without topics have threads
/// too, so only a message that says it is of a topic can be of another one.
fn in_topic(message: &Message, place: &Place) -> bool {
    let ours = place.thread.as_ref().and_then(|thread| thread.parse::<i64>().ok());
    !message.is_topic_message || message.message_thread_id == ours
}

/// The fields that say what a message shows.
fn content(place: &Place, part: &Part) -> Map<String, Value> {
    let mut body = json!({
        "chat_id": chat_id(&place.chat), "text": part.text.text, "link_preview_options": {"is_disabled": true},
    });
    in_thread(&mut body, place);
    let mut body = match body {
        Value::Object(body) => body,
        _ => Map::new(),
    };
    let entities = entities(&part.text);
    if !entities.is_empty() {
        body.insert("entities".to_owned(), json!(entities));
    }
    let row = |row: &Vec<Button>| -> Vec<Value> {
        row.iter().map(|button| json!({"text": button.label, "callback_data": button.data})).collect()
    };
    if !part.buttons.is_empty() {
        let rows: Vec<_> = part.buttons.iter().map(row).collect();
        body.insert("reply_markup".to_owned(), json!({"inline_keyboard": rows}));
    }
    body
}

/// The same fields for a file.
fn captioned(mut body: Map<String, Value>) -> Value {
    body.remove("link_preview_options");
    body.remove("text");
    body.remove("entities");
    Value::Object(body)
}

fn entities(rich: &Rich) -> Vec<Value> {
    let entity = |mark: &rich::Mark| {
        let (kind, more) = match &mark.style {
            Style::Bold => ("bold", None),
            Style::Italic => ("italic", None),
            Style::Underline => ("underline", None),
            Style::Strike => ("strikethrough", None),
            Style::Spoiler => ("spoiler", None),
            Style::Code => ("code", None),
            Style::Quote => ("blockquote", None),
            Style::Pre { language } => ("pre", language.as_ref().map(|language| ("language", language))),
            Style::Link { url } => ("text_link", Some(("url", url))),
            Style::Nothing => return None,
        };
        let mut entity = json!({"type": kind, "offset": mark.offset, "length": mark.length});
        if let (Some((name, value)), Some(entity)) = (more, entity.as_object_mut()) {
            entity.insert(name.to_owned(), json!(value));
        }
        Some(entity)
    };
    rich.marks.iter().filter_map(entity).collect()
}

#[cfg(test)]
mod tests;
