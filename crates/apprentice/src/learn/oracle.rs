//! Questions that the bot itself asks the model in use: to propose examples, to try rules, to judge answers. What comes
//! back is read as JSON, however it is wrapped.

use crate::bot::Bot;
use crate::learn::run::Problem;
use crate::think::EMBEDDED;
use domain::chat::{ChatRequest, Role, Turn};
use models::ModelName;
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;

/// Most tokens of an answer.
const LONGEST: u32 = 2000;
/// Attempts at an answer that can be read.
const ATTEMPTS: u32 = 2;

/// The language models of the settings, in order.
pub fn chain(bot: &Bot) -> Vec<ModelName> {
    let chain = bot.settings.current().model.chain.clone();
    chain.iter().take_while(|name| *name != EMBEDDED).filter_map(|name| name.parse().ok()).collect()
}

/// Asks the model in use, and reads the answer.
pub async fn ask<T: DeserializeOwned>(
    bot: &Bot,
    instruction: &str,
    material: &str,
    stop: &CancellationToken,
) -> Result<T, Problem> {
    let chain = chain(bot);
    if chain.is_empty() {
        return Err(Problem::new("oracle-none"));
    }
    ask_of(bot, &chain, instruction, material, stop).await
}

/// Asks these models, and reads the answer.
pub async fn ask_of<T: DeserializeOwned>(
    bot: &Bot,
    chain: &[ModelName],
    instruction: &str,
    material: &str,
    stop: &CancellationToken,
) -> Result<T, Problem> {
    let turn = |role, content: &str| Turn::new(role, content);
    let turns = vec![turn(Role::System, instruction), turn(Role::User, material)];
    let request = ChatRequest { turns, max_tokens: Some(LONGEST), temperature: None };
    let mut said = String::new();
    for _ in 0..ATTEMPTS {
        said = match bot.models.ask(chain, &request, stop, &mut |_| {}).await {
            Ok(answer) => answer.text,
            Err(failure) => return Err(Problem::with("oracle-failed", &[("why", failure.to_string())])),
        };
        if let Some(read) = read(&said) {
            return Ok(read);
        }
    }
    let start: String = said.chars().take(80).collect();
    Err(Problem::with("oracle-unreadable", &[("said", domain::markdown::escape(&start))]))
}

/// The first JSON value of a text: models like to wrap it in words and fences.
fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    let starts = text.char_indices().filter(|(_, c)| matches!(c, '{' | '['));
    for (at, _) in starts.take(8) {
        let mut stream = serde_json::Deserializer::from_str(text.get(at..)?).into_iter::<T>();
        if let Some(Ok(value)) = stream.next() {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_found_inside_of_words_and_fences() {
        let wrapped = "Sure! Here it is:\n```json\n[{\"a\": 1}, {\"a\": 2}]\n```\nDone {really}.";
        let read_as = read::<Vec<serde_json::Value>>(wrapped);
        assert_eq!(read_as.map(|list| list.len()), Some(2));
        assert_eq!(read::<serde_json::Value>("no json here"), None);
    }
}
