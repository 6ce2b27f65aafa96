//! One work item, from what a person did to what is recorded: gate, then the act itself.
//!
//! Handling decides and gathers; nothing is changed until the worker commits the returned
//! [`Record`] in one transaction. A turn that dies before that leaves nothing behind and is
//! handled again.

use crate::bot::{Bot, now};
use crate::knowledge::Mind;
use crate::media::see::Shown;
use crate::media::{self, transcript};
use crate::think::Asking;
use crate::{answer, commands, feedback, inline, notice, teach};
use anyhow::Context as _;
use domain::chat::{Role, Tokens};
use domain::command::{self, Typed};
use domain::exchange::{LogEntry, Scope};
use domain::ids::{ConversationId, Millis};
use domain::incoming::{Act, ChatKind, Incoming, Message};
use domain::outgoing::{Button, Outgoing, Press};
use domain::person::{ChatPrefs, Lang, Person, Standing};
use domain::policy::{self, Silence, Verdict};
use domain::text;
use domain::work::{Delivery, Job, Sent, Work};
use store::{Record, Spent, View};
use tokio_util::sync::CancellationToken;

/// Most log entries that a turn looks back on.
const LOOK_BACK: u32 = 80;
/// Most bytes of log that a turn looks back on.
const LOOK_BACK_BYTES: usize = 256 * 1024;

/// What handling one item knows and gathers.
pub struct Turn<'a> {
    /// The bot.
    pub bot: &'a Bot,
    /// What happened.
    pub incoming: &'a Incoming,
    /// Who did it.
    pub person: Person,
    /// What they may do under the access rule.
    pub standing: Standing,
    /// What is set for the conversation.
    pub prefs: ChatPrefs,
    /// The release that answers here, and what it knows.
    pub mind: Mind,
    /// The conversation so far, oldest first.
    pub log: Vec<LogEntry>,
    /// Summary of what is older than the log: the last entry it covers, and the text.
    pub summary: Option<(i64, String)>,
    /// When handling began.
    pub now: Millis,
    /// Cancelled when the person stops the answer.
    pub stop: &'a CancellationToken,
    /// The pictures that the question shows, and those that were shown before it.
    pub pictures: Shown,
    /// What an earlier attempt, or streaming, may already have shown.
    pub shown: Sent,
    /// What will be committed.
    pub record: Record,
}

/// Handles one item of a conversation; the result is what is to be committed.
pub async fn handle(
    bot: &Bot,
    work: &Work,
    incoming: &Incoming,
    view: Option<View>,
    shown: Sent,
    stop: &CancellationToken,
) -> anyhow::Result<Record> {
    let mut turn = begin(bot, work, incoming, view, shown, stop).await?;
    let access = bot.settings.current().access.policy;
    match policy::gate(incoming, &turn.person, access) {
        Verdict::Pass => turn.act().await?,
        Verdict::Silent(why) => turn.stay_silent(why),
        Verdict::TellPrivate => notice::tell_private(&mut turn).await?,
    }
    Ok(turn.record)
}

/// What the turns of these items begin with, read at once; none where there is none or it cannot be read.
pub async fn views(bot: &Bot, items: &[Work]) -> Vec<Option<View>> {
    let of = |work: &Work| match &work.job {
        Job::Handle { incoming, .. } => Some((incoming.place.clone(), incoming.author.clone())),
        Job::Deliver(_) | Job::Speak(_) | Job::Summarise { .. } | Job::Run { .. } | Job::Shadow { .. } => None,
    };
    let of: Vec<_> = items.iter().map(of).collect();
    let asked: Vec<_> = of.iter().flatten().map(|(place, author)| (place, author)).collect();
    let read = bot.store.turn_views(&asked, now(), LOOK_BACK, LOOK_BACK_BYTES).await;
    // What could not be read at once is read by each turn, which then reports it.
    let mut views = read.unwrap_or_default().into_iter();
    of.iter().map(|of| of.as_ref().and_then(|_| views.next())).collect()
}

async fn begin<'a>(
    bot: &'a Bot,
    work: &Work,
    incoming: &'a Incoming,
    view: Option<View>,
    shown: Sent,
    stop: &'a CancellationToken,
) -> anyhow::Result<Turn<'a>> {
    let now = now();
    let view = match view {
        Some(view) => view,
        None => bot
            .store
            .turn_view(&incoming.place, &incoming.author, now, LOOK_BACK, LOOK_BACK_BYTES)
            .await
            .context("reading the conversation")?,
    };
    // Somebody else taught something, or changed who answers: it counts at once here too.
    if view.knowledge > bot.knowledge.revision() {
        bot.knowledge.refresh(&bot.store).await.context("reading what was taught")?;
    }
    let access = bot.settings.current().access.policy;
    Ok(Turn {
        bot,
        incoming,
        standing: policy::standing(&view.person, access),
        person: view.person,
        prefs: view.chat_prefs,
        mind: bot.knowledge.mind(&incoming.place.conversation()),
        log: view.log,
        summary: view.summary,
        pictures: Shown::default(),
        now,
        stop,
        shown,
        record: Record { owner: bot.owner.clone(), work: work.id, lane: work.lane.clone(), now, ..Record::default() },
    })
}

impl Turn<'_> {
    /// Who is asked here, and after what.
    pub fn asking(&self) -> Asking<'_> {
        Asking {
            bot: self.bot,
            mind: self.mind.clone(),
            scopes: self.scopes(),
            prefs: &self.prefs,
            log: &self.log,
            summary: self.summary.as_ref().map_or("", |(_, text)| text),
            looked_back_fully: self.looked_back_fully(),
            group: self.in_group(),
            lang: self.lang(),
            alone: false,
            shown: self.pictures.clone(),
            read: &self.prefs.read,
            stop: self.stop,
        }
    }
    /// The language of whoever this turn belongs to.
    pub fn lang(&self) -> Lang {
        self.person.lang
    }
    /// The conversation.
    pub fn conversation(&self) -> ConversationId {
        self.incoming.place.conversation()
    }
    /// Whether several people talk here.
    pub fn in_group(&self) -> bool {
        self.incoming.place.kind != ChatKind::Private
    }
    /// Whose lessons and documents count here, widest first.
    pub fn scopes(&self) -> Vec<Scope> {
        let own = match self.in_group() {
            true => Scope::Conversation(self.conversation()),
            false => Scope::Person(self.person.id.clone()),
        };
        vec![Scope::Everyone, own]
    }
    /// Where what is taught here counts: for everyone when a trainer teaches in private.
    pub fn teaching_scope(&self) -> Scope {
        match (self.in_group(), self.standing >= Standing::Trainer) {
            (true, _) => Scope::Conversation(self.conversation()),
            (false, true) => Scope::Everyone,
            (false, false) => Scope::Person(self.person.id.clone()),
        }
    }
    /// A text in the person's language.
    pub fn text(&self, key: &str) -> String {
        text::say(self.lang(), key)
    }
    /// A text in the person's language, with its arguments.
    pub fn text_with(&self, key: &str, args: &[(&str, String)]) -> String {
        text::say_with(self.lang(), key, args)
    }
    /// A button in the person's language.
    pub fn button(&self, key: &str, press: &Press) -> Button {
        Button { label: self.text(key), data: press.encode() }
    }
    /// Answers with words of the bot itself.
    pub fn reply(&mut self, markdown: impl Into<String>) {
        self.deliver(Outgoing { markdown: markdown.into(), ..Outgoing::default() });
    }
    /// Answers with something of one's own making.
    pub fn deliver(&mut self, mut outgoing: Outgoing) {
        if outgoing.reply_to.is_none() && self.in_group() {
            outgoing.reply_to = self.message().map(|message| message.id.clone());
        }
        let sent = std::mem::take(&mut self.shown);
        let place = self.incoming.place.clone();
        self.record.becomes = Some(Delivery { place, outgoing, sent, then: None });
    }
    /// Whether there may be more log than was looked at.
    pub fn looked_back_fully(&self) -> bool {
        self.log.len() >= LOOK_BACK as usize
    }
    /// The message this turn is about, where it is about one.
    pub fn message(&self) -> Option<&Message> {
        match &self.incoming.act {
            Act::Said(message) | Act::Edited(message) => Some(message),
            _ => None,
        }
    }

    async fn act(&mut self) -> anyhow::Result<()> {
        let incoming = self.incoming;
        match &incoming.act {
            Act::Said(message) => self.said(message).await,
            Act::Edited(message) => answer::edited(self, message).await,
            Act::Pressed { press, message, data } => feedback::pressed(self, press, message, data).await,
            Act::Reacted { message, emoji } => feedback::reacted(self, message, emoji).await,
            Act::Inline { query, text } => inline::answer(self, query, text).await,
            Act::Stopped => self.stop_running(false).await,
            Act::Membership { present } => {
                tracing::info!(conversation = %self.conversation(), present, "membership changed");
                Ok(())
            }
            Act::Migrated { to } => {
                self.bot.store.migrate_chat(&incoming.place, to).await.context("moving the conversation")
            }
        }
    }

    /// Tells somebody whose message is too long what to do about it; false when it is not.
    fn too_long(&mut self, message: &Message) -> bool {
        let limit = self.bot.settings.current().limits.message_chars;
        let length = message.text.chars().count();
        // The limit is for what is typed: a recording has one of its own.
        let too_long = length > limit && message.heard.is_empty();
        if too_long {
            let args = [("length", length.to_string()), ("limit", limit.to_string())];
            let reply = self.text_with("message-too-long", &args);
            self.reply(reply);
        }
        too_long
    }

    async fn said(&mut self, message: &Message) -> anyhow::Result<()> {
        let Some(message) = &media::album::gathered(self, message).await? else { return Ok(()) };
        let keywords = self.bot.settings.current().telegram.keywords.clone();
        let spoken = policy::addressed(self.incoming, message, &self.prefs, &keywords);
        // Somebody else's words give no orders, and nobody orders by a slip of the tongue.
        let ordered = message.forwarded.is_none() && message.heard.is_empty();
        let typed = match ordered {
            true => command::read(&message.text, self.bot.username().as_deref(), self.standing),
            false => Typed::Nothing,
        };
        match typed {
            Typed::Foreign => self.stay_silent(Silence::ForeignCommand),
            _ if spoken.is_ok() && self.too_long(message) => {}
            // `/why_silent` must not overwrite what it is asked about.
            Typed::Known(known, argument) if spoken.is_ok() => commands::run(self, known, &argument).await?,
            Typed::Unknown { name, nearest } if spoken.is_ok() => self.unknown_command(&name, nearest),
            _ => match spoken {
                Err(why) => self.stay_silent(why),
                Ok(why) => {
                    self.note_decision(why.key());
                    self.listen(message).await?;
                }
            },
        }
        Ok(())
    }

    /// A message for the bot that is no command: teaching, a file, or a question.
    async fn listen(&mut self, message: &Message) -> anyhow::Result<()> {
        if !message.attachments.is_empty() {
            return media::take(self, message).await;
        }
        if message.text.trim().is_empty() {
            let reply = self.text("nothing-said");
            self.reply(reply);
            return Ok(());
        }
        if message.forwarded.is_none()
            && (transcript::corrected(self, message).await? || teach::by_reply(self, message).await?)
        {
            return Ok(());
        }
        if media::read::replied(self, message).await? {
            return Ok(());
        }
        match media::see::replied(self, message).await? {
            Some(sentence) => self.reply(sentence),
            None => answer::answer(self, message).await?,
        }
        Ok(())
    }

    fn unknown_command(&mut self, name: &str, nearest: Option<&str>) {
        let name = format!("/{name}");
        let reply = match nearest {
            Some(nearest) => {
                self.text_with("command-unknown-nearest", &[("name", name), ("nearest", format!("/{nearest}"))])
            }
            None => self.text_with("command-unknown", &[("name", name)]),
        };
        self.reply(reply);
    }

    /// Ends the answer that is being written in this conversation, here or on another replica.
    pub async fn stop_running(&mut self, say_so: bool) -> anyhow::Result<()> {
        let lane = self.incoming.place.lane();
        let stopped = match self.bot.running.stop(&lane) {
            Some(stopped) => stopped,
            None => self.bot.store.cancel(&lane).await.context("asking to stop")?,
        };
        let hushed = media::speak::hush(self.bot, &self.conversation()).await?;
        if say_so && !stopped && !hushed {
            let reply = self.text("nothing-to-stop");
            self.reply(reply);
        }
        Ok(())
    }

    /// Keeps a group's message as overheard, so that a later question has its context.
    fn stay_silent(&mut self, why: Silence) {
        self.note_decision(why.key());
        let overheard = matches!(why, Silence::NotAddressed) && self.in_group();
        if let (true, Some(message)) = (overheard, self.message().cloned()) {
            let mut entry = self.said_entry(&message);
            entry.overheard = true;
            self.record.log.push(entry);
        }
    }

    /// Remembers why the bot spoke or stayed silent, for `/why_silent` (groups only).
    fn note_decision(&mut self, key: &str) {
        if self.in_group() && self.prefs.last_decision.as_deref() != Some(key) {
            self.prefs.last_decision = Some(key.to_owned());
            self.save_prefs();
        }
    }

    /// Commits the conversation's settings as they are now.
    pub fn save_prefs(&mut self) {
        self.record.chat_prefs = Some((self.conversation(), self.prefs.clone()));
    }

    /// Counts tokens that went for something that is no answer.
    pub fn spent(&mut self, model: &str, tokens: Tokens) {
        let cost = self.bot.settings.current().prices.cost_micro_usd(model, &tokens);
        self.record.spent.push(Spent {
            person: self.person.id.clone(),
            conversation: self.conversation(),
            model: model.to_owned(),
            tokens,
            micro_usd: cost.and_then(|cost| i64::try_from(cost).ok()).unwrap_or(0),
        });
    }

    /// The log entry of a person's message.
    pub fn said_entry(&self, message: &Message) -> LogEntry {
        LogEntry {
            seq: 0,
            role: Role::User,
            author: Some(self.person.id.clone()),
            name: self.incoming.author.name.clone(),
            message: Some(message.id.clone()),
            text: match &message.forwarded {
                Some(forwarded) => format!("↪ {}: {}", forwarded.from, message.text),
                None => message.text.clone(),
            },
            at: self.incoming.at,
            exchange: None,
            overheard: false,
        }
    }
}
