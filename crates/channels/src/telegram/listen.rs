//! Intake: long polling and the webhook. An update is confirmed only after it was accepted, which is
//! when it is on disk.

use super::parse::{self, Parsed};
use super::{Failure, Me, Telegram, pause};
use axum::Router;
use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use domain::incoming::Incoming;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use std::future::Future;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio_util::sync::CancellationToken;

/// Why updates were not taken: they come again.
#[derive(Clone, Debug, thiserror::Error)]
#[error("updates were not accepted: {0}")]
pub struct AcceptError(pub String);

/// Largest body of a webhook call, bytes.
const LARGEST: usize = 4 * 1024 * 1024;
/// Path of the webhook.
const PATH: &str = "/telegram";

impl Telegram {
    /// Fetches updates until `shutdown`, each batch confirmed after `accept` took it.
    ///
    /// # Errors
    ///
    /// Only [`Failure::Unauthorized`]; everything else is waited out.
    pub async fn poll<F: Future<Output = Result<(), AcceptError>>>(
        &self,
        accept: impl Fn(Vec<Incoming>) -> F,
        shutdown: CancellationToken,
    ) -> Result<(), Failure> {
        let me = self.me().await?;
        let (mut offset, mut wait) = (0_i64, Duration::ZERO);
        while !shutdown.is_cancelled() {
            let round = async {
                pause(wait).await;
                self.round(&me, offset, &accept).await
            };
            let round = tokio::select! {
                round = round => round,
                () = shutdown.cancelled() => return Ok(()),
            };
            match round {
                Ok(next) => {
                    offset = next;
                    wait = Duration::ZERO;
                }
                Err(Failure::Unauthorized) => return Err(Failure::Unauthorized),
                Err(failure) => {
                    wait = longer(wait, &failure);
                    tracing::warn!(%failure, wait_ms = wait.as_millis() as u64, "no updates");
                }
            }
        }
        Ok(())
    }

    /// One batch; the offset that confirms it.
    async fn round<F: Future<Output = Result<(), AcceptError>>>(
        &self,
        me: &Me,
        offset: i64,
        accept: &impl Fn(Vec<Incoming>) -> F,
    ) -> Result<i64, Failure> {
        let asked = json!({
            "offset": offset, "limit": 100, "timeout": self.0.config.poll_timeout_s, "allowed_updates": parse::WANTED,
        });
        let told = self.0.api.call("getUpdates", &asked).await?;
        self.heard();
        let updates = told.as_array().map(Vec::as_slice).unwrap_or_default();
        let mut next = offset;
        let mut happened = Vec::new();
        for update in updates {
            let number = update.get("update_id").and_then(Value::as_i64).unwrap_or(0);
            next = next.max(number.saturating_add(1));
            happened.extend(self.read(update, me));
        }
        self.learn_ids(&happened);
        if !happened.is_empty() {
            accept(happened).await.map_err(|error| Failure::Broken(error.to_string()))?;
        }
        Ok(next)
    }

    fn read(&self, update: &Value, me: &Me) -> Option<Incoming> {
        match parse::parse(update, me) {
            Parsed::Act(incoming) => Some(*incoming),
            Parsed::Ignored(kind) => {
                self.0.ignored.fetch_add(1, Ordering::Relaxed);
                tracing::debug!(kind, "an update is ignored");
                None
            }
        }
    }

    fn heard(&self) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.0.last_success.store(i64::try_from(now.as_millis()).unwrap_or(i64::MAX), Ordering::Release);
    }

    /// Tells Telegram where to bring updates.
    pub async fn set_webhook(&self) -> Result<(), Failure> {
        let Some(webhook) = &self.0.config.webhook else { return Ok(()) };
        let asked = json!({
            "url": format!("{}{PATH}", webhook.url.trim_end_matches('/')), "allowed_updates": parse::WANTED,
            "secret_token": webhook.secret.expose_secret(),
        });
        self.0.api.call("setWebhook", &asked).await?;
        self.heard();
        Ok(())
    }

    /// Has updates wait to be fetched.
    pub async fn delete_webhook(&self) -> Result<(), Failure> {
        self.0.api.call("deleteWebhook", &json!({})).await.map(drop)
    }
}

/// After two pollers met, the next try waits longer than after a lost connection.
fn longer(wait: Duration, failure: &Failure) -> Duration {
    match failure {
        Failure::RetryAfter(ms) => Duration::from_millis(u64::try_from(*ms).unwrap_or(1000)),
        Failure::Conflict => Duration::from_secs(5),
        _ => (wait * 2).clamp(Duration::from_millis(200), Duration::from_secs(30)),
    }
}

/// Where Telegram brings updates. Any replica may serve it: what comes twice is accepted once.
pub fn routes<F>(telegram: Telegram, accept: impl Fn(Vec<Incoming>) -> F + Clone + Send + Sync + 'static) -> Router
where
    F: Future<Output = Result<(), AcceptError>> + Send + 'static,
{
    let handler = move |headers: HeaderMap, body: Bytes| {
        let (telegram, accept) = (telegram.clone(), accept.clone());
        async move { brought(&telegram, &headers, &body, accept).await }
    };
    Router::new().route(PATH, post(handler)).layer(DefaultBodyLimit::max(LARGEST))
}

async fn brought<F: Future<Output = Result<(), AcceptError>>>(
    telegram: &Telegram,
    headers: &HeaderMap,
    body: &Bytes,
    accept: impl Fn(Vec<Incoming>) -> F,
) -> StatusCode {
    let Some(webhook) = &telegram.0.config.webhook else { return StatusCode::NOT_FOUND };
    let given = headers.get("x-telegram-bot-api-secret-token").map(|value| value.as_bytes()).unwrap_or_default();
    if !same(given, webhook.secret.expose_secret().as_bytes()) {
        return StatusCode::UNAUTHORIZED;
    }
    let Ok(me) = telegram.me().await else { return StatusCode::SERVICE_UNAVAILABLE };
    telegram.heard();
    match parse::parse_bytes(body, &me) {
        // What is no update today is none tomorrow: it must not come again for ever.
        None | Some(Parsed::Ignored(_)) => {
            telegram.0.ignored.fetch_add(1, Ordering::Relaxed);
            StatusCode::OK
        }
        Some(Parsed::Act(incoming)) => {
            telegram.learn_ids(std::slice::from_ref(&incoming));
            match accept(vec![*incoming]).await {
                Ok(()) => StatusCode::OK,
                Err(_) => StatusCode::SERVICE_UNAVAILABLE,
            }
        }
    }
}

/// Compares in a time that does not tell where the difference is. No secret proves nothing.
fn same(given: &[u8], secret: &[u8]) -> bool {
    !secret.is_empty()
        && given.len() == secret.len()
        && given.iter().zip(secret).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
}
