//! Whether the model servers answer, take the key, have the models that the settings name, and for
//! how long.

use super::network::{Answer, Client, Silence};
use super::{Finding, Level};
use crate::endings;
use crate::settings::{Loaded, Provider};
use domain::ids::Millis;
use futures::future::join_all;
use models::ModelInfo;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use secrecy::ExposeSecret;
use serde_json::Value;

/// Asks every provider, side by side.
pub(super) async fn all(client: &Client, loaded: &Loaded, now: Millis) -> Vec<Finding> {
    let asked = loaded.providers.iter().map(|(name, provider)| one(client, loaded, name, provider, now));
    let mut found: Vec<_> = join_all(asked).await.into_iter().flatten().collect();
    // Only servers that may be there were looked for, and none is.
    if found.iter().all(|finding| finding.level == Level::Note) {
        found.push(Finding::note("doctor-models-embedded-only", &[]).advise("doctor-models-advice", &[]));
    }
    found
}

async fn one(client: &Client, loaded: &Loaded, name: &str, provider: &Provider, now: Millis) -> Vec<Finding> {
    let mut url = format!("{}/models", provider.base_url);
    if let Some(version) = &provider.api_version {
        url = format!("{url}?api-version={version}");
    }
    let Some(headers) = headers(provider) else {
        return vec![Finding::error("doctor-provider-headers", &[("name", &name)])];
    };
    match client.get(&url, headers).await {
        Err(silence) => vec![silent(name, provider, &silence)],
        Ok(Answer { status: 200, body }) => listed(loaded, name, &body, now),
        Ok(Answer { status: 401 | 403, .. }) => {
            let finding = Finding::error("doctor-provider-key", &[("name", &name)]);
            vec![finding.advise("doctor-provider-key-advice", &[("name", &name)])]
        }
        // A server may answer without having a list.
        Ok(Answer { status: 404 | 405 | 501, .. }) => vec![
            Finding::warning("doctor-provider-no-list", &[("name", &name)])
                .advise("doctor-provider-no-list-advice", &[("name", &name)]),
        ],
        Ok(Answer { status, .. }) => {
            let finding = Finding::error("doctor-net-status", &[("server", &provider.base_url), ("status", &status)]);
            vec![finding.advise("doctor-net-advice", &[])]
        }
    }
}

fn silent(name: &str, provider: &Provider, silence: &Silence) -> Finding {
    if provider.detect {
        return Finding::note("doctor-provider-not-found", &[("name", &name), ("url", &provider.base_url)]);
    }
    silence.finding(Level::Error, &provider.base_url).advise("doctor-provider-advice", &[("name", &name)])
}

fn headers(provider: &Provider) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    if let Some(key) = &provider.key {
        let (name, value) = match provider.api_version {
            // Azure has its own.
            Some(_) => (HeaderName::from_static("api-key"), key.expose_secret().to_owned()),
            None => (AUTHORIZATION, format!("Bearer {}", key.expose_secret())),
        };
        headers.insert(name, sensitive(&value)?);
    }
    for (name, value) in &provider.headers {
        headers.insert(HeaderName::try_from(name).ok()?, sensitive(value.expose_secret())?);
    }
    Some(headers)
}

fn sensitive(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// What the list says of the models that the settings name.
fn listed(loaded: &Loaded, name: &str, body: &Value, now: Millis) -> Vec<Finding> {
    let empty = Vec::new();
    let list = body.get("data").and_then(Value::as_array).unwrap_or(&empty);
    let mut found = vec![Finding::good("doctor-provider", &[("name", &name), ("count", &list.len())])];
    if list.is_empty() {
        found = vec![
            Finding::warning("doctor-provider-empty", &[("name", &name)]).advise("doctor-provider-empty-advice", &[]),
        ];
    }
    for wanted in wanted(loaded, name) {
        match list.iter().find(|model| model.get("id").and_then(Value::as_str) == Some(wanted)) {
            None => found.push(
                Finding::error("doctor-model-missing", &[("name", &name), ("model", &wanted)])
                    .advise("doctor-model-missing-advice", &[("nearest", &nearest(wanted, list))]),
            ),
            Some(model) => found.extend(ending(wanted, model, now)),
        }
    }
    found
}

/// The models of a provider that the chain names.
fn wanted<'a>(loaded: &'a Loaded, name: &'a str) -> impl Iterator<Item = &'a str> {
    let of_provider = move |model: &'a String| model.split_once('/').filter(|(provider, _)| *provider == name);
    loaded.model.chain.iter().filter_map(of_provider).map(|(_, model)| model).filter(|model| *model != "*")
}

fn nearest(wanted: &str, list: &[Value]) -> String {
    let ids = list.iter().filter_map(|model| model.get("id").and_then(Value::as_str));
    let distance = |id: &&str| strsim::damerau_levenshtein(wanted, id);
    ids.min_by_key(distance).unwrap_or_default().to_owned()
}

/// Warns of a model that its provider will take away.
fn ending(model: &str, facts: &Value, now: Millis) -> Option<Finding> {
    let shutdown_date = facts.get("shutdown_date").and_then(Value::as_str).map(str::to_owned);
    let (date, left) = endings::end(&ModelInfo { id: model.to_owned(), shutdown_date }, now)?;
    let args: super::Args<'_> = &[("model", &model), ("date", &date), ("days", &left)];
    match left {
        ..=0 => Some(Finding::error("doctor-model-ended", args).advise("doctor-model-ending-advice", &[])),
        1..=endings::SOON_DAYS => {
            Some(Finding::warning("doctor-model-ending", args).advise("doctor-model-ending-advice", &[]))
        }
        _ => Some(Finding::note("doctor-model-ending", args)),
    }
}
