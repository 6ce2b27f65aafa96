//! Logistic regression by Newton's method with an L2 penalty, in double precision and a fixed order: the same
//! questions always give the same coefficients.

use crate::data::{Case, Data, EVERYONE, Part};
use crate::measure::{self, Asked, Scorer};
use apprentice_models::embedded::calibration::{Coefficients, FEATURES, KINDS, NAMES, kind};
use apprentice_models::embedded::{Compared, Embedded};
use std::fmt::Write as _;

/// How strongly large weights are held back.
const PENALTY: f64 = 0.2;
/// What a weight is held back towards: a difference speaks against an answer, however few questions show it.
const EXPECTED: [(&str, f64); 9] = [
    ("names", -2.0),
    ("numbers", -3.0),
    ("other_kind", -3.0),
    ("negation", -2.0),
    ("asks_more", -2.0),
    ("excluded", -4.0),
    ("opposite", -4.0),
    ("turned", -4.0),
    ("added", -2.0),
];
/// Entries held against each question.
const NEIGHBOURS: usize = 8;
/// More steps change nothing in the digits that are written.
const STEPS: usize = 40;

/// Features and whether the entry answers.
pub type Pair = (Vec<f64>, bool);

/// The pairs of a part: each question against its neighbours, among all that is taught and beside its lesson alone.
pub fn pairs(data: &Data) -> [Vec<Held>; 3] {
    let mut pairs = [Vec::new(), Vec::new(), Vec::new()];
    let model = data.taught();
    data.cases.iter().for_each(|case| compare(&model, case, &mut pairs));
    let mut model = Embedded::new();
    for (at, lesson) in data.lessons.iter().enumerate() {
        model.learn(lesson);
        data.cases.iter().filter(|case| case.lesson == Some(at)).for_each(|case| compare(&model, case, &mut pairs));
        model.unlearn(lesson.id.as_str());
    }
    pairs
}

/// What was compared and whether it answers.
pub type Held = (Compared, bool);

fn compare(model: &Embedded, case: &Case, pairs: &mut [Vec<Held>; 3]) {
    for compared in model.compare(&case.question, EVERYONE, NEIGHBOURS) {
        let right = case.right.is(&compared.source);
        if let Some(pairs) = pairs.get_mut(kind(&compared.source)) {
            pairs.push((compared, right));
        }
    }
}

/// The coefficients, with the questions and the pairs they were fitted on.
pub fn fitted() -> (Vec<Asked>, [Vec<Held>; 3], Coefficients) {
    let data = Data::read(Part::Fit);
    let (fit_on, pairs) = (measure::asked(&data), pairs(&data));
    let mut coefficients = weights(&pairs);
    let validation = measure::asked(&Data::read(Part::Validation));
    coefficients.minimum =
        measure::strictest(&[&fit_on, &validation], &Scorer::Weights(Box::new(coefficients.clone())));
    (fit_on, pairs, coefficients)
}

/// The weights of all kinds of sources; the minima are still open.
pub fn weights(pairs: &[Vec<Held>; 3]) -> Coefficients {
    let mut fitted = Coefficients { weights: [[0.0; FEATURES]; 3], minimum: [1.0; 3] };
    for (weights, pairs) in fitted.weights.iter_mut().zip(pairs) {
        let rows: Vec<Pair> =
            pairs.iter().map(|(c, right)| (c.features.iter().map(|f| f64::from(*f)).collect(), *right)).collect();
        for (weight, exact) in weights.iter_mut().zip(logistic(&rows, &expected())) {
            // Four digits: what is written is what is used, whatever the last bits of a machine are.
            *weight = ((exact * 1e4).round() / 1e4) as f32;
        }
    }
    fitted
}

fn expected() -> Vec<f64> {
    let of = |name: &&str| EXPECTED.iter().find(|(own, _)| own == name).map_or(0.0, |(_, weight)| *weight);
    NAMES.iter().map(of).collect()
}

/// The weights that make the labels likeliest; the first one is the constant and is not held back.
pub fn logistic(rows: &[Pair], expected: &[f64]) -> Vec<f64> {
    let mut weights = expected.to_vec();
    for _ in 0..STEPS {
        let (gradient, hessian) = derivatives(rows, &weights, expected);
        let step = solve(hessian, gradient);
        weights.iter_mut().zip(&step).for_each(|(weight, step)| *weight -= step);
        if step.iter().all(|step| step.abs() < 1e-9) {
            break;
        }
    }
    weights
}

fn derivatives(rows: &[Pair], weights: &[f64], expected: &[f64]) -> (Vec<f64>, Vec<Vec<f64>>) {
    let size = weights.len();
    let mut gradient: Vec<f64> =
        weights.iter().zip(expected).map(|(weight, expected)| PENALTY * (weight - expected)).collect();
    let mut hessian = vec![vec![0.0; size]; size];
    for (at, row) in hessian.iter_mut().enumerate() {
        row[at] = if at == 0 { 1e-6 } else { PENALTY };
    }
    gradient[0] = 0.0;
    for (features, right) in rows {
        let sum: f64 = features.iter().zip(weights).map(|(feature, weight)| feature * weight).sum();
        let probability = 1.0 / (1.0 + (-sum).exp());
        let (error, spread) = (probability - f64::from(u8::from(*right)), probability * (1.0 - probability));
        for (at, feature) in features.iter().enumerate().filter(|(_, feature)| **feature != 0.0) {
            gradient[at] += error * feature;
            hessian[at].iter_mut().zip(features).for_each(|(cell, other)| *cell += spread * feature * other);
        }
    }
    (gradient, hessian)
}

/// Gauss's elimination with the largest pivot.
fn solve(mut matrix: Vec<Vec<f64>>, mut right: Vec<f64>) -> Vec<f64> {
    let size = right.len();
    for at in 0..size {
        let pivot = (at..size).max_by(|a, b| matrix[*a][at].abs().total_cmp(&matrix[*b][at].abs())).unwrap_or(at);
        matrix.swap(at, pivot);
        right.swap(at, pivot);
        for row in at + 1..size {
            let share = matrix[row][at] / matrix[at][at];
            let above = matrix[at].clone();
            matrix[row].iter_mut().zip(above).skip(at).for_each(|(cell, above)| *cell -= share * above);
            right[row] -= share * right[at];
        }
    }
    for at in (0..size).rev() {
        let known: f64 = (at + 1..size).map(|column| matrix[at][column] * right[column]).sum();
        right[at] = (right[at] - known) / matrix[at][at];
    }
    right
}

/// The file as it is committed.
pub fn written(coefficients: &Coefficients) -> String {
    let mut text = String::from("{\n");
    for (kind, weights) in KINDS.iter().zip(&coefficients.weights) {
        let lines: Vec<String> =
            NAMES.iter().zip(weights).map(|(name, weight)| format!("    \"{name}\": {weight:.4}")).collect();
        let _ = writeln!(text, "  \"{kind}\": {{\n{}\n  }},", lines.join(",\n"));
    }
    let minima = KINDS.iter().zip(coefficients.minimum);
    let lines: Vec<String> = minima.map(|(kind, minimum)| format!("    \"{kind}\": {minimum:.2}")).collect();
    let _ = writeln!(text, "  \"minimum\": {{\n{}\n  }}\n}}", lines.join(",\n"));
    text
}
