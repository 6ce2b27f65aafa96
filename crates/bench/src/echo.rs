//! The echo limit: the smallest program that makes the same HTTP calls. No storage, no order, no
//! retries, no limits; what it reaches bounds what any bot can reach here.

#![allow(clippy::indexing_slicing, reason = "indexing a JSON value gives null, it does not panic")]

use serde_json::{Value, json};

/// Polls, asks the model, sends; for ever.
pub(crate) async fn run() -> anyhow::Result<()> {
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    let bot = format!("{}/bot{}", variable("TELEGRAM_API_URL"), variable("TELEGRAM_TOKEN"));
    let model = format!("{}/chat/completions", variable("OPENAI_BASE_URL"));
    let key = variable("OPENAI_KEY");
    let client = reqwest::Client::builder().no_proxy().build()?;
    let mut offset = 0;
    loop {
        let asked = json!({"offset": offset, "limit": 100, "timeout": 30});
        let got: Value = client.post(format!("{bot}/getUpdates")).json(&asked).send().await?.json().await?;
        for update in got["result"].as_array().cloned().unwrap_or_default() {
            offset = update["update_id"].as_i64().unwrap_or(0) + 1;
            let (client, bot, model, key) = (client.clone(), bot.clone(), model.clone(), key.clone());
            tokio::spawn(async move { answer(&client, &bot, &model, &key, &update).await });
        }
    }
}

async fn answer(client: &reqwest::Client, bot: &str, model: &str, key: &str, update: &Value) -> anyhow::Result<()> {
    let message = &update["message"];
    let asked = json!({"model": "sim-small", "messages": [{"role": "user", "content": message["text"]}]});
    let told: Value = client.post(model).bearer_auth(key).json(&asked).send().await?.json().await?;
    let text = &told["choices"][0]["message"]["content"];
    let sent = json!({"chat_id": message["chat"]["id"], "text": text});
    client.post(format!("{bot}/sendMessage")).json(&sent).send().await?.bytes().await?;
    Ok(())
}
