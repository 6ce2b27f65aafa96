//! What a job is asked for, and how a server is told that takes less.

use super::{FileId, TuneFailure, Tuner};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::PoisonError;

/// The key of a run's mark in a job's metadata.
pub const RUN: &str = "apprentice_run";
/// The longest suffix that providers take, characters.
const LONGEST_SUFFIX: usize = 64;

/// How is trained.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// From questions and their answers.
    #[default]
    Supervised,
    /// From pairs of a preferred and another answer.
    Dpo,
}

/// What may be chosen; none leaves it to the provider.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Hyperparameters {
    /// Passes over the data, 1 to 50.
    pub epochs: Option<u32>,
    /// Examples in a step, 1 to 256.
    pub batch_size: Option<u32>,
    /// Factor of the learning rate, above 0.
    pub learning_rate_multiplier: Option<f64>,
    /// How far [`Method::Dpo`] may go from the model it begins with, above 0 to 2.
    pub beta: Option<f64>,
}

/// A job to create.
#[derive(Clone, Debug, PartialEq)]
pub struct JobSpec {
    /// Our own id of the run; the job is found again by it. Letters, digits and `-`.
    pub run: String,
    /// The model to begin with.
    pub model: String,
    /// What is learnt.
    pub training_file: FileId,
    /// What is only measured.
    pub validation_file: Option<FileId>,
    /// The beginning of the suffix in the new model's name; the run's id follows it. May be empty.
    pub suffix: String,
    /// Makes a run repeatable as far as the provider can.
    pub seed: Option<u32>,
    /// How is trained.
    pub method: Method,
    /// What is chosen.
    pub hyperparameters: Hyperparameters,
    /// Notes for the provider's own list, beside the run's mark.
    pub metadata: BTreeMap<String, String>,
}

impl JobSpec {
    /// A supervised job with nothing chosen.
    pub fn new(run: impl Into<String>, model: impl Into<String>, training_file: FileId) -> Self {
        Self {
            run: run.into(),
            model: model.into(),
            training_file,
            validation_file: None,
            suffix: String::new(),
            seed: None,
            method: Method::Supervised,
            hyperparameters: Hyperparameters::default(),
            metadata: BTreeMap::new(),
        }
    }

    /// The suffix that is sent: the run's id is whole in it.
    pub fn whole_suffix(&self) -> String {
        let run = mark(&self.run);
        let room = LONGEST_SUFFIX.saturating_sub(run.len() + 1);
        let begin: String = mark(&self.suffix).chars().take(room).collect();
        if begin.is_empty() { run } else { format!("{begin}-{run}") }
    }

    pub(super) fn body(&self, lacks: Lacks) -> Value {
        let mut body = Map::new();
        let mut put = |name: &str, value: Value| drop(body.insert(name.to_owned(), value));
        put("model", json!(self.model));
        put("training_file", json!(self.training_file));
        put("suffix", json!(self.whole_suffix()));
        if let Some(file) = &self.validation_file {
            put("validation_file", json!(file));
        }
        if let Some(seed) = self.seed.filter(|_| !lacks.seed) {
            // The largest that is taken is that of a signed number.
            put("seed", json!(seed & 0x7fff_ffff));
        }
        if !lacks.metadata {
            let mut metadata = self.metadata.clone();
            metadata.insert(RUN.to_owned(), self.run.clone());
            put("metadata", json!(metadata));
        }
        match (self.method, lacks.method) {
            (Method::Supervised, true) => put("hyperparameters", self.chosen()),
            (Method::Supervised, false) => {
                put("method", json!({"type": "supervised", "supervised": {"hyperparameters": self.chosen()}}));
            }
            (Method::Dpo, _) => put("method", json!({"type": "dpo", "dpo": {"hyperparameters": self.chosen()}})),
        }
        body.into()
    }

    fn chosen(&self) -> Value {
        let Hyperparameters { epochs, batch_size, learning_rate_multiplier, beta } = self.hyperparameters;
        let beta = beta.filter(|_| self.method == Method::Dpo);
        let all = [
            ("n_epochs", epochs.map(Value::from)),
            ("batch_size", batch_size.map(Value::from)),
            ("learning_rate_multiplier", learning_rate_multiplier.map(Value::from)),
            ("beta", beta.map(Value::from)),
        ];
        let chosen = all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        Value::Object(chosen.collect())
    }
}

/// A text as it may stand in a model's name: small letters, digits and `-`.
pub(super) fn mark(text: &str) -> String {
    let kept = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    text.chars().map(kept).take(LONGEST_SUFFIX).collect()
}

/// The fields of a job that a server does not take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Lacks {
    metadata: bool,
    method: bool,
    seed: bool,
}

impl Lacks {
    /// What a refusal teaches; none where it is about something else.
    pub(super) fn after(self, refused: &TuneFailure) -> Option<Self> {
        let TuneFailure::Refused { status: 400 | 422, param, message, .. } = refused else { return None };
        let (message, mut learnt) = (message.to_lowercase(), self);
        let unknown =
            ["unknown", "unrecognized", "unsupported", "not supported", "extra", "not permitted", "unexpected"];
        if !unknown.iter().any(|word| message.contains(word)) {
            return None;
        }
        let about = |name: &str| param == name || param.starts_with(&format!("{name}.")) || message.contains(name);
        learnt.metadata |= about("metadata");
        learnt.method |= about("method");
        learnt.seed |= about("seed");
        (learnt != self).then_some(learnt)
    }
}

impl Tuner {
    pub(super) fn lacks(&self) -> Lacks {
        *self.lacks.lock().unwrap_or_else(PoisonError::into_inner)
    }
    pub(super) fn learn(&self, learnt: Lacks) {
        tracing::info!(provider = %self.name, ?learnt, "the provider takes less of a job");
        *self.lacks.lock().unwrap_or_else(PoisonError::into_inner) = learnt;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_suffix_holds_the_whole_run_within_the_limit() {
        let run = "01JD9V6T3XW8Q2K4N5M7P0R1SA";
        let mut spec = JobSpec::new(run, "m", FileId("f".to_owned()));
        assert_eq!(spec.whole_suffix(), run.to_lowercase());
        spec.suffix = "Müsli bot ".repeat(20);
        let suffix = spec.whole_suffix();
        assert!(suffix.len() == 64 && suffix.ends_with(&run.to_lowercase()), "{suffix}");
    }

    #[test]
    fn a_method_that_is_not_taken_is_left_out_only_where_there_is_another_way() {
        let refused = |message: &str| TuneFailure::refused(400, message.to_owned());
        let learnt = Lacks::default().after(&refused("Unknown parameter: 'method'."));
        assert_eq!(learnt, Some(Lacks { method: true, ..Lacks::default() }));
        let mut spec = JobSpec::new("r", "m", FileId("f".to_owned()));
        spec.hyperparameters.epochs = Some(2);
        let body = spec.body(learnt.unwrap_or_default());
        assert_eq!((body.get("method"), body.get("hyperparameters")), (None, Some(&json!({"n_epochs": 2}))));
        assert_eq!(Lacks::default().after(&refused("This training file is not good, says the method.")), None);
        assert_eq!(learnt.and_then(|learnt| learnt.after(&refused("unknown parameter: method"))), None);
    }
}
