//! How far two judges agree beyond chance: Cohen's kappa.

/// Human verdicts below which a model's agreement with people says nothing.
pub const FEWEST: usize = 50;
/// Agreement below which a model's verdicts must not decide about a release.
pub const LEAST: f64 = 0.4;

/// Cohen's kappa of pairs of verdicts, -1 to 1: 1 is full agreement, 0 what chance gives. 0 where there are none, or
/// where both always say the same one thing, which agrees by chance.
pub fn cohen(pairs: &[(bool, bool)]) -> f64 {
    let all = pairs.len() as f64;
    if pairs.is_empty() {
        return 0.0;
    }
    let share = |count: usize| count as f64 / all;
    let agreed = share(pairs.iter().filter(|(one, other)| one == other).count());
    let (one, other) = (share(pairs.iter().filter(|p| p.0).count()), share(pairs.iter().filter(|p| p.1).count()));
    let chance = one * other + (1.0 - one) * (1.0 - other);
    if chance >= 1.0 { 0.0 } else { (agreed - chance) / (1.0 - chance) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(both: usize, first: usize, second: usize, neither: usize) -> f64 {
        let rows = [((true, true), both), ((true, false), first), ((false, true), second), ((false, false), neither)];
        cohen(&rows.into_iter().flat_map(|(pair, count)| vec![pair; count]).collect::<Vec<_>>())
    }

    #[test]
    fn agreement_is_counted_beyond_chance() {
        // The worked example of Cohen's kappa with 20, 5, 10 and 15 verdicts.
        assert!((table(20, 5, 10, 15) - 0.4).abs() < 1e-9);
        assert!((table(25, 0, 0, 25) - 1.0).abs() < 1e-9);
        assert!(table(25, 25, 25, 25).abs() < 1e-9);
        assert!(table(0, 25, 25, 0) < -0.99);
        assert!(table(50, 0, 0, 0).abs() < 1e-9 && cohen(&[]).abs() < 1e-9);
    }
}
