//! The fit on a person's own questions, in the library so that the product can run it.
//!
//! It starts from the compiled-in weights and from how sharply the questions of `evals/` told them (`precision.json`),
//! which stands for those questions: few cases of one's own move the weights little, many move them far. The same
//! cases, in the same order, with the same seed give the same snapshot.

use super::regression::{Prior, Row, logistic};
use super::score::{Coefficients, FEATURES, Features, kind};
use super::snapshot::{Alias, Ban, Snapshot, Taught, fingerprint};
use super::{Embedded, Source};
use domain::exchange::{Lesson, Scope};
use domain::ids::{Millis, PersonId};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Entries held against each question.
const NEIGHBOURS: usize = 8;
/// Parts of the cross-validation.
const FOLDS: u64 = 5;
/// One's own pairs count for as many as these at most: many of them repeat each other.
const PAIRS: f64 = 1500.0;
/// Share of one's own questions without an answer that may be answered.
const ANSWERED: f64 = 0.02;
/// The minimum never goes below this, and with fewer questions without an answer not below the one before.
const FLOOR: f32 = 0.6;
const ENOUGH: usize = 50;

/// An answer that is wrong for a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The lesson or example that gave it, where one did.
    pub id: Option<String>,
    /// The answer.
    pub answer: String,
}

/// A question of one's own, and what is known of its answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// The question as it was asked.
    pub question: String,
    /// Whom it counts for.
    pub scope: Scope,
    /// What answers it; none where nothing does.
    pub right: Option<Taught>,
    /// Answers it must not get.
    pub wrong: Vec<Wrong>,
}

/// A question held against an entry.
struct Pair {
    source: usize,
    features: Features,
    right: bool,
}

/// The pairs of one case, and in which part of the cross-validation it is.
struct Held {
    fold: u64,
    pairs: Vec<Pair>,
    /// Whether it tells how often nothing should be said.
    negative: bool,
}

static PRECISION: LazyLock<Vec<Vec<Vec<f64>>>> =
    LazyLock::new(|| serde_json::from_str(include_str!("precision.json")).unwrap_or_default());

/// Fits a model on one's own cases, starting from `base`; `on_progress` hears of each step of the fit of lessons with
/// the mean loss (nats a pair) before it.
pub fn train(base: &Embedded, cases: &[Case], seed: u64, on_progress: &mut dyn FnMut(usize, f64)) -> Snapshot {
    let examples = examples(cases);
    let model = taught(base, &examples);
    let held: Vec<Held> = cases.iter().map(|case| hold(&model, case, seed)).collect();
    let mut coefficients = fitted(&base.coefficients, held.iter(), on_progress);
    if let (Some(lesson), Some(before)) = (coefficients.minimum.first_mut(), base.coefficients.minimum.first()) {
        *lesson = minimum(&base.coefficients, *before, &held);
    }
    Snapshot { coefficients, aliases: aliases(cases), bans: bans(cases), examples }
}

/// What is taught by the cases, of one id the last.
fn examples(cases: &[Case]) -> Vec<Taught> {
    let rights = cases.iter().filter_map(|case| case.right.as_ref());
    let by_id: BTreeMap<&str, &Taught> = rights.map(|right| (right.id.as_str(), right)).collect();
    by_id.into_values().cloned().collect()
}

/// The wordings by which what is known was asked for; of one wording the last answer counts.
fn aliases(cases: &[Case]) -> Vec<Alias> {
    let mut known = BTreeMap::new();
    for case in cases {
        if let Some(right) = case.right.as_ref().filter(|right| right.question.trim() != case.question.trim()) {
            known.insert((case.question.trim(), case.scope.key()), right.id.clone());
        }
    }
    known.into_iter().map(|((question, _), id)| Alias { question: question.to_owned(), id }).collect()
}

/// What is known to be wrong, but for what a later case says is right.
fn bans(cases: &[Case]) -> Vec<Ban> {
    let mut banned = BTreeMap::new();
    for case in cases {
        let place = |id: &Option<String>, answer: &str| {
            (case.question.trim().to_owned(), case.scope.key(), id.clone(), fingerprint(answer))
        };
        for wrong in &case.wrong {
            banned.insert(place(&wrong.id, &wrong.answer), case.scope.clone());
        }
        if let Some(right) = &case.right {
            let (question, scope, id, answer) = place(&Some(right.id.clone()), &right.answer);
            banned.retain(|(asked, whose, who, what), _| {
                *asked != question || *whose != scope || (*what != answer && (who.is_none() || *who != id))
            });
        }
    }
    let ban = |((question, _, id, answer), scope)| Ban { question, scope, id, answer };
    banned.into_iter().map(ban).collect()
}

fn taught(base: &Embedded, examples: &[Taught]) -> Embedded {
    let mut model = Embedded::with(base.coefficients.clone());
    let lesson = |example: &Taught| Lesson {
        id: example.id.as_str().into(),
        scope: example.scope.clone(),
        question: example.question.clone(),
        answer: example.answer.clone(),
        teacher: PersonId::default(),
        exchange: None,
        at: Millis(0),
    };
    model.learn_all(&examples.iter().map(lesson).collect::<Vec<_>>());
    model
}

fn hold(model: &Embedded, case: &Case, seed: u64) -> Held {
    // All wordings of a lesson are in one part.
    let topic = case.right.as_ref().map_or(case.question.as_str(), |right| right.id.as_str());
    let compared = model.compare(&case.question, &[Scope::Everyone, case.scope.clone()], NEIGHBOURS);
    let pair = |compared: super::Compared| Pair {
        source: kind(&compared.source),
        right: matches!((&compared.source, &case.right), (Source::Lesson(id), Some(right)) if *id.as_str() == *right.id),
        features: compared.features,
    };
    Held {
        fold: fold(topic, seed),
        pairs: compared.into_iter().map(pair).collect(),
        negative: case.right.is_none() || !case.wrong.is_empty(),
    }
}

fn fold(topic: &str, seed: u64) -> u64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&seed.to_le_bytes()).update(topic.as_bytes());
    let bytes = hasher.finalize();
    bytes.as_bytes().iter().take(4).fold(0, |hash, byte| hash << 8 | u64::from(*byte)) % FOLDS
}

/// The weights after these cases, with the minima of before.
fn fitted<'a>(
    before: &Coefficients,
    held: impl Iterator<Item = &'a Held> + Clone,
    on_progress: &mut dyn FnMut(usize, f64),
) -> Coefficients {
    let mut fitted = before.clone();
    for (source, weights) in fitted.weights.iter_mut().enumerate() {
        let of_source = held.clone().flat_map(|held| &held.pairs).filter(|pair| pair.source == source);
        let row = |pair: &Pair| (pair.features.iter().map(|feature| f64::from(*feature)).collect(), pair.right);
        let rows: Vec<Row> = of_source.map(row).collect();
        if rows.is_empty() {
            continue;
        }
        let Some(prior) = prior(source, weights, (rows.len() as f64 / PAIRS).max(1.0)) else { continue };
        let exact = logistic(&rows, &prior, &mut |step, loss| {
            if source == 0 {
                on_progress(step, loss);
            }
        });
        // Four digits, as in the compiled-in ones.
        weights.iter_mut().zip(exact).for_each(|(weight, exact)| *weight = ((exact * 1e4).round() / 1e4) as f32);
    }
    fitted
}

/// What the questions of `evals/` tell of the weights of a kind of source, counted so many times.
fn prior(source: usize, weights: &Features, times: f64) -> Option<Prior> {
    let upper = PRECISION.get(source)?;
    let cell = |row: usize, column: usize| {
        upper.get(row.min(column))?.get(row.max(column) - row.min(column)).map(|cell| cell * times)
    };
    let row = |row| (0..FEATURES).map(|column| cell(row, column)).collect::<Option<Vec<f64>>>();
    let precision = (0..FEATURES).map(row).collect::<Option<Vec<_>>>()?;
    Some(Prior { mean: weights.iter().map(|weight| f64::from(*weight)).collect(), precision })
}

/// The smallest minimum for lessons with which few enough are answered wrong, each judged by weights that were fitted
/// without it.
fn minimum(before: &Coefficients, least: f32, held: &[Held]) -> f32 {
    let negatives = held.iter().filter(|held| held.negative).count();
    let mut wrong = Vec::new();
    for fold in 0..FOLDS {
        let others = held.iter().filter(|held| held.fold != fold);
        let weights = fitted(before, others, &mut |_, _| {});
        wrong.extend(held.iter().filter(|held| held.fold == fold).filter_map(|held| answered_wrong(held, &weights)));
    }
    let floor = if negatives < ENOUGH { least.max(FLOOR) } else { FLOOR };
    let allowed = negatives as f64 * ANSWERED;
    let few = |minimum: &f32| wrong.iter().filter(|wrong| *wrong >= minimum).count() as f64 <= allowed;
    let hundredths = (1..=99_u8).map(|at| f32::from(at) / 100.0).filter(|minimum| *minimum >= floor);
    hundredths.into_iter().find(few).unwrap_or(0.99)
}

/// How surely a lesson that does not answer would be taken for the answer; none where the right one is likelier.
fn answered_wrong(held: &Held, coefficients: &Coefficients) -> Option<f32> {
    let lessons = held.pairs.iter().filter(|pair| pair.source == 0);
    let scored = lessons.map(|pair| (coefficients.probability(0, &pair.features), pair.right));
    let (probability, right) = scored.max_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))?;
    (!right).then_some(probability)
}
