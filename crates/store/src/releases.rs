//! What answers, what it costs: fingerprints, usage by day.

use crate::engine::{args, sql};
use crate::record::put_fingerprint;
use crate::{Error, Fingerprint, Store};
use domain::ids::{ConversationId, Millis, PersonId, ReleaseId};

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// Tokens and money.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Answers.
    pub exchanges: i64,
    /// Tokens of prompts.
    pub prompt_tokens: i64,
    /// Tokens of answers.
    pub completion_tokens: i64,
    /// Cost in millionths of a US dollar, where prices are known.
    pub micro_usd: i64,
}

impl Usage {
    fn plus(self, other: Self) -> Self {
        Self {
            exchanges: self.exchanges + other.exchanges,
            prompt_tokens: self.prompt_tokens + other.prompt_tokens,
            completion_tokens: self.completion_tokens + other.completion_tokens,
            micro_usd: self.micro_usd + other.micro_usd,
        }
    }
}

/// Whose usage is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UsageOf {
    /// Everybody's.
    Everybody,
    /// One person's, wherever they asked.
    Person(PersonId),
    /// One conversation's.
    Conversation(ConversationId),
}

impl Store {
    /// Usage per model since a moment (whole days, UTC), dearest first.
    pub async fn usage_by_model(&self, of: &UsageOf, since: Millis) -> Result<Vec<(String, Usage)>, Error> {
        macro_rules! sums {
            ($where:literal) => {
                sql![
                    "SELECT model, CAST(sum(exchanges) AS BIGINT), CAST(sum(prompt_tokens) AS BIGINT), \
                     CAST(sum(completion_tokens) AS BIGINT), CAST(sum(micro_usd) AS BIGINT) FROM usage WHERE day >= $1 AND ",
                    $where,
                    " GROUP BY model ORDER BY 5 DESC, 2 DESC, 1"
                ]
            };
        }
        let (sql, whose) = match of {
            UsageOf::Everybody => (sums!("$2 = ''"), ""),
            UsageOf::Person(id) => (sums!("person = $2"), id.as_str()),
            UsageOf::Conversation(id) => (sums!("conversation = $2"), id.as_str()),
        };
        let found: Vec<(String, i64, i64, i64, i64)> =
            self.pool.rows(sql, args![since.0.div_euclid(DAY_MS), whose]).await?;
        let usage = |(model, exchanges, prompt_tokens, completion_tokens, micro_usd)| {
            (model, Usage { exchanges, prompt_tokens, completion_tokens, micro_usd })
        };
        Ok(found.into_iter().map(usage).collect())
    }

    /// Usage in all since a moment (whole days, UTC).
    pub async fn usage(&self, of: &UsageOf, since: Millis) -> Result<Usage, Error> {
        Ok(self
            .usage_by_model(of, since)
            .await?
            .into_iter()
            .map(|(_, usage)| usage)
            .fold(Usage::default(), Usage::plus))
    }

    /// Tokens and money of one person, in all.
    pub async fn usage_of(&self, person: &PersonId) -> Result<Usage, Error> {
        self.usage(&UsageOf::Person(person.clone()), Millis(0)).await
    }

    /// Stores a fingerprint, once.
    pub async fn put_fingerprint(&self, print: &Fingerprint, now: Millis) -> Result<(), Error> {
        let print = print.clone();
        self.writer.other(move |conn| Box::pin(async move { put_fingerprint(conn, &print, now).await })).await
    }

    /// What answered.
    pub async fn fingerprint(&self, id: &ReleaseId) -> Result<Option<Fingerprint>, Error> {
        let found: Option<(String,)> =
            self.pool.row("SELECT parts FROM fingerprint WHERE id = $1", args![id.as_str()]).await?;
        Ok(found.map(|(parts,)| Fingerprint { id: id.clone(), parts }))
    }

    /// A value that was kept under a name.
    pub async fn setting(&self, name: &str) -> Result<Option<String>, Error> {
        let found: Option<(String,)> = self.pool.row("SELECT value FROM setting WHERE name = $1", args![name]).await?;
        Ok(found.map(|(value,)| value))
    }

    /// Keeps a value under a name.
    pub async fn put_setting(&self, name: &str, value: &str) -> Result<(), Error> {
        let args = args![name, value];
        let put =
            "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        self.writer.other(move |conn| Box::pin(async move { conn.run(put, args).await.map(drop) })).await
    }
}
