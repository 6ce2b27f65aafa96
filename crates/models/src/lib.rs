//! Language models: any server that speaks OpenAI's chat completions, and the one embedded in the binary.
//!
//! A question goes to a chain of models. One that refuses, is busy or cannot be reached before it has
//! said a word is followed by the next; once something was said, that answer is kept.

mod breaker;
mod content;
pub mod draw;
mod drift;
pub mod embedded;
mod endpoint;
pub mod files;
pub mod hear;
mod provider;
pub mod speak;
mod stream;
pub mod tokens;
pub mod tune;

use breaker::Breaker;
use domain::chat::{ChatRequest, Finish, Tokens};
use provider::Client;
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Providers by name.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// Each with its address, key and limits.
    pub providers: BTreeMap<String, Provider>,
}

/// A server that speaks OpenAI's API.
#[derive(Clone, Debug)]
pub struct Provider {
    /// Address up to and with the version.
    pub base_url: String,
    /// Key.
    pub key: Option<SecretString>,
    /// Headers added to each call.
    pub headers: BTreeMap<String, SecretString>,
    /// Azure's api-version; with it the key goes into `api-key`.
    pub api_version: Option<String>,
    /// Models to offer; empty asks the server.
    pub models: Vec<String>,
    /// Whether it is only used when it is found running.
    pub detect: bool,
    /// Requests at the same time.
    pub max_concurrency: usize,
    /// Time limits.
    pub timeouts: Timeouts,
}

impl Provider {
    /// A server of which nothing but its address and key is known.
    pub fn at(base_url: String, key: Option<SecretString>) -> Self {
        Self {
            base_url,
            key,
            headers: BTreeMap::new(),
            api_version: None,
            models: Vec::new(),
            detect: false,
            max_concurrency: 8,
            timeouts: Timeouts {
                connect: Duration::from_secs(5),
                first_token: Duration::from_secs(60),
                idle: Duration::from_secs(30),
                total: Duration::from_secs(300),
            },
        }
    }
}

/// Time limits of a call.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// To connect.
    pub connect: Duration,
    /// To the first token.
    pub first_token: Duration,
    /// Between two tokens.
    pub idle: Duration,
    /// For the whole call.
    pub total: Duration,
}

/// A model by provider and id: `provider/model`; `provider/*` is the first the provider lists.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ModelName {
    /// Name in the settings.
    pub provider: String,
    /// Id at the provider, or `*`.
    pub model: String,
}

impl FromStr for ModelName {
    type Err = NoModelName;
    fn from_str(text: &str) -> Result<Self, NoModelName> {
        match text.split_once('/') {
            Some((provider, model)) if !provider.is_empty() && !model.is_empty() => {
                Ok(Self { provider: provider.to_owned(), model: model.to_owned() })
            }
            _ => Err(NoModelName),
        }
    }
}

impl std::fmt::Display for ModelName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.provider, self.model)
    }
}

/// A text that names no model.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("write it as provider/model")]
pub struct NoModelName;

/// A model as a provider lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelInfo {
    /// Its id.
    pub id: String,
    /// Last day on which it answers, where the provider says so (`YYYY-MM-DD`).
    pub shutdown_date: Option<String>,
}

/// A tool that the model wants called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToolCall {
    /// The provider's id of the call.
    pub id: String,
    /// Name of the tool.
    pub name: String,
    /// Arguments, JSON as the model wrote it.
    pub arguments: String,
}

/// What a model said.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its words.
    pub text: String,
    /// What it thought aloud, where the provider sends that apart.
    pub reasoning: String,
    /// Why it ended.
    pub finish: Finish,
    /// Tokens used.
    pub tokens: Tokens,
    /// Who answered, `provider/model`.
    pub model: String,
    /// Tools it wants called.
    pub tool_calls: Vec<ToolCall>,
}

impl Default for Answer {
    fn default() -> Self {
        let (text, reasoning, model) = (String::new(), String::new(), String::new());
        Self { text, reasoning, finish: Finish::Complete, tokens: Tokens::default(), model, tool_calls: Vec::new() }
    }
}

/// Which time limit passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Connecting, or waiting for the first token.
    FirstToken,
    /// Between two tokens.
    Idle,
    /// The whole call.
    Total,
}

/// Why there is no whole answer, by what can be done about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The prompt does not fit: send less.
    #[error("the model says the prompt is too long: {message}")]
    TooLong {
        /// The provider's words.
        message: String,
    },
    /// Key, quota or model: asking again does not help.
    #[error("the provider refuses ({status}): {message}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// The provider's words.
        message: String,
    },
    /// Too many requests: later.
    #[error("the provider is busy")]
    Busy {
        /// Milliseconds that it asks to wait.
        retry_after_ms: Option<u64>,
    },
    /// A time limit passed.
    #[error("a time limit passed: {stage:?}")]
    TimedOut {
        /// Which.
        stage: Stage,
        /// What was said by then.
        partial: String,
    },
    /// No connection, a broken one, or no sense in what came.
    #[error("the provider cannot be reached: {reason}")]
    Unreachable {
        /// Why, without addresses and keys.
        reason: String,
        /// What was said by then.
        partial: String,
    },
    /// The provider's filter refused the question.
    #[error("the provider's filter refused")]
    Filtered,
    /// The model sees no pictures: ask one that does.
    #[error("{model} cannot see pictures")]
    CannotSee {
        /// Which, `provider/model`.
        model: String,
    },
    /// The person stopped it.
    #[error("stopped")]
    Stopped {
        /// What was said by then.
        partial: String,
    },
}

impl Failure {
    /// What was said before it failed.
    pub fn partial(&self) -> &str {
        match self {
            Self::TimedOut { partial, .. } | Self::Unreachable { partial, .. } | Self::Stopped { partial } => partial,
            Self::TooLong { .. }
            | Self::Refused { .. }
            | Self::Busy { .. }
            | Self::Filtered
            | Self::CannotSee { .. } => "",
        }
    }
    /// Whether the next model of a chain may do better.
    fn is_theirs(&self) -> bool {
        !matches!(self, Self::Stopped { .. } | Self::TooLong { .. }) && self.partial().is_empty()
    }
    /// Whether the same model may do better in a moment.
    fn is_passing(&self) -> bool {
        matches!(self, Self::Busy { .. } | Self::Unreachable { .. }) && self.partial().is_empty()
    }
}

/// How a provider is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderHealth {
    /// Its name.
    pub name: String,
    /// `ok`, or since when it is left alone and why.
    pub state: String,
}

/// All language models. Clones share everything.
#[derive(Clone)]
pub struct Models(Arc<RwLock<Clients>>);

/// The clients by provider; swapped as a whole.
type Clients = Arc<BTreeMap<String, Arc<Client>>>;

/// Attempts of one model before the next has its turn.
const ATTEMPTS: u32 = 3;
/// Longest wait for a busy provider, milliseconds; one that asks for more is passed over.
const LONGEST_WAIT_MS: u64 = 10_000;

impl Models {
    /// Prepares the providers; nothing is sent yet.
    pub fn new(config: Config) -> Result<Self, Failure> {
        Ok(Self(Arc::new(RwLock::new(Arc::new(clients(config)?)))))
    }

    /// Takes other settings from now on; running answers end as they began.
    pub fn replace(&self, config: Config) -> Result<(), Failure> {
        let clients = Arc::new(clients(config)?);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = clients;
        Ok(())
    }

    fn clients(&self) -> Clients {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Asks the models of a chain in order; `on_text` hears each piece as it comes.
    pub async fn ask(
        &self,
        chain: &[ModelName],
        request: &ChatRequest,
        cancel: &CancellationToken,
        on_text: &mut (dyn FnMut(&str) + Send),
    ) -> Result<Answer, Failure> {
        let clients = self.clients();
        let mut last = Failure::Refused { status: 0, message: "no model is set up".to_owned() };
        for name in chain {
            let Some(client) = clients.get(&name.provider) else { continue };
            match ask_one(client, &name.model, request, cancel, on_text).await {
                Ok(answer) => return Ok(answer),
                Err(failure) if failure.is_theirs() => {
                    tracing::warn!(model = %name, %failure, "the next model is asked");
                    // A provider that merely is not there says less than one that refused.
                    if !client.config.detect || matches!(last, Failure::Refused { status: 0, .. }) {
                        last = failure;
                    }
                }
                Err(failure) => return Err(failure),
            }
        }
        Err(last)
    }

    /// The models that can be talked with, as `provider/model`, as far as the providers name them in
    /// time. A list is remembered for ten minutes.
    pub async fn offered(&self, within: Duration) -> Vec<String> {
        let clients = self.clients();
        let ask = |(name, client): (&String, &Arc<Client>)| {
            let (name, client) = (name.clone(), client.clone());
            async move {
                let listed = tokio::time::timeout(within, client.talkers()).await;
                let models = listed.ok().and_then(Result::ok).unwrap_or_default();
                models.into_iter().map(|model| format!("{name}/{model}")).collect::<Vec<_>>()
            }
        };
        futures::future::join_all(clients.iter().map(ask)).await.concat()
    }

    /// The models that a provider lists.
    pub async fn list(&self, provider: &str) -> Result<Vec<ModelInfo>, Failure> {
        match self.clients().get(provider) {
            Some(client) => client.list().await,
            None => Err(Failure::Refused { status: 0, message: "no such provider".to_owned() }),
        }
    }

    /// Whether a model sees pictures, as far as its answers and refusals have told.
    pub fn sees(&self, name: &ModelName) -> Option<bool> {
        self.clients().get(&name.provider)?.sees(&name.model)
    }

    /// How each provider is.
    pub fn health(&self) -> Vec<ProviderHealth> {
        self.clients()
            .iter()
            .map(|(name, client)| ProviderHealth { name: name.clone(), state: client.breaker.describe() })
            .collect()
    }
}

fn clients(config: Config) -> Result<BTreeMap<String, Arc<Client>>, Failure> {
    config
        .providers
        .into_iter()
        .map(|(name, provider)| Ok((name.clone(), Arc::new(Client::new(name, provider)?))))
        .collect()
}

/// One model, with its retries, behind its provider's breaker.
async fn ask_one(
    client: &Client,
    model: &str,
    request: &ChatRequest,
    cancel: &CancellationToken,
    on_text: &mut (dyn FnMut(&str) + Send),
) -> Result<Answer, Failure> {
    for attempt in 1.. {
        if let Some(reason) = client.breaker.closed_door() {
            return Err(Failure::Unreachable { reason, partial: String::new() });
        }
        let told = client.ask(model, request, cancel, on_text).await;
        note(&client.breaker, &told);
        match told {
            Err(failure) if failure.is_passing() && attempt < ATTEMPTS && !client.config.detect => {
                wait(&failure, attempt, cancel).await?;
            }
            told => return told,
        }
    }
    Err(Failure::Busy { retry_after_ms: None })
}

fn note(breaker: &Breaker, told: &Result<Answer, Failure>) {
    match told {
        Err(Failure::Unreachable { reason, .. }) => breaker.failed(reason),
        Err(Failure::TimedOut { .. }) => breaker.failed("a time limit passed"),
        _ => breaker.worked(),
    }
}

/// Waits as long as the provider asks, or a random time that grows; not at all when that is too long.
async fn wait(failure: &Failure, attempt: u32, cancel: &CancellationToken) -> Result<(), Failure> {
    let grown = 250_u64 << attempt;
    let ms = match failure {
        Failure::Busy { retry_after_ms: Some(ms) } if *ms > LONGEST_WAIT_MS => return Err(failure.clone()),
        Failure::Busy { retry_after_ms: Some(ms) } => *ms,
        _ => grown / 2 + breaker::random(grown / 2),
    };
    tokio::select! {
        () = tokio::time::sleep(Duration::from_millis(ms)) => Ok(()),
        () = cancel.cancelled() => Err(Failure::Stopped { partial: String::new() }),
    }
}
