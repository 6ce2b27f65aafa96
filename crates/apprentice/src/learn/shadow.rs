//! Answers that nobody sees: a release beside the one in use is asked what a person asked, and what it says is kept to be
//! compared. The person never waits for it.

use crate::answer::Question;
use crate::bot::{Bot, now};
use crate::media::see::Shown;
use crate::think::{self, Asking};
use domain::exchange::{Exchange, Scope};
use domain::ids::{ExchangeId, Lane, MessageId, Millis, PersonId};
use domain::object::Object;
use domain::person::{ChatPrefs, Lang};
use domain::work::{Job, NewWork, Work};
use serde::{Deserialize, Serialize};
use store::{Record, Row};
use tokio_util::sync::CancellationToken;

/// What a release would have said.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Shadow {
    exchange: ExchangeId,
    release: u32,
    person: PersonId,
    answer: String,
    /// How near it is to what was said, 0 to 1.
    pub agreement: f64,
    at: Millis,
}

/// Agreement from which two answers say the same.
const SAME: f64 = 0.6;

impl Shadow {
    /// Whether it says the same as the answer that was given.
    pub fn agrees(&self) -> bool {
        self.agreement >= SAME
    }
}

impl Object for Shadow {
    const KIND: &'static str = "shadow";
    fn id(&self) -> String {
        format!("{}:{}", self.exchange, self.release)
    }
    fn state(&self) -> &'static str {
        if self.agrees() { "agrees" } else { "differs" }
    }
    fn person(&self) -> &str {
        self.person.as_str()
    }
    fn key(&self) -> String {
        domain::release::name_of(self.release)
    }
    fn at(&self) -> Millis {
        self.at
    }
}

/// Work that lets the shadow answer what was just answered, where there is one.
pub fn of(bot: &Bot, exchange: &ExchangeId, at: Millis) -> Option<NewWork> {
    let release = bot.knowledge.routing().shadow?;
    Some(NewWork {
        lane: Lane(format!("shadow:{release}")),
        dedupe: format!("shadow:{release}:{exchange}"),
        job: Job::Shadow { exchange: exchange.clone(), release },
        not_before: at,
        interrupts: false,
    })
}

/// Lets it answer. That it cannot is no harm: there is one comparison less.
pub async fn answer(
    bot: &Bot,
    work: &Work,
    id: &ExchangeId,
    release: u32,
    stop: &CancellationToken,
) -> anyhow::Result<Record> {
    let at = now();
    let mut record =
        Record { owner: bot.owner.clone(), work: work.id, lane: work.lane.clone(), now: at, ..Record::default() };
    let mind = bot.knowledge.mind_of(release);
    let Some(exchange) = bot.store.exchange(id).await?.filter(|_| mind.number() == release) else { return Ok(record) };
    let prefs = ChatPrefs::default();
    let asking = Asking {
        shown: Shown::default(),
        read: &[],
        bot,
        mind,
        scopes: vec![Scope::Everyone, Scope::Person(exchange.person.clone())],
        prefs: &prefs,
        log: &[],
        summary: "",
        looked_back_fully: false,
        group: false,
        lang: Lang::default(),
        alone: true,
        stop,
    };
    let Exchange { question, answer: said, person, .. } = exchange;
    let question = Question::plain(question, MessageId::default());
    match think::think(&asking, &question, &mut |_| {}).await? {
        Ok(thought) => {
            let agreement = learning::grade::agreement(&thought.markdown, &said);
            let exchange = id.clone();
            let shadow = Shadow { exchange, release, person, answer: thought.markdown, agreement, at };
            record.objects.push(Row::of(&shadow)?);
        }
        Err(sorry) => tracing::debug!(reason = sorry.reason, "the shadow said nothing"),
    }
    Ok(record)
}
