//! The keys that exist, what each may hold, and whether a change applies while running.
//!
//! A `*` stands for a name that the person chooses (a provider, a persona, a header). The meaning of
//! each key stands as a comment in `config/default.toml`, its place in [`super::sections`]; a test
//! holds the three together.

/// What a key may hold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    /// Any text; empty means not set.
    Text,
    /// A text that says something.
    Filled,
    /// An http or https address; empty means not set.
    Url,
    /// A text that nobody may see.
    Secret,
    /// An address of which nobody may see the password.
    SecretUrl,
    /// The secret of a webhook, in Telegram's alphabet.
    WebhookSecret,
    /// An address to listen on.
    Address,
    /// What a prefix command begins with.
    Prefix,
    /// Yes or no.
    Flag,
    /// A whole number in a range, ends included.
    Whole(i64, i64),
    /// A number in a range, ends included.
    Real(f64, f64),
    /// As `Real`, or empty.
    OptionalReal(f64, f64),
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A list of texts.
    Texts,
    /// A list of accounts.
    Owners,
    /// A list of models.
    Models,
    /// A list of those who hear, speak or draw: `provider/model`, a model of the role's own server, or this word for
    /// what runs on this machine.
    Chain(Option<&'static str>),
    /// A language as `ru` or `ru-RU`; empty means not set.
    Language,
}

impl Kind {
    /// Whether the value must never be shown.
    pub(super) const fn is_secret(self) -> bool {
        matches!(self, Self::Secret | Self::SecretUrl | Self::WebhookSecret)
    }
}

/// When a changed value counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applies {
    /// At once.
    Live,
    /// After the next start.
    Restart,
}

/// One key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key {
    /// Its place, with `*` for chosen names.
    pub(super) path: &'static str,
    /// What it may hold.
    pub(super) kind: Kind,
    /// When a change counts.
    pub(super) applies: Applies,
}

const fn live(path: &'static str, kind: Kind) -> Key {
    Key { path, kind, applies: Applies::Live }
}

const fn restart(path: &'static str, kind: Kind) -> Key {
    Key { path, kind, applies: Applies::Restart }
}

const MILLIS: Kind = Kind::Whole(1, 3_600_000);

/// Every key there is.
pub(super) const KEYS: &[Key] = &[
    restart("data_dir", Kind::Filled),
    restart("listen", Kind::Address),
    restart("base_url", Kind::Url),
    restart("mode", Kind::Choice(&["dev", "production"])),
    restart("prefix", Kind::Prefix),
    live("persona", Kind::Filled),
    live("instruction_file", Kind::Text),
    live("prices_file", Kind::Text),
    restart("shutdown_grace_s", Kind::Whole(0, 600)),
    live("access.owner", Kind::Owners),
    live("access.policy", Kind::Choice(&["closed", "pairing", "open"])),
    restart("database.url", Kind::SecretUrl),
    restart("blobs.url", Kind::Text),
    restart("blobs.endpoint", Kind::Url),
    restart("blobs.region", Kind::Text),
    restart("blobs.key_id", Kind::Secret),
    restart("blobs.secret", Kind::Secret),
    restart("telegram.token", Kind::Secret),
    restart("telegram.api_url", Kind::Url),
    restart("telegram.local", Kind::Flag),
    restart("telegram.local_dir", Kind::Text),
    restart("telegram.mode", Kind::Choice(&["polling", "webhook"])),
    restart("telegram.webhook_secret", Kind::WebhookSecret),
    restart("telegram.poll_timeout_s", Kind::Whole(0, 50)),
    live("telegram.keywords", Kind::Texts),
    restart("telegram.limits.chat_per_s", Kind::Real(0.0, 1000.0)),
    restart("telegram.limits.group_per_min", Kind::Whole(0, 100_000)),
    restart("telegram.limits.global_per_s", Kind::Whole(0, 100_000)),
    restart("telegram.limits.draft_interval_ms", Kind::Whole(10, 60_000)),
    restart("telegram.limits.edit_interval_ms", Kind::Whole(10, 60_000)),
    restart("discord.token", Kind::Secret),
    restart("discord.api_url", Kind::Url),
    live("providers.*.base_url", Kind::Url),
    live("providers.*.key", Kind::Secret),
    live("providers.*.models", Kind::Texts),
    live("providers.*.detect", Kind::Flag),
    live("providers.*.api_version", Kind::Text),
    live("providers.*.max_concurrency", Kind::Whole(1, 10_000)),
    live("providers.*.headers.*", Kind::Secret),
    live("providers.*.timeouts.connect_ms", MILLIS),
    live("providers.*.timeouts.first_token_ms", MILLIS),
    live("providers.*.timeouts.idle_ms", MILLIS),
    live("providers.*.timeouts.total_ms", MILLIS),
    live("model.chain", Kind::Models),
    live("model.context_tokens", Kind::Whole(256, 100_000_000)),
    live("model.answer_tokens", Kind::Whole(16, 10_000_000)),
    live("model.temperature", Kind::OptionalReal(0.0, 2.0)),
    live("personas.*.title", Kind::Text),
    live("personas.*.system", Kind::Text),
    live("turn.max_seconds", Kind::Whole(1, 86_400)),
    live("turn.when_busy", Kind::Choice(&["queue", "replace"])),
    restart("turn.concurrency", Kind::Whole(1, 1_000_000)),
    live("limits.message_chars", Kind::Whole(1, 10_000_000)),
    live("limits.upload_kb", Kind::Whole(1, 1_048_576)),
    live("retrieval.minimum", Kind::OptionalReal(0.0, 1.0)),
    live("retrieval.passages", Kind::Whole(0, 100)),
    live("learning.held_out", Kind::Real(0.05, 0.5)),
    live("learning.author_share", Kind::Real(0.01, 1.0)),
    live("learning.discord_in_training", Kind::Flag),
    live("learning.canaries", Kind::Texts),
    live("learning.twin_share", Kind::Real(0.0, 1.0)),
    live("learning.quorum", Kind::Whole(1, 100)),
    live("learning.judge", Kind::Text),
    live("learning.budget_usd", Kind::Real(0.0, 1_000_000.0)),
    live("training.base_url", Kind::Url),
    live("training.key", Kind::Secret),
    live("training.api_version", Kind::Text),
    live("training.model", Kind::Text),
    live("training.method", Kind::Choice(&["supervised", "dpo"])),
    live("training.epochs", Kind::Whole(0, 100)),
    live("training.usd_per_mtok", Kind::Real(0.0, 100_000.0)),
    live("training.provider", Kind::Filled),
    live("training.poll_s", Kind::Whole(1, 3600)),
    live("hearing.chain", Kind::Chain(Some("embedded"))),
    live("hearing.base_url", Kind::Url),
    live("hearing.key", Kind::Secret),
    live("hearing.language", Kind::Language),
    live("hearing.max_minutes", Kind::Whole(1, 1440)),
    live("hearing.part_minutes", Kind::Whole(1, 60)),
    live("hearing.model", Kind::Text),
    live("hearing.pull_url", Kind::Url),
    live("speaking.chain", Kind::Chain(Some("espeak"))),
    live("speaking.base_url", Kind::Url),
    live("speaking.key", Kind::Secret),
    live("speaking.voice", Kind::Filled),
    live("speaking.espeak", Kind::Filled),
    live("speaking.words_per_minute", Kind::Whole(80, 450)),
    live("drawing.chain", Kind::Chain(None)),
    live("drawing.base_url", Kind::Url),
    live("drawing.key", Kind::Secret),
    live("drawing.size", Kind::Filled),
    live("drawing.quality", Kind::Filled),
    live("drawing.most", Kind::Whole(1, 10)),
    live("reading.max_mb", Kind::Whole(1, 2000)),
    live("reading.max_pages", Kind::Whole(1, 100_000)),
    live("reading.whole_tokens", Kind::Whole(0, 10_000_000)),
    live("reading.seconds", Kind::Whole(1, 3600)),
    live("reading.memory_mb", Kind::Whole(64, 65_536)),
    live("reading.picture_side", Kind::Whole(256, 16_384)),
    live("reading.heif_program", Kind::Text),
    restart("log.format", Kind::Choice(&["auto", "text", "json"])),
    restart("log.level", Kind::Choice(&["error", "warn", "info", "debug", "trace"])),
];

/// A short name that people expect, in the environment and at the top of a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Short {
    /// The name.
    pub(super) name: &'static str,
    /// The key it sets.
    pub(super) key: &'static str,
    /// Whether other programs use the same word: then a value in the environment that does not fit
    /// is passed over with a warning.
    pub(super) common: bool,
}

const fn short(name: &'static str, key: &'static str) -> Short {
    Short { name, key, common: false }
}

const fn common(name: &'static str, key: &'static str) -> Short {
    Short { name, key, common: true }
}

/// The short name that chooses a model of the provider `openai`; all others take their key's value.
pub(super) const OPENAI_MODEL: &str = "OPENAI_MODEL";

/// The short name that chooses the environment's own file.
pub(super) const ENVIRONMENT: &str = "APPRENTICE_ENV";

/// The short names; of two for one key the later wins.
pub(super) const SHORT: &[Short] = &[
    short("TELEGRAM_TOKEN", "telegram.token"),
    short("TELEGRAM_API_URL", "telegram.api_url"),
    short("OPENAI_API_KEY", "providers.openai.key"),
    short("OPENAI_KEY", "providers.openai.key"),
    short("OPENAI_BASE_URL", "providers.openai.base_url"),
    short(OPENAI_MODEL, "model.chain"),
    short("DISCORD_TOKEN", "discord.token"),
    short("DISCORD_API_URL", "discord.api_url"),
    short("DATABASE_URL", "database.url"),
    short("APPRENTICE_DATA", "data_dir"),
    short("APPRENTICE_LISTEN", "listen"),
    short("APPRENTICE_OWNER", "access.owner"),
    short("APPRENTICE_ACCESS", "access.policy"),
    common("AWS_ACCESS_KEY_ID", "blobs.key_id"),
    common("AWS_SECRET_ACCESS_KEY", "blobs.secret"),
    common("AWS_REGION", "blobs.region"),
    common("AWS_ENDPOINT_URL", "blobs.endpoint"),
    common("PREFIX", "prefix"),
    common("MODE", "mode"),
];

/// The key at a path.
pub(super) fn find(path: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| matches(key.path, path))
}

/// The short name, if it is one.
pub(super) fn find_short(name: &str) -> Option<&'static Short> {
    SHORT.iter().find(|short| short.name == name)
}

/// Whether keys stand below a path.
pub(super) fn is_section(path: &str) -> bool {
    let depth = path.split('.').count();
    KEYS.iter().any(|key| {
        let mut parts = key.path.splitn(depth + 1, '.');
        path.split('.').all(|part| parts.next().is_some_and(|own| own == "*" || own == part)) && parts.next().is_some()
    })
}

fn matches(pattern: &str, path: &str) -> bool {
    pattern.split('.').count() == path.split('.').count()
        && pattern.split('.').zip(path.split('.')).all(|(own, part)| own == "*" || own == part)
}

/// Whether a chosen name (of a provider, persona, header) can be part of a path.
pub(super) fn is_name(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

/// The known key or section that was probably meant.
pub(super) fn nearest(path: &str) -> Option<String> {
    let upper = path.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
    let shorts = SHORT.iter().filter(|_| upper).map(|short| short.name.to_owned());
    close(path, known_like(path).chain(shorts)).or_else(|| elsewhere(path))
}

/// Known paths and sections, with the chosen names taken from `path`.
fn known_like(path: &str) -> impl Iterator<Item = String> {
    let depth = path.split('.').count();
    KEYS.iter().map(move |key| {
        let own = key.path.split('.').zip(path.split('.').map(Some).chain(std::iter::repeat(None)));
        let named = own.map(|(own, part)| if own == "*" { part.unwrap_or("*") } else { own });
        named.take(depth).collect::<Vec<_>>().join(".")
    })
}

fn close(path: &str, known: impl Iterator<Item = String>) -> Option<String> {
    known
        .map(|known| (strsim::damerau_levenshtein(path, &known), known))
        .filter(|(distance, known)| *distance > 0 && *distance <= 1 + known.len() / 4)
        .min()
        .map(|(_, known)| known)
}

/// The right name in the wrong section: the only key that ends like `path`.
fn elsewhere(path: &str) -> Option<String> {
    let last = path.rsplit('.').next()?;
    let mut ending = KEYS.iter().filter(|key| key.path.rsplit('.').next() == Some(last));
    match (ending.next(), ending.next()) {
        (Some(only), None) => Some(only.path.to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_key_is_found_below_any_chosen_name() {
        assert_eq!(find("providers.my-vllm.timeouts.idle_ms").unwrap().path, "providers.*.timeouts.idle_ms");
        assert!(find("providers.openai").is_none());
        assert!(is_section("providers") && is_section("providers.x") && is_section("providers.x.timeouts"));
        assert!(!is_section("providers.x.key") && !is_section("provider"));
    }

    #[test]
    fn the_nearest_key_is_what_was_probably_meant() {
        let nearest = |path: &str| nearest(path);
        assert_eq!(nearest("telegrm").as_deref(), Some("telegram"));
        assert_eq!(nearest("telegram.tokn").as_deref(), Some("telegram.token"));
        assert_eq!(nearest("providers.mine.base_ur").as_deref(), Some("providers.mine.base_url"));
        assert_eq!(nearest("TELEGRAM_TOKN").as_deref(), Some("TELEGRAM_TOKEN"));
        assert_eq!(nearest("policy").as_deref(), Some("access.policy"));
        assert_eq!(nearest("zzzzzz"), None);
    }

    #[test]
    fn every_short_name_sets_a_key_that_exists() {
        for short in SHORT {
            assert!(find(short.key).is_some(), "{}", short.name);
        }
    }
}
