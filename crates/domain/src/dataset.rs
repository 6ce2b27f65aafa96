//! A version of the dataset: what was frozen, when, from whom. Its rows are a file whose hash it names; nothing
//! changes it but the wish of a person in it to be forgotten.

use crate::ids::{Millis, PersonId};
use crate::object::Object;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A frozen version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dataset {
    /// Its number, from 1; people call it `v1`.
    pub number: u32,
    /// What people call it besides, empty for nothing.
    #[serde(default)]
    pub title: String,
    /// The version before it, 0 for none.
    pub parent: u32,
    /// Its manifest, JSON: rules, counts, hashes.
    pub manifest: Value,
    /// BLAKE3 of its rows, the name of the file that holds them; empty once it is tainted.
    pub rows: String,
    /// Examples to train on, and held out.
    pub counts: (u64, u64),
    /// Whose words are in it.
    pub subjects: Vec<PersonId>,
    /// How many examples were left out because they count only for somebody.
    #[serde(default)]
    pub private: u64,
    /// Whether somebody in it asked to be forgotten: it is not trained on any more.
    pub tainted: bool,
    /// Who froze it.
    pub by: PersonId,
    /// When.
    pub at: Millis,
}

impl Dataset {
    /// The name people use: `v3`.
    pub fn name(&self) -> String {
        format!("v{}", self.number)
    }
}

/// The number in such a name, with or without its letter.
pub fn number_of(name: &str) -> Option<u32> {
    let name = name.trim().to_lowercase();
    name.strip_prefix('v').unwrap_or(&name).parse().ok().filter(|number| *number > 0)
}

impl Object for Dataset {
    const KIND: &'static str = "dataset";
    fn id(&self) -> String {
        format!("{:08}", self.number)
    }
    fn state(&self) -> &'static str {
        if self.tainted { "tainted" } else { "frozen" }
    }
    fn person(&self) -> &'static str {
        ""
    }
    fn at(&self) -> Millis {
        self.at
    }
}
