//! Whether the platforms know the bot, and whether its messages will reach it.

use super::network::{Answer, Client};
use super::{Finding, Level};
use crate::settings::{Arrival, Loaded};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

/// Asks Telegram who the bot is, and where its updates go.
pub(super) async fn telegram(client: &Client, loaded: &Loaded) -> Vec<Finding> {
    let settings = &loaded.telegram;
    let Some(token) = &settings.token else { return vec![Finding::note("doctor-telegram-off", &[])] };
    let mut found = local_server(loaded);
    let url = |method| format!("{}/bot{}/{method}", settings.api_url, token.expose_secret());
    let (me, webhook) = (url("getMe"), url("getWebhookInfo"));
    let (me, webhook) = tokio::join!(client.get(&me, HeaderMap::new()), client.get(&webhook, HeaderMap::new()));
    match me {
        Err(silence) => {
            found.push(unreachable(&silence.finding(Level::Error, &settings.api_url)));
            return found;
        }
        Ok(answer) => found.extend(bot(&answer, loaded)),
    }
    if let Ok(Answer { status: 200, body }) = webhook {
        found.extend(updates(body.get("result").unwrap_or(&Value::Null), loaded));
    }
    found
}

/// Whether a Bot API server of one's own hands out its files.
fn local_server(loaded: &Loaded) -> Vec<Finding> {
    let settings = &loaded.telegram;
    if !settings.local {
        return Vec::new();
    }
    if settings.api_url.contains("//api.telegram.org") {
        return vec![Finding::error("doctor-local-cloud", &[]).advise("doctor-local-cloud-advice", &[])];
    }
    // Settings without it are refused.
    let Some(dir) = &settings.local_dir else { return Vec::new() };
    let shown = dir.display();
    vec![match std::fs::read_dir(dir) {
        Ok(_) => Finding::good("doctor-local", &[("dir", &shown)]),
        Err(error) => Finding::error("doctor-local-unreadable", &[("dir", &shown), ("why", &error.kind())])
            .advise("doctor-local-unreadable-advice", &[("dir", &shown)]),
    }]
}

fn unreachable(finding: &Finding) -> Finding {
    finding.clone().advise("doctor-net-advice", &[])
}

fn bot(answer: &Answer, loaded: &Loaded) -> Vec<Finding> {
    let api_url = &loaded.telegram.api_url;
    match answer.status {
        200 if answer.body.get("ok") == Some(&Value::Bool(true)) => known(&answer.body),
        // Telegram says 404 to what does not even look like a token.
        401 | 404 => {
            vec![
                Finding::error("doctor-telegram-token", &[])
                    .advise("doctor-telegram-token-advice", &[("url", api_url)]),
            ]
        }
        status => {
            let finding = Finding::error("doctor-net-status", &[("server", api_url), ("status", &status)]);
            vec![finding.advise("doctor-net-advice", &[])]
        }
    }
}

fn known(body: &Value) -> Vec<Finding> {
    let result = body.get("result").unwrap_or(&Value::Null);
    let name = text(result, "username");
    let mut found = vec![Finding::good("doctor-telegram", &[("name", &name)])];
    if result.get("can_read_all_group_messages") == Some(&Value::Bool(false)) {
        found.push(Finding::note("doctor-telegram-privacy", &[]));
    }
    found
}

/// Whether what Telegram knows of the webhook fits the settings.
fn updates(info: &Value, loaded: &Loaded) -> Vec<Finding> {
    let url = text(info, "url");
    let mut found = Vec::new();
    let ours = loaded.base_url.as_deref().is_some_and(|base| url.starts_with(base));
    match loaded.telegram.mode {
        Arrival::Polling if url.is_empty() => found.push(Finding::good("doctor-telegram-polling", &[])),
        Arrival::Polling => {
            let finding = Finding::warning("doctor-telegram-webhook-left", &[("url", &host(url))]);
            found.push(finding.advise("doctor-telegram-webhook-left-advice", &[]));
        }
        Arrival::Webhook if ours => found.push(Finding::good("doctor-telegram-webhook", &[("url", &host(url))])),
        Arrival::Webhook => found.push(Finding::note("doctor-telegram-webhook-unset", &[])),
    }
    let error = text(info, "last_error_message");
    if !error.is_empty() && !url.is_empty() {
        let finding = Finding::warning("doctor-telegram-webhook-error", &[("why", &loaded.redact(error))]);
        found.push(finding.advise("doctor-telegram-webhook-error-advice", &[]));
    }
    if let Some(waiting) = info.get("pending_update_count").and_then(Value::as_u64).filter(|count| *count > 0) {
        found.push(Finding::note("doctor-telegram-waiting", &[("count", &waiting)]));
    }
    found
}

/// Scheme and host: the path of a webhook may be its secret.
fn host(url: &str) -> String {
    url.split('/').take(3).collect::<Vec<_>>().join("/")
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// Asks Discord who the bot is.
pub(super) async fn discord(client: &Client, loaded: &Loaded) -> Vec<Finding> {
    let settings = &loaded.discord;
    let Some(token) = &settings.token else { return vec![Finding::note("doctor-discord-off", &[])] };
    let Some(headers) = bot_login(token) else { return vec![discord_token()] };
    match client.get(&format!("{}/v10/users/@me", settings.api_url), headers).await {
        Err(silence) => vec![unreachable(&silence.finding(Level::Error, &settings.api_url))],
        Ok(Answer { status: 200, body }) => {
            vec![Finding::good("doctor-discord", &[("name", &text(&body, "username"))])]
        }
        Ok(Answer { status: 401, .. }) => vec![discord_token()],
        Ok(Answer { status, .. }) => {
            let finding = Finding::error("doctor-net-status", &[("server", &settings.api_url), ("status", &status)]);
            vec![finding.advise("doctor-net-advice", &[])]
        }
    }
}

fn bot_login(token: &SecretString) -> Option<HeaderMap> {
    let mut value = HeaderValue::from_str(&format!("Bot {}", token.expose_secret())).ok()?;
    value.set_sensitive(true);
    Some(HeaderMap::from_iter([(AUTHORIZATION, value)]))
}

fn discord_token() -> Finding {
    Finding::error("doctor-discord-token", &[]).advise("doctor-discord-token-advice", &[])
}
