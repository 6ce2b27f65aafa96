//! Who hears, speaks and draws: whether anybody does, whether their servers answer and take the key, whether the
//! programs and model files of this machine are there.

use super::network::{Answer, Client};
use super::{Finding, Level};
use crate::media::roles::{self, Roles};
use crate::settings::{ESPEAK, Loaded, Secret, Settings};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use secrecy::ExposeSecret as _;
use speech::espeak::Espeak;
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;

/// How long a program may take to say what it is.
const SAYS: Duration = Duration::from_secs(10);
/// The voices that are asked for.
const VOICES: [&str; 2] = ["en-us", "ru"];

/// Looks at all three.
pub(super) async fn all(client: &Client, loaded: &Loaded) -> Vec<Finding> {
    let roles = Roles::new(&loaded.settings);
    let (hearing, speaking, drawing) = (&loaded.hearing, &loaded.speaking, &loaded.drawing);
    let mut found = vec![hears(&roles)];
    found.extend(model_files(loaded));
    found.extend(own(client, "hearing", hearing.base_url.as_deref(), &hearing.key).await);
    found.push(speaks(&roles));
    found.extend(program(&loaded.settings).await);
    found.extend(own(client, "speaking", speaking.base_url.as_deref(), &speaking.key).await);
    found.push(draws(&roles));
    found.extend(own(client, "drawing", drawing.base_url.as_deref(), &drawing.key).await);
    found
}

fn hears(roles: &Roles) -> Finding {
    let names = roles.hearing();
    match names.is_empty() {
        true => Finding::note("doctor-hearing-nobody", &[]).advise("doctor-hearing-advice", &[]),
        false => Finding::good("doctor-hearing", &[("names", &names.join(", "))]),
    }
}

fn speaks(roles: &Roles) -> Finding {
    let names = roles.speaking();
    match names.is_empty() {
        true => Finding::note("doctor-speaking-nobody", &[]).advise("doctor-speaking-advice", &[]),
        false => Finding::good("doctor-speaking", &[("names", &names.join(", "))]),
    }
}

fn draws(roles: &Roles) -> Finding {
    let names = roles.drawing();
    match names.is_empty() {
        true => Finding::note("doctor-drawing-nobody", &[]).advise("doctor-drawing-advice", &[]),
        false => Finding::good("doctor-drawing", &[("names", &names.join(", "))]),
    }
}

/// The model file that the settings name, and the files that are on the shelf.
fn model_files(loaded: &Loaded) -> Vec<Finding> {
    let shelf = roles::shelf(loaded);
    let mut found = Vec::new();
    let named = loaded.hearing.model.as_deref();
    if let Some(name) = named.filter(|name| shelf.find(name).is_none()) {
        let finding = Finding::warning("doctor-hearing-no-model", &[("name", &name)]);
        found.push(finding.advise("doctor-hearing-no-model-advice", &[("name", &name)]));
    }
    let stored = shelf.list().unwrap_or_default();
    for broken in stored.iter().filter(|stored| stored.header.is_err()) {
        let finding = Finding::warning("doctor-hearing-broken-model", &[("path", &broken.path.display())]);
        found.push(finding.advise("doctor-hearing-broken-model-advice", &[("name", &broken.name)]));
    }
    let wanted = named.is_some() || !stored.is_empty();
    if wanted && !cfg!(feature = "whisper") {
        found.push(Finding::note("doctor-hearing-not-built", &[]));
    }
    found
}

/// The server of a role's own, if it has one.
async fn own(client: &Client, role: &'static str, base_url: Option<&str>, key: &Secret) -> Option<Finding> {
    let url = base_url?.trim_end_matches('/');
    let mut headers = HeaderMap::new();
    if let Some(key) = key {
        let Ok(mut value) = HeaderValue::from_str(&format!("Bearer {}", key.expose_secret())) else {
            return Some(Finding::error("doctor-own-key", &[("role", &role), ("server", &url)]));
        };
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    let args: super::Args<'_> = &[("role", &role), ("server", &url)];
    Some(match client.get(&format!("{url}/models"), headers).await {
        Err(silence) => silence.finding(Level::Error, url).advise("doctor-own-advice", &[("role", &role)]),
        Ok(Answer { status: 401 | 403, .. }) => {
            Finding::error("doctor-own-key", args).advise("doctor-own-key-advice", &[("role", &role)])
        }
        Ok(Answer { status: status @ 500.., .. }) => {
            Finding::error("doctor-net-status", &[("server", &url), ("status", &status)])
                .advise("doctor-own-advice", &[("role", &role)])
        }
        // Many such servers have no list of models.
        Ok(_) => Finding::good("doctor-own", args),
    })
}

/// The program that speaks, where the settings want it.
async fn program(settings: &Settings) -> Vec<Finding> {
    if !settings.speaking.chain.iter().any(|name| name == ESPEAK) {
        return Vec::new();
    }
    let espeak = roles::program(settings);
    let shown = espeak.program.display();
    match espeak.version().await {
        Ok(version) => {
            // What follows the version is where it keeps its data.
            let version = version.split("  ").next().unwrap_or_default();
            let mut found = vec![Finding::good("doctor-espeak", &[("program", &shown), ("version", &version)])];
            found.extend(voices(&espeak).await);
            found
        }
        Err(fault) => {
            // Another one speaks in its place, or nobody does.
            let finding = Finding::warning("doctor-espeak-missing", &[("program", &shown), ("why", &fault)]);
            vec![finding.advise("doctor-espeak-advice", &[])]
        }
    }
}

/// The voices that are missing.
async fn voices(espeak: &Espeak) -> Option<Finding> {
    let mut command = Command::new(&espeak.program);
    command.arg("--voices").stdin(Stdio::null()).kill_on_drop(true);
    let output = tokio::time::timeout(SAYS, command.output()).await.ok()?.ok()?;
    let listed = String::from_utf8_lossy(&output.stdout);
    let has = |voice: &str| listed.lines().any(|line| line.split_whitespace().nth(1) == Some(voice));
    let missing: Vec<&str> = VOICES.into_iter().filter(|voice| !has(voice)).collect();
    if missing.is_empty() {
        return None;
    }
    let finding = Finding::warning("doctor-espeak-voices", &[("voices", &missing.join(", "))]);
    Some(finding.advise("doctor-espeak-advice", &[]))
}
