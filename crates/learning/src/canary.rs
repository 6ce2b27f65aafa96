//! Watching a canary: a test that may be looked at after every answer without losing its promise.
//!
//! A fixed-size test that is looked at again and again raises false alarms; an e-process does not. Each
//! block is one outcome of the release in use and one of the candidate. What was seen before chooses the bet,
//! the block settles it, and the product of all bets exceeds `1 / alpha` with probability at most `alpha` as long as the
//! candidate is not worse (safe tests for two proportions: Turner, Ly and Grünwald, 2024).

use serde::{Deserialize, Serialize};

/// Evidence at which the candidate counts as harmful: false alarms at most one in twenty.
pub const HARM: f64 = 20.0;
/// Weight of what is believed before anything was seen, in outcomes of each kind.
const PRIOR: f64 = 0.18;

/// What was seen so far, and the evidence that the candidate is worse.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Canary {
    incumbent: Seen,
    candidate: Seen,
    /// Logarithm of the evidence.
    log_evidence: f64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Seen {
    good: u32,
    bad: u32,
}

impl Seen {
    fn rate(self) -> f64 {
        (f64::from(self.good) + PRIOR) / (f64::from(self.good) + f64::from(self.bad) + 2.0 * PRIOR)
    }
    fn add(&mut self, good: bool) {
        let count = if good { &mut self.good } else { &mut self.bad };
        *count = count.saturating_add(1);
    }
}

impl Default for Canary {
    fn default() -> Self {
        Self { incumbent: Seen::default(), candidate: Seen::default(), log_evidence: 0.0 }
    }
}

impl Canary {
    /// Takes one outcome of each release; whether the candidate counts as harmful now.
    pub fn see(&mut self, incumbent: bool, candidate: bool) -> bool {
        let (stays, falls) = (self.incumbent.rate(), self.candidate.rate());
        // Nothing is bet on a candidate that looks as good: only harm is looked for.
        if falls < stays {
            let both = (stays + falls) / 2.0;
            let chance = |rate: f64, good: bool| if good { rate } else { 1.0 - rate };
            let bet = chance(stays, incumbent) * chance(falls, candidate);
            let fair = chance(both, incumbent) * chance(both, candidate);
            self.log_evidence += (bet / fair).ln();
        }
        self.incumbent.add(incumbent);
        self.candidate.add(candidate);
        self.is_harmful()
    }

    /// Whether the candidate counts as harmful.
    pub fn is_harmful(&self) -> bool {
        self.log_evidence >= HARM.ln()
    }

    /// The evidence that the candidate is worse; 1 is none.
    pub fn evidence(&self) -> f64 {
        self.log_evidence.exp()
    }

    /// Outcomes seen of each release.
    pub fn pairs(&self) -> u32 {
        self.incumbent.good.saturating_add(self.incumbent.bad)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A small generator, so that each run is the same.
    struct Dice(u64);
    impl Dice {
        fn hit(&mut self, rate: f64) -> bool {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            ((self.0 >> 11) as f64 / (1_u64 << 53) as f64) < rate
        }
    }

    /// Pairs until an alarm, for each of many canaries; none when there is none in time.
    fn alarms(incumbent: f64, candidate: f64, most: u32, runs: u64) -> Vec<Option<u32>> {
        (0..runs)
            .map(|run| {
                let mut dice = Dice(0x9E37_79B9_7F4A_7C15 ^ (run + 1).wrapping_mul(0xBF58_476D_1CE4_E5B9));
                let mut canary = Canary::default();
                (1..=most).find(|_| {
                    let (stays, falls) = (dice.hit(incumbent), dice.hit(candidate));
                    canary.see(stays, falls)
                })
            })
            .collect()
    }

    fn share(alarms: &[Option<u32>]) -> f64 {
        alarms.iter().flatten().count() as f64 / alarms.len() as f64
    }

    #[test]
    fn an_equal_candidate_is_seldom_rolled_back_however_often_one_looks() {
        for rate in [0.5, 0.8, 0.95] {
            let false_alarms = share(&alarms(rate, rate, 500, 2000));
            assert!(false_alarms <= 0.05, "{rate}: {false_alarms}");
        }
    }

    #[test]
    fn a_better_candidate_is_hardly_ever_rolled_back() {
        assert!(share(&alarms(0.7, 0.8, 500, 1000)) <= 0.02);
    }

    #[test]
    fn a_disaster_is_stopped_within_some_dozens_of_answers_and_a_slow_harm_at_last() {
        let mut disaster: Vec<u32> = alarms(0.8, 0.3, 500, 1000).into_iter().flatten().collect();
        disaster.sort_unstable();
        assert_eq!(disaster.len(), 1000);
        assert!(disaster.get(500).is_some_and(|median| *median <= 30), "{:?}", disaster.get(500));
        assert!(share(&alarms(0.8, 0.7, 3000, 200)) >= 0.9);
    }
}
