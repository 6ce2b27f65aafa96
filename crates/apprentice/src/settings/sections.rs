//! The settings as the program reads them: typed, in sections. Their meaning stands in
//! `config/default.toml`. `Debug` and `Serialize` show no secret.

use super::media::{Drawing, Hearing, Reading, Speaking};
use domain::policy::Access;
use secrecy::SecretString;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// A secret, if it is set.
pub type Secret = Option<SecretString>;

/// All settings.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Where everything that must last is kept.
    pub data_dir: PathBuf,
    /// Address of the page and the webhook.
    pub listen: SocketAddr,
    /// Public address, without a slash at its end.
    #[serde(deserialize_with = "none_if_empty")]
    pub base_url: Option<String>,
    /// Who reads the logs.
    pub mode: Mode,
    /// What a prefix command begins with.
    pub prefix: String,
    /// Persona by default; a name of `personas`.
    pub persona: String,
    /// What /instruction prints.
    #[serde(deserialize_with = "none_if_empty")]
    pub instruction_file: Option<PathBuf>,
    /// Prices, where not the built-in ones.
    #[serde(deserialize_with = "none_if_empty")]
    pub prices_file: Option<PathBuf>,
    /// Seconds for running answers at the end.
    pub shutdown_grace_s: u64,
    /// Who may talk.
    pub access: AccessRules,
    /// The database.
    pub database: Database,
    /// Files.
    pub blobs: Blobs,
    /// Telegram.
    pub telegram: Telegram,
    /// Discord.
    pub discord: Discord,
    /// Model providers by name; one that cannot be used (OpenAI without a key) is not here.
    pub providers: BTreeMap<String, Provider>,
    /// What answers.
    pub model: Model,
    /// Personas by name.
    pub personas: BTreeMap<String, Persona>,
    /// One answer.
    pub turn: Turn,
    /// Sizes and numbers.
    pub limits: Limits,
    /// The embedded model.
    pub retrieval: Retrieval,
    /// What may be learnt from, and how much is asked before.
    pub learning: Learning,
    /// Who trains language models.
    pub training: Training,
    /// Who turns recordings into text.
    pub hearing: Hearing,
    /// Who says answers aloud.
    pub speaking: Speaking,
    /// Who draws.
    pub drawing: Drawing,
    /// What is taken in from files.
    pub reading: Reading,
    /// Logs.
    pub log: Log,
}

/// Who reads the logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// A person at a terminal.
    Dev,
    /// A machine.
    Production,
}

/// Who may talk.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessRules {
    /// Owners as `channel:id`.
    pub owner: Vec<String>,
    /// Everybody else.
    pub policy: Access,
}

/// The database.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// Where it is; none is SQLite in the data directory.
    #[serde(deserialize_with = "none_if_empty", serialize_with = "masked")]
    pub url: Secret,
}

/// Files.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Blobs {
    /// A directory or `s3://bucket/prefix`; none is `blobs` in the data directory.
    #[serde(deserialize_with = "none_if_empty")]
    pub url: Option<String>,
    /// An S3 server other than Amazon's.
    #[serde(deserialize_with = "none_if_empty")]
    pub endpoint: Option<String>,
    /// Region of the bucket.
    #[serde(deserialize_with = "none_if_empty")]
    pub region: Option<String>,
    /// Access key id.
    #[serde(deserialize_with = "none_if_empty", serialize_with = "masked")]
    pub key_id: Secret,
    /// Secret access key.
    #[serde(deserialize_with = "none_if_empty", serialize_with = "masked")]
    pub secret: Secret,
}

/// Telegram.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Telegram {
    /// Bot token; none leaves Telegram off.
    #[serde(deserialize_with = "none_if_empty", serialize_with = "masked")]
    pub token: Secret,
    /// Address of the Bot API.
    pub api_url: String,
    /// Whether that is a local Bot API server.
    pub local: bool,
    /// Where that server keeps its files.
    #[serde(deserialize_with = "none_if_empty")]
    pub local_dir: Option<PathBuf>,
    /// How updates arrive.
    pub mode: Arrival,
    /// What proves that a webhook call is Telegram's own.
    #[serde(deserialize_with = "none_if_empty", serialize_with = "masked")]
    pub webhook_secret: Secret,
    /// Seconds that one poll waits.
    pub poll_timeout_s: u32,
    /// Words that address the bot in every group.
    pub keywords: Vec<String>,
    /// How fast it may speak.
    pub limits: Pace,
}

/// How updates arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arrival {
    /// They are fetched.
    Polling,
    /// They are brought.
    Webhook,
}

/// How fast the bot may speak on Telegram.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pace {
    /// Messages per second into one chat.
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

/// Discord.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Discord {
    /// Bot token; none leaves Discord off.
    #[serde(deserialize_with = "none_if_empty", serialize_with = "masked")]
    pub token: Secret,
    /// Address of the API.
    pub api_url: String,
}

/// A server that speaks OpenAI's API.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// Address up to and with the version, without a slash at its end.
    pub base_url: String,
    /// Key.
    #[serde(deserialize_with = "none_if_empty", serialize_with = "masked")]
    pub key: Secret,
    /// Headers added to each call.
    #[serde(default, serialize_with = "all_masked")]
    pub headers: BTreeMap<String, SecretString>,
    /// Models to offer; empty asks the server.
    pub models: Vec<String>,
    /// Whether it is only used when found running.
    pub detect: bool,
    /// Azure's api-version.
    #[serde(deserialize_with = "none_if_empty")]
    pub api_version: Option<String>,
    /// Requests at the same time.
    pub max_concurrency: u32,
    /// Time limits.
    pub timeouts: Timeouts,
}

/// Time limits of a call to a model, milliseconds.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timeouts {
    /// To connect.
    pub connect_ms: u64,
    /// To the first token.
    pub first_token_ms: u64,
    /// Between two tokens.
    pub idle_ms: u64,
    /// For the whole call.
    pub total_ms: u64,
}

/// What answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// `provider/model`, `provider/*` or `embedded`: the first that can answers. Never empty.
    pub chain: Vec<String>,
    /// Tokens of prompt and answer together.
    pub context_tokens: u32,
    /// Tokens of an answer.
    pub answer_tokens: u32,
    /// Sampling temperature, 0 to 2.
    #[serde(deserialize_with = "real_or_empty")]
    pub temperature: Option<f32>,
}

/// The name of the embedded model.
pub const EMBEDDED: &str = "embedded";

/// The provider of a model's name in the chain, `provider/model` or `provider/*`: none for the
/// embedded model and for what is no name. A model's id may hold further slashes.
pub(super) fn provider_of(model: &str) -> Option<&str> {
    let (provider, id) = model.split_once('/')?;
    (super::keys::is_name(provider) && !id.is_empty() && !id.contains(char::is_whitespace)).then_some(provider)
}

/// Who the model is told to be.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Persona {
    /// Name in lists.
    #[serde(default, deserialize_with = "none_if_empty")]
    pub title: Option<String>,
    /// What the model is told.
    #[serde(default)]
    pub system: String,
}

/// One answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Turn {
    /// Seconds from the message to the end of the answer.
    pub max_seconds: u64,
    /// A message while another is being answered.
    pub when_busy: WhenBusy,
    /// Answers worked on at the same time.
    pub concurrency: usize,
}

/// What a message does while another is being answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhenBusy {
    /// It is answered next.
    Queue,
    /// It ends the running answer.
    Replace,
}

/// Sizes and numbers.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Characters of one message.
    pub message_chars: usize,
    /// Kilobytes of one file to learn from.
    pub upload_kb: usize,
}

/// The embedded model.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retrieval {
    /// Least probability of being right, 0 to 1; none is the calibrated one.
    #[serde(deserialize_with = "real_or_empty")]
    pub minimum: Option<f32>,
    /// Most lessons and passages in a prompt.
    pub passages: usize,
}

/// What may be learnt from, and how much is asked before.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Learning {
    /// Share of a version that is only tested with.
    pub held_out: f32,
    /// Most of a version from one teacher, as a share.
    pub author_share: f32,
    /// Whether what was said on Discord may be trained on.
    pub discord_in_training: bool,
    /// Texts that are never trained on.
    pub canaries: Vec<String>,
    /// Share of questions that get two answers where that is on.
    pub twin_share: f32,
    /// Members of a group who must confirm.
    pub quorum: u32,
    /// The model that judges answers, `provider/model`; none leaves it to words.
    #[serde(deserialize_with = "none_if_empty")]
    pub judge: Option<String>,
    /// Most US dollars that a training may cost; 0 sets no limit.
    pub budget_usd: f64,
}

/// A server that trains language models.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Training {
    /// Address up to and with the version; none is that of the provider `openai`.
    #[serde(deserialize_with = "none_if_empty")]
    pub base_url: Option<String>,
    /// Key.
    #[serde(deserialize_with = "none_if_empty", serialize_with = "masked")]
    pub key: Secret,
    /// Azure's api-version.
    #[serde(deserialize_with = "none_if_empty")]
    pub api_version: Option<String>,
    /// The model that a training starts from; none leaves only the embedded one.
    #[serde(deserialize_with = "none_if_empty")]
    pub model: Option<String>,
    /// What is learnt from.
    pub method: Method,
    /// Passes over the examples; 0 leaves it to the server.
    pub epochs: u32,
    /// US dollars for a million trained tokens; 0 is not known.
    pub usd_per_mtok: f64,
    /// The provider through which the trained model answers.
    pub provider: String,
    /// Seconds between two looks.
    pub poll_s: u64,
}

/// What a training learns from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Right answers.
    Supervised,
    /// Pairs of a right and a wrong answer.
    Dpo,
}

/// Logs.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// For whom.
    pub format: LogFormat,
    /// Least weight.
    pub level: String,
}

/// For whom logs are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// By the mode.
    Auto,
    /// People.
    Text,
    /// Machines.
    Json,
}

impl Settings {
    /// What answers where the chain is left open: every provider, what was set up before what is only
    /// found, then the embedded model.
    pub(super) fn open_chain(&self) -> Vec<String> {
        let (found, set_up): (Vec<_>, Vec<_>) = self.providers.iter().partition(|(_, provider)| provider.detect);
        let any = set_up.into_iter().chain(found).map(|(name, _)| format!("{name}/*"));
        any.chain([EMBEDDED.to_owned()]).collect()
    }

    /// The models that the providers' own lists name, as `provider/model`.
    pub fn model_choices(&self) -> Vec<String> {
        let of = |(name, provider): (&String, &Provider)| -> Vec<String> {
            provider.models.iter().map(|model| format!("{name}/{model}")).collect()
        };
        self.providers.iter().flat_map(of).collect()
    }

    /// What the model is told by the persona of that name; by the default one where there is none.
    pub fn persona(&self, name: Option<&str>) -> String {
        let chosen = name.and_then(|name| self.personas.get(name));
        chosen.or_else(|| self.personas.get(&self.persona)).map(|persona| persona.system.clone()).unwrap_or_default()
    }

    /// Names of the personas, the default one first.
    pub fn persona_names(&self) -> Vec<String> {
        let others = self.personas.keys().filter(|name| **name != self.persona);
        std::iter::once(&self.persona).chain(others).cloned().collect()
    }

    /// What lists call a persona.
    pub fn persona_title(&self, name: &str) -> String {
        self.personas.get(name).and_then(|persona| persona.title.clone()).unwrap_or_else(|| name.to_owned())
    }

    /// Whether logs are JSON.
    pub fn json_logs(&self) -> bool {
        match self.log.format {
            LogFormat::Auto => self.mode == Mode::Production,
            LogFormat::Json => true,
            LogFormat::Text => false,
        }
    }

    /// Where the database is: the address that was set, or SQLite in the data directory.
    pub fn database_url(&self) -> SecretString {
        let embedded = || format!("sqlite://{}", self.data_dir.join("apprentice.db").display()).into();
        self.database.url.clone().unwrap_or_else(embedded)
    }

    /// Where files are kept: the place that was set, or `blobs` in the data directory.
    pub fn blobs_url(&self) -> String {
        self.blobs.url.clone().unwrap_or_else(|| self.data_dir.join("blobs").display().to_string())
    }

    /// How long running answers get at the end.
    pub fn shutdown_grace(&self) -> Duration {
        Duration::from_secs(self.shutdown_grace_s)
    }
}

/// Reads an empty text as not set.
pub(super) fn none_if_empty<'de, D: Deserializer<'de>, T: Deserialize<'de> + From<String>>(
    from: D,
) -> Result<Option<T>, D::Error> {
    let text = String::deserialize(from)?;
    Ok((!text.is_empty()).then(|| T::from(text)))
}

/// Reads a number, or an empty text as none.
fn real_or_empty<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f32>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Given {
        Number(f32),
        Text(String),
    }
    match Given::deserialize(from)? {
        Given::Number(number) => Ok(Some(number)),
        Given::Text(text) if text.is_empty() => Ok(None),
        Given::Text(_) => Err(serde::de::Error::custom("neither a number nor empty")),
    }
}

const MASK: &str = "••••";

pub(super) fn masked<S: Serializer>(secret: &Secret, to: S) -> Result<S::Ok, S::Error> {
    secret.as_ref().map(|_| MASK).serialize(to)
}

fn all_masked<S: Serializer>(headers: &BTreeMap<String, SecretString>, to: S) -> Result<S::Ok, S::Error> {
    to.collect_map(headers.keys().map(|name| (name, MASK)))
}
