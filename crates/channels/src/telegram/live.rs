//! Showing an answer while it is being written: drafts in private chats, one message sent once and then
//! edited elsewhere. Never more often than the limits allow; only the newest text counts; what fails
//! here is made up for by the delivery.

use super::{Activity, Failure, Ledger, Telegram};
use domain::ids::MessageId;
use domain::incoming::{ChatKind, Place};
use domain::outgoing::Button;
use domain::work::Sent;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// How long "typing…" is shown by Telegram, less a margin.
const TYPING: Duration = Duration::from_millis(4500);
/// An answer that is done within this time is not shown before its end.
const PATIENCE: Duration = Duration::from_millis(350);

impl Telegram {
    /// Shows the text as it grows, until its sender is gone, and before its first word the activity; what was
    /// sent by then. `question` is the message that is answered.
    #[allow(clippy::too_many_arguments, reason = "each is of another kind, and none has a default")]
    pub async fn show_live(
        &self,
        place: &Place,
        activity: Activity,
        question: &MessageId,
        mut text: watch::Receiver<String>,
        sent: Sent,
        ledger: &mut dyn Ledger,
        buttons: &[Button],
    ) -> Sent {
        let mut live = Live { telegram: self, place, question, buttons, sent, shown: String::new(), failed: false };
        let began = Instant::now();
        let mut typed: Option<Instant> = None;
        loop {
            let wait = PATIENCE.checked_sub(began.elapsed()).unwrap_or_else(|| live.interval());
            if ended(&mut text, wait).await {
                return live.sent;
            }
            let newest = text.borrow_and_update().clone();
            if newest.trim().is_empty() {
                if typed.is_none_or(|at| at.elapsed() > TYPING) {
                    typed = Some(Instant::now());
                    self.show_activity(place, activity).await;
                }
            } else if newest != live.shown {
                live.show(newest, ledger).await;
            }
        }
    }
}

/// Waits so long; true when the sender is gone.
async fn ended(text: &mut watch::Receiver<String>, wait: Duration) -> bool {
    let deadline = Instant::now() + wait;
    loop {
        match tokio::time::timeout_at(deadline, text.changed()).await {
            Err(_) => return false,
            Ok(Err(_)) => return true,
            // More text: it is looked at when the time has come.
            Ok(Ok(())) => {}
        }
    }
}

struct Live<'a> {
    telegram: &'a Telegram,
    place: &'a Place,
    question: &'a MessageId,
    buttons: &'a [Button],
    sent: Sent,
    shown: String,
    failed: bool,
}

impl Live<'_> {
    fn interval(&self) -> Duration {
        let limits = &self.telegram.0.config.limits;
        Duration::from_millis(match self.place.kind {
            ChatKind::Private => limits.draft_interval_ms.max(50),
            ChatKind::Group | ChatKind::Broadcast => limits.edit_interval_ms.max(200),
        })
    }

    async fn show(&mut self, newest: String, ledger: &mut dyn Ledger) {
        if self.failed {
            return;
        }
        let done = match self.place.kind {
            ChatKind::Private => self.telegram.draft(self.place, self.draft_id(), &newest).await,
            ChatKind::Group | ChatKind::Broadcast => self.in_a_message(&newest, ledger).await,
        };
        match done {
            Ok(()) => self.shown = newest,
            Err(Failure::RetryAfter(ms)) => {
                super::pause(Duration::from_millis(u64::try_from(ms).unwrap_or(1000))).await;
            }
            Err(Failure::Refused { description }) if description.contains("not modified") => self.shown = newest,
            Err(failure) => {
                tracing::debug!(%failure, "an answer is not shown while it is written");
                // A server that knows no drafts will not learn them during this answer.
                self.failed = !matches!(failure, Failure::Broken(_));
            }
        }
    }

    async fn in_a_message(&mut self, newest: &str, ledger: &mut dyn Ledger) -> Result<(), Failure> {
        match self.sent.messages.first() {
            Some(id) if self.telegram.0.pacer.spare(self.place) => {
                self.telegram.update(self.place, id, newest, self.buttons).await
            }
            Some(_) => Ok(()),
            None => {
                let question = Some(self.question);
                self.telegram.open(self.place, newest, question, self.buttons, &mut self.sent, ledger).await.map(drop)
            }
        }
    }

    /// One draft per question; its number must not be zero.
    fn draft_id(&self) -> i64 {
        self.question.as_str().parse::<i64>().unwrap_or(1).max(1)
    }
}
