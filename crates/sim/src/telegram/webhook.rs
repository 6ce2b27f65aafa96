//! Webhooks: updates are posted to the bot in the order of their chats, again and again until it
//! says 2xx; a method in its answer is carried out.

use super::params::Params;
use super::refusal::Refusal;
use super::updates::Update;
use super::world::World;
use super::{Shared, Told, methods};
use crate::fault::Kind;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::task::JoinSet;

/// Where updates go.
#[derive(Clone)]
pub(super) struct Hook {
    url: String,
    secret: Option<String>,
    connections: usize,
    generation: i64,
    last_error: Option<(i64, String)>,
}

/// `setWebhook`. Plain `http` is allowed, as by a local Bot API server.
pub(super) fn set(shared: &Arc<Shared>, params: &Params) -> Told {
    let url = params.text("url").unwrap_or_default().to_owned();
    if url.is_empty() {
        return delete(shared, params);
    }
    if !url.starts_with("http://") && !url.starts_with("https://") {
        return Err(Refusal::bad("bad webhook: An HTTPS URL must be provided for webhook"));
    }
    let hook = {
        let mut world = shared.world();
        prepare(&mut world, params);
        let connections = params.int("max_connections").and_then(|n| usize::try_from(n).ok()).unwrap_or(40);
        let secret = params.text("secret_token").map(str::to_owned);
        let hook = Hook { url, secret, connections, generation: world.serial(), last_error: None };
        world.queue.webhook = Some(hook.clone());
        hook
    };
    shared.arrived.notify_waiters();
    tokio::spawn(deliver(Arc::downgrade(shared), hook));
    Ok("true".to_owned())
}

/// `deleteWebhook`.
pub(super) fn delete(shared: &Arc<Shared>, params: &Params) -> Told {
    let mut world = shared.world();
    prepare(&mut world, params);
    world.queue.webhook = None;
    drop(world);
    shared.arrived.notify_waiters();
    Ok("true".to_owned())
}

fn prepare(world: &mut World, params: &Params) {
    if let Some(kinds) = params.list("allowed_updates") {
        world.queue.allow(kinds);
    }
    if params.flag("drop_pending_updates") {
        world.queue.pending.clear();
    }
}

/// `getWebhookInfo`.
pub(super) fn info(world: &World) -> String {
    let hook = world.queue.webhook.as_ref();
    let mut info = json!({
        "url": hook.map(|hook| hook.url.as_str()).unwrap_or_default(),
        "has_custom_certificate": false,
        "pending_update_count": world.queue.pending.len(),
    });
    if let Some(fields) = info.as_object_mut() {
        if let Some(hook) = hook {
            fields.insert("max_connections".to_owned(), hook.connections.into());
        }
        if let Some((at, message)) = hook.and_then(|hook| hook.last_error.as_ref()) {
            fields.insert("last_error_date".to_owned(), (*at).into());
            fields.insert("last_error_message".to_owned(), message.as_str().into());
        }
        if let Some(kinds) = &world.queue.allowed {
            fields.insert("allowed_updates".to_owned(), json!(kinds));
        }
    }
    info.to_string()
}

/// Posts until the webhook changes or the server ends.
async fn deliver(shared: Weak<Shared>, hook: Hook) {
    let _ = rustls_provider();
    let Ok(client) = reqwest::Client::builder().timeout(Duration::from_secs(30)).no_proxy().build() else { return };
    let mut posts: JoinSet<i64> = JoinSet::new();
    let mut busy: HashSet<i64> = HashSet::new();
    while let Some(strong) = shared.upgrade() {
        let arrived = strong.arrived.notified();
        tokio::pin!(arrived);
        arrived.as_mut().enable();
        let Some(ready) = claim(&strong, &hook, &busy) else { return };
        for (update, twice) in ready {
            busy.insert(update.chat);
            posts.spawn(post(Arc::clone(&strong), client.clone(), hook.clone(), update, twice));
        }
        tokio::select! {
            done = posts.join_next(), if !posts.is_empty() => {
                if let Some(Ok(chat)) = done { busy.remove(&chat); }
            }
            () = &mut arrived => {}
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
    }
}

/// Takes the updates that may go now: the first of each chat, as many as there are connections.
fn claim(shared: &Shared, hook: &Hook, busy: &HashSet<i64>) -> Option<Vec<(Update, bool)>> {
    let mut world = shared.world();
    if world.queue.webhook.as_ref().is_none_or(|current| current.generation != hook.generation) {
        return None;
    }
    let mut taken = busy.clone();
    let mut ready = Vec::new();
    let room = hook.connections.saturating_sub(busy.len());
    for update in &world.queue.pending {
        if ready.len() < room && taken.insert(update.chat) {
            ready.push(update.clone());
        }
    }
    world.hand(&ready);
    drop(world);
    let twice = |_: &Update| matches!(shared.faults.draw("webhook"), Some(Kind::DuplicateUpdates));
    Some(
        ready
            .into_iter()
            .map(|update| {
                let twice = twice(&update);
                (update, twice)
            })
            .collect(),
    )
}

/// Posts one update until it is taken. Says whose chat is free again.
async fn post(shared: Arc<Shared>, client: reqwest::Client, hook: Hook, update: Update, twice: bool) -> i64 {
    let mut wait = Duration::from_millis(50);
    let mut left = if twice { 2 } else { 1 };
    while left > 0 && current(&shared, &hook) {
        match post_once(&client, &hook, &update).await {
            Ok(answer) => {
                carry_out(&shared, &answer).await;
                left -= 1;
            }
            Err(told) => {
                note_error(&shared, told);
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(Duration::from_secs(2));
            }
        }
    }
    if left == 0 {
        shared.world().queue.pending.retain(|pending| pending.id != update.id);
    }
    update.chat
}

async fn post_once(client: &reqwest::Client, hook: &Hook, update: &Update) -> Result<String, String> {
    let mut request = client.post(&hook.url).header("content-type", "application/json").body(update.json.clone());
    if let Some(secret) = &hook.secret {
        request = request.header("X-Telegram-Bot-Api-Secret-Token", secret);
    }
    let response = request.send().await.map_err(|_| "Connection refused".to_owned())?;
    let status = response.status();
    if !status.is_success() {
        return Err(format!("Wrong response from the webhook: {status}"));
    }
    Ok(response.text().await.unwrap_or_default())
}

fn current(shared: &Shared, hook: &Hook) -> bool {
    shared.world().queue.webhook.as_ref().is_some_and(|current| current.generation == hook.generation)
}

fn note_error(shared: &Shared, told: String) {
    let mut world = shared.world();
    let now = world.now();
    if let Some(hook) = &mut world.queue.webhook {
        hook.last_error = Some((now, told));
    }
}

/// A webhook may answer with a method to be carried out.
async fn carry_out(shared: &Arc<Shared>, answer: &str) {
    let Ok(Value::Object(mut fields)) = serde_json::from_str::<Value>(answer) else { return };
    let Some(method) = fields.remove("method").and_then(|method| method.as_str().map(str::to_owned)) else { return };
    let told = methods::call(shared, &method, Ok(Params { fields, files: Vec::new() })).await;
    tracing::debug!(%method, ok = told.is_ok(), "method in the answer of a webhook");
}

/// The client wants a crypto provider even for plain http.
fn rustls_provider() -> Result<(), ()> {
    rustls::crypto::aws_lc_rs::default_provider().install_default().map_err(|_| ())
}
