//! What the bot was taught, in memory, kept in step with the store: a lesson counts in the very
//! next answer, on every replica.

use crate::settings::Retrieval;
use domain::exchange::Scope;
use domain::person::Lang;
use models::embedded::{Embedded, Recalled, Reply};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{PoisonError, RwLock};
use store::{Knowledge as Change, Store};

/// How many changes are read at once.
const PAGE: u32 = 500;

/// The embedded model, and how far into the store's changes it has read.
pub struct Knowledge {
    model: RwLock<Embedded>,
    revision: AtomicI64,
    reading: tokio::sync::Mutex<()>,
}

impl Knowledge {
    /// Starts with the user guide alone; `refresh` brings the rest.
    pub fn new() -> Self {
        Self { model: RwLock::new(Embedded::new()), revision: AtomicI64::new(0), reading: tokio::sync::Mutex::new(()) }
    }

    /// Reads what changed in the store since the last time.
    pub async fn refresh(&self, store: &Store) -> Result<(), store::Error> {
        let _one_at_a_time = self.reading.lock().await;
        loop {
            let changes = store.knowledge_since(self.revision.load(Ordering::Acquire), PAGE).await?;
            let Some(last) = changes.last().map(|(revision, _)| *revision) else { return Ok(()) };
            self.apply(changes);
            self.revision.store(last, Ordering::Release);
        }
    }

    fn apply(&self, changes: Vec<(i64, Change)>) {
        let mut model = self.model.write().unwrap_or_else(PoisonError::into_inner);
        for (_, change) in changes {
            match change {
                Change::Lesson(lesson) => model.learn(&lesson),
                Change::Document(document) => {
                    model.read(&document);
                }
                Change::Removed(id) => model.unlearn(&id),
            }
        }
    }

    /// What fits a question, best first, surely enough to be put before a language model.
    pub fn recall(&self, question: &str, scopes: &[Scope], rules: &Retrieval) -> Vec<Recalled> {
        let model = self.model.read().unwrap_or_else(PoisonError::into_inner);
        model.recall(question, scopes, rules.passages, rules.minimum)
    }

    /// The embedded model's own answer.
    pub fn answer(&self, question: &str, scopes: &[Scope], lang: Lang, rules: &Retrieval) -> Reply {
        let model = self.model.read().unwrap_or_else(PoisonError::into_inner);
        model.answer(question, scopes, lang, rules.minimum)
    }
}

impl Default for Knowledge {
    fn default() -> Self {
        Self::new()
    }
}
