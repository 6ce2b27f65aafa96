//! What the learning loop keeps: objects with an id and a state, written whole, found by kind, state and key.

use crate::example::Example;
use crate::ids::Millis;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// An object of the learning loop, as the store keeps it.
pub trait Object: Serialize + DeserializeOwned + Send + Sync {
    /// What it is: `example`, `dataset`, `run`, `release` …
    const KIND: &'static str;
    /// Its id, unique within its kind; later ones sort after earlier ones.
    fn id(&self) -> String;
    /// Where it stands.
    fn state(&self) -> &'static str;
    /// Whose words it holds, so that they can be erased; empty for nobody's.
    fn person(&self) -> &str;
    /// What else it is found by; empty for nothing.
    fn key(&self) -> String {
        String::new()
    }
    /// When it was made.
    fn at(&self) -> Millis;
}

impl Object for Example {
    const KIND: &'static str = "example";
    fn id(&self) -> String {
        self.id.0.clone()
    }
    fn state(&self) -> &'static str {
        self.state.name()
    }
    fn person(&self) -> &str {
        self.author.as_str()
    }
    /// The exchange that it corrects, so that a second correction finds the first.
    fn key(&self) -> String {
        self.exchange.as_ref().map(|id| id.0.clone()).unwrap_or_default()
    }
    fn at(&self) -> Millis {
        self.at
    }
}
