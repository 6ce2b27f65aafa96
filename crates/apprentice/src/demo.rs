//! `apprentice demo`: the bot against simulators of Telegram and a language model, with a scripted
//! conversation, for people who want to see it without tokens.

use crate::settings::{self, Loaded, Override};
use crate::start::say;
use sim::{openai, telegram};
use std::process::ExitCode;
use tokio_util::sync::CancellationToken;

/// What is said, in order.
const SCRIPT: [&str; 5] = [
    "Hello! Who are you?",
    "When does the library open on Saturday?",
    "/teach When does the library open on Saturday? => At ten, and it closes at four.",
    "On Saturday, when is the library open?",
    "/usage",
];

/// Runs the conversation and prints what people see.
pub(crate) async fn run(loaded: Loaded) -> anyhow::Result<ExitCode> {
    let telegram = telegram::Server::start(telegram::Config::default()).await;
    let model = openai::Server::start(openai::Config::answering(openai::Answer::Echo)).await;
    let alice = telegram.person("alice");
    let dir = std::env::temp_dir().join(format!("apprentice-demo-{}", std::process::id()));
    let mut sources = loaded.sources().clone();
    for (key, value) in [
        ("telegram.token", telegram.token().to_owned()),
        ("telegram.api_url", telegram.base_url().to_owned()),
        ("providers.openai.key", "sk-demo".to_owned()),
        ("providers.openai.base_url", model.base_url().to_owned()),
        ("data_dir", dir.display().to_string()),
        ("access.owner", format!("telegram:{}", alice.id)),
        // What is taught shows best where nothing else could have known it.
        ("model.chain", "embedded".to_owned()),
    ] {
        sources.set.push(Override::of_flag("demo", key, value));
    }
    let loaded = settings::load(&sources).map_err(|problem| anyhow::anyhow!("{problem}"))?;
    let bot = crate::serve::build(loaded).await?;
    let stop = CancellationToken::new();
    let worker = tokio::spawn(crate::worker::run(bot.clone(), stop.clone(), std::time::Duration::from_secs(5)));
    let listening = tokio::spawn(crate::listen::telegram(bot.clone(), stop.clone()));
    let chat = alice.private();
    for line in SCRIPT {
        let asked = chat.say(line);
        chat.await_reply(asked).await;
    }
    stop.cancel();
    worker.await?;
    listening.await??;
    bot.store.close().await;
    std::fs::remove_dir_all(&dir)?;
    Ok(say(&chat.transcript(), ExitCode::SUCCESS))
}
