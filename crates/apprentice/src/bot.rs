//! Everything a running bot holds, in one place: the store, the models, what is known, the
//! platforms, the page's live hub, the settings. Cheap to clone; made once in `serve`.

use crate::inline::Given;
use crate::knowledge::Knowledge;
use crate::media::roles::Cast;
use crate::refusal::Told;
use crate::running::Running;
use crate::settings::Live as LiveSettings;
use channels::telegram::Telegram;
use domain::ids::Millis;
use models::Models;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use store::{Blobs, Store};
use vault::Vault;

/// A running bot.
#[derive(Clone)]
pub struct Bot(Arc<Parts>);

/// What a bot is made of.
pub struct Parts {
    /// Name of this process among replicas; owner of leases.
    pub owner: String,
    /// All that lasts.
    pub store: Store,
    /// Sounds, pictures and files, named by their contents.
    pub blobs: Blobs,
    /// Processes of their own for what may be hostile.
    pub workers: sandbox::Workers,
    /// Who hears, speaks and draws.
    pub cast: Cast,
    /// Answers that were lately given in passing.
    pub given: Given,
    /// Language models by name.
    pub models: Models,
    /// What was taught, for the embedded model and for prompts.
    pub knowledge: Knowledge,
    /// Telegram, when there is a token.
    pub telegram: Option<Telegram>,
    /// The page's live hub.
    pub live: console::Live,
    /// The settings, as they are now.
    pub settings: LiveSettings,
    /// The data root: the one directory that commands read from and write to.
    pub vault: Vault,
    /// Answers that are being written right now.
    pub running: Running,
    /// Who was told that nothing can be stored.
    pub told: Told,
}

impl Bot {
    /// Puts the parts together.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// Telegram's user name of the bot, once Telegram has said it.
    pub fn username(&self) -> Option<String> {
        self.telegram.as_ref().and_then(Telegram::username)
    }
}

impl std::ops::Deref for Bot {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// The present moment. The one clock of the binary: pure code is handed its value.
pub fn now() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
