//! What answered is one id: the release, the model, the instructions and the retrieval settings together. Every
//! exchange stores it; the same parts always give the same id.

use crate::think::{Asking, Thought};
use domain::ids::{ReleaseId, RuleId};
use serde::Serialize;

#[derive(Serialize)]
struct Parts<'a> {
    release: String,
    model: &'a str,
    rules: &'a [RuleId],
    persona: &'a str,
    system: &'a str,
    context_tokens: u32,
    answer_tokens: u32,
    temperature: Option<f32>,
    minimum: Option<f32>,
    passages: usize,
    version: &'a str,
}

/// A mark of everything in the settings that an answer depends on, beside the question and what was taught: kept answers
/// of other settings are other answers.
pub fn surroundings(asking: &Asking<'_>) -> String {
    let settings = asking.bot.settings.current();
    let parts = (
        (
            &settings.model.chain,
            settings.model.context_tokens,
            settings.model.answer_tokens,
            settings.model.temperature,
        ),
        settings.persona(asking.prefs.persona.as_deref()),
        (settings.retrieval.minimum, settings.retrieval.passages),
        settings.settings.providers.iter().map(|(name, provider)| (name, &provider.base_url)).collect::<Vec<_>>(),
        asking.mind.rules(&asking.scopes).iter().map(|rule| rule.id.0.clone()).collect::<Vec<_>>(),
        env!("CARGO_PKG_VERSION"),
    );
    blake3::hash(serde_json::to_string(&parts).unwrap_or_default().as_bytes()).to_hex().to_string()
}

/// The fingerprint of what gave this answer.
pub fn of(asking: &Asking<'_>, thought: &Thought) -> store::Fingerprint {
    let settings = asking.bot.settings.current();
    let persona = settings.persona(asking.prefs.persona.as_deref());
    let parts = Parts {
        release: domain::release::name_of(asking.mind.number()),
        model: &thought.model,
        rules: &thought.request.rules,
        persona: &persona,
        system: asking.prefs.system.as_deref().unwrap_or(""),
        context_tokens: settings.model.context_tokens,
        answer_tokens: settings.model.answer_tokens,
        temperature: settings.model.temperature,
        minimum: settings.retrieval.minimum,
        passages: settings.retrieval.passages,
        version: env!("CARGO_PKG_VERSION"),
    };
    let parts = serde_json::to_string(&parts).unwrap_or_default();
    let digest = blake3::hash(parts.as_bytes()).to_hex();
    let id = ReleaseId(digest.chars().take(16).collect());
    store::Fingerprint { id, parts }
}
