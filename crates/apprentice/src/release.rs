//! What answers is one id: the model, the instructions and the retrieval settings together. Every
//! exchange stores it; the same parts always give the same id.

use crate::think::Thought;
use crate::turn::Turn;
use domain::ids::ReleaseId;
use serde::Serialize;

#[derive(Serialize)]
struct Parts<'a> {
    model: &'a str,
    persona: &'a str,
    system: &'a str,
    context_tokens: u32,
    answer_tokens: u32,
    temperature: Option<f32>,
    minimum: Option<f32>,
    passages: usize,
    version: &'a str,
}

/// The release that gave this answer.
pub fn of(turn: &Turn<'_>, thought: &Thought) -> store::Release {
    let settings = turn.bot.settings.current();
    let persona = settings.persona(turn.prefs.persona.as_deref());
    let parts = Parts {
        model: &thought.model,
        persona: &persona,
        system: turn.prefs.system.as_deref().unwrap_or(""),
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
    store::Release { id, parts }
}
