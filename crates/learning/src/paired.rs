//! Paired comparison of two releases on the same cases: how likely a difference is luck, how large it
//! is, and how many more cases a verdict needs.
//!
//! Only discordant cases (one release right, the other wrong) say anything about the difference, so the
//! test is McNemar's exact one. Cases of one conversation are not independent; the interval is
//! clustered by conversation.

use std::collections::BTreeMap;

/// One case, graded for both releases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The conversation or topic it belongs to.
    pub cluster: String,
    /// Whether the release in use is right.
    pub incumbent: bool,
    /// Whether the candidate is right.
    pub candidate: bool,
}

/// What the pairs show.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    /// Cases.
    pub cases: usize,
    /// Right by the candidate alone.
    pub gained: usize,
    /// Right by the release in use alone.
    pub lost: usize,
    /// Share right of the candidate less that of the release in use, -1 to 1.
    pub difference: f64,
    /// Bounds of the difference, 95 %, clustered.
    pub interval: (f64, f64),
    /// Probability of so many gains, or more, if both were equally good: one-sided, exact.
    pub p_better: f64,
    /// Probability of so many losses, or more, if both were equally good: one-sided, exact.
    pub p_worse: f64,
}

/// Compares two releases on the same cases.
pub fn compare(pairs: &[Pair]) -> Comparison {
    let gained = pairs.iter().filter(|pair| pair.candidate && !pair.incumbent).count();
    let lost = pairs.iter().filter(|pair| pair.incumbent && !pair.candidate).count();
    let cases = pairs.len();
    let difference = if cases == 0 { 0.0 } else { (gained as f64 - lost as f64) / cases as f64 };
    let margin = 1.96 * clustered_error(pairs, difference);
    Comparison {
        cases,
        gained,
        lost,
        difference,
        interval: ((difference - margin).max(-1.0), (difference + margin).min(1.0)),
        p_better: at_least(gained, gained + lost),
        p_worse: at_least(lost, gained + lost),
    }
}

/// Probability of `k` heads or more in `n` throws of a fair coin.
fn at_least(k: usize, n: usize) -> f64 {
    // Summed in logarithms: the terms of a thousand throws are too small for anything else.
    let mut log_choose = 0.0_f64;
    let mut sum = 0.0;
    let half = -(n as f64) * std::f64::consts::LN_2;
    for i in 0..=n {
        if i > 0 {
            log_choose += ((n - i + 1) as f64).ln() - (i as f64).ln();
        }
        if i >= k {
            sum += (log_choose + half).exp();
        }
    }
    sum.min(1.0)
}

/// Standard error of the difference, clustered: the spread of the clusters' summed deviations.
fn clustered_error(pairs: &[Pair], difference: f64) -> f64 {
    let mut clusters: BTreeMap<&str, f64> = BTreeMap::new();
    for pair in pairs {
        let gain = f64::from(u8::from(pair.candidate)) - f64::from(u8::from(pair.incumbent));
        *clusters.entry(pair.cluster.as_str()).or_default() += gain - difference;
    }
    let (groups, cases) = (clusters.len() as f64, pairs.len() as f64);
    if groups < 2.0 {
        return 1.0;
    }
    let squares: f64 = clusters.values().map(|sum| sum * sum).sum();
    (squares * groups / (groups - 1.0)).sqrt() / cases
}

/// Cases for a power of 80 % at a one-sided 5 %, given the share of discordant cases and the gain that
/// is to be found (both 0 to 1); Connor's formula for McNemar's test.
pub fn cases_needed(discordant: f64, gain: f64) -> usize {
    let gain = gain.abs().max(1e-3);
    let discordant = discordant.clamp(gain, 1.0);
    let (alpha, power) = (1.6449, 0.8416);
    let root = alpha * discordant.sqrt() + power * (discordant - gain * gain).max(0.0).sqrt();
    ((root / gain).powi(2)).ceil() as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pairs(gained: usize, lost: usize, same: usize) -> Vec<Pair> {
        let of = |n: usize, incumbent, candidate| (0..n).map(move |_| (incumbent, candidate));
        of(gained, false, true)
            .chain(of(lost, true, false))
            .chain(of(same, true, true))
            .enumerate()
            .map(|(at, (incumbent, candidate))| Pair { cluster: at.to_string(), incumbent, candidate })
            .collect()
    }

    #[test]
    fn the_exact_test_agrees_with_tables() {
        // Fifteen gains and five losses: the probability of at least 15 heads of 20 is 0.0207.
        let found = compare(&pairs(15, 5, 80));
        assert!((found.p_better - 0.0207).abs() < 1e-4, "{found:?}");
        assert!((found.difference - 0.10).abs() < 1e-9 && found.interval.0 > 0.0, "{found:?}");
        assert!((compare(&pairs(0, 0, 10)).p_better - 1.0).abs() < 1e-9);
        assert_eq!(compare(&[]).cases, 0);
    }

    #[test]
    fn a_thousand_discordant_cases_do_not_overflow() {
        let found = compare(&pairs(600, 400, 0));
        assert!(found.p_better > 0.0 && found.p_better < 1e-9, "{found:?}");
    }

    #[test]
    fn the_cases_needed_are_those_of_the_literature() {
        // 20 % discordant: a gain of 10 points needs about 121, of 5 points about 492, of 2 about 3 090.
        for (gain, wanted) in [(0.10, 121), (0.05, 492), (0.02, 3090)] {
            let needed = cases_needed(0.20, gain);
            assert!(needed.abs_diff(wanted) <= wanted / 50 + 2, "{gain}: {needed}");
        }
    }

    #[test]
    fn cases_of_one_conversation_widen_the_interval() {
        let alone = pairs(15, 5, 80);
        let together: Vec<Pair> = alone
            .iter()
            .enumerate()
            .map(|(at, pair)| Pair { cluster: (at / 10).to_string(), ..pair.clone() })
            .collect();
        let width = |pairs: &[Pair]| compare(pairs).interval.1 - compare(pairs).interval.0;
        assert!(width(&together) > width(&alone));
    }

    proptest! {
        #[test]
        fn probabilities_stay_probabilities(gained in 0_usize..200, lost in 0_usize..200, same in 0_usize..50) {
            let found = compare(&pairs(gained, lost, same));
            prop_assert!((0.0..=1.0).contains(&found.p_better) && (0.0..=1.0).contains(&found.p_worse));
            prop_assert!(found.interval.0 <= found.difference && found.difference <= found.interval.1);
            let swapped = compare(&pairs(lost, gained, same));
            prop_assert!((swapped.p_better - found.p_worse).abs() < 1e-9);
        }
    }
}
