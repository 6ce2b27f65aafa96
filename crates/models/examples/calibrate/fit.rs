//! The weights, fitted on pairs of a question and an entry; the same questions always give the same coefficients.

use crate::data::{Case, Data, EVERYONE, Part};
use crate::measure::{self, Asked, Scorer};
use apprentice_models::embedded::calibration::{Coefficients, FEATURES, KINDS, NAMES, Prior, Row, kind, logistic};
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
        for (weight, exact) in weights.iter_mut().zip(logistic(&rows(pairs), &prior(), &mut |_, _| {})) {
            // Four digits: what is written is what is used, whatever the last bits of a machine are.
            *weight = ((exact * 1e4).round() / 1e4) as f32;
        }
    }
    fitted
}

fn rows(pairs: &[Held]) -> Vec<Row> {
    pairs.iter().map(|(c, right)| (c.features.iter().map(|f| f64::from(*f)).collect(), *right)).collect()
}

fn prior() -> Prior {
    Prior::held_back(expected(), PENALTY)
}

/// How sharply the pairs tell these weights, as the file is committed: for each kind of source the rows of the upper
/// triangle, with four digits.
pub fn precision(pairs: &[Vec<Held>; 3], fitted: &Coefficients) -> String {
    let kind = |(weights, pairs): (&[f32; FEATURES], &Vec<Held>)| {
        let known = prior().after(&rows(pairs), weights.iter().map(|weight| f64::from(*weight)).collect());
        let upper = known.precision.iter().enumerate().map(|(at, row)| {
            let cells: Vec<String> = row[at..].iter().map(|cell| format!("{cell:.3e}")).collect();
            format!("  [{}]", cells.join(","))
        });
        format!(" [\n{}\n ]", upper.collect::<Vec<_>>().join(",\n"))
    };
    let kinds: Vec<String> = fitted.weights.iter().zip(pairs).map(kind).collect();
    format!("[\n{}\n]\n", kinds.join(",\n"))
}

fn expected() -> Vec<f64> {
    let of = |name: &&str| EXPECTED.iter().find(|(own, _)| own == name).map_or(0.0, |(_, weight)| *weight);
    NAMES.iter().map(of).collect()
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
