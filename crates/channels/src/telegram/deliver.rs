//! Bringing an answer to its chat, exactly once.
//!
//! `sendMessage` cannot be repeated safely. So the highest message id known is made durable before
//! each send, and cleared when the new id is known. Found set after a crash, it says that one message may
//! have arrived above it: that message is looked for by editing (our own edit is safe to repeat), and
//! only when nothing is found is it sent.

pub(crate) mod parts;

use super::api::{Message, Upload};
use super::{Failure, Ledger, Lost, Opened, Telegram};
use domain::ids::MessageId;
use domain::incoming::Place;
use domain::outgoing::{Button, Contents};
use domain::work::{Delivery, Sent};
use parts::{Media, Part, content, live_part, words};
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::collections::VecDeque;

/// How many ids above the mark are tried when a message may have arrived.
const PROBES: i64 = 48;
/// Times that a call is repeated at once when the connection breaks and repeating is safe.
const REPEATS: u32 = 3;

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
        let parts = parts::parts(outgoing);
        let mut sent = delivery.sent.clone();
        // Whatever shows an earlier form is edited, wherever it was noted.
        let mut shown: VecDeque<MessageId> = outgoing.shown.iter().cloned().collect();
        shown.extend(sent.messages.iter().filter(|id| !outgoing.shown.contains(id)).cloned());
        let mut stale = Vec::new();
        let mut ids: Vec<MessageId> = Vec::new();
        let mut doubt = sent.trying_above.filter(|_| recovering);
        for (at, part) in parts.iter().enumerate() {
            let reply_to = outgoing.reply_to.as_ref().filter(|_| at == 0);
            let own = delivery.sent.messages.get(at);
            let id = match self.reused(&delivery.place, part, own, &mut shown, &mut stale, ledger).await? {
                Some(id) => id,
                None => {
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
        for surplus in stale.iter().chain(&shown) {
            self.delete(&delivery.place, surplus).await;
        }
        Ok(ids)
    }

    /// The first of the messages that show an earlier form which can be made to show this part. Those
    /// before it cannot: somebody deleted them, or they hold a picture and words alone are to be shown. What
    /// is spoken cannot be changed: only the `own` message of an earlier attempt shows it.
    async fn reused(
        &self,
        place: &Place,
        part: &Part,
        own: Option<&MessageId>,
        shown: &mut VecDeque<MessageId>,
        stale: &mut Vec<MessageId>,
        ledger: &mut dyn Ledger,
    ) -> Result<Option<MessageId>, Failure> {
        while let Some(id) = shown.pop_front() {
            if part.replaces() || own == Some(&id) {
                self.0.pacer.wait(place).await;
                if self.edit(place, &id, part, ledger).await? {
                    return Ok(Some(id));
                }
            }
            stale.push(id);
        }
        Ok(None)
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
        let (mut attempt, mut part) = (0, Cow::Borrowed(part));
        loop {
            let failure = match self.send(place, &part, reply_to, ledger).await {
                Ok(id) => return Ok(id),
                Err(failure) => failure,
            };
            if let Some((other, how)) = part.instead(&failure) {
                tracing::info!(%failure, ?how, "it is sent in another way");
                ledger.instead(how);
                part = Cow::Owned(other);
            } else if matches!(failure, Failure::Broken(_)) && attempt < REPEATS {
                // Nobody knows whether it arrived: look before sending again.
                tracing::warn!(%failure, "a message may or may not have arrived");
                attempt = again(attempt).await;
                if let Some(id) = self.arrived(place, above, &part, &sent.messages, ledger).await? {
                    return Ok(id);
                }
            } else {
                // Refused is surely not sent: there is nothing to look for later.
                sent.trying_above = None;
                ledger.save(sent.clone()).await.map_err(|Lost| Failure::Lost)?;
                return Err(failure);
            }
        }
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
        let known = ledger.delivered_above(above).await;
        for id in above.saturating_add(1)..=above.saturating_add(PROBES) {
            let candidate = MessageId(id.to_string());
            if !ours.contains(&candidate) && !known.contains(&candidate) && self.is_it(place, id, part, ledger).await? {
                self.saw(place, id);
                return Ok(Some(candidate));
            }
        }
        Ok(None)
    }

    /// Whether a message is the one in doubt, by making it show what that one shows.
    async fn is_it(&self, place: &Place, id: i64, part: &Part, ledger: &mut dyn Ledger) -> Result<bool, Failure> {
        let room = self.0.ours.room(&place.chat);
        let mut room = room.lock().await;
        if room.holds(id) {
            return Ok(false);
        }
        let candidate = MessageId(id.to_string());
        let found = match self.claim(place, &candidate, part, ledger).await {
            // The pace of looking is the platform's own: nothing is shown by it.
            Err(Failure::RetryAfter(ms)) => {
                super::pause(std::time::Duration::from_millis(u64::try_from(ms).unwrap_or(1000))).await;
                self.claim(place, &candidate, part, ledger).await?
            }
            found => found?,
        };
        if found {
            room.note(id);
        }
        Ok(found)
    }

    /// Makes a message in doubt show a part; false when it cannot be the one.
    async fn claim(
        &self,
        place: &Place,
        id: &MessageId,
        part: &Part,
        ledger: &mut dyn Ledger,
    ) -> Result<bool, Failure> {
        // A file is told from words by what is written under it, so that only one upload is needed.
        if part.media.is_some() && part.replaces() {
            let body = of_message(content(place, part), id);
            if !self.changed(place, self.patiently("editMessageCaption", &Value::Object(body)).await)? {
                return Ok(false);
            }
        }
        self.edit(place, id, part, ledger).await
    }

    /// Makes a message show a part; false when it is not one of ours in this chat, or cannot show it.
    async fn edit(&self, place: &Place, id: &MessageId, part: &Part, ledger: &mut dyn Ledger) -> Result<bool, Failure> {
        let body = of_message(content(place, part), id);
        let told = match &part.media {
            None => self.patiently("editMessageText", &Value::Object(body)).await,
            // What is spoken stays; what is written under it tells that it is there.
            Some(media) if !media.kind.replaces() => {
                let told = self.patiently("editMessageCaption", &Value::Object(body)).await;
                if told.as_ref().is_ok_and(|message| message.voice.is_none() && message.audio.is_none()) {
                    return Ok(false);
                }
                told
            }
            Some(media) => match self.edit_media(body.clone(), part, media, ledger).await {
                Err(failure) => match part.instead(&failure) {
                    Some((Part { media: Some(media), .. }, _)) => self.edit_media(body, part, &media, ledger).await,
                    _ => Err(failure),
                },
                told => told,
            },
        };
        self.changed(place, told)
    }

    /// Whether an edit made a message show what it should.
    fn changed(&self, place: &Place, told: Result<Message, Failure>) -> Result<bool, Failure> {
        match told {
            // A message in doubt of another topic of the same chat: its own delivery mends it.
            Ok(message) => Ok(in_topic(&message, place)),
            Err(Failure::Refused { description }) if description.contains("message is not modified") => Ok(true),
            Err(Failure::Refused { .. }) => Ok(false),
            Err(failure) => Err(failure),
        }
    }

    async fn edit_media(
        &self,
        mut body: Map<String, Value>,
        part: &Part,
        media: &Media,
        ledger: &mut dyn Ledger,
    ) -> Result<Message, Failure> {
        let kind = media.kind.name();
        let mut input = words(part);
        for name in input.keys() {
            body.remove(name);
        }
        input.insert("type".to_owned(), json!(kind));
        input.insert("media".to_owned(), json!(format!("attach://{kind}")));
        body.insert("media".to_owned(), Value::Object(input));
        let body = Value::Object(body);
        let mut attempt = 0;
        loop {
            match self.0.api.upload("editMessageMedia", &body, self.opened(media, ledger).await?).await {
                Err(Failure::Broken(_)) if attempt < REPEATS => attempt = again(attempt).await,
                told => return told,
            }
        }
    }

    /// A call that is safe to repeat.
    async fn patiently(&self, method: &str, body: &Value) -> Result<Message, Failure> {
        let mut attempt = 0;
        loop {
            match self.0.api.call_for(method, body).await {
                Err(Failure::Broken(_)) if attempt < REPEATS => attempt = again(attempt).await,
                told => return told,
            }
        }
    }

    async fn send(
        &self,
        place: &Place,
        part: &Part,
        reply_to: Option<&MessageId>,
        ledger: &mut dyn Ledger,
    ) -> Result<MessageId, Failure> {
        let mut body = content(place, part);
        if let Some(id) = reply_to.and_then(|id| id.as_str().parse::<i64>().ok()) {
            body.insert("reply_parameters".to_owned(), json!({"message_id": id, "allow_sending_without_reply": true}));
        }
        if let Some(media) = part.media.as_ref().filter(|media| media.seconds > 0) {
            body.insert("duration".to_owned(), json!(media.seconds));
        }
        let body = Value::Object(body);
        let room = self.0.ours.room(&place.chat);
        let mut room = room.lock().await;
        let told = match &part.media {
            Some(media) => self.0.api.upload(media.kind.method(), &body, self.opened(media, ledger).await?).await?,
            None => self.0.api.call_for::<Message>("sendMessage", &body).await?,
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

    /// The file of a message, ready to be sent.
    async fn opened(&self, media: &Media, ledger: &mut dyn Ledger) -> Result<Upload, Failure> {
        let (name, mime) = (media.file.name.clone(), media.file.mime.clone());
        let contents = match &media.file.contents {
            Contents::Text(text) => Opened::bytes(text.clone()),
            elsewhere @ (Contents::Stored { .. } | Contents::Blob { .. }) => ledger
                .open(elsewhere)
                .await
                .map_err(|error| Failure::Unreadable { name: name.clone(), why: error.to_string() })?,
        };
        let most = media.kind.largest(&self.0.config);
        if contents.bytes > most {
            return Err(Failure::TooLarge { name, bytes: contents.bytes, most });
        }
        Ok(Upload { part: media.kind.name(), name, mime, contents })
    }

    async fn delete(&self, place: &Place, id: &MessageId) {
        if let Err(error) = self.delete_message(place, id).await {
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
        let body = of_message(content(place, &live_part(text, buttons)), id);
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

/// Waits before a call is repeated; the number of the next attempt.
async fn again(attempt: u32) -> u32 {
    super::pause(std::time::Duration::from_millis(200 << attempt)).await;
    attempt + 1
}

/// The fields of a message, for editing that one.
fn of_message(mut body: Map<String, Value>, id: &MessageId) -> Map<String, Value> {
    body.insert("message_id".to_owned(), json!(id.as_str().parse::<i64>().unwrap_or(0)));
    body.remove("message_thread_id");
    body
}

/// Whether an edited message stands in a place's topic. Replies in groups without topics have threads
/// too, so only a message that says it is of a topic can be of another one.
fn in_topic(message: &Message, place: &Place) -> bool {
    let ours = place.thread.as_ref().and_then(|thread| thread.parse::<i64>().ok());
    !message.is_topic_message || message.message_thread_id == ours
}
