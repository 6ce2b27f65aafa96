//! A request to a language model and what streams back, in the field's common terms.

use serde::{Deserialize, Serialize};

/// Who speaks in a prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Instructions.
    System,
    /// The person (or, in a group, one of them).
    User,
    /// The model.
    Assistant,
}

/// One message of a prompt.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Turn {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub content: String,
}

/// What a model is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChatRequest {
    /// The prompt in order: system text, summary, history, the person's message last.
    pub turns: Vec<Turn>,
    /// Most tokens the answer may have; none leaves it to the model.
    pub max_tokens: Option<u32>,
    /// Sampling temperature, 0 to 2; none leaves it to the model.
    pub temperature: Option<f32>,
}

/// Tokens that a call used, as the provider counted them (or as counted here, when it did not say).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    /// Tokens of the prompt.
    pub prompt: u64,
    /// Tokens of the answer.
    pub completion: u64,
    /// Whether these were counted here and not by the provider.
    pub estimated: bool,
}

/// Why an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finish {
    /// The model was done.
    Complete,
    /// It reached its length limit.
    Length,
    /// The provider's filter cut it.
    Filtered,
    /// The person stopped it.
    Stopped,
    /// The connection broke or a time limit passed after something had been said.
    CutOff,
}
