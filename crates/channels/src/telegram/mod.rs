//! Telegram, by the Bot API: listening, parsing, rendering, delivering, pacing.
//!
//! A message is sent exactly once, although `sendMessage` cannot be repeated safely: see
//! [`Telegram::deliver`].

mod activity;
mod api;
mod deliver;
mod fetch;
mod inline;
mod listen;
mod live;
mod open;
mod ours;
mod pace;
pub mod parse;

pub use activity::Activity;
pub use fetch::{Fetched, LARGEST_DOWNLOAD, LARGEST_LOCAL};
pub use inline::{InlineButton, InlineResult, MOST_RESULTS};
pub use listen::{AcceptError, routes};
pub use open::Opened;

use api::Api;
use domain::ids::MessageId;
use domain::incoming::{Incoming, Place};
use domain::outgoing::Contents;
use domain::person::Lang;
use domain::work::Sent;
use futures::future::BoxFuture;
use ours::Ours;
use pace::Pacer;
use secrecy::SecretString;
use serde_json::{Value, json};
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Most bytes of a file that a bot may send.
pub const LARGEST_DOCUMENT: u64 = 50 * 1024 * 1024;
/// Most bytes of a picture that a bot may send.
pub const LARGEST_PHOTO: u64 = 10 * 1024 * 1024;

/// How to reach Telegram, and how fast to speak there.
#[derive(Clone, Debug)]
pub struct Config {
    /// The bot's token.
    pub token: SecretString,
    /// Address of the Bot API, without a slash at its end.
    pub api_url: String,
    /// How fast.
    pub limits: Limits,
    /// Seconds that one poll waits for updates.
    pub poll_timeout_s: u32,
    /// Where updates are brought, when they are not fetched.
    pub webhook: Option<Webhook>,
    /// Whether the Bot API server is one's own and names files of its disk, which is this one.
    pub local: bool,
    /// The directory below which such a server keeps its files; nothing outside of it is read. None reads
    /// whatever it names.
    pub local_dir: Option<PathBuf>,
}

impl Config {
    /// Telegram's own servers, at no pace, by polling for up to 30 seconds.
    pub fn new(token: impl Into<SecretString>) -> Self {
        Self {
            token: token.into(),
            api_url: "https://api.telegram.org".to_owned(),
            limits: Limits::default(),
            poll_timeout_s: 30,
            webhook: None,
            local: false,
            local_dir: None,
        }
    }
}

/// Where updates are brought.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// Public address.
    pub url: String,
    /// What Telegram says to prove itself.
    pub secret: SecretString,
}

/// How fast the bot may speak; 0 is as fast as it goes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    /// Messages per second into one chat, edits included.
    pub chat_per_s: f64,
    /// Messages per minute into one group.
    pub group_per_min: u32,
    /// Messages per second in all.
    pub global_per_s: u32,
    /// Milliseconds between two drafts in a private chat.
    pub draft_interval_ms: u64,
    /// Milliseconds between two edits elsewhere.
    pub edit_interval_ms: u64,
}

/// Why a call did not do what it should, named by what the caller can do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Telegram asks to wait so many milliseconds.
    #[error("Telegram asks to wait {0} ms")]
    RetryAfter(i64),
    /// The chat cannot be written to: the bot was blocked or removed, or there is no such chat.
    #[error("the chat is gone: {0}")]
    Gone(String),
    /// The group has a new number.
    #[error("the group moved to {to}")]
    Migrated {
        /// The new number.
        to: String,
    },
    /// Telegram will never do this.
    #[error("Telegram refuses: {description}")]
    Refused {
        /// Its words.
        description: String,
    },
    /// A file is larger than a bot may send.
    #[error("the file {name} has {bytes} bytes, and a bot may send {most}")]
    TooLarge {
        /// The file's name.
        name: String,
        /// Its size.
        bytes: u64,
        /// The most that may be sent of its kind.
        most: u64,
    },
    /// A file that somebody sent is larger than may be fetched.
    #[error("the file is larger than {most} bytes")]
    TooBig {
        /// Its size, where it is known.
        bytes: Option<u64>,
        /// The most that may be fetched.
        most: u64,
    },
    /// A file that is to be sent, or that was fetched, cannot be read or written.
    #[error("the file {name} cannot be read: {why}")]
    Unreadable {
        /// The file's name.
        name: String,
        /// The system's words.
        why: String,
    },
    /// The token is wrong.
    #[error("Telegram does not know the token; get a new one from @BotFather and set TELEGRAM_TOKEN")]
    Unauthorized,
    /// Another process polls with the same token, or a webhook is set.
    #[error("another process polls with the same token: stop it, or use a webhook")]
    Conflict,
    /// It may work later.
    #[error("Telegram cannot be reached: {0}")]
    Broken(String),
    /// The lane is somebody else's now.
    #[error("the lane is held by somebody else")]
    Lost,
}

/// What could not be saved, because the lane is somebody else's now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the lane is held by somebody else")]
pub struct Lost;

/// What must be durable about a delivery, and what is known of earlier ones.
pub trait Ledger: Send {
    /// Makes the progress of the delivery durable.
    fn save(&mut self, sent: Sent) -> BoxFuture<'_, Result<(), Lost>>;

    /// The messages of the chat, all its topics included, that were delivered above an id: none of
    /// them is a message in doubt.
    fn delivered_above(&mut self, id: i64) -> BoxFuture<'_, Vec<MessageId>>;

    /// Opens what lies elsewhere at its beginning; again for each attempt.
    fn open<'a>(&'a mut self, contents: &'a Contents) -> BoxFuture<'a, io::Result<Opened>>;

    /// Is told that something was sent in another way than it should; to be said once, or not at all.
    fn instead(&mut self, _what: Instead) {}
}

/// How something was sent in place of how it should have been.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instead {
    /// A recording, for the person's settings let no voice messages through.
    AudioForVoice,
    /// A file, for Telegram does not show such a picture.
    DocumentForPhoto,
}

/// Who the bot is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Me {
    /// Its account.
    pub id: i64,
    /// Its user name, without the sign.
    pub username: String,
}

/// Whose menu of commands it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MenuScope<'a> {
    /// Everybody's, where no narrower one is set.
    Everyone,
    /// That of all groups.
    Groups,
    /// That of one chat.
    Chat(&'a str),
}

impl MenuScope<'_> {
    fn to_json(self) -> Value {
        match self {
            Self::Everyone => json!({"type": "default"}),
            Self::Groups => json!({"type": "all_group_chats"}),
            Self::Chat(chat) => json!({"type": "chat", "chat_id": api::chat_id(chat)}),
        }
    }
}

/// A bot on Telegram. Clones share everything.
#[derive(Clone)]
pub struct Telegram(Arc<Parts>);

pub(crate) struct Parts {
    api: Api,
    config: Config,
    pacer: Pacer,
    ours: Ours,
    me: OnceLock<Me>,
    /// The highest message id seen in any private chat or basic group.
    high: AtomicI64,
    last_success: AtomicI64,
    ignored: AtomicU64,
}

impl Telegram {
    /// Prepares a bot; nothing is sent yet.
    pub fn new(config: Config) -> Result<Self, Failure> {
        let api = Api::new(&config)?;
        let pacer = Pacer::new(config.limits);
        let (high, last_success, ignored) = (AtomicI64::new(0), AtomicI64::new(0), AtomicU64::new(0));
        Ok(Self(Arc::new(Parts {
            api,
            config,
            pacer,
            ours: Ours::default(),
            me: OnceLock::new(),
            high,
            last_success,
            ignored,
        })))
    }

    /// Asks Telegram who the bot is; once.
    pub async fn me(&self) -> Result<Me, Failure> {
        if let Some(me) = self.0.me.get() {
            return Ok(me.clone());
        }
        let told = self.0.api.call("getMe", &json!({})).await?;
        let username = told.get("username").and_then(Value::as_str).unwrap_or_default().to_owned();
        let me = Me { id: told.get("id").and_then(Value::as_i64).unwrap_or_default(), username };
        Ok(self.0.me.get_or_init(|| me).clone())
    }

    /// The bot's user name, once Telegram has said it.
    pub fn username(&self) -> Option<String> {
        self.0.me.get().map(|me| me.username.clone())
    }

    /// The highest message id known where a place's ids are counted, and at least that of `after`:
    /// private chats and basic groups share one sequence, a supergroup has its own.
    pub fn mark(&self, place: &Place, after: Option<&MessageId>) -> i64 {
        let after = after.and_then(|id| id.as_str().parse().ok()).unwrap_or(0);
        if own_sequence(place) { after } else { self.0.high.load(Ordering::Acquire).max(after) }
    }

    /// When Telegram was last heard from, milliseconds since 1970-01-01 UTC; 0 for never.
    pub fn last_success_ms(&self) -> i64 {
        self.0.last_success.load(Ordering::Acquire)
    }

    /// Updates of kinds that nobody knows or needs, so far.
    pub fn ignored(&self) -> u64 {
        self.0.ignored.load(Ordering::Relaxed)
    }

    /// Takes over the highest id that an earlier process knew, so that no earlier answer is taken for a
    /// message in doubt.
    pub fn remember(&self, highest: i64) {
        self.0.high.fetch_max(highest, Ordering::AcqRel);
    }

    /// Notes a message id that somebody has seen.
    pub(crate) fn saw(&self, place: &Place, id: i64) {
        if !own_sequence(place) {
            self.0.high.fetch_max(id, Ordering::AcqRel);
        }
    }

    /// Deletes a message; one that is not there (any more) is deleted.
    ///
    /// # Errors
    ///
    /// [`Failure::Refused`] for what the bot may not delete, and those of any call.
    pub async fn delete_message(&self, place: &Place, id: &MessageId) -> Result<(), Failure> {
        let number = id.as_str().parse::<i64>().unwrap_or_default();
        let body = json!({"chat_id": api::chat_id(&place.chat), "message_id": number});
        match self.0.api.call("deleteMessage", &body).await {
            Err(Failure::Refused { description }) if description.contains("message to delete not found") => Ok(()),
            told => told.map(drop),
        }
    }

    /// Answers the press of a button; failing to is no harm.
    pub async fn acknowledge_press(&self, press: &str, text: Option<&str>) {
        let mut body = json!({"callback_query_id": press});
        if let (Some(text), Some(body)) = (text, body.as_object_mut()) {
            body.insert("text".to_owned(), json!(text.chars().take(200).collect::<String>()));
        }
        if let Err(error) = self.0.api.call("answerCallbackQuery", &body).await {
            tracing::debug!(%error, "a button's press was not acknowledged");
        }
    }

    /// Sets the command menu of a scope and language, when it is not so already; English is also
    /// everybody's who speaks no other. A menu without commands gives way to the next wider scope.
    pub async fn set_menu(
        &self,
        scope: MenuScope<'_>,
        lang: Lang,
        commands: Vec<(String, String)>,
    ) -> Result<(), Failure> {
        let list: Vec<Value> = commands
            .into_iter()
            .map(|(name, help)| json!({"command": name, "description": help.chars().take(256).collect::<String>()}))
            .collect();
        let language = if lang == Lang::En { "" } else { lang.tag() };
        let wanted = json!(list);
        let scope = scope.to_json();
        let there = self.0.api.call("getMyCommands", &json!({"scope": scope, "language_code": language})).await?;
        if there == wanted {
            return Ok(());
        }
        let (method, body) = match list.is_empty() {
            true => ("deleteMyCommands", json!({"scope": scope, "language_code": language})),
            false => ("setMyCommands", json!({"commands": wanted, "scope": scope, "language_code": language})),
        };
        self.0.api.call(method, &body).await.map(drop)
    }

    /// Notes what an incoming batch shows of message ids.
    pub(crate) fn learn_ids(&self, happened: &[Incoming]) {
        for incoming in happened {
            if let Some(id) = incoming.message_id().and_then(|id| id.as_str().parse().ok()) {
                self.saw(&incoming.place, id);
            }
        }
    }
}

/// Whether a place's messages are numbered by themselves: supergroups and channels are.
fn own_sequence(place: &Place) -> bool {
    place.chat.starts_with("-100")
}

/// Waits, but not longer than anybody would want to.
pub(crate) async fn pause(time: Duration) {
    tokio::time::sleep(time.min(Duration::from_secs(60))).await;
}
