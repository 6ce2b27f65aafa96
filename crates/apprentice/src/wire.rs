//! From settings to what the other crates are configured with. The one place where both are known.

use crate::settings::{Arrival, Settings};
use channels::telegram::{self, Limits, Webhook};
use secrecy::{ExposeSecret as _, SecretString};
use std::time::Duration;

impl Settings {
    /// The store's configuration.
    pub fn store_config(&self) -> store::Config {
        store::Config {
            url: self.database_url().expose_secret().to_owned(),
            blobs: self.blobs_url(),
            s3: store::S3 {
                endpoint: self.blobs.endpoint.clone(),
                region: self.blobs.region.clone(),
                key_id: self.blobs.key_id.clone(),
                secret: self.blobs.secret.clone(),
            },
        }
    }

    /// The providers of language models.
    pub fn models_config(&self) -> models::Config {
        let provider = |provider: &crate::settings::Provider| models::Provider {
            base_url: provider.base_url.clone(),
            key: provider.key.clone(),
            headers: provider.headers.clone(),
            api_version: provider.api_version.clone(),
            models: provider.models.clone(),
            detect: provider.detect,
            max_concurrency: usize::try_from(provider.max_concurrency).unwrap_or(1),
            timeouts: models::Timeouts {
                connect: Duration::from_millis(provider.timeouts.connect_ms),
                first_token: Duration::from_millis(provider.timeouts.first_token_ms),
                idle: Duration::from_millis(provider.timeouts.idle_ms),
                total: Duration::from_millis(provider.timeouts.total_ms),
            },
        };
        models::Config { providers: self.providers.iter().map(|(name, p)| (name.clone(), provider(p))).collect() }
    }

    /// Telegram's configuration, when there is a token.
    pub fn telegram_config(&self) -> Option<telegram::Config> {
        let settings = &self.telegram;
        let token = settings.token.clone()?;
        let webhook = match (settings.mode, &self.base_url) {
            (Arrival::Webhook, Some(url)) => {
                let secret = settings.webhook_secret.clone().unwrap_or_else(|| secret_of(&token));
                Some(Webhook { url: url.clone(), secret })
            }
            _ => None,
        };
        Some(telegram::Config {
            token,
            api_url: settings.api_url.clone(),
            limits: Limits {
                chat_per_s: settings.limits.chat_per_s,
                group_per_min: settings.limits.group_per_min,
                global_per_s: settings.limits.global_per_s,
                draft_interval_ms: settings.limits.draft_interval_ms,
                edit_interval_ms: settings.limits.edit_interval_ms,
            },
            local: settings.local,
            local_dir: settings.local_dir.clone(),
            poll_timeout_s: settings.poll_timeout_s,
            webhook,
        })
    }
}

/// The webhook's secret where none is set: every replica makes the same one of the token, and nobody
/// makes the token of it.
fn secret_of(token: &SecretString) -> SecretString {
    let derived =
        blake3::derive_key("Apprentice: the secret of the Telegram webhook", token.expose_secret().as_bytes());
    SecretString::from(blake3::Hash::from_bytes(derived).to_hex().to_string())
}
