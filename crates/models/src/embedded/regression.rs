//! Logistic regression by Newton's method with a Gaussian prior, in double precision and a fixed order: the same
//! rows always give the same weights.
//!
//! A fit may start from an earlier one without its rows: the earlier weights are the mean of the prior, and how sharply
//! its rows told them is its precision. That is all that later rows need to know of the earlier ones, near the optimum.
// Rows, weights and the prior have one length, which `Prior` fixes; elimination is unreadable without indexes.
#![allow(clippy::indexing_slicing)]

/// Features and whether the entry answers.
pub type Row = (Vec<f64>, bool);

/// More steps change nothing in the digits that are kept.
const STEPS: usize = 40;
/// How often a step that leads too far is halved.
const HALVINGS: usize = 20;

/// What is known of the weights before the rows are seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Prior {
    /// The likeliest weights.
    pub mean: Vec<f64>,
    /// How sharply they are known: the inverse of their covariance, symmetric.
    pub precision: Vec<Vec<f64>>,
}

impl Prior {
    /// Each weight is held back towards its mean with this strength; the first one, the constant, is not.
    pub fn held_back(mean: Vec<f64>, penalty: f64) -> Self {
        let size = mean.len();
        let mut precision = vec![vec![0.0; size]; size];
        for (at, row) in precision.iter_mut().enumerate() {
            row[at] = if at == 0 { 0.0 } else { penalty };
        }
        Self { mean, precision }
    }

    /// What is known after these rows, of which these weights are the fit.
    pub fn after(&self, rows: &[Row], weights: Vec<f64>) -> Self {
        let (_, precision, _) = derivatives(rows, &weights, self);
        Self { mean: weights, precision }
    }
}

/// The likeliest weights; `on_step` hears of each step and the mean loss (nats a row, the prior included) before it.
pub fn logistic(rows: &[Row], prior: &Prior, on_step: &mut dyn FnMut(usize, f64)) -> Vec<f64> {
    let mut weights = prior.mean.clone();
    let (mut gradient, mut hessian, mut loss) = derivatives(rows, &weights, prior);
    for at in 0..STEPS {
        on_step(at, loss / rows.len().max(1) as f64);
        let mut step = solve(hessian, gradient);
        let small = step.iter().all(|step| step.abs() < 1e-9);
        // A whole step may lead too far where the rows are many and speak against the prior.
        let (mut next, mut there) = stepped(rows, &weights, &step, prior);
        for _ in 0..HALVINGS {
            if there.2 <= loss + loss.abs() * 1e-12 {
                break;
            }
            step.iter_mut().for_each(|step| *step /= 2.0);
            (next, there) = stepped(rows, &weights, &step, prior);
        }
        weights = next;
        (gradient, hessian, loss) = there;
        if small {
            break;
        }
    }
    weights
}

/// Gradient, Hessian and loss.
type Slope = (Vec<f64>, Vec<Vec<f64>>, f64);

fn stepped(rows: &[Row], weights: &[f64], step: &[f64], prior: &Prior) -> (Vec<f64>, Slope) {
    let next: Vec<f64> = weights.iter().zip(step).map(|(weight, step)| weight - step).collect();
    let there = derivatives(rows, &next, prior);
    (next, there)
}

fn derivatives(rows: &[Row], weights: &[f64], prior: &Prior) -> Slope {
    let off: Vec<f64> = weights.iter().zip(&prior.mean).map(|(weight, mean)| weight - mean).collect();
    let mut gradient: Vec<f64> = prior.precision.iter().map(|row| dot(row, &off)).collect();
    let mut loss = dot(&gradient, &off) / 2.0;
    let mut hessian = prior.precision.clone();
    // The constant has a step even where no row and nothing before tells it.
    hessian[0][0] += 1e-6;
    for (features, right) in rows {
        let sum = dot(features, weights);
        let probability = 1.0 / (1.0 + (-sum).exp());
        let (error, spread) = (probability - f64::from(u8::from(*right)), probability * (1.0 - probability));
        loss -= (if *right { probability } else { 1.0 - probability }).max(1e-12).ln();
        for (at, feature) in features.iter().enumerate().filter(|(_, feature)| **feature != 0.0) {
            gradient[at] += error * feature;
            hessian[at].iter_mut().zip(features).for_each(|(cell, other)| *cell += spread * feature * other);
        }
    }
    (gradient, hessian, loss)
}

fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
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
