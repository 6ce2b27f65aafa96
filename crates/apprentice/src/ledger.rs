//! What a Telegram delivery must know and keep: its progress, saved in its work item, and which messages
//! of its chat are delivered already.

use crate::bot::Bot;
use crate::stored;
use channels::telegram::{Instead, Ledger as Keeps, Lost, Opened};
use domain::ids::MessageId;
use domain::incoming::Place;
use domain::outgoing::Contents;
use domain::work::{Job, Sent};
use futures::future::BoxFuture;
use std::io;

/// The ledger of one item.
pub(crate) struct Ledger<'a, F> {
    /// The bot.
    pub(crate) bot: &'a Bot,
    /// The item.
    pub(crate) work: i64,
    /// Where it is delivered.
    pub(crate) place: &'a Place,
    /// The item's job with this progress.
    pub(crate) of: F,
    /// How something was sent in place of how it should have been.
    pub(crate) instead: Option<Instead>,
}

impl<F: Fn(Sent) -> Job + Send + Sync> Keeps for Ledger<'_, F> {
    fn save(&mut self, sent: Sent) -> BoxFuture<'_, Result<(), Lost>> {
        Box::pin(async move {
            let job = (self.of)(sent);
            self.bot.store.progress(&self.bot.owner, self.work, &job).await.map_err(|_| Lost)
        })
    }

    fn delivered_above(&mut self, id: i64) -> BoxFuture<'_, Vec<MessageId>> {
        Box::pin(async move {
            let known = self.bot.store.shown_above(self.place, id).await;
            known.unwrap_or_else(|error| {
                tracing::warn!(%error, "which messages were delivered cannot be read");
                Vec::new()
            })
        })
    }

    fn open<'b>(&'b mut self, contents: &'b Contents) -> BoxFuture<'b, io::Result<Opened>> {
        Box::pin(stored::open(self.bot, contents))
    }

    fn instead(&mut self, what: Instead) {
        self.instead = Some(what);
    }
}
